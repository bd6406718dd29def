"""Personal data with a form of its own: e-mail addresses, telephone, card, account and social security numbers."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from twokey.detectors import phones
from twokey.detectors.base import Pattern
from twokey.detectors.checksums import IBAN_LENGTHS, is_card, is_grouped, is_iban, is_public_ipv4, is_ssn
from twokey.detectors.expression import found, spans
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Sighting

MAX_GROUPS = 6
Spans = Iterator[tuple[int, int]]

_HOST_END = 24
# Counting the letters of a host's end makes RE2 fall back to its slowest engine, so that is left to the rare long ones.
_EMAIL = r"[\pL\pN_][\pL\pN._%+'\-]*@(?:[\pL\pN](?:[\pL\pN\-]*[\pL\pN])?\.)+\pL\pL+"
_EMAIL_COUNTED = _EMAIL.removesuffix(r"\pL\pL+") + rf"\pL{{2,{_HOST_END}}}"
_USERINFO = r"://[^\s/?#@]*:[^\s/?#@]*$"
_NOT_EMAIL = frozenset(["png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "bmp", "avif"])
_GROUP = re.compile("[0-9]+")
_DIGITS = r"[0-9](?:[ \-]?[0-9]){13,}"
# Not after a decimal point: scores with sixteen digits are in every structured output.
_CARD_START = r"(?:^|[^0-9A-Za-z_.,+]|[^0-9][.,+])"
_IBAN = rf"(?i)\b(?:{'|'.join(sorted(IBAN_LENGTHS))})[0-9]{{2}}(?:[ \-]?[A-Z0-9]){{11,29}}"
_SSN = r"[0-9]{3}-[0-9]{2}-[0-9]{4}"
_SSN_NAMED = r"(?i)\b(?:ssn|social security(?: number| no\.?)?)[^0-9]{0,16}([0-9]{3}[ .]?[0-9]{2}[ .]?[0-9]{4})"
_IPV4 = r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"


@dataclass(frozen=True, slots=True)
class PiiDetector:
    """Personal data in an output, where it has a form that can be checked.

    **What it sees.** E-mail addresses (`pii.email`); telephone numbers in international, North American or E.123
    national form, or in any form after a word such as `call` (`pii.phone`); payment cards (`pii.credit-card`: network's
    prefix, length, Luhn); IBANs (`pii.iban`: country's length, modulo 97); US social security numbers (`pii.us-ssn`);
    public IPv4 addresses (`pii.ip-address`: one octet of at least 100, so that version numbers pass).

    **How.** One scan with coarse expressions, then exact form, checksum and surroundings.

    **Limits.** Names, postal addresses, dates of birth, passports and national identity numbers other than the one
    above are not seen: that needs a language model, and small ones see a person in most clean answers. Test cards
    (4242 4242 4242 4242) and example.com addresses count: nobody can tell what they were before. Addresses inside
    private networks and those reserved for documentation do not.

    **To fix a finding**, read the redacted output in quarantine.jsonl: the model repeated its input (mask it), or
    knew it.
    """

    name: ClassVar[str] = "pii"
    summary: ClassVar[str] = "e-mail addresses, telephone, card, account and social security numbers"

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:  # noqa: ARG003 the contract has it
        """Make the detector; it takes no file."""
        if file is not None:
            raise TwokeyError(f"the detector {cls.name} takes no file, but was given {file}")
        return cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        return {rule: Explained(what=rule, how="") for rule in _RULES}

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the coarse patterns, several for some rules."""
        return tuple(Pattern(rule=rule, expression=coarse) for rule, find in _RULES.items() for coarse in find.coarse)

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield what is confirmed; a number that is two things is the one with the stronger proof."""
        taken = bytearray(len(text))
        for rule, find in _RULES.items():
            if rule not in rules:
                continue
            for start, end in find.places(text):
                if 1 not in taken[start:end]:
                    taken[start:end] = b"\1" * (end - start)
                    yield Sighting(detector=self.name, rule=rule, start=start, end=end, severity=find.severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Find:
    coarse: tuple[str, ...]
    places: Callable[[str], Spans]
    severity: Literal["low", "medium", "high"]


def _emails(text: str) -> Spans:
    places = list(spans(_EMAIL, text))
    if any(end - text.rindex(".", start, end) - 1 > _HOST_END for start, end in places):
        places = list(spans(_EMAIL_COUNTED, text))
    for start, end in places:
        host = text[text.index("@", start) + 1 : end]
        in_url = found(_USERINFO, text[max(0, start - 200) : start]) is not None
        remote = text[start : start + 4] == "git@" and text[end : end + 1] == ":"
        if host.rpartition(".")[2].lower() not in _NOT_EMAIL and not in_url and not remote:
            yield start, end


def _cards(text: str) -> Spans:
    for start, end in spans(_DIGITS, text):
        if _alone(text, start, end):
            yield from _cards_within([match.span() for match in _GROUP.finditer(text, start, end)], text)


def _cards_within(groups: list[tuple[int, int]], text: str) -> Spans:
    """Yield the cards in a run of groups of digits: another number may stand right before or after one."""
    first = 0
    while first < len(groups):
        length = 0
        for last in range(first, min(first + MAX_GROUPS, len(groups))):
            length += groups[last][1] - groups[last][0]
            number = text[groups[first][0] : groups[last][1]] if 14 <= length <= 19 else ""
            if number and is_grouped(number) and is_card(number.replace(" ", "").replace("-", "")):
                yield groups[first][0], groups[last][1]
                first = last
                break
        first += 1


def _ibans(text: str) -> Spans:
    for start, end in spans(_IBAN, text):
        # The expression may run on into the next word: the country says where to stop.
        places = [place for place in range(start, end) if text[place] not in " -"]
        length = IBAN_LENGTHS[text[start : start + 2].upper()]
        stop = places[length - 1] + 1 if len(places) >= length else end
        if not text[stop : stop + 1].isalnum() and is_iban("".join(text[place] for place in places[:length])):
            yield start, stop


def _ssns(text: str) -> Spans:
    for start, end in spans(_SSN, text):
        if _alone(text, start, end) and is_ssn(text[start:end].replace("-", "")):
            yield start, end
    for start, end in spans(_SSN_NAMED, text, group=1):
        if _alone(text, start, end) and is_ssn("".join(char for char in text[start:end] if char.isdigit())):
            yield start, end


def _ipv4s(text: str) -> Spans:
    for start, end in spans(_IPV4, text):
        number = text[start:end]
        if _alone(text, start, end) and is_public_ipv4(number) and any(int(part) >= 100 for part in number.split(".")):
            yield start, end


def _alone(text: str, start: int, end: int) -> bool:
    """Return whether the number is no part of a longer number, word or decimal."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    joined = (
        before[-1:].isalnum()
        or (before[-1:] in ("-", ".", ",", "_", "+") and before[:1].isdigit())
        or before[-1:] == "_"
    )
    follows = after[:1].isalnum() or after[:1] == "_" or (after[:1] in ("-", ".", ",") and after[1:].isdigit())
    return not joined and not follows


_RULES = {
    "credit-card": _Find(coarse=(_CARD_START + r"[0-9](?:[ \-]?[0-9]){13}",), places=_cards, severity="high"),
    "iban": _Find(
        coarse=(rf"(?i)\b(?:{'|'.join(sorted(IBAN_LENGTHS))})[0-9]{{2}}[ \-]?[A-Z0-9]{{3}}",),
        places=_ibans,
        severity="high",
    ),
    "us-ssn": _Find(
        coarse=(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", r"(?i)\b(?:ssn|social security)\b"), places=_ssns, severity="high"
    ),
    "email": _Find(coarse=(r"[\pL\pN._%+'\-]@[\pL\pN]",), places=_emails, severity="medium"),
    "phone": _Find(coarse=phones.COARSE, places=phones.phones, severity="medium"),
    "ip-address": _Find(coarse=(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",), places=_ipv4s, severity="low"),
}
