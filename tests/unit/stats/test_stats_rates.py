import importlib
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.stats.intervals import clopper_pearson
from twokey.stats.rates import _radius, difference_interval, koopman_ratio, newcombe_difference, ratio_interval

scipy_stats: Any = importlib.import_module("scipy.stats")

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("alpha", [0.025, 0.05, 0.001])
def test_the_radius_leaves_alpha_outside_of_a_quarter_ball(alpha: float) -> None:
    square = _radius(alpha) ** 2
    outside = scipy_stats.chi2.sf(square, 1) / 2 + scipy_stats.chi2.sf(square, 2) / 4
    assert outside == pytest.approx(alpha)


@settings(max_examples=40, deadline=None)
@given(one=COUNTS, two=COUNTS)
def test_intervals_hold_the_estimates_and_turn_round(one: tuple[int, int], two: tuple[int, int]) -> None:
    estimate = one[0] / one[1] - two[0] / two[1]
    for interval in (difference_interval, newcombe_difference):
        low, high = interval(*one, *two)
        assert -1 <= low <= estimate + 1e-12
        assert estimate - 1e-12 <= high <= 1
        assert interval(*two, *one) == pytest.approx((-high, -low), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(one=COUNTS, two=COUNTS)
def test_ratios_hold_the_estimate(one: tuple[int, int], two: tuple[int, int]) -> None:
    for interval in (ratio_interval, koopman_ratio):
        low, high = interval(*one, *two)
        assert 0 <= low <= high
        if two[0]:
            assert low <= one[0] / one[1] / (two[0] / two[1]) * (1 + 1e-9)
            assert high >= one[0] / one[1] / (two[0] / two[1]) * (1 - 1e-9)
        else:
            assert high == math.inf


@pytest.mark.parametrize("sizes", [(8, 8), (5, 14)])
@pytest.mark.parametrize("p1", [0.0, 0.02, 0.3, 0.98])
@pytest.mark.parametrize("p2", [0.01, 0.25, 0.5, 0.99])
def test_the_deciding_intervals_cover_as_often_as_they_say(sizes: tuple[int, int], p1: float, p2: float) -> None:
    difference = ratio = 0.0
    for k1 in range(sizes[0] + 1):
        for k2 in range(sizes[1] + 1):
            chance = math.comb(sizes[0], k1) * p1**k1 * (1 - p1) ** (sizes[0] - k1)
            chance *= math.comb(sizes[1], k2) * p2**k2 * (1 - p2) ** (sizes[1] - k2)
            if chance < 1e-9:
                continue
            low, high = difference_interval(k1, sizes[0], k2, sizes[1], 0.9)
            difference += chance * (low <= p1 - p2 <= high)
            low, high = ratio_interval(k1, sizes[0], k2, sizes[1], 0.9)
            ratio += chance * (low <= p1 / p2 <= high)
    assert difference >= 0.9
    assert ratio >= 0.9


@pytest.mark.parametrize(("k1", "n1", "k2", "n2"), [(50, 500, 65, 500), (3, 40, 200, 1000), (5, 30, 2, 40)])
def test_the_joint_region_beats_two_intervals_subtracted(k1: int, n1: int, k2: int, n2: int) -> None:
    one, two = clopper_pearson(k1, n1, 0.975), clopper_pearson(k2, n2, 0.975)
    low, high = difference_interval(k1, n1, k2, n2)
    assert one.low - two.high < low
    assert high < one.high - two.low


def test_the_parabola_finds_what_a_fine_search_finds() -> None:
    from twokey.stats.intervals import lower_bound, upper_bound

    radius = _radius(0.025)
    for k1, n1, k2, n2 in [(50, 500, 65, 500), (3, 40, 200, 1000), (19, 20, 1, 300), (0, 25, 2, 9)]:
        best = max(
            upper_bound(k1, n1, math.erfc(radius * math.cos(turn) / math.sqrt(2)) / 2)
            - lower_bound(k2, n2, math.erfc(radius * math.sin(turn) / math.sqrt(2)) / 2)
            for turn in (math.pi / 2 * place / 400 for place in range(401))
        )
        assert difference_interval(k1, n1, k2, n2).high == pytest.approx(best, abs=2e-5)


def test_newcombes_published_example() -> None:
    # Newcombe (1998), table II, 56/70 - 48/80, method 10.
    assert newcombe_difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert newcombe_difference(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_koopmans_published_example() -> None:
    assert koopman_ratio(36, 40, 16, 80) == pytest.approx((2.94, 7.15), abs=5e-3)


def test_koopmans_ends_are_where_the_chi_square_is_critical() -> None:
    low, high = koopman_ratio(12, 50, 9, 70)
    for ratio in (low, high):
        # The likeliest rates with this ratio, found by a plain search.
        least = min(
            (12 - 50 * p * ratio) ** 2 / (50 * p * ratio * (1 - p * ratio)) + (9 - 70 * p) ** 2 / (70 * p * (1 - p))
            for p in (
                max(
                    (place / 1e5 for place in range(1, int(1e5 / max(1, ratio)) - 1)),
                    key=lambda p: (
                        12 * math.log(p * ratio) + 38 * math.log(1 - p * ratio) + 9 * math.log(p) + 61 * math.log(1 - p)
                    ),
                ),
            )
        )
        assert least == pytest.approx(1.959964**2, rel=1e-3)


def test_nothing_seen_is_nothing_known() -> None:
    assert difference_interval(0, 0, 3, 10) == (-1, 1)
    assert newcombe_difference(0, 0, 3, 10) == (-1, 1)
    assert ratio_interval(0, 0, 3, 10) == (0, math.inf)
    assert ratio_interval(0, 10, 0, 10) == (0, math.inf)
    assert koopman_ratio(0, 10, 0, 10) == (0, math.inf)
    with pytest.raises(ValueError, match="no ratio"):
        koopman_ratio(0, 0, 3, 10)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="no interval"):
        difference_interval(11, 10, 3, 10)
    with pytest.raises(ValueError, match="no ratio"):
        koopman_ratio(11, 10, 3, 10)
