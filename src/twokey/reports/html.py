"""The report that a person decides from: one static page, in the order in which a decision is made."""

from typing import ClassVar

from twokey.reports import escape, page_change, page_gates, page_items, page_people, page_subject, wording
from twokey.reports.base import Run
from twokey.reports.elements import document, el, join
from twokey.reports.style import CSS


class HtmlReport:
    """One self-contained page (`report.html`), made to be decided from in two minutes.

    In this order: verdict and reasons, with what is asked of you; the change with its people and its edits of
    policy; what would be released, by content; findings and
    gates with value, interval, limit and baseline; what the human review shows; checkpoints and who may close them;
    failures first, then every item; reviewer flags; limits; how to sign.

    The page has no scripts, loads nothing and links nowhere; its content security policy allows one style by its
    hash and nothing else. It follows the reader's light or dark setting and narrow screens. A status is a word with a
    sign, never a colour alone; every drawing repeats numbers that stand beside it.

    It is a rendering and not evidence: nobody signs it, and `twokey sign` shows its own.
    """

    name: ClassVar[str] = "html"
    summary: ClassVar[str] = "one static page to decide from"
    filename: ClassVar[str | None] = "report.html"

    def render(self, run: Run) -> str:
        """Return the page."""
        main = el(
            "main",
            page_people.verdict(run),
            page_change.change(run),
            page_subject.subject(run),
            page_gates.gates(run),
            page_people.review(run),
            page_people.checkpoints(run),
            page_items.failures(run),
            page_items.items(run),
            page_people.flags(run),
            page_people.limits(run),
            page_people.signing(run),
        )
        title = escape.clip(escape.one_line(f"{run.conclusion.verdict.label}: {wording.headline(run)}"), 200)
        return document(title, CSS, join(page_people.header(run), main, page_people.footer(run)))
