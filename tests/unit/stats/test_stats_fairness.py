import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.stats.calibration import Bin, calibration_interval
from twokey.stats.fairness import (
    Outcomes,
    calibration_within,
    demographic_parity,
    equal_accuracy,
    equal_opportunity,
    equalised_odds,
    gap,
)
from twokey.stats.intervals import clopper_pearson
from twokey.stats.rates import difference_interval, ratio_interval

GROUPS = {"a": Outcomes(tp=80, fp=30, tn=70, fn=20), "b": Outcomes(tp=60, fp=10, tn=90, fn=40)}
SHARES = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_each_measure_compares_the_rate_it_is_named_for() -> None:
    assert demographic_parity(GROUPS).difference == pytest.approx(110 / 200 - 70 / 200)
    assert equal_opportunity(GROUPS).difference == pytest.approx(0.2)
    assert equal_opportunity(GROUPS).ratio == pytest.approx(0.75)
    assert equal_accuracy(GROUPS).difference == 0
    odds = equalised_odds(GROUPS)
    assert odds.difference == pytest.approx(0.2)
    assert odds.ratio == pytest.approx(1 / 3)
    assert (odds.highest, odds.lowest) == ("a", "b")


def test_two_groups_have_the_interval_of_their_difference() -> None:
    found = demographic_parity(GROUPS)
    assert found.difference_interval == difference_interval(110, 200, 70, 200)
    turned = ratio_interval(110, 200, 70, 200)
    assert found.ratio_interval == pytest.approx((1 / turned.high, 1 / turned.low), rel=1e-6)


def test_equal_groups_may_be_wholly_alike() -> None:
    found = gap({"a": (50, 100), "b": (50, 100)})
    assert found.difference_interval.low == 0
    assert found.ratio_interval.high == 1
    assert found.ratio == 1


def test_more_groups_make_wider_intervals() -> None:
    two = gap({"a": (20, 100), "b": (50, 100)})
    four = gap({"a": (20, 100), "b": (50, 100), "c": (35, 100), "d": (36, 100)})
    assert four.difference_interval.low < two.difference_interval.low
    assert four.difference_interval.high > two.difference_interval.high
    assert four.ratio_interval.high > two.ratio_interval.high


def test_many_groups_have_one_interval_each() -> None:
    rates = {f"group {number}": (10 + number, 100) for number in range(12)} | {"far": (95, 100)}
    found = gap(rates)
    level = 1 - 0.05 / 13
    far, least = clopper_pearson(95, 100, level), clopper_pearson(10, 100, level)
    assert (found.highest, found.lowest) == ("far", "group 0")
    assert found.difference_interval == pytest.approx((far.low - least.high, far.high - least.low))
    assert found.ratio_interval == pytest.approx((least.low / far.high, least.high / far.low))


@settings(max_examples=10, deadline=None)
@given(rates=st.dictionaries(st.sampled_from("abcd"), SHARES, min_size=2, max_size=4))
def test_the_intervals_hold_the_estimates_whatever_the_order(rates: dict[str, tuple[int, int]]) -> None:
    found = gap(rates)
    assert found.difference_interval.low <= found.difference + 1e-12
    assert found.difference - 1e-12 <= found.difference_interval.high <= 1
    if found.ratio is not None:
        assert found.ratio_interval.low - 1e-12 <= found.ratio <= found.ratio_interval.high + 1e-12
    assert gap(dict(reversed(rates.items()))) == found


def test_groups_without_cases_are_named_and_never_called_fair() -> None:
    found = gap({"a": (0, 0), "b": (9, 10)})
    assert found.empty == ("a",)
    assert found.highest is None
    assert found.difference_interval == found.ratio_interval == (0, 1)
    odds = equalised_odds({"a": Outcomes(tp=50), "b": Outcomes(tp=50)})
    assert odds.empty == ("a", "b")
    assert odds.difference_interval.high == 1


def test_groups_in_which_nothing_happens_have_no_ratio() -> None:
    found = gap({"a": (0, 50), "b": (0, 60)})
    assert found.ratio is None
    assert found.ratio_interval == (0, 1)


@pytest.mark.parametrize("p", [0.05, 0.5])
def test_three_fair_groups_are_called_unfair_as_rarely_as_said(p: float) -> None:
    n, blamed = 9, 0.0
    weights = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    worst = {(a, c): difference_interval(a, n, c, n, 1 - 0.2 / 3).low for a in range(n + 1) for c in range(n + 1)}
    for a in range(n + 1):
        for b in range(n + 1):
            for c in range(n + 1):
                apart = max(worst[one, two] for one in (a, b, c) for two in (a, b, c)) > 0
                blamed += weights[a] * weights[b] * weights[c] * apart
    assert 0 < blamed <= 0.2


def test_calibration_is_judged_in_each_group_at_a_level_for_all() -> None:
    bins = {"a": [Bin(n=40, right=30, confidence=36.0)], "b": [Bin(n=9, right=9, confidence=8.0)]}
    found = calibration_within(bins)
    assert found["a"][0] == pytest.approx(0.15)
    assert found["b"][1] == calibration_interval(bins["b"], 0.975)
    assert calibration_within({}) == {}
