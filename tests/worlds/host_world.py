"""A repository whose main branch is protected, with the jobs of pull requests and of deploys, for tests of trust.

The jobs are those of a pull request on GitHub, with the host's facts in their environment, and of a deploy on the
protected branch. People have real keys.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_world import Repository, github_request, need_git
from persona import Home, Outcome
from project import Project, rows

RULES = "rules:\n  - {name: no-promises, words: [guaranteed], severity: high, why: we promise nothing}\n"
SCHEMA = '{"type": "string", "enum": ["billing", "delivery", "account", "guaranteed"]}'
NOTHING = '{"type": "string"}'
PEOPLE: Mapping[str, tuple[str, ...]] = {"ann": ("product",), "bob": ("risk",), "mallory": ("reader",)}


@dataclass(frozen=True, slots=True)
class Host:
    """A project in a repository whose main branch is protected; `request` makes the next job one of a pull request."""

    project: Project
    repository: Repository
    keys: Mapping[str, Path]
    folder: Path
    patch: pytest.MonkeyPatch

    def public(self, who: str) -> str:
        return " ".join(self.keys[who].with_suffix(".pub").read_text(encoding="utf-8").split()[:2])

    def roster(self, **roles: tuple[str, ...]) -> str:
        held = {**PEOPLE, **roles}
        people = [
            {
                "principal": f"{who}@example.com",
                "aliases": [f"{who}-at-home@mail.example"],
                "roles": list(held[who]),
                "keys": [self.public(who)],
            }
            for who in held
        ]
        return yaml.safe_dump({"people": people})

    def policy(self, accuracy: float = 0.9, **approval: Any) -> None:
        checkpoints = {
            "release": {"opens": [{"gates": ["quality", "safety", "schema"]}], "close": {"any_of": ["product"]}},
            "policy-change": {"close": {"any_of": ["risk"]}},
        }
        self.project.policy(
            gates={
                "schema": {"output": "schema.json"},
                "quality": {"accuracy": {"min": accuracy}},
                "safety": {"policy": {"rules": "rules.yaml", "max": 0}},
            },
            approval={"checkpoints": checkpoints, **approval},
        )

    def commit(self, who: str = "mallory@example.com") -> str:
        made = self.repository.commit(author=f"Somebody <{who}>")
        self.repository.go(made)
        return made

    def request(self, opener: str = "somebody", labels: tuple[str, ...] = ()) -> None:
        """From here on jobs are those of a pull request against main, which `opener` opened."""
        head = self.repository.head()
        for name, value in github_request(self.folder, opener=opener, head=head, labels=labels).items():
            self.patch.setenv(name, value)

    def deploy(self, at: str) -> None:
        """From here on jobs are those of main, which stands at that commit."""
        self.repository.go(at)
        self.repository.remote_ref("main", at)
        for name in [name for name in os.environ if name.startswith("GITHUB_")]:
            self.patch.delenv(name)

    def run(self, *options: str) -> Outcome:
        return self.project.run(*options)

    def verify(self, *options: str) -> Outcome:
        return self.project.home.twokey("verify", "--policy-ref", "main", *options)

    def sign(self, who: str, *options: str) -> Outcome:
        return self.project.home.twokey("sign", "--key", str(self.keys[who]), "--reason", "looked", *options)

    def conclusion(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.project.evidence / "conclusion.json").read_bytes())
        return loaded

    def opened(self) -> set[str]:
        return {one["name"] for one in self.conclusion()["checkpoints"]}


@pytest.fixture
def host(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    need_git()
    keys = {who: tmp_path / f"{who}_key" for who in PEOPLE}
    for who, path in keys.items():
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(path)]
        subprocess.run(command, check=True, timeout=30)
    project = Project(home)
    repository = Repository(home.directory)
    repository.git("init", "-q", "-b", "main")
    made = Host(project, repository, keys, tmp_path, monkeypatch)
    made.policy()
    repository.write(
        {
            "roster.yaml": made.roster(),
            "rules.yaml": RULES,
            "schema.json": SCHEMA,
            "model/weights.bin": "weights 1",
            "README.md": "a project\n",
            ".gitignore": ".twokey/\n",
        }
    )
    project.record(rows(60))
    repository.remote_ref("main", made.commit("ann@example.com"))
    return made


@pytest.fixture
def change(host: Host) -> Host:
    """Mallory's change of the model alone, as its pull request finds it."""
    host.project.write("model/weights.bin", b"weights 2")
    host.commit()
    host.request()
    assert host.run().status == 3
    return host
