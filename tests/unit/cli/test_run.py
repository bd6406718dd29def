"""`run` says where to look: unreadable lines, checkpoints that nobody can close, a subject without files."""

import html
import json

import pytest
from persona import Home
from project import Project, row, rows, started


@pytest.fixture
def project(home: Home) -> Project:
    return started(home)


@pytest.mark.parametrize("name", ["terminal", "markdown", "report.html"])
def test_the_first_unreadable_lines_are_told_with_place_and_reason(project: Project, name: str) -> None:
    broken = ["{", "[]", '{"x": 1}', "{{"]
    project.record([*rows(4), *broken, *({**row(n), "id": f"more-{n}"} for n in range(20))])
    outcome = project.run("--format", "terminal" if name == "report.html" else name)
    text = (project.evidence / name).read_text() if name == "report.html" else outcome.out
    text = html.unescape(text).replace("\\", "").replace("`", "")
    for line in (5, 6, 7):
        assert f"line {line}: " in text
    assert "line 8: " not in text
    assert "{{" not in text.split("Findings")[1].split("Limits")[0]


def test_a_checkpoint_that_nobody_can_close_is_refused_when_policy_is_read(project: Project) -> None:
    project.policy(approval={"checkpoints": {"release": {"close": {"any_of": ["pilot"]}}}})
    told = "checkpoint release: nobody in the roster is or has pilot"
    refused = project.run()
    assert refused.status == 2
    assert f"gates.yaml: {told} (roster.yaml)" in refused.err
    outcome = project.home.twokey("doctor")
    assert outcome.status == 4
    assert f"missing who may close: {told}" in outcome.out


def test_past_cases_that_are_not_there_are_told_with_the_option_that_names_them(project: Project) -> None:
    project.policy(review={"show": 5, "audit": 5, "learned": "past.jsonl"})
    refused = project.run()
    assert refused.status == 4
    assert refused.err == (
        "twokey: past.jsonl: there is no such file (review.learned names it; its paths are relative to the config)\n"
    )


def test_a_subject_without_files_is_told_with_what_to_do(project: Project) -> None:
    project.policy(subject={"name": "triage", "owner": "pat@example.com"})
    assert "name them in subject.files" in " ".join(project.run().out.split())
    outcome = project.home.twokey("doctor")
    assert outcome.status == 0, outcome.text
    assert "absent  files of the subject: " in outcome.out
    assert "next: name them in subject.files" in outcome.out


def test_how_many_processes_is_said_only_where_there_are_some(project: Project) -> None:
    outcome = project.run("--jobs", "2")
    assert outcome.status == 2
    assert "--engine processes" in outcome.err
    project.run()
    assert json.loads((project.evidence / "run.json").read_bytes())["jobs"] == 1
    project.run("--engine", "processes")
    assert json.loads((project.evidence / "run.json").read_bytes())["jobs"] == 2


def test_the_next_step_is_told_once(project: Project) -> None:
    project.policy(approval={"checkpoints": {"release": {"close": {"any_of": ["product"]}}}})
    outcome = project.run()
    assert outcome.status == 3
    assert outcome.err == ""
