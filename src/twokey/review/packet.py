"""The evidence packet: what somebody who has to decide reads first. Covered by the manifest, so nothing in it is later.

It holds no verdict, no clock, no environment and nobody's name but the subject's owner. Whatever it says follows from
the gates' results and the judging policy, and can be recomputed from them. An approval asks "may I do this?", proposes
one action and says why; an escalation asks "what should be done?", says why the machine is stuck, and offers options.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from twokey.config.scalars import percent
from twokey.config.shape import Config
from twokey.evidence.subject import SubjectDigest
from twokey.outcome import Finding, GateResult, Status
from twokey.review import MAY_HOLD, REVIEW
from twokey.review.claims import evidence_rows, fact, limits, ranked, risks, signals, together
from twokey.review.compared import audited, since_baseline, to_grade, weakest
from twokey.review.select import ReviewGate

TYPE = "urn:twokey:packet:v1"
STUCK = (Status.ERROR, Status.INCONCLUSIVE)
MOST_QUESTIONS = 5


def packet(
    results: Sequence[GateResult], *, subject: SubjectDigest, notes: Sequence[str], config: Config
) -> dict[str, Any]:
    """Return review/packet.json.

    Args:
        results: of all gates, the review's selection included.
        subject: what would be released.
        notes: what is to be said of the sample, such as a shortfall.
        config: only its judging part is read.
    """
    findings = ranked(results)
    stuck = not results or any(finding.status in STUCK for finding in findings)
    head = {
        "type": TYPE,
        "kind": "escalation" if stuck else "approval",
        "subject": {"name": subject.name, "owner": subject.owner, "digest": subject.digest, "pinned": subject.pinned},
        "summary": [_first_sentence(results, subject), _second_sentence(results, findings)],
    }
    ask = _situation(findings, results) if stuck else _proposal(findings, results, subject, config)
    return {
        **head,
        **ask,
        "if_nobody_answers": _silence(stuck=stuck),
        "since_the_baseline": list(since_baseline(results)),
        "weakest_parts": list(weakest(results)),
        "audit": list(audited(results)),
        "findings": [_finding(rank, finding) for rank, finding in enumerate(findings, start=1)],
        "evidence": list(evidence_rows(results, config)),
        "confidence_signals": list(signals(results)),
        "risk_if_wrong": list(risks(results)),
        "timeline": {"done": list(_done(results, config)), "open": list(_open(results))},
        "urgency": _urgency(findings),
        "limits_of_this_evidence": [
            *limits(results, subject=subject, notes=notes, config=config),
            *([MAY_HOLD] if to_grade(results) else ()),
        ],
        "questions": list(_questions(findings, results)),
    }


def _finding(rank: int, finding: Finding) -> dict[str, Any]:
    return {
        "rank": rank,
        "id": finding.id,
        "status": finding.status.value,
        "message": finding.message,
        "examples": ", ".join(finding.examples),
    }


def _first_sentence(results: Sequence[GateResult], subject: SubjectDigest) -> str:
    total = max((result.books.total for result in results), default=0)
    by_status: dict[Status, list[str]] = {}
    for result in results:
        by_status.setdefault(result.status, []).append(_named(result.gate))
    parts = [f"{together(by_status[s])} {_word(s, by_status[s])}" for s in reversed(Status) if s in by_status]
    errored = max((result.books.errored for result in results), default=0)
    lost = f", {errored:,} of which carry an error in place of an answer" if errored else ""
    return f"{total:,} recorded cases of {subject.name}{lost}: {'; '.join(parts) or 'no gate ran'}."


def _named(gate: str) -> str:
    """Return a gate's name; of the review only its selection was judged, since people come later."""
    return "the review's selection" if gate == REVIEW else gate


def _word(status: Status, gates: Sequence[str]) -> str:
    one, several = _WORDS[status]
    return one if len(gates) == 1 else several


_WORDS = {
    Status.OFF: ("is off", "are off"),
    Status.PASS: ("passes", "pass"),
    Status.INCONCLUSIVE: ("is not settled", "are not settled"),
    Status.FAIL: ("fails", "fail"),
    Status.ERROR: ("could not be checked", "could not be checked"),
}


def _second_sentence(results: Sequence[GateResult], findings: Sequence[Finding]) -> str:
    if findings:
        worst, others = findings[0], len(findings) - 1
        more = f", and {others:,} more {'finding' if others == 1 else 'findings'}" if others else ""
        return f"Worst, in {_named(worst.gate)}: {worst.message.partition('; ')[0]}{more}."
    waiting = to_grade(results)
    return f"Every check holds, and people are given {waiting}." if waiting else "Every check holds."


def _proposal(
    findings: Sequence[Finding], results: Sequence[GateResult], subject: SubjectDigest, config: Config
) -> dict[str, Any]:
    if findings:
        ids = ", ".join(finding.id for finding in findings)
        verb = "does" if len(findings) == 1 else "do"
        return {
            "proposed_action": f"Do not release {subject.name} as it is. Mend what fails and judge again: {ids}.",
            "why": f"{len(findings):,} of {sum(map(_judged, results)):,} checks {verb} not hold.",
            "alternatives": [
                "approve in spite of it, with the reason and the conditions in the decision",
                "change the policy, which is a change of its own and is judged under the old one",
            ],
        }
    action = f"Release {subject.name}"
    waiting = to_grade(results)
    if waiting:
        action += f", once {waiting} are graded{_within(config)}"
    return {
        "proposed_action": f"{action}.",
        "why": f"{sum(map(_judged, results)):,} checks in {len(results):,} gates hold, and none does not.",
        "alternatives": [
            "release to fewer people first, as a condition of the approval",
            "request changes, where the graded items show what no gate looks for",
            "reject: what runs now stays",
        ],
    }


def _judged(result: GateResult) -> int:
    return sum(metric.status is not Status.OFF for metric in result.metrics)


def _within(config: Config) -> str:
    review = config.review
    rules = []
    if review and review.max_failures is not None:
        rules.append(f"at most {percent(review.max_failures)} of the least confident fail")
    if review and review.max_failure_rate is not None:
        rules.append(f"the audit's bound on all outputs is at most {percent(review.max_failure_rate)}")
    return f" and {' and '.join(rules)}" if rules else ""


def _situation(findings: Sequence[Finding], results: Sequence[GateResult]) -> dict[str, Any]:
    stuck = [finding for finding in findings if finding.status in STUCK]
    why = [f"{finding.id} {_STUCK[finding.status]}: {finding.message}" for finding in stuck]
    return {
        "why_stuck": why or ["policy has no gate, so nothing was judged"],
        "options": list(_options(findings, results)),
    }


_STUCK = {Status.ERROR: "could not be checked", Status.INCONCLUSIVE: "is not settled"}


def _silence(*, stuck: bool) -> str:
    """Return what becomes of it if nobody answers. Who is reminded, and when it expires, is the deciding policy's."""
    if stuck:
        return "what runs now stays, which is what there is to fall back to; silence chooses no option"
    return "nothing is released, and what runs now stays; silence approves nothing"


def _options(findings: Sequence[Finding], results: Sequence[GateResult]) -> Iterator[dict[str, str]]:
    named = {status: ", ".join(f.id for f in findings if f.status is status) for status in Status}
    if named[Status.ERROR] or not results:
        what = named[Status.ERROR] or "policy, which has no gate"
        yield {"option": f"mend what could not be checked, and judge again: {what}", "cost": "time, and a new run"}
    if named[Status.FAIL]:
        yield {"option": f"mend what fails, and judge again: {named[Status.FAIL]}", "cost": "a change and a new run"}
    if named[Status.INCONCLUSIVE]:
        yield {
            "option": f"judge more records, until these can be told apart: {named[Status.INCONCLUSIVE]}",
            "cost": "records that somebody must make; half the interval takes about four times as many",
        }
    yield {
        "option": "approve with conditions, and say why what is not settled is acceptable",
        "cost": "the risk below, in your name",
    }
    yield {"option": "reject", "cost": "what runs now stays"}


def _done(results: Sequence[GateResult], config: Config) -> Iterator[str]:
    sample = config.sample
    wanted = f"{sample.synthetic} synthetic and {sample.production} production"
    yield f"records drawn: {wanted} wanted, seed {sample.seed}"
    for result in results:
        if result.gate != ReviewGate.name:
            books = result.books
            yield f"{result.gate}: {result.status.value}, {books.scored:,} of {books.total:,} records scored"
    if to_grade(results):
        yield f"chosen for people: {to_grade(results)}"


def _open(results: Sequence[GateResult]) -> Iterator[str]:
    if to_grade(results):
        yield f"grade {to_grade(results)}"
    if fact(results, "queued"):
        yield f"{fact(results, 'queued'):,} more low-confidence outputs wait in the queue"
    yield "decide, and sign the decision"


def _urgency(findings: Sequence[Finding]) -> str:
    harm = [finding.id for finding in findings if finding.gate == "safety" and finding.status is Status.FAIL]
    if harm:
        return f"look at {', '.join(harm)} today if what runs now answers likewise"
    return "the evidence sets no date"


def _questions(findings: Sequence[Finding], results: Sequence[GateResult]) -> Iterator[str]:
    for finding in findings[:MOST_QUESTIONS]:
        yield f"{finding.id}: {finding.message}. {_ASKED[finding.status]}"
    if len(findings) > MOST_QUESTIONS:
        yield f"And the other {len(findings) - MOST_QUESTIONS} findings: has somebody read each of them?"
    if to_grade(results):
        yield "Do the graded failures have something in common that no gate looks for?"
    yield "If this turns out wrong, who notices, how soon, and how is it taken back?"


_ASKED = {
    Status.FAIL: "Is there a reason to release in spite of it, and has whoever bears it agreed?",
    Status.INCONCLUSIVE: "Is that enough to release, or are more records worth the wait?",
    Status.ERROR: "Can it be checked before anybody decides?",
}
