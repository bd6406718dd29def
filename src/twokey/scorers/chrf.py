"""chrF: how many runs of characters answer and expected text share."""

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
class Chrf:
    """The mean chrF: F-score of runs of up to six characters shared with the expected text. Needs `twokey[text]`."""

    name: ClassVar[str] = "chrf"
    summary: ClassVar[str] = "runs of characters shared with the expected text"
    binary: ClassVar[bool] = False
    better: ClassVar[Literal["higher", "lower"]] = "higher"
    missing: ClassVar[str] = "no record carries expected as text"

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="The mean F-score of runs of one to six characters shared with the expected text.",
            how="By the library sacrebleu, sentence by sentence, with its defaults (beta 2: recall counts double),"
            " from 0 to 1. Where `expected` is a list, the best of its texts counts. The interval holds at any"
            " number of records (hedged betting).",
            source="Popovic, chrF, WMT (2015).",
            limits="It is the mean over records, not the corpus score that papers print.",
            fix="Look at the worst examples; it suits translations and languages with many word forms.",
        )

    @classmethod
    def build(cls, options: Any, asked: Asked) -> Self:  # noqa: ARG003 the contract has them
        """Make it. Raises TwokeyError where its library is missing."""
        _measure()
        return cls()

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each answer's chrF."""
        measure = _measure()
        return [
            share(measure(answer_text(record.label), list(right)))
            if (right := right_answers(record.expected))
            else None
            for record in records
        ]


@cache
def _measure() -> Callable[[str, list[str]], float]:
    """Load the library, once per process. Raises TwokeyError with the line that installs it."""
    try:
        from sacrebleu.metrics.chrf import CHRF
    except ImportError:
        raise TwokeyError("chrf needs the library sacrebleu", hint="pip install 'twokey[text]'") from None
    scorer = CHRF()
    return lambda given, expected: min(1.0, float(scorer.sentence_score(given, expected).score) / 100)
