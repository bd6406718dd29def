"""Fitting the features of labelled answers by logistic regression, and how well that does on answers not seen.

Folds keep together what belongs together, the threshold is chosen within each fold's own training part, and figures
are of the held-out answers alone. This is for `twokey fit`: judging never comes here, and no model is shipped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from twokey.errors import TwokeyError
from twokey.stats.auroc import clustered_auroc
from twokey.stats.clusters import Cluster, korn_graubard
from twokey.stats.grounding import SCALE
from twokey.stats.grounding_features import FEATURES

LEAST = 100
"""Labelled answers."""

LEAST_OF_EACH = 25
"""Answers that are supported, and answers that are not."""

LEAST_GROUPS = 10
FOLDS = 5
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One answer's features, whether people call it unsupported, and what it must not be torn apart from."""

    id: str
    values: tuple[int, ...]
    unsupported: bool
    group: str


def fitted(rows: Sequence[Labelled]) -> Mapping[str, Any]:
    """Return coefficients, intercept, threshold and out-of-fold figures; rows in the order of their ids.

    Raises TwokeyError where there are too few labels, with the least.
    """
    refuse_too_few(rows)
    rows = sorted(rows, key=lambda row: row.id)
    scores, flags = _held_out(rows)
    coefficients, intercept = _model(rows)
    return {
        "coefficients": coefficients,
        "intercept": intercept,
        "threshold": _threshold(scores, [row.unsupported for row in rows]),
        "out_of_fold": {**_figures(rows, scores, flags), "folds": FOLDS},
    }


def refuse_too_few(rows: Sequence[Labelled]) -> None:
    """Raise TwokeyError where a fit would mean nothing."""
    bad = sum(row.unsupported for row in rows)
    groups = [len({row.group for row in rows if row.unsupported is label}) for label in (True, False)]
    if len(rows) < LEAST or min(bad, len(rows) - bad) < LEAST_OF_EACH:
        told = (
            f"{len(rows):,} answers are labelled and can be compared with a context, {bad:,} of them as unsupported;"
            f" expected at least {LEAST:,}, and {LEAST_OF_EACH} of each kind"
        )
        raise TwokeyError(told, hint="label more answers: true or false under recordings.candidate.hallucinated")
    if min(groups) < LEAST_GROUPS:
        told = (
            f"the labelled answers are of too few groups: {groups[0]:,} hold unsupported ones and {groups[1]:,} others,"
            f" expected at least {LEAST_GROUPS} of each"
        )
        raise TwokeyError(told, hint="label answers to more questions: those of one cluster or context stay together")


def _matrix(rows: Sequence[Labelled]) -> Any:
    import numpy as np

    return np.array([row.values for row in rows], dtype=float) / SCALE


def _model(rows: Sequence[Labelled]) -> tuple[dict[str, float], float]:
    """Fit; return the coefficients of features as they are, not of standardised ones."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    shown = scaler.fit_transform(_matrix(rows))
    model = LogisticRegression(max_iter=5000).fit(shown, [row.unsupported for row in rows])
    raw = model.coef_[0] / scaler.scale_
    intercept = float(model.intercept_[0] - np.dot(raw, scaler.mean_))
    return {name: float(raw[place]) for place, name in enumerate(FEATURES)}, intercept


def _scores(train: Sequence[Labelled], test: Sequence[Labelled]) -> list[float]:
    coefficients, intercept = _model(train)
    raw = list(coefficients.values())
    return [
        intercept + sum(weight * value / SCALE for weight, value in zip(raw, row.values, strict=True)) for row in test
    ]


def _folds(rows: Sequence[Labelled]) -> list[tuple[list[int], list[int]]]:
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    labels, groups = [row.unsupported for row in rows], [row.group for row in rows]
    found = [(list(map(int, train)), list(map(int, test))) for train, test in splitter.split(labels, labels, groups)]
    return [(train, test) for train, test in found if test and len({labels[place] for place in train}) > 1]


def _cross(rows: Sequence[Labelled]) -> list[float]:
    """Return each row's score by a model that saw none of its group."""
    scores = [0.0] * len(rows)
    for train, test in _folds(rows):
        for place, score in zip(test, _scores([rows[i] for i in train], [rows[i] for i in test]), strict=True):
            scores[place] = score
    return scores


def _held_out(rows: Sequence[Labelled]) -> tuple[list[float], list[bool]]:
    """Return each row's score, and whether it was flagged at a threshold that was chosen without its group."""
    scores, flags = [0.0] * len(rows), [False] * len(rows)
    for train, test in _folds(rows):
        seen = [rows[place] for place in train]
        threshold = _threshold(_cross(seen), [row.unsupported for row in seen])
        for place, score in zip(test, _scores(seen, [rows[i] for i in test]), strict=True):
            scores[place], flags[place] = score, score >= threshold
    return scores, flags


def _threshold(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the threshold at which as many are flagged as people labelled, halfway to the next score below.

    A rate is what comes of it, and where false alarms and misses are equally many the rate is right.
    """
    ranked = sorted(scores, reverse=True)
    wanted = sum(labels)
    gaps = [place for place, (score, below) in enumerate(pairwise(ranked), start=1) if below < score]
    if not gaps:
        return ranked[0]
    place = min(gaps, key=lambda gap: (abs(gap - wanted), gap))
    return (ranked[place - 1] + ranked[place]) / 2


def _figures(rows: Sequence[Labelled], scores: Sequence[float], flags: Sequence[bool]) -> dict[str, Any]:
    labels, groups = [row.unsupported for row in rows], [row.group for row in rows]
    auroc, interval = clustered_auroc(scores, labels, groups)
    hits = sum(flag and label for flag, label in zip(flags, labels, strict=True))
    union = sum(flag or label for flag, label in zip(flags, labels, strict=True))
    f1 = 2 * hits / (union + hits) if hits else 0.0
    low, high = _f1_interval(labels, flags, groups)
    return {
        "auroc": {"value": auroc, "low": interval.low, "high": interval.high},
        "f1": {"value": f1, "low": low, "high": high},
        "precision": hits / sum(flags) if any(flags) else 0.0,
        "recall": hits / sum(labels),
    }


def _f1_interval(labels: Sequence[bool], flags: Sequence[bool], groups: Sequence[str]) -> tuple[float, float]:
    """Return F1's interval: it rises with the Jaccard index, a share of the answers that are either or both."""
    counts: dict[str, tuple[int, int]] = {}
    for label, flag, group in zip(labels, flags, groups, strict=True):
        if label or flag:
            n, hits = counts.get(group, (0, 0))
            counts[group] = (n + 1, hits + (label and flag))
    low, high = korn_graubard([Cluster(n=n, total=hits) for n, hits in counts.values()])
    return 2 * low / (1 + low), 2 * high / (1 + high)
