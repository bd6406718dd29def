"""Outputs of real models with what was right, for benchmarks/selection.py: several models over several kinds of task.

Each set is fitted here on a part of the data, but for the two recordings of banking77, whose models were fitted
elsewhere. Nothing of what judges them is here.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from twokey.record import Record

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a model said, whether each is wrong, and inputs with labels that are in neither."""

    records: Sequence[Record]
    wrong: Sequence[bool]
    labelled: Sequence[Pair]


def rows(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def recorded(data: Path, which: str) -> Outputs:
    """Take a recording of banking77; labels are the training queries that it does not hold."""
    found = rows(data / f"recordings/banking77_{which}.jsonl")
    held = {row["request_id"] for row in found}
    records = [
        Record(
            id=row["request_id"],
            input=row["request"]["text"],
            output=row["response"]["label"],
            label=row["response"]["label"],
            confidence=row["response"]["score"],
            alternatives=tuple((one["label"], one["score"]) for one in row["response"]["alternatives"]),
        )
        for row in found
    ]
    labelled = [(r["text"], r["label"]) for r in rows(data / "intents/banking77_train.jsonl") if r["id"] not in held]
    return Outputs(
        records=records,
        wrong=[row["response"]["label"] != row["gold"] for row in found],
        labelled=labelled,
    )


def answered(
    model: Any, inputs: Sequence[Any], texts: Sequence[str], right: Sequence[str], labelled: Sequence[Pair]
) -> Outputs:
    """Let a fitted model answer; of a model without probabilities they are made of its distances (softmax)."""
    if hasattr(model, "predict_proba"):
        shares = model.predict_proba(inputs)
    else:
        far = 2 * model.decision_function(inputs)
        far = np.exp(far - far.max(axis=1, keepdims=True))
        shares = far / far.sum(axis=1, keepdims=True)
    records, wrong = [], []
    for number, (text, share, gold) in enumerate(zip(texts, shares, right, strict=True)):
        best = np.argsort(-share, kind="stable")[:4]
        label = str(model.classes_[best[0]])
        others = tuple((str(model.classes_[at]), float(round(share[at], 6))) for at in best[1:])
        sure = float(round(share[best[0]], 6))
        records.append(
            Record(id=f"r{number:05}", input=text, output=label, label=label, confidence=sure, alternatives=others)
        )
        wrong.append(label != gold)
    return Outputs(records=records, wrong=wrong, labelled=labelled)


def shuffled(pairs: Sequence[Any], seed: int = 0) -> list[Any]:
    """Return them in an order that is always the same."""
    return [pairs[at] for at in np.random.default_rng(seed).permutation(len(pairs))]


def words(**options: Any) -> TfidfVectorizer:
    """Return the usual features of texts."""
    return TfidfVectorizer(**{"ngram_range": (1, 2), "sublinear_tf": True, **options})


def clinc(data: Path, model: Any, fitted_on: int, *, beyond: bool = False) -> Outputs:
    """Fit on a part of clinc150 and answer another; with what is out of scope, where every answer is wrong."""
    pairs = shuffled([(row["text"], row["label"]) for row in rows(data / "intents/clinc150_train.jsonl")])
    asked = pairs[4000:8000]
    if beyond:
        oos = [(row["text"], row["label"]) for row in rows(data / "intents/clinc150_oos_val.jsonl")]
        asked = [*asked[:1900], *oos]
    texts = [text for text, _ in asked]
    model.fit([text for text, _ in pairs[:fitted_on]], [label for _, label in pairs[:fitted_on]])
    return answered(model, texts, texts, [label for _, label in asked], pairs[8000:])


def grounding(data: Path) -> Outputs:
    """Say whether an answer is supported by its context, from four counts of words: a weak model of a hard task."""
    found = shuffled([*rows(data / "grounding/begin_dev.jsonl"), *rows(data / "grounding/summedits_3.jsonl")])

    def counts(row: Mapping[str, Any]) -> list[float]:
        said, known = (set(re.findall(r"\w+", row[name].lower())) for name in ("output", "context"))
        new = len(said - known)
        return [new / max(1, len(said)), len(said) / 50, len(re.findall(r"\d+", row["output"])) / 5, new / 5]

    right = [str(bool(row["hallucinated"])) for row in found]
    texts = [f"{row['output']}\n{row['context']}" for row in found]
    model = LogisticRegression(C=10).fit([counts(row) for row in found[:500]], right[:500])
    asked = slice(500, 1700)
    labelled = list(zip(texts[1700:], right[1700:], strict=True))
    return answered(model, [counts(row) for row in found[asked]], texts[asked], right[asked], labelled)


def kinds(data: Path) -> Outputs:
    """Say which kind of personal data comes first in a sentence, after 250 examples."""
    pairs = []
    for row in rows(data / "pii/generated_large.jsonl"):
        first = min(row["spans"], key=lambda span: span["start"], default={"type": "none"})
        pairs.append((row["text"], str(first["type"])))
    pairs = shuffled(pairs)
    model = make_pipeline(words(), LogisticRegression(C=10, max_iter=300))
    model.fit([text for text, _ in pairs[:250]], [label for _, label in pairs[:250]])
    asked = pairs[250:1550]
    texts = [text for text, _ in asked]
    return answered(model, texts, texts, [label for _, label in asked], pairs[1550:])


SETS: Mapping[str, Callable[[Path], Outputs]] = {
    "banking77 LR C=100": lambda data: recorded(data, "candidate"),
    "banking77 LR C=10": lambda data: recorded(data, "baseline"),
    "clinc150 LR C=10": lambda data: clinc(data, make_pipeline(words(), LogisticRegression(C=10, max_iter=300)), 4000),
    "clinc150 naive Bayes": lambda data: clinc(data, make_pipeline(words(), MultinomialNB(alpha=0.05)), 3000),
    "clinc150 LR C=1, words": lambda data: clinc(
        data, make_pipeline(words(ngram_range=(1, 1)), LogisticRegression(max_iter=300)), 2500
    ),
    "clinc150 SVM, 5% out of scope": lambda data: clinc(data, make_pipeline(words(), LinearSVC()), 4000, beyond=True),
    "grounding": grounding,
    "kinds of personal data": kinds,
}
