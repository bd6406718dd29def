from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from twokey.canonical import dump_line, loads
from twokey.detectors import default_scanner
from twokey.review.items import MAX_TEXT, as_json, redacted, shortened

SCANNER = default_scanner()


def nested(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, True, None, "text"]},
        float("nan"),
        {"big": 10**400, "small": -(10**29)},
        datetime(2026, 1, 31, tzinfo=UTC),
        {"price": Decimal("1.10")},
        b"bytes",
        nested(500),
        {"lone": "half \ud83d of a pair"},
    ],
)
def test_whatever_a_record_holds_becomes_json_that_a_strict_reader_takes(value: Any) -> None:
    shown = redacted(value, SCANNER)
    assert loads(dump_line(shown), file="items.jsonl") == shown


def test_plain_values_stay_as_they_are() -> None:
    value = {"a": [1, 2.5, True, None, "text"], "b": {}}
    assert redacted(value, SCANNER) == value
    assert as_json(value) == value


def test_a_long_text_is_cut_and_says_so() -> None:
    shown = shortened("x" * (MAX_TEXT + 5))
    assert shown == "x" * MAX_TEXT + "\n[5 more characters: not shown]"


def test_a_long_structure_stays_one_if_its_texts_are_to_blame() -> None:
    shown = shortened({"label": "refund", "text": "y" * 50_000})
    assert shown["label"] == "refund"
    assert shown["text"].endswith("[48,000 more characters: not shown]")


def test_a_structure_of_too_many_parts_becomes_the_beginning_of_its_json() -> None:
    shown = shortened(list(range(100_000)))
    assert shown.startswith("[0,1,2,")
    assert shown.endswith("more characters: not shown]")
    assert len(shown) < MAX_TEXT + 100


def test_no_half_of_a_secret_stays_at_the_cut() -> None:
    address = "jane.doe@example.org"
    text = "x " * ((MAX_TEXT - 10) // 2) + address
    assert "jane" not in redacted(text, SCANNER)


def test_what_stands_in_a_key_is_hidden_too() -> None:
    assert "jane.doe" not in str(redacted({"jane.doe@example.org": 1}, SCANNER))
