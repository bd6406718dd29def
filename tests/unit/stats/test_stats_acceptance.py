import math
import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.stats.acceptance import (
    Look,
    chance_to_pass,
    failures_allowed,
    failures_allowed_of_any,
    items_needed,
    items_needed_of_any,
    whole,
)
from twokey.stats.hypergeometric import clean_items_needed, defects_upper_bound


def at_most(found: int, pool: int, defects: int, drawn: int) -> Fraction:
    ways = sum(
        math.comb(defects, k) * math.comb(pool - defects, drawn - k)
        for k in range(max(0, drawn - (pool - defects)), min(found, defects) + 1)
    )
    return Fraction(ways, math.comb(pool, drawn))


def passes(looks: Sequence[Look], pool: int, limit: float, bad: set[int]) -> bool:
    """The protocol by the letter: the bound of each look, in turn, until one settles it."""
    for look in looks:
        found = sum(place in bad for place in range(look.drawn))
        if found * pool > limit * look.drawn + 1e-9:
            return False
        if defects_upper_bound(pool, look.drawn, found, look.risk) <= limit:
            return True
    return False


def test_the_sizes_of_clean_audits_are_the_ones_in_every_table() -> None:
    rates = (0.01, 0.02, 0.05, 0.1, 0.2)
    assert [items_needed_of_any(rate, 0, 0.05) for rate in rates] == [299, 149, 59, 29, 14]
    assert [clean_items_needed(rate) for rate in rates] == [299, 149, 59, 29, 14]


def test_the_sizes_with_failures_are_those_of_the_tables_for_5_percent() -> None:
    assert [items_needed_of_any(0.05, found, 0.05) for found in range(6)] == [59, 93, 124, 153, 181, 208]


def test_the_bound_of_a_pool_without_end_is_the_one_sided_exact_one() -> None:
    pool = 1_000_000
    found = [defects_upper_bound(pool, 50, failures) / pool for failures in range(6)]
    assert [round(100 * share, 2) for share in found] == [5.82, 9.14, 12.06, 14.78, 17.38, 19.88]


def test_an_audit_by_acceptable_quality_alone_would_pass_a_bad_release() -> None:
    accepts_five = Look(drawn=50, risk=0.62)
    assert chance_to_pass([accepts_five], 100_000, 10_000, 10_000) == pytest.approx(0.616, abs=5e-4)


@given(
    rate=st.floats(0.001, 0.6), drawn=st.integers(1, 3_000), risk=st.sampled_from([0.0001, 0.003333, 0.05, 0.2, 0.5])
)
@settings(deadline=None)
def test_failures_allowed_agree_with_another_program(rate: float, drawn: int, risk: float) -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    found = failures_allowed_of_any(rate, drawn, risk)
    assert found < 0 or scipy_stats.binom.cdf(found, drawn, rate) <= risk * (1 + 1e-6)
    assert scipy_stats.binom.cdf(found + 1, drawn, rate) > risk * (1 - 1e-6)


@given(rate=st.floats(0.001, 0.9), found=st.integers(0, 20), risk=st.sampled_from([0.0001, 0.003333, 0.05, 0.2, 0.5]))
@settings(deadline=None)
def test_items_needed_and_failures_allowed_are_each_others_inverse(rate: float, found: int, risk: float) -> None:
    needed = items_needed_of_any(rate, found, risk)
    assert failures_allowed_of_any(rate, needed, risk) >= found
    assert failures_allowed_of_any(rate, needed - 1, risk) < found


@pytest.mark.parametrize("pool", [1, 2, 7, 20, 33])
@pytest.mark.parametrize("risk", [0.008333, 0.05, 0.3])
def test_in_a_small_pool_every_size_and_every_allowance_is_the_one_that_counting_gives(pool: int, risk: float) -> None:
    for allowed in range(pool):
        for drawn in range(pool + 1):
            counted = [k for k in range(drawn + 1) if at_most(k, pool, allowed + 1, drawn) <= Fraction(str(risk))]
            most = failures_allowed(allowed, pool, drawn, risk)
            assert most == max(counted, default=-1)
            assert all(defects_upper_bound(pool, drawn, k, risk) <= allowed for k in range(most + 1))
        for found in range(allowed + 1):
            needed = items_needed(allowed, pool, found, risk)
            assert failures_allowed(allowed, pool, needed, risk) >= found
            assert needed == found or failures_allowed(allowed, pool, needed - 1, risk) < found


@given(pool=st.integers(1, 3_000), rate=st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.2]), found=st.integers(0, 5))
@settings(deadline=None)
def test_a_pool_with_an_end_never_needs_more_than_one_without(pool: int, rate: float, found: int) -> None:
    for risk in (0.003333, 0.033334, 0.05):
        assert items_needed(whole(rate * pool), pool, found, risk) <= items_needed_of_any(rate, found, risk)


def test_a_limit_that_everything_is_within_needs_no_item() -> None:
    assert items_needed(10, 10, 0, 0.05) == 0
    assert failures_allowed(10, 10, 4, 0.05) == 4
    assert failures_allowed(-1, 10, 10, 0.05) == -1


def test_a_limit_of_nothing_needs_the_whole_pool_but_for_the_risk() -> None:
    assert items_needed(0, 10, 0, 0.05) == 10
    assert items_needed(0, 100, 0, 0.05) == 95


PLANS: tuple[tuple[tuple[int, float], ...], ...] = (
    ((5, 0.05),),
    ((4, 0.2), (7, 0.1), (10, 0.1)),
    ((3, 0.3), (4, 0.05), (11, 0.15)),
    ((6, 0.25), (12, 0.25)),
    ((5, 0.5),),
    ((7, 0.7),),
)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("limit", [0, 1, 2.5, 4])
def test_the_chance_to_pass_is_what_counting_all_pools_gives(plan: tuple[tuple[int, float], ...], limit: float) -> None:
    pool = 12
    looks = [Look(drawn=drawn, risk=risk) for drawn, risk in plan]
    for defects in range(pool + 1):
        placed = [passes(looks, pool, limit, set(bad)) for bad in combinations(range(pool), defects)]
        assert chance_to_pass(looks, pool, limit, defects) == pytest.approx(sum(placed) / len(placed), abs=1e-12)


@pytest.mark.parametrize("pool", [10, 17, 40, 90])
@pytest.mark.parametrize("shares", [(0.05,), (0.033334, 0.016666), (0.03, 0.01, 0.01), (0.2, 0.1)])
def test_a_pool_beyond_the_limit_passes_at_most_at_the_risk_over_all_looks(
    pool: int, shares: tuple[float, ...]
) -> None:
    chance = random.Random(pool)
    for _ in range(20):
        sizes = sorted(chance.sample(range(1, pool + 1), len(shares)))
        looks = [Look(drawn=drawn, risk=risk) for drawn, risk in zip(sizes, shares, strict=True)]
        allowed = chance.randrange(pool)
        for defects in range(allowed + 1, pool + 1):
            assert chance_to_pass(looks, pool, allowed, defects) <= sum(shares) + 1e-12


def test_the_risk_is_used_and_not_just_kept() -> None:
    plan = [Look(drawn=65, risk=0.033334), Look(drawn=130, risk=0.016666)]
    at_limit = chance_to_pass(plan, 1950, 97, 98)
    assert 0.03 < at_limit <= 0.05


def test_the_chance_to_pass_agrees_with_simulated_audits() -> None:
    chance = random.Random(11)
    pool, limit, defects, trials = 400, 20, 6, 4_000
    looks = [Look(drawn=55, risk=0.033334), Look(drawn=100, risk=0.008333), Look(drawn=128, risk=0.008333)]
    passed = sum(passes(looks, pool, limit, set(chance.sample(range(pool), defects))) for _ in range(trials))
    expected = chance_to_pass(looks, pool, limit, defects)
    scipy_stats = pytest.importorskip("scipy.stats")
    assert scipy_stats.binomtest(passed, trials, expected).pvalue > 0.001


def test_more_defects_never_help() -> None:
    looks = [Look(drawn=59, risk=0.03), Look(drawn=120, risk=0.02)]
    chances = [chance_to_pass(looks, 500, 25, defects) for defects in range(0, 501, 5)]
    assert chances[0] == 1
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] == 0


@pytest.mark.parametrize(
    ("drawn", "pool", "defects"), [((5, 3), 10, 1), ((11,), 10, 1), ((5,), 10, 11), ((5,), 10, -1), ((), 0, 0)]
)
def test_numbers_that_contradict_each_other_are_refused(drawn: tuple[int, ...], pool: int, defects: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        chance_to_pass([Look(drawn=size, risk=0.01) for size in drawn], pool, 1, defects)
