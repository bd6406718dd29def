"""Telephone numbers: international, North American and E.123 national form, and other forms beside a word.

Other forms without a word beside them are not guessed at: order numbers, dates and amounts look the same. No
numbering plan but North America's is known here, only which country codes exist: plans change every month, and
evidence must not change with them.
"""

from twokey.detectors.expression import found, spans
from twokey.detectors.pii.checksums import is_run
from twokey.detectors.pii.rule import FIX, NO_FRACTION, Rule, Spans, word
from twokey.detectors.pii.typeset import is_letter
from twokey.kinds import Explained

MAX_DIGITS = 15
# The country codes that ITU-T E.164 assigns (Operational Bulletin).
_COUNTRY = (
    r"^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-69]|3[578]|42|50|59|6[789]|8[0578]|9[679])[0-9])"
)

_MARKS = r" .\-\x{2011}\x{a0}/"
_SEPARATED = rf"(?:[{_MARKS}]{{0,2}}\(?[0-9]{{1,5}}\)?)"
_INTERNATIONAL = rf"(?:\+|\b00|\b011[ \-])[ ]?\(?[1-9][0-9]{{0,2}}\)?{_SEPARATED}{{1,7}}"
_AMERICAN = r"(?:\b1[ .\-]{1,2})?(?:\([2-9][0-9]{2}\)[ .\-]{0,2}|\b[2-9][0-9]{2}[ .\-])[2-9][0-9]{2}[ .\-][0-9]{4}"
# The same in shape alone: numbers that a model makes up keep to no plan. What makes it one is a prefix or an extension.
_SHAPED = r"(?:(?:\+|\b00)?1[ .\-]{1,2})?(?:\([0-9]{3}\)[ .\-]{0,2}|\b[0-9]{3}[.\-])[0-9]{3}[.\-][0-9]{4}"
_PREFIX = r"^(?:\+|00)1[ .\-]"
_EXTENSION = r"(?i)^,?[ ]?(?:ext\.?|extension|x|#)[ ]?[0-9]{1,6}\b"
# National notation of ITU-T E.123: the area code in parentheses, or behind a trunk zero; then groups.
_GROUPED = r"(?:\([0-9]{2,5}\)[ \-]?[0-9]{2,4}|\b0[1-9][0-9]{0,3}[ \-][0-9]{2,8})(?:[ \-][0-9]{2,4}){0,3}"
_NUMBER = rf"\(?[0-9]{{1,5}}\)?{_SEPARATED}{{0,7}}"

_NOUNS = (
    r"t[eé]l(?:e(?:phone|fon[eo]?|foon|phon))?s?|t[eé]l[eé]phone|tel[eé]fono|téléphone|phone|mobile|cell(?:phone|ular)?|fax"
    r"|whatsapp|sms|landline|hotline|helpline|celular|m[oó]vil|handy|mobil|puhelin|gsm"
)
_WORD = word(
    rf"(?:{_NOUNS}|call(?:ing|ed)?|ring|dial)(?:(?-i:[^a-z])|$)|телефон|тел\.|電話|电话|전화"
    r"|(?:reach|contact|text|message|answer|respond)(?:ing|ed|able|s)?(?: (?:me|us|him|her|them|you|back))*"
    r" (?:at|on|under)[^A-Za-z]"
    r"|(?:my|his|her|our|their|your|contact|call-?back|toll-?free|emergency) (?:number|no\.|line)[^A-Za-z]"
)
_NATIONAL = rf"{_WORD}[^0-9+]{{0,24}}?({_NUMBER})"
# Between the word and a number without groups: nothing but filling words.
_STRAIGHT = (
    rf"{_WORD}[\s:.,#=\"'()\-]*(?:(?:number|no|nr|num|is|at|on|me|us|him|her|them|back|under|now|line|to|the|or|via|by"
    r"|please|directly|toll-?free)[\s:.,#=\"'()\-]+)*\z"
)
_LABEL = (
    rf"(?i)({_NUMBER})(?:[ ]?(?:ext\.?|x|#)[ ]?[0-9]{{1,6}})?[ ,\-:(\[]{{1,3}}"
    rf"(?:{_NOUNS}|office|home|work|direct|switchboard|mob|cell)(?:$|[^\pL\pN ]| [^\pL\pN])"
)
# What else is written in groups of digits: dates, spans of years, decimals, and amounts in thousands.
_OTHER = (
    r"^(?:[12][0-9]{3}[-/. ][0-9]{1,2}[-/. ][0-9]{1,2}|[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ](?:19|20)[0-9]{2}"
    r"|(?:[0-2]?[0-9]|3[01])[-/.](?:[0-2]?[0-9]|3[01])[-/.][0-9]{2}\z|(?:19|20)[0-9]{2}[-/ ]+(?:19|20)[0-9]{2}\z"
    r"|[0-9]+\.[0-9]+\z)"
)
_THOUSANDS = r"^[1-9][0-9]{0,2}(?:[ .][0-9]{3})+\z"
_NO_START = frozenset("_-#+$€£/")
_NO_END = frozenset("_%€@")
_RUN = rf"{NO_FRACTION}(?:[0-9][ \-()/]*[0-9]|1\.[0-9])(?:[ .\-()/]*[0-9]){{4}}"

_FORMS = (
    r"\+[ ]?\(?[1-9][0-9 .()\-\x{2011}\x{a0}/]{5}",
    r"\b0(?:0|11[ \-])[1-9][0-9]{0,2}[ .\-][0-9]",
    r"[0-9]{3}\)?[ .\-]{0,2}[0-9]{3}[ .\-][0-9]{4}",
    r"\([0-9]{2,5}\)[ \-]?[0-9]{2}",
    r"(?:^|[^0-9A-Za-z_\-/])0[0-9]{1,4}[ \-][0-9]{2}",
)
_LABELLED = rf"(?i)[0-9]\)?[ ,\-:(\[]{{1,3}}(?:{_NOUNS}|office|home|work|direct|switchboard|mob|cell)(?:$|[^a-z])"


def formed(text: str) -> Spans:
    """Yield the numbers whose form is enough; spans may overlap."""
    for start, end in spans(_INTERNATIONAL, text):
        end = _trimmed(text, start, end)
        stop = _with_extension(text, end)
        if _free(text, start, stop) and _is_international(text[start:end]):
            yield start, stop
    for start, end in spans(_SHAPED, text):
        stop = _with_extension(text, end)
        if _free(text, start, stop) and (stop > end or found(_PREFIX, text[start:end])):
            yield start, stop
    for start, end in spans(_AMERICAN, text):
        stop = _with_extension(text, end)
        if _free(text, start, stop) and _is_american(_digits(text[start:end])[-10:]):
            yield start, stop
    for start, end in spans(_GROUPED, text):
        stop = _with_extension(text, end)
        if _free(text, start, stop) and _is_grouped_national(text[start:end]):
            yield start, stop


def after_words(text: str) -> Spans:
    """Yield the numbers that a word announces: `call 7946 0958`, `reach me at 9747 6578`."""
    for start, end in spans(_NATIONAL, text, group=1):
        end = _trimmed(text, start, end)
        stop = _with_extension(text, end)
        straight = found(_STRAIGHT, text[max(0, start - 50) : start]) is not None
        if _free(text, start, stop) and _is_national(text[start:end], straight, _ends_clause(text, stop)):
            yield start, stop


def before_labels(text: str) -> Spans:
    """Yield the numbers that a label ends, as on a letterhead: `96 228011 office`, `(044) 688-7538 x12 (fax)`."""
    for start, end in spans(_LABEL, text, group=1):
        end = _trimmed(text, start, end)
        stop = _with_extension(text, end)
        if _free(text, start, stop, labelled=True) and _is_national(text[start:end], straight=True, ends=True):
            yield start, stop


def _is_international(number: str) -> bool:
    digits = _digits(number)
    if number[0] != "+":
        digits = digits[3:] if digits.startswith("011") else digits[2:]
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
    amount = found(_OTHER, number) or found(_THOUSANDS, number)
    return least <= len(digits) <= 12 and not is_run(digits) and not year and not amount


def _is_national(number: str, straight: bool, ends: bool) -> bool:
    """Return whether digits beside a word are a number to call.

    `straight`: nothing stands between; `ends`: no word follows that the number could count.
    """
    digits = _digits(number)
    paired = straight and ends and " " in number
    if not (6 if paired else 7) <= len(digits) <= 13 or is_run(digits) or found(_OTHER, number):
        return False
    if found(_THOUSANDS, number):
        return paired
    # Without any grouping only a trunk zero, or the word right before, tells it from a number of something.
    return number[0] in "0(" or "-" in number or " " in number or "." in number or (straight and len(digits) >= 8)


def _ends_clause(text: str, end: int) -> bool:
    after = text[end : end + 2]
    return not after[:1].isalnum() and not (after[:1] == " " and after[1:].isalnum())


def _free(text: str, start: int, end: int, *, labelled: bool = False) -> bool:
    """Return whether the number is no part of a longer token, such as a decimal, an id, a path or an amount."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    joined = is_letter(before[-1:]) or before[-1:] in _NO_START or (before[-1:] in (".", ",") and before[:1].isdigit())
    follows = is_letter(after[:1]) or after[:1] in _NO_END or (after[:1] in tuple("-./:,") and after[1:].isdigit())
    return not joined and (labelled or not follows)


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


_EXPLAINED = Explained(
    what="A telephone or fax number, with its extension.",
    how="International form with an assigned country code; North American form; national form with the area code in "
    "brackets or behind a zero; any grouping after a word such as `call` or `reach me at`, or before a label such as "
    "`fax` that ends its line.",
    source="ITU-T E.123 and E.164; the North American Numbering Plan.",
    limits="Other national forms without a word beside them are not seen: dates, amounts and order numbers look alike. "
    "Whether a number is connected is not known.",
    fix=FIX,
)
# The labelled first: what stands before a label is the number as a whole.
PHONES = tuple(
    Rule(name="phone", severity="medium", coarse=coarse, needs=needs, places=places, explained=_EXPLAINED)
    for coarse, needs, places in (
        ((_RUN,), (_LABELLED,), before_labels),
        ((_RUN,), (_WORD,), after_words),
        (_FORMS, _FORMS, formed),
    )
)
