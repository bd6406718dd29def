"""Token F1: how much of the expected words does the answer hold, and how much besides?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score, share
from twokey.scorers.texts import answer_text, f1, right_answers, words


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenF1:
    """The mean overlap of words with `expected`, as F1 of precision and recall: the span F1 of extraction."""

    name: ClassVar[str] = "token_f1"
    summary: ClassVar[str] = "how many words answer and expected answer share"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as text or number"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean F1 of words shared with the expected answer: for spans that are extracted from a text.",
            how="Words as in normalised_match, each counted as often as it stands. Where `expected` is a list, the"
            " best of its texts counts. The interval holds at any number of records (hedged betting).",
            source="Rajpurkar et al., SQuAD, EMNLP (2016).",
            limits="The order of words is not seen, nor is a negation.",
            fix="Look at the worst examples: too long a span costs precision, too short a one recall.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return the F1 of the best right answer."""
        return [_score(record) for record in records]


def _score(record: Record) -> Score:
    right = right_answers(record.expected)
    given = words(answer_text(record.label))
    return share(max(f1(Counter(given), Counter(words(one))) for one in right)) if right else None
