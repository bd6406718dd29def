"""Recordings that nobody vouches for, or that a job vouched for and that are others now.

Each test is named in docs/threat-model.md beside the threat that it holds off.
"""

import json
from pathlib import Path

import pytest
from persona import Home
from project import Project, rows
from threat_world import RELEASE, approval, new_key, person, public, undecided, write_policy, write_roster


@pytest.fixture
def project(home: Home) -> Project:
    return undecided(home)


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """The key of a CI job, such as somebody might keep among its secrets."""
    return new_key(tmp_path, "bot")


@pytest.fixture
def witnessed(project: Project, bot: Path) -> Project:
    """A policy that takes nothing into production that nobody vouches for, and a recording that a job vouches for."""
    unwitnessed = {"opens": [{"unwitnessed": True}], "close": {"any_of": ["risk"]}, "environments": ["production"]}
    checkpoints = {"release": RELEASE, "unwitnessed": unwitnessed}
    write_policy(project, approval=approval(checkpoints=checkpoints))
    write_roster(
        project,
        person("pat", project.home.public, "product"),
        person("sam", public(new_key(project.directory.parent, "sam")), "risk"),
        witnesses=[{"name": "record-job", "keys": [public(bot)]}],
    )
    return project


def _witness(project: Project, bot: Path) -> None:
    done = project.home.twokey("witness", "outputs.jsonl", "--key", str(bot))
    assert done.status == 0, done.text


def _opened(project: Project, *arguments: str) -> set[str]:
    outcome = project.run(*arguments)
    assert outcome.status in (0, 1, 3), outcome.text
    conclusion = json.loads((project.evidence / "conclusion.json").read_bytes())
    return {one["name"] for one in conclusion["checkpoints"]}


def test_an_unwitnessed_recording_is_said_and_opens_a_checkpoint_in_production(witnessed: Project, bot: Path) -> None:
    assert _opened(witnessed) == {"release", "unwitnessed"}
    assert "the candidate recording is unwitnessed" in witnessed.run().out
    assert "unwitnessed" not in _opened(witnessed, "--environment", "staging")
    _witness(witnessed, bot)
    assert _opened(witnessed) == {"release"}


def test_a_recording_of_another_model_or_another_recording_is_unwitnessed(witnessed: Project, bot: Path) -> None:
    _witness(witnessed, bot)
    witnessed.write("model/weights.bin", b"a model that nobody recorded")
    assert "unwitnessed" in _opened(witnessed)
    assert "another subject" in witnessed.run().out
    witnessed.write("model/weights.bin", b"weights")
    assert "unwitnessed" not in _opened(witnessed)
    witnessed.record(rows(31))
    assert "unwitnessed" in _opened(witnessed)
