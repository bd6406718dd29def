"""The contract of a reader: a file becomes shards, a shard becomes rows, a row a record or an unreadable line.

A shard is small and picklable, so that workers get a place and never the bytes. Line numbers count from 1 within a
shard; `lines` of all earlier shards are added where a person is told (`sample.first_lines`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from twokey.config.shape import Recording
from twokey.record import Record, Unreadable

MAX_LINE_BYTES = 16 * 1024 * 1024
HEADER = b'{"twokey":"recording/'
"""How the first line of a recording begins that twokey made: it says what the file is, and is no record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A part of a recording: bytes `start` to `end` of a plain file (line-aligned by the reader), row groups, or all.

    `index` is its place among the file's shards.
    """

    path: str
    format: str
    index: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.path}, part {self.index + 1}"


class Reader(Protocol):
    """Reads one file format. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]

    def shards(self, path: str, count: int) -> tuple[Shard, ...]:
        """Divide the file into about `count` shards, or one where it cannot be divided.

        Raises TwokeyError if it cannot be opened or holds nothing.
        """

    def numbered(
        self, shard: Shard, recording: Recording, stratify_by: str | None
    ) -> Iterator[tuple[int, Record | Unreadable]]:
        """Yield the shard's rows in order, each with its line in the shard, from 1. Blank lines are passed over.

        Raises TwokeyError where the file as a whole cannot be read (truncated, a mapped column missing).
        """

    def rows(self, shard: Shard, recording: Recording, stratify_by: str | None) -> Iterator[Record | Unreadable]:
        """Yield what `numbered` yields, without the lines."""

    def lines(self, shard: Shard) -> int:
        """Count the lines of a shard, blank ones included. Reads it, so ask only where somebody must be told a line."""
