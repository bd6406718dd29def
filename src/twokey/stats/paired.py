"""Comparing two versions on the same cases: what was fixed, what was broken, and what could have been seen at all.

Cases on which both agree carry no weight. It knows nothing of ids or records: four counts go in.
"""

import math
from collections.abc import Callable

from twokey.stats.intervals import CONFIDENCE, Interval, binomial_cdf, normal_quantile

POWER = 0.8


def mcnemar(fixed: int, broken: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: are fixing and breaking equally likely?

    Source: McNemar, Psychometrika 12 (1947) 153-157, with the exact binomial distribution (not mid-p).
    """
    if fixed == broken:
        return 1.0
    return min(1.0, 2 * binomial_cdf(min(fixed, broken), fixed + broken, 0.5))


def paired_difference(fixed: float, broken: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Return Tango's score interval for (fixed - broken) / n, the difference of two proportions on the same `n` cases.

    Source: Tango, Statistics in Medicine 17 (1998) 891-908.
    Raises ValueError unless 0 <= fixed + broken <= n and n > 0.
    """
    if n <= 0 or min(fixed, broken) < 0 or fixed + broken > n:
        raise ValueError(f"{fixed} fixed and {broken} broken of {n} cannot be")
    z = normal_quantile((1 + confidence) / 2)
    centre = (fixed - broken) / n
    low = -1.0 if centre <= -1 else bisect(lambda d: _score(fixed, broken, n, d) - z, centre, -1.0)
    high = 1.0 if centre >= 1 else bisect(lambda d: -_score(fixed, broken, n, d) - z, centre, 1.0)
    return Interval(low, high)


def _score(fixed: float, broken: float, n: float, difference: float) -> float:
    """Return Tango's statistic: how far the counts are from `difference`, in standard errors under it."""
    b = -fixed - broken + (2 * n - fixed + broken) * difference
    c = -broken * difference * (1 - difference)
    q = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
    variance = n * (2 * q + difference * (1 - difference))
    distance = fixed - broken - n * difference
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def bisect(excess: Callable[[float], float], inside: float, outside: float) -> float:
    """Return where `excess` turns from negative (at `inside`) to positive (at `outside`), to the last bits."""
    for _ in range(100):
        middle = (inside + outside) / 2
        if excess(middle) < 0:
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2


def minimum_detectable_effect(n: int, discordance: float, confidence: float = CONFIDENCE) -> float | None:
    """Return the smallest true difference that McNemar's test would find in 80 of 100 such comparisons, or None.

    `discordance` is the share of the `n` cases on which the two versions differ; a difference brings at least its own
    size in discordance. None where even a difference of 1 would go unseen.

    Source: Connor, Biometrics 43 (1987) 207-211, after Miettinen, Biometrics 24 (1968) 339-352.
    """
    z_alpha, z_beta = normal_quantile((1 + confidence) / 2), normal_quantile(POWER)

    def excess(effect: float) -> float:
        differing = max(discordance, effect)
        needed = z_alpha * math.sqrt(differing) + z_beta * math.sqrt(max(0.0, differing - effect * effect))
        return math.sqrt(n) * effect - needed

    return bisect(excess, 0.0, 1.0) if n > 0 and excess(1.0) >= 0 else None
