from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from decision_world import NOW, ROSTER_YAML, signature

from twokey.canonical import sha256
from twokey.config.review import Reviewers
from twokey.deciding.asked import Asked
from twokey.deciding.grade_signatures import NAMESPACE, UNSIGNED, check_grades, unsigned
from twokey.deciding.several import adjudicates, faults_of_merged, faults_of_several
from twokey.decisions.document import NAMESPACE as DECISIONS
from twokey.decisions.roster import load_roster
from twokey.evidence.bundle import Evidence
from twokey.review.assigning import assigned
from twokey.review.grades import Grade, Grades, filename, render
from twokey.review.merging import merge, source
from twokey.signers import SIGNERS

ANN, BOB, CY = "ann@example.com", "bob@example.com", "cy@example.com"
MANIFEST = "a" * 64
ROSTER = load_roster(ROSTER_YAML.encode(), "roster.yaml")
ITEMS = tuple({"id": f"r{n}", "stratum": "audit"} for n in range(1, 7))
EVIDENCE = Evidence(digest=MANIFEST, manifest={}, results=(), packet={}, items=ITEMS, files={})
POLICY = Reviewers(people=(ANN, BOB), share=0.5, adjudicators=("risk",))
PARTS = assigned(ITEMS, POLICY, MANIFEST)
BOTH = sorted(set(PARTS[ANN]) & set(PARTS[BOB]))


@dataclass(frozen=True, slots=True)
class Filed:
    data: bytes
    grades: Grades

    @property
    def digest(self) -> str:
        return sha256(self.data)


def filed(reviewer: str, ids: Iterable[str], **but: Any) -> Filed:
    rows = tuple(
        Grade(item=id_, grade=but.get(id_, "pass"), reason="so", severity="high" if but.get(id_) == "fail" else None)
        for id_ in ids
    )
    grades = Grades(manifest=MANIFEST, reviewer=reviewer, grades=rows)
    return Filed(data=render(grades), grades=grades)


def merged(found: Iterable[Filed], by: str) -> Filed:
    grades = merge([source(one.grades, one.data) for one in found], ITEMS, by=by).grades
    return Filed(data=render(grades), grades=grades)


ASKED = Asked(review=None, roster=ROSTER, signers=SIGNERS, now=NOW)


def faults(
    one: Filed, found: Iterable[Filed], files: dict[str, Any] | None = None, policy: Reviewers = POLICY
) -> tuple[str, ...]:
    read = {part.digest: (part.data, part.grades) for part in (*found, one)}
    return tuple(faults_of_several(one.digest, read, files or {}, EVIDENCE, policy, ASKED))


def signed(one: Filed, name: str, namespace: str = NAMESPACE) -> dict[str, Any]:
    return {f"{filename(one.grades.reviewer)}.sig": signature(one.data, name, namespace)}


def test_a_good_signature_by_the_reviewers_own_key_counts() -> None:
    data = filed(ANN, ["r1"]).data
    for name in ("ann", "ann's second"):
        sig = signature(data, name, NAMESPACE)
        assert check_grades(data, sig, roster=ROSTER, reviewer=ANN, signers=SIGNERS, now=NOW) == ()


@pytest.mark.parametrize(
    ("name", "namespace", "changed", "told"),
    [
        ("ann", DECISIONS, b"", "purpose"),
        ("ann", NAMESPACE, b" ", "does not match"),
        ("bob", NAMESPACE, b"", "it speaks for ann@example.com, but the key is bob@example.com's"),
        ("future", NAMESPACE, b"", "not valid before"),
        ("revoked", NAMESPACE, b"", "revoked"),
        ("stolen", NAMESPACE, b"", "compromised"),
        ("old", NAMESPACE, b"", "valid until"),
    ],
)
def test_any_other_signature_does_not_and_says_why(name: str, namespace: str, changed: bytes, told: str) -> None:
    data = filed(ANN, ["r1"]).data
    sig = signature(data, name, namespace)
    reasons = check_grades(data + changed, sig, roster=ROSTER, reviewer=ANN, signers=SIGNERS, now=NOW)
    assert reasons
    assert any(told in reason for reason in reasons)


def test_a_clock_without_a_zone_judges_nothing() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        check_grades(b"", b"", roster=ROSTER, reviewer=ANN, signers=SIGNERS, now=NOW.replace(tzinfo=None))


def test_a_signature_is_found_under_a_later_name_and_others_push_none_aside() -> None:
    one = filed(ANN, ["r1"])
    sig = signature(one.data, "ann", NAMESPACE)
    files: dict[str, Any] = {f"grades-{ANN}.json.sig": b"junk", f"grades-{ANN}.json-2.sig": sig}
    asked: dict[str, Any] = {"roster": ROSTER, "reviewer": ANN, "signers": SIGNERS, "now": NOW}
    assert unsigned(one.data, files, **asked) == ()
    assert unsigned(one.data, {}, **asked) == (UNSIGNED,)
    assert unsigned(one.data, {f"grades-{ANN}.json.sig": b"junk"}, **asked) != ()
    assert unsigned(one.data, {f"grades-{BOB}.json.sig": sig}, **asked) == (UNSIGNED,)
    assert unsigned(one.data, {f"grades-{ANN}.json.sig": sig + b"\n" * 70_000}, **asked) == (UNSIGNED,)


def test_one_reviewers_part_is_not_the_review_where_policy_names_several() -> None:
    one = filed(ANN, PARTS[ANN])
    (reason,) = faults(one, [])
    assert "policy names several reviewers, and these are one person's" in reason


def test_where_policy_names_one_reviewer_only_theirs_count() -> None:
    alone = Reviewers(people=(ANN,), assign="split")
    assert faults(filed(ANN, ["r1"]), [], policy=alone) == ()
    assert faults(filed(BOB, ["r1"]), [], policy=alone) == (f"{BOB} is none of the reviewers that policy names",)


def test_merged_grades_of_everybodys_part_count() -> None:
    found = [filed(ANN, PARTS[ANN]), filed(BOB, PARTS[BOB])]
    assert faults(merged(found, BOB), found) == ()


def test_a_part_that_is_missing_or_not_at_hand_is_a_reason() -> None:
    found = [filed(ANN, PARTS[ANN]), filed(BOB, PARTS[BOB][1:])]
    told = f"1 of the {len(PARTS[BOB])} items assigned to {BOB} have no grade of theirs"
    assert faults(merged(found, BOB), found) == (told,)
    assert "are not here or were changed" in faults(merged(found, BOB), found[:1])[0]


def test_only_who_policy_names_settles_a_disagreement() -> None:
    (shared, *_) = BOTH
    found = [filed(ANN, PARTS[ANN], **{shared: "fail"}), filed(BOB, PARTS[BOB]), filed(CY, [shared])]
    one = merged(found, CY)
    assert one.grades.of(shared) == found[2].grades.of(shared)
    assert faults(one, found, policy=Reviewers(people=(ANN, BOB), share=0.5, adjudicators=(CY,))) == ()
    assert faults(one, found, policy=Reviewers(people=(ANN, BOB), share=0.5)) == (
        f"the grade of {shared!r} was given by nobody, or settles what it cannot settle",
        f"{CY} is none of the reviewers that policy names",
    )


def test_a_role_that_is_held_now_lets_somebody_settle() -> None:
    for person in ROSTER.people:
        assert adjudicates(person.principal, POLICY, ASKED) == ("risk" in person.roles)
    assert not adjudicates("zoe@example.com", POLICY, ASKED)


def test_where_policy_asks_for_signatures_every_file_that_was_merged_needs_its_own() -> None:
    asked = Reviewers(people=(ANN, BOB), share=0.5, adjudicators=("risk",), signed=True)
    found = [filed(ANN, PARTS[ANN]), filed(BOB, PARTS[BOB])]
    one = merged(found, BOB)
    files = {**signed(found[0], "ann"), **signed(found[1], "bob")}
    assert faults(one, found, files, asked) == ()
    assert faults(one, found, signed(found[0], "ann"), asked) == (f"the grades of {BOB}: {UNSIGNED}",)
    forged = {**files, **signed(found[0], "bob")}
    (reason,) = faults(one, found, forged, asked)
    assert reason == f"the grades of {ANN}: it speaks for {ANN}, but the key is {BOB}'s"
    alone = Reviewers(people=(ANN,), assign="split", signed=True)
    assert faults(filed(ANN, ["r1"]), [], {}, alone) == (f"the grades of {ANN}: {UNSIGNED}",)


def test_a_key_that_ends_takes_its_signatures_along() -> None:
    data = filed(ANN, ["r1"]).data
    sig = signature(data, "old", NAMESPACE)
    for now, told in ((NOW - timedelta(seconds=1), ()), (NOW, ("the key was valid until 2026-11-21T12:00:00Z",))):
        assert check_grades(data, sig, roster=ROSTER, reviewer=ANN, signers=SIGNERS, now=now) == told


def test_who_has_two_names_settles_no_disagreement_of_their_own() -> None:
    (shared, *_) = BOTH
    found = [filed(ANN, PARTS[ANN]), filed(BOB, PARTS[BOB], **{shared: "fail"}), filed("ann-at-work", [shared])]
    one = merged(found, "ann-at-work")
    assert one.grades.of(shared) == found[2].grades.of(shared)
    told = f"ann-at-work and {ANN} are one person: {ANN}"
    assert faults(one, found, policy=replace(POLICY, adjudicators=("product",))) == (told,)


def test_a_question_is_no_grade_of_what_was_assigned() -> None:
    asked = Reviewers(people=(ANN, BOB), share=1.0, adjudicators=(CY,))
    parts = assigned(ITEMS, asked, MANIFEST)
    found = [
        filed(ANN, parts[ANN], **dict.fromkeys(parts[ANN], "ask")),
        filed(BOB, parts[BOB]),
        filed(CY, parts[ANN]),
    ]
    one = merged(found, CY)
    assert {grade.grade for grade in one.grades.grades} == {"pass"}
    told = f"{len(parts[ANN])} of the {len(parts[ANN])} items assigned to {ANN} have no grade of theirs"
    assert faults(one, found, policy=asked) == (told,)


def test_who_only_settles_grades_nothing_of_the_reserve_alone() -> None:
    evidence = replace(EVIDENCE, reserve=({"id": "s1", "stratum": "audit"},))
    asked = replace(POLICY, adjudicators=(CY,))
    found = [filed(ANN, PARTS[ANN]), filed(BOB, PARTS[BOB]), filed(CY, ["s1"])]
    told = f"{CY} is no reviewer that policy names, and alone graded 's1'"
    for with_bob, expected in (([], (told,)), (["s1"], ())):
        files = [found[0], filed(BOB, [*PARTS[BOB], *with_bob]), found[2]]
        one = merged(files, CY)
        read = {part.digest: (part.data, part.grades) for part in (*files, one)}
        assert tuple(faults_of_several(one.digest, read, {}, evidence, asked, ASKED)) == expected


def test_where_policy_names_nobody_merged_grades_still_follow_from_what_they_name() -> None:
    found = [filed(ANN, ["r1"], r1="fail"), filed(BOB, ["r2"])]
    good = merged(found, BOB)
    softened = replace(good.grades, grades=tuple(Grade(item=one, grade="pass", reason="so") for one in ("r1", "r2")))
    for grades, told in ((good.grades, ()), (softened, ("the grade of 'r1' is not what its reviewers gave",))):
        one = Filed(data=render(grades), grades=grades)
        read = {part.digest: (part.data, part.grades) for part in (*found, one)}
        assert tuple(faults_of_merged(one.digest, read, {}, EVIDENCE)) == told
    read = {good.digest: (good.data, good.grades)}
    assert all("are not here" in fault for fault in faults_of_merged(good.digest, read, {}, EVIDENCE))
