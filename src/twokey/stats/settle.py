"""How many cases would settle what is still open, should the rate or change that was seen be the true one. No verdict.

Each answer is the size at which the interval that decides would exclude the limit with the stated power: in 80 of 100
such runs.
"""

import math
from collections.abc import Callable

from twokey.stats.intervals import CONFIDENCE, clopper_pearson, normal_quantile
from twokey.stats.means import Histogram, mean_of, refuted, stakes_of, variance_of
from twokey.stats.paired import POWER
from twokey.stats.paired_exact import highest_difference

MOST = 10_000_000
_COARSE = 32
_NEAR = 0.002
"""What follows from what was seen so far is less exact than that."""


def smallest_size(enough: Callable[[int], bool], most: int = MOST, near: float = 0.0) -> int | None:
    """Return the smallest size from 1 on that is enough, or None above `most`; it must stay enough from there on.

    With `near` it is too large by that share at most.
    """
    high = 1
    while not enough(high):
        high *= 2
        if high > most:
            return None
    low = high // 2
    while high - low > max(1.0, near * high):
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def cases_to_settle(k: int, n: int, limit: float, confidence: float = CONFIDENCE, power: float = POWER) -> int | None:
    """Return how many cases settle a rate, seen as `k` of `n`, against a limit.

    None where the rate is on the limit, or above ten million.

    Source: Clopper-Pearson at the count that chance, by a normal approximation, passes with that power.
    Raises ValueError without cases.
    """
    if n <= 0:
        raise ValueError("no cases")
    rate, z = k / n, normal_quantile(power)
    if rate == limit:
        return None

    def settled(size: int) -> bool:
        unlucky = z * math.sqrt(rate * (1 - rate) * size)
        count = min(float(size), max(0.0, rate * size + (unlucky if rate < limit else -unlucky)))
        low, high = clopper_pearson(count, size, confidence)
        return high < limit if rate < limit else low > limit

    return smallest_size(settled, near=_NEAR)


def pairs_to_settle(
    fixed: int, broken: int, n: int, margin: float = 0.0, confidence: float = CONFIDENCE, power: float = POWER
) -> int | None:
    """Return how many pairs settle a paired change of right and wrong, (fixed - broken) / n, against `margin`.

    `margin` has the change's sign: -0.01 for a drop of one point that is allowed. None as in `cases_to_settle`.

    Source: the interval that decides (`paired_exact`) at the change that chance passes with that power.
    Raises ValueError for counts that cannot be.
    """
    if n <= 0 or min(fixed, broken) < 0 or fixed + broken > n:
        raise ValueError(f"{fixed} fixed and {broken} broken of {n} cannot be")
    change, differing = (fixed - broken) / n, (fixed + broken) / n
    if change == margin:
        return None
    side, tail = 1 if change > margin else -1, (1 - confidence) / 2
    spread = math.sqrt(max(0.0, differing - change * change))

    def settled(size: int) -> bool:
        unlucky = change - side * normal_quantile(power) * spread / math.sqrt(size)
        discordant = max(differing, abs(unlucky))
        if discordant > 1:
            return False
        counts = size * (discordant + unlucky) / 2, size * (discordant - unlucky) / 2
        if side > 0:
            return -highest_difference(counts[1], counts[0], size, tail) > margin
        return highest_difference(*counts, size, tail) < margin

    return smallest_size(settled, near=_NEAR)


def scores_to_settle(
    scores: Histogram,
    scale: int,
    limit: float,
    confidence: float = CONFIDENCE,
    power: float = POWER,
    least: int = 0,
    most: int | None = None,
) -> int | None:
    """Return how many scores like these settle their mean against a limit. None as in `cases_to_settle`.

    Scores go from `least` to `most` units of 1/`scale`; for paired differences that is -scale to scale, and `limit` is
    the margin with its sign.

    Source: the interval of `means.mean_interval`, moved by what chance takes away with that power.
    Raises ValueError without scores.
    """
    mean, spread, n = mean_of(scores, scale), math.sqrt(variance_of(scores, scale)), sum(scores.values())
    top = scale if most is None else most
    if mean == limit:
        return None
    stakes = stakes_of(scores, least, top, _COARSE)
    # From here on as if the limit lay below: a mean from 0 to 1 has a lower bound above it.
    place, seen = ((value * scale - least) / (top - least) for value in (limit, mean))
    if mean < limit:
        place, seen = 1 - place, 1 - seen
        stakes = [(count, weight - value, weight) for count, value, weight in stakes]

    def settled(size: int) -> bool:
        p = place + normal_quantile(power) * spread * scale / (top - least) / math.sqrt(size)
        if p <= 0 or p >= seen:
            return p < 0
        part = [(count * size / n, value, weight) for count, value, weight in stakes]
        return refuted(part, p, (1 - confidence) / 2)

    return smallest_size(settled, near=_NEAR)
