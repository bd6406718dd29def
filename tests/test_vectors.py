"""tests/vectors: good and hostile decisions, each a folder, and what every verifier must say of them.

The folders are made by scripts/make_vectors.py; their form is in docs/decision-format.md. Here each goes the whole way
that `verify` goes: evidence as the store keeps it, policy and roster from files, the subject hashed, one conclusion.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from twokey.cli.policy import judging_digest
from twokey.conclusion import Conclusion
from twokey.deciding.policy import Deciding
from twokey.decisions.directory_store import DirectoryStore
from twokey.decisions.roster import load_roster
from twokey.decisions.rules import policy_problems
from twokey.decisions.shapes import instant
from twokey.errors import ConfigError, Problem, TwokeyError
from twokey.evidence.kept import kept_evidence
from twokey.evidence.subject import hash_subject
from twokey.pipeline import conclude
from twokey.repository.config import config_from
from twokey.repository.ground import Ground
from twokey.repository.policy import PolicyFiles
from twokey.signers import SIGNERS, keygen
from twokey.signers.base import Signer
from twokey.signers.ssh import SshSigner

ROOT = Path(__file__).parents[1]
VECTORS = Path(__file__).parent / "vectors"
CASES = sorted(path.parent for path in VECTORS.glob("cases/*/case.json"))
STEPS: set[int | str] = {*range(1, 16), *(f"verdict {number}" for number in (1, 2, 3, 4, 5, 9, 10))}
MAX_BYTES = 1_500_000
GONE = re.compile(r"\((?!\.)[^,)]+")  # however a store says that a file is there no more
MAKE = ROOT / "scripts" / "make_vectors.py"
ALONE: Mapping[str, Signer] = {**SIGNERS, "ssh": SshSigner(places=())}


@cache
def said_of(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "case.json").read_bytes())
    return loaded


def laid_out(folder: Path, into: Path) -> None:
    """Lay the case's own files over the shared ones, as a checkout with a store would have them."""
    case = said_of(folder)
    store = into / "decisions" / case["folder"]
    store.mkdir(parents=True)
    shutil.copy(VECTORS / "roster.yaml", into)
    shutil.copy(VECTORS / "policies" / case["policy"] / "gates.yaml", into)
    for path in (VECTORS / "evidence" / case["evidence"]).iterdir():
        if path.name not in case["without"]:
            shutil.copy(path, store)
    for name in ("roster.yaml", "gates.yaml"):
        if (folder / name).exists():
            shutil.copy(folder / name, into)
    if (folder / "store").is_dir():
        shutil.copytree(folder / "store", store, dirs_exist_ok=True)


def concluded(folder: Path, into: Path, signers: Mapping[str, Signer]) -> Conclusion:
    """Conclude on a case that is laid out; raises TwokeyError where no check can be made."""
    case = said_of(folder)
    files = PolicyFiles(directory=into)
    config = config_from(files, "gates.yaml", {})
    roster = load_roster(files.read("roster.yaml"), "roster.yaml")
    if problems := policy_problems(config.approval, roster):
        raise ConfigError(Problem(message=problem) for problem in problems)
    store = DirectoryStore(root=into / "decisions")
    removed = sorted((folder / "removed").glob("*"))
    evidence = kept_evidence(store.files(case["folder"]), case["folder"])
    terms = Deciding(
        config=config,
        roster=roster,
        store=store,
        environment=case["environment"],
        repository=case["repository"],
        judging=judging_digest(config, files, [row["path"] for row in evidence.manifest["policy"]["files"]]),
        ground=Ground(policy=files),
        signers=signers,
        removed=tuple((f"decisions/{case['folder']}/{path.name}", path.read_bytes()) for path in removed),
    )
    subject = hash_subject(VECTORS / "subjects" / case["subject"], config.subject) if case["subject"] else None
    return conclude(
        evidence,
        terms,
        subject,
        instant(case["now"]),
        computed=case["computed"],
        opened_at=instant(case["opened_at"]) if case["opened_at"] else None,
    )


def told(folder: Path, into: Path, signers: Mapping[str, Signer]) -> dict[str, Any]:
    """Return what comes of a case, in the words of its `expected`, without what the second verifier said."""
    try:
        found = concluded(folder, into, signers)
    except TwokeyError as error:
        return {"status": error.status, "error": str(error)}
    decisions = tuple(replace(row, crosscheck=None) for row in found.decisions)
    return {"status": found.verdict.exit_status, **replace(found, decisions=decisions).plain()}


def missing(expected: list[str], found: list[str]) -> list[str]:
    """Return the texts that stand in none of the sentences."""
    return [text for text in expected if not any(text in sentence for sentence in found)]


def unexpected(expected: list[str], found: list[str]) -> list[str]:
    """Return the sentences that hold none of the texts."""
    return [sentence for sentence in found if not any(text in sentence for text in expected)]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path, tmp_path: Path) -> None:
    expected = said_of(folder)["expected"]
    laid_out(folder, tmp_path)
    found = told(folder, tmp_path, ALONE)
    assert found["status"] == expected["status"], found
    if "error" in expected:
        assert expected["error"] in found["error"]
        return
    assert found["verdict"] == expected["verdict"]
    assert missing(expected["reasons"], found["reasons"]) == [], found["reasons"]
    decisions = {GONE.sub("(gone", row["file"]): row for row in found["decisions"]}
    assert len(decisions) == len(found["decisions"])
    assert decisions.keys() == expected["decisions"].keys()
    for name, row in expected["decisions"].items():
        assert decisions[name]["counted"] is row["counted"], decisions[name]["reasons"]
        assert bool(decisions[name]["reasons"]) is not row["counted"]
        assert missing(row["reasons"], decisions[name]["reasons"]) == [], decisions[name]["reasons"]
        assert unexpected(row["reasons"], decisions[name]["reasons"]) == []
    for name in ("conditions", "released", "debts", "limits"):
        assert missing(expected.get(name, []), found[name]) == [], found[name]
        assert name not in expected or bool(expected[name]) == bool(found[name])


with_keygen = pytest.mark.skipif(
    keygen.find(keygen.PLACES, VECTORS) is None, reason="there is no ssh-keygen here to be the second verifier"
)


@with_keygen
def test_the_second_verifier_is_asked_and_agrees(tmp_path: Path) -> None:
    folder = VECTORS / "cases" / "approved"
    laid_out(folder, tmp_path)
    assert [row.crosscheck for row in concluded(folder, tmp_path, SIGNERS).decisions] == [keygen.AGREES]
    assert [row.crosscheck for row in concluded(folder, tmp_path, ALONE).decisions] == [keygen.MISSING]


@with_keygen
@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_second_verifier_changes_no_conclusion(folder: Path, tmp_path: Path) -> None:
    laid_out(folder, tmp_path)
    assert told(folder, tmp_path, SIGNERS) == told(folder, tmp_path, ALONE)


def make_vectors(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def test_the_vectors_are_what_the_script_makes() -> None:
    done = make_vectors(MAKE, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_drift_is_noticed_and_mended(tmp_path: Path) -> None:
    for part in ("scripts", "tests/vectors"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    script, vectors = tmp_path / "scripts" / "make_vectors.py", tmp_path / "tests" / "vectors"
    before = {path.relative_to(vectors): path.read_bytes() for path in vectors.rglob("*") if path.is_file()}
    (vectors / "roster.yaml").write_bytes(b"people: []\n")
    (vectors / "cases" / "approved" / "case.json").unlink()
    (vectors / "cases" / "by-hand").mkdir()
    (vectors / "cases" / "by-hand" / "case.json").write_bytes(b"{}")
    done = make_vectors(script, "--check")
    assert done.returncode == 1
    assert [line.split(" ")[0] for line in done.stderr.splitlines()] == [
        "tests/vectors/cases/approved/case.json",
        "tests/vectors/cases/by-hand/case.json",
        "tests/vectors/roster.yaml",
    ]
    assert make_vectors(script).returncode == 0
    assert {path.relative_to(vectors): path.read_bytes() for path in vectors.rglob("*") if path.is_file()} == before
    assert not (vectors / "cases" / "by-hand").exists()


def test_there_is_a_case_for_every_step_and_for_every_status() -> None:
    cases = [said_of(folder) for folder in CASES]
    assert len(cases) >= 40
    assert STEPS - {step for case in cases for step in case["steps"]} == set()
    assert {case["expected"]["status"] for case in cases} == {0, 1, 2, 3, 4}


def test_no_two_cases_hold_the_same() -> None:
    seen: dict[tuple[object, ...], str] = {}
    for folder in CASES:
        case = {key: value for key, value in said_of(folder).items() if key not in ("about", "steps", "expected")}
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        del files["case.json"]
        other = seen.setdefault((json.dumps(case), *sorted(files.items())), folder.name)
        assert other == folder.name


def test_the_vectors_stay_small() -> None:
    assert sum(path.stat().st_size for path in VECTORS.rglob("*") if path.is_file()) < MAX_BYTES
