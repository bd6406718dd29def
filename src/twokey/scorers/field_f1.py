"""Field F1: which fields were extracted rightly, and which were invented?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score, share
from twokey.scorers.fields import as_object, fields
from twokey.scorers.texts import f1


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldF1:
    """The mean F1 of extracted fields: a field counts where its place and its value are the expected ones."""

    name: ClassVar[str] = "field_f1"
    summary: ClassVar[str] = "of the expected fields, how many were extracted, and how many invented"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as an object"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean F1 of extracted fields against the expected ones.",
            how="Objects are taken apart into paths and values (`lines.0.price`); a value is right where it is the"
            " same text after normalisation, as in normalised_match. Fields that are null count as not there. The"
            " interval holds at any number of records (hedged betting).",
            source="Slot F1 as in Tjong Kim Sang and De Meulder, CoNLL (2003), field by field.",
            limits="Items of a list are compared place by place: one that is missing at the front shifts the others.",
            fix="Look at the worst examples: invented fields cost precision, missing ones recall.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each record's F1 of its fields."""
        return [_score(record) for record in records]


def _score(record: Record) -> Score:
    if not isinstance(record.expected, dict):
        return None
    given = as_object(record.label)
    return share(f1(Counter(fields(given)), Counter(fields(record.expected)))) if isinstance(given, dict) else 0
