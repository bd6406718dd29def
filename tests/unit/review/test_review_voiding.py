"""Whether a decision may stand on grades, as far as sealed seeds go."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from seed_world import KEY, Sealed, failures, made, policy, sealed

from twokey.canonical import dumps, loads, sha256
from twokey.config.review import Review, Reviewers, Seeds
from twokey.review.grades import Grades
from twokey.review.grades import render as render_grades
from twokey.review.seeds import render
from twokey.review.voiding import MOST_FILES, SeedCheck, SeedState, bundles_in, checked, openings_in


def digest(grades: Grades) -> str:
    return sha256(render_grades(grades))


def kept(world: Sealed, *grades: Grades, **more: bytes) -> dict[str, bytes]:
    """The files beside a decision: bundle, and the opening that was made when these grades were there."""
    files = {"seeds.json": world.data}
    if grades:
        files["seeds-opening.json"] = render(world.opening(*map(digest, grades)))
    return {**files, **{name.replace("_", "-") + ".json": data for name, data in more.items()}}


def judged(grades: Grades, files: dict[str, bytes], review: Review | None = None) -> SeedCheck:
    return checked(policy() if review is None else review, grades, digest(grades), files)


def test_without_seeds_in_policy_nothing_is_asked() -> None:
    grades = replace(sealed().graded(), seeds=None)
    for review in (None, Review()):
        found = checked(review, grades, digest(grades), {})
        assert (found.state, found.holds) == (SeedState.OFF, True)


def test_seeds_that_were_caught_are_counted() -> None:
    world, grades = sealed(), sealed().graded()
    found = judged(grades, kept(world, grades))
    assert (found.state, found.holds, found.reason) == (SeedState.COUNTED, True, "8 of 8 seeds caught")


def test_seeds_that_nobody_opened_wait_and_void_nothing() -> None:
    grades = sealed().graded()
    found = judged(grades, kept(sealed()))
    assert (found.state, found.holds) == (SeedState.SEALED, False)
    assert found.reason == "the seeds are not opened yet: twokey seeds open counts them"


def test_too_many_missed_are_void() -> None:
    world = sealed()
    grades = world.graded(dict.fromkeys(world.bad[:3], "pass"))
    found = judged(grades, kept(world, grades))
    assert (found.state, found.holds) == (SeedState.VOID, False)
    assert found.reason == "the review is void: 3 of 8 seeds were missed; policy voids it at 2"


def void(grades: Grades, files: dict[str, bytes], review: Review | None = None) -> str:
    found = judged(grades, files, review)
    assert found.state is SeedState.VOID
    assert not found.holds
    return found.reason


def test_grades_without_seeds_are_void_where_policy_has_seeds() -> None:
    world, grades = sealed(), replace(sealed().graded(), seeds=None)
    assert void(grades, kept(world, grades)) == (
        "policy asks for sealed seeds, and there were none among what was graded"
    )


def test_a_bundle_that_is_not_here_or_was_swapped_is_void() -> None:
    world, other, grades = sealed(), Sealed(made(key=KEY[::-1]), KEY[::-1]), sealed().graded()
    assert "is not here" in void(grades, {})
    assert "is not here" in void(grades, kept(other, grades))
    assert judged(grades, {**kept(world, grades), "seeds-2.json": other.data}).holds


def test_a_bundle_of_other_evidence_is_void() -> None:
    world = sealed()
    grades = replace(world.graded(), manifest="0" * 64)
    assert "is of other evidence" in void(grades, kept(world, grades))


@pytest.mark.parametrize("rules", [{"count": 9}, {"void_at": 1}, {"count": 50, "void_at": 2}])
def test_seeds_that_are_fewer_or_laxer_than_policys_are_void(rules: dict[str, int]) -> None:
    grades = sealed().graded()
    assert "the seeds are not those of policy" in void(grades, kept(sealed(), grades), policy(**rules))


def test_policys_own_rule_decides_and_a_stricter_bundle_is_as_good() -> None:
    world = sealed()
    grades = world.graded(dict.fromkeys(world.bad[:2], "pass"))
    assert judged(grades, kept(world, grades), policy(count=4, void_at=3)).state is SeedState.COUNTED


def test_an_opening_that_does_not_fit_opens_nothing() -> None:
    world, grades = sealed(), sealed().graded()
    said = loads(render(world.opening(digest(grades))), file="x")
    wrong = dumps({**said, "answers": [{**one, "bad": False, "why": ""} for one in said["answers"]]})
    assert judged(grades, {"seeds.json": world.data, "seeds-opening.json": wrong}).state is SeedState.SEALED


def test_grades_that_were_given_when_the_answers_were_known_are_void() -> None:
    world = sealed()
    before, after = world.graded(dict.fromkeys(world.bad, "pass")), world.graded()
    assert void(after, kept(world, before)) == (
        "the grades are not among those that were there when the seeds were opened"
    )


def test_a_second_opening_adds_nobody_to_those_who_did_not_know() -> None:
    world = sealed()
    before, after = world.graded(dict.fromkeys(world.bad, "pass")), world.graded()
    added = render(world.opening(digest(before), digest(after)))
    assert "when the seeds were opened" in void(after, kept(world, before, seeds_opening_2=added))


def test_seeds_that_were_left_out_are_void() -> None:
    world = sealed()
    grades = world.graded({world.bad[0]: "ask"})
    assert void(grades, kept(world, grades)) == "1 of 8 seeds are not graded"


def test_what_is_no_bundle_and_no_opening_says_nothing() -> None:
    world, grades = sealed(), sealed().graded()
    junk = {"seeds.json": b"{}", "seeds-2.json": b"\xff", "seeds-opening.json": b"[]", "seeds-x.json": world.data}
    assert bundles_in(junk) == {}
    assert openings_in(junk) == ()
    files: dict[str, Any] = {**junk, "seeds-3.json": world.data, "seeds-opening-2.json": render(world.opening())}
    assert set(bundles_in({**files, "seeds-4.json": object()})) == {world.digest}
    assert len(openings_in(files)) == 1
    assert "is not here" in void(grades, junk)


def test_of_many_files_only_the_first_are_read() -> None:
    files = {f"seeds-{n}.json": b"{}" for n in range(2, 2 + MOST_FILES)}
    assert set(bundles_in({**files, "seeds.json": sealed().data})) == {sealed().digest}
    assert bundles_in({**files, "seeds-99.json": sealed().data}) == {}


PEOPLE = Review(seeds=Seeds(), reviewers=Reviewers(people=("ann@example.com", "bob@example.com")))


def merged(*sources: Grades) -> Grades:
    return replace(sources[0], reviewer="lee@example.com", grades=(), sources=tuple(map(digest, sources)))


def several(*sources: Grades, review: Review = PEOPLE, lost: bool = False) -> SeedCheck:
    grades = merged(*sources)
    others = {digest(one): one for one in sources[int(lost) :]}
    return checked(review, grades, digest(grades), kept(sealed(), *sources), others)


def test_merged_grades_stand_where_the_worst_of_their_sources_stands() -> None:
    world = sealed()
    ann, bob = world.graded(reviewer="ann@example.com"), world.graded(reviewer="bob@example.com")
    blind = world.graded(dict.fromkeys(world.bad, "pass"), reviewer="bob@example.com")
    assert several(ann, bob).state is SeedState.COUNTED
    assert several(ann, blind).state is SeedState.VOID
    assert several(blind, ann).state is SeedState.VOID


def test_who_only_settles_disagreements_sees_no_seeds_and_is_not_counted() -> None:
    world = sealed()
    ann, bob = world.graded(reviewer="ann@example.com"), world.graded(reviewer="bob@example.com")
    judge = replace(world.graded(reviewer="lee@example.com"), seeds=None, grades=())
    assert several(ann, bob, judge).state is SeedState.COUNTED
    assert several(judge).state is SeedState.VOID
    assert several(ann, replace(judge, reviewer="bob@example.com")).state is SeedState.VOID


def test_merged_grades_whose_sources_are_gone_are_void() -> None:
    ann, bob = (sealed().graded(reviewer=f"{name}@example.com") for name in ("ann", "bob"))
    assert "are not here" in several(ann, bob, lost=True).reason


def test_merged_grades_that_name_another_bundle_are_void() -> None:
    ann = sealed().graded(reviewer="ann@example.com")
    grades = replace(merged(ann), seeds="0" * 64)
    found = checked(PEOPLE, grades, digest(grades), kept(sealed(), ann), {digest(ann): ann})
    assert (found.state, "another bundle" in found.reason) == (SeedState.VOID, True)


def test_flipping_any_byte_of_the_opening_never_helps() -> None:
    world = sealed()
    blind = world.graded(dict.fromkeys(world.bad, "pass"))
    files = kept(world, blind)
    data = files["seeds-opening.json"]
    for place in range(0, len(data), 7):
        bent = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert not judged(blind, {**files, "seeds-opening.json": bent}).holds


def test_a_past_failure_that_is_none_can_be_seen_once_it_is_opened() -> None:
    world = Sealed(made(past=failures(8)))
    grades = world.graded({world.bad[0]: "pass"})
    found = judged(grades, {"seeds.json": world.data, "seeds-opening.json": render(world.opening(digest(grades)))})
    assert found.count is not None
    assert [msgspec.structs.asdict(one)["origin"] for one in found.count.told] == ["past"]
