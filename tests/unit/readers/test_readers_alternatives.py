"""Other labels that a model weighed: whatever shape they come in, and whatever is none, no record is lost for them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.config.shape import Recording
from twokey.readers import open_reader
from twokey.readers.values import MAX_ALTERNATIVES, alternatives
from twokey.record import Record

WEIGHED = (("loan", 0.6), ("card", 0.25))


@pytest.mark.parametrize(
    "value",
    [
        [{"label": "card", "score": 0.25}, {"label": "loan", "score": 0.6}],
        [{"class": "loan", "probability": 0.6}, {"name": "card", "p": 0.25, "rank": 2}],
        [{"token": "loan", "logprob": -0.510826}, {"token": "card", "logprob": -1.386294}],
        [["loan", 0.6], ["card", 0.25]],
        {"card": 0.25, "loan": 0.6},
        '{"card": 0.25, "loan": 0.6}',
        [["loan", 0.6], ["card", 0.25], ["card", 0.2], ["", 0.1], [None, 0.1], ["x", None], ["y", 1.5], ["z", "0.1"]],
    ],
)
def test_alternatives_are_taken_in_each_common_shape_the_likeliest_first(value: Any) -> None:
    assert alternatives(value, "alternatives") == WEIGHED


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "loan",
        "[" * 4000,
        '{"a": NaN}',
        7,
        True,
        [1, [2], {}],
        {"label": "card"},
        {"a": {"b": 0.5}},
        [["a", float("nan")], ["b", float("inf")], ["c", 10**400], ["d", -(10**400)], ["e", -0.5], ["f" * 201, 0.5]],
        [{"token": "a", "logprob": 0.5}],
    ],
)
def test_what_is_no_list_of_alternatives_is_none_and_no_fault(value: Any) -> None:
    assert alternatives(value, "alternatives") == ()


def test_only_the_likeliest_are_kept_and_a_long_list_costs_no_more() -> None:
    many = [[f"label {n}", n / 10_000] for n in range(5000)]
    found = alternatives(many, "alternatives")
    assert len(found) == MAX_ALTERNATIVES
    assert found[0] == ("label 999", 0.0999), "only the first thousand are looked at"


def test_a_logarithm_of_nothing_is_no_probability_at_all() -> None:
    assert alternatives([{"token": "a", "logprob": -(10**400)}], "alternatives") == (("a", 0.0),)


def read(path: Path, mapped: str | None = None) -> list[Record]:
    recording = Recording(path=str(path), id="id", output="output", alternatives=mapped)
    reader = open_reader(recording)
    rows = [row for shard in reader.shards(str(path), 1) for row in reader.rows(shard, recording, None)]
    assert all(isinstance(row, Record) for row in rows), rows
    return [row for row in rows if isinstance(row, Record)]


def test_json_lines_and_csv_give_the_same(tmp_path: Path) -> None:
    given_ = [[{"label": "loan", "score": 0.6}, {"label": "card", "score": 0.25}], None, "odd", {"deep": [[[[0]]]]}]
    rows = [{"id": f"r{n}", "output": "x", "response": {"others": value}} for n, value in enumerate(given_)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cells = ["" if value is None else json.dumps(value).replace('"', '""') for value in given_]
    (tmp_path / "a.csv").write_text("id,output,others\n" + "".join(f'r{n},x,"{c}"\n' for n, c in enumerate(cells)))
    by_line = read(tmp_path / "a.jsonl", "response.others")
    assert [row.alternatives for row in by_line] == [WEIGHED, (), (), ()]
    assert [row.alternatives for row in read(tmp_path / "a.csv", "others")] == [WEIGHED, (), (), ()]
    assert [row.alternatives for row in read(tmp_path / "a.jsonl")] == [()] * 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["label", "score", "token", "logprob", "a"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(JSON)
def test_whatever_stands_there_gives_labels_with_probabilities(value: Any) -> None:
    found = alternatives(value, "alternatives")
    assert len(found) <= MAX_ALTERNATIVES
    assert len({label for label, _ in found}) == len(found)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(type(label) is str and label and 0.0 <= score <= 1.0 for label, score in found)
