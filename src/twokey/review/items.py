"""How a record becomes an item for a reviewer: plain JSON, redacted, and no longer than a person reads.

An item says what was asked, what came back, what was expected and by which chance it was chosen. Redaction comes before
shortening, so that no half of a secret stays at the cut, and once more after it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from twokey.canonical import MAX_DIGITS, dump_line, quantise
from twokey.gates.base import Scans
from twokey.record import Record, Sighting
from twokey.review.unsupported import unsupported

MAX_TEXT = 20_000
"""Characters of a text, or of a structure as JSON."""

MAX_LEAF = 2_000
"""Characters of each text within a structure that is too long."""

MAX_DEPTH = 40


def item(record: Record, scanner: Scans, hiding: Scans | None = None, /, **place: Any) -> dict[str, Any]:
    """Return the row of review/items.jsonl for a record; `place` says how it was chosen.

    What `scanner` sees are the findings; what `hiding` sees, or where there is none the scanner, is not shown.
    `grounding` stands only where there is a context to compare with, and is empty where nothing is new.
    """
    (seen,) = scanner.scan_records([record])

    def shown(value: Any, field: str = "") -> Any:
        return redacted(value, hiding or scanner, [sighting for sighting in seen if sighting.field == field])

    output = shown(record.output, "output")
    new = unsupported(record, output)
    return {
        "id": record.id,
        **place,
        "confidence": None if record.confidence is None else quantise(record.confidence),
        "source": record.source,
        "groups": shown(dict(record.groups)),
        "input": shown(record.input, "input"),
        "output": output,
        "label": shown(record.label, "output" if record.label == record.output else ""),
        "expected": shown(record.expected),
        "context": shown(record.context),
        "impact": shown(record.impact),
        **({"alternatives": list(_alternatives(record, shown))} if record.alternatives else {}),
        "latency_ms": None if record.latency_ms is None else quantise(record.latency_ms),
        "findings": sorted({one.tag for one in seen if one.field == "output" and one.allowed is None}),
        **({} if new is None else {"grounding": new}),
    }


def _alternatives(record: Record, shown: Callable[[Any], Any]) -> Iterator[dict[str, Any]]:
    for label, score in record.alternatives:
        yield {"label": shown(label), "score": score}


def redacted(value: Any, scanner: Scans, seen: Sequence[Sighting] = ()) -> Any:
    """Return any value as plain JSON without what was `seen` or is not to be shown, cut to what a person reads."""
    if value is None or isinstance(value, bool):
        return value
    hidden = scanner.redact_value(as_json(scanner.redact_value(value, seen) if seen else value))
    cut = shortened(hidden)
    return hidden if cut is hidden else scanner.redact_value(cut)


def as_json(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON that every strict reader takes: what is no JSON, too deep or too long becomes a text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if len(str(abs(value))) < MAX_DIGITS else str(value)
    if isinstance(value, float):
        return quantise(value) if math.isfinite(value) else str(value)
    if isinstance(value, (dict, list, tuple)) and depth >= MAX_DEPTH:
        return f"[more than {MAX_DEPTH} levels deep: not shown]"
    if isinstance(value, dict):
        named = {str(name): part for name, part in value.items()}  # in the order of the file, where places are counted
        return {name: as_json(named[name], depth + 1) for name in sorted(named)}
    if isinstance(value, (list, tuple)):
        return [as_json(part, depth + 1) for part in value]
    return str(value)


def shortened(value: Any) -> Any:
    """Return a text or structure of at most about 20,000 characters, with notes where something was cut.

    A structure stays one if cutting its texts is enough; otherwise it becomes the beginning of its JSON. What is short
    enough is returned itself.
    """
    if isinstance(value, str):
        return _cut(value, MAX_TEXT)
    if len(_json(value)) <= MAX_TEXT:
        return value
    cut = _leaves_cut(value)
    text = _json(cut)
    return cut if len(text) <= MAX_TEXT else _cut(text, MAX_TEXT)


def _leaves_cut(value: Any) -> Any:
    if isinstance(value, str):
        return _cut(value, MAX_LEAF)
    if isinstance(value, dict):
        return {_cut(name, MAX_LEAF): _leaves_cut(part) for name, part in value.items()}
    return [_leaves_cut(part) for part in value] if isinstance(value, list) else value


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n[{len(text) - most:,} more characters: not shown]"


def _json(value: Any) -> str:
    return dump_line(value).decode().rstrip("\n")
