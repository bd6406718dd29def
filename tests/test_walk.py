"""A walk through real Git: a change that edits model, thresholds and roster at once, and all that becomes of it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from persona import Home
from project import rows
from walk import Walk, adopted, told

from twokey.decisions.decision import Criterion, Decision, NamedCheckpoint
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.store import write_decision
from twokey.signers.ssh import SshSigner


@pytest.fixture
def walk(home: Home, tmp_path: Path) -> Walk:
    return adopted(home, tmp_path)


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
    assert walk.sign("bob", "--approve").status == 0
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
