"""A walk through real Git: a change that edits model, thresholds and roster at once, and all that becomes of it."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from git_world import Repository, need_git
from persona import Home, Outcome
from project import Project, rows

from twokey.decisions.decision import Criterion, Decision, NamedCheckpoint
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.store import write_decision
from twokey.signers.ssh import SshSigner

PEOPLE: Mapping[str, tuple[str, ...]] = {"ann": ("product",), "bob": ("risk",), "cy": ("developer",)}
CHECKPOINTS = {
    "release": {
        "opens": [{"gates": ["quality", "safety"]}],
        "close": {"any_of": ["product"]},
        "criteria": ["rollback plan available"],
    },
    "policy-change": {"close": {"any_of": ["risk"]}},
}


@dataclass(frozen=True, slots=True)
class Walk:
    """A project in a real repository with a branch `main`, and people with real keys."""

    project: Project
    repository: Repository
    keys: Mapping[str, Path]

    def public(self, who: str) -> str:
        return " ".join(self.keys[who].with_suffix(".pub").read_text().split()[:2])

    def roster(self, **roles: tuple[str, ...]) -> str:
        held = {**PEOPLE, **roles}
        people = [
            {"principal": f"{who}@example.com", "roles": list(held[who]), "keys": [self.public(who)]} for who in held
        ]
        return yaml.safe_dump({"people": people})

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
        return self.sign(who, "--approve", "--attest", "rollback plan available", *options)

    def conclusion(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.project.evidence / "conclusion.json").read_bytes())
        return loaded

    def deploy(self, *options: str) -> Outcome:
        """The deploy job on main: its own policy, what is checked out, and the evidence that was kept."""
        return self.project.home.twokey("verify", "--policy-ref", "main", *options)


@pytest.fixture
def walk(home: Home, tmp_path: Path) -> Walk:
    need_git()
    program = shutil.which("ssh-keygen")
    assert program
    keys = {who: tmp_path / f"{who}_key" for who in PEOPLE}
    for who, path in keys.items():
        subprocess.run([program, "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(path)], check=True)
    project = Project(home)
    repository = Repository(home.directory)
    repository.git("init", "-q", "-b", "main")
    made = Walk(project, repository, keys)
    made.policy()
    project.write("roster.yaml", made.roster())
    project.write("model/weights.bin", b"weights 1")
    project.write("README.md", "a project\n")
    project.write(".gitignore", ".twokey/\n")
    project.record(rows(400))
    made.commit("ann", "adopt twokey")
    return made


def weaker(walk: Walk) -> None:
    """On a branch, Cy edits model, thresholds and roster at once; one answer in ten is wrong now."""
    walk.repository.branch("work")
    walk.project.record([{**row, "output": "other"} if index % 10 == 0 else row for index, row in enumerate(rows(400))])
    walk.project.write("model/weights.bin", b"weights 2")
    walk.policy(accuracy=0.5)
    walk.project.write("roster.yaml", walk.roster(cy=("product", "risk")))
    walk.commit("cy", "a better model")


def forged(walk: Walk, who: str, role: str) -> Path:
    """An approval of all that is open, signed by somebody whom `twokey sign` would not let sign it."""
    conclusion = walk.conclusion()
    now = datetime.now(UTC).replace(microsecond=0)
    decision = Decision(
        choice="approve",
        manifest=conclusion["manifest"],
        checkpoints=tuple(
            NamedCheckpoint(name=one["name"], role=role, facts=one["facts"]) for one in conclusion["checkpoints"]
        ),
        principal=f"{who}@example.com",
        decided_at=now,
        expires_at=now + timedelta(days=7),
        environment="production",
        repository=conclusion["repository"],
        nonce="0" * 32,
        reason="trust me",
        criteria=(Criterion(checkpoint="release", criterion="rollback plan available", attested=True),),
        recomputed=True,
    )
    data = render(decision)
    signature = SshSigner(environment={}).sign(data, NAMESPACE, str(walk.keys[who]))
    folder = walk.project.directory / "decisions" / conclusion["manifest"][:12]
    return write_decision(folder, f"{who}@example.com", data, signature)


def told(outcome: Outcome) -> str:
    return " ".join(outcome.out.split())


def test_a_change_of_model_thresholds_and_roster_from_its_authors_approval_to_the_deploy(walk: Walk) -> None:
    weaker(walk)
    assert walk.run().status == 3
    forged(walk, "cy", "product")
    walk.commit("cy", "approve it myself")
    shut = walk.run()
    assert shut.status == 3
    for reason in (
        "release is open: quality.accuracy is fail",  # under the thresholds of main, not those of the change
        "policy-change is open: the change edits policy: gates.yaml, roster.yaml; risk may close it",
        "cy@example.com is not product",  # by the roster of main
        "cy@example.com may not decide here: cy@example.com wrote a commit of the change",
    ):
        assert reason in told(shut), shut.out
    assert "quality: fail under the policy in force, pass under the one that the change brings" in told(shut)
    assert "+ min: 0.5" in told(shut), "the edit itself is shown"

    assert "may close none of the open checkpoints" in walk.approve("cy").err
    assert walk.approve("ann").status == 0
    assert walk.run().status == 3, "one of the two"
    assert walk.approve("bob").status == 0
    walk.repository.commit(author="Ann <ann@example.com>", message="our decisions")
    opened = walk.run()
    assert opened.status == 0, opened.text

    walk.project.write("README.md", "a project, told better\n")
    walk.commit("cy", "say it better")
    assert walk.run().status == 0, "a README costs no approval"
    approved = walk.repository.head()

    walk.project.write("model/weights.bin", b"weights 3")
    walk.commit("cy", "one more thing")
    again = walk.run()
    assert again.status == 3
    assert "release is open" in told(again)
    stale = walk.project.home.twokey("verify", "--policy-ref", "main")
    assert stale.status == 3

    walk.repository.git("checkout", "-q", "-f", approved)
    assert walk.run().status == 0
    walk.repository.git("branch", "-f", "work", approved)
    walk.repository.git("checkout", "-q", "main")
    walk.repository.squash("work", author="Ann <ann@example.com>")
    deployed = walk.deploy()
    assert deployed.status == 0, deployed.text

    walk.project.write("model/weights.bin", b"weights of next week")
    walk.commit("ann", "next week's model")
    other = walk.deploy()
    assert other.status == 4
    assert "the subject is not the one that was judged: model/weights.bin has changed" in told(other)


def test_the_deploy_job_needs_no_artifact_of_the_run(walk: Walk) -> None:
    walk.repository.branch("work")
    walk.project.write("model/weights.bin", b"weights 2")
    walk.commit("cy", "a better model")
    assert walk.run().status == 3
    assert walk.approve("ann").status == 0
    walk.commit("ann", "our decision")
    walk.repository.git("checkout", "-q", "main")
    walk.repository.squash("work", author="Ann <ann@example.com>")
    shutil.rmtree(walk.project.directory / ".twokey")
    deployed = walk.deploy()
    assert deployed.status == 0, deployed.text
    walk.project.write("model/weights.bin", b"weights 3")
    assert walk.deploy().status == 4
