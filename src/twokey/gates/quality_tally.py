"""What the quality gate counts: right and wrong, label by label, slice by slice, and how sure the model was.

Counts are integers, and confidences are summed in millionths, so that the order of counting cannot show. Only with a
baseline is something kept per record: eight bytes (`quality_pairs`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twokey.gates.quality_labels import LONG, MAX_LABELS, label_text
from twokey.gates.quality_pairs import Chunks, Keys, joined
from twokey.record import Record
from twokey.stats.calibration import BINS
from twokey.stats.counts import add_counts
from twokey.stats.grounding import unsupported

MAX_SLICES = 200
EXAMPLES = 5
MILLION = 1_000_000
LAST = 3 * (BINS - 1)
ERRORED, UNSCORABLE, WRONG, RIGHT = range(4)
NO_VALUE = "(none)"

Confusion = Mapping[tuple[str, str | None], int]
Slices = Mapping[str, Mapping[tuple[str, int], int] | None]
Examples = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What to look at while counting: slices by group, the confidence from which an error is a confident one.

    `unsupported_above` is the share of new words from which an answer is flagged, None where no answer is to be
    compared with its context. `keys` makes pairing keys, None without a baseline.
    """

    slices: tuple[str, ...] = ()
    confident_at: float = 0.6
    unsupported_above: float | None = None
    keys: Keys | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one recording's answers came to.

    `confusion` counts (expected, given) and is None where there are too many labels. `bins` holds for each bin of
    confidence how many answers are wrong, how many right, and their confidences in millionths. `grounded` counts
    (by whom, flagged). `slices` counts (value, outcome) by group, None where there are too many values. `examples`
    holds the first ids, alphabetically, of what is wrong.
    """

    total: int = 0
    errored: int = 0
    scored: int = 0
    expected: int = 0
    right: int = 0
    confusion: Confusion | None = field(default_factory=dict)
    bins: tuple[int, ...] = (0,) * (3 * BINS)
    confident_errors: int = 0
    grounded: Mapping[tuple[str, bool], int] = field(default_factory=dict)
    slices: Slices = field(default_factory=dict)
    examples: Examples = field(default_factory=dict)
    keys: Chunks = ()


def count(records: Iterable[Record], look: Look) -> Answers:
    """Count some records. An errored one is never a wrong answer; one without `expected` cannot be right or wrong."""
    records = list(records)
    expected = _as_texts([record.expected if record.error is None else None for record in records])
    given = _as_texts([record.label for record in records])
    states, bins = _score(expected, given, [record.confidence for record in records], look.confident_at)
    pairs = Counter(zip(expected, given, strict=True))
    confusion = {(wanted, label): seen for (wanted, label), seen in pairs.items() if wanted is not None}
    compared = sum(confusion.values())
    missed = [(record.id, state) for record, state in zip(records, states, strict=True) if state & 1]
    wrong = [name for name, _ in missed]
    confident = [name for name, state in missed if state & 32]
    flagged, grounded = _ground(records, states, look.unsupported_above)
    return Answers(
        total=len(records),
        errored=len(records) - [record.error for record in records].count(None),
        scored=len(states) - states.count(0),
        expected=compared,
        right=compared - len(wrong),
        confusion=_bounded_labels(confusion),
        bins=bins,
        confident_errors=len(confident),
        grounded=grounded,
        slices={group: _bounded_slices(_slice(group, records, states)) for group in look.slices},
        examples=_examples(wrong, flagged, confident),
        keys=look.keys.of(records, states) if look.keys else (),
    )


def _as_texts(labels: list[Any]) -> list[str | None]:
    """Return labels as the texts that are compared; short texts, which are the usual ones, are that already."""
    if _TEXTS.issuperset(map(type, labels)) and max(map(len, filter(None, labels)), default=0) <= LONG:
        return labels
    return [
        label if label is None or (type(label) is str and len(label) <= LONG) else label_text(label) for label in labels
    ]


_TEXTS = frozenset({str, type(None)})


def _score(
    expected: list[str | None], given: list[str | None], sures: list[float | None], confident_at: float
) -> tuple[list[int], tuple[int, ...]]:
    """Return each record's state, and the bins of confidence.

    The bits of a state: 1 wrong, 2 right, 0 neither; 16 no confident error, 32 one.
    """
    bins = [0] * (3 * BINS)
    states: list[int] = []
    keep = states.append
    for wanted, label, sure in zip(expected, given, sures, strict=True):
        if wanted is None:
            keep(0)
            continue
        right = wanted == label
        state = 2 if right else 1
        if sure is not None and 0 <= sure <= 1:
            millionths = int(sure * MILLION + 0.5)
            place = 3 * (millionths * BINS // MILLION) if millionths < MILLION else LAST
            bins[place + right] += 1
            bins[place + 2] += millionths
            state += 16 if right or sure < confident_at else 32
        keep(state)
    return states, tuple(bins)


def _ground(
    records: list[Record], states: list[int], above: float | None
) -> tuple[list[str], Mapping[tuple[str, bool], int]]:
    """Mark what somebody labelled, or what its context does not support: bits 4 (no) and 8 (yes) of the states."""
    flagged: list[str] = []
    found: Counter[tuple[str, bool]] = Counter()
    if above is None and [record.hallucinated for record in records].count(None) == len(records):
        return flagged, found
    for place, record in enumerate(records):
        if record.error is not None:
            continue
        verdict, by = record.hallucinated, "label"
        if verdict is None and above is not None and record.context is not None:
            verdict, by = (
                unsupported(texts(record.output), [texts(record.context), texts(record.input)], above),
                "words",
            )
        if verdict is not None:
            found[by, verdict] += 1
            states[place] += 8 if verdict else 4
            if verdict:
                flagged.append(record.id)
    return flagged, found


def texts(value: Any) -> str:
    """Return the strings in a value, joined by newlines, without keys and without bare numbers such as scores."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(map(texts, value.values()))
    return "\n".join(map(texts, value)) if isinstance(value, (list, tuple)) else ""


def _slice(group: str, records: list[Record], states: list[int]) -> Counter[tuple[str, int]]:
    values = [record.groups.get(group, NO_VALUE) for record in records]
    answered = [record.error is None for record in records]
    found: Counter[tuple[str, int]] = Counter()
    for (value, state, answer), seen in Counter(zip(values, states, answered, strict=True)).items():
        found[value, _OUTCOMES[state & 3] if answer else ERRORED] += seen
    return found


_OUTCOMES = (UNSCORABLE, WRONG, RIGHT)


def _bounded_labels(confusion: Confusion) -> Confusion | None:
    """Return the counts, or None where there are too many labels: the same whatever the order they came in."""
    if 2 * len(confusion) <= MAX_LABELS:
        return confusion
    labels = {label for pair in confusion for label in pair}
    return None if len(labels - {None}) > MAX_LABELS else confusion


def _bounded_slices(slices: Mapping[tuple[str, int], int]) -> Mapping[tuple[str, int], int] | None:
    too_many = len(slices) > MAX_SLICES and len({value for value, _ in slices}) > MAX_SLICES
    return None if too_many else slices


def _examples(wrong: list[str], flagged: list[str], confident: list[str]) -> Examples:
    found = {"accuracy": wrong, "hallucination_rate": flagged, "confident_errors": confident}
    return {name: tuple(sorted(ids)[:EXAMPLES]) for name, ids in found.items() if ids}


def add(left: Answers, right: Answers) -> Answers:
    """Return what counting both together would have given."""
    both = left.confusion is not None and right.confusion is not None
    return Answers(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        scored=left.scored + right.scored,
        expected=left.expected + right.expected,
        right=left.right + right.right,
        confusion=_bounded_labels(add_counts(left.confusion or {}, right.confusion or {})) if both else None,
        bins=tuple(map(int.__add__, left.bins, right.bins)),
        confident_errors=left.confident_errors + right.confident_errors,
        grounded=add_counts(left.grounded, right.grounded),
        slices={
            group: _add_slices(left.slices, right.slices, group) for group in sorted({*left.slices, *right.slices})
        },
        examples={
            name: tuple(sorted((*left.examples.get(name, ()), *right.examples.get(name, ())))[:EXAMPLES])
            for name in sorted({*left.examples, *right.examples})
        },
        keys=joined(left.keys, right.keys),
    )


def _add_slices(left: Slices, right: Slices, group: str) -> Mapping[tuple[str, int], int] | None:
    one, other = left.get(group, {}), right.get(group, {})
    return None if one is None or other is None else _bounded_slices(add_counts(one, other))
