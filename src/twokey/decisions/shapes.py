"""The shape of a JSON document, said as values: every field named, every type exact, every length bounded.

A shape looks at a value and names every problem with its path; it converts nothing. Unknown fields are problems at
every level, because what one verifier reads and another skips is how documents come to mean two things.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Shape = Callable[[Any, str, list[str]], None]

_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# Control characters, other line ends, halves of characters, and bidirectional controls: what a reader cannot see.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
MAX_PROBLEMS = 50
CLOCK_SKEW = timedelta(minutes=5)  # how far ahead of ours another honest clock may be
_CANONICAL = json.JSONEncoder(sort_keys=True).encode  # equal items, equal texts


def problems_of(value: Any, shape: Shape) -> tuple[str, ...]:
    """Return every problem that `shape` has with `value`, at most 50."""
    problems: list[str] = []
    shape(value, "", problems)
    return tuple(problems[:MAX_PROBLEMS])


def instant(text: str) -> datetime:
    """Return `2026-11-21T12:00:00Z` as an aware time; raises ValueError for any other way of writing a time."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("expected a UTC time such as 2026-11-21T12:00:00Z")
    when = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    if written(when) != text:  # newer Pythons read 24:00:00 as the next day
        raise ValueError(f"there is no time {text}")
    return when


def written(moment: datetime) -> str:
    """Return a time as `instant` reads it, to the second; raises ValueError for one without zone or with fractions."""
    if moment.utcoffset() is None or moment.microsecond:
        raise ValueError("a time in a decision is aware and has whole seconds")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(len("2026-11-21T12:00:00Z"))


def record(fields: Mapping[str, Shape]) -> Shape:
    """Return the shape of an object with exactly these fields."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not dict:
            problems.append(f"{path or 'the document'}: expected an object, found {_found(value)}")
            return
        unknown = sorted(set(value) - set(fields))
        problems.extend(f"{_at(path, key)}: an unknown field" for key in unknown[:MAX_PROBLEMS])
        for key, shape in fields.items():
            if key in value:
                shape(value[key], _at(path, key), problems)
            else:
                problems.append(f"{_at(path, key)}: a field that must be there is missing")

    return check


def listing(item: Shape, *, least: int = 0, most: int) -> Shape:
    """Return the shape of a list of `least` to `most` different items."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not list or not least <= len(value) <= most:
            problems.append(f"{path}: expected a list of {least} to {most} items, found {_found(value)}")
            return
        before = len(problems)
        for index, entry in enumerate(value):
            item(entry, f"{path}[{index}]", problems)
        if len(problems) == before and len(set(map(_CANONICAL, value))) < len(value):
            problems.append(f"{path}: an item appears twice")

    return check


def nullable(shape: Shape) -> Shape:
    """Return the shape of a value that may be null."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        if value is not None:
            shape(value, path, problems)

    return check


def one_of(*words: str) -> Shape:
    """Return the shape of one of these words."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not str or value not in words:
            problems.append(f"{path}: expected {' or '.join(words)}, found {_found(value)}")

    return check


def matching(pattern: str, what: str) -> Shape:
    """Return the shape of a text that matches the whole pattern; `what` says so in words."""
    compiled = re.compile(pattern)

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not str or not compiled.fullmatch(value):
            problems.append(f"{path}: expected {what}, found {_found(value)}")

    return check


def name(most: int) -> Shape:
    """Return the shape of a name: 1 to `most` printable characters on one line, no space at its ends."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        good = type(value) is str and 1 <= len(value) <= most and value.isprintable() and value == value.strip()
        if not good:
            problems.append(f"{path}: expected a name of 1 to {most} printable characters, found {_found(value)}")

    return check


def anything(most: int) -> Shape:
    """Return the shape of a text that was found somewhere and is kept as it was: 1 to `most` characters of any kind."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not str or not 1 <= len(value) <= most:
            problems.append(f"{path}: expected a text of 1 to {most} characters, found {_found(value)}")

    return check


def prose(most: int, *, least: int = 1) -> Shape:
    """Return the shape of text written by a person: `least` to `most` characters, several lines, nothing unseen."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not str or not least <= len(value) <= most or (least and not value.strip()):
            problems.append(f"{path}: expected a text of {least} to {most} characters, found {_found(value)}")
        elif unseen := _UNSEEN.search(value):
            problems.append(f"{path}: a character that cannot be seen, U+{ord(unseen[0]):04X}")

    return check


def whole(most: int) -> Shape:
    """Return the shape of a whole number from 0 to `most`; neither true nor 1.0 is one."""

    def check(value: Any, path: str, problems: list[str]) -> None:
        if type(value) is not int or not 0 <= value <= most:
            problems.append(f"{path}: expected a whole number from 0 to {most}, found {_found(value)}")

    return check


def truth(value: Any, path: str, problems: list[str]) -> None:
    """The shape of true or false."""
    if type(value) is not bool:
        problems.append(f"{path}: expected true or false, found {_found(value)}")


def moment(value: Any, path: str, problems: list[str]) -> None:
    """The shape of a UTC time, to the second."""
    try:
        instant(value if type(value) is str else "")
    except ValueError:
        problems.append(f"{path}: expected a UTC time such as 2026-11-21T12:00:00Z, found {_found(value)}")


DIGEST = matching(r"[0-9a-f]{64}", "a SHA-256 of 64 lower-case hexadecimal digits")


def _at(path: str, key: str) -> str:
    shown = key if re.fullmatch(r"[\w-]{1,60}", key, re.ASCII) else ascii(key[:60])
    return f"{path}.{shown}" if path else shown


def _found(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, (bool, int, float)):
        return str(value).lower()[:40]
    if isinstance(value, str):
        return ascii(value[:40]) + ("..." if len(value) > 40 else "")
    return f"a list of {len(value)}" if isinstance(value, list) else "an object"
