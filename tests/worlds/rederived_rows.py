"""Each claim of a packet, derived again: the rows of evidence, risks, timeline, limits and findings."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from evidence_case import NUMBER, Case, count, near
from rederived import (
    RISK,
    check_action,
    check_audit,
    check_baseline,
    check_items,
    check_summary,
    check_weakest,
    check_why,
)

HARMS = {
    "are wrong": ("quality", "accuracy", True),
    "say what their context does not support": ("quality", "hallucination_rate", False),
    "are wrong though the model is sure": ("quality", "confident_errors", False),
    "do not come at all": ("performance", "availability", True),
}


REVIEWED = {
    "confidence_below": 0.6,
    "show": 50,
    "second_opinion": 10,
    "more": 50,
    "flips": 10,
    "risk": RISK,
    "stages": 1,
}
"""What holds of a review where policy does not say otherwise, by docs/reference/config.md."""


def check_evidence(case: Case) -> Iterator[str]:
    rows = {row["check"]: row for row in case.packet["evidence"]}
    assert list(rows) == [f"{gate}.{metric['id']}" for gate, metric in case.judged]
    for gate, metric in case.judged:
        row, interval = rows[f"{gate}.{metric['id']}"], metric["interval"] or {}
        assert [row[name] for name in ("status", "statement", "limit", "baseline", "value", "n")] == [
            metric[name] for name in ("status", "reason", "limit", "baseline", "value", "n")
        ]
        assert [row[name] for name in ("low", "high", "confidence", "method")] == [
            interval.get(name) for name in ("low", "high", "confidence", "method")
        ]
        check_statement(metric)
        yield from check_citation(case, gate, row["policy"])


def check_statement(metric: dict[str, Any]) -> None:
    """What a check says in words are its own numbers."""
    head = re.escape(metric["id"])
    own = re.match(rf"{head} {NUMBER}(?: \w+)? \(95% interval {NUMBER} to {NUMBER}, n={NUMBER}\)", metric["reason"])
    if own:
        numbers = (metric["value"], metric["interval"]["low"], metric["interval"]["high"], metric["n"])
        assert all(near(text, number) for text, number in zip(own.groups(), numbers, strict=True)), metric["reason"]
    moved = re.search(
        rf"the (drop|increase) from the baseline's {NUMBER}(?: \w+)? is {NUMBER}(?: \w+)?"
        rf" \(95% interval {NUMBER} to {NUMBER}, n=",
        metric["reason"],
    )
    if moved:
        sign = -1 if moved[1] == "drop" else 1
        change = metric["facts"]["difference"]
        bounds = sorted((sign * change["low"], sign * change["high"]))
        assert near(moved[2], metric["baseline"])
        assert all(
            near(text, number)
            for text, number in zip(moved.groups()[2:], (sign * change["value"], *bounds), strict=True)
        ), metric["reason"]


def check_citation(case: Case, gate: str, cited: str) -> Iterator[str]:
    """What is cited of policy stands there: the numbers at the place that is named, or those of a default."""
    place, _, words = cited.partition(": ")
    if words.endswith("(default)") or place == "no policy can change it":
        assert gate == "records"
        yield words.removesuffix(" (default)")
        return
    found: Any = case.policy
    for part in place.split("."):
        if part not in found and gate == "records" and words == "at most 0":
            return  # what holds where policy writes no more than some of this gate's rules
        found = found[part]
    if place == "review":
        told = dict(pair.split(" ", 1) for pair in words.split(", "))
        assert {name: float(number) for name, number in told.items()} == pytest.approx({**REVIEWED, **found})
    elif words.startswith("at most "):
        assert words == f"at most {found['max'] if isinstance(found, dict) else found}"
    else:
        shares = {name: float(part.rstrip("%")) for name, part in (one.split(" ") for one in words.split(", "))}
        assert shares == pytest.approx({name: float(str(part).rstrip("%")) for name, part in found.items()})
    yield ""


def check_risks(case: Case) -> Iterator[str]:
    for text in case.packet["risk_if_wrong"]:
        match = re.fullmatch(rf"of 1,000 outputs about {NUMBER} (.*) \({NUMBER} to {NUMBER}, 95%\)", text)
        assert match, text
        if match[2] in HARMS:
            gate, name, good = HARMS[match[2]]
            metric = case.metric(gate, name)
            share, interval = metric["value"], metric["interval"]
            low, high = interval["low"], interval["high"]
            share, low, high = (1 - share, 1 - high, 1 - low) if good else (share, low, high)
        else:
            detector = match[2].removeprefix("hold what ").removesuffix(" looks for")
            rate = case.metric("safety", detector)["facts"]["rate"]
            share, low, high = rate["value"], rate["low"], rate["high"]
        assert abs(count(match[1]) - share * 1000) <= 0.5 + 1e-6
        assert 0 <= low * 1000 - count(match[3]) < 1 + 1e-6
        assert 0 <= count(match[4]) - high * 1000 < 1 + 1e-6
        yield ""


def check_timeline(case: Case) -> Iterator[str]:
    sample = case.policy.get("sample", {})
    drawn, *done = case.packet["timeline"]["done"]
    synthetic, production = sample.get("synthetic", 1000), sample.get("production", 1000)
    assert (
        drawn
        == f"records drawn: {synthetic} synthetic and {production} production wanted, seed {case.manifest['seed']}"
    )
    for text in done:
        if text.startswith("chosen for people"):
            yield check_items(case, text)
            continue
        match = re.fullmatch(rf"(\w+): (\w+), {NUMBER} of {NUMBER} records scored", text)
        assert match, text
        gate = case.results[match[1]]
        assert match[2] == gate["status"]
        assert [count(match[3]), count(match[4])] == [gate["books"]["scored"], gate["books"]["total"]]
    for text in case.packet["timeline"]["open"]:
        yield check_queue(case, check_items(case, text))


def check_queue(case: Case, text: str) -> str:
    pattern = rf"{NUMBER} (?:more )?low-confidence outputs wait in the queue"
    match = re.search(pattern, text)
    if match:
        waiting = sum(row["why"] == "low-confidence" for row in case.rows("queue.jsonl"))
        assert count(match[1]) == waiting
    return re.sub(pattern, "<queue>", text)


def check_limits(case: Case) -> Iterator[str]:
    books = (
        rf"(\w+): of {NUMBER} records {NUMBER} are errored, {NUMBER} unscorable and {NUMBER} excluded; {NUMBER} were"
    )
    for text in case.packet["limits_of_this_evidence"]:
        left, allowed = re.match(books, text), re.match(rf"(\S+) saw in {NUMBER} records what policy allows", text)
        if left:
            found = case.results[left[1]]["books"]
            names = ("total", "errored", "unscorable", "excluded", "scored")
            assert [count(one) for one in left.groups()[1:]] == [found[name] for name in names]
        elif allowed:
            (one,) = (row for row in case.results["safety"]["facts"]["allowed"] if row["rule"] == allowed[1])
            assert count(allowed[2]) == one["records"]
            assert text.endswith(f"until {one['until']}: {one['why']}")
        else:
            yield check_queue(case, text)


def check_findings(case: Case) -> Iterator[str]:
    told = case.packet["findings"]
    assert [row["rank"] for row in told] == list(range(1, len(case.findings) + 1))
    for row, finding in zip(told, case.findings, strict=True):
        assert [row[name] for name in ("id", "status", "message")] == [
            finding[name] for name in ("id", "status", "message")
        ]
        assert row["examples"] == ", ".join(finding["examples"])
    yield ""


def check_subject(case: Case) -> Iterator[str]:
    subject, named = case.packet["subject"], case.manifest["subject"]
    assert {name: named[name] for name in ("name", "owner", "digest", "pinned")} == subject
    yield ""


CHECKS = {
    "summary": check_summary,
    "why": check_why,
    "proposed_action": check_action,
    "since_the_baseline": check_baseline,
    "weakest_parts": check_weakest,
    "audit": check_audit,
    "evidence": check_evidence,
    "risk_if_wrong": check_risks,
    "timeline": check_timeline,
    "limits_of_this_evidence": check_limits,
    "findings": check_findings,
    "subject": check_subject,
}
PLAIN = ("type", "kind", "alternatives", "why_stuck", "options", "if_nobody_answers", "urgency")
QUOTING = ("confidence_signals", "questions")
