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
    """Return an answer as text: a number as it is written, true or false, the strings of a structure."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else texts(value)


def right_answers(expected: Any) -> tuple[str, ...]:
    """Return the texts that are right, one or several; none where nothing is expected that is a text."""
    several = expected if isinstance(expected, (list, tuple)) else [expected]
    return tuple(answer_text(one) for one in several if isinstance(one, (str, int, float)))


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters, without punctuation and English articles.

    Where that leaves nothing, as of the answer `A` or of a sign, what was left out counts: or all such were the same.
    """
    found = _WORDS.findall(text.lower())
    return tuple(word for word in found if word not in _ARTICLES) or tuple(found or text.split())


def f1(given: Counter[Any], wanted: Counter[Any]) -> float:
    """Return the harmonic mean of precision and recall of what is shared; 1 where both are empty."""
    total = given.total() + wanted.total()
    return 2 * (given & wanted).total() / total if total else 1.0
