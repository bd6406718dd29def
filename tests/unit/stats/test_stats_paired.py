import importlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.intervals import normal_quantile
from twokey.stats.paired import mcnemar, minimum_detectable_effect, paired_difference

scipy_stats: Any = importlib.import_module("scipy.stats")
scipy_optimize: Any = importlib.import_module("scipy.optimize")

COUNTS = [(0, 0, 1), (0, 0, 44), (1, 0, 44), (0, 9, 9), (9, 0, 9), (5, 5, 40), (52, 40, 3_000), (200, 90, 2_000)]


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (0, 1), (5, 0), (9, 3), (40, 52), (300, 380), (7, 7)])
def test_mcnemar_is_the_exact_binomial_test(fixed: int, broken: int) -> None:
    expected = scipy_stats.binomtest(fixed, fixed + broken).pvalue if fixed + broken else 1.0
    assert mcnemar(fixed, broken) == pytest.approx(expected, abs=1e-12)
    assert mcnemar(broken, fixed) == mcnemar(fixed, broken)


def score_at(fixed: int, broken: int, n: int, difference: float) -> float:
    """Tango's statistic from its definition, the nuisance parameter found by maximising the likelihood numerically."""

    def surprise(q: float) -> float:
        cells = ((fixed, q + difference), (broken, q), (n - fixed - broken, 1 - 2 * q - difference))
        return -sum(count * math.log(p) if p > 0 else -1e12 for count, p in cells if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    q = scipy_optimize.minimize_scalar(surprise, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
    return float((fixed - broken - n * difference) / math.sqrt(n * (2 * q + difference * (1 - difference))))


@pytest.mark.parametrize(("fixed", "broken", "n"), COUNTS)
def test_the_interval_ends_where_the_score_test_turns(fixed: int, broken: int, n: int) -> None:
    z = normal_quantile(0.975)
    low, high = paired_difference(fixed, broken, n)
    if low > -1:
        assert score_at(fixed, broken, n, low) == pytest.approx(z, abs=2e-4)
    if high < 1:
        assert score_at(fixed, broken, n, high) == pytest.approx(-z, abs=2e-4)


@given(data=st.data(), n=st.integers(1, 500))
def test_the_interval_holds_the_difference_and_mirrors(data: st.DataObject, n: int) -> None:
    fixed = data.draw(st.integers(0, n))
    broken = data.draw(st.integers(0, n - fixed))
    low, high = paired_difference(fixed, broken, n)
    assert -1 <= low <= (fixed - broken) / n <= high <= 1
    assert low < high
    assert paired_difference(broken, fixed, n) == pytest.approx((-high, -low), abs=1e-12)


@pytest.mark.parametrize(("up", "down"), [(0.05, 0.05), (0.1, 0.02), (0.3, 0.1), (0.01, 0.08)])
def test_the_interval_covers_about_95_times_in_100(up: float, down: float) -> None:
    n, covered = 40, 0.0
    for fixed in range(n + 1):
        for broken in range(n - fixed + 1):
            p = math.comb(n, fixed) * math.comb(n - fixed, broken) * up**fixed * down**broken
            p *= (1 - up - down) ** (n - fixed - broken)
            if p > 1e-9:
                low, high = paired_difference(fixed, broken, n)
                covered += p * (low <= up - down <= high)
    assert covered > 0.935


@pytest.mark.parametrize("numbers", [(1, 0, 0), (2, 2, 3), (-1, 0, 3)])
def test_impossible_counts_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        paired_difference(*numbers)


@pytest.mark.parametrize(("n", "discordance"), [(2_000, 0.05), (500, 0.2), (3_000, 0.3)])
def test_the_smallest_effect_is_found_80_times_in_100(n: int, discordance: float) -> None:
    effect = minimum_detectable_effect(n, discordance)
    assert effect is not None
    z_alpha, z_beta = scipy_stats.norm.ppf(0.975), scipy_stats.norm.ppf(0.8)
    needed = (z_alpha * math.sqrt(discordance) + z_beta * math.sqrt(discordance - effect**2)) ** 2 / effect**2
    assert needed == pytest.approx(n, rel=1e-9)
    share_fixed = (discordance + effect) / 2 / discordance
    power = 0.0
    for differing in range(int(n * discordance / 3), int(n * discordance * 2) + 1):
        critical = int(scipy_stats.binom.isf(0.025, differing, 0.5))
        found = scipy_stats.binom.sf(critical, differing, share_fixed)
        power += scipy_stats.binom.pmf(differing, n, discordance) * found
    assert power == pytest.approx(0.8, abs=0.04)


@given(n=st.integers(1, 100_000), discordance=st.floats(0, 1))
def test_an_effect_is_a_share_and_more_pairs_find_smaller_ones(n: int, discordance: float) -> None:
    one, four = minimum_detectable_effect(n, discordance), minimum_detectable_effect(4 * n, discordance)
    if one is None:
        assert n < 8
    else:
        assert four is not None
        assert 0 < four < one <= 1


def test_agreement_does_not_promise_infinite_sensitivity() -> None:
    effect = minimum_detectable_effect(1_000, 0.0)
    assert effect is not None
    assert effect > 0.005
    assert minimum_detectable_effect(0, 0.5) is None
    assert minimum_detectable_effect(2, 0.5) is None
