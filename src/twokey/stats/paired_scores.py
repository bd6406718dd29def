"""Two versions scored on the same cases, where a score is more than right or wrong.

It works on the differences of the pairs, counted in whole units of 1/`scale`, each from -1 to 1: candidate minus
baseline. For right or wrong see `paired`.
"""

import math
from collections import Counter
from typing import NamedTuple

from twokey.stats.intervals import CONFIDENCE, Interval, normal_quantile
from twokey.stats.means import Histogram, mean_interval
from twokey.stats.paired import POWER, bisect
from twokey.stats.resampling import RESAMPLES, bootstrap_mean, normal_tail

_MOST_BITS = 2_500_000_000


class SignFlip(NamedTuple):
    """The p-value of a sign-flip test, and how it was found: `exact` or `saddlepoint`."""

    p: float
    method: str


def paired_mean_interval(differences: Histogram, scale: int, confidence: float = CONFIDENCE) -> Interval:
    """Return the interval for the mean difference that holds at any number of pairs.

    Source: `means.mean_interval`, for differences from -1 to 1.
    Raises ValueError for a difference out of bounds.
    """
    return mean_interval(differences, scale, confidence, least=-scale, most=scale)


def paired_bootstrap(
    differences: Histogram, scale: int, confidence: float = CONFIDENCE, resamples: int = RESAMPLES
) -> Interval:
    """Return the bootstrap interval (BCa) for the mean difference. Shown, and decides nothing.

    Raises ValueError without pairs.
    """
    return bootstrap_mean(differences, scale, confidence, resamples, name="pairs")


def sign_flip(differences: Histogram) -> SignFlip:
    """Return the two-sided p-value of the permutation test: could chance alone put either version as far ahead?

    Under the null hypothesis each difference could as well have the other sign. Exact where the sums can be counted
    out, else by a saddlepoint approximation, whose relative error is below 1%
    from a hundred pairs on.

    Source: Fisher, "The Design of Experiments" (1935), section 21; Robinson, Journal of the Royal Statistical Society B
    44 (1982) 91-101, with Lugannani and Rice, Advances in Applied Probability 12 (1980) 475-490, on a
    lattice as Daniels, International Statistical Review 55 (1987) 37-48.
    """
    seen = abs(sum(value * count for value, count in differences.items()))
    sizes: Counter[int] = Counter()
    for value, count in differences.items():
        if value and count:
            sizes[abs(value)] += count
    if not sizes or seen == 0:
        return SignFlip(1.0, "exact")
    unit = math.gcd(*sizes)
    sizes = Counter({size // unit: count for size, count in sorted(sizes.items())})
    span, pairs = sum(size * count for size, count in sizes.items()), sum(sizes.values())
    if span * pairs * pairs <= _MOST_BITS:
        return SignFlip(_counted(sizes, span, pairs, seen // unit), "exact")
    return SignFlip(_saddlepoint(sizes, span, seen // unit), "saddlepoint")


def _counted(sizes: Counter[int], span: int, pairs: int, seen: int) -> float:
    """Return the share of all sign patterns that lead at least as far, by one product of whole polynomials."""
    slot = pairs + 1  # bits that the number of patterns with one sum cannot outgrow
    ways = 1
    for size, count in sizes.items():
        for _ in range(count):
            ways += ways << (size * slot)
    # A pattern whose positive sizes add up to s leads by 2s - span.
    patterns = _slots_added(ways >> ((span + seen) // 2 * slot), slot)
    return min(1.0, 2 * patterns / (1 << pairs)) if pairs < 1000 else min(1.0, 2 * (patterns / (1 << pairs)))


def _slots_added(number: int, slot: int) -> int:
    """Return the sum of a number's slots of bits, by folding it in half again and again: one by one takes minutes."""
    slots = -(-number.bit_length() // slot)
    while slots > 1:
        slots = (slots + 1) // 2
        bits = slots * slot
        number = (number >> bits) + (number & ((1 << bits) - 1))
    return number


def _saddlepoint(sizes: Counter[int], span: int, seen: int) -> float:
    if seen >= span:  # one pattern on each side leads as far
        return 2.0 ** (1 - sum(sizes.values()))
    largest = max(sizes)
    parts = [(size / largest, count) for size, count in sizes.items()]
    target = seen / largest

    def lead(tilt: float) -> float:
        return math.fsum(count * size * math.tanh(tilt * size) for size, count in parts) - target

    high = 1.0
    while lead(high) < 0:
        high *= 2
    tilt = bisect(lead, 0.0, high)
    cumulant = math.fsum(count * _log_cosh(tilt * size) for size, count in parts)
    curvature = math.fsum(count * (size / math.cosh(min(300.0, tilt * size))) ** 2 for size, count in parts)
    root = math.sqrt(max(0.0, 2 * (tilt * target - cumulant)))
    # Flipping one sign moves the sum by twice its size: sums lie on a lattice of step 2.
    scaled = -math.expm1(-2 * tilt / largest) * largest / 2 * math.sqrt(curvature)
    if root < 1e-3:
        return min(1.0, 2 * normal_tail(target / math.sqrt(math.fsum(count * size * size for size, count in parts))))
    density = math.exp(-root * root / 2) / math.sqrt(2 * math.pi)
    return min(1.0, max(0.0, 2 * (normal_tail(root) + density * (1 / scaled - 1 / root))))


def _log_cosh(x: float) -> float:
    return x + math.log1p(math.exp(-2 * x)) - math.log(2)


def minimum_detectable_difference(
    n: int, spread: float, confidence: float = CONFIDENCE, power: float = POWER
) -> float | None:
    """Return the smallest true mean difference that a test on `n` pairs would find with that power; None beyond 1.

    `spread` is the standard deviation of the differences.

    Source: Lachin, Controlled Clinical Trials 2 (1981) 93-113.
    """
    if n < 2:
        return None
    effect = (normal_quantile((1 + confidence) / 2) + normal_quantile(power)) * spread / math.sqrt(n)
    return effect if effect <= 1 else None
