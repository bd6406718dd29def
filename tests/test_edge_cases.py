"""The ends of the range: nothing to judge, one of a kind, all of a kind. Each has a verdict that says why."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from persona import Home, Outcome
from project import GATES, MAPPING, Project, row, rows, started

CALIBRATED = {"quality": {"accuracy": {"min": 0.5}, "expected_calibration_error": {"max": 0.2}}}
REVIEW = {"confidence_below": 0.6, "show": 5, "audit": 5}
EVERYTHING = {
    "schema": {"sanitise": {"max_input_bytes": 1000}},
    "performance": {"latency_p95_ms": {"max": 500}},
    **CALIBRATED,
    "safety": {"pii": {"max": 0}, "secrets": {"max": 0}, "profanity": {"max": 0}},
}


@pytest.fixture
def project(home: Home) -> Project:
    return started(home)


def judged(project: Project, status: int) -> Outcome:
    """Run for an environment in which a clean run passes; evidence must be complete and every book must close."""
    outcome = project.run("--environment", "staging")
    assert outcome.status == status, outcome.text
    assert "Traceback" not in outcome.text
    assert "unexpected fault" not in outcome.text
    for gate in project.results().values():
        for books in (gate["books"], *(metric["books"] for metric in gate["metrics"])):
            parts = {name: count for name, count in books.items() if name != "total"}
            assert books["total"] == sum(parts.values()), (gate["gate"], books)
        assert gate["reason"]
    assert ": NaN" not in (project.evidence / "results.json").read_text()
    assert project.home.twokey("verify", "--environment", "staging", "--recompute").status == status
    return outcome


def told(outcome: Outcome) -> str:
    return " ".join(outcome.out.split())


def statuses(project: Project) -> dict[str, str]:
    return {name: gate["status"] for name, gate in project.results().items()}


def test_only_unreadable_lines_are_an_error_of_every_gate(project: Project) -> None:
    project.policy(gates=EVERYTHING, review=REVIEW)
    project.record(["{not json", "[]", '"text"', "3"])
    outcome = judged(project, 1)
    assert set(statuses(project).values()) == {"error"}
    assert len(statuses(project)) == 6
    assert "4 of 4 lines could not be read" in told(outcome)


def test_nan_in_json_lines_is_no_json(project: Project) -> None:
    project.policy(gates=CALIBRATED)
    project.record([json.dumps(row(number, confidence=float("nan"))) for number in range(9)])
    outcome = judged(project, 1)
    assert "9 of 9 lines could not be read" in told(outcome)
    assert "NaN is not JSON" in (project.evidence / "manifest.json").read_text()
    assert statuses(project)["quality"] == "error"


def csv_of(records: list[dict[str, Any]]) -> str:
    names = [name for name in MAPPING if name != "error"]
    return "".join(
        ",".join(map(str, line)) + "\n" for line in (names, *([one[name] for name in names] for one in records))
    )


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_nan_in_tables_is_no_confidence(project: Project, kind: str) -> None:
    records = rows(40, confidence=float("nan"))
    project.policy(gates=CALIBRATED, review=REVIEW, candidate={"path": f"outputs.{kind}", "error": None})
    if kind == "csv":
        project.write("outputs.csv", csv_of(records))
    else:
        pq.write_table(pa.Table.from_pylist(records), project.directory / "outputs.parquet")
    outcome = judged(project, 1)
    assert project.metric("quality", "accuracy")["status"] == "pass"
    assert project.metric("quality", "expected_calibration_error")["status"] == "error"
    assert statuses(project)["review"] == "error"
    assert "none of 40 outputs carries a confidence" in told(outcome)
    assert "missing_confidence 40 records" in told(outcome)


def test_the_same_records_give_the_same_results_in_every_format(project: Project) -> None:
    records = [row(number, confidence=0.5 + number / 100, output="billing") for number in range(40)]
    found = []
    for kind in ("jsonl", "csv", "parquet"):
        project.policy(gates=CALIBRATED, review=REVIEW, candidate={"path": f"outputs.{kind}", "error": None})
        project.record(records)
        project.write("outputs.csv", csv_of(records))
        pq.write_table(pa.Table.from_pylist(records), project.directory / "outputs.parquet")
        project.run()
        found.append({name: (project.evidence / name).read_bytes() for name in ("results.json", "review/items.jsonl")})
    assert found[0] == found[1] == found[2]


def test_one_label_only(project: Project) -> None:
    gates = {"quality": {"accuracy": {"min": 0.5}, "f1_macro": {"min": 0.5}, "precision_macro": {"min": 0.5}}}
    project.policy(gates=gates, review=REVIEW)
    project.record(rows(60, output="billing", expected="billing"))
    judged(project, 0)
    assert [project.metric("quality", name)["value"] for name in gates["quality"]] == [1, 1, 1]


def test_one_label_only_and_always_another_answer(project: Project) -> None:
    project.policy(gates={"quality": {"accuracy": {"min": 0.5}, "f1_macro": {"min": 0.5}}})
    project.record(rows(60, output="billing", expected="account"))
    outcome = judged(project, 3)  # the checkpoint claims what fails
    assert statuses(project)["quality"] == "fail"
    assert project.metric("quality", "accuracy")["value"] == 0
    assert "quality.accuracy is fail" in told(outcome)


def test_one_record_settles_nothing(project: Project) -> None:
    project.policy(gates=EVERYTHING, review=REVIEW)
    project.record(rows(1))
    judged(project, 3)
    assert statuses(project)["quality"] == "inconclusive"
    assert statuses(project)["performance"] == "inconclusive"
    assert project.metric("quality", "accuracy")["interval"]["low"] < 0.5
    assert len((project.evidence / "review/items.jsonl").read_text().splitlines()) == 1


def test_records_that_all_errored_are_never_wrong_answers(project: Project) -> None:
    project.policy(gates=EVERYTHING, review=REVIEW)
    project.record(rows(7, error="timeout", output=...))
    outcome = judged(project, 1)
    assert "7 of 7 records carry an error in place of an answer" in told(outcome)
    assert project.metric("quality", "accuracy")["status"] == "error"
    assert project.metric("quality", "accuracy")["value"] is None
    assert project.results()["quality"]["books"]["errored"] == 7


def test_accuracy_without_anything_expected_is_an_error_by_name(project: Project) -> None:
    project.policy(gates=CALIBRATED)
    project.record(rows(30, expected=...))
    outcome = judged(project, 1)
    assert project.metric("quality", "accuracy")["status"] == "error"
    assert "accuracy: no record carries expected" in told(outcome)


def test_latency_that_nothing_carries_is_an_error_by_name(project: Project) -> None:
    project.policy(gates={"performance": {"latency_p95_ms": {"max": 500}}})
    project.record(rows(30, latency_ms=...))
    outcome = judged(project, 1)
    assert project.metric("performance", "latency_p95_ms")["status"] == "error"
    assert "latency_p95_ms: " in told(outcome)


def test_a_baseline_without_common_ids_pairs_nothing(project: Project) -> None:
    project.policy(gates={"quality": {"accuracy": {"max_drop": 0.01}}}, baseline={"path": "last.jsonl"})
    project.record([row(number, id=f"other-{number}") for number in range(30)], "last.jsonl")
    outcome = judged(project, 1)
    assert project.metric("quality", "accuracy")["status"] == "error"
    assert "accuracy: no record can be paired with one of the baseline" in told(outcome)


def test_an_empty_baseline_is_not_had(project: Project) -> None:
    project.policy(gates={"quality": {"accuracy": {"max_drop": 0.01}}}, baseline={"path": "last.jsonl"})
    project.write("last.jsonl", "")
    outcome = project.run()
    assert outcome.status == 4
    assert "last.jsonl: is empty" in outcome.err


def test_records_without_a_source_are_unknown_and_said_to_be(project: Project) -> None:
    project.record(rows(30, source=...))
    outcome = judged(project, 0)
    assert "30 records carry no known source: they count as unknown" in told(outcome)
    assert "unknown_source 30 records" in told(outcome)


def test_a_shortfall_of_the_sample_is_said(project: Project) -> None:
    project.policy(sample={"synthetic": 10, "production": 50})
    outcome = judged(project, 0)
    assert "wanted 50 production records, the recording has 15" in told(outcome)
    assert "wanted 10" not in told(outcome)
    sample = json.loads((project.evidence / "results.json").read_text())["sample"]
    assert sample["drawn"] == 25
    assert project.results()["quality"]["books"]["total"] == 25


def test_a_sample_that_draws_nothing_is_no_pass(project: Project) -> None:
    project.policy(sample={"synthetic": 0, "production": 5})
    project.record(rows(9, source="synthetic"))
    judged(project, 1)
    assert statuses(project) == {"records": "error", "quality": "error", "safety": "error"}


@pytest.mark.parametrize(("bad", "status"), [(2, 0), (3, 1)])
def test_unreadable_lines_within_and_over_the_budget(project: Project, bad: int, status: int) -> None:
    project.policy(gates={"records": {"max_unreadable": 2}, **GATES})
    project.record([*rows(30), *["{"] * bad])
    outcome = judged(project, status)
    assert f"{bad} of {30 + bad} lines could not be read: at most 2 allowed" in json.dumps(project.results())
    assert project.metric("quality", "accuracy")["n"] == 30
    assert "records" in told(outcome)


def test_one_unreadable_line_is_over_a_budget_that_nobody_set(project: Project) -> None:
    project.record([*rows(30), "{"])
    outcome = judged(project, 1)
    assert "1 of 31 lines could not be read: at most 0 allowed" in told(outcome)


def test_blank_lines_are_nothing(project: Project) -> None:
    project.record(["", *map(json.dumps, rows(30)), "", "   "])
    judged(project, 0)
    assert project.metric("records", "unreadable")["value"] == 0


@pytest.mark.parametrize("value", [-1, 1.0001, "sure", [], True])
def test_a_confidence_that_is_no_probability_makes_the_line_unreadable(project: Project, value: Any) -> None:
    project.record([*rows(30), row(30, confidence=value)])
    judged(project, 1)
    assert project.metric("records", "unreadable")["value"] == 1


@pytest.mark.parametrize("ident", ["a\u0000b", "x" * 5000, "\u202eevil", "../../etc/passwd", "=1+1", " ", "0"])
def test_odd_ids_come_through(project: Project, ident: str) -> None:
    project.policy(review=REVIEW)
    project.record([*rows(30), row(30, id=ident, output="wrong", confidence=0.1)])
    outcome = project.run()
    assert outcome.status in (1, 3), outcome.text
    assert "unexpected fault" not in outcome.text
    for character in ("\u0000", "\u202e"):
        assert character not in outcome.text


@pytest.mark.parametrize("engine", ["serial", "processes"])
@pytest.mark.parametrize("sample", [{}, {"synthetic": "all", "production": "all"}])
@pytest.mark.parametrize("checks", [{"profanity": {"max": 0}}, {"pii": {"max": 0}, "secrets": {"max": 0}}])
def test_an_id_that_is_an_address_is_refused_and_stands_nowhere(
    project: Project, engine: str, sample: dict[str, Any], checks: dict[str, Any]
) -> None:
    project.policy(gates={**GATES, "safety": checks}, **({"sample": sample} if sample else {}))
    project.record([*rows(30), row(30, id="jo@example.com")])
    outcome = project.run("--engine", engine)
    assert outcome.status == 4, outcome.text
    assert "an id holds what looks like pii.email" in outcome.err
    assert "jo@" not in outcome.text
    assert not project.evidence.exists()


def test_a_source_of_another_name_hides_nothing(project: Project) -> None:
    project.policy(sample={"synthetic": 10, "production": 10})
    project.record([*rows(30), *(row(30 + n, source="x", output="jo@example.com") for n in range(15))])
    outcome = project.run("--environment", "staging")
    assert outcome.status == 3, outcome.text
    assert "safety.pii is fail" in outcome.text
    assert project.metric("safety", "pii")["value"] == 15


@pytest.mark.parametrize("content", [{}, {"a": {"b": [1, None, {"c": "text"}]}}, [], ["x"], "", 0, 1.5, False, "  "])
def test_outputs_of_every_kind_come_through(project: Project, content: Any) -> None:
    project.policy(gates=EVERYTHING, review=REVIEW)
    project.record([*rows(30), row(30, output=content, expected=content, input=content)])
    outcome = project.run()
    assert outcome.status in (1, 3), outcome.text
    assert "unexpected fault" not in outcome.text


def test_a_policy_of_one_gate_that_sets_no_limit_is_no_pass(project: Project) -> None:
    project.policy(gates={"quality": {}})
    outcome = project.run("--environment", "staging")
    assert outcome.status in (1, 2), outcome.text
