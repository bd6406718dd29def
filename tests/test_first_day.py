"""The five first-day commands, end to end, with a real key and the real ssh-keygen."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from persona import Home

from twokey.evidence.layout import COVERED

CRITERION = "rollback plan available"


def grade_everything(evidence: Path, principal: str = "pat@example.com") -> Path:
    """Grade as an honest reviewer would: an item passes if its label is the expected one."""
    rows = []
    for line in (evidence / "review/items.jsonl").read_text().splitlines():
        item = json.loads(line)
        good = item["label"] == item["expected"]
        row: dict[str, Any] = {"item": item["id"], "grade": "pass" if good else "fail", "seconds": 5}
        row |= {"severity": None, "reason": ""} if good else {"severity": "medium", "reason": "wrong label"}
        rows.append({**row, "correction": None})
    digest = hashlib.sha256((evidence / "manifest.json").read_bytes()).hexdigest()
    document = {"type": "urn:twokey:grades:v1", "manifest": digest, "reviewer": principal, "grades": rows}
    path = evidence / "grades" / f"grades-{principal}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def approve(home: Home) -> None:
    grade_everything(home.directory / ".twokey/evidence")
    signed = home.twokey("sign", "--approve", "--reason", "numbers hold", "--attest", CRITERION)
    assert signed.status == 0, signed.text


@pytest.fixture
def model(home: Home) -> Path:
    """Files to release, which init finds by their folder's name."""
    path = home.directory / "model/weights.bin"
    path.parent.mkdir()
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def decided(home: Home, model: Path) -> Home:  # noqa: ARG001 the files have to be there
    """A project taken through the first day, up to the pass."""
    assert home.twokey("init").status == 0
    assert home.twokey("run").status == 3
    approve(home)
    assert home.twokey("run").status == 0
    return home


@pytest.mark.usefixtures("model")
def test_init_run_sign_run(home: Home) -> None:
    started = home.twokey("init")
    assert started.status == 0, started.text
    assert len((home.directory / "gates.yaml").read_text().splitlines()) <= 30
    first = home.twokey("run")
    assert first.status == 3, first.text
    assert "release" in first.out
    manifest = (home.directory / ".twokey/evidence/manifest.json").read_bytes()
    approve(home)
    second = home.twokey("run")
    assert second.status == 0, second.text
    assert "pat@example.com" in second.out
    assert (home.directory / ".twokey/evidence/manifest.json").read_bytes() == manifest
    assert home.twokey("verify").status == 0
    assert home.twokey("verify", "--recompute").status == 0


def test_a_subject_without_files_is_only_consistent_when_verified(home: Home) -> None:
    home.twokey("init")
    home.twokey("run")
    approve(home)
    assert home.twokey("run").status == 0
    verified = home.twokey("verify")
    assert verified.status == 3
    assert "consistent" in verified.out


def test_approving_changes_no_covered_byte(home: Home) -> None:
    home.twokey("init")
    home.twokey("run")
    evidence = home.directory / ".twokey/evidence"
    before = {name: (evidence / name).read_bytes() for name in (*COVERED, "manifest.json")}
    approve(home)
    home.twokey("run")
    assert {name: (evidence / name).read_bytes() for name in before} == before


def test_stock_ssh_keygen_accepts_the_decision(decided: Home, tmp_path: Path) -> None:
    (folder,) = (decided.directory / "decisions").iterdir()
    signers = tmp_path / "allowed_signers"
    signers.write_text(f'pat@example.com namespaces="twokey-decision-v1" {decided.public}\n')
    name = "decision-pat@example.com.json"
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "pat@example.com", "-n", "twokey-decision-v1"]
    with (folder / name).open("rb") as file:
        subprocess.run([*command, "-s", str(folder / f"{name}.sig")], stdin=file, check=True, capture_output=True)


def flip(path: Path, position: int = -2) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", [*COVERED, "manifest.json"])
def test_a_flipped_byte_of_evidence_never_passes(decided: Home, name: str) -> None:
    path = decided.directory / ".twokey/evidence" / name
    if not path.stat().st_size:
        path.write_bytes(b"{}\n")
    else:
        flip(path)
    verified = decided.twokey("verify")
    assert verified.status == 4, verified.text
    assert name in verified.err or "JSON" in verified.err


@pytest.mark.parametrize("pattern", ["decision-*.json", "decision-*.sig", "grades-*.json"])
def test_a_flipped_byte_of_a_decision_never_passes(decided: Home, pattern: str) -> None:
    (folder,) = (decided.directory / "decisions").iterdir()
    (path,) = folder.glob(pattern)
    flip(path, len(path.read_bytes()) // 2)
    verified = decided.twokey("verify")
    assert verified.status == 4, verified.text
    assert path.name in verified.err, "the copy in the evidence is another one now"
    for command in ("run", "verify"):
        outcome = decided.twokey(command)
        assert outcome.status == 3, outcome.text
        assert "decision-pat@example.com.json" in outcome.out


def test_another_model_than_the_judged_one_never_passes(home: Home, model: Path) -> None:
    home.twokey("init")
    home.twokey("run")
    approve(home)
    assert home.twokey("run").status == 0
    flip(model)
    verified = home.twokey("verify")
    assert verified.status == 4, verified.text
    assert "model/weights.bin has changed" in verified.out
    assert home.twokey("run").status == 3


def test_a_decision_for_another_environment_or_repository_never_passes(decided: Home) -> None:
    assert decided.twokey("verify", "--environment", "staging").status == 3
    assert decided.twokey("verify", "--repository", "other/repository").status == 3


def test_a_rejection_blocks_until_it_is_superseded(home: Home) -> None:
    home.twokey("init")
    home.twokey("run")
    grade_everything(home.directory / ".twokey/evidence")
    assert home.twokey("sign", "--reject", "--reason", "not yet").status == 0
    blocked = home.twokey("run")
    assert blocked.status == 1, blocked.text
    approve(home)
    assert home.twokey("run").status == 0


def test_an_approval_without_grades_is_not_signed(home: Home) -> None:
    home.twokey("init")
    home.twokey("run")
    signed = home.twokey("sign", "--approve", "--reason", "looks fine", "--attest", CRITERION)
    assert signed.status == 4
    assert "review is not complete" in signed.err
    assert not (home.directory / "decisions").exists()


def test_a_policy_changed_after_signing_never_passes(decided: Home) -> None:
    config = decided.directory / "gates.yaml"
    config.write_text(config.read_text().replace("min: 0.90", "min: 0.10"))
    verified = decided.twokey("verify")
    assert verified.status == 3
    assert "another judging policy" in verified.out


def test_somebody_who_is_not_in_the_roster_cannot_sign(home: Home) -> None:
    home.twokey("init")
    home.twokey("run")
    grade_everything(home.directory / ".twokey/evidence")
    other = home.directory / "bot"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    signed = home.twokey("sign", "--approve", "--reason", "x", "--attest", CRITERION, "--key", str(other))
    assert signed.status == 4
    assert "no key at hand is in the roster" in signed.err
