"""How good a ranking is: the mean normalised discounted cumulative gain of a ranking."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score, share
from twokey.scorers.options import RankingOptions
from twokey.scorers.rankings import ranking, relevance


@dataclass(frozen=True, slots=True, kw_only=True)
class Ndcg:
    """The mean normalised discounted cumulative gain of a ranking."""

    name: ClassVar[str] = "ndcg"
    summary: ClassVar[str] = "how high all right answers stand in a ranking"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected for a ranking"

    at: int = 10

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The normalised discounted cumulative gain: right answers count the more the higher they stand,"
            " against the best possible order.",
            how="`label` is a list, best first; `expected` is a list of right answers, or an object of answers with"
            " their grades. Only the first `at` places count (10). An answer that is listed twice counts once. The"
            " interval holds at any number of records (hedged betting).",
            source="Jarvelin and Kekalainen, ACM Transactions on Information Systems 20 (2002) 422-446, with linear"
            " gains.",
            limits="Items are compared as text, whole.",
            fix="Look at the worst examples: is the right answer low, or not there at all?",
        )

    @classmethod
    def build(cls, options: RankingOptions, asked: Asked) -> Self:  # noqa: ARG003 the contract has it
        """Make it with the number of places that count."""
        return cls(at=options.at)

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return the score of each ranking."""
        return [self._score(record) for record in records]

    def _score(self, record: Record) -> Score:
        right = relevance(record.expected)
        if not right or not isinstance(record.label, (list, tuple)):
            return None if not right else 0
        return share(_gain(ranking(record.label)[: self.at], right, self.at))


def _gain(ranked: list[str], right: Mapping[str, float], at: int) -> float:
    best = _discounted(sorted(right.values(), reverse=True)[:at])
    return min(1.0, _discounted([right.get(label, 0.0) for label in ranked]) / best) if best else 0.0


def _discounted(gains: list[float]) -> float:
    return math.fsum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
