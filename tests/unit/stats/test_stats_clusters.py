import importlib
import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.clusters import (
    Cluster,
    cluster_bootstrap,
    cluster_design,
    clustered_interval,
    korn_graubard,
    t_quantile,
)
from twokey.stats.intervals import clopper_pearson
from twokey.stats.means import bounded_mean, mean_interval

scipy_stats: Any = importlib.import_module("scipy.stats")

CLUSTERS = st.lists(
    st.integers(1, 9).flatmap(lambda n: st.builds(Cluster, n=st.just(n), total=st.integers(0, n))),
    min_size=2,
    max_size=30,
)


def singles(right: int, n: int) -> list[Cluster]:
    return [Cluster(n=1, total=1.0)] * right + [Cluster(n=1, total=0.0)] * (n - right)


def test_clusters_of_one_cost_nothing() -> None:
    design = cluster_design(singles(30, 40))
    assert design.effect == pytest.approx(1, rel=0.03)
    assert clustered_interval(singles(30, 40)) == pytest.approx(mean_interval({0: 10, 1: 30}, 1))
    assert korn_graubard(singles(30, 40)) == pytest.approx(clopper_pearson(30, 40), abs=0.01)


def test_copies_count_once() -> None:
    copied = [Cluster(n=5, total=5.0 * part.total) for part in singles(30, 40)]
    design = cluster_design(copied)
    assert design.effect == pytest.approx(5, rel=0.03)
    assert design.n == 200
    assert clustered_interval(copied) == pytest.approx(clustered_interval(singles(30, 40)))
    low, high = korn_graubard(copied)
    plain = clopper_pearson(30, 40)
    assert low < plain.low + 0.005
    assert high > plain.high - 0.005


def test_the_design_effect_is_the_ratio_of_the_two_variances() -> None:
    clusters = [Cluster(n=4, total=4), Cluster(n=2, total=1), Cluster(n=6, total=1), Cluster(n=3, total=2)]
    mean = 8 / 15
    residuals = [part.total - mean * part.n for part in clusters]
    variance = 4 / 3 * sum(residual**2 for residual in residuals) / 15**2
    assert cluster_design(clusters).effect == pytest.approx(variance / (mean * (1 - mean) / 15))


@pytest.mark.parametrize("total", [0, 5])
def test_where_no_spread_is_left_cases_of_a_cluster_are_taken_as_alike(total: int) -> None:
    clusters = [Cluster(n=5, total=total)] * 30
    assert cluster_design(clusters).size == 30
    low, high = korn_graubard(clusters)
    assert high - low >= 1 - 0.025 ** (1 / 30)


def test_one_cluster_tells_nothing() -> None:
    assert korn_graubard([Cluster(n=50, total=25)]) == (0, 1)
    low, high = clustered_interval([Cluster(n=50, total=25)])
    assert high - low > 0.9


@given(clusters=CLUSTERS)
def test_every_interval_holds_the_mean_and_empty_clusters_change_nothing(clusters: list[Cluster]) -> None:
    mean = cluster_design(clusters).mean
    for interval in (clustered_interval, korn_graubard):
        low, high = interval(clusters)
        assert low - 1e-9 <= mean <= high + 1e-9
        assert interval([*clusters, Cluster(n=0, total=0)]) == (low, high)


@pytest.mark.parametrize("sizes", [(2, 2, 2, 2, 2), (1, 4, 1, 2)])
@pytest.mark.parametrize("p", [0.05, 0.3, 0.5])
def test_the_interval_covers_the_mean_even_of_copies(sizes: tuple[int, ...], p: float) -> None:
    covered = 0.0
    for answers in itertools.product((0, 1), repeat=len(sizes)):
        chance = math.prod(p if answer else 1 - p for answer in answers)
        clusters = [Cluster(n=n, total=n * answer) for n, answer in zip(sizes, answers, strict=True)]
        low, high = clustered_interval(clusters, 0.8)
        covered += chance * (low <= p <= high)
    assert covered >= 0.8


def test_the_bootstrap_redraws_whole_clusters_and_not_their_order() -> None:
    clusters = [Cluster(n=5, total=5)] * 30 + [Cluster(n=5, total=0)] * 10
    low, high = cluster_bootstrap(clusters)
    spread = 1.96 * math.sqrt(0.75 * 0.25 / 40)
    assert (low, high) == pytest.approx((0.75 - spread, 0.75 + spread), abs=0.04)
    assert cluster_bootstrap(clusters[::-1]) == (low, high)


@pytest.mark.parametrize("clusters", [[], [Cluster(n=0, total=0)], [Cluster(n=2, total=3)], [Cluster(n=2, total=-1)]])
def test_nothing_and_impossible_sums_are_refused(clusters: list[Cluster]) -> None:
    for interval in (clustered_interval, korn_graubard, cluster_bootstrap):
        with pytest.raises(ValueError, match="no cases"):
            interval(clusters)


@pytest.mark.parametrize("freedom", [1, 2, 7, 40, 5000])
@pytest.mark.parametrize("p", [0.5, 0.75, 0.975, 0.9995])
def test_students_quantile_agrees_with_scipy(p: float, freedom: int) -> None:
    assert t_quantile(p, freedom) == pytest.approx(scipy_stats.t.ppf(p, freedom), rel=1e-7, abs=1e-9)


def test_many_different_clusters_cost_width_and_never_give_any() -> None:
    """Beyond 256 different ones they are shared out over a grid, which may only widen the interval, and hardly does."""
    clusters = [Cluster(n=1 + i % 3, total=(1 + i % 3) * (i * 7919 % 1000) / 1000) for i in range(600)]
    exact = bounded_mean([(1.0, each.total / 3, each.n / 3) for each in clusters])
    low, high = clustered_interval(clusters)
    assert exact.low - 1e-3 < low <= exact.low + 1e-9
    assert exact.high - 1e-9 <= high < exact.high + 1e-3
