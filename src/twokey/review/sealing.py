"""Choosing seeds, known to be bad or good: what only a job that holds the key can do.

Everything follows from the key, the evidence, its recording and the file of past failures: the same give the same
bytes. Known-bad items are past failures and labelled mutations; good ones go with them, so that being in the bundle
tells nothing. Where each stands is in `placing`, the lock in `sealed`.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import Any

from msgspec import structs

from twokey.config.review import Seeds
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.record import Record
from twokey.review.grades import Severity
from twokey.review.mutations import Around, drawn, is_good, mutated
from twokey.review.placing import AsRow, beside, placed
from twokey.review.sealed import locked
from twokey.review.seeds import Answer, Bundle, Rule, row_digest
from twokey.values import dataclass

KEPT = 400
"""Records of each sort that are kept to make seeds of: many times what is needed, since some will not do."""

PAST, DECOY = "past", "decoy"
RIGHT = "This one is right: it is what was expected."

Row = Mapping[str, Any]
Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFailure:
    """An output that failed before, and was looked at; what is absent is None."""

    input: Any
    output: Any
    label: Any = None
    expected: Any = None
    context: Any = None
    why: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Records that nobody is shown, in an order that nobody can foresee: those known to be good, and others."""

    good: tuple[Record, ...]
    others: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """An item to be: its record, whether it is bad, what it was made from, and why it is bad."""

    record: Record
    bad: bool
    origin: str
    why: str = ""
    severity: Severity | None = None


def drawing_key(key: bytes, manifest: str) -> bytes:
    """Return the key that seeds of one evidence are drawn by."""
    return hmac.digest(key, b"twokey seeds draws\n" + manifest.encode(), "sha256")


def taken(evidence: Evidence, *others: Iterable[Row]) -> frozenset[str]:
    """Return the ids that no seed may have: items, reserve, and the rows of other files, such as the queue."""
    return frozenset(str(row["id"]) for rows in (evidence.gradable, *others) for row in rows)


def collected(records: Iterable[Record], known: frozenset[str], key: bytes) -> Pool:
    """Keep the first records, in the order that the key draws, of those that have an output and none of these ids."""
    sorts: tuple[list[tuple[int, str, Record]], ...] = ([], [])
    for record in records:
        if record.id in known or record.error is not None or record.output is None:
            continue
        kept = sorts[not is_good(record)]
        kept.append((drawn(key, "pool", record.id), record.id, record))
        if len(kept) >= 4 * KEPT:
            kept[:] = _first(kept)
    good, others = (tuple(record for _, _, record in _first(kept)) for kept in sorts)
    return Pool(good=good, others=others)


def _first(kept: list[tuple[int, str, Record]]) -> list[tuple[int, str, Record]]:
    return nsmallest(KEPT, kept, key=lambda one: one[:2])


def seal(
    evidence: Evidence,
    rules: Seeds,
    key: bytes,
    *,
    pool: Pool,
    known: Around,
    past: Sequence[PastFailure] = (),
    as_row: AsRow,
    hide: Hide,
) -> Bundle:
    """Make the sealed bundle.

    Args:
        evidence: whose items the seeds are mixed among.
        rules: how many.
        key: the secret, at least 32 bytes.
        pool: records to make seeds of.
        known: what all records say together.
        past: past failures, of which so many as are needed are drawn.
        as_row: makes the row of a record, redacted; keywords say how it was chosen.
        hide: redacts a reason.

    Raises:
        TwokeyError: there are no items to mix among, or not enough known-bad outputs can be had.
    """
    if not evidence.items:
        raise TwokeyError("there is no item to mix seeds among", hint="a review section chooses items")
    draws, used = drawing_key(key, evidence.digest), set[str]()
    bad = [*_past(past, rules.count, pool, draws, used)]
    mutations, goods = _mutations(pool, known, draws, used, as_row), _decoys(pool, used)
    bad += _some(mutations, rules.count - len(bad))
    if len(bad) < rules.count:
        told = f"only {len(bad)} known-bad outputs can be had, and policy asks for {rules.count}"
        hint = "--from names past failures; mutations need outputs that are known to be right, or rest on a context"
        raise TwokeyError(told, hint=hint)
    seeds = [*bad, *_some(goods, rules.decoys)]
    practice = [*_some(mutations, (rules.practice + 1) // 2), *_some(goods, rules.practice // 2)]
    rows = placed([seed.record for seed in seeds], evidence.items, known, draws, as_row)
    digests = {str(row["id"]): row_digest(row) for row in rows}
    answers = [_answer(seed, digests[seed.record.id], hide) for seed in seeds]
    rule = Rule(bad=len(bad), decoys=len(seeds) - len(bad), void_at=rules.void_at)
    shown = [_practice(seed, evidence.items[0], as_row, hide) for seed in practice]
    return locked(evidence.digest, key, rule, sorted(rows, key=lambda row: str(row["id"])), shown, answers)


def _some(seeds: Iterator[Seed], count: int) -> list[Seed]:
    """Return the next seeds: not `islice`, because each is used when it is taken, and none before."""
    return [seed for _, seed in zip(range(count), seeds, strict=False)]


def _past(past: Sequence[PastFailure], count: int, pool: Pool, key: bytes, used: set[str]) -> Iterator[Seed]:
    """Yield past failures under the ids of records that nobody is shown, and with what else those records carry."""
    order = sorted(range(len(past)), key=lambda number: (drawn(key, "past", str(number)), number))
    owners = (record for record in (*reversed(pool.others), *reversed(pool.good)) if record.id not in used)
    for number, owner in zip(order[:count], owners, strict=False):
        used.add(owner.id)
        one = past[number]
        record = structs.replace(
            owner,
            input=one.input,
            output=one.output,
            label=one.label,
            expected=one.expected,
            context=one.context,
            hallucinated=None,
        )
        yield Seed(record=record, bad=True, origin=PAST, why=one.why or "it failed before", severity=one.severity)


def _mutations(pool: Pool, known: Around, key: bytes, used: set[str], as_row: AsRow) -> Iterator[Seed]:
    """Yield records made wrong, where a reader sees it: what is hidden may be what was changed."""
    for record in sorted((*pool.good, *pool.others), key=lambda record: (drawn(key, "pool", record.id), record.id)):
        if record.id in used:
            continue
        made = mutated(record, known, key)
        if made is not None and as_row(made.record)["output"] != as_row(record)["output"]:
            used.add(record.id)
            yield Seed(record=made.record, bad=True, origin=made.name, why=made.why)


def _decoys(pool: Pool, used: set[str]) -> Iterator[Seed]:
    for record in pool.good:
        if record.id not in used:
            used.add(record.id)
            yield Seed(record=record, bad=False, origin=DECOY)


def _answer(seed: Seed, row: str, hide: Hide) -> Answer:
    return Answer(
        id=seed.record.id, bad=seed.bad, origin=seed.origin, why=hide(seed.why), severity=seed.severity, row=row
    )


def _practice(seed: Seed, like: Row, as_row: AsRow, hide: Hide) -> dict[str, Any]:
    chosen = {**beside(like), "stratum": "practice", "rank": 0}
    right, feedback = ("fail", f"This one is wrong: {seed.why}.") if seed.bad else ("pass", RIGHT)
    return {**as_row(seed.record, **chosen), "answer": right, "feedback": hide(feedback)}
