"""A record's way: a census of the recording, a draw, then [read -> detect -> tally] mapped over shards, and merged.

Two passes over each recording. The first counts what is there and finds ids that stand twice; the second takes what was
drawn through detectors and gates. Neither holds more than a batch, and no order of lines or of processes can show.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial, reduce
from itertools import islice
from pathlib import Path
from typing import Any

from twokey.config.shape import Recording, Sample
from twokey.gates.base import Gate, Scans
from twokey.gates.safety import SafetyGate
from twokey.plan import Plan
from twokey.readers import open_reader
from twokey.readers.base import Reader, Shard
from twokey.record import Batch, Record, Role, Unreadable
from twokey.sample import Census, Drawn, census, merge_census, refuse_duplicates, unreadable_lines

BATCH = 1000
SHARD_BYTES = 8 * 1024 * 1024

Tallies = dict[str, Any]
Progress = Callable[[int, int], None]


def recordings(plan: Plan) -> dict[Role, Recording]:
    """Return the recordings that a config names, with their paths made those of this machine."""
    named: dict[Role, Recording | None] = {
        "candidate": plan.config.recordings.candidate,
        "baseline": plan.config.recordings.baseline,
    }
    return {role: replace(found, path=plan.located(found)) for role, found in named.items() if found is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the first pass found in a recording; `unreadable` are the first lines that are no record, with reasons."""

    census: Census
    unreadable: tuple[tuple[int, str], ...]

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, as it stands in the manifest."""
        first = [{"line": line, "reason": reason} for line, reason in self.unreadable]
        return {"records": self.census.records, "unreadable": {"count": self.census.unreadable, "first": first}}


def count(plan: Plan, recording: Recording) -> Counted:
    """The first pass over a recording: what is there, before anything is drawn. Raises TwokeyError on an id twice."""
    reader, shards = open_reader(recording), _shards(recording)
    task = partial(_census, reader, recording, plan.config.sample)
    counted = reduce(merge_census, plan.engine.map(task, shards))
    refuse_duplicates(counted, reader, shards, recording)
    return Counted(census=counted, unreadable=unreadable_lines(counted, reader, shards))


def _census(reader: Reader, recording: Recording, sample: Sample, shard: Shard) -> Census:
    return census(reader, shard, recording, sample)


def tally(plan: Plan, drawn: Drawn, progress: Progress) -> Tallies:
    """The second pass: what was drawn goes through detectors and gates, in shards, and the tallies are merged."""
    work = [(role, recording, shard) for role, recording in recordings(plan).items() for shard in _shards(recording)]
    sweep = Sweep(gates=plan.gates, scanner=plan.scanner, drawn=drawn, stratify_by=plan.config.sample.stratify_by)
    merged = sweep.nothing()
    for done, tallies in enumerate(plan.engine.map(sweep, work), start=1):
        merged = sweep.merge(merged, tallies)
        progress(done, len(work))
    return merged


def _shards(recording: Recording) -> tuple[Shard, ...]:
    size = Path(recording.path).stat().st_size if Path(recording.path).is_file() else 0
    return open_reader(recording).shards(recording.path, max(1, size // SHARD_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One shard's way from bytes to tallies: read, keep what was drawn, detect, tally. Pure and picklable."""

    gates: Mapping[str, Gate[Any]]
    scanner: Scans
    drawn: Drawn
    stratify_by: str | None

    def __call__(self, work: tuple[Role, Recording, Shard]) -> Tallies:
        """Return the tallies of one shard."""
        role, recording, shard = work
        rows = open_reader(recording).rows(shard, recording, self.stratify_by)
        takes = self.drawn.takes if role == "candidate" else self.drawn.takes_paired
        kept = (row for row in rows if isinstance(row, Unreadable) or takes(row))
        tallies = self.nothing()
        for chunk in _chunks(kept, BATCH):
            batch = self._batch(role, chunk)
            tallies = self.merge(tallies, {name: gate.tally(batch) for name, gate in self.gates.items()})
        return tallies

    def nothing(self) -> Tallies:
        """Return the tallies of no records."""
        return {name: gate.tally(EMPTY) for name, gate in self.gates.items()}

    def merge(self, left: Tallies, right: Tallies) -> Tallies:
        """Return what tallying both together would have given."""
        return {name: gate.merge(left[name], right[name]) for name, gate in self.gates.items()}

    def _batch(self, role: Role, rows: list[Record | Unreadable]) -> Batch:
        records = tuple(row for row in rows if isinstance(row, Record))
        detects = role == "candidate" and SafetyGate.name in self.gates
        scan = self.scanner.scan_value
        return Batch(
            role=role,
            records=records,
            sightings=tuple(scan(record.output) for record in records) if detects else ((),) * len(records),
            unreadable=tuple(row for row in rows if isinstance(row, Unreadable)),
        )


EMPTY = Batch(role="candidate", records=(), sightings=())


def _chunks(rows: Iterator[Record | Unreadable], size: int) -> Iterator[list[Record | Unreadable]]:
    while chunk := list(islice(rows, size)):
        yield chunk
