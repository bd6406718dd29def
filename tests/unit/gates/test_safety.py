import json
import pickle
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.canonical import digest
from twokey.config.scalars import Allowance
from twokey.detectors import build_scanner
from twokey.errors import ConfigError, TwokeyError
from twokey.gates import safety_tally
from twokey.gates.base import Setting
from twokey.gates.safety import SafetyGate
from twokey.gates.safety_options import Check, PolicyCheck, SafetyOptions, WordsCheck
from twokey.gates.safety_tally import SafetyTally
from twokey.outcome import Metric, Status
from twokey.record import Batch, Record, Role

RULES = b"rules:\n  - {name: no-advice, words: [risk-free], severity: low}\n"
FILES = {"policy.yaml": RULES, "words.txt": b"verdammt\n", "bad.yaml": b"rules: []\n"}
NONE = Allowance(count=0)


def gate(seed: int = 0, **options: Any) -> SafetyGate:
    setting = Setting(read=FILES.__getitem__, has_baseline=False, seed=seed, scanner=build_scanner)
    return SafetyGate.build(SafetyOptions(**options), setting)


EVERY = gate(
    pii=Check(max=NONE),
    secrets=Check(max=NONE),
    profanity=WordsCheck(max=NONE, words="words.txt"),
    policy=PolicyCheck(rules="policy.yaml", max=NONE),
)


def records(*outputs: Any, start: int = 0) -> list[Record]:
    return [Record(id=f"r{start + n}", output=output) for n, output in enumerate(outputs)]


def batch(found: list[Record], by: SafetyGate = EVERY, role: Role = "candidate") -> Batch:
    return Batch(
        role=role, records=tuple(found), sightings=tuple(by.scanner.scan_value(record.output) for record in found)
    )


def metric(tally: SafetyTally, name: str, by: SafetyGate = EVERY) -> Metric:
    found = by.judge(tally).metric(name)
    assert found is not None
    return found


def test_clean_outputs_pass_and_the_report_says_what_that_allows_to_claim() -> None:
    result = EVERY.judge(EVERY.tally(batch(records(*["fine"] * 2000))))
    assert result.status is Status.PASS
    assert [m.name for m in result.metrics] == ["pii", "secrets", "profanity", "policy"]
    assert {m.status for m in result.metrics} == {Status.PASS}
    for found in result.metrics:
        assert "0 of 2,000 outputs" in found.reason
        assert "at most 0.15% of all at 95%" in found.reason
        assert found.estimate is not None
        assert found.estimate.value == 0
        assert found.facts["count"] == 0


def test_each_detector_counts_outputs_and_not_places() -> None:
    tally = EVERY.tally(
        batch(records("a@b.example c@d.example", "fuck, shit", "verdammt", "risk-free a@b.example", "ok"))
    )
    assert dict(tally.flagged) == {"pii": 2, "profanity": 2, "policy": 1}
    assert tally.flagged_outputs == 4
    result = EVERY.judge(tally)
    assert result.status is Status.FAIL
    assert {finding.check for finding in result.findings} == {"pii", "profanity", "policy"}
    assert metric(tally, "secrets").status is Status.PASS
    assert metric(tally, "profanity").facts["rules"] == {"own-word": 1, "strong": 1}
    assert metric(tally, "profanity").reason.endswith("; by rule: profanity.own-word 1, profanity.strong 1")
    assert metric(tally, "policy").facts["severity"] == {"high": 0, "medium": 0, "low": 1}
    assert (result.facts["flagged"], result.facts["quarantined"], result.facts["allowed"]) == (4, 4, [])


@pytest.mark.parametrize(("count", "status"), [(2, Status.FAIL), (3, Status.PASS), (4, Status.PASS)])
def test_a_count_is_judged_exactly(count: int, status: Status) -> None:
    judge = gate(pii=Check(max=Allowance(count=count)))
    tally = judge.tally(batch(records(*["a@b.example"] * 3, *["ok"] * 7), judge))
    assert metric(tally, "pii", judge).status is status


@pytest.mark.parametrize(
    ("share", "status"), [(0.001, Status.FAIL), (0.03, Status.INCONCLUSIVE), (0.1, Status.PASS), (1.0, Status.PASS)]
)
def test_a_share_is_settled_by_its_interval(share: float, status: Status) -> None:
    judge = gate(pii=Check(max=Allowance(share=share)))
    tally = judge.tally(batch(records(*["a@b.example"] * 3, *["ok"] * 97), judge))
    found = metric(tally, "pii", judge)
    assert found.status is status
    assert found.estimate is not None
    assert found.estimate.low < 0.03 < found.estimate.high
    assert "3 of 100" in found.reason


def test_the_books_close_and_what_has_no_output_is_neither_clean_nor_flagged() -> None:
    found = [
        Record(id="a", output="ok"),
        Record(id="b", output="a@b.example", error="timeout"),
        Record(id="c"),
        Record(id="d", output="a@b.example"),
    ]
    result = EVERY.judge(EVERY.tally(batch(found)))
    assert result.books.plain() == {"total": 4, "scored": 2, "errored": 1, "unscorable": 1, "excluded": 0}
    assert result.findings[0].examples == ("d",)


@pytest.mark.parametrize("found", [[], [Record(id="a")], [Record(id="a", output="x", error="down")]])
@pytest.mark.parametrize("most", [NONE, Allowance(share=0.5)])
def test_with_nothing_to_look_at_every_detector_is_an_error(found: list[Record], most: Allowance) -> None:
    judge = gate(pii=Check(max=most), secrets=Check(max=most))
    result = judge.judge(judge.tally(batch(found, judge)))
    assert result.status is Status.ERROR
    assert [m.status for m in result.metrics] == [Status.ERROR, Status.ERROR]
    assert f"no output to look at in {len(found)} records" in result.metrics[0].reason


def test_the_baseline_is_not_judged() -> None:
    assert EVERY.tally(batch(records("a@b.example"), role="baseline")) == EVERY.tally(batch([]))


def test_sightings_of_detectors_that_are_not_asked_for_do_not_count() -> None:
    judge = gate(secrets=Check(max=NONE))
    tally = judge.tally(batch(records("a@b.example fuck"), EVERY))
    assert tally.flagged_outputs == 0


def test_quarantine_shows_place_rule_and_redacted_text_and_never_the_value() -> None:
    rows = EVERY.quarantine(EVERY.tally(batch(records("ok", "to bob@corp.example now", {"k": "bob@corp.example"}))))
    assert [row["id"] for row in rows] == ["r1", "r2"]
    assert rows[0] == {
        "id": "r1",
        "seen": 1,
        "rules": [
            {
                "detector": "pii",
                "rule": "pii.email",
                "severity": "medium",
                "field": "output",
                "start": 3,
                "end": 19,
                "quoted": False,
                "preview": "to [pii.email] now",
                "fingerprint": digest(["pii.email", "r1", "output", 3]),
            }
        ],
        "output": "to [pii.email] now",
    }
    assert rows[1]["output"] == '{"k":"[pii.email]"}'
    assert "bob" not in json.dumps(rows)


def test_a_fingerprint_depends_on_rule_record_and_place_and_not_on_the_value() -> None:
    one = EVERY.quarantine(EVERY.tally(batch(records("bob@corp.example"))))
    other = EVERY.quarantine(EVERY.tally(batch(records("eve@home.example"))))
    assert one[0]["rules"][0]["fingerprint"] == other[0]["rules"][0]["fingerprint"]
    moved = EVERY.quarantine(EVERY.tally(batch(records(" bob@corp.example"))))
    assert moved[0]["rules"][0]["fingerprint"] != one[0]["rules"][0]["fingerprint"]


def test_long_outputs_are_cut_without_bringing_anything_to_light() -> None:
    card = "4111111111111111"
    output = "x" * 1972 + " a@b.example " + card + "999 and more"
    (row,) = EVERY.quarantine(EVERY.tally(batch(records(output))))
    assert len(row["output"]) <= 2000
    assert card not in row["output"]
    assert EVERY.scanner.scan_value(row["output"]) == ()
    (many,) = EVERY.quarantine(EVERY.tally(batch(records("fuck " * 500))))
    assert (many["seen"], len(many["rules"])) == (500, 50)


def test_what_json_cannot_hold_is_still_shown_redacted() -> None:
    (row,) = EVERY.quarantine(EVERY.tally(batch(records({"a": float("nan"), "b": "a@b.example"}))))
    assert row["output"] == "a\nnan\nb\n[pii.email]"


def test_quarantine_is_bounded_and_keeps_the_same_records_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety_tally, "QUARANTINED", 10)
    found = records(*["a@b.example"] * 60)
    kept = []
    for shuffle in range(3):
        random.Random(shuffle).shuffle(found)
        tally = EVERY.tally(batch([]))
        for start in range(0, 60, 7):
            tally = EVERY.merge(tally, EVERY.tally(batch(found[start : start + 7])))
        assert tally.flagged_outputs == 60
        kept.append((EVERY.quarantine(tally), EVERY.judge(tally)))
    assert len(kept[0][0]) == 10
    assert kept[0] == kept[1] == kept[2]
    assert len(kept[0][1].findings[0].examples) == 5


def test_the_seed_decides_which_records_are_named() -> None:
    found = records(*["a@b.example"] * 60)
    named = {gate(seed=n, pii=Check(max=NONE)).judge(EVERY.tally(batch(found))).status for n in range(2)}
    assert named == {Status.FAIL}
    one, other = (gate(seed=n, pii=Check(max=NONE)) for n in range(2))
    ids = [j.judge(j.tally(batch(found))).findings[0].examples for j in (one, other)]
    assert ids[0] != ids[1]


OUTPUTS: st.SearchStrategy[Any] = st.sampled_from(
    [None, "ok", "a@b.example", "fuck", "risk-free fuck", "4111 1111 1111 1111 a@b.example", 7, {}]
)
BATCHES = st.lists(st.tuples(OUTPUTS, st.booleans()), max_size=8).map(
    lambda rows: batch([Record(id=f"{n}", output=out, error="x" if bad else None) for n, (out, bad) in enumerate(rows)])
)


@given(BATCHES, BATCHES, BATCHES)
@settings(deadline=None, max_examples=60)
def test_merging_is_associative_and_commutative_with_nothing_as_neutral(one: Batch, two: Batch, three: Batch) -> None:
    a, b, c = EVERY.tally(one), EVERY.tally(two), EVERY.tally(three)
    assert EVERY.merge(a, EVERY.merge(b, c)) == EVERY.merge(EVERY.merge(a, b), c)
    assert EVERY.merge(a, b) == EVERY.merge(b, a)
    assert EVERY.merge(a, EVERY.tally(batch([]))) == a
    together = replace(one, records=one.records + two.records, sightings=one.sightings + two.sightings)
    assert EVERY.merge(a, b) == EVERY.tally(together)


def test_gate_and_tally_pickle() -> None:
    tally = EVERY.tally(batch(records("a@b.example", "ok")))
    copy: SafetyGate = pickle.loads(pickle.dumps(EVERY))  # noqa: S301 our own bytes
    assert pickle.loads(pickle.dumps(tally)) == tally  # noqa: S301 our own bytes
    assert copy.judge(copy.tally(batch(records("a@b.example", "ok"), copy))) == EVERY.judge(tally)


def test_a_result_survives_its_json_form() -> None:
    result = EVERY.judge(EVERY.tally(batch(records("a@b.example", "ok"))))
    assert type(result).from_plain(json.loads(json.dumps(result.plain()))).plain() == result.plain()


@pytest.mark.parametrize(
    ("options", "error"),
    [({"policy": PolicyCheck(rules="bad.yaml", max=NONE)}, ConfigError)],
)
def test_rules_that_are_wrong_are_told_while_building(options: Mapping[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"bad\.yaml"):
        gate(**options)


def test_a_gate_that_looks_for_nothing_or_has_no_detectors_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one of pii"):
        SafetyOptions()
    with pytest.raises(TwokeyError, match="no detectors"):
        SafetyGate.build(SafetyOptions(pii=Check(max=NONE)), Setting(read=FILES.__getitem__, has_baseline=False))
