"""Whether characters can be a European country's personal number: its structure, its date, its check digit.

Each function takes letters and digits alone, upper case, of the length that its rule's shape grants. None of them
knows whether a number was ever given out.
"""

from twokey.detectors.pii.checksums import is_day, is_run, is_short_day, luhn, mod_11_10, weighted

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_NINO_NEVER = frozenset(["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"])
_FINNISH = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CODICE_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_IRISH = "WABCDEFGHIJKLMNOPQRSTUV"


def nhs(text: str) -> bool:
    """NHS number of England, Wales and the Isle of Man: weights 10 to 2, modulo 11 (NHS Data Dictionary)."""
    return not is_run(text) and int(text[9]) == (11 - weighted(text, tuple(range(10, 1, -1))) % 11) % 11


def nino(text: str) -> bool:
    """UK national insurance number: letters that HMRC gives out (NIM39110); there is no check digit."""
    first, second = text[0], text[1]
    return first not in "DFIQUV" and second not in "DFIQUVO" and text[:2] not in _NINO_NEVER


def dni(text: str) -> bool:
    """Spanish DNI or NIE: the letter is the number modulo 23 (Real Decreto 1553/2005, Orden INT/2058/2008)."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(text[0], text[0]) + text[1:-1]
    return _DNI_LETTERS[int(number) % 23] == text[-1] and number.strip("0") != ""


def nir(text: str) -> bool:
    """French NIR: sex, year, month, department, and 97 less the rest modulo 97 (INSEE); 2A and 2B are Corsica's."""
    body = text[:13].replace("2A", "19").replace("2B", "18")
    month = int(text[3:5])
    return (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and int(text[13:]) == 97 - int(body) % 97


def codice_fiscale(text: str) -> bool:
    """Italian codice fiscale: month's letter, day, and the check letter (Decreto ministeriale 23/12/1976)."""
    total = 0
    for place, char in enumerate(text[:15]):
        value = int(char) if char.isdigit() else ord(char) - ord("A")
        total += value if place % 2 else _CODICE_ODD[value]
    return chr(ord("A") + total % 26) == text[15]


def steuer_id(text: str) -> bool:
    """German tax identity: in ten digits one stands twice or thrice, not all others once; ISO 7064 MOD 11,10 (BZSt)."""
    counts = sorted(text[:10].count(digit) for digit in set(text[:10]))
    return text[0] != "0" and counts[-1] in (2, 3) and counts[-2] == 1 and mod_11_10(text)


def rentenversicherung(text: str) -> bool:
    """German pension insurance number: day, letter as two digits, digits' sums (VKVV paragraph 4)."""
    digits = text[:8] + f"{ord(text[8]) - 64:02}" + text[9:11]
    products = (int(char) * weight for char, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return 1 <= int(text[4:6]) <= 12 and sum(sum(divmod(one, 10)) for one in products) % 10 == int(text[11])


def pesel(text: str) -> bool:
    """Polish PESEL: date with the century in the month, weights 1 3 7 9 (Ustawa o ewidencji ludności)."""
    month = int(text[2:4])
    year = (1900, 2000, 2100, 2200, 1800)[month // 20] + int(text[:2])
    check = (10 - weighted(text, (1, 3, 7, 9) * 2 + (1, 3)) % 10) % 10
    return is_day(year, month % 20, int(text[4:6])) and check == int(text[10])


def bsn(text: str) -> bool:
    """Dutch BSN: the eleven test, weights 9 to 2 and -1 (Besluit burgerservicenummer)."""
    digits = text.zfill(9)
    return not is_run(digits) and weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def rijksregister(text: str) -> bool:
    """Belgian national number: birth, serial, 97 less the rest modulo 97, with a 2 before it from 2000 on."""
    body, check = text[:9], 97 - int(text[9:])
    month = int(text[2:4])
    return (month % 20 <= 12) and check in (int(body) % 97, int("2" + body) % 97) and int(text[4:6]) <= 31


def personnummer(text: str) -> bool:
    """Swedish personnummer or coordination number (day plus 60): date and Luhn (Skatteverket SKV 704)."""
    digits = text[-10:]
    day = int(digits[4:6])
    return luhn(digits) and is_short_day(digits[:4] + f"{day - 60 if day > 60 else day:02}")


def fodselsnummer(text: str) -> bool:
    """Norwegian birth or D-number (day plus 40): two check digits modulo 11 (Skatteetaten)."""
    day, month = int(text[:2]) % 40, int(text[2:4])
    first = (11 - weighted(text, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11) % 11
    second = (11 - weighted(text, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return 1 <= day <= 31 and 1 <= month % 40 <= 12 and (first, second) == (int(text[9]), int(text[10]))


def henkilotunnus(text: str) -> bool:
    """Finnish identity code without its century sign: date, and the rest modulo 31 as a character (DVV)."""
    date = text[4:6] + text[2:4] + text[:2]
    return is_short_day(date) and _FINNISH[int(text[:6] + text[-4:-1]) % 31] == text[-1]


def cpr(text: str) -> bool:
    """Danish CPR number: only a date, as the check digit was given up in 2007 (CPR-kontoret)."""
    return is_short_day(text[4:6] + text[2:4] + text[:2])


def svnr(text: str) -> bool:
    """Austrian social insurance number: check digit in fourth place, modulo 11; date (ASVG, Hauptverband)."""
    check = weighted(text, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11
    return text[0] != "0" and check == int(text[3]) and int(text[4:6]) <= 31 and int(text[6:8]) <= 15


def ean(text: str) -> bool:
    """Swiss AHV number: begins with 756, EAN-13 check digit (Bundesamt für Sozialversicherungen)."""
    return (10 - weighted(text, (1, 3) * 6) % 10) % 10 == int(text[12])


def nif(text: str) -> bool:
    """Portuguese NIF of a person or firm: weights 9 to 2, modulo 11, ten becomes 0 (Decreto-Lei 14/2013)."""
    check = 11 - weighted(text, tuple(range(9, 1, -1))) % 11
    return text[0] != "0" and not is_run(text) and (0 if check > 9 else check) == int(text[8])


def pps(text: str) -> bool:
    """Irish PPS number: letter modulo 23, a second A or H counts nine times (Department of Social Protection)."""
    second = {"A": 1, "H": 8}.get(text[8:], 0)
    return _IRISH[(weighted(text, tuple(range(8, 1, -1))) + 9 * second) % 23] == text[7]


def rodne_cislo(text: str) -> bool:
    """Czech or Slovak birth number: date (women's month plus 50), divisible by 11 (Zákon 133/2000, 301/1995)."""
    month = int(text[2:4]) % 50
    rest = int(text[:9]) % 11 % 10
    return is_short_day(f"{text[:2]}{month - 20 if month > 20 else month:02}{text[4:6]}") and rest == int(text[9])


def cnp(text: str) -> bool:
    """Romanian CNP: sex and century, date, county, weights 279146358279 (Legea 105/1996)."""
    rest = weighted(text, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return text[0] != "0" and is_short_day(text[1:7]) and (1 if rest == 10 else rest) == int(text[12])


def egn(text: str) -> bool:
    """Bulgarian EGN: date with the century in the month, weights 2 4 8 5 10 9 7 3 6 (GRAO)."""
    month = int(text[2:4])
    before = 0 if month <= 12 else 20 if month <= 32 else 40
    year = {0: 1900, 20: 1800, 40: 2000}[before] + int(text[:2])
    return is_day(year, month - before, int(text[4:6])) and (
        weighted(text, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(text[9])
    )


def amka(text: str) -> bool:
    """Greek AMKA: day, month, year, and Luhn (IDIKA)."""
    return is_short_day(text[4:6] + text[2:4] + text[:2]) and luhn(text)


def isikukood(text: str) -> bool:
    """Estonian or Lithuanian personal code: sex and century, date, two sets of weights modulo 11 (EVS 585)."""
    rest = weighted(text, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if rest == 10:
        rest = weighted(text, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return "1" <= text[0] <= "8" and is_short_day(text[1:7]) and rest == int(text[10])


def kennitala(text: str) -> bool:
    """Icelandic kennitala: date, weights 3 2 7 6 5 4 3 2, century's digit (Þjóðskrá)."""
    check = (11 - weighted(text, (3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    date = text[4:6] + text[2:4] + f"{int(text[:2]) % 40:02}"
    return text[9] in "890" and is_short_day(date) and check == int(text[8])


def snils(text: str) -> bool:
    """Russian SNILS: weights 9 to 1, modulo 101 (Pension Fund, decree 192p)."""
    return not is_run(text) and weighted(text, tuple(range(9, 0, -1))) % 101 % 100 == int(text[9:])


def inn(text: str) -> bool:
    """Russian INN of a person: two check digits modulo 11 (Federal Tax Service, order 7-6/435)."""
    first = weighted(text, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    second = weighted(text, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10
    return not is_run(text) and (first, second) == (int(text[10]), int(text[11]))


def oib(text: str) -> bool:
    """Croatian OIB: ISO 7064 MOD 11,10 (Zakon o osobnom identifikacijskom broju)."""
    return not is_run(text) and mod_11_10(text)
