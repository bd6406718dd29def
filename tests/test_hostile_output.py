"""Model output is hostile: what it plants is neither obeyed by a terminal or a CI log, nor told in clear anywhere."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from persona import Home
from project import Project, row, rows, started
from run_world import hostile_cases

PLANTED = (
    "victim.person@corp-mail.com",
    "4111 1111 1111 1111",
    "AKIA" + "IOSFODNN7QAZWSXE",  # joined here, so that no scanner of this repository sees a key
    "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8",
)
COMMAND = re.compile(r"^\s*::[a-z-]+", re.MULTILINE)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
SINKS = ("terminal", "json", "junit", "markdown", "html")


@pytest.fixture
def project(home: Home) -> Project:
    """Outputs out of the corpus, each with something planted, some right, some wrong, some unsure."""
    made = started(home)
    made.policy(
        gates={
            "quality": {"accuracy": {"min": 0.5}, "slices": ["said"]},
            "safety": {"pii": {"max": 0}, "secrets": {"max": 0}, "profanity": {"max": 0}},
        },
        candidate={"groups": {"said": "said"}},
        review={"confidence_below": 0.6, "show": 40, "audit": 40},
    )
    records = rows(20)
    for number, case in enumerate(hostile_cases(), start=20):
        text = f"{case.text[:2000]} {PLANTED[number % len(PLANTED)]} {case.text[:2000]}"
        text = text.encode("utf-8", "replace").decode()
        records.append(row(number, input=text, output=text, expected=text[::2], confidence=0.3, said=case.name))
    made.record(records)
    return made


def no_secret(text: str, where: str) -> None:
    for planted in PLANTED:
        assert planted not in text, (where, planted)
        assert planted.replace(" ", "") not in text, (where, planted)
        assert planted.split("@")[0] not in text, (where, planted)


def test_the_corpus_is_there_and_planted(project: Project) -> None:
    recorded = (project.directory / "outputs.jsonl").read_text()
    assert len(hostile_cases()) >= 50
    for planted in PLANTED:
        assert recorded.count(planted) >= 10
    assert "::set-output" in recorded
    assert "\\u001b" in recorded


def test_what_was_planted_is_flagged_and_told_nowhere(project: Project) -> None:
    outcome = project.run()
    assert outcome.status in (1, 3), outcome.text
    assert project.metric("safety", "pii")["value"] >= 20
    assert project.metric("safety", "secrets")["value"] >= 20
    no_secret(outcome.text, "stream")
    files = [path for path in project.evidence.rglob("*") if path.is_file()]
    assert len(files) >= 10
    for path in files:
        no_secret(path.read_text(), path.name)


@pytest.mark.parametrize("sink", SINKS)
def test_nothing_planted_is_obeyed(project: Project, sink: str) -> None:
    for command in ("run", "verify"):
        outcome = project.home.twokey(command, "--format", sink)
        assert outcome.status in (1, 3), outcome.text
        no_secret(outcome.text, sink)
        assert not COMMAND.search(outcome.text)
        assert not UNSEEN.search(outcome.text)
        for order in ("##[", "##vso[", "##teamcity["):
            assert order not in outcome.text.lower()


def test_files_of_the_evidence_hold_no_raw_control_character(project: Project) -> None:
    project.run()
    for path in project.evidence.rglob("*"):
        if path.is_file():
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x1b\x9b]", path.read_text()), path.name


def test_review_and_sign_tell_nothing_planted_either(project: Project) -> None:
    project.run()
    project.grade()
    for command in (("sign", "--reject", "--reason", "leaks"), ("doctor",), ("verify",)):
        outcome = project.home.twokey(*command)
        no_secret(outcome.text, command[0])
        assert not UNSEEN.search(outcome.text)
        assert not COMMAND.search(outcome.text)
    for path in (project.directory / "decisions").rglob("*"):
        if path.is_file():
            no_secret(path.read_text(), path.name)


def test_review_in_the_terminal_tells_nothing_planted(project: Project) -> None:
    project.run()
    keys = "n" * 70 + "q"
    done = subprocess.run(
        [sys.executable, "-m", "twokey", "review"], input=keys, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    no_secret(done.stdout + done.stderr, "review")
    assert not UNSEEN.search(done.stdout)
    assert not COMMAND.search(done.stdout)


@pytest.mark.parametrize("name", ["\u001b[2Jevil", "::set-output name=x::y", "a\u202eb", "line\nbreak"])
def test_names_in_errors_are_shown_and_not_obeyed(project: Project, name: str) -> None:
    project.policy(candidate={"path": f"{name}.jsonl"})
    outcome = project.run()
    assert outcome.status in (2, 4), outcome.text
    assert not UNSEEN.search(outcome.text)
    assert not COMMAND.search(outcome.text)


@pytest.mark.parametrize("content", ['{"id": "\\u001b[31m", "nope": "victim.person@corp-mail.com"', "::error::victim"])
def test_lines_that_cannot_be_read_are_not_quoted(project: Project, content: str) -> None:
    project.record([*rows(5), content])
    outcome = project.run()
    assert outcome.status == 1, outcome.text
    assert not UNSEEN.search(outcome.text)
    assert "victim" not in outcome.text
    for path in project.evidence.rglob("*"):
        assert path.is_dir() or "victim" not in path.read_text(), path.name


def test_unusual_arguments_are_shown_and_not_obeyed(project: Project, tmp_path: Path) -> None:
    for arguments in (("run", "--environment", "\u001b[2J"), ("explain", "\u001b[2J"), ("verify", "\u001b]0;x\u0007")):
        outcome = project.home.twokey(*arguments)
        assert outcome.status != 0
        assert "\u001b" not in outcome.text, arguments
    assert json.loads(project.home.twokey("verify", "--format", "json").out)
    assert tmp_path.is_dir()
