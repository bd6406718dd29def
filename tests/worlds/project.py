"""A project on disk for tests that go through the command line: policy, people, recording, and what became of them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from persona import Home, Outcome

MAPPING = {name: name for name in ("id", "source", "input", "output", "expected", "confidence", "latency_ms", "error")}
GATES = {"quality": {"accuracy": {"min": 0.5}}, "safety": {"pii": {"max": 0}}}


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A right answer, sure of itself; `changes` say what is different, ... leaves a field out."""
    label = ("billing", "delivery", "account")[number % 3]
    made = {
        "id": f"case-{number:04d}",
        "source": "production" if number % 2 else "synthetic",
        "input": f"ticket {number}",
        "output": label,
        "expected": label,
        "confidence": 0.9,
        "latency_ms": 100 + number % 7,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not ...}


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [row(number, **changes) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Project:
    """Home with a policy in its directory. What is written here is what a user would write."""

    home: Home

    @property
    def directory(self) -> Path:
        return self.home.directory

    @property
    def evidence(self) -> Path:
        return self.directory / ".twokey/evidence"

    def policy(self, **parts: Any) -> None:
        """Write gates.yaml; `parts` replace its top-level keys, and those of the candidate."""
        candidate = {"path": "outputs.jsonl", **MAPPING, **parts.pop("candidate", {})}
        recordings = {"candidate": {key: value for key, value in candidate.items() if value is not None}}
        if "baseline" in parts:
            recordings["baseline"] = parts.pop("baseline")
        gates = parts.pop("gates", GATES)
        opens = [{"gates": sorted(gates), "status": ["fail", "inconclusive"]}]
        document = {
            "version": 1,
            "subject": {"name": "triage", "owner": "pat@example.com", "files": ["model/**"]},
            "recordings": recordings,
            "gates": gates,
            "approval": {
                "automatic": {"environments": ["staging"]},
                "checkpoints": {"release": {"opens": opens, "close": {"any_of": ["product"]}}},
            },
            **parts,
        }
        self.write("gates.yaml", yaml.safe_dump(document, sort_keys=False))

    def people(self) -> None:
        """Write a roster with the person at the keyboard in it."""
        person = {"principal": "pat@example.com", "name": "Pat Doe", "roles": ["product"], "keys": [self.home.public]}
        self.write("roster.yaml", yaml.safe_dump({"people": [person]}))

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def record(self, records: Iterable[Mapping[str, Any] | str], name: str = "outputs.jsonl") -> Path:
        """Write a recording; a string is a line as it is."""
        lines = (line if isinstance(line, str) else json.dumps(line) for line in records)
        return self.write(name, "".join(f"{line}\n" for line in lines))

    def run(self, *arguments: str) -> Outcome:
        return self.home.twokey("run", *arguments)

    def results(self) -> dict[str, Any]:
        """The gates' results by name, out of the evidence."""
        loaded = json.loads((self.evidence / "results.json").read_bytes())
        return {gate["gate"]: gate for gate in loaded["gates"]}

    def metric(self, gate: str, ident: str) -> dict[str, Any]:
        """One metric of a gate, by its id such as `accuracy[channel=chat]`."""
        found: list[dict[str, Any]] = [one for one in self.results()[gate]["metrics"] if one["id"] == ident]
        assert len(found) == 1, (gate, ident, found)
        return found[0]

    def grade(self) -> None:
        """Grade every item as a pass, in the name of the person at the keyboard."""
        rows = [
            {
                "item": json.loads(line)["id"],
                "grade": "pass",
                "severity": None,
                "reason": "",
                "seconds": 5,
                "correction": None,
            }
            for line in (self.evidence / "review/items.jsonl").read_bytes().splitlines()
        ]
        digest = hashlib.sha256((self.evidence / "manifest.json").read_bytes()).hexdigest()
        graded = {"type": "urn:twokey:grades:v1", "manifest": digest, "reviewer": "pat@example.com", "grades": rows}
        self.write(".twokey/evidence/grades/grades-pat@example.com.json", json.dumps(graded))

    def listing(self) -> dict[str, bytes]:
        """Everything below the directory, files with their bytes: nothing may change where nothing was done."""
        return {
            str(path.relative_to(self.directory)): path.read_bytes() if path.is_file() else b"a folder"
            for path in sorted(self.directory.rglob("*"))
        }


def started(home: Home, count: int = 30) -> Project:
    """A project that would run: `count` right answers."""
    project = Project(home)
    project.policy()
    project.people()
    project.write("model/weights.bin", b"weights")
    project.record(rows(count))
    return project
