"""How large groups must be for a gap between them to be judged at all, and what gap could be seen.

For planning, and for saying what was too small to tell; no verdict rests on it.
"""

import math
from collections.abc import Callable

from twokey.stats.intervals import CONFIDENCE, normal_quantile
from twokey.stats.paired import POWER
from twokey.stats.rates import difference_interval
from twokey.stats.settle import smallest_size

_STEPS = 40
_NEAR = 1e-6


def smallest_group(limit: float, confidence: float = CONFIDENCE, groups: int = 2, rate: float = 0.0) -> int | None:
    """Return how many cases each of the groups needs until equal rates can be shown to be within `limit` of each other.

    With the default rate of 0 it is the least that any outcome allows: smaller groups can never pass. None above ten
    million.

    Source: `rates.difference_interval`, for each pair of groups at a level that holds for all (Bonferroni).
    Raises ValueError unless 0 < limit < 1, there are two groups and the rate is one.
    """
    if not (0 < limit < 1 and groups >= 2 and 0 <= rate <= 1):
        raise ValueError(f"no size of {groups} groups for a limit of {limit} at a rate of {rate}")
    level = _level(confidence, groups)

    def judged(n: int) -> bool:
        return difference_interval(n * rate, n, n * rate, n, level).high <= limit

    return smallest_size(judged)


def detectable_gap(
    n1: int,
    n2: int,
    p: float,
    confidence: float = CONFIDENCE,
    power: float = POWER,
    groups: int = 2,
    limit: float = 0.0,
) -> float | None:
    """Return the smallest true gap that is found to be above `limit` with that power, or None where none would be.

    One group's rate is `p` and the other's is higher; where that leaves no room both are mirrored. Found is what the
    interval that decides excludes, at the unfavourable end of what chance brings.

    Source: `rates.difference_interval` at the counts that a normal approximation puts at 1 - power.
    Raises ValueError for counts or rates that cannot be.
    """
    if not (n1 > 0 and n2 > 0 and 0 <= p <= 1 and 0 <= limit < 1 and 0 < power < 1):
        raise ValueError(f"no gap of groups of {n1} and {n2} at a rate of {p}")
    start = min(p, 1 - p)
    level, z = _level(confidence, groups), normal_quantile(power)

    def found(effect: float) -> float:
        rates = start, min(1.0, start + effect)
        noise = rates[0] * (1 - rates[0]) / n1, rates[1] * (1 - rates[1]) / n2
        error = math.sqrt(sum(noise))
        shift = [z * part / error for part in noise] if error else [0.0, 0.0]
        low, high = min(1.0, rates[0] + shift[0]), max(0.0, rates[1] - shift[1])
        return difference_interval(high * n2, n2, low * n1, n1, level).low - limit

    return _root(found, limit, 1 - start)


def _root(excess: Callable[[float], float], low: float, high: float) -> float | None:
    """Return where `excess` turns positive, to a millionth of it, or None where it does not.

    Source: false position (Illinois), Dowell and Jarratt, BIT 11 (1971) 168-174: each step costs an interval, so few.
    """
    below, above = excess(low), excess(high)
    if above <= 0:
        return None
    middle, stayed = low, 0
    for _ in range(_STEPS):
        middle = (low * above - high * below) / (above - below)
        value = excess(middle)
        if abs(value) <= _NEAR:
            break
        # An end that stays twice counts for half, so that both ends close in.
        if value > 0:
            high, above, below, stayed = middle, value, below / 2 if stayed < 0 else below, -1
        else:
            low, below, above, stayed = middle, value, above / 2 if stayed > 0 else above, 1
    return middle


def _level(confidence: float, groups: int) -> float:
    return 1 - (1 - confidence) / math.comb(groups, 2)
