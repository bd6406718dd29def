"""`twokey witness`, with real keys and ssh-keygen: what it writes, what it refuses, and that others can check it."""

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from persona import Home
from project import Project, rows, started

from twokey.config.shape import Subject
from twokey.decisions.roster import load_roster
from twokey.decisions.witness import check_witness, parse
from twokey.evidence.subject import hash_subject
from twokey.signers import SIGNERS


@pytest.fixture
def project(home: Home) -> Project:
    project = started(home)
    project.record(rows(3))
    return project


def new_key(folder: Path, name: str) -> Path:
    path = folder / name
    program = shutil.which("ssh-keygen")
    assert program
    subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True, timeout=30)
    return path


def public(path: Path) -> str:
    return " ".join(path.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])


@pytest.fixture
def job_key(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key of the recording job, which the roster lists as a witness's."""
    path = new_key(tmp_path_factory.mktemp("job"), "job")
    write_roster(project, witnesses=[{"name": "record-job", "keys": [public(path)]}])
    return path


def write_roster(project: Project, **parts: Any) -> None:
    person = {"principal": "pat@example.com", "roles": ["product"], "keys": [project.home.public]}
    project.write("roster.yaml", yaml.safe_dump({"people": [person], **parts}))


def written(project: Project) -> set[str]:
    return {path.name for path in project.directory.glob("outputs.jsonl*")}


def test_the_word_is_written_beside_the_recording_and_counts(project: Project, job_key: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    done = project.home.twokey("witness", "outputs.jsonl", "--key", str(job_key), "--repository", "acme/triage")
    assert (done.status, done.err) == (0, "")
    assert done.out == "witnessed: outputs.jsonl.witness.json\n"
    statement = (project.directory / "outputs.jsonl.witness.json").read_bytes()
    recording = hashlib.sha256((project.directory / "outputs.jsonl").read_bytes()).hexdigest()
    subject = hash_subject(project.directory, Subject(name="triage", owner="x", files=("model/**",)))
    found = check_witness(
        statement,
        (project.directory / "outputs.jsonl.witness.json.sig").read_bytes(),
        recording_sha256=recording,
        subject_digest=subject.digest,
        roster=load_roster((project.directory / "roster.yaml").read_bytes(), "roster.yaml"),
        signers=SIGNERS,
        now=datetime.now(UTC),
        repository="acme/triage",
    )
    assert found.valid, found.reasons
    assert found.name == "record-job"
    said = parse(statement, "x")
    assert (said.recording, said.subject) == ("outputs.jsonl", "triage")
    assert before <= said.witnessed_at <= datetime.now(UTC)


def test_stock_ssh_keygen_checks_it(project: Project, job_key: Path, tmp_path: Path) -> None:
    assert project.home.twokey("witness", "outputs.jsonl", "-k", str(job_key)).status == 0
    (tmp_path / "allowed").write_text(f'record-job namespaces="twokey-recording-v1" {public(job_key)}\n')
    command = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", "record-job"]
    command += ["-n", "twokey-recording-v1", "-s", "outputs.jsonl.witness.json.sig"]
    with (project.directory / "outputs.jsonl.witness.json").open("rb") as statement:
        done = subprocess.run(
            command, stdin=statement, cwd=project.directory, check=False, capture_output=True, timeout=30
        )
    assert done.returncode == 0, done.stderr


def test_a_later_recording_gets_a_word_of_its_own(project: Project, job_key: Path) -> None:
    statements = []
    for count in (3, 4):
        project.record(rows(count))
        assert project.home.twokey("witness", "outputs.jsonl", "-k", str(job_key)).status == 0
        statements.append(json.loads((project.directory / "outputs.jsonl.witness.json").read_bytes()))
    first, second = statements
    assert first["subject"] != second["subject"]
    assert first["predicate"]["nonce"] != second["predicate"]["nonce"]
    assert written(project) == {"outputs.jsonl", "outputs.jsonl.witness.json", "outputs.jsonl.witness.json.sig"}


@pytest.mark.usefixtures("job_key")
def test_the_key_of_somebody_who_may_decide_is_refused(project: Project) -> None:
    done = project.home.twokey("witness", "outputs.jsonl", "-k", str(project.home.key))
    assert done.status == 4
    assert "is the key of pat@example.com, who may decide; a witness's key never decides" in done.err
    assert written(project) == {"outputs.jsonl"}


def test_a_persons_key_that_poses_as_a_witnesss_is_refused(project: Project, job_key: Path, tmp_path: Path) -> None:
    posing = tmp_path / "posing"
    shutil.copy(project.home.key, posing)
    shutil.copy(job_key.with_suffix(".pub"), tmp_path / "posing.pub")
    done = project.home.twokey("witness", "outputs.jsonl", "-k", str(posing))
    assert done.status == 4
    assert written(project) == {"outputs.jsonl"}


@pytest.mark.usefixtures("job_key")
def test_a_key_that_nobody_would_believe_is_refused_with_the_line_to_add(project: Project, tmp_path: Path) -> None:
    other = new_key(tmp_path, "other")
    done = project.home.twokey("witness", "outputs.jsonl", "-k", str(other))
    assert done.status == 4
    assert "is no witness's key in the roster" in done.err
    assert f"under witnesses: {public(other)}" in done.err
    assert written(project) == {"outputs.jsonl"}


def test_a_key_past_its_date_is_refused_before_anything_is_written(project: Project, tmp_path: Path) -> None:
    late = new_key(tmp_path, "late")
    keys = [{"key": public(late), "valid_until": "2020-01-01T00:00:00Z"}]
    write_roster(project, witnesses=[{"name": "record-job", "keys": keys}])
    done = project.home.twokey("witness", "outputs.jsonl", "-k", str(late))
    assert done.status == 4
    assert "it would not count: the key was valid until 2020-01-01T00:00:00Z" in done.err
    assert written(project) == {"outputs.jsonl"}


@pytest.mark.parametrize("missing", ["outputs.jsonl", "roster.yaml", "gates.yaml"])
def test_what_is_not_there_is_told_and_nothing_is_written(project: Project, job_key: Path, missing: str) -> None:
    (project.directory / missing).unlink()
    done = project.home.twokey("witness", "outputs.jsonl", "-k", str(job_key))
    assert done.status in (2, 4)
    assert missing in done.err
    assert not written(project) - {"outputs.jsonl"}


def test_no_link_is_followed_where_the_word_is_written(project: Project, job_key: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    (project.directory / "outputs.jsonl.witness.json").symlink_to(target)
    done = project.home.twokey("witness", "outputs.jsonl", "-k", str(job_key))
    assert done.status == 4
    assert "is a link" in done.err
    assert target.read_text() == "mine"


def test_what_is_known_by_name_only_is_said(project: Project, job_key: Path) -> None:
    project.policy(subject={"name": "triage", "owner": "pat@example.com"})
    done = project.home.twokey("witness", "outputs.jsonl", "-k", str(job_key))
    assert done.status == 0
    assert "warning: the repository is unknown" in done.err
    assert "warning: subject.files names no files, so only the name triage is bound" in done.err


def test_the_key_is_a_flag_and_never_a_variable(
    project: Project, job_key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWOKEY_KEY", str(job_key))
    assert project.home.twokey("witness", "outputs.jsonl").status == 2
    assert written(project) == {"outputs.jsonl"}
