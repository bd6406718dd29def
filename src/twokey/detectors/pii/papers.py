"""What stands on a person's papers, told by the words beside it: passports, driving licences, days of birth, US SSNs.

Only a social security number has a form of its own. The others are letters and digits that mean nothing alone.
"""

from twokey.detectors.expression import spans
from twokey.detectors.pii.checksums import is_day, is_ssn
from twokey.detectors.pii.rule import (
    END,
    FIX,
    NO_FRACTION,
    Rule,
    Spans,
    Worded,
    bare,
    digit_count,
    run,
    stands_free,
    word,
)
from twokey.kinds import Explained

_SSN = r"[0-9]{3}-[0-9]{2}-[0-9]{4}"
_SSN_WORDS = word(rf"ssn{END}|ssn[ _]?(?:number|no|#)|social[ _\-]?security|soc[. ]{{1,2}}sec")
_SSN_NAMED = r"[0-9]{3}[ .\-]?[0-9]{2}[ .\-]?[0-9]{4}"
_PASSPORT = word(r"passport|passeport|pasaporte|passaporto|passnummer|reisepass|paspoort|паспорт|护照|護照|旅券|여권")
_LICENCE = word(
    r"driv(?:er|ing)['\x{2019}]?s?[ _\-]{0,2}licen[cs]e|dl[ _]?(?:number|no|#)|licen[cs]e[ _](?:number|no|#)"
    r"|permis de conduire|führerschein|fuehrerschein|permiso de conducir|patente di guida|rijbewijs"
)
_BORN = word(
    rf"d\.?o\.?b{END}|date[ _\-]?of[ _\-]?birth|birth[ _\-]?dat[ea]|birth[ _\-]?day|born"
    r"|geboren|geburtsdatum|geburtstag"
    r"|n[ée]+e? le|date de naissance|nacid[oa]|fecha de nacimiento|nat[oa] il|data di nascita|data de nascimento"
    r"|geboortedatum|дата рождения|生年月日|出生日期|생년월일"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|okt|dez|janv|févr|mars|avr"
    r"|juin|juil|août|ene|abr|ago|dic)[\pL]*\.?"
)
_YEAR = "(?:19|20)[0-9]{2}"
_DAY = (
    rf"(?i){_YEAR}[\-/.][0-9]{{1,2}}[\-/.][0-9]{{1,2}}|[0-9]{{1,2}}[\-/.] ?[0-9]{{1,2}}[\-/.] ?{_YEAR}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)?\.?(?: of)?[ \-]{_MONTH},?[ \-]{_YEAR}"
    rf"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}"
    rf"|{_YEAR}年[0-9]{{1,2}}月[0-9]{{1,2}}日"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}"
)
_NUMBER = r"[A-Za-z]{0,3}-?[0-9][0-9A-Za-z]{2,4}(?:[ \-]?[0-9A-Za-z]{1,5}){0,4}"


def ssns(text: str) -> Spans:
    """Yield where US social security numbers stand: with hyphens alone, in other forms after their name."""
    for start, end in spans(_SSN, text):
        if stands_free(text, start, end) and is_ssn(text[start:end].replace("-", "")):
            yield start, end
    yield from _NAMED(text)


_NAMED = Worded(words=_SSN_WORDS, shape=_SSN_NAMED, valid=lambda value: is_ssn(bare(value)), before=40, after=0)


def _is_passport(value: str) -> bool:
    """Return whether it is six to ten letters and digits (ICAO 9303 grants nine), most of them digits."""
    size = len(bare(value))
    return 6 <= size <= 10 and digit_count(value) >= max(5, size - 3)


def _is_licence(value: str) -> bool:
    """Return whether it is five to eighteen letters and digits with at least five digits."""
    return 5 <= len(bare(value)) <= 18 and digit_count(value) >= 5


def _is_birth(value: str) -> bool:
    """Return whether a numeric date is a day, in either order; one with a month's name is left to the expression."""
    parts = [int(part) for part in "".join(char if char.isdigit() else " " for char in value).split()]
    if len(parts) != 3:
        return len(parts) == 2
    if parts[0] > 31:
        return is_day(parts[0], parts[1], parts[2])
    year = parts[2] if parts[2] > 99 else 1900 + parts[2]
    return is_day(year, parts[0], parts[1]) or is_day(year, parts[1], parts[0])


PAPERS = (
    Rule(
        name="us-ssn",
        severity="high",
        coarse=(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", run(9), r"[0-9]{3}\.[0-9]{2}\.[0-9]{4}"),
        needs=(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", _SSN_WORDS),
        places=ssns,
        explained=Explained(
            what="A US social security number.",
            how="Area, group and serial that can be given out; with hyphens alone, in other forms within 40 characters "
            "after its name.",
            source="Social Security Administration, rules since 2011.",
            limits="There is no check digit: any number of that form counts.",
            fix=FIX,
        ),
    ),
    Rule(
        name="passport",
        severity="high",
        coarse=(rf"{NO_FRACTION}[0-9][0-9A-Za-z]{{4}}",),
        needs=(_PASSPORT,),
        places=Worded(
            words=_PASSPORT, shape=r"[A-Za-z]{0,3}-?[0-9]{2,9}[A-Za-z0-9]{0,7}", valid=_is_passport, before=40, after=0
        ),
        explained=Explained(
            what="A passport's number.",
            how="Six to ten letters and digits, at least five of them digits, within 40 characters after `passport`.",
            source="ICAO Doc 9303 for the length; countries' forms differ.",
            limits="There is no check digit outside the machine-readable zone, so any such number there counts.",
            fix=FIX,
        ),
    ),
    Rule(
        name="driving-licence",
        severity="high",
        coarse=(run(5),),
        needs=(_LICENCE,),
        places=Worded(words=_LICENCE, shape=_NUMBER, valid=_is_licence, before=40, after=0),
        explained=Explained(
            what="A driving licence's number.",
            how="Five to eighteen letters and digits, at least five of them digits, within 40 characters after words "
            "such as `driver's license`.",
            limits="Each authority has its own form, some with no check digit: any such number after the words counts.",
            fix=FIX,
        ),
    ),
    Rule(
        name="date-of-birth",
        severity="medium",
        coarse=(rf"(?:{NO_FRACTION}|[0-9]\.[0-9]{{1,2}}\.)(?:19|20)[0-9]{{2}}", "[0-9]/[0-9]{1,2}/[0-9]{2}"),
        needs=(_BORN,),
        places=Worded(words=_BORN, shape=_DAY, valid=_is_birth, before=40, after=0, between=0),
        explained=Explained(
            what="Somebody's day of birth.",
            how="A whole date within 40 characters after words such as `born` or `date of birth`, in nine languages.",
            limits="A year or an age alone is not seen. Those of famous people count: nobody can tell them apart here.",
            fix=FIX,
        ),
    ),
)
