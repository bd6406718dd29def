"""The mapping: what a path means, what a value must be, and that the fast way and the slow way agree."""

import json
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.shape import Recording
from twokey.errors import ConfigError
from twokey.readers.compiled import Compiled, compile_json
from twokey.readers.jsonl import reread
from twokey.readers.mapping import Layout
from twokey.record import Record, Unreadable


def read(row: Any, stratify_by: str | None = None, **mapping: Any) -> Record | Unreadable:
    """Read one row the way the JSON Lines reader does, in each way that applies."""
    layout = Layout.of(Recording(path="x.jsonl", **{"id": "id", **mapping}), stratify_by)
    line = row if isinstance(row, bytes) else json.dumps(row).encode()
    slow = reread(line, 1, layout)
    for found in together(layout, line):
        assert found == slow
    try:
        fast = compile_json(layout)(line)
    except (ValueError, AttributeError, RecursionError):
        assert slow is not None
        return slow
    assert fast == slow
    return fast


def together(layout: Layout, line: bytes) -> Iterator[Record]:
    """Read a row as a run of lines, flat first and in general."""
    try:
        fresh = compile_json.__wrapped__(layout)  # what it has learned of other rows is not to matter
    except ValueError:  # a name that no struct can have
        return
    for ways in (fresh.ways, fresh.ways[1:]):
        lines = [line + b"\n", line]
        found = Compiled(fresh.read, list(ways)).run(b"".join(lines), lines) if line else None
        yield from (row for row in (found[0] if found else ()) if row is not None)


def record(row: Any, stratify_by: str | None = None, **mapping: Any) -> Record:
    found = read(row, stratify_by, **mapping)
    assert isinstance(found, Record), found
    return found


def reason(row: Any, **mapping: Any) -> str:
    found = read(row, **mapping)
    assert isinstance(found, Unreadable), found
    assert found.line == 1
    return found.reason


NAIVE = "s: a time without an offset; write it as 2026-01-31T12:00:00+00:00"
MILLISECONDS = "s: expected seconds since the epoch, found 1.7e+12, which lies outside 1970 to 2100"
NO_TIME = "s: expected ISO 8601 with an offset, or seconds since the epoch, found other text"


def test_numbers_in_a_path_index_lists() -> None:
    row = {"id": "a", "choices": [{"message": {"content": "hello"}}, 7]}
    assert record(row, output="choices.0.message.content", input="choices.1").output == "hello"
    assert record(row, output="choices.0.message.content", input="choices.1").input == 7


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a"},
        {"id": "a", "r": None},
        {"id": "a", "r": {}},
        {"id": "a", "r": {"c": None}},
        {"id": "a", "r": {"c": []}},
        {"id": "a", "r": {"c": [None]}},
        {"id": "a", "r": {"c": [{}]}},
        {"id": "a", "r": {"c": [{"text": None}]}},
    ],
)
def test_whatever_is_absent_on_the_way_leaves_the_part_empty(row: Any) -> None:
    assert record(row, output="r.c.0.text").output is None


def test_a_path_may_go_on_inside_another_one() -> None:
    row = {"id": "a", "response": {"label": "yes", "score": 0.5, "list": [1, 2]}}
    found = record(row, output="response", label="response.label", confidence="response.score", input="response.list.1")
    assert (found.output, found.label, found.confidence, found.input) == (row["response"], "yes", 0.5, 2)
    assert record({"id": "a", "response": None}, output="response", label="response.label").label is None
    wrong = reason({"id": "a", "response": "text"}, output="response", label="response.label")
    assert wrong == "response: expected an object, found text"


def test_the_label_is_the_output_only_where_it_has_no_path() -> None:
    assert record({"id": "a", "o": "x"}, output="o").label == "x"
    assert record({"id": "a", "o": "x"}, output="o", label="l").label is None
    assert record({"id": "a", "o": "x", "l": "y"}, output="o", label="l").label == "y"


@pytest.mark.parametrize(
    ("row", "mapping", "expected"),
    [
        ({"id": "a", "r": "text"}, {"output": "r.x"}, "r: expected an object, found text"),
        ({"id": "a", "r": [1]}, {"output": "r.x"}, "r: expected an object, found a list"),
        ({"id": "a", "r": {"0": 1}}, {"output": "r.0"}, "r: expected a list, found an object"),
        ({"id": "a", "r": {"c": [3]}}, {"output": "r.c.0.x"}, "r.c.0: expected an object, found a number"),
        ({"id": "a", "s": "high"}, {"confidence": "s"}, "s: expected a number, found text"),
        ({"id": "a", "s": True}, {"confidence": "s"}, "s: expected a number, found true or false"),
        ({"id": "a", "s": 87}, {"confidence": "s"}, "s: expected a number from 0 to 1, found 87"),
        ({"id": "a", "s": -0.5}, {"confidence": "s"}, "s: expected a number from 0 to 1, found -0.5"),
        ({"id": "a", "s": -3}, {"latency_ms": "s"}, "s: expected a number of at least 0, found -3"),
        ({"id": "a", "s": -3}, {"memory_mb": "s"}, "s: expected a number of at least 0, found -3"),
        ({"id": "a", "s": {}}, {"groups": {"g": "s"}}, "s: expected text, a number or true or false, found an object"),
        ({"id": "a", "s": "x" * 201}, {"impact": "s"}, "s: 201 characters, more than the 200 allowed for a group"),
        ({"id": "a", "s": 2}, {"hallucinated": "s"}, "s: expected true or false, found 2"),
        ({"id": "a", "s": "yes"}, {"hallucinated": "s"}, "s: expected true or false, found text"),
        ({"id": "a", "s": "2026-01-31T12:00:00"}, {"at": "s"}, NAIVE),
        ({"id": "a", "s": 1.7e12}, {"at": "s"}, MILLISECONDS),
        ({"id": "a", "s": "noon"}, {"at": "s"}, NO_TIME),
        ({"id": 1.5}, {}, "id: expected text or a whole number, found a number"),
        ({"id": True}, {}, "id: expected text or a whole number, found true or false"),
        ({"id": "x" * 513}, {}, "id: an id of 513 characters, more than the 512 allowed"),
        ([1], {}, "expected an object, found a list"),
        ("x", {}, "expected an object, found text"),
        (7, {}, "expected an object, found a number"),
        (None, {}, "expected an object, found nothing"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_names_path_expectation_and_find(row: Any, mapping: Any, expected: str) -> None:
    assert reason(row, **mapping) == expected


@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": ""}, {"id": "  \t"}, {"request": {}}])
def test_no_id_is_unreadable_and_names_the_path(row: Any) -> None:
    assert reason(row) == "no id at id"
    assert reason({"request": None}, id="request.id") == "no id at request.id"


def test_whole_numbers_are_ids_as_their_decimal_text() -> None:
    assert record({"id": 42}).id == "42"
    assert record({"id": 2**70}).id == str(2**70)
    assert record({"id": " a b "}).id == " a b "


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"id":"a","s":NaN}', "NaN is not JSON, at byte 15"),
        (b'{"id":"a","other":Infinity}', "Infinity is not JSON, at byte 19"),
        (b'{"id":"a","other":-Infinity}', "-Infinity is not JSON, at byte 19"),
        (b'{"id":"a"} x', "not JSON: trailing characters near byte 13"),
        (b'{"id":"a"', "not JSON: the line ends in the middle of a value"),
        (b"{'id':'a'}", "not JSON: object keys must be strings near byte 2"),
        (b'{"id":"a","s":1e999}', "a number out of range"),
        (b'{"id":"a\xff"}', "invalid UTF-8 at byte 9"),
        (
            b'{"id":"a","s":"\\ud800"}',
            "not JSON: an unpaired surrogate escape, or the line ends in the middle of a value",
        ),
    ],
)
def test_text_that_is_no_json_says_where(line: bytes, expected: str) -> None:
    assert reason(line, confidence="s") == expected


def test_a_mapped_value_nested_too_deeply_is_unreadable() -> None:
    deep = b"[" * 65 + b"]" * 65
    assert record(b'{"id":"a","o":' + deep[1:-1] + b"}", output="o").output
    assert reason(b'{"id":"a","o":' + deep + b"}", output="o") == "o: nested deeper than 64"
    hostile = b"[" * 100_000 + b"]" * 100_000
    assert reason(b'{"id":"a","o":' + hostile + b"}", output="o") == "nested too deeply"
    assert reason(b'{"id":"a","unmapped":' + hostile + b"}") == "nested too deeply"


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    assert record(b'{"id":"a","o":1,"id":"b","o":2}', output="o") == Record(id="b", output=2, label=2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("production", "production"), ("synthetic", "synthetic"), (" Production ", "production"), ("live", "unknown"),
     (None, "unknown"), (7, "unknown"), (["synthetic"], "unknown"), ({}, "unknown")],
)  # fmt: skip
def test_any_other_source_is_unknown(value: Any, expected: str) -> None:
    assert record({"id": "a", "s": value}, source="s").source == expected
    assert record({"id": "a", "s": value}).source == "unknown"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (False, None), ("", None), ([], None), ({}, None), ("timeout", "timeout"), (503, "503"),
     (True, "true"), ({"code": 1}, '{"code":1}'), ("x" * 600, "x" * 499 + "…")],
)  # fmt: skip
def test_an_error_is_text_or_nothing(value: Any, expected: str | None) -> None:
    assert record({"id": "a", "e": value}, error="e").error == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("chat", {"g": "chat"}), (3, {"g": "3"}), (0.5, {"g": "0.5"}), (True, {"g": "true"}), (None, {}), ("", {})],
)
def test_group_values_become_text_and_absent_ones_are_left_out(value: Any, expected: dict[str, str]) -> None:
    found = record({"id": "a", "v": value}, stratify_by="g", groups={"g": "v"})
    assert found.groups == expected
    assert found.stratum == expected.get("g", "")


def test_a_group_that_is_not_mapped_gives_no_stratum() -> None:
    assert record({"id": "a", "v": "x"}, stratify_by="other", groups={"g": "v"}).stratum == ""


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, True), (0, False), (None, None)])
def test_hallucinated_is_true_false_or_their_numbers(value: Any, expected: bool | None) -> None:
    assert record({"id": "a", "h": value}, hallucinated="h").hallucinated is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2026-01-31T12:00:00Z", 1769860800.0), ("2026-01-31T14:00:00+02:00", 1769860800.0), (1769860800, 1769860800.0)],
)
def test_times_are_seconds_since_the_epoch(value: Any, expected: float) -> None:
    assert record({"id": "a", "t": value}, at="t").at == expected


def test_two_fields_that_want_different_things_of_one_path_are_judged_each() -> None:
    assert record({"id": 7}, input="id", groups={"g": "id"}) == Record(id="7", input=7, groups={"g": "7"})
    found = record({"id": "a", "n": 0.5}, confidence="n", latency_ms="n")
    assert (found.confidence, found.latency_ms) == (0.5, 0.5)
    assert reason({"id": "a", "n": 5}, confidence="n", latency_ms="n") == "n: expected a number from 0 to 1, found 5"


@pytest.mark.parametrize("path", ["", ".", "a..b", "a.", ".a", "list.1000"])
def test_what_cannot_be_a_path_is_a_fault_of_the_config(path: str) -> None:
    with pytest.raises(ConfigError, match="is no path"):
        read({"id": "a"}, output=path)


def test_a_path_cannot_be_a_list_and_an_object_at_once() -> None:
    with pytest.raises(ConfigError, match="r is mapped by number and by name"):
        read({"id": "a"}, output="r.0", input="r.x")


def test_a_mapping_without_an_id_is_a_fault_of_the_config() -> None:
    with pytest.raises(ConfigError, match="no path is mapped to id"):
        Layout.of(Recording(path="x.jsonl"), None)


def test_a_layout_pickles_and_is_compiled_once() -> None:
    layout = Layout.of(Recording(path="x.jsonl", id="id", groups={"g": "v"}), "g")
    again = pickle.loads(pickle.dumps(layout))  # noqa: S301 (our own bytes)
    assert compile_json(again) is compile_json(layout)


HOSTILE = ["'); raise SystemExit #", "__class__", "a b", "日本", "\n", "%s{0}", "absent", "k", "class"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_and_paths_are_never_taken_for_code(name: str) -> None:
    row = {"id": "a", name: {name: "inside"}}
    found = record(row, stratify_by=name, output=name, label=f"{name}.{name}", groups={name: f"{name}.{name}"})
    assert found == Record(id="a", output={name: "inside"}, label="inside", stratum="inside", groups={name: "inside"})
    assert record(row, context=f"{name}.{name}").context == "inside"


KEYS = st.sampled_from(["id", "a", "b", "0", "score"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-1, 2), st.sampled_from(["", " ", "x", "synthetic", "0.5"])
)
JSON = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner)), max_leaves=8
)
PATHS = st.sampled_from(["id", "a", "b", "a.b", "a.a", "b.0", "b.1.a", "score", "a.b.score"])


@given(
    row=st.dictionaries(KEYS, JSON),
    mapping=st.dictionaries(
        st.sampled_from([name for name in Layout.of(Recording(path="", id="id"), None).places if name != "id"]), PATHS
    ),
    group=PATHS,
)
def test_the_fast_way_and_the_slow_way_agree(row: Any, mapping: dict[str, str], group: str) -> None:
    # `read` compares them; it is enough that neither crashes and one of both answers comes out.
    assert isinstance(read({"id": "x", **row}, "g", groups={"g": group}, **mapping), Record | Unreadable)


def test_a_run_is_read_at_once_only_where_each_line_is_one_object() -> None:
    compiled = compile_json(Layout.of(Recording(path="x.jsonl", id="id"), None))
    whole = [b'{"id":"a"}\n', b'{"id":"b","other":[{}]}\n', b'{"id":"c"}']
    found = compiled.run(b"".join(whole), whole)
    assert found is not None
    assert [row.id for row in found[0] if row] == ["a", "b", "c"]
    for lines in (
        [b'{"id":"a"}{"id":"b"}\n', b'{"id":\n', b'"c"}\n'],
        [b'{"id":"a"} {"id":"b"}\n', b"\n"],
        [b'{"id":"a"}{"id":"b"}\n'],
        [b'{"id":"a"}\r\n', b'{"id":"b"}\r\n'],
        [b'{"id":"a"}\n', b'{"id":NaN}\n'],
    ):
        assert compiled.run(b"".join(lines), lines) is None


def test_flat_contents_are_read_in_their_own_way_until_one_is_not() -> None:
    layout = Layout.of(Recording(path="x.jsonl", id="id", output="o"), None)
    compiled = compile_json.__wrapped__(layout)
    for content, ways in (('{"a":1}', 2), ('"text"', 2), ('{"a":[1]}', 1), ('{"a":1}', 1)):
        line = f'{{"id":"a","o":{content}}}'.encode()
        found = compiled.run(line, [line])
        assert found is not None
        assert found[0] == [reread(line, 1, layout)]
        assert len(compiled.ways) == ways
