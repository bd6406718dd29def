import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.stats.paired import paired_difference
from twokey.stats.paired_exact import exact_paired_difference


@pytest.mark.parametrize("n", [6, 12])
@pytest.mark.parametrize(("better", "worse"), [(0.0, 0.05), (0.1, 0.1), (0.5, 0.4), (0.02, 0.9), (0.3, 0.0)])
def test_the_interval_covers_as_often_as_it_says(n: int, better: float, worse: float) -> None:
    covered = 0.0
    for fixed in range(n + 1):
        for broken in range(n + 1 - fixed):
            same = n - fixed - broken
            ways = math.factorial(n) // (math.factorial(fixed) * math.factorial(broken) * math.factorial(same))
            low, high = exact_paired_difference(fixed, broken, n, 0.8)
            chance = ways * better**fixed * worse**broken * (1 - better - worse) ** same
            covered += chance * (low <= better - worse <= high)
    assert covered >= 0.8


@settings(max_examples=40, deadline=None)
@given(fixed=st.integers(0, 40), broken=st.integers(0, 40), same=st.integers(1, 500))
def test_it_holds_the_estimate_turns_round_and_is_mostly_wider_than_tangos(fixed: int, broken: int, same: int) -> None:
    n = fixed + broken + same
    low, high = exact_paired_difference(fixed, broken, n)
    assert -1 <= low <= (fixed - broken) / n <= high <= 1
    assert exact_paired_difference(broken, fixed, n) == pytest.approx((-high, -low), abs=1e-12)
    tango = paired_difference(fixed, broken, n)
    assert high - low > 0.98 * (tango.high - tango.low)


def test_without_flips_the_share_that_could_differ_is_the_bound() -> None:
    low, high = exact_paired_difference(0, 0, 1000)
    assert -low == high
    assert 0.0037 < high < 0.006


@pytest.mark.parametrize(("fixed", "broken", "n"), [(3, 5, 7), (-1, 0, 5), (0, 0, 0)])
def test_counts_that_contradict_each_other_are_refused(fixed: int, broken: int, n: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        exact_paired_difference(fixed, broken, n)
