"""`--learn`, with real evidence: files grow and keep what they hold, and other commands read them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from persona import Home
from project import GATES, Project, row, rows, started

from twokey.cli.learning import learn
from twokey.cli.policy import read_policy
from twokey.cli.seeds.files import past_failures
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.store import read_evidence
from twokey.review.grades import Grade, Grades
from twokey.review.learning import labels

ANN = "ann@example.com"
REVIEW = {"confidence_below": 0.6, "show": 10, "audit": 10}


@pytest.fixture
def project(home: Home) -> Project:
    """Ten unsure answers, half of them wrong, and twenty sure ones; a judge of code that flags every third."""
    made = started(home)
    unsure = [row(n, confidence=0.3, output="account" if n % 2 else "billing", context="c") for n in range(10)]
    made.record([*unsure, *rows(30, context="c")[10:]])
    made.write("judge.py", "def say(case):\n    return 'bad' if int(case['id'][-2:]) % 3 == 0 else 'good'\n")
    judge = {
        "target": {"kind": "python", "call": "say", "file": "judge.py"},
        "verdicts": {"bad": True, "good": False},
        "recording": "judge.jsonl",
    }
    gates = {**GATES, "quality": {"accuracy": {"min": 0.1}, "hallucination_rate": {"max": 0.9}, "judge": "odd"}}
    made.policy(judges={"odd": judge}, gates=gates, candidate={"context": "context"}, review=REVIEW)
    assert home.twokey("record", "--judge", "odd").status == 0
    assert made.run().status in (0, 3)
    return made


@pytest.fixture
def evidence(project: Project) -> Evidence:
    return read_evidence(project.evidence)


def graded(evidence: Evidence) -> Grades:
    """What an honest reviewer says: a fail with words of its own where the label is wrong."""
    grades = tuple(
        Grade(item=item["id"], grade="pass")
        if item["output"] == item["expected"]
        else Grade(item=item["id"], grade="edit", reason="wrong queue", correction=item["expected"])
        for item in evidence.items
    )
    return Grades(manifest=evidence.digest, reviewer=ANN, grades=grades)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_review_leaves_files_that_grow_by_what_is_new(evidence: Evidence, tmp_path: Path) -> None:
    folder = tmp_path / "learned"
    wrong = [item for item in evidence.items if item["output"] != item["expected"]]
    assert wrong
    told = learn(evidence, [graded(evidence)], folder)
    cases = lines(folder / "cases.jsonl")
    assert {case["input"] for case in cases} == {item["input"] for item in wrong}
    assert all(case["why"] == "wrong queue" for case in cases)
    assert sum(one["failed"] for one in lines(folder / "past.jsonl")) == len(wrong)
    assert len(lines(folder / "past.jsonl")) == len(evidence.items)
    assert f"cases.jsonl: {len(wrong)} new of {len(wrong)} lines" in told
    assert not (folder / "bad-references.jsonl").exists()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert f"cases.jsonl: 0 new of {len(wrong)} lines" in learn(evidence, [graded(evidence)], folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_stood_in_the_files_stays(evidence: Evidence, tmp_path: Path) -> None:
    (tmp_path / "known-bad.jsonl").write_bytes(b'{"output": "mine",  "input": 1}')
    learn(evidence, [graded(evidence)], tmp_path)
    assert (tmp_path / "known-bad.jsonl").read_bytes().startswith(b'{"output": "mine",  "input": 1}\n{')


def test_known_bad_outputs_are_read_by_whoever_seals_seeds(evidence: Evidence, tmp_path: Path) -> None:
    learn(evidence, [graded(evidence)], tmp_path)
    found = past_failures(tmp_path / "known-bad.jsonl")
    assert found
    assert {one.why for one in found} == {"wrong queue"}
    assert all(one.expected != one.output for one in found)


def test_labels_are_read_by_fit_beside_the_recording(project: Project, evidence: Evidence) -> None:
    folder = project.directory / "learned"
    learn(evidence, [graded(evidence)], folder)
    outcome = project.home.twokey("fit", "--labels", str(folder / labels(evidence)))
    assert outcome.status == 4, "they are too few to fit on, and that is all that is wrong with them"
    assert f"{len(evidence.items)} answers are labelled" in outcome.err


def test_the_judge_is_compared_where_policy_names_it(project: Project, evidence: Evidence, tmp_path: Path) -> None:
    policy = read_policy(project.directory / "gates.yaml")
    told = learn(evidence, [graded(evidence)], tmp_path, policy=policy)
    assert "the judge odd against the grades:" in told
    found = json.loads((tmp_path / "recalibration.json").read_bytes())
    wrong = [item["id"] for item in evidence.items if item["output"] != item["expected"]]
    assert found["manifest"] == evidence.digest
    assert found["reviewers"] == [ANN]
    assert found["judge"]["sensitivity"]["n"] == len(wrong)
    assert found["judge"]["sensitivity"]["k"] == sum(int(ident[-2:]) % 3 == 0 for ident in wrong)
    assert found["confidence"]["threshold"] == 0.6
    assert "the judge" not in learn(evidence, [graded(evidence)], tmp_path)


def test_another_recording_of_the_judge_is_not_compared_and_that_is_told(
    project: Project, evidence: Evidence, tmp_path: Path
) -> None:
    (project.directory / "judge.jsonl").write_bytes(b"{}\n")
    told = learn(evidence, [graded(evidence)], tmp_path, policy=read_policy(project.directory / "gates.yaml"))
    assert "judge.jsonl is not the one that this evidence had: it is not compared" in told
    assert json.loads((tmp_path / "recalibration.json").read_bytes())["judge"] is None


def test_no_file_of_the_policy_is_changed(project: Project, evidence: Evidence) -> None:
    before = project.listing()
    learn(evidence, [graded(evidence)], project.directory / "learned")
    after = project.listing()
    assert {name: after[name] for name in before} == before


def test_nothing_is_learned_of_nothing_or_of_other_evidence(evidence: Evidence, tmp_path: Path) -> None:
    for given in ([], [Grades(manifest=evidence.digest, reviewer=ANN)]):
        with pytest.raises(TwokeyError, match="nothing is graded yet"):
            learn(evidence, given, tmp_path / "none")
    with pytest.raises(TwokeyError, match=r"the grades of ann@example\.com are about other evidence"):
        learn(evidence, [replace(graded(evidence), manifest="0" * 64)], tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_told(evidence: Evidence, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TwokeyError, match="cannot be made"):
        learn(evidence, [graded(evidence)], tmp_path / "file")
