"""The part of report.html about the change: what is under review, what it does to policy, what was let through."""

from collections.abc import Iterator, Sequence

from twokey.reports import escape
from twokey.reports.base import Run
from twokey.reports.circumstances import DIFF, circumstances
from twokey.reports.elements import MAX_TEXT, Markup, el, join
from twokey.reports.figures import counted
from twokey.reports.page_gates import bullets, section


def change(run: Run) -> Markup | None:
    """Return what surrounds the verdict, or None where nothing is known of a change and nothing was let through."""
    parts = [
        join(el("h3", title), _edits(lines) if title == DIFF else bullets(lines))
        for title, lines in circumstances(run.conclusion)
    ]
    return section("change", "What surrounds the verdict", *parts) if parts else None


def _edits(lines: Sequence[str]) -> Markup:
    """Return every line of what the change does to policy, however many and however long."""
    listed = el("pre", *(el(_KINDS.get(line[:1], "span"), *_pieces(line)) for line in lines), class_="edits")
    return join(el("p", f"{counted(len(lines), 'line')}, who may decide first", class_="soft"), listed)


_KINDS = {"+": "ins", "-": "del"}


def _pieces(line: str) -> Iterator[str]:
    text = f"{escape.one_line(line)}\n"
    yield from (text[start : start + MAX_TEXT] for start in range(0, len(text), MAX_TEXT))
