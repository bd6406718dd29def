"""What grades say of detectors, judge and threshold: counts with exact intervals, and nothing silently applied."""

from typing import Any

from twokey.review.grades import Grade
from twokey.review.learning import Settled
from twokey.review.learning_report import report
from twokey.review.recalibrating import Recalibration, Share, recalibrated
from twokey.stats.intervals import clopper_pearson

FAIL = Grade(item="r", grade="fail", severity="low", reason="no")
PASS = Grade(item="r", grade="pass")


def some(count: int, *, failed: bool, stratum: str = "low-confidence", start: int = 0, **fields: Any) -> list[Settled]:
    return [
        Settled(item={"id": f"r{start + number}", "stratum": stratum, **fields}, grade=FAIL if failed else PASS)
        for number in range(count)
    ]


def counted(settled: list[Settled], **more: Any) -> Recalibration:
    return recalibrated(settled, **{"threshold": 0.6, **more})


def text(found: Recalibration, **files: tuple[int, int]) -> str:
    return report(found, {name.replace("_", "."): counts for name, counts in files.items()}, (), "learned")


def test_a_rule_is_worth_the_share_of_its_items_that_failed() -> None:
    settled = [
        *some(3, failed=True, findings=["pii.email", "policy.no-advice"]),
        *some(7, failed=False, findings=["pii.email"]),
        *some(4, failed=False, findings=["profanity.word"]),
        *some(2, failed=True, findings=[]),
    ]
    found = counted(settled)
    assert [(rule.tag, rule.failing.k, rule.failing.n) for rule in found.rules] == [
        ("pii.email", 3, 10),
        ("policy.no-advice", 3, 3),
        ("profanity.word", 0, 4),
    ]
    exact = clopper_pearson(3, 10)
    assert found.rules[0].failing.plain()["low"] <= exact.low
    assert found.rules[0].failing.plain()["high"] >= exact.high
    assert found.unflagged == Share(k=2, n=5)
    assert "no failing item is among what these flagged: profanity.word" in text(found)


def test_a_judge_is_counted_on_what_it_said_of_graded_items_and_the_audit_is_told_apart() -> None:
    settled = [
        *some(4, failed=True),
        *some(6, failed=False, start=4),
        *some(5, failed=False, stratum="audit", start=10),
        *some(1, failed=True, stratum="audit", start=15),
    ]
    verdicts = {"r0": True, "r1": True, "r2": False, "r4": True, "r5": False, "r10": False, "r15": True, "zz": True}
    found = counted(settled, judge="grounded", verdicts=verdicts)
    assert found.judge is not None
    assert found.judge_audited is not None
    assert (found.judge.caught, found.judge.cleared) == (Share(k=3, n=4), Share(k=2, n=3))
    assert (found.judge_audited.caught, found.judge_audited.cleared) == (Share(k=1, n=1), Share(k=1, n=1))
    told = text(found)
    assert "sensitivity: it flagged 3 of 4 (75%" in told
    assert "no better than chance" not in told


def test_a_judge_that_tells_nothing_is_called_that() -> None:
    settled = [*some(4, failed=True), *some(4, failed=False, start=4)]
    found = counted(settled, judge="coin", verdicts={f"r{number}": number % 2 == 0 for number in range(8)})
    assert "it is no better than chance at what reviewers grade" in text(found)
    assert counted(settled).judge is None


def test_the_threshold_is_weighed_by_the_shares_on_both_sides() -> None:
    settled = [
        *some(20, failed=True),
        *some(10, failed=False),
        *some(59, failed=False, stratum="audit", confidence=0.9),
    ]
    told = text(counted(settled))
    assert "failing among the low-confidence items shown: 20 of 30 (67%" in told
    assert "failing in the random audit of the rest: 0 of 59 (0%, 0.0% to 6.1%)" in told
    assert "the confidence tells them apart" in told
    same = [*some(3, failed=True), *some(27, failed=False), *some(3, failed=True, stratum="audit")]
    assert "is not shown to tell failing outputs from others" in text(counted(same))


def test_a_higher_threshold_is_proposed_where_audited_items_failed_and_never_applied() -> None:
    settled = [
        *some(1, failed=True, stratum="audit", confidence=0.71),
        *some(1, failed=True, stratum="audit", confidence=0.65),
        *some(3, failed=False, stratum="audit", confidence=0.7),
        *some(5, failed=False, stratum="audit", confidence=0.95),
    ]
    found = counted(settled)
    assert found.beyond == (0.72, Share(k=5, n=10))
    assert found.threshold == 0.6
    told = text(found)
    assert "nothing is changed; what policy could have:" in told
    assert "review: {confidence_below: 0.72}  # would have queued every audited failure, and 5 of 10" in told


def test_no_threshold_is_proposed_where_none_would_do() -> None:
    assert counted(some(9, failed=True, stratum="audit", confidence=1.0)).beyond is None
    assert counted(some(9, failed=True, stratum="audit", confidence=None)).beyond is None
    assert counted(some(9, failed=False, stratum="audit", confidence=0.7)).beyond is None
    assert "confidence_below: 0.7" not in text(counted(some(4, failed=True, stratum="audit", confidence=0.69)))


def test_the_lines_to_paste_name_the_files_that_hold_something() -> None:
    told = text(counted(some(1, failed=True)), past_jsonl=(1, 1))
    assert "learned/past.jsonl: 1 new of 1 lines" in told
    assert "review: {learned: learned/past.jsonl}" in told
    assert "known-bad" not in told


def test_nothing_settled_is_no_share_at_all() -> None:
    found = counted([])
    assert found.plain()["failing_without_a_finding"] == {"k": 0, "n": 0}
    assert text(found) == ""
