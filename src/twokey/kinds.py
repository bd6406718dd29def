"""What the kind folders share: a table from name to kind, and how a name is looked up or missed.

A kind (a gate, a detector, a reader, an engine, a signer, a report) is one file and one line in its folder's table. The
tables are literal: nothing is discovered, so what can run is what can be read there.
"""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from twokey.errors import TwokeyError

T = TypeVar("T")


class Kind(Protocol):
    """What every kind says about itself, in its own file; its docstring is its page in the docs and in `explain`."""

    name: str
    summary: str


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
