"""Subject, policy, place and clock; and policies that are refused as a whole."""

from dataclasses import replace

from vectors.saying import BOB, COUNTED, OPEN, Case, Cases, Setting, passes, speaks, stands
from vectors.signing import RsaKey, line
from vectors.world import KEYS, POLICIES, ROSTER


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


def policies() -> Cases:
    """A roster or a policy that must be refused as a whole: a mistake in it is status 2."""

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
    short = ROSTER.replace(line(KEYS["cy"]), line(RsaKey("short", 1024)))
    yield "roster-rsa-2048", wrong("a key that is too short", "an RSA key of 2048 bits", roster=short)
    two = POLICIES["two"]
    yield "policy-count-0", wrong("nobody is asked", "count", gates=two.replace("count: 2", "count: 0"))
    yield "policy-count-true", wrong("true is no number", "count", gates=two.replace("count: 2", "count: true"))
    yield (
        "policy-names-nobody",
        wrong(
            "an empty list",
            "an empty list says nothing",
            gates=two.replace("count: 2, of: [product, risk, tech-lead]", "any_of: []"),
        ),
    )
    yield (
        "policy-nobody-can",
        wrong(
            "a role that nobody has", "nobody in the roster is or has legal", gates=two.replace("tech-lead]", "legal]")
        ),
    )
    yield (
        "policy-too-many",
        wrong("nine of five people", "cannot be closed by anybody here", gates=two.replace("count: 2", "count: 9")),
    )


def cases() -> Cases:
    """Return them all by name."""
    for group in (verdicts, policies):
        yield from group()
