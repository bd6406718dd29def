"""Changes that are merged and seen no more; recordings, and who vouches for them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twokey.canonical import dumps, sha256
from twokey.decisions.seen import render_change
from twokey.repository.change import Change, ChangedFile, Party, PolicyEdit
from vectors.saying import ANN, BOB, COUNTED, Case, Cases, Setting, Told, edited, passes, speaks, stands
from vectors.signing import Parts, sign
from vectors.world import KEYS, POLICIES, REPOSITORY, evidence, judging_digest

CHANGE = Change(
    base="1" * 40,
    head="2" * 40,
    files=(ChangedFile(path="README.md", blob="3" * 40), ChangedFile(path="schemas/out.json", blob="4" * 40)),
    lines=12,
    labels=(),
    parties=(Party(known_as="ann@example.com", part="author", authenticated=False),),
)
SEEN = Setting(policy="change", change=CHANGE)


def _both_points(setting: Setting, who: str, role: str) -> dict[str, bytes]:
    """Return a decision in which the breaking change is closed as tech-lead, and all else in the role given."""
    points = [
        {"name": one.name, "role": "tech-lead" if one.name == "breaking-change" else role, "facts": one.digest}
        for one in setting.matter.checkpoints
    ]
    return speaks(who, role, setting=setting, checkpoints=points)


def changes() -> Cases:
    """What is merged is seen no more: the facts of a change count as far as people signed them."""
    bob = _both_points(SEEN, "bob", "risk")
    seen = render_change(CHANGE)

    def merged(about: str, store: Mapping[str, bytes], status: int = 0, **told: tuple[str, ...]) -> Case:
        return replace(stands(about, 8, store, status, **{"bob": COUNTED, **told}), policy="change")

    yield (
        "change-merged",
        merged("bob closed both checkpoints while the change was under review", {**bob, "change.json": seen}),
    )
    other = ("opened by other facts when it was decided",)
    yield "change-lost", merged("the change's facts are not kept, so nobody knows them", bob, 3, bob=other)
    smaller = replace(CHANGE, files=CHANGE.files[:1])
    yield (
        "change-made-smaller",
        merged(
            "the schema was left out of the change's facts",
            {**bob, "change.json": render_change(smaller)},
            3,
            bob=other,
        ),
    )
    yield (
        "change-made-authorless",
        merged(
            "the author was left out", {**bob, "change.json": render_change(replace(CHANGE, parties=()))}, 3, bob=other
        ),
    )
    another = replace(CHANGE, files=(CHANGE.files[0], replace(CHANGE.files[1], blob="5" * 40)))
    yield (
        "change-of-another-file",
        merged("another content of the schema", {**bob, "change.json": render_change(another)}, 3, bob=other),
    )
    docs = replace(CHANGE, lines=13, files=(replace(CHANGE.files[0], blob="6" * 40), CHANGE.files[1]))
    yield (
        "change-of-another-readme",
        merged("what opened nothing is not signed", {**bob, "change.json": render_change(docs)}),
    )
    unknown = edited(seen, lambda it: it.update(approved=True))
    yield (
        "change-unknown-field",
        merged("the change's facts cannot be read", {**bob, "change.json": unknown}, 3, bob=other),
    )
    two = {**bob, "change.json": render_change(smaller), "change-2.json": seen}
    yield "change-kept-twice", merged("one of those kept is what was signed", two)
    author = speaks("ann", "product", setting=SEEN, checkpoints=_release(SEEN, "product"))
    both = {**bob, **author, "change.json": seen}
    yield (
        "author-decides",
        replace(merged("its author may not decide", both, ann=("may not decide here", "wrote a commit")), steps=(9,)),
    )
    only = replace(stands("its author alone", 9, {**author, "change.json": seen}, 3, ann=other), policy="change")
    yield "author-decides-alone", only
    no = speaks("ann", "product", "reject", setting=SEEN, checkpoints=_release(SEEN, "product"))
    yield (
        "author-refuses",
        replace(merged("its author may refuse", {**bob, **no, "change.json": seen}, 1, ann=COUNTED), steps=(9,)),
    )
    yield from _policy_changes()


def _release(setting: Setting, role: str) -> list[dict[str, str]]:
    return [
        {"name": p.name, "role": role, "facts": p.digest} for p in setting.matter.checkpoints if p.name == "release"
    ]


def _policy_changes() -> Cases:
    """A change of policy is judged under the old one; once merged, the new one is in force."""
    edit = PolicyEdit(
        path="gates.yaml", before=sha256(POLICIES["change"].encode()), after=sha256(POLICIES["stricter"].encode())
    )
    change = replace(CHANGE, files=(), policy=(edit,), judging_after=judging_digest("stricter"))
    setting = Setting(policy="change", change=change)
    bob, seen = speaks("bob", "risk", setting=setting), render_change(change)
    case = passes("bob let the new thresholds through", "verdict 2", {**bob, "change.json": seen}, "bob")
    yield "policy-change-merged", replace(case, policy="stricter")
    lost = replace(case, about="the same, and the facts of the change are lost", store=bob, status=3)
    told: Told = {BOB: ("the checkpoint policy-change is not open", "release was opened by other facts")}
    yield "policy-change-lost", replace(lost, policy="stricter", told=told, reasons=("another judging policy",))
    partly = speaks("bob", "risk", setting=setting, checkpoints=_release(setting, "risk"))
    about = "bob closed the release, and not the change of policy"
    waits = replace(case, about=about, store={**partly, "change.json": seen}, status=3, policy="stricter")
    yield "policy-change-open", replace(waits, reasons=("policy-change is open",))
    forged = render_change(replace(change, judging_after="0" * 64))
    about = "another policy than the one that was let through"
    yield (
        "policy-change-to-another",
        replace(case, about=about, store={**bob, "change.json": forged}, status=3, policy="stricter", told=told),
    )
    smuggled = edited(render_change(CHANGE), lambda it: it.update(judging_after=judging_digest("stricter")))
    other = "a change that edits no policy is said to bring one"
    both = {**_both_points(SEEN, "bob", "risk"), "change.json": smuggled}
    told = {BOB: ("opened by other facts when it was decided",)}
    smuggles = replace(case, about=other, store=both, status=3, policy="stricter", told=told)
    yield "policy-change-smuggled-in", replace(smuggles, reasons=("another judging policy",))


def witnesses() -> Cases:
    """A recording is vouched for by a job's key, in a purpose of its own."""
    recording = json.loads(evidence("doubtful")["manifest.json"])
    said = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "outputs.jsonl", "digest": {"sha256": recording["recordings"]["candidate"]["sha256"]}}],
        "predicateType": "urn:twokey:recording:v1",
        "predicate": {
            "subject": {"name": "support-triage", "digest": recording["subject"]["digest"]},
            "witnessed_at": "2026-11-21T10:00:00Z",
            "repository": REPOSITORY,
            "nonce": "0" * 32,
        },
    }
    ann = speaks(setting=Setting(policy="witnessed", witnessed=True))

    def case(about: str, status: int, key: str = "job", namespace: str = "twokey-recording-v1", **edits: Any) -> Case:
        data = dumps({**said, "predicate": {**said["predicate"], **edits}, **edits.pop("whole", {})})  # type: ignore[dict-item]
        store = {
            **ann,
            "witness-candidate.json": data,
            "witness-candidate.json.sig": sign(data, KEYS[key], Parts(namespace=namespace)),
        }
        reasons = ("recording is open",) if status else ()
        made = Case(about=about, steps=("witness",), status=status, store=store, told={ANN: COUNTED}, reasons=reasons)
        return replace(made, policy="witnessed")

    yield "witnessed", case("the job that recorded vouches for the recording", 0)
    unsigned = replace(case("nobody vouches for the recording", 3), store=ann)
    yield "witness-none", unsigned
    yield "witness-who-decides", case("bob decides, so bob is no witness", 3, key="bob")
    yield "witness-unknown", case("a key that is nobody's", 3, key="nobody")
    yield "witness-namespace", case("a signature for another purpose", 3, namespace="twokey-decision-v1")
    yield "witness-other-repository", case("recorded in a fork", 3, repository="github.com/eve/triage")
    yield (
        "witness-other-subject",
        case("a recording of another model", 3, subject={"name": "support-triage", "digest": "0" * 64}),
    )
    yield (
        "witness-from-the-future",
        case("witnessed five minutes and a second ahead", 3, witnessed_at="2026-11-21T12:05:01Z"),
    )


def cases() -> Cases:
    """Return them all by name."""
    for group in (changes, witnesses):
        yield from group()
