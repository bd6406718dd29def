from typing import Any

import pytest

from twokey.canonical import dump_line
from twokey.detectors import build_scanner, default_scanner
from twokey.gates.base import Setting
from twokey.gates.quality import QualityGate
from twokey.gates.quality_options import QualityOptions
from twokey.outcome import GateResult
from twokey.record import Batch, Record
from twokey.review.context import asked, explained, meaning, own_rules

ITEM: dict[str, Any] = {
    "id": "r1",
    "stratum": "low-confidence",
    "rank": 1,
    "confidence": 0.55,
    "source": "production",
    "input": "where is my bill?",
    "output": "billing",
    "label": "billing",
    "expected": "billing",
    "context": None,
    "impact": None,
    "findings": [],
}


def quality(*answers: tuple[float, bool]) -> GateResult:
    """The quality gate's own result over answers of these confidences, right or wrong."""
    gate = QualityGate.build(QualityOptions(), Setting(read=str.encode, has_baseline=False))
    records = tuple(
        Record(id=f"r{n}", output="a", label="a", expected="a" if right else "b", confidence=sure)
        for n, (sure, right) in enumerate(answers)
    )
    return gate.judge(gate.tally(Batch(role="candidate", records=records, sightings=((),) * len(records))))


def told(results: tuple[GateResult, ...] = (), own: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    (row,) = explained([{**ITEM, **changes}], results, own)
    return row


def test_a_confidence_is_told_with_what_the_like_has_meant() -> None:
    results = (quality(*((0.55, n < 61) for n in range(100)), *((0.95, True) for _ in range(50))),)
    said = "of 100 outputs with a confidence between 0.53 and 0.6, 61% were right (50% to 71%, 95%)"
    assert told(results)["confidence_past"] == said
    assert told(results, confidence=0.5999)["confidence_past"] == said
    assert told(results, confidence=1.0)["confidence_past"].startswith(
        "of 50 outputs with a confidence between 0.93 and 1,"
    )


@pytest.mark.parametrize("edge", range(1, 15))
def test_an_item_falls_into_the_bin_that_it_was_counted_in(edge: int) -> None:
    at = -(-edge * 10_000 // 15) / 10_000  # the first confidence of four digits that belongs above the edge
    results = (quality((at, True), (round(at - 0.0001, 4), False)),)
    assert "100% were right" in told(results, confidence=at)["confidence_past"]
    assert " 0% were right" in told(results, confidence=round(at - 0.0001, 4))["confidence_past"]


def test_nothing_is_said_of_a_confidence_that_nothing_is_known_of() -> None:
    for row in (told(), told((quality((0.1, True)),)), told((quality((0.55, True)),), confidence=None)):
        assert row["confidence_past"] is None


def test_each_finding_is_told_with_what_its_rule_looks_for() -> None:
    row = told(own={"policy.no-advice": "we give no advice"}, findings=["pii.email", "policy.no-advice", "policy.mute"])
    assert row["rules"] == {
        "pii.email": "An e-mail address, also as `name [at] host [dot] com`.",
        "policy.no-advice": "we give no advice",
    }
    assert told()["rules"] == {}


def test_whatever_stands_among_the_findings_is_looked_up_and_never_called() -> None:
    assert meaning("no-such.rule", {}) == ""
    assert meaning("pii", {}) == ""
    assert meaning("", {}) == ""
    assert told(findings=[["pii.email"], None])["rules"] == {}


def test_the_users_own_rules_say_what_they_are_for() -> None:
    rules = (
        b"rules:\n- {name: no-advice, words: [buy now], why: we give no advice}\nrequire:\n- {name: sign, words: [x]}\n"
    )
    scanner = build_scanner({"policy": "rules.yaml", "pii": None}, lambda _: rules)
    assert own_rules(scanner) == {"policy.no-advice": "we give no advice", "policy.sign": ""}
    assert own_rules(default_scanner()) == {}


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({}, "Say whether this label is right for this request."),
        ({"output": {"label": "billing", "reply": "word " * 30}}, "Say whether this label is right for this request."),
        ({"output": "word " * 30, "label": "word " * 30}, "Say whether this answer can be used as it is."),
        ({"expected": None, "context": "a page"}, "Nothing here says what is right: say whether the answer follows"),
        ({"expected": None}, "Nothing here says what is right: say by what was asked whether this label"),
        ({"expected": None, "label": None, "output": {"a": 1}}, "Nothing here says what is right: say by what was"),
    ],
)
def test_what_is_asked_follows_from_what_the_item_has(changes: dict[str, Any], begins: str) -> None:
    assert asked({**ITEM, **changes}).startswith(begins)


def test_a_made_up_request_and_a_high_impact_are_said() -> None:
    assert "The request was made for the test" in asked({**ITEM, "source": "synthetic"})
    assert "the impact is stated" in asked({**ITEM, "impact": "high"})


@pytest.mark.parametrize(
    "opinion",
    [
        {"stratum": "audit"},
        {"stratum": "flip", "rank": 77},
        {"confidence": 0.01},
        {"confidence": None},
        {"findings": ["pii.email"]},
        {"alternatives": [{"label": "x", "score": 0.4}], "doubts": [{"signal": "margin", "says": "close"}]},
        {"selector": "other/1", "inclusion_probability": 0.1, "seed": 9, "stage": 1},
    ],
)
def test_what_is_asked_tells_nothing_of_the_machines_opinion(opinion: dict[str, Any]) -> None:
    assert asked({**ITEM, **opinion}) == asked(ITEM)


def test_which_fields_a_row_has_tells_nothing_of_it() -> None:
    results = (quality((0.55, True)),)
    rows = [ITEM, {**ITEM, "confidence": None}, {**ITEM, "findings": ["pii.email"], "confidence": 0.99}]
    assert len({tuple(row) for row in explained(rows, results)}) == 1


def test_the_rest_of_a_row_stays_as_it_is_and_rows_keep_their_order() -> None:
    rows = [{**ITEM, "id": f"r{n}", "own": [n]} for n in range(3)]
    made = list(explained(rows, ()))
    assert [row["id"] for row in made] == ["r0", "r1", "r2"]
    added = ("asked", "rules", "confidence_past")
    assert [{name: part for name, part in row.items() if name not in added} for row in made] == rows
    assert all(dump_line(row) for row in made)
