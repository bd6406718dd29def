"""How well a score ranks one kind of case above another: the area under the ROC curve, with an interval for clusters.

It says nothing of any threshold. Ties count half.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from twokey.stats.intervals import CONFIDENCE, Interval, normal_quantile


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the share of pairs of a true and a false case in which the true one has the higher score.

    Raises ValueError where there are no cases of one kind.
    """
    above, _ = _placements(scores, labels)
    return math.fsum(value for value in above if value is not None) / sum(labels)


def clustered_auroc(
    scores: Sequence[float], labels: Sequence[bool], groups: Sequence[str], confidence: float = CONFIDENCE
) -> tuple[float, Interval]:
    """Return the area and its interval, where cases of one group are not independent.

    The variance is that of the placement values summed by group; the interval is symmetric in log-odds, so that it
    stays between 0 and 1. Approximate: for showing.

    Source: Obuchowski, Biometrics 53 (1997) 567-578; with groups of one it is DeLong's.
    Raises ValueError where there are no cases of one kind.
    """
    area = auroc(scores, labels)
    above, below = _placements(scores, labels)
    sums: dict[str, list[float]] = {}
    for group, up, down in zip(groups, above, below, strict=True):
        each = sums.setdefault(group, [0.0, 0.0])
        if up is not None:
            each[0] += up - area
        if down is not None:
            each[1] += down - area
    true = sum(labels)
    spread = math.fsum((up / true + down / (len(labels) - true)) ** 2 for up, down in sums.values())
    error = math.sqrt(spread * len(sums) / max(1, len(sums) - 1))
    return area, _interval(area, error, confidence)


def _interval(area: float, error: float, confidence: float) -> Interval:
    if not 0 < area < 1:
        return Interval(0.0, 1.0) if error else Interval(area, area)
    reach = normal_quantile((1 + confidence) / 2) * error / (area * (1 - area))
    middle = math.log(area / (1 - area))
    return Interval(*(1 / (1 + math.exp(-(middle + step))) for step in (-reach, reach)))


def _placements(scores: Sequence[float], labels: Sequence[bool]) -> tuple[list[float | None], list[float | None]]:
    """Return for each true case the share of false ones below it, and for each false case that of true ones above."""
    true = sorted(score for score, label in zip(scores, labels, strict=True) if label)
    false = sorted(score for score, label in zip(scores, labels, strict=True) if not label)
    if not true or not false:
        raise ValueError("there are no cases of one kind, so nothing can be ranked above it")
    above: list[float | None] = []
    below: list[float | None] = []
    for score, label in zip(scores, labels, strict=True):
        others = false if label else true
        low, high = bisect_left(others, score), bisect_right(others, score)
        under = (low + high) / 2 / len(others)
        above.append(under if label else None)
        below.append(None if label else 1 - under)
    return above, below
