"""A structure as its values by path, so that two can be compared place by place. It compares nothing itself."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

MOST = 400
DEEPEST = 20


def leaves(value: Any) -> list[list[str]] | None:
    """Return pairs of a path such as `lines[0].price` and the value there as JSON, in the structure's own order.

    A text that is itself a JSON object or list counts as one. None where there is no structure, or more than 400
    values or 20 levels: nobody reads such a comparison.
    """
    structure = _parsed(value) if isinstance(value, str) else value
    if not isinstance(structure, (Mapping, list)):
        return None
    found: list[list[str]] = []
    try:
        for path, text in _walk(structure, "", 0):
            if len(found) == MOST:
                return None
            found.append([path, text])
    except _DepthError:
        return None
    return found


class _DepthError(Exception):
    pass


def _parsed(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        # Numbers stay as they are written: a float would show another one.
        return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    except (ValueError, RecursionError):
        return None


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def _walk(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        raise _DepthError
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _walk(part, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list) and value:
        for number, part in enumerate(value):
            yield from _walk(part, f"{path}[{number}]", depth + 1)
    else:
        yield path or "(all)", value if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)
