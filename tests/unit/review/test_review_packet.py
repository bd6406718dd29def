import json
from dataclasses import replace
from typing import Any

import pytest
from work import calls

from twokey.canonical import dumps, loads
from twokey.config.load import load_config
from twokey.config.scalars import Allowance
from twokey.config.shape import Config, Limit
from twokey.detectors import default_scanner
from twokey.evidence.subject import FileDigest, SubjectDigest
from twokey.gates import GATES
from twokey.gates.base import Setting
from twokey.gates.limits import Measured, judge_allowance, judge_limit, proportion
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch, Record
from twokey.review.packet import packet
from twokey.review.select import ReviewGate

POLICY = """
version: 1
subject: {name: support-triage, owner: ml-owner@example.com, files: [model/**]}
recordings:
  candidate: {path: outputs.jsonl, id: id, output: out, expected: gold, confidence: score}
gates:
  quality: {accuracy: {min: 0.95}, labels: {refund: {recall: {min: 0.8}}}, slices: [channel], slice_limits: {min: 0.7}}
  safety: {pii: {max: 0}}
  schema: {contract: {required: [label]}, max_invalid: 2}
review: {confidence_below: 0.6, show: 50, max_failures: 40%, audit: 59, max_failure_rate: 5%}
approval:
  checkpoints: {release: {close: {any_of: [product]}, criteria: [rollback plan available]}}
"""
CONFIG: Config = load_config(POLICY.encode(), "gates.yaml", {name: gate.Options for name, gate in GATES.items()}, {})
FILES = (FileDigest(path="model/a", sha256="0" * 64, size=1),)
SUBJECT = SubjectDigest(name="support-triage", owner="ml-owner@example.com", files=FILES)
NOTES = ("wanted 1,000 production records, the recording has 612",)
BOOKS = Books(total=1612, scored=1600, errored=2, unscorable=10)


def records() -> GateResult:
    least = Metric(name="records", status=Status.PASS, reason="there are records", books=BOOKS, limit="at least 1")
    made = [judge_allowance("unreadable", 0, 1612, Allowance(count=0), BOOKS, what="lines could not be read"), least]
    return conclude_gate("records", BOOKS, made)


def quality(right: int, recall: int = 95) -> GateResult:
    made = [
        judge_limit("accuracy", Measured(estimate=proportion(right, 1600)), Limit(min=0.95), BOOKS),
        judge_limit("expected_calibration_error", Measured(estimate=proportion(64, 1600)), None, BOOKS),
        judge_limit("recall", Measured(estimate=proportion(recall, 100)), Limit(min=0.8), BOOKS, part="label=refund"),
        judge_limit("accuracy", Measured(estimate=proportion(99, 100)), Limit(min=0.7), BOOKS, part="channel=chat"),
    ]
    return conclude_gate("quality", BOOKS, made, examples={"accuracy": ("r17", "r4")})


def safety(flagged: int) -> GateResult:
    rate = proportion(flagged, 1610)
    assert rate is not None
    facts = {"rate": {"value": rate.value, **rate.interval()}}
    made = judge_allowance(
        "pii", flagged, 1610, Allowance(count=0), BOOKS, what="outputs with pii findings", facts=facts
    )
    return conclude_gate("safety", BOOKS, [made])


def schema() -> GateResult:
    made = judge_allowance("contract", 1, 1612, Allowance(count=2), BOOKS, what="outputs are invalid")
    return conclude_gate("schema", BOOKS, [made])


def selection() -> GateResult:
    assert CONFIG.review is not None
    made = ReviewGate.build(CONFIG.review, Setting(read=str.encode, has_baseline=False, seed=7), default_scanner())
    rows = tuple(Record(id=f"r{n}", output="x", confidence=0.2 if n < 130 else 0.9) for n in range(1600))
    return made.judge(made.tally(Batch(role="candidate", records=rows, sightings=((),) * 1600)))


def told(*results: GateResult, subject: SubjectDigest = SUBJECT, config: Config = CONFIG) -> dict[str, Any]:
    return packet(results, subject=subject, notes=NOTES, config=config)


CLEAN = (records(), quality(1580), safety(0), selection())
FAILING = (records(), quality(1450), safety(3), selection())
STUCK = (records(), quality(1525), safety(0), selection())


def row(made: dict[str, Any], check: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in made["evidence"] if row["check"] == check)
    return found


def test_a_newcomer_finds_the_key_numbers() -> None:
    made = told(*FAILING)
    assert made["kind"] == "approval"
    assert made["summary"] == [
        "1,612 recorded cases of support-triage, 2 of which carry an error in place of an answer: quality and safety"
        " fail; records and the review's selection pass.",
        "Worst, in quality: accuracy 0.906 (95% interval 0.891 to 0.92, n=1,600) is below the minimum 0.95, and 1 more"
        " finding.",
    ]
    accuracy = row(made, "quality.accuracy")
    assert (accuracy["value"], accuracy["low"], accuracy["high"]) == (0.90625, 0.8909, 0.92009)
    assert (accuracy["status"], accuracy["policy"]) == ("fail", "gates.quality.accuracy: min 0.95")
    assert made["proposed_action"].startswith("Do not release support-triage as it is.")
    assert "quality.accuracy, safety.pii" in made["proposed_action"]
    assert made["why"] == "2 of 7 checks do not hold."
    assert made["findings"][0]["examples"] == "r17, r4"
    assert "of 1,000 outputs about 94 are wrong (79 to 110, 95%)" in made["risk_if_wrong"]
    assert "of 1,000 outputs about 2 hold what pii looks for (0 to 6, 95%)" in made["risk_if_wrong"]
    assert "130 of 1,600 outputs are under a confidence of 0.6" in made["confidence_signals"]
    assert any(text.startswith("expected_calibration_error 0.04") for text in made["confidence_signals"])
    assert "grade 109 items (50 least confident, 59 drawn at random)" in made["timeline"]["open"]
    assert "safety.pii" in made["urgency"]
    assert made["subject"]["owner"] == "ml-owner@example.com"


def test_a_clean_run_proposes_to_release_once_the_items_are_graded() -> None:
    made = told(*CLEAN)
    assert (made["kind"], made["findings"]) == ("approval", [])
    assert made["why"] == "7 checks in 4 gates hold, and none does not."
    assert made["if_nobody_answers"] == "nothing is released, and what runs now stays; silence approves nothing"
    assert made["proposed_action"] == (
        "Release support-triage, once 109 items (50 least confident, 59 drawn at random) are graded and at most 40% of"
        " the least confident fail and the audit's bound on all outputs is at most 5%."
    )
    assert made["summary"][1] == (
        "Every check holds, and people are given 109 items (50 least confident, 59 drawn at random)."
    )
    assert "options" not in made


def test_where_the_machine_is_stuck_it_offers_options_and_proposes_nothing() -> None:
    made = told(*STUCK)
    assert made["kind"] == "escalation"
    assert not {"proposed_action", "why", "alternatives"} & made.keys()
    assert len(made["why_stuck"]) == 1
    assert made["why_stuck"][0].startswith("quality.accuracy is not settled: accuracy 0.953")
    assert made["if_nobody_answers"].startswith("what runs now stays, which is what there is to fall back to")
    options = [option["option"] for option in made["options"]]
    assert options[0] == "judge more records, until these can be told apart: quality.accuracy"
    assert options[-1] == "reject"
    assert any("Is that enough to release" in question for question in made["questions"])


def test_an_error_and_a_failure_both_stand_in_the_options() -> None:
    broken = replace(FAILING[1].metrics[0], status=Status.ERROR, reason="accuracy: no record carries expected")
    options = [option["option"] for option in told(conclude_gate("quality", BOOKS, [broken]), safety(3))["options"]]
    assert options[0] == "mend what could not be checked, and judge again: quality.accuracy"
    assert options[1] == "mend what fails, and judge again: safety.pii"


def test_no_gate_at_all_is_no_approval() -> None:
    made = told()
    assert made["why_stuck"] == ["policy has no gate, so nothing was judged"]
    assert made["kind"] == "escalation"
    assert "no gate ran" in made["summary"][0]


@pytest.mark.parametrize(
    ("check", "policy"),
    [
        ("records.unreadable", "gates.records.max_unreadable: at most 0 (default)"),
        ("records.records", "no policy can change it: at least 1"),
        ("quality.recall[label=refund]", "gates.quality.labels.refund.recall: min 0.8"),
        ("quality.accuracy[channel=chat]", "gates.quality.slice_limits: min 0.7"),
        ("safety.pii", "gates.safety.pii: at most 0"),
        ("schema.contract", "gates.schema.max_invalid: at most 2"),
        (
            "review.selection",
            "review: confidence_below 0.6, show 50, second_opinion 10, more 50, max_failures 0.4, flips 10, audit 59,"
            " max_failure_rate 0.05, risk 0.05, stages 1",
        ),
    ],
)
def test_each_check_cites_the_policy_that_it_was_judged_by(check: str, policy: str) -> None:
    assert row(told(*CLEAN, schema()), check)["policy"] == policy


def test_what_is_only_shown_is_no_row_of_evidence() -> None:
    checks = [row["check"] for row in told(*CLEAN)["evidence"]]
    assert "quality.expected_calibration_error" not in checks
    assert len(checks) == len(set(checks)) == 7


def test_everything_follows_from_the_results_as_they_are_written() -> None:
    for results in (CLEAN, FAILING, STUCK):
        written = dumps([result.plain() for result in results])
        read = tuple(map(GateResult.from_plain, loads(written, file="results.json")))
        assert dumps(told(*read)) == dumps(told(*results))


def test_the_limits_of_the_evidence_are_said() -> None:
    said = told(*CLEAN, subject=replace(SUBJECT, files=()))["limits_of_this_evidence"]
    assert "the subject is unpinned: no files are named, so nothing says what ships" in said
    assert NOTES[0] in said
    assert any(text.startswith("policy has no performance gate") for text in said)
    assert any(text.startswith("there is no baseline") for text in said)
    waiting = next(m for m in CLEAN[3].metrics if m.name == "selection").reason.rsplit("; ", 1)[1].split()[0]
    assert f"{waiting} low-confidence outputs wait in the queue, and no person is shown them" in said
    assert "quality: of 1,612 records 2 are errored, 10 unscorable and 0 excluded; 1,600 were scored" in said
    without = replace(CONFIG, review=None)
    assert (
        "policy asks for no review: no person is shown an output"
        in told(*CLEAN[:3], config=without)["limits_of_this_evidence"]
    )


def test_nothing_of_the_deciding_policy_and_no_person_but_the_owner_stands_in_it() -> None:
    other = replace(CONFIG.approval, roster="people-of-elsewhere.yaml", decisions="kept-elsewhere")
    assert told(*FAILING, config=replace(CONFIG, approval=other)) == told(*FAILING)
    assert "rollback plan" not in json.dumps(told(*FAILING))


def test_with_nothing_measured_the_packet_says_so() -> None:
    assert told(records(), selection())["risk_if_wrong"] == [
        "nothing measured says how often this is wrong; the random audit bounds it once it is graded"
    ]


def test_it_is_little_work_however_many_slices_there_are() -> None:
    found: list[Metric] = [
        judge_limit("accuracy", Measured(estimate=proportion(90, 100)), Limit(min=0.7), BOOKS, part=f"channel={n}")
        for n in range(1000)
    ]
    results = (conclude_gate("quality", BOOKS, found), selection())
    assert calls(lambda: dumps(told(*results))) < 800_000


def test_every_finding_is_asked_about_or_counted() -> None:
    metrics = [
        judge_limit("accuracy", Measured(estimate=proportion(n, 100)), Limit(min=0.9), BOOKS, part=f"channel={n}")
        for n in range(8)
    ]
    made = told(conclude_gate("quality", BOOKS, metrics))
    assert [finding["rank"] for finding in made["findings"]] == list(range(1, 9))
    assert "And the other 3 findings: has somebody read each of them?" in made["questions"]


def test_a_field_that_no_record_has_and_what_detectors_let_pass_are_limits() -> None:
    books = replace(records(), facts={"carried": {"candidate": ["label", "output"]}})
    allowed = {"rule": "pii.email", "why": "our own address", "until": "2027-01-31", "records": 2, "places": 3}
    facts = {"not_looked_for": {"pii": ["Names are not looked for."]}, "allowed": [allowed, {**allowed, "records": 0}]}
    said = told(books, quality(1580), replace(safety(0), facts=facts), selection())["limits_of_this_evidence"]
    assert "recordings.candidate.expected is gold, and no record that is judged has anything there" in said
    assert not any(text.startswith("recordings.candidate.output") for text in said)
    assert "pii: Names are not looked for" in said
    passed = [text for text in said if "policy allows" in text]
    assert passed == ["pii.email saw in 2 records what policy allows until 2027-01-31: our own address"]
