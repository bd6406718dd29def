"""The report for a step summary or a pull request's comment: Markdown that stays inert whatever is in the data."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from twokey.outcome import Metric
from twokey.reports import escape, figures, wording
from twokey.reports.base import Run
from twokey.reports.circumstances import DIFF, circumstances
from twokey.reports.reviewing import flags, review_sentences, reviewing
from twokey.reports.steps import next_steps

MAX_CHARACTERS = 60_000  # a pull request's comment takes 65,536 characters, a step summary 1 MiB
MAX_ROWS = 60
MAX_FINDINGS = 20
MAX_FAILURES = 10
MAX_TEXT = 500
MAX_BULLETS = 10
MAX_LINES = 60
MAX_DIFF = 20_000


class MarkdownReport:
    """Markdown for a step summary (`summary.md`), small enough for a comment on a pull request.

    Verdict and reasons, open checkpoints with who may close them, the commands to type next, a table of the gates,
    what policy judges (the worst first), findings, the first failures, decisions, what the review shows, limits,
    digest. A section that would make the whole exceed 60,000 characters is left out, and that is said.

    Hosts turn more than Markdown into links and orders: mentions, issue numbers, quick actions, formulas. So whatever
    is not a plain word stands as code, where none of that happens; there are no images and no links.
    """

    name: ClassVar[str] = "markdown"
    summary: ClassVar[str] = "a summary for the CI host's page or a comment"
    filename: ClassVar[str | None] = "summary.md"

    def render(self, run: Run) -> str:
        """Return the summary, ending in a line feed."""
        makers = (
            _verdict, _circumstances, _policy_edits, _checkpoints, _gates, _metrics,
            _findings, _failures, _decisions, _review, _limits,
        )  # fmt: skip
        sections = ["\n".join(maker(run)) for maker in makers]
        digest = f"Evidence {escape.code(f'sha256:{run.evidence.digest}')}"
        return "\n\n".join([*_fitting([section for section in sections if section]), digest]) + "\n"


def _fitting(sections: list[str]) -> Iterator[str]:
    """Yield the sections for which there is room, and say how many there was none for."""
    room, left_out = MAX_CHARACTERS, 0
    for section in sections:
        if len(section) + 2 <= room:
            room -= len(section) + 2
            yield section
        else:
            left_out += 1
    if left_out:
        left = figures.counted(left_out, "more section does", "more sections do")
        yield f"{left} not fit here; report.html has them."


def _verdict(run: Run) -> Iterator[str]:
    conclusion = run.conclusion
    glyph = wording.GLYPHS[conclusion.verdict.label]
    yield f"## {glyph} {conclusion.verdict.label}: {_text(wording.headline(run))}"
    yield ""
    yield from _bullets(conclusion.reasons)
    summary = list(wording.lines_of(run.evidence.packet.get("summary")))
    if summary:
        yield ""
        yield _text(" ".join(summary))
    for key, title in (("proposed_action", "Proposed"), ("options", "Options")):
        told = list(wording.lines_of(run.evidence.packet.get(key)))
        if told:
            yield ""
            yield f"**{title}:** {_text('; '.join(told))}"


def _circumstances(run: Run) -> Iterator[str]:
    for title, lines in circumstances(run.conclusion):
        if title != DIFF:
            yield f"### {title}"
            yield ""
            yield from _bullets(lines, MAX_LINES)
            yield ""


def _policy_edits(run: Run) -> Iterator[str]:
    """Yield what the change does to policy, as far as there is room for a part of the summary.

    In a fence that no line of it can end: there a line keeps its sign and its indentation, and nothing is obeyed.
    """
    lines = run.conclusion.policy_diff
    if not lines:
        return
    shown = [escape.clip(escape.one_line(line), MAX_TEXT) for line in lines[:MAX_LINES]]
    while sum(map(len, shown)) > MAX_DIFF:
        shown.pop()
    fence = "`" * (1 + max((len(run) for line in shown for run in re.findall("`+", line)), default=2))
    yield from (f"### {DIFF}", "", f"{fence}diff", *shown, fence)
    if len(lines) > len(shown):
        yield from (
            "",
            f"And {figures.counted(len(lines) - len(shown), 'more line')}; report.html and twokey sign show all.",
        )


def _checkpoints(run: Run) -> Iterator[str]:
    states = run.conclusion.checkpoints
    yield "### Checkpoints"
    yield ""
    if states:
        rows = [(s.name, wording.standing(s), s.closers, "; ".join(s.opened_by), "; ".join(s.criteria)) for s in states]
        yield from _table(("checkpoint", "state", "may close it", "opened by", "to attest"), rows)
    else:
        yield "None opened."
    for index, step in enumerate(next_steps(run)):
        yield ""
        yield f"{index + 1}. {escape.code(step.command)} {_text(step.purpose)}"


def _gates(run: Run) -> Iterator[str]:
    yield "### Gates"
    yield ""
    rows = [
        (
            wording.named(title),
            f"{wording.GLYPHS[result.status.value]} {result.status.value}",
            wording.why(result),
            figures.books(result.books),
        )
        for title, result in wording.all_results(run)
    ]
    yield from _table(("gate", "status", "why", "books"), rows, plain=(1,))


def _metrics(run: Run) -> Iterator[str]:
    judged = [(title, metric) for title, result in wording.all_results(run) for metric in wording.judged(result)]
    judged.sort(key=lambda row: -row[1].status.rank)
    if not judged:
        return
    yield "### What policy judges"
    yield ""
    heads = ("gate", "metric", "status", "value", "interval", "limit", "baseline")
    yield from _table(heads, [_row(title, metric) for title, metric in judged[:MAX_ROWS]], plain=(2,))
    yield from _more(len(judged), MAX_ROWS)


def _row(title: str, metric: Metric) -> tuple[str, ...]:
    return (
        title,
        metric.id,
        f"{wording.GLYPHS[metric.status.value]} {metric.status.value}",
        figures.value(metric),
        figures.interval(metric),
        metric.limit or figures.NOTHING,
        figures.baseline(metric),
    )


def _findings(run: Run) -> Iterator[str]:
    found = wording.findings(run)
    if not found:
        return
    yield f"### Findings ({len(found):,})"
    yield ""
    for finding in found[:MAX_FINDINGS]:
        fate = wording.fate(finding, run.conclusion)
        yield f"- **{finding.status.value}** {escape.code(finding.id)} {_text(finding.message)} ({_text(fate)})"
        for line in wording.unreadable_lines(run, finding):
            yield f"  - {_text(line)}"
    yield from _more(len(found), MAX_FINDINGS)


def _failures(run: Run) -> Iterator[str]:
    failures = wording.failures(run)
    if not failures:
        return
    yield f"### Failures ({len(failures):,})"
    yield ""
    rows = [_item(item) for item in failures[:MAX_FAILURES]]
    yield from _table(("id", "input", "answer", "expected", "flagged"), rows, plain=range(5))
    yield from _more(len(failures), MAX_FAILURES)


def _item(item: Any) -> tuple[str, ...]:
    parts = (item.get("id"), item.get("input"), wording.answer(item), item.get("expected"))
    flagged = "; ".join(wording.lines_of(item.get("findings")))
    texts = (" ".join(wording.text_of(part).split()) for part in (*parts, flagged))
    return tuple(escape.code(escape.clip(text, 160)) if text else figures.NOTHING for text in texts)


def _decisions(run: Run) -> Iterator[str]:
    decisions = run.conclusion.decisions
    if not decisions:
        return
    yield "### Decisions"
    yield ""
    for outcome in decisions:
        state = wording.fate_of(outcome)
        who = " ".join(part for part in (outcome.decision, outcome.principal) if part)
        why = f": {_text('; '.join(outcome.reasons))}" if outcome.reasons else ""
        yield f"- **{state}** {escape.code(outcome.file)} {_text(who)}{why}"


def _review(run: Run) -> Iterator[str]:
    yield "### Human review"
    yield ""
    yield from _bullets((*review_sentences(run), *reviewing(run)), MAX_LINES)
    found = flags(run)
    if found:
        yield from ("", "### Reviewer flags", "")
        yield from _bullets(found)


def _limits(run: Run) -> Iterator[str]:
    limits = wording.limits(run)
    if limits:
        yield "### Limits of this evidence"
        yield ""
        yield from _bullets(limits)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], plain: Iterable[int] = ()) -> Iterator[str]:
    """Yield a table; cells in the `plain` columns are Markdown already."""
    ready = set(plain)
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        cells = (cell if index in ready or cell == figures.NOTHING else _text(cell) for index, cell in enumerate(row))
        yield f"| {' | '.join(cells)} |"


def _bullets(texts: Iterable[str], limit: int = MAX_BULLETS) -> Iterator[str]:
    listed = list(texts)
    for text in listed[:limit]:
        yield f"- {_text(text)}"
    yield from _more(len(listed), limit)


def _more(count: int, limit: int) -> Iterator[str]:
    if count > limit:
        yield ""
        yield f"And {count - limit:,} more; report.html has them."


def _text(text: str) -> str:
    return escape.markdown(escape.clip(text, MAX_TEXT))
