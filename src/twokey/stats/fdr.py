"""Many slices looked at together: p-values of each against the rest, and their adjustment for false discoveries.

It ranks leads for a person. No verdict rests on an adjusted p-value.
"""

import math
from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the adjusted p-values, in the order given: at or below q, at most a share q of them is found in error.

    Holds for independent and for positively dependent tests.

    Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289-300.
    """
    return _stepped_up(p_values, 1.0)


def benjamini_yekutieli(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the adjusted p-values, in the order given, that hold whatever the dependence between the tests.

    Source: Benjamini and Yekutieli, Annals of Statistics 29 (2001) 1165-1188.
    """
    return _stepped_up(p_values, math.fsum(1 / rank for rank in range(1, len(p_values) + 1)))


def _stepped_up(p_values: Sequence[float], factor: float) -> tuple[float, ...]:
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value is not between 0 and 1")
    adjusted, least = [1.0] * len(p_values), 1.0
    order = sorted(range(len(p_values)), key=lambda index: p_values[index], reverse=True)
    for place, index in enumerate(order):
        least = min(least, p_values[index] * factor * len(p_values) / (len(p_values) - place))
        adjusted[index] = least
    return tuple(adjusted)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the adjusted p-values, in the order given: at or below alpha, even one error is that rare.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    if any(not 0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value is not between 0 and 1")
    adjusted, most = [1.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        most = max(most, min(1.0, p_values[index] * (len(p_values) - place)))
        adjusted[index] = most
    return tuple(adjusted)


def fisher_exact(k: int, n: int, rest_k: int, rest_n: int) -> float:
    """Return the two-sided p-value of Fisher's exact test: has a slice with `k` of `n` the rate of the rest?

    Source: Fisher, "Statistical Methods for Research Workers" (1934), section 21.02; two-sided by the probabilities of
    all tables at most as likely.
    Raises ValueError for counts that cannot be.
    """
    if not (0 <= k <= n and 0 <= rest_k <= rest_n):
        raise ValueError(f"{k} of {n} and {rest_k} of {rest_n} cannot be")
    total, first, last = k + rest_k, max(0, k + rest_k - rest_n), min(n, k + rest_k)
    if first == last:
        return 1.0
    peak = min(last, max(first, (n + 1) * (total + 1) // (n + rest_n + 2)))
    # Probabilities relative to the likeliest table: no factorials, nothing to overflow.
    weights = {peak: 1.0}
    for step, end in ((1, last), (-1, first)):
        here, weight = peak, 1.0
        while here != end and (weight > 1e-30 or (here - k) * step < 0):
            ratio = (n - here) * (total - here) / ((here + 1) * (rest_n - total + here + 1))
            if step < 0:
                ratio = here * (rest_n - total + here) / ((n - here + 1) * (total - here + 1))
            here, weight = here + step, weight * ratio
            weights[here] = weight
    limit = weights.get(k, 0.0) * (1 + 1e-7)
    extreme = math.fsum(weight for weight in weights.values() if weight <= limit)
    return min(1.0, extreme / math.fsum(weights.values()))
