import itertools
import pickle
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.canonical import dump_line, loads
from twokey.config.review import Review
from twokey.detectors import default_scanner
from twokey.errors import TwokeyError
from twokey.gates.base import Setting
from twokey.outcome import GateResult, Status
from twokey.record import Batch, Partnered, Record, Role
from twokey.review import tally as tallying
from twokey.review.select import NOTHING, ReviewGate, Selection
from twokey.sample import AUDIT, keys
from twokey.scorers.base import SCALE

SCANNER = default_scanner()


def gate(**rules: Any) -> ReviewGate:
    setting = Setting(read=lambda path: path.encode(), has_baseline=False, seed=7)
    return ReviewGate.build(Review(**rules), setting, SCANNER)


def batch(*records: Record, role: Role = "candidate") -> Batch:
    return Batch(role=role, records=records, sightings=((),) * len(records))


def record(number: int, confidence: float | None = 0.9, **known: Any) -> Record:
    known.setdefault("output", f"answer {number}")
    return Record(id=f"r{number:04}", confidence=confidence, **known)


def pool(low: int, high: int) -> tuple[Record, ...]:
    doubted = (record(n, 0.1 + n / 10_000) for n in range(low))
    return (*doubted, *(record(n, 0.9) for n in range(low, low + high)))


def selected(made: ReviewGate, *records: Record) -> Selection:
    return made.selection(made.tally(batch(*records)))


def ids(selection: Selection, stratum: str) -> list[str]:
    return [item["id"] for item in selection.items if item["stratum"] == stratum]


def judged(made: ReviewGate, *records: Record) -> GateResult:
    return made.judge(made.tally(batch(*records)))


def test_the_least_confident_are_shown_and_the_others_wait() -> None:
    found = selected(gate(show=3, audit=0), *pool(low=5, high=4))
    assert ids(found, "low-confidence") == ["r0000", "r0001", "r0002"]
    assert [(row["id"], row["rank"], row["confidence"]) for row in found.queue] == [
        ("r0003", 4, 0.1003),
        ("r0004", 5, 0.1004),
    ]


def test_every_low_confidence_output_is_shown_audited_or_waits() -> None:
    found = selected(gate(show=10, audit=20), *pool(low=60, high=60))
    looked_at = {item["id"] for item in found.items}
    waiting = {row["id"] for row in found.queue}
    low = {f"r{n:04}" for n in range(60)}
    assert low <= looked_at | waiting
    assert not looked_at & waiting
    assert waiting <= low


def test_the_threshold_itself_is_not_under_it() -> None:
    found = selected(gate(show=5, audit=0), record(1, 0.6), record(2, 0.5999994), record(3, 0.5999999))
    assert ids(found, "low-confidence") == ["r0002"]


def test_the_audit_is_drawn_from_everything_that_is_not_shown() -> None:
    found = selected(gate(show=5, audit=30), *pool(low=20, high=20))
    shown, audited = ids(found, "low-confidence"), ids(found, "audit")
    assert len(audited) == len(set(audited)) == 30
    assert not set(shown) & set(audited)
    assert {item["inclusion_probability"] for item in found.items if item["stratum"] == "audit"} == {0.857143}


def test_keys_that_were_made_before_give_the_same_selection() -> None:
    rows = [record(n, n / 300, impact="high" if n % 7 == 0 else None) for n in range(300)]
    rows += [record(300, error="timeout"), record(301, output=None)]
    made = gate(show=5, audit=10)
    before = batch(*rows)
    with_keys = replace(before, audit=keys([row.id for row in rows], made.seed, AUDIT))
    assert made.tally(with_keys) == made.tally(before)
    other = replace(before, audit=keys([row.id for row in rows], made.seed + 1, AUDIT))
    assert made.tally(other) != made.tally(before)


def test_a_pool_smaller_than_the_audit_is_audited_whole() -> None:
    found = selected(gate(show=2, audit=59), *pool(low=3, high=4))
    assert len(ids(found, "audit")) == 5
    assert {item["inclusion_probability"] for item in found.items} == {1.0}
    assert found.queue == ()


def test_each_record_of_the_pool_is_audited_equally_often() -> None:
    records = pool(low=10, high=30)
    drawn: dict[str, int] = {}
    for seed in range(600):
        for id_ in ids(selected(replace(gate(show=4, audit=9), seed=seed), *records), "audit"):
            drawn[id_] = drawn.get(id_, 0) + 1
    assert len(drawn) == 36
    assert all(100 < times < 200 for times in drawn.values())  # 600 * 9 / 36 = 150, within four standard errors


def test_high_impact_is_always_shown_beside_the_least_confident() -> None:
    records = (*pool(low=5, high=20), record(100, 0.99, impact="High"), record(101, 0.01, impact="critical"))
    found = selected(gate(show=2, audit=3), *records, record(102, 0.99, impact="low"))
    assert ids(found, "low-confidence") == ["r0101", "r0000"]
    assert ids(found, "impact") == ["r0100"]
    assert "r0100" not in ids(found, "audit")


def test_too_much_of_high_impact_waits_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallying, "MOST_IMPACT", 3)
    made = gate(show=0, audit=4)
    records = [record(n, 0.99, impact="high") for n in range(10)]
    found = selected(made, *records)
    assert (len(ids(found, "impact")), len(ids(found, "audit")), len(found.queue)) == (3, 4, 3)
    facts = judged(made, *records).facts
    assert (facts["shown_for_impact"], facts["queued_for_impact"], facts["not_shown"]) == (3, 3, 7)


def test_without_a_confidence_an_output_comes_after_those_that_can_be_ranked() -> None:
    found = selected(gate(show=2, audit=0), record(1, None), record(2, 0.5), record(3, None), record(4))
    assert ids(found, "low-confidence")[0] == "r0002"
    assert ids(found, "low-confidence")[1] in ("r0001", "r0003")
    assert found.queue[0]["confidence"] is None
    result = judged(gate(show=2, audit=0), record(1, None), record(2, 0.5), record(3, None), record(4))
    assert result.status is Status.PASS
    share = result.metric("low_confidence_share")
    assert share is not None
    assert share.reason == "3 of 4 outputs are under a confidence of 0.6, 2 of them because they carry none"


def test_no_confidence_at_all_is_an_error_that_says_what_to_do() -> None:
    result = judged(gate(), record(1, None), record(2, None))
    assert result.status is Status.ERROR
    assert "none of 2 outputs carries a confidence" in result.reason
    assert "map recordings.candidate.confidence" in result.reason
    share = result.metric("low_confidence_share")
    assert share is not None
    assert share.estimate is None


def test_a_random_audit_alone_needs_no_confidence() -> None:
    made = gate(show=0, audit=2)
    assert judged(made, record(1, None), record(2, None), record(3, None)).status is Status.PASS
    assert len(selected(made, record(1, None), record(2, None), record(3, None)).items) == 2


def test_no_records_are_an_error() -> None:
    result = judged(gate())
    assert result.status is Status.ERROR
    assert result.reason == "selection: none of 0 records has an output to look at"
    assert selected(gate()) == NOTHING


def test_the_books_close_over_what_cannot_be_reviewed() -> None:
    result = judged(gate(), record(1), record(2, error="timeout", output=None), record(3, output=None))
    assert result.books.plain() == {"total": 3, "scored": 1, "errored": 1, "unscorable": 1, "excluded": 0}


def test_the_share_is_exact_and_the_sentence_has_the_numbers() -> None:
    result = judged(gate(show=5, audit=10), *pool(low=20, high=60))
    share, chosen = result.metric("low_confidence_share"), result.metric("selection")
    assert share is not None
    assert share.estimate is not None
    assert chosen is not None
    assert (share.estimate.value, share.estimate.low, share.estimate.high, share.status) == (0.25, 0.25, 0.25, "off")
    assert chosen.reason.startswith("5 of 20 low-confidence outputs are shown; 10 of the 75 others are audited")
    waiting = len(selected(gate(show=5, audit=10), *pool(low=20, high=60)).queue)
    assert chosen.reason.endswith(f"; {waiting} wait in the queue")
    assert result.facts["outputs"] == 80


def test_the_baseline_is_not_reviewed() -> None:
    made = gate()
    assert made.tally(batch(record(1), role="baseline")) == made.tally(batch())


def test_items_show_what_is_known_and_hide_what_detectors_see() -> None:
    leak = record(
        1,
        0.2,
        input={"text": "I am jane.doe@example.org"},
        output="Write to jane.doe@example.org",
        expected="ok",
        context=["see", "jane.doe@example.org"],
        source="production",
        groups={"channel": "chat"},
        latency_ms=12.3456789,
    )
    (item,) = selected(gate(show=1, audit=0), leak).items
    assert "jane.doe" not in str(item)
    assert item["output"] == "Write to [pii.email]"
    assert item["input"] == {"text": "I am [pii.email]"}
    assert item["findings"] == ["pii.email"]
    assert (item["rank"], item["selector"], item["seed"]) == (1, "doubt/1", 7)
    assert (item["source"], item["groups"], item["latency_ms"]) == ("production", {"channel": "chat"}, 12.345679)


def test_ranks_count_through_all_strata() -> None:
    found = selected(gate(show=3, audit=4), *pool(low=6, high=6))
    assert [item["rank"] for item in found.items] == list(range(1, 8))


def test_without_detectors_there_is_no_review() -> None:
    setting = Setting(read=lambda path: path.encode(), has_baseline=False)
    with pytest.raises(TwokeyError, match="no detectors to redact"):
        ReviewGate.build(Review(), setting)


def test_tallies_travel_between_processes() -> None:
    made = gate(show=3, audit=3)
    tally = made.tally(batch(*pool(low=5, high=5)))
    assert pickle.loads(pickle.dumps(tally)) == tally  # noqa: S301 our own bytes
    again = pickle.loads(pickle.dumps(made))  # noqa: S301
    assert again.selection(tally) == made.selection(tally)


RECORDS = st.lists(
    st.builds(
        record,
        st.integers(0, 10_000),
        st.one_of(st.none(), st.sampled_from([0.1, 0.5, 0.6, 0.9])),
        impact=st.sampled_from([None, None, None, "high"]),
        error=st.sampled_from([None, None, None, "timeout"]),
    ),
    max_size=25,
    unique_by=lambda one: one.id,
)


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.randoms(use_true_random=False), st.integers(0, 6), st.integers(0, 6))
def test_order_and_batches_do_not_show(records: list[Record], chance: Any, show: int, audit: int) -> None:
    made = gate(show=show, audit=audit + (show == 0))
    whole = made.tally(batch(*records))
    shuffled = chance.sample(records, len(records))
    cuts = sorted(chance.randint(0, len(records)) for _ in range(3))
    parts = [shuffled[a:b] for a, b in itertools.pairwise([0, *cuts, len(records)])]
    merged = reduce(made.merge, (made.tally(batch(*part)) for part in parts), made.tally(batch()))
    assert merged == whole
    assert made.judge(merged) == made.judge(whole)
    selection = made.selection(merged)
    assert selection == made.selection(whole)
    known = {one.id for one in records if one.error is None}
    assert {item["id"] for item in selection.items} | {row["id"] for row in selection.queue} <= known
    for item in selection.items:
        assert loads(dump_line(item), file="items.jsonl") == item


def flipping(*pairs: tuple[Record, bool | None]) -> Batch:
    """Records with what the baseline had on the same case: right, wrong, or nothing."""
    was = [None if before is None else SCALE * before for _, before in pairs]
    met = Partnered(partnered=[score is not None for score in was], scores={"accuracy": was})
    return replace(batch(*(one for one, _ in pairs)), before=met)


def test_what_the_baseline_had_right_is_shown_first_then_what_it_had_wrong() -> None:
    def case(number: int, right: bool, before: bool | None) -> tuple[Record, bool | None]:
        return record(number, label="a" if right else "b", expected="a"), before

    rows = [case(n, right=n % 2 == 0, before=(n % 2 == 1) if n < 6 else n % 2 == 0) for n in range(40)]
    rows.append(case(40, right=False, before=None))
    made = gate(show=2, audit=5, flips=4)
    found = made.selection(made.tally(flipping(*rows)))
    shown = ids(found, "flip")
    assert set(shown[:3]) == {"r0001", "r0003", "r0005"}
    assert len(shown) == 4
    assert shown[3] in {"r0000", "r0002", "r0004"}
    assert not {*shown} & {*ids(found, "audit")}
    halves = [made.tally(flipping(*rows[cut::2])) for cut in (1, 0)]
    assert made.selection(reduce(made.merge, halves)) == found


def test_the_audit_is_whole_whatever_flips_are_taken_out_of_it() -> None:
    rows = [(record(n, 0.9, label="b", expected="a"), True) for n in range(30)]
    made = gate(show=1, audit=10, flips=20)
    found = made.selection(made.tally(flipping(*rows)))
    assert (len(ids(found, "flip")), len(ids(found, "audit"))) == (20, 10)
    assert made.judge(made.tally(flipping(*rows))).facts["not_shown"] == 10
