from dataclasses import replace
from typing import Any

import pytest
from run_world import approved, blocked, broken, quality, refused, waiting

from twokey.conclusion import DecisionOutcome
from twokey.gates.limits import counted, estimated
from twokey.outcome import Books, Estimate, Metric, Status, conclude_gate
from twokey.reports import figures, wording
from twokey.reports.base import Reviewed
from twokey.reports.page_gates import picture
from twokey.reports.steps import next_steps


def metric(estimate: Estimate | None, limit: str | None = None, unit: str = "") -> Metric:
    books = Books(total=1, scored=1)
    return Metric(name="m", status=Status.PASS, reason="r", books=books, estimate=estimate, limit=limit, unit=unit)


def test_numbers_are_told_with_unit_interval_and_method() -> None:
    rate = metric(estimated(0.5, (0.25, 0.75), 10, "Clopper-Pearson"))
    assert (figures.value(rate), figures.interval(rate)) == ("0.5", "0.25 to 0.75")
    assert figures.method(rate) == "95% Clopper-Pearson, n=10"
    exact = metric(counted(3, 10), unit="records")
    assert (figures.value(exact), figures.interval(exact), figures.method(exact)) == (
        "3 records",
        "exact",
        "count, n=10",
    )
    assert figures.value(metric(counted(1, 10), unit="records")) == "1 record"
    assert figures.interval(metric(counted(0.1, 10, "PSI"))) == "none"
    unbounded = metric(estimated(9.0, (7.0, 9.0), 5, "order statistics", 0.8))
    assert figures.interval(unbounded) == "from 7"
    close = metric(estimated(0.9612, (0.95001, 0.97), 900, "Clopper-Pearson"), "min 0.95")
    assert figures.interval(close) == "0.95001 to 0.97"
    nothing = metric(None)
    assert (figures.value(nothing), figures.interval(nothing), figures.method(nothing)) == ("-", "-", "")


@pytest.mark.parametrize(
    ("limit", "bounds"),
    [
        ("min 0.95, max_drop 0.01", (0.95, None)),
        ("min 0.1, max 500, max_increase 10%", (0.1, 500)),
        ("max 1e+06", (None, 1e6)),
        ("at most 0.5%", (None, 0.005)),
        ("at least 1", (1, None)),
        ("max_drop 0.01", (None, None)),
        ("all", (None, None)),
        (None, (None, None)),
    ],
)
def test_thresholds_are_read_from_a_limit_in_words(
    limit: str | None, bounds: tuple[float | None, float | None]
) -> None:
    assert figures.thresholds(metric(counted(1, 1), limit)) == bounds


def test_a_number_that_needs_no_drawing_has_none() -> None:
    assert picture(metric(counted(0, 10))) is None
    assert picture(metric(None, "max 1")) is None
    assert picture(metric(counted(0, 10), "max 0")) is not None


def test_a_finding_is_settled_by_the_checkpoints_that_claim_it() -> None:
    finding = quality().findings[0]
    assert wording.fate(finding, waiting().conclusion) == "release: open, waits for a person"
    assert wording.fate(finding, approved().conclusion) == "release: closed by ann@example.com as product"
    nobody = replace(waiting().conclusion, checkpoints=())
    assert wording.fate(finding, nobody) == "claimed by no checkpoint: it blocks"


def test_who_has_graded_is_not_asked_to_grade_again() -> None:
    run = waiting()
    assert next_steps(run)[0].command == "twokey review --terminal"
    nothing = replace(run, evidence=replace(run.evidence, items=()))
    assert [step.command for step in next_steps(nothing)] == ["twokey sign", "twokey run"]


def test_commands_name_what_is_not_at_its_default() -> None:
    run = replace(waiting(), config="policy/gates.yaml", directory="out dir")
    assert [step.command for step in next_steps(run)] == [
        "twokey review --terminal 'out dir'",
        "twokey sign 'out dir' --config policy/gates.yaml",
        "twokey run --config policy/gates.yaml --evidence 'out dir'",
    ]
    passed = replace(approved(), directory="e")
    assert [step.command for step in next_steps(passed)] == ["twokey verify e"]


def test_what_is_known_to_be_wrong_starts_with_the_quarantine_and_names_nothing_twice() -> None:
    found = wording.failures(waiting())
    assert (found[0]["id"], found[0]["findings"]) == ("ticket-0300", ["ticket-0300"])
    assert len({item["id"] for item in found}) == len(found) == 21
    assert all(item["findings"] or wording.is_wrong(item) for item in found)
    run = waiting()
    again = ({"id": "ticket-0300", "expected": "a", "output": "b"}, {"id": "z", "expected": "a", "output": "b"})
    found = wording.failures(replace(run, evidence=replace(run.evidence, items=again)))
    assert [item["id"] for item in found] == ["ticket-0300", "z"]


def test_a_packet_is_told_whatever_its_shape() -> None:
    assert list(wording.lines_of(None)) == []
    assert list(wording.lines_of("a")) == ["a"]
    assert list(wording.lines_of(["a", {"b_c": 1, "d": None}, ["e"]])) == ["a", "b c: 1", "e"]
    assert list(wording.lines_of([{"statement": "x is 1", "policy": "max 1", "n": 7}])) == ["x is 1 (policy: max 1)"]
    assert list(wording.lines_of([{"option": "reject", "cost": ""}])) == ["reject"]
    assert list(wording.lines_of({"done": ["a", "b"], "open": "c"})) == ["done: a", "done: b", "open: c"]


def test_items_are_told_readably() -> None:
    assert wording.text_of({"label": "a", "score": 1}) == "label: a\nscore: 1"
    assert wording.text_of({"a": [1]}) == '{\n  "a": [\n    1\n  ]\n}'
    assert wording.text_of(None) == ""
    assert wording.is_wrong({"expected": "a", "output": "b"})
    assert not wording.is_wrong({"expected": "a", "output": {"label": "a"}, "label": "a"})
    assert not wording.is_wrong({"output": "b"})


def test_what_must_be_mended_comes_before_anything_that_is_thrown_away_with_the_evidence() -> None:
    unclaimed = replace(waiting(), conclusion=replace(waiting().conclusion, unclaimed=("quality.accuracy",)))
    for run in (unclaimed, blocked(), broken(), refused()):
        (step,) = next_steps(run)
        assert step.command == "twokey run"
        assert "mend what is named above" in step.purpose


def test_a_pass_of_a_subject_without_files_asks_for_them_before_verify() -> None:
    run = approved()
    manifest = {**run.evidence.manifest, "subject": {**run.evidence.manifest["subject"], "pinned": False}}
    (step,) = next_steps(replace(run, evidence=replace(run.evidence, manifest=manifest)))
    assert step.command == "twokey run"
    assert "name subject.files" in step.purpose


def test_a_sentence_that_another_says_in_more_words_is_not_said_twice() -> None:
    run = waiting()
    longer = replace(run.conclusion, limits=("the recordings are unwitnessed: nobody vouches",))
    told = wording.limits(replace(run, conclusion=longer))
    assert told == ("the recordings are unwitnessed: nobody vouches", "hallucination is judged by words only")


@pytest.mark.parametrize(
    ("counted", "reasons", "word"),
    [
        (True, (), "counted"),
        (False, ("superseded by decision-2.json, of the same person",), "superseded"),
        (False, ("expired", "superseded by decision-2.json, of the same person"), "refused"),
        (False, (), "refused"),
    ],
)
def test_a_decision_that_its_own_person_replaced_is_not_called_refused(
    counted: bool, reasons: tuple[str, ...], word: str
) -> None:
    outcome = DecisionOutcome(file="f", principal="p", decision="approve", counted=counted, reasons=reasons)
    assert wording.fate_of(outcome) == word


def reviewed(**known: Any) -> list[str]:
    return [step.command.removeprefix("twokey ") for step in next_steps(replace(waiting(), reviewed=Reviewed(**known)))]


@pytest.mark.parametrize(
    ("known", "first"),
    [
        ({}, ["review --terminal"]),
        ({"graded": 109, "done": True}, []),
        ({"graded": 109}, ["review --terminal"]),  # sealed ones among them are left
        ({"seeds": "unsealed"}, ["seeds seal --key FILE", "review --terminal", "seeds open --key FILE"]),
        ({"seeds": "sealed", "graded": 50}, ["review --terminal", "seeds open --key FILE"]),
        ({"seeds": "sealed", "graded": 109, "done": True}, ["seeds open --key FILE"]),
        ({"seeds": "opened", "graded": 109, "done": True}, []),
        ({"several": True, "graded": 50}, ["review --terminal", "grades merge"]),
        ({"several": True, "graded": 109}, ["grades merge"]),
        ({"several": True, "graded": 109, "done": True}, []),
    ],
)
def test_what_comes_next_follows_from_how_far_the_review_is(known: dict[str, Any], first: list[str]) -> None:
    assert reviewed(**known) == [*first, "sign", "run"]


def test_how_many_are_graded_so_far_is_told() -> None:
    (step, *_) = next_steps(replace(waiting(), reviewed=Reviewed(graded=50)))
    assert step.purpose == "grades the 109 items that wait for a person; 50 of them so far"


@pytest.mark.parametrize(("status", "told"), [(Status.PASS, "holds"), (Status.FAIL, "does not pass")])
def test_a_gate_with_one_check_says_so(status: Status, told: str) -> None:
    made = conclude_gate("quality", Books(total=1, scored=1), [replace(metric(None), status=status)])
    assert wording.why(made) == f"the only check {told}"


@pytest.mark.parametrize(("number", "told"), [(0, "0 files"), (1, "1 file"), (2000, "2,000 files")])
def test_a_number_agrees_with_its_noun(number: int, told: str) -> None:
    assert figures.counted(number, "file") == told


@pytest.mark.parametrize(("bad", "told"), [(1, "1 of 3 checks does not pass"), (2, "2 of 3 checks do not pass")])
def test_how_many_checks_do_not_pass_is_told_in_good_grammar(bad: int, told: str) -> None:
    statuses = [Status.FAIL] * bad + [Status.PASS] * (3 - bad)
    metrics = [replace(metric(None), name=f"m{n}", status=status) for n, status in enumerate(statuses)]
    assert wording.why(conclude_gate("quality", Books(total=1, scored=1), metrics)) == told
