"""What single answers score: by hand, at the edges, and as the libraries of the field have it."""

import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, ndcg_score

from twokey.record import Record
from twokey.scorers import SCORERS
from twokey.scorers.base import SCALE, Asked, share
from twokey.scorers.numeric_match import number_in
from twokey.scorers.options import NumericOptions, RankingOptions, Scoring

ASKED = Asked(read=lambda path: path.encode())
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def scored(name: str, label: Any, expected: Any = None, options: Any = None, **fields: Any) -> float | None:
    scorer = SCORERS[name].build(options or getattr(Scoring(), name, None), ASKED)
    record = Record(id="r", label=label, output=label, expected=expected, **fields)
    (found,) = scorer.score([record])
    return None if found is None else found / SCALE


@pytest.mark.parametrize(
    ("name", "label", "expected", "score"),
    [
        ("accuracy", 1, "1", 1),
        ("accuracy", None, "a", 0),
        ("accuracy", "a", None, None),
        ("exact_match", 1, "1", 0),
        ("exact_match", 1.0, 1, 1),
        ("exact_match", True, 1, 0),
        ("exact_match", {"b": 1, "a": [2]}, {"a": [2], "b": 1}, 1),
        ("exact_match", "Paris.", "Paris", 0),
        ("normalised_match", "The  Paris!", "paris", 1),
        ("normalised_match", "Lyon", ["Paris", "lyon"], 1),
        ("normalised_match", "Lyon, not Paris", "Paris", 0),
        ("normalised_match", None, "Paris", 0),
        ("normalised_match", "x", [], None),
        ("normalised_match", None, "A", 0),
        ("normalised_match", "(a)", "A", 1),
        ("normalised_match", "\u2717", "\u2713", 0),
        ("normalised_match", False, True, 0),
        ("normalised_match", "True", True, 1),
        ("normalised_match", {"total": 9}, {"total": 5}, None),
        ("normalised_match", "", "", 1),
        ("numeric_match", "The answer is 1,234.5 euros", 1234.5, 1),
        ("numeric_match", "between 3 and 4", 4, 1),
        ("numeric_match", "no number", 4, 0),
        ("numeric_match", "1e400", 4, 0),
        ("numeric_match", True, 1, 0),
        ("numeric_match", 4, "four", None),
        ("numeric_match", "2.9kg", 2, 0),
        ("numeric_match", "1,999kg", "1,234kg", None),
        ("numeric_match", 10**400, 4, 0),
        ("numeric_match", 4, 10**400, None),
        ("token_f1", "the cat sat", "cat sat down", 0.8),
        ("token_f1", "", "cat", 0),
        ("token_f1", "cat cat", "cat", 2 / 3),
        ("token_f1", None, "A", 0),
        ("token_f1", False, True, 0),
        ("label_f1", ["a", "b", "b"], ["b", "c"], 0.5),
        ("label_f1", [], [], 1),
        ("label_f1", "a", ["a"], 0),
        ("label_f1", None, [], 0),
        ("label_f1", "a", [], 0),
        ("label_f1", ["a"], "a", None),
        ("reciprocal_rank", ["x", "a"], "a", 0.5),
        ("reciprocal_rank", ["x", "y"], ["a"], 0),
        ("reciprocal_rank", "a", "a", 0),
        ("ndcg", ["a", "b"], ["a", "b"], 1),
        ("ndcg", ["x", "a"], ["a"], 1 / math.log2(3)),
        ("ndcg", ["a", "a"], ["a", "b"], 1 / (1 + 1 / math.log2(3))),
        ("ndcg", ["b", "a"], {"a": 3, "b": 1, "c": 0}, (1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3))),
        ("ndcg", ["a"], {"a": -1}, None),
        ("ndcg", ["b"], {"a": 10**400, "b": 1}, 1),
        ("ndcg", ["b", "a"], {"a": 1e308, "b": 1e308}, None),
        ("ndcg", ["x" * 200], {"x" * 200: 2}, 1),
        ("field_f1", {"a": "X", "b": 2}, {"a": "x", "c": 1}, 0.5),
        ("field_f1", '{"a": "x"}', {"a": "X", "b": None}, 1),
        ("field_f1", "not JSON", {"a": 1}, 0),
        ("field_f1", "not JSON", {}, 0),
        ("field_f1", {}, {}, 1),
        ("json_accuracy", {"a": 1, "b": "y", "c": 0}, {"a": 1, "b": "x"}, 0.5),
        ("json_accuracy", {"a": "1"}, {"a": 1}, 0),
        ("json_accuracy", '{"a": {"b": [1, 2]}}', {"a": {"b": [1, 3]}}, 0.5),
        ("json_accuracy", {}, {}, None),
        ("rouge_l", "the cat sat", "the cat sat on the mat", 2 / 3),
        ("rouge_l", "", "cat", 0),
        ("chrf", "the cat", "the cat", 1),
        ("refusal_rate", "I'm sorry, but I can\u2019t help with that.", None, 1),
        ("refusal_rate", "I cannot assist you with this.", None, 1),
        ("refusal_rate", "Sorry for the delay! Your card is on its way.", None, 0),
        ("refusal_rate", "You can't provide a card twice.", None, 0),
        ("refusal_rate", {"score": 1}, None, None),
    ],
)
def test_scores_by_hand(name: str, label: Any, expected: Any, score: float | None) -> None:
    found = scored(name, label, expected)
    assert found == (None if score is None else pytest.approx(score, abs=1 / SCALE))


def test_a_number_may_come_close_where_policy_says_how_close() -> None:
    near = NumericOptions(relative=0.01, absolute=0.5)
    assert [scored("numeric_match", given, 100, near) for given in (101, 101.1, 99, 98.9)] == [1, 0, 1, 0]
    assert scored("numeric_match", 0.4, 0, near) == 1


def test_only_the_first_places_of_a_ranking_count() -> None:
    first = RankingOptions(at=1)
    assert scored("reciprocal_rank", ["x", "a"], "a", first) == 0
    assert scored("ndcg", ["x", "a"], ["a"], first) == 0
    assert scored("ndcg", ["a", "x"], ["a", "b"], first) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [("-3", -3), ("a-3", 3), ("v1.2.3", None), ("3.", 3), ("$1,000", 1000), ("1,00", 0), ("", None), ("2.5kg", None)],
)
def test_numbers_in_texts(text: str, number: float | None) -> None:
    assert number_in(text) == number


def test_brier_is_the_squared_distance() -> None:
    assert scored("brier_score", "a", "a", confidence=0.9) == pytest.approx(0.01)
    assert scored("brier_score", "b", "a", confidence=0.9) == pytest.approx(0.81)
    assert scored("brier_score", "b", "a") is None


def test_confident_errors_are_wrong_and_sure() -> None:
    assert [scored("confident_errors", "b", "a", confidence=sure) for sure in (0.59, 0.6, None)] == [0, 1, None]
    assert scored("confident_errors", "a", "a", confidence=0.99) == 0


@given(st.lists(st.tuples(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd"))), min_size=1, max_size=5))
def test_label_f1_is_scikit_learn_s_by_samples(rows: list[tuple[set[str], set[str]]]) -> None:
    for wanted, given_ in rows:
        ours = scored("label_f1", sorted(given_), sorted(wanted))
        y_true, y_pred = ([[int(label in found) for label in "abcd"]] for found in (wanted, given_))
        assert ours == pytest.approx(f1_score(y_true, y_pred, average="samples", zero_division=1.0), abs=1 / SCALE)


@given(st.permutations("abcde"), st.dictionaries(st.sampled_from("abcde"), st.integers(1, 4), min_size=1))
def test_ndcg_is_scikit_learn_s(order: list[str], grades: dict[str, int]) -> None:
    relevance = [[grades.get(label, 0) for label in "abcde"]]
    scores = [[-order.index(label) for label in "abcde"]]
    assert scored("ndcg", order, grades) == pytest.approx(ndcg_score(relevance, scores), abs=1 / SCALE)


@given(label=JSON, expected=JSON, output=JSON, sure=st.none() | st.floats(0, 1))
def test_whatever_a_record_holds_a_score_is_from_0_to_1_or_none(
    label: Any, expected: Any, output: Any, sure: float | None
) -> None:
    record = Record(id="r", label=label, expected=expected, output=output, confidence=sure)
    for name, kind in SCORERS.items():
        if name not in ("rouge_l", "chrf"):  # they load large libraries, and see the same texts as token_f1
            scorer = kind.build(getattr(Scoring(), name, None), ASKED)
            (found,) = scorer.score([record])
            assert found is None or (isinstance(found, int) and 0 <= found <= SCALE)
            assert not kind.binary or found in (None, 0, SCALE)


@pytest.mark.parametrize("name", SCORERS)
def test_a_scorer_travels_and_survives_no_records(name: str) -> None:
    scorer = SCORERS[name].build(getattr(Scoring(), name, None), ASKED)
    assert pickle.loads(pickle.dumps(scorer)).score([]) == []  # noqa: S301 our own bytes
    assert all((scorer.missing, SCORERS[name].explained().what, SCORERS[name].explained().how))


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_a_share_is_from_0_to_1(value: float) -> None:
    with pytest.raises(ValueError, match="a score is from 0 to 1"):
        share(value)
