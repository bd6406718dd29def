"""What is merged is what was decided on: the deploy believes no file that shows a smaller change, or other people."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from host_world import Host, host
from project import rows

from twokey.canonical import digest
from twokey.decisions.decision import Decision, NamedCheckpoint
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.store import write_decision
from twokey.signers.ssh import SshSigner

__all__ = ["host"]  # a fixture

RELEASE = {"opens": [{"gates": ["quality", "safety", "schema"]}], "close": {"any_of": ["product"]}}
NOTHING_CHANGED = {
    "type": "urn:twokey:change:v1",
    "prefix": "",
    "files": [],
    "lines": 0,
    "labels": [],
    "parties": [],
    "policy": [],
    "judging_after": None,
    "rollback": False,
}


def adopt(host: Host, **checkpoints: Any) -> None:
    """Merge a policy with these checkpoints beside release and policy-change, which risk closes."""
    host.policy(checkpoints={"release": RELEASE, "policy-change": {"close": {"any_of": ["risk"]}}, **checkpoints})
    host.repository.remote_ref("main", host.commit("bob@example.com"))


def forge(host: Host, who: str, role: str, checkpoint: str, facts: str) -> None:
    """An approval of one checkpoint over facts of the signer's own making."""
    now = datetime.now(UTC).replace(microsecond=0)
    decision = Decision(
        choice="approve",
        manifest=host.conclusion()["manifest"],
        checkpoints=(NamedCheckpoint(name=checkpoint, role=role, facts=facts),),
        principal=f"{who}@example.com",
        decided_at=now,
        expires_at=now + timedelta(days=7),
        environment="production",
        repository="unknown",
        nonce="0" * 32,
        reason="trust me",
        recomputed=True,
    )
    data = render(decision)
    signature = SshSigner(environment={}).sign(data, NAMESPACE, str(host.keys[who]))
    folder = host.project.directory / "decisions" / decision.manifest[:12]
    write_decision(folder, decision.principal, data, signature)


def nothing_opened(*, known: bool) -> str:
    """The digest of the facts that release would have, had the change opened nothing and been nobody's."""
    change = {"known": known, "parties": [], "opens": []}
    return digest({"checkpoint": "release", "opened_by": [], "findings": [], "change": change})


def kept(host: Host, name: str) -> Any:
    return host.project.directory / "decisions" / host.conclusion()["manifest"][:12] / name


def changed(host: Host, weights: bytes, who: str = "mallory@example.com") -> None:
    """A pull request with another model, judged."""
    host.project.write("model/weights.bin", weights)
    host.commit(who)
    host.request()
    assert host.run().status == 3


def merge(host: Host, who: str = "ann@example.com") -> None:
    """Commit what people gave, and merge the change."""
    host.deploy(host.commit(who))


@pytest.mark.parametrize("known", [True, False])
def test_an_author_who_leaves_the_change_out_does_not_approve_it_alone(host: Host, known: bool) -> None:
    changed(host, b"weights 2", "ann@example.com")
    forge(host, "ann", "product", "release", nothing_opened(known=known))
    merge(host)
    outcome = host.verify()
    assert outcome.status == 3, outcome.text
    assert "ann@example.com may not decide here" in " ".join(outcome.out.split())


def test_one_approver_cannot_sign_the_other_checkpoint_away(host: Host) -> None:
    adopt(host, breaking={"opens": [{"paths": ["model/**"]}], "close": {"all_of": ["risk", "product"]}})
    changed(host, b"weights 2")
    forge(host, "ann", "product", "release", nothing_opened(known=True))
    smaller = {**NOTHING_CHANGED, "base": "0" * 40, "head": host.repository.head()}
    kept(host, "change.json").write_text(json.dumps(smaller), encoding="utf-8")
    merge(host)
    outcome = host.verify()
    assert outcome.status == 3, outcome.text
    assert "breaking is open" in " ".join(outcome.out.split())


def test_an_empty_change_is_no_change_that_anybody_decided_on(host: Host) -> None:
    adopt(host, breaking={"opens": [{"paths": ["model/**"]}], "close": {"any_of": ["risk"]}})
    host.project.write("model/weights.bin", b"weights 2")
    host.deploy(host.commit())
    assert host.run("--policy-ref", "main").status == 3
    assert host.opened() == {"release", "breaking"}
    assert host.sign("ann", "--approve").status == 0
    assert host.verify().status == 3
    head = host.repository.head()
    for name, base in (("change.json", head), ("change-2.json", "0" * 40)):
        empty = {**NOTHING_CHANGED, "base": base, "head": head}
        kept(host, name).write_text(json.dumps(empty), encoding="utf-8")
    shutil.rmtree(host.project.evidence)
    assert host.verify().status == 3


def test_a_rollback_does_not_stop_being_one_because_a_file_says_so(host: Host) -> None:
    adopt(host, rollback={"opens": [{"rollback": True}], "close": {"any_of": ["risk"]}})
    changed(host, b"weights 2")
    host.sign("ann", "--approve")
    old = kept(host, "")
    merge(host)
    changed(host, b"weights 3")
    host.sign("ann", "--approve")
    merge(host)
    host.project.record(rows(61))
    changed(host, b"weights 2")
    assert host.opened() == {"release", "rollback"}
    shutil.rmtree(old)
    host.commit()
    host.request()
    host.run()
    assert host.opened() == {"release", "rollback"}, "the target branch still knows of it"
    assert host.sign("ann", "--approve").status == 0
    told = json.loads(kept(host, "change.json").read_bytes())
    assert told["rollback"] is True
    kept(host, "change-2.json").write_text(json.dumps({**told, "rollback": False}), encoding="utf-8")
    merge(host)
    outcome = host.verify()
    assert outcome.status == 3, outcome.text


def test_a_merged_roster_does_not_decide_on_its_own_coming(host: Host) -> None:
    host.project.write("roster.yaml", host.roster(mallory=("reader", "risk")))
    changed(host, b"weights 2", "somebody@example.com")
    assert host.opened() == {"release", "policy-change"}
    facts = {one["name"]: one["facts"] for one in host.conclusion()["checkpoints"]}
    assert host.sign("ann", "--approve").status == 0
    forge(host, "mallory", "risk", "policy-change", facts["policy-change"])
    host.commit("mallory@example.com")
    host.request()
    assert host.run().status == 3
    merge(host, "mallory@example.com")
    assert host.verify().status == 3
