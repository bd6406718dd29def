"""One way to write JSON that is signed or digested, and one strict way to read it.

Writing is deterministic: sorted keys, UTF-8, numbers rounded to six decimals, no NaN, and what cannot be seen (control
characters, bidirectional and zero-width ones, line separators, tags) escaped. Reading refuses whatever two
parsers might understand differently: duplicate keys, NaN and infinities, numbers out of range, deep nesting, oversized
input. Verify the bytes first, then read those same bytes once.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from twokey.errors import Place, TwokeyError

DECIMALS = 6
MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 30

_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")


def quantise(value: float) -> float:
    """Round to six decimals, so that the last bits of a platform's arithmetic cannot reach a digest. Never -0.0."""
    return round(value, DECIMALS) + 0.0


def plain(value: Any) -> Any:
    """Return `value` as JSON types with quantised floats. Raises ValueError on NaN, infinities and unknown types."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("NaN and infinities have no place in canonical JSON")
        return quantise(value)
    # The plain types first: asking an abstract class takes longer than all the rest.
    if isinstance(value, (dict, Mapping)):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Iterable)):
        return [plain(item) for item in value]
    raise ValueError(f"cannot write {type(value).__name__} as canonical JSON")


def dumps(value: Any) -> bytes:
    """Return the canonical document for `value`: indented, readable in a diff, ending in a newline."""
    return _encoded(json.dumps(plain(value), sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False))


def dump_line(value: Any) -> bytes:
    """Return `value` as one canonical line, for JSON Lines files and digests of parts."""
    return _encoded(_LINE.encode(plain(value)))


_LINE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _encoded(text: str) -> bytes:
    """Return JSON text as bytes, escaping what a terminal obeys or a diff hides: evidence quotes hostile outputs."""
    if not text.isascii() or "\x7f" in text:
        text = _UNSEEN.sub(lambda match: json.dumps(match[0])[1:-1], text)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical line of `value`."""
    return sha256(dump_line(value))


def loads(data: bytes, *, file: str, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Read one JSON document strictly.

    Raises:
        TwokeyError: too large, too deep, not UTF-8, not JSON, a key twice, NaN, a number out of range; with the place.
    """
    where = Place(file=file)
    if len(data) > max_bytes:
        raise TwokeyError(f"{len(data):,} bytes, more than the {max_bytes:,} allowed", where=where)
    try:
        text = data.decode("utf-8")
        if text.count("[") + text.count("{") > max_depth:
            _check_depth(text, max_depth)
        return json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_bounded_int,
            parse_float=_finite_float,
        )
    except UnicodeDecodeError as error:
        raise TwokeyError(f"not UTF-8 at byte {error.start}", where=where) from None
    except json.JSONDecodeError as error:
        place = Place(file=file, line=error.lineno, column=error.colno)
        raise TwokeyError(f"not JSON: {error.msg}", where=place) from None
    except ValueError as error:
        raise TwokeyError(f"not strict JSON: {error}", where=where) from None


_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > max_depth:
            raise ValueError(f"nested deeper than {max_depth}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in pairs:
        if key in out:
            raise ValueError(f"the key {key!r} appears twice")
        out[key] = value
    return out


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _bounded_int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]} is out of range")
    return value
