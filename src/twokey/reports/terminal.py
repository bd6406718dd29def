"""The report that is printed: plain text for a person at a terminal or in the log of a CI job."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from twokey.conclusion import CheckpointState, DecisionOutcome
from twokey.outcome import Finding, GateResult, Metric
from twokey.reports import escape, figures, wording
from twokey.reports.base import Run
from twokey.reports.circumstances import DIFF, circumstances
from twokey.reports.reviewing import flags, review_sentences, reviewing
from twokey.reports.steps import next_steps

WIDTH = 100
MAX_METRICS = 40
MAX_FINDINGS = 30
MAX_EXAMPLES = 5
MAX_TEXT = 600
MAX_LINES = 120
_COLUMNS = (("metric", 27), ("status", 12), ("value", 13), ("interval", 16), ("limit", 14), ("baseline", 9))


class TerminalReport:
    """Plain text, 100 characters wide, without colour: verdict and reasons first, the digest last.

    It says, in this order: the verdict with every reason; the open checkpoints, who may close them and what to type
    next; each gate with its books and a table of what policy judges; findings and who claims them; decisions that
    were refused, with each reason; what the human review shows, and what stands out about it; the limits of this
    evidence; the manifest's digest.

    Outputs of the model are not printed. Whatever else comes from data is shown with controls, bidirectional and
    invisible characters as escapes, and a line that a CI host would obey as a command (`::set-output`, `##vso[`) is
    broken. Long lists are cut, and the number of what is left out is printed; `--format json` has all.
    """

    name: ClassVar[str] = "terminal"
    summary: ClassVar[str] = "plain text for people and CI logs"
    filename: ClassVar[str | None] = None

    def render(self, run: Run) -> str:
        """Return the report as lines that end in a line feed."""
        parts = (_verdict, _circumstances, _checkpoints, _gates, _findings, _decisions, _review, _limits, _digest)
        lines = [line for part in parts for line in part(run)]
        return escape.log("\n".join(line.rstrip() for line in lines).strip("\n") + "\n")


def _verdict(run: Run) -> Iterator[str]:
    conclusion = run.conclusion
    status = f"(exit status {conclusion.verdict.exit_status})"
    yield from _wrap(f"{conclusion.verdict.label} {status}  {wording.headline(run)}", "", "  ")
    for reason in conclusion.reasons[:MAX_FINDINGS]:
        yield from _bullet(reason)
    if len(conclusion.reasons) > MAX_FINDINGS:
        yield f"  and {len(conclusion.reasons) - MAX_FINDINGS:,} more"


def _circumstances(run: Run) -> Iterator[str]:
    for title, lines in circumstances(run.conclusion):
        yield from _title(title)
        if title == DIFF:
            yield from _edits(lines, whole=run.whole)
            continue
        for line in lines[:MAX_LINES]:
            yield from _bullet(line)
        if len(lines) > MAX_LINES:
            yield f"  and {figures.counted(len(lines) - MAX_LINES, 'more line')}"


def _edits(lines: Sequence[str], *, whole: bool) -> Iterator[str]:
    """Yield what a change does to policy; all of it for whoever is about to sign."""
    shown = [escape.one_line(line) for line in (lines if whole else lines[:MAX_LINES])]
    yield from (f"  {line if whole else escape.clip(line, MAX_TEXT)}" for line in shown)
    if len(lines) > len(shown):
        yield f"  and {figures.counted(len(lines) - len(shown), 'more line')}; report.html and twokey sign show all"


def _checkpoints(run: Run) -> Iterator[str]:
    states = run.conclusion.checkpoints
    steps = next_steps(run)
    yield from _title("Open checkpoints")
    still_open = [state for state in states if state.open]
    if not still_open:
        yield "  none"
    for state in still_open:
        yield from _open(state, run)
    for state in states:
        if not state.open:
            yield from _wrap(f"{state.name}: {wording.standing(state)}", "  ", "    ")
    yield ""
    commands = [escape.clip(escape.one_line(step.command), MAX_TEXT) for step in steps]
    width = max(map(len, commands))
    for index, (command, step) in enumerate(zip(commands, steps, strict=True)):
        head = "next: " if index == 0 else "then: "
        # Never wrapped: a command is there to be copied.
        yield f"  {head}{command:<{width}}  # {step.purpose}"


def _open(state: CheckpointState, run: Run) -> Iterator[str]:
    yield from _wrap(f"{state.name}: {wording.standing(state)}", "  ", "    ")
    yield from _wrap(f"may close it: {state.closers}", "    ", "      ")
    yield from _wrap(f"opened by: {'; '.join(state.opened_by)}", "    ", "      ")
    if claims := wording.claims(state, run):
        yield from _wrap(f"claims: {', '.join(claims)}", "    ", "      ")
    if state.criteria:
        yield from _wrap(f"to attest: {'; '.join(state.criteria)}", "    ", "      ")


def _gates(run: Run) -> Iterator[str]:
    yield from _title("Gates")
    results = wording.all_results(run)
    if not results:
        yield "  none ran"
    for index, (title, result) in enumerate(results):
        yield from ([""] if index else [])
        yield from _gate(title, result)


def _gate(title: str, result: GateResult) -> Iterator[str]:
    yield from _wrap(f"{wording.named(title)}: {result.status.value}: {wording.why(result)}", "  ", "    ")
    yield from _wrap(figures.books(result.books), "    ", "    ")
    metrics = _worst_first(wording.judged(result))
    if metrics:
        yield from _table([_row(metric) for metric in metrics[:MAX_METRICS]])
    if len(metrics) > MAX_METRICS:
        yield f"    and {len(metrics) - MAX_METRICS:,} more"
    shown = wording.shown_only(result)
    if shown:
        more = f", and {len(shown) - MAX_METRICS:,} more" if len(shown) > MAX_METRICS else ""
        texts = [f"{metric.id} {figures.value(metric)}" for metric in shown[:MAX_METRICS]]
        yield from _wrap(f"without a limit: {', '.join(texts)}{more}", "    ", "      ")


def _worst_first(metrics: Sequence[Metric]) -> Sequence[Metric]:
    """Keep the order where all are shown; otherwise the worst come first, so that none of them is cut."""
    if len(metrics) <= MAX_METRICS:
        return metrics
    return sorted(metrics, key=lambda metric: -metric.status.rank)


def _row(metric: Metric) -> tuple[str, ...]:
    return (
        metric.id,
        metric.status.value,
        figures.value(metric),
        figures.interval(metric),
        metric.limit or figures.NOTHING,
        figures.baseline(metric),
    )


def _table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield from _cells(tuple(name for name, _ in _COLUMNS))
    for row in rows:
        yield from _cells(row)


def _cells(row: tuple[str, ...]) -> Iterator[str]:
    """Yield a row; a cell that is too long goes on in the next line, in its column."""
    columns = [
        _lines(escape.clip(escape.one_line(cell), 120), width) for cell, (_, width) in zip(row, _COLUMNS, strict=True)
    ]
    for index in range(max(map(len, columns))):
        cells = (
            (column[index] if index < len(column) else "").ljust(width)
            for column, (_, width) in zip(columns, _COLUMNS, strict=True)
        )
        yield "    " + " ".join(cells)


def _lines(cell: str, width: int) -> list[str]:
    """Return a cell's lines; a name that is too long breaks where its slice begins."""
    head, bracket, rest = cell.partition("[")
    if len(cell) > width and bracket and head and " " not in cell:
        return [*textwrap.wrap(head, width), *textwrap.wrap(bracket + rest, width)]
    return textwrap.wrap(cell, width) or [""]


def _findings(run: Run) -> Iterator[str]:
    found = wording.findings(run)
    yield from _title(f"Findings ({len(found):,})")
    if not found:
        yield "  none"
    for finding in found[:MAX_FINDINGS]:
        yield from _finding(finding, wording.fate(finding, run.conclusion))
        for line in wording.unreadable_lines(run, finding):
            yield from _bullet(line, " " * 15)
    if len(found) > MAX_FINDINGS:
        yield f"  and {len(found) - MAX_FINDINGS:,} more"


def _finding(finding: Finding, fate: str) -> Iterator[str]:
    yield from _wrap(f"{finding.status.value:<12} {finding.id} ({fate})", "  ", " " * 15)
    yield from _wrap(finding.message, " " * 15, " " * 15)
    if finding.examples:
        ids = ", ".join(finding.examples[:MAX_EXAMPLES])
        more = f", and {len(finding.examples) - MAX_EXAMPLES:,} more" if len(finding.examples) > MAX_EXAMPLES else ""
        yield from _wrap(f"such as {ids}{more}", " " * 15, " " * 15)


def _decisions(run: Run) -> Iterator[str]:
    decisions = run.conclusion.decisions
    for fate, title in _FATES.items():
        those = [outcome for outcome in decisions if wording.fate_of(outcome) == fate]
        if those:
            yield from _title(title)
        for outcome in those:
            yield from _decision(outcome)


_FATES = {
    "counted": "Decisions that count",
    "superseded": "Decisions that were superseded",
    "refused": "Decisions that were refused",
}


def _decision(outcome: DecisionOutcome) -> Iterator[str]:
    who = ", ".join(part for part in (outcome.decision, outcome.principal, outcome.crosscheck) if part)
    yield from _wrap(f"{outcome.file} ({who or 'unread'})", "  ", "    ")
    for reason in outcome.reasons:
        yield from _bullet(reason, "    ")


def _review(run: Run) -> Iterator[str]:
    yield from _title("Human review")
    for sentence in (*review_sentences(run), *reviewing(run)):
        yield from _wrap(sentence, "  ", "    ")
    found = flags(run)
    yield from _title("Reviewer flags") if found else ()
    for flag in found:
        yield from _bullet(flag)


def _limits(run: Run) -> Iterator[str]:
    limits = wording.limits(run)
    if limits:
        yield from _title("Limits of this evidence")
        for limit in limits:
            yield from _bullet(limit)


def _digest(run: Run) -> Iterator[str]:
    yield ""
    yield f"evidence sha256 {escape.one_line(run.evidence.digest)}"


def _title(text: str) -> Iterator[str]:
    yield from ("", text)


def _bullet(text: str, indent: str = "  ") -> Iterator[str]:
    yield from _wrap(text, f"{indent}- ", f"{indent}  ")


def _wrap(text: str, first: str, rest: str) -> list[str]:
    line = escape.clip(escape.one_line(text), MAX_TEXT)
    return textwrap.wrap(line, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False) or [
        first.rstrip()
    ]
