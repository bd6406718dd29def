import importlib
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work import calls

from twokey.stats.hypergeometric import clean_items_needed, defects_upper_bound
from twokey.stats.intervals import upper_bound

scipy_stats: Any = importlib.import_module("scipy.stats")


def brute_force(pool: int, sampled: int, found: int, alpha: Fraction) -> int:
    """The definition, tried for every number of defects that fits the sample."""
    possible = range(found, pool - (sampled - found) + 1)
    return max(d for d in possible if tail(pool, d, sampled, found) > alpha)


def tail(pool: int, defects: int, sampled: int, found: int) -> Fraction:
    ways = sum(math.comb(defects, i) * math.comb(pool - defects, sampled - i) for i in range(min(found, sampled) + 1))
    return Fraction(ways, math.comb(pool, sampled))


@st.composite
def audits(draw: st.DrawFn, largest: int = 60) -> tuple[int, int, int]:
    pool = draw(st.integers(1, largest))
    sampled = draw(st.integers(0, pool))
    return pool, sampled, draw(st.integers(0, sampled))


@given(audit=audits(), alpha=st.sampled_from(["0.01", "0.05", "0.1", "0.5"]))
def test_the_bound_is_the_definition(audit: tuple[int, int, int], alpha: str) -> None:
    assert defects_upper_bound(*audit, float(alpha)) == brute_force(*audit, Fraction(alpha))


@pytest.mark.parametrize(("pool", "sampled", "found"), [(2_000, 59, 0), (2_000, 59, 3), (100_000, 299, 1)])
def test_the_bound_agrees_with_scipy(pool: int, sampled: int, found: int) -> None:
    bound = defects_upper_bound(pool, sampled, found)
    assert scipy_stats.hypergeom.cdf(found, pool, bound, sampled) > 0.05
    assert scipy_stats.hypergeom.cdf(found, pool, bound + 1, sampled) <= 0.05


@given(audit=audits())
def test_one_more_failure_never_lowers_the_bound(audit: tuple[int, int, int]) -> None:
    pool, sampled, found = audit
    if found < sampled:
        assert defects_upper_bound(pool, sampled, found) <= defects_upper_bound(pool, sampled, found + 1)


@given(audit=audits())
def test_a_full_sample_leaves_nothing_to_infer(audit: tuple[int, int, int]) -> None:
    pool, _, found = audit
    assert defects_upper_bound(pool, pool, found) == found
    assert defects_upper_bound(pool, 0, 0) == pool


@pytest.mark.parametrize(("pool", "defects", "sampled"), [(40, 3, 10), (200, 20, 59), (30, 30, 5), (50, 0, 7)])
def test_the_bound_covers_at_least_95_times_in_100(pool: int, defects: int, sampled: int) -> None:
    missed = sum(
        math.comb(defects, k) * math.comb(pool - defects, sampled - k)
        for k in range(min(defects, sampled) + 1)
        if sampled - k <= pool - defects and defects_upper_bound(pool, sampled, k) < defects
    )
    assert Fraction(missed, math.comb(pool, sampled)) <= Fraction(1, 20)


def test_the_published_numbers_of_clean_items() -> None:
    assert [clean_items_needed(rate) for rate in (0.01, 0.02, 0.05, 0.1, 0.2)] == [299, 149, 59, 29, 14]
    assert clean_items_needed(0.999) == 1


@pytest.mark.parametrize(("rate", "items"), [(0.01, 299), (0.02, 149), (0.05, 59), (0.1, 29), (0.2, 14)])
def test_clean_items_claim_their_rate_in_a_large_pool_and_one_fewer_does_not(rate: float, items: int) -> None:
    pool = 10_000_000
    assert defects_upper_bound(pool, items, 0) / pool <= rate
    assert defects_upper_bound(pool, items - 1, 0) / pool > rate


def test_what_is_exactly_as_likely_as_alpha_is_excluded() -> None:
    assert tail(2, 1, 1, 0) == Fraction(1, 2)
    assert defects_upper_bound(2, 1, 0, 0.5) == 0
    assert tail(20, 19, 1, 0) == Fraction(1, 20)
    assert defects_upper_bound(20, 1, 0, 0.05) == 18


def test_a_large_pool_is_as_good_as_infinite() -> None:
    for found in range(6):
        assert defects_upper_bound(10**8, 50, found) / 10**8 == pytest.approx(upper_bound(found, 50), abs=1e-6)


def test_a_pool_of_a_hundred_million_is_little_work() -> None:
    assert defects_upper_bound(10**8, 3_000, 2) == pytest.approx(1e8 * upper_bound(2, 3_000), rel=1e-4)
    assert calls(lambda: defects_upper_bound(10**8, 3_000, 2)) < 1_000


def test_without_a_sample_everything_may_be_a_defect() -> None:
    assert defects_upper_bound(2_000, 0, 0) == 2_000
    assert defects_upper_bound(0, 0, 0) == 0


@pytest.mark.parametrize(
    "numbers", [(1_950, 59, 60, 0.05), (1_950, 1_951, 0, 0.05), (10, 5, -1, 0.05), (10, 5, 0, 0), (10, 5, 0, 1)]
)
def test_contradictions_are_refused(numbers: tuple[int, int, int, float]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        defects_upper_bound(*numbers)


@pytest.mark.parametrize(("rate", "alpha"), [(0, 0.05), (1, 0.05), (0.1, 0), (0.1, 1)])
def test_no_number_of_items_claims_the_impossible(rate: float, alpha: float) -> None:
    with pytest.raises(ValueError, match="no number of items"):
        clean_items_needed(rate, alpha)


def test_a_bound_needs_an_error_rate() -> None:
    with pytest.raises(ValueError, match="alpha"):
        defects_upper_bound(10, 5, 1, 0)
