"""Intervals for the mean of bounded scores that hold at any sample size, whatever the scores' distribution.

They come from histograms of whole units, which merge in any order. It does not ask where scores come from; rates that
are right or wrong case by case have a shorter interval, Clopper-Pearson's.
"""

import math
from collections.abc import Mapping, Sequence

from twokey.stats.intervals import CONFIDENCE, Interval

Histogram = Mapping[int, int]
"""How often each value was seen, in whole units of a score."""

Stake = tuple[float, float, float]
"""How many, their value, and what they weigh: a value between 0 and the weight, which is at most 1."""

CELLS = 256
_STEPS = 40


def mean_of(scores: Histogram, scale: int) -> float:
    """Return the mean of scores counted in units of 1/`scale`. Raises ValueError without scores."""
    total = sum(scores.values())
    if total <= 0:
        raise ValueError("no scores")
    return sum(value * count for value, count in scores.items()) / total / scale


def variance_of(scores: Histogram, scale: int) -> float:
    """Return the sample variance (by n - 1) of scores counted in units of 1/`scale`; 0 for fewer than two."""
    total, first = sum(scores.values()), sum(value * count for value, count in scores.items())
    if total < 2:
        return 0.0
    second = sum(value * value * count for value, count in scores.items())
    return (second * total - first * first) / (total * (total - 1)) / scale**2


def mean_interval(
    scores: Histogram, scale: int, confidence: float = CONFIDENCE, least: int = 0, most: int | None = None
) -> Interval:
    """Return the two-sided interval for the mean of scores counted in units of 1/`scale`.

    Valid for independent scores at any sample size. They go from `least` to `most` units, by default from 0 to 1;
    these bounds must be known beforehand, not read off the scores.

    Source: hedged betting, Waudby-Smith and Ramdas, Journal of the Royal Statistical Society B 86 (2024) 1-27, with a
    fixed mixture of stakes as in Orabona and Jun, IEEE Transactions on Information Theory 70 (2024) 436-455, so that
    the order of the scores plays no part.
    Raises ValueError for a score out of bounds or a confidence that is none.
    """
    most = scale if most is None else most
    if not 0 < confidence < 1 or most <= least:
        raise ValueError(f"no interval at confidence {confidence} for scores from {least} to {most}")
    if any(not least <= value <= most or count < 0 for value, count in scores.items()):
        raise ValueError(f"a score is not from {least} to {most} units of 1/{scale}")
    width = most - least
    low, high = bounded_mean(stakes_of(scores, least, most), confidence)
    return Interval((least + low * width) / scale, (least + high * width) / scale)


def bounded_mean(stakes: Sequence[Stake], confidence: float = CONFIDENCE) -> Interval:
    """Return the interval for p where independent values have a mean of p times their weight, each between 0 and it.

    With weights of 1 it is the interval of a mean; with clusters' sizes (over the largest) that of a ratio.

    Source: see `mean_interval`. Values need not be identically distributed: by the inequality of means the expected
    winnings stay at most 1 while the sum of values has the mean p times the sum of weights.
    """
    alpha = (1 - confidence) / 2
    mirrored = [(count, weight - value, weight) for count, value, weight in stakes]
    return Interval(_lower(stakes, alpha), 1 - _lower(mirrored, alpha))


def _lower(stakes: Sequence[Stake], alpha: float) -> float:
    """Return the lower bound: the largest p that is refuted."""
    size = math.fsum(count * weight for count, _, weight in stakes)
    total = math.fsum(count * value for count, value, _ in stakes)
    if total <= 0:
        return 0.0
    low, high = 0.0, min(1.0, total / size)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if middle <= 0 or refuted(stakes, middle, alpha) else (low, middle)
    return low


def refuted(stakes: Sequence[Stake], p: float, alpha: float) -> bool:
    """Return whether bettors against a mean of p or less have won 1/`alpha`, which is that rare where p is true.

    Each of them keeps a fixed share of the highest stake that p allows, the shares halving down to what a coefficient
    of variation of 4 asks for; the winnings are averaged. They fall as p rises, so one p divides.

    Source: see `mean_interval`; the chance is Markov's inequality.
    """
    goal = -math.log(alpha)
    steady = math.sqrt(2 * goal / math.fsum(count for count, _, _ in stakes))
    bettors = 1 + max(1, math.ceil(math.log2(4 / steady)))
    return _winnings(stakes, [0.5**number for number in range(bettors)], p) >= goal + math.log(bettors)


def _winnings(stakes: Sequence[Stake], shares: Sequence[float], p: float) -> float:
    """Return the logarithm of all bettors' winnings together."""
    logs = []
    for share in shares:
        gains = [(count, 1 + share * (value / p - weight)) for count, value, weight in stakes]
        logs.append(math.fsum(count * math.log(gain) for count, gain in gains) if _all_positive(gains) else -math.inf)
    most = max(logs)
    return most + math.log(math.fsum(math.exp(log - most) for log in logs)) if most > -math.inf else most


def _all_positive(gains: Sequence[tuple[float, float]]) -> bool:
    return all(gain > 0 for _, gain in gains)


def stakes_of(scores: Histogram, least: int, most: int, cells: int = CELLS) -> list[Stake]:
    """Return scores on a scale from 0 (`least`) to 1 (`most`), many distinct ones shared out among the edges of a grid.

    Sharing a score out between two edges keeps its mean and raises the spread, so that an interval only widens.
    """
    width = most - least
    if len(scores) <= cells:
        return [(float(count), (value - least) / width, 1.0) for value, count in sorted(scores.items()) if count]
    parts = [0] * (cells + 2)  # in units of 1/width of a score, so that sums are whole and exact
    for value, count in scores.items():
        cell, rest = divmod((value - least) * cells, width)
        parts[cell] += count * (width - rest)
        parts[cell + 1] += count * rest
    return [(part / width, cell / cells, 1.0) for cell, part in enumerate(parts) if part]
