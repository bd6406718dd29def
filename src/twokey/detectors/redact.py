"""Hiding what was seen: marks such as `[pii.email]` in its place, until nothing is seen any more.

A mark names the rule and never the value. Taking something out can bring something else to light, so redaction scans
again until it sees nothing; a text that resists is hidden as a whole. It decides nothing about what is harmful.
"""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from twokey.record import Sighting, flatten

PASSES = 8
HIDDEN = "[redacted]"
_RANK = {"high": 0, "medium": 1, "low": 2}


class Scans(Protocol):
    """What redaction needs of a scanner."""

    def scan(self, text: str) -> tuple[Sighting, ...]:
        """Return what is seen in a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks that may stand in redacted text: one for each rule's tag, and `[redacted]`."""

    tags: frozenset[str]

    def covers(self, text: str) -> Callable[[int, int], bool]:
        """Return whether a span of this text is made of marks, with nothing but white space between.

        A rule whose own name is one of its words would otherwise see its mark, for ever.
        """
        if "[" not in text:
            return lambda _start, _end: False
        marks = [match.span() for match in _MARK.finditer(text) if match[1] is None or match[1] in self.tags]
        ends = [end for _, end in marks]
        return lambda start, end: _covered(
            text, start, end, (marks[i] for i in range(bisect_right(ends, start), len(marks)))
        )


_MARK = re.compile(r"\[(?:redacted(?:\.[0-9]{1,7})?|([a-z0-9-]+\.[a-z0-9-]+))\]")


def _covered(text: str, start: int, end: int, marks: Iterable[tuple[int, int]]) -> bool:
    place, touched = start, False
    for low, high in marks:
        if low >= end:
            break
        if text[place : max(place, low)].strip():
            return False
        place, touched = high, True
    return touched and not text[place:end].strip()


def redact_text(text: str, sightings: Iterable[Sighting]) -> str:
    """Return the text with a mark in place of each span; spans that overlap get one mark, that of the widest."""
    pieces: list[str] = []
    place = 0
    for start, end, tag in _merged(sightings):
        pieces += [text[place:start], f"[{tag}]"]
        place = end
    return "".join([*pieces, text[place:]])


def _merged(sightings: Iterable[Sighting]) -> Iterable[tuple[int, int, str]]:
    groups: list[list[Sighting]] = []
    reach = -1
    for sighting in sorted(sightings, key=lambda s: (s.start, s.end, s.tag)):
        if groups and sighting.start < reach:
            groups[-1].append(sighting)
        else:
            groups.append([sighting])
        reach = max(reach, sighting.end)
    for group in groups:
        widest = min(group, key=lambda s: (s.start - s.end, _RANK[s.severity], s.tag))
        yield group[0].start, max(sighting.end for sighting in group), widest.tag


def redact(text: str, scanner: Scans) -> str:
    """Return the text with nothing left in it that the scanner sees. Doing it twice changes nothing more."""
    for _ in range(PASSES):
        sightings = scanner.scan(text)
        if not sightings:
            return text
        text = redact_text(text, sightings)
    return text if not scanner.scan(text) else HIDDEN


def redact_value(value: Any, scanner: Scans) -> Any:
    """Return a structure of the same shape with nothing left in it that the scanner sees, flattened or leaf by leaf.

    Every text, number and key is scanned by itself, then all together as the detectors see them: what only shows across
    leaves hides each leaf that it touches. A number that is hidden becomes a text.
    """
    if isinstance(value, str):
        return redact(value, scanner)
    for _ in range(PASSES):
        value = _rebuild(value, lambda leaf: redact(leaf, scanner))
        sightings = scanner.scan(flatten(value))
        if not sightings:
            return value
        value = _rebuild(value, _Hide(sightings))
    return _rebuild(value, lambda _leaf: HIDDEN)


class _Hide:
    """Hides each leaf that a sighting touches; called with the leaves in the order in which they are flattened."""

    def __init__(self, sightings: tuple[Sighting, ...]) -> None:
        self.spans = deque(_merged(sightings))
        self.place = 0

    def __call__(self, leaf: str) -> str:
        start, end = self.place, self.place + len(leaf)
        self.place = end + 1
        while self.spans and self.spans[0][1] <= start:
            self.spans.popleft()
        return f"[{self.spans[0][2]}]" if self.spans and self.spans[0][0] < max(end, start + 1) else leaf


def _rebuild(value: Any, change: Callable[[str], str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        out: dict[str, Any] = {}
        for key, item in value.items():
            # Before the item: leaves are changed in the order in which they are flattened.
            name = _unique(change(str(key)), out)
            out[name] = _rebuild(item, change)
        return out
    if isinstance(value, (list, tuple)):
        return [_rebuild(item, change) for item in value]
    leaf = str(value)
    changed = change(leaf)
    return value if changed == leaf else changed


def _unique(key: str, taken: dict[str, Any]) -> str:
    count, name = len(taken), key
    while name in taken:
        count += 1
        name = f"{key}[redacted.{count}]"
    return name
