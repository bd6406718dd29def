import pickle
from itertools import pairwise

import pytest

from twokey.gates import drift_tally
from twokey.gates.drift_tally import MAX_LABELS, MAX_VALUES, Seen, add, count, length_bin, length_from
from twokey.gates.drift_unseen import unseen_words
from twokey.record import Record


def inputs(*texts: object) -> Seen:
    return count([Record(id=str(place), input=text) for place, text in enumerate(texts)], ())


@pytest.mark.parametrize("length", [0, 1, 2, 3, 9, 10, 1000, 10**6, 10**9])
def test_a_length_lies_in_the_bin_that_starts_at_or_below_it(length: int) -> None:
    place = length_bin(length)
    assert length_from(place) <= length < length_from(place + 1) or length_from(place) == length
    assert length_bin(length_from(place)) >= place


def test_bins_of_length_are_an_eighth_of_a_doubling() -> None:
    starts = [length_from(place) for place in range(length_bin(1000), length_bin(2000) + 1)]
    assert len(starts) == 9
    assert all(1.08 < high / low < 1.10 for low, high in pairwise(starts))


def test_letters_of_other_scripts_are_counted_in_tenths() -> None:
    found = inputs("plain", "caf\u00e9", "\u043a\u043e\u0442", "\u2026", "ab\u0436\u0436")
    assert found.input_script == {0: 2, 3: 1, 10: 1, 5: 1}


def test_a_word_counts_once_for_each_input_and_without_case_or_marks() -> None:
    found = inputs("Card, card; CARD!", "my card?", "")
    assert sorted(found.words.rows.values()) == [1, 2]
    assert (found.word_total, found.worded) == (3, 2)


def test_structured_fields_count_as_what_they_hold() -> None:
    found = count([Record(id="a", input={"text": "my card"}, output={"label": "x"})], ())
    assert found.worded == 1
    assert found.output_length == {length_bin(len('{"label":"x"}')): 1}


def test_confidences_lie_in_thousandths_and_impossible_ones_are_left_out() -> None:
    records = [
        Record(id=str(place), confidence=sure) for place, sure in enumerate((0, 0.0004, 0.5, 1, 1.5, -0.1, None))
    ]
    assert count(records, ()).confidence == {0: 2, 500: 1, 1000: 1}


def test_labels_are_compared_as_accuracy_compares_them() -> None:
    records = [Record(id=str(place), label=label) for place, label in enumerate((1, 1.0, "1", True, None, "", ["a"]))]
    found = count(records, ())
    assert found.labels == {"1": 3, "true": 1, '["a"]': 1}
    assert found.missing["label"] == 2


def test_too_many_values_are_no_categories_whatever_the_order() -> None:
    def labelled(*numbers: int) -> Seen:
        records = [Record(id=str(number), label=f"l{number}", groups={"team": f"t{number}"}) for number in numbers]
        return count(records, ("team",))

    assert labelled(*range(MAX_VALUES)).groups["team"] is not None
    assert labelled(*range(MAX_VALUES + 1)).groups["team"] is None
    left, right, third = labelled(*range(600)), labelled(*range(600, MAX_LABELS + 1)), labelled(1)
    assert add(left, right).labels is None
    assert add(third, add(left, right)) == add(add(right, third), left)


def test_memory_stays_flat_and_new_words_are_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift_tally, "MAX_WORDS", 500)
    before = inputs(*[f"common words and w{number}" for number in range(3000)])
    now = inputs(*[f"common words and w{number}" for number in range(1500, 4500)])
    assert len(before.words.rows) <= 500
    assert len(pickle.dumps(before)) < 20_000
    found = unseen_words(now, before, 0.05)
    assert found is not None
    assert found.expected == pytest.approx(0.25, rel=0.2)
    assert found.share == pytest.approx(0.125, rel=0.3)


def test_an_errored_record_is_in_no_count() -> None:
    found = count([Record(id="a", input="x", error="503"), Record(id="b", input="x")], ())
    assert (found.total, found.errored, found.answered) == (2, 1, 1)
    assert sum(found.input_length.values()) == 1
