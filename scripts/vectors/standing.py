"""Steps 11 to 14: what several decisions come to together."""

from dataclasses import replace

from vectors.saying import (
    ANN,
    BOB,
    COUNTED,
    FAY,
    OPEN,
    USUAL,
    Case,
    Cases,
    Setting,
    digests,
    kept,
    named,
    passes,
    refused,
    speaks,
    stands,
)
from vectors.world import KEYS

TWO = Setting(policy="two")
EACH = Setting(policy="each")
REFUSED = "was refused by"


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
    several = [TWO.predicate("bob", role)["checkpoints"][0] for role in ("tech-lead", "risk")]
    twice = speaks("bob", setting=TWO, checkpoints=several)
    yield "one-person-counts-once", two(stands("bob in two roles is one person", 14, twice, 3, bob=COUNTED))
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
    no_more = stands("a refusal", 12, {}, 1)
    first = speaks("ann", "product", "reject")
    late = kept(USUAL.said(supersedes=digests(first)), "ann", KEYS["old"], number=2)
    told = {ANN: COUNTED, named("ann", 2): ("was valid until",)}
    about = "a key past its dates withdraws no refusal"
    yield "refusal-withdrawn-by-expired-key", replace(no_more, about=about, store={**first, **late}, told=told)
    emergency = Setting(policy="emergency")
    held = speaks("eve", "risk", "reject")
    ticket = [{"kind": "ticket", "text": "OPS-7"}]
    over = {"setting": emergency, "conditions": ticket, "number": 2, "supersedes": digests(held)}
    both = {**held, **speaks("eve", "on-call", "override", **over)}
    told = {named("eve"): COUNTED, named("eve", 2): COUNTED}
    about = "an override withdraws not even its own person's refusal"
    overridden = replace(no_more, about=about, store=both, told=told, policy="emergency")
    yield "refusal-withdrawn-by-override", replace(overridden, more={"debts": ("the override of eve@example.com",)})
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
    deleted = f"{BOB} (gone)"
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
            told={f"{ANN} (gone)": ("only what holds back counts",)},
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


def cases() -> Cases:
    """Return them all by name."""
    for group in (quorum, refusals, escalations):
        yield from group()
