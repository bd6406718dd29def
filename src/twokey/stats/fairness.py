"""Whether groups of people are treated alike: gaps between their rates, with intervals that hold for all at once.

Which gap matters is policy: demographic parity, equal opportunity and equalised odds cannot in general hold together.
It says nothing of groups that the records do not name.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from twokey.stats.calibration import Bin, calibration_interval, expected_calibration_error
from twokey.stats.intervals import CONFIDENCE, Interval, clopper_pearson
from twokey.stats.rates import difference_interval, ratio_interval

Share = tuple[int, int]
"""How many of how many."""

_MOST_PAIRED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """How a group fared: right and wrong answers of the favourable and of the other kind."""

    tp: int = 0
    fp: int = 0
    tn: int = 0
    fn: int = 0

    @property
    def selected(self) -> Share:
        """Those given the favourable answer, of all."""
        return self.tp + self.fp, self.tp + self.fp + self.tn + self.fn

    @property
    def opportunity(self) -> Share:
        """Those given the favourable answer, of those who should have been (true positive rate)."""
        return self.tp, self.tp + self.fn

    @property
    def false_alarms(self) -> Share:
        """Those given the favourable answer, of those who should not have been (false positive rate)."""
        return self.fp, self.fp + self.tn

    @property
    def right(self) -> Share:
        """Right answers, of all (accuracy)."""
        return self.tp + self.tn, self.tp + self.fp + self.tn + self.fn


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The largest rate less the smallest, and the smallest over the largest, with intervals for all groups at once.

    Without two groups that have cases the intervals are open: 0 to 1. `ratio` is None where all rates are 0.
    """

    highest: str | None
    lowest: str | None
    difference: float
    difference_interval: Interval
    ratio: float | None
    ratio_interval: Interval
    empty: tuple[str, ...]


def gap(rates: Mapping[str, Share], confidence: float = CONFIDENCE) -> Gap:
    """Return how far apart groups' rates are; groups without cases are named and left out.

    Up to 8 groups are compared pair by pair, each pair at a level that holds for all (Bonferroni); more by one exact
    interval for each group.

    Source: `rates.difference_interval`, Clopper-Pearson; the measures as Hardt, Price and Srebro, NeurIPS (2016).
    Raises ValueError for counts that cannot be.
    """
    kept = {name: share for name, share in sorted(rates.items()) if share[1]}
    empty = tuple(sorted(rates.keys() - kept.keys()))
    if len(kept) < 2:
        whole = Interval(0.0, 1.0)
        return Gap(
            highest=None,
            lowest=None,
            difference=0.0,
            difference_interval=whole,
            ratio=None,
            ratio_interval=whole,
            empty=empty,
        )
    values = {name: k / n for name, (k, n) in kept.items()}
    highest, lowest = max(values, key=values.__getitem__), min(values, key=values.__getitem__)
    shares = list(kept.values())
    intervals = _pairwise(shares, confidence) if len(kept) <= _MOST_PAIRED else _boxed(shares, confidence)
    return Gap(
        highest=highest,
        lowest=lowest,
        difference=values[highest] - values[lowest],
        difference_interval=intervals[0],
        ratio=values[lowest] / values[highest] if values[highest] else None,
        ratio_interval=intervals[1],
        empty=empty,
    )


def _pairwise(shares: Sequence[Share], confidence: float) -> tuple[Interval, Interval]:
    pairs = list(combinations(shares, 2))
    level = 1 - (1 - confidence) / len(pairs)
    differences = [difference_interval(*one, *two, level) for one, two in pairs]
    ratios = [ratio_interval(*one, *two, level) for one, two in pairs]
    return (
        Interval(
            max(max(0.0, low, -high) for low, high in differences), max(max(-low, high) for low, high in differences)
        ),
        Interval(
            min(min(low, 1 / high if high else math.inf) for low, high in ratios),
            min(min(1.0, high, 1 / low if low else 1.0) for low, high in ratios),
        ),
    )


def _boxed(shares: Sequence[Share], confidence: float) -> tuple[Interval, Interval]:
    boxes = [clopper_pearson(k, n, 1 - (1 - confidence) / len(shares)) for k, n in shares]
    low, high = max(box.low for box in boxes), min(box.high for box in boxes)
    least, most = min(box.low for box in boxes), max(box.high for box in boxes)
    return Interval(max(0.0, low - high), most - least), Interval(least / most, min(1.0, high / low if low else 1.0))


def demographic_parity(groups: Mapping[str, Outcomes], confidence: float = CONFIDENCE) -> Gap:
    """Return the gap between the groups' shares of favourable answers. Source: Calders and Verwer, DMKD 21 (2010)."""
    return gap({name: group.selected for name, group in groups.items()}, confidence)


def equal_opportunity(groups: Mapping[str, Outcomes], confidence: float = CONFIDENCE) -> Gap:
    """Return the gap between the groups' true positive rates. Source: Hardt, Price and Srebro, NeurIPS (2016)."""
    return gap({name: group.opportunity for name, group in groups.items()}, confidence)


def equal_accuracy(groups: Mapping[str, Outcomes], confidence: float = CONFIDENCE) -> Gap:
    """Return the gap between the groups' accuracies. Source: Berk et al., Sociological Methods & Research 50 (2021)."""
    return gap({name: group.right for name, group in groups.items()}, confidence)


def equalised_odds(groups: Mapping[str, Outcomes], confidence: float = CONFIDENCE) -> Gap:
    """Return the worse of the gaps between true and between false positive rates, with intervals that hold for both.

    Source: Hardt, Price and Srebro, NeurIPS (2016); the worse of both as in Agarwal et al., ICML (2018).
    """
    half = 1 - (1 - confidence) / 2
    hits = equal_opportunity(groups, half)
    alarms = gap({name: group.false_alarms for name, group in groups.items()}, half)
    worse = hits if hits.difference >= alarms.difference else alarms
    both = [one for one in (hits, alarms) if one.highest is not None]
    ratios = [one.ratio for one in both if one.ratio is not None]
    return Gap(
        highest=worse.highest,
        lowest=worse.lowest,
        difference=worse.difference,
        difference_interval=Interval(
            max(one.difference_interval.low for one in (hits, alarms)),
            max(one.difference_interval.high for one in (hits, alarms)),
        ),
        ratio=min(ratios) if ratios else None,
        ratio_interval=Interval(
            min(one.ratio_interval.low for one in (hits, alarms)),
            min(one.ratio_interval.high for one in (hits, alarms)),
        ),
        empty=tuple(sorted({*hits.empty, *alarms.empty})),
    )


def calibration_within(
    groups: Mapping[str, Sequence[Bin]], confidence: float = CONFIDENCE
) -> dict[str, tuple[float, Interval]]:
    """Return each group's expected calibration error, with intervals that hold for all groups at once (Bonferroni).

    Source: Pleiss et al., NeurIPS (2017), for the measure; `calibration.calibration_interval`.
    Raises ValueError for a group without answers.
    """
    level = 1 - (1 - confidence) / max(1, len(groups))
    return {
        name: (expected_calibration_error(bins), calibration_interval(bins, level))
        for name, bins in sorted(groups.items())
    }
