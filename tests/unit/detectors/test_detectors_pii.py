import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.detectors.pii import PiiDetector
from twokey.detectors.pii.checksums import IBAN_LENGTHS, is_card, is_iban, is_public_ipv4, is_ssn, luhn
from twokey.detectors.scan import Scanner

SCANNER = Scanner((PiiDetector(),))


def found(text: str) -> list[tuple[str, str]]:
    return [(seen.rule, text[seen.start : seen.end]) for seen in SCANNER.scan(text)]


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("write to bob.o'neil+x@mail.example.co.uk.", "email", "bob.o'neil+x@mail.example.co.uk"),
        ("müller@bücher.example", "email", "müller@bücher.example"),
        ("see https://x.example/?to=eve@example.com", "email", "eve@example.com"),
        ("call +44 20 7946 0958 today", "phone", "+44 20 7946 0958"),
        ("+49-30-901820", "phone", "+49-30-901820"),
        ("tel:+14155552671", "phone", "+14155552671"),
        ("(415) 555-2671", "phone", "(415) 555-2671"),
        ("415.555.2671 x12", "phone", "415.555.2671 x12"),
        ("1-800-555-0199", "phone", "1-800-555-0199"),
        ("my number: 020 7946 0958", "phone", "020 7946 0958"),
        ("please call 7946 0958 after six", "phone", "7946 0958"),
        ("card 4111 1111 1111 1111, 12/27", "credit-card", "4111 1111 1111 1111"),
        ("5555-5555-5555-4444", "credit-card", "5555-5555-5555-4444"),
        ("amex 378282246310005", "credit-card", "378282246310005"),
        ("3782 822463 10005", "credit-card", "3782 822463 10005"),
        ("take 5 4242 4242 4242 4242", "credit-card", "4242 4242 4242 4242"),
        ("IBAN GB29 NWBK 6016 1331 9268 19 please", "iban", "GB29 NWBK 6016 1331 9268 19"),
        ("DE89370400440532013000.", "iban", "DE89370400440532013000"),
        ("de89 3704 0044 0532 0130 00", "iban", "de89 3704 0044 0532 0130 00"),
        ("ssn 219-45-6789", "us-ssn", "219-45-6789"),
        ("social security number is 219456789", "us-ssn", "219456789"),
        ("from 93.184.216.34 today", "ip-address", "93.184.216.34"),
    ],
)
def test_it_sees_and_where(text: str, rule: str, value: str) -> None:
    assert (rule, value) in found(text)
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "@bob said hi to #bob",
        "git clone git@github.com:org/repo.git",
        "icon@2x.png and lodash@4.17.21",
        "https://user:pass@host.example/",
        "order 4155552671 of 2024-01-05 10:11:12",
        "2023-12-31T23:59:59+00:00 to 2019-2020",
        "1704067200 1704067200000 1704067200000000",
        "call 2 000 000 people by 05-10-2024",
        "an increase of +100 000 000 or +1 234 567",
        "pages (2019) 123-129, ISBN 978-3-16-148410-0",
        "score 0.4111111111111111 of 4111111111111112",
        "id a4111111111111111 and 4111111111111111b",
        "12 4111 1111 1111 11",
        "GB29 NWBK 6016 1331 9268 18",
        "ABCDE123456789012345678",
        "000-12-3456 666-12-3456 900-12-3456 219-00-3456 219-45-0000",
        "part 1-219-45-6789-2",
        "version 1.2.3.4, 10.0.0.1, 192.168.100.200, 300.1.1.1, 203.0.113.199",
        "0123456789 and 1111111111 and 0000 0000 0000 0000",
        "24/7 support, 3.14159265358979, 1,000,000.00 EUR, 50-60%",
        "d41d8cd98f00b204e9800998ecf8427e 550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_it_does_not_see(text: str) -> None:
    assert found(text) == []


def test_one_number_is_one_finding_the_one_with_the_stronger_proof() -> None:
    assert found("call 4111 1111 1111 1111") == [("credit-card", "4111 1111 1111 1111")]


@given(st.text("0123456789", min_size=13, max_size=19), st.integers(0, 18), st.integers(1, 9))
def test_luhn_notices_every_single_wrong_digit(digits: str, place: int, step: int) -> None:
    check = next(d for d in "0123456789" if luhn(digits + d))
    number = digits + check
    place %= len(number)
    wrong = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert luhn(number)
    assert not luhn(wrong)


@given(st.sampled_from(sorted(IBAN_LENGTHS)), st.data())
def test_modulo_97_makes_one_pair_of_check_digits_right(country: str, data: st.DataObject) -> None:
    length = IBAN_LENGTHS[country] - 4
    account = data.draw(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=length, max_size=length))
    right = [n for n in range(2, 99) if is_iban(f"{country}{n:02}{account}")]
    assert len(right) == 1
    assert not is_iban(f"{country}{right[0]:02}{account}0")


def test_a_card_needs_a_network_s_prefix_and_length() -> None:
    assert is_card("4111111111111111")
    assert is_card("2221000000000009")
    assert not is_card("2220000000000000")
    assert luhn("0000000000000000")
    assert not is_card("0000000000000000")
    assert not is_card("411111111111111")


def test_the_bounds_of_numbers_that_an_issuer_gives_out() -> None:
    assert is_ssn("001010001")
    assert is_ssn("899999999")
    assert not is_ssn("900010001")
    assert is_public_ipv4("100.63.255.255")
    assert not is_public_ipv4("100.64.0.0")
    assert is_public_ipv4("172.32.0.1")
    assert not is_public_ipv4("172.31.255.255")
    assert not is_public_ipv4("1.2.3.256")
    assert not is_public_ipv4("01.2.3.4")
    assert not is_public_ipv4("224.0.0.1")
