"""What orders the items: signals, their combination, and who is shown for them."""

import itertools
import random
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.canonical import dump_line, loads
from twokey.config.review import Review
from twokey.detectors import default_scanner
from twokey.errors import ConfigError, TwokeyError
from twokey.gates.base import Setting
from twokey.outcome import Status
from twokey.record import Batch, Partnered, Record, Sighting
from twokey.review import tally as tallying
from twokey.review.doubt import roots
from twokey.review.past import past_cases
from twokey.review.select import ReviewGate, Selection
from twokey.scorers.base import SCALE

SCANNER = default_scanner()
TOPICS = {
    "card": ["my", "card", "was", "lost", "stolen", "blocked", "replace", "plastic", "pin", "chip"],
    "loan": ["borrow", "money", "mortgage", "interest", "rate", "repay", "loan", "term"],
    "travel": ["flight", "hotel", "abroad", "currency", "exchange", "booking", "trip", "visa"],
}


def gate(past: bytes | None = None, **rules: Any) -> ReviewGate:
    def read(path: str) -> bytes:
        return past if path == "past.jsonl" and past is not None else path.encode()

    options = Review(**rules, learned=None if past is None else "past.jsonl")
    return ReviewGate.build(options, Setting(read=read, has_baseline=False, seed=7), SCANNER)


def batch(*records: Record) -> Batch:
    return Batch(role="candidate", records=records, sightings=((),) * len(records))


def selected(made: ReviewGate, *records: Record) -> Selection:
    return made.selection(made.tally(batch(*records)))


def case(number: int, label: str, *, about: str | None = None, confidence: float | None = 0.9, **more: Any) -> Record:
    words = random.Random(number).choices(TOPICS[about or label], k=6)
    text = " ".join(words)
    return Record(id=f"r{number:04}", input=text, output=label, label=label, confidence=confidence, **more)


def topics(count: int, **more: Any) -> list[Record]:
    chance = random.Random(5)
    return [case(n, chance.choice(list(TOPICS)), **more) for n in range(count)]


def ids(selection: Selection, stratum: str) -> list[str]:
    return [item["id"] for item in selection.items if item["stratum"] == stratum]


def test_a_confident_answer_that_like_inputs_did_not_get_is_shown_and_says_why() -> None:
    wrong = case(900, "card", about="travel", confidence=0.97)
    made = gate(show=5, audit=0)
    found = selected(made, *topics(90), wrong)
    assert ids(found, "second-opinion") == ["r0900"]
    (item,) = found.items
    assert {said["signal"] for said in item["doubts"]} == {"second classifier"}
    assert item["doubts"][1]["says"].endswith("fitted on the other outputs, says travel")
    facts = made.judge(made.tally(batch(*topics(90), wrong))).facts
    assert (facts["shown_for_doubt"], facts["not_shown"], facts["outputs"]) == (1, 90, 91)


def test_no_more_confident_ones_are_shown_than_policy_says_and_none_of_high_impact_twice() -> None:
    wrong = [case(900 + n, "card", about="travel", confidence=0.97) for n in range(4)]
    wrong.append(case(950, "card", about="travel", confidence=0.97, impact="high"))
    found = selected(gate(show=10, second_opinion=2, audit=0), *topics(120), *wrong)
    assert len(ids(found, "second-opinion")) == 2
    assert ids(found, "impact") == ["r0950"]
    assert not ids(selected(gate(show=10, second_opinion=0, audit=0), *topics(120), *wrong), "second-opinion")


def test_some_confident_ones_are_shown_however_doubtful_the_others_are() -> None:
    wrong = [case(900 + n, "card", about="travel", confidence=0.97) for n in range(4)]
    unsure = [case(700 + n, "card", about="travel", confidence=0.01) for n in range(30)]
    found = selected(gate(show=22, second_opinion=20, audit=0), *topics(200), *wrong, *unsure)
    assert len(ids(found, "second-opinion")) == 2
    assert len(ids(found, "low-confidence")) == 20
    assert not ids(selected(gate(show=3, second_opinion=8, audit=0), *topics(200), *wrong, *unsure), "second-opinion")


def test_the_margin_over_the_alternatives_counts() -> None:
    rows = [
        Record(id="close", input="q", output="a", label="a", confidence=0.45, alternatives=(("b", 0.44), ("a", 0.45))),
        Record(id="clear", input="q", output="a", label="a", confidence=0.45, alternatives=(("b", 0.05),)),
    ]
    made = gate(show=2, audit=0)
    close, clear = selected(made, *rows).items
    assert (close["id"], clear["id"]) == ("close", "clear")
    assert close["doubts"] == [{"signal": "margin", "says": "the model gave b 0.44, and its answer 0.45"}]
    assert close["alternatives"] == [{"label": "b", "score": 0.44}, {"label": "a", "score": 0.45}]
    assert "alternatives" not in selected(made, case(1, "card", confidence=0.1)).items[0]


def test_alternatives_and_doubts_are_redacted() -> None:
    label = "write to jane.doe@example.org"
    row = Record(id="r1", input="q", output="a", label="a", confidence=0.2, alternatives=((label, 0.19),))
    (item,) = selected(gate(show=1, audit=0), row).items
    assert "jane.doe" not in str(item)
    assert item["alternatives"][0]["label"] == "write to [pii.email]"
    assert item["doubts"][0]["says"] == "the model gave something else 0.19, and its answer 0.2"


def test_a_judge_and_detectors_near_misses_count() -> None:
    rows = tuple(Record(id=f"r{n}", input="q", output=f"text {n}", confidence=0.5) for n in range(4))
    seen = Sighting(detector="pii", rule="email", start=0, end=4, quoted=True)
    judged = Partnered(partnered=[True] * 4, scores={"verdict": [0, 0, SCALE, None]})
    made = gate(show=4, audit=0)
    tally = made.tally(replace(batch(*rows), sightings=((), (seen,), (), ()), judged=judged))
    found = made.selection(tally)
    assert ids(found, "low-confidence")[0] == "r2", "the judge is against it"
    order = ids(found, "low-confidence")
    assert order.index("r1") < order.index("r0"), "a detector saw something that does not count"
    says = {item["id"]: [one["signal"] for one in item["doubts"]] for item in found.items}
    assert says == {"r0": [], "r1": ["near-misses of detectors"], "r2": ["judge"], "r3": []}
    assert made.judge(tally).facts["ranked_by"] == ["judge", "near-misses of detectors"]


def test_without_any_confidence_the_second_opinion_ranks_and_the_reason_says_so() -> None:
    wrong = case(900, "card", about="travel", confidence=None)
    rows = [*topics(80, confidence=None), wrong]
    made = gate(show=1, audit=0)
    assert ids(selected(made, *rows), "low-confidence") == ["r0900"]
    result = made.judge(made.tally(batch(*rows)))
    assert result.status is Status.PASS
    metric = result.metric("selection")
    assert metric is not None
    assert "none carries a confidence: ranked by a second classifier by words and a second" in metric.reason


def test_of_free_text_without_confidence_the_least_usual_input_comes_first() -> None:
    rows = [Record(id=f"r{n}", input="where is my parcel", output=f"text {n}") for n in range(9)]
    rows.append(Record(id="odd", input="quantum chromodynamics", output="text"))
    made = gate(show=1, audit=0)
    assert ids(selected(made, *rows), "low-confidence") == ["odd"]
    assert made.judge(made.tally(batch(*rows))).facts["ranked_by"] == ["novelty"]


def test_all_equally_confident_are_ordered_by_the_draw() -> None:
    rows = [Record(id=f"r{n}", input="q", output="same", confidence=0.3) for n in range(30)]
    first = ids(selected(gate(show=5, audit=0), *rows), "low-confidence")
    other = ids(selected(replace(gate(show=5, audit=0), seed=8), *rows), "low-confidence")
    assert len(first) == 5
    assert first != other


def test_what_comes_next_is_in_reserve_and_still_waits() -> None:
    rows = [case(n, "card", confidence=0.1 + n / 1000) for n in range(40)]
    made = gate(show=5, more=7, audit=3, max_failure_rate=0.2, stages=3)
    tally = made.tally(batch(*rows))
    found, facts = made.selection(tally), made.judge(tally).facts
    low = [row for row in found.reserve if row["stratum"] == "low-confidence"]
    audited = [row for row in found.reserve if row["stratum"] == "audit"]
    assert len(low) == 7
    assert [row["rank"] for row in (*found.items, *found.reserve)] == list(
        range(1, 1 + len(found.items) + len(found.reserve))
    )
    assert {row["stage"] for row in audited} == set(range(1, 1 + len(facts["audit"]["stages"][1:])))
    assert [row["items"] for row in facts["audit"]["stages"][1:]] == [
        sum(row["stage"] == stage for row in audited) for stage in range(1, len(facts["audit"]["stages"]))
    ]
    assert facts["reserve"] == {row["id"]: row["stratum"] for row in found.reserve}
    assert facts["audit_stage_of"] == {row["id"]: row["stage"] for row in audited}
    shown = {row["id"] for row in found.items}
    assert not shown & facts["reserve"].keys()
    assert {row["id"] for row in found.queue} == {one.id for one in rows} - shown


def test_whom_the_second_opinion_takes_does_not_bias_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong ones of a large pool, seen only through a draw, are audited as often as they stand among the rest."""
    monkeypatch.setattr(tallying, "MOST_DRAWN", 60)
    wrong = [case(900 + n, "card", about="travel", confidence=0.97) for n in range(60)]
    rows = [*topics(240), *wrong]
    audited = bad = left = 0
    for seed in range(60):
        found = selected(replace(gate(show=10, audit=30), seed=seed), *rows)
        shown = {row["id"] for row in found.items if row["stratum"] != "audit"}
        names = ids(found, "audit")
        audited += len(names)
        bad += sum(name >= "r0900" for name in names)
        left += sum(one.id not in shown for one in wrong)
    expected = 30 * left / (300 - len(shown))
    assert audited == 60 * 30
    assert abs(bad - expected) < 4 * (expected * 0.85) ** 0.5


LABELS = st.sampled_from(["card", "loan", "travel", None])
RECORDS = st.lists(
    st.builds(
        lambda n, words, label, sure, others, impact: Record(
            id=f"r{n:04}", input=words, output=label, label=label, confidence=sure, alternatives=others, impact=impact
        ),
        st.integers(0, 9999),
        st.text("abc ", max_size=10),
        LABELS,
        st.one_of(st.none(), st.sampled_from([0.1, 0.5, 0.6, 0.9])),
        st.sampled_from([(), (("card", 0.4), ("loan", 0.1)), (("x", 1.0),)]),
        st.sampled_from([None, None, "high"]),
    ),
    max_size=30,
    unique_by=lambda one: one.id,
)


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.randoms(use_true_random=False), st.integers(0, 6), st.integers(0, 6), st.integers(0, 3))
def test_order_and_batches_do_not_show_and_nobody_is_lost(
    records: list[Record], chance: Any, show: int, audit: int, second: int
) -> None:
    made = gate(show=show, audit=audit + (show == 0), more=2, second_opinion=second, stages=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallying, "MOST_DRAWN", 12)
        patch.setattr(tallying, "MOST_RANKED", 5)
        whole = made.tally(batch(*records))
        shuffled = chance.sample(records, len(records))
        cuts = sorted(chance.randint(0, len(records)) for _ in range(3))
        parts = [shuffled[a:b] for a, b in itertools.pairwise([0, *cuts, len(records)])]
        merged = reduce(made.merge, (made.tally(batch(*part)) for part in parts), made.tally(batch()))
    assert merged == whole
    selection = made.selection(merged)
    assert selection == made.selection(whole)
    assert made.judge(merged) == made.judge(whole)
    held = [one for one in records if one.output is not None]
    low = {one.id for one in held if one.confidence is None or one.confidence < 0.6}
    shown, waiting = {row["id"] for row in selection.items}, {row["id"] for row in selection.queue}
    assert low <= shown | waiting
    assert not shown & waiting
    assert len(shown) == len(selection.items)
    assert len([row for row in selection.items if row["stratum"] in ("low-confidence", "second-opinion")]) <= show
    assert len(ids(selection, "second-opinion")) <= second
    facts = made.judge(merged).facts
    assert facts["outputs"] == len(held) == facts["not_shown"] + len(selection.items) - facts["audited"]
    for row in (*selection.items, *selection.reserve):
        assert loads(dump_line(row), file="items.jsonl") == row


def test_the_root_of_a_rank_is_shared_by_equals_and_silence_is_the_middle() -> None:
    assert roots((5, 5, 1, 1)) == roots((50, 50, 0, 0))
    assert roots((5, 5, 1, 1))[0] < roots((5, 5, 1, 1))[2]
    alone = roots((9, None, None))
    assert alone[0] == alone[1], "one that is alone is no more doubtful than the middle"
    assert roots((None, None)) == roots((3, 3))
    assert roots(()) == []


def past(*rows: dict[str, Any]) -> bytes:
    return b"".join(map(dump_line, rows))


def test_past_labels_teach_the_second_opinion() -> None:
    labelled = [{"input": case(n, topic).input, "label": topic} for n, topic in enumerate([*TOPICS] * 40, start=2000)]
    # All say card, so that of themselves they are one class.
    rows = [case(n, "card", about=about, confidence=0.9) for n, about in enumerate(["card"] * 30 + ["loan"])]
    assert not ids(selected(gate(show=5, audit=0), *rows), "second-opinion")
    made = gate(past(*labelled), show=5, audit=0)
    found = selected(made, *rows)
    assert ids(found, "second-opinion") == ["r0030"]
    assert "fitted on the other outputs and 120 labelled cases, says loan" in str(found.items[0]["doubts"])


def test_past_failures_teach_what_fails() -> None:
    rows = [{"input": f"refund in euro {n}", "answer": "text", "failed": True} for n in range(20)]
    rows += [{"input": f"balance of account {n}", "answer": f"text {n}", "failed": False} for n in range(60)]
    asked = [
        Record(id=f"r{n}", input=f"balance of my account {n}", output=f"text {n}", confidence=0.9) for n in range(30)
    ]
    asked.append(Record(id="bad", input="a refund in euro", output="text", confidence=0.9))
    found = selected(gate(past(*rows), show=3, audit=0), *asked)
    assert ids(found, "second-opinion") == ["bad"]
    assert found.items[0]["doubts"][-1]["signal"] == "past failures"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"label": "a"}', "a past case needs its input"),
        (b'{"input": "a", "grade": 1}', "unknown key 'grade'"),
        (b'{"input": "a", "failed": "yes"}', "failed is true or false"),
        (b'{"input": "a", "confidence": 2}', "confidence is a number from 0 to 1"),
        (b"[1]", "a past case is an object"),
        (b"", "holds no past case"),
    ],
)
def test_a_file_of_past_cases_that_is_none_is_refused_with_its_line(line: bytes, told: str) -> None:
    with pytest.raises(ConfigError, match=r"past\.jsonl") as refused:
        past_cases(line, "past.jsonl")
    assert told in str(refused.value)


def test_json_that_is_none_is_refused_in_past_cases() -> None:
    with pytest.raises(TwokeyError, match=r"past\.jsonl"):
        past_cases(b'{"input": NaN}', "past.jsonl")
    with pytest.raises(TwokeyError, match=r"past\.jsonl"):
        past_cases(b"\xff", "past.jsonl")
