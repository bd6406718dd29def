"""Which way of choosing 50 of 1,000 outputs finds the most defects: the product's own, and others beside it.

    python benchmarks/selection.py DATA [--draws 30] [--sets banking77-c100 ...]

DATA has `recordings/banking77_*.jsonl`, `intents/*.jsonl`, `grounding/*.jsonl`, `pii/generated_large.jsonl`. For each
set and draw a pool of 1,000 outputs is drawn, each way chooses 50, and those that are wrong are counted. The product's
ways are its own functions over its own records; the others are here. Takes about a minute for a set, and longer with
`--reference`, which fits scikit-learn's logistic regression.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from selection_sets import SETS, Outputs

from twokey.canonical import dump_line
from twokey.config.review import Review
from twokey.record import Batch, Record
from twokey.review import doubt, signals
from twokey.review.choosing import Chosen, choose
from twokey.review.past import Case, past_cases
from twokey.review.tally import tallied

POOL, LOOKS, LABELS = 1000, 50, 2500
RULES = Review(show=LOOKS, audit=0)
Way = Callable[["Draw"], Sequence[int]]


class Draw:
    """One pool of a set, as records, and what is at hand beside it."""

    def __init__(self, outputs: Outputs, chance: np.random.Generator) -> None:
        """Draw the pool; of the other outputs past grades are made, of the labels past cases."""
        order = chance.permutation(len(outputs.records))
        self.chance, self.outputs = chance, outputs
        self.records = [outputs.records[at] for at in order[:POOL]]
        self.wrong = [outputs.wrong[at] for at in order[:POOL]]
        self.place = {record.id: at for at, record in enumerate(self.records)}
        self.others = [(outputs.records[at], outputs.wrong[at]) for at in order[POOL : POOL + LABELS]]
        take = chance.permutation(len(outputs.labelled))[:LABELS]
        self.labelled = [outputs.labelled[at] for at in take]

    def doubted(self, cases: Sequence[Case] = ()) -> Sequence[int]:
        """Choose as the product does."""
        chosen = self.chosen(cases)
        return [self.place[record.id] for record in (*chosen.low, *chosen.second)]

    @lru_cache(maxsize=2)  # noqa: B019 a draw is as short-lived as its choices
    def chosen(self, cases: Sequence[Case] = ()) -> Chosen:
        """Return what the product chooses, and by what."""
        batch = Batch(role="candidate", records=tuple(self.records), sightings=((),) * len(self.records))
        return choose(tallied(batch, RULES, 0), RULES, cases)


def least(values: Sequence[float]) -> Sequence[int]:
    """Return the places of the 50 smallest."""
    return list(np.argsort(np.array(values), kind="stable")[:LOOKS])


def entropy(draw: Draw) -> Sequence[int]:
    """Choose by entropy; what the alternatives leave is taken for one more of them."""
    found = []
    for record in draw.records:
        shares = [record.confidence or 0.0, *(score for _, score in signals._others(record))]
        shares.append(max(0.0, 1 - sum(shares)))
        found.append(sum(share * np.log(share) for share in shares if share > 0))
    return least(found)


def margin(draw: Draw) -> Sequence[int]:
    """Choose by the model's own margin."""
    return least([-(close if (close := signals._close(record)) is not None else 0) for record in draw.records])


def novelty(draw: Draw) -> Sequence[int]:
    """Choose the inputs that are least like the others."""
    column = signals.novelty(_seen(draw)).doubts
    return least([-(column[at] or 0) for at in _at(draw)])


def alone(draw: Draw) -> Sequence[int]:
    """Choose by the second opinion alone."""
    named = [one for one in signals.signals(_seen(draw)) if one.name in signals.MEMBERS]
    places = doubt.combined(named, len(draw.records))
    return least([places[at] for at in _at(draw)])


def diverse(draw: Draw) -> Sequence[int]:
    """Choose the least confident of each of 50 clusters of like inputs (k-means)."""
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(sublinear_tf=True).fit_transform([text_of(record) for record in draw.records])
    flat = TruncatedSVD(50, random_state=0).fit_transform(vectors)
    cluster = MiniBatchKMeans(LOOKS, random_state=0, n_init=1).fit_predict(flat)
    best: dict[int, int] = {}
    for at in np.argsort([record.confidence for record in draw.records], kind="stable"):
        best.setdefault(int(cluster[at]), int(at))
    return list(best.values())


def reference(draw: Draw, labelled: bool) -> Sequence[int]:
    """Choose by the ranks of confidence and of scikit-learn's logistic regression, two folds or fitted on labels."""
    from scipy.stats import rankdata  # type: ignore[import-untyped]
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, given = [text_of(record) for record in draw.records], [str(record.label) for record in draw.records]
    share = np.zeros(len(texts))
    folds = (
        [(range(len(texts)), draw.labelled)]
        if labelled
        else [
            (range(part, len(texts), 2), [(texts[at], given[at]) for at in range(1 - part, len(texts), 2)])
            for part in (0, 1)
        ]
    )
    for places, fitted_on in folds:
        vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        model = LogisticRegression(C=10, max_iter=60)
        model.fit(vectoriser.fit_transform([text for text, _ in fitted_on]), [label for _, label in fitted_on])
        column = {name: number for number, name in enumerate(model.classes_)}
        found = model.predict_proba(vectoriser.transform([texts[at] for at in places]))
        for row, at in zip(found, places, strict=True):
            share[at] = row[column[given[at]]] if given[at] in column else 0.0
    sure = [record.confidence for record in draw.records]
    return least(rankdata(sure) + rankdata(share))


def with_labels(draw: Draw) -> Sequence[int]:
    """Choose as the product does with 2,500 labels at hand."""
    return draw.doubted(_cases([{"input": text, "label": label} for text, label in draw.labelled]))


def with_grades(draw: Draw) -> Sequence[int]:
    """Choose as the product does with up to 2,500 graded outputs of the same model, and nobody's labels."""
    rows = [
        {"input": record.input, "output": record.label, "failed": bool(wrong), "confidence": record.confidence}
        for record, wrong in draw.others
    ]
    return draw.doubted(_cases(rows))


def with_half(draw: Draw) -> Sequence[int]:
    """Choose as the product does with 250 labels."""
    return draw.doubted(_cases([{"input": text, "label": label} for text, label in draw.labelled[:250]]))


def without_margin(draw: Draw) -> Sequence[int]:
    """Choose as the product does where alternatives are not mapped."""
    bare = Draw.__new__(Draw)
    bare.records = [
        Record(id=r.id, input=r.input, output=r.output, label=r.label, confidence=r.confidence) for r in draw.records
    ]
    bare.place = draw.place
    return bare.doubted()


WAYS: Mapping[str, Way] = {
    "default": lambda draw: draw.doubted(),
    "random": lambda draw: draw.chance.permutation(POOL)[:LOOKS].tolist(),
    "novelty": novelty,
    "k-means, least confident of each": diverse,
    "entropy": entropy,
    "least confidence": lambda draw: least([record.confidence or 0.0 for record in draw.records]),
    "margin": margin,
    "second opinion alone": alone,
    "default, no alternatives mapped": without_margin,
    "default, 250 labels": with_half,
    "default, 2,500 labels": with_labels,
    "default, 2,000 or more grades": with_grades,
}
REFERENCE: Mapping[str, Way] = {
    "scikit-learn, no labels": lambda draw: reference(draw, labelled=False),
    "scikit-learn, 2,500 labels": lambda draw: reference(draw, labelled=True),
}


def text_of(record: Record) -> str:
    """Return an input as text."""
    return str(record.input)


def _seen(draw: Draw) -> signals.Seen:
    return draw.chosen().doubted.seen


def _at(draw: Draw) -> list[int]:
    ids = _seen(draw).ids
    return [ids[record.id] for record in draw.records]


def _cases(rows: Sequence[Mapping[str, object]]) -> tuple[Case, ...]:
    return past_cases(b"".join(map(dump_line, rows)), "past.jsonl")


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--reference", type=int, default=0, metavar="DRAWS", help="draws for scikit-learn")
    arguments = parser.parse_args()
    found: dict[str, dict[str, float]] = {name: {} for name in (*WAYS, *REFERENCE)}
    spent: dict[str, list[float]] = {name: [] for name in found}
    about: dict[str, str] = {}
    work = [(name, arguments.data, arguments.draws, arguments.reference) for name in arguments.sets]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for name, (share, counts, times) in zip(arguments.sets, pool.map(measured, work), strict=True):
            about[name] = f"{share:.1%}"
            for way, row in counts.items():
                found[way][name] = statistics.fmean(row)
                spent[way] += times[way]
    print_table(found, about, spent)


def measured(work: tuple[str, Path, int, int]) -> tuple[float, dict[str, list[int]], dict[str, list[float]]]:
    """Return the share of errors of a set, and for each way the defects found and the seconds of each draw."""
    name, data, draws, reference_draws = work
    outputs = SETS[name](data)
    counts: dict[str, list[int]] = {}
    times: dict[str, list[float]] = {}
    for number in range(draws):
        draw = Draw(outputs, np.random.default_rng(number))
        for way, choose_by in {**WAYS, **(REFERENCE if number < reference_draws else {})}.items():
            began = time.process_time()
            places = list(choose_by(draw))[:LOOKS]
            times.setdefault(way, []).append(time.process_time() - began)
            counts.setdefault(way, []).append(sum(draw.wrong[at] for at in places))
    print(name, {way: round(statistics.fmean(row), 1) for way, row in counts.items()}, file=sys.stderr, flush=True)
    return statistics.fmean(outputs.wrong), counts, times


def print_table(
    found: Mapping[str, Mapping[str, float]], about: Mapping[str, str], spent: Mapping[str, Sequence[float]]
) -> None:
    """Print defects, their ratio to least confidence, and the time."""
    print(f"| way | {' | '.join(about)} | x least confidence | ms per 2,000 |")
    print("|---" * (len(about) + 3) + "|")
    print(f"| *share of errors* | {' | '.join(about.values())} | | |")
    base = found["least confidence"]
    for way, row in found.items():
        if row:
            ratio = statistics.fmean(row[name] / base[name] for name in row)
            cells = " | ".join(f"{row[name]:.1f}" if name in row else "" for name in about)
            print(f"| {way} | {cells} | {ratio:.2f} | {2000 / POOL * statistics.median(spent[way]) * 1000:.0f} |")


if __name__ == "__main__":
    main()
