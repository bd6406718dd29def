"""Whether what looks like a disguised word is one: letter by letter, beside what stands around it.

The rules weigh what a person would see against what machines write: a part number has digits, a path has full stops, a
name in code has underscores, a call has brackets, a name that was masked has stars. They know the letters' looks and no
grammar. Finding the places to look at is `disguise.py`.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

How = Literal["itself", "digit", "sign", "alike", "mask", "weak"]

_LOOKS: tuple[tuple[How, dict[str, str]], ...] = (
    ("digit", {"a": "4", "b": "8", "e": "3", "g": "69", "i": "1", "l": "1", "o": "0", "s": "5", "t": "7", "z": "2"}),
    ("sign", {"a": "@^", "c": "(<{", "i": "!|", "l": "|!", "s": "$", "t": "+", "h": "#"}),
    ("alike", {"c": "k", "g": "q", "i": "ly", "l": "i", "s": "z", "u": "vy"}),
)
_MASKS = "*#%@&$!?"
_WEAK = "-_.~^+=x"
_VOWELS = frozenset("aeiou")
# Where newspapers print the first letter and the last: these are what readers take them for.
_KNOWN_MASKED = re.compile(
    "(?:mother)?fuck|(?:bull)?shit|cunt|bitch|nigg(?:er|a)|faggot|bastard|cocksucker|a(?:ss|rse)hole|wanker"
)
# In these, one gap or one weak sign is enough: nothing else is written so.
_PLAINEST = ("fuck", "bitch", "nigg", "cunt")
_SPLIT = frozenset("-._~*|^+/")
_JOINS = frozenset("-_/:=+&~@#\\")
SHORT, MASKED_STARS = 4, 3
# Two words of their own, however they are joined.
_WHOLE_PARTS = frozenset({"who-re", "who.re", "who_re"})
# A letter alone right before or after, what is between, and whether another letter stands alone beyond.
_SINGLE_BEFORE = re.compile(
    r"(?:(?<![A-Za-z0-9])(?P<more>[A-Za-z])[^A-Za-z0-9]{1,3})?(?<![A-Za-z0-9])(?P<letter>[A-Za-z])(?P<gap>[^A-Za-z0-9]{1,3})$"
)
_SINGLE_AFTER = re.compile(
    r"(?P<gap>[^A-Za-z0-9]{1,3})(?P<letter>[A-Za-z])(?![A-Za-z0-9])(?:[^A-Za-z0-9]{1,3}(?P<more>[A-Za-z])(?![A-Za-z0-9]))?"
)
# How a variable goes on, and what closes a bracket.
_ASSIGNED = re.compile(r"\s{0,3}(?:=|\[|\{|\}|->|::|\.[a-z])")
_CLOSED = re.compile(r"[^\n]{0,40}[)}>]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A word as a piece `text[start:end]` writes it: what stands for each letter, and what after each but the last.

    The spaces of a phrase are neither: where one is, nothing stands between the letters.
    """

    word: str
    letters: tuple[str, ...]
    gaps: tuple[str, ...]
    text: str
    start: int
    end: int

    @property
    def piece(self) -> str:
        """What stands there."""
        return self.text[self.start : self.end]

    def hows(self) -> list[How]:
        """Return how each letter is written."""
        spelled = self.word.replace(" ", "")
        return [_how(letter, seen) for letter, seen in zip(spelled, self.letters, strict=True)]

    def around(self) -> tuple[str, str]:
        """Return the two characters before the piece, the nearest first, and the two after it."""
        return self.text[max(0, self.start - 2) : self.start][::-1], self.text[self.end : self.end + 2]


def substitutes(letter: str, *, first: bool, masks: bool) -> str:
    """Return the characters that may stand for a (small) letter, with those that only hide it where `masks`.

    A word does not begin with a masked letter, and among signs only with those that are drawn on the line.
    """
    digits, signs, alike = (table.get(letter, "") for _, table in _LOOKS)
    if first:
        return digits + alike + "".join(sign for sign in signs if sign in "$@")
    hiding = _MASKS + (_WEAK if letter in _VOWELS else "") if masks and letter.isascii() else ""
    return "".join(sorted(set(digits + signs + alike + hiding) - {letter}))


def is_meant(reading: Reading) -> bool:
    """Return whether a reader would take the piece for the word."""
    hows = reading.hows()
    return (
        _shows(reading, hows)
        and ("digit" not in hows or _no_number(reading, hows))
        and ("sign" not in hows or _no_code(reading, hows))
        and (not {"mask", "weak"} & set(hows) or _masked(reading, hows))
        and (not any(reading.gaps) or _spread(reading, hows))
    )


def _shows(reading: Reading, hows: list[How]) -> bool:
    """Whether enough letters are themselves; in a short word, more where others only look alike."""
    itself = hows.count("itself")
    if reading.piece.lower() == "f***":
        return reading.word == "fuck"
    # A v looks like a u anywhere.
    alike = any(how == "alike" and seen[0] not in "vV" for how, seen in zip(hows, reading.letters, strict=True))
    return itself >= (SHORT - 1 if alike and len(hows) == SHORT else 2)


def _no_number(reading: Reading, hows: list[How]) -> bool:
    """Whether digits stand in a word, and not in a part number, an identifier or a sum."""
    before, after = reading.around()
    if _joined(before, _JOINS | {"."}) or _joined(after, _JOINS):
        return False
    if hows.count("digit") == 1 and hows[-1] == "digit" and re.fullmatch("....s", reading.word):
        return False  # a number at the end
    if len(hows) > SHORT:
        return True
    beside = any(one == other == "digit" for one, other in pairwise(hows))
    return not beside and not (hows.count("digit") > 1 and reading.piece.upper() == reading.piece)


def _no_code(reading: Reading, hows: list[How]) -> bool:
    """Whether signs stand for letters, and not for a variable, a call or a formula."""
    before, after = (
        reading.text[max(0, reading.start - 3) : reading.start],
        reading.text[reading.end : reading.end + 44],
    )
    variable = before.endswith(("{", "(", "my ", "->")) or _ASSIGNED.match(after) is not None
    if reading.letters[0][0] == "$" and (variable or len(reading.letters[0]) > 1):
        return False
    brackets = any(seen[0] in "({<" for seen in reading.letters)
    return not brackets or ("weak" not in hows and not _CLOSED.match(after))


def _masked(reading: Reading, hows: list[How]) -> bool:
    """Whether letters are masked as people do it, so that the word still shows."""
    before, after = reading.around()
    if after[:1] == "@" or before[:1] == "*" or "alike" in hows:
        return False
    if "@" in reading.piece and _joined(after, frozenset(".")):
        return False
    hidden = [index for index, how in enumerate(hows) if how in ("mask", "weak")]
    if {char for index in hidden for char in reading.letters[index]} == {"&"}:
        return False
    if hidden[-1] == len(hows) - 1:
        return _open_ended(reading, hidden)
    seen = len(hows) - len(hidden)
    if "weak" in hows:
        x = reading.letters[hidden[0]].lower() == "x"
        return len(hidden) == 1 and seen > 2 and (x or any(stem in reading.word for stem in _PLAINEST))
    if seen == 2:
        # As of a name, it is a name that was masked: B*****d.
        name = len(hows) > SHORT + 1 and reading.piece[0].isupper() and reading.piece[-1].islower()
        return _KNOWN_MASKED.fullmatch(reading.word) is not None and not name
    letters = reading.word.replace(" ", "")
    vowels = all(letters[index] in _VOWELS for index in hidden)
    return vowels or (_KNOWN_MASKED.match(reading.word) is not None and _grawlix(reading, hidden))


def _grawlix(reading: Reading, hidden: list[int]) -> bool:
    """Whether what hides letters, consonants among them, is no operator of a language for computers."""
    signs = sum(not char.isalnum() for char in reading.piece)
    return reading.letters[hidden[0]][0] in "*#" or signs > (MASKED_STARS if "&&" in reading.piece else 1)


def _open_ended(reading: Reading, hidden: list[int]) -> bool:
    """Whether a word of four letters ends in stars: `f***`, `sh**`, `fuc*`."""
    if len(reading.letters) != SHORT or any(reading.letters[index] != "*" for index in hidden):
        return False
    if hidden != list(range(SHORT - len(hidden), SHORT)) or _KNOWN_MASKED.fullmatch(reading.word) is None:
        return False
    return len(hidden) < MASKED_STARS or reading.word == "fuck"


def _spread(reading: Reading, hows: list[How]) -> bool:
    """Whether what stands between the letters is put there to part them."""
    gaps = [gap for gap in reading.gaps if gap]
    if " " in reading.word:
        return False
    if len(gaps) == len(hows) - 1:
        return _spelled_out(reading, gaps, hows)
    if len(set(gaps)) > 1 or len(gaps[0]) > 1:
        return False
    place = reading.gaps.index(gaps[0]) + 1
    if gaps[0] == " ":
        return reading.word.startswith("fuck") and len(gaps) == 1 and place < len("fuck")
    before, after = reading.around()
    if gaps[0] not in _SPLIT or _joined(before, _JOINS | {"."}) or _joined(after, _JOINS):
        return False
    if len(gaps) > 1 or (reading.word.startswith(_PLAINEST) and place < SHORT):
        return True
    return gaps[0] not in "/+" and 1 < place < len(hows) - 1 and reading.piece.lower() not in _WHOLE_PARTS


def _spelled_out(reading: Reading, gaps: list[str], hows: list[How]) -> bool:
    """Whether letters that stand each alone are this word, and not a part of a longer row of letters, or a formula."""
    if hows.count("itself") < len(hows) - 1:
        return False
    if len(set(gaps)) > 1 and any(len(gap) > 1 or gap not in "-._~*| /" for gap in gaps):
        return False
    if reading.word.startswith("fuck"):
        return True
    before = _SINGLE_BEFORE.search(reading.text[max(0, reading.start - 12) : reading.start])
    after = _SINGLE_AFTER.match(reading.text[reading.end : reading.end + 12])
    return not any(row is not None and _goes_on(row, gaps) for row in (before, after))


def _goes_on(row: re.Match[str], gaps: list[str]) -> bool:
    """Whether a row of letters goes on past the word: another letter alone, set apart alike, that is no word itself."""
    return row["gap"] in gaps and (row["more"] is not None or row["letter"].lower() not in "aiouy")


def _joined(beyond: str, signs: frozenset[str]) -> bool:
    """Whether a sign ties the piece to a further letter or digit; `beyond` is read away from the piece."""
    return len(beyond) > 1 and beyond[0] in signs and beyond[1].isascii() and beyond[1].isalnum()


def _how(letter: str, seen: str) -> How:
    char = seen[0].lower()
    if char == letter:
        return "itself"
    if seen.lower() == "ph":
        return "alike"
    for how, table in _LOOKS:
        if char in table.get(letter, ""):
            return how
    return "mask" if char in _MASKS else "weak"
