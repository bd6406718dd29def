import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.grounding import new_number, new_word_share, unsupported

CONTEXT = "The Blue Card was issued on 12 March 2021 in Lisbon. The annual fee is 45 euros."


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("The card was issued in Lisbon.", 0),
        ("The CARD was issued in LISBON", 0),
        ("The card was issued in Porto.", 1 / 3),
        ("Porto has wonderful beaches", 1),
    ],
)
def test_new_content_words_are_counted_once_each(text: str, share: float) -> None:
    assert new_word_share(text, [CONTEXT]) == pytest.approx(share)


def test_function_words_carry_nothing() -> None:
    assert new_word_share("Yes, it is what you should have.", [CONTEXT]) is None
    assert unsupported("", [CONTEXT]) is None
    assert unsupported("!?", [CONTEXT]) is None


def test_a_new_number_is_flagged_and_a_known_one_is_not() -> None:
    assert new_number("the fee is 54 euros", [CONTEXT])
    assert not new_number("the fee is 45 euros, since 2021, in 3 parts", [CONTEXT])
    assert unsupported("The annual fee is 54 euros", [CONTEXT])
    assert unsupported("The annual fee is 45 euros", [CONTEXT]) is False


def test_the_question_supports_as_well_as_the_context() -> None:
    assert unsupported("Tariff refund rules", [CONTEXT]) is True
    assert unsupported("Tariff refund rules", [CONTEXT, "What are the tariff refund rules?"]) is False


def test_the_threshold_itself_is_not_above() -> None:
    assert unsupported("Lisbon Porto", [CONTEXT], 0.5) is False
    assert unsupported("Lisbon Porto", [CONTEXT], 0.49) is True


def test_what_it_cannot_see_is_written_down_here() -> None:
    assert unsupported("The Blue Card was not issued in Lisbon", [CONTEXT]) is False


def test_words_of_other_scripts_are_words() -> None:
    assert new_word_share("Größe Москва", ["größe"]) == pytest.approx(1 / 2)
    assert new_word_share("“Lisbon” — fee…", [CONTEXT]) == 0


@given(text=st.text(), extra=st.text())
def test_a_text_supports_itself(text: str, extra: str) -> None:
    assert unsupported(text, [extra, text]) in (None, False)
