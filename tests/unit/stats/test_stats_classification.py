import importlib
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.stats.classification import Classification, LabelCounts
from twokey.stats.intervals import clopper_pearson

sklearn_metrics: Any = importlib.import_module("sklearn.metrics")

LABELS = st.sampled_from(["a", "b", "c", "d"])
ANSWERS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=60)
MEASURES = ("precision", "recall", "f1")


def theirs(answers: list[tuple[str, str]], average: str | None) -> Any:
    expected, given_ = zip(*answers, strict=True)
    return sklearn_metrics.precision_recall_fscore_support(expected, given_, average=average, zero_division=0.0)


@given(answers=ANSWERS)
def test_ratios_agree_with_scikit_learn(answers: list[tuple[str, str]]) -> None:
    ours = Classification.of(Counter(answers))
    for position, measure in enumerate(MEASURES):
        per_label = [getattr(counts, measure) for counts in ours.labels.values()]
        assert per_label == pytest.approx(list(theirs(answers, None)[position]))
        assert ours.macro(measure)[0] == pytest.approx(theirs(answers, "macro")[position])
        assert getattr(ours.micro(), measure) == pytest.approx(theirs(answers, "micro")[position])


@given(answers=ANSWERS, measure=st.sampled_from(MEASURES))
def test_intervals_hold_their_estimates_and_widen_with_confidence(answers: list[tuple[str, str]], measure: str) -> None:
    ours = Classification.of(Counter(answers))
    value, (low, high) = ours.macro(measure)
    _, (lower, higher) = ours.macro(measure, 0.975)
    assert -1e-12 <= lower <= low <= value + 1e-12
    assert value - 1e-12 <= high <= higher <= 1 + 1e-12
    for counts in ours.labels.values():
        low, high = counts.f1_interval()
        assert low <= counts.f1 <= high


@given(answers=ANSWERS, seed=st.integers(0, 10))
def test_the_order_of_answers_cannot_show(answers: list[tuple[str, str]], seed: int) -> None:
    shuffled = random.Random(seed).sample(answers, len(answers))
    one, two = Classification.of(Counter(answers)), Classification.of(Counter(shuffled))
    for measure in MEASURES:
        assert one.macro(measure) == two.macro(measure)


def test_a_perfect_score_is_not_certain() -> None:
    for measure in MEASURES:
        value, (low, high) = Classification.of({("a", "a"): 20, ("b", "b"): 20}).macro(measure)
        assert value == high == 1
        assert low == pytest.approx(clopper_pearson(40, 40).low)
    _, (low, _) = Classification.of({("a", "a"): 1}).macro("f1")
    assert low < 0.05


def test_a_rare_label_widens_a_macro_average() -> None:
    balanced = Classification.of({("a", "a"): 45, ("a", "b"): 5, ("b", "b"): 45, ("b", "a"): 5})
    lopsided = Classification.of({("a", "a"): 80, ("a", "b"): 9, ("b", "b"): 10, ("b", "a"): 1})
    (_, one), (_, two) = balanced.macro("recall"), lopsided.macro("recall")
    assert two.high - two.low > 1.5 * (one.high - one.low)


def test_a_missing_label_is_a_miss_and_no_false_alarm() -> None:
    ours = Classification.of({("a", "a"): 3, ("a", None): 1})
    assert ours.labels == {"a": LabelCounts(hits=3, expected=4, predicted=3)}
    assert ours.micro() == LabelCounts(hits=3, expected=4, predicted=3)
    assert ours.macro("precision")[0] == 1


def test_a_label_nobody_expected_counts_as_nothing_right() -> None:
    value, (low, high) = Classification.of({("a", "a"): 50, ("a", "x"): 50}).macro("recall")
    assert value == pytest.approx(0.25)
    assert 0.1 < low < value < high <= 0.5


def test_without_labels_there_is_no_average() -> None:
    with pytest.raises(ValueError, match="no labels"):
        Classification.of({}).macro("f1")
    assert Classification.of({("a", None): 4}).macro("precision") == (0, (0, 1))


def test_micro_and_undefined_ratios_are_zero_not_errors() -> None:
    nothing = LabelCounts(hits=0, expected=0, predicted=0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
    assert nothing.f1_interval() == (0, 1)


@pytest.mark.parametrize("measure", MEASURES)
def test_macro_intervals_cover_about_what_they_say(measure: str) -> None:
    """A seeded experiment with a known truth: three labels of unequal size, 200 answers, 400 rounds."""
    cells: dict[tuple[str, str | None], float] = {
        ("a", "a"): 0.54,
        ("a", "b"): 0.06,
        ("b", "b"): 0.24,
        ("b", "c"): 0.06,
        ("c", "c"): 0.08,
        ("c", "a"): 0.02,
    }
    truth = Classification.of({cell: round(1_000_000 * p) for cell, p in cells.items()}).macro(measure)[0]
    draw = random.Random(7)
    covered = 0
    for _ in range(400):
        drawn: Counter[tuple[str, str | None]] = Counter(draw.choices(list(cells), list(cells.values()), k=200))
        _, (low, high) = Classification.of(drawn).macro(measure)
        covered += low <= truth <= high
    assert covered >= 0.94 * 400
