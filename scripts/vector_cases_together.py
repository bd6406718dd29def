"""Cases with several decisions, or none: what they come to, and what surrounds them (steps 10 to 15, the verdict)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from vector_saying import COUNTED, OPEN, USUAL, Case, Setting, kept, named, passes, refused, speaks, stands
from vector_world import ITEMS, KEYS, evidence

from twokey.canonical import dumps, sha256

Cases = Iterator[tuple[str, Case]]
Files = Mapping[str, bytes]
ANN, BOB, CY, EVE, FAY = map(named, ("ann", "bob", "cy", "eve", "fay"))
TWO = Setting(policy="two")
EACH = Setting(policy="each")
EMERGENCY = Setting(policy="emergency")
REVIEW = Setting(policy="review", evidence="review")
REFUSED = "was refused by"


def digests(*whose: Files) -> list[str]:
    """Return what a later decision names to supersede these, by the digest of their bytes."""
    return sorted(sha256(data) for files in whose for name, data in files.items() if name.endswith(".json"))


def grades() -> Cases:
    """Step 10: the grades that an approval stands on."""
    manifest = sha256(evidence("review")["manifest.json"])
    rows = [
        {"item": item, "grade": "pass", "severity": None, "reason": "", "correction": None, "seconds": 20}
        for item in ITEMS
    ]
    names = ("items", "graded", "passed", "failed", "edited", "escalated", "bad_reference")

    def graded(count: int, about: str = manifest) -> bytes:
        return dumps(
            {"type": "urn:twokey:grades:v1", "manifest": about, "reviewer": "fay@example.com", "grades": rows[:count]}
        )

    def cited(data: bytes, *counts: int) -> dict[str, object]:
        return {"sha256": sha256(data), "summary": dict(zip(names, (*counts, 0, 0, 0, 0), strict=True))}

    def on(file: bytes, reference: object, about: str, reason: str | None) -> Case:
        store = {"grades-fay@example.com.json": file, **speaks(setting=REVIEW, grades=reference)}
        case = refused(about, 10, store, reason) if reason else passes(about, 10, store, "ann")
        return replace(case, policy="review", evidence="review")

    whole = graded(4)
    good = cited(whole, 4, 4, 4)
    yield "graded", on(whole, good, "all four items are graded", None)
    yield "grades-none", on(whole, None, "policy asks for grades", "it stands on no grades")
    altered = whole.replace(b'"seconds": 20', b'"seconds": 21', 1)
    yield "grades-altered", on(altered, good, "one second was changed", "not here or were changed")
    yield (
        "grades-false-summary",
        on(whole, cited(whole, 4, 3, 3), "a summary of other grades", "is not that of the grades"),
    )
    three = graded(3)
    yield "grades-incomplete", on(three, cited(three, 4, 3, 3), "one item is not graded", "not complete: 3 of 4 items")
    other = graded(4, "0" * 64)
    yield (
        "grades-of-other-evidence",
        on(other, cited(other, 4, 4, 4), "graded was another bundle", "about other evidence"),
    )
    strange = whole.replace(b"case-0004", b"case-0005")
    yield (
        "grades-of-other-items",
        on(strange, cited(strange, 4, 4, 4), "an item that nobody chose", "not here or were changed"),
    )


def quorum() -> Cases:
    """Steps 11, 13 and 14: people are counted, and each word once."""
    ann, bob = speaks(setting=TWO), speaks("bob", "risk", setting=TWO)
    fay = speaks("fay", setting=TWO)

    def two(case: Case, **changes: str) -> Case:
        return replace(case, policy="two", **changes)  # type: ignore[arg-type]

    yield "two-people", two(passes("two people, and two are asked", 14, {**ann, **bob}, "ann", "bob"))
    yield "two-of-one-role", two(passes("two people of the same role", 14, {**ann, **fay}, "ann", "fay"))
    yield "one-of-two", two(stands("one person where two are asked", 14, ann, 3, ann=COUNTED))
    second = kept(TWO.said(), "ann", KEYS["ann's laptop"], number=2)
    copies = {ANN: COUNTED, named("ann", 2): COUNTED}
    yield (
        "same-bytes-two-keys",
        two(
            Case(
                about="one word, signed with both keys of a person",
                steps=(11,),
                status=3,
                store={**ann, **second},
                told=copies,
            )
        ),
    )
    borrowed = {BOB: ann[ANN], f"{BOB}.sig": ann[f"{ANN}.sig"]}
    yield (
        "one-signature-two-names",
        two(stands("ann's decision once more, under bob's name", 11, {**ann, **borrowed}, 3, ann=COUNTED, bob=COUNTED)),
    )
    stolen = {BOB: bob[BOB], f"{BOB}.sig": ann[f"{ANN}.sig"]}
    yield (
        "one-signature-two-people",
        two(
            stands(
                "bob's decision beside ann's signature",
                2,
                {**ann, **stolen},
                3,
                ann=COUNTED,
                bob=("other bytes were signed",),
            )
        ),
    )
    alias = kept(TWO.said(principal="ann-at-work"), "ann", KEYS["ann's laptop"], number=2)
    rival = ("also says something else in",)
    yield (
        "one-person-two-keys",
        two(
            Case(
                about="two words of one person, under an alias and another key",
                steps=(13,),
                status=3,
                store={**ann, **alias},
                told={ANN: rival, named("ann", 2): rival},
            )
        ),
    )
    yield (
        "two-words-of-one-person",
        Case(
            about="two approvals, neither superseding the other, are none",
            steps=(13,),
            status=3,
            store={**speaks(), **speaks(reason="once more", number=2)},
            told={ANN: rival, named("ann", 2): rival},
        ),
    )
    roles = [EACH.predicate("bob", role)["checkpoints"][0] for role in ("tech-lead", "risk")]
    both = speaks("bob", setting=EACH, checkpoints=roles)
    yield (
        "one-person-both-roles",
        replace(stands("nobody counts for two roles", 14, both, 3, bob=COUNTED), policy="each"),
    )
    other = {**speaks("bob", "tech-lead", setting=EACH), **speaks("cy", "risk", setting=EACH)}
    yield (
        "each-role-its-person",
        replace(passes("each role has a person of its own", 14, other, "bob", "cy"), policy="each"),
    )
    shuffled = {**both, **speaks("cy", "risk", setting=EACH)}
    yield (
        "each-role-finds-its-person",
        replace(passes("bob for one role, cy for the other", 14, shuffled, "bob", "cy"), policy="each"),
    )


def refusals() -> Cases:
    """Steps 12 and 14: refusals stand until their own person withdraws them."""
    ann = speaks()
    no = speaks("bob", "risk", "reject")
    against = (f"release {REFUSED} bob@example.com",)
    case = stands("one approves, one refuses", 14, {**ann, **no}, 1, ann=COUNTED, bob=COUNTED)
    yield "refusal-stands", replace(case, reasons=against)
    changes = speaks("bob", "risk", "request-changes", conditions=[{"kind": "text", "text": "lower the threshold"}])
    yield (
        "changes-requested",
        stands("asking for changes holds as much", 14, {**ann, **changes}, 1, ann=COUNTED, bob=COUNTED),
    )
    alone_no = speaks("ann", "risk", "reject")
    yield (
        "refusal-in-any-role",
        stands("a refusal needs no right role, only a person who could close", 8, alone_no, 1, ann=COUNTED),
    )
    old = speaks("bob", "risk", "reject", expires_at="2026-11-21T11:00:01Z")
    yield (
        "refusal-never-expires",
        stands("a refusal holds beyond its date", 7, {**ann, **old}, 1, ann=COUNTED, bob=COUNTED),
    )
    facts = [{"name": "release", "role": "risk", "facts": "0" * 64}]
    blind = speaks("bob", "risk", "reject", checkpoints=facts)
    yield (
        "refusal-of-other-facts",
        stands("a refusal holds whatever the facts", 8, {**ann, **blind}, 1, ann=COUNTED, bob=COUNTED),
    )
    late = kept(USUAL.said("ann", "product", "reject"), "ann", KEYS["old"])
    both = {**late, **speaks("fay")}
    yield "refusal-by-expired-key", stands("a key past its dates can still hold", 4, both, 1, ann=COUNTED, fay=COUNTED)
    gone = kept(USUAL.said("ann", "product", "reject"), "ann", KEYS["revoked"])
    both = {**gone, **speaks("fay")}
    yield (
        "refusal-by-revoked-key",
        stands("a key that was withdrawn can do nothing", 4, both, 0, ann=("was revoked",), fay=COUNTED),
    )
    stranger = speaks("dee", "risk", "reject")
    before = stands(
        "who could close nothing can refuse nothing",
        8,
        {**ann, **stranger},
        0,
        ann=COUNTED,
        dee=("no open checkpoint that its signer could close",),
    )
    yield "refusal-by-nobody-entitled", replace(before, now="2026-11-21T11:59:59Z")
    yes = speaks("bob", "risk", supersedes=digests(no), number=2)
    yield (
        "refusal-withdrawn",
        Case(
            about="bob refused, and then approved",
            steps=(12,),
            status=0,
            store={**no, **yes},
            told={BOB: (f"superseded by {named('bob', 2)}",), named("bob", 2): COUNTED},
        ),
    )
    other = speaks("cy", "risk", supersedes=digests(no))
    yield (
        "refusal-withdrawn-by-another",
        stands("cy cannot withdraw what bob said", 12, {**no, **other}, 1, bob=COUNTED, cy=COUNTED),
    )
    early = speaks("bob", "risk", number=2, decided_at="2026-11-21T11:30:00Z")
    yield (
        "refusal-and-later-approval",
        Case(
            about="a later date withdraws nothing",
            steps=(13,),
            status=1,
            store={**no, **early},
            told={BOB: COUNTED, named("bob", 2): ("also says something else in",)},
        ),
    )
    second = speaks("ann", "product", "reject", supersedes=digests(ann), number=2, decided_at="2026-11-21T10:00:00Z")
    yield (
        "approval-taken-back",
        Case(
            about="ann approved, and then refused; dates say nothing",
            steps=(12,),
            status=1,
            store={**ann, **second},
            told={ANN: ("superseded by",), named("ann", 2): COUNTED},
        ),
    )
    expired = speaks(supersedes=digests(ann), expires_at="2026-11-21T11:59:00Z", number=2)
    yield (
        "approval-replaced-by-expired",
        Case(
            about="what took its place has expired",
            steps=(12,),
            status=3,
            store={**ann, **expired},
            told={ANN: ("superseded by",), named("ann", 2): ("it expired at",)},
        ),
    )
    deleted = f"{BOB} (deleted in the change)"
    yield (
        "refusal-deleted",
        Case(
            about="history holds a refusal that the folder does not",
            steps=(14,),
            status=1,
            store=ann,
            removed=no,
            told={ANN: COUNTED, deleted: COUNTED},
            reasons=against,
        ),
    )
    yield (
        "approval-deleted",
        Case(
            about="an approval that was taken away does not come back",
            steps=(1,),
            status=3,
            store={},
            removed=ann,
            told={f"{ANN} (deleted in the change)": ("only what holds back outlives that",)},
            reasons=(OPEN,),
        ),
    )


def escalations() -> Cases:
    """Step 14: whom an escalation asks must approve too."""
    to = [{"kind": "to", "text": "tech-lead"}]
    asks, ann = speaks("fay", "product", "escalate", conditions=to), speaks()
    waits = stands("fay asks tech-lead, who says nothing", 14, {**ann, **asks}, 3, ann=COUNTED, fay=COUNTED)
    yield "escalated", replace(waits, reasons=("fay@example.com asks tech-lead",))
    answer = speaks("bob", "tech-lead")
    told = {ANN: COUNTED, BOB: COUNTED, FAY: COUNTED}
    yield (
        "escalation-answered",
        Case(
            about="tech-lead, who was asked, approves as such",
            steps=(14,),
            status=0,
            store={**ann, **asks, **answer},
            told=told,
        ),
    )
    only = {**asks, **speaks("bob", "tech-lead")}
    yield (
        "escalation-answered-alone",
        stands("whom it asks answers, and nobody whom the rule names", 14, only, 3, fay=COUNTED, bob=COUNTED),
    )
    double = speaks("fay", "product", "escalate", conditions=[*to, {"kind": "to", "text": "risk"}])
    yield "escalation-to-two", refused("at most one is asked", 9, double, "at most one is understood", "fay")


def overrides() -> Cases:
    """Step 15, and what is owed afterwards."""
    ticket = [{"kind": "ticket", "text": "OPS-7"}]

    def makes(who: str = "eve", role: str = "on-call", **changes: object) -> Files:
        return speaks(who, role, "override", **{"setting": EMERGENCY, "conditions": ticket, **changes})

    def under(case: Case, **changes: object) -> Case:
        return replace(case, policy="emergency", **changes)  # type: ignore[arg-type]

    good = makes()
    debt = {"debts": ("the override of eve@example.com",)}
    yield "override", under(passes("on-call releases exactly these findings", 15, good, "eve"), more=debt)
    yield (
        "override-without-ticket",
        under(refused("policy asks for a ticket", 9, makes(conditions=[]), "it names no ticket", "eve"), more=debt),
    )
    yield (
        "override-by-nobody-on-call",
        under(
            refused("ann is not on call", 8, makes("ann"), "ann@example.com is not on-call"),
            more={"debts": ("the override of ann",)},
        ),
    )
    yield (
        "override-in-another-role",
        under(refused("risk overrides nothing", 8, makes(role="risk"), "not made by risk", "eve"), more=debt),
    )
    other = [{"name": "override", "role": "on-call", "facts": "0" * 64}]
    yield (
        "override-of-other-findings",
        under(
            refused("other findings", 8, makes(checkpoints=other), "not what there is to release now", "eve"), more=debt
        ),
    )
    long = makes(expires_at="2026-11-22T11:00:01Z")
    yield "override-too-long", under(refused("a day and a second", 7, long, "longer than the 1d", "eve"), more=debt)
    ended = makes(decided_at="2026-11-20T12:00:00Z", expires_at="2026-11-21T12:00:00Z")
    yield "override-expired", under(refused("it ends with this second", 7, ended, "it expired at", "eve"), more=debt)
    yield (
        "override-not-in-policy",
        replace(refused("policy takes none", 8, good, "policy takes no overrides here", "eve")),
    )
    no = speaks("bob", "risk", "reject")
    yield (
        "override-of-a-refusal",
        under(stands("it withdraws nobody's refusal", 15, {**good, **no}, 1, eve=COUNTED, bob=COUNTED), more=debt),
    )
    unsafe = Setting(policy="emergency", evidence="unsafe")
    released = passes("it releases what no checkpoint claims", 15, makes(setting=unsafe), "eve")
    yield "override-of-unclaimed-findings", under(released, evidence="unsafe", more=debt)
    yield from _debts(makes)


def _debts(makes: object) -> Cases:
    """An override is owed a look by somebody else, in time."""
    assert callable(makes)  # noqa: S101
    past = makes(decided_at="2026-11-19T12:00:00Z", expires_at="2026-11-20T12:00:00Z")
    due = {"debts": ("was due at 2026-11-21T12:00:00Z",)}
    store = {**past, **speaks()}
    overdue = stands("48 hours ended this second", "verdict 3", store, 1, eve=("it expired at",), ann=COUNTED)
    yield "debt-overdue-this-second", replace(overdue, policy="emergency", more=due, reasons=("awaits its review",))
    still = stands("a second is left", "verdict 3", store, 0, eve=("it expired at",), ann=COUNTED)
    yield (
        "debt-due-next-second",
        replace(still, policy="emergency", now="2026-11-21T11:59:59Z", more={"debts": ("is due at",)}),
    )
    names = [{"kind": "ratifies", "text": digests(past)[0]}]
    looked = speaks("bob", "risk", "ratify", setting=EMERGENCY, conditions=names)
    paid = stands(
        "bob has looked, and signed so", 15, {**store, **looked}, 0, eve=("it expired at",), ann=COUNTED, bob=COUNTED
    )
    yield "debt-ratified", replace(paid, policy="emergency", more={"debts": ()})
    own = speaks("eve", "risk", "ratify", setting=EMERGENCY, conditions=names, number=2)
    told = {ANN: COUNTED, EVE: ("it expired at",), named("eve", 2): COUNTED}
    by_self = Case(about="nobody ratifies their own", steps=("verdict 3",), status=1, store={**store, **own}, told=told)
    yield "debt-ratified-by-its-own-person", replace(by_self, policy="emergency", more=due)
    vague = speaks("bob", "risk", "ratify", setting=EMERGENCY, conditions=[])
    unnamed = stands(
        "it does not say which",
        9,
        {**store, **vague},
        1,
        eve=("it expired at",),
        ann=COUNTED,
        bob=("names no override",),
    )
    yield "debt-ratified-namelessly", replace(unnamed, policy="emergency", more=due)
    lost = Case(
        about="an override that was deleted is owed all the same",
        steps=("verdict 3",),
        status=1,
        store=speaks(),
        removed=past,
        told={ANN: COUNTED, f"{EVE} (deleted in the change)": ("only what holds back",)},
    )
    yield "debt-deleted", replace(lost, policy="emergency", more=due)


def cases() -> Cases:
    """Return them all by name."""
    for group in (grades, quorum, refusals, escalations, overrides):
        yield from group()
