"""Pairs of cases that differ only in what should not matter, such as a name: how often and how far the answer moves.

Who belongs to whom is decided before. A pair in which one half could not be scored is not a pair here.
"""

from dataclasses import dataclass

from twokey.stats.intervals import CONFIDENCE, Interval, clopper_pearson
from twokey.stats.means import Histogram, mean_of
from twokey.stats.paired_scores import paired_mean_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far scores move from one half of a pair to the other: on average (with its sign), and at most (without)."""

    pairs: int
    mean: float
    interval: Interval
    largest: float


def flip_rate(flips: int, pairs: int, confidence: float = CONFIDENCE) -> tuple[float, Interval]:
    """Return the share of pairs whose two answers differ, with its exact interval.

    Source: Clopper and Pearson, Biometrika 26 (1934) 404-413; the measure: Garg et al., AIES (2019).
    Raises ValueError without pairs.
    """
    if pairs <= 0:
        raise ValueError("no pairs")
    return flips / pairs, clopper_pearson(flips, pairs, confidence)


def score_shift(differences: Histogram, scale: int, confidence: float = CONFIDENCE) -> Shift:
    """Return how far scores move within pairs, from differences in whole units of 1/`scale`, each from -1 to 1.

    Source: the interval is `means.mean_interval`'s; the measure: Garg et al., AIES (2019).
    Raises ValueError without pairs.
    """
    return Shift(
        pairs=sum(differences.values()),
        mean=mean_of(differences, scale),
        interval=paired_mean_interval(differences, scale, confidence),
        largest=max(abs(value) for value, count in differences.items() if count) / scale,
    )
