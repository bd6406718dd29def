"""Whole words, case-insensitively: how a list of words becomes one expression, and where its words stand in a text.

A word ends where a letter, a digit or an underscore of any alphabet does not follow, so that Scunthorpe is a place.
What is written to look like a word without being it (`sh1t`) is not found here, but in `disguise.py`.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from twokey.detectors.expression import found, spans

_WORDY = r"[\pL\pM\pN_]"
_AFTER = r"(?:[^\pL\pM\pN_]|\z)"


def coarse(words: Iterable[str]) -> str:
    """Return an expression that matches every text in which one of the words stands, for the scan."""
    return f"(?i)(?:{'|'.join(_edged(word) for word in _longest_first(words))})"


def places(words: tuple[str, ...], text: str) -> Iterator[tuple[int, int]]:
    """Yield where one of the words stands as a whole word; the longest where several begin."""
    for start, end in spans(_exact(words), text, group=1):
        if start == 0 or not is_wordy(text[start - 1]) or not is_wordy(text[start]):
            yield start, end


def is_wordy(char: str) -> bool:
    """Return whether a character is one that words are made of: a letter, a mark, a digit or an underscore."""
    return char.isalnum() or char == "_" if char.isascii() else found(_WORDY, char) is not None


@lru_cache(maxsize=256)
def _exact(words: tuple[str, ...]) -> str:
    return f"(?i)({'|'.join(_literal(word) for word in _longest_first(words))}){_AFTER}"


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(set(words), key=lambda word: (-len(word), word))


def _literal(word: str) -> str:
    import re2

    # White space in a phrase stands for any: a line may break there.
    return r"\s+".join(re2.escape(part) for part in word.split())


def _edged(word: str) -> str:
    # RE2's \b knows ASCII only; where it cannot help, `places` decides alone.
    first, last = word[0], word[-1]
    before = r"\b" if first.isascii() and (first.isalnum() or first == "_") else ""
    after = r"\b" if last.isascii() and (last.isalnum() or last == "_") else ""
    return f"{before}{_literal(word)}{after}"
