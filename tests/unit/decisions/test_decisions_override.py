"""An override counts for exactly what it was signed over, in a role that may, for as long as policy lets one hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from decision_world import FINDING, MATTER, NOW, World

from twokey.config.scalars import Duration
from twokey.config.shape import Approval, Override
from twokey.decisions.checkpoints import override_point
from twokey.decisions.decision import OVERRIDE, Condition, DecisionFile, NamedCheckpoint
from twokey.decisions.matter import OverridePoint
from twokey.outcome import Finding, Status

TERMS = Override(roles=("product",), expires=Duration(4 * 3600))
LEAKED = Finding(gate="safety", check="pii", status=Status.FAIL, message="1 record")


def point(*findings: Finding) -> OverridePoint:
    found = override_point(findings, MATTER.checkpoints, Approval(checkpoints={}, override=TERMS))
    assert found is not None
    return OverridePoint(point=found, terms=TERMS)


@pytest.fixture
def world() -> World:
    return World(matter=replace(MATTER, override=point(FINDING), ratifiers=("product", "risk")))


def override(world: World, key: str = "ann", role: str = "product", **changes: Any) -> DecisionFile:
    """An override of what the world has to release, signed an hour ago."""
    signed = world.matter.override
    named = NamedCheckpoint(name=OVERRIDE, role=role, facts=signed.point.digest if signed else "f" * 64)
    said = {
        "choice": "override",
        "checkpoints": (named,),
        "expires_at": NOW + timedelta(hours=2),
        "criteria": (),
        "conditions": (Condition(kind="ticket", text="INC-7"),),
        **changes,
    }
    return world.say(key, role, **said)


def test_an_override_by_its_role_with_a_ticket_counts(world: World) -> None:
    checked = world.check(override(world))
    assert checked.valid, checked.reasons
    assert [vote.person for vote in world.standing(override(world)).overrides] == ["ann@example.com"]


def test_an_override_of_other_findings_or_checkpoints_does_not_count(world: World) -> None:
    signed = override(world)
    world.matter = replace(world.matter, override=point(FINDING, LEAKED))
    assert world.check(signed).reasons == ("what it releases is not what there is to release now",)
    worse = replace(FINDING, status=Status.FAIL)
    world.matter = replace(world.matter, override=point(worse))
    assert not world.check(signed).valid


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"key": "bob", "role": "risk"}, "an override is not made by risk"),
        ({"role": "risk"}, "an override is not made by risk"),
        ({"conditions": ()}, "it names no ticket, and policy requires one"),
        ({"expires_at": NOW}, "it expired at 2026-11-21T12:00:00Z"),
        ({"expires_at": NOW + timedelta(hours=3, seconds=1)}, "longer than the 4h that policy allows"),
    ],
)
def test_an_override_outside_of_policys_terms_does_not_count(
    world: World, changes: dict[str, Any], reason: str
) -> None:
    assert any(reason in told for told in world.check(override(world, **changes)).reasons)


def test_policy_without_overrides_takes_none(world: World) -> None:
    signed = override(world)
    world.matter = replace(world.matter, override=None)
    assert world.check(signed).reasons == ("policy takes no overrides here",)


def test_an_override_withdraws_no_refusal(world: World) -> None:
    refusal = world.say("bob", "risk", choice="reject")
    stands = world.standing(override(world), refusal)
    assert [vote.person for vote in stands.refusals] == ["bob@example.com"]
