"""The flattened text is what offsets speak of: a part's text stands in the whole where `part_of` says."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.record import flatten, part_of

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
)


def paths(value: Any) -> list[tuple[str, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((str(key), *path) for key, inner in below for path in paths(inner))]


def at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@given(VALUES)
@settings(deadline=None, max_examples=200)
def test_a_part_stands_in_the_whole_where_it_is_said_to(value: Any) -> None:
    whole = flatten(value)
    for path in paths(value):
        part = part_of(value, path)
        if at(value, path) is None:
            assert part is None
            continue
        assert part is not None
        start, text = part
        assert text == flatten(at(value, path))
        assert not text or whole[start : start + len(text)] == text


@pytest.mark.parametrize("path", [("b",), ("a", "2"), ("a", "x"), ("a", "0", "deeper"), ("a", "-1")])
def test_a_part_that_is_not_there_is_none(path: tuple[str, ...]) -> None:
    assert part_of({"a": ["x", "y"]}, path) is None
    assert part_of(None, path) is None
