"""What the reviewer sees: one item at a time, the rubric always below it, and never an escape that an output brought.

The machine's opinion (confidence, why the item was chosen, what detectors saw) is not shown before a grade is given.
Every line of an item stands behind a bar, so that no output can draw a heading or a rubric of its own. Nothing is
decided here and no key is read.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from twokey.review import unsupported
from twokey.review.grades import SEVERITIES, Grade, Grades, summarise
from twokey.visible import visible

RUBRIC = (
    ("p", "pass", "usable as it is"),
    ("f", "fail", "wrong or harmful"),
    ("e", "edit", "nearly right: you write what it should say"),
    ("s", "escalate", "somebody else has to settle it"),
    ("b", "bad reference", "the expected answer itself is wrong"),
)
MOVES = (
    ("u", "undo"),
    ("j/k", "next/previous"),
    ("n", "next without a grade"),
    ("m", "more of long texts"),
    ("?", "help"),
    ("q", "save and quit"),
)
SECTIONS = ("context", "input", "output", "label", "expected")
FEWEST_LINES = 6
UNWATCHED_LINES = 200


def show_item(
    console: Console, items: Sequence[Mapping[str, Any]], place: int, grades: Grades, *, unfolded: bool, message: str
) -> None:
    """Print one item with its progress above and the rubric below; `message` is what the last key did."""
    item = items[place]
    grade = grades.of(str(item["id"]))
    left = len(items) - summarise(grades, items).total.graded
    _clear(console)
    console.print(Rule(style="dim"))
    console.print(
        _line(
            ("bold", f"item {place + 1:,} of {len(items):,}"),
            ("dim", f"   {left:,} left to grade, and they may hold personal data"),
        )
    )
    console.print(_line(("dim", "   ".join(_about(item)))))
    for title, lines, hidden in _folded(console, item if grade else without_confidence(item), unfolded=unfolded):
        console.print(_line(("bold cyan", title)))
        for line in lines:
            console.print(Text.assemble(("│ ", "dim"), line), no_wrap=True, overflow="ignore", crop=False)
        if hidden:
            console.print(_line(("yellow", f"[{hidden:,} more lines: m shows them]")))
    if grade:
        console.print(_line(("bold magenta", "your grade  "), ("", said(grade))))
        console.print(_line(("magenta", f"the machine  {opinion(item)}")))
    show_rubric(console, message)


def show_end(console: Console, items: Sequence[Mapping[str, Any]], grades: Grades, message: str) -> None:
    """Print what the grades come to, when every item has one."""
    _clear(console)
    console.print(Rule(style="dim"))
    console.print(_line(("bold green", f"all {len(items):,} items are graded")))
    for stratum, counts in summarise(grades, items).strata.items():
        words = f"{counts.items:,} items: {counts.passed:,} passed, {counts.failed:,} failed, {counts.edited:,} edited"
        words += f", {counts.escalated:,} escalated, {counts.bad_reference:,} with a bad reference"
        console.print(_line(("", f"  {stratum}, {words}")))
    console.print(_line(("", "q leaves; k looks at the last one again, u takes it back")))
    show_rubric(console, message)


def show_rubric(console: Console, message: str) -> None:
    """Print what the keys do, and what the last one did."""
    console.print(Rule(style="dim"))
    _show_keys(console, ((key, f"{word}: {meaning}") for key, word, meaning in RUBRIC))
    _show_keys(console, MOVES)
    if message:
        console.print(_line(("yellow", message)))


def show_help(console: Console) -> None:
    """Print the rubric at length."""
    _clear(console)
    for key, word, meaning in RUBRIC:
        console.print(_line(("bold", f"  {key}  "), ("bold", f"{word:14}"), ("", meaning)))
    for key, what in MOVES:
        console.print(_line(("bold", f"  {key:5}"), ("", what)))
    severities = ", ".join(f"{number} {name}" for number, name in enumerate(SEVERITIES, start=1))
    for sentence in (
        f"A fail asks how bad it is ({severities}) and why.",
        "Low: nobody is harmed. Medium: somebody has to mend it. High: somebody is misled. Critical: never again.",
        "Everything but a pass asks for a reason. An edit counts as a failure: the output was not usable as it was.",
        "A bad reference counts as none. An escalated item stays open until somebody settles it.",
        "Confidence, and why an item was chosen, are shown after your grade and not before.",
        "Each grade is saved as you give it. Ctrl-C and q leave, and the next time goes on where you left.",
    ):
        console.print(_line(("", sentence)))
    console.print(_line(("yellow", "any key goes back")))


def said(grade: Grade) -> str:
    """Return a grade in words."""
    parts = [grade.grade, grade.severity or "", grade.reason]
    if grade.correction is not None:
        parts.append(f"should say: {grade.correction}")
    return ", ".join(part for part in parts if part)


def opinion(item: Mapping[str, Any]) -> str:
    """Return what the machine knows of an item: why it was chosen, its confidence, what detectors saw."""
    confidence = item.get("confidence")
    findings = ", ".join(map(str, item.get("findings") or ()))
    parts = [
        f"chosen: {item.get('stratum')}",
        "no confidence" if confidence is None else f"confidence {confidence:g}",
        f"seen in the output: {findings}" if findings else "",
    ]
    return "; ".join(part for part in parts if part)


def without_confidence(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the item without the parts of its output that repeat its confidence: an opinion, and too early."""
    output, confidence = item.get("output"), item.get("confidence")
    if confidence is None or not isinstance(output, Mapping):
        return item
    kept = {name: part for name, part in output.items() if not (isinstance(part, float) and part == confidence)}
    return {**item, "output": kept, "grounding": unsupported.without(item, kept)}


def _about(item: Mapping[str, Any]) -> Iterator[str]:
    yield str(item["id"])
    yield f"source {item.get('source', 'unknown')}"
    yield from (f"{name} {value}" for name, value in sorted((item.get("groups") or {}).items()))
    if item.get("impact"):
        yield f"impact {item['impact']}"
    if item.get("latency_ms") is not None:
        yield f"{item['latency_ms']:g} ms"


def _folded(console: Console, item: Mapping[str, Any], *, unfolded: bool) -> Iterator[tuple[str, list[Text], int]]:
    """Yield each part of the item as lines that fit the screen together, and how many lines are not shown."""
    parts = [(name, _wrapped(console, item, name)) for name in SECTIONS if _worth_showing(name, item)]
    if new := unsupported.told(item):
        parts.append(("not in the context", _lines(console, Text(visible(new)))))
    room = max(FEWEST_LINES, console.height - 12 - 2 * len(parts)) if console.is_terminal else UNWATCHED_LINES
    share = _fair_share([len(lines) for _, lines in parts], room)
    for name, lines in parts:
        # A note takes a line itself, so two lines more than fit are shown rather than folded.
        fits = unfolded or len(lines) <= share + 1
        yield name, lines if fits else lines[:share], 0 if fits else len(lines) - share


def _fair_share(lengths: Sequence[int], room: int) -> int:
    """Return the most lines that each part may have, so that together they have no more than there is room for."""
    share, left = room, list(lengths)
    while left:
        share = max(2, room // len(left))
        short = [length for length in left if length <= share]
        if not short:
            break
        room -= sum(short)
        left = [length for length in left if length > share]
    return share if left else max([*lengths, 2])


def _worth_showing(name: str, item: Mapping[str, Any]) -> bool:
    value = item.get(name)
    return value is not None and not (name == "label" and value == item.get("output"))


def _wrapped(console: Console, item: Mapping[str, Any], name: str) -> list[Text]:
    whole = visible(as_text(item[name]))
    marked = unsupported.marked(item) if name == "output" else ()
    parts = [(visible(text), "underline" if kind else "") for text, kind in marked]
    # Part by part a text could show what as a whole is made visible; then nothing is underlined.
    text = Text.assemble(*parts) if "".join(part for part, _ in parts) == whole else Text(whole)
    return _lines(console, text)


def _lines(console: Console, text: Text) -> list[Text]:
    text.expand_tabs(4)
    return list(text.wrap(console, max(20, console.width - 3)))


def as_text(value: Any) -> str:
    """Return a value as a person reads it: texts as they are, flat structures as lines, others as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and value and all(isinstance(part, (str, int, float)) for part in value.values()):
        return "\n".join(f"{name}: {part}" for name, part in value.items())
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


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
