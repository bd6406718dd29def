"""`sign` shows what it would bind, refuses what could not count, and follows no link when it keeps what was signed."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from persona import Home, Outcome
from project import Project, started

REVIEW = {"show": 0, "audit": 10, "max_failure_rate": "50%"}
CHECKPOINT = {"close": {"any_of": ["product"]}}


@pytest.fixture
def waiting(home: Home) -> Project:
    """A project whose release waits for a person, with ten items to grade."""
    project = started(home)
    project.policy(review=REVIEW, approval={"checkpoints": {"release": CHECKPOINT}})
    ran = project.run("--repository", "org/triage")
    assert ran.status == 3, ran.text
    return project


def approve(project: Project, *arguments: str) -> Outcome:
    return project.home.twokey("sign", "--approve", "--reason", "numbers hold", *arguments)


def test_what_would_be_bound_is_shown(waiting: Project) -> None:
    waiting.grade()
    outcome = approve(waiting, "--repository", "org/triage")
    assert outcome.status == 0, outcome.text
    assert "grades 10 of 10: 10 passed; these grades would be signed" in outcome.out
    assert "  policy       gates.yaml" in outcome.out
    assert "warning" not in outcome.out
    assert outcome.err == "next: twokey run; and commit the decision\n"


def test_an_unknown_repository_is_warned_of(waiting: Project) -> None:
    waiting.grade()
    assert "warning: the repository is unknown" in approve(waiting).out


def test_a_config_elsewhere_stays_in_the_commands_shown(waiting: Project) -> None:
    waiting.grade()
    (waiting.directory / "gates.yaml").rename(waiting.directory / "other.yaml")
    outcome = approve(waiting, "-c", "other.yaml")
    assert outcome.status == 0, outcome.text
    assert "twokey run --config other.yaml" in outcome.out
    assert outcome.err == "next: twokey run --config other.yaml; and commit the decision\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nobody_is_asked_to_approve_what_is_not_graded(waiting: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    outcome = waiting.home.twokey("sign")
    assert outcome.status == 4, outcome.text
    assert "none of the items are graded" in outcome.err
    assert "twokey review; or --reject" in outcome.err
    assert "Approve?" not in outcome.err


def test_a_decision_without_a_reason_is_asked_for_one_again(waiting: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("\n  \nnot yet\n"))
    outcome = waiting.home.twokey("sign", "--reject", "--reason", " ")
    assert outcome.status == 0, outcome.text
    assert outcome.err.count("a decision needs a reason") == 2
    (path,) = waiting.directory.glob("decisions/*/decision-*.json")
    assert json.loads(path.read_bytes())["predicate"]["reason"] == "not yet"


class Altering(Terminal):
    """A person who answers while somebody else changes a file."""

    def __init__(self, alter: Callable[[], object]) -> None:
        super().__init__("not yet\n")
        self.alter = alter

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # as StringIO itself does
        self.alter()
        return super().readline(size)


@pytest.mark.parametrize("how", ["edited", "gone", "a link"])
def test_a_manifest_that_is_another_than_was_shown_is_not_kept(
    waiting: Project, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    manifest = waiting.evidence / "manifest.json"

    def alter() -> None:
        data = manifest.read_bytes()
        manifest.unlink()
        if how == "edited":
            manifest.write_bytes(data + b"\n")
        elif how == "a link":
            other = waiting.directory / "other.json"
            other.write_bytes(data)
            manifest.symlink_to(other)

    monkeypatch.setattr(sys, "stdin", Altering(alter))
    refused = waiting.home.twokey("sign", "--reject")
    assert refused.status == 4, refused.text
    assert ("plain files" if how == "a link" else "is not the manifest that was shown") in refused.err
    assert not list(waiting.directory.glob("decisions/*/*"))


@pytest.mark.parametrize("reason", ["", "  "])
def test_where_nobody_can_be_asked_an_empty_reason_is_refused(waiting: Project, reason: str) -> None:
    outcome = waiting.home.twokey("sign", "--reject", "--reason", reason)
    assert outcome.status == 4
    assert "nobody can be asked here; give --reason" in outcome.err


def test_an_approval_that_was_not_recomputed_says_so_wherever_it_counts(waiting: Project) -> None:
    waiting.grade()
    recording = waiting.directory / "outputs.jsonl"
    recording.rename(waiting.directory / "elsewhere.jsonl")
    refused = approve(waiting)
    assert refused.status == 4
    assert "the recording is not here" in refused.err
    assert not (waiting.directory / "decisions").exists()
    assert "which production asks for" in approve(waiting, "--not-recomputed").err
    policy = waiting.directory / "gates.yaml"
    policy.write_text(policy.read_text().replace("approval:\n", "approval:\n  recomputed: optional\n"))
    taken = approve(waiting, "--not-recomputed")
    assert taken.status == 0, taken.text
    (path,) = waiting.directory.glob("decisions/*/decision-*.json")
    assert json.loads(path.read_bytes())["predicate"]["recomputed"] is False
    verified = waiting.home.twokey("verify")
    assert verified.status == 0, verified.text
    assert f"signed without recomputing the evidence: {path.name}" in " ".join(verified.out.split())


def test_a_rejection_needs_no_recording(waiting: Project) -> None:
    (waiting.directory / "outputs.jsonl").unlink()
    assert waiting.home.twokey("sign", "--reject", "--reason", "not yet").status == 0


@pytest.mark.parametrize(
    "place", ["decisions", "decisions/{}", "decisions/{}/manifest.json", ".twokey/evidence/decisions"]
)
def test_no_link_is_followed(waiting: Project, place: str, tmp_path: Path) -> None:
    waiting.grade()
    digest = re.search(r"evidence sha256 (\w{12})", waiting.home.twokey("verify").out)
    assert digest
    link = waiting.directory / place.format(digest[1])
    shutil.rmtree(link, ignore_errors=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    target = tmp_path / "target"
    if place.endswith(".json"):
        target.write_text("mine")
    else:
        target.mkdir()
    link.symlink_to(target)
    outcome = approve(waiting)
    assert outcome.status == 4, outcome.text
    assert "link" in outcome.err
    assert (target.is_file() and target.read_text() == "mine") or (target.is_dir() and not list(target.iterdir()))
    assert not list(waiting.directory.glob("decisions/*/decision-*"))


@pytest.fixture
def agent(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Home]:
    """A real agent that holds the key, and no file of it."""
    program, add = shutil.which("ssh-agent"), shutil.which("ssh-add")
    if program is None or add is None:
        pytest.skip("ssh-agent is not installed here, and keys in an agent are tried with the real one")
    socket = tmp_path / "agent"
    with subprocess.Popen([program, "-D", "-a", str(socket)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        subprocess.run([add, "-q", str(home.key)], check=True, env=dict(os.environ))
        shutil.rmtree(home.key.parent)
        yield home
        process.terminate()


def test_a_key_that_only_an_agent_holds_joins_the_roster_and_signs(agent: Home) -> None:
    project = Project(agent)
    assert agent.twokey("init").status == 0
    assert project.run().status == 3
    signed = agent.twokey("sign", "--reject", "--reason", "not yet")
    assert signed.status == 0, signed.text
    blocked = project.run()
    assert blocked.status == 1, blocked.text
    assert "refused by pat@example.com" in blocked.out
