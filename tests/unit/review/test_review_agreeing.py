import pytest

from twokey.review.agreeing import agreeing
from twokey.review.grades import Grade, Grades, GradeValue
from twokey.stats.agreement import agreement
from twokey.stats.intervals import clopper_pearson

ANN, BOB, CY = "ann@example.com", "bob@example.com", "cy@example.com"


def grades(reviewer: str, given: dict[str, GradeValue]) -> Grades:
    rows = [
        Grade(
            item=item,
            grade=value,
            reason="so",
            severity="low" if value == "fail" else None,
            correction="that" if value == "edit" else None,
        )
        for item, value in given.items()
    ]
    return Grades(manifest="a" * 64, reviewer=reviewer, grades=tuple(rows))


def pairs(*counted: tuple[int, GradeValue, GradeValue]) -> tuple[Grades, Grades]:
    given = [(one, two) for count, one, two in counted for _ in range(count)]
    ann: dict[str, GradeValue] = {f"r{n}": one for n, (one, _) in enumerate(given)}
    bob: dict[str, GradeValue] = {f"r{n}": two for n, (_, two) in enumerate(given)}
    return grades(ANN, ann), grades(BOB, bob)


def test_at_ninety_four_in_a_hundred_with_rare_failures_kappa_misleads_and_ac1_does_not() -> None:
    found = agreeing(
        pairs((92, "pass", "pass"), (2, "fail", "edit"), (3, "pass", "fail"), (3, "edit", "bad-reference"))
    )
    assert found is not None
    facts = found.plain()
    assert (facts["items"], facts["agreed"], facts["raw"]) == (100, 94, 0.94)
    assert facts["kappa"] == pytest.approx(0.37, abs=5e-3)
    assert facts["ac1"] == pytest.approx(0.93, abs=5e-3)
    assert found.sentence == (
        f"{ANN} and {BOB} agree on 94 of the 100 items that more than one graded:"
        " 94.0% (87.4% to 97.8%, 95%); Gwet's AC1 0.93"
    )


def test_severities_and_kinds_of_failure_are_left_aside_and_what_is_left_open_is_an_answer_of_its_own() -> None:
    found = agreeing(
        pairs((1, "fail", "edit"), (1, "pass", "bad-reference"), (1, "escalate", "ask"), (1, "ask", "pass"))
    )
    assert found is not None
    assert (found.items, found.agreed) == (4, 3)


def test_only_items_that_several_graded_count_and_seeds_do_not() -> None:
    one, two = grades(ANN, {"r1": "pass", "r2": "pass", "s1": "fail"}), grades(BOB, {"r1": "pass", "s1": "fail"})
    found = agreeing([two, one], seeds={"s1"})
    assert found is not None
    assert (found.reviewers, found.items) == ((ANN, BOB), 1)
    assert agreeing([one]) is None
    assert agreeing([grades(ANN, {"r1": "pass"}), grades(BOB, {"r2": "pass"})]) is None


def test_three_reviewers_in_changing_pairs_have_ac1_and_no_kappa() -> None:
    found = agreeing(
        [
            grades(ANN, {"r1": "pass", "r2": "pass", "r4": "pass"}),
            grades(BOB, {"r1": "pass", "r3": "fail", "r4": "pass"}),
            grades(CY, {"r2": "fail", "r3": "fail", "r4": "pass"}),
        ]
    )
    assert found is not None
    assert (found.items, found.agreed) == (4, 3)
    assert found.found.interval == clopper_pearson(3, 4)
    assert "kappa" not in found.plain()
    failed = (0 + 0.5 + 1 + 0) / 4
    chance = 2 * failed * (1 - failed)
    assert found.found.ac1 == pytest.approx((0.75 - chance) / (1 - chance))
    assert "3 reviewers agree on 3 of the 4 items" in found.sentence


def test_two_people_counted_by_case_or_by_pair_agree_alike() -> None:
    both = pairs((7, "pass", "pass"), (2, "fail", "fail"), (1, "pass", "fail"))
    found = agreeing(both)
    assert found is not None
    assert found.found == agreement({("not failed",) * 2: 7, ("failed",) * 2: 2, ("not failed", "failed"): 1})
