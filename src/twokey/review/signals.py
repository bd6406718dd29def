"""What can be said of an output without looking at it: by the model itself, a second classifier, a judge, the past.

Each signal is a column of whole numbers, higher is more doubtful. The model's own word (confidence, and the margin over
what else it weighed) weighs as much as two signals. A member of the second classifier weighs up to a half, by how far
it agrees with the model beyond chance; with labels at hand up to one. How columns become an order is in `doubt`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from zlib import crc32

from twokey.canonical import quantise
from twokey.record import Record, flatten
from twokey.review.past import Case, label_text
from twokey.review.tally import Candidate
from twokey.scorers.base import SCALE
from twokey.stats.error_model import error_model
from twokey.stats.second_opinion import FITTED_WEIGHT, Features, Opinion, features, second_opinion
from twokey.values import dataclass

ONE = 1000
"""The weight of one signal; weights are in thousandths."""

MILLION = 1_000_000
MEMBERS = ("a second classifier by words", "a second classifier by likeness")
NEAR_MISS = ONE // 4
LONGEST = 60
"""Characters of a label in a sentence."""

Column = tuple[int | None, ...]
Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal's word on each output; None where it has nothing to say."""

    name: str
    weight: int
    doubts: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the signals stand on, in the order of the ids.

    `known` counts the past cases of which the right label is known, `graded` those of which it is known whether they
    failed.
    """

    rows: tuple[Candidate, ...]
    ids: dict[str, int]
    inputs: tuple[Features, ...]
    opinion: Opinion | None
    past: Column
    known: int
    graded: int


def look(rows: Sequence[Candidate], cases: Sequence[Case]) -> Seen:
    """Fit what is to be fitted, and look at each output."""
    records = [row.record for row in rows]
    inputs = tuple(features(flatten(record.input)) for record in records)
    graded = [case for case in cases if case.failed is not None]
    return Seen(
        rows=tuple(rows),
        ids={record.id: at for at, record in enumerate(records)},
        inputs=inputs,
        opinion=_opinion(records, inputs, cases),
        past=_past(records, inputs, graded),
        known=sum(case.right is not None for case in cases),
        graded=len(graded),
    )


def signals(seen: Seen) -> Iterator[Signal]:
    """Yield all signals but novelty, those with nothing to say too."""
    records = [row.record for row in seen.rows]
    own = (("confidence", tuple(map(_unsure, records))), ("margin", tuple(map(_close, records))))
    said = [(name, column) for name, column in own if len(set(column)) > 1]
    yield from (Signal(name=name, weight=2 * ONE // len(said), doubts=column) for name, column in said)
    if seen.opinion is not None:
        share = _share(FITTED_WEIGHT * seen.known, len(records))
        for name, agreement, column in zip(MEMBERS, seen.opinion.agreement, seen.opinion.doubts, strict=True):
            weight = (agreement // 2 * (ONE - share) + ONE * share) // ONE
            yield Signal(name=name, weight=weight, doubts=column)
    yield Signal(name="past failures", weight=_share(seen.graded, len(records)), doubts=seen.past)
    yield Signal(name="judge", weight=ONE, doubts=tuple(row.verdict for row in seen.rows))
    yield Signal(name="near-misses of detectors", weight=NEAR_MISS, doubts=tuple(row.near for row in seen.rows))


def novelty(seen: Seen) -> Signal:
    """Return how much of each input stands in no other one: where nothing else can be said, better than nothing."""
    held = Counter(feature for found in seen.inputs for feature in found)
    alone = (sum(held[feature] == 1 for feature in found) for found in seen.inputs)
    shares = (n * ONE // len(found) if found else None for n, found in zip(alone, seen.inputs, strict=True))
    return Signal(name="novelty", weight=ONE, doubts=tuple(shares))


def against(seen: Seen) -> frozenset[str]:
    """Return the ids of those that both members of the second classifier, a judge, or the past speak against."""
    return frozenset(id_ for id_, at in seen.ids.items() if _is_against(seen, at))


def _is_against(seen: Seen, at: int) -> bool:
    label, verdict, odds = _label(seen.rows[at].record), seen.rows[at].verdict, seen.past[at]
    both = seen.opinion is not None and all(member[at] != label for member in seen.opinion.says)
    return both or (verdict is not None and 2 * verdict > SCALE) or (odds is not None and odds > 0)


def giving(seen: Seen, label: str) -> tuple[Record, ...]:
    """Return the outputs that give a label."""
    return tuple(row.record for row in seen.rows if _label(row.record) == label)


def says(seen: Seen, id_: str, hide: Hide) -> tuple[dict[str, str], ...]:
    """Return what each signal says of an output, in plain words; nothing of those that have nothing against it.

    `hide` is asked for each label before it is quoted, and sees it whole: half a secret would not be known for one.
    """
    at = seen.ids.get(id_)
    return () if at is None else tuple(_sayings(seen, at, seen.rows[at], lambda label: _short(hide(label))))


def _sayings(seen: Seen, at: int, row: Candidate, quoted: Hide) -> Iterator[dict[str, str]]:
    other = _others(row.record)
    if other and (sure := _confidence(row.record)) is not None and sure - other[0][1] < 0.1:
        yield _saying("margin", f"the model gave {quoted(other[0][0])} {other[0][1]:g}, and its answer {sure:g}")
    if seen.opinion is not None:
        basis = f"the other outputs and {seen.known:,} labelled cases" if seen.known else "the other outputs"
        for name, member in zip(MEMBERS, seen.opinion.says, strict=True):
            if member[at] != _label(row.record):
                yield _saying("second classifier", f"{name}, fitted on {basis}, says {quoted(member[at])}")
    if (odds := seen.past[at]) is not None and odds > 0:
        text = f"of {seen.graded:,} graded cases, it is more like those that failed than like the others"
        yield _saying("past failures", text)
    if row.verdict is not None and 2 * row.verdict > SCALE:
        yield _saying("judge", "the judge says that it does not hold")
    if row.near:
        what = "sees something that does not count here: quoted, allowed or of low severity"
        yield _saying("near-misses of detectors", f"a detector {what}")


def _saying(signal: str, text: str) -> dict[str, str]:
    return {"signal": signal, "says": text}


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def _label(record: Record) -> str:
    return label_text(record.label if record.label is not None else record.output) or ""


def _others(record: Record) -> tuple[tuple[str, float], ...]:
    label = _label(record)
    return tuple(one for one in record.alternatives if one[0] != label)


def _confidence(record: Record) -> float | None:
    """Return the model's confidence in its answer, or the answer's own score among the alternatives."""
    if record.confidence is not None or not record.alternatives:
        return record.confidence
    return dict(record.alternatives).get(_label(record))


def _unsure(record: Record) -> int | None:
    return None if record.confidence is None else -round(quantise(record.confidence) * MILLION)


def _close(record: Record) -> int | None:
    sure, others = _confidence(record), _others(record)
    return None if sure is None or not others else round((others[0][1] - quantise(sure)) * MILLION)


def _opinion(records: Sequence[Record], inputs: Sequence[Features], cases: Sequence[Case]) -> Opinion | None:
    known = [(case.input, case.right) for case in cases if case.right is not None]
    return second_opinion(inputs, [_label(record) for record in records], known)


def _past(records: Sequence[Record], inputs: Sequence[Features], cases: Sequence[Case]) -> Column:
    model = error_model((_marks(case.input, case.given, case.confidence), bool(case.failed)) for case in cases)
    if model is None:
        return (None,) * len(records)
    rows = zip(records, inputs, strict=True)
    return tuple(model.odds(_marks(found, _label(record), record.confidence)) for record, found in rows)


def _marks(found: Features, label: str | None, confidence: float | None) -> Features:
    """Return the features of a case: its input's, its answer, and how sure the model was, in tenths."""
    sure = "unknown" if confidence is None else str(min(9, int(quantise(confidence) * 10)))
    return (*found, crc32(f"answer {label}".encode("utf-8", "surrogatepass")), crc32(f"sure {sure}".encode()))


def _share(known: int, pool: int) -> int:
    return ONE * known // (known + pool) if known else 0
