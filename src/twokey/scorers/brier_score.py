"""Brier score: confidence against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.accuracy import Accuracy
from twokey.scorers.base import SCALE, Asked, Score, share


@dataclass(frozen=True, slots=True, kw_only=True)
class BrierScore:
    """The mean squared distance between confidence and being right: it punishes both being wrong and being unsure."""

    name: ClassVar[str] = "brier_score"
    summary: ClassVar[str] = "squared distance of confidence from being right"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "lower"
    missing: ClassVar[str] = "no record carries both expected and a confidence from 0 to 1"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean squared distance of the confidence from 1 where the answer is right, from 0 where it is"
            " wrong.",
            how="0 is best; always saying 0.5 gives 0.25. The interval holds at any number of records (hedged"
            " betting).",
            source="Brier, Monthly Weather Review 78 (1950) 1-3, of the predicted label alone.",
            limits="It mixes how often the model is right with how well it knows: expected_calibration_error is about"
            " the latter alone.",
            fix="See confident_errors, and calibrate by temperature scaling.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each record's squared distance."""
        scores: list[Score] = []
        for record, right in zip(records, Accuracy().score(records), strict=True):
            sure = record.confidence
            known = right is not None and sure is not None and 0 <= sure <= 1
            scores.append(
                share((sure - right / SCALE) ** 2) if known and sure is not None and right is not None else None
            )
        return scores
