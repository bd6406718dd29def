"""Whether confidences mean what they say: expected calibration error, with an interval that holds at any sample size.

A low error can hide confident mistakes, so those are counted beside it, by the gate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from twokey.stats.intervals import CONFIDENCE, Interval

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
