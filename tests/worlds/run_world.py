"""Whole runs for tests of reports: real evidence, made by the real manifest and judged by the real limits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from twokey.canonical import dump_line, dumps
from twokey.conclusion import CheckpointState, Conclusion, DecisionOutcome, Verdict
from twokey.config.scalars import Allowance, Change
from twokey.config.shape import Limit
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import ITEMS, PACKET, QUARANTINE, QUEUE, RESULTS
from twokey.evidence.manifest import parse_manifest, render_manifest
from twokey.evidence.store import assemble
from twokey.evidence.subject import FileDigest, SubjectDigest
from twokey.gates.limits import Measured, counted, estimated, judge_allowance, judge_limit, proportion
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.reports.base import Run
from twokey.verdict import Case, SubjectState, decide

HOSTILE = Path(__file__).parents[1] / "hostile" / "outputs.jsonl"
BOOKS = Books(total=2000, scored=1992, errored=2, unscorable=6)
NAMES = ("bill_question", "slow_internet", "roaming", "cancel_contract", "account_access")


@dataclass(frozen=True, slots=True)
class HostileCase:
    """One hostile output: what it is called, its text, and what must not stand raw in any sink."""

    name: str
    text: str
    never: tuple[str, ...]


@cache
def hostile_cases() -> tuple[HostileCase, ...]:
    rows = [json.loads(line) for line in HOSTILE.read_text(encoding="ascii").splitlines()]
    return tuple(HostileCase(row["name"], row["text"] * row.get("times", 1), tuple(row["never"])) for row in rows)


def records() -> GateResult:
    metrics = [
        judge_allowance("unreadable", 0, 2000, Allowance(count=0), BOOKS, what="lines could not be read"),
        judge_allowance("errored", 2, 2000, Allowance(share=0.005), BOOKS, what="records carry an error"),
    ]
    return conclude_gate("records", BOOKS, metrics)


def performance() -> GateResult:
    now = estimated(212.4, (205.1, 221.9), 1992, "order statistics")
    before = estimated(198.0, (192.0, 204.5), 1990, "order statistics")
    change = estimated(14.4, (4.0, 24.8), 1990, "Bonferroni of two order statistics")
    measured = Measured(estimate=now, baseline=before, difference=change, unit="ms")
    limit = Limit(max=500, max_increase=Change(relative=0.5, absolute=50))
    p50 = Measured(estimate=estimated(88.2, (86.0, 90.1), 1992, "order statistics"), unit="ms")
    metrics = [judge_limit("latency_p95_ms", measured, limit, BOOKS), judge_limit("latency_p50_ms", p50, None, BOOKS)]
    return conclude_gate("performance", BOOKS, metrics)


def quality(right: int = 1890) -> GateResult:
    accuracy = Measured(
        estimate=proportion(right, 1992),
        baseline=proportion(1905, 1992),
        difference=estimated((right - 1905) / 1992, ((right - 1905) / 1992 - 0.008, 0.001), 1992, "Tango"),
        note="a change of 0.011 could have been found",
    )
    metrics = [
        judge_limit("accuracy", accuracy, Limit(min=0.95, max_drop=Change(absolute=0.02)), BOOKS),
        judge_limit("hallucination_rate", Measured(estimate=proportion(71, 1992)), Limit(max=0.02), BOOKS),
        judge_limit("f1_macro", Measured(estimate=proportion(1880, 1992)), None, BOOKS),
        *(
            judge_limit("accuracy", Measured(estimate=proportion(k, n)), None, BOOKS, part=f"channel={name}")
            for name, k, n in (("chat", 900, 940), ("email", 690, 740), ("phone", 300, 312))
        ),
    ]
    examples = {"accuracy": ("ticket-0007", "ticket-0019"), "hallucination_rate": ("ticket-0003",)}
    return conclude_gate("quality", BOOKS, metrics, examples=examples)


def safety() -> GateResult:
    metrics = [
        judge_allowance(name, 0, 1992, Allowance(count=0), BOOKS, what=f"outputs with {name} findings")
        for name in ("pii", "secrets", "profanity", "policy")
    ]
    return conclude_gate("safety", BOOKS, metrics, facts={"flagged": 0, "quarantined": 0})


def selection() -> GateResult:
    share = Metric(
        name="low_confidence_share",
        status=Status.OFF,
        reason="141 of 1,998 outputs are under a confidence of 0.6",
        books=BOOKS,
        estimate=counted(141 / 1998, 1998),
    )
    chosen = Metric(
        name="selection",
        status=Status.PASS,
        reason="50 of 141 low-confidence outputs are shown; 59 of the 1,948 others are audited at random",
        books=BOOKS,
        estimate=counted(109, 1998),
        unit="items",
    )
    return conclude_gate("review", BOOKS, [chosen, share])


def graded(failed: int = 12) -> GateResult:
    books = Books(total=109, scored=109)
    bound = Metric(
        name="max_failure_rate",
        status=Status.PASS,
        reason="59 of 59 audit items clean, 12 of 50 shown failed: at most 5.4% of these 1,998 outputs fail, 95%",
        books=books,
        estimate=estimated(0.006, (0.006, 0.054), 1998, "exact stratified bound, hypergeometric"),
        limit="max 20%",
    )
    plain = Metric(
        name="max_failures",
        status=Status.PASS if failed <= 30 else Status.FAIL,
        reason=f"{failed} of the 50 least confident items failed; at most 60% may fail",
        books=books,
        estimate=counted(failed / 50, 50),
        limit="max 60%",
    )
    return conclude_gate("review", books, [plain, bound], facts={"grades": {"pass": 97, "fail": 12}, "reviewer": "ann"})


def item(number: int, stratum: str, text: str | None = None) -> dict[str, Any]:
    asked, label = NAMES[number % 5], NAMES[(number + (number % 4 == 0)) % 5]
    words = f"You wrote about {label.replace('_', ' ')}. Each bill covers one calendar month."
    return {
        "id": f"ticket-{number:04}",
        "stratum": stratum,
        "rank": number,
        "confidence": round(0.2 + number / 200, 3),
        "input": {"text": f"Hello, I have a question about my {asked.replace('_', ' ')}. Number {number}."},
        "output": {"label": label, "reply": words} if text is None else text,
        "label": label if text is None else text,
        "expected": asked,
        "context": "Reading your bill. Every charge is listed line by line in the portal. " * (6 if number % 3 else 2),
        "findings": ["profanity.word (low)"] if number % 10 == 0 else [],
        "source": "production" if number % 2 else "synthetic",
        "groups": {"channel": ("chat", "email", "phone")[number % 3]},
    }


def items() -> tuple[dict[str, Any], ...]:
    low = tuple(item(n, "low-confidence") for n in range(1, 51))
    return (*low, *({**item(n, "audit"), "expected": None} for n in range(51, 110)))


def packet() -> dict[str, Any]:
    return {
        "type": "urn:twokey:packet:v1",
        "kind": "escalation",
        "summary": [
            "support-triage: 2,000 recorded answers were judged; quality fail; records, safety, review pass.",
            "Worst: quality.hallucination_rate: 0.0356 is above the maximum 0.02 (1 more findings).",
        ],
        "options": [
            {"option": "mend what fails, and judge again", "cost": "a change and a new run"},
            {"option": "reject", "cost": "what runs now stays"},
        ],
        "findings": [],
        "evidence": [
            {"check": "quality.accuracy", "statement": "accuracy 0.949 cannot be told apart", "policy": "min 0.95"},
            {"check": "quality.hallucination_rate", "statement": "0.0356 is above 0.02", "policy": "max 0.02"},
        ],
        "confidence_signals": ["141 of 1,998 outputs are under a confidence of 0.6", "no calibration error"],
        "risk_if_wrong": ["of 1,000 outputs about 36 say what their context does not support (27 to 45, 95%)"],
        "timeline": {"done": ["2,000 records judged"], "open": ["grade 109 items", "decide, and sign the decision"]},
        "urgency": "the evidence sets no date; nothing is released while this is open",
        "limits_of_this_evidence": ["the recordings are unwitnessed", "hallucination is judged by words only"],
        "questions": ["If this turns out wrong, who notices, how soon, and how is it taken back?"],
    }


def quarantined(text: str) -> dict[str, Any]:
    rule = {"rule": text, "start": 0, "end": 3, "fingerprint": "d" * 64, "severity": "high"}
    return {"id": text, "output": f"held: {text}", "rules": [rule], "seen": 1}


def make_evidence(
    results: tuple[GateResult, ...],
    rows: tuple[Mapping[str, Any], ...],
    told: Mapping[str, Any],
    subject: str,
    held: tuple[Mapping[str, Any], ...] = (),
) -> Evidence:
    files = {
        RESULTS: dumps({"type": "urn:twokey:results:v1", "gates": [r.plain() for r in results], "sample": {}}),
        PACKET: dumps(told),
        ITEMS: b"".join(map(dump_line, rows)),
        QUEUE: b"",
        QUARANTINE: b"".join(map(dump_line, held)),
    }
    of = tuple(
        FileDigest(path=path, sha256=f"{index:064x}", size=1000 * index)
        for index, path in enumerate(("model/articles.json", "model/classifier.json", "prompts/reply.json"), start=1)
    )
    manifest = render_manifest(
        subject=SubjectDigest(name=subject, owner="ml-owner@example.com", files=of),
        recordings={
            "candidate": {
                "sha256": "a" * 64,
                "size": 1_340_000,
                "records": 2000,
                "unreadable": {"count": 0, "first": []},
            },
            "baseline": None,
        },
        policy={"sha256": "b" * 64, "files": []},
        seed=7,
        files=files,
    )
    return assemble(manifest, parse_manifest(manifest), files)


RELEASE = CheckpointState(
    name="release",
    opened_by=("quality.hallucination_rate is fail", "7.1% of the outputs are under the review's confidence"),
    facts="c" * 64,
    claims=("quality.accuracy", "quality.hallucination_rate"),
    closers="one of product, risk",
    criteria=("rollback plan available", "stakeholders told"),
)
REFUSED = DecisionOutcome(
    file="decision-mallory@example.com.json",
    principal="mallory@example.com",
    decision="approve",
    counted=False,
    reasons=("step 4: mallory@example.com is not in the roster", "step 6: signed for evidence 0123456789ab"),
)
COUNTED = DecisionOutcome(
    file="decision-ann@example.com.json", principal="ann@example.com", decision="approve", counted=True,
    crosscheck="ssh-keygen agrees",
)  # fmt: skip


def make_run(evidence: Evidence, case: Case, decisions: tuple[DecisionOutcome, ...] = ()) -> Run:
    verdict, reasons = decide(case)
    conclusion = Conclusion(
        verdict=verdict,
        reasons=reasons,
        manifest=evidence.digest,
        environment="production",
        repository="example/support-triage",
        subject=case.subject.value,
        checkpoints=case.checkpoints,
        decisions=decisions,
        review=case.review,
        limits=("the change's author may decide: the roster has one person",),
    )
    return Run(evidence=evidence, conclusion=conclusion)


@cache
def _evidence() -> Evidence:
    results = (records(), performance(), quality(), safety(), selection())
    return make_evidence(results, items(), packet(), "support-triage", (quarantined("ticket-0300"),))


def waiting() -> Run:
    """A decision is needed, and one that was made does not count."""
    return make_run(_evidence(), Case(subject=SubjectState.MATCHES, checkpoints=(RELEASE,)), (REFUSED,))


def approved() -> Run:
    """The findings were accepted by somebody entitled to it."""
    closed = replace(RELEASE, closed_by=("ann@example.com as product",))
    case = Case(subject=SubjectState.MATCHES, checkpoints=(closed,), review=graded(), vouched=True)
    return make_run(_evidence(), case, (COUNTED, REFUSED))


def blocked() -> Run:
    """Nobody claims the findings."""
    case = Case(subject=SubjectState.MATCHES, unclaimed=_evidence().findings)
    return make_run(_evidence(), case)


def refused() -> Run:
    """Somebody entitled to it said no."""
    state = replace(RELEASE, refused_by=("ann@example.com",))
    return make_run(_evidence(), Case(subject=SubjectState.MATCHES, checkpoints=(state,)))


def broken() -> Run:
    """What is about to ship is something else."""
    differs = Case(subject=SubjectState.DIFFERS, differences=("model/classifier.json changed",))
    return make_run(_evidence(), differs)


def clean() -> Run:
    """Nothing to decide, no review, policy lets it pass."""
    evidence = make_evidence((records(), safety()), (), {}, "support-triage")
    return make_run(evidence, Case(subject=SubjectState.MATCHES, automatic=True, vouched=True))


def empty() -> Run:
    """No gate, no item, no packet."""
    evidence = replace(make_evidence((records(),), (), {}, "s"), results=())
    return make_run(evidence, Case(subject=SubjectState.CONSISTENT))


RUNS = {
    "waiting": waiting,
    "approved": approved,
    "blocked": blocked,
    "refused": refused,
    "broken": broken,
    "clean": clean,
    "empty": empty,
}


@cache
def hostile_run(text: str) -> Run:
    """A run in which one hostile text stands wherever data can get to."""
    books = Books(total=2, scored=2)
    allowance = Allowance(count=0)
    metrics = [
        judge_allowance(text, 1, 2, allowance, books, what=text, part=text, facts={text: text}),
        Metric(name=text, status=Status.ERROR, reason=text, books=books, limit=text, unit=text, slice="x"),
        Metric(name=f"shown {text}", status=Status.OFF, reason=text, books=books, estimate=counted(1, 2), unit=text),
        Metric(name="waits", status=Status.INCONCLUSIVE, reason=text, books=books, estimate=proportion(1, 2)),
    ]
    result = conclude_gate(text, books, metrics, examples={metric.id: (text, text) for metric in metrics})
    row = {**item(1, text, text), "id": text, "input": text, "context": text, "findings": [text], "source": text}
    row["groups"] = {text: text}
    told: dict[str, Any] = dict.fromkeys(packet(), text)
    told["evidence"] = [{"statement": text, text: text}]
    evidence = make_evidence(
        (result,), (row, {**row, "output": {text: [text]}, "label": None}), told, text, (quarantined(text),)
    )
    state = CheckpointState(
        name=text, opened_by=(text,), facts="c" * 64, claims=(f"{text}.waits",), closers=text, criteria=(text,)
    )
    outcome = DecisionOutcome(file=text, principal=text, decision=text, counted=False, reasons=(text,), crosscheck=text)
    conclusion = Conclusion(
        verdict=Verdict.NEEDS_DECISION,
        reasons=(text, f"a reason that ends in {text}", f"{'x' * 86} {text}"),
        manifest=evidence.digest,
        environment=text,
        repository=text,
        subject=text,
        checkpoints=(state, replace(state, closed_by=(text,)), replace(state, refused_by=(text,))),
        decisions=(outcome, replace(outcome, counted=True)),
        review=result,
        limits=(text,),
    )
    return Run(evidence=evidence, conclusion=conclusion)
