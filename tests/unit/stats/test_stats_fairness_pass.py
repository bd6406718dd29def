import math

import pytest

from twokey.stats.fairness_pass import fair_pass_rate
from twokey.stats.rates import difference_interval


def binomial(k: int, n: int, p: float) -> float:
    return math.exp(
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log(1 - p)
    )


@pytest.mark.parametrize(("n1", "n2", "p", "limit"), [(30, 30, 0.5, 0.4), (36, 36, 0.4, 0.3)])
def test_the_rate_is_that_of_all_outcomes_that_would_pass(n1: int, n2: int, p: float, limit: float) -> None:
    passed = 0.0
    for one in range(n1 + 1):
        for two in range(n2 + 1):
            weight = binomial(one, n1, p) * binomial(two, n2, p)
            if weight > 1e-4:
                low, high = difference_interval(one, n1, two, n2)
                passed += weight * (max(-low, high) <= limit)
    assert fair_pass_rate(n1, n2, p, limit) == pytest.approx(passed, abs=0.1)


def test_larger_groups_and_wider_limits_pass_more_often() -> None:
    rates = [fair_pass_rate(n, n, 0.9, 0.05) for n in (300, 700, 1500, 6000)]
    assert rates == sorted(rates)
    assert rates[0] == 0
    assert rates[-1] > 0.99
    assert fair_pass_rate(700, 700, 0.9, 0.08) > rates[1]


def test_the_smaller_group_decides() -> None:
    assert fair_pass_rate(100_000, 200, 0.9, 0.08) < fair_pass_rate(1000, 1000, 0.9, 0.08)
    assert fair_pass_rate(2000, 700, 0.9, 0.05) == pytest.approx(fair_pass_rate(700, 2000, 0.9, 0.05))


def test_groups_without_any_variation_pass_always_or_never() -> None:
    assert fair_pass_rate(100, 100, 0.0, 0.1) == fair_pass_rate(100, 100, 1.0, 0.1) == 1
    assert fair_pass_rate(20, 20, 0.0, 0.1) == 0


@pytest.mark.parametrize(("n1", "p", "limit"), [(0, 0.5, 0.1), (10, 1.5, 0.1), (10, 0.5, -0.1)])
def test_what_cannot_be_is_refused(n1: int, p: float, limit: float) -> None:
    with pytest.raises(ValueError, match="no rate"):
        fair_pass_rate(n1, 10, p, limit)
