from dataclasses import replace
from itertools import permutations

import pytest
from decision_world import NOW, World, signature
from hypothesis import given
from hypothesis import strategies as st

from twokey import canonical
from twokey.config.shape import Close
from twokey.decisions.decision import Choice, DecisionFile
from twokey.decisions.standing import Standing, own_words


@pytest.fixture
def world() -> World:
    return World()


def digest(*files: DecisionFile) -> tuple[str, ...]:
    return tuple(canonical.sha256(file.data) for file in files)


def reasons(found: Standing, file: DecisionFile) -> tuple[str, ...]:
    return next(check.reasons for check in found.checks if check.file == file.name)


def test_a_checkpoint_without_decisions_is_open_and_says_what_it_takes(world: World) -> None:
    found = world.standing()
    assert not found.closed
    assert found.checkpoints[0].reason == "open: it takes any of product, risk, and 0 valid approvals are here"


def test_an_approval_closes_and_says_who(world: World) -> None:
    found = world.standing(world.say())
    assert found.closed
    assert found.checkpoints[0].reason == "closed by ann@example.com as product; it takes any of product, risk"


def test_two_keys_an_alias_and_copies_are_one_person(world: World) -> None:
    world.opened(Close(count=2, of=("product", "risk")))
    first = world.say()
    copy = replace(first, name="decision-copy.json")
    resigned = replace(first, name="decision-again.json", signature=signature(first.data, "ann's second"))
    assert not world.standing(first, copy, resigned).closed
    assert len(world.standing(first, copy, resigned).checkpoints[0].approvals) == 1
    second = world.say("ann's second", principal="ann-at-work")
    assert not world.standing(first, second).closed
    assert world.standing(first, copy, world.say("bob", "risk")).closed


def test_one_person_never_fills_two_roles(world: World) -> None:
    world.opened(Close(all_of=("tech-lead", "risk")))
    assert not world.standing(world.say("bob", "risk")).closed
    assert not world.standing(world.say("bob", "risk"), world.say("bob", "tech-lead")).closed


@pytest.mark.parametrize("choice", ["reject", "request-changes"])
def test_a_refusal_stands_against_any_number_of_approvals(world: World, choice: Choice) -> None:
    files = (world.say("bob", "risk", choice=choice), world.say())
    for order in permutations(files):
        found = world.standing(*order)
        assert not found.closed
        assert [(vote.person, vote.choice) for vote in found.refusals] == [("bob@example.com", choice)]
        assert found.checkpoints[0].reason.startswith(f"refused by bob@example.com ({choice} in ")
        assert found.checkpoints[0].satisfied


def test_a_refusal_is_withdrawn_only_by_its_own_person(world: World) -> None:
    refusal = world.say("bob", "risk", choice="reject")
    by_another = world.say("ann", supersedes=digest(refusal))
    assert world.standing(refusal, by_another).refusals
    by_themselves = world.say("bob", "risk", supersedes=digest(refusal))
    found = world.standing(refusal, by_themselves)
    assert found.closed
    assert reasons(found, refusal) == (f"superseded by {by_themselves.name}, of the same person",)


def test_an_approval_is_taken_back_by_a_later_refusal_whatever_the_dates(world: World) -> None:
    approval = world.say()
    earlier = NOW.replace(year=2020)
    refusal = world.say(choice="reject", decided_at=earlier, supersedes=digest(approval))
    for order in permutations((approval, refusal)):
        found = world.standing(*order)
        assert found.refusals
        assert reasons(found, approval) == (f"superseded by {refusal.name}, of the same person",)


def test_the_newest_of_a_chain_counts(world: World) -> None:
    first = world.say()
    second = world.say(choice="reject", supersedes=digest(first))
    third = world.say(supersedes=digest(first, second))
    for order in permutations((first, second, third)):
        assert world.standing(*order).closed
    assert not world.standing(first, second).closed


def test_a_dead_approval_does_not_come_back_when_its_successor_fails(world: World) -> None:
    first = world.say()
    for failing in (
        world.say(supersedes=digest(first), expires_at=NOW),
        world.say(supersedes=digest(first), criteria=()),
        world.say(supersedes=digest(first), choice="override"),
        world.say("old", supersedes=digest(first)),
    ):
        assert not world.standing(first, failing).closed


def test_a_newer_word_that_is_gone_does_not_count_and_what_it_took_back_stays_dead(world: World) -> None:
    first = world.say()
    for choice in ("approve", "override"):
        second = replace(world.say(choice=choice, supersedes=digest(first)), gone="not in the checkout")
        for order in permutations((first, second)):
            found = world.standing(*order)
            assert not found.closed
            assert not found.overrides
            assert reasons(found, first) == (f"superseded by {second.name}, of the same person",)
            assert reasons(found, second)[0] == "not in the checkout"
            assert set(digest(first, second)) & set(own_words(found.checks, "ann@example.com", choice))


def test_an_approval_that_is_gone_withdraws_no_refusal(world: World) -> None:
    refusal = world.say(choice="reject")
    approval = replace(world.say(supersedes=digest(refusal)), gone="not in the checkout")
    assert world.standing(refusal, approval).refusals


def test_a_key_past_its_dates_and_an_override_withdraw_no_refusal(world: World) -> None:
    refusal = world.say(choice="reject")
    for weak in (
        world.say("old", supersedes=digest(refusal)),
        world.say("old", choice="escalate", supersedes=digest(refusal)),
        world.say(choice="override", supersedes=digest(refusal)),
    ):
        assert world.standing(refusal, weak, world.say("bob", "risk")).refusals


def test_what_is_said_elsewhere_or_by_a_stolen_key_supersedes_nothing(world: World) -> None:
    refusal, approval = world.say(choice="reject"), world.say()
    both = digest(refusal, approval)
    for other in (
        world.say(choice="reject", environment="staging", supersedes=both),
        world.say(manifest="b" * 64, supersedes=both),
        world.say("stolen", supersedes=both),
        world.say("revoked", supersedes=both),
        world.say("ann", principal="bob@example.com", supersedes=both),
        replace(world.say(supersedes=both), signature=None),
    ):
        assert world.standing(refusal, other).refusals
        assert world.standing(approval, other).closed


def test_a_refusal_of_what_is_no_longer_open_still_takes_an_approval_back(world: World) -> None:
    approval = world.say()
    gone = tuple(replace(named, name="gone") for named in world.decision().checkpoints)
    refusal = world.say(choice="reject", checkpoints=gone, criteria=(), supersedes=digest(approval))
    found = world.standing(approval, refusal)
    assert not found.closed
    assert not found.refusals


def test_two_unrelated_words_of_one_person_approve_nothing(world: World) -> None:
    one, other = world.say(), world.say("ann's second")
    found = world.standing(one, other)
    assert not found.closed
    assert reasons(found, one) == (
        f"ann@example.com also says something else in {other.name}, and neither supersedes the other",
    )
    escalation = world.say(choice="escalate")
    assert not world.standing(one, escalation).closed
    assert world.standing(one, other, world.say("bob", "risk")).closed


def test_an_unrelated_refusal_beside_an_approval_stands(world: World) -> None:
    assert world.standing(world.say(), world.say(choice="reject")).refusals


def test_an_old_approval_that_ended_is_no_rival(world: World) -> None:
    assert world.standing(world.say(expires_at=NOW), world.say()).closed


def test_an_escalation_leaves_the_checkpoint_open_and_is_told(world: World) -> None:
    found = world.standing(world.say(choice="escalate"))
    assert not found.closed
    assert [vote.person for vote in found.checkpoints[0].escalations] == ["ann@example.com"]


def test_own_words_are_all_that_a_person_said_here(world: World) -> None:
    files = (world.say(), world.say(choice="reject"), world.say("bob", "risk"), world.say(environment="staging"))
    checks = [world.check(file) for file in files]
    assert own_words(checks, "ann@example.com", "approve") == tuple(sorted(digest(*files[:2])))
    final = world.say(supersedes=own_words(checks, "ann@example.com", "approve"))
    assert world.standing(*files, final).closed


words = st.lists(
    st.tuples(
        st.sampled_from([("ann", "product"), ("ann's second", "product"), ("bob", "risk"), ("old", "product")]),
        st.sampled_from(["approve", "approve", "reject", "request-changes", "escalate", "override"]),
        st.sets(st.integers(0, 4)),
        st.booleans(),
    ),
    max_size=5,
)


@given(words)
def test_whatever_is_said_order_is_nothing_and_one_more_refusal_never_opens(
    said: list[tuple[tuple[str, str], Choice, set[int], bool]],
) -> None:
    world, files = World(), list[DecisionFile]()
    for (key, role), choice, earlier, expired in said:
        old = digest(*(files[index] for index in sorted(earlier) if index < len(files)))
        ends = NOW if expired else NOW.replace(day=22)
        files.append(world.say(key, role, choice=choice, supersedes=old, expires_at=ends))
    found = world.standing(*files)
    assert world.standing(*reversed(files)).checkpoints == found.checkpoints
    assert world.standing(*files, *files).closed == found.closed
    if found.closed:
        assert not found.refusals
        assert found.checkpoints[0].approvals
        refusal = world.say("bob", "risk", choice="reject")
        assert not world.standing(*files, refusal).closed
