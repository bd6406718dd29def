import pytest

from twokey.detectors import build_scanner, names
from twokey.errors import TwokeyError


@pytest.mark.skipif(names.is_installed(), reason="Presidio and its model are installed")
def test_without_presidio_or_its_model_policy_cannot_ask_for_names_and_is_told_what_to_install() -> None:
    with pytest.raises(TwokeyError) as raised:
        build_scanner({"names": None}, lambda path: path.encode())
    assert raised.value.problems[0].hint in ("pip install 'twokey[names]'", "python -m spacy download en_core_web_lg")


@pytest.mark.skipif(not names.is_installed(), reason="Presidio or its model is not installed")
def test_names_are_seen_where_presidio_and_its_model_are_installed() -> None:
    text = "Jane Roe called from Berlin."
    seen = build_scanner({"names": None}, lambda path: path.encode()).scan(text)
    assert ("names.person-name", "Jane Roe") in [(one.tag, text[one.start : one.end]) for one in seen]
    assert "presidio-analyzer" in names.versions()
