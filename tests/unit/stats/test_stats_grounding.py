import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.gates.quality_options import UNSUPPORTED_ABOVE as WRITTEN_IN_POLICY
from twokey.stats.grounding import SCALE, UNSUPPORTED_ABOVE, Grounding, check

CONTEXT = "The Blue Card was issued on 12 March 2021 in Lisbon. The annual fee is 45 euros."


def new(text: str, *sources: str) -> dict[str, str]:
    """Return what of a text is unsupported, with its kind."""
    return {text[span.start : span.end]: span.kind for span in check(text, sources or (CONTEXT,)).spans}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("card issued Lisbon", 0),
        ("CARDS ISSUING LISBON", 0),
        ("card issued Porto", 1 / 3),
        ("Porto Porto Porto, card", 1 / 2),
        ("Porto has wonderful beaches", 7 / 7),
        ("my card", 1 / 3),
    ],
)
def test_distinct_words_are_counted_once_and_function_words_by_half(text: str, share: float) -> None:
    assert check(text, [CONTEXT]).share == round(share * SCALE)


@pytest.mark.parametrize("text", ["Yes, it is what you should have.", "", "!?", "  \n\n "])
def test_a_text_without_content_words_has_no_share_and_is_not_flagged(text: str) -> None:
    found = check(text, [CONTEXT])
    assert found.share is None
    assert not found.flagged


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the annual fee is 54 euros", {"54": "number"}),
        ("the annual fee of the Visa Card is 45 euros", {"Visa": "name"}),
        ("it was issued on 13 March 2021", {"13 March 2021": "date"}),
        ("it was issued in Lisbon, see https://cards.example/fees.", {"https://cards.example/fees": "url"}),
        ('it says "the fee was issued" in Lisbon', {'"the fee was issued"': "quotation"}),
    ],
)
def test_what_is_stated_exactly_and_is_new_flags_the_answer_by_itself(text: str, expected: dict[str, str]) -> None:
    assert {part: kind for part, kind in new(text).items() if kind != "word"} == expected
    assert check(text, [CONTEXT]).flagged


@pytest.mark.parametrize(
    "text",
    [
        "The annual fee is 45 euros.",
        "The annual fee is 45.00 euros (45%).",
        "The Blue Card was issued on 2021-03-12.",
        "The Blue Card was issued on March 12, 2021, in Lisbon.",
        "It was issued in March 2021.",
        'The card was issued "in Lisbon. The annual fee".',
        "1. The card was issued.\n2. The fee is annual.",
    ],
)
def test_what_the_context_says_in_another_form_is_supported(text: str) -> None:
    found = check(text, [CONTEXT])
    assert not found.flagged
    assert {span.kind for span in found.spans} <= {"word"}


def test_the_question_supports_as_well_as_the_context() -> None:
    assert check("Tariff refund rules", [CONTEXT]).flagged
    assert not check("Tariff refund rules", [CONTEXT, "What are the tariff refund rules?"]).flagged


def test_the_threshold_itself_is_not_above() -> None:
    assert not check("lisbon porto", [CONTEXT], 0.5).flagged
    assert check("lisbon porto", [CONTEXT], 0.49).flagged


def test_one_new_sentence_flags_a_long_answer_and_is_named() -> None:
    text = f"{CONTEXT} Penguins enjoy swimming near icebergs. {CONTEXT}"
    found = check(text, [CONTEXT])
    assert found.flagged
    assert found.share is not None
    assert found.share < UNSUPPORTED_ABOVE * SCALE
    assert [text[one.start : one.end] for one in found.sentences if one.flagged] == [
        "Penguins enjoy swimming near icebergs."
    ]


def test_a_short_courtesy_does_not_flag_an_answer() -> None:
    assert not check(f"{CONTEXT} Hope that helps! Anything else?", [CONTEXT]).flagged


def test_what_it_cannot_see_is_written_down_here() -> None:
    assert not check("The Blue Card was not issued in Lisbon", [CONTEXT]).flagged
    assert not check("The Blue Card is 45 euros, the annual fee was issued in Lisbon", [CONTEXT]).flagged
    assert check("Each year holders pay a charge", [CONTEXT]).flagged, "a paraphrase is flagged"


def test_words_of_other_scripts_are_words() -> None:
    assert check("Größe москва", ["größe"]).share == SCALE // 2
    assert check("“Lisbon” - fee…", [CONTEXT]).share == 0


def test_places_are_those_of_the_text_itself_where_small_letters_are_longer() -> None:
    text = "İİİ İstanbul costs 77 euros"
    assert new(text, "İİİ İstanbul costs euros") == {"77": "number"}


def test_a_name_at_the_beginning_of_a_sentence_is_only_a_word() -> None:
    assert new("Porto. Beaches.") == {"Porto": "word", "Beaches": "word"}
    assert new("PORTO BEACHES ARE WIDE") == {"PORTO": "word", "BEACHES": "word", "WIDE": "word"}


def test_abbreviations_end_no_sentence() -> None:
    found = check("Dr. Smith of the U.S. team, e.g. with 3.5 points vs. 4. Then it ended.", [CONTEXT])
    assert len(found.sentences) == 2


def test_policy_and_comparison_have_the_same_default() -> None:
    assert WRITTEN_IN_POLICY == UNSUPPORTED_ABOVE


WORDS = st.lists(
    st.sampled_from(
        ["card", "Lisbon", "Porto", "fee", "45", "77", "the", "my", "penguins.", "swim!", "12 March 2021", "May 5",
         '"a card was sent"', "www.x.example/a", "\n", "...", "e.g.", "“in Porto then”", "İ", "\u200b", "1,000", "Dr."]
    ),
    max_size=40,
).map(" ".join)  # fmt: skip


def sound(text: str, found: Grounding) -> None:
    """Hold what is true of every comparison."""
    if found.flagged:
        assert any(one.flagged and one.unsupported for one in found.sentences)
    reach = 0
    for sentence in found.sentences:
        assert reach <= sentence.start < sentence.end <= len(text)
        reach = sentence.start
        for span in sentence.unsupported:
            assert reach <= span.start < span.end <= len(text)
            reach = span.end


@given(text=WORDS | st.text(), source=WORDS | st.text())
def test_every_flagged_answer_has_a_flagged_sentence_with_places_in_order(text: str, source: str) -> None:
    sound(text, check(text, [source]))


@given(text=WORDS | st.text(), extra=st.text())
def test_a_text_supports_itself(text: str, extra: str) -> None:
    found = check(text, [extra, text])
    assert not found.flagged
    assert not list(found.spans)
