"""Grading in the terminal: one item, one key, saved at once; leave whenever you like and go on where you left.

It draws with `grading_screen`, reads keys with `keyboard` and hands every change to `save`. What the grades come to is
not computed here.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console

from twokey.cli.grading_screen import opinion, said, show_end, show_help, show_item
from twokey.cli.keyboard import BACKSPACE, DOWN, ENTER, EOF, ESCAPE, LEFT, PASTE, RIGHT, UP, Keys, keyboard
from twokey.errors import TwokeyError
from twokey.review.grades import (
    MAX_CORRECTION,
    MAX_REASON,
    MAX_SECONDS,
    SEVERITIES,
    Grade,
    Grades,
    GradeValue,
    Severity,
    missing,
)
from twokey.visible import visible

IDLE_SECONDS = 60.0
"""A pause between two keys counts as at most so long: active time is what is measured."""

_GRADES: Mapping[str, GradeValue] = {"p": "pass", "f": "fail", "e": "edit", "s": "escalate", "b": "bad-reference"}
_ASKED: Mapping[GradeValue, str] = {
    "fail": "why does it fail?",
    "edit": "why was it not usable as it was?",
    "escalate": "what has to be settled, and by whom?",
    "bad-reference": "what is wrong with the expected answer?",
}


def grade_in_terminal(
    items: Sequence[Mapping[str, Any]],
    grades: Grades,
    save: Callable[[Grades], None],
    stdin: TextIO,
    stdout: TextIO,
    *,
    keys: Keys | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Grades:
    """Let a person grade the items, and return the grades as they were saved last.

    Args:
        items: the rows of review/items.jsonl.
        grades: those given so far; the first item without one comes first.
        save: called with all grades after every change.
        stdin: a terminal, or a pipe with the same keys in it, each text ended by a line feed.
        stdout: where the items are shown.
        keys: read in place of stdin.
        clock: seconds, for the active time.

    Raises:
        TwokeyError: the grades cannot be saved.
    """
    console = Console(file=stdout, highlight=False, markup=False, emoji=False)
    with nullcontext(keys) if keys else keyboard(stdin, stdout) as read:
        session = _Session(items=items, grades=grades, save=save, console=console, read=read, clock=clock)
        try:
            session.run()
        except (EOFError, KeyboardInterrupt):
            console.print()  # all that was graded is saved already
    return session.grades


@dataclass(slots=True, kw_only=True)
class _Session:
    """Where the reviewer is. `place` beyond the last item is the end; `history` is what undo takes back."""

    items: Sequence[Mapping[str, Any]]
    grades: Grades
    save: Callable[[Grades], None]
    console: Console
    read: Keys
    clock: Callable[[], float]
    place: int = 0
    message: str = ""
    unfolded: bool = False
    history: list[tuple[int, Grade | None]] = field(default_factory=list)
    active: dict[int, float] = field(default_factory=dict)

    def run(self) -> None:
        """Show items and obey keys until the reviewer leaves."""
        self._to_ungraded(-1)
        while True:
            self._show()
            self.message = ""
            key = self._key()
            if key.lower() == "q":
                return
            self._obey(key if key.startswith(ESCAPE) else key.lower())

    @property
    def at_end(self) -> bool:
        """Whether there is no item here."""
        return self.place >= len(self.items)

    def _show(self) -> None:
        if self.at_end:
            show_end(self.console, self.items, self.grades, self.message)
            return
        show_item(self.console, self.items, self.place, self.grades, unfolded=self.unfolded, message=self.message)

    def _key(self) -> str:
        before = self.clock()
        key = self.read()
        self.active[self.place] = self.active.get(self.place, 0.0) + min(self.clock() - before, IDLE_SECONDS)
        if key == EOF:
            raise EOFError
        return key

    def _obey(self, key: str) -> None:
        if key in _GRADES and not self.at_end:
            self._grade(_GRADES[key])
        elif key == "u":
            self._undo()
        elif key in ("j", "k", DOWN, UP, RIGHT, LEFT):
            step = 1 if key in ("j", DOWN, RIGHT) else -1
            self._go(min(max(0, self.place + step), len(self.items) - (0 if self._complete() else 1)))
        elif key == "n":
            self._to_ungraded(self.place)
        elif key == "m":
            self.unfolded = not self.unfolded
        elif key == "?":
            show_help(self.console)
            self._key()
        elif key.startswith(PASTE):
            self.message = "a pasted text is no grade"
        elif key not in (ENTER, ESCAPE, " "):
            self.message = f"{visible(key)!r} does nothing here; ? helps"

    def _go(self, place: int) -> None:
        self.place, self.unfolded = place, False

    def _complete(self) -> bool:
        return not missing(self.grades, self.items)

    def _to_ungraded(self, after: int) -> None:
        """Go to the next item without a grade, from the start again where there is none; to the end if all have one."""
        order = [*range(after + 1, len(self.items)), *range(min(after + 1, len(self.items)))]
        graded = {grade.item for grade in self.grades.grades}
        self._go(next((n for n in order if str(self.items[n]["id"]) not in graded), len(self.items)))

    def _grade(self, value: GradeValue) -> None:
        item = self.items[self.place]
        if value == "bad-reference" and item.get("expected") is None:
            self.message = "there is no expected answer here that could be wrong"
            return
        details = self._details(value)
        if details is None:
            self.message = "nothing was graded"
            return
        before = self.grades.of(str(item["id"]))
        spent = self.active.pop(self.place, 0.0) + (before.seconds if before else 0)
        grade = Grade(item=str(item["id"]), grade=value, seconds=min(round(spent), MAX_SECONDS), **details)
        self.history.append((self.place, before))
        self._keep(self.grades.with_grade(grade))
        self.message = f"{grade.item}: {said(grade)}. The machine: {opinion(item)}"
        self._to_ungraded(self.place)

    def _details(self, value: GradeValue) -> dict[str, Any] | None:
        """Ask for what a grade needs beside its kind; None where the reviewer goes back."""
        details: dict[str, Any] = {}
        if value == "fail":
            details["severity"] = self._severity()
        if value == "edit":
            details["correction"] = self._text("what should it say?", MAX_CORRECTION, lines=True)
        if None in details.values():
            return None
        if value in _ASKED:
            details["reason"] = self._text(_ASKED[value], MAX_REASON)
        return None if None in details.values() else details

    def _undo(self) -> None:
        if not self.history:
            self.message = "there is nothing to take back"
            return
        place, before = self.history.pop()
        item = str(self.items[place]["id"])
        self._keep(self.grades.with_grade(before) if before else self.grades.without(item))
        self._go(place)
        self.message = f"{item}: taken back{f'; it is {said(before)} again' if before else ''}"

    def _keep(self, grades: Grades) -> None:
        try:
            self.save(grades)
        except OSError as error:
            raise TwokeyError(f"the grades cannot be saved: {error.strerror}", hint="earlier ones are kept") from None
        self.grades = grades

    def _severity(self) -> Severity | None:
        choices = "   ".join(f"{number} {name}" for number, name in enumerate(SEVERITIES, start=1))
        self._prompt(f"how bad is it?   {choices}   (Esc goes back)")
        while (key := self._key()) != ESCAPE:
            if key in ("1", "2", "3", "4"):
                return SEVERITIES[int(key) - 1]
        return None

    def _text(self, question: str, most: int, *, lines: bool = False) -> str | None:
        """Read a text of at least one letter, ended by Enter; None where the reviewer presses Escape."""
        self._prompt(f"{question}   (Enter ends, Esc goes back)")
        text = ""
        while (key := self._key()) != ESCAPE:
            if key == ENTER and text.strip():
                self.console.print()
                return text.strip()
            if key == BACKSPACE and text:
                self._echo("\b \b" * max(1, cell_len(visible(text[-1]))))
                text = text[:-1]
                continue
            more = self._typed(key, lines=lines)[: most - len(text)]
            text += more
            self._echo(visible(more))
        return None

    def _typed(self, key: str, *, lines: bool) -> str:
        """Return what a key adds to a text: itself, what was pasted, or nothing."""
        if key.startswith(PASTE):
            pasted = "".join(char for char in key.removeprefix(PASTE) if visible(char) == char)
            return pasted if lines else " ".join(pasted.split())
        return key if len(key) == 1 and key not in (ENTER, BACKSPACE) and visible(key) == key else ""

    def _prompt(self, question: str) -> None:
        self.console.print(f"\n{question}", style="yellow")
        self._echo("> ")

    def _echo(self, text: str) -> None:
        if self.console.is_terminal:
            self.console.file.write(text)
            self.console.file.flush()
