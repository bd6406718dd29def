"""Evidence that somebody made up or touched, brought to `verify` through the command line: it never passes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from persona import Home
from project import Project, rows, started

from twokey.canonical import dumps, sha256
from twokey.evidence.layout import COVERED, MANIFEST, RESULTS


@pytest.fixture
def clean(home: Home) -> Project:
    """A clean run in the automatic environment: nobody had to sign anything."""
    project = started(home)
    outcome = project.run("--environment", "staging")
    assert outcome.status == 0, outcome.text
    return project


@pytest.fixture
def signed(home: Home) -> Project:
    """A run for production that was reviewed and approved, up to the pass."""
    project = started(home)
    checkpoint = {"opens": [{"gates": ["quality", "safety", "review"]}], "close": {"any_of": ["product"]}}
    project.policy(
        review={"confidence_below": 0.6, "show": 2, "audit": 2, "max_failure_rate": 0.5},
        approval={"checkpoints": {"release": checkpoint}},
    )
    project.record(rows(30))
    assert project.run().status == 3
    project.grade()
    said = home.twokey("sign", "--approve", "--reason", "the numbers hold")
    assert said.status == 0, said.text
    outcome = project.run()
    assert outcome.status in (0, 3), outcome.text
    return project


def forge(project: Project, change: Callable[[dict[str, Any]], object]) -> None:
    """Change results.json and mend the manifest after it, as somebody would who has no run."""
    path = project.evidence / RESULTS
    results = json.loads(path.read_bytes())
    change(results)
    path.write_bytes(dumps(results))
    manifest = json.loads((project.evidence / MANIFEST).read_bytes())
    contents = {name: (project.evidence / name).read_bytes() for name in COVERED}
    manifest["files"] = [
        {"path": name, "sha256": sha256(contents[name]), "size": len(contents[name])} for name in sorted(COVERED)
    ]
    (project.evidence / MANIFEST).write_bytes(dumps(manifest))


def verify(project: Project, *arguments: str) -> tuple[int, str]:
    outcome = project.home.twokey("verify", *arguments)
    return outcome.status, outcome.text


def test_evidence_that_nobody_signed_passes_only_when_recomputed(clean: Project) -> None:
    status, text = verify(clean, "--environment", "staging")
    assert status == 3, text
    assert "nobody has signed this evidence" in text
    assert "--recompute" in text
    assert verify(clean, "--environment", "staging", "--recompute")[0] == 0


def test_evidence_without_gates_is_refused(clean: Project) -> None:
    forge(clean, lambda results: results.update(gates=[]))
    status, text = verify(clean, "--environment", "staging")
    assert status == 4, text
    assert RESULTS in text


def test_invented_evidence_of_the_right_form_does_not_pass(home: Home) -> None:
    project = started(home)
    project.record(rows(30, output="wrong"))
    assert project.run("--environment", "staging").status != 0

    def all_is_well(results: dict[str, Any]) -> None:
        for gate in results["gates"]:
            gate.update(status="pass", findings=[], reason="all checks hold")
            for metric in gate["metrics"]:
                metric.update(status="pass" if metric["status"] != "off" else "off")

    forge(project, all_is_well)
    status, text = verify(project, "--environment", "staging")
    assert status == 3, text
    assert "nobody has signed this evidence" in text
    status, text = verify(project, "--environment", "staging", "--recompute")
    assert status == 4, text


def test_findings_that_were_taken_out_are_missed(home: Home) -> None:
    project = started(home)
    project.record(rows(30, output="wrong"))
    project.run()
    forge(project, lambda results: [gate.update(findings=[], status="pass") for gate in results["gates"]])
    status, text = verify(project)
    assert status == 4, text
    assert "not those that its metrics give" in text


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_signed_evidence_passes_without_being_recomputed(signed: Project) -> None:
    status, text = verify(signed)
    assert status == 0, text


@pytest.mark.parametrize("name", ["manifest.json", "results.json", "packet.json"])
def test_a_flipped_byte_in_what_is_kept_with_a_decision_never_passes(signed: Project, name: str) -> None:
    (folder,) = (signed.directory / "decisions").iterdir()
    flip(folder / name)
    for command in ("verify", "run"):
        outcome = signed.home.twokey(command)
        assert outcome.status == 4, outcome.text
        assert f"{folder.name}/{name}" in outcome.err


@pytest.mark.parametrize("pattern", ["grades/grades-*.json", "decisions/decision-*.json", "decisions/decision-*.sig"])
def test_a_flipped_byte_in_a_copy_of_what_people_gave_never_passes(signed: Project, pattern: str) -> None:
    (path,) = signed.evidence.glob(pattern)
    before = path.read_bytes()
    flip(path)
    status, text = verify(signed)
    assert status == 4, text
    assert path.name in text
    assert signed.run().status == 0
    assert path.read_bytes() == before, "run shows what is kept"


def test_grades_of_a_review_in_progress_are_no_fault(signed: Project) -> None:
    (path,) = signed.evidence.glob("grades/grades-*.json")
    (path.parent / "grades-sam@example.com.json").write_bytes(path.read_bytes())
    assert verify(signed)[0] == 0


def test_a_link_among_the_kept_is_refused(signed: Project) -> None:
    (folder,) = (signed.directory / "decisions").iterdir()
    (folder / "packet.json").rename(signed.directory / "packet.json")
    (folder / "packet.json").symlink_to(signed.directory / "packet.json")
    status, text = verify(signed)
    assert status == 4, text
    assert "found a link" in text


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "> /dev/full"])
def test_a_verdict_that_cannot_be_told_is_a_fault(signed: Project, closed: str) -> None:
    if "/dev/full" in closed and not Path("/dev/full").exists():
        pytest.skip("no device here that is always full")
    command = ["bash", "-c", f'"$0" -m twokey verify {closed}', sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=signed.directory, env=os.environ)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    if closed == ">&-":
        assert done.stderr == "twokey: stdout is closed, so nothing could be told\n"
