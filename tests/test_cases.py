"""Whole cases, each a folder in tests/cases: what a user has on disk, and what twokey must say of it.

A folder holds what `run` reads (gates.yaml, recordings, roster.yaml, schemas, rules) and `expected.yaml`:

    why: one sentence, the reason for this case
    command: [run, --environment, staging]     # this is the default
    status: 1                                  # the exit status
    out: [texts that stdout must hold]         # runs of blanks count as one
    err: [texts that stderr must hold]
    absent: [texts that neither may hold]
    metrics: {quality.accuracy: inconclusive}  # the status of a metric, by gate and id

A bug report becomes a folder; nothing else is written for it.
"""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from persona import Home

CASES = Path(__file__).parent / "cases"
FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())


@dataclass(frozen=True, kw_only=True)
class Expected:
    why: str
    status: int
    command: tuple[str, ...] = ("run", "--environment", "staging")
    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    metrics: dict[str, str] = field(default_factory=dict)


def expected_in(folder: Path) -> Expected:
    """Read expected.yaml; a key that nobody knows is a mistake in the case."""
    loaded: dict[str, Any] = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))
    assert set(loaded) <= set(Expected.__dataclass_fields__), folder.name
    return msgspec.convert(loaded, Expected)


def metric_statuses(directory: Path) -> dict[str, str]:
    results = directory / ".twokey/evidence/results.json"
    gates = json.loads(results.read_bytes())["gates"] if results.is_file() else []
    return {f"{gate['gate']}.{metric['id']}": metric["status"] for gate in gates for metric in gate["metrics"]}


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 5


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case(home: Home, folder: Path) -> None:
    expected = expected_in(folder)
    shutil.copytree(folder, home.directory, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.yaml"))
    outcome = home.twokey(*expected.command)
    out, err = (" ".join(text.split()) for text in (outcome.out, outcome.err))
    assert outcome.status == expected.status, outcome.text
    assert "unexpected fault" not in outcome.err
    for text in expected.out:
        assert text in out, outcome.out
    for text in expected.err:
        assert text in err, outcome.err
    for text in expected.absent:
        assert text not in out + err
    found = metric_statuses(home.directory)
    assert {ident: found.get(ident) for ident in expected.metrics} == expected.metrics
