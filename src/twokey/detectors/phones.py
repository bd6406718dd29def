"""Telephone numbers: international form, North American form, and any national form after a word such as `call`.

Plain forms without a word beside them are not guessed at: order numbers, dates and amounts look the same. No numbering plan
but North America's is known here, only which country codes exist.
"""

from collections.abc import Iterator

from twokey.detectors.checksums import is_run
from twokey.detectors.expression import compiled, spans

# Country codes that ITU-T E.164 assigns (Operational Bulletin), by length.
_ONE = {"1", "7"}
_TWO = set(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92"
    " 93 94 95 98".split()
)
_THREE_FIRST = {"21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69", "80", "85", "87", "88", "96", "97", "99"}  # fmt: skip

_SEPARATED = r"(?:[ .\-\x{2011}\x{a0}/]{0,2}\(?[0-9]{1,5}\)?)"
_INTERNATIONAL = rf"(?:\+|\b00)[ ]?\(?[1-9][0-9]{{0,2}}\)?{_SEPARATED}{{1,7}}"
_AMERICAN = r"(?:\b1[ .\-]{1,2})?(?:\([2-9][0-9]{2}\)[ .\-]{0,2}|\b[2-9][0-9]{2}([ .\-]))[2-9][0-9]{2}[ .\-][0-9]{4}\b"
_EXTENSION = r"(?i)^,?[ ]?(?:ext\.?|extension|x|#)[ ]?[0-9]{1,6}\b"
_WORD = r"(?i)\b(?:tel|telephone|phone|mobile|cell|cellphone|fax|whatsapp|sms|call|calling|called|ring|dial|text)\b"
_NATIONAL = rf"{_WORD}[^0-9\n+]{{0,24}}(\(?[0-9]{{1,5}}\)?{_SEPARATED}{{0,7}})"
_DATE = r"^(?:[12][0-9]{3}([-/. ])[0-9]{1,2}[-/. ][0-9]{1,2}|[0-9]{1,2}([-/. ])[0-9]{1,2}[-/. ](?:19|20)[0-9]{2})"

COARSE = (
    r"\+[ ]?\(?[1-9][0-9 .()\-\x{2011}\x{a0}/]{5}",
    r"\b00[1-9][0-9]{0,2}[ .\-][0-9]",
    r"[0-9]{3}\)?[ .\-]{0,2}[0-9]{3}[ .\-][0-9]{4}\b",
    rf"{_WORD}[^0-9\n+]{{0,24}}\(?[0-9]{{2}}",
)


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield where telephone numbers stand; spans may overlap."""
    for start, end in spans(_INTERNATIONAL, text):
        end = _trimmed(text, start, end)
        if _free(text, start, end) and _is_international(text[start:end]):
            yield start, _with_extension(text, end)
    for start, end in spans(_AMERICAN, text):
        if _free(text, start, end) and _is_american(_digits(text[start:end])[-10:]):
            yield start, _with_extension(text, end)
    for start, end in spans(_NATIONAL, text, group=1):
        end = _trimmed(text, start, end)
        if _free(text, start, end) and _is_national(text[start:end]):
            yield start, _with_extension(text, end)


def _is_international(number: str) -> bool:
    digits = _digits(number)
    if number[0] != "+":
        digits = digits[2:]
    code = _country(digits)
    if code is None or not 9 <= len(digits) <= 15 or is_run(digits):
        return False
    if code == "1":
        return len(digits) == 11 and _is_american(digits[1:])
    # `+100 000 000` is an amount; in one go or in plain thousands, a number needs a full length.
    return len(digits) >= 10 or bool(set(number) & set("()-"))


def _country(digits: str) -> str | None:
    if digits[:1] in _ONE:
        return digits[0]
    if digits[:2] in _TWO:
        return digits[:2]
    return digits[:3] if digits[:2] in _THREE_FIRST else None


def _is_american(digits: str) -> bool:
    """North American Numbering Plan: neither area nor exchange begins with 0 or 1, or is a service code such as 911."""
    area, exchange = digits[:3], digits[3:6]
    return len(digits) == 10 and area[0] in "23456789" and exchange[0] in "23456789" and "11" not in (area[1:], exchange[1:])


def _is_national(number: str) -> bool:
    digits = _digits(number)
    if not 7 <= len(digits) <= 13 or is_run(digits) or compiled(_DATE).search(number):
        return False
    # Without any grouping only a trunk zero tells a number to call from a number of something.
    return number[0] in "0(" or "-" in number or " " in number


def _free(text: str, start: int, end: int) -> bool:
    """Return whether the number is no part of a longer token, such as a decimal, an id or an address."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if before.isalnum() or before in ("_", "-", ".", "/", "=", "#", "+", "$", "€", "£"):
        return before == "/" and text[max(0, start - 1) : start] == "/" and not text[max(0, start - 2) : start - 1].isalnum()
    return not (after[:1].isalnum() or after[:1] in ("_", "%", "€", "@") or (after[:1] in ("-", ".", "/", ":", ",") and after[1:].isdigit()))


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start and not text[end - 1].isdigit():
        end -= 1
    return end


def _with_extension(text: str, end: int) -> int:
    match = compiled(_EXTENSION).search(text[end : end + 24])
    return end + match.end() if match else end


def _digits(text: str) -> str:
    return "".join(char for char in text if "0" <= char <= "9")
