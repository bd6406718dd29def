"""What the safety gate counts in a batch, and how two counts become one.

What is kept of a flagged record is in `quarantine`. Nothing is judged here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from twokey.gates.base import Scans
from twokey.gates.kept import EXAMPLES, Kept, order_key, smallest
from twokey.gates.quarantine import Quarantined, first_held, quarantined
from twokey.record import Batch, Record, Sighting

QUARANTINED = 1000
_RANK = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What counts: sightings of `judged` detectors flag a record; those of `shown` ones are counted and flag nothing.

    What a detector of `unquoted` saw flags nothing where the input says it too.
    """

    judged: frozenset[str]
    shown: frozenset[str] = frozenset()
    unquoted: frozenset[str] = frozenset()

    def flags(self, sighting: Sighting) -> bool:
        """Return whether a sighting counts against its detector's allowance."""
        known = sighting.detector in self.judged or sighting.detector in self.shown
        return known and sighting.allowed is None and not (sighting.quoted and sighting.detector in self.unquoted)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyTally:
    """Counts of records: flagged by detector, by rule, by the worst severity that it saw; and what is kept of them.

    `quoted` counts records in which a detector saw what the input says too, `allowed` those in which something was seen
    that policy allows, by its number, and `allowed_places` the places.
    """

    total: int
    errored: int
    unscorable: int
    flagged_outputs: int
    flagged: Mapping[str, int]
    rules: Mapping[tuple[str, str], int]
    severities: Mapping[tuple[str, str], int]
    quoted: Mapping[str, int]
    allowed: Mapping[int, int]
    allowed_places: Mapping[int, int]
    examples: Mapping[str, tuple[Kept, ...]]
    quarantine: tuple[Quarantined, ...]

    @property
    def scored(self) -> int:
        """How many outputs were looked at."""
        return self.total - self.errored - self.unscorable


def nothing() -> SafetyTally:
    """Return the tally of no records."""
    return SafetyTally(
        total=0,
        errored=0,
        unscorable=0,
        flagged_outputs=0,
        flagged={},
        rules={},
        severities={},
        quoted={},
        allowed={},
        allowed_places={},
        examples={},
        quarantine=(),
    )


_Flagged = tuple[Kept, Record, tuple[Sighting, ...]]


def tallied(batch: Batch, counting: Counting, scanner: Scans, seed: int) -> SafetyTally:
    """Count a batch; sightings of detectors that nobody asked for do not count."""
    flagged: Counter[str] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    severities: Counter[tuple[str, str]] = Counter()
    quoted: Counter[str] = Counter()
    allowed: Counter[int] = Counter()
    allowed_places: Counter[int] = Counter()
    hit: dict[str, list[Kept]] = {}
    held: list[_Flagged] = []
    for record, sightings in _seen(batch):
        numbers = [sighting.allowed for sighting in sightings if sighting.allowed is not None]
        allowed.update(set(numbers))
        allowed_places.update(numbers)
        quoted.update({sighting.detector for sighting in sightings if sighting.quoted and sighting.allowed is None})
        counted = tuple(filter(counting.flags, sightings))
        if not counted:
            continue
        kept = Kept(key=order_key(record.id, seed), id=record.id)
        rules.update({(sighting.detector, sighting.rule) for sighting in counted})
        for detector, severity in _worst(counted).items():
            flagged[detector] += 1
            severities[detector, severity] += 1
            hit.setdefault(detector, []).append(kept)
        if judged := tuple(sighting for sighting in counted if sighting.detector in counting.judged):
            held.append((kept, record, judged))
    return SafetyTally(
        total=len(batch.records),
        errored=len([record for record in batch.records if record.error is not None]),
        unscorable=len([record for record in batch.records if record.output is None and record.error is None]),
        flagged_outputs=len(held),
        flagged=flagged,
        rules=rules,
        severities=severities,
        quoted=quoted,
        allowed=allowed,
        allowed_places=allowed_places,
        examples={detector: smallest(found) for detector, found in hit.items()},
        quarantine=_quarantine(held, scanner),
    )


def _seen(batch: Batch) -> Iterator[tuple[Record, tuple[Sighting, ...]]]:
    for record, sightings in zip(batch.records, batch.sightings, strict=True):
        if sightings and record.error is None and record.output is not None:
            yield record, sightings


def merged(left: SafetyTally, right: SafetyTally) -> SafetyTally:
    """Return what tallying both together would have given."""
    detectors = sorted({*left.examples, *right.examples})
    return SafetyTally(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        unscorable=left.unscorable + right.unscorable,
        flagged_outputs=left.flagged_outputs + right.flagged_outputs,
        flagged=Counter(left.flagged) + Counter(right.flagged),
        rules=Counter(left.rules) + Counter(right.rules),
        severities=Counter(left.severities) + Counter(right.severities),
        quoted=Counter(left.quoted) + Counter(right.quoted),
        allowed=Counter(left.allowed) + Counter(right.allowed),
        allowed_places=Counter(left.allowed_places) + Counter(right.allowed_places),
        examples={
            name: smallest((*left.examples.get(name, ()), *right.examples.get(name, ())), EXAMPLES)
            for name in detectors
        },
        quarantine=first_held((*left.quarantine, *right.quarantine), QUARANTINED),
    )


def _worst(sightings: tuple[Sighting, ...]) -> dict[str, str]:
    worst: dict[str, str] = {}
    for sighting in sightings:
        if _RANK[sighting.severity] >= _RANK[worst.get(sighting.detector, "low")]:
            worst[sighting.detector] = sighting.severity
    return worst


def _quarantine(rows: list[_Flagged], scanner: Scans) -> tuple[Quarantined, ...]:
    chosen = sorted(rows, key=lambda row: row[0].rank)[:QUARANTINED]
    return first_held((quarantined(*row, scanner) for row in chosen), QUARANTINED)
