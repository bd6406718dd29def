"""What the reviewer sees: one item at a time, the rubric always below it, and never an escape that an output brought.

The machine's opinion (confidence, why the item was chosen, what doubts it, what detectors saw) is not shown before a
grade is given. Every line of an item stands behind a bar, so that no output can draw a heading or a rubric of its own.
Nothing is decided here and no key is read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from twokey.cli.grading.parts import folded, is_low
from twokey.reports.wording import lines_of, stratum, text_of
from twokey.review.grades import CERTAINTIES, SEVERITIES, Grade, Grades, summarise
from twokey.review.rubric import CERTAINTY_MEANS, NOTES, RUBRIC, SEVERITY_MEANS
from twokey.review.rubric import Rule as GradeRule
from twokey.review.shown import without_confidence
from twokey.visible import visible

MOVES = (
    ("c", "how sure"),
    ("u", "undo"),
    ("j/k", "next/previous"),
    ("n", "next to do"),
    ("t", "ten more"),
    ("+", "audit more"),
    ("m", "long texts"),
    ("?", "help"),
    ("q", "save and quit"),
)
MOST_SHOWN = 300
"""Characters of each thing that the machine says, where it stands in a line with others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One item on the screen: where it stands, what was said of it, and what may be seen.

    `head` says which of how many it is; `beside` are further titles and texts; `message` is what the last key did.
    """

    item: Mapping[str, Any]
    head: str
    grade: Grade | None = None
    revealed: bool = False
    beside: Sequence[tuple[str, str]] = ()
    unfolded: bool = False
    message: str = ""


def show_item(console: Console, view: View) -> None:
    """Print one item with where it stands above and the rubric below."""
    _clear(console)
    console.print(Rule(style="dim"))
    console.print(_line(("bold", view.head)))
    console.print(_line(("dim", "   ".join(_about(view.item)))))
    shown = view.item if view.revealed else without_confidence(view.item)
    below = list(_below(view))
    for title, lines, hidden in folded(console, shown, view.beside, taken=len(below), unfolded=view.unfolded):
        console.print(_line(("bold cyan", title)))
        for line in lines:
            console.print(Text.assemble(("│ ", "dim"), line), no_wrap=True, overflow="ignore", crop=False)
        if hidden:
            console.print(_line(("yellow", f"[{hidden:,} more lines: m shows them]")))
    for line in below:
        console.print(line)
    show_rubric(console, view.message)


def _below(view: View) -> Iterator[Text]:
    if view.grade:
        yield _line(("bold magenta", "your grade  "), ("", said(view.grade)))
    if view.revealed:
        yield _line(("magenta", f"the machine  {opinion(view.item)}"))


def show_end(
    console: Console, items: Sequence[Mapping[str, Any]], grades: Grades, message: str, *, more: Sequence[str] = ()
) -> None:
    """Print what the grades come to, when every item has one or waits for an answer, and what else can be done."""
    _clear(console)
    console.print(Rule(style="dim"))
    total = summarise(grades, items).total
    asked = total.items - total.graded
    if asked:
        console.print(_line(("bold yellow", f"{asked:,} of {total.items:,} items wait for an answer to your question")))
    else:
        console.print(_line(("bold green", f"all {total.items:,} items are graded")))
    for name, counts in summarise(grades, items).strata.items():
        words = f"{counts.items:,} items: {counts.passed:,} passed, {counts.failed:,} failed, {counts.edited:,} edited"
        words += f", {counts.escalated:,} escalated, {counts.bad_reference:,} with a bad reference"
        console.print(_line(("", f"  {name}, {words}")))
    for line in more:
        console.print(_line(("", line)))
    console.print(_line(("", "q leaves; k looks at the last one again, u takes it back")))
    show_rubric(console, message)


def show_rubric(console: Console, message: str) -> None:
    """Print what the keys do, and what the last one did."""
    console.print(Rule(style="dim"))
    brief = is_low(console)
    _show_keys(console, ((keys, _word(rule) if brief else f"{_word(rule)}: {rule.meaning}") for keys, rule in _rules()))
    _show_keys(console, MOVES)
    if message:
        console.print(_line(("yellow", message)))


def _rules() -> Iterator[tuple[str, GradeRule]]:
    """Yield each grade with its keys: the number that it has on the page, and its letter."""
    yield from ((f"{number} {rule.key}", rule) for number, rule in enumerate(RUBRIC, start=1))


def _word(rule: GradeRule) -> str:
    return rule.word.lower()


def show_help(console: Console) -> None:
    """Print the rubric at length."""
    _clear(console)
    for keys, rule in _rules():
        console.print(_line(("bold", f"  {keys}  {rule.word:14}"), ("", rule.at_length)))
    for key, what in MOVES:
        console.print(_line(("bold", f"  {key:5}"), ("", what)))
    severities = "; ".join(f"{n} {name}: {SEVERITY_MEANS[name]}" for n, name in enumerate(SEVERITIES, start=1))
    certainties = "; ".join(f"{name}: {CERTAINTY_MEANS[name]}" for name in CERTAINTIES)
    for sentence in (
        f"A fail asks how bad it is. {severities}.",
        f"How sure you are is yours to say, before the grade or after it: c goes on to the next. {certainties}.",
        *NOTES,
        "Each grade is saved as you give it. Ctrl-C and q leave, and the next time goes on where you left.",
    ):
        console.print(_line(("", sentence)))
    console.print(_line(("yellow", "any key goes back")))


def said(grade: Grade) -> str:
    """Return a grade in words."""
    parts = [grade.grade, grade.severity or "", grade.reason]
    if grade.correction is not None:
        parts.append(f"should say: {grade.correction}")
    if grade.certainty is not None:
        parts.append(f"certainty {grade.certainty}")
    if grade.revised_from:
        parts.append(f"before: {', '.join(grade.revised_from)}")
    return ", ".join(part for part in parts if part)


def opinion(item: Mapping[str, Any]) -> str:
    """Return what the machine thinks of an item: why it was chosen, its confidence, doubts, what detectors saw."""
    confidence = item.get("confidence")
    parts = [
        f"chosen: {stratum(str(item.get('stratum')))}",
        "no confidence" if confidence is None else f"confidence {confidence:g}",
        *lines_of(item.get("confidence_past")),
        _listed("doubts", (_field(doubt, "says") for doubt in _list(item.get("doubts")))),
        _listed("seen in the output", _findings(item)),
        _listed("alternatives", map(_alternative, _list(item.get("alternatives")))),
    ]
    return "; ".join(part if len(part) <= MOST_SHOWN else f"{part[:MOST_SHOWN]} ..." for part in parts if part)


def _listed(title: str, found: Iterable[str]) -> str:
    words = ", ".join(one for one in found if one)
    return f"{title}: {words}" if words else ""


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else () if value is None else (value,)


def _field(value: Any, name: str) -> str:
    return text_of(value.get(name, value) if isinstance(value, Mapping) else value)


def _findings(item: Mapping[str, Any]) -> Iterator[str]:
    rules = item.get("rules")
    for tag in map(text_of, _list(item.get("findings"))):
        meant = text_of(rules.get(tag)) if isinstance(rules, Mapping) else ""
        yield f"{tag} ({meant})" if meant else tag


def _alternative(value: Any) -> str:
    if isinstance(value, Mapping) and {"label", "score"} <= value.keys():
        return f"{text_of(value['label'])} {text_of(value['score'])}"
    return text_of(value)


def _about(item: Mapping[str, Any]) -> Iterator[str]:
    yield str(item["id"])
    yield f"source {item.get('source', 'unknown')}"
    yield from (f"{name} {value}" for name, value in sorted((item.get("groups") or {}).items()))
    if item.get("impact"):
        yield f"impact {item['impact']}"
    if item.get("latency_ms") is not None:
        yield f"{item['latency_ms']:g} ms"


def _line(*parts: tuple[str, str]) -> Text:
    return Text.assemble(*((visible(text).replace("\n", r"\n"), style) for style, text in parts))


def _show_keys(console: Console, pairs: Iterable[tuple[str, str]]) -> None:
    """Print keys and what they do, as many on a line as fit."""
    line = Text()
    for key, what in pairs:
        entry = Text.assemble((f" {key} ", "reverse"), f" {what}")
        if line and line.cell_len + 3 + entry.cell_len > console.width:
            console.print(line)
            line = Text()
        line.append("   " if line else "").append_text(entry)
    console.print(line)


def _clear(console: Console) -> None:
    if console.is_terminal:
        console.clear()
