"""Whether confidences mean what they say: expected calibration error, with an interval that holds at any sample size.

A low error can hide confident mistakes, so those are counted beside it, by the gate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from twokey.stats.intervals import CONFIDENCE, Interval
from twokey.stats.resampling import RESAMPLES, normals, percentiles

BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers of similar confidence: how many, how many right, and the sum of their confidences."""

    n: int
    right: int
    confidence: float


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Return the mean distance of accuracy from confidence over the bins, weighted by how many answers each holds.

    Source: Naeini, Cooper and Hauskrecht, AAAI (2015); 15 equal-width bins as in Guo et al., ICML (2017).
    Raises ValueError without answers.
    """
    total = sum(part.n for part in bins)
    if total == 0:
        raise ValueError("no answers")
    return sum(abs(part.right - part.confidence) for part in bins) / total


def calibration_interval(bins: Sequence[Bin], confidence: float = CONFIDENCE) -> Interval:
    """Return an interval for the true error of these bins, given the confidences. Wide, and valid at any sample size.

    One answer moves the estimate by at most 1/n, so it is within t of its mean (McDiarmid's inequality). Its mean is
    never below the truth (Jensen's inequality), and above it by at most the bins' own noise, the sum of
    n_b / n / (2 sqrt(n_b)).

    Source: McDiarmid, "On the method of bounded differences" (1989); the bias: Kumar, Liang and Ma, NeurIPS (2019).
    """
    error = expected_calibration_error(bins)
    total = sum(part.n for part in bins)
    distance = math.sqrt(math.log(2 / (1 - confidence)) / (2 * total))
    bias = sum(math.sqrt(part.n) for part in bins) / (2 * total)
    return Interval(max(0.0, error - distance - bias), min(1.0, error + distance))


def debiased_calibration_error(bins: Sequence[Bin]) -> float:
    """Return the calibration error less what noise within the bins adds to it, and at least 0. To show.

    Even a calibrated model is off in every bin by chance. What chance adds is reckoned by a normal approximation, each
    bin's accuracy being taken one right and one wrong answer nearer the middle, so that pure bins are not noiseless.

    Source: Kumar, Liang and Ma, NeurIPS (2019); see also Broecker, Climate Dynamics 39 (2012) 655-667.
    Raises ValueError without answers.
    """
    error, total = expected_calibration_error(bins), sum(part.n for part in bins)
    noisy = math.fsum(part.n * _mean_distance(*_bin_noise(part)) for part in bins if part.n) / total
    return max(0.0, 2 * error - noisy)


def calibration_bootstrap(bins: Sequence[Bin], confidence: float = CONFIDENCE, resamples: int = RESAMPLES) -> Interval:
    """Return the basic bootstrap interval for the calibration error of these bins. Shown, and decides nothing.

    Answers are redrawn within bins by the normal approximation, and the distances turned round the estimate, which
    takes the noise's bias out.

    Source: Davison and Hinkley, "Bootstrap Methods and their Application" (1997), section 5.2.
    Raises ValueError without answers.
    """
    error, total = expected_calibration_error(bins), sum(part.n for part in bins)
    parts = [(part.n / total, *_bin_noise(part)) for part in bins if part.n]
    redrawn = normals("calibration", len(parts))
    replicates = [
        math.fsum(weight * abs(gap + noise * z) for (weight, gap, noise), z in zip(parts, next(redrawn), strict=True))
        for _ in range(resamples)
    ]
    low, high = percentiles(replicates, confidence)
    return Interval(max(0.0, 2 * error - high), min(1.0, max(0.0, 2 * error - low)))


def _bin_noise(part: Bin) -> tuple[float, float]:
    """Return accuracy less confidence of a bin, and the accuracy's standard error."""
    share = (part.right + 1) / (part.n + 2)
    return (part.right - part.confidence) / part.n, math.sqrt(share * (1 - share) / part.n)


def _mean_distance(gap: float, noise: float) -> float:
    """Return the mean of |gap + noise * Z| for a standard normal Z (the folded normal distribution)."""
    ratio = gap / noise
    return noise * math.sqrt(2 / math.pi) * math.exp(-ratio * ratio / 2) + gap * math.erf(ratio / math.sqrt(2))
