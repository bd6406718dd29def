import importlib
import itertools
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from twokey.stats.drift import (
    _kolmogorov,
    binned,
    chi_square,
    chi_square_tail,
    jensen_shannon,
    kolmogorov_smirnov,
    population_stability,
    quantile_edges,
)

scipy_stats: Any = importlib.import_module("scipy.stats")
distance: Any = importlib.import_module("scipy.spatial.distance")

VALUES = st.lists(st.integers(0, 50), min_size=1, max_size=40)
CATEGORIES = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 80), min_size=2)


@settings(max_examples=40, deadline=None)
@given(one=VALUES, two=VALUES)
def test_kolmogorov_and_smirnov_agree_with_scipy(one: list[int], two: list[int]) -> None:
    found = kolmogorov_smirnov(Counter(one), Counter(two))
    assert found.method == "exact"
    try:
        theirs = scipy_stats.ks_2samp(one, two, method="exact")
    except RuntimeWarning:  # its own count gives up on some
        reject()
    assert found.distance == pytest.approx(theirs.statistic)
    assert found.p == pytest.approx(theirs.pvalue, abs=1e-9)


def test_two_small_samples_are_counted_out() -> None:
    reached = 0
    for places in itertools.combinations(range(7), 3):
        path = [place in places for place in range(7)]
        gaps = [abs(sum(path[:end]) / 3 - (end - sum(path[:end])) / 4) for end in range(8)]
        reached += max(gaps) >= 0.75 - 1e-9
    found = kolmogorov_smirnov({1: 3, 9: 0}, {1: 1, 5: 3})
    assert found.distance == 0.75
    assert found.p == pytest.approx(reached / math.comb(7, 3))


@pytest.mark.parametrize("z", [0.01, 0.2, 0.5, 0.999, 1.0, 1.36, 2.5])
def test_the_limit_agrees_with_scipy(z: float) -> None:
    assert _kolmogorov(z) == pytest.approx(scipy_stats.kstwobign.sf(z), rel=1e-9)


def test_large_samples_take_the_limit() -> None:
    one, two = {1: 500, 2: 500}, {1: 600, 2: 400}
    found = kolmogorov_smirnov(one, two)
    assert found.method == "asymptotic"
    assert found.distance == pytest.approx(0.1)
    assert found.p == pytest.approx(scipy_stats.kstwobign.sf(0.1 * math.sqrt(500)))


@pytest.mark.parametrize("freedom", [1, 2, 3, 10, 75, 400])
@pytest.mark.parametrize("x", [0.01, 1.0, 7.5, 80.0, 600.0])
def test_the_chi_square_tail_agrees_with_scipy(x: float, freedom: int) -> None:
    assert chi_square_tail(x, freedom) == pytest.approx(scipy_stats.chi2.sf(x, freedom), rel=1e-9, abs=1e-300)


@given(one=CATEGORIES, two=CATEGORIES)
def test_chi_square_and_cramers_v_agree_with_scipy(one: dict[str, int], two: dict[str, int]) -> None:
    names = sorted(one.keys() | two.keys())
    table = [[counts.get(name, 0) for name in names] for counts in (one, two)]
    theirs = scipy_stats.chi2_contingency(table, correction=False)
    found = chi_square(one, two)
    assert found.statistic == pytest.approx(theirs.statistic, abs=1e-9)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-8)
    assert found.freedom == theirs.dof
    assert found.smallest_expected == pytest.approx(theirs.expected_freq.min())
    v = importlib.import_module("scipy.stats.contingency").association(table, method="cramer")
    assert found.cramers_v == pytest.approx(v, abs=1e-9)


def test_categories_that_the_reference_lacks_are_named() -> None:
    assert chi_square({"a": 5, "b": 0}, {"b": 2, "c": 1, "d": 0}).new == ("b", "c")
    alone = chi_square({"a": 5}, {"a": 9})
    assert (alone.p, alone.cramers_v, alone.freedom) == (1, 0, 0)


@given(one=CATEGORIES, two=CATEGORIES)
def test_the_jensen_shannon_distance_agrees_with_scipy(one: dict[str, int], two: dict[str, int]) -> None:
    names = sorted(one.keys() | two.keys())
    theirs = distance.jensenshannon(*[[counts.get(name, 0) for name in names] for counts in (one, two)], base=2)
    assert jensen_shannon(one, two) == pytest.approx(float(theirs), abs=1e-6)


def test_nothing_in_common_is_as_far_as_it_goes() -> None:
    assert jensen_shannon({"a": 5}, {"b": 2}) == 1
    assert jensen_shannon({"a": 5}, {"a": 2}) == 0


def test_edges_split_the_reference_into_equal_parts() -> None:
    edges = quantile_edges(dict.fromkeys(range(1, 101), 1))
    assert edges == (10, 20, 30, 40, 50, 60, 70, 80, 90)
    assert binned(dict.fromkeys(range(1, 101), 1), edges) == (10,) * 10
    assert binned({0: 3, 10: 1, 11: 4, 500: 2}, edges) == (4, 4, 0, 0, 0, 0, 0, 0, 0, 2)


def test_a_value_that_fills_several_parts_makes_one_bin() -> None:
    edges = quantile_edges({0: 70, 1: 10, 2: 20})
    assert edges == (0, 1)
    assert binned({0: 70, 1: 10, 2: 20}, edges) == (70, 10, 20)
    assert quantile_edges({4: 9}) == ()


def test_the_stability_index_is_the_symmetric_divergence() -> None:
    assert population_stability([100, 100], [100, 100]) == 0
    large = population_stability([50_000, 50_000], [80_000, 20_000])
    assert large == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4), rel=1e-4)
    assert math.isfinite(population_stability([10, 0], [0, 10]))
    assert population_stability([10, 3], [4, 9]) == pytest.approx(population_stability([4, 9], [10, 3]))


def test_no_records_and_other_bins_are_refused() -> None:
    with pytest.raises(ValueError, match="no records"):
        population_stability([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="no records"):
        population_stability([0, 0], [1, 2])
    with pytest.raises(ValueError, match="no records"):
        chi_square({}, {"a": 1})
    with pytest.raises(ValueError, match="no records"):
        jensen_shannon({"a": 1}, {})
    with pytest.raises(ValueError, match="no values"):
        kolmogorov_smirnov({}, {1: 1})
    with pytest.raises(ValueError, match="no values"):
        quantile_edges({})
