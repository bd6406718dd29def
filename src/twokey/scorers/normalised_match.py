"""Normalised match: does the answer say the same words?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import SCALE, Asked, Score
from twokey.scorers.texts import answer_text, right_answers, words


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedMatch:
    """The share of answers with the same words as `expected`: case, punctuation, articles and spacing are forgiven."""

    name: ClassVar[str] = "normalised_match"
    summary: ClassVar[str] = "the same words, whatever their case, punctuation and articles"
    binary: ClassVar[bool] = True
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as text or number"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The share of answers that say the expected words, however they are written.",
            how="Both are lower-cased, punctuation and the articles a, an, the are dropped, and white space is one"
            " space. Where `expected` is a list, any of its texts will do. The interval is Clopper and Pearson's.",
            source="Rajpurkar et al., SQuAD, EMNLP (2016), with its normalisation.",
            limits="The articles are English. Numbers written differently (1,000 and 1000) are different words:"
            " numeric_match compares values.",
            fix="Look at flips and at the worst slice.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it; it takes no options."""
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return 1 where the words are the same as those of one right answer."""
        return [_score(record) for record in records]


def _score(record: Record) -> Score:
    right = right_answers(record.expected)
    return None if not right else SCALE * (words(answer_text(record.label)) in [words(one) for one in right])
