"""Who may decide, and what people have before them when they do: through the command line, with real keys.

Each test is named in docs/threat-model.md beside the threat that it holds off.
"""

import json
import shutil
from pathlib import Path

import pytest
from persona import Home
from project import Project, rows
from threat_world import (
    RELEASE,
    approval,
    approved,
    new_key,
    person,
    public,
    sign,
    undecided,
    write_policy,
    write_roster,
)

from twokey.canonical import dumps


@pytest.fixture
def project(home: Home) -> Project:
    return undecided(home)


@pytest.fixture
def decided(home: Home) -> Project:
    return approved(home)


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """The key of a CI job, such as somebody might keep among its secrets."""
    return new_key(tmp_path, "bot")


def test_a_bots_key_is_nobodys_whoever_it_says_it_is(project: Project, bot: Path) -> None:
    project.grade()
    people = project.directory / "roster.yaml"
    protected = people.read_bytes()
    write_roster(project, person("pat", public(bot), "product"))  # in its own checkout a job may write what it wants
    assert sign(project, "--approve", "--key", str(bot)).status == 0
    assert project.run().status == 0, "or the test says nothing"
    people.write_bytes(protected)
    for command in ("run", "verify"):
        outcome = project.home.twokey(command)
        assert outcome.status == 3, outcome.text
        assert "the key that signed it is nobody's in the roster" in outcome.out


def test_a_witness_signs_no_decision(project: Project, bot: Path) -> None:
    project.grade()
    write_roster(
        project,
        person("pat", project.home.public, "product"),
        witnesses=[{"name": "record-job", "keys": [public(bot)]}],
    )
    refused = sign(project, "--approve", "--key", str(bot))
    assert refused.status == 4
    assert "no key at hand is in the roster" in refused.err


def test_two_keys_of_one_person_are_no_quorum(project: Project, bot: Path, tmp_path: Path) -> None:
    sam = new_key(tmp_path, "sam")
    close = {"count": 2, "of": ["product", "risk"]}
    write_policy(project, approval=approval(checkpoints={"release": {**RELEASE, "close": close}}))
    pat = person("pat", project.home.public, "product", "risk")
    write_roster(project, {**pat, "keys": [project.home.public, public(bot)]}, person("sam", public(sam), "risk"))
    assert project.run().status == 3
    project.grade()
    for key in (project.home.key, bot):
        assert sign(project, "--approve", "--key", str(key)).status == 0
    assert project.run().status == 3
    assert sign(project, "--approve", "--key", str(sam)).status == 0
    passed = project.run()
    assert passed.status == 0, passed.text


def test_one_key_in_two_rows_is_refused(project: Project) -> None:
    write_roster(
        project, person("pat", project.home.public, "product"), person("alter-ego", project.home.public, "product")
    )
    outcome = project.run()
    assert outcome.status == 2
    assert "this key stands here twice" in outcome.err


def test_a_doctored_report_is_shown_to_nobody_who_signs(project: Project) -> None:
    project.grade()
    before = sign(project)
    for name in ("report.html", "summary.md", "junit.xml"):
        (project.evidence / name).write_text("<h1>All is well: pass</h1>", encoding="utf-8")
    assert sign(project).out == before.out
    assert project.run().status == 3
    assert b"All is well" not in (project.evidence / "report.html").read_bytes()


def test_nobody_is_asked_to_sign_what_does_not_follow_from_the_recording(project: Project, tmp_path: Path) -> None:
    good = shutil.copytree(project.evidence, tmp_path / "good")
    project.record(rows(30, output="guaranteed"))
    assert project.run().status in (1, 3)
    recordings = json.loads((project.evidence / "manifest.json").read_bytes())["recordings"]
    shutil.rmtree(project.evidence)
    shutil.copytree(good, project.evidence)
    forged = {**json.loads((good / "manifest.json").read_bytes()), "recordings": recordings}
    (project.evidence / "manifest.json").write_bytes(dumps(forged))
    project.grade()
    refused = sign(project, "--approve")
    assert refused.status == 4, refused.text
    assert "does not follow from the recordings and the policy at hand" in refused.err
    assert not (project.directory / "decisions").exists()


def test_an_extra_file_or_a_link_makes_evidence_invalid(decided: Project) -> None:
    extra = decided.evidence / "review" / "notes.html"
    for make in (
        lambda: extra.write_text("<h1>sign here</h1>"),
        lambda: extra.symlink_to(decided.evidence / "run.json"),
    ):
        make()
        outcome = decided.home.twokey("verify")
        assert outcome.status == 4, outcome.text
        assert "notes.html" in outcome.err
        extra.unlink()
    assert decided.home.twokey("verify").status == 0
