import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.gates.drift_compare import distances, gap, parts_of_bins, parts_of_categories
from twokey.gates.drift_unseen import rise, unseen_categories
from twokey.stats.fdr import holm

bins = st.dictionaries(st.integers(0, 40), st.integers(1, 200), min_size=1, max_size=30)


@given(now=bins, before=bins)
def test_ranges_hold_every_record_once_and_are_filled(now: dict[int, int], before: dict[int, int]) -> None:
    parts = parts_of_bins(now, before)
    assert sum(part.now for part in parts) == sum(now.values())
    assert sum(part.before for part in parts) == sum(before.values())
    n, m = sum(now.values()), sum(before.values())
    assert len(parts) <= 21
    if len(parts) > 1:
        assert all((part.now + part.before) * min(n, m) / (n + m) >= 5 for part in parts)


def test_ranges_tell_apart_what_lies_at_two_places() -> None:
    assert [(part.now, part.before) for part in parts_of_bins({3: 100}, {7: 100})] == [(100, 0), (0, 100)]
    assert [part.first for part in parts_of_bins({1: 4, 2: 4, 9: 92}, {1: 4, 2: 4, 9: 92})] == [1, 9]


@given(now=st.dictionaries(st.text(max_size=2), st.integers(1, 50), min_size=1))
def test_rare_categories_are_taken_together(now: dict[str, int]) -> None:
    parts = parts_of_categories(now, {"a": 30})
    assert sum(part.now for part in parts) == sum(now.values())
    assert sum(part.before for part in parts) == 30
    assert sum(part.rare for part in parts) <= 1
    assert sorted(name for part in parts for name in part.names) == sorted({*now, "a"})


def test_no_records_make_no_parts() -> None:
    assert parts_of_bins({}, {1: 3}) == parts_of_categories({"a": 1}, {}) == []


def test_the_same_shares_are_no_distance() -> None:
    parts = parts_of_categories({"a": 100, "b": 50}, {"a": 200, "b": 100})
    assert [(each.effect, round(each.value, 2), round(each.p, 2)) for each in distances(parts, 0.25, 0.1)] == [
        ("PSI", 0, 1),
        ("Cramer's V", 0, 1),
    ]
    assert gap({1: 10, 2: 20}, {1: 20, 2: 40}, 0.1).value == 0


def test_p_values_are_corrected_step_by_step() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


def test_what_only_one_has_is_weighed_against_what_the_other_has_once() -> None:
    found = unseen_categories({"a": 90, "new": 10}, {"a": 95, **{f"rare{place}": 1 for place in range(5)}}, 0.01)
    assert (found.count, found.names, found.share, found.expected) == (10, ("new",), 0.1, 0.05)
    assert found.distance.value == pytest.approx(0.05)
    assert found.distance.p == pytest.approx(2 * 2 * 0.5**10)
    assert unseen_categories({"a": 3}, {"a": 1}, 0.01).distance.p == 1


def test_many_small_new_categories_are_seen_together() -> None:
    here = {"a": 60, **{f"n{place}": 2 for place in range(20)}}
    assert unseen_categories(here, {"a": 100}, 0.01).distance.p == pytest.approx(2 * 0.5**20)


def test_a_rise_is_the_worst_of_so_many() -> None:
    one, ten = rise(10, 0, 100, 100, 0.05, 1), rise(10, 0, 100, 100, 0.05, 10)
    assert one.value == pytest.approx(0.1)
    assert one.p == pytest.approx(0.5**10)
    assert ten.p == pytest.approx(10 * one.p)
    assert rise(0, 10, 100, 100, 0.05, 1).value == 0


def test_p_values_hold_their_level_where_nothing_drifts() -> None:
    numbers, low = random.Random(11), Counter[str]()
    weights = [60, 20, 10, 4, 2, 1, 1, 1, 0.5, 0.5]
    for _ in range(400):
        now, before = (Counter(numbers.choices("abcdefghij", weights, k=200)) for _ in "12")
        low["mix"] += distances(parts_of_categories(now, before), 0.25, None)[0].p <= 0.05
        low["new"] += unseen_categories(now, before, 0.01).distance.p <= 0.05
        left, right = (Counter(min(60, int(numbers.expovariate(0.05))) for _ in range(600)) for _ in "12")
        low["shape"] += distances(parts_of_bins(left, right), 0.25, None)[0].p <= 0.05
        low["gap"] += gap(left, right, 0.1).p <= 0.05
    assert max(low.values()) <= 400 * 0.09, low
    assert low["mix"] >= 400 * 0.02, "a test that never rejects shows nothing"
