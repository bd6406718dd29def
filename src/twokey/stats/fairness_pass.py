"""How often a fair system passes: the other side of a gap that could be found. Planning, and no verdict."""

import math

from twokey.stats.intervals import CONFIDENCE
from twokey.stats.rates import difference_interval

_STEPS = 2


def fair_pass_rate(n1: int, n2: int, p: float, limit: float, confidence: float = CONFIDENCE) -> float:
    """Return how often two groups with the same rate `p` are shown to be within `limit` of each other.

    Source: `rates.difference_interval`; the differences that chance brings by their normal approximation.
    Raises ValueError for counts, rates or limits that cannot be.
    """
    if not (n1 > 0 and n2 > 0 and 0 <= p <= 1 and 0 <= limit <= 1):
        raise ValueError(f"no rate for groups of {n1} and {n2} at a rate of {p} and a limit of {limit}")
    allowed = min(_allowed(n1, n2, p, limit, confidence), _allowed(n2, n1, p, limit, confidence))
    error = math.sqrt(p * (1 - p) * (1 / n1 + 1 / n2))
    if allowed < 0 or (allowed == 0 and error):
        return 0.0
    return math.erf(allowed / error / math.sqrt(2)) if error else 1.0


def _allowed(n1: int, n2: int, p: float, limit: float, confidence: float) -> float:
    """Return the largest difference, first less second, whose interval ends at the limit; negative where none does.

    How far the interval reaches beyond the difference hardly depends on it, so that two steps find it.
    """
    # A difference comes mostly from the smaller group, whose rate is the less certain.
    weights = n2 / (n1 + n2), -n1 / (n1 + n2)
    allowed = 0.0
    for _ in range(_STEPS):
        one, two = (min(1.0, max(0.0, p + weight * max(0.0, allowed))) for weight in weights)
        high = difference_interval(one * n1, n1, two * n2, n2, confidence).high
        allowed = limit - (high - (one - two))
    return allowed
