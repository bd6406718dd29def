import pickle
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.gates.sketch import Sketch, bounded, merged, text_hash

Counts = Sketch[str, int]
EMPTY: Counts = Sketch()


def sketch(names: list[str], most: int) -> Counts:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return bounded(Sketch(counts), text_hash, most)


def both(left: Counts, right: Counts, most: int) -> Counts:
    return merged(left, right, add, text_hash, most)


def test_few_names_are_counted_exactly() -> None:
    found = both(sketch(["a", "b"], 10), sketch(["b", "c"], 10), 10)
    assert found == Sketch({"a": 1, "b": 2, "c": 1}, 0)
    assert found.scale == 1


@given(
    parts=st.lists(st.lists(st.integers(0, 99).map(str), max_size=60), max_size=6),
    most=st.integers(1, 30),
    seed=st.randoms(use_true_random=False),
)
def test_parts_in_any_order_give_what_one_count_of_all_gives(parts: list[list[str]], most: int, seed: object) -> None:
    whole = sketch([name for part in parts for name in part], most)
    forwards = reduce(lambda left, part: both(left, sketch(part, most), most), parts, EMPTY)
    seed.shuffle(parts)  # type: ignore[attr-defined]
    backwards = reduce(lambda left, part: both(sketch(part, most), left, most), parts, EMPTY)
    assert forwards == backwards == whole
    assert len(whole.rows) <= most


@pytest.mark.parametrize("names", [1_000, 20_000])
def test_what_stays_stands_for_all(names: int) -> None:
    found = sketch([f"name {number}" for number in range(names)], 500)
    assert 200 < len(found.rows) <= 500
    assert len(found.rows) * found.scale == pytest.approx(names, rel=0.2)


def test_numbers_next_to_each_other_are_not_kept_together() -> None:
    found = bounded(Sketch(dict.fromkeys(range(4096), 1)), int, 1024)
    assert sum(found.rows.values()) * found.scale == pytest.approx(4096, rel=0.2)


def test_a_sketch_travels() -> None:
    found = sketch(["a", "b"], 1)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 our own bytes


def test_no_names_are_nothing() -> None:
    assert both(EMPTY, EMPTY, 5) == EMPTY
