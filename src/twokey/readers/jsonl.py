"""JSON Lines. See the reader's docstring; the mapping is compiled in `mapping`, bytes come from `stream`."""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain, pairwise
from typing import ClassVar

import msgspec

from twokey.config.shape import Recording
from twokey.errors import Place, TwokeyError
from twokey.readers import stream
from twokey.readers.base import HEADER, Shard
from twokey.readers.compiled import REFUSALS, Compiled, compile_json
from twokey.readers.mapping import Layout
from twokey.readers.values import MismatchError
from twokey.record import Record, Unreadable

EXPECTED = "JSON Lines: one JSON object on each line"
LEAST_SHARD_BYTES = 64 * 1024
Row = Record | Unreadable

_CONSTANT = re.compile(rb"-?(NaN|Infinity)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class JsonlReader:
    """One JSON object on each line, UTF-8, plain or packed with gzip or zstd.

    A plain file is divided at line ends, so that processes share it; a packed one is read as a stream by one of them.
    Fields are found by dotted paths (`choices.0.message.content`); what the mapping does not name is skipped. An absent
    field, a null on the way and a list that is too short leave a part of the record empty. Where a key stands twice in
    an object, the last one counts.

    A value of the wrong kind, text that is no JSON (NaN is none), invalid UTF-8, a mapped value nested deeper than 64
    or a line over 16 MiB makes an unreadable line: it is counted and told; the budget of the `records` gate decides.
    """

    name: ClassVar[str] = "jsonl"
    summary: ClassVar[str] = "JSON Lines, plain, gzip or zstd"
    suffixes: ClassVar[tuple[str, ...]] = tuple(
        stem + packed for stem in (".jsonl", ".ndjson") for packed in ("", ".gz", ".zst")
    )

    def shards(self, path: str, count: int) -> tuple[Shard, ...]:
        """Divide a plain file at line ends; a packed file is one shard."""
        size = stream.size_of(path, EXPECTED)
        with stream.opened(path, EXPECTED) as read:
            if not stream.anything(read):
                raise TwokeyError(f"holds only blank lines; expected {EXPECTED}", where=Place(file=path))
        packed = stream.packing(path, EXPECTED)
        cuts = (0, size) if packed else stream.cuts(path, size, count, LEAST_SHARD_BYTES)
        return tuple(
            Shard(path=path, format=self.name, index=index, start=start, end=end)
            for index, (start, end) in enumerate(pairwise(cuts))
        )

    def rows(self, shard: Shard, recording: Recording, stratify_by: str | None) -> Iterator[Record | Unreadable]:
        """Yield the shard's records and unreadable lines."""
        return chain.from_iterable(filter(None, rows) for _, rows in _read(shard, Layout.of(recording, stratify_by)))

    def numbered(
        self, shard: Shard, recording: Recording, stratify_by: str | None
    ) -> Iterator[tuple[int, Record | Unreadable]]:
        """Yield them with their line."""
        for first, rows in _read(shard, Layout.of(recording, stratify_by)):
            yield from ((line, row) for line, row in enumerate(rows, first) if row)

    def lines(self, shard: Shard) -> int:
        """Count the lines of the shard."""
        return stream.count_lines(_runs(shard))


def _read(shard: Shard, layout: Layout) -> Iterator[tuple[int, list[Row | None]]]:
    """Yield the rows of each run with the number of its first line; a blank line is None."""
    read = compile_json(layout)
    first = 1
    for run in _runs(shard):
        if isinstance(run, stream.Oversize):
            yield first, [Unreadable(line=first, reason=run.reason)]
            first += 1
            continue
        lines = BytesIO(run).readlines()
        yield first, _rows(run, lines, read, layout, first)
        first += len(lines)


def _rows(run: bytes, lines: list[bytes], read: Compiled, layout: Layout, first: int) -> list[Row | None]:
    found = read.run(run, lines) if _is_text(run) else None
    if found is None:
        return [_row(line, number, read, layout) for number, line in enumerate(lines, first)]
    rows: list[Row | None] = [*found[0]]
    for index in found[1]:
        rows[index] = reread(lines[index].removesuffix(b"\n"), first + index, layout)
    return rows


def _row(line: bytes, number: int, read: Compiled, layout: Layout) -> Row | None:
    line = line.removesuffix(b"\n")
    try:
        line.decode()  # msgspec does not look inside what it skips
        return read(line)
    except REFUSALS:
        return reread(line, number, layout)


def _is_text(run: bytes) -> bool:
    try:
        return run.isascii() or bool(run.decode())
    except UnicodeDecodeError:
        return False


def _runs(shard: Shard) -> Iterator[bytes | stream.Oversize]:
    if stream.packing(shard.path, EXPECTED):
        with stream.opened(shard.path, EXPECTED) as read:
            yield from _without_header(stream.without_bom(stream.runs(read)))
    else:
        with stream.opened_range(shard.path, shard.start, shard.end) as read:
            found = stream.runs(read)
            yield from _without_header(stream.without_bom(found)) if shard.start == 0 else found


def _without_header(found: Iterator[bytes | stream.Oversize]) -> Iterator[bytes | stream.Oversize]:
    """Leave a blank line in the header's place, so that lines keep their numbers."""
    for run in found:
        header = isinstance(run, bytes) and run.startswith(HEADER)
        yield b"\n" + run.partition(b"\n")[2] if header and isinstance(run, bytes) else run
        break
    yield from found


def reread(line: bytes, number: int, layout: Layout) -> Record | Unreadable | None:
    """Read a line that the compiled decoder refused in the slow way, which knows what to say. A blank one is None."""
    if not line or line.isspace():
        return None
    try:
        line.decode()
        return layout.build(layout.dig(msgspec.json.decode(line)))
    except UnicodeDecodeError as error:
        reason = f"invalid UTF-8 at byte {error.start + 1}"
    except MismatchError as error:
        reason = str(error)
    except RecursionError:
        reason = "nested too deeply"
    except msgspec.DecodeError as error:
        reason = _not_json(line, str(error))
    return Unreadable(line=number, reason=reason)


def _not_json(line: bytes, message: str) -> str:
    place = re.search(r"\(byte (\d+)\)", message)
    if place:
        at = int(place[1])
        start = at - 1 if line[at - 1 : at] == b"-" else at
        if constant := _CONSTANT.match(line, start):
            return f"{constant[0].decode()} is not JSON, at byte {start + 1}"
        what = message[: place.start()].removeprefix("JSON is malformed:").strip()
        return f"not JSON: {what} near byte {at + 1}"
    if "truncated" in message:
        other = "an unpaired surrogate escape, or " if _SURROGATE.search(line) else ""
        return f"not JSON: {other}the line ends in the middle of a value"
    return "a number out of range" if "out of range" in message else f"not JSON: {message}"
