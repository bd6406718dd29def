"""The detector's own formulas beside two libraries that it does not need: python-stdnum and phonenumbers."""

import importlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.detectors.pii import PiiDetector
from twokey.detectors.pii import identity_checks_europe as europe
from twokey.detectors.pii import identity_checks_world as world
from twokey.detectors.pii.checksums import is_aba, is_iban, luhn
from twokey.detectors.scan import Scanner

pytest.importorskip("stdnum", reason="python-stdnum is not installed")
phonenumbers = pytest.importorskip("phonenumbers", reason="phonenumbers is not installed")

# Where the two agree on every number: ours, theirs, and how many digits; then a letter where there is one.
SAME: list[tuple[Callable[[str], bool], str, int, str]] = [
    (europe.nhs, "gb.nhs", 10, ""),
    (europe.dni, "es.dni", 8, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    (europe.nir, "fr.nir", 15, ""),
    (europe.steuer_id, "de.idnr", 11, ""),
    (europe.pesel, "pl.pesel", 11, ""),
    (europe.bsn, "nl.bsn", 9, ""),
    (europe.ean, "ch.ssn", 13, ""),
    (europe.rodne_cislo, "cz.rc", 10, ""),
    (europe.egn, "bg.egn", 10, ""),
    (europe.oib, "hr.oib", 11, ""),
    (europe.isikukood, "ee.ik", 11, ""),
    (europe.inn, "ru.inn", 12, ""),
    (world.sin, "ca.sin", 9, ""),
    (world.cpf, "br.cpf", 11, ""),
    (world.cnpj, "br.cnpj", 14, ""),
    (world.rut, "cl.rut", 8, "0123456789K"),
    (world.tfn, "au.tfn", 9, ""),
    (world.aadhaar, "in_.aadhaar", 12, ""),
    (world.my_number, "jp.in_", 12, ""),
    (world.tckn, "tr.tckimlik", 11, ""),
    (is_aba, "us.rtn", 9, ""),
    (luhn, "luhn", 16, ""),
]


@pytest.mark.parametrize(("ours", "theirs", "count", "letters"), SAME, ids=[one[1] for one in SAME])
def test_a_number_that_we_take_they_take(ours: Callable[[str], bool], theirs: str, count: int, letters: str) -> None:
    module = importlib.import_module(f"stdnum.{theirs}")

    @settings(max_examples=60, deadline=None)
    @given(st.text("0123456789", min_size=count - 1, max_size=count - 1))
    def agree(body: str) -> None:
        body = "756" + body[3:] if theirs == "ch.ssn" else body
        for last in "0123456789":
            for letter in letters or [""]:
                number = body + last + letter
                if ours(number):
                    assert module.is_valid(number), number

    agree()


def test_an_iban_that_we_take_they_take_but_for_a_bank_s_own_digits() -> None:
    module = importlib.import_module("stdnum.iban")
    for number in (
        "GB29NWBK60161331926819",
        "DE89370400440532013000",
        "NO9386011117947",
        "FR1420041010050500013M02606",
    ):
        assert is_iban(number)
        assert module.is_valid(number)
        assert not is_iban(number[:-1] + ("0" if number[-1] != "0" else "1"))


def test_every_country_s_example_with_ten_digits_or_more_is_seen_in_international_form() -> None:
    scanner = Scanner((PiiDetector(),))
    missed = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number(region)
        for form in (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.E164):
            written = phonenumbers.format_number(number, form)
            text = f"the desk, {written}, is open"
            seen = [text[one.start : one.end] for one in scanner.scan(text) if one.rule == "phone"]
            if sum(char.isdigit() for char in written) >= 10 and seen != [written]:
                missed.append(written)
    assert missed == []
