"""The page that is signed on: what `twokey sign` shows in a terminal, and the same questions.

In the order in which a decision is made: verdict and reasons, the change, the subject, findings and gates, what the
review shows, checkpoints, failures, flags, limits, all that a signature binds; then the questions. It offers nothing
that the server would not take, and decides nothing: the server looks at every answer again.
"""

from collections.abc import Iterable, Sequence

from twokey.page.served import field, served_page
from twokey.reports import page_change, page_gates, page_items, page_people, page_subject, wording
from twokey.reports.base import Run
from twokey.reports.elements import Child, Markup, el, join
from twokey.reports.reviewing import flags as reviewer_flags
from twokey.values import dataclass

CHOICES = (
    ("approve", "Approve", "this may be released"),
    ("reject", "Reject", "this must not be released"),
    ("request-changes", "Request changes", "not as it is; the reason says what is missing"),
    ("escalate", "Escalate", "somebody else has to answer; the reason is the question"),
)
CONDITIONS = (
    ("text", "in words: open until somebody confirms it"),
    ("until", "until a time, such as 2026-12-01T12:00:00Z"),
    ("metric", "on a metric, such as accuracy >= 0.95"),
)
MAX_REASON = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the person at the page is asked, and what they can sign with.

    `case` names what they were shown. `criteria` are attested one by one to approve, `confirms` are conditions that
    others made. `obstacle` is what stands against an approval; `key` is the SSH key at hand, as people compare it.
    """

    case: str
    principal: str
    bound: Sequence[tuple[str, str]]
    criteria: Sequence[str] = ()
    confirms: Sequence[str] = ()
    obstacle: str | None = None
    warnings: Sequence[str] = ()
    key: str | None = None
    passkeys: int = 0
    origin: str = ""


def signing_page(run: Run, asked: Asked) -> str:
    """Return the page for a case."""
    main = el(
        "main",
        _in_short(run, asked),
        page_people.verdict(run),
        page_change.change(run),
        page_subject.subject(run),
        page_gates.gates(run),
        page_people.review(run),
        page_people.checkpoints(run),
        page_items.failures(run),
        page_people.flags(run),
        page_people.limits(run),
        _binds(asked),
        _questions(asked),
        _statement(asked),
        data_case=asked.case,
        id="case",
    )
    ways = (el("a", "Back to the items", href="./"), el("a", "Decide", href="#decide", class_="decide"))
    back = el("nav", el("p", *ways), aria_label="Pages")
    return served_page(
        f"Sign: {wording.headline(run)}", join(page_people.header(run), back, main), ("asking", "passkeys", "sign")
    )


def waiting_page() -> str:
    """Return what is shown while the evidence is recomputed; it goes on by itself."""
    body = el(
        "main",
        el("h1", "Recomputing the evidence"),
        el("p", "The gates run again over the recordings, and what comes out is compared.", role="status"),
        el("p", el("a", "Look again", href="./sign")),
    )
    return served_page("Recomputing the evidence", body, ("asking", "wait"))


def refused_page(reason: str) -> str:
    """Return why nothing can be signed now."""
    body = el(
        "main",
        el("h1", "Nothing can be signed now"),
        el("p", reason, class_="notice block"),
        el("p", el("a", "Try again", href="./sign"), " or ", el("a", "go back to the items", href="./"), "."),
    )
    return served_page("Nothing can be signed now", body)


def _in_short(run: Run, asked: Asked) -> Markup:
    review = run.conclusion.review
    lines: list[Child] = ["nobody's grades would be signed"]
    if review:
        shows = el("a", "What the human review shows", href="#review")
        lines = [join(shows, ": ", page_gates.status(review.status.value))]
    flagged = len(reviewer_flags(run))
    if flagged:
        lines.append(el("a", f"{flagged:,} {'flag' if flagged == 1 else 'flags'} on the reviewing", href="#flags"))
    lines += [f"recomputed: {value}" for name, value in asked.bound if name == "recomputed"]
    lines.append(
        el("a", f"An approval by {asked.principal} cannot be signed", href="#decide")
        if asked.obstacle
        else el("a", "Your decision", href="#decide")
    )
    return el("div", page_gates.bullets(lines), class_="card")


def _binds(asked: Asked) -> Markup:
    rows: list[tuple[str, Child]] = []
    for name, value in asked.bound:
        last = rows.pop() if rows and not name else None
        rows.append((last[0], join(last[1], "; ", value)) if last else (name, value))
    warnings = (el("p", warning, class_="notice") for warning in asked.warnings)
    title = f"A signature by {asked.principal} would bind"
    return page_gates.section("binds", title, page_gates.definitions(rows), *warnings)


def _questions(asked: Asked) -> Markup:
    parts: list[Child] = []
    if asked.obstacle:
        parts.append(el("p", el("strong", "No approval can be signed: "), asked.obstacle, class_="notice block"))
    parts += [
        _choices(asked),
        _ticks("criterion", "To approve, attest each", asked.criteria, "for-approve"),
        _ticks("confirm", "Conditions that others made: tick what you confirm", asked.confirms, "for-approve"),
        _conditions(),
        el(
            "p",
            el("label", "Whom do you ask? A role or a principal", for_="to"),
            field(id="to", type="text", autocomplete="off", maxlength="100"),
            class_="for-escalate",
            hidden=True,
        ),
        el(
            "p",
            el("label", "Reason", for_="reason"),
            el("textarea", id="reason", rows="4", maxlength=str(MAX_REASON), required=True, spellcheck="true"),
        ),
        el("p", el("button", "Show what would be signed", id="prepare", type="button")),
        el("p", id="problem", class_="notice block", role="alert", hidden=True),
        Markup("<noscript><p>Signing here needs scripts; in a terminal, twokey sign asks the same.</p></noscript>"),
    ]
    return page_gates.section("decide", "Your decision", *parts)


def _choices(asked: Asked) -> Markup:
    rows = (
        el(
            "p",
            field(
                id=f"choose-{word}",
                type="radio",
                name="decision",
                value=word,
                disabled=bool(asked.obstacle) and word == "approve",
            ),
            el("label", el("strong", title), f": {meaning}", for_=f"choose-{word}"),
            class_="choice",
        )
        for word, title, meaning in CHOICES
    )
    return el("fieldset", el("legend", "Decision"), *rows)


def _ticks(kind: str, title: str, texts: Iterable[str], shown: str) -> Markup | None:
    rows = [
        el(
            "p",
            field(id=f"{kind}-{number}", type="checkbox", class_=kind, value=str(number)),
            el("label", text, for_=f"{kind}-{number}"),
            class_="choice",
        )
        for number, text in enumerate(texts)
    ]
    return el("fieldset", el("legend", title), *rows, class_=shown, hidden=True) if rows else None


def _conditions() -> Markup:
    kinds = (el("option", meaning, value=kind) for kind, meaning in CONDITIONS)
    template = el(
        "div",
        el("select", *kinds, class_="kind", aria_label="Kind of condition"),
        field(type="text", class_="text", aria_label="Condition", maxlength="1000", autocomplete="off"),
        el("button", "Remove", type="button", class_="remove"),
        class_="condition",
        hidden=True,
        id="condition",
    )
    return el(
        "fieldset",
        el("legend", "Conditions"),
        template,
        el("div", id="conditions"),
        el("p", el("button", "Add a condition", type="button", id="add")),
        class_="for-approve for-request-changes",
        hidden=True,
    )


def _statement(asked: Asked) -> Markup:
    ways: list[Child] = []
    if asked.passkeys:
        ways.append(el("button", "Sign with passkey", type="button", id="passkey", data_origin=asked.origin))
    if asked.key:
        ways.append(el("button", f"Sign with SSH key ({asked.key})", type="button", id="key"))
    return el(
        "section",
        el("h2", "What you sign", id="statement-title", tabindex="-1"),
        el("p", id="summary"),
        el("p", "These bytes, exactly:", class_="soft"),
        el("pre", id="bytes", tabindex="0", role="region", aria_label="The statement"),
        el("p", *ways, class_="ways"),
        el("p", id="refusal", class_="notice block", role="alert", hidden=True),
        el("div", id="done", role="status", tabindex="-1"),
        id="statement",
        aria_labelledby="statement-title",
        hidden=True,
    )
