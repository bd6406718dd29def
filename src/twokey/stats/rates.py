"""Two rates of different cases: their difference and ratio, with intervals that decide and shorter ones to show.

For the same cases answered twice see `paired`; for one rate `intervals`.
"""

import math
from collections.abc import Callable
from functools import lru_cache

from twokey.stats.intervals import CONFIDENCE, Interval, lower_bound, normal_quantile, upper_bound, wilson
from twokey.stats.paired import bisect
from twokey.stats.resampling import normal_tail

_GRID = 10


def difference_interval(k1: float, n1: float, k2: float, n2: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the interval for the rate of `k1` in `n1` minus that of `k2` in `n2`; it holds at any sample size.

    It is the range of differences over all pairs of rates that a joint test of both does not exclude: the two exact
    binomial p-values as normal numbers, their positive parts squared and added. As a rule it is a quarter shorter than
    two Clopper-Pearson intervals subtracted (Bonferroni).

    Source: Clopper and Pearson, Biometrika 26 (1934) 404-413; the sum's distribution (chi-bar-square) Kudo, Biometrika
    50 (1963) 403-418.
    Raises ValueError for counts that cannot be.
    """
    if not (n1 and n2):
        return Interval(-1.0, 1.0)
    tail = (1 - confidence) / 2
    high = _most(lambda one, two: one - two, (k1, n1), (k2, n2), tail)
    return Interval(-_most(lambda two, one: two - one, (k2, n2), (k1, n1), tail), high)


def ratio_interval(k1: float, n1: float, k2: float, n2: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the interval for the rate of `k1` in `n1` over that of `k2` in `n2`, from 0 to infinity.

    Source: as `difference_interval`.
    Raises ValueError for counts that cannot be.
    """
    if not (n1 and n2):
        return Interval(0.0, math.inf)
    tail = (1 - confidence) / 2
    upside_down = _most(_over, (k2, n2), (k1, n1), tail)
    return Interval(1 / upside_down, _most(_over, (k1, n1), (k2, n2), tail))


def _over(one: float, two: float) -> float:
    return one / two if two > 0 else math.inf


def _most(
    measure: Callable[[float, float], float], first: tuple[float, float], second: tuple[float, float], alpha: float
) -> float:
    """Return the most that a measure, rising in the first and falling in the second rate, can be at `alpha`."""
    return furthest(lambda one, two: measure(upper_bound(*first, one), lower_bound(*second, two)), alpha)


def furthest(measure: Callable[[float, float], float], alpha: float) -> float:
    """Return the most of a measure over all pairs of tail probabilities that a joint test at `alpha` does not exclude.

    The two exact one-sided p-values are independent; as normal numbers their positive parts, squared and added, are
    beyond the radius with a probability of at most `alpha`. So the pairs lie on a quarter circle.
    """
    radius = _radius(alpha)

    def at(angle: float) -> float:
        return measure(normal_tail(radius * math.cos(angle)), normal_tail(radius * math.sin(angle)))

    step = math.pi / 2 / _GRID
    heights = [at(step * place) for place in range(_GRID + 1)]
    best = max(range(_GRID + 1), key=heights.__getitem__)
    if best in (0, _GRID) or math.isinf(heights[best]):
        return heights[best]
    before, top, after = heights[best - 1 : best + 2]
    bend = before - 2 * top + after  # the peak of the parabola through the three
    return max(top, at(step * (best + (before - after) / (2 * bend)))) if bend < 0 else top


@lru_cache(maxsize=64)
def _radius(alpha: float) -> float:
    """Return how far from the estimate, in standard errors, a joint test of two rates reaches at `alpha`."""

    def excess(radius: float) -> float:
        beyond = math.erfc(radius / math.sqrt(2)) / 2 + math.exp(-radius * radius / 2) / 4
        return alpha - beyond

    return bisect(excess, 0.0, 40.0)


def newcombe_difference(k1: int, n1: int, k2: int, n2: int, confidence: float = CONFIDENCE) -> Interval:
    """Return Newcombe's hybrid score interval for the difference of two rates: approximate, to show.

    Source: Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
    Raises ValueError for counts that cannot be.
    """
    if not (n1 and n2):
        return Interval(-1.0, 1.0)
    one, two = wilson(k1, n1, confidence), wilson(k2, n2, confidence)
    p1, p2 = k1 / n1, k2 / n2
    below = math.hypot(p1 - one.low, two.high - p2)
    above = math.hypot(one.high - p1, p2 - two.low)
    return Interval(max(-1.0, p1 - p2 - below), min(1.0, p1 - p2 + above))


def koopman_ratio(k1: int, n1: int, k2: int, n2: int, confidence: float = CONFIDENCE) -> Interval:
    """Return Koopman's score interval for the ratio of two rates: approximate, to show.

    Source: Koopman, Biometrics 40 (1984) 513-517.
    Raises ValueError unless both have cases.
    """
    if not (0 <= k1 <= n1 and 0 <= k2 <= n2 and n1 and n2):
        raise ValueError(f"no ratio of {k1} of {n1} to {k2} of {n2}")
    if k1 == 0 and k2 == 0:
        return Interval(0.0, math.inf)
    square = normal_quantile((1 + confidence) / 2) ** 2

    def excess(angle: float) -> float:
        return _score(k1, n1, k2, n2, math.tan(angle)) - square

    centre = math.atan2(k1 * n2, k2 * n1)
    low = 0.0 if k1 == 0 else math.tan(bisect(excess, centre, 0.0))
    high = math.inf if k2 == 0 else math.tan(bisect(excess, centre, math.pi / 2))
    return Interval(low, high)


def _score(k1: int, n1: int, k2: int, n2: int, ratio: float) -> float:
    """Return Pearson's chi-square of the counts under the likeliest rates that have this ratio."""
    if ratio <= 0:
        return math.inf if k1 else 0.0
    whole, linear = (n1 + n2) * ratio, n1 * ratio + k1 + n2 + k2 * ratio
    p2 = 2 * (k1 + k2) / (linear + math.sqrt(max(0.0, linear * linear - 4 * whole * (k1 + k2))))
    p1 = min(1.0, p2 * ratio)
    return _squared(k1, n1, p1) + _squared(k2, n2, min(1.0, p2))


def _squared(k: int, n: int, p: float) -> float:
    if p <= 0 or p >= 1:
        return 0.0 if k == n * p else math.inf
    return (k - n * p) ** 2 / (n * p * (1 - p))
