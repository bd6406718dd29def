"""Phones, addresses, papers, money and places: what is seen, and what looks like it."""

import hashlib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.detectors.pii import PiiDetector, crypto
from twokey.detectors.pii.network import is_public_ipv6
from twokey.detectors.scan import Scanner

SCANNER = Scanner((PiiDetector(),))


def found(text: str) -> list[tuple[str, str]]:
    return [(seen.rule, text[seen.start : seen.end]) for seen in SCANNER.scan(text)]


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("0049 30 901820 is the desk", "phone", "0049 30 901820"),
        ("011 44 20 7946 0958 from abroad", "phone", "011 44 20 7946 0958"),
        ("001-748-088-2851x818", "phone", "001-748-088-2851x818"),
        ("+1-054-353-1726x16954", "phone", "+1-054-353-1726x16954"),
        ("151.081.7740 ext. 2347", "phone", "151.081.7740 ext. 2347"),
        ("you can call 73 448 266", "phone", "73 448 266"),
        ("reach me at 9747 6578.", "phone", "9747 6578"),
        ("my number is 785 8949", "phone", "785 8949"),
        ("22 498317 office", "phone", "22 498317"),
        ("Mobile: 9812045673", "phone", "9812045673"),
        ("2546712361 (mobile)", "phone", "2546712361"),
        ("Tél. 01 42 68 53 00", "phone", "01 42 68 53 00"),
        ("电话 010 6552 9988", "phone", "010 6552 9988"),
        ("bob [at] mail [dot] example", "email", "bob [at] mail [dot] example"),
        ("https://bob:hunter2@host.example/", "url-credentials", "bob:hunter2"),
        ("from 2a00:1450:4001:81b::200e", "ipv6-address", "2a00:1450:4001:81b::200e"),
        ("from 2a00:1450:4001:81b:0:0:0:200e.", "ipv6-address", "2a00:1450:4001:81b:0:0:0:200e"),
        ("mac 00:1B:44:11:3A:B7", "mac-address", "00:1B:44:11:3A:B7"),
        ("mac 00-1b-44-11-3a-b7", "mac-address", "00-1b-44-11-3a-b7"),
        ("mac 001b.4411.3ab7", "mac-address", "001b.4411.3ab7"),
        ("pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "crypto-address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (
            "to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "crypto-address",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "crypto-address", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        (
            "ETH wallet 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "crypto-address",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        ),
        ("routing number 021000021", "us-routing", "021000021"),
        ("account number: 000123456789", "bank-account", "000123456789"),
        ("her passport is X1234567", "passport", "X1234567"),
        ("driver's license D123-4567-8901", "driving-licence", "D123-4567-8901"),
        ("born on 12 March 1984 in Bern", "date-of-birth", "12 March 1984"),
        ("DOB: 1984-03-12", "date-of-birth", "1984-03-12"),
        ("dateOfBirth\n03/12/84", "date-of-birth", "03/12/84"),
        ("location 52.52001, 13.40495", "coordinates", "52.52001, 13.40495"),
        ("40\u00b0 26' 46\" N 79\u00b0 58' 56\" W", "coordinates", "40\u00b0 26' 46\" N 79\u00b0 58' 56\" W"),
        ("at 1600 Elm Street, Springfield, IL 62704.", "street-address", "1600 Elm Street, Springfield, IL 62704"),
        ("10 Downing Street, London SW1A 2AA", "street-address", "10 Downing Street, London SW1A 2AA"),
    ],
)
def test_it_sees_one_thing_and_where(text: str, rule: str, value: str) -> None:
    assert found(text) == [(rule, value)]


@pytest.mark.parametrize(
    "text",
    [
        "call 2 000 000 people in 2019 and 73 448 266 customers",
        "the label lost_phone\n0.970238\ncard_phone\n0.55",
        "1 250 000 mobile users, 24 office hours, 2024 office",
        "fax 12-10-24 and 2023-2024 home",
        "look at me dot com, we met at noon dot",
        "postgres://user:password@host and https://${USER}:${PASS}@host.example",
        "std::end, dead::beef, a::b, ::1, 12:30:45, fe80::1:2:3, 2001:db8::1:2, fd00:1:2:3:4:5:6:7",
        "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "01-02-03-04-05-06 and ff:ff:ff:ff:ff:ff",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb and bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "commit 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "routing number 021000022",
        "the order number is 000123456789",
        "a passport costs 120.50 and takes 30 days, form DS-11",
        "your driver's license expires in 2027",
        "born in 1984, released on 12 March 1984 elsewhere and much later indeed than that: 12 March 1999",
        "date of birth 1984-13-45",
        "weights 0.52001, 0.40495 and 52.52001, 13.40495",
        "in 2019 Street food costs 5",
        "room 12 on Elm Street",
    ],
)
def test_it_does_not_see(text: str) -> None:
    assert found(text) == []


CLEAN = [
    "What is the exchange rate today?",
    "I lost my card, please freeze my account and send a new one to my home.",
    "Can I call you tomorrow about my passport, or text you at work?",
    "My driver's license and my routing form are at the office since my birthday.",
    '{"label": "lost_or_stolen_phone", "score": 0.9702381234567, "at": "2026-01-05T10:11:12.1234Z", "n": 170406720000}',
    "Version 1.22.333.4444, build 20260105.3, commit d41d8cd98f00b204e9800998ecf8427e.",
    "See pages 123-129 of volume 12 (2019), ISBN 978-3-16-148410-0, doi 10.1000/182.",
    "It costs 1.234.567,89 EUR, 1,234,567.89 USD or 1 234 567 SEK, and 100 000 000 in all.",
    "Send 50 to 100 parcels on 05/10/2024 between 10:30 and 11:45, order 4155552671, ticket 00012345.",
    "The embedding begins 0.123456, -0.654321, 0.111111 and ends 12.345678.",
]


@pytest.mark.parametrize("text", CLEAN)
def test_no_clean_sentence_is_flagged(text: str) -> None:
    assert found(text) == []


@given(st.binary(min_size=20, max_size=20), st.sampled_from([0x00, 0x05, 0x30, 0x32, 0x1E, 0x4C, 0x41]))
def test_base58check_takes_what_is_encoded_and_no_other_checksum(payload: bytes, version: int) -> None:
    body = bytes([version]) + payload
    seal = hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    assert crypto.is_base58check(_base58(body + seal))
    assert not crypto.is_base58check(_base58(body + bytes([seal[0] ^ 1]) + seal[1:]))


def _base58(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = crypto._BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def test_keccak_is_the_one_before_the_standard() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert crypto.keccak_256(b"").hex() == empty
    assert crypto.keccak_256(b"").hex() != hashlib.sha3_256(b"").hexdigest()
    assert len(crypto.keccak_256(bytes(300))) == 32


@given(st.text("0123456789abcdef:", max_size=45))
def test_whatever_is_taken_for_ipv6_is_one(text: str) -> None:
    import ipaddress

    if is_public_ipv6(text):
        assert not ipaddress.IPv6Address(text).is_private


def test_the_detector_says_what_it_does_not_look_for() -> None:
    assert any("organisations" in sentence for sentence in PiiDetector().blind)
    assert all(sentence.endswith(".") for sentence in PiiDetector().blind)


def test_it_travels_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(PiiDetector())) == PiiDetector()  # noqa: S301 our own bytes


@pytest.mark.parametrize("count", [50_000])
def test_a_long_hostile_text_ends(count: int) -> None:
    for piece in ("1", "1 ", "call ", "a@", "1:", "0x", "+", "(1) ", "lat 1.11111 ", "12 Elm "):
        SCANNER.scan(piece * (count // len(piece)))
