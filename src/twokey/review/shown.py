"""An item as its reviewer reads it: values as text, and nothing of the machine's opinion among them.

What the machine thinks of an item is for after the grade; here is only how what comes before it is kept clean of it.
Nothing is escaped and nothing is drawn.
"""

import json
from collections.abc import Mapping
from typing import Any

from twokey.review import unsupported


def worth_showing(name: str, item: Mapping[str, Any]) -> bool:
    """Say whether a part is there, and is not the same thing over again."""
    value = item.get(name)
    return value is not None and not (name == "label" and value == item.get("output"))


def as_text(value: Any) -> str:
    """Return a value as a person reads it: texts as they are, flat structures as lines, others as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and value and all(isinstance(part, (str, int, float)) for part in value.values()):
        return "\n".join(f"{name}: {part}" for name, part in value.items())
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def without_confidence(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the item without what repeats its confidence in output and label: an opinion, and too early.

    A field at the top goes, a number further down gives way to null, so that places in texts stay where they are. An
    output that is JSON as a text loses its marks, since places in it are others.
    """
    output, confidence = item.get("output"), item.get("confidence")
    if confidence is None:
        return item
    kept = {name: _without(item[name], confidence) for name in ("output", "label") if name in item}
    if isinstance(output, str) and kept["output"] != output:
        return {**item, **kept, "grounding": []}
    if not isinstance(output, Mapping):
        return {**item, **kept}
    fields = {name: part for name, part in kept["output"].items() if not _repeats(output[name], confidence)}
    return {**item, **kept, "output": fields, "grounding": unsupported.without(item, fields)}


def _repeats(value: Any, confidence: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value in (confidence, 100 * confidence)


def _without(value: Any, confidence: float) -> Any:
    """Return a value with null in place of each number that is the confidence, or that in percent."""
    if isinstance(value, Mapping):
        return {name: _without(part, confidence) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without(part, confidence) for part in value]
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return _without_in_text(value, confidence)
    return None if _repeats(value, confidence) else value


def _without_in_text(text: str, confidence: float) -> str:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return text
    kept = _without(read, confidence)
    return text if kept == read else json.dumps(kept, ensure_ascii=False)
