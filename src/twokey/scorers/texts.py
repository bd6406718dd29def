"""What of a value is text, and which words are in it."""

import re
from collections import Counter
from typing import Any

_ARTICLES = frozenset({"a", "an", "the"})
# Fixed ranges and not \w, whose meaning follows the Unicode version of each Python.
_WORDS = re.compile(r"[0-9a-zA-Z\u00c0-\u1fff\u2c00-\u2dff\u3040-\ufeff\uff10-\U0010ffff]+")


def texts(value: Any) -> str:
    """Return the strings in a value, joined by newlines, without keys and without bare numbers such as scores."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(map(texts, value.values()))
    return "\n".join(map(texts, value)) if isinstance(value, (list, tuple)) else ""


def answer_text(value: Any) -> str:
    """Return an answer as text: a number as it is written, the strings of a structure."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return texts(value)


def right_answers(expected: Any) -> tuple[str, ...]:
    """Return the texts that are right, one or several; none where nothing is expected."""
    several = expected if isinstance(expected, (list, tuple)) else [expected]
    return tuple(answer_text(one) for one in several if one is not None)


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters, without punctuation and English articles."""
    return tuple(word for word in _WORDS.findall(text.lower()) if word not in _ARTICLES)


def f1(given: Counter[Any], wanted: Counter[Any]) -> float:
    """Return the harmonic mean of precision and recall of what is shared; 1 where both are empty."""
    total = given.total() + wanted.total()
    return 2 * (given & wanted).total() / total if total else 1.0
