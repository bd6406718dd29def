from typing import Any

import pytest

from twokey.config.review import Review
from twokey.config.shape import Limit
from twokey.gates.limits import Measured, counted, judge_limit, proportion
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.review.auditing import audit_facts
from twokey.review.compared import audited, since_baseline, to_grade, weakest

BOOKS = Books(total=1000, scored=1000)


def quality(*metrics: Metric) -> tuple[GateResult, ...]:
    return (conclude_gate("quality", BOOKS, metrics),)


def accuracy(k: int, n: int = 1000, part: str | None = None, before: int | None = None) -> Metric:
    found = Measured(estimate=proportion(k, n), baseline=None if before is None else proportion(before, n))
    return judge_limit("accuracy", found, None if part else Limit(min=0.5), BOOKS, part=part)


def review(**facts: Any) -> tuple[GateResult, ...]:
    chosen = Metric(name="selection", status=Status.PASS, reason="chosen", books=BOOKS, estimate=counted(1, 1))
    return (conclude_gate("review", BOOKS, [chosen], facts=facts),)


def test_what_moved_since_the_baseline_is_told_with_what_was_mended_and_broken() -> None:
    found = Measured(
        estimate=proportion(950, 1000),
        baseline=proportion(940, 1000),
        facts={"pairs": {"fixed": 30, "broken": 20, "n": 1000}},
    )
    metric = judge_limit("accuracy", found, Limit(min=0.5), BOOKS)
    assert list(since_baseline(quality(metric))) == [
        "accuracy was 0.94 and is 0.95: 30 answers mended and 20 broken, of 1,000 cases in both"
    ]


def test_what_stayed_is_said_to_have_stayed_and_what_has_no_baseline_is_left_out() -> None:
    assert list(since_baseline(quality(accuracy(900, before=900)))) == ["accuracy is 0.9, as before"]
    assert list(since_baseline(quality(accuracy(900)))) == []


def test_a_number_with_a_unit_keeps_it() -> None:
    found = Measured(estimate=counted(124, 1000), baseline=counted(106, 1000), unit="ms")
    results = quality(judge_limit("latency_p95_ms", found, Limit(max=500), BOOKS))
    assert list(since_baseline(results)) == ["latency_p95_ms was 106 ms and is 124 ms"]


def test_only_what_is_judged_or_always_matters_is_compared() -> None:
    found = Measured(estimate=proportion(1, 2), baseline=proportion(1, 4))
    shown, named = (judge_limit(name, found, None, BOOKS) for name in ("f1_macro", "hallucination_rate"))
    told = list(since_baseline(quality(accuracy(900), shown, named)))
    assert told == ["hallucination_rate was 0.25 and is 0.5"]


def test_the_weakest_part_of_each_group_is_told_worst_group_first() -> None:
    parts = [
        accuracy(95, 100, "channel=chat"),
        accuracy(80, 100, "channel=phone"),
        accuracy(70, 100, "language=en"),
        accuracy(90, 100, "language=de"),
    ]
    told = list(weakest(quality(accuracy(900), *parts)))
    assert [text.split(":")[0] for text in told] == [
        "accuracy is least where language=en",
        "accuracy is least where channel=phone",
    ]
    assert told[1] == (
        "accuracy is least where channel=phone: 0.8 (95% interval 0.708 to 0.873, n=100), and 0.9 over all"
    )


@pytest.mark.parametrize("parts", [[], [("channel=chat", 90)], [("channel=chat", 90), ("channel=mail", 90)]])
def test_where_parts_do_not_differ_none_is_the_weakest(parts: list[tuple[str, int]]) -> None:
    assert list(weakest(quality(accuracy(900), *(accuracy(k, 100, part) for part, k in parts)))) == []


def test_items_are_counted_by_why_they_are_shown_in_a_fixed_order_and_an_unknown_why_is_told_as_it_is() -> None:
    items = {"a": "audit", "b": "low-confidence", "c": "flip", "d": "of-tomorrow", "e": "audit", "f": "impact"}
    assert to_grade(review(items=items)) == (
        "6 items (1 least confident, 1 of high impact, 1 changed sides since the baseline, 2 drawn at random,"
        " 1 of-tomorrow)"
    )
    assert to_grade(review(items={})) == to_grade(()) == ""


def test_the_audit_says_what_passes_it_and_how_often_a_worse_release_would() -> None:
    rules = Review(audit=59, max_failure_rate=0.05)
    facts = audit_facts(rules, 1950, 2000)
    told = list(audited(review(audited=59, not_shown=1950, audit=facts)))
    assert told[0] == "59 of the 1,950 outputs that nobody is shown otherwise are drawn at random"
    assert told[1] == "up to 0 failures among 59 items show that at most 5% of all outputs fail, at a risk of 5%"
    curve = {row["failing"]: row["passes"] for row in facts["operating_curve"]}
    assert told[2].startswith("the chance that a release passes this audit, if none of the items shown fails: ")
    assert f", {curve[0.02]:.0%} where 2% of its outputs fail, " in told[2]


def test_further_stages_are_told_with_what_they_add() -> None:
    facts = audit_facts(Review(max_failure_rate=0.05, stages=2), 1950, 2000)
    told = list(audited(review(audited=facts["stages"][0]["items"], not_shown=1950, audit=facts)))
    more = facts["stages"][1]
    assert (
        f"should that not do, {more['items']} more can be drawn: up to {more['passes_with']} failure among" in told[2]
    )


def test_an_audit_that_cannot_show_what_policy_claims_says_so() -> None:
    facts = audit_facts(Review(audit=10, max_failure_rate=0.05), 1950, 2000)
    told = list(audited(review(audited=10, not_shown=1950, audit=facts)))
    assert told[1:] == [
        "no result among 10 items can show that at most 5% of all outputs fail, at a risk of 5%: audit: 58 would do"
    ]
    assert facts["operating_curve"] == []
    enough = audit_facts(Review(audit=58, max_failure_rate=0.05), 1950, 2000)
    assert enough["stages"][0]["passes_with"] == 0
    assert audit_facts(Review(audit=57, max_failure_rate=0.05), 1950, 2000)["stages"][0]["passes_with"] == -1


def test_without_an_audit_nothing_is_said_of_it() -> None:
    assert list(audited(review(audited=0, not_shown=5))) == list(audited(())) == []
