"""Whether an answer is supported: by a person's label, else by a judge's verdict, else by comparing words.

Who said so is counted beside what was said, because a judge's rate is corrected by the answers that people labelled
too, and words see little. How words are compared is in `stats.grounding`; where policy names weights that were fitted
on the user's own labels, they say what the comparison amounts to.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from twokey.record import Record
from twokey.scorers.base import SCALE, Score
from twokey.scorers.texts import texts
from twokey.stats.grounding import check

NAME = "hallucination_rate"

Said = bool | None
Seen = Mapping[tuple[Said, Said, Said], int]
"""How often people, a judge and the comparison of words said that an answer is unsupported, None where they did not."""


class Fitted(Protocol):
    """Weights that were fitted on labels, all that counting knows of them. Picklable."""

    def flags(self, text: str, context: str, asked: str = "") -> Said:
        """Return whether an answer is flagged; None where it has no content word."""

    @property
    def remark(self) -> str:
        """How the answers were judged, in words."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Says of an answer with a context whether words flag it: by the share of new words, or by fitted weights."""

    above: float
    fitted: Fitted | None = None

    def __call__(self, record: Record) -> Said:
        """Return whether the answer is flagged; None where there is nothing to compare."""
        text, context, asked = texts(record.output), texts(record.context), texts(record.input)
        if self.fitted is not None:
            return self.fitted.flags(text, context, asked)
        found = check(text, (context, asked), self.above)
        return None if found.share is None else found.flagged


def fitted_weights(path: str | None, read: Callable[[str], bytes]) -> Fitted | None:
    """Return the weights in a file of the policy. Raises ConfigError where it holds none that fit this version."""
    if path is None:
        return None
    from twokey.stats.grounding_weights import parse_weights

    return parse_weights(read(path), path)


def ground(
    records: Sequence[Record], judged: Sequence[Said] | None, compare: Compare | None
) -> tuple[list[Score], Mapping[tuple[Said, Said, Said], int]]:
    """Return each record's score, 1 where it is unsupported, and who said so how often.

    `judged` are a judge's verdicts; `compare` is None where words are not to be compared.
    """
    people = [record.hallucinated for record in records]
    if compare is None and judged is None and people.count(None) == len(people):
        return [None] * len(records), {}
    scores: list[Score] = []
    seen: Counter[tuple[Said, Said, Said]] = Counter()
    for place, record in enumerate(records):
        label, verdict, words = people[place], judged[place] if judged is not None else None, None
        if label is None and verdict is None and compare is not None and record.context is not None:
            words = compare(record)
        said = next((one for one in (label, verdict, words) if one is not None), None)
        scores.append(None if said is None else SCALE if said else 0)
        if said is not None:
            seen[label, verdict, words] += 1
    return scores, dict(seen)
