"""The part of report.html about people: the verdict, what is asked of them, who may close what, and how to sign."""

import re
from collections.abc import Iterable

from twokey.conclusion import CheckpointState, Conclusion, DecisionOutcome, Verdict
from twokey.reports import wording
from twokey.reports.base import Run
from twokey.reports.elements import Child, Markup, el, join
from twokey.reports.page_gates import bullets, definitions, section, status, table
from twokey.reports.reviewing import flags as reviewer_flags
from twokey.reports.reviewing import review_sentences, reviewing
from twokey.reports.steps import next_steps
from twokey.review import REVIEW
from twokey.review.compared import CURVE, curve

_ASKED = (
    ("proposed_action", "proposed action"),
    ("why", "why"),
    ("why_stuck", "why it is stuck"),
    ("options", "options"),
    ("risk_if_wrong", "risk if wrong"),
    ("since_the_baseline", "since the baseline"),
    ("weakest_parts", "weakest parts"),
    ("urgency", "urgency"),
    ("if_nobody_answers", "if nobody answers"),
)
_NEXT_TO_NOTHING = re.compile(r"\babout 0\b(?![.,]\d)")
_DETECTOR = re.compile(r" hold what (\S+) looks for")
_FILED = ("questions", "evidence", "confidence_signals", "alternatives", "timeline")
_KINDS = {
    "approval": "An approval is asked for: may this be done?",
    "escalation": "An escalation: the machine cannot settle it. What should be done?",
}


def header(run: Run) -> Markup:
    """Return the page's head: what would be released where, and the evidence it is about."""
    conclusion = run.conclusion
    title = el("h1", wording.headline(run))
    digest = el("p", "Evidence ", el("code", f"sha256:{run.evidence.digest}"), class_="soft")
    return el(
        "header",
        title,
        el("p", "Repository ", conclusion.repository, class_="soft") if conclusion.repository else None,
        digest,
    )


def verdict(run: Run) -> Markup:
    """Return the verdict with every reason, and what the packet says and asks."""
    conclusion, packet = run.conclusion, run.evidence.packet
    word = conclusion.verdict.label
    glyph = el("span", wording.GLYPHS[word], aria_hidden="true")
    box = el(
        "div",
        el("p", glyph, f" {word}", class_=f"word {word}"),
        el("p", el("strong", f"As of {conclusion.at}: not a verdict on today.")) if conclusion.at else None,
        el("p", f"Exit status {conclusion.verdict.exit_status}.", class_="soft"),
        bullets(conclusion.reasons),
        class_=f"verdict {word}",
    )
    summary = [el("p", " ".join(wording.lines_of(packet.get("summary"))))]
    kind = _KINDS.get(str(packet.get("kind")))
    if kind and conclusion.verdict is Verdict.NEEDS_DECISION:
        summary.append(el("p", el("strong", kind)))
    return section("verdict", "Verdict", box, *summary, _asked(run), _filed(run))


def _asked(run: Run) -> Markup | None:
    """Return what the packet asks; folded once it is answered."""
    asked = [
        (title, _risks(run) if key == "risk_if_wrong" else _told(run.evidence.packet.get(key)))
        for key, title in _ASKED
        if run.evidence.packet.get(key)
    ]
    if not asked:
        return None
    if run.conclusion.verdict is Verdict.PASS:
        return el("details", el("summary", "What was asked"), definitions(asked))
    return definitions(asked)


def _risks(run: Run) -> Markup:
    """Return the risks; those of next to nothing are folded where their check passes."""
    lines = list(wording.lines_of(run.evidence.packet.get("risk_if_wrong")))
    small = [line for line in lines if _NEXT_TO_NOTHING.search(line) and not _found(line, run)]
    rest = [line for line in lines if line not in small]
    folded = el("details", el("summary", f"{len(small):,} more, next to nothing"), bullets(small)) if small else None
    return join(_told(rest) if rest else None, folded)


def _found(line: str, run: Run) -> bool:
    """Whether there is a finding about what a line on a risk speaks of: a detector by its name, else the numbers."""
    detector = _DETECTOR.search(line)
    if detector:
        return any(finding.id == f"safety.{detector[1]}" for finding in run.evidence.findings)
    return any(finding.gate in ("quality", "performance") for finding in run.evidence.findings)


def _filed(run: Run) -> Markup | None:
    packet = run.evidence.packet
    facts = [(key.replace("_", " "), _told(packet.get(key))) for key in _FILED if packet.get(key)]
    if not facts:
        return None
    return el(
        "details",
        el("summary", "The case in full: questions, evidence, signals, alternatives, timeline"),
        definitions(facts),
    )


def _told(content: object) -> Markup:
    lines = list(wording.lines_of(content))
    return join(lines[0]) if len(lines) == 1 else bullets(lines)


def review(run: Run) -> Markup:
    """Return what the human review shows, the bound from the random audit included."""
    how = reviewing(run)
    went = el("details", el("summary", "How the reviewing went"), bullets(how)) if how else None
    found = reviewer_flags(run)
    flagged = "a reviewer flag stands" if len(found) == 1 else f"{len(found):,} reviewer flags stand"
    see = el("p", el("strong", f"Further down {flagged}.")) if found else None
    told = [sentence for sentence in review_sentences(run) if not sentence.startswith(CURVE)]
    return section("review", "What the human review shows", bullets(told), _curve(run), see, went)


def _curve(run: Run) -> Markup | None:
    """Return how often a release passes the audit, while nobody's grades say more."""
    selection = run.evidence.result(REVIEW)
    audit = selection.facts.get("audit") if selection and run.conclusion.review is None else None
    try:
        rows = list(curve(audit or {}))
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ):  # evidence that nobody recomputed may hold anything
        rows = []
    if not rows:
        return None
    title = f"{CURVE[:1].upper()}{CURVE[1:]}"
    return join(
        el("p", f"{title}:"),
        el("div", table(("true failure rate", "chance that it passes"), rows, title), class_="small"),
    )


def checkpoints(run: Run) -> Markup:
    """Return the checkpoints, who may close each, and what became of each decision."""
    conclusion = run.conclusion
    cards = [_checkpoint(state, run) for state in conclusion.checkpoints] or [el("p", "No checkpoint opened.")]
    return section("checkpoints", "Checkpoints", *cards, _decisions(conclusion))


def _checkpoint(state: CheckpointState, run: Run) -> Markup:
    word = "block" if state.refused_by else "needs-decision" if state.open else "pass"
    released = state.overridden_by or state.relaxed
    settled = "closed" if state.closed_by or not released else "released"
    label = "refused" if state.refused_by else "open" if state.open else settled
    mark = el("span", el("span", wording.GLYPHS[word], aria_hidden="true"), f" {label}", class_=f"status {word}")
    facts: list[tuple[str, Child]] = [("who may close it", el("strong", state.closers))]
    if not state.open or state.refused_by:
        facts.append(("state", wording.standing(state)))
    facts.append(("opened by", bullets(state.opened_by)))
    if claims := wording.claims(state, run):
        facts.append(("claims", ", ".join(claims)))
    if state.criteria:
        facts.append(("to attest", bullets(state.criteria)))
    late = (("escalated", "; ".join(state.escalated)), ("expired", state.expired), ("nobody left", state.stuck))
    facts += [(name, text) for name, text in late if text]
    return el("div", el("h3", state.name, " ", mark), definitions(facts), class_="card")


def _decisions(conclusion: Conclusion) -> Markup | None:
    if not conclusion.decisions:
        return None
    return join(el("h3", "Decisions"), bullets(map(_decision, conclusion.decisions)))


def _decision(outcome: DecisionOutcome) -> Markup:
    word = wording.fate_of(outcome)
    who = ", ".join(part for part in (outcome.decision, outcome.principal, outcome.crosscheck) if part)
    mark = el("strong", word)
    return join(mark, " ", el("code", outcome.file), f" {who}", bullets(outcome.reasons) if outcome.reasons else None)


def flags(run: Run) -> Markup:
    """Return what stands out about the reviewers' work, and about approvals that rely on it."""
    graded = run.conclusion.review
    if graded is None:
        return section("flags", "Reviewer flags", el("p", "Nobody's grades are relied on yet."))
    lines = reviewer_flags(run)
    body = bullets(lines) if lines else el("p", "No flags.")
    return section("flags", "Reviewer flags", el("p", "Grades: ", status(graded.status.value)), body)


def limits(run: Run) -> Markup:
    """Return what this evidence does not show."""
    own = "This page is rendered from the evidence and is not itself signed: twokey sign shows its own rendering."
    return section("limits", "Limits of this evidence", bullets((*wording.limits(run), own)))


def signing(run: Run) -> Markup:
    """Return the exact commands for what comes next."""
    steps = (
        join(el("p", f"{step.purpose[:1].upper()}{step.purpose[1:]}:"), el("pre", step.command, class_="command"))
        for step in next_steps(run)
    )
    where = f"In a checkout of this change, with the evidence in {run.directory}:"
    same = f"Sign only if twokey shows the same evidence, {run.evidence.digest[:12]}."
    title = "How to sign" if any(state.open for state in run.conclusion.checkpoints) else "What comes next"
    return section("sign", title, el("p", where), _ordered(steps), el("p", same) if title == "How to sign" else None)


def _ordered(steps: Iterable[Markup]) -> Markup:
    return el("ol", *(el("li", step) for step in steps))


def footer(run: Run) -> Markup:
    """Return which tool made the evidence."""
    tool = run.evidence.manifest.get("tool")
    name = f"{tool.get('name')} {tool.get('version')}" if isinstance(tool, dict) else "twokey"
    return el("footer", el("p", f"Evidence made by {name}. This page loads nothing and runs nothing."))
