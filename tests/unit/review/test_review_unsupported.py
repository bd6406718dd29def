from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.canonical import dump_line, loads
from twokey.detectors import default_scanner
from twokey.record import Record
from twokey.review.items import MAX_TEXT, item
from twokey.review.unsupported import MAX_SOURCE, MOST, marked, told, unsupported, without
from twokey.scorers.texts import texts

SCANNER = default_scanner()
CONTEXT = "The Blue Card was issued on 12 March 2021 in Lisbon. The annual fee is 45 euros."


def row(output: Any, context: Any = CONTEXT, **fields: Any) -> dict[str, Any]:
    return item(Record(id="a", output=output, context=context, **fields), SCANNER)


def places(found: dict[str, Any]) -> list[tuple[str, str]]:
    text = texts(found["output"])
    return [(text[one["start"] : one["end"]], one["kind"]) for one in found["grounding"]]


def test_places_are_of_the_text_that_is_shown() -> None:
    found = row("Write to jane.doe@example.org: the annual fee is 54 euros.")
    assert "jane.doe" not in found["output"]
    assert places(found) == [("Write", "word"), ("54", "number")]


def test_marks_and_notes_are_not_the_models_words() -> None:
    found = row(f"jane.doe@example.org {'fee ' * MAX_TEXT}")
    assert "[pii.email]" in found["output"]
    assert found["output"].endswith("more characters: not shown]")
    assert found["grounding"] == []


def test_what_was_cut_from_the_shown_context_still_supports() -> None:
    found = row("Porto is far", f"{'x ' * MAX_TEXT}Porto is far away")
    assert "Porto" not in found["context"]
    assert found["grounding"] == []


def test_new_words_that_follow_each_other_are_one_place() -> None:
    assert places(row("The fee: penguins enjoy swimming, daily.")) == [
        ("penguins enjoy swimming", "word"),
        ("daily", "word"),
    ]


def test_a_word_or_two_of_a_paraphrase_are_not_marked() -> None:
    assert places(row("The annual fee of the Blue Card issued in Lisbon amounts to 45 euros.")) == []


def test_an_item_has_a_few_places_only() -> None:
    assert len(row(" and the ".join(f"fee {n}" for n in range(100, 300)))["grounding"]) == MOST


@pytest.mark.parametrize(
    "fields",
    [{"context": None}, {"context": " "}, {"context": {"score": 3}}, {"context": "x" * (MAX_SOURCE + 1)},
     {"output": None}, {"output": {"score": 3}}, {"output": "yes"}],
)  # fmt: skip
def test_where_there_is_nothing_to_compare_the_item_says_nothing(fields: dict[str, Any]) -> None:
    assert "grounding" not in row(**{"output": "Penguins", **fields})


def test_a_structure_is_marked_in_the_lines_that_people_read() -> None:
    found = row({"score": 0.5, "title": "The fee", "reply": "The annual fee is 54 euros"})
    assert places(found) == [("54", "number")]
    assert marked(found) == (
        ("reply: The annual fee is ", None),
        ("54", "number"),
        (" euros\nscore: 0.5\ntitle: The fee", None),
    )
    assert told(found) == "number: 54"
    kept = {name: part for name, part in found["output"].items() if name != "score"}
    fewer = {**found, "output": kept, "grounding": without(found, kept)}
    assert marked(fewer) == (("reply: The annual fee is ", None), ("54", "number"), (" euros\ntitle: The fee", None))
    assert told(fewer) == "number: 54"


def test_a_deep_structure_is_told_in_words_only() -> None:
    found = row({"reply": ["The annual fee is 54 euros"]})
    assert places(found) == [("54", "number")]
    assert marked(found) == ()
    assert told(found) == "number: 54"


@pytest.mark.parametrize(
    "places",
    ["no list", 7, [7], [{}], [{"start": 0, "end": 99, "kind": "word"}], [{"start": 3, "end": 2, "kind": "word"}],
     [{"start": True, "end": 2, "kind": "word"}], [{"start": 0, "end": 2, "kind": "<b>"}],
     [{"start": -2, "end": 2, "kind": "word"}],
     [{"start": 0, "end": 2, "kind": []}]],
)  # fmt: skip
def test_places_that_are_none_are_passed_over_for_evidence_may_come_from_anybody(places: Any) -> None:
    found = {"id": "a", "output": "text", "grounding": places}
    assert marked(found) == ()
    assert told(found) == ""


@given(
    output=st.text()
    | st.dictionaries(st.text(max_size=3), st.text() | st.floats() | st.integers() | st.none(), max_size=4),
    context=st.text(min_size=1),
)
def test_parts_together_are_the_text_and_places_are_valid(output: Any, context: str) -> None:
    record = Record(id="a", output=output, context=context)
    found = unsupported(record, output) or []
    text = texts(output)
    reach = 0
    for one in found:
        assert reach <= one["start"] < one["end"] <= len(text)
        reach = one["end"]
    parts = marked({"output": output, "grounding": found})
    if parts:
        lines = output if isinstance(output, str) else "\n".join(f"{name}: {part}" for name, part in output.items())
        assert "".join(part for part, _ in parts) == lines


def test_places_are_those_of_the_file_whatever_order_the_output_had_its_fields_in() -> None:
    made = row({"label": "blue", "score": 0.5, "reply": "The annual fee is 55 euros."})
    assert places(loads(dump_line(made), file="row")) == [("55", "number")]
