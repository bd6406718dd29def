"""How good a ranking is: the mean reciprocal rank of the first right answer (MRR)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score, share
from twokey.scorers.options import RankingOptions
from twokey.scorers.rankings import ranking, relevance


@dataclass(frozen=True, slots=True, kw_only=True)
class ReciprocalRank:
    """The mean reciprocal rank of the first right answer (MRR)."""

    name: ClassVar[str] = "reciprocal_rank"
    summary: ClassVar[str] = "how high the first right answer stands in a ranking"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected for a ranking"

    at: int = 10

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean reciprocal rank (MRR): 1 where a right answer comes first, 1/2 where it comes second, 0"
            " where it is not there.",
            how="`label` is a list, best first; `expected` is one right answer or a list of them. Only the first `at`"
            " places count (10). The interval holds at any number of records (hedged betting).",
            source="Voorhees, TREC-8 question answering track (1999).",
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
        return share(_gain(ranking(record.label)[: self.at], right))


def _gain(ranked: list[str], right: Mapping[str, float]) -> float:
    return next((1 / place for place, label in enumerate(ranked, start=1) if right.get(label, 0) > 0), 0.0)
