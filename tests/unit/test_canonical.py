import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.canonical import dump_line, dumps, loads, quantise
from twokey.errors import TwokeyError

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "JSONTestSuite" / "test_parsing"

texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(values)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert loads(dumps(value), file="x") == value
    assert loads(dump_line(value), file="x") == value


@given(st.dictionaries(texts, st.integers()))
def test_the_order_of_keys_does_not_show(value: dict[str, int]) -> None:
    assert dumps(value) == dumps(dict(reversed(value.items())))


def test_floats_are_rounded_and_zero_has_no_sign() -> None:
    assert quantise(0.1 + 0.2) == 0.3
    assert math.copysign(1, quantise(-1e-9)) == 1
    assert dump_line([1e-7, -0.0]) == b"[0.0,0.0]\n"


@pytest.mark.parametrize("unseen", ["\x7f", "\x9b", "\u200b", "\u202e", "\u2028", "\ufeff", "\U000e0041", "\x1b"])
def test_what_a_terminal_obeys_or_a_diff_hides_is_escaped_and_reads_back(unseen: str) -> None:
    value = {f"key{unseen}": f"a{unseen}b"}
    for written in (dumps(value), dump_line(value)):
        assert unseen not in written.decode()
        assert loads(written, file="x") == value


def test_what_people_read_is_written_as_it_is() -> None:
    assert dump_line(["Zoë", "日本", "🙂"]) == '["Zoë","日本","🙂"]\n'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="NaN"):
        dumps({"x": value})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a":1,"a":2}', "twice"),
        (b'{"a":{"b":1,"b":1}}', "twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "out of range"),
        (b"[" + b"9" * 5000 + b"]", "5000 digits"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested deeper"),
        (b"\xff", "UTF-8"),
        (b"", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"[" + b" " * 200 + b"]", "more than"),
    ],
)
def test_two_parsers_could_disagree_so_it_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(TwokeyError, match=reason):
        loads(text, file="x", max_bytes=150 if reason == "more than" else 10**6)


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    assert loads(b'["' + b"[" * 1000 + b'\\""]', file="x") == ["[" * 1000 + '"']


@pytest.mark.skipif(not VECTORS.is_dir(), reason="JSONTestSuite is not at hand beside this checkout")
def test_the_json_test_suite_is_judged_as_it_says() -> None:
    for path in sorted(VECTORS.glob("*.json")):
        try:
            loads(path.read_bytes(), file=path.name)
            accepted = True
        except TwokeyError:
            accepted = False
        stricter = path.name in {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
        if path.name.startswith("n_") or stricter:
            assert not accepted, path.name
        elif path.name.startswith("y_"):
            assert accepted, path.name
