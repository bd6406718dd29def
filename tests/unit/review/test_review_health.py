import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twokey.canonical import dumps
from twokey.review import AUDITED
from twokey.review.grades import Grade, Grades, GradeValue, wants_reason
from twokey.review.health import Health, floor_seconds, health, median
from twokey.review.order import presented

MANIFEST = "a" * 64


@dataclass(frozen=True, slots=True)
class Counted:
    total: int
    caught: int
    missed: int = 0

    @property
    def sentence(self) -> str:
        return f"{self.caught} of {self.total} seeds caught"


def item(number: int, stratum: str = AUDITED, words: int = 20) -> dict[str, Any]:
    return {"id": f"r{number}", "stratum": stratum, "rank": number + 1, "input": "word " * words, "output": "billing"}


def grade(number: int, value: GradeValue = "pass", **more: Any) -> Grade:
    more.setdefault("seconds", 20)
    more.setdefault("reason", "" if value == "pass" else f"reason {number}")
    return Grade(
        item=f"r{number}",
        grade=value,
        severity="low" if value == "fail" else None,
        correction="x" if value == "edit" else None,
        **more,
    )


def looked(grades: Sequence[Grade], items: Sequence[dict[str, Any]] | None = None, **more: Any) -> Health:
    rows = [item(number) for number in range(len(grades))] if items is None else items
    return health(Grades(manifest=MANIFEST, reviewer="ann@example.com", grades=tuple(grades)), rows, **more)


def explained(number: int) -> str:
    """A reason where a pass wants one."""
    return "as the handbook has it" if wants_reason(MANIFEST, f"r{number}") else ""


def honest(count: int = 59) -> list[Grade]:
    """Every ninth fails for a reason of its own, and nobody hurries."""
    return [
        grade(n, "fail") if n % 9 == 4 else grade(n, reason=explained(n), seconds=10 + n % 30) for n in range(count)
    ]


def test_an_honest_review_raises_no_flag_and_is_told_in_numbers() -> None:
    made = looked(honest(), seeds=Counted(total=4, caught=4))
    assert made.flags == ()
    assert made.facts["seeds"] == {"total": 4, "caught": 4, "missed": 0, "sentence": "4 of 4 seeds caught"}
    assert made.facts["time"] == {"measured": True, "median_seconds": 22, "total_seconds": 1404, "under_floor": 0}
    assert made.facts["passed"] == {"items": 52, "of": 59}
    assert "4 of 4 seeds caught" in made.sentences
    assert "active time: median 22 s an item, 23 min in all; 0 of 59 quicker than anybody reads" in made.sentences


def test_it_is_plain_json_and_holds_no_words_of_a_reason() -> None:
    made = looked([grade(n, "fail", reason="Jane Doe is named") for n in range(9)])
    assert json.loads(dumps(made.plain()))["flags"] == list(made.flags)
    assert "jane" not in str(made.plain()).lower()


def test_seeds_that_were_passed_are_a_flag() -> None:
    made = looked(honest(), seeds=Counted(total=8, caught=5, missed=2))
    assert made.flags == ("2 of 8 known-bad items were let through",)


def test_without_seeds_nothing_is_said_of_them() -> None:
    assert "seeds" not in looked(honest()).facts
    assert "seeds" not in looked(honest(), seeds=Counted(total=0, caught=0)).facts


def test_a_floor_grows_with_what_has_to_be_read_and_never_lies_under_two_seconds() -> None:
    assert floor_seconds({"input": "short", "output": "billing"}) == 2
    assert floor_seconds({"input": "word " * 150, "output": {"reply": "word " * 150}}) == 20
    assert floor_seconds({"input": "short", "output": "billing", "context": "word " * 3000}) == 2


def test_who_is_quicker_than_anybody_reads_is_flagged_and_a_single_slip_is_not() -> None:
    hurried = looked([grade(n, reason=explained(n), seconds=1) for n in range(30)])
    assert hurried.flags[0].startswith("30 of 30 items were graded quicker than anybody reads them (median 1 s an item")
    slip = [grade(n, reason=explained(n), seconds=1 if n == 3 else 15) for n in range(30)]
    assert looked(slip).facts["time"]["under_floor"] == 1
    assert looked(slip).flags == ()


def test_where_nobody_knows_what_there_was_to_read_nobody_is_said_to_have_read_it() -> None:
    kept = [{"id": f"r{n}", "stratum": AUDITED} for n in range(30)]
    made = looked([grade(n, reason=explained(n), seconds=3) for n in range(30)], kept)
    (told,) = (sentence for sentence in made.sentences if sentence.startswith("active time"))
    assert told.endswith("0 of 30 under 2 s; what there was to read is not here")


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    assert (median([9, 1, 5]), median([4, 1, 9, 2]), median([7])) == (5, 3, 7)


def test_time_that_nobody_measured_is_no_time_of_nought() -> None:
    made = looked([grade(n, reason=explained(n), seconds=0) for n in range(30)])
    assert made.flags == ("no active time was measured for any grade",)
    assert made.facts["time"] == {"measured": False}


def in_order(number: int) -> list[int]:
    """The items' numbers in the order in which a reviewer meets them."""
    met = presented([{**item(n), "number": n} for n in range(number)], (), MANIFEST)
    return [row["number"] for row in met]


def test_a_run_that_order_does_not_explain_is_flagged_and_passing_everything_is_not() -> None:
    half = [grade(n, "fail" if at < 25 else "pass", reason=f"why {n}") for at, n in enumerate(in_order(50))]
    found = looked(half)
    assert "25 grades in a row are fail" in found.flags[0]
    assert found.facts["longest_run"] == {"length": 25, "grade": "fail"}
    by_turns = [grade(n, "fail" if at % 2 else "pass", reason=f"why {n}") for at, n in enumerate(in_order(50))]
    assert looked(by_turns).facts["longest_run"]["length"] == 1
    assert looked([grade(n, reason=explained(n)) for n in range(50)]).flags == ()


def test_evidence_that_a_store_kept_shows_the_same_runs() -> None:
    half = [grade(n, "fail" if at < 25 else "pass", reason=f"why {n}") for at, n in enumerate(in_order(50))]
    kept = [{"id": f"r{n}", "stratum": AUDITED} for n in range(50)]
    assert looked(half, kept).facts["longest_run"] == looked(half).facts["longest_run"]


def test_a_review_without_a_failure_says_what_that_can_and_cannot_show() -> None:
    made = looked([grade(n, reason=explained(n)) for n in range(50)])
    assert made.facts["passed"] == {"items": 50, "of": 50}
    said = next(sentence for sentence in made.sentences if sentence.startswith("50 of 50 passed"))
    assert "a careful reviewer passes all in 36% of reviews" in said
    assert made.flags == (), "it is no objective, and nobody is to be told off for it"


def test_changes_after_the_reveal_are_told_with_their_direction_and_flagged_where_they_are_many() -> None:
    def graded(every: int) -> list[Grade]:
        """Each so many-th was changed: the first of them from a failure, the others to one."""
        return [
            grade(n, reason=explained(n))
            if n % every
            else grade(n, "fail" if n else "pass", reason=f"why {n}", revised_from=("pass",) if n else ("fail",))
            for n in range(20)
        ]

    few, many = looked(graded(5)), looked(graded(4))
    assert few.facts["revised"] == {"items": 4, "to_failure": 3, "from_failure": 1}
    assert few.flags == ()
    assert many.flags == ("5 of 20 grades changed after the machine's opinion was shown: 4 to a failure, 1 from one",)


def test_it_is_the_first_grade_before_the_reveal_that_counts() -> None:
    made = looked([grade(0, "fail", revised_from=("fail", "pass"))])
    assert made.facts["revised"] == {"items": 1, "to_failure": 0, "from_failure": 0}


def test_a_reviewer_who_is_unsure_of_much_says_so_and_is_heard() -> None:
    graded = [grade(n, reason=explained(n), certainty="low" if n < 10 else "high") for n in range(20)]
    assert looked(graded).flags == ("the reviewer is unsure of 10 of the 20 grades given with a certainty",)
    assert "certainty" not in looked(honest()).facts


def test_passing_another_label_than_the_expected_one_wants_a_word() -> None:
    rows = [{**item(n), "expected": "delivery" if n < 3 else "billing"} for n in range(9)]
    told = looked([grade(n, reason="the reference is old" if n == 1 else explained(n)) for n in range(9)], rows)
    silent = sum(not explained(n) for n in (0, 2))
    assert told.facts["against_expected"] == {"passed": 3, "without_reason": silent}
    assert told.flags == (f"{silent} of 3 passes of a label that is not the expected one have no reason",)
    texts = [{**row, "output": "a long answer " * 9} for row in rows]
    assert "against_expected" not in looked([grade(n, reason=explained(n)) for n in range(9)], texts).facts


def test_one_reason_for_everything_is_flagged_however_it_is_written() -> None:
    graded = [grade(n, "fail", reason=("Wrong.", "wrong ", "WRONG!")[n % 3]) for n in range(9)]
    made = looked(graded)
    assert made.facts["reasons"] == {"given": 9, "different": 1, "most_alike": 9}
    assert made.flags == ("one reason stands word for word on 9 of 9 items with a reason",)
    assert looked([grade(n, "fail") for n in range(9)]).flags == ()


def test_passes_that_were_to_be_explained_and_are_not_are_flagged() -> None:
    silent = [number for number in range(40) if wants_reason(MANIFEST, f"r{number}")]
    assert silent
    made = looked([grade(n) for n in range(40)])
    assert made.facts["explained"] == {"asked": len(silent), "missing": len(silent)}
    assert made.flags == (f"{len(silent)} of {len(silent)} passes that were to be explained have no reason",)


def test_grades_of_other_items_do_not_count_and_no_grade_at_all_is_no_fault() -> None:
    made = looked([grade(n, seconds=1) for n in range(30)], [])
    assert (made.facts, made.flags, made.sentences) == ({"graded": 0}, (), ())
