"""Whether an item is answered by a label, and by the expected one. Whether that is right is for its reviewer to say."""

from collections.abc import Mapping
from typing import Any

MOST_CHARACTERS, MOST_WORDS = 60, 6
"""An answer of no more is taken for a label; a longer one is a text."""


def answer_of(item: Mapping[str, Any]) -> Any:
    """Return the part of an item's output that is compared with what was expected."""
    return item.get("output") if item.get("label") is None else item["label"]


def is_label(answer: Any) -> bool:
    """Say whether an answer is a label and no text: short, or a number, or true or false."""
    if not isinstance(answer, str):
        return isinstance(answer, (bool, int, float))
    return len(answer) <= MOST_CHARACTERS and len(answer.split()) <= MOST_WORDS


def other_label(item: Mapping[str, Any]) -> bool:
    """Say whether an item is answered by a label, and something else was expected."""
    answer, expected = answer_of(item), item.get("expected")
    return expected is not None and is_label(answer) and answer != expected
