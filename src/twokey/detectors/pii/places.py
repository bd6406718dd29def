"""Where somebody lives or stands: coordinates, and street addresses in the two forms that can be told for sure.

Other postal addresses, and vehicles' plates, are not looked for: every country writes them in its own way, and
expressions for them see a third of them and much else.
"""

from twokey.detectors.expression import spans
from twokey.detectors.pii.rule import END, FIX, Rule, Spans, digit_count, word
from twokey.kinds import Explained

_DEGREES = r"[\-+\x{2212}]?(?:1[0-7][0-9]|[1-9]?[0-9]|180)\.[0-9]{4,15}"
_PAIR = rf"(?i)({_DEGREES}) ?°? ?[NS]?[,;/ ]{{1,2}}(?:lon[a-z]*|lng)?[:= ]{{0,2}}{_DEGREES} ?°? ?[EW]?"
_KEYED = (
    rf"(?i)lat(?:itude)?[\"'_ ]{{0,2}}[:=\s]{{1,3}}{_DEGREES}[\"', \n;]{{1,4}}"
    rf"(?:lon|lng|long|longitude)[\"' ]{{0,2}}[:=\s]{{1,3}}{_DEGREES}"
)
_MINUTES = r"[0-9]{1,2}['\x{2032}\x{2019}]"
_SECONDS = r"(?: ?[0-9]{1,2}(?:\.[0-9]+)?(?:\"|\x{2033}|\x{201d}|''))?"
_SEXAGESIMAL = rf"[0-9]{{1,2}}° ?{_MINUTES}{_SECONDS} ?[NS],? ?[0-9]{{1,3}}° ?{_MINUTES}{_SECONDS} ?[EWO]"
_WORDS = word(rf"lat{END}|latitude|long?{END}|lng{END}|longitude|coordinates?|coords?|gps|geo|location|located")
_NEAR = 40
_STREET = (
    r"\b[1-9][0-9]{0,5}[A-Za-z]?(?: [NSEW]\.?)?(?: [A-Z0-9][\pL0-9.'\x{2019}\-]*){1,4} "
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Way|Place|Pl|Terrace|Circle|Parkway|Highway"
    r"|Square|Close|Crescent|Gardens|Grove)\b\.?"
)
_STATE = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]"
    "|W[AIVY]"
)
_UK = "[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}"
# Between street and code: a flat or a suite, and the town.
_TOWN = r"[,\s][^0-9]{0,40}(?:[0-9]{1,4}[A-Za-z]?[,\s][^0-9]{0,40})?"
_ADDRESS = rf"{_STREET}{_TOWN}(?:\b(?:{_STATE}),? [0-9]{{5}}(?:-[0-9]{{4}})?\b|\b{_UK}\b)"


def coordinates(text: str) -> Spans:
    """Yield where a latitude and a longitude stand, to ten metres or better."""
    yield from spans(_SEXAGESIMAL, text)
    yield from spans(_KEYED, text)
    for start, end in spans(_PAIR, text):
        pair = text[start:end].upper()
        lettered = any(letter in pair for letter in "NS") and any(letter in pair for letter in "EW")
        lead = text[max(0, start - _NEAR) : start]
        named = any(digit_count(lead[place[1] :]) == 0 for place in spans(_WORDS, lead))
        if (named or lettered or "°" in pair) and int(pair.lstrip("-+\u2212").partition(".")[0]) <= 90:
            yield start, end


def addresses(text: str) -> Spans:
    """Yield where a house number, a street and a US state with its ZIP code, or a UK postcode, stand together."""
    yield from spans(_ADDRESS, text)


PLACES = (
    Rule(
        name="coordinates",
        severity="medium",
        coarse=(r"[0-9]\.[0-9]{4}[0-9]*[^0-9]+[0-9]+\.[0-9]{4}", r"[0-9]° ?[0-9]{1,2}['\x{2032}\x{2019}]"),
        needs=(_WORDS, r"[0-9] ?(?:°|[NSns][,;/ ])"),
        places=coordinates,
        explained=Explained(
            what="A point on the map, precise enough for a house.",
            how="Latitude and longitude with four decimals or more, beside a word such as `location` or with N, S, E, W"
            " or degree signs; or degrees, minutes, seconds.",
            source="ISO 6709.",
            limits="A public place counts too. Pairs of numbers without word or letter are not seen.",
            fix=FIX,
        ),
    ),
    Rule(
        name="street-address",
        severity="medium",
        coarse=(rf"\b(?:{_STATE}),? [0-9]{{5}}\b", r"\b[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}\b"),
        places=addresses,
        explained=Explained(
            what="A street address in the United States or the United Kingdom, down to the house.",
            how="A house number, a name with a word such as `Street`, and soon after it a state with its ZIP code or a "
            "postcode.",
            source="USPS Publication 28; Royal Mail's postcode format.",
            limits="Addresses without ZIP code or postcode, and those of all other countries, are not seen. A firm's "
            "address counts too.",
            fix=FIX,
        ),
    ),
)
