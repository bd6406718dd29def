"""Objects taken apart into paths and values."""

from collections.abc import Iterator
from typing import Any

import msgspec

from twokey.scorers.labels import label_text
from twokey.scorers.texts import words

MAX_DEPTH = 40


def as_object(value: Any) -> Any:
    """Return a value, or what the JSON in its text says; nothing where it is no JSON."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (ValueError, RecursionError):
        return None


def fields(value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each leaf with its path, as the words that it says; nulls are not there."""
    for path, leaf in _leaves(value, "", 0):
        yield path, words(label_text(leaf)) or (label_text(leaf),)


def exact_fields(value: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each leaf with its path, as its kind and its text."""
    for path, leaf in _leaves(value, "", 0):
        yield path, ("number" if _is_number(leaf) else type(leaf).__name__, label_text(leaf))


def _is_number(leaf: Any) -> bool:
    return isinstance(leaf, (int, float)) and not isinstance(leaf, bool)


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth >= MAX_DEPTH:
        yield path, repr(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{path}.{place}", depth + 1)
    elif value is not None:
        yield path, value
