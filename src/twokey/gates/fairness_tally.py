"""What the fairness gate counts: by each value of each group how answers came out, and which records are twins.

Counts are integers, and confidences are summed in millionths, so that the order of counting cannot show. What is kept
grows with the number of different values, which is capped, and by 24 bytes for each record that has a twin.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from twokey.gates.fairness_twins import Kept, Mark, keep, together
from twokey.record import Record
from twokey.scorers.labels import label_text
from twokey.stats.calibration import BINS
from twokey.stats.counts import add_counts

MAX_VALUES = 50
MAX_LABELS = 200
MAX_CELLS = 2_000
MILLION = 1_000_000
POSITIVE, EXPECTED, SHOULD, RIGHT, BAND = 1, 2, 4, 8, 16
ERRORED = BAND * (BINS + 1)
NO_VALUE = "(none)"

Key = TypeVar("Key", bound=Hashable)
Capped = Mapping[Key, int] | None
States = Mapping[str, Capped[tuple[str | None, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What to look at while counting: the groups, those in which slices are searched, and what a positive label is."""

    groups: tuple[str, ...]
    search: tuple[str, ...]
    positive: frozenset[str]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What a recording's answers came to.

    `grouped` answered records carry any of the groups, and `clustered` of all records a cluster. `states` counts
    (value, state) by group. A state is a sum: POSITIVE where the answer is, EXPECTED where it is known what it should
    be, SHOULD where that is positive, RIGHT where both are the same, and BAND times the bin of the confidence, from 1;
    or ERRORED. `labels` counts (value, label), where no label was named positive. `sure` sums confidences of scored
    answers in millionths by (value, bin). `cells` counts (values, right) over the groups that are searched. Each is
    None where there are too many values. `twins` are the records that have one.
    """

    total: int = 0
    errored: int = 0
    grouped: int = 0
    clustered: int = 0
    states: States = field(default_factory=dict)
    labels: Mapping[str, Capped[tuple[str, str]]] = field(default_factory=dict)
    sure: Mapping[str, Capped[tuple[str | None, int]]] = field(default_factory=dict)
    cells: Capped[tuple[tuple[str, ...], bool]] = field(default_factory=dict)
    twins: Kept = field(default_factory=Kept)


def count(records: Iterable[Record], look: Look) -> Outcomes:
    """Count some records. An errored one is never a wrong answer; one without `expected` cannot be right or wrong."""
    records = list(records)
    given = [label_text(record.label) if record.label is not None else None for record in records]
    states = [_state(record, label, look.positive) for record, label in zip(records, given, strict=True)]
    sures = [
        _millionths(record) if state % ERRORED // BAND else 0 for record, state in zip(records, states, strict=True)
    ]
    answered = [place for place, state in enumerate(states) if state != ERRORED]
    columns = {group: [record.groups.get(group) for record in records] for group in look.groups}
    return Outcomes(
        total=len(records),
        errored=len(records) - len(answered),
        grouped=sum(any(column[place] is not None for column in columns.values()) for place in answered),
        clustered=sum(record.cluster is not None for record in records),
        states={group: _bounded(Counter(zip(column, states, strict=True))) for group, column in columns.items()},
        labels={} if look.positive else {group: _labels(column, given, answered) for group, column in columns.items()},
        sure={group: _sure(column, states, sures) for group, column in columns.items()},
        cells=_cells([records[place] for place in answered], [states[place] for place in answered], look.search),
        twins=keep(records, given, look.groups, look.positive, look.mark),
    )


def _state(record: Record, label: str | None, positive: frozenset[str]) -> int:
    if record.error is not None:
        return ERRORED
    state = POSITIVE if label in positive else 0
    if record.expected is None:
        return state
    wanted = label_text(record.expected)
    state += EXPECTED + (SHOULD if wanted in positive else 0) + (RIGHT if wanted == label else 0)
    sure = record.confidence
    if sure is None or not 0 <= sure <= 1:
        return state
    return state + BAND * (1 + min(BINS - 1, _millionths(record) * BINS // MILLION))


def _millionths(record: Record) -> int:
    return int((record.confidence or 0.0) * MILLION + 0.5)


def _labels(column: list[str | None], given: list[str | None], answered: list[int]) -> Capped[tuple[str, str]]:
    seen: Counter[tuple[str, str]] = Counter()
    for place in answered:
        value, label = column[place], given[place]
        if value is not None and label is not None:
            seen[value, label] += 1
    return _bounded_labels(seen)


def _sure(column: list[str | None], states: list[int], sures: list[int]) -> Capped[tuple[str | None, int]]:
    sums: dict[tuple[str | None, int], int] = {}
    for value, state, sure in zip(column, states, sures, strict=True):
        band = state % ERRORED // BAND
        if band:
            sums[value, band] = sums.get((value, band), 0) + sure
    return _bounded(sums)


def _cells(records: list[Record], states: list[int], search: tuple[str, ...]) -> Capped[tuple[tuple[str, ...], bool]]:
    seen = Counter(
        (tuple([record.groups.get(group, NO_VALUE) for group in search]), bool(state & RIGHT))
        for record, state in zip(records, states, strict=True)
        if state & EXPECTED
    )
    return _bounded_cells(seen)


# What is over a cap is None, whatever the order in which it came together: distinct keys only ever become more.


def _bounded(seen: Mapping[tuple[str | None, int], int]) -> Capped[tuple[str | None, int]]:
    return None if len({value for value, _ in seen} - {None}) > MAX_VALUES else seen


def _bounded_labels(seen: Mapping[tuple[str, str], int]) -> Capped[tuple[str, str]]:
    many = len({value for value, _ in seen}) > MAX_VALUES or len({label for _, label in seen}) > MAX_LABELS
    return None if many else seen


def _bounded_cells(seen: Mapping[tuple[tuple[str, ...], bool], int]) -> Capped[tuple[tuple[str, ...], bool]]:
    return None if len({values for values, _ in seen}) > MAX_CELLS else seen


def add(left: Outcomes, right: Outcomes) -> Outcomes:
    """Return what counting both together would have given."""
    return Outcomes(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        grouped=left.grouped + right.grouped,
        clustered=left.clustered + right.clustered,
        states=_add_groups(left.states, right.states, _bounded),
        labels=_add_groups(left.labels, right.labels, _bounded_labels),
        sure=_add_groups(left.sure, right.sure, _bounded),
        cells=None
        if left.cells is None or right.cells is None
        else _bounded_cells(add_counts(left.cells, right.cells)),
        twins=together(left.twins, right.twins),
    )


def _add_groups(left: Mapping[str, Any], right: Mapping[str, Any], bounded: Any) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for group in sorted({*left, *right}):
        one, other = left.get(group, {}), right.get(group, {})
        sums[group] = None if one is None or other is None else bounded(add_counts(one, other))
    return sums
