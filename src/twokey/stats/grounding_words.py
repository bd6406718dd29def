"""The words and sentences of a text, with their places, in a form in which two texts can be compared.

Inflections are folded (`issued` and `issuing` are one word), by rules that are written out here; nothing is known of a
word's meaning. The rules are English; words of other languages are compared as they stand, and languages
written without spaces by whole runs of characters.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

FUNCTION_WORDS = frozenset(
    """
    a about above after again all also am an and any are as at be because been before being below between both but by
    can could d did do does doing don down during each few for from further had has have having he her here hers him his
    how i if in into is it its just ll m me more most my no nor not now of off on once only or other our out over own re
    s same she should so some such t than that the their them then there these they this those through to too under
    until up ve very was we were what when where which while who whom why will with would yes you your
    """.split()  # noqa: SIM905 - prose is easier to read and to diff than 130 quoted words
)
NEGATIONS = frozenset("no not nor never none nothing neither without cannot don t".split())  # noqa: SIM905 as above

_SHORTEST = 3
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st vs etc no nos fig inc ltd co corp dept est approx e.g i.e cf al jr sr".split()  # noqa: SIM905
)


@cache
def _word() -> re.Pattern[str]:
    """Return the expression of a word, compiled once: that takes milliseconds, and only comparing needs it."""
    # Fixed ranges and not \w, whose meaning follows the Unicode version of each Python.
    return re.compile(r"[0-9a-zA-Z\u00c0-\u1fff\u2c00-\u2dff\u3040-\ufeff\uff10-\U0010ffff]+")


def words(text: str) -> list[str]:
    """Return the words of a text as they stand there."""
    return _word().findall(text)


def placed_words(text: str) -> Iterator[re.Match[str]]:
    """Yield the words of a text with their places."""
    return _word().finditer(text)


@lru_cache(maxsize=50_000)
def folded(word: str) -> str:
    """Return a word in small letters without its inflection; what is short or holds a digit stays whole."""
    word = word.lower()
    if len(word) <= _SHORTEST or not word.isascii() or not word.isalpha() or word in FUNCTION_WORDS:
        return word
    if word.endswith(("ies", "ied")) and len(word) > _SHORTEST + 1:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            break
    if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]  # stopped, stop
    if word.endswith("i") and len(word) > _SHORTEST:
        return word[:-1] + "y"  # happily, happy
    return word[:-1] if len(word) > _SHORTEST and word.endswith("e") else word


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence begins and ends, without the white space around it; every word is in one."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match[0][0] == "." and _abbreviates(text, start, match.start()):
            continue
        _add(text, start, match.end(), found)
        start = match.end()
    _add(text, start, len(text), found)
    return found


# Possessive, and only from the beginning of a run of points: else a long run would take time by its square.
_END = re.compile(r"(?:(?<![.!?])[.!?]++[\"')\]\u201d\u2019]*+(?=[ \t\n\r]|\Z)|[\u3002\uff01\uff1f]+|\n+)")


def _abbreviates(text: str, start: int, end: int) -> bool:
    """Return whether the point at `end` is one of an abbreviation or of an initial, and no sentence ends there."""
    last = text[max(start, end - 8) : end].split()
    if not last or text[end - 1] in " \t\n\r":
        return False
    word = last[-1].lower().lstrip("(\"'[")
    part = word.rpartition(".")[2]
    return word in _ABBREVIATIONS or (len(part) == 1 and part.isalpha() and part.isascii())


def _add(text: str, start: int, end: int, found: list[tuple[int, int]]) -> None:
    part = text[start:end]
    bare = part.strip()
    if not bare:
        return
    first = start + part.index(bare)
    if found and _word().search(bare) is None:
        found[-1] = (found[-1][0], first + len(bare))  # a stray point, or closing quotes
    else:
        found.append((first, first + len(bare)))
