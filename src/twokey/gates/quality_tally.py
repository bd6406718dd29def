"""What the quality gate counts: scores by metric, right and wrong label by label, and how sure the model was.

Counts are integers, of confidences in ten-thousandths too, so that the order of counting cannot show.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from twokey.gates.quality_grounding import NAME as HALLUCINATION
from twokey.gates.quality_grounding import Compare, Said, Seen, ground
from twokey.gates.quality_labels import MAX_LABELS
from twokey.gates.quality_partners import Chunk, Chunks, joined
from twokey.gates.quality_scores import MAX_SLICES, NO_VALUE, Scores, Side, add_scores, count_scores
from twokey.record import Partnered, Record
from twokey.scorers.base import SCALE, Score, Scorer
from twokey.scorers.cases import Cases
from twokey.stats.counts import add_counts

Confusion = Mapping[tuple[str, str | None], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What to look at while counting: the scorers by metric, and the groups whose values are told apart.

    `sliced` are the metrics whose scores are counted by slice too, because policy judges them.
    `compare` says what an answer's words come to, None where no answer is to be compared with its context. `keeps` says
    that the baseline's scores are kept to be compared with; `clustered` that records may name a cluster.
    """

    scorers: Mapping[str, Scorer]
    slices: tuple[str, ...] = ()
    sliced: frozenset[str] = frozenset()
    compare: Compare | None = None
    keeps: bool = False
    clustered: bool = False
    seed: int = 0

    @property
    def of_candidate(self) -> "Look":
        """The same, for the recording that is compared: nothing is kept of it."""
        return replace(self, keeps=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one recording's answers came to.

    `scored` records were scored by some metric; `met` have a partner in the baseline, `partnered` of them are answered;
    the judge failed on `misjudged`. `clustered` name a cluster.
    `confusion` counts (expected, given) and is None where there are too many labels. `sure` counts
    (confidence in ten-thousandths, right). `grounded` counts who
    said that an answer is unsupported. `groups` counts (value, errored) by group, None where there are too many values.
    `kept` is what the candidate is compared with, in the baseline's own tally.
    """

    total: int = 0
    errored: int = 0
    scored: int = 0
    partnered: int = 0
    met: int = 0
    misjudged: int = 0
    clustered: int = 0
    scores: Mapping[str, Scores] = field(default_factory=dict)
    confusion: Confusion | None = field(default_factory=dict)
    sure: Mapping[tuple[int, bool], int] = field(default_factory=dict)
    grounded: Seen = field(default_factory=dict)
    groups: Mapping[str, Mapping[tuple[str, bool], int] | None] = field(default_factory=dict)
    kept: Chunks = ()

    def of(self, metric: str) -> Scores:
        """Return the scores of a metric; none where no record was scored."""
        return self.scores.get(metric, Scores())


def dependent(answers: Answers) -> str:
    """Say that there are clusters, to whoever takes records as independent; nothing where there are none."""
    return "its interval takes the records of one cluster for independent" if answers.clustered else ""


def count(
    records: Sequence[Record], look: Look, before: Partnered | None = None, judged: Partnered | None = None
) -> Answers:
    """Count some records. An errored one is never a wrong answer; one that lacks what a metric needs is in no score."""
    answered = [place for place, record in enumerate(records) if record.error is None]
    good = Cases(_of(answered, records))
    scores: dict[str, list[Score]] = {name: scorer.score(good) for name, scorer in look.scorers.items()}
    verdicts, misjudged = _verdicts(judged, answered) if judged is not None else (None, 0)
    scores[HALLUCINATION], grounded = ground(good, verdicts, look.compare)
    values = {group: [record.groups.get(group, NO_VALUE) for record in records] for group in look.slices}
    groups = {group: _of(answered, found) for group, found in values.items()}
    side = Side(records=good, groups=groups, clustered=look.clustered, seed=look.seed)
    was = {name: _of(answered, found) for name, found in (before.scores.items() if before is not None else ())}
    counted = {
        name: count_scores(side, found, was.get(name), lower=_lower(look, name), sliced=name in look.sliced)
        for name, found in scores.items()
    }
    return Answers(
        total=len(records),
        errored=len(records) - len(good),
        scored=_scored(list(scores.values()), len(good)),
        partnered=sum(before.partnered[place] for place in answered) if before is not None else 0,
        met=sum(before.partnered) if before is not None else 0,
        misjudged=misjudged,
        clustered=sum(record.cluster is not None for record in good) if look.clustered else 0,
        scores={name: one for name, one in counted.items() if one != _NO_SCORES},
        confusion=_confusion(*good.labels),
        sure=_sure(good.right, [record.confidence for record in good]),
        grounded=grounded,
        groups={group: _bounded_groups(_group(records, found)) for group, found in values.items()},
        kept=(Chunk.of(good, scores, look.seed),) if look.keeps and good else (),
    )


_NO_SCORES = Scores()
T = TypeVar("T")


def _of(answered: Sequence[int], found: Sequence[T]) -> Sequence[T]:
    """Return what was found at some places, which mostly are all there are."""
    return found if len(answered) == len(found) else [found[place] for place in answered]


def keep_verdicts(records: Sequence[Record], seed: int) -> Answers:
    """Keep what a judge said of the candidate's records, to be met by them; a row with an error says nothing else."""
    verdicts = [None if r.hallucinated is None or r.error is not None else SCALE * r.hallucinated for r in records]
    failed = [SCALE * (record.error is not None) for record in records]
    return Answers(
        total=len(records),
        errored=len([one for one in failed if one]),
        kept=(Chunk.of(records, {VERDICT: verdicts, FAILED: failed}, seed),),
    )


VERDICT, FAILED = "verdict", "failed"


def _verdicts(judged: Partnered, answered: Sequence[int]) -> tuple[list[Said], int]:
    """Return the verdict on each answered record, and how many the judge failed on."""
    verdicts, failed = judged.scores.get(VERDICT, ()), judged.scores.get(FAILED, ())
    if not verdicts:
        return [None] * len(answered), 0
    said = [None if (verdict := verdicts[place]) is None else verdict > 0 for place in answered]
    return said, len([place for place in answered if failed[place]])


def _lower(look: Look, name: str) -> bool:
    return name == HALLUCINATION or look.scorers[name].better == "lower"


def _scored(scores: list[list[Score]], records: int) -> int:
    """Return how many records have any score."""
    if any(None not in found for found in scores):
        return records
    return sum(any(score is not None for score in row) for row in zip(*scores, strict=True))


def _confusion(expected: list[str | None], given: list[str | None]) -> Confusion | None:
    pairs = Counter(zip(expected, given, strict=True))
    return _bounded_labels({(wanted, label): seen for (wanted, label), seen in pairs.items() if wanted is not None})


def _sure(rights: list[Score], sures: list[float | None]) -> Mapping[tuple[int, bool], int]:
    return Counter(
        [
            (int(sure * SCALE + 0.5), right == SCALE)
            for right, sure in zip(rights, sures, strict=True)
            if right is not None and sure is not None and 0 <= sure <= 1
        ]
    )


def _group(records: Sequence[Record], values: Sequence[str]) -> Mapping[tuple[str, bool], int]:
    return Counter(zip(values, [record.error is not None for record in records], strict=True))


def _bounded_labels(confusion: Confusion) -> Confusion | None:
    """Return the counts, or None where there are too many labels: the same whatever the order they came in."""
    if 2 * len(confusion) <= MAX_LABELS:
        return confusion
    labels = {label for pair in confusion for label in pair}
    return None if len(labels - {None}) > MAX_LABELS else confusion


def _bounded_groups(groups: Mapping[tuple[str, bool], int]) -> Mapping[tuple[str, bool], int] | None:
    too_many = len(groups) > MAX_SLICES and len({value for value, _ in groups}) > MAX_SLICES
    return None if too_many else groups


def add(left: Answers, right: Answers) -> Answers:
    """Return what counting both together would have given."""
    both = left.confusion is not None and right.confusion is not None
    return Answers(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        scored=left.scored + right.scored,
        partnered=left.partnered + right.partnered,
        met=left.met + right.met,
        misjudged=left.misjudged + right.misjudged,
        clustered=left.clustered + right.clustered,
        scores={name: add_scores(left.of(name), right.of(name)) for name in sorted({*left.scores, *right.scores})},
        confusion=_bounded_labels(add_counts(left.confusion or {}, right.confusion or {})) if both else None,
        sure=add_counts(left.sure, right.sure),
        grounded=add_counts(left.grounded, right.grounded),
        groups={group: _add_groups(left, right, group) for group in sorted({*left.groups, *right.groups})},
        kept=joined(left.kept, right.kept),
    )


def _add_groups(left: Answers, right: Answers, group: str) -> Mapping[tuple[str, bool], int] | None:
    one, other = left.groups.get(group, {}), right.groups.get(group, {})
    return None if one is None or other is None else _bounded_groups(add_counts(one, other))
