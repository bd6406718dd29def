"""The facts that a decision signs the digest of, to the letter: others compute them too (docs/decision-format.md)."""

from typing import Any

import pytest
from decision_world import NOW, World

from twokey.canonical import digest, sha256
from twokey.config.shape import Approval, CheckpointPolicy, Close, Opens, Override
from twokey.decisions.checkpoints import OpenCheckpoint, open_checkpoints, override_point
from twokey.decisions.conditions import read_condition
from twokey.decisions.decision import Condition, DecisionFile, RefusedFile
from twokey.decisions.situation import Situation
from twokey.decisions.verify import check
from twokey.outcome import Finding, Status
from twokey.repository.change import Change, ChangedFile, PolicyEdit
from twokey.signers.ssh import SshSigner

SLICE = Finding(gate="quality", check="accuracy[channel=chat]", status=Status.FAIL, message="0.8 under 0.95")
CLOSE = Close(any_of=("product",))
NOBODYS = {"known": False, "parties": [], "opens": []}


def changed(*files: ChangedFile, **facts: Any) -> Change:
    return Change(base="a" * 40, head="b" * 40, files=files, **facts)


def look(clause: Opens, **known: Any) -> OpenCheckpoint:
    policy = Approval(
        checkpoints={"release": CheckpointPolicy(close=CLOSE), "look": CheckpointPolicy(close=CLOSE, opens=(clause,))}
    )
    found = open_checkpoints(Situation(environment="staging", **known), policy)
    (opened,) = (one for one in found if one.name == "look")
    return opened


FILE = ChangedFile(path="api/x", blob="1" * 40)


@pytest.mark.parametrize(
    ("clause", "known", "opened_by"),
    [
        (Opens(metrics=("accuracy",)), {"findings": (SLICE,)}, {"clause": {"metrics": ["accuracy"]}}),
        (
            Opens(low_confidence_share=0.05),
            {"low_confidence_share": 0.25},
            {"clause": {"low_confidence_share": 0.05}, "low_confidence_share": 0.25},
        ),
        (
            Opens(impact=("high", "low")),
            {"impacts": ("low", "high")},
            {"clause": {"impact": ["high", "low"]}, "impact": ["high", "low"]},
        ),
        (Opens(impact=("high",)), {}, {"clause": {"impact": ["high"]}, "impact": None}),
        (
            Opens(paths=("api/**",)),
            {"change": changed(FILE)},
            {"clause": {"paths": ["api/**"]}, "files": [["api/x", "1" * 40]]},
        ),
        (Opens(paths=("b", "a")), {}, {"clause": {"paths": ["a", "b"]}, "files": None}),
        (
            Opens(changed_lines=9, changed_files=1),
            {"change": changed(FILE, lines=9)},
            {"clause": {"changed_files": 1, "changed_lines": 9}, "large": True},
        ),
        (Opens(changed_lines=9), {}, {"clause": {"changed_lines": 9}, "large": None}),
        (
            Opens(labels=("a", "b")),
            {"change": changed(labels=("b", "a", "c"))},
            {"clause": {"labels": ["a", "b"]}, "labels": ["a", "b"]},
        ),
        (Opens(labels=("a",)), {}, {"clause": {"labels": ["a"]}, "labels": None}),
        (Opens(rollback=True), {"change": changed(rollback=True)}, {"clause": {"rollback": True}, "rollback": True}),
        (Opens(rollback=True), {}, {"clause": {"rollback": True}, "rollback": None}),
        (
            Opens(unwitnessed=True),
            {"unwitnessed": ("candidate", "baseline")},
            {"clause": {"unwitnessed": True}, "unwitnessed": ["baseline", "candidate"]},
        ),
        (Opens(unpinned=True), {"pinned": False}, {"clause": {"unpinned": True}, "unpinned": True}),
    ],
)
def test_a_clause_signs_what_it_says_and_what_it_stands_on(
    clause: Opens, known: dict[str, Any], opened_by: dict[str, Any]
) -> None:
    opened = look(clause, **known)
    assert opened.facts["opened_by"] == [opened_by]
    assert opened.facts["checkpoint"] == "look"
    assert opened.digest == digest(opened.facts)


def test_findings_and_the_change_stand_among_the_facts() -> None:
    opened = look(Opens(gates=("quality",)), findings=(SLICE,))
    assert opened.facts["findings"] == [{"id": "quality.accuracy[channel=chat]", "status": "fail"}]
    assert opened.facts["change"] == NOBODYS
    known = look(Opens(paths=("api/**",)), change=changed(FILE), parties={"cy": "wrote", "ann": "wrote"})
    assert known.facts["change"] == {"known": True, "parties": ["ann", "cy"], "opens": ["look"]}


def test_a_change_of_policy_signs_its_edits_and_what_they_bring() -> None:
    edit = PolicyEdit(path="gates.yaml", before=None, after="f" * 64)
    policy = Approval(checkpoints={"release": CheckpointPolicy(close=CLOSE)})
    change = changed(policy=(edit,), judging_after="0" * 64)
    found = open_checkpoints(Situation(environment="staging", change=change), policy)
    assert found[-1].name == "policy-change"
    assert found[-1].facts == {
        "checkpoint": "policy-change",
        "opened_by": [],
        "findings": [],
        "change": {
            "known": True,
            "parties": [],
            "opens": ["policy-change"],
            "policy": [{"path": "gates.yaml", "before": None, "after": "f" * 64}],
            "judging_after": "0" * 64,
        },
    }


def test_an_override_signs_the_findings_and_the_checkpoints_that_it_releases() -> None:
    policy = Approval(
        checkpoints={"release": CheckpointPolicy(close=CLOSE), "b": CheckpointPolicy(close=CLOSE, opens=(Opens(),))},
        override=Override(roles=("on-call", "lead")),
    )
    opened = open_checkpoints(Situation(environment="staging", findings=(SLICE,)), policy)
    point = override_point((SLICE,), opened, policy)
    assert point is not None
    assert point.facts == {
        "checkpoint": "override",
        "findings": [{"id": "quality.accuracy[channel=chat]", "status": "fail"}],
        "releases": {one.name: one.digest for one in opened},
    }
    assert (point.name, point.claims, point.digest) == (
        "override",
        ("quality.accuracy[channel=chat]",),
        digest(point.facts),
    )
    assert point.close == Close(any_of=("on-call", "lead"))
    assert override_point((SLICE,), opened, Approval(checkpoints=policy.checkpoints)) is None


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("metric: accuracy >= 0.95", "metric", "accuracy >= 0.95"),
        ("until:  2026-12-01T00:00:00Z ", "until", "2026-12-01T00:00:00Z"),
        ("to: risk", "to", "risk"),
        ("watch: refunds", "text", "watch: refunds"),
        ("text: watch refunds", "text", "text: watch refunds"),
        ("until:soon", "text", "until:soon"),
        ("watch refunds", "text", "watch refunds"),
    ],
)
def test_a_condition_is_read_as_a_person_writes_it(text: str, kind: str, rest: str) -> None:
    assert read_condition(text) == Condition(kind=kind, text=rest)


def test_whatever_becomes_of_a_file_its_name_digest_and_key_are_told() -> None:
    world = World()
    signers = {"ssh": SshSigner(places=())}

    def judged(file: DecisionFile | RefusedFile) -> Any:
        return check(file, world.matter, roster=world.roster, signers=signers, now=NOW)

    refused = judged(RefusedFile(name="decision-x.json", reason="a link"))
    assert (refused.file, refused.valid, refused.reasons, refused.sha256) == (
        "decision-x.json",
        False,
        ("a link",),
        None,
    )
    good = world.say()
    for file in (
        DecisionFile(name="unsigned.json", data=good.data, signature=None),
        DecisionFile(name="odd.json", data=good.data, signature=good.signature, signer="moon"),
        DecisionFile(name="altered.json", data=good.data + b" ", signature=good.signature),
    ):
        found = judged(file)
        assert (found.file, found.valid, found.sha256) == (file.name, False, sha256(file.data))
        assert found.decision is None
    assert judged(good).key.startswith("ssh-ed25519 ")
    assert judged(DecisionFile(name="a.json", data=b"{}", signature=good.signature)).crosscheck is None
