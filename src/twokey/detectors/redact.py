"""Hiding what was seen: marks such as `[pii.email]` in its place, until nothing is seen any more.

A mark names the rule and never the value. Taking something out can bring something else to light, so redaction scans
again until it sees nothing; a text that resists is hidden as a whole. It decides nothing about what is harmful.
"""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from twokey.detectors.expression import encodable
from twokey.record import Sighting, flatten

PASSES = 8
HIDDEN = "[redacted]"
AROUND = 40
"""Characters on each side of a place that a preview shows."""

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
    return _marked(text, _merged(sightings))


def _marked(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    place = 0
    for start, end, tag in spans:
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


def previews(
    text: str, places: Sequence[tuple[int, int]], scanner: Scans, seen: Iterable[Sighting] = ()
) -> tuple[str, ...]:
    """Return for each place in a text the words around it, without what was `seen` there and with nothing left to see.

    The whole is redacted before anything is cut, so that no half of a secret stays at an edge; and what was cut once
    more, line by line and whole, because cutting can bring something to light.
    """
    text = encodable(text)
    moved = list(places)
    told = [sighting for sighting in seen if sighting.end > sighting.start]
    for _ in range(PASSES):
        spans = list(_merged([*scanner.scan(text), *told]))
        if not spans:
            break
        told = []
        moved = [_moved(place, spans) for place in moved]
        text = _marked(text, spans)
    else:
        return (HIDDEN,) * len(moved)
    windows = [text[max(0, start - AROUND) : end + AROUND] for start, end in _bounded(moved)]
    known = {
        window: redact("\n".join(redact(line, scanner) for line in window.split("\n")), scanner) for window in windows
    }
    return tuple(known[window] for window in windows)


def _bounded(places: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """Yield the places, none longer than what stands around it."""
    for start, end in places:
        yield start, min(end, start + 2 * AROUND)


def _moved(place: tuple[int, int], spans: Sequence[tuple[int, int, str]]) -> tuple[int, int]:
    """Return where a place stands once each span is a mark; one within a span is all of its mark."""
    (start, end), shift = place, 0
    low = high = None
    for first, last, tag in spans:
        size = len(tag) + 2
        if low is None and start < last:
            low = min(start, first) + shift
        if high is None and end <= last:
            high = (end if end <= first else first + size) + shift
            break
        shift += size - (last - first)
    return (start + shift if low is None else low, end + shift if high is None else high)


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


def hide_seen(value: Any, seen: Iterable[Sighting]) -> Any:
    """Return a value with marks for what was seen in its flattened text, in each leaf that a place runs over."""
    spans = list(_merged(sighting for sighting in seen if sighting.end > sighting.start))
    if not spans:
        return value
    return _marked(encodable(value), spans) if isinstance(value, str) else _rebuild(value, _Mark(spans))


class _Mark:
    """Puts marks into leaves; called with them in the order in which they are flattened."""

    def __init__(self, spans: Sequence[tuple[int, int, str]]) -> None:
        self.spans = deque(spans)
        self.place = 0

    def __call__(self, leaf: str) -> str:
        first, last = self.place, self.place + len(leaf)
        self.place = last + 1
        within: list[tuple[int, int, str]] = []
        while self.spans and self.spans[0][0] < last:
            start, end, tag = self.spans[0]
            if end > first:
                within.append((max(start - first, 0), min(end, last) - first, tag))
            if end > last:
                break
            self.spans.popleft()
        return _marked(encodable(leaf), within) if within else leaf


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
