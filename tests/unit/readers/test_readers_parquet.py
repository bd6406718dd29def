"""Parquet files: columns by name or struct path, row groups as shards, and Arrow's types as JSON's."""

import builtins
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from twokey.config.shape import Recording
from twokey.errors import MissingExtraError, TwokeyError
from twokey.readers.parquet import ParquetReader
from twokey.record import Record, Unreadable

READER = ParquetReader()


def rows(path: Path, count: int = 1, **mapping: Any) -> list[Record | Unreadable]:
    recording = Recording(path=str(path), **{"id": "id", **mapping})
    return [row for shard in READER.shards(str(path), count) for row in READER.rows(shard, recording, None)]


def written(tmp_path: Path, columns: dict[str, Any], **kwargs: Any) -> Path:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path, **kwargs)
    return path


def test_columns_are_found_by_whole_name_first_then_as_a_path(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "id": ["a", "b", "c"],
            "r.text": ["dotted", None, "x"],
            "r": [{"text": "inner", "list": [{"n": 0.5}]}, None, {"text": None, "list": []}],
        },
    )
    found = rows(path, output="r.text", confidence="r.list.0.n", input="r")
    assert found == [
        Record(id="a", output="dotted", label="dotted", confidence=0.5, input={"text": "inner", "list": [{"n": 0.5}]}),
        Record(id="b"),
        Record(id="c", output="x", label="x", input={"text": None, "list": []}),
    ]


def test_values_become_what_json_can_say(tmp_path: Path) -> None:
    when = datetime(2026, 1, 31, 12, tzinfo=UTC)
    path = written(
        tmp_path,
        {
            "id": pa.array([7]),
            "t": pa.array([when], pa.timestamp("ns", tz="UTC")),
            "day": pa.array([date(2026, 1, 31)]),
            "score": pa.array([Decimal("0.25")]),
            "blob": pa.array([b"bytes"]),
            "nan": pa.array([float("nan")]),
            "flag": pa.array([1.0]),
            "kind": pa.array(["chat"]).dictionary_encode(),
        },
    )
    assert rows(
        path, at="t", input="day", confidence="score", output="blob", expected="nan", latency_ms="nan",
        hallucinated="flag", groups={"kind": "kind"}, context="t",
    ) == [
        Record(id="7", at=1769860800.0, input="2026-01-31", confidence=0.25, output="bytes", label="bytes",
               hallucinated=True, groups={"kind": "chat"}, context="2026-01-31T12:00:00+00:00")
    ]  # fmt: skip


def test_a_value_of_the_wrong_kind_is_an_unreadable_row_with_its_number(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "id": ["a", None, "c", "d"],
            "c": [0.5, 0.5, 3.0, 0.5],
            "t": pa.array([None, None, None, 1], pa.timestamp("ms")),
        },
    )
    assert rows(path, confidence="c", at="t") == [
        Record(id="a", confidence=0.5),
        Unreadable(line=2, reason="no id at id"),
        Unreadable(line=3, reason="c: expected a number from 0 to 1, found 3"),
        Unreadable(line=4, reason="t: a time without an offset; write it as 2026-01-31T12:00:00+00:00"),
    ]
    path = written(tmp_path, {"id": ["a"], "b": pa.array([b"\xff"])})
    assert rows(path, output="b") == [Unreadable(line=1, reason="invalid UTF-8 at byte 1 of a value")]


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_shards_are_runs_of_row_groups(tmp_path: Path, count: int) -> None:
    path = written(tmp_path, {"id": [f"case-{i}" for i in range(5000)], "unused": ["x"] * 5000}, row_group_size=600)
    shards = READER.shards(str(path), count)
    assert len(shards) == min(count, 9)
    assert sum(READER.lines(shard) for shard in shards) == 5000
    found = rows(path, count)
    assert [row.id for row in found if isinstance(row, Record)] == [f"case-{i}" for i in range(5000)]
    first, *_ = READER.numbered(shards[-1], Recording(path=str(path), id="id"), None)
    assert first[0] == 1


def test_a_missing_column_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": ["a"], "golden": ["x"], "r": [{"a": 1}]})
    with pytest.raises(
        TwokeyError, match=r"a\.parquet: no column 'gold', which the mapping names \(did you mean golden\?\)"
    ):
        rows(path, expected="gold")
    with pytest.raises(TwokeyError, match=r"no column 'r\.b', .*columns: id, golden, r"):
        rows(path, expected="r.b")
    with pytest.raises(TwokeyError, match=r"no column 'r\.0'"):
        rows(path, expected="r.0")


def test_what_is_no_parquet_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    good = written(tmp_path, {"id": [f"{i}" for i in range(1000)]}).read_bytes()
    for data in (b'{"id":"a"}\n', b"PAR1", good[: len(good) // 2], good[:-1], b"PAR1" + b"\xff" * 40 + b"PAR1"):
        path.write_bytes(data)
        with pytest.raises(TwokeyError, match="is no Parquet file, or a damaged one"):
            READER.shards(str(path), 1)
    path.write_bytes(b"")
    with pytest.raises(TwokeyError, match=r"is empty \(0 bytes\); expected a Parquet file"):
        READER.shards(str(path), 1)
    for absent, message in ((tmp_path / "none.parquet", "there is no such file"), (tmp_path, "is a directory")):
        with pytest.raises(TwokeyError, match=message):
            READER.shards(str(absent), 1)


def test_a_damaged_page_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": [f"{i * 7919:x}" for i in range(5000)]})
    data = bytearray(path.read_bytes())
    data[200:2000] = b"\xaa" * 1800
    path.write_bytes(data)
    with pytest.raises(TwokeyError, match=r"a\.parquet: is damaged"):
        rows(path)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([10**12], pa.timestamp("s", tz="UTC")),
        pa.array([{"t": 1}], pa.struct([("t", pa.timestamp("ns", tz="UTC"))])),
        pa.array([b"\xff"]).view(pa.string()),
    ],
    ids=["beyond the year 9999", "nanoseconds inside a struct", "text that is not UTF-8"],
)
def test_values_that_python_cannot_hold_are_an_error_that_names_the_column(tmp_path: Path, column: Any) -> None:
    path = written(tmp_path, {"id": ["a"], "odd": column})
    with pytest.raises(TwokeyError, match=r"a\.parquet: column 'odd' cannot be read"):
        rows(path, input="odd")


def test_a_file_without_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TwokeyError, match="holds no rows; expected at least one record"):
        rows(written(tmp_path, {"id": pa.array([], pa.string())}))


def test_without_pyarrow_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, {"id": ["a"]})
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        MissingExtraError, match=r"needs pyarrow, which is not installed \(pip install 'twokey\[parquet\]'\)"
    ):
        READER.shards(str(path), 1)
