"""CSV files: cells become what the mapping wants, and bad rows are counted instead of guessed at."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from twokey.config.shape import Recording
from twokey.errors import TwokeyError
from twokey.readers.base import MAX_LINE_BYTES
from twokey.readers.csv import CsvReader
from twokey.record import Record, Unreadable

READER = CsvReader()


def numbered(path: Path, data: bytes | str, **mapping: Any) -> list[tuple[int, Record | Unreadable]]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    (shard,) = READER.shards(str(path), 4)
    recording = Recording(path=str(path), **{"id": "id", **mapping})
    found = list(READER.numbered(shard, recording, None))
    assert [row for _, row in found] == list(READER.rows(shard, recording, None))
    return found


def one(tmp_path: Path, data: bytes | str, **mapping: Any) -> Record:
    ((_, row),) = numbered(tmp_path / "a.csv", data, **mapping)
    assert isinstance(row, Record), row
    return row


def faults(tmp_path: Path, data: bytes | str, **mapping: Any) -> list[tuple[int, str]]:
    found = numbered(tmp_path / "a.csv", data, **mapping)
    return [(line, row.id if isinstance(row, Record) else row.reason) for line, row in found]


def test_cells_become_numbers_times_and_truth_where_the_mapping_wants_them(tmp_path: Path) -> None:
    data = (
        "id,in,out,score,ms,mb,t,err,wrong,who,chan.nel\r\n"
        '007,"a, ""b""\nc",42,0.5,12,1e3,2026-01-31T12:00:00Z,False,TRUE,Synthetic,chat\r\n'
    )
    found = one(
        tmp_path, data, input="in", output="out", confidence="score", latency_ms="ms", memory_mb="mb", at="t",
        error="err", hallucinated="wrong", source="who", groups={"channel": "chan.nel"},
    )  # fmt: skip
    assert found == Record(
        id="007", input='a, "b"\nc', output="42", label="42", confidence=0.5, latency_ms=12.0, memory_mb=1000.0,
        at=1769860800.0, hallucinated=True, source="synthetic", groups={"channel": "chat"},
    )  # fmt: skip


def test_an_empty_cell_is_nothing_and_so_is_nan(tmp_path: Path) -> None:
    mapping = {"output": "o", "confidence": "c", "latency_ms": "l", "at": "t", "error": "e", "groups": {"g": "g"}}
    assert one(tmp_path, "id,o,c,l,t,e,g\na,,,,,,\n", **mapping) == Record(id="a")
    assert one(tmp_path, "id,o,c,l,t,e,g\na,,NaN,inf,nan,,\n", **mapping) == Record(id="a")


def test_epoch_seconds_may_be_text_and_an_error_is_kept(tmp_path: Path) -> None:
    found = one(tmp_path, "id,t,e\na,1769860800,timeout\n", at="t", error="e")
    assert (found.at, found.error) == (1769860800.0, "timeout")


def test_rows_carry_the_line_on_which_they_begin(tmp_path: Path) -> None:
    data = '\ufeffid,o\n\na,"x\ny"\n\nb,z\nc,1,2\nd\n'
    assert faults(tmp_path, data, output="o") == [
        (3, "a"),
        (6, "b"),
        (7, "3 cells, where the header has 2"),
        (8, "1 cells, where the header has 2"),
    ]


def test_bad_bytes_and_quotes_make_a_row_unreadable_and_the_next_one_is_read(tmp_path: Path) -> None:
    data = b'id,o\na,\xffx\nb,\x00\nc,"x"y\nd,"new\n\xff"\ne,fine\n'
    assert faults(tmp_path, data, output="o") == [
        (2, "invalid UTF-8 at byte 3"),
        (3, "a NUL byte at byte 3"),
        (4, "not CSV: ',' expected after '\"'"),
        (5, "invalid UTF-8 at byte 1"),
        (7, "e"),
    ]


def test_a_quote_that_is_never_closed_is_one_unreadable_row(tmp_path: Path) -> None:
    assert faults(tmp_path, 'id,o\na,x\nb,"never\nc,x\n', output="o") == [
        (2, "a"),
        (3, "not CSV: unexpected end of data"),
    ]


def test_cells_may_be_long_but_rows_are_bounded(tmp_path: Path) -> None:
    long = "x" * 300_000
    assert one(tmp_path, f"id,o\na,{long}\n", output="o").output == long
    over = b"x" * (MAX_LINE_BYTES + 1)
    found = faults(tmp_path, b"id,o\na,x\nb," + over + b"\nc,x\n", output="o")
    assert found == [
        (2, "a"),
        (3, f"not CSV: a line of {MAX_LINE_BYTES + 3:,} bytes, more than the {MAX_LINE_BYTES:,} allowed"),
        (4, "c"),
    ]
    many = b'b,"' + b"x" * 1023 + b"\n" + (b"x" * 1023 + b"\n") * (MAX_LINE_BYTES // 1024) + b'"\n'
    (first, second, *_) = faults(tmp_path, b"id,o\na,x\n" + many, output="o")
    assert first == (2, "a")
    assert second == (3, f"not CSV: a row of more than the {MAX_LINE_BYTES:,} bytes allowed; is a quote never closed?")


def test_a_wrong_value_names_column_and_expectation(tmp_path: Path) -> None:
    assert faults(tmp_path, "id,c\na,high\nb,1_0\nc,2\n,0.5\n", confidence="c") == [
        (2, "c: expected a number, found text"),
        (3, "c: expected a number, found text"),
        (4, "c: expected a number from 0 to 1, found 2"),
        (5, "no id at id"),
    ]


@pytest.mark.parametrize(
    ("header", "message", "hint"),
    [
        ("id,golden,out", r"a\.csv:1: no column 'gold', which the mapping names", "did you mean golden?"),
        ("id,x,y", "no column 'gold'", "columns: id, x, y"),
        ("id;gold", "no column 'id'", r"are the cells separated by commas\?"),
        ("id,gold,gold", "more than one column 'gold'", "columns: id, gold, gold"),
    ],
)
def test_a_header_without_a_mapped_column_is_an_error(tmp_path: Path, header: str, message: str, hint: str) -> None:
    with pytest.raises(TwokeyError, match=message) as caught:
        numbered(tmp_path / "a.csv", f"{header}\n1,2,3\n", expected="gold")
    assert caught.match(hint.replace("?", r"\?") if "\\" not in hint else hint)
    assert caught.value.status == 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"is empty \(0 bytes\); expected CSV"),
        (b"\n\n", "holds no rows; expected CSV: a header line"),
        (b"id,o\n\n", "holds no rows"),
        (b'"id,o\n', "the header cannot be read: not CSV: unexpected end of data"),
        (b"\xffid,o\na,b\n", "the header cannot be read: invalid UTF-8 at byte 1"),
    ],
)
def test_a_file_without_rows_or_header_is_an_error(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(TwokeyError, match=message):
        numbered(tmp_path / "a.csv", data)


def test_a_packed_file_reads_as_the_plain_one_and_a_truncated_one_is_an_error(tmp_path: Path) -> None:
    data = b"id,o\n" + b"".join(b"%d,x\n" % i for i in range(3000))
    packed = gzip.compress(data)
    assert numbered(tmp_path / "a.csv.gz", packed) == numbered(tmp_path / "a.csv", data)
    with pytest.raises(TwokeyError, match="is a truncated gzip file"):
        numbered(tmp_path / "a.csv.gz", packed[:-9])


def test_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'id,o\na,"x\ny"\n\nb,z')
    (shard,) = READER.shards(str(path), 1)
    assert READER.lines(shard) == 5
