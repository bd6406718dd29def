"""An item as lines of a screen: its parts, what is asked and was answered, and the differences from what was expected.

Parts are cut fairly where not all fit. All of it comes from outside, so every text is made visible before it is styled.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from twokey.reports.wording import answer, is_wrong, lines_of
from twokey.review import unsupported
from twokey.review.differing import by_word
from twokey.review.shown import as_text, worth_showing
from twokey.visible import visible

SECTIONS = ("context", "input", "output", "label", "expected")
FEWEST_LINES = 6
UNWATCHED_LINES = 200
HEAD_AND_FOOT = 12
"""Lines of a screen that are not the item's: what stands above it, the rubric, and what the last key did."""

LOW = 30
"""A terminal of fewer lines has the rubric in a few words; help has it whole."""

BRIEFER = 4
"""The lines that this saves."""

Part = tuple[str, list[Text], int]
"""A title, the lines that are shown, and how many are not."""

_MARKS = {"gone": ("[-", "-]", "red"), "new": ("{+", "+}", "green"), "same": ("", "", "")}


def folded(
    console: Console, item: Mapping[str, Any], beside: Sequence[tuple[str, str]] = (), *, taken: int, unfolded: bool
) -> Iterator[Part]:
    """Yield each part of the item as lines that fit the screen together.

    Args:
        console: how wide and high it is.
        item: what may be seen of it.
        beside: further titles and texts, such as a question and its answers.
        taken: lines that are taken already, beside head and foot.
        unfolded: show everything, whether or not it fits.
    """
    parts = [*_parts(console, item), *((title, _lines(console, Text(visible(text)))) for title, text in beside)]
    free = console.height - HEAD_AND_FOOT + (BRIEFER if is_low(console) else 0) - taken - 2 * len(parts)
    room = max(FEWEST_LINES, free) if console.is_terminal else UNWATCHED_LINES
    share = _fair_share([len(lines) for _, lines in parts], room)
    for name, lines in parts:
        # A note takes a line itself, so two lines more than fit are shown rather than folded.
        fits = unfolded or len(lines) <= share + 1
        yield name, lines if fits else lines[:share], 0 if fits else len(lines) - share


def is_low(console: Console) -> bool:
    """Return whether the console is a terminal with few lines."""
    return console.is_terminal and console.height < LOW


def _parts(console: Console, item: Mapping[str, Any]) -> Iterator[tuple[str, list[Text]]]:
    if asked := " ".join(lines_of(item.get("asked"))):
        yield "what is asked of you", _lines(console, Text(visible(asked), style="dim"))
    for name in SECTIONS:
        if name == "expected" and (found := compared(item)):
            yield "expected, compared", _lines(console, found)
        elif worth_showing(name, item):
            same = name == "expected" and not is_wrong(item)
            yield f"{name}, the same" if same else name, _wrapped(console, item, name)
    if new := unsupported.told(item):
        yield "not in the context", _lines(console, Text(visible(new)))


def compared(item: Mapping[str, Any]) -> Text | None:
    """Return what was expected, `[-missing-]` and `{+added+}` marked; None where the two share less than half."""
    if not is_wrong(item):
        return None
    before, after = visible(as_text(item["expected"])), visible(as_text(answer(item)))
    stretches = by_word(before, after) or ()
    if 2 * sum(len(text.strip()) for kind, text in stretches if kind == "same") < max(len(before), len(after)):
        return None
    text = Text()
    for kind, stretch in stretches:
        opens, closes, style = _MARKS[kind]
        text.append(f"{opens}{stretch}{closes}", style=style)
    # A mark beside a text could make a command of it, which is then shown without colours.
    return text if visible(text.plain) == text.plain else Text(visible(text.plain))


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
