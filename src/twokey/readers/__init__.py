"""The file formats that recordings come in: a table, and how a file finds its reader. Reads nothing itself."""

from pathlib import Path

from twokey.config.shape import Recording
from twokey.errors import Place, TwokeyError
from twokey.kinds import Table, lookup
from twokey.readers.base import MAX_LINE_BYTES, Reader, Shard

__all__ = ["MAX_LINE_BYTES", "READERS", "Reader", "Shard", "open_reader"]

READERS: Table[Reader] = Table(
    "twokey.readers",
    {"jsonl": "jsonl:JsonlReader", "csv": "csv:CsvReader", "parquet": "parquet:ParquetReader"},
    made=True,
)


def open_reader(recording: Recording) -> Reader:
    """Return the reader of a recording, by its `format` or else the end of its name.

    Raises:
        TwokeyError: no format is given and the name says none; lists the endings that do.
    """
    if recording.format is not None:
        return lookup(READERS, recording.format, "recording format")
    name = Path(recording.path).name.lower()
    for reader in READERS.values():
        if name.endswith(reader.suffixes):
            return reader
    known = ", ".join(suffix for reader in READERS.values() for suffix in reader.suffixes)
    raise TwokeyError(
        f"the name does not say what the file holds; known endings are {known}",
        where=Place(file=recording.path),
        hint=f"or set format: to one of {', '.join(READERS)}",
    )
