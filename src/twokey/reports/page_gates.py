"""The part of report.html that the machine speaks: the findings, and each gate with its numbers."""

from collections.abc import Iterable, Sequence

from twokey.outcome import GateResult, Metric, Status
from twokey.reports import escape, figures, wording
from twokey.reports.base import Run
from twokey.reports.elements import Child, Markup, el, join

MAX_ROWS = 200
MAX_EXAMPLES = 10
WIDTH, HEIGHT, EDGE, MARGIN = 170, 18, 6, 0.08
_HEADS = ("check", "status", "value", "interval", "limit", "baseline")


def status(word: str) -> Markup:
    """Return a status as a word with a glyph; colour only repeats them."""
    return el("span", el("span", wording.GLYPHS.get(word, ""), aria_hidden="true"), f" {word}", class_=f"status {word}")


def section(name: str, title: str, *children: Child) -> Markup:
    """Return a section of the page with its heading."""
    return el("section", el("h2", title, id=name), *children, aria_labelledby=name)


def bullets(texts: Iterable[Child]) -> Markup:
    """Return a list with one point for each text."""
    return el("ul", *(el("li", text) for text in texts))


def table(heads: Sequence[str], rows: Iterable[Sequence[Child]], caption: str) -> Markup:
    """Return a table whose first column heads its rows.

    Roles are spelled out because narrow screens lay rows out as blocks, which takes them away in some browsers.
    """
    head = el("tr", *(el("th", name, scope="col", role="columnheader") for name in heads), role="row")
    lines = [
        el(
            "tr",
            el("th", row[0], scope="row", role="rowheader"),
            *(el("td", cell, role="cell", data_head=name) for name, cell in zip(heads[1:], row[1:], strict=True)),
            role="row",
        )
        for row in rows
    ]
    body = el("tbody", *lines, role="rowgroup")
    return el("table", el("thead", head, role="rowgroup"), body, role="table", aria_label=caption)


def definitions(facts: Iterable[tuple[str, Child]]) -> Markup:
    """Return names with what they are."""
    return el("dl", *(join(el("dt", name), el("dd", content)) for name, content in facts))


def gates(run: Run) -> Markup:
    """Return the section on all gates: a line for each, then those that are no pass in full, the others folded."""
    results = wording.all_results(run)
    strip = el(
        "ul",
        *(el("li", f"{wording.named(title)} ", status(result.status.value)) for title, result in results),
        class_="strip",
    )
    key = "Bar: interval. Dot: value. Dashed: limit, with the side beyond it shaded. Ring: baseline."
    found = _findings(run)
    return section("gates", "Gates", strip, found, el("p", key, class_="soft"), *(_gate(*row) for row in results))


def _gate(title: str, result: GateResult) -> Markup:
    judged, shown = wording.judged(result), wording.shown_only(result)
    parts = [el("p", wording.why(result)), el("p", f"Books: {figures.books(result.books)}.", class_="soft")]
    if judged:
        parts.append(_metrics(judged, f"checks of {title}"))
    if shown:
        inner = _metrics(shown, f"numbers of {title} without a limit")
        parts.append(el("details", el("summary", f"{figures.counted(len(shown), 'number')} without a limit"), inner))
    head = join(f"{wording.named(title)} ", status(result.status.value))
    if result.status in (Status.PASS, Status.OFF):
        return el("details", el("summary", head), *parts, class_="card")
    return el("div", el("h3", head), *parts, class_="card")


def _metrics(metrics: Sequence[Metric], caption: str) -> Markup:
    ordered = metrics if len(metrics) <= MAX_ROWS else sorted(metrics, key=lambda metric: -metric.status.rank)
    more = el("p", f"and {len(metrics) - MAX_ROWS:,} more in results.json") if len(metrics) > MAX_ROWS else None
    return join(table(_HEADS, [_row(metric) for metric in ordered[:MAX_ROWS]], caption), more)


def _row(metric: Metric) -> tuple[Child, ...]:
    shape = join(figures.interval(metric), el("div", figures.method(metric), class_="soft"), picture(metric))
    limit = metric.limit or figures.NOTHING
    return (metric.id, status(metric.status.value), figures.value(metric), shape, limit, figures.baseline(metric))


def picture(metric: Metric) -> Markup | None:
    """Return the interval as a small drawing beside limit and baseline; the same numbers stand next to it as text."""
    estimate = metric.estimate
    least, most = figures.thresholds(metric)
    if estimate is None or (least is None and most is None and estimate.low == estimate.high):
        return None
    points = [n for n in (estimate.low, estimate.high, estimate.value, least, most, metric.baseline) if n is not None]
    low, span = min(points), (max(points) - min(points)) or 1.0
    low, span = low - MARGIN * span, (1 + 2 * MARGIN) * span  # so that what lies beyond a limit has room

    def x(number: float) -> float:
        return EDGE + (number - low) / span * (WIDTH - 2 * EDGE)

    parts = [_line("axis", 0, WIDTH)]
    if least is not None:
        parts.insert(0, _beyond(0, x(least)))
    if most is not None:
        parts.insert(0, _beyond(x(most), WIDTH))
    parts.append(_line("whisker", x(estimate.low), x(estimate.high)))
    parts += [_tick(x(bound)) for bound in (least, most) if bound is not None]
    if metric.baseline is not None:
        parts.append(_circle("before", x(metric.baseline), 4.5))
    parts.append(_circle("dot", x(estimate.value), 3))
    size = {"width": str(WIDTH), "height": str(HEIGHT)}
    return el("svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", aria_hidden="true", focusable="false", **size)


def _line(kind: str, start: float, end: float) -> Markup:
    middle = f"{HEIGHT / 2:g}"
    return el("line", class_=kind, x1=f"{start:.1f}", x2=f"{end:.1f}", y1=middle, y2=middle)


def _tick(place: float) -> Markup:
    return el("line", class_="limit", x1=f"{place:.1f}", x2=f"{place:.1f}", y1="0", y2=str(HEIGHT))


def _beyond(start: float, end: float) -> Markup:
    return el(
        "rect", class_="beyond", x=f"{start:.1f}", y="0", width=f"{max(0.0, end - start):.1f}", height=str(HEIGHT)
    )


def _circle(kind: str, place: float, radius: float) -> Markup:
    return el("circle", class_=kind, cx=f"{place:.1f}", cy=f"{HEIGHT / 2:g}", r=f"{radius:g}")


def _findings(run: Run) -> Markup:
    """Return what each finding is, and which checkpoint claims it."""
    found = wording.findings(run)
    if not found:
        return el("p", "No findings: every check holds." if run.evidence.results else "No gate ran.")
    rows = []
    for finding in found[:MAX_ROWS]:
        ids = ", ".join(finding.examples[:MAX_EXAMPLES])
        examples = el("div", f"such as {ids}", class_="soft") if ids else None
        lines = wording.unreadable_lines(run, finding)
        message = join(escape.clip(finding.message, 1000), examples, bullets(lines) if lines else None)
        rows.append((finding.id, status(finding.status.value), message, wording.fate(finding, run.conclusion)))
    more = el("p", f"and {len(found) - MAX_ROWS:,} more in results.json") if len(found) > MAX_ROWS else None
    heads = ("finding", "status", "what", "who settles it")
    return join(el("h3", f"Findings ({len(found):,})"), table(heads, rows, "findings"), more)
