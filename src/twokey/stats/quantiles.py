"""Quantiles of a distribution that was counted value by value, with intervals that assume nothing of its form.

Tails that a sample is too small to bound from above stay open, and say so.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from twokey.stats.intervals import CONFIDENCE, Interval, binomial_cdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Values in ascending order, and for each how many are not above it."""

    values: tuple[float, ...]
    cumulative: tuple[int, ...]

    @classmethod
    def of(cls, counts: Mapping[float, int]) -> Self:
        """Build it from how often each value was seen."""
        ordered = sorted((value, count) for value, count in counts.items() if count)
        return cls(
            values=tuple(value for value, _ in ordered), cumulative=tuple(accumulate(count for _, count in ordered))
        )

    @property
    def n(self) -> int:
        """How many values there are."""
        return self.cumulative[-1] if self.cumulative else 0

    def at(self, rank: int) -> float:
        """Return the value at a rank from 1 to n. Raises IndexError outside of it."""
        if not 1 <= rank <= self.n:
            raise IndexError(rank)
        return self.values[bisect_left(self.cumulative, rank)]

    def quantile(self, q: float) -> float:
        """Return the smallest value that at least a share `q` does not exceed (Hyndman and Fan 1996, type 1)."""
        return self.at(max(1, math.ceil(q * self.n - 1e-9)))


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileInterval:
    """An interval for a quantile. With `closed` false the sample is too small to bound it from above.

    `high` is then only the largest value seen, and `confidence` is below what was asked for: what two tails as heavy as
    the upper one would leave.
    """

    interval: Interval
    closed: bool
    confidence: float


def quantile_interval(
    distribution: Distribution, q: float, confidence: float = CONFIDENCE, floor: float = 0.0
) -> QuantileInterval:
    """Return the order-statistic interval for the quantile `q` of values that are at least `floor`.

    Each tail has at most half of what the confidence leaves, by the exact binomial distribution of ranks.

    Source: Thompson, Annals of Mathematical Statistics 7 (1936) 122-128; David and Nagaraja, "Order Statistics" (2003),
    section 7.1.
    Raises ValueError without values.
    """
    n, tail = distribution.n, (1 - confidence) / 2
    if n == 0:
        raise ValueError("no values")
    below = _largest_rank(n, q, tail)
    above = n + 1 - _largest_rank(n, 1 - q, tail)
    low = distribution.at(below) if below else floor
    if above <= n:
        return QuantileInterval(interval=Interval(low, distribution.at(above)), closed=True, confidence=confidence)
    reached = max(0.0, 1 - 2 * q**n)
    return QuantileInterval(interval=Interval(low, distribution.at(n)), closed=False, confidence=reached)


def _largest_rank(n: int, q: float, tail: float) -> int:
    """Return the largest rank that the quantile falls short of with a probability of at most `tail`, or 0."""
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        if binomial_cdf(middle - 1, n, q) <= tail:
            low = middle
        else:
            high = middle - 1
    return low


def values_needed(q: float, confidence: float = CONFIDENCE) -> int:
    """Return how many values it takes until the quantile `q` can be bounded from above."""
    return math.ceil(math.log((1 - confidence) / 2) / math.log(q) - 1e-9)
