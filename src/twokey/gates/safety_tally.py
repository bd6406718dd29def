"""What the safety gate counts in a batch, how two counts become one, and what is kept of a flagged output.

Redaction is slow, so it waits until it is known which flagged outputs are kept in the end: a tally holds them as they
are, in memory alone. What was found is in no row that is shown, and in no fingerprint.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from twokey.canonical import digest, dump_line
from twokey.gates.base import Scans
from twokey.gates.kept import EXAMPLES, Kept, order_key, smallest
from twokey.record import Batch, Record, Sighting, flatten

QUARANTINED = 1000
MAX_TEXT = 2000
MAX_SPANS = 50
MAX_HELD = 8000
"""Characters of an output that may wait for its redaction; longer ones are redacted and cut at once."""

_RANK = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined(Kept):
    """One flagged output: what was seen where, the first fifty places. `redacted` says if `output` is so already."""

    sightings: tuple[Sighting, ...] = ()
    seen: int = 0
    output: Any = None
    redacted: bool = False

    @property
    def rank(self) -> tuple[Any, ...]:
        """The place in the order: by hash, and by everything else where ids repeat."""
        places = [(s.start, s.end, s.tag, s.severity) for s in self.sightings]
        return (self.key, self.id, _text(self.output), places, self.seen)

    def plain(self, scanner: Scans) -> dict[str, Any]:
        """Return the row as it stands in quarantine.jsonl, its output redacted and cut to 2,000 characters."""
        return {
            "id": self.id,
            "seen": self.seen,
            "rules": [
                {
                    "rule": sighting.tag,
                    "severity": sighting.severity,
                    "start": sighting.start,
                    "end": sighting.end,
                    "fingerprint": digest([sighting.tag, self.id, sighting.start]),
                }
                for sighting in self.sightings
            ],
            "output": self.output if self.redacted else _shown(self.output, scanner),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyTally:
    """Counts of outputs: flagged by detector, by rule, by the worst severity that it saw; and what is kept of them."""

    total: int
    errored: int
    unscorable: int
    flagged_outputs: int
    flagged: Mapping[str, int]
    rules: Mapping[tuple[str, str], int]
    severities: Mapping[tuple[str, str], int]
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
        examples={},
        quarantine=(),
    )


_Flagged = tuple[Kept, Record, tuple[Sighting, ...]]


def tallied(batch: Batch, detectors: tuple[str, ...], scanner: Scans, seed: int) -> SafetyTally:
    """Count a batch; sightings of other detectors than these do not count."""
    flagged: Counter[str] = Counter()
    rules: Counter[tuple[str, str]] = Counter()
    severities: Counter[tuple[str, str]] = Counter()
    hit: dict[str, list[Kept]] = {}
    rows = list(_rows(batch, detectors, seed))
    for kept, _, sightings in rows:
        rules.update({(sighting.detector, sighting.rule) for sighting in sightings})
        for detector, severity in _worst(sightings).items():
            flagged[detector] += 1
            severities[detector, severity] += 1
            hit.setdefault(detector, []).append(kept)
    return SafetyTally(
        total=len(batch.records),
        errored=len([record for record in batch.records if record.error is not None]),
        unscorable=len([record for record in batch.records if record.output is None and record.error is None]),
        flagged_outputs=len(rows),
        flagged=flagged,
        rules=rules,
        severities=severities,
        examples={detector: smallest(found) for detector, found in hit.items()},
        quarantine=_quarantine(rows, scanner),
    )


def _rows(batch: Batch, detectors: tuple[str, ...], seed: int) -> Iterator[_Flagged]:
    for record, sightings in zip(batch.records, batch.sightings, strict=True):
        if sightings and record.error is None and record.output is not None:
            counted = tuple(sighting for sighting in sightings if sighting.detector in detectors)
            if counted:
                yield Kept(key=order_key(record.id, seed), id=record.id), record, counted


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
        examples={
            name: smallest((*left.examples.get(name, ()), *right.examples.get(name, ())), EXAMPLES)
            for name in detectors
        },
        quarantine=_first((*left.quarantine, *right.quarantine)),
    )


def _worst(sightings: tuple[Sighting, ...]) -> dict[str, str]:
    worst: dict[str, str] = {}
    for sighting in sightings:
        if _RANK[sighting.severity] >= _RANK[worst.get(sighting.detector, "low")]:
            worst[sighting.detector] = sighting.severity
    return worst


def _quarantine(rows: list[_Flagged], scanner: Scans) -> tuple[Quarantined, ...]:
    chosen = sorted(rows, key=lambda row: row[0].rank)[:QUARANTINED]
    return _first(_quarantined(*row, scanner) for row in chosen)


def _first(rows: Iterable[Quarantined]) -> tuple[Quarantined, ...]:
    ordered = sorted(rows, key=_PLACE)
    if len(set(map(_ID, ordered))) < len(ordered):
        ordered.sort(key=lambda row: row.rank)
    return tuple(ordered[:QUARANTINED])


_PLACE, _ID = attrgetter("key", "id"), attrgetter("id")


def _quarantined(kept: Kept, record: Record, sightings: tuple[Sighting, ...], scanner: Scans) -> Quarantined:
    long = len(flatten(record.output)) > MAX_HELD
    return Quarantined(
        key=kept.key,
        id=kept.id,
        sightings=sightings[:MAX_SPANS],
        seen=len(sightings),
        output=_shown(record.output, scanner) if long else record.output,
        redacted=long,
    )


def _shown(output: Any, scanner: Scans) -> str:
    """Return the output as a redacted text. Cutting it can bring something to light, so it is redacted once more."""
    redacted = scanner.redact_value(output)
    if isinstance(redacted, str) and len(redacted) <= MAX_TEXT:
        return redacted
    return str(scanner.redact_value(_text(redacted)[:MAX_TEXT]))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return dump_line(value).decode().rstrip("\n")
    except ValueError:  # a date or the like, from a file that is no JSON
        return flatten(value)
