"""Intervals for a rate or mean where cases come in clusters, such as the turns of one conversation.

Each cluster is how many cases it has and the sum of their scores, each from 0 to 1. Clusters are taken as independent;
within one anything may hold.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from twokey.stats.intervals import CONFIDENCE, Interval, beta_quantile, clopper_pearson
from twokey.stats.means import Stake, bounded_mean
from twokey.stats.resampling import RESAMPLES, draws, percentiles

_MOST = 256
"""So many clusters of different size or sum are taken as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Cases that belong together: how many, and the sum of their scores from 0 to 1."""

    n: int
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDesign:
    """What clustering costs: `effect` is the factor on the variance, `size` how many independent cases it is worth."""

    mean: float
    n: int
    clusters: int
    effect: float
    size: float


def cluster_design(clusters: Sequence[Cluster]) -> ClusterDesign:
    """Return mean, design effect and effective sample size.

    The effect is at least 1. Where no spread is left (all 0, all 1, or a single cluster) nothing tells how alike the
    cases within a cluster are; they are then taken as wholly alike, as Kish's formula for unequal sizes has it.

    Source: Kish, "Survey Sampling" (1965); the variance of a ratio by Taylor's linearisation, as Korn and Graubard,
    Survey Methodology 24 (1998) 193-201.
    Raises ValueError without cases or for a sum that is not between 0 and the number of cases.
    """
    clusters = [cluster for cluster in clusters if cluster.n]
    if not clusters or any(not 0 <= cluster.total <= cluster.n for cluster in clusters):
        raise ValueError("no cases, or a cluster's sum is not between 0 and its number of cases")
    n, count = sum(cluster.n for cluster in clusters), len(clusters)
    mean = math.fsum(cluster.total for cluster in clusters) / n
    alike = n**2 / sum(cluster.n**2 for cluster in clusters)
    squares = math.fsum((cluster.total - mean * cluster.n) ** 2 for cluster in clusters)
    size = alike
    if count > 1 and squares > 1e-12:
        size = min(float(n), mean * (1 - mean) * n**2 * (count - 1) / (count * squares))
    return ClusterDesign(mean=mean, n=n, clusters=count, effect=n / size, size=size)


def clustered_interval(clusters: Sequence[Cluster], confidence: float = CONFIDENCE) -> Interval:
    """Return the interval for the mean over cases that holds whatever the dependence within clusters.

    Each cluster counts as one bounded observation, weighed by its size: few large clusters tell little.

    Source: `means.bounded_mean`, the sizes being taken as given.
    Raises ValueError as `cluster_design`.
    """
    cluster_design(clusters)
    return bounded_mean(_stakes(clusters), confidence)


def _stakes(clusters: Sequence[Cluster]) -> list[Stake]:
    """Return the clusters as stakes: equal ones as one, and many different ones shared out as in `means.stakes_of`."""
    seen = Counter((cluster.n, cluster.total) for cluster in clusters if cluster.n)
    sizes = {n for n, _ in seen}
    largest = max(sizes)
    if len(seen) <= _MOST:
        return [(float(count), total / largest, n / largest) for (n, total), count in sorted(seen.items())]
    cells = max(16, _MOST // len(sizes))
    shares: dict[tuple[int, int], float] = {}
    for (n, total), count in sorted(seen.items()):
        cell = min(cells - 1, int(total / n * cells))
        rest = min(1.0, max(0.0, total / n * cells - cell))
        for place, part in ((cell, 1 - rest), (cell + 1, rest)):
            shares[n, place] = shares.get((n, place), 0.0) + count * part
    return [(share, n * place / cells / largest, n / largest) for (n, place), share in sorted(shares.items()) if share]


def korn_graubard(clusters: Sequence[Cluster], confidence: float = CONFIDENCE) -> Interval:
    """Return Clopper-Pearson's interval at the effective sample size, corrected for few clusters. Approximate.

    Source: Korn and Graubard, Survey Methodology 24 (1998) 193-201.
    Raises ValueError as `cluster_design`.
    """
    design = cluster_design(clusters)
    if design.clusters == 1:
        return Interval(0.0, 1.0)
    tail = (1 - confidence) / 2
    fewer = t_quantile(1 - tail, max(1, design.n - 1)) / t_quantile(1 - tail, design.clusters - 1)
    size = min(design.size, design.size * fewer**2)
    return clopper_pearson(min(design.mean, 1.0) * size, size, confidence)


def t_quantile(p: float, freedom: float) -> float:
    """Return the quantile of Student's t for p of at least 1/2. Source: DLMF 8.17, t^2 = freedom * (1 - x) / x."""
    x = beta_quantile(2 * (1 - p), freedom / 2, 0.5) if p > 0.5 else 1.0
    return math.sqrt(freedom * (1 - x) / x)


def cluster_bootstrap(
    clusters: Sequence[Cluster], confidence: float = CONFIDENCE, resamples: int = RESAMPLES
) -> Interval:
    """Return the percentiles of the mean over resampled clusters. Shown, and decides nothing.

    Source: Davison and Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8.
    Raises ValueError as `cluster_design`.
    """
    cluster_design(clusters)
    kept = sorted((cluster.n, cluster.total) for cluster in clusters if cluster.n)
    picked = draws("clusters", len(kept), len(kept))
    means = []
    for _ in range(resamples):
        chosen = [kept[index] for index in next(picked)]
        means.append(math.fsum(total for _, total in chosen) / sum(n for n, _ in chosen))
    return percentiles(means, confidence)
