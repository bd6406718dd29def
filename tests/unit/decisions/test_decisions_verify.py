from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from decision_world import FINDING, MATTER, NOW, POLICY, SITUATION, World, signature
from hypothesis import given
from hypothesis import strategies as st

from twokey.decisions.checkpoints import open_checkpoints
from twokey.decisions.decision import Condition, Criterion, GradesReference, GradesSummary, NamedCheckpoint, RefusedFile
from twokey.decisions.matter import DecisionCheck, GradesOnFile, Voice
from twokey.decisions.shapes import CLOCK_SKEW
from twokey.decisions.verify import check
from twokey.outcome import Status
from twokey.signers.keygen import MISSING

SECOND = timedelta(seconds=1)
SUMMARY = GradesSummary(items=10, graded=10, passed=8, failed=2, edited=0, escalated=0, bad_reference=0)
GRADES = GradesOnFile(sha256="c" * 64, manifest=MATTER.manifest, complete=True, summary=SUMMARY)
CITED = GradesReference(sha256="c" * 64, summary=SUMMARY)


@pytest.fixture
def world() -> World:
    return World()


def refused(found: DecisionCheck, *reasons: str) -> None:
    assert not found.valid
    assert found.reasons == reasons


def test_a_good_approval_is_valid_and_has_a_say(world: World) -> None:
    found = world.check(world.say())
    assert found.valid, found.reasons
    assert (found.person, found.voice, found.crosscheck) == ("ann@example.com", Voice.SPEAKS, MISSING)
    assert found.votes == (("release", "product"),)


@pytest.mark.parametrize("principal", ["ann@example.com", "ann-at-work", "12345+ann@users.example"])
def test_a_second_key_and_an_alias_are_the_same_person(world: World, principal: str) -> None:
    assert world.check(world.say("ann's second", principal=principal)).person == "ann@example.com"


class TestSteps1To3:
    def test_a_file_that_was_not_read_is_refused_with_its_reason(self, world: World) -> None:
        refused(world.check(RefusedFile(name="decision-x.json", reason="too large")), "too large")

    def test_without_a_signature_nobody_said_anything(self, world: World) -> None:
        found = world.check(replace(world.say(), signature=None))
        refused(found, "no signature lies beside it")
        assert (found.decision, found.person, found.voice) == (None, None, Voice.NONE)

    def test_an_unknown_signer_is_refused(self, world: World) -> None:
        refused(world.check(replace(world.say(), signer="wax")), "there is no signer called wax")

    def test_a_signature_for_another_purpose_is_refused(self, world: World) -> None:
        file = world.say()
        found = world.check(replace(file, signature=signature(file.data, "ann", "git")))
        refused(found, "signed for the purpose 'git', not for 'twokey-decision-v1'")

    def test_a_signature_of_another_decision_is_refused(self, world: World) -> None:
        found = world.check(replace(world.say(), signature=world.say().signature))
        refused(found, "the signature does not match: other bytes were signed, or by another key")

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"{}", "_type: a field that must be there is missing"),
            (b'{"a": 1, "a": 1}', "not strict JSON: the key 'a' appears twice"),
            (b"\xff", "not UTF-8 at byte 0"),
        ],
    )
    def test_well_signed_bytes_that_are_no_decision_are_refused(self, world: World, data: bytes, reason: str) -> None:
        found = world.check(replace(world.say(), data=data, signature=signature(data, "ann")))
        assert not found.valid
        assert found.reasons[0] == reason
        assert found.voice is Voice.NONE

    @given(at=st.integers(0, 10_000), flip=st.integers(1, 255), of=st.sampled_from(["data", "signature"]))
    def test_any_flipped_byte_of_decision_or_signature_is_noticed(self, at: int, flip: int, of: str) -> None:
        world = World()
        file = world.say()
        assert file.signature is not None
        good = file.data if of == "data" else file.signature
        at %= len(good)
        bad = good[:at] + bytes([good[at] ^ flip]) + good[at + 1 :]
        changed = replace(file, data=bad) if of == "data" else replace(file, signature=bad)
        found = world.check(changed)
        assert not found.valid
        assert found.voice is Voice.NONE
        assert found.decision is None


class TestStep4Who:
    def test_a_bots_key_decides_nothing(self, world: World) -> None:
        found = world.check(world.say("bot"))
        refused(found, "the key that signed it is nobody's in the roster")
        assert found.voice is Voice.NONE

    def test_nobody_speaks_for_somebody_else(self, world: World) -> None:
        found = world.check(world.say("ann", principal="bob@example.com"))
        refused(found, "it speaks for bob@example.com, but the key is ann@example.com's")
        assert found.voice is Voice.NONE

    @pytest.mark.parametrize(
        ("key", "before", "after", "reason"),
        [
            ("old", True, False, "the key was valid until 2026-11-21T12:00:00Z"),
            ("revoked", True, False, "the key was revoked at 2026-11-21T12:00:00Z: lost laptop"),
            ("stolen", False, False, "the key counts as compromised since 2026-11-30T00:00:00Z: phished"),
        ],
    )
    def test_a_key_is_judged_at_the_verifiers_clock_to_the_second(
        self, world: World, key: str, before: bool, after: bool, reason: str
    ) -> None:
        file = world.say(key)
        world.now = NOW - SECOND
        assert world.check(file).valid == before
        world.now = NOW
        found = world.check(file)
        assert found.valid == after
        assert found.reasons == (reason,)

    def test_a_key_that_is_not_valid_yet_waits(self, world: World) -> None:
        file = world.say("future")
        refused(world.check(file), "the key is not valid before 2026-11-21T12:00:01Z")
        world.now = NOW + SECOND
        assert world.check(file).valid


class TestSteps5To7WhatWhereWhen:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"manifest": "b" * 64}, "it is about other evidence: manifest bbbbbbbbbbbb, here aaaaaaaaaaaa"),
            ({"environment": "staging"}, "it is for the environment staging, not production"),
            (
                {"repository": "github.com/evil/fork"},
                "it is for the repository github.com/evil/fork, not github.com/acme/triage",
            ),
        ],
    )
    def test_a_replay_elsewhere_is_refused_and_unheard(self, world: World, change: dict[str, Any], reason: str) -> None:
        for choice in ("approve", "reject", "escalate"):
            found = world.check(world.say(choice=choice, **change))
            refused(found, reason)
            assert found.voice is Voice.NONE

    def test_an_approval_ends_at_the_second_it_names(self, world: World) -> None:
        file = world.say(expires_at=NOW)
        refused(world.check(file), "it expired at 2026-11-21T12:00:00Z")
        world.now = NOW - SECOND
        assert world.check(file).valid

    def test_a_decision_from_the_future_is_refused_beyond_a_small_allowance(self, world: World) -> None:
        assert world.check(world.say(decided_at=NOW + CLOCK_SKEW)).valid
        late = world.say(decided_at=NOW + CLOCK_SKEW + SECOND)
        refused(world.check(late), "it was decided in the future: 2026-11-21T12:05:01Z")

    def test_nobody_approves_for_longer_than_policy_allows(self, world: World) -> None:
        start = NOW - timedelta(hours=1)
        assert world.check(world.say(expires_at=start + timedelta(days=7))).valid
        longer = world.say(expires_at=start + timedelta(days=7, seconds=1))
        refused(world.check(longer), "it holds until 2026-11-28T11:00:01Z, longer than the 7d that policy allows")

    def test_a_clock_without_a_zone_is_a_fault(self, world: World) -> None:
        file = world.say()
        with pytest.raises(ValueError, match="no time zone"):
            check(file, world.matter, roster=world.roster, signers={}, now=NOW.replace(tzinfo=None))


class TestStep8Checkpoints:
    def test_one_that_is_not_open_is_refused(self, world: World) -> None:
        named = NamedCheckpoint(name="architecture", role="product", facts="d" * 64)
        refused(world.check(world.say(checkpoints=(named,), criteria=())), "the checkpoint architecture is not open")

    def test_other_facts_make_an_approval_stale(self, world: World) -> None:
        file = world.say()
        worse = replace(FINDING, status=Status.FAIL)
        opened = open_checkpoints(replace(SITUATION, findings=(worse,)), POLICY)
        world.matter = replace(MATTER, checkpoints=opened)
        refused(world.check(file), "the checkpoint release was opened by other facts when it was decided")

    def test_the_role_that_was_signed_in_is_held_and_may_close(self, world: World) -> None:
        refused(world.check(world.say("ann", "risk")), "ann@example.com is not risk")
        refused(
            world.check(world.say("bob", "tech-lead")),
            "the checkpoint release is not closed by tech-lead; it takes any of product, risk",
        )
        refused(
            world.check(world.say("cy", "cy@example.com")),
            "the checkpoint release is not closed by cy@example.com; it takes any of product, risk",
        )
        assert world.check(world.say("bob", "risk")).valid


class TestStep9WhatItSays:
    def test_every_criterion_is_attested_one_by_one(self, world: World) -> None:
        missing = "the criterion 'stakeholders told' of release is not attested"
        first = Criterion(checkpoint="release", criterion="rollback plan available", attested=True)
        refused(world.check(world.say(criteria=(first,))), missing)
        second = Criterion(checkpoint="release", criterion="stakeholders told", attested=False)
        refused(world.check(world.say(criteria=(first, second))), missing)
        assert world.check(world.say(criteria=(first, replace(second, attested=True)))).valid

    def test_conditions_of_an_unknown_kind_or_form_are_refused(self, world: World) -> None:
        for condition, reason in (
            (Condition(text="x", kind="moon"), "a condition of kind moon is not known to this version"),
            (Condition(text="OPS-1", kind="ticket"), "a condition of kind ticket does not belong to approve"),
            (
                Condition(text="accuracy min 0.9", kind="metric"),
                "the condition 'accuracy min 0.9' is none on a metric, such as 'accuracy >= 0.95'",
            ),
            (
                Condition(text="tomorrow", kind="until"),
                "the condition 'tomorrow' is no UTC time such as 2026-11-21T12:00:00Z",
            ),
        ):
            refused(world.check(world.say(conditions=(condition,))), reason)
        assert world.check(world.say(conditions=(Condition(text="watch refunds"),))).valid

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("accuracy >= 0.96", None),
            ("accuracy > 0.96", "its condition accuracy > 0.96 does not hold: accuracy is 0.96"),
            ("accuracy < 0.96", "its condition accuracy < 0.96 does not hold: accuracy is 0.96"),
            ("accuracy <= 0.96", None),
            ("f1_macro >= 0", "its condition f1_macro >= 0 cannot be judged: the evidence has no f1_macro"),
            ("recall_macro >= 0", "its condition recall_macro >= 0 cannot be judged: the evidence has no recall_macro"),
        ],
    )
    def test_a_condition_on_a_metric_is_judged_against_the_evidence(
        self, world: World, text: str, reason: str | None
    ) -> None:
        world.matter = replace(MATTER, metrics={"accuracy": 0.96, "recall_macro": None})
        found = world.check(world.say(conditions=(Condition(text=text, kind="metric"),)))
        assert found.reasons == (() if reason is None else (reason,))

    def test_a_condition_until_a_time_ends_at_that_second(self, world: World) -> None:
        file = world.say(conditions=(Condition(text="2026-11-21T12:00:00Z", kind="until"),))
        refused(world.check(file), "its condition held until 2026-11-21T12:00:00Z")
        world.now = NOW - SECOND
        assert world.check(file).valid

    def test_production_takes_no_approval_whose_signer_did_not_recompute(self, world: World) -> None:
        world.matter = replace(MATTER, recomputing=True)
        refused(
            world.check(world.say()),
            "its signer did not recompute the evidence, which policy asks for in production",
        )
        assert world.check(world.say(recomputed=True)).valid
        assert world.check(world.say(choice="reject")).valid

    def test_who_graded_may_be_kept_from_deciding(self, world: World) -> None:
        graded = GradesOnFile(
            sha256="c" * 64, manifest="a" * 64, complete=True, summary=SUMMARY, reviewer="ann-at-work"
        )
        world.matter = replace(MATTER, grades=(graded,), reviewer_may_decide=False)
        cited = GradesReference(sha256="c" * 64, summary=SUMMARY)
        refused(
            world.check(world.say(grades=cited)),
            "ann@example.com graded the outputs, and policy wants another person to decide",
        )
        assert world.check(world.say("bob", "risk", grades=cited)).valid
        world.matter = replace(world.matter, reviewer_may_decide=True)
        assert world.check(world.say(grades=cited)).valid

    def test_whoever_is_barred_may_not_approve_under_any_name(self, world: World) -> None:
        for name in ("ann@example.com", "ANN-at-work"):
            world.matter = replace(MATTER, barred={name: "made the change", "zoe": "x"})
            refused(world.check(world.say()), "ann@example.com may not decide here: made the change")
            assert world.check(world.say("bob", "risk")).valid
            assert world.check(world.say(choice="reject")).valid


class TestStep10Grades:
    @pytest.mark.parametrize(
        ("changes", "cited", "reason"),
        [
            ({"grades_required": True}, None, "it stands on no grades, and policy asks for them"),
            ({}, CITED, "the grades that it stands on are not here or were changed: cccccccccccc"),
            (
                {"grades": (replace(GRADES, manifest="b" * 64),)},
                CITED,
                "the grades that it stands on are about other evidence",
            ),
            (
                {"grades": (GRADES,)},
                replace(CITED, summary=replace(SUMMARY, passed=9, failed=1)),
                "the summary of grades that it signs is not that of the grades file",
            ),
            (
                {"grades": (replace(GRADES, seeds="d" * 64),)},
                CITED,
                "the sealed seeds that it names are not those of the grades that it stands on",
            ),
            (
                {"grades": (replace(GRADES, faults=("the review is void: 2 of 8 seeds were missed",)),)},
                CITED,
                "the grades that it stands on do not count: the review is void: 2 of 8 seeds were missed",
            ),
            (
                {"grades": (replace(GRADES, complete=False),), "grades_required": True},
                CITED,
                "the grades that it stands on are not complete: 10 of 10 items",
            ),
        ],
    )
    def test_grades_that_do_not_hold_are_refused(
        self, world: World, changes: Mapping[str, Any], cited: GradesReference | None, reason: str
    ) -> None:
        world.matter = replace(MATTER, **changes)
        refused(world.check(world.say(grades=cited)), reason)
        assert world.check(world.say(grades=cited, choice="reject")).valid

    def test_whose_grades_were_merged_into_others_may_not_decide_either(self, world: World) -> None:
        ann = "ann@example.com"
        for grades in (replace(GRADES, reviewer=ann), replace(GRADES, reviewer="x@example.com", merged_from=(ann,))):
            world.matter = replace(MATTER, grades=(grades,), reviewer_may_decide=False)
            refused(
                world.check(world.say(grades=CITED)),
                f"{ann} graded the outputs, and policy wants another person to decide",
            )
        world.matter = replace(MATTER, grades=(replace(GRADES, merged_from=("x@example.com",)),))
        assert world.check(world.say(grades=CITED)).valid

    def test_complete_grades_carry_an_approval(self, world: World) -> None:
        world.matter = replace(MATTER, grades=(replace(GRADES, sha256="e" * 64), GRADES), grades_required=True)
        assert world.check(world.say(grades=CITED)).valid


def test_every_reason_that_can_be_determined_is_listed(world: World) -> None:
    found = world.check(
        world.say(
            "old",
            "risk",
            environment="staging",
            manifest="b" * 64,
            criteria=(),
            expires_at=NOW - SECOND,
            conditions=(Condition(text="x", kind="metric"),),
            grades=CITED,
        )
    )
    assert len(found.reasons) == 9
    assert found.voice is Voice.NONE


class TestRefusals:
    @pytest.mark.parametrize("choice", ["reject", "request-changes"])
    @pytest.mark.parametrize(
        "changes",
        [
            {"expires_at": NOW - SECOND},
            {"decided_at": NOW + timedelta(hours=1), "expires_at": NOW + timedelta(days=99)},
            {"criteria": ()},
            {"conditions": (Condition(text="x", kind="needed"),)},
            {"checkpoints": (NamedCheckpoint(name="release", role="anything", facts="0" * 64),)},
        ],
    )
    def test_a_refusal_cannot_be_waited_out_or_lost_to_a_formality(
        self, world: World, choice: str, changes: dict[str, Any]
    ) -> None:
        found = world.check(world.say(choice=choice, **changes))
        assert found.valid, found.reasons
        assert found.votes == (("release", "product"),)

    def test_a_key_that_is_past_its_dates_still_refuses_but_a_withdrawn_one_does_not(self, world: World) -> None:
        found = world.check(world.say("old", choice="reject"))
        assert (found.valid, found.voice) == (True, Voice.HOLDS)
        for key in ("revoked", "stolen", "bot"):
            found = world.check(world.say(key, choice="reject"))
            assert (found.valid, found.voice) == (False, Voice.NONE)

    def test_only_somebody_who_could_have_closed_it_refuses(self, world: World) -> None:
        found = world.check(world.say("cy", "product", choice="reject"))
        refused(found, "it names no open checkpoint that its signer could close")
        assert found.voice is Voice.SPEAKS

    def test_nobody_refuses_in_another_name(self, world: World) -> None:
        assert not world.check(world.say("cy", choice="reject", principal="ann@example.com")).valid
