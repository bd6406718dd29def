"""Each claim of a packet, derived again: what is said first, by comparison, and of the audit. Nothing of ours is used.

Each check asserts what it derives and yields what it did not: sentences that must have no digit left of their own.
"""

import re
from collections.abc import Iterator
from math import comb
from typing import Any

import pytest
from evidence_case import NUMBER, STRATA, Case, count, near

RISK = 0.05
"""The consumer's risk where policy does not say otherwise."""


def check_items(case: Case, text: str) -> str:
    """Derive `71 items (12 least confident, 59 drawn at random)` again, and return the text without it."""
    for match in re.finditer(rf"{NUMBER} items \(([^)]*)\)", text):
        parts = [part.split(" ", 1) for part in match[2].split(", ")]
        assert {STRATA[what]: count(number) for number, what in parts} == case.strata
        assert count(match[1]) == case.strata.total()
    return re.sub(rf"{NUMBER} items \([^)]*\)", "<items>", text)


def check_summary(case: Case) -> Iterator[str]:
    first, second = case.packet["summary"]
    match = re.match(rf"{NUMBER} recorded cases of triage(?:, {NUMBER} of which carry an error[^:]*)?: (.*)\.$", first)
    assert match
    assert count(match[1]) == max(gate["books"]["total"] for gate in case.results.values())
    assert count(match[2] or "0") == max(gate["books"]["errored"] for gate in case.results.values())
    words = {"pass": "pass(?:es)?", "fail": "fails?", "inconclusive": "(?:is|are) not settled", "error": "could not"}
    for name, gate in case.results.items():
        assert re.search(rf"\b{name}\b[^;]*{words[gate['status']]}", match[3]), (name, first)
    more = re.search(rf", and {NUMBER} more findings?\.$", second)
    if case.findings:
        assert second.startswith(f"Worst, in {case.findings[0]['gate']}: {case.findings[0]['message'].split('; ')[0]}")
        assert (count(more[1]) if more else 0) == len(case.findings) - 1
    else:
        assert second.startswith("Every check holds")
    yield check_items(case, re.sub(rf", and {NUMBER} more findings?", "", second))


def check_why(case: Case) -> Iterator[str]:
    why = case.packet.get("why")
    if why is None:
        assert case.packet["kind"] == "escalation"
        return
    yield ""
    broken = sum(metric["status"] != "pass" for _, metric in case.judged)
    if match := re.fullmatch(rf"{NUMBER} checks in {NUMBER} gates hold, and none does not\.", why):
        assert (count(match[1]), count(match[2]), broken) == (len(case.judged), len(case.results), 0)
    else:
        assert why == f"{broken} of {len(case.judged)} checks {'does' if broken == 1 else 'do'} not hold."


def check_action(case: Case) -> Iterator[str]:
    text = check_items(case, case.packet.get("proposed_action", ""))
    review = case.policy.get("review", {})
    for pattern, key in (
        (rf"at most {NUMBER}% of the least confident fail", "max_failures"),
        (rf"bound on all outputs is at most {NUMBER}%", "max_failure_rate"),
    ):
        match = re.search(pattern, text)
        assert (match is not None) == (key in review and "<items>" in text)
        if match:
            assert float(match[1]) == pytest.approx(review[key] * 100)
        text = re.sub(pattern, "", text)
    yield text


def check_baseline(case: Case) -> Iterator[str]:
    told = {text.split(" ")[0]: text for text in case.packet["since_the_baseline"]}
    always = {"accuracy", "hallucination_rate", "confident_errors", "latency_p95_ms", "availability"}
    wanted = {
        metric["name"]: metric
        for gate in case.results.values()
        for metric in gate["metrics"]
        if metric["baseline"] is not None and metric["slice"] is None and metric["interval"]
        if metric["status"] != "off" or metric["name"] in always
    }
    assert told.keys() == wanted.keys()
    for name, text in told.items():
        metric = wanted[name]
        head, _, pairs = text.partition(": ")
        numbers = re.findall(rf" {NUMBER}(?= |,|$)", head)
        assert near(numbers[0], metric["baseline"])
        assert near(numbers[-1], metric["value"])
        assert ("as before" in head) == (metric["value"] == metric["baseline"])
        if pairs:
            found = re.fullmatch(rf"{NUMBER} answers mended and {NUMBER} broken, of {NUMBER} cases in both", pairs)
            assert found
            facts = metric["facts"]["pairs"]
            assert [count(one) for one in found.groups()] == [facts["fixed"], facts["broken"], facts["n"]]
            moved = facts["fixed"] - facts["broken"]
            sign = -1 if name in ("confident_errors", "hallucination_rate") else 1
            assert metric["facts"]["difference"]["value"] == pytest.approx(sign * moved / facts["n"], abs=1e-6)
        yield ""


def check_weakest(case: Case) -> Iterator[str]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for metric in case.results["quality"]["metrics"]:
        if metric["name"] == "accuracy" and metric["slice"] and metric["interval"]:
            groups.setdefault(metric["slice"].partition("=")[0], []).append(metric)
    expected = [min(parts, key=lambda m: float(m["value"])) for parts in groups.values()]
    differing = [m for m in expected if len({one["value"] for one in groups[m["slice"].partition("=")[0]]}) > 1]
    assert len(case.packet["weakest_parts"]) == len(differing)
    whole = case.metric("quality", "accuracy")["value"]
    for text in case.packet["weakest_parts"]:
        pattern = (
            rf"accuracy is least where (.*): {NUMBER} \(95% interval {NUMBER} to {NUMBER}, n={NUMBER}\),"
            rf" and {NUMBER} over all"
        )
        match = re.fullmatch(pattern, text)
        assert match
        metric = next(one for one in differing if one["slice"] == match[1])
        interval = metric["interval"]
        for written, number in zip(
            match.groups()[1:], (metric["value"], interval["low"], interval["high"], metric["n"], whole), strict=True
        ):
            assert near(written, number), (text, number)
        assert near(match[2], metric["value"])
        yield ""


def check_audit(case: Case) -> Iterator[str]:
    lines = list(case.packet["audit"])
    if not case.strata.get("audit"):
        assert lines == []
        return
    outputs = case.facts["outputs"]
    not_shown = outputs - (case.strata.total() - case.strata["audit"])
    first = re.match(rf"{NUMBER} of the {NUMBER} outputs that nobody is shown otherwise", lines[0])
    assert first
    assert [count(one) for one in first.groups()] == [case.strata["audit"], not_shown]
    for line in lines[1:]:
        yield from check_stage(case, line, not_shown) if line.startswith("up to") else ()
        if line.startswith("the chance that a release passes this audit"):
            yield from check_curve(case, line, not_shown)


def check_stage(case: Case, line: str, not_shown: int) -> Iterator[str]:
    """The first stage of an audit of one: so few failures show the claim, and one more would not."""
    match = re.fullmatch(
        rf"up to {NUMBER} failures? among {NUMBER} items shows? that at most {NUMBER}% of all outputs fail,"
        rf" at a risk of {NUMBER}%",
        line,
    )
    assert match, line
    passes, drawn, claims, risk = (float(one.replace(",", "")) for one in match.groups())
    assert drawn == case.strata["audit"]
    assert claims / 100 == pytest.approx(case.policy["review"]["max_failure_rate"])
    assert (risk / 100, passes) == (RISK, passes_with(case, not_shown))
    yield ""


def check_curve(case: Case, line: str, not_shown: int) -> Iterator[str]:
    """How often a release passes: so many failures or fewer among those drawn, out of so many that fail."""
    stages = case.facts["audit"]["stages"]
    assert len(stages) == 1, "these releases are audited in one stage"
    points = re.findall(r"((?:less than |more than )?\d+%) where ([\d.]+)% of its outputs fail", line)
    assert len(points) == len(case.facts["audit"]["operating_curve"]) > 3
    for chance, rate in points:
        bad = round(float(rate) / 100 * case.facts["outputs"])
        found = at_most(passes_with(case, not_shown), not_shown, bad, case.strata["audit"])
        if chance.startswith("less"):
            assert 0 < found < 0.01
        elif chance.startswith("more"):
            assert 0.99 < found < 1
        else:
            assert abs(float(chance.rstrip("%")) / 100 - found) <= 0.0051, (line, rate, found)
    yield ""


def passes_with(case: Case, not_shown: int) -> int:
    """The most failures in the audit with which its bound still holds, if nothing that is shown fails."""
    limit = case.policy["review"]["max_failure_rate"]
    allowed = int(limit * case.facts["outputs"] + 1e-9)
    drawn = case.strata["audit"]
    return max(
        (k for k in range(drawn + 1) if at_most(k, not_shown, min(allowed + 1, not_shown), drawn) <= RISK), default=-1
    )


def at_most(most: int, pool: int, bad: int, drawn: int) -> float:
    """The hypergeometric distribution function, by counting."""
    ways = sum(comb(bad, k) * comb(pool - bad, drawn - k) for k in range(min(most, bad, drawn) + 1))
    return ways / comb(pool, drawn)
