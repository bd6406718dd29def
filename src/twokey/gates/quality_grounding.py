"""Whether an answer is supported: by a person's label, else by a judge's verdict, else by comparing words.

Who said so is counted beside what was said, because a judge's rate is corrected by the answers that people labelled
too, and words see little. How words are compared is in `stats.grounding`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from twokey.record import Record
from twokey.scorers.base import SCALE, Score
from twokey.scorers.texts import texts
from twokey.stats.grounding import unsupported

NAME = "hallucination_rate"

Said = bool | None
Seen = Mapping[tuple[Said, Said, Said], int]
"""How often people, a judge and the comparison of words said that an answer is unsupported, None where they did not."""


def ground(
    records: Sequence[Record], judged: Sequence[Said] | None, above: float | None
) -> tuple[list[Score], Mapping[tuple[Said, Said, Said], int]]:
    """Return each record's score, 1 where it is unsupported, and who said so how often.

    `judged` are a judge's verdicts; `above` is the share of new words from which an answer is flagged, None where
    words are not to be compared.
    """
    people = [record.hallucinated for record in records]
    if above is None and judged is None and people.count(None) == len(people):
        return [None] * len(records), {}
    scores: list[Score] = []
    seen: Counter[tuple[Said, Said, Said]] = Counter()
    for place, record in enumerate(records):
        label, verdict, words = people[place], judged[place] if judged is not None else None, None
        if label is None and verdict is None and above is not None and record.context is not None:
            words = unsupported(texts(record.output), [texts(record.context), texts(record.input)], above)
        said = next((one for one in (label, verdict, words) if one is not None), None)
        scores.append(None if said is None else SCALE if said else 0)
        if said is not None:
            seen[label, verdict, words] += 1
    return scores, dict(seen)
