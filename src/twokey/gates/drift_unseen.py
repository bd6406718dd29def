"""What one recording has and the other has not: new categories, new words, missing fields; and by what chance.

A sample never holds all that is rare, so something new is to be expected of it. What counts is how much more there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from twokey.gates.drift_compare import Distance
from twokey.gates.drift_tally import Seen, Words
from twokey.stats.intervals import incomplete_beta


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What one recording has that the other has not: `count` of `total`, their share, and the share to be expected.

    To be expected is the other recording's share of what it has only once: the next record would have been as new.
    `distance` is what there is beyond it. Source: Good, Biometrika 40 (1953) 237-264.
    """

    count: int
    total: int
    share: float
    expected: float
    distance: Distance
    names: tuple[str, ...] = ()


def _unseen(count: int, total: int, expected: float, limit: float, chances: tuple[float, float]) -> Unseen:
    share, expected = min(1.0, count / total), min(1.0, expected)
    value = max(0.0, share - expected)
    distance = Distance(
        effect="surplus", value=value, limit=limit, p=min(1.0, chances[0]), at_limit=min(1.0, chances[1])
    )
    return Unseen(count=count, total=total, share=share, expected=expected, distance=distance)


def unseen_categories(here: Mapping[str, int], there: Mapping[str, int], limit: float) -> Unseen:
    """Return what `here` has that `there` has not; neither may be empty.

    Two tests, each at twice its p-value: one new category is too large to have been missed there, whichever it is; or
    there are more new ones than are seen once there. Both count categories, as records of one come together.
    """
    n, m = sum(here.values()), sum(there.values())
    names = tuple(sorted(set(here) - set(there)))
    single, ours = list(there.values()).count(1), n / (n + m)
    largest = max((here[name] for name in names), default=0)
    large, many = len(here) * ours**largest, _at_least(len(names), single, ours)
    chances = (2 * min(large, many), 2 * len(here) * ours ** (limit * n))
    found = _unseen(sum(here[name] for name in names), n, single / m, limit, chances)
    return replace(found, names=names)


def unseen_words(now: Seen, before: Seen, limit: float) -> Unseen | None:
    """Return the words of the candidate's inputs that the baseline's have not, or None where one of them has no words.

    The new words of one input come together, so the test counts inputs' worths of words.
    """
    if not now.word_total or not before.word_total:
        return None
    level = max(now.words.level, before.words.level)
    here, there = _rows(now.words, level), _rows(before.words, level)
    new = sum(seen for word, seen in here.items() if word not in there) << level
    single = list(there.values()).count(1) << level
    total = now.word_total + before.word_total
    inputs = (now.worded + before.worded) / total
    expected, ours = single / before.word_total, now.word_total / total
    certain = min(1.0, expected + limit) * now.word_total
    chances = (_at_least(new * inputs, single * inputs, ours), _at_least(certain * inputs, single * inputs, ours))
    return _unseen(new, now.word_total, expected, limit, chances)


def _rows(words: Words, level: int) -> Mapping[int, int]:
    return words.at(level, int).rows


def rise(now: int, before: int, n: int, m: int, limit: float, looks: int) -> Distance:
    """Return how far a share rose from `before` of `m` to `now` of `n`, being the worst of so many looked at."""
    prior, ours = before / m, n / (n + m)
    certain = min(1.0, prior + limit) * n
    return Distance(
        effect="rise",
        value=max(0.0, now / n - prior),
        limit=limit,
        p=min(1.0, looks * _at_least(now, before, ours)),
        at_limit=min(1.0, looks * _at_least(certain, before, ours)),
    )


def _at_least(here: float, there: float, ours: float) -> float:
    """Return the chance that at least `here` of all are on this side, where each of them is with the chance `ours`.

    Two Poisson counts are binomial given their sum: exact for what is rare, cautious for what is common.
    Source: Przyborowski and Wilenski, Biometrika 31 (1940) 313-323.
    """
    return incomplete_beta(here, there + 1, ours) if here > 0 else 1.0
