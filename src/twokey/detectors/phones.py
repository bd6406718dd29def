"""Telephone numbers: international, North American and E.123 national form, and any form after a word such as `call`.

Other forms without a word beside them are not guessed at: order numbers, dates and amounts look the same. No
numbering plan but North America's is known here, only which country codes exist.
"""

from collections.abc import Iterator

from twokey.detectors.checksums import is_run
from twokey.detectors.expression import found, spans

MAX_DIGITS = 15
# The country codes that ITU-T E.164 assigns (Operational Bulletin).
_COUNTRY = (
    r"^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-69]|3[578]|42|50|59|6[789]|8[0578]|9[679])[0-9])"
)

_SEPARATED = r"(?:[ .\-\x{2011}\x{a0}/]{0,2}\(?[0-9]{1,5}\)?)"
_INTERNATIONAL = rf"(?:\+|\b00)[ ]?\(?[1-9][0-9]{{0,2}}\)?{_SEPARATED}{{1,7}}"
_AMERICAN = r"(?:\b1[ .\-]{1,2})?(?:\([2-9][0-9]{2}\)[ .\-]{0,2}|\b[2-9][0-9]{2}[ .\-])[2-9][0-9]{2}[ .\-][0-9]{4}"
_EXTENSION = r"(?i)^,?[ ]?(?:ext\.?|extension|x|#)[ ]?[0-9]{1,6}\b"
_WORD = r"(?i)\b(?:tel|telephone|phone|mobile|cellphone|fax|whatsapp|sms|call|calling|called|ring|dial)\b"
# National notation of ITU-T E.123: the area code in parentheses, or behind a trunk zero; then groups.
_GROUPED = r"(?:\([0-9]{2,5}\)[ \-]?[0-9]{2,4}|\b0[0-9]{1,4}[ \-][0-9]{2,8})(?:[ \-][0-9]{2,4}){0,3}"
_NATIONAL = rf"{_WORD}[^0-9+]{{0,24}}(\(?[0-9]{{1,5}}\)?{_SEPARATED}{{0,7}})"
# What else is written in groups of digits: dates, spans of years, amounts in thousands.
_OTHER = (
    r"^(?:[12][0-9]{3}[-/. ][0-9]{1,2}[-/. ][0-9]{1,2}|[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ](?:19|20)[0-9]{2}"
    r"|(?:19|20)[0-9]{2}[-/ ]+(?:19|20)[0-9]{2}\z|[1-9][0-9]{0,2}(?:[ .][0-9]{3})+\z)"
)
_NO_START = frozenset("_-#+$€£/")
_NO_END = frozenset("_%€@")

COARSE = (
    r"\+[ ]?\(?[1-9][0-9 .()\-\x{2011}\x{a0}/]{5}",
    r"\b00[1-9][0-9]{0,2}[ .\-][0-9]",
    r"[0-9]{3}\)?[ .\-]{0,2}[0-9]{3}[ .\-][0-9]{4}",
    r"\([0-9]{2,5}\)[ \-]?[0-9]{2}",
    r"(?:^|[^0-9A-Za-z_\-/])0[0-9]{1,4}[ \-][0-9]{2}",
    rf"{_WORD}[^0-9+]{{0,24}}\(?[0-9]{{2}}",
)


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield where telephone numbers stand; spans may overlap."""
    for start, end in spans(_INTERNATIONAL, text):
        end = _trimmed(text, start, end)
        stop = _with_extension(text, end)
        if _free(text, start, stop) and _is_international(text[start:end]):
            yield start, stop
    for start, end in spans(_AMERICAN, text):
        stop = _with_extension(text, end)
        if _free(text, start, stop) and _is_american(_digits(text[start:end])[-10:]):
            yield start, stop
    for start, end in spans(_GROUPED, text):
        stop = _with_extension(text, end)
        if _free(text, start, stop) and _is_grouped_national(text[start:end]):
            yield start, stop
    for start, end in spans(_NATIONAL, text, group=1):
        end = _trimmed(text, start, end)
        stop = _with_extension(text, end)
        if _free(text, start, stop) and _is_national(text[start:end]):
            yield start, stop


def _is_international(number: str) -> bool:
    digits = _digits(number)
    if number[0] != "+":
        digits = digits[2:]
    if not found(_COUNTRY, digits) or not 9 <= len(digits) <= MAX_DIGITS or is_run(digits):
        return False
    if digits[0] == "1":
        return len(digits) == 11 and _is_american(digits[1:])
    # `+100 000 000` is an amount; in one go or in plain thousands, a number needs a full length.
    return len(digits) >= 10 or bool(set(number) & set("()-"))


def _is_american(digits: str) -> bool:
    """North American Numbering Plan: neither area nor exchange begins with 0 or 1, or is a service code such as 911."""
    area, exchange = digits[:3], digits[3:6]
    return (
        len(digits) == 10
        and area[0] in "23456789"
        and exchange[0] in "23456789"
        and "11" not in (area[1:], exchange[1:])
    )


def _is_grouped_national(number: str) -> bool:
    digits = _digits(number)
    least = 8 if number[0] == "(" else 9
    year = number[0] == "(" and number[5:6] == ")" and number[1:3] in ("19", "20")
    return least <= len(digits) <= 12 and not is_run(digits) and not year and not found(_OTHER, number)


def _is_national(number: str) -> bool:
    digits = _digits(number)
    if not 7 <= len(digits) <= 13 or is_run(digits) or found(_OTHER, number):
        return False
    # Without any grouping only a trunk zero tells a number to call from a number of something.
    return number[0] in "0(" or "-" in number or " " in number


def _free(text: str, start: int, end: int) -> bool:
    """Return whether the number is no part of a longer token, such as a decimal, an id, a path or an amount."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    joined = before[-1:].isalnum() or before[-1:] in _NO_START or (before[-1:] in (".", ",") and before[:1].isdigit())
    follows = after[:1].isalnum() or after[:1] in _NO_END or (after[:1] in tuple("-./:,") and after[1:].isdigit())
    return not joined and not follows


def _trimmed(text: str, start: int, end: int) -> int:
    """Return where the number ends: at a digit, and before a group that no number is long enough for."""
    while end > start and not text[end - 1].isdigit():
        end -= 1
    while len(_digits(text[start:end])) > MAX_DIGITS and any(char in text[start:end] for char in " ./-"):
        end = max(text.rfind(char, start, end) for char in " ./-")
    return end


def _with_extension(text: str, end: int) -> int:
    place = found(_EXTENSION, text[end : end + 24])
    return end + place[1] if place else end


def _digits(text: str) -> str:
    return "".join(char for char in text if "0" <= char <= "9")
