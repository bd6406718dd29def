"""What the kind folders share: a table from name to kind, and how a name is looked up or missed.

A kind (a gate, a detector, a reader, an engine, a signer, a report) is one file and one line in its folder's table. The
tables are literal: nothing is discovered, so what can run is what can be read there.
"""

import difflib
import importlib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from twokey.errors import TwokeyError
from twokey.values import dataclass

T = TypeVar("T")


class Kind(Protocol):
    """What every kind says about itself, in its own file; its docstring is its page in the docs and in `explain`."""

    name: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What one rule, metric or measure is, for `explain` and the reference. Each part is a sentence or a few."""

    what: str
    how: str
    source: str = ""
    limits: str = ""
    fix: str = ""

    def page(self) -> str:
        """Return it as a page, a paragraph to each part that there is."""
        parts = (("How", self.how), ("Source", self.source), ("Limits", self.limits), ("To fix", self.fix))
        return "\n\n".join(f"**{name}.** {text}" for name, text in parts if text)


class Table(Mapping[str, T]):
    """Kinds by name, written as `file:Class`. Each is imported when it is first asked for: naming them costs nothing.

    With `made`, the table holds an instance of each class, else the classes themselves.
    """

    def __init__(self, package: str, places: Mapping[str, str], *, made: bool = False) -> None:
        """Take the package that the files stand in, and the places by name, in the order of listing."""
        self._package = package
        self._places = places
        self._made = made
        self._found: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        """Return the kind of that name; raises KeyError where there is none."""
        if name not in self._found:
            file, _, kind = self._places[name].partition(":")
            found: Any = getattr(importlib.import_module(f"{self._package}.{file}"), kind)
            self._found[name] = found() if self._made else found
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        """Say whether there is a kind of that name; imports nothing."""
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        """Yield the names, in the order of listing."""
        return iter(self._places)

    def __len__(self) -> int:
        """Return how many kinds there are."""
        return len(self._places)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` was probably meant to be, or None."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def lookup(table: Mapping[str, T], name: str, what: str) -> T:
    """Return the entry called `name`; raises TwokeyError that lists what there is."""
    if name in table:
        return table[name]
    guess = nearest(name, table)
    hint = f"did you mean {guess}?" if guess else f"known: {', '.join(sorted(table))}"
    raise TwokeyError(f"there is no {what} called {name!r}", hint=hint)


def page(kind: Any) -> str:
    """Return the documentation of a kind: its docstring, unindented."""
    return inspect.cleandoc(kind.__doc__ or "")
