import pytest

from twokey.stats.counterfactual import flip_rate, score_shift
from twokey.stats.intervals import clopper_pearson
from twokey.stats.paired_scores import paired_mean_interval


def test_flips_are_a_share_of_the_pairs() -> None:
    assert flip_rate(3, 200) == (0.015, clopper_pearson(3, 200))


def test_no_pairs_tell_nothing() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        flip_rate(0, 0)
    with pytest.raises(ValueError, match="no scores"):
        score_shift({}, 1000)


def test_a_shift_has_a_sign_and_the_largest_move_has_none() -> None:
    differences = {-200: 4, 0: 90, 100: 6, 900: 0}
    shift = score_shift(differences, 1000)
    assert (shift.pairs, shift.largest) == (100, 0.2)
    assert shift.mean == pytest.approx(-0.002)
    assert shift.interval == paired_mean_interval(differences, 1000)
    assert shift.interval.low < shift.mean < shift.interval.high
