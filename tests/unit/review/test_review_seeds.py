"""Bundle, opening and recount: what is counted, and what is refused."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from seed_world import KEY, Sealed, evidence, failures, graded, made, sealed

from twokey.canonical import dumps, loads, sha256
from twokey.config.review import Seeds
from twokey.errors import TwokeyError
from twokey.review.grades import GradeValue
from twokey.review.grades import render as render_grades
from twokey.review.recounting import SeedCount, parse_grades, recount, tally, to_grade, without_seeds
from twokey.review.sealed import locked, made_with, opened
from twokey.review.seeds import fault_of, parse_bundle, parse_opening, render
from twokey.stats.intervals import clopper_pearson
from twokey.stats.seeds import survival


def counted(found: SeedCount | str) -> SeedCount:
    assert isinstance(found, SeedCount), found
    return found


def changed(data: bytes, **parts: Any) -> bytes:
    return dumps({**loads(data, file="x"), **parts})


def test_an_attentive_reviewer_catches_all() -> None:
    world = sealed()
    found = counted(recount(world.data, render(world.opening()), world.graded()))
    assert (found.caught, found.missed, found.false_alarms, found.total, found.decoys) == (8, 0, 0, 8, 4)
    assert not found.void
    assert found.sentence == "8 of 8 seeds caught"


@pytest.mark.parametrize(
    ("value", "caught"),
    [("fail", True), ("edit", True), ("escalate", True), ("pass", False), ("bad-reference", False)],
)
def test_a_seed_is_caught_where_the_output_is_not_let_through(value: GradeValue, caught: bool) -> None:
    world = sealed()
    found = counted(recount(world.data, render(world.opening()), world.graded({world.bad[0]: value})))
    assert found.missed == (not caught)
    assert [one.id for one in found.told] == ([] if caught else [world.bad[0]])


def test_a_question_is_no_grade() -> None:
    world = sealed()
    found = counted(recount(world.data, render(world.opening()), world.graded({world.bad[0]: "ask"})))
    assert (found.missed, found.ungraded, found.sentence) == (0, 1, "7 of 8 seeds caught, 1 not graded")


def test_who_fails_everything_is_told_of_the_good_ones() -> None:
    world = sealed()
    found = counted(recount(world.data, render(world.opening()), world.graded(dict.fromkeys(world.good, "fail"))))
    assert not found.void
    assert found.sentence == "8 of 8 seeds caught, 4 of 4 good ones failed"


def test_two_missed_void_the_review_and_one_does_not() -> None:
    world = sealed()
    for missed, void in ((1, False), (2, True), (8, True)):
        grades = world.graded(dict.fromkeys(world.bad[:missed], "pass"))
        assert counted(recount(world.data, render(world.opening()), grades)).void is void


def test_what_was_missed_is_told_so_that_people_can_see_whether_it_is_bad() -> None:
    world = Sealed(made(past=failures(8)))
    found = counted(recount(world.data, render(world.opening()), world.graded({world.bad[0]: "pass"})))
    (told,) = found.told
    assert told.origin == "past"
    assert told.why.startswith("took parcel ")


def test_a_bundle_that_was_swapped_after_grading_is_not_counted() -> None:
    world, other = sealed(), Sealed(made(key=KEY[::-1]), KEY[::-1])
    assert recount(other.data, render(other.opening()), world.graded()) == (
        f"the grades name another bundle of seeds: {world.digest[:12]}, not {other.digest[:12]}"
    )


def test_grades_that_name_no_bundle_are_not_counted() -> None:
    world = sealed()
    grades = replace(world.graded(), seeds=None)
    assert recount(world.data, render(world.opening()), grades) == (
        f"the grades name another bundle of seeds: none, not {world.digest[:12]}"
    )


def test_a_bundle_of_other_evidence_is_not_counted() -> None:
    world = sealed()
    grades = replace(world.graded(), manifest="0" * 64)
    assert recount(world.data, render(world.opening()), grades) == (
        "the bundle of seeds is of other evidence than the grades"
    )


def test_an_opening_of_another_bundle_does_not_fit() -> None:
    world, other = sealed(), Sealed(made(key=KEY[::-1]), KEY[::-1])
    assert "it opens another bundle" in str(recount(world.data, render(other.opening()), world.graded()))


def forged(opening: bytes, world: Sealed) -> dict[str, bytes]:
    said = loads(opening, file="x")
    answers = said["answers"]
    bad = next(number for number, one in enumerate(answers) if one["bad"])

    def with_answer(**parts: Any) -> bytes:
        rows = [{**one, **parts} if number == bad else one for number, one in enumerate(answers)]
        return dumps({**said, "answers": rows})

    return {
        "a bad one is called good": with_answer(bad=False),
        "another reason": with_answer(why="all is well"),
        "another row": with_answer(row="0" * 64),
        "another id": with_answer(id="ticket-9999"),
        "one left out": dumps({**said, "answers": answers[1:]}),
        "another salt": dumps({**said, "salt": "0" * 64}),
        "other evidence": dumps({**said, "manifest": "0" * 64}),
        "another bundle": dumps({**said, "seeds": sha256(world.data + b" ")}),
    }


@pytest.mark.parametrize("how", sorted(forged(render(sealed().opening()), sealed())))
def test_an_opening_that_was_altered_does_not_fit(how: str) -> None:
    world = sealed()
    found = recount(world.data, forged(render(world.opening()), world)[how], world.graded())
    assert str(found).startswith("the opening does not fit the bundle of seeds: ")


def test_a_bundle_whose_key_holder_says_that_more_is_bad_than_is_does_not_count() -> None:
    world = sealed()
    answers = [msgspec.structs.replace(one, bad=False) for one in world.opening().answers]
    bundle = locked(world.bundle.manifest, KEY, world.bundle.rule, world.bundle.items, [], answers)
    with pytest.raises(TwokeyError, match="not as many bad items as the bundle says"):
        opened(bundle, sha256(render(bundle)), KEY, ())


def altered(world: Sealed) -> Mapping[str, bytes]:
    said = loads(world.data, file="x")
    rows, practice = said["items"], said["practice"]
    return {
        "an item's output": dumps({**said, "items": [{**rows[0], "output": "obviously wrong"}, *rows[1:]]}),
        "practice": dumps({**said, "practice": [{**practice[0], "feedback": "pass all"}, *practice[1:]]}),
        "the rule": dumps({**said, "rule": {"bad": 8, "decoys": 4, "void_at": 8}}),
        "the commitment": dumps({**said, "commitment": "0" * 64}),
    }


@pytest.mark.parametrize("what", sorted(altered(sealed())))
def test_a_bundle_that_was_altered_fits_no_opening_and_the_key_opens_it_no_more(what: str) -> None:
    world, data = sealed(), altered(sealed())[what]
    bundle, digest = parse_bundle(data), sha256(data)
    assert fault_of(bundle, digest, msgspec.structs.replace(world.opening(), seeds=digest)) is not None
    with pytest.raises(TwokeyError, match="is not what was sealed"):
        opened(bundle, digest, KEY, ())


def test_nothing_in_the_bundle_says_which_items_are_bad() -> None:
    world = sealed()
    text = dumps({**loads(world.data, file="x"), "practice": []}).decode()
    for one in world.opening().answers:
        assert one.row not in text
        assert not one.bad or one.why not in text
    assert len({frozenset(row) for row in world.bundle.items}) == 1
    assert [row["id"] for row in world.bundle.items] == sorted(row["id"] for row in world.bundle.items)


def test_only_the_key_that_sealed_it_opens_it() -> None:
    world = sealed()
    with pytest.raises(TwokeyError, match="was not sealed with this key"):
        opened(world.bundle, world.digest, KEY[::-1], ())
    with pytest.raises(TwokeyError, match="was not sealed with this key"):
        opened(msgspec.structs.replace(world.bundle, nonce="0" * 64), world.digest, KEY, ())


def test_a_salt_tells_nothing_of_another_bundle_of_the_same_key() -> None:
    world, other = sealed(), Sealed(made(past=failures(3)))
    again = msgspec.structs.replace(other.opening(), salt=world.opening().salt)
    assert world.opening().salt != other.opening().salt
    assert fault_of(other.bundle, other.digest, again) is not None


def test_two_bundles_that_differ_in_their_answers_alone_share_no_salt() -> None:
    bundle, answers = sealed().bundle, sealed().opening().answers
    other = [msgspec.structs.replace(one, why="another reason") for one in answers]
    again = [locked(bundle.manifest, KEY, bundle.rule, bundle.items, bundle.practice, one) for one in (answers, other)]
    assert again[0] == bundle
    assert again[0].nonce != again[1].nonce


def test_adding_grades_to_an_opening_is_seen_by_whoever_has_the_key() -> None:
    opening = sealed().opening("1" * 64)
    assert made_with(opening, KEY)
    assert not made_with(msgspec.structs.replace(opening, grades=["1" * 64, "2" * 64]), KEY)
    assert not made_with(opening, KEY[::-1])


def test_bundle_and_opening_come_back_as_they_were_written() -> None:
    world = sealed()
    assert parse_bundle(world.data) == world.bundle
    assert parse_opening(render(world.opening("1" * 64))) == world.opening("1" * 64)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"extra": 1}, "unknown field `extra`"),
        ({"type": "urn:twokey:seeds:v2"}, "Invalid enum value"),
        ({"rule": {"bad": 8, "decoys": 4, "void_at": 2, "more": 1}}, "unknown field `more`"),
        ({"rule": {"bad": 7, "decoys": 4, "void_at": 2}}, "do not fit its rule"),
        ({"rule": {"bad": 8, "decoys": 4, "void_at": 9}}, "do not fit its rule"),
        ({"rule": {"bad": True, "decoys": 4, "void_at": 2}}, "Expected `int`"),
        ({"commitment": "A" * 64}, "Expected `str` matching"),
        ({"items": [{"id": 1, "stratum": "audit"}] * 12}, "holds what is no item"),
        ({"items": [{"id": "a", "stratum": "audit"}] * 12}, "stands twice"),
        ({"items": [{"id": f"a{n}", "stratum": "audit", "bad": True} for n in range(12)]}, "says what it is"),
        ({"practice": [{"id": "p", "stratum": "practice"}]}, "practice needs an answer"),
        ({"practice": [{"id": f"p{n}", "stratum": "x"} for n in range(6)]}, "length <= 5"),
        ({"box": "xyz"}, "Expected `str` matching"),
    ],
)
def test_what_is_no_bundle_is_refused(parts: dict[str, Any], told: str) -> None:
    with pytest.raises(TwokeyError, match=told):
        parse_bundle(changed(sealed().data, **parts))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"extra": 1}, "unknown field `extra`"),
        ({"salt": ""}, "Expected `str` matching"),
        ({"answers": [{"id": "a"}]}, "missing required field"),
        ({"grades": ["x"]}, "Expected `str` matching"),
    ],
)
def test_what_is_no_opening_is_refused(parts: dict[str, Any], told: str) -> None:
    with pytest.raises(TwokeyError, match=told):
        parse_opening(changed(render(sealed().opening()), **parts))


def test_oversized_and_doubled_json_is_refused() -> None:
    with pytest.raises(TwokeyError, match="allowed"):
        parse_opening(b" " * (1024 * 1024 + 1))
    with pytest.raises(TwokeyError, match="appears twice"):
        parse_bundle(sealed().data.replace(b'"nonce"', b'"box"', 1))


def test_seeds_may_be_graded_only_by_naming_their_bundle() -> None:
    world = sealed()
    bundles, rows = {world.digest: world.bundle}, evidence().items
    grades = world.graded()
    assert parse_grades(render_grades(grades), "grades.json", rows, bundles).seeds == world.digest
    with pytest.raises(TwokeyError, match="is not in this review bundle"):
        parse_grades(render_grades(replace(grades, seeds=None)), "grades.json", rows, bundles)
    with pytest.raises(TwokeyError, match="names a bundle of seeds that is not here"):
        parse_grades(render_grades(grades), "grades.json", rows, {})


def test_grades_are_complete_with_the_seeds_and_estimates_are_made_without_them() -> None:
    world = sealed()
    bundles, rows = {world.digest: world.bundle}, evidence().items
    grades = world.graded().with_grade(graded(str(rows[0]["id"]), "pass"))
    assert len(to_grade(rows, grades, bundles)) == len(rows) + 12
    assert to_grade(rows, replace(grades, seeds=None), bundles) == rows
    assert to_grade(rows, replace(grades, sources=("0" * 64,)), bundles) == rows
    assert [one.item for one in without_seeds(grades, bundles).grades] == [rows[0]["id"]]


@pytest.mark.parametrize("sensitivity", [0.0, 0.5, 0.8, 0.95])
def test_simulated_reviewers_survive_at_the_stated_rate(sensitivity: float) -> None:
    reviews, chance, world = 2_000, random.Random(7), sealed()
    opening, bad, nothing = world.opening(), world.bad, replace(world.graded(), grades=())
    survived = 0
    for _ in range(reviews):
        missed = {id_: "pass" for id_ in bad if chance.random() >= sensitivity}
        given = tuple(graded(id_, "pass" if id_ in missed else "fail") for id_ in bad)
        survived += not tally(opening.answers, replace(nothing, grades=given), 2).void
    known = clopper_pearson(survived, reviews, 1 - 1e-6)
    assert known.low <= survival(sensitivity, 8, 2) <= known.high


def test_a_rule_of_one_seed_can_be_sealed() -> None:
    world = Sealed(made(Seeds(count=1, decoys=0, void_at=1, practice=0)))
    assert (len(world.bundle.items), world.bundle.practice, len(world.bad)) == (1, [], 1)
