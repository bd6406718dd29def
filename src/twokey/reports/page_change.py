"""The part of report.html about the change: what is under review, what it does to policy, what was let through."""

from twokey.reports.base import Run
from twokey.reports.circumstances import DIFF, circumstances
from twokey.reports.elements import Markup, el, join
from twokey.reports.page_gates import bullets, section


def change(run: Run) -> Markup | None:
    """Return what surrounds the verdict, or None where nothing is known of a change and nothing was let through."""
    parts = [
        join(el("h3", title), el("pre", "\n".join(lines)) if title == DIFF else bullets(lines))
        for title, lines in circumstances(run.conclusion)
    ]
    return section("change", "The change, and what surrounds it", *parts) if parts else None
