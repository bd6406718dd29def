"""Step 15, and what is owed for an override afterwards."""

from dataclasses import replace

from vectors.saying import (
    ANN,
    COUNTED,
    EVE,
    Case,
    Cases,
    Files,
    Setting,
    digests,
    named,
    passes,
    refused,
    speaks,
    stands,
)

EMERGENCY = Setting(policy="emergency")


def cases() -> Cases:
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
        under(refused("risk overrides nothing", 8, makes(role="risk"), "not made by risk", "eve"), more={"debts": ()}),
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
        told={ANN: COUNTED, f"{EVE} (gone)": ("only what holds back", "it expired at")},
    )
    yield "debt-deleted", replace(lost, policy="emergency", more=due)
