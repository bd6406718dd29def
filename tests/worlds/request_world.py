"""A change under review on GitHub: a walk whose branch `work` has a pull request, and what its job is told of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_world import github_request
from persona import Outcome
from project import rows
from walk import CRITERION, Walk, begun, elsewhere

PEOPLE = {"ann": ("product",), "bob": ("risk",), "cy": ("developer",), "dee": ("product",)}
RULES = "rules:\n  - {name: no-promises, words: [guaranteed], severity: high, why: we promise nothing}\n"
SCHEMA = '{"type": "string", "enum": ["billing", "delivery", "account", "other"]}'
ANSWERS = rows(40)


@dataclass(frozen=True, slots=True)
class World:
    """A walk whose change is a pull request on GitHub: `run` is its job, everything else happens at somebody's desk."""

    walk: Walk
    patch: pytest.MonkeyPatch
    folder: Path

    def policy(self, minimum: float = 0.5, criteria: tuple[str, ...] = (CRITERION,), **approval: Any) -> None:
        opens = [{"gates": ["quality", "safety", "schema"]}]
        checkpoints = {
            "release": {"opens": opens, "close": {"any_of": ["product"]}, "criteria": list(criteria)},
            "policy-change": {"close": {"any_of": ["risk"]}},
            "interface": {"opens": [{"paths": ["api/**"]}], "close": {"any_of": ["product"]}},
            "back": {"opens": [{"rollback": True}], "close": {"any_of": ["product"]}},
        }
        self.walk.project.policy(
            gates={
                "schema": {"output": "schema.json"},
                "quality": {"accuracy": {"min": minimum, "max_drop": 0.5}},
                "safety": {"policy": {"rules": "rules.yaml", "max": 0}},
            },
            baseline={"path": "baseline.jsonl"},
            approval={"checkpoints": checkpoints, **approval},
        )

    def roster(self, without: str = "", **changes: dict[str, Any]) -> str:
        """The roster, where everybody has a login at the host; `changes` replace parts of somebody's entry."""
        people = [
            self.walk.person(who, *held, aliases=[f"{who}-login"]) | changes.get(who, {})
            for who, held in PEOPLE.items()
            if who != without
        ]
        return yaml.safe_dump({"people": people})

    def write(self, name: str, content: str | bytes) -> None:
        self.walk.project.write(name, content)

    def request(self, **facts: Any) -> None:
        """From here on commands run in a job of the pull request."""
        facts = {"opener": "cy-login", "head": self.walk.repository.head(), **facts}
        for name, value in github_request(self.folder, **facts).items():
            self.patch.setenv(name, value)

    def leave(self) -> None:
        for name in github_request(self.folder):
            self.patch.delenv(name, raising=False)

    def run(self, *options: str, **facts: Any) -> Outcome:
        """Run in a job of the pull request, of which the host tells these facts."""
        self.request(**facts)
        try:
            return self.walk.run(*options)
        finally:
            self.leave()

    def commit(self, who: str = "cy", **files: str) -> str:
        for name, content in files.items():
            self.write(name.replace("__", "/").replace("_", "."), content)
        return self.walk.commit(who)

    def merge(self) -> None:
        """Squash the change into main, which is checked out then."""
        self.walk.repository.go("main")
        self.walk.repository.squash("work", author="Ann <ann@example.com>")

    def decision(self) -> dict[str, Any]:
        (path,) = self.walk.project.directory.glob("decisions/*/decision-ann@example.com.json")
        loaded: dict[str, Any] = json.loads(path.read_bytes())["predicate"]
        return loaded


def under_review(folder: Path, then: Callable[[World], None] = lambda _world: None) -> Walk:
    """Return a walk in `folder` on whose branch `work` Cy has changed the model, and what `then` does to it."""
    with pytest.MonkeyPatch.context() as patch:
        world = World(begun(elsewhere(folder, patch), folder, PEOPLE), patch, folder)
        world.policy()
        files = {"roster.yaml": world.roster(), "rules.yaml": RULES, "schema.json": SCHEMA, "model/config.json": "{}"}
        for name, content in files.items():
            world.write(name, content)
        for name in ("outputs.jsonl", "baseline.jsonl"):
            world.walk.project.record(ANSWERS, name)
        world.walk.repository.git("remote", "add", "origin", "https://git.example/org/triage.git")
        world.commit("bob")
        world.walk.repository.branch("work")
        world.write("model/weights.bin", b"weights 2")
        world.commit()
        then(world)
    return world.walk


def copy_of(walk: Walk, folder: Path, patch: pytest.MonkeyPatch) -> World:
    """Return a copy of a walk that was prepared, in `folder`, where the test is now."""
    return World(walk.copied(elsewhere(folder, patch), folder), patch, folder)
