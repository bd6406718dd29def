"""The items as they are read without scripts, and on paper: whole, one after the other, with the rubric above them.

The machine's opinion is folded, so that whoever reads here judges the answer first too. Nothing can be graded here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from twokey.reports import escape
from twokey.reports.elements import MAX_TEXT, Child, Markup, el, join

Row = Mapping[str, Any]


def plain(told: Mapping[str, Any]) -> Markup:
    """Return all items of a payload as static elements."""
    rows = told["items"]
    required = [row for row in rows if row["kind"] == "item"]
    reserve = [row for row in rows if row["kind"] == "reserve"]
    more = el("details", el("summary", f"{len(reserve):,} more that may be graded"), *map(_card, reserve))
    return el(
        "main",
        el("h1", f"Review: {told['subject'] or told['manifest'][:12]}"),
        el("p", f"{len(required):,} items to grade; {told['note']}."),
        _what_to_do(told["manifest"]),
        _rubric(told),
        *map(_card, required),
        more if reserve else None,
        id="plain",
    )


def _what_to_do(manifest: str) -> Markup:
    grade = "This page runs no script here, so it can be read and not graded on. To grade, open it in a browser, or run"
    return el("p", grade, " ", el("code", "twokey review"), ". Evidence: ", el("code", manifest))


def _rubric(told: Mapping[str, Any]) -> Markup:
    rules = (
        join(el("dt", rule["word"]), el("dd", f"{rule['meaning']}. {rule['at_length']}")) for rule in told["rubric"]
    )
    severities = "; ".join(f"{name}: {meaning}" for name, meaning in told["severities"])
    severe = join(el("dt", "How bad a fail is"), el("dd", f"{severities}."))
    return el("section", el("h2", "The rubric"), el("dl", *rules, severe), el("p", " ".join(told["notes"])))


def _card(row: Row) -> Markup:
    head = el("h2", el("code", _whole(row["id"])))
    about = el("p", "; ".join(row["about"]), class_="soft") if row["about"] else None
    facts = join(*(join(el("dt", name), el("dd", content)) for name, content in _facts(row)))
    seen = join(*(join(el("dt", name), el("dd", "; ".join(lines))) for name, lines in row["machine"]))
    opinion = el("details", el("summary", "What the machine thinks of it"), el("dl", seen))
    return el("article", head, about, el("dl", facts), opinion)


def _facts(row: Row) -> Iterator[tuple[str, Child]]:
    if "asked" in row:
        yield "asked of you", " ".join(row["asked"])
    for name, part in row["parts"].items():
        yield name, _text(part)
        if name == "output" and "unsupported" in row:
            yield "not in the context", _whole(row["unsupported"])


def _text(part: Row) -> Markup:
    marked = part.get("marked") or [[part["text"], None]]
    pieces = [el("mark", _whole(text)) if kind else _whole(text) for text, kind in marked]
    return el("pre", *pieces, dir="auto") if part["text"] else el("span", "(nothing)", class_="soft")


def _whole(text: str) -> Markup:
    """Return a text of any length: a report cuts long ones, and here is the only place where they are read."""
    return join(*_pieces(text))


def _pieces(text: str) -> Iterable[Markup]:
    for start in range(0, len(text), MAX_TEXT):
        yield Markup(escape.markup(text[start : start + MAX_TEXT]))
