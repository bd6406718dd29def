"""Words that are written so as not to be found by whoever looks for them: `sh1t`, `f u c k`, `fuuuck`, `f**k`.

A word becomes one expression for all that its letters are replaced by, with anything between them: linear, and rare in
clean text. What it hits is then read letter by letter, because a part number, an identifier or a sum can look the same
(`sh17`, `s_hit`, `t*at`). The rules for that are in `reading.py`. Texts are to be normalised first.
"""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from twokey.detectors.expression import MAX_MEM, compiled, compiled_set, found, spans
from twokey.detectors.reading import Reading, is_meant, substitutes
from twokey.detectors.words import is_wordy

SHORTEST = 4
ENDING = 200  # characters, far more than the rest of a word after its stem
# Fixed ranges and not \w, whose meaning follows the Unicode version of each Python.
_LETTER = re.compile(r"[a-zA-Z\u00c0-\u1fff\u2c00-\u2dff\u3040-\ufeff\uff21-\U0010ffff]")
_GAP = r"[^A-Za-z0-9\x{80}-\x{10ffff}]"
_JOIN = r"[^A-Za-z0-9]{1,3}"
_AFTER = r"(?:[^A-Za-z0-9]|\z)"
# Whatever may be read as a letter of a word without being ASCII: a superset of the table of `normalise.py`, in blocks.
_STRANGE = (
    r"[\x{aa}-\x{ba}\x{c0}-\x{58f}\x{13a0}-\x{13ff}\x{1c80}-\x{1c8f}\x{1d00}-\x{1fff}\x{2071}-\x{209f}\x{2100}-\x{218f}"
    r"\x{24b6}-\x{24ea}\x{2c60}-\x{2c7f}\x{a4d0}-\x{a4ff}\x{a640}-\x{a69f}\x{a720}-\x{a7ff}\x{ab30}-\x{abbf}"
    r"\x{fb00}-\x{fb06}\x{ff01}-\x{ff5e}\x{1d400}-\x{1d7ff}\x{1f100}-\x{1f1ff}\x{249c}-\x{24b5}\x{20ac}\x{a1}-\x{a9}"
    r"\x{2020}\x{2200}-\x{23ff}\x{2573}\x{27d9}\x{2900}-\x{2aff}\x{1f74c}\x{1f768}]"
)
_UNSEEN = (
    r"[\x{ad}\x{300}-\x{36f}\x{200b}-\x{200f}\x{2060}-\x{206f}\x{20d0}-\x{20ff}\x{fe00}-\x{fe0f}\x{feff}"
    r"\x{e0000}-\x{e0fff}]"
)
_SYMBOLS = r"[\x{b7}\x{d7}\x{2022}\x{204e}\x{2217}\x{2580}-\x{27bf}\x{fe0f}\x{1f300}-\x{1faff}]"
_OTHER = r"[\x{80}-\x{10ffff}]{1,3}"
# A text must be normalised if strange letters stand beside plain ones or in a row, or if what is not ASCII parts
# letters as no language does: unseen characters or symbols within a word, anything between letters that stand alone.
STRANGE = (
    rf"(?:[A-Za-z0-9$@!|]{_STRANGE}|{_STRANGE}[A-Za-z0-9$@!|]|{_STRANGE}[^A-Za-z0-9]{{0,3}}{_STRANGE}"
    rf"|[A-Za-z0-9]{_UNSEEN}+[A-Za-z0-9]|[A-Za-z]{_SYMBOLS}{{1,4}}[A-Za-z]|\b[A-Za-z]{_OTHER}[A-Za-z]{_OTHER}[A-Za-z]\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguised:
    """A word that stands in a normalised text as `text[start:end]`, written in whatever way."""

    word: str
    start: int
    end: int


def disguisable(word: str) -> bool:
    """Return whether disguises of a (normalised) word or phrase are looked for: letters only, and four of them."""
    letters = "".join(_parts(word))
    return len(letters) >= SHORTEST and found(r"^\pL+$", letters) is not None


@lru_cache(maxsize=32)
def coarse_disguises(words: tuple[str, ...]) -> str | None:
    """Return an expression for the scan, which sees texts before they are normalised, or None where no word can be."""
    stems = tuple(_stems(words))
    return f"(?i:{_together(stems)})|{STRANGE}" if stems else None


def disguised(words: tuple[str, ...], text: str, known: Set[int] = frozenset()) -> Iterator[Disguised]:
    """Yield where one of the words stands in a normalised text, plain or disguised, and which it is.

    Where a word is `known` to begin is passed over.
    """
    stems = _stems(words)
    if not stems:
        return
    reach = 0
    for begin, end in spans(f"(?i){_together(tuple(stems))}", text, max_mem=MAX_MEM):
        start = begin + (text[begin] == "_")
        if start >= reach and start not in known and not _wordy_before(text, start) and _lettered(text, start, end):
            hit = _read(stems, text, start, end)
            if hit is not None:
                reach = hit.end
                yield hit


def _lettered(text: str, start: int, end: int) -> bool:
    """Whether a letter is there to be read: a word of signs alone is none, and a long row of them is not to cost."""
    return _LETTER.search(text, start, end + ENDING) is not None


def _wordy_before(text: str, start: int) -> bool:
    if text[start - 1 : start] == "_":  # it may be emphasis, and not a part of a name
        start -= 1
    return start > 0 and is_wordy(text[start - 1])


def _read(stems: dict[str, tuple[str, ...]], text: str, start: int, end: int) -> Disguised | None:
    """The longest word that is meant by what begins at `start` and has a stem up to `end`."""
    # Endings are short: what is read of a long text is bounded.
    piece = text[start : end + ENDING]
    first = piece[0].lower()
    for stem, words in stems.items():
        if first not in _beginnings(stem[0]):
            continue
        for word, letters, gaps, length in _candidates(words, piece):
            stop = start + length
            reading = Reading(word=word, letters=letters, gaps=gaps, text=text, start=start, end=stop)
            if _ends_there(text, start, stop) and is_meant(reading):
                return Disguised(word=word, start=start, end=stop)
    return None


@lru_cache(maxsize=4096)
def _candidates(words: tuple[str, ...], piece: str) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...], int], ...]:
    """The words that a piece may begin with, each with its letters, the gaps between them, and its length there."""
    out = []
    # No answer, not even that of the empty expression, is one that ran out of memory: then each is asked.
    hits = _all(words).Match(piece.encode("utf-8", "replace")) or range(len(words) + 1)
    for index in sorted(hits)[1:]:
        word = words[index - 1]
        # A sign may be a gap or a letter: `f**k`, `a - s - s`. Both are tried.
        for least in (True, False):
            match = compiled(_one(word, least=least) + _AFTER).search(piece)
            if match is not None:
                parts = match.groups()
                out.append((word, parts[::2], parts[1::2], match.end(len(parts))))
    return tuple(out)


@cache
def _all(words: tuple[str, ...]) -> Any:
    return compiled_set(("", *(_one(word, least=True) + _AFTER for word in words)))


@cache
def _beginnings(letter: str) -> frozenset[str]:
    return frozenset({letter, *substitutes(letter, first=True, masks=True), "p" if letter == "f" else letter})


def _ends_there(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if after == "_":
        return before == "_" and not (text[end + 1 : end + 2] and is_wordy(text[end + 1]))
    return before != "_" and not (after and is_wordy(after))


@lru_cache(maxsize=32)
def _able(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({" ".join(_parts(word.lower())) for word in words if disguisable(word)}))


@lru_cache(maxsize=32)
def _stems(words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The words by those of them that begin with no other one; the longest first for each."""
    out: dict[str, list[str]] = {}
    stem = None
    for word in _able(words):
        if stem is None or not word.startswith(stem):
            stem = word
        out.setdefault(stem, []).append(word)
    return {stem: tuple(sorted(group, key=lambda word: (-len(word), word))) for stem, group in out.items()}


def _parts(word: str) -> list[str]:
    return word.replace("'", " ").split()


@lru_cache(maxsize=32)
def _together(words: tuple[str, ...]) -> str:
    """The expression of all the words: with masked letters, or with gaps; both at once would be found everywhere."""
    masked = _branches(_tree(words), "", gaps=False)
    single = [word for word in words if " " not in word]
    return f"(?:{masked}|{_branches(_tree(single), '', gaps=True)})" if single else masked


def _tree(words: Iterable[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return tree


def _branches(tree: dict[str, Any], before: str, *, gaps: bool) -> str:
    """The expression of a tree of words, so that what they begin with in common is looked for once."""
    out = [
        _letter(letter, before, gaps=gaps) + _branches(below, letter, gaps=gaps)
        for letter, below in sorted(tree.items(), reverse=True)
        if letter
    ]
    out += [""] if "" in tree else []
    return f"(?:{'|'.join(out)})" if len(out) > 1 else "".join(out)


def _letter(letter: str, before: str, *, gaps: bool) -> str:
    """The expression of a letter and of the gap before it."""
    if letter == " ":
        return _JOIN
    gap = f"{_GAP}{{0,3}}" if gaps and before not in ("", " ") else ""
    return gap + _forms(letter, first=not before, masks=not gaps)


@cache
def _forms(letter: str, *, first: bool, masks: bool = True) -> str:
    import re2

    def chosen(chars: str, times: str = "{1,3}") -> list[str]:
        return [f"[{''.join(map(re2.escape, chars))}]{times}"] if chars else []

    plain = substitutes(letter, first=first, masks=False)
    signs = "".join(char for char in plain if not char.isalnum()) if first else ""
    # What hides a letter hides one: how many there are tells `f**k` from `f*ck`.
    hiding = "".join(c for c in substitutes(letter, first=first, masks=masks) if c not in plain)
    forms = [
        *(f"{re2.escape(letter)}+", *chosen("".join(c for c in plain if c not in signs)), *chosen(hiding, "")),
        *(["ph"] if letter == "f" else []),
    ]
    together = "|".join(forms)
    if first:
        # A word begins where no other letter is before it; an underscore may be emphasis.
        together = "|".join([rf"(?:\b|_)(?:{together})", *chosen(signs)])
    return f"(?:{together})"


@cache
def _one(word: str, *, least: bool) -> str:
    """The expression of one word, with a group for each letter and for each gap, in which as much or little may be."""
    between = f"({_GAP}{{0,3}}?)" if least else f"({_GAP}{{0,3}})"
    out = [f"({_forms(word[0], first=True)})"]
    for before, letter in pairwise(word):
        if letter == " ":
            out.append(f"{_JOIN}()")
        else:
            gap = "" if before == " " else between
            out.append(f"{gap}({_forms(letter, first=False)})")
    return f"(?i)^{''.join(out)}"
