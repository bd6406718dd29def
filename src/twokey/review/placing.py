"""Giving a seed a place among the items, and making its row look like those beside it.

A row says how its item was chosen, how sure the model was, and what else it might have said. Of a seed nobody chose it,
so it says what a real item beside it says; only what was asked and what came back is its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import structs

from twokey.canonical import DECIMALS
from twokey.record import Record
from twokey.review import AUDITED, HIGH, LOW
from twokey.review.mutations import Around, drawn, put

Row = Mapping[str, Any]
AsRow = Callable[..., dict[str, Any]]

_HOW_CHOSEN = ("stratum", "rank", "inclusion_probability", "selector", "seed", "stage")
_ANY_PLACE = frozenset({LOW, AUDITED})
"""Strata in which any record is believable: the others say what was special about it."""


def beside(item: Row) -> dict[str, Any]:
    """Return what an item's row says of how it was chosen."""
    return {name: item[name] for name in _HOW_CHOSEN if name in item}


def placed(
    records: Sequence[Record], items: Sequence[Row], known: Around, key: bytes, as_row: AsRow
) -> list[dict[str, Any]]:
    """Return the rows of seeds, each as one of the item's before which it will stand.

    Args:
        records: the seeds'.
        items: those that they are mixed among; at least one.
        known: what all records say together, such as which labels there are.
        key: what draws places.
        as_row: makes the row of a record, redacted; keywords say how it was chosen.
    """
    return [_row(record, anchor, items, known, key, as_row) for record, anchor in _anchored(records, items, key)]


def _anchored(records: Sequence[Record], items: Sequence[Row], key: bytes) -> Iterator[tuple[Record, Row]]:
    """Yield each seed with the item before which it will stand: one in each of equally long stretches of the items."""
    ranked = sorted(items, key=lambda row: int(row.get("rank") or 0))
    anchors = [row for row in ranked if row["stratum"] in _ANY_PLACE] or ranked
    mixed = sorted(records, key=lambda record: (drawn(key, "order", record.id), record.id))
    for number, record in enumerate(mixed):
        first, last = (len(anchors) * step // len(mixed) for step in (number, number + 1))
        yield record, anchors[first + drawn(key, "place", record.id) % max(last - first, 1)]


def _row(record: Record, anchor: Row, items: Sequence[Row], known: Around, key: bytes, as_row: AsRow) -> dict[str, Any]:
    confidence = _confidence(record, anchor, items, key)
    told = put(record.output, record.confidence, confidence) if record.confidence is not None else None
    row = as_row(
        structs.replace(
            record,
            confidence=confidence,
            output=record.output if told is None else told,  # an output that repeats its confidence goes on doing so
            impact=anchor.get("impact") if anchor["stratum"] == HIGH else record.impact,
        ),
        **beside(anchor),
    )
    if "doubts" in anchor:
        row["doubts"] = []  # nobody asked a second opinion of it, and many items have none
    others = _alternatives(row, anchor, known, key)
    return row if others is None else {**row, "alternatives": others}


def _alternatives(row: Row, anchor: Row, known: Around, key: bytes) -> list[Any] | None:
    """Return what else the model might have said, where that is told of the item beside it; None for what the row says.

    In the audit a record keeps its own; elsewhere the scores are those of the item, since its confidence is like that.
    """
    like, own, right = anchor.get("alternatives"), row.get("label"), row.get("expected")
    if not isinstance(like, list) or not known.closed:
        return None
    if anchor["stratum"] == AUDITED and own in [one["label"] for one in row.get("alternatives", ())]:
        return None
    others = [label for label in known.labels if label != own]
    others.sort(key=lambda label: (label != right, drawn(key, "alternatives", str(row["id"]), label)))
    first = next((number for number, one in enumerate(like) if one["label"] == anchor.get("label")), None)
    if first is None:
        return [{**one, "label": label} for one, label in zip(like, others, strict=False)]
    labels = [*others[:first], own, *others[first:]]
    found = [{**one, "label": label} for one, label in zip(like, labels, strict=False)]
    if row.get("confidence") is not None and like[first]["score"] == anchor.get("confidence"):
        found[first]["score"] = row["confidence"]
    return found


def _confidence(record: Record, anchor: Row, items: Sequence[Row], key: bytes) -> float | None:
    """Return a confidence that fits the place: in the audit its own, elsewhere one between those of its neighbours."""
    here = anchor.get("confidence")
    if anchor["stratum"] == AUDITED and record.confidence is not None and here is not None:
        return record.confidence
    before = [row for row in items if row["stratum"] == anchor["stratum"] and row["rank"] < anchor["rank"]]
    there = max(before, key=lambda row: int(row["rank"]), default=anchor).get("confidence")
    if here is None or there is None:
        return here
    low, high = sorted((float(here), float(there)))
    return round(low + (high - low) * (drawn(key, "confidence", record.id) % 1000) / 1000, _digits(items))


def _digits(items: Sequence[Row]) -> int:
    """Return how many decimals the items' confidences have: one with more would tell."""
    given = (row.get("confidence") for row in items)
    return max(
        (len(f"{one:.{DECIMALS}f}".rstrip("0").partition(".")[2]) for one in given if one is not None), default=0
    )
