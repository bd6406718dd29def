"""The files that a protected job seals with, and that stay with it: its key, and outputs that failed before."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from twokey.canonical import loads
from twokey.errors import Place, TwokeyError
from twokey.review.sealed import LEAST_KEY_BYTES

if TYPE_CHECKING:
    from twokey.review.sealing import PastFailure

MAX_KEY_BYTES = 4096
MAX_BYTES = 64 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
MAX_ROWS = 100_000


def read_key(path: Path) -> bytes:
    """Return the secret in a file: 64 or more hexadecimal digits, or at least 32 bytes of anything.

    Raises TwokeyError where there is none, or one that somebody could guess.
    """
    where, hint = Place(file=str(path)), "openssl rand -hex 32 makes one"
    try:
        with path.open("rb") as file:  # a link is followed: that is how secrets are mounted
            data = file.read(MAX_KEY_BYTES + 1).strip()
    except OSError as error:
        raise TwokeyError(f"the key cannot be read: {error.strerror}", where=where, hint=hint) from None
    with suppress(ValueError):  # what is not hexadecimal is taken as it stands
        data = bytes.fromhex(data.decode("ascii"))
    if not LEAST_KEY_BYTES <= len(data) <= MAX_KEY_BYTES or len(set(data)) < LEAST_KEY_BYTES // 4:
        raise TwokeyError(f"is no key: expected {LEAST_KEY_BYTES} random bytes or more", where=where, hint=hint)
    return data


class _Past(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the file."""

    input: Any
    output: Any
    label: Any = None
    expected: Any = None
    context: Any = None
    why: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    severity: Literal["low", "medium", "high", "critical"] | None = None


def past_failures(path: Path) -> "tuple[PastFailure, ...]":
    """Read past failures, a JSON object a line; blank lines are passed over.

    A label that is not given is the output, where that is a text.

    Raises:
        TwokeyError: it cannot be read, is too large, or a line is no such object; with the line.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=Place(file=str(path))) from None
    if len(data) > MAX_BYTES:
        raise TwokeyError(f"more than the {MAX_BYTES:,} bytes allowed", where=Place(file=str(path)))
    lines = data.split(b"\n")
    if len(lines) > MAX_ROWS:
        raise TwokeyError(f"more than the {MAX_ROWS:,} lines allowed", where=Place(file=str(path)))
    return tuple(_row(line, str(path), number) for number, line in enumerate(lines, start=1) if line.strip())


def _row(line: bytes, file: str, number: int) -> "PastFailure":
    from twokey.review.sealing import PastFailure

    where = Place(file=file, line=number)
    try:
        row = msgspec.convert(loads(line, file=file, max_bytes=MAX_LINE_BYTES), _Past)
    except msgspec.ValidationError as error:
        raise TwokeyError(f"is no past failure: {error}; it needs input and output", where=where) from None
    except TwokeyError as error:
        raise TwokeyError(error.problems[0].message, where=where) from None
    if row.output is None:
        raise TwokeyError("is no past failure: it has no output", where=where)
    return PastFailure(
        input=row.input,
        output=row.output,
        label=row.output if row.label is None and isinstance(row.output, str) else row.label,
        expected=row.expected,
        context=row.context,
        why=row.why,
        severity=row.severity,
    )
