"""The demo's subject: a real text classifier, a retriever of articles, and the replies made from both.

scikit-learn is imported where something is fitted. What is fitted is written as plain JSON, so that the subject's files
can be read, compared and hashed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from twokey.cli.demo.tickets import Ticket, desk

QUOTED_WORDS = 12
REPLY = "You wrote: “{quote}”. {fact}"

# Articles nearly as close as the closest are looked up too. Higher means fewer, so that more replies lack their source.
_NEAR_ENOUGH = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the assistant said to one ticket, and the articles it had at hand. `score` is the label's probability."""

    label: str
    score: float
    reply: str
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """A fitted classifier with its articles; each article is found by the centre of the tickets it once answered."""

    pipeline: Any
    articles: tuple[str, ...]
    centres: Any

    @classmethod
    def fit(cls, tickets: Sequence[Ticket], *, words: tuple[int, int], strength: float, terms: int = 1500) -> Self:
        """Fit on labelled tickets.

        `words` are the shortest and longest runs of words that count as a term, `strength` is the inverse of the
        regularisation (C of the logistic regression), `terms` is how many terms are kept.
        """
        import numpy as np
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import normalize

        vectorizer = TfidfVectorizer(ngram_range=words, sublinear_tf=True, max_features=terms)
        pipeline = make_pipeline(vectorizer, LogisticRegression(C=strength, max_iter=400, tol=1e-3))
        labels = np.array([ticket.expected for ticket in tickets])
        pipeline.fit([ticket.text for ticket in tickets], labels)
        known = desk()["categories"]
        vectors = vectorizer.transform([ticket.text for ticket in tickets])
        return cls(
            pipeline=pipeline,
            articles=tuple(f"{entry['title']}. {entry['fact']} {entry['detail']}" for entry in known.values()),
            centres=normalize(np.vstack([np.asarray(vectors[labels == label].mean(axis=0)) for label in known])),
        )

    def answer(self, text: str) -> Answer:
        """Classify a ticket, look up the articles that are nearest to it, and reply with the label's fact."""
        import numpy as np

        vector = self.pipeline[0].transform([text])
        chances = self.pipeline[1].predict_proba(vector)[0]
        best = int(chances.argmax())
        label = str(self.pipeline[1].classes_[best])
        closeness = np.asarray(vector @ self.centres.T).ravel()
        near = closeness >= _NEAR_ENOUGH * closeness.max()
        return Answer(
            label=label,
            score=round(float(chances[best]), 6),
            reply=reply(label, text),
            context="\n".join(article for article, use in zip(self.articles, near, strict=True) if use),
        )

    def save(self, directory: Path) -> None:
        """Write the classifier and the articles below `directory` as JSON."""
        vectorizer, regression = self.pipeline[0], self.pipeline[1]
        terms = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
        weights = {str(c): _rounded(row) for c, row in zip(regression.classes_, regression.coef_, strict=True)}
        fitted = {
            "kind": "TF-IDF and logistic regression",
            "words": list(vectorizer.ngram_range),
            "terms": terms,
            "idf": _rounded(vectorizer.idf_),
            "weights": weights,
            "intercepts": _rounded(regression.intercept_),
        }
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / "classifier.json", fitted)
        _write(directory / "articles.json", {"articles": list(self.articles)})


def reply(label: str, text: str) -> str:
    """Return the reply to a ticket filed under `label`: it quotes the first words and states the label's fact."""
    quote = " ".join(text.split()[:QUOTED_WORDS])
    return REPLY.format(quote=quote, fact=desk()["categories"][label]["fact"])


def save_prompts(directory: Path) -> None:
    """Write the reply's template and the facts that it states."""
    facts = {label: entry["fact"] for label, entry in desk()["categories"].items()}
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"quoted_words": QUOTED_WORDS, "reply": REPLY, "facts": facts}, indent=2, ensure_ascii=False)
    (directory / "reply_templates.json").write_text(text + "\n", encoding="utf-8")


def _rounded(row: Any) -> list[float]:
    return [round(float(value), 3) for value in row]


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
