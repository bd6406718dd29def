"""Accuracy: is the label the expected one?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score
from twokey.scorers.cases import rightness


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """The share of answers whose label equals `expected`, exactly, as text; objects and lists by canonical JSON.

    An answer without a label is wrong. A record without `expected` cannot be scored.
    """

    name: ClassVar[str] = "accuracy"
    summary: ClassVar[str] = "the label equals the expected one"
    binary: ClassVar[bool] = True
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The share of answers whose label equals `expected`.",
            how='Compared as text, exactly: 1, 1.0 and "1" are the same; objects and lists go by canonical JSON,'
            " their numbers to six decimals. An answer without a label is wrong. The interval is Clopper and Pearson's,"
            " which is exact.",
            source="Clopper and Pearson, Biometrika 26 (1934) 404-413.",
            limits="It says nothing of how wrong an answer is, and little where one label is much the commonest: look"
            " at f1_macro and at the labels' own recall.",
            fix="Look at the confusions under f1_macro, at the worst slice, and at what the baseline got right.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return 1 where the label is the expected one, 0 where it is not."""
        return rightness(records)
