"""Exact match: is the answer the expected one, letter for letter?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import SCALE, Asked, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactMatch:
    """The share of answers that equal `expected` exactly: the same JSON value, letter for letter.

    1 and 1.0 are the same number; 1 and "1" are not. Numbers, lists and objects are compared as values.
    """

    name: ClassVar[str] = "exact_match"
    summary: ClassVar[str] = "the answer is the expected one, character for character"
    binary: ClassVar[bool] = True
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The share of answers that equal `expected`, letter for letter and type for type.",
            how="JSON values are compared: 1 and 1.0 are equal, 1 and the text 1 are not; keys may come in any order."
            " The interval is Clopper and Pearson's.",
            source="Rajpurkar et al., SQuAD, EMNLP (2016), without its normalisation.",
            limits="A missing full stop counts as wrong: normalised_match forgives that.",
            fix="Look at flips and at the worst slice; if answers differ in form alone, judge by normalised_match.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return 1 where both are the same value."""
        return [
            None if record.expected is None else SCALE * (_plain(record.expected) == _plain(record.label))
            for record in records
        ]


def _plain(value: Any) -> Any:
    """Return a value that only equals its like: Python's True equals 1, JSON's does not."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
