"""How far apart the values of a group are: the widest gap between any two, its interval, and what could be seen at all.

An interval for the widest of several gaps has two unlike ends. If each gap is at most its own upper end, so is the
widest, and the largest of the upper ends bounds it without correction. The largest of the lower ends was chosen for
being large, so each is taken at a confidence that allows for all pairs (Bonferroni).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from twokey.gates.fairness_rates import Share, Shares
from twokey.gates.limits import estimated
from twokey.outcome import Estimate
from twokey.stats.intervals import CONFIDENCE, Interval, clopper_pearson
from twokey.stats.rates import difference_interval, ratio_interval

METHOD = "joint exact binomial"
CLOSELY = 40
_LIKELIEST = 5
# Two intervals this sure, end to end, always hold the joint one at 95%: it takes neither rate farther than that.
BOX = 0.985


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two values of a group in one of the rates that a measure looks at; `rate` is a label or the rate's name."""

    rate: str
    one: str
    other: str
    left: Share
    right: Share

    @property
    def known(self) -> bool:
        """Whether both have anything to compare."""
        return bool(self.left.n and self.right.n)

    @property
    def difference(self) -> float:
        """What is compared in the first, less that in the second."""
        return self.left.rate - self.right.rate - self.surer

    @property
    def surer(self) -> float:
        """How much more confident the first are: known, and not estimated."""
        return self.left.sure - self.right.sure


# A gap is a distance from 0 (alike) to 1: the difference without its sign, or what the ratio lacks to 1.


def _difference(pair: Pair) -> float:
    return abs(pair.difference)


def _difference_interval(pair: Pair, confidence: float) -> Interval:
    left, right = pair.left, pair.right
    low, high = difference_interval(left.k, left.n, right.k, right.n, confidence)
    return _unsigned(low - pair.surer, high - pair.surer)


def _difference_box(pair: Pair, left: Interval, right: Interval) -> Interval:
    return _unsigned(left.low - right.high - pair.surer, left.high - right.low - pair.surer)


def _unsigned(low: float, high: float) -> Interval:
    return Interval(max(0.0, low, -high), max(-low, high))


def _lacking(pair: Pair) -> float:
    low, high = sorted((pair.left.rate, pair.right.rate))
    return 1 - low / high if high else 0.0


def _lacking_interval(pair: Pair, confidence: float) -> Interval:
    low, high = ratio_interval(pair.left.k, pair.left.n, pair.right.k, pair.right.n, confidence)
    nearest = min(1.0, high, 1 / low if low > 0 else 1.0)
    return Interval(1 - nearest, 1 - min(1.0, low, 1 / high))


def _lacking_box(_pair: Pair, left: Interval, right: Interval) -> Interval:
    farthest = min(left.low / right.high, right.low / left.high)
    apart = max(left.low / right.high, right.low / left.high)
    return Interval(max(0.0, 1 - 1 / apart) if apart > 1 else 0.0, 1 - min(1.0, farthest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way to be apart: its value, its interval, and a wider one from the two rates' own, which is cheap."""

    value: Callable[[Pair], float]
    interval: Callable[[Pair, float], Interval]
    box: Callable[[Pair, Interval, Interval], Interval]


DIFFERENCE = Kind(value=_difference, interval=_difference_interval, box=_difference_box)
RATIO = Kind(value=_lacking, interval=_lacking_interval, box=_lacking_box)


@dataclass(frozen=True, slots=True, kw_only=True)
class Widest:
    """The widest gap: between whom, and its estimate."""

    pair: Pair
    estimate: Estimate


def pairs_of(families: Mapping[str, Shares]) -> tuple[Pair, ...]:
    """Return any two values in each of the rates."""
    return tuple(
        Pair(rate=rate, one=one, other=other, left=shares[one], right=shares[other])
        for rate, shares in families.items()
        for one, other in combinations(shares, 2)
    )


def widest(kind: Kind, pairs: Sequence[Pair], family: int, n: int) -> Widest | None:
    """Return the widest gap of some pairs, or None where no two values can be compared.

    A value that has nothing to compute a rate from could be anywhere, so that the gap may be as wide as 1. `family` is
    how many pairs the lower end allows for, and `n` how many records it all stands on. A ratio is returned as
    such, the least of all.
    """
    known = [pair for pair in pairs if pair.known]
    if not known:
        return None
    most = max(known, key=kind.value)
    value = kind.value(most)
    low = _lower(kind, known, 1 - (1 - CONFIDENCE) / family)
    high = _upper(kind, known) if len(known) == len(pairs) else 1.0
    interval = (min(low, value), max(high, value))
    if kind is RATIO:
        value, interval = 1 - value, (1 - interval[1], 1 - interval[0])
    return Widest(pair=most, estimate=estimated(value, interval, n, METHOD))


def _boxes(kind: Kind, pairs: Sequence[Pair]) -> list[tuple[Interval, Pair]]:
    shares = {share for pair in pairs for share in (pair.left, pair.right)}
    own = {share: clopper_pearson(share.k, share.n, BOX) for share in shares}
    return [(kind.box(pair, own[pair.left], own[pair.right]), pair) for pair in pairs]


def _upper(kind: Kind, pairs: Sequence[Pair]) -> float:
    """Return what bounds every gap. Pairs whose wider interval is within the bound already need no closer look."""
    bound = 0.0
    boxed = sorted(_boxes(kind, pairs), key=lambda found: -found[0].high)
    for looked, (box, pair) in enumerate(boxed):
        if box.high <= bound:
            break
        bound = max(bound, kind.interval(pair, CONFIDENCE).high if looked < CLOSELY else box.high)
    return bound


def _lower(kind: Kind, pairs: Sequence[Pair], confidence: float) -> float:
    """Return what the widest gap exceeds: asked are the pairs that are likeliest to give the most, at this level."""
    boxed = sorted(_boxes(kind, pairs), key=lambda found: (-found[0].low, -found[0].high))
    return max(kind.interval(pair, confidence).low for _, pair in boxed[:_LIKELIEST])
