"""Counting by name without end: a few thousand names exactly, and beyond that a fair sample of them.

Names stay while their hash is small enough, and the bar is lowered by half whenever there are too many. Which ones stay
depends on the names alone, so parts may be merged in any order, and a sum over those that stayed, times `scale`, is an
unbiased estimate of the sum over all. The hash is fast and not secret: who chooses the names can choose which stay.

Source: Wegman's adaptive sampling, in Flajolet, Computing 43 (1990) 391-400.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from zlib import crc32

Name = TypeVar("Name", bound=Hashable)
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Sketch(Generic[Name, Seen]):
    """What was seen under each name that stayed: one in `scale` of all names, chosen by hash."""

    rows: Mapping[Name, Seen] = field(default_factory=dict)
    level: int = 0

    @property
    def scale(self) -> int:
        """How many names each of those that stayed stands for."""
        return 1 << self.level

    def at(self, level: int, hashed: Callable[[Name], int]) -> "Sketch[Name, Seen]":
        """Return the sketch as it would be at a higher level."""
        if level <= self.level:
            return self
        return Sketch({name: seen for name, seen in self.rows.items() if not _place(hashed(name)) >> 32 - level}, level)


def bounded(sketch: Sketch[Name, Seen], hashed: Callable[[Name], int], most: int) -> Sketch[Name, Seen]:
    """Return the sketch with at most so many names."""
    while len(sketch.rows) > most and sketch.level < 32:
        sketch = sketch.at(sketch.level + 1, hashed)
    return sketch


def merged(
    left: Sketch[Name, Seen],
    right: Sketch[Name, Seen],
    add: Callable[[Seen, Seen], Seen],
    hashed: Callable[[Name], int],
    most: int,
) -> Sketch[Name, Seen]:
    """Return what counting both together would have given; `add` is for names that both have seen."""
    level = max(left.level, right.level)
    large, small = left.at(level, hashed), right.at(level, hashed)
    if len(small.rows) > len(large.rows):
        large, small = small, large
    rows = dict(large.rows)
    for name, seen in small.rows.items():
        rows[name] = add(rows[name], seen) if name in rows else seen
    return bounded(Sketch(rows, level), hashed, most)


def text_hash(text: str) -> int:
    """Return 32 bits of a text, the same on every machine."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def _place(value: int) -> int:
    return value * 0x9E3779B1 & 0xFFFFFFFF  # so that its upper bits depend on all of the lower ones
