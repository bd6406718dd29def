"""Two recordings set side by side: how far apart they are, and how often chance alone would do that.

It compares counts and judges nothing. Bins and the pooling of rare categories follow from both recordings taken
together, so that the tests hold whichever of the two is the odd one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twokey.gates.drift_tally import Bins
from twokey.stats.drift import chi_square, chi_square_tail, kolmogorov_smirnov, population_stability

PARTS = 10
LEAST_EXPECTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A range of bins from `first` on, or categories by `names`, with the counts of candidate and baseline."""

    now: int
    before: int
    first: int = 0
    names: tuple[str, ...] = ()
    rare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far apart two recordings are by one measure of effect, and the chance of that much without drift.

    `at_limit` is that chance for an effect that just reaches the limit: where it is large, so few records show nothing.
    """

    effect: str
    value: float
    limit: float
    p: float
    at_limit: float

    @property
    def over(self) -> bool:
        """Whether it is over the limit."""
        return self.value > self.limit


def parts_of_bins(now: Bins, before: Bins) -> list[Part]:
    """Return about ten ranges of bins, equally filled by both recordings together.

    A single bin that is fuller than that keeps a range of its own. Each range is expected to hold at least five records
    of the smaller recording; with few records there are fewer ranges.
    """
    n, m = sum(now.values()), sum(before.values())
    if not n or not m:
        return []
    least = LEAST_EXPECTED * (n + m) / min(n, m)
    full = max((n + m) / PARTS, least)
    found: list[list[int]] = [[]]
    held = 0
    for place in sorted({*now, *before}):
        seen = now.get(place, 0) + before.get(place, 0)
        if held >= full or (held >= least and seen >= full):
            found.append([])
            held = 0
        found[-1].append(place)
        held += seen
    if held < least and len(found) > 1:
        found[-2:] = [found[-2] + found[-1]]
    return [
        Part(now=sum(now.get(at, 0) for at in places), before=sum(before.get(at, 0) for at in places), first=places[0])
        for places in found
    ]


def parts_of_categories(now: Mapping[str, int], before: Mapping[str, int]) -> list[Part]:
    """Return the categories that are expected to hold five records in both recordings, and all others as one."""
    n, m = sum(now.values()), sum(before.values())
    if not n or not m:
        return []
    least = LEAST_EXPECTED * (n + m) / min(n, m)
    names = sorted({*now, *before})
    common = [name for name in names if now.get(name, 0) + before.get(name, 0) >= least]
    parts = [Part(now=now.get(name, 0), before=before.get(name, 0), names=(name,)) for name in common]
    if len(common) < len(names):
        rare = tuple(sorted({*names} - {*common}))
        left, right = sum(part.now for part in parts), sum(part.before for part in parts)
        parts.append(Part(now=n - left, before=m - right, names=rare, rare=True))
    return parts


def distances(parts: Sequence[Part], max_psi: float | None, max_v: float | None) -> list[Distance]:
    """Return the distances over parts that policy limits: PSI, and Cramer's V, both with the chi-square test's p."""
    now, before = (
        {str(at): part.now for at, part in enumerate(parts)},
        {str(at): part.before for at, part in enumerate(parts)},
    )
    n, m, freedom = sum(now.values()), sum(before.values()), max(1, len(parts) - 1)
    test = chi_square(before, now)
    found = []
    if max_psi is not None:
        # Without drift PSI is distributed as chi-square over the harmonic sum (Yurdakul 2018, section 3).
        stability = population_stability([*before.values()], [*now.values()])
        chance = chi_square_tail(max_psi / (1 / n + 1 / m), freedom)
        found.append(Distance(effect="PSI", value=stability, limit=max_psi, p=test.p, at_limit=chance))
    if max_v is not None:
        chance = chi_square_tail(max_v**2 * (n + m), freedom)
        found.append(Distance(effect="Cramer's V", value=test.cramers_v, limit=max_v, p=test.p, at_limit=chance))
    return found


def gap(now: Bins, before: Bins, limit: float) -> Distance:
    """Return the largest gap between the two distribution functions, with the Kolmogorov-Smirnov test's p."""
    n, m, found = sum(now.values()), sum(before.values()), kolmogorov_smirnov(before, now)
    chance = min(1.0, 2 * math.exp(-2 * limit**2 * n * m / (n + m)))  # the series' first term is above its sum
    return Distance(effect="D", value=found.distance, limit=limit, p=found.p, at_limit=chance)
