"""Confident errors: wrong, and sure of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import SCALE, Asked, Score
from twokey.scorers.cases import rightness


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentErrors:
    """The share of answers that are wrong at a confidence of `confident_at` or more.

    Scored are records with `expected` and a confidence from 0 to 1.
    """

    name: ClassVar[str] = "confident_errors"
    summary: ClassVar[str] = "wrong at a confidence that nobody would look at"
    binary: ClassVar[bool] = True
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    missing: ClassVar[str] = "no record carries both expected and a confidence from 0 to 1"

    confident_at: float = 0.6

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The share of answers that are wrong at a confidence of `confident_at` (0.6) or more.",
            how="Of all answers with an expected label and a confidence, those that are wrong and sure are counted. The"
            " interval is Clopper and Pearson's.",
            source="Attenberg, Ipeirotis and Provost, Beat the machine (2015), call them unknown unknowns.",
            limits="A low calibration error can hide them: on banking77, 135 of 338 errors stood at 0.6 or more while"
            " the expected calibration error was 0.024.",
            fix="Lower the model's confidence (temperature scaling on held-out data), or review from a higher one on.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; the threshold is the gate's."""
        return cls(confident_at=asked.confident_at)

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return 1 for a confident error, 0 for what is right or unsure."""
        return [
            None
            if right is None or (sure := record.confidence) is None or not 0 <= sure <= 1
            else 0
            if right or sure < self.confident_at
            else SCALE
            for record, right in zip(records, rightness(records), strict=True)
        ]
