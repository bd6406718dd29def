"""The bootstrap, with draws that are the same on every machine: intervals to show, never to decide.

The generator is SHAKE-128 over a name, a standard that every Python has built in, so that evidence that shows such an
interval has the same bytes everywhere. Nothing here is secret or meant to be unpredictable. A percentile bootstrap of
a rare event can cover 2% where it says 95%: docs/statistics.md has the table.
"""

import math
import struct
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache

from twokey.stats.intervals import CONFIDENCE, Interval, normal_quantile
from twokey.stats.means import Histogram, mean_of, variance_of

RESAMPLES = 1000
MOST_DRAWN = 5000
_BLOCK = 1 << 16


def words(name: str) -> Iterator[Sequence[int]]:
    """Yield blocks of 65,536 numbers of 32 bits, the same for the same name.

    Source: SHAKE-128, FIPS 202 (2015), over the name and the block's number.
    """
    import hashlib  # only what is shown needs it

    number = 0
    while True:
        digest = hashlib.shake_128(f"twokey {name} {number}".encode()).digest(4 * _BLOCK)
        yield struct.unpack(f"<{_BLOCK}I", digest)
        number += 1


def draws(name: str, below: int, size: int) -> Iterator[list[int]]:
    """Yield lists of `size` indices from 0 to `below` - 1, without end."""
    waiting: list[int] = []
    for block in words(name):
        waiting += [word * below >> 32 for word in block]
        start = 0
        while start + size <= len(waiting):
            yield waiting[start : start + size]
            start += size
        del waiting[:start]


def normals(name: str, size: int) -> Iterator[list[float]]:
    """Yield lists of `size` standard normal numbers, without end."""
    for picked in draws(name, 1 << 32, size):
        yield [normal_quantile((index + 0.5) / (1 << 32)) for index in picked]


def bootstrap_mean(
    scores: Histogram, scale: int, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, name: str = "mean"
) -> Interval:
    """Return the bootstrap interval (BCa) for the mean of scores in units of 1/`scale`. Shown, and decides nothing.

    Above 5,000 scores it is what the bootstrap tends to: normal limits with Johnson's correction for skewness.

    Source: Efron, Journal of the American Statistical Association 82 (1987) 171-185; Johnson, the same 73 (1978)
    536-544.
    Raises ValueError without scores.
    """
    mean, n = mean_of(scores, scale), sum(scores.values())
    spread = math.sqrt(variance_of(scores, scale))
    if spread == 0:
        return Interval(mean, mean)
    third = math.fsum(count * (value / scale - mean) ** 3 for value, count in scores.items()) / n
    skewness = third / spread**3
    if n > MOST_DRAWN:
        return _limit(mean, spread, skewness, n, confidence)
    values = [value for value, count in sorted(scores.items()) for _ in range(count)]
    sums = resampled_sums(values, resamples, name)
    return bca([total / n / scale for total in sums], mean, skewness / (6 * math.sqrt(n)), confidence)


def resampled_sums(values: Sequence[int], resamples: int = RESAMPLES, name: str = "mean") -> list[int]:
    """Return the sums of as many resamples, drawn with replacement."""
    pick = values.__getitem__
    return [sum(map(pick, picked)) for picked in _drawn(name, len(values), resamples)]


@lru_cache(maxsize=1)
def _drawn(name: str, size: int, resamples: int) -> "tuple[array[int], ...]":
    """Return what resamples of so many values are made of: all metrics of the same pairs take the same."""
    picked = draws(name, size, size)
    return tuple(array("I", next(picked)) for _ in range(resamples))


def bca(replicates: Sequence[float], value: float, acceleration: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the bias-corrected and accelerated percentiles of bootstrap replicates of an estimate.

    Source: Efron, Journal of the American Statistical Association 82 (1987) 171-185, equation 2.2.
    """
    ordered = sorted(replicates)
    below = sum(replicate < value for replicate in ordered) + sum(replicate == value for replicate in ordered) / 2
    share = min(max(below / len(ordered), 0.5 / len(ordered)), 1 - 0.5 / len(ordered))
    bias, z = normal_quantile(share), normal_quantile((1 + confidence) / 2)
    ends = (_accelerated(bias, bias - z, acceleration), _accelerated(bias, bias + z, acceleration))
    low, high = (ordered[min(len(ordered) - 1, int(end * len(ordered)))] for end in ends)
    return Interval(low, high)


def percentiles(replicates: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Return the plain percentiles of bootstrap replicates. Source: Efron, Annals of Statistics 7 (1979) 1-26."""
    ordered, tail = sorted(replicates), (1 - confidence) / 2
    last = len(ordered) - 1
    return Interval(ordered[math.floor(tail * last + 1e-9)], ordered[math.ceil((1 - tail) * last - 1e-9)])


def _accelerated(bias: float, z: float, acceleration: float) -> float:
    return normal_tail(-(bias + z / (1 - acceleration * z)))


def normal_tail(z: float) -> float:
    """Return the probability that a standard normal number is above `z`."""
    return math.erfc(z / math.sqrt(2)) / 2


def _limit(mean: float, spread: float, skewness: float, n: int, confidence: float) -> Interval:
    z, error = normal_quantile((1 + confidence) / 2), spread / math.sqrt(n)
    shift = skewness * (1 + 2 * z * z) / (6 * math.sqrt(n))
    return Interval(mean + error * (shift - z), mean + error * (shift + z))
