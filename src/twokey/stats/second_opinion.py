"""A second classifier, fitted on what a model said of other inputs: naive Bayes and nearest centroid, in whole numbers.

It asks whether like inputs got like labels. What it was fitted on includes each record that it judges, so that record
is subtracted first (leave one out, which is exact for counts). All arithmetic is on integers and no solver iterates, so
every machine comes to the same numbers. It knows nothing of confidence, and is no judge of what is right.

Sources: multinomial naive Bayes with add-alpha smoothing and the centroid classifier of tf-idf vectors, as in Manning,
Raghavan, Schuetze, Introduction to Information Retrieval (2008), chapters 13 and 14.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import isqrt
from typing import Any
from zlib import crc32

from twokey.values import dataclass

MAX_BYTES = 500
"""Of each text so much is looked at, in bytes of UTF-8."""

MAX_FEATURES = 128
"""Of each text so many features are kept: those with the smallest hashes, which are the same ones in every text."""

WORD = re.compile(rb"[a-z0-9\x80-\xff]+")
"""A word, in bytes: which letters Unicode knows changes with its version, and bytes do not."""

GRAM = 4
ALPHA_PARTS = 10
"""The smoothing of naive Bayes is one in so many of a count."""

UNIT = 1 << 12
FITTED_WEIGHT = 3
"""A case whose label somebody vouched for counts as so many of what the model said."""

Features = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What the second classifier makes of each input, in their order.

    For each member, naive Bayes and then the centroid: `doubts` says how much better another label fits than the given
    one (higher is more doubtful), `says` which label fits best, and `agreement` how far that member agrees with the
    labels beyond chance, in thousandths (Cohen's kappa, not below 0).
    """

    doubts: tuple[tuple[int, ...], ...]
    agreement: tuple[int, ...]
    says: tuple[tuple[str, ...], ...]


def features(text: str) -> Features:
    """Return the hashes of a text's words and of the runs of four bytes within them, sorted."""
    words = WORD.findall(text.encode("utf-8", "surrogatepass")[:MAX_BYTES].lower())
    return tuple(sorted(set().union(*map(_of_word, words)))[:MAX_FEATURES])


@lru_cache(maxsize=1 << 14)
def _of_word(word: bytes) -> tuple[int, ...]:
    padded = b" " + word + b" "
    grams = {padded[at : at + GRAM] for at in range(max(1, len(padded) - GRAM + 1))}
    return tuple(map(crc32, {word, *grams}))


def second_opinion(
    inputs: Sequence[Features], labels: Sequence[str], known: Sequence[tuple[Features, str]] = ()
) -> Opinion | None:
    """Return what like inputs make of each label; None where nothing can be learned.

    Nothing can be learned where there are fewer than two labels, or where most of them stand only once.

    Args:
        inputs: the features of each input.
        labels: what the model said of each.
        known: cases with a label that somebody vouched for; each counts as three of the model's own.
    """
    given = Counter(labels)
    repeated = sum(given[label] > 1 for label in labels)
    if not labels or len({*given, *(label for _, label in known)}) < 2 or (2 * repeated < len(labels) and not known):
        return None
    rows = [(found, label, 1) for found, label in zip(inputs, labels, strict=True)]
    fitted = _Fitted([*rows, *((found, label, FITTED_WEIGHT) for found, label in known)])
    judged = [fitted.judge(place) for place in range(len(rows))]
    members = tuple(zip(*judged, strict=True))
    picks = [[pick for _, pick in member] for member in members]
    return Opinion(
        doubts=tuple(tuple(doubt for doubt, _ in member) for member in members),
        agreement=tuple(kappa(picked, labels) for picked in picks),
        says=tuple(map(tuple, picks)),
    )


class _Fitted:
    """Counts of features by label, which is all that both members need.

    The arrays hold whole numbers. Where numpy adds them up as floats, they stay far below 2^53, so that sums are exact
    in any order.
    """

    def __init__(self, rows: Sequence[tuple[Features, str, int]]) -> None:
        """Count rows of features, label and weight."""
        import numpy as np

        self._np = np
        self.names = sorted({label for _, label, _ in rows})
        place = {name: number for number, name in enumerate(self.names)}
        held = Counter(feature for found, _, _ in rows for feature in found)
        # What stands in one input alone says nothing of another.
        shared = sorted(feature for feature, n in held.items() if n > 1)
        number = {feature: at for at, feature in enumerate(shared)}
        weights = [UNIT + log2((1 + len(rows)) * UNIT // (1 + held[feature])) - 12 * UNIT for feature in shared]
        self.own = [place[label] for _, label, _ in rows]
        self.vectors = [self._vector([number[one] for one in found if one in number], weights) for found, _, _ in rows]
        self._count(len(shared), [weight for _, _, weight in rows])

    def _vector(self, found: Sequence[int], weights: Sequence[int]) -> tuple[Any, Any]:
        """Return the numbers of an input's features, and their tf-idf weights, of length one in parts of UNIT."""
        mine = [weights[feature] for feature in found]
        length = isqrt(sum(weight * weight for weight in mine)) or 1
        made = self._np.array
        return made(found, dtype="i8"), made([weight * UNIT // length for weight in mine], dtype="i8")

    def _count(self, features: int, weights: Sequence[int]) -> None:
        np, labels = self._np, len(self.names)
        sizes, totals = [0] * labels, [0] * labels
        for at, (found, _), weight in zip(self.own, self.vectors, weights, strict=True):
            sizes[at] += weight
            totals[at] += weight * len(found)
        rows = list(zip(self.own, self.vectors, weights, strict=True))
        cells = np.concatenate([found * labels + at for at, (found, _), _ in rows])
        counts = np.concatenate([np.full(len(found), weight) for _, (found, _), weight in rows])
        parts = np.concatenate([part * weight for _, (_, part), weight in rows])
        held, where = np.unique(cells, return_inverse=True)
        self.counts = np.bincount(where, counts, len(held)).astype("i8")
        self.parts = np.bincount(where, parts, len(held)).astype("i8")
        self.at = held % labels
        self.starts = np.searchsorted(held, np.arange(features + 1) * labels)
        self.logs = np.array([log2(ALPHA_PARTS * n + 1) for n in range(1 + int(self.counts.max(initial=0)))])
        self.lengths = np.bincount(self.at, self.parts * self.parts, labels).astype("i8").tolist()
        self.norms = np.array([isqrt(length) or 1 for length in self.lengths])
        self.priors = np.array([log2(2 * size + 1) for size in sizes])
        self.bases = np.array([log2(ALPHA_PARTS * total + features + 1) for total in totals])
        self.sizes, self.totals, self.features = sizes, totals, features

    def judge(self, row: int) -> tuple[tuple[int, str], tuple[int, str]]:
        """Return what naive Bayes and the centroid make of a row of weight one, as if it had not been counted."""
        np, own, (found, mine) = self._np, self.own[row], self.vectors[row]
        labels, size = len(self.names), len(found)
        starts = self.starts[found]
        spans = self.starts[found + 1] - starts
        cells = np.arange(spans.sum()) + np.repeat(starts - np.cumsum(spans) + spans, spans)
        at, counts = self.at[cells], self.counts[cells]
        bayes = np.bincount(at, self.logs[counts], labels).astype("i8") + self.priors - size * self.bases
        near = np.bincount(at, self.parts[cells] * np.repeat(mine, spans), labels).astype("i8")
        left_of = self.totals[own] - size
        bayes[own] = log2(2 * self.sizes[own] - 1) - size * log2(ALPHA_PARTS * left_of + self.features + 1)
        bayes[own] += int(self.logs[counts[at == own] - 1].sum())
        itself = int((mine * mine).sum())
        left = isqrt(max(0, self.lengths[own] - 2 * int(near[own]) + itself)) or 1
        far = near * UNIT // self.norms
        far[own] = (int(near[own]) - itself) * UNIT // left
        return self._best(bayes, own, isqrt(size) or 1), self._best(far, own, 1)

    def _best(self, scores: Any, own: int, scale: int) -> tuple[int, str]:
        mine = int(scores[own])
        scores[own] = scores.min() - 1
        at = int(scores.argmax())
        other = int(scores[at])
        return (other - mine) // scale, self.names[at if other > mine else own]


def kappa(picked: Sequence[str], labels: Sequence[str]) -> int:
    """Return Cohen's kappa in thousandths, not below 0."""
    n = len(labels)
    same = sum(one == other for one, other in zip(picked, labels, strict=True)) * n
    first, second = Counter(picked), Counter(labels)
    chance = sum(count * second[name] for name, count in first.items())
    return max(0, 1000 * (same - chance) // (n * n - chance)) if n * n > chance else 0


@lru_cache(maxsize=1 << 16)
def log2(number: int) -> int:
    """Return the binary logarithm of a whole number from 1, in parts of 4096, rounded down; exact on any machine."""
    whole = number.bit_length() - 1
    x = number << (40 - whole) if whole <= 40 else number >> (whole - 40)
    for _ in range(12):
        x = x * x >> 40
        whole <<= 1
        if x >> 41:
            x >>= 1
            whole |= 1
    return whole
