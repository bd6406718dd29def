"""How far two people, or a person and a judge, agree: as counted, and beyond what chance would bring.

Cohen's kappa is small wherever one answer is rare, however well people agree; Gwet's AC1 is not. Both are shown beside
the plain share, which alone has an exact interval.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twokey.stats.intervals import CONFIDENCE, Interval, clopper_pearson


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The share of cases with the same answer and its exact interval; kappa and AC1, None where undefined."""

    n: int
    raw: float
    interval: Interval
    kappa: float | None
    ac1: float | None


def agreement(answers: Mapping[tuple[str, str], int], categories: int = 2, confidence: float = CONFIDENCE) -> Agreement:
    """Return the agreement of two raters from how often each pair of answers was given.

    `categories` is how many answers there were to choose from; more are counted if more were given.

    Source: Cohen, Educational and Psychological Measurement 20 (1960) 37-46; Gwet, British Journal of Mathematical and
    Statistical Psychology 61 (2008) 29-48.
    Raises ValueError without cases.
    """
    n = sum(answers.values())
    if n <= 0:
        raise ValueError("no cases")
    same = sum(count for (one, two), count in answers.items() if one == two)
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (one, two), count in sorted(answers.items()):
        first[one] += count
        second[two] += count
    names = sorted(first.keys() | second.keys())
    by_margins = sum(first[name] * second[name] for name in names) / n**2
    shares = [(first[name] + second[name]) / (2 * n) for name in names]
    choices = max(categories, len(names))
    by_chance = sum(share * (1 - share) for share in shares) / (choices - 1) if choices > 1 else 1.0
    return Agreement(
        n=n,
        raw=same / n,
        interval=clopper_pearson(same, n, confidence),
        kappa=_beyond(same / n, by_margins),
        ac1=_beyond(same / n, by_chance),
    )


def agreement_of_several(cases: Iterable[Mapping[str, int]], categories: int = 2) -> Agreement:
    """Return the agreement of raters of whom each case has two or more, not always the same ones.

    `cases` say how many raters gave each answer. The share is that of cases in which all agree, so that its interval is
    exact; AC1 is of pairs of raters, averaged over cases. Kappa is None: it is about two raters who are told apart.

    Source: Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008) 29-48, equations for several
    raters. Raises ValueError without cases, and for one with a single answer.
    """
    counted = [Counter(case) for case in cases]
    if not counted or min(case.total() for case in counted) < 2:
        raise ValueError("no cases, or one with a single answer")
    n, alike = len(counted), sum(sum(count > 0 for count in case.values()) == 1 for case in counted)
    names = sorted({name for case in counted for name, count in case.items() if count})
    pairs = sum(sum(c * (c - 1) for c in case.values()) / (case.total() * (case.total() - 1)) for case in counted) / n
    shares = [sum(case[name] / case.total() for case in counted) / n for name in names]
    choices = max(categories, len(names))
    by_chance = sum(share * (1 - share) for share in shares) / (choices - 1) if choices > 1 else 1.0
    return Agreement(n=n, raw=alike / n, interval=clopper_pearson(alike, n), kappa=None, ac1=_beyond(pairs, by_chance))


def _beyond(raw: float, chance: float) -> float | None:
    return (raw - chance) / (1 - chance) if chance < 1 else None
