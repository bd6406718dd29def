"""Evidence is a pure function: neither processes, order, hashing, place nor people show in it."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from persona import Home
from project import Project, row, rows, started

from twokey import sweep, task
from twokey.evidence.layout import COVERED, ITEMS, MANIFEST, QUARANTINE, QUEUE, RESULTS

GATES = {
    "schema": {"sanitise": {"max_input_bytes": 10}},
    "performance": {"latency_p95_ms": {"max": 500, "max_increase": "50%"}, "latency_p50_ms": {"max": 500}},
    "quality": {
        "accuracy": {"min": 0.5, "max_drop": 0.5},
        "f1_macro": {"min": 0.5},
        "expected_calibration_error": {"max": 0.4},
        "slices": ["channel"],
    },
    "safety": {"pii": {"max": 0}, "secrets": {"max": 0}, "profanity": {"max": 0}},
}


def answers(count: int, seed: int) -> list[dict[str, object]]:
    """Answers right and wrong, sure and unsure, some with what safety flags, some without this or that."""
    chance = random.Random(seed)
    made: list[dict[str, object]] = []
    for number in range(count):
        one = row(number, confidence=round(chance.random(), 3), latency_ms=chance.uniform(50, 400), note="x" * 300)
        one["channel"] = chance.choice(["chat", "mail", None])
        if chance.random() < 0.2:
            one["output"] = "billing"
        if chance.random() < 0.05:
            one["output"] = f"write to person{number}@corp-mail.example or 4111 1111 1111 1111"
        if chance.random() < 0.05:
            one["source"] = None
        made.append(one)
    return made


@pytest.fixture
def project(home: Home, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose recording is read in several shards."""
    made = started(home)
    monkeypatch.setattr(sweep, "SHARD_BYTES", 64 * 1024)
    made.policy(
        gates=GATES,
        candidate={"groups": {"channel": "channel"}},
        baseline={"path": "last.jsonl"},
        sample={"synthetic": 300, "production": 250, "stratify_by": "channel", "seed": 11},
        review={"confidence_below": 0.6, "show": 20, "audit": 20, "max_failure_rate": 0.5, "max_failures": 0.9},
    )
    made.record(answers(900, 1))
    made.record(answers(900, 2), "last.jsonl")
    return made


def evidence_of(project: Project, *arguments: str) -> dict[str, bytes]:
    outcome = project.run(*arguments)
    assert outcome.status in (1, 3), outcome.text
    return {name: (project.evidence / name).read_bytes() for name in (*COVERED, MANIFEST)}


def test_the_material_says_something(project: Project) -> None:
    found = evidence_of(project)
    for name in (ITEMS, QUEUE, QUARANTINE):
        assert len(found[name].splitlines()) >= 10, name
    plan_shards = (project.directory / "outputs.jsonl").stat().st_size // sweep.SHARD_BYTES
    assert plan_shards >= 4


def test_processes_do_not_show(project: Project) -> None:
    serial = evidence_of(project)
    assert evidence_of(project, "--engine", "processes", "--jobs", "2") == serial
    assert evidence_of(project, "--engine", "processes", "--jobs", "3") == serial


def test_the_number_of_shards_does_not_show(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    many = evidence_of(project)
    monkeypatch.setattr(sweep, "SHARD_BYTES", 1 << 30)
    assert evidence_of(project) == many


def test_the_size_of_a_batch_does_not_show(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    large = evidence_of(project)
    monkeypatch.setattr(task, "BATCH", 7)
    assert evidence_of(project) == large


def test_the_order_of_lines_does_not_show_in_what_was_found(project: Project) -> None:
    first = evidence_of(project)
    for name, seed in (("outputs.jsonl", 5), ("last.jsonl", 6)):
        path = project.directory / name
        lines = path.read_text().splitlines(keepends=True)
        random.Random(seed).shuffle(lines)
        path.write_text("".join(lines))
    second = evidence_of(project)
    for name in COVERED:
        assert second[name] == first[name], name
    assert second[MANIFEST] != first[MANIFEST], "the recording's digest is another one"


def test_one_pass_over_everything_finds_what_two_passes_find(project: Project) -> None:
    text = (project.directory / "gates.yaml").read_text()
    found = []
    for draws in ("synthetic: 100000\n  production: 100000", "synthetic: all\n  production: all"):
        changed = text.replace("synthetic: 300\n  production: 250", draws)
        assert changed != text
        project.write("gates.yaml", changed)
        found.append(json.loads(evidence_of(project)[RESULTS])["gates"])
    assert found[0] == found[1]


def test_hashing_does_not_show(project: Project) -> None:
    manifests = set()
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-m", "twokey", "run"], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode in (1, 3), done.stderr
        manifests.add((project.evidence / MANIFEST).read_bytes())
    assert manifests == {evidence_of(project)[MANIFEST]}, "and in this process, with its own seed and shards"


def test_the_place_does_not_show(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = evidence_of(project)
    elsewhere = tmp_path / "another place" / "ünïcode"
    shutil.copytree(project.directory, elsewhere, ignore=shutil.ignore_patterns(".twokey"))
    copied = Project(Home(elsewhere, project.home.key))
    outcome = copied.run("--config", str(elsewhere / "gates.yaml"), "--evidence", str(elsewhere / ".twokey/evidence"))
    assert outcome.status in (1, 3), outcome.text
    assert {name: (copied.evidence / name).read_bytes() for name in here} == here
    monkeypatch.chdir(elsewhere)
    assert evidence_of(copied) == here


def test_neither_clock_zone_nor_language_shows(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    here = evidence_of(project)
    monkeypatch.setenv("TZ", "Pacific/Chatham")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/else")
    assert evidence_of(project, "--environment", "moon") == here


def test_approving_changes_no_covered_byte(home: Home) -> None:
    project = started(home)
    criterion = "rollback plan available"
    opens = [{"gates": ["quality", "safety", "review"]}]
    checkpoint = {"opens": opens, "close": {"any_of": ["product"]}, "criteria": [criterion]}
    project.policy(
        review={"confidence_below": 0.6, "show": 5, "audit": 5, "max_failure_rate": 0.5},
        approval={"checkpoints": {"release": checkpoint}},
    )
    project.record(rows(40))
    before = evidence_of(project)
    project.grade()
    signed = home.twokey("sign", "--approve", "--reason", "the numbers hold", "--attest", criterion)
    assert signed.status == 0, signed.text
    for command in (("run",), ("verify", "--recompute"), ("run", "--engine", "processes")):
        outcome = home.twokey(*command)
        assert outcome.status in (0, 3), outcome.text
        assert {name: (project.evidence / name).read_bytes() for name in before} == before


def test_what_judges_does_show(project: Project) -> None:
    """The counterpart: a test of sameness holds only if what must change does."""
    seen = {evidence_of(project)[MANIFEST]}
    config = project.directory / "gates.yaml"
    for old, new in (("seed: 11", "seed: 12"), ("max: 500", "max: 501"), ("show: 20", "show: 19")):
        assert old in config.read_text()
        config.write_text(config.read_text().replace(old, new))
        seen.add(evidence_of(project)[MANIFEST])
    assert len(seen) == 4
