"""The sweep looks at ids before anything shows them, in whatever engine, and takes ordinary ones for what they are."""

import hashlib
import uuid

import pytest

from twokey.detectors import default_scanner
from twokey.errors import TwokeyError
from twokey.task import Names

KEY = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"


def refused(*ids: str) -> TwokeyError:
    with pytest.raises(TwokeyError) as caught:
        Names.of(default_scanner()).refuse(list(ids), "outputs.jsonl")
    return caught.value


@pytest.mark.parametrize("ident", ["jo@example.com", "ticket jo@example.com 7"])
def test_an_id_that_holds_an_address_is_refused_and_never_told(ident: str) -> None:
    error = refused("case-1", ident, "case-2")
    assert str(error) == (
        "outputs.jsonl: an id holds what looks like pii.email; ids are shown in every report "
        "(map another field as id, or hash it)"
    )
    assert error.status == 4
    assert error.__cause__ is None


def test_an_id_that_holds_a_key_is_refused_and_never_told() -> None:
    error = refused("case-1", KEY)
    assert "an id holds what looks like secrets." in str(error)
    assert KEY not in str(error)
    assert "secrets." in str(refused("name@", KEY))


def test_ordinary_ids_are_no_harm() -> None:
    numbers = range(500)
    ids = [
        *(f"case-{n}" for n in numbers),
        *(str(uuid.UUID(int=n * 0x1234567890ABCDEF1234567)) for n in numbers),
        *(hashlib.sha256(str(n).encode()).hexdigest() for n in numbers),
        *(str(4_111_111_111_111_111 + n) for n in numbers),
        "user@v2",
        "fuck",
        "",
        "\ud800",
        "password:",
        "x" * 40,
    ]
    Names.of(default_scanner()).refuse(ids, "outputs.jsonl")


def test_what_only_shows_across_ids_is_in_none_of_them() -> None:
    Names.of(default_scanner()).refuse(["jo@", "example.com", "password:", "hunter2hunter2"], "outputs.jsonl")
