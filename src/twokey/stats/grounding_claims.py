"""What a text states exactly (numbers, dates, addresses, quotations), with its place, and whether others state it.

A claim is compared by its meaning where that is cheap and safe: `1,000` is `1000`, `two` is 2, `12 March 2021` is
`2021-03-12`. What a date could mean two ways is supported by either. Nothing is computed: a sum or a share that follows
from the sources' numbers is not found in them.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from twokey.stats.grounding_words import folded, words

Kind = Literal["word", "number", "date", "name", "quotation", "url"]

Day = tuple[int | None, int, int | None]
"""Year, month and day, None where it is not said."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NAMED = {
    **{word: n for n, word in enumerate(_UNITS.split())},
    **{word: 10 * n for n, word in enumerate(_TENS.split(), start=2)},
}
_TIMES = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "mln": 6, "million": 6, "bn": 9, "bln": 9, "billion": 9, "trillion": 12
}  # fmt: skip
_MONTH_NAMES = "january february march april may june july august september october november december"
_MONTHS = {
    **{name: n for n, name in enumerate(_MONTH_NAMES.split(), start=1)},
    **{name[:3]: n for n, name in enumerate(_MONTH_NAMES.split(), start=1)},
    "sept": 9,
}
_MAX_DIGITS = 30
_FEWEST_QUOTED = 3
MOST_QUOTATIONS = 200
"""Quotations of a text that are looked for, the first ones: each is a search through all that the sources say."""


_NUMBER = re.compile(
    r"(?<![0-9A-Za-z.,])(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:[.,][0-9]+)*)"
    r"(?:[ -]?(thousand|million|billion|trillion|mln|bln|bn|mn|[km])(?![0-9A-Za-z]))?",
    re.ASCII | re.IGNORECASE,
)
_ITEM = re.compile(r"(?:^|\n)[ \t]*\(?[0-9]{1,2}[.)](?=[ \t])")
_COMPOUND = re.compile(
    r"(?<![A-Za-z])(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[ -](one|two|three|four|five|six|seven|eight"
    r"|nine)(?![A-Za-z])",
    re.ASCII | re.IGNORECASE,
)
_SPELT = re.compile(
    rf"(?<![A-Za-z])({'|'.join(_NAMED)}) (thousand|million|billion|trillion)(?![A-Za-z])", re.ASCII | re.IGNORECASE
)
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![A-Za-z])\.?"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_DATE = re.compile(
    rf"(?<![0-9A-Za-z])(?:([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}})|([0-9]{{1,2}})([/.])([0-9]{{1,2}})\5([0-9]{{4}})"
    rf"|{_DAY}(?: of)? {_MONTH}(?:,? ([0-9]{{4}}))?|{_MONTH} {_DAY}(?![0-9])(?:,? ([0-9]{{4}}))?"
    rf"|{_MONTH},? ([0-9]{{4}}))(?![0-9A-Za-z])",
    re.ASCII | re.IGNORECASE,
)
_URL = re.compile(r"(?<![0-9A-Za-z])(?:https?://|www\.)[^\s<>\"'\u201c\u201d]{1,2000}", re.ASCII | re.IGNORECASE)
_QUOTATION = re.compile(
    r"\"([^\"\n]{1,400})\"|\u201c([^\u201c\u201d\n]{1,400})\u201d|\u00ab([^\u00ab\u00bb\n]{1,400})\u00bb"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something exact that is stated at `start` to `end`, and whether the sources state it too."""

    start: int
    end: int
    kind: Kind
    supported: bool


class Sources:
    """What an answer may rest on, indexed when it is first asked for."""

    def __init__(self, text: str) -> None:
        """Take the texts as one."""
        self.text = text
        self.words = words(text)
        self.distinct = frozenset(self.words)
        self.folded = frozenset(map(folded, self.distinct))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers in their plain form, and every run of digits."""
        found = {form for match in _NUMBER.finditer(self.text) for form in number_forms(match)}
        found |= {plain_digits(run) for run in _DIGITS.findall(self.text)}
        found |= {str(_NAMED[word]) for word in _NAMED if word in self.folded or folded(word) in self.folded}
        found |= {str(_NAMED[tens.lower()] + _NAMED[unit.lower()]) for tens, unit in _COMPOUND.findall(self.text)}
        found |= {_plain(str(_NAMED[n.lower()]), _TIMES[times.lower()]) for n, times in _SPELT.findall(self.text)}
        return frozenset(found)

    @cached_property
    def days(self) -> frozenset[Day]:
        """The dates, in every reading, and what is true of them with less said."""
        return frozenset(
            known
            for match in _DATE.finditer(self.text)
            for year, month, day in days_of(match)
            for known in ((year, month, day), (None, month, day), (year, month, None), (None, month, None))
        )

    @cached_property
    def running(self) -> str:
        """The words in their order, between single spaces."""
        return f" {' '.join(self.words).lower()} "

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Whatever stands between white space, quotation marks or angle brackets, as addresses are compared."""
        return frozenset(map(_bare, _BETWEEN.split(self.text)))


_DIGITS = re.compile("[0-9]+")
_BETWEEN = re.compile(r"[\s<>\"'\u201c\u201d]+", re.ASCII)


def plain_digits(run: str) -> str:
    """Return digits without the zeros before them."""
    return run.lstrip("0") or "0"


def number_forms(match: re.Match[str]) -> tuple[str, ...]:
    """Return what a number may mean, in plain form: `1,000.50` is 1000.5, and `1.000` may be 1 or 1000."""
    written, times = match[0], 0
    if match[1]:
        written = written[: match.start(1) - match.start()].rstrip(" -")
        times = _TIMES[match[1].lower()]
    if len(written) > _MAX_DIGITS:
        return (written,)
    readings = {written.replace(",", "")}
    if "," in written or written.count(".") > 1 or _THOUSANDS.fullmatch(written):
        readings.add(written.replace(".", "").replace(",", "."))
    return tuple(sorted({_plain(each, times) for each in readings if each.count(".") <= 1} or {written}))


_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")


def _plain(number: str, times: int) -> str:
    whole, _, part = number.partition(".")
    whole, part = whole + part[:times].ljust(times, "0"), part[times:].rstrip("0")
    return f"{plain_digits(whole)}.{part}" if part else plain_digits(whole)


def days_of(match: re.Match[str]) -> tuple[Day, ...]:
    """Return the days that a date may mean; none where it is no date."""
    y, m, d, first, _, second, year, day, month, of_year, month2, day2, year2, month3, year3 = match.groups()
    if y:
        found: tuple[Day, ...] = ((int(y), int(m), int(d)),)
    elif year:
        found = ((int(year), int(first), int(second)), (int(year), int(second), int(first)))
    elif day:
        found = ((_int(of_year), _MONTHS[month.lower()], int(day)),)
    elif day2:
        found = ((_int(year2), _MONTHS[month2.lower()], int(day2)),)
    else:
        found = ((int(year3), _MONTHS[month3.lower()], None),)
    return tuple(one for one in found if 1 <= one[1] <= 12 and (one[2] is None or 1 <= one[2] <= 31))


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def claims(text: str, sources: Sources) -> list[Claim]:
    """Return the numbers, dates, addresses and quotations of a text, in order of place.

    No two overlap, but for what stands in a quotation.
    """
    found: list[Claim] = []
    if "://" in text or "www." in text.lower():
        found += _urls(text, sources)
    if _DIGITS.search(text):
        found += _free(found, _dates(text, sources))
        found += _free(found, _numbers(text, sources))
    if _QUOTES.search(text):
        found += _quotations(text, sources)
    return sorted(found, key=lambda claim: (claim.start, -claim.end))


_QUOTES = re.compile('["\u201c\u00ab]')


def _free(taken: list[Claim], more: Iterator[Claim]) -> list[Claim]:
    """Return those of `more`, which come in order, that overlap none of what is taken."""
    ahead = deque(sorted(taken, key=lambda claim: claim.start))
    found: list[Claim] = []
    for one in more:
        while ahead and ahead[0].end <= one.start:
            ahead.popleft()
        if not ahead or one.end <= ahead[0].start:
            found.append(one)
    return found


def _urls(text: str, sources: Sources) -> Iterator[Claim]:
    for match in _URL.finditer(text):
        address = match[0].rstrip(".,;:!?)]}")
        yield Claim(match.start(), match.start() + len(address), "url", _bare(address) in sources.addresses)


def _bare(address: str) -> str:
    return _SCHEME.sub("", address.lower()).rstrip(".,;:!?)]}/")


_SCHEME = re.compile(r"\A[(\[{]*(?:https?://)?(?:www\.)?")


def _dates(text: str, sources: Sources) -> Iterator[Claim]:
    for match in _DATE.finditer(text):
        readings = days_of(match)
        if readings:
            yield Claim(match.start(), match.end(), "date", not sources.days.isdisjoint(readings))


def _numbers(text: str, sources: Sources) -> Iterator[Claim]:
    items = {match.end() - 1 for match in _ITEM.finditer(text)}
    for match in _NUMBER.finditer(text):
        if match.end() not in items:
            # Most are there as they stand; only for the others all numbers of the sources are looked at.
            known = match[0] in sources.distinct or not sources.numbers.isdisjoint(number_forms(match))
            yield Claim(match.start(), match.end(), "number", known)


def _quotations(text: str, sources: Sources) -> Iterator[Claim]:
    for match in islice(_QUOTATION.finditer(text), MOST_QUOTATIONS):
        said = words(match[0])
        if len(said) >= _FEWEST_QUOTED:
            yield Claim(match.start(), match.end(), "quotation", f" {' '.join(said).lower()} " in sources.running)


def within_sentence(text: str, start: int) -> bool:
    """Return whether a word is not the first of a sentence, a line, a clause, a quotation or an item of a list."""
    before = text[max(0, start - 8) : start].rstrip(" ")
    return bool(before) and before[-1] not in _OPENS


_OPENS = frozenset('.!?:;\n\r\t"\u201c\u2018\u00ab([*#\u2022\u2013\u2014-')


def capital(word: str) -> bool:
    """Return whether a word begins with a capital letter, in Latin, Greek or Cyrillic."""
    first = word[0]
    return (
        "A" <= first <= "Z"
        or "\u00c0" <= first <= "\u00de"
        or "\u0391" <= first <= "\u03a9"
        or "\u0410" <= first <= "\u042f"
    )


def named_number(word: str) -> str | None:
    """Return the digits of a number's name, or None."""
    value = _NAMED.get(word.lower())
    return None if value is None else str(value)
