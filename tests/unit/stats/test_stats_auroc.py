import random

import pytest
from sklearn.metrics import roc_auc_score

from twokey.stats.auroc import auroc, clustered_auroc


def cases(count: int, size: int, shift: float, seed: int) -> tuple[list[float], list[bool], list[str]]:
    """Return scores, labels and groups; what a group shares moves all of it."""
    chance = random.Random(seed)
    scores: list[float] = []
    labels: list[bool] = []
    groups: list[str] = []
    for group in range(count):
        shared = chance.gauss(0, 1)
        for _ in range(size):
            label = chance.random() < 0.5
            scores.append(round(shared + chance.gauss(0, 1) + shift * label, 1))
            labels.append(label)
            groups.append(str(group))
    return scores, labels, groups


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_that_of_scikit_learn_ties_included(seed: int) -> None:
    scores, labels, _ = cases(40, 3, 1.0, seed)
    assert auroc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))


def test_clusters_widen_the_interval() -> None:
    scores, labels, groups = cases(20, 20, 0.5, 1)
    area, (low, high) = clustered_auroc(scores, labels, groups)
    _, (alone_low, alone_high) = clustered_auroc(scores, labels, [str(n) for n in range(len(labels))])
    assert low < alone_low < area < alone_high < high


def test_about_95_in_100_intervals_hold_the_true_area() -> None:
    scores, labels, _ = cases(40_000, 1, 1.0, 99)
    truth = auroc(scores, labels)
    held = 0
    for seed in range(300):
        _, (low, high) = clustered_auroc(*cases(60, 2, 1.0, seed))
        held += low <= truth <= high
    assert 0.91 <= held / 300 <= 0.99


def test_perfect_ranking_stays_within_one() -> None:
    area, (low, high) = clustered_auroc([0, 1, 2, 3], [False, False, True, True], ["a", "b", "c", "d"])
    assert area == high == 1
    assert 0 <= low <= 1


@pytest.mark.parametrize("labels", [[], [True, True], [False]])
def test_one_kind_alone_cannot_be_ranked(labels: list[bool]) -> None:
    with pytest.raises(ValueError, match="one kind"):
        auroc([0.0] * len(labels), labels)
