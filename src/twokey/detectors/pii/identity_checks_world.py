"""Whether characters can be a personal number of a country outside Europe: its structure, its date, its check digit.

Each function takes letters and digits alone, upper case, of the length that its rule's shape grants. None of them
knows whether a number was ever given out.
"""

from twokey.detectors.pii.checksums import is_day, is_run, is_short_day, luhn, mod_11_2, verhoeff, weighted

_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_MAINLAND = frozenset(["11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
])  # fmt: skip


def itin(text: str) -> bool:
    """US taxpayer number of who has no social security number: 9xx, and groups that the IRS gives out."""
    group = int(text[3:5])
    return text[0] == "9" and (50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99)


def npi(text: str) -> bool:
    """US national provider identifier: Luhn with 80840 before it (45 CFR 162.406)."""
    return text[0] in "12" and luhn("80840" + text)


def dea(text: str) -> bool:
    """US prescriber's number: odd places plus twice the even ones (DEA)."""
    digits = text[2:]
    total = sum(map(int, digits[0:6:2])) + 2 * sum(map(int, digits[1:6:2]))
    return total % 10 == int(digits[6])


def mbi(text: str) -> bool:
    """US Medicare beneficiary number: letters and digits in given places; there is no check digit (CMS)."""
    return not text.isdigit()


def sin(text: str) -> bool:
    """Canadian social insurance number: no 0 or 8 first, Luhn (ESDC)."""
    return text[0] not in "08" and luhn(text)


def cpf(text: str) -> bool:
    """Brazilian CPF: two check digits modulo 11 (Receita Federal)."""
    first = weighted(text, tuple(range(10, 1, -1))) * 10 % 11 % 10
    second = weighted(text, tuple(range(11, 1, -1))) * 10 % 11 % 10
    return len(set(text)) > 1 and (first, second) == (int(text[9]), int(text[10]))


def cnpj(text: str) -> bool:
    """Brazilian CNPJ of a firm, which may be one person: two check digits modulo 11 (Receita Federal)."""
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first, second = (-weighted(text, given) % 11 for given in (weights[1:], weights))
    found = tuple(0 if check > 9 else check for check in (first, second))
    return len(set(text)) > 1 and found == (int(text[12]), int(text[13]))


def curp(text: str) -> bool:
    """Mexican CURP: date, sex, and a check digit over all characters (RENAPO)."""
    total = sum(_CURP.index(char) * (18 - place) for place, char in enumerate(text[:17]))
    return is_short_day(text[4:10]) and text[17] == str((10 - total % 10) % 10)


def cuit(text: str) -> bool:
    """Argentine CUIT or CUIL: kind's prefix, weights 5432765432, modulo 11 (AFIP)."""
    check = (11 - weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return text[:2] in ("20", "23", "24", "27") and check == int(text[10])


def rut(text: str) -> bool:
    """Chilean RUT: weights 2 to 7 from the right, modulo 11, K for ten (Registro Civil)."""
    body = text[:-1]
    total = sum(int(char) * (2 + place % 6) for place, char in enumerate(reversed(body)))
    return len(set(body)) > 1 and "0123456789K0"[(11 - total % 11)] == text[-1]


def tfn(text: str) -> bool:
    """Australian tax file number: weights 1 4 3 7 5 8 6 9 10, modulo 11 (ATO)."""
    return not is_run(text) and weighted(text, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def medicare(text: str) -> bool:
    """Australian Medicare card: begins with 2 to 6, weights 1 3 7 9, modulo 10 (Services Australia)."""
    return "2" <= text[0] <= "6" and weighted(text, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(text[8])


def ird(text: str) -> bool:
    """New Zealand IRD number: weights 32765432, then 74325276, modulo 11 (Inland Revenue)."""
    digits = text.zfill(9)
    check = -weighted(digits, (3, 2, 7, 6, 5, 4, 3, 2)) % 11
    if check == 10:
        check = -weighted(digits, (7, 4, 3, 2, 5, 2, 7, 6)) % 11
    return 10_000_000 < int(digits) < 150_000_000 and check == int(digits[8])


def aadhaar(text: str) -> bool:
    """Indian Aadhaar: no 0 or 1 first, Verhoeff's check digit, no palindrome (UIDAI)."""
    return text[0] not in "01" and text != text[::-1] and verhoeff(text)


def pan(text: str) -> bool:
    """Indian PAN: the fourth letter is the holder's kind; its check letter's formula is not public (CBDT)."""
    return text[3] in "ABCFGHJLPT" and text[5:9] != "0000"


def south_african(text: str) -> bool:
    """South African identity number: date, citizenship, Luhn (Identification Act 68 of 1997)."""
    return is_short_day(text[:6]) and text[10] in "012" and luhn(text)


def rrn(text: str) -> bool:
    """Korean resident number: date; its check digit was given up in October 2020, so it is not asked for."""
    return is_short_day(text[:6]) and "1" <= text[6] <= "8"


def ric(text: str) -> bool:
    """Chinese resident identity number: province, date, ISO 7064 MOD 11-2 (GB 11643-1999)."""
    born = 1900 <= int(text[6:10]) <= 2099 and is_day(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    return text[:2] in _MAINLAND and born and mod_11_2(text)


def my_number(text: str) -> bool:
    """Japanese individual number: weights 6 5 4 3 2 7 6 5 4 3 2, modulo 11 (Ministry ordinance 85 of 2014)."""
    rest = weighted(text, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return not is_run(text) and (0 if rest <= 1 else 11 - rest) == int(text[11])


def taiwanese(text: str) -> bool:
    """Taiwanese identity number: the letter as two digits, weights 1 9 8 to 1 1, modulo 10 (Interior Ministry)."""
    digits = str(_TAIWAN.index(text[0]) + 10) + text[1:]
    return weighted(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0


def hkid(text: str) -> bool:
    """Hong Kong identity card: letters count from 10, a missing one 36, modulo 11, A for ten (Immigration Dept)."""
    lead = [int(char, 36) for char in text[:-7]]
    values = [36] * (2 - len(lead)) + lead + [int(char) for char in text[-7:-1]]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if text[-1] == "A" else int(text[-1]))) % 11 == 0


def nric(text: str) -> bool:
    """Singapore NRIC or FIN: weights 2765432, an offset and an alphabet for each kind of letter (ICA)."""
    total = weighted(text[1:], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(text[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "XWUTRQPNJLK"}.get(text[0], "XWUTRQPNMLK")
    rest = total % 11
    return letters[rest] == text[8]


def mykad(text: str) -> bool:
    """Malaysian MyKad: date and a place of birth that is in use (JPN); there is no check digit."""
    return is_short_day(text[:6]) and text[6:8] not in ("00", "17", "18", "19", "20", "69", "70", "73", "80", "81")


def thai(text: str) -> bool:
    """Thai identity number: weights 13 to 2, modulo 11 (Department of Provincial Administration)."""
    return text[0] not in "09" and (11 - weighted(text, tuple(range(13, 1, -1))) % 11) % 10 == int(text[12])


def tckn(text: str) -> bool:
    """Turkish identity number: two check digits from the sums of odd and even places (NVI)."""
    odd, even = sum(map(int, text[0:9:2])), sum(map(int, text[1:8:2]))
    return text[0] != "0" and (odd * 7 - even) % 10 == int(text[9]) and sum(map(int, text[:10])) % 10 == int(text[10])


def teudat_zehut(text: str) -> bool:
    """Israeli identity number: Luhn over nine digits (Ministry of the Interior)."""
    return len(set(text)) > 1 and luhn(text)
