"""The part of report.html with the model's answers: failures first, then all that people were given to look at.

Outputs are as the evidence holds them, redacted. The model's own confidence is left out, so that whoever has not graded
yet judges the answer and not the machine's opinion of it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from twokey.reports import escape, wording
from twokey.reports.base import Run
from twokey.reports.elements import Child, Markup, el, join
from twokey.reports.page_gates import definitions, section
from twokey.review import MAY_HOLD, unsupported

MAX_FAILURES = 100
OPEN_FAILURES = 3
MAX_TEXT = 3000
MAX_DIFF_WORDS = 400
SHORT = 60


def failures(run: Run) -> Markup:
    """Return the section on outputs that the machine already knows to be wrong, the first in full."""
    found = wording.failures(run)
    if not found:
        return section("failures", "Failures", el("p", "None in quarantine or among the items for people."))
    cards = [item_card(item) for item in found[:MAX_FAILURES]]
    note = "Outputs in quarantine first, then the items for people that are flagged or not as expected."
    more = f"and {len(found) - MAX_FAILURES:,} more: see quarantine.jsonl and the items below"
    rest = _folded(cards[OPEN_FAILURES:], f"{len(cards[OPEN_FAILURES:]):,} more")
    end = el("p", more) if len(found) > MAX_FAILURES else None
    return section("failures", f"Failures ({len(found):,})", el("p", note), *cards[:OPEN_FAILURES], rest, end)


def _folded(cards: Sequence[Markup], title: str) -> Markup | None:
    return el("details", el("summary", title), *cards) if cards else None


def items(run: Run) -> Markup:
    """Return the section with every item for people, folded by stratum."""
    groups = wording.strata(run.evidence.items)
    if not groups:
        return section("items", "Items for people", el("p", "None were selected."))
    folds = (
        _folded([item_card(item) for item in rows], f"{len(rows):,} {wording.stratum(name)}") for name, rows in groups
    )
    title = f"Items for people ({len(run.evidence.items):,})"
    return section("items", title, el("p", f"{MAY_HOLD[0].upper()}{MAY_HOLD[1:]}."), *folds)


def item_card(item: Mapping[str, Any]) -> Markup:
    """Return one item: what was asked, what came back, what was expected, and what was flagged."""
    of = [str(item.get("source") or ""), *wording.lines_of(item.get("groups"))]
    facts: list[tuple[str, Child]] = [("input", _block(item["input"]))] if "input" in item else []
    if "output" in item:
        facts.append(("output", _output(item)))
    if new := unsupported.told(item):
        facts.append(("not in context", escape.clip(new, MAX_TEXT)))
    expected = item.get("expected")
    if expected is not None:
        facts.append(("expected", _comparison(wording.text_of(expected), wording.text_of(wording.answer(item)))))
    if item.get("context") is not None:
        facts.append(("context", _folded_block(item["context"])))
    if seen := wording.flagged(item):
        facts.append(("flagged", join("! ", "; ".join(seen))))
    head = el("h4", el("code", str(item.get("id", "?"))), " ", el("span", ", ".join(filter(None, of)), class_="soft"))
    return el("article", head, definitions(facts), class_="card")


def _block(content: Any) -> Markup:
    text = wording.text_of(content)
    return el("pre", escape.clip(text, MAX_TEXT), dir="auto") if text else el("span", "(nothing)", class_="soft")


def _output(item: Mapping[str, Any]) -> Markup:
    """Return the output, with what its context does not say underlined."""
    parts, room = list[Child](), MAX_TEXT
    marked = unsupported.marked(item)
    for text, kind in marked:
        shown = text[: max(0, room)]
        parts.append(el("mark", shown) if kind and shown else shown)
        room -= len(text)
    if not parts:
        return _block(item["output"])
    rest = f"... ({-room:,} more characters)" if room < 0 else None
    return el("pre", *parts, rest, dir="auto")


def _folded_block(content: Any) -> Markup:
    text = wording.text_of(content)
    if len(text) <= 300:
        return _block(content)
    return el("details", el("summary", f"{len(text):,} characters"), _block(content))


def _comparison(expected: str, got: str) -> Markup:
    if expected == got:
        return join(el("code", escape.clip(expected, MAX_TEXT)), " (the answer is the same)")
    if max(len(expected), len(got)) <= SHORT:
        return join(el("code", expected or "(empty)"), ", but the answer is ", el("code", got or "(empty)"))
    return el("pre", *_difference(expected, got), dir="auto")


def _difference(expected: str, got: str) -> list[Child]:
    """Return the expected text with what is missing struck out and what came instead underlined, word by word."""
    from difflib import SequenceMatcher

    before, after = (re.findall(r"\s+|\S+", text[:MAX_TEXT])[:MAX_DIFF_WORDS] for text in (expected, got))
    parts: list[Child] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append("".join(before[a:b]))
            continue
        if b > a:
            parts += [el("del", "[-", "".join(before[a:b]), "-]")]
        if d > c:
            parts += [el("ins", "{+", "".join(after[c:d]), "+}")]
    if len(expected) > MAX_TEXT or len(got) > MAX_TEXT or MAX_DIFF_WORDS in (len(before), len(after)):
        parts.append("... (compared as far as here)")
    return parts
