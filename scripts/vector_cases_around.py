"""Cases about what surrounds decisions: subject, policy and clock, evidence that was altered, the change, witnesses."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from vector_saying import COUNTED, OPEN, USUAL, Case, Setting, named, passes, speaks, stands
from vector_signing import Parts, sign
from vector_world import (
    KEYS,
    POLICIES,
    REPOSITORY,
    RESULTS,
    ROSTER,
    SHIPPED,
    evidence,
    judging_digest,
    manifest_of,
    results,
)

from twokey.canonical import dumps, sha256
from twokey.decisions.seen import render_change, render_facts
from twokey.repository.change import Change, ChangedFile, Party, PolicyEdit

Cases = Iterator[tuple[str, Case]]
ANN, BOB = named("ann"), named("bob")


def verdicts() -> Cases:
    """Subject, policy, place and clock."""
    good = passes("ann approves", "verdict 10", speaks(), "ann")
    other = replace(good, about="another model is about to ship", steps=("verdict 1",), status=4, subject="other")
    yield "subject-differs", replace(other, reasons=("model/weights.txt has changed",))
    none = replace(good, about="nothing is known of what ships", steps=("verdict 1",), status=3, subject=None)
    yield "subject-not-compared", replace(none, reasons=("consistent",))
    unpinned = passes("the subject is a name alone", "verdict 1", speaks(setting=Setting(evidence="unpinned")), "ann")
    yield "subject-unpinned", replace(unpinned, status=3, evidence="unpinned", subject=None)
    stale = replace(good, about="thresholds have changed since", steps=("verdict 2",), status=3, policy="renewed")
    yield "judging-policy-differs", replace(stale, reasons=("another judging policy",))
    unsafe = Setting(evidence="unsafe")
    blocked = stands(
        "no checkpoint claims what the safety gate found", "verdict 4", speaks(setting=unsafe), 1, ann=COUNTED
    )
    yield (
        "finding-unclaimed",
        replace(blocked, evidence="unsafe", reasons=("safety.pii is fail and no checkpoint claims it",)),
    )
    yield "nothing-decided", Case(about="nobody has said anything", steps=("verdict 5",), status=3, reasons=(OPEN,))
    timed = Case(
        about="a day and a half are over",
        steps=("verdict 5",),
        status=1,
        policy="timed",
        opened_at="2026-11-20T00:00:00Z",
    )
    yield "time-ran-out", replace(timed, reasons=("its time ran out",))
    left = "a second of a day and a half is left"
    yield "time-is-left", replace(timed, about=left, status=3, opened_at="2026-11-20T00:00:01Z", reasons=(OPEN,))
    clean = Case(about="a clean run where policy lets one pass", steps=("verdict 10",), status=0, policy="staged")
    clean = replace(clean, evidence="clean", environment="staging", computed=True)
    yield "automatic", clean
    unvouched = "the same evidence, which nobody computed here or signed"
    yield "automatic-not-computed", replace(clean, about=unvouched, steps=("verdict 9",), status=3, computed=False)
    elsewhere = replace(clean, about="policy says so for staging alone", steps=("verdict 5",), environment="production")
    yield "automatic-elsewhere", replace(elsewhere, status=3, reasons=("lets nothing into production",))
    capitals = replace(clean, about="an environment's name is compared letter by letter", steps=("verdict 5",))
    yield "automatic-in-capitals", replace(capitals, environment="Staging", status=3)
    window = replace(clean, about="a window of policy", steps=("verdict 5",), evidence="doubtful", environment="trial")
    yield "window", replace(window, more={"released": ("release needs nobody here now",)})
    over = replace(window, about="the window ends with this second", now="2026-11-21T14:00:00Z", status=3)
    yield "window-over", replace(over, reasons=(OPEN,))
    no = speaks("bob", "risk", "reject", setting=Setting(policy="staged", environment="trial"))
    yield (
        "window-and-refusal",
        replace(window, about="a window relaxes no refusal", store=no, told={BOB: COUNTED}, status=1),
    )


def altered() -> Cases:
    """Evidence that is not what was signed: no check can be made."""
    good = evidence("doubtful")

    def error(about: str, text: str, **changes: Any) -> Case:
        return Case(about=about, steps=("evidence",), status=4, error=text, **{"store": speaks(), **changes})

    def with_file(name: str, data: bytes) -> dict[str, Any]:
        return {"store": {**speaks(), name: data}}

    manifest, found, packet = (good[name] for name in ("manifest.json", "results.json", "packet.json"))
    yield (
        "manifest-altered",
        error(
            "one byte of the manifest",
            "not the manifest that its folder is named after",
            **with_file("manifest.json", manifest.replace(b"weights", b"Weights")),
        ),
    )
    yield (
        "results-altered",
        error(
            "a finding made a pass",
            "not what the manifest beside it covers",
            **with_file("results.json", found.replace(b"inconclusive", b"pass")),
        ),
    )
    yield (
        "packet-altered",
        error(
            "another summary",
            "not what the manifest beside it covers",
            **with_file("packet.json", packet.replace(b"doubtful", b"harmless")),
        ),
    )
    for name in ("manifest.json", "results.json", "packet.json"):
        yield (
            f"{name.removesuffix('.json')}-missing",
            error(f"{name} is not there", "is not kept beside the decisions", without=(name,)),
        )

    def whole(about: str, text: str, manifest: bytes, found: bytes = found) -> Case:
        """Evidence that fits together, under the name of its own manifest."""
        files = {"manifest.json": manifest, "results.json": found, "packet.json": packet}
        return Case(about=about, steps=("evidence",), status=4, error=text, store=files, folder=sha256(manifest)[:12])

    yield (
        "manifest-key-twice",
        whole(
            "a key twice in the manifest", "appears twice", manifest.replace(b'"seed": 0', b'"seed": 0,\n  "seed": 0')
        ),
    )
    yield (
        "manifest-unknown-field",
        whole("a field that nobody knows", "missing or unknown", _edited(manifest, lambda it: it.update(note="x"))),
    )
    yield (
        "manifest-other-type",
        whole(
            "version 2 of a manifest",
            "its type is not",
            _edited(manifest, lambda it: it.update(type="urn:twokey:manifest:v2")),
        ),
    )
    yield (
        "manifest-covers-less",
        whole("the packet is not covered", "covers", _edited(manifest, lambda it: it["files"].pop(1))),
    )
    yield (
        "manifest-traversal",
        whole(
            "a path that leads elsewhere",
            "covers",
            _edited(manifest, lambda it: it["files"][1].update(path="../packet.json")),
        ),
    )
    hidden = results(RESULTS["doubtful"]).replace(b'"status": "inconclusive"', b'"status": "pass"')
    made = dumps(manifest_of(hidden, packet, SHIPPED, "anybody"))
    yield (
        "results-do-not-follow",
        whole("results that contradict themselves, well covered", "are not those that its metrics give", made, hidden),
    )
    nothing = dumps({"type": "urn:twokey:results:v1", "gates": [], "sample": {}})
    made = dumps(manifest_of(nothing, packet, SHIPPED, "anybody"))
    yield "results-of-no-gate", whole("no gate has judged", "nothing passes on no evidence", made, nothing)
    facts = render_facts(USUAL.matter.checkpoints).replace(b"inconclusive", b"pass")
    kept = {**speaks(), "facts.json": facts}
    yield "facts-altered", passes("facts that are kept explain, and are never believed", 8, kept, "ann")


def _edited(data: bytes, edit: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(data)
    edit(value)
    return dumps(value)


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
    unknown = _edited(seen, lambda it: it.update(approved=True))
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
    told = {BOB: ("the checkpoint policy-change is not open", "release was opened by other facts")}
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


def policies() -> Cases:
    """A roster or a policy that must be refused as a whole: a mistake in it is status 2."""
    from vector_signing import line

    def wrong(about: str, text: str, **beside: str) -> Case:
        files = {f"{name}.yaml": data.encode() for name, data in beside.items()}
        return Case(about=about, steps=("roster",), status=2, error=text, store=speaks(), beside=files)

    again = f"  - {{principal: mal@example.com, roles: [risk], keys: [{line(KEYS['ann'])}]}}\ndelegations:"
    yield (
        "roster-one-key-two-people",
        wrong("ann's key is mal's too", "this key stands here twice", roster=ROSTER.replace("delegations:", again)),
    )
    alike = f"  - {{principal: mal@example.com, aliases: [Ann-At-Work], keys: [{line(KEYS['nobody'])}]}}\ndelegations:"
    yield (
        "roster-one-alias-two-people",
        wrong("ann's alias in capitals is mal's", "stands here twice", roster=ROSTER.replace("delegations:", alike)),
    )
    witness = ROSTER.replace(line(KEYS["job"]), line(KEYS["bob"]))
    yield "roster-witness-decides", wrong("bob's key is a witness's", "can never witness", roster=witness)
    unknown = ROSTER.replace("roles: [on-call, risk]", "roles: [on-call, riks]")
    yield "roster-unknown-role", wrong("a role that is not listed", "is not among roles", roster=unknown)
    passed_on = ROSTER.replace("from: cy@example.com\n    to: dee", "from: ann@example.com\n    to: dee")
    yield (
        "roster-delegates-what-it-has-not",
        wrong("ann delegates what she has not", "has not the role", roster=passed_on),
    )
    yield (
        "roster-offset",
        wrong(
            "a date that is not in UTC",
            "UTC time",
            roster=ROSTER.replace('"2026-11-25T12:00:00Z"', '"2026-11-25T13:00:00+01:00"'),
        ),
    )
    tag = ROSTER.replace("name: Ann", "name: !!python/name:os.system Ann")
    yield "roster-tag", wrong("a tag that makes something run", "tags such as", roster=tag)
    short = ROSTER.replace(line(KEYS["cy"]), line(_short()))
    yield "roster-rsa-2048", wrong("a key that is too short", "an RSA key of 2048 bits", roster=short)
    two = POLICIES["two"]
    yield "policy-count-0", wrong("nobody is asked", "count", gates=two.replace("count: 2", "count: 0"))
    yield "policy-count-true", wrong("true is no number", "count", gates=two.replace("count: 2", "count: true"))
    yield (
        "policy-names-nobody",
        wrong(
            "an empty list",
            "an empty list says nothing",
            gates=two.replace("count: 2, of: [product, risk]", "any_of: []"),
        ),
    )
    yield (
        "policy-nobody-can",
        wrong("a role that nobody has", "nobody in the roster is or has legal", gates=two.replace("risk]", "legal]")),
    )
    yield (
        "policy-too-many",
        wrong("nine of five people", "cannot be closed by anybody here", gates=two.replace("count: 2", "count: 9")),
    )


def _short() -> Any:
    from vector_signing import RsaKey

    return RsaKey("short", 1024)


def cases() -> Cases:
    """Return them all by name."""
    for group in (verdicts, altered, changes, witnesses, policies):
        yield from group()
