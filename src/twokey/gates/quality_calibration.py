"""Whether confidences mean what they say: the expected calibration error, and what a low one can hide."""

from collections.abc import Mapping
from typing import Any

from twokey.canonical import quantise
from twokey.gates.limits import estimated
from twokey.gates.quality_tally import Answers
from twokey.outcome import Estimate
from twokey.scorers.base import SCALE
from twokey.stats.calibration import (
    BINS,
    calibration_bootstrap,
    calibration_interval,
    debiased_calibration_error,
    expected_calibration_error,
)
from twokey.stats.intervals import Interval, outward
from twokey.stats.reliability import (
    ConfidentErrors,
    Levels,
    Point,
    bin_of,
    confident_errors,
    equal_mass_bins,
    equal_width_bins,
    reliability_curve,
)

THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def with_confidence(answers: Answers) -> int:
    """Return how many answers have both an expected label and a confidence."""
    return sum(answers.sure.values())


def calibration(answers: Answers, confidence: float) -> Estimate | None:
    """Return the expected calibration error with an interval that holds at any sample size."""
    n = with_confidence(answers)
    if n == 0:
        return None
    bins = equal_width_bins(_levels(answers), SCALE)
    interval = calibration_interval(bins, confidence)
    return estimated(expected_calibration_error(bins), interval, n, "McDiarmid", confidence)


def calibration_facts(answers: Answers) -> Mapping[str, Any]:
    """Return the reliability curve, the error less its bias, and how many errors stand at each confidence or above."""
    levels = _levels(answers)
    even = equal_mass_bins(levels, SCALE)
    return {
        "bins": [_point(point) for point in reliability_curve(equal_width_bins(levels, SCALE))],
        "debiased": {
            "value": quantise(debiased_calibration_error(even)),
            **_interval(calibration_bootstrap(even)),
            "method": "15 bins of equally many; bootstrap interval, which decides nothing",
        },
        "errors_at_or_above": [_errors(row) for row in confident_errors(levels, SCALE, THRESHOLDS)],
    }


def _levels(answers: Answers) -> Levels:
    found: dict[int, tuple[int, int]] = {}
    for (level, right), seen in sorted(answers.sure.items()):
        n, so_far = found.get(level, (0, 0))
        found[level] = (n + seen, so_far + seen * right)
    return found


def _interval(interval: Interval) -> dict[str, float]:
    low, high = outward(*interval)
    return {"low": low, "high": high}


def _point(point: Point) -> dict[str, Any]:
    """Return a point of the curve with the edges of its bin: from and including the lower one."""
    place = bin_of(point.confidence, SCALE)
    return {
        "from": quantise(place / BINS),
        "to": quantise((place + 1) / BINS),
        "n": point.n,
        "right": point.right,
        "accuracy": quantise(point.accuracy),
        **_interval(point.interval),
        "confidence": quantise(point.confidence),
    }


def _errors(row: ConfidentErrors) -> dict[str, Any]:
    share = quantise(row.wrong / row.n) if row.n else None
    return {
        "confidence": row.threshold,
        "answers": row.n,
        "errors": row.wrong,
        "share": share,
        **_interval(row.interval),
    }
