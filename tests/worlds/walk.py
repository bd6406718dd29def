"""A project in a real repository with a protected branch, and people with real keys who change it and decide on it.

Making one takes a while, so tests that need many of the same copy a directory that was prepared once: nothing in it
names where it stands.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_world import Repository, need_git
from persona import Home, Outcome
from project import Project, rows

PEOPLE: Mapping[str, tuple[str, ...]] = {"ann": ("product",), "bob": ("risk",), "cy": ("developer",)}
CRITERION = "rollback plan available"
CHECKPOINTS = {
    "release": {
        "opens": [{"gates": ["quality", "safety"]}],
        "close": {"any_of": ["product"]},
        "criteria": [CRITERION],
    },
    "policy-change": {"close": {"any_of": ["risk"]}},
}


@dataclass(frozen=True, slots=True)
class Walk:
    """A project in a real repository with a branch `main`, and people with real keys, each with these roles."""

    project: Project
    repository: Repository
    keys: Mapping[str, Path]
    people: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: PEOPLE)

    def public(self, who: str) -> str:
        return " ".join(self.keys[who].with_suffix(".pub").read_text().split()[:2])

    def roster(self, **roles: tuple[str, ...]) -> str:
        return yaml.safe_dump({"people": [self.person(who, *held) for who, held in {**self.people, **roles}.items()]})

    def person(self, who: str, *roles: str, **more: Any) -> dict[str, Any]:
        """One entry of a roster; `more` adds to it."""
        return {"principal": f"{who}@example.com", "roles": list(roles), "keys": [self.public(who)], **more}

    def policy(self, accuracy: float = 0.95, **approval: Any) -> None:
        self.project.policy(
            gates={"quality": {"accuracy": {"min": accuracy}}, "safety": {"pii": {"max": 0}}},
            approval={"checkpoints": CHECKPOINTS, **approval},
        )

    def commit(self, who: str, message: str = "work") -> str:
        return self.repository.commit(author=f"{who.title()} <{who}@example.com>", message=message)

    def run(self, *options: str) -> Outcome:
        return self.project.run("--policy-ref", "main", *options)

    def sign(self, who: str, *options: str) -> Outcome:
        reason = ("--reason", "looked at it")
        return self.project.home.twokey("sign", "--key", str(self.keys[who]), *reason, *options)

    def approve(self, who: str, *options: str) -> Outcome:
        return self.sign(who, "--approve", "--attest", CRITERION, *options)

    def conclusion(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.project.evidence / "conclusion.json").read_bytes())
        return loaded

    def deploy(self, *options: str) -> Outcome:
        """The deploy job on main: its own policy, what is checked out, and the evidence that was kept."""
        return self.project.home.twokey("verify", "--policy-ref", "main", *options)

    def on_main(self, who: str = "ann") -> "OnMain":
        """Return a context in which main is checked out, to write on it as `who`."""
        return OnMain(self, who)

    def copied(self, home: Home, folder: Path) -> "Walk":
        """Return a copy of all this in another home, whose directory is empty yet, with the keys in `folder`."""
        shutil.copytree(self.project.directory, home.directory, symlinks=True, dirs_exist_ok=True)
        keys = {who: folder / path.name for who, path in self.keys.items()}
        for who, path in self.keys.items():
            shutil.copy(path, keys[who])
            shutil.copy(path.with_suffix(".pub"), keys[who].with_suffix(".pub"))
        return Walk(Project(home), Repository(home.directory, self.repository.minutes), keys, self.people)


@dataclass(slots=True)
class OnMain:
    """While it lasts main is checked out; then everything is committed there, and the branch before is checked out."""

    walk: Walk
    who: str
    before: str = ""

    def __enter__(self) -> Walk:
        repository = self.walk.repository
        self.before = repository.git("symbolic-ref", "--short", "HEAD")
        repository.go("main")
        return self.walk

    def __exit__(self, *_: object) -> None:
        self.walk.commit(self.who, "on main")
        self.walk.repository.go(self.before)


def told(outcome: Outcome) -> str:
    """Return what a command printed with its lines joined, so that a sentence is found however it was folded."""
    return " ".join(outcome.text.split())


def new_keys(folder: Path, people: Mapping[str, tuple[str, ...]]) -> dict[str, Path]:
    """Return a fresh key for everybody, made by the real ssh-keygen."""
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed here, and keys are made with the real one")
    keys = {who: folder / f"{who}_key" for who in people}
    for who, path in keys.items():
        subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(path)], check=True)
    return keys


def begun(home: Home, folder: Path, people: Mapping[str, tuple[str, ...]] = PEOPLE) -> Walk:
    """Return a project whose policy, model and recording are not committed yet; keys are made in `folder`."""
    need_git()
    project = Project(home)
    repository = Repository(home.directory)
    repository.git("init", "-q", "-b", "main")
    made = Walk(project, repository, new_keys(folder, people), people)
    made.policy()
    project.write("roster.yaml", made.roster())
    project.write("model/weights.bin", b"weights 1")
    project.write("README.md", "a project\n")
    project.write(".gitignore", ".twokey/\n")
    return made


def adopted(home: Home, folder: Path, count: int = 400) -> Walk:
    """Return a project on main, with a recording of `count` right answers."""
    made = begun(home, folder)
    made.project.record(rows(count))
    made.commit("ann", "adopt twokey")
    return made


def elsewhere(folder: Path, patch: pytest.MonkeyPatch) -> Home:
    """Return a home below `folder` and go to its directory; nothing of this machine's settings is left."""
    for name in [name for name in os.environ if name.startswith(("TWOKEY_", "GIT_", "GITHUB_", "GITLAB_", "CI_"))]:
        patch.delenv(name)
    (folder / "home").mkdir(parents=True)
    directory = folder / "project"
    directory.mkdir()
    patch.setenv("HOME", str(folder / "home"))
    patch.chdir(directory)
    return Home(directory=directory, key=folder / "none")
