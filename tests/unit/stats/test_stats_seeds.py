import math

import pytest

from twokey.stats.seeds import survival


def by_hand(sensitivity: float, seeds: int, void_at: int) -> float:
    miss = 1 - sensitivity
    return sum(math.comb(seeds, k) * miss**k * sensitivity ** (seeds - k) for k in range(void_at))


def test_the_rule_of_eight_and_two_is_worth_what_is_said_of_it() -> None:
    assert survival(0.95, 8, 2) == pytest.approx(0.9428, abs=5e-5)
    assert survival(0.5, 8, 2) == pytest.approx(9 / 256)


@pytest.mark.parametrize("sensitivity", [0.0, 0.05, 0.5, 0.8, 0.95, 0.99, 1.0])
@pytest.mark.parametrize(("seeds", "void_at"), [(1, 1), (4, 1), (8, 2), (8, 8), (50, 7)])
def test_it_is_the_binomial_sum(sensitivity: float, seeds: int, void_at: int) -> None:
    assert survival(sensitivity, seeds, void_at) == pytest.approx(by_hand(sensitivity, seeds, void_at), abs=1e-12)


def test_who_never_looks_never_survives_and_who_sees_all_always_does() -> None:
    assert survival(0.0, 8, 2) == 0.0
    assert survival(1.0, 8, 2) == 1.0


@pytest.mark.parametrize(("sensitivity", "seeds", "void_at"), [(1.1, 8, 2), (-0.1, 8, 2), (0.5, 8, 9), (0.5, 8, 0)])
def test_what_is_no_rule_is_refused(sensitivity: float, seeds: int, void_at: int) -> None:
    with pytest.raises(ValueError, match="no review with"):
        survival(sensitivity, seeds, void_at)
