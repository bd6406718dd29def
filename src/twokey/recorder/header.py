"""The first line of a recording that twokey made: what was asked, how, and about which answers.

`run` reads it before it believes the rest: a judge's words about other answers, or to another question, are none.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from twokey import __version__
from twokey.errors import Place, TwokeyError
from twokey.readers.base import HEADER

TYPE = "recording/v1"
MAX_BYTES = 64 * 1024


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a recording is. `settings`, `prompt` and `candidate` are SHA-256 digests, `tool` is our version.

    The fields are written in this order, so that a header is known by how the line begins. More may come.
    """

    twokey: str = TYPE
    kind: str = "judge"
    judge: str
    settings: str
    prompt: str | None
    candidate: str
    tool: str = __version__

    def line(self) -> bytes:
        """Return it as the first line of a file."""
        return msgspec.json.encode(self) + b"\n"


def parse_header(line: bytes, path: Path) -> Header:
    """Read a header. Raises TwokeyError where the line is none, or one of a recording of another kind."""
    where = Place(file=str(path), line=1)
    try:
        found = msgspec.json.decode(line, type=Header) if line.startswith(HEADER) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if found is None or found.twokey != TYPE or found.kind != "judge":
        hint = "twokey record --judge NAME makes one"
        raise TwokeyError("is no recording of a judge: its first line says nothing of one", where=where, hint=hint)
    return found


def read_header(path: Path, judge: str) -> Header:
    """Read the header of a judge's recording. Raises TwokeyError where there is no such file, or no header in it."""
    where = Place(file=str(path))
    hint = f"twokey record --judge {judge} makes it"
    try:
        with path.open("rb") as file:
            line = file.readline(MAX_BYTES)
    except FileNotFoundError:
        raise TwokeyError("there is no such recording of the judge's answers", where=where, hint=hint) from None
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=where) from None
    return parse_header(line, path)


def differences(found: Header, wanted: Header) -> Iterator[str]:
    """Yield a sentence for each thing in which a recording is not the one that policy and candidate ask for."""
    if found.judge != wanted.judge:
        yield f"it holds the answers of the judge {found.judge[:60]!a}, not of {wanted.judge!a}"
    if found.candidate != wanted.candidate:
        told = f"{found.candidate[:12]!a}, here {wanted.candidate[:12]!a}"
        yield f"it is about another recording of the candidate: {told}"
    if found.prompt != wanted.prompt:
        yield f"it was asked by another prompt: {_short(found.prompt)}, policy has {_short(wanted.prompt)}"
    if found.settings != wanted.settings:
        told = f"{found.settings[:12]!a}, policy's are {wanted.settings[:12]!a}"
        yield f"the judge was asked with other settings: {told}"


def _short(digest: str | None) -> str:
    return "none" if digest is None else ascii(digest[:12])
