"""Parquet. See the reader's docstring; pyarrow is imported only where a file is opened, and is an extra."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar

from twokey.config.shape import Recording
from twokey.errors import MissingExtraError, Place, TwokeyError
from twokey.kinds import nearest
from twokey.readers import stream
from twokey.readers.base import Shard
from twokey.readers.mapping import FIELDS, Layout, Step, dotted, follow, steps_of
from twokey.readers.values import MismatchError
from twokey.record import Record, Unreadable

EXPECTED = "a Parquet file"
BATCH_ROWS = 1024

_AT = FIELDS.index("at")


class ParquetReader:
    """Apache Parquet; needs the extra `parquet` (pyarrow).

    A path of the mapping is the whole name of a column, or a column and then the fields of its structs and the indexes
    of its lists, joined by dots. Only mapped columns are read. Shards are runs of row groups, so a file written as one
    group is not shared between processes. Dates and times become ISO 8601 text, decimals numbers, bytes text; a NaN is
    nothing. A value of the wrong kind makes the row an unreadable line, and the budget of the `records` gate decides; a
    mapped column that does not exist stops the run.
    """

    name: ClassVar[str] = "parquet"
    summary: ClassVar[str] = "Apache Parquet, mapped columns only"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")

    def shards(self, path: str, count: int) -> tuple[Shard, ...]:
        """Divide the row groups into at most `count` runs."""
        with _opened(path) as file:
            groups, rows = file.metadata.num_row_groups, file.metadata.num_rows
        if rows == 0:
            raise TwokeyError("holds no rows; expected at least one record", where=Place(file=path))
        count = max(1, min(count, groups))
        cuts = [groups * part // count for part in range(count + 1)]
        return tuple(
            Shard(path=path, format=self.name, index=index, start=start, end=end)
            for index, (start, end) in enumerate(pairwise(cuts))
        )

    def rows(self, shard: Shard, recording: Recording, stratify_by: str | None) -> Iterator[Record | Unreadable]:
        """Yield the records and unreadable rows of the shard."""
        return (row for _, row in self.numbered(shard, recording, stratify_by))

    def numbered(
        self, shard: Shard, recording: Recording, stratify_by: str | None
    ) -> Iterator[tuple[int, Record | Unreadable]]:
        """Yield them with their number in the shard."""
        layout = Layout.of(recording, stratify_by)
        with _opened(shard.path) as file:
            places = _places(file.schema_arrow, layout, shard.path)
            columns = sorted({column for column, _ in filter(None, places)})
            number = 0
            for batch in _batches(file, shard, columns):
                values = {column: _values(batch, column, shard.path) for column in columns}
                for row in range(batch.num_rows):
                    number += 1
                    yield number, _row(values, row, number, places, layout)

    def lines(self, shard: Shard) -> int:
        """Count the rows of the shard."""
        with _opened(shard.path) as file:
            return sum(file.metadata.row_group(group).num_rows for group in range(shard.start, shard.end))


def _opened(path: str) -> Any:
    stream.size_of(path, EXPECTED)
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "parquet", f"reading {path}") from None
    try:
        return pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise TwokeyError(f"is no Parquet file, or a damaged one: {_short(error)}", where=Place(file=path)) from None


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200]


def _batches(file: Any, shard: Shard, columns: Sequence[str]) -> Iterator[Any]:
    import pyarrow

    try:
        # pyarrow also takes a dot in a name for a step into a struct; the batch is asked by name for what is meant.
        yield from file.iter_batches(
            batch_size=BATCH_ROWS,
            row_groups=list(range(shard.start, shard.end)),
            columns=list(columns),
            use_threads=False,
        )
    except (pyarrow.ArrowException, OSError) as error:
        raise TwokeyError(f"is damaged: {_short(error)}", where=Place(file=shard.path)) from None


_Spot = tuple[str, tuple[Step, ...]]


def _places(schema: Any, layout: Layout, path: str) -> list[_Spot | None]:
    """Return for each path of the layout its column and what remains of the path inside of it."""
    return [None if wanted is None else _place(schema, wanted, path) for wanted in layout.paths]


def _place(schema: Any, wanted: str, path: str) -> _Spot:
    names = list(schema.names)
    steps = steps_of(wanted)
    for length in range(len(steps), 0, -1):
        column = dotted(steps[:length])
        if column in names and _fits(schema.field(column).type, steps[length:]):
            return column, steps[length:]
    if wanted in names:
        return wanted, ()
    guess = nearest(wanted, names)
    hint = f"did you mean {guess}?" if guess else f"columns: {', '.join(names)[:500]}"
    raise TwokeyError(f"no column {wanted!r}, which the mapping names", where=Place(file=path), hint=hint)


def _fits(kind: Any, steps: Sequence[Step]) -> bool:
    import pyarrow.types

    for step in steps:
        if isinstance(step, int):
            if not (pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind)):
                return False
            kind = kind.value_type
        else:
            if not pyarrow.types.is_struct(kind) or kind.get_field_index(step) < 0:
                return False
            kind = kind.field(step).type
    return True


def _values(batch: Any, name: str, path: str) -> list[Any]:
    import pyarrow

    column = batch.column(name)
    try:
        if pyarrow.types.is_timestamp(column.type):
            # Nanoseconds would need pandas; microseconds are a datetime.
            column = column.cast(pyarrow.timestamp("us", tz=column.type.tz), safe=False)
        found: list[Any] = column.to_pylist()
    except (pyarrow.ArrowException, ValueError, OverflowError) as error:
        raise TwokeyError(f"column {name!r} cannot be read: {_short(error)}", where=Place(file=path)) from None
    return found


def _row(
    values: dict[str, list[Any]], row: int, number: int, places: Sequence[_Spot | None], layout: Layout
) -> Record | Unreadable:
    try:
        found = [None if place is None else follow(values[place[0]][row], place[1], (place[0],)) for place in places]
        return layout.build([_plain(value, at=index == _AT) for index, value in enumerate(found)])
    except MismatchError as error:
        return Unreadable(line=number, reason=str(error))
    except UnicodeDecodeError as error:
        return Unreadable(line=number, reason=f"invalid UTF-8 at byte {error.start + 1} of a value")


def _plain(value: Any, *, at: bool = False) -> Any:
    """Return an Arrow value as a JSON one."""
    match value:
        case None | str() | bool() | int():
            return value
        case float():
            return value if value - value == 0.0 else None
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case datetime() if at:
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return float(value)
        case bytes():
            return value.decode()
        case _:
            return str(value)
