"""Text as a reader sees it: look-alike letters as Latin ones, nothing that is not drawn, every place still known.

What is one character of another writing (wide, mathematical, circled, Cyrillic, Greek, with marks on it) becomes the
ASCII characters that it is read as; zero-width characters, soft hyphens and combining marks go. The table
(`folding.txt`, made by a script) is fixed, so that no version of Python's Unicode tables shows in evidence. What only
a word in mind makes readable (`sh1t`, `f u c k`, `f**k`) stays as it is: that is `disguise.py`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text as it is read, and where each part of it stands in the original."""

    original: str
    text: str
    # For each character of `text`, the index in `original` that it came from. Made when first asked for: most texts
    # are normalised in vain.
    _origins: list[int] | None = field(default=None, init=False, repr=False, compare=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the original `text[start:end]` stands, whole characters, with marks and unseen ones after it.

        Offsets are in characters.
        """
        if self.text == self.original:
            return start, end
        origins = self._origins
        if origins is None:
            origins = list(_origins(self.original))
            object.__setattr__(self, "_origins", origins)
        first = origins[start] if start < len(origins) else len(self.original)
        if end <= start:
            return first, first
        # The next character that has come from somewhere else; what lies between is not drawn and belongs to this one.
        after = bisect_left(origins, origins[end - 1] + 1, end)
        return first, origins[after] if after < len(origins) else len(self.original)


def normalise(text: str) -> Normalised:
    """Return the text as it is read. Doing it twice changes nothing more; ASCII is not changed at all."""
    # Only what is not ASCII is looked up: translating a whole text costs ten times as much where one character is not.
    return Normalised(text, text if text.isascii() else _OTHER.sub(_read, text))


_OTHER = re.compile(r"[^\x00-\x7f]+")


def _read(match: re.Match[str]) -> str:
    return match[0].translate(_folding())


def _origins(text: str) -> Iterator[int]:
    read = _folding()
    for index, char in enumerate(text):
        for _ in read.get(ord(char), char):
            yield index


@cache
def _folding() -> dict[int, str]:
    """The table: after a heading, lines of what is read and of ranges of code points."""
    words = {"nothing": "", "space": " "}
    out: dict[int, str] = {}
    lines = files("twokey.detectors").joinpath("folding.txt").read_text("utf-8").partition("\n\n")[2].splitlines()
    for line in lines:
        read, _, ranges = line.rpartition(" ")
        for part in ranges.split(","):
            first, _, last = part.partition("-")
            for point in range(int(first, 16), int(last or first, 16) + 1):
                out[point] = words.get(read, read)
    return out
