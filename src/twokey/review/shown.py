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
    """Return the item without the parts of its output that repeat its confidence: an opinion, and too early."""
    output, confidence = item.get("output"), item.get("confidence")
    if confidence is None or not isinstance(output, Mapping):
        return item
    kept = {name: part for name, part in output.items() if not (isinstance(part, float) and part == confidence)}
    return {**item, "output": kept, "grounding": unsupported.without(item, kept)}
