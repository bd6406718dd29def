"""How far a distribution has moved from a reference: sizes of effect first, p-values beside them.

An early warning that a person reads, never a verdict: with many records a p-value calls any change significant. It
takes counts, which merge in any order.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from twokey.stats.means import Histogram

_EXACT_CELLS = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KolmogorovSmirnov:
    """The largest distance of two cumulative distributions (0 to 1), its p-value, and `exact` or `asymptotic`."""

    distance: float
    p: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquare:
    """Cramer's V (0 to 1) of two counts by category, with the test behind it.

    The p-value is doubtful where `smallest_expected` is below 5. `new` are categories that the reference lacks.
    """

    cramers_v: float
    statistic: float
    freedom: int
    p: float
    smallest_expected: float
    new: tuple[str, ...]


def quantile_edges(reference: Histogram, bins: int = 10) -> tuple[int, ...]:
    """Return the inner edges of bins that hold about equally much of the reference; a bin ends with its edge.

    Raises ValueError for a reference without values.
    """
    values = sorted(value for value, count in reference.items() if count)
    if not values:
        raise ValueError("no values to bin by")
    cumulative = list(accumulate(reference[value] for value in values))
    edges = {values[bisect_left(cumulative, -(-cumulative[-1] * place // bins))] for place in range(1, bins)}
    return tuple(sorted(edges - {values[-1]}))


def binned(values: Histogram, edges: Sequence[int]) -> tuple[int, ...]:
    """Return how many values lie in each bin: up to the first edge, up to the second, and so on, and above the last."""
    counts = [0] * (len(edges) + 1)
    for value, count in values.items():
        counts[bisect_left(edges, value)] += count
    return tuple(counts)


def population_stability(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return the population stability index of counts by bin or category; by custom 0.1 is some, 0.25 much.

    Half a record is added to each bin, so that empty ones leave it finite.

    Source: Siddiqi, "Credit Risk Scorecards" (2006); as a symmetric divergence Jeffreys, Proceedings of the Royal
    Society A 186 (1946) 453-461.
    Raises ValueError unless both have the same bins and some records.
    """
    if len(reference) != len(current) or not (sum(reference) and sum(current)):
        raise ValueError("no records, or not the same bins")
    bins = len(reference)
    total = 0.0
    for before, after in zip(reference, current, strict=True):
        one, two = (before + 0.5) / (sum(reference) + bins / 2), (after + 0.5) / (sum(current) + bins / 2)
        total += (two - one) * math.log(two / one)
    return total


def kolmogorov_smirnov(reference: Histogram, current: Histogram) -> KolmogorovSmirnov:
    """Return the two-sample Kolmogorov-Smirnov distance and its p-value, which ties make cautious.

    Source: Hodges, Arkiv foer Matematik 3 (1958) 469-486 (exact, by counting paths); Smirnov, Annals of Mathematical
    Statistics 19 (1948) 279-281 (asymptotic).
    Raises ValueError where either has no values.
    """
    n, m = sum(reference.values()), sum(current.values())
    if not (n and m):
        raise ValueError("no values to compare")
    first = second = most = 0
    for value in sorted(reference.keys() | current.keys()):
        first, second = first + reference.get(value, 0), second + current.get(value, 0)
        most = max(most, abs(first * m - second * n))
    distance = most / (n * m)
    if n * m <= _EXACT_CELLS:
        return KolmogorovSmirnov(distance=distance, p=_paths(n, m, most), method="exact")
    return KolmogorovSmirnov(
        distance=distance, p=_kolmogorov(distance * math.sqrt(n * m / (n + m))), method="asymptotic"
    )


def _paths(n: int, m: int, most: int) -> float:
    """Return the share of orders of n and m values in which the distance reaches `most` (in units of 1 / (n m))."""
    if most == 0:
        return 1.0
    inside = [1.0 if j * n < most else 0.0 for j in range(m + 1)]
    for j in range(1, m + 1):
        inside[j] *= inside[j - 1]
    for i in range(1, n + 1):
        inside[0] = inside[0] if i * m < most else 0.0
        for j in range(1, m + 1):
            here = abs(i * m - j * n) < most
            inside[j] = (i * inside[j] + j * inside[j - 1]) / (i + j) if here else 0.0
    return min(1.0, max(0.0, 1 - inside[m]))


def _kolmogorov(z: float) -> float:
    """Return P(K > z) of Kolmogorov's distribution, by the series that converges faster."""
    if z < 0.04:
        return 1.0
    if z < 1:
        odd = (math.exp(-((2 * k - 1) ** 2) * math.pi**2 / (8 * z * z)) for k in range(1, 10))
        return 1 - math.sqrt(2 * math.pi) / z * math.fsum(odd)
    return 2 * math.fsum((-1) ** (k - 1) * math.exp(-2 * k * k * z * z) for k in range(1, 10))


def chi_square(reference: Mapping[str, int], current: Mapping[str, int]) -> ChiSquare:
    """Return Cramer's V and Pearson's test of whether two counts by category have the same shares.

    Source: Cramer, "Mathematical Methods of Statistics" (1946), section 21.9; Pearson, Philosophical Magazine 50 (1900)
    157-175.
    Raises ValueError where either has no records.
    """
    n, m = sum(reference.values()), sum(current.values())
    if not (n and m):
        raise ValueError("no records to compare")
    names = sorted(name for name in reference.keys() | current.keys() if reference.get(name, 0) + current.get(name, 0))
    terms, smallest = [], math.inf
    for name in names:
        before, after = reference.get(name, 0), current.get(name, 0)
        expected = (before + after) * n / (n + m), (before + after) * m / (n + m)
        smallest = min(smallest, *expected)
        terms += [(before - expected[0]) ** 2 / expected[0], (after - expected[1]) ** 2 / expected[1]]
    statistic, freedom = math.fsum(terms), len(names) - 1
    return ChiSquare(
        cramers_v=min(1.0, math.sqrt(statistic / (n + m))),
        statistic=statistic,
        freedom=freedom,
        p=chi_square_tail(statistic, freedom),
        smallest_expected=smallest,
        new=tuple(name for name in names if not reference.get(name, 0)),
    )


def chi_square_tail(x: float, freedom: int) -> float:
    """Return the probability that a chi-square number is above `x`. Source: DLMF 8.8.2, 8.4.6 and 8.4.8."""
    if freedom <= 0 or x <= 0:
        return 1.0
    half = x / 2
    order = 0.5 if freedom % 2 else 1.0
    terms = [math.erfc(math.sqrt(half)) if freedom % 2 else math.exp(-half)]
    while order < freedom / 2:
        terms.append(math.exp(order * math.log(half) - half - math.lgamma(order + 1)))
        order += 1
    return min(1.0, math.fsum(terms))


def jensen_shannon(reference: Mapping[str, int], current: Mapping[str, int]) -> float:
    """Return the Jensen-Shannon distance of two counts by category: 0 for the same shares, 1 for nothing in common.

    Source: Lin, IEEE Transactions on Information Theory 37 (1991) 145-151; its root is a distance: Endres and
    Schindelin, the same 49 (2003) 1858-1860. Logarithms to base 2.
    Raises ValueError where either has no records.
    """
    n, m = sum(reference.values()), sum(current.values())
    if not (n and m):
        raise ValueError("no records to compare")
    terms = []
    for name in sorted(reference.keys() | current.keys()):
        one, two = reference.get(name, 0) / n, current.get(name, 0) / m
        terms += [share * math.log2(2 * share / (one + two)) for share in (one, two) if share > 0]
    return math.sqrt(min(1.0, max(0.0, math.fsum(terms) / 2)))
