"""How many defects a finite pool can hold, given what a random sample of it showed. Exact, in integers.

This is the statistic of the random audit. It says nothing of items that were chosen for being doubtful: those are
counted.
"""

import math


def defects_upper_bound(pool: int, sampled: int, found: int, alpha: float = 0.05) -> int:
    """Return the most defects in the pool that the sample does not exclude at `alpha`: max{D : P(X <= found) > alpha}.

    `sampled` of `pool` items were drawn without replacement and `found` of them were defects. Without a sample the
    answer is the whole pool.

    Source: Buonaccorsi, The American Statistician 41 (1987) 215-218; Wright, "Exact confidence bounds" (1991).
    Raises ValueError where the numbers contradict each other.
    """
    if not (0 <= found <= sampled <= pool and 0 < alpha < 1):
        raise ValueError(f"{found} defects in {sampled} of {pool} items at alpha {alpha} cannot be")
    low, high = found, pool - (sampled - found)
    while low < high:
        middle = (low + high + 1) // 2
        if at_most(found, pool, middle, sampled, alpha):
            high = middle - 1
        else:
            low = middle
    return low


def at_most(found: int, pool: int, defects: int, sampled: int, alpha: float) -> bool:
    """Say whether at most `found` of the pool's `defects` are drawn with a probability of `alpha` or less. Exact."""
    from fractions import Fraction  # it brings decimal, and only audits need it

    level = Fraction(str(alpha))
    ways = math.comb(pool, sampled) * level.numerator
    return _ways_at_most(found, pool, defects, sampled) * level.denominator <= ways


def _ways_at_most(found: int, pool: int, defects: int, sampled: int) -> int:
    """Return in how many samples at most `found` of the pool's `defects` are drawn."""
    good = pool - defects
    first = max(0, sampled - good)
    if first > found:
        return 0
    term = math.comb(defects, first) * math.comb(good, sampled - first)
    ways = term
    for drawn in range(first, min(found, defects)):
        term = term * (defects - drawn) * (sampled - drawn) // ((drawn + 1) * (good - sampled + drawn + 1))
        ways += term
    return ways


def clean_items_needed(rate: float, alpha: float = 0.05) -> int:
    """Return how many random items without a failure claim a failure rate of at most `rate` in a pool of any size.

    Raises ValueError unless 0 < rate < 1 and 0 < alpha < 1.
    """
    if not (0 < rate < 1 and 0 < alpha < 1):
        raise ValueError(f"no number of items claims a rate of {rate} at alpha {alpha}")
    needed = math.ceil(math.log(alpha) / math.log1p(-rate) - 1e-9)
    return max(needed, 1)
