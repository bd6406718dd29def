"""National identity numbers: with their words, with a wrong check digit, and without any word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.detectors.pii import RULES, PiiDetector
from twokey.detectors.pii import identity_checks_europe as europe
from twokey.detectors.pii import identity_checks_world as world
from twokey.detectors.pii.checksums import is_aba, mod_11_2, mod_11_10, verhoeff
from twokey.detectors.pii.identities_europe import EUROPE
from twokey.detectors.pii.identities_world import WORLD
from twokey.detectors.scan import Scanner

SCANNER = Scanner((PiiDetector(),))

# Rule, a sentence that names the number, and the number; made up to their formulas or printed in public specifications.
NAMED = [
    ("gb-nhs", "NHS number: {}", "943 476 5919"),
    ("gb-nino", "National Insurance number {}", "AB123456C"),
    ("es-dni", "Mi DNI es {}", "12345678Z"),
    ("es-dni", "NIE {} de extranjero", "X-1234567-L"),
    ("fr-nir", "numéro de sécurité sociale {}", "255081416802538"),
    ("it-codice-fiscale", "codice fiscale {}", "RSSMRA85T10A562S"),
    ("de-steuer-id", "Steuer-ID: {}", "86095742719"),
    ("de-rentenversicherung", "Rentenversicherungsnummer {}", "15 070649 C 103"),
    ("pl-pesel", "PESEL {}", "44051401359"),
    ("nl-bsn", "BSN: {}", "111222333"),
    ("be-rijksregister", "rijksregisternummer {}", "85073003328"),
    ("se-personnummer", "personnummer {}", "811218-9876"),
    ("no-fodselsnummer", "fødselsnummer {}", "15108695088"),
    ("fi-henkilotunnus", "henkilötunnus {}", "131052-308T"),
    ("dk-cpr", "CPR-nummer {}", "211062-5629"),
    ("at-svnr", "SVNR {}", "1237 010180"),
    ("ch-ahv", "AHV {}", "7569217076985"),
    ("pt-nif", "contribuinte {}", "501964843"),
    ("ie-pps", "PPSN {}", "6433435F"),
    ("cz-rodne-cislo", "rodné číslo {}", "7103192745"),
    ("ro-cnp", "CNP {}", "1630615123457"),
    ("bg-egn", "EGN {}", "7523169263"),
    ("gr-amka", "AMKA {}", "01013099997"),
    ("hr-oib", "OIB {}", "33392005961"),
    ("ee-isikukood", "isikukood {}", "36805280109"),
    ("is-kennitala", "kennitala {}", "120174-3399"),
    ("ru-snils", "СНИЛС {}", "11223344595"),
    ("ru-inn", "ИНН {}", "500100732259"),
    ("us-itin", "ITIN {}", "912903456"),
    ("us-npi", "NPI: {}", "1234567893"),
    ("us-dea", "DEA {}", "AP5836727"),
    ("us-mbi", "Medicare id {}", "1EG4TE5MK73"),
    ("ca-sin", "my SIN is {}", "130 692 544"),
    ("br-cpf", "CPF {}", "39053344705"),
    ("br-cnpj", "CNPJ {}", "16727230000197"),
    ("mx-curp", "CURP {}", "BOXW310820HNERXN09"),
    ("ar-cuit", "CUIT {}", "20055361682"),
    ("cl-rut", "RUT {}", "125319092"),
    ("au-tfn", "TFN {}", "123 456 782"),
    ("au-medicare", "Medicare card {}", "2123 45670 1"),
    ("nz-ird", "IRD {}", "49-091-850"),
    ("in-aadhaar", "Aadhaar {}", "2341 2341 2346"),
    ("in-pan", "PAN {}", "ACUPA7085R"),
    ("za-id", "South African ID {}", "7503305044089"),
    ("kr-rrn", "주민등록번호 {}", "971013-1019909"),
    ("cn-ric", "身份证 {}", "360426199101010071"),
    ("jp-my-number", "マイナンバー {}", "123456789018"),
    ("tw-id", "Taiwan national id {}", "A123456789"),
    ("hk-hkid", "HKID {}", "A1234563"),
    ("sg-nric", "NRIC {}", "S1234567D"),
    ("my-nric", "MyKad {}", "770305021234"),
    ("th-id", "Thai id {}", "1234545678781"),
    ("tr-tckn", "T.C. kimlik no {}", "17291716060"),
    ("il-tz", "teudat zehut {}", "039337423"),
]
# The form that stands alone.
ALONE = [
    ("gb-nino", "AB 12 34 56 C"),
    ("es-dni", "X1234567L"),
    ("es-dni", "X-1234567-L"),
    ("fr-nir", "2 55 08 14 168 025 38"),
    ("it-codice-fiscale", "RSSMRA85T10A562S"),
    ("be-rijksregister", "85.07.30-033.28"),
    ("se-personnummer", "19811218-9876"),
    ("fi-henkilotunnus", "131052-308T"),
    ("ch-ahv", "756.9217.0769.85"),
    ("cz-rodne-cislo", "710319/2745"),
    ("ru-snils", "112-233-445 95"),
    ("us-itin", "912-90-3456"),
    ("us-mbi", "1EG4-TE5-MK73"),
    ("br-cpf", "390.533.447-05"),
    ("br-cnpj", "16.727.230/0001-97"),
    ("mx-curp", "BOXW310820HNERXN09"),
    ("ar-cuit", "20-05536168-2"),
    ("cl-rut", "12.531.909-2"),
    ("cn-ric", "360426199101010071"),
    ("hk-hkid", "A123456(3)"),
    ("my-nric", "770305-02-1234"),
    ("th-id", "1-2345-45678-78-1"),
]
UNCHECKED = {"gb-nino", "dk-cpr", "us-itin", "us-mbi", "in-pan", "kr-rrn", "my-nric"}


def found(text: str) -> list[tuple[str, str]]:
    return [(seen.rule, text[seen.start : seen.end]) for seen in SCANNER.scan(text)]


def test_every_rule_has_its_cases() -> None:
    assert {rule for rule, _, _ in NAMED} == {rule.name for rule in (*EUROPE, *WORLD)}


@pytest.mark.parametrize(("rule", "sentence", "number"), NAMED)
def test_it_sees_a_number_beside_its_word_and_in_a_key(rule: str, sentence: str, number: str) -> None:
    assert (rule, number) in found(sentence.format(number))
    assert (rule, number) in found(f"Asked for {sentence.format(number)}, as agreed.")


@pytest.mark.parametrize(("rule", "sentence", "number"), [one for one in NAMED if one[0] not in UNCHECKED])
def test_it_does_not_see_one_with_a_wrong_check_digit(rule: str, sentence: str, number: str) -> None:
    place = max(index for index, char in enumerate(number) if char.isdigit())
    place = {"at-svnr": 3, "is-kennitala": 8, "au-medicare": 9}.get(rule, place)
    wrong = [number[:place] + digit + number[place + 1 :] for digit in "0123456789" if digit != number[place]]
    # Modulo 97 and the like let one more digit pass here and there; most must fail.
    passing = [one for one in wrong if (rule, one) in found(sentence.format(one))]
    assert len(passing) <= 1


@pytest.mark.parametrize(("rule", "sentence", "number"), [one for one in NAMED if (one[0], one[2]) not in ALONE])
def test_it_does_not_see_bare_digits_without_a_word(rule: str, sentence: str, number: str) -> None:
    assert sentence != "{}"
    assert rule not in [seen for seen, _ in found(f"order {number} was shipped")]


@pytest.mark.parametrize(("rule", "number"), ALONE)
def test_a_form_of_its_own_needs_no_word(rule: str, number: str) -> None:
    assert found(f"it says {number} there.") == [(rule, number)]
    assert rule not in [seen for seen, _ in found(f"it says {number}77 there.")]


def test_a_list_behind_a_word_is_seen_to_its_end_and_another_number_is_not() -> None:
    assert found("PESEL: 44051401359, 02070803628 and 44051401359") == [
        ("pl-pesel", "44051401359"),
        ("pl-pesel", "02070803628"),
        ("pl-pesel", "44051401359"),
    ]
    assert found("PESEL 44051401359 of the customer whose order is 02070803628") == [("pl-pesel", "44051401359")]


def test_a_word_in_capitals_must_be_so() -> None:
    assert found("it is a sin 130 692 544") == []
    assert found("fry it in a pan, ACUPA7085R") == []


def test_a_key_in_a_structure_is_a_word() -> None:
    assert [one.rule for one in SCANNER.scan_value({"nhs_number": "9434765919"})] == ["gb-nhs"]
    assert [one.rule for one in SCANNER.scan_value({"userPassportNo": "C01X00T47", "passport_no": "123456789"})] == [
        "passport"
    ]


@given(st.text("0123456789", min_size=11, max_size=11), st.integers(0, 11), st.integers(1, 9))
def test_verhoeff_notices_every_single_wrong_digit(digits: str, place: int, step: int) -> None:
    number = digits + next(digit for digit in "0123456789" if verhoeff(digits + digit))
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert not verhoeff(wrong)


@given(st.text("0123456789", min_size=3, max_size=11), st.integers(0, 10))
def test_verhoeff_notices_two_neighbours_that_changed_places(digits: str, place: int) -> None:
    number = digits + next(digit for digit in "0123456789" if verhoeff(digits + digit))
    place %= len(number) - 1
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert verhoeff(swapped) == (swapped == number)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_modulo_11_2_and_11_10_notice_every_single_wrong_digit(digits: str, place: int, step: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + step) % 10) + digits[place + 1 :]
    check = next(digit for digit in "0123456789X" if mod_11_2(digits + digit))
    assert not mod_11_2(wrong + check)
    check = next(digit for digit in "0123456789" if mod_11_10(digits + digit))
    assert not mod_11_10(wrong + check)


CHECKED = [
    (europe.nhs, 10),
    (europe.pesel, 11),
    (europe.bsn, 9),
    (world.tfn, 9),
    (europe.nif, 9),
    (world.cpf, 11),
    (world.tckn, 11),
    (europe.inn, 12),
    (world.my_number, 12),
    (world.thai, 13),
    (is_aba, 9),
]


@given(st.sampled_from(CHECKED), st.data())
def test_at_most_one_last_digit_is_right(checked: tuple[object, int], data: st.DataObject) -> None:
    check, length = checked
    assert callable(check)
    body = data.draw(st.text("0123456789", min_size=length - 1, max_size=length - 1))
    assert sum(bool(check(body + digit)) for digit in "0123456789") <= 1


@given(st.text("0123456789ABCXYZ .-/()+", max_size=60))
def test_no_number_makes_a_rule_fail(text: str) -> None:
    words = " ".join(word for _, sentence, _ in NAMED for word in [sentence.replace("{}", "")])
    detector = PiiDetector()
    every = frozenset(pattern.rule for pattern in detector.patterns())
    for sighting in detector.confirm(f"{words[:400]} {text}", every):
        assert sighting.start < sighting.end


def test_every_rule_is_explained_in_its_own_words() -> None:
    pages = PiiDetector.explained()
    assert set(pages) == {rule.name for rule in RULES}
    for name, page in pages.items():
        assert page.what, name
        assert page.how, name
        assert page.limits, name
        assert page.fix, name
        assert not re.search(r"[{}]\d|\\\\", page.what), name
