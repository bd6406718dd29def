"""The page on checkpoints, held against the code: each block of YAML loads and runs as it stands, each key is there."""

import dataclasses
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from persona import Home
from project import Project, started

from twokey.config import shape
from twokey.config.load import load_config
from twokey.config.shape import Approval, Config, Opens
from twokey.decisions.checkpoints import OpenCheckpoint, open_checkpoints
from twokey.decisions.situation import Situation
from twokey.gates import GATES, options_of
from twokey.outcome import Finding, Status
from twokey.repository.change import Change, ChangedFile, PolicyEdit

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "checkpoints.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
READY: dict[str, str] = dict(re.findall(r"^### (.+)\n(?:[^#`\n].*\n|\n)*```yaml\n((?:.+\n)+)```", PAGE, re.MULTILINE))

BEFORE = """\
version: 1
subject: {name: triage, owner: pat@example.com, files: [model/**]}
recordings:
  candidate: {path: outputs.jsonl, id: id, input: input, output: output, expected: expected, latency_ms: latency_ms,
              source: source, confidence: confidence}
gates:
  schema: {contract: {min_length: {$: 1}}}
  performance: {latency_p50_ms: {max: 5000}, availability: {min: 0.5}}
  quality: {accuracy: {min: 0.5}}
  safety: {pii: {max: 0}}
approval:
"""
RELEASE = "  release: {close: {any_of: [product]}}\n"


def whole(block: str) -> str:
    """The block below `approval:`, as somebody would copy it; with `release` beside it where it has none."""
    if not re.search(r"^  release:", block, re.MULTILINE):
        head = "checkpoints:\n"
        block = block.replace(head, head + RELEASE, 1) if head in block else head + RELEASE + block
    return BEFORE + "".join(f"  {line}\n" for line in block.splitlines())


def loaded(block: str) -> Config:
    return load_config(whole(block).encode(), "gates.yaml", {name: options_of(name) for name in GATES}, {})


def words(value: Any, *keys: str) -> Iterator[str]:
    """The roles that a block names anywhere, to put people into a roster for them."""
    for key, part in value.items() if isinstance(value, dict) else ():
        if key in keys and isinstance(part, list):
            yield from part
        else:
            yield from words(part, *keys)
    for part in value if isinstance(value, list) else ():
        yield from words(part, *keys)


def test_the_page_has_its_blocks() -> None:
    assert len(BLOCKS) == PAGE.count("```yaml") >= 10
    assert {"Architecture", "Breaking change", "Security", "Performance", "Rollback", "Policy change"} <= set(READY)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_block_runs_as_it_stands(home: Home, number: int, tmp_path: Path) -> None:
    project: Project = started(home)
    project.write("gates.yaml", whole(BLOCKS[number]))
    roles = sorted(set(words(yaml.safe_load(BLOCKS[number]), "any_of", "all_of", "of", "roles")))
    people = [{"principal": "pat@example.com", "keys": [home.public], "roles": ["product"]}]
    for role in roles:  # each role in hands of its own; an address among them is a person
        key = tmp_path / f"key-{role}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=30)
        line = " ".join(key.with_name(f"{key.name}.pub").read_text(encoding="utf-8").split()[:2])
        who = role if "@" in role else f"{role}@example.com"
        people.append({"principal": who, "keys": [line], "roles": [] if "@" in role else [role]})
    people = [{key: value for key, value in one.items() if value} for one in people]
    project.write("roster.yaml", yaml.safe_dump({"people": people}))
    outcome = project.run()
    assert outcome.status == 3, outcome.text
    assert "release is open" in outcome.out


SEEN = Change(base="b" * 40, head="h" * 40, labels=())
OPENED: dict[str, Situation] = {
    "Architecture": Situation(
        environment="production",
        change=dataclasses.replace(
            SEEN, files=tuple(ChangedFile(path=f"src/{number}.py", blob="0" * 40) for number in range(30))
        ),
    ),
    "Breaking change": Situation(environment="production", change=dataclasses.replace(SEEN, labels=("breaking",))),
    "Security": Situation(
        environment="production",
        change=SEEN,
        findings=(Finding(gate="safety", check="pii", status=Status.FAIL, message="1 record"),),
    ),
    "Performance": Situation(
        environment="production",
        findings=(Finding(gate="performance", check="latency_p95_ms", status=Status.FAIL, message="600 ms"),),
    ),
    "Rollback": Situation(environment="production", change=dataclasses.replace(SEEN, rollback=True)),
    "Policy change": Situation(
        environment="production",
        change=dataclasses.replace(SEEN, policy=(PolicyEdit(path="gates.yaml", before="1", after="2"),)),
    ),
    "Hosted models and recordings that nobody witnessed": Situation(environment="production", pinned=False),
}


def opened(block: str, situation: Situation) -> dict[str, OpenCheckpoint]:
    return {one.name: one for one in open_checkpoints(situation, loaded(block).approval)}


@pytest.mark.parametrize("name", READY)
def test_each_ready_made_checkpoint_opens_on_what_it_is_for_and_on_nothing_else(name: str) -> None:
    found = opened(READY[name], OPENED[name])
    (own,) = found.keys() - {"release"}
    assert set(found[own].claims) == {finding.id for finding in OPENED[name].findings}
    assert found[own].criteria
    assert set(opened(READY[name], Situation(environment="production", change=SEEN))) == {"release"}


def keys(type_: type) -> set[str]:
    return {item.name.rstrip("_") for item in dataclasses.fields(type_)}


@pytest.mark.parametrize("name", ["Opens", "Close", "Timeout", "CheckpointPolicy", "Override", "Window", "Separation"])
def test_every_key_of_a_checkpoint_is_on_the_page(name: str) -> None:
    assert [key for key in keys(getattr(shape, name)) if not re.search(rf"[`{{ .]{key}\b", PAGE)] == []


def test_every_clause_has_a_row_and_every_row_is_a_clause() -> None:
    table = PAGE.partition("| in a clause |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+):", table, re.MULTILINE)) == keys(Opens)


def test_every_key_of_the_deciding_policy_is_in_the_example() -> None:
    example = (ROOT / "gates.example.yaml").read_text(encoding="utf-8").partition("\napproval:")[2]
    parts = [keys(getattr(shape, name)) for name in ("Opens", "Close", "CheckpointPolicy", "Override", "Window")]
    wanted = set().union(*parts, keys(Approval), keys(shape.Separation), keys(shape.MaxAge))
    assert [key for key in sorted(wanted) if not re.search(rf"[ {{]{key}:", example)] == []


def test_the_example_policy_runs_as_it_stands(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    outcome = home.twokey("run", "--config", "gates.example.yaml", "--evidence", str(tmp_path / "evidence"))
    assert outcome.status == 3, outcome.text
    assert home.twokey("roster", "check", "--config", "gates.example.yaml").status == 0
