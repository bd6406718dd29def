"""ROUGE-L: how much of the expected text's words stand in the answer in the same order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, Self

from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score, share
from twokey.scorers.texts import answer_text, right_answers


@dataclass(frozen=True, slots=True, kw_only=True)
class RougeL:
    """The mean ROUGE-L: F1 of the longest common subsequence of words with the expected text. Needs `twokey[text]`."""

    name: ClassVar[str] = "rouge_l"
    summary: ClassVar[str] = "the longest sequence of words shared with the expected text"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as text"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean F1 of the longest common subsequence of words with the expected text.",
            how="By the library rouge-score, without stemming. Where `expected` is a list, the best of its texts"
            " counts. The interval holds at any number of records (hedged betting).",
            source="Lin, ROUGE, ACL workshop (2004).",
            limits="It counts words, not meaning; only letters a to z and digits are words to it.",
            fix="Look at the worst examples; where good answers are worded freely, use a calibrated judge.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it. Raises TwokeyError where its library is missing."""
        _measure()
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each answer's ROUGE-L."""
        measure = _measure()
        return [
            share(max(measure(one, answer_text(record.label)) for one in right))
            if (right := right_answers(record.expected))
            else None
            for record in records
        ]


@cache
def _measure() -> Callable[[str, str], float]:
    """Load the library, once per process. Raises TwokeyError with the line that installs it."""
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise TwokeyError("rouge_l needs the library rouge-score", hint="pip install 'twokey[text]'") from None
    scorer = RougeScorer(["rougeL"])
    return lambda expected, given: min(1.0, float(scorer.score(expected, given)["rougeL"].fmeasure))
