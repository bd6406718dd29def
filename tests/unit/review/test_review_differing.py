from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from twokey.review.differing import MOST_CELLS, by_word

TEXTS = st.lists(st.sampled_from(["a", "b", "c ", " ", "\n", "日本", "é", "...", "a_1"]), max_size=12).map("".join)


@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_read_off_the_stretches_but_for_spaces_between_changes(before: str, after: str) -> None:
    found = by_word(before, after)
    assert found is not None
    assert "".join(text for kind, text in found if kind != "new") == before
    assert "".join(text for kind, text in found if kind != "gone") == after
    assert all(text for _, text in found)
    kinds = [kind for kind, _ in found]
    assert all(one != other for one, other in pairwise(kinds))
    assert (kinds == ["same"]) == (before == after != "")


def test_whole_words_are_compared_and_a_space_between_two_changes_belongs_to_them() -> None:
    assert by_word("It takes 14 days to refund.", "It takes 15 days for the refund.") == (
        ("same", "It takes "),
        ("gone", "14"),
        ("new", "15"),
        ("same", " days "),
        ("gone", "to"),
        ("new", "for the"),
        ("same", " refund."),
    )
    assert by_word("one two", "three four") == (("gone", "one two"), ("new", "three four"))
    assert by_word("東京都", "東大都") == (("same", "東"), ("gone", "京"), ("new", "大"), ("same", "都"))


def test_long_texts_are_compared_by_line_and_longer_ones_not_at_all() -> None:
    words = [" ".join(f"{letter}{n}" for n in range(600)) for letter in "ab"]
    assert len(words[0].split()) ** 2 > MOST_CELLS
    by_line = by_word(f"same\n{words[0]}\n", f"same\n{words[1]}\n")
    assert by_line == (("same", "same\n"), ("gone", f"{words[0]}\n"), ("new", f"{words[1]}\n"))
    lines = ["\n".join(f"{letter}{n}" for n in range(600)) for letter in "ab"]
    assert by_word(lines[0], lines[1]) is None
