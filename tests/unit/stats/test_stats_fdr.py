import importlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.fdr import benjamini_hochberg, benjamini_yekutieli, fisher_exact, holm

scipy_stats: Any = importlib.import_module("scipy.stats")

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(p_values=P_VALUES)
def test_adjusted_p_values_agree_with_scipy(p_values: list[float]) -> None:
    assert benjamini_hochberg(p_values) == pytest.approx(
        list(scipy_stats.false_discovery_control(p_values)), abs=1e-12, rel=1e-9
    )
    assert benjamini_yekutieli(p_values) == pytest.approx(
        list(scipy_stats.false_discovery_control(p_values, method="by")), abs=1e-12, rel=1e-9
    )


def test_the_example_of_benjamini_and_hochberg() -> None:
    # Their section 3.2: fifteen hypotheses, of which four are rejected at q = 0.05, and three by Holm's procedure.
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    published += [0.7590, 1.0]
    assert sum(p <= 0.05 for p in benjamini_hochberg(published)) == 4
    assert sum(p <= 0.05 for p in holm(published)) == 3


@given(p_values=P_VALUES)
def test_adjusting_never_makes_significant_and_keeps_the_order(p_values: list[float]) -> None:
    for adjust in (benjamini_hochberg, benjamini_yekutieli, holm):
        adjusted = adjust(p_values)
        assert all(before <= after + 1e-15 <= 1 + 1e-12 for before, after in zip(p_values, adjusted, strict=True))
        ordered = [after for _, after in sorted(zip(p_values, adjusted, strict=True))]
        assert ordered == sorted(ordered)
    for false_discoveries, any_error in zip(benjamini_hochberg(p_values), holm(p_values), strict=True):
        assert false_discoveries <= any_error + 1e-12


def test_no_tests_need_no_adjustment() -> None:
    assert benjamini_hochberg([]) == benjamini_yekutieli([]) == holm([]) == ()


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    for adjust in (benjamini_hochberg, benjamini_yekutieli, holm):
        with pytest.raises(ValueError, match="p-value"):
            adjust([0.5, p])


@given(
    slice_=st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    rest=st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
def test_fishers_test_agrees_with_scipy(slice_: tuple[int, int], rest: tuple[int, int]) -> None:
    (k, n), (rest_k, rest_n) = slice_, rest
    theirs = scipy_stats.fisher_exact([[k, n - k], [rest_k, rest_n - rest_k]]).pvalue
    assert fisher_exact(k, n, rest_k, rest_n) == pytest.approx(theirs, rel=1e-6, abs=1e-12)


def test_fishers_tea() -> None:
    assert fisher_exact(3, 4, 1, 4) == pytest.approx(34 / 70)


def test_large_slices_do_not_overflow() -> None:
    theirs = scipy_stats.fisher_exact([[9_300, 700], [92_000, 8_000]]).pvalue
    assert fisher_exact(9_300, 10_000, 92_000, 100_000) == pytest.approx(theirs, rel=1e-6)
    assert fisher_exact(0, 10_000, 90_000, 100_000) == 0


@pytest.mark.parametrize("counts", [(3, 2, 0, 0), (-1, 2, 0, 5), (1, 2, 6, 5)])
def test_impossible_tables_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        fisher_exact(*counts)
