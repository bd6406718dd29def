"""The paired difference of right and wrong, with an interval that holds at any sample size.

Tango's in `paired` is shorter by about a quarter, and approximate. Counts go in; it knows nothing of ids or records.
"""

from twokey.stats.intervals import CONFIDENCE, Interval, lower_bound, upper_bound
from twokey.stats.rates import furthest


def exact_paired_difference(fixed: float, broken: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the interval for (fixed - broken) / n, the difference of two proportions on the same `n` cases.

    The difference is the share of cases that differ, times how much more often they differ for the better than for the
    worse. Both are binomial, the second given the first, and are tested jointly.

    Source: the factors as in McNemar, Psychometrika 12 (1947) 153-157; Clopper and Pearson, Biometrika 26 (1934)
    404-413; jointly as `rates.furthest`.
    Raises ValueError unless 0 <= fixed + broken <= n and n > 0.
    """
    if n <= 0 or min(fixed, broken) < 0 or fixed + broken > n:
        raise ValueError(f"{fixed} fixed and {broken} broken of {n} cannot be")
    tail = (1 - confidence) / 2
    return Interval(-highest_difference(broken, fixed, n, tail), highest_difference(fixed, broken, n, tail))


def highest_difference(fixed: float, broken: float, n: float, alpha: float) -> float:
    """Return the upper end of that interval, which is wrong at most once in 1/`alpha`."""
    differing = fixed + broken

    def difference(direction: float, share: float) -> float:
        """Return the largest difference at two tails: a gain is largest where many cases differ, a loss where few."""
        lead = 2 * upper_bound(fixed, differing, direction) - 1 if differing else 1.0
        return lead * (upper_bound if lead > 0 else lower_bound)(differing, n, share)

    return furthest(difference, alpha)
