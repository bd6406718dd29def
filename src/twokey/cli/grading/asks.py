"""What a grade asks for beside its key: how bad it is, why, what it should say; typed, pasted, or given up by Escape.

A pasted text is text, never a row of commands. Which grade it is for, and where it is kept, is not known here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from twokey.cli.grading.keyboard import BACKSPACE, ENTER, ESCAPE, PASTE, Keys
from twokey.review.grades import MAX_CORRECTION, MAX_REASON, SEVERITIES, GradeValue, Severity
from twokey.review.rubric import RUBRIC
from twokey.visible import visible

QUESTIONS = {rule.grade: rule.question for rule in RUBRIC}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Asks on a console, and reads keys until there is an answer."""

    console: Console
    read: Keys

    def details(self, value: GradeValue, *, explain: bool) -> dict[str, Any] | None:
        """Ask for what a grade needs beside its kind, `explain` a reason even for a pass; None where they go back."""
        asked: list[tuple[str, Callable[[], Any]]] = []
        if value == "fail":
            asked.append(("severity", self.severity))
        if value == "edit":
            asked.append(("correction", lambda: self.text("What should it say?", MAX_CORRECTION, lines=True)))
        if value != "pass" or explain:
            asked.append(("reason", lambda: self.text(QUESTIONS[value], MAX_REASON)))
        details: dict[str, Any] = {}
        for name, ask in asked:
            details[name] = ask()
            if details[name] is None:
                return None
        return details

    def severity(self) -> Severity | None:
        """Ask how bad a failure is; None where the reviewer presses Escape."""
        choices = "   ".join(f"{number} {name}" for number, name in enumerate(SEVERITIES, start=1))
        self._prompt(f"How bad is it?   {choices}   (Esc goes back)")
        while (key := self.read()) != ESCAPE:
            if key in ("1", "2", "3", "4"):
                return SEVERITIES[int(key) - 1]
        return None

    def text(self, question: str, most: int, *, lines: bool = False) -> str | None:
        """Read a text of at least one letter, ended by Enter; None where the reviewer presses Escape."""
        self._prompt(f"{question}   (Enter ends, Esc goes back)")
        text = ""
        while (key := self.read()) != ESCAPE:
            if key == ENTER and text.strip():
                self.console.print()
                return text.strip()
            if key == BACKSPACE and text:
                self._echo("\b \b" * max(1, cell_len(visible(text[-1]))))
                text = text[:-1]
                continue
            more = _typed(key, lines=lines)[: most - len(text)]
            text += more
            self._echo(visible(more))
        return None

    def _prompt(self, question: str) -> None:
        self.console.print(f"\n{question}", style="yellow")
        self._echo("> ")

    def _echo(self, text: str) -> None:
        if self.console.is_terminal:
            self.console.file.write(text)
            self.console.file.flush()


def _typed(key: str, *, lines: bool) -> str:
    """Return what a key adds to a text: itself, what was pasted, or nothing."""
    if key.startswith(PASTE):
        pasted = "".join(char for char in key.removeprefix(PASTE) if visible(char) == char)
        return pasted if lines else " ".join(pasted.split())
    return key if len(key) == 1 and key not in (ENTER, BACKSPACE) and visible(key) == key else ""
