"""Numbers that carry their own proof: payment cards, IBANs, US social security numbers, public IPv4 addresses.

Each function answers whether a run of characters can be such a number by its issuer's rules. Where it stands in a
text, and what stands around it, is for the detector.
"""

from datetime import date
from itertools import pairwise

# Lengths by country, from the SWIFT IBAN registry, release 99.
IBAN_LENGTHS = {
    country: int(length)
    for length, countries in {
        "15": "NO", "16": "BE", "18": "DK FK FI FO GL NL", "19": "MK SI", "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH HR LI LV", "22": "BG BH CR DE GB GE IE ME RS VA", "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG", "25": "LY PT ST", "26": "IS TR",
        "27": "BI DJ FR GR IT MC MR SM", "28": "AL AZ BY CY DO GT HN HU LB NI PL SV", "29": "BR EG PS QA UA",
        "30": "JO KW MU YE", "31": "MT SC", "32": "LC", "33": "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip

# Issuer prefixes from ISO/IEC 7812 as the networks publish them: first and last prefix, and the lengths in use.
_NETWORKS = (
    ("4", "4", (16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("6011", "6011", (16, 19)),
    ("644", "659", (16, 19)),
    ("300", "305", (14,)),
    ("36", "36", (14,)),
    ("38", "39", (14,)),
    ("3528", "3589", (16,)),
    ("62", "62", (16, 17, 18, 19)),
    ("5018", "5018", (16,)),
    ("5020", "5020", (16,)),
    ("5038", "5038", (16,)),
    ("5893", "5893", (16,)),
    ("6304", "6304", (16,)),
    ("6759", "6763", (16,)),
)
# Networks that are not somebody's address on the internet: the IANA IPv4 special-purpose registry, by first octets.
_SPECIAL = (
    (0,),
    (10,),
    (127,),
    (169, 254),
    (192, 0, 0),
    (192, 0, 2),
    (192, 168),
    (198, 18),
    (198, 19),
    (198, 51, 100),
    (203, 0, 113),
)


def is_card(digits: str) -> bool:
    """Return whether the digits are a payment card number: a network's prefix and length, and Luhn (ISO/IEC 7812-1)."""
    return luhn(digits) and any(
        len(digits) in lengths and first <= digits[: len(first)] <= last for first, last, lengths in _NETWORKS
    )


def luhn(digits: str) -> bool:
    """Return whether the last digit checks the others by Luhn's formula."""
    odd, even = digits[-1::-2], digits[-2::-2]
    return sum(map(int, odd + even.translate(_DOUBLED))) % 10 == 0


# Twice each digit, and the sum of the digits of that.
_DOUBLED = str.maketrans("0123456789", "0246813579")


def is_iban(text: str) -> bool:
    """Return whether it is an IBAN without spaces: a country's length, and remainder 1 modulo 97 (ISO 13616-1)."""
    text = text.upper()
    if len(text) != IBAN_LENGTHS.get(text[:2]):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def is_ssn(digits: str) -> bool:
    """Return whether nine digits can be a US social security number, by its issuer's rules of 2011."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_public_ipv4(text: str) -> bool:
    """Return whether it is an IPv4 address that can be somebody's, outside the special-purpose networks."""
    parts = text.split(".")
    if any(len(part) > 3 or (len(part) > 1 and part[0] == "0") or int(part) > 255 for part in parts):
        return False
    octets = tuple(int(part) for part in parts)
    special = any(octets[: len(network)] == network for network in _SPECIAL)
    shared = (octets[0] == 100 and 64 <= octets[1] < 128) or (octets[0] == 172 and 16 <= octets[1] < 32)
    return not special and not shared and octets[0] < 224


def is_grouped(text: str, separators: str = " -") -> bool:
    """Return whether digits stand in one go, or in groups of at least three with one separator throughout."""
    marks = {char for char in text if not char.isdigit()}
    if not marks:
        return True
    if len(marks) > 1 or not marks <= set(separators):
        return False
    groups = text.split(marks.pop())
    return all(3 <= len(group) <= 7 for group in groups[:-1]) and len(groups[-1]) >= 1


def is_run(digits: str) -> bool:
    """Return whether the digits only repeat or only count up or down, as made-up numbers do."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(digits)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def verhoeff(digits: str) -> bool:
    """Return whether the last digit checks the others by Verhoeff's dihedral scheme (Mathematisch Centrum Tract 29)."""
    state = 0
    for place, char in enumerate(reversed(digits)):
        state = _DIHEDRAL[state][_PERMUTED[place % 8][int(char)]]
    return state == 0


# The dihedral group of order 10: rotations are 0 to 4, reflections 5 to 9. And the eight powers of one permutation.
_DIHEDRAL = tuple(
    tuple(
        (a + b) % 5 if a < 5 and b < 5
        else (a + b - 5) % 5 + 5 if a < 5
        else (a - 5 - b) % 5 + 5 if b < 5
        else (a - b) % 5
        for b in range(10)
    )
    for a in range(10)
)  # fmt: skip
_STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _powers() -> tuple[tuple[int, ...], ...]:
    rows = [tuple(range(10))]
    for _ in range(7):
        rows.append(tuple(_STEP[digit] for digit in rows[-1]))
    return tuple(rows)


_PERMUTED = _powers()


def mod_11_10(digits: str) -> bool:
    """Return whether the last digit checks the others by ISO 7064 MOD 11,10."""
    state = 10
    for char in digits[:-1]:
        state = (state + int(char)) % 10 or 10
        state = state * 2 % 11
    return (state + int(digits[-1])) % 10 == 1


def mod_11_2(text: str) -> bool:
    """Return whether the last character, a digit or X for ten, checks the digits before it by ISO 7064 MOD 11-2."""
    state = 0
    for char in text[:-1]:
        state = (state + int(char)) * 2 % 11
    return (state + (10 if text[-1] == "X" else int(text[-1]))) % 11 == 1


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """Return the sum of the first digits, each times its weight."""
    return sum(int(char) * weight for char, weight in zip(digits, weights, strict=False))


def is_day(year: int, month: int, day: int) -> bool:
    """Return whether there is such a day in the Gregorian calendar."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_short_day(yymmdd: str) -> bool:
    """Return whether six digits are a day with its year in two digits, in one century or another."""
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6])
    return is_day(1900 + year, month, day) or is_day(2000 + year, month, day)


def is_aba(digits: str) -> bool:
    """Return whether nine digits can be a US bank's routing number: a district, and weights 3 7 1 modulo 10."""
    district = int(digits[:2])
    known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return known and int(digits) > 0 and weighted(digits, (3, 7, 1) * 3) % 10 == 0
