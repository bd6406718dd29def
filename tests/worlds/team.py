"""A project and the people who decide on it, each with a real key of their own; tests move the verifier's clock.

Whoever wants a Git history gives the project's directory a repository; nothing here asks for one.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from persona import Home, Outcome
from project import Project, rows

from twokey.decisions.decision import Decision
from twokey.decisions.document import NAMESPACE, parse, render
from twokey.decisions.shapes import written
from twokey.decisions.store import write_decision
from twokey.signers.ssh import SshSigner

FORMATS = ("terminal", "markdown", "html", "junit", "json")
GATES = {"quality": {"accuracy": {"min": 0.5}}, "safety": {"pii": {"max": 0}}}
RELEASE: Mapping[str, Any] = {"opens": [{"gates": ["quality", "safety"]}], "close": {"any_of": ["product"]}}


def told(outcome: Outcome) -> str:
    """What a command printed, without the breaks that a terminal's width makes, and without the marks of the past."""
    return " ".join(re.sub(r"(?m)^\[as of [^\]]*\]", "", outcome.text).split())


def instant(text: str, seconds: float = 0) -> str:
    """A time of a file, so many seconds later."""
    return written(datetime.fromisoformat(text) + timedelta(seconds=seconds))


def from_now(seconds: float) -> str:
    return written((datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0))


@dataclass(frozen=True, slots=True)
class Team:
    """A project with people. Whoever is named first gets a key; `write_roster` says who they are and what they may."""

    project: Project
    folder: Path
    keys: dict[str, Path] = field(default_factory=dict)

    @property
    def home(self) -> Home:
        return self.project.home

    def key(self, who: str) -> Path:
        if who not in self.keys:
            path = self.folder / f"{who}_key"
            program = shutil.which("ssh-keygen")
            if program is None:
                pytest.skip("ssh-keygen is not installed here, and keys are made with the real one")
            subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(path)], check=True)
            self.keys[who] = path
        return self.keys[who]

    def public(self, who: str) -> str:
        return " ".join(self.key(who).with_suffix(".pub").read_text(encoding="utf-8").split()[:2])

    def write_roster(self, people: Mapping[str, tuple[str, ...]], **parts: Any) -> None:
        entries = [
            {"principal": f"{who}@example.com", "roles": list(roles), "keys": [self.public(who)]}
            for who, roles in people.items()
        ]
        self.project.write("roster.yaml", yaml.safe_dump({"people": entries, **parts}))

    def write_policy(self, release: Mapping[str, Any] = RELEASE, **approval: Any) -> None:
        """Write gates.yaml with this deciding policy; `checkpoints` stand beside release."""
        gates = approval.pop("gates", GATES)
        rest = {name: approval.pop(name) for name in ("subject", "candidate", "baseline", "review") if name in approval}
        checkpoints = {"release": dict(release), **approval.pop("checkpoints", {})}
        self.project.policy(gates=gates, approval={"checkpoints": checkpoints, **approval}, **rest)

    def run(self, *options: str) -> Outcome:
        return self.project.run(*options)

    def verify(self, *options: str, at: str | None = None) -> Outcome:
        return self.home.twokey("verify", *(("--at", at) if at else ()), *options)

    def sign(self, who: str, *options: str, reason: str = "looked at it") -> Outcome:
        return self.home.twokey("sign", "--key", str(self.key(who)), "--reason", reason, *options)

    def signed(self, who: str, *options: str, reason: str = "looked at it") -> Path:
        """Sign as that person, who may; return the decision's file."""
        outcome = self.sign(who, *options, reason=reason)
        assert outcome.status == 0, outcome.text
        return self.project.directory / outcome.out.rpartition("signed: ")[2].strip()

    def approved(self, who: str, *options: str) -> Path:
        return self.signed(who, "--approve", *options)

    def said(self, who: str, like: Path, **changes: Any) -> Path:
        """Keep a decision like that one, with changes that `twokey sign` would not make, signed with a person's key."""
        before = parse(like.read_bytes(), like.name)
        decision: Decision = replace(before, nonce="0" * 32, principal=f"{who}@example.com", **changes)
        data = render(decision)
        signature = SshSigner(environment={}).sign(data, NAMESPACE, str(self.key(who)))
        return write_decision(like.parent, decision.principal, data, signature)

    def conclusion(self) -> dict[str, Any]:
        """What the last run concluded."""
        loaded: dict[str, Any] = json.loads((self.project.evidence / "conclusion.json").read_bytes())
        return loaded

    def checkpoints(self, *options: str) -> dict[str, dict[str, Any]]:
        """Run, and return the checkpoints that opened, by name."""
        outcome = self.run(*options)
        assert outcome.status in (0, 1, 3), outcome.text
        return {one["name"]: one for one in self.conclusion()["checkpoints"]}

    def report(self, name: str, *options: str) -> str:
        """A report of `verify`, on one line, and without what marks code in Markdown."""
        return " ".join(self.verify("--format", name, *options).out.replace("`", "").split())


def predicate(path: Path) -> dict[str, Any]:
    """What a decision file says."""
    loaded: dict[str, Any] = json.loads(path.read_bytes())["predicate"]
    return loaded


def team(home: Home, tmp_path: Path, people: Mapping[str, tuple[str, ...]], count: int = 60) -> Team:
    """A project whose release waits for a decision; its evidence is clean."""
    folder = tmp_path / "keys"
    folder.mkdir()
    made = Team(Project(home), folder)
    made.write_roster(people)
    made.write_policy()
    made.project.write("model/weights.bin", b"weights")
    made.project.record(rows(count))
    return made
