from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from decision_world import FINDING, MATTER, NOW, OPEN, POLICY, World

from twokey.canonical import sha256
from twokey.config.scalars import Duration
from twokey.config.shape import Override
from twokey.decisions.checkpoints import override_point
from twokey.decisions.debts import Debt, debts
from twokey.decisions.decision import Choice, Condition, DecisionFile, NamedCheckpoint, RefusedFile
from twokey.decisions.matter import DecisionCheck, OverridePoint
from twokey.decisions.verify import check
from twokey.outcome import Status
from twokey.signers.ssh import SshSigner

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
TERMS = Override(roles=("tech-lead",), expires=Duration(86400), review_within=Duration(2 * 86400))
RATIFIERS = ("product", "risk")
TICKET = (Condition(kind="ticket", text="OPS-7"),)


def point(**changes: Any) -> OverridePoint:
    found = override_point((FINDING,), OPEN, replace(POLICY, override=TERMS))
    assert found is not None
    return OverridePoint(point=found, terms=replace(TERMS, **changes))


@pytest.fixture
def world() -> World:
    return World(matter=replace(MATTER, override=point(), ratifiers=RATIFIERS))


def override(world: World, key: str = "bob", role: str = "tech-lead", **changes: Any) -> DecisionFile:
    named = NamedCheckpoint(name="override", role=role, facts=point().point.digest)
    said = {"conditions": TICKET, "checkpoints": (named,), "criteria": (), "expires_at": NOW + 22 * HOUR, **changes}
    return world.say(key, role, choice="override", **said)


def ratify(world: World, of: DecisionFile, key: str = "ann", role: str = "product", **changes: Any) -> DecisionFile:
    named = NamedCheckpoint(name="override", role=role, facts="0" * 64)
    condition = Condition(kind="ratifies", text=sha256(of.data))
    said = {"conditions": (condition,), "checkpoints": (named,), "criteria": (), **changes}
    return world.say(key, role, choice="ratify", **said)


def refused(found: DecisionCheck, *reasons: str) -> None:
    assert not found.valid
    assert found.reasons == reasons


def test_an_override_releases_the_findings_and_checkpoints_that_it_signs(world: World) -> None:
    found = world.standing(override(world))
    assert [(vote.person, vote.role) for vote in found.overrides] == [("bob@example.com", "tech-lead")]
    assert not found.closed, "it closes no checkpoint: it is told apart from an approval"


def test_an_override_is_over_exactly_these_findings(world: World) -> None:
    file = override(world)
    worse = replace(FINDING, status=Status.FAIL)
    other = override_point((worse,), OPEN, replace(POLICY, override=TERMS))
    assert other is not None
    world.matter = replace(world.matter, override=OverridePoint(point=other, terms=TERMS))
    refused(world.check(file), "what it releases is not what there is to release now")
    fewer = override_point((FINDING,), OPEN[:0], replace(POLICY, override=TERMS))
    assert fewer is not None
    assert fewer.digest != point().point.digest


def test_an_override_takes_a_role_a_ticket_and_policys_leave(world: World) -> None:
    refused(
        world.check(override(world, "ann", "product")), "an override is not made by product; it takes any of tech-lead"
    )
    refused(world.check(override(world, "ann")), "ann@example.com is not tech-lead")
    refused(world.check(override(world, conditions=())), "it names no ticket, and policy requires one")
    refused(
        world.check(override(world, expires_at=NOW + 23 * HOUR + SECOND)),
        "it holds until 2026-11-22T11:00:01Z, longer than the 1d that policy allows",
    )
    world.matter = replace(world.matter, override=point(ticket="optional"))
    assert world.check(override(world, conditions=())).valid
    world.matter = replace(world.matter, override=None)
    refused(world.check(override(world)), "policy takes no overrides here")


def test_an_override_lifts_no_refusal_and_closes_for_nobody_else(world: World) -> None:
    found = world.standing(override(world), world.say("ann", "product", choice="reject"))
    assert found.overrides
    assert [vote.person for vote in found.refusals] == ["ann@example.com"]


@pytest.mark.parametrize("choice", ["override", "ratify"])
def test_what_is_for_emergencies_speaks_of_nothing_else(world: World, choice: Choice) -> None:
    conditions = TICKET if choice == "override" else (Condition(kind="ratifies", text="1" * 64),)
    found = world.check(world.say("bob", "risk", choice=choice, conditions=conditions))
    assert f"it speaks of release; {choice} speaks of override and nothing else" in found.reasons
    named = NamedCheckpoint(name="override", role="product", facts=point().point.digest)
    refused(world.check(world.say(checkpoints=(named,), criteria=())), "the checkpoint override is not open")


def owed(*files: DecisionFile | RefusedFile, world: World, now: Any = NOW) -> tuple[Debt, ...]:
    signers = {"ssh": SshSigner(places=())}
    return debts(files, terms=TERMS, ratifiers=RATIFIERS, roster=world.roster, signers=signers, now=now)


def test_an_override_is_owed_a_review_until_somebody_else_ratifies_it(world: World) -> None:
    file = override(world)
    (debt,) = owed(file, world.say(), world=world)
    assert (debt.person, debt.ticket, debt.sha256) == ("bob@example.com", "OPS-7", sha256(file.data))
    assert debt.due == NOW - HOUR + timedelta(days=2)
    assert not debt.overdue(debt.due - SECOND)
    assert debt.overdue(debt.due)
    assert "OPS-7" in debt.sentence(NOW)
    assert "is due at 2026-11-23T11:00:00Z" in debt.sentence(NOW)
    assert "was due at 2026-11-23T11:00:00Z" in debt.sentence(debt.due)
    assert owed(file, ratify(world, file), world=world) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "bob", "role": "risk"},  # who made it
        {"key": "cy", "role": "product"},  # does not hold the role
        {"key": "bob", "role": "tech-lead"},  # no role that ratifies
        {"key": "stolen"},
        {"key": "bot"},
        {"conditions": (Condition(kind="ratifies", text="1" * 64),)},
    ],
)
def test_a_review_by_nobody_entitled_clears_nothing(world: World, changes: dict[str, Any]) -> None:
    file = override(world)
    assert len(owed(file, ratify(world, file, **changes), world=world)) == 1


def test_a_debt_outlives_the_override_itself(world: World) -> None:
    file = override(world)
    late = NOW + timedelta(days=400)
    assert not check(file, world.matter, roster=world.roster, signers={"ssh": SshSigner(places=())}, now=late).valid
    (debt,) = owed(file, world=world, now=late)
    assert debt.overdue(late)


def test_what_nobody_rostered_said_is_owed_nothing(world: World) -> None:
    file = override(world)
    junk = (
        RefusedFile(name="decision-x.json", reason="a link"),
        replace(file, signature=None),
        replace(file, signer="moon"),
        replace(file, data=file.data + b" "),
        override(world, "bot"),
        override(world, "stolen", "product"),
        world.say(choice="reject", reason='an "override" it is not'),
    )
    assert owed(*junk, world=world) == ()


def test_the_same_override_twice_is_one_debt_and_the_earliest_comes_first(world: World) -> None:
    later = override(world, decided_at=NOW - HOUR + SECOND)
    first = override(world)
    found = owed(later, first, replace(first, name="again.json"), world=world)
    assert [debt.sha256 for debt in found] == [sha256(first.data), sha256(later.data)]


def asking(world: World, role: str | None = "tech-lead", **changes: Any) -> DecisionFile:
    conditions = () if role is None else (Condition(kind="to", text=role),)
    return world.say("ann", "product", choice="escalate", conditions=conditions, **changes)


def test_an_escalation_waits_for_whom_it_asks(world: World) -> None:
    files = (asking(world), world.say("bob", "risk"))
    found = world.standing(*files)
    assert found.asked == ("tech-lead",)
    assert not found.closed
    assert "escalated: ann@example.com asks tech-lead" in found.checkpoints[0].reason
    answer = world.say("bob", "tech-lead")
    refused(world.check(answer), "the checkpoint release is not closed by tech-lead; it takes any of product, risk")
    world.matter = replace(world.matter, asked=found.asked)
    assert world.check(answer).valid
    assert not world.standing(files[0], answer).closed, "whom it asks does not stand in for the rule"


def test_an_escalation_that_asks_nobody_holds_nobody_up(world: World) -> None:
    assert world.standing(asking(world, None), world.say("bob", "risk")).closed


def test_two_whom_are_asked_are_no_form_of_an_escalation(world: World) -> None:
    both = (Condition(kind="to", text="risk"), Condition(kind="to", text="tech-lead"))
    refused(
        world.check(world.say(choice="escalate", conditions=both)),
        "it has 2 conditions of kind to, at most one is understood",
    )
