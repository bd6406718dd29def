from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from run_world import (
    HostileCase,
    approved,
    blocked,
    broken,
    empty,
    graded,
    hostile_cases,
    hostile_run,
    refused,
    waiting,
)

from twokey.outcome import Finding, Status
from twokey.reports.base import Run
from twokey.reports.junit import JunitReport


def parsed(run: Run) -> Element:
    return ElementTree.fromstring(JunitReport().render(run).encode())  # noqa: S314 our own


def kinds(run: Run) -> dict[str, str]:
    """What each case came out as, by `suite/case`."""
    out = {}
    for suite in parsed(run):
        for case in suite.iter("testcase"):
            found = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
            assert len(found) <= 1
            out[f"{suite.get('name')}/{case.get('name')}"] = found[0] if found else "pass"
    return out


def test_a_suite_per_gate_and_a_case_per_check_and_none_for_numbers_without_a_limit() -> None:
    found = kinds(waiting())
    assert {name.split("/")[0] for name in found} == {
        "records",
        "performance",
        "quality",
        "safety",
        "review",
        "conclusion",
    }
    assert "quality/accuracy" in found
    assert "quality/f1_macro" not in found
    properties = {p.get("name"): p.get("value") for p in parsed(waiting()).iter("property")}
    assert properties["f1_macro"] == "0.944"


def test_fail_is_a_failure_inconclusive_waits_and_pass_passes() -> None:
    found = kinds(waiting())
    assert found["quality/hallucination_rate"] == "failure"
    assert found["quality/accuracy"] == "skipped"
    assert found["safety/pii"] == "pass"
    assert found["conclusion/verdict"] == "skipped"
    assert found["conclusion/checkpoint release"] == "skipped"


def test_what_nobody_claims_is_a_failure_even_if_inconclusive() -> None:
    found = kinds(blocked())
    assert found["quality/accuracy"] == "failure"
    assert found["conclusion/verdict"] == "failure"


def test_what_a_person_accepted_does_not_stop_the_host_and_is_no_pass() -> None:
    found = kinds(approved())
    assert found["quality/hallucination_rate"] == "skipped"
    assert found["conclusion/verdict"] == "pass"
    assert found["conclusion/checkpoint release"] == "pass"
    case = next(case for case in parsed(approved()).iter("testcase") if case.get("name") == "hallucination_rate")
    skipped = case.find("skipped")
    assert skipped is not None
    assert "closed by ann@example.com" in (skipped.get("message") or "")


def test_a_check_that_could_not_be_made_is_an_error() -> None:
    run = blocked()
    result = run.evidence.results[3]
    finding = Finding(gate="safety", check="policy-file", status=Status.ERROR, message="it did not load")
    broke = replace(result, status=Status.ERROR, findings=(finding,))
    found = kinds(replace(run, evidence=replace(run.evidence, results=(broke,))))
    assert found["safety/policy-file"] == "error"


def test_refusals_and_tool_errors_are_no_green() -> None:
    assert kinds(refused())["conclusion/checkpoint release"] == "failure"
    assert kinds(refused())["conclusion/verdict"] == "failure"
    assert kinds(broken())["conclusion/verdict"] == "error"
    assert kinds(empty()) == {"conclusion/verdict": "skipped"}


def test_the_graded_review_has_a_suite_of_its_own_and_blocks_only_where_the_verdict_says_so() -> None:
    run = approved()
    failed = graded(failed=40)
    claimed = replace(run, conclusion=replace(run.conclusion, review=failed))
    assert kinds(claimed)["grades/max_failures"] == "skipped"
    unclaimed = replace(claimed, conclusion=replace(claimed.conclusion, unclaimed=("review.max_failures",)))
    assert kinds(unclaimed)["grades/max_failures"] == "failure"


def test_the_counts_are_those_of_the_cases() -> None:
    for run in (waiting(), approved(), blocked(), empty()):
        root = parsed(run)
        for element in (root, *root):
            cases = list(element.iter("testcase"))
            assert element.get("tests") == str(len(cases))
            for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert element.get(name) == str(sum(case.find(kind) is not None for case in cases))


def test_there_is_no_time_in_it() -> None:
    text = JunitReport().render(waiting())
    assert "time=" not in text
    assert "timestamp" not in text


SHAPE = [element.tag for element in parsed(hostile_run("calm")).iter()]


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_a_hostile_output_is_well_formed_and_changes_no_element(case: HostileCase) -> None:
    run = hostile_run(case.text)
    assert [element.tag for element in parsed(run).iter()] == SHAPE
    assert not [form for form in case.never if form in JunitReport().render(run)]
