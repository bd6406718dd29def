import json
import pickle
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.config.scalars import Allowance
from twokey.errors import ConfigError, TwokeyError
from twokey.gates.base import Setting
from twokey.gates.schema import SchemaGate
from twokey.gates.schema_checks import parsed
from twokey.gates.schema_json import Fault
from twokey.gates.schema_options import Contract, Sanitise, SchemaOptions
from twokey.outcome import Metric, Status
from twokey.record import Batch, Record, Role

FILES = {
    "in.json": b'{"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}',
    "out.json": b'{"type": "object", "properties": {"label": {"enum": ["a", "b"]}, "n": {"type": "integer"}}}',
    "bad.json": b'{"type": 3}',
}


def read(path: str) -> bytes:
    if path not in FILES:
        raise TwokeyError(f"there is no {path}")
    return FILES[path]


def gate(seed: int = 0, **options: Any) -> SchemaGate:
    return SchemaGate.build(SchemaOptions(**options), Setting(read=read, has_baseline=False, seed=seed))


EVERY = gate(
    input="in.json",
    output="out.json",
    contract=Contract(required=("label",), max_length={"label": 5}),
    sanitise=Sanitise(max_input_bytes=20),
)


def batch(*found: Record, role: Role = "candidate") -> Batch:
    return Batch(role=role, records=found, sightings=((),) * len(found))


def outputs(*values: Any) -> Batch:
    return batch(*(Record(id=f"r{n}", input={"text": "x"}, output=value) for n, value in enumerate(values)))


def metric(judge: SchemaGate, found: Batch, name: str) -> Metric:
    result = judge.judge(judge.tally(found)).metric(name)
    assert result is not None
    return result


def test_valid_records_pass_each_check_with_its_numbers() -> None:
    result = EVERY.judge(EVERY.tally(outputs(*[{"label": "a"}] * 300)))
    assert result.status is Status.PASS
    assert [m.name for m in result.metrics] == ["schema_input", "schema_output", "contract", "sanitisation"]
    assert all("0 of 300" in m.reason and "at most 0.99% of all at 95%" in m.reason for m in result.metrics)


def test_failures_are_counted_by_keyword_and_place_with_the_most_frequent_in_the_reason() -> None:
    found = metric(
        EVERY, outputs({"label": "c"}, {"label": "d"}, {"label": "a", "n": 1.5}, {"label": "b"}), "schema_output"
    )
    assert found.status is Status.FAIL
    assert "3 of 4 outputs are invalid (schema_output)" in found.reason
    assert "most often enum at $.label (2)" in found.reason
    assert found.facts["failures"] == [
        {"keyword": "enum", "path": "$.label", "count": 2},
        {"keyword": "type", "path": "$.n", "count": 1},
    ]
    assert {row["id"]: row["why"] for row in found.facts["examples"]} == {
        "r0": 'at $.label: expected one of ["a", "b"]',
        "r1": 'at $.label: expected one of ["a", "b"]',
        "r2": "at $.n: expected integer, found number",
    }


def test_facts_stay_small_however_many_kinds_of_failure_there_are() -> None:
    judge = gate(contract=Contract(types={f"f{n:02}": "string" for n in range(30)}))
    found = metric(judge, outputs(*({f"f{n:02}": 1} for n in range(30))), "contract")
    assert len(found.facts["failures"]) == 20
    assert found.facts["more_failures"] == 10
    assert len(found.facts["examples"]) == 5


@pytest.mark.parametrize(
    ("most", "status"),
    [
        (Allowance(count=0), Status.FAIL),
        (Allowance(count=3), Status.PASS),
        (Allowance(share=0.001), Status.FAIL),
        (Allowance(share=0.03), Status.INCONCLUSIVE),
        (Allowance(share=0.2), Status.PASS),
    ],
)
def test_the_allowance_decides(most: Allowance, status: Status) -> None:
    judge = gate(output="out.json", max_invalid=most)
    assert metric(judge, outputs(*[[]] * 3, *[{}] * 97), "schema_output").status is status


def test_the_books_close_for_each_check_and_for_the_gate() -> None:
    found = batch(
        Record(id="a", input={"text": "x"}, output={"label": "a"}),
        Record(id="b", input={"text": "x"}),
        Record(id="c", input={"text": "x"}, output={"label": "a"}, error="timeout"),
        Record(id="d"),
    )
    result = EVERY.judge(EVERY.tally(found))
    assert result.books.plain() == {"total": 4, "scored": 2, "errored": 1, "unscorable": 1, "excluded": 0}
    assert metric(EVERY, found, "schema_output").books.plain() == {
        "total": 4,
        "scored": 1,
        "errored": 1,
        "unscorable": 2,
        "excluded": 0,
    }


@pytest.mark.parametrize("found", [batch(), batch(Record(id="a")), batch(Record(id="a", output=1, error="down"))])
def test_with_nothing_to_look_at_every_check_is_an_error(found: Batch) -> None:
    result = EVERY.judge(EVERY.tally(found))
    assert result.status is Status.ERROR
    assert {m.status for m in result.metrics} == {Status.ERROR}
    assert "no output to look at" in result.metrics[1].reason


def test_a_check_without_a_side_is_an_error_while_the_others_are_judged() -> None:
    found = batch(Record(id="a", output={"label": "a"}))
    assert metric(EVERY, found, "schema_input").status is Status.ERROR
    assert metric(EVERY, found, "schema_output").status is Status.PASS


def test_the_baseline_is_not_judged() -> None:
    baseline = batch(Record(id="a", output=3), role="baseline")
    assert EVERY.tally(baseline) == EVERY.tally(batch())


def test_json_text_is_parsed_first_where_policy_says_so() -> None:
    judge = gate(output="out.json", contract=Contract(required=("label",)), parse_output=True)
    tally = judge.tally(outputs('{"label": "a"}', '```json\n{"label": "a"}```', "{", {"label": "a"}, "null"))
    assert tally.checks["schema_output"].invalid == 3
    assert tally.checks["contract"].failures == {("json", "$"): 2, ("type", "$"): 1}
    assert tally.checks["contract"].scored == 5
    assert metric(gate(output="out.json"), outputs('{"label": "a"}'), "schema_output").status is Status.FAIL


@pytest.mark.parametrize("text", ["", "{", "NaN", "1e999", "[" * 100_000, "\ud800", "{'a': 1}", "[1,]", "1 2"])
def test_what_is_no_json_text_is_a_fault(text: str) -> None:
    assert isinstance(parsed(text), Fault)


@pytest.mark.parametrize(
    ("contract", "good", "bad"),
    [
        (Contract(required=("a",)), {"a": None}, {}),
        (Contract(types={"a": "integer"}), {"a": 1.0}, {"a": True}),
        (Contract(types={"a": "number"}), {}, {"a": "1"}),
        (Contract(enums={"a": ("x", 2)}), {"a": 2}, {"a": "2"}),
        (Contract(max_length={"a": 2}), {"a": "😀😀"}, {"a": [1, 2, 3]}),
        (Contract(min_length={"a": 1}), {"a": [0]}, {"a": ""}),
        (Contract(max_length={"$": 3}), "abc", "abcd"),
        (Contract(enums={"$": ("yes", "no")}), "no", "maybe"),
        (Contract(types={"$": "string"}), "", {}),
        (Contract(required=("a",)), {"a": 1, "more": 2}, "text"),
    ],
)
def test_a_contract_says_what_a_response_looks_like(contract: Contract, good: Any, bad: Any) -> None:
    judge = gate(contract=contract)
    assert metric(judge, outputs(good), "contract").status is Status.PASS
    assert metric(judge, outputs(bad), "contract").status is Status.FAIL


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "a contract needs"),
        ({"enums": {"a": ()}}, "without values"),
        ({"max_length": {"a": -1}}, "at least 0"),
        ({"max_length": {"a": 1}, "min_length": {"a": 2}}, "nothing can meet"),
        ({"types": {"$": "string"}, "required": ("a",)}, "only an object has fields"),
    ],
)
def test_a_contract_that_asks_for_nothing_or_for_the_impossible_is_refused(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Contract(**options)


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("tab\tline\r\nend", None),
        ("é" * 10, None),
        ("nul\x00", "control_characters"),
        ("esc\x1b[31m", "control_characters"),
        ("c1\x85", "control_characters"),
        ("del\x7f", "control_characters"),
        ("bytes \ufffd", "replacement_characters"),
        ("half \udc80", "replacement_characters"),
        ("é" * 10 + "x", "max_input_bytes"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_inputs_are_clean_or_the_broken_rule_is_named(text: str, keyword: str | None, nested: bool) -> None:
    judge = gate(sanitise=Sanitise(max_input_bytes=20))
    tally = judge.tally(batch(Record(id="a", input=[text] if nested else text)))
    assert tally.checks["sanitisation"].failures == ({} if keyword is None else {(keyword, "$"): 1})


def test_what_policy_allows_may_come_in() -> None:
    judge = gate(sanitise=Sanitise(control_characters="allow", replacement_characters="allow"))
    assert metric(judge, batch(Record(id="a", input="\x00\ufffd\ud800")), "sanitisation").status is Status.PASS


def test_which_records_are_named_depends_on_id_and_seed_and_not_on_order() -> None:
    found = [Record(id=f"r{n}", output=[]) for n in range(50)]
    judge = gate(output="out.json")
    results = []
    for shuffle in range(3):
        random.Random(shuffle).shuffle(found)
        tally = judge.tally(batch())
        for start in range(0, 50, 7):
            tally = judge.merge(judge.tally(batch(*found[start : start + 7])), tally)
        results.append(judge.judge(tally))
    assert results[0] == results[1] == results[2]
    other = gate(seed=1, output="out.json")
    assert other.judge(other.tally(batch(*found))).findings[0].examples != results[0].findings[0].examples


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, {}, {"label": "a"}, {"label": "c", "n": "x"}, [], "text", {"text": 1}]
)
BATCHES = st.lists(st.tuples(VALUES, VALUES, st.booleans()), max_size=8).map(
    lambda rows: batch(
        *(
            Record(id=f"{n}", input=one, output=two, error="x" if bad else None)
            for n, (one, two, bad) in enumerate(rows)
        )
    )
)


@given(BATCHES, BATCHES, BATCHES)
@settings(deadline=None, max_examples=60)
def test_merging_is_associative_and_commutative_with_nothing_as_neutral(one: Batch, two: Batch, three: Batch) -> None:
    a, b, c = EVERY.tally(one), EVERY.tally(two), EVERY.tally(three)
    assert EVERY.merge(a, EVERY.merge(b, c)) == EVERY.merge(EVERY.merge(a, b), c)
    assert EVERY.merge(a, b) == EVERY.merge(b, a)
    assert EVERY.merge(a, EVERY.tally(batch())) == a
    assert EVERY.merge(a, b) == EVERY.tally(replace(one, records=one.records + two.records, sightings=()))


def test_gate_and_tally_pickle() -> None:
    found = outputs({"label": "a"}, [])
    tally = EVERY.tally(found)
    copy: SchemaGate = pickle.loads(pickle.dumps(EVERY))  # noqa: S301 our own bytes
    assert pickle.loads(pickle.dumps(tally)) == tally  # noqa: S301 our own bytes
    assert copy.judge(copy.tally(found)) == EVERY.judge(tally)


def test_a_result_survives_its_json_form() -> None:
    result = EVERY.judge(EVERY.tally(outputs({"label": "a"}, [])))
    assert type(result).from_plain(json.loads(json.dumps(result.plain()))).plain() == result.plain()


def test_what_is_wrong_with_a_file_is_told_while_building() -> None:
    with pytest.raises(ConfigError, match=r"bad\.json: not a JSON Schema"):
        gate(output="bad.json")
    with pytest.raises(TwokeyError, match=r"there is no none\.json") as caught:
        gate(input="none.json")
    assert caught.value.status == 4
    with pytest.raises(ValueError, match="at least one of input"):
        SchemaOptions()
