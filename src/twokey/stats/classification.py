"""Precision, recall and F1 from confusion counts, per label and averaged, each with an interval.

Undefined ratios are 0, as in scikit-learn. An answer without a label (None) is a miss of the expected label and a false
alarm of none.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from twokey.stats.intervals import CONFIDENCE, Interval, clopper_pearson

Confusion = Mapping[tuple[str, str | None], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCounts:
    """How one label fared: `hits` of `expected` that should and of `predicted` that did carry it."""

    hits: int
    expected: int
    predicted: int

    @property
    def precision(self) -> float:
        """Hits among the predicted; 0 where it was never predicted."""
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Hits among the expected; 0 where it was never expected."""
        return self.hits / self.expected if self.expected else 0.0

    @property
    def union(self) -> int:
        """How many answers should or did carry the label."""
        return self.expected + self.predicted - self.hits

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where both are undefined."""
        return 2 * self.hits / (self.expected + self.predicted) if self.expected + self.predicted else 0.0

    def f1_interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Return the exact interval, given how many answers should or did carry it.

        F1 = 2J / (1 + J) rises with the Jaccard index J, which is a proportion.
        """
        low, high = clopper_pearson(self.hits, self.union, confidence)
        return Interval(2 * low / (1 + low), 2 * high / (1 + high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Confusion counts, read label by label, in the labels' order."""

    confusion: Confusion
    labels: Mapping[str, LabelCounts]
    n: int

    @classmethod
    def of(cls, confusion: Confusion) -> Self:
        """Build it from how often each (expected, predicted) was seen."""
        hits: Counter[str] = Counter()
        expected: Counter[str] = Counter()
        predicted: Counter[str] = Counter()
        for (right, given), count in confusion.items():
            expected[right] += count
            if given is not None:
                predicted[given] += count
            if right == given:
                hits[right] += count
        labels = {
            label: LabelCounts(hits=hits[label], expected=expected[label], predicted=predicted[label])
            for label in sorted(expected.keys() | predicted.keys())
        }
        return cls(confusion=dict(sorted(confusion.items(), key=_order)), labels=labels, n=sum(confusion.values()))

    def macro(self, measure: str, confidence: float = CONFIDENCE) -> tuple[float, Interval]:
        """Return the plain mean over labels of `precision`, `recall` or `f1`, and its interval.

        The interval is Clopper-Pearson's at an effective sample size: the smaller of the one that the delta method's
        variance implies and the one that the labels' sizes imply, so that a perfect score is not taken for certain.
        Given the set of labels; labels whose ratio is undefined are 0 and add no width.

        Source: variance as Takahashi et al., Applied Intelligence 52 (2022) 4961-4972; interval Korn and Graubard,
        Survey Methodology 24 (1998) 193-201; sample size from weights Kish, "Survey Sampling" (1965).
        Raises ValueError without labels.
        """
        if not self.labels:
            raise ValueError("no labels")
        base = {label: _MEASURES[measure].base(counts) for label, counts in self.labels.items()}
        defined = [label for label, size in base.items() if size]
        total = math.fsum(getattr(self.labels[label], measure) for label in defined)
        value = total / len(defined) if defined else 0.0
        share = len(defined) / len(self.labels)
        if not defined:
            return 0.0, Interval(0.0, 1.0)
        kish = len(defined) ** 2 / math.fsum(1 / base[label] for label in defined)
        variance = self._variance(_MEASURES[measure], len(defined))
        size = min(kish, value * (1 - value) / variance) if variance > 1e-15 else kish
        low, high = clopper_pearson(min(value, 1.0) * size, size, confidence)
        return value * share, Interval(low * share, high * share)

    def _variance(self, measure: "_Measure", labels: int) -> float:
        """Return the delta method's variance of the mean over labels, counts being multinomial."""
        slopes: list[tuple[int, float]] = []
        for (right, given), count in self.confusion.items():
            slope = measure.slope(self.labels[right], self.labels[given] if given is not None else None, right == given)
            slopes.append((count, slope / labels))
        mean = math.fsum(count * slope for count, slope in slopes)
        return max(0.0, math.fsum(count * slope * slope for count, slope in slopes) - mean * mean / self.n)

    def micro(self) -> LabelCounts:
        """Return all labels taken together: hits, answers that expected a label, and answers that gave one."""
        parts = self.labels.values()
        return LabelCounts(
            hits=sum(part.hits for part in parts),
            expected=sum(part.expected for part in parts),
            predicted=sum(part.predicted for part in parts),
        )


def _order(item: tuple[tuple[str, str | None], int]) -> tuple[str, bool, str]:
    (right, given), _ = item
    return right, given is not None, given or ""


@dataclass(frozen=True, slots=True)
class _Measure:
    """`base` counts the answers a ratio stands on; `slope` is what one more answer adds to the sum over labels."""

    base: Callable[[LabelCounts], int]
    slope: Callable[[LabelCounts, LabelCounts | None, bool], float]


def _f1_slope(right: LabelCounts, given: LabelCounts | None, hit: bool) -> float:
    parts: Iterable[LabelCounts] = (part for part in (right, given) if part is not None)
    slope = sum(-part.f1 / (part.expected + part.predicted) for part in parts)
    return slope + 2 / (right.expected + right.predicted) if hit else slope


def _recall_slope(right: LabelCounts, _given: LabelCounts | None, hit: bool) -> float:
    return (hit - right.recall) / right.expected


def _precision_slope(_right: LabelCounts, given: LabelCounts | None, hit: bool) -> float:
    return (hit - given.precision) / given.predicted if given is not None else 0.0


_MEASURES: Mapping[str, _Measure] = {
    "precision": _Measure(lambda counts: counts.predicted, _precision_slope),
    "recall": _Measure(lambda counts: counts.expected, _recall_slope),
    "f1": _Measure(lambda counts: counts.union, _f1_slope),
}
