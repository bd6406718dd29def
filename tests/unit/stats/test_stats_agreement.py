import importlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.agreement import agreement, agreement_of_several
from twokey.stats.intervals import clopper_pearson

metrics: Any = importlib.import_module("sklearn.metrics")

ANSWER = st.sampled_from(["pass", "fail", "edit"])


def test_kappa_falls_where_failures_are_rare_and_ac1_does_not() -> None:
    found = agreement({("pass", "pass"): 92, ("fail", "fail"): 2, ("pass", "fail"): 3, ("fail", "pass"): 3})
    assert found.raw == 0.94
    assert found.interval == clopper_pearson(94, 100)
    assert found.kappa == pytest.approx(0.37, abs=5e-3)
    assert found.ac1 == pytest.approx(0.93, abs=5e-3)


@given(pairs=st.dictionaries(st.tuples(ANSWER, ANSWER), st.integers(1, 20), min_size=2))
def test_kappa_agrees_with_scikit_learn(pairs: dict[tuple[str, str], int]) -> None:
    found = agreement(pairs, categories=3)
    one = [first for (first, _), count in pairs.items() for _ in range(count)]
    two = [second for (_, second), count in pairs.items() for _ in range(count)]
    if found.kappa is not None:
        assert found.kappa == pytest.approx(metrics.cohen_kappa_score(one, two), abs=1e-12)
    assert found.ac1 is not None
    assert found.ac1 <= 1


def test_the_number_of_choices_counts_for_ac1() -> None:
    pairs = {("a", "a"): 60, ("b", "b"): 30, ("a", "b"): 10}
    shares = (130 / 200, 70 / 200)
    for choices in (2, 4):
        chance = sum(share * (1 - share) for share in shares) / (choices - 1)
        assert agreement(pairs, choices).ac1 == pytest.approx((0.9 - chance) / (1 - chance))


def test_one_answer_for_all_leaves_kappa_undefined() -> None:
    found = agreement({("pass", "pass"): 50})
    assert (found.raw, found.kappa, found.ac1) == (1, None, 1)
    with pytest.raises(ValueError, match="no cases"):
        agreement({})


@given(pairs=st.dictionaries(st.tuples(ANSWER, ANSWER), st.integers(1, 20), min_size=1))
def test_two_raters_counted_by_case_agree_as_two_counted_by_pair(pairs: dict[tuple[str, str], int]) -> None:
    cases = [Counter(pair) for pair, count in pairs.items() for _ in range(count)]
    one, two = agreement_of_several(cases), agreement(pairs)
    assert (one.n, one.raw, one.interval) == (two.n, two.raw, two.interval)
    assert one.ac1 == pytest.approx(two.ac1)


def test_of_several_raters_pairs_make_ac1_and_cases_the_share() -> None:
    """By hand: pairs that agree are 1, 1/3 and 1; of all answers, with equal weight of cases, 4/9 are fail."""
    found = agreement_of_several([{"pass": 2}, {"pass": 2, "fail": 1}, {"fail": 2, "pass": 0}])
    chance = 2 * (4 / 9) * (5 / 9)
    assert (found.n, found.raw, found.kappa) == (3, 2 / 3, None)
    assert found.ac1 == pytest.approx((7 / 9 - chance) / (1 - chance))


def test_a_case_that_one_person_saw_shows_no_agreement() -> None:
    with pytest.raises(ValueError, match="single answer"):
        agreement_of_several([{"pass": 2}, {"pass": 1}])
    with pytest.raises(ValueError, match="no cases"):
        agreement_of_several([])
