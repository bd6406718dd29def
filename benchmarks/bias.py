"""Is a planted bias found with the power that the fairness gate states, and a fair model passed at the rate it states?

    python benchmarks/bias.py [--seeds 300] [--data ../shared/data]

Answers of a real classifier (banking77) are drawn for two groups. In one of them labels are flipped in 3% of the
cases; or in none, which is fair; or in as many as make the gap that the gate says it would fail with 80% power. Then
twins: the same case twice, one half flipped in 3%; and sentences that differ in gender only (Winogender), answered by a
small classifier that saw gender while it was trained, and by one that did not.
"""

import argparse
import json
import math
import random
from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from twokey.config.shape import Limit
from twokey.gates.base import Setting
from twokey.gates.fairness import FairnessGate
from twokey.gates.fairness_gaps import DIFFERENCE, Pair, widest
from twokey.gates.fairness_options import FairnessOptions, GapLimit
from twokey.gates.fairness_rates import Share
from twokey.gates.limits import settle
from twokey.outcome import GateResult, Status
from twokey.record import Batch, Record
from twokey.stats.fairness_pass import fair_pass_rate
from twokey.stats.fairness_size import detectable_gap
from twokey.stats.fdr import fisher_exact
from twokey.stats.intervals import clopper_pearson

FLIPPED = 0.03
SIZES = (1_000, 2_000, 10_000)
LIMITS = (0.0, 0.02, 0.05)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    given = parser.parse_args()
    rows = [json.loads(line) for line in (given.data / "recordings/banking77_candidate.jsonl").open(encoding="utf-8")]
    answers = [(row["response"]["label"], row["gold"]) for row in rows]
    print(f"accuracy {sum(label == gold for label, gold in answers) / len(answers):.4f}; {given.seeds} seeds\n")
    groups(answers, given.seeds)
    twins(answers, given.seeds)
    winogender(given.data / "bias/winogender.jsonl")


def groups(answers: Sequence[tuple[str, str]], seeds: int) -> None:
    """Two groups of n, compared by `accuracy_parity: {max_difference: limit}`."""
    rate = sum(label == gold for label, gold in answers) / len(answers)
    print("accuracy_parity, max_difference: limit, two groups of n each; in brackets what the simulation leaves open")
    print(f"{'':15}a fair model passes:{'':9}flips in 3% of one group:{'':20}a gap that fails in 80%, as stated:")
    print(f"{'n':>7}  {'limit':5}  {'stated':6}  {'measured':18}  {'no pass':18}  {'fails':18}  {'gap':6}  fails")
    for n in SIZES:
        drawn = {share: [draw(answers, n, share, seed) for seed in range(seeds)] for share in (0.0, FLIPPED)}
        fair, biased = ([apart(*found) for found in kind] for kind in drawn.values())
        for limit in LIMITS:
            passed = [status(*found, limit) is Status.PASS for found in fair]
            found = [status(*one, limit) for one in biased]
            caught, failed = ([one in kinds for one in found] for kinds in (_CAUGHT, (Status.FAIL,)))
            gap = detectable_gap(n, n, rate, limit=limit) or math.nan
            planted = [apart(*draw(answers, n, gap / rate, seed)) for seed in range(seeds)]
            seen = [status(*one, limit) is Status.FAIL for one in planted]
            stated = fair_pass_rate(n, n, rate, limit)
            print(
                f"{n:7,}  {limit:<5.2f}  {stated:6.1%}  {share(passed)}  {share(caught)}  {share(failed)}"
                f"  {gap:.4f}  {share(seen)}"
            )
        leads = [share([lead(*one) for one in kind]).strip() for kind in drawn.values()]
        print(f"{n:7,}  marked as a lead: fair {leads[0]}, flips in 3% {leads[1]}")


_CAUGHT = (Status.FAIL, Status.INCONCLUSIVE)


def draw(answers: Sequence[tuple[str, str]], n: int, flipped: float, seed: int) -> tuple[Share, Share]:
    """Return the right answers of two groups; of the second, some labels are flipped to another one."""
    chance = random.Random(f"{n} {flipped} {seed}")  # noqa: S311 nothing secret
    labels = sorted({name for answer in answers for name in answer})
    right = [0, 0]
    for group in (0, 1):
        for label, gold in chance.choices(answers, k=n):
            if group and chance.random() < flipped:
                place = labels.index(label) + chance.randrange(1, len(labels))
                label = labels[place % len(labels)]  # never the same one
            right[group] += label == gold
    return Share(k=right[0], n=n), Share(k=right[1], n=n)


def apart(left: Share, right: Share) -> tuple[float, float]:
    """Return the interval that the gate judges by."""
    pair = Pair(rate="accuracy", one="a", other="b", left=left, right=right)
    found = widest(DIFFERENCE, [pair], 1, left.n + right.n)
    if found is None:
        raise ValueError("nothing to compare")
    return found.estimate.low, found.estimate.high


def status(low: float, high: float, limit: float) -> Status:
    """Return how the gate judges it."""
    return settle(-high, -low, -limit)


def lead(left: Share, right: Share) -> bool:
    """Return whether the gate would mark it: of two values both have this p-value, adjusted or not."""
    return fisher_exact(int(left.k), left.n, int(right.k), right.n) <= 0.05


def share(found: Sequence[bool]) -> str:
    """Return how many in a hundred, and what the simulation leaves open."""
    low, high = clopper_pearson(sum(found), len(found))
    return f"{sum(found) / len(found):6.1%} ({low:.0%}-{high:.0%})".ljust(18)


def gate(**options: Any) -> FairnessGate:
    """Make the gate."""
    return FairnessGate.build(FairnessOptions(**options), Setting(read=lambda _: b"", has_baseline=False))


def judged(made: FairnessGate, records: Sequence[Record]) -> GateResult:
    """Judge records as a run does."""
    size = 1_000
    batches = (tuple(records[start : start + size]) for start in range(0, len(records), size))
    tallies = (made.tally(Batch(role="candidate", records=part, sightings=((),) * len(part))) for part in batches)
    return made.judge(reduce(made.merge, tallies))


def twins(answers: Sequence[tuple[str, str]], seeds: int) -> None:
    """The same case twice, one of both flipped now and then."""
    print("\nflip_rate: {max: 0.01} over n twins")
    print(f"{'n':>7}  {'fair passes':18}  {'flips in 3%: no pass':20}  fails")
    made = gate(groups=("gender",), flip_rate=Limit(max=0.01))
    for n in (250, 500, 1_000, 2_000):
        fair, biased = (
            [flips(made, [*paired(answers, n, flipped, seed)]) for seed in range(min(seeds, 100))]
            for flipped in (0.0, FLIPPED)
        )
        passed, caught = [one is Status.PASS for one in fair], [one is not Status.PASS for one in biased]
        print(f"{n:7,}  {share(passed)}  {share(caught)}    {share([one is Status.FAIL for one in biased])}")


def flips(made: FairnessGate, records: Sequence[Record]) -> Status:
    """Return how the flip rate is judged."""
    return next(metric.status for metric in judged(made, records).metrics if metric.name == "flip_rate")


def paired(answers: Sequence[tuple[str, str]], n: int, flipped: float, seed: int) -> Iterator[Record]:
    """Yield twins."""
    chance = random.Random(f"{n} {flipped} {seed}")  # noqa: S311 nothing secret
    for number, (label, gold) in enumerate(chance.choices(answers, k=n)):
        for value in ("f", "m"):
            given = "another" if value == "f" and chance.random() < flipped else label
            yield Record(id=f"{number}{value}", pair=str(number), label=given, expected=gold, groups={"gender": value})


PRONOUNS = ["he", "she", "they", "him", "her", "them", "his", "their", "himself", "herself", "themself", "themselves"]


def winogender(path: Path) -> None:
    """Sentences that differ in gender only, answered by a classifier that may see gender and by one that may not."""
    rows = [json.loads(line) for line in path.open(encoding="utf-8")]
    cases = [(row["sentence"], *row["sentid"].removesuffix(".txt").rsplit(".", 1)) for row in rows]
    print(f"\nWinogender: {len(cases)} sentences, in sets of three that differ in gender only")
    made = gate(
        groups=("gender",),
        positive=("grant",),
        flip_rate=Limit(max=0.05),
        confidence_shift=Limit(max=0.05),
        demographic_parity=GapLimit(max_difference=0.15),
    )
    for name, ignored in (("sees gender", []), ("does not see it", PRONOUNS)):
        for metric in judged(made, answered(cases, ignored)).metrics:
            if metric.status is not Status.OFF:
                print(f"  {name}: {metric.status.value}: {metric.reason}")


def answered(cases: Sequence[tuple[str, str, str]], ignored: Sequence[str]) -> list[Record]:
    """Return the sentences with what a classifier of the other half of them answers; it never sees the `ignored` words.

    It learns from the past, in which it depended on the sentence, and went against women in one of three cases.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    chance = random.Random(7)  # noqa: S311 nothing secret
    past = [
        "refuse" if gender == "female" and chance.random() < 1 / 3 else ("grant" if name[-1] == "0" else "refuse")
        for _, name, gender in cases
    ]
    folds = [sum(map(ord, name.split(".")[0])) % 2 for _, name, _ in cases]
    records = []
    for fold in (0, 1):
        words = TfidfVectorizer(ngram_range=(1, 2), stop_words=[*ignored] or None)
        learner = make_pipeline(words, LogisticRegression(C=10.0, max_iter=1000))
        others = [place for place, its in enumerate(folds) if its != fold]
        learner.fit([cases[place][0] for place in others], [past[place] for place in others])
        for (sentence, name, gender), its in zip(cases, folds, strict=True):
            if its == fold:
                chances = [float(value) for value in learner.predict_proba([sentence])[0]]
                best = max(range(len(chances)), key=chances.__getitem__)
                label, ident = str(learner.classes_[best]), f"{name}.{gender}"
                records.append(
                    Record(id=ident, pair=name, label=label, confidence=chances[best], groups={"gender": gender})
                )
    return records


if __name__ == "__main__":
    main()
