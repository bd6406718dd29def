"""Inability: why a check could not be made at all.

A failing gate, a bad signature or an unreadable line is a value, kept and reported. What is raised here means that no
answer exists. Only the boundary in `twokey.cli` catches these and turns them into text and an exit status.
"""

from collections.abc import Iterable
from typing import Any

from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a user's file something was found. Lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a user's file: what was found, what was expected, where, and how to mend it."""

    message: str
    where: Place | None = None
    hint: str | None = None

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head} ({self.hint})" if self.hint else head


class TwokeyError(Exception):
    """The check could not be made: input, policy, subject or evidence cannot be had or was tampered with."""

    status = 4

    def __init__(self, message: str, *, where: Place | None = None, hint: str | None = None) -> None:
        """Say what was found and what was expected, where, and what to do about it."""
        self.problems: tuple[Problem, ...] = (Problem(message=message, where=where, hint=hint),)
        super().__init__(str(self.problems[0]))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole from a worker process, whatever arguments the subclass takes."""
        return (_revive, (type(self), self.problems, self.args))


class ConfigError(TwokeyError):
    """The content of a config, schema, rule file or roster is wrong. Carries every problem at once."""

    status = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Take all the problems found; there is at least one."""
        self.problems = tuple(problems)
        Exception.__init__(self, "\n".join(map(str, self.problems)))


def _revive(kind: type[TwokeyError], problems: tuple[Problem, ...], args: tuple[Any, ...]) -> TwokeyError:
    error = kind.__new__(kind, *args)
    error.problems = problems
    return error


class MissingExtraError(TwokeyError):
    """An optional package is needed and absent."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        """Name the package, the extra that brings it, and what it was needed for."""
        super().__init__(f"{purpose} needs {package}, which is not installed", hint=f"pip install 'twokey[{extra}]'")
