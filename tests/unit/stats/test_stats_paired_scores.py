import itertools
import math
import operator
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats import paired_scores
from twokey.stats.means import mean_interval
from twokey.stats.paired import mcnemar
from twokey.stats.paired_scores import (
    minimum_detectable_difference,
    paired_bootstrap,
    paired_mean_interval,
    sign_flip,
)
from twokey.stats.resampling import normal_tail


def all_patterns(differences: list[int]) -> float:
    seen = abs(sum(differences))
    patterns = list(itertools.product((1, -1), repeat=len(differences)))
    sums = [sum(sign * value for sign, value in zip(signs, differences, strict=True)) for signs in patterns]
    return sum(abs(total) >= seen for total in sums) / len(patterns)


@given(differences=st.lists(st.integers(-40, 40), min_size=1, max_size=9))
def test_sign_flips_are_counted_out(differences: list[int]) -> None:
    p, method = sign_flip(Counter(differences))
    assert method == "exact"
    assert p == pytest.approx(all_patterns(differences))


@given(fixed=st.integers(0, 60), broken=st.integers(0, 60))
def test_on_right_or_wrong_it_is_mcnemars_test(fixed: int, broken: int) -> None:
    p, method = sign_flip({1000: fixed, -1000: broken, 0: 500})
    assert method == "exact"
    assert p == pytest.approx(mcnemar(fixed, broken), rel=1e-9)


def test_sums_of_many_sizes_are_counted_as_all_patterns_have_them() -> None:
    sizes = [9973, 8111, 7043, 6007, 5003, 4001, 3001, 2003, 1009, 503, 251, 127]
    seen = 30_000 - sum(sizes) % 2
    patterns = [sum(map(operator.mul, signs, sizes)) for signs in itertools.product((1, -1), repeat=len(sizes))]
    lead = min(each for each in patterns if each >= seen)
    signs = next(s for s in itertools.product((1, -1), repeat=12) if sum(map(operator.mul, s, sizes)) == lead)
    p, method = sign_flip(Counter(map(operator.mul, signs, sizes)))
    assert (p, method) == (sum(abs(each) >= lead for each in patterns) / len(patterns), "exact")


def test_many_pairs_do_not_overflow() -> None:
    p, method = sign_flip({1: 700, -1: 600})
    assert method == "exact"
    assert p == pytest.approx(mcnemar(700, 600), rel=1e-9)


@pytest.mark.parametrize(
    "differences",
    [
        Counter(range(-40, 60)),
        Counter({1: 30, -1: 18, 3: 9, -3: 5}),
        Counter(range(1, 31)),
        Counter({7: 50, -5: 52, 1: 10}),
    ],
)
def test_the_saddlepoint_is_close_to_the_count(differences: Counter[int], monkeypatch: pytest.MonkeyPatch) -> None:
    exact = sign_flip(differences)
    monkeypatch.setattr(paired_scores, "_MOST_BITS", 0)
    near = sign_flip(differences)
    assert (exact.method, near.method) == ("exact", "saddlepoint")
    pairs = sum(count for value, count in differences.items() if value)
    assert near.p == pytest.approx(exact.p, rel=0.01 if pairs > 90 else 0.1)


def test_the_saddlepoint_tends_to_the_normal_limit() -> None:
    differences = dict.fromkeys(range(-499000, 500001, 1000), 3000)
    total, squares = sum(v * c for v, c in differences.items()), sum(v * v * c for v, c in differences.items())
    p, method = sign_flip(differences)
    assert method == "saddlepoint"
    assert p == pytest.approx(2 * normal_tail(total / math.sqrt(squares)), rel=1e-3)


def test_no_difference_is_no_evidence() -> None:
    assert sign_flip({}) == sign_flip({0: 40}) == sign_flip({5: 3, -5: 3}) == (1.0, "exact")


def test_the_deciding_interval_is_that_of_scores_from_minus_one_to_one() -> None:
    differences = {-1000: 3, 0: 90, 250: 30, 1000: 7}
    low, high = paired_mean_interval(differences, 1000)
    shifted = mean_interval({value + 1000: count for value, count in differences.items()}, 2000)
    assert (low, high) == pytest.approx((2 * shifted.low - 1, 2 * shifted.high - 1), abs=1e-12)
    with pytest.raises(ValueError, match="score"):
        paired_mean_interval({1001: 1}, 1000)


def test_the_bootstrap_is_shorter_than_what_decides() -> None:
    differences = {-1000: 3, 0: 90, 250: 30, 1000: 7}
    shown, deciding = paired_bootstrap(differences, 1000), paired_mean_interval(differences, 1000)
    assert deciding.low < shown.low < 11.5 / 130 < shown.high < deciding.high


def test_the_detectable_difference_is_lachins() -> None:
    assert minimum_detectable_difference(400, 0.5) == pytest.approx(2.801585 * 0.5 / 20, rel=1e-6)
    assert minimum_detectable_difference(2, 0.5) == pytest.approx(2.801585 * 0.5 / math.sqrt(2), rel=1e-6)
    assert minimum_detectable_difference(2, 0.9) is None
    assert minimum_detectable_difference(1, 0.0) is None
