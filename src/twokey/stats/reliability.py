"""Confidences against the truth in detail: bins, the reliability curve, the Brier score, and confident errors.

It works on how many answers there were at each confidence, counted in whole units of 1/`scale`, and how many were
right: counts that merge in any order. The one number for it all is in `calibration`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twokey.stats.calibration import BINS, Bin
from twokey.stats.intervals import CONFIDENCE, Interval, clopper_pearson

Levels = Mapping[int, tuple[int, int]]
"""For each confidence in whole units: how many answers had it, and how many of them were right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A bin of the reliability curve: mean confidence, and accuracy with its exact interval; `right` of `n` were."""

    n: int
    right: int
    confidence: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Brier:
    """The Brier score (0 is best) and what it is made of: score = reliability - resolution + uncertainty.

    `reliability` is what calibration would save, `resolution` what telling cases apart has saved (within bins too),
    `uncertainty` what knowing only the overall accuracy costs.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentErrors:
    """Answers at least as confident as a threshold: how many, how many wrong, and the exact interval of that share."""

    threshold: float
    n: int
    wrong: int
    interval: Interval


def equal_width_bins(levels: Levels, scale: int, count: int = BINS) -> tuple[Bin, ...]:
    """Return the answers in bins of equal width; empty ones are left out. Source: Guo et al., ICML (2017)."""
    return _binned(levels, scale, lambda level, _: _place(level, scale, count))


def bin_of(confidence: float, scale: int, count: int = BINS) -> int:
    """Return which of the bins of equal width a confidence lies in, counted from 0. The last one holds 1 as well."""
    return _place(int(confidence * scale + 0.5), scale, count)


def _place(level: int, scale: int, count: int) -> int:
    return min(level * count // scale, count - 1)


def equal_mass_bins(levels: Levels, scale: int, count: int = BINS) -> tuple[Bin, ...]:
    """Return the answers in bins of about equally many, ordered by confidence; answers alike in it stay together.

    Source: Roelofs et al., "Mitigating bias in calibration error estimation", AISTATS (2022).
    """
    total = sum(n for n, _ in levels.values())
    return _binned(levels, scale, lambda _, before: min(before * count // total, count - 1))


def _binned(levels: Levels, scale: int, place: Callable[[int, int], int]) -> tuple[Bin, ...]:
    """Return bins by a place that a level and how many answers lie below its middle lead to."""
    bins: dict[int, list[int]] = {}
    before = 0
    for level, (n, right) in sorted(levels.items()):
        if not (0 <= level <= scale and 0 <= right <= n):
            raise ValueError(f"{right} right of {n} at confidence {level}/{scale} cannot be")
        if n:
            part = bins.setdefault(place(level, before + n // 2), [0, 0, 0])
            part[0], part[1], part[2] = part[0] + n, part[1] + right, part[2] + n * level
        before += n
    return tuple(Bin(n=n, right=right, confidence=sum_ / scale) for _, (n, right, sum_) in sorted(bins.items()))


def reliability_curve(bins: Sequence[Bin], confidence: float = CONFIDENCE) -> tuple[Point, ...]:
    """Return the reliability curve, each point with Clopper-Pearson's interval at its own level.

    Source: Murphy and Winkler, Applied Statistics 26 (1977) 41-47.
    """
    return tuple(
        Point(
            n=part.n,
            right=part.right,
            confidence=part.confidence / part.n,
            accuracy=part.right / part.n,
            interval=clopper_pearson(part.right, part.n, confidence),
        )
        for part in bins
        if part.n
    )


def brier(levels: Levels, scale: int, count: int = BINS) -> Brier:
    """Return the Brier score of confidence against right or wrong, and its parts over equal-width bins.

    Source: Brier, Monthly Weather Review 78 (1950) 1-3; Murphy, Journal of Applied Meteorology 12 (1973) 595-600; the
    part within bins, counted to the resolution, Stephenson, Coelho and Jolliffe, Weather and Forecasting 23 (2008)
    752-757.
    Raises ValueError without answers.
    """
    bins = equal_width_bins(levels, scale, count)
    total = sum(part.n for part in bins)
    if not total:
        raise ValueError("no answers")
    squares = sum(
        n * level * level - right * (2 * level * scale - scale * scale) for level, (n, right) in levels.items()
    )
    score = squares / (total * scale * scale)
    rate = sum(part.right for part in bins) / total
    uncertainty = rate * (1 - rate)
    reliability = sum((part.confidence - part.right) ** 2 / part.n for part in bins) / total
    return Brier(
        score=score,
        reliability=reliability,
        resolution=reliability + uncertainty - score,
        uncertainty=uncertainty,
    )


def confident_errors(
    levels: Levels, scale: int, thresholds: Sequence[float], confidence: float = CONFIDENCE
) -> tuple[ConfidentErrors, ...]:
    """Return, for each threshold, how many answers at least as confident were wrong.

    Source: Clopper and Pearson, Biometrika 26 (1934) 404-413; the curve of risk over coverage: El-Yaniv and Wiener,
    Journal of Machine Learning Research 11 (2010) 1605-1641.
    """
    rows = []
    for threshold in thresholds:
        kept = [counts for level, counts in levels.items() if level / scale >= threshold]
        n = sum(n for n, _ in kept)
        wrong = n - sum(right for _, right in kept)
        interval = clopper_pearson(wrong, n, confidence)
        rows.append(ConfidentErrors(threshold=threshold, n=n, wrong=wrong, interval=interval))
    return tuple(rows)
