"""CSV. See the reader's docstring; bytes come from `stream`, what a cell must be is in `values`."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from twokey.config.shape import Recording
from twokey.errors import Place, TwokeyError
from twokey.kinds import nearest
from twokey.readers import stream
from twokey.readers.base import MAX_LINE_BYTES, Shard
from twokey.readers.mapping import FIELDS, Layout
from twokey.readers.values import MismatchError
from twokey.record import Record, Unreadable

EXPECTED = "CSV: a header line, then one record on each row"

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?nan|[+-]?inf(inity)?", re.IGNORECASE | re.ASCII)
_TRUTH = {"true": True, "false": False, "1": True, "0": False}
_NUMERIC = tuple(FIELDS.index(name) for name in ("confidence", "latency_ms", "memory_mb", "at"))
_TRUE_OR_FALSE = tuple(FIELDS.index(name) for name in ("hallucinated", "error"))


class CsvReader:
    """Comma-separated values, UTF-8, with a header line; plain or packed with gzip or zstd.

    A path of the mapping is the whole name of a column, dots included. Cells are text; those mapped to numbers, times
    and true-or-false are converted. An empty cell is nothing. The file is one shard, since a quoted cell may hold line
    ends.

    A row with more or fewer cells than the header, invalid UTF-8, a NUL byte, a misplaced quote or a row over 16 MiB
    is an unreadable line: it is counted and told, and the budget of the `records` gate decides. A mapped column that
    the header lacks stops the run.
    """

    name: ClassVar[str] = "csv"
    summary: ClassVar[str] = "comma-separated values with a header, plain, gzip or zstd"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".csv.gz", ".csv.zst")

    def shards(self, path: str, count: int) -> tuple[Shard, ...]:  # noqa: ARG002 (the file cannot be divided)
        """Return the whole file as one shard."""
        size = stream.size_of(path, EXPECTED)
        with stream.opened(path, EXPECTED) as read:
            rows = _Rows(read)
            if _header(rows, path) is None or next((row for _, row in rows if row), None) is None:
                raise TwokeyError(f"holds no rows; expected {EXPECTED}", where=Place(file=path))
        return (Shard(path=path, format=self.name, index=0, start=0, end=size),)

    def rows(self, shard: Shard, recording: Recording, stratify_by: str | None) -> Iterator[Record | Unreadable]:
        """Yield the records and unreadable rows."""
        return (row for _, row in self.numbered(shard, recording, stratify_by))

    def numbered(
        self, shard: Shard, recording: Recording, stratify_by: str | None
    ) -> Iterator[tuple[int, Record | Unreadable]]:
        """Yield them with the line on which each begins."""
        layout = Layout.of(recording, stratify_by)
        with stream.opened(shard.path, EXPECTED) as read:
            rows = _Rows(read)
            header = _header(rows, shard.path) or []
            places = _places(header, layout, shard.path)
            for line, cells in rows:
                if cells:
                    yield line, _row(cells, line, len(header), places, layout)

    def lines(self, shard: Shard) -> int:
        """Count the lines of the file."""
        with stream.opened(shard.path, EXPECTED) as read:
            return stream.count_lines(stream.runs(read))


def _header(rows: "_Rows", path: str) -> list[str] | None:
    found = next((row for _, row in rows if row), None)
    if isinstance(found, str):
        raise TwokeyError(f"the header cannot be read: {found}", where=Place(file=path, line=1))
    return found


def _places(header: Sequence[str], layout: Layout, path: str) -> list[int | None]:
    """Return the column of each path of the layout."""
    for column in layout.paths:
        if column is not None and header.count(column) != 1:
            found = "no column" if column not in header else "more than one column"
            guess = nearest(column, header)
            only = " (are the cells separated by commas?)" if len(header) == 1 else ""
            hint = (
                f"did you mean {guess}?" if guess and guess != column else f"columns: {', '.join(header)[:500]}{only}"
            )
            raise TwokeyError(f"{found} {column!r}, which the mapping names", where=Place(file=path, line=1), hint=hint)
    return [None if column is None else header.index(column) for column in layout.paths]


def _row(
    cells: list[str] | str, line: int, width: int, places: Sequence[int | None], layout: Layout
) -> Record | Unreadable:
    if isinstance(cells, str):
        return Unreadable(line=line, reason=cells)
    if len(cells) != width:
        return Unreadable(line=line, reason=f"{len(cells)} cells, where the header has {width}")
    found: list[Any] = [None if place is None else cells[place] or None for place in places]
    for field in _NUMERIC:
        if found[field] is not None and _NUMBER.fullmatch(found[field].strip()):
            found[field] = float(found[field])
    for field in _TRUE_OR_FALSE:
        if found[field] is not None:
            found[field] = _TRUTH.get(found[field].strip().lower(), found[field])
    try:
        return layout.build(found)
    except MismatchError as error:
        return Unreadable(line=line, reason=str(error))


class _Rows(Iterator[tuple[int, list[str] | str]]):
    """The rows of a file, each with the line on which it begins. The reason stands for one that cannot be read."""

    def __init__(self, read: stream.Read) -> None:
        csv.field_size_limit(MAX_LINE_BYTES)  # for the whole process, which reads no other CSV
        self._lines = _Lines(read)
        self._rows = csv.reader(self._lines, strict=True)

    def __next__(self) -> tuple[int, list[str] | str]:
        line = self._lines.begin()
        try:
            cells = next(self._rows)
        except csv.Error as error:
            return line, f"not CSV: {error}"
        return line, self._lines.fault or cells


class _Lines(Iterator[str]):
    """The lines of a file as text, for the csv module; it remembers what was wrong with those of the current row."""

    def __init__(self, read: stream.Read) -> None:
        self._source = self._split(read)
        self._number = 0
        self._size = 0
        self.fault: str | None = None

    def begin(self) -> int:
        """Forget the last row; return the number of the line that comes next."""
        self._size = 0
        self.fault = None
        return self._number + 1

    def __next__(self) -> str:
        line = next(self._source)
        self._number += 1
        if isinstance(line, stream.Oversize):
            raise csv.Error(line.reason)
        self._size += len(line)
        if self._size > MAX_LINE_BYTES:
            raise csv.Error(f"a row of more than the {MAX_LINE_BYTES:,} bytes allowed; is a quote never closed?")
        if b"\0" in line:
            self.fault = f"a NUL byte at byte {line.index(0) + 1}"
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            self.fault = f"invalid UTF-8 at byte {error.start + 1}"
            return line.decode(errors="replace")

    @staticmethod
    def _split(read: stream.Read) -> Iterator[bytes | stream.Oversize]:
        for run in stream.without_bom(stream.runs(read)):
            if isinstance(run, stream.Oversize):
                yield run
            else:
                yield from (line + b"\n" for line in run.removesuffix(b"\n").split(b"\n"))
