"""Intervals for a proportion, and the incomplete beta function they stand on.

Written out because scipy takes longer to import than a whole run should. It does not round: `outward` does, once,
where a number becomes evidence.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from twokey.canonical import DECIMALS

CONFIDENCE = 0.95
_LOG_SQRT_2PI = 0.5 * math.log(2 * math.pi)
_TINY = 1e-300
_SCALE = float(10**DECIMALS)


class Interval(NamedTuple):
    """What is known of a number: it lies from `low` to `high` at the confidence that was asked for."""

    low: float
    high: float


def clopper_pearson(k: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the exact two-sided interval for a proportion with `k` of `n`; without any data it is 0 to 1.

    `k` and `n` may be fractions, as at an effective sample size.

    Source: Clopper and Pearson, Biometrika 26 (1934) 404-413; for fractions Korn and Graubard, Survey Methodology 24
    (1998) 193-201.
    Raises ValueError unless 0 <= k <= n and 0 < confidence < 1.
    """
    _check(k, n, 1 - confidence)
    tail = (1 - confidence) / 2
    return Interval(lower_bound(k, n, tail), upper_bound(k, n, tail))


def lower_bound(k: float, n: float, alpha: float = 1 - CONFIDENCE) -> float:
    """Return the exact one-sided lower bound for a proportion, wrong at most once in 1/`alpha`."""
    return 1 - upper_bound(n - k, n, alpha) if k > n / 2 else _lower(k, n, alpha)


def upper_bound(k: float, n: float, alpha: float = 1 - CONFIDENCE) -> float:
    """Return the exact one-sided upper bound for a proportion, wrong at most once in 1/`alpha`."""
    _check(k, n, alpha)
    if k >= n:
        return 1.0
    if k <= 0:
        return -math.expm1(math.log(alpha) / n)
    return beta_quantile(1 - alpha, k + 1, n - k) if k <= n / 2 else 1 - _lower(n - k, n, alpha)


def _lower(k: float, n: float, alpha: float) -> float:
    _check(k, n, alpha)
    if k <= 0:
        return 0.0
    if k >= n:
        return math.exp(math.log(alpha) / n)
    return beta_quantile(alpha, k, n - k + 1)


def _check(k: float, n: float, alpha: float) -> None:
    if not (0 <= k <= n and 0 < alpha < 1):
        raise ValueError(f"no interval for {k} of {n} at alpha {alpha}")


def wilson(k: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Return Wilson's two-sided score interval: approximate, shorter than the exact one.

    Source: Wilson, Journal of the American Statistical Association 22 (1927) 209-212.
    """
    _check(k, n, 1 - confidence)
    if n <= 0:
        return Interval(0.0, 1.0)
    z = normal_quantile((1 + confidence) / 2)
    centre = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return Interval(0.0 if k == 0 else centre - half, 1.0 if k == n else centre + half)


def normal_quantile(p: float) -> float:
    """Return the standard normal quantile. Source: Wichura, Applied Statistics 37 (1988) 477-484, AS 241."""
    from statistics import NormalDist  # takes as long to import as the rest of this package

    return NormalDist().inv_cdf(p)


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Return P(B <= k) for B binomial with `n` trials of probability `p`."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else incomplete_beta(n - k, k + 1, 1 - p)


def outward(low: float, high: float) -> Interval:
    """Return the interval rounded outwards to six decimals: what is written and judged, never narrower than it was.

    The last bits of a platform's arithmetic are dropped first, so that they cannot show.
    """
    return Interval(_rounded(low, math.floor), _rounded(high, math.ceil))


def _rounded(value: float, away: Callable[[float], int]) -> float:
    scaled = value * _SCALE
    nearest = round(scaled)
    whole = nearest if abs(scaled - nearest) <= max(1e-4, 1e-15 * abs(scaled)) else away(scaled)
    return whole / _SCALE + 0.0


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Source: DLMF 8.17.22 (continued fraction), evaluated by Lentz's method as Thompson and Barnett, Journal of
    Computational Physics 64 (1986) 490-509, modified it.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_fraction(b, a, 1 - x)
    return _beta_fraction(a, b, x)


def _beta_fraction(a: float, b: float, x: float) -> float:
    front = _binomial_term(a, b, x) * b / (a + b)
    if front == 0:
        return 0.0
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 1_000_000):
        even = a + 2 * m
        step = m * (b - m) * x / ((even - 1) * even)
        d = 1 / (1 + step * d or _TINY)
        c = 1 + step / c or _TINY
        total *= d * c
        step = -(a + m) * (a + b + m) * x / (even * (even + 1))
        d = 1 / (1 + step * d or _TINY)
        c = 1 + step / c or _TINY
        total *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return front * total


@lru_cache(maxsize=4096)  # joint tests of many pairs ask for the same bounds again and again
def beta_quantile(p: float, a: float, b: float) -> float:
    """Return x with I_x(a, b) = p: Newton's steps, and bisection wherever a step leaves the bracket."""
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(200):
        error = incomplete_beta(a, b, x) - p
        low, high = (x, high) if error < 0 else (low, x)
        density = _binomial_term(a, b, x) * a * b / ((a + b) * x * (1 - x))
        step = x - error / density if density > 0 else -1.0
        if not low < step < high and abs(step - x) > 1e-15 * x:  # the bracket may have closed on this very number
            step = (low + high) / 2
        if abs(step - x) <= 1e-15 * x:
            return step
        x = step
    return x


def _binomial_term(a: float, b: float, x: float) -> float:
    """Return Gamma(a+b+1) / (Gamma(a+1) Gamma(b+1)) x^a (1-x)^b without the cancellation that lgamma has at 10^8.

    Source: Loader, "Fast and accurate computation of binomial probabilities" (2000).
    """
    n = a + b
    correction = _stirling_error(n) - _stirling_error(a) - _stirling_error(b)
    deviance = _deviance(a, n * x) + _deviance(b, n * (1 - x))
    return math.exp(correction - deviance) * math.sqrt(n / (2 * math.pi * a * b))


def _stirling_error(z: float) -> float:
    if z <= 15:
        return math.lgamma(z + 1) - (z + 0.5) * math.log(z) + z - _LOG_SQRT_2PI
    square = z * z
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / z


def _deviance(x: float, mean: float) -> float:
    """Return x log(x / mean) + mean - x, by a series where the two terms nearly cancel."""
    if abs(x - mean) >= 0.1 * (x + mean):
        return x * math.log(x / mean) + mean - x
    v = (x - mean) / (x + mean)
    total, power = (x - mean) * v, 2 * x * v
    for j in range(1, 1000):
        power *= v * v
        following = total + power / (2 * j + 1)
        if following == total:
            break
        total = following
    return total
