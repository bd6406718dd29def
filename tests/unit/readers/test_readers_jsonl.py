"""JSON Lines files: plain and packed, whole and in shards, and every way in which they can be bad."""

import gzip
import json
import pickle
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.config.shape import Recording
from twokey.errors import TwokeyError
from twokey.readers import READERS, open_reader, stream
from twokey.readers.base import HEADER, MAX_LINE_BYTES
from twokey.readers.jsonl import LEAST_SHARD_BYTES, JsonlReader
from twokey.record import Record, Unreadable

READER = JsonlReader()


def numbered(path: Path, count: int = 1, **mapping: Any) -> list[tuple[int, Record | Unreadable]]:
    """Read all shards of a file, with lines of the file."""
    recording = Recording(path=str(path), **{"id": "id", **mapping})
    found: list[tuple[int, Record | Unreadable]] = []
    before = 0
    for shard in READER.shards(str(path), count):
        found += [(before + line, row) for line, row in READER.numbered(shard, recording, None)]
        assert list(READER.rows(shard, recording, None)) == [row for _, row in READER.numbered(shard, recording, None)]
        before += READER.lines(shard)
    return found


def summary(found: list[tuple[int, Record | Unreadable]]) -> list[tuple[int, str]]:
    return [(line, row.id if isinstance(row, Record) else row.reason) for line, row in found]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def lines(count: int) -> bytes:
    return b"".join(json.dumps({"id": f"case-{i}", "text": "x" * 100}).encode() + b"\n" for i in range(count))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"id":"a"}\n{"id":"b"}\n', [(1, "a"), (2, "b")]),
        (b'{"id":"a"}\n{"id":"b"}', [(1, "a"), (2, "b")]),
        (b'{"id":"a"}\r\n{"id":"b"}\r\n', [(1, "a"), (2, "b")]),
        (b'\xef\xbb\xbf{"id":"a"}\n', [(1, "a")]),
        (b'\n  \n\r\n{"id":"a"}\n\n{"id":"b"}\n\n', [(4, "a"), (6, "b")]),
        (b'{"id":"a"}\nnonsense\n{"id":"b"}\n', [(1, "a"), (2, "not JSON: invalid character near byte 5"), (3, "b")]),
        (b'{"id":"a"}\n{"x":"\xff"}\n', [(1, "a"), (2, "invalid UTF-8 at byte 7")]),
        ('{"id":"ä"}\n{"id":"日本"}\n'.encode(), [(1, "ä"), (2, "日本")]),
        (b'{"id":"a"}{"id":"b"}\n', [(1, "not JSON: trailing characters near byte 12")]),
    ],
)
def test_lines_are_numbered_and_only_records_and_faults_come_out(
    tmp_path: Path, data: bytes, expected: list[tuple[int, str]]
) -> None:
    assert summary(numbered(written(tmp_path / "a.jsonl", data))) == expected


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    (".gz", gzip.compress),
    (".gz", lambda data: gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])),
    (".zst", zstandard.compress),
    (".zst", lambda data: zstandard.compress(data[: len(data) // 2]) + zstandard.compress(data[len(data) // 2 :])),
]


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_a_packed_file_is_one_shard_and_reads_as_the_plain_one(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    plain = b"\xef\xbb\xbf\n" + lines(5000) + b"broken\n"
    packed = written(tmp_path / f"a.jsonl{suffix}", pack(plain))
    assert len(READER.shards(str(packed), 8)) == 1
    assert numbered(packed) == numbered(written(tmp_path / "a.jsonl", plain))


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
@pytest.mark.parametrize("cut", [5, 200])
def test_a_truncated_packed_file_is_an_error_that_names_it(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes], cut: int
) -> None:
    noise = b"".join(b'{"id":"%x"}\n' % random.Random(i).getrandbits(400) for i in range(3000))
    path = written(tmp_path / f"a.jsonl{suffix}", pack(noise)[:-cut])
    with pytest.raises(TwokeyError, match=rf"a\.jsonl\{suffix}: is a truncated (gzip|zstd) file") as caught:
        numbered(path)
    assert caught.value.status == 4


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_a_damaged_packed_file_is_an_error_that_names_it(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = bytearray(pack(lines(5000)))
    packed[len(packed) // 4 : len(packed) // 4 + 40] = b"\x55" * 40
    with pytest.raises(TwokeyError, match=rf"a\.jsonl\{suffix}: is a (damaged|truncated) (gzip|zstd) file"):
        numbered(written(tmp_path / f"a.jsonl{suffix}", bytes(packed)))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b"", r"is empty \(0 bytes\); expected JSON Lines"),
        ("a.jsonl", b"\n \r\n\t\n", "holds only blank lines; expected JSON Lines"),
        ("a.jsonl", b"\xef\xbb\xbf\n", "holds only blank lines"),
        ("a.jsonl.gz", gzip.compress(b"", mtime=0), "holds only blank lines"),
        ("a.jsonl.gz", b'{"id":"a"}\n', "is named .gz, but it is no gzip file"),
        ("a.jsonl.zst", gzip.compress(b"{}", mtime=0), "is named .zst, but it is no zstd file"),
        ("a.jsonl", b"\xff\xfe{\x00", "is UTF-16 text; save it as UTF-8"),
        ("a.jsonl", b"PAR1....", "is a Parquet file; say so with format: parquet"),
    ],
)
def test_a_file_with_nothing_to_read_is_an_error(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = written(tmp_path / name, data)
    with pytest.raises(TwokeyError, match=message) as caught:
        READER.shards(str(path), 1)
    assert caught.value.status == 4
    assert str(caught.value).startswith(f"{path}: ")


def test_a_file_that_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    written(tmp_path / "file", b"x")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, message in [
        (tmp_path / "none.jsonl", "there is no such file; expected JSON Lines"),
        (tmp_path, "is a directory; expected JSON Lines"),
        (tmp_path / "file" / "a.jsonl", "cannot be read"),
        (tmp_path / "loop", "cannot be read"),
        (Path("/dev/null"), "is no regular file"),
        (Path("a\0b"), "cannot be read"),
    ]:
        with pytest.raises(TwokeyError, match=message):
            READER.shards(str(path), 1)


def test_a_file_that_shrinks_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", lines(50))
    (shard,) = READER.shards(str(path), 1)
    written(path, lines(10))
    with pytest.raises(TwokeyError, match="shorter while it was read"):
        list(READER.rows(shard, Recording(path=str(path), id="id"), None))
    path.unlink()
    with pytest.raises(TwokeyError, match="cannot be read: No such file"):
        list(READER.rows(shard, Recording(path=str(path), id="id"), None))


@pytest.mark.parametrize("count", [1, 2, 3, 7, 1000])
def test_any_number_of_shards_reads_the_same_lines(tmp_path: Path, count: int) -> None:
    data = b"\n" + lines(2000) + b"broken\n" + lines(3000).rstrip()
    path = written(tmp_path / "a.jsonl", data)
    shards = READER.shards(str(path), count)
    assert len(shards) == min(count, len(data) // LEAST_SHARD_BYTES)
    assert [shard.index for shard in shards] == list(range(len(shards)))
    assert [shard.start for shard in shards[1:]] == [shard.end for shard in shards[:-1]]
    found = summary(numbered(path, count))
    assert found == summary(numbered(path, 1))
    assert found[2000] == (2002, "not JSON: invalid character near byte 1")
    assert len(found) == 5001
    assert pickle.loads(pickle.dumps(shards)) == shards  # noqa: S301 (our own bytes)


def test_a_line_that_is_too_long_is_one_unreadable_line(tmp_path: Path) -> None:
    fits = b'{"id":"' + b"x" * 100 + b'","o":"' + b"y" * (MAX_LINE_BYTES - 117) + b'"}'
    assert len(fits) == MAX_LINE_BYTES - 1
    path = written(
        tmp_path / "a.jsonl", b'{"id":"a"}\n' + fits + b" \n" + fits + b"  \n" + b'{"id":"b"}\n' + fits + b"  "
    )
    reason = f"a line of {MAX_LINE_BYTES + 1:,} bytes, more than the {MAX_LINE_BYTES:,} allowed"
    expected = [(1, "a"), (2, "x" * 100), (3, reason), (4, "b"), (5, reason)]
    assert summary(numbered(path)) == expected
    assert summary(numbered(path, 5)) == expected


@pytest.mark.parametrize(("suffix", "pack"), PACKERS[::2])
def test_an_archive_bomb_stays_within_its_bounds(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    size = 100 * 1024 * 1024
    path = written(tmp_path / f"a.jsonl{suffix}", pack(b"x" * size + b'\n{"id":"a"}\n'))
    tracemalloc.start()
    try:
        found = summary(numbered(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [(1, f"a line of {size:,} bytes, more than the {MAX_LINE_BYTES:,} allowed"), (2, "a")]
    assert peak < 80 * 1024 * 1024


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(st.integers(0, 40), max_size=20),
    ended=st.booleans(),
    chunk=st.integers(1, 10),
    limit=st.integers(10, 25),
)
def test_runs_keep_every_line_whatever_the_blocks(parts: list[int], ended: bool, chunk: int, limit: int) -> None:
    data = b"\n".join(b"x" * size for size in parts) + (b"\n" if ended and parts else b"")
    left = memoryview(data)

    def read(_: int) -> bytes:
        nonlocal left
        head, left = bytes(left[:chunk]), left[chunk:]
        return head

    found: list[int] = []
    for run in stream.runs(read, limit):
        if isinstance(run, stream.Oversize):
            found.append(run.size)
        else:
            sizes = [len(line) for line in run.removesuffix(b"\n").split(b"\n")]
            assert max(sizes) <= limit
            found += sizes
    expected = [len(line) for line in data.removesuffix(b"\n").split(b"\n")] if data else []
    assert found == expected


def test_the_reader_is_found_by_format_or_by_name() -> None:
    assert open_reader(Recording(path="x/A.JSONL")).name == "jsonl"
    assert open_reader(Recording(path="a.ndjson.zst")).name == "jsonl"
    assert open_reader(Recording(path="a.csv.gz")).name == "csv"
    assert open_reader(Recording(path="a.parquet")).name == "parquet"
    assert open_reader(Recording(path="a.txt", format="csv")).name == "csv"
    with pytest.raises(TwokeyError, match=r"a\.json: .*known endings are \.jsonl, .*\.csv, .*\.parquet") as caught:
        open_reader(Recording(path="a.json"))
    assert "format:" in str(caught.value)


@pytest.mark.parametrize("reader", READERS.values(), ids=list(READERS))
def test_every_reader_says_what_it_is_and_pickles(reader: Any) -> None:
    assert READERS[reader.name] is reader
    assert reader.summary
    assert "\n" not in reader.summary
    assert len(reader.__doc__ or "") > 200
    assert type(pickle.loads(pickle.dumps(reader))) is type(reader)  # noqa: S301 (our own bytes)


@pytest.mark.parametrize("name", ["answers.jsonl", "answers.jsonl.gz"])
def test_the_header_of_a_recording_is_no_record_and_lines_keep_their_numbers(tmp_path: Path, name: str) -> None:
    text = HEADER + b'v1","kind":"judge"}\n{"id": "a"}\n{\n' + b'{"id": "b", "note": "{\\"twokey\\":"}\n'
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    found = numbered(path)
    assert [line for line, _ in found] == [2, 3, 4]
    assert [row.id for _, row in found if isinstance(row, Record)] == ["a", "b"]
    path.write_bytes(gzip.compress(b"\n" + text) if name.endswith(".gz") else b"\n" + text)
    assert [line for line, row in numbered(path) if isinstance(row, Unreadable)] == [2, 4], "elsewhere it is a line"
