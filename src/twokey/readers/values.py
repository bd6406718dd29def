"""What each part of a record must be, whichever format it came from.

The one place where a value of the user's file is judged. It knows nothing of files or of where in a file a value stood:
a `MismatchError` names the user's path, what was expected and the kind of thing found, never the text that was found.
"""

import heapq
import math
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from twokey.canonical import quantise
from twokey.record import Source

MAX_ID_CHARS = 512
MAX_ERROR_CHARS = 500
MAX_GROUP_CHARS = 200
MAX_DEPTH = 64
MAX_ALTERNATIVES = 5
MAX_ALTERNATIVES_CHARS = 100_000
MAX_ENTRIES = 1000
"""So many alternatives are looked at; a model that lists its whole vocabulary costs no more."""

LATEST = 4102444800.0
"""2100-01-01 in seconds since the epoch: a larger number is milliseconds by mistake."""

_SOURCES: dict[str, Source] = {"synthetic": "synthetic", "production": "production"}
_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", dict: "an object", list: "a list"}


class MismatchError(ValueError):
    """A value that cannot be a part of a record; the message is the reason that a person reads."""


def kind(value: Any) -> str:
    """Return what a value is, in plain words and without its content."""
    return "nothing" if value is None else _KINDS.get(type(value), type(value).__name__)


def _expected(what: str, value: Any, path: str) -> MismatchError:
    return MismatchError(f"{path}: expected {what}, found {kind(value)}")


def identity(value: Any, path: str) -> str:
    """Return an id as text; whole numbers become their decimal text."""
    if type(value) is int:
        return str(value)
    if value is None or value == "":
        raise MismatchError(f"no id at {path}")
    if type(value) is not str:
        raise _expected("text or a whole number", value, path)
    if value.isspace():
        raise MismatchError(f"no id at {path}")
    if len(value) > MAX_ID_CHARS:
        raise MismatchError(f"{path}: an id of {len(value):,} characters, more than the {MAX_ID_CHARS} allowed")
    return value


def number(value: Any, path: str) -> float | None:
    """Return a number as a float; nothing, NaN and the infinities are None."""
    if value is None:
        return None
    if type(value) is not float:
        if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            raise _expected("a number", value, path)
        try:
            value = float(value)
        except OverflowError:
            raise MismatchError(f"{path}: a number out of range") from None
    return value if math.isfinite(value) else None


def probability(value: Any, path: str) -> float | None:
    """Return a number from 0 to 1."""
    found = number(value, path)
    if found is not None and not 0.0 <= found <= 1.0:
        raise MismatchError(f"{path}: expected a number from 0 to 1, found {found:g}")
    return found


def amount(value: Any, path: str) -> float | None:
    """Return a number that is at least 0."""
    found = number(value, path)
    if found is not None and found < 0.0:
        raise MismatchError(f"{path}: expected a number of at least 0, found {found:g}")
    return found


def moment(value: Any, path: str) -> float | None:
    """Return seconds since the epoch, from the same, from ISO 8601 text with an offset, or a datetime with a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise MismatchError(
                f"{path}: expected ISO 8601 with an offset, or seconds since the epoch, found other text"
            ) from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise MismatchError(f"{path}: a time without an offset; write it as 2026-01-31T12:00:00+00:00")
        return value.timestamp()
    found = number(value, path)
    if found is not None and not 0.0 <= found <= LATEST:
        raise MismatchError(
            f"{path}: expected seconds since the epoch, found {found:g}, which lies outside 1970 to 2100"
        )
    return found


def truth(value: Any, path: str) -> bool | None:
    """Return true or false; 1 and 0 count as such."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        if value in (0, 1):
            return bool(value)
        if value != value:  # a NaN is how tables of floats write nothing
            return None
        raise MismatchError(f"{path}: expected true or false, found {value:g}")
    raise _expected("true or false", value, path)


def source(value: Any, path: str) -> Source:  # noqa: ARG001 (all checks are called alike)
    """Return synthetic or production; whatever else is written there, or nothing, is unknown."""
    return _SOURCES.get(value.strip().lower(), "unknown") if isinstance(value, str) else "unknown"


def failure(value: Any, path: str) -> str | None:  # noqa: ARG001 (all checks are called alike)
    """Return an error as text, shortened; nothing, false, and empty text, lists and objects are no error."""
    if value is None or value is False or value == "" or value == [] or value == {}:
        return None
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= MAX_ERROR_CHARS else text[: MAX_ERROR_CHARS - 1] + "…"


def word(value: Any, path: str) -> str | None:
    """Return a group's value as text; nothing and empty text mean that the record is in no group of that name."""
    if type(value) is str:
        if len(value) > MAX_GROUP_CHARS:
            raise MismatchError(
                f"{path}: {len(value):,} characters, more than the {MAX_GROUP_CHARS} allowed for a group"
            )
        return value or None
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise _expected("text, a number or true or false", value, path)


def alternatives(value: Any, path: str) -> tuple[tuple[str, float], ...]:  # noqa: ARG001 (all checks are called alike)
    """Return labels with their probabilities, the likeliest first, at most five; whatever is none is left out.

    They are a list of objects (`label` and `score`, or the names that others give these), a list of pairs, or an object
    of scores by label; or the JSON of it as text, which is what a cell of CSV can hold. Nothing here makes a record
    unreadable, since no answer depends on it.
    """
    if not value:
        return ()
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value) if len(value) <= MAX_ALTERNATIVES_CHARS else None
        except (msgspec.DecodeError, RecursionError):
            return ()
    found: dict[str, float] = {}
    for label, score in map(_weighed, islice(_entries(value), MAX_ENTRIES)):
        if label and score is not None and score > found.get(label, -1.0):
            found[label] = score
    return tuple(heapq.nsmallest(MAX_ALTERNATIVES, found.items(), key=_likeliest))


def _likeliest(weighed: tuple[str, float]) -> tuple[float, str]:
    return -weighed[1], weighed[0]


def _entries(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [value] if any(isinstance(value.get(name), str) for name in _LABELS) else value.items()
    return value if isinstance(value, (list, tuple)) else ()


def _weighed(entry: Any) -> tuple[str, float | None]:
    """Return one alternative's label and probability: an empty label, or no probability, where it has none."""
    logarithm = False
    if isinstance(entry, dict):
        label = next((entry[name] for name in _LABELS if name in entry), None)
        name = next((name for name in _SCORES if name in entry), "")
        entry, logarithm = (label, entry.get(name)), name.endswith("logprob")
    if not isinstance(entry, (list, tuple)) or len(entry) != 2:
        return "", None
    label, score = entry
    if isinstance(label, (bool, int)):
        label = "true" if label is True else "false" if label is False else str(label)
    if type(label) is not str or len(label) > MAX_GROUP_CHARS or type(score) not in (int, float):
        return "", None
    if logarithm:
        return label, quantise(math.exp(max(score, -1000))) if score <= 0 else None
    return label, quantise(score) if 0 <= score <= 1 else None


def content(value: Any, path: str) -> Any:
    """Return any JSON value unchanged; a bare NaN is None. What is nested deeper than 64 is refused."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict) and _LEAVES.issuperset(map(type, value.values())):
        return value  # the usual shape, told without building anything
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [item for part in level if isinstance(part, (dict, list)) for item in _items(part)]
        if not level:
            return value
    raise MismatchError(f"{path}: nested deeper than {MAX_DEPTH}")


_LEAVES = frozenset({str, int, float, bool, type(None)})
_LABELS, _SCORES = ("label", "class", "token", "name"), ("score", "probability", "prob", "p", "confidence", "logprob")


def _items(part: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return part.values() if isinstance(part, dict) else part
