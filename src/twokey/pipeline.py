"""The story: judge(plan) -> evidence; conclude(evidence, decisions, policy, subject, now) -> conclusion.

Records flow down: a census of the recording, a draw, then [read -> detect -> tally] mapped over shards by an engine,
merged, judged. Nothing that is later is asked by anything earlier, and no clock, host or person gets into the evidence.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from itertools import islice
from pathlib import Path
from typing import Any

from twokey.canonical import dump_line, dumps, sha256
from twokey.config.shape import Recording
from twokey.detectors.scan import Scanner
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import ITEMS, PACKET, QUARANTINE, QUEUE, RESULTS
from twokey.evidence.manifest import parse_manifest, render_manifest
from twokey.evidence.store import assemble
from twokey.evidence.subject import SubjectDigest, hash_file, hash_subject
from twokey.gates.base import Gate
from twokey.outcome import GateResult, Status
from twokey.plan import Plan
from twokey.readers import open_reader
from twokey.readers.base import Shard
from twokey.record import Batch, Record, Role, Unreadable
from twokey.review.packet import packet
from twokey.sample import Census, Drawn, census, draw, merge_census, refuse_duplicates

BATCH = 1000
SHARD_BYTES = 8 * 1024 * 1024

Tallies = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Evidence and the bytes of its manifest, ready to be written."""

    evidence: Evidence
    manifest: bytes


def judge(plan: Plan, root: Path, progress: Progress = lambda _done, _total: None) -> Judged:
    """Sample, gate and bundle; `root` is where the subject's files are. Calls no model.

    Raises:
        TwokeyError: a recording or the subject cannot be had, or an id stands in it twice.
    """
    subject = hash_subject(root, plan.config.subject)
    counted = {role: _count(plan, recording) for role, recording in _recordings(plan).items()}
    drawn = draw(counted["candidate"], plan.config.sample)
    tallies = _tally(plan, drawn, progress)
    results = tuple(gate.judge(tallies[name]) for name, gate in plan.gates.items())
    files = _covered_files(plan, tallies, results, subject, drawn)
    manifest = render_manifest(
        subject=subject,
        recordings={role: _recording_facts(plan, role, counted) for role in ("candidate", "baseline")},
        policy=plan.policy(),
        seed=plan.config.sample.seed,
        files=files,
    )
    return Judged(evidence=assemble(manifest, parse_manifest(manifest), files), manifest=manifest)


def _recordings(plan: Plan) -> dict[Role, Recording]:
    recordings: dict[Role, Recording] = {"candidate": plan.config.recordings.candidate}
    if plan.config.recordings.baseline is not None:
        recordings["baseline"] = plan.config.recordings.baseline
    return recordings


def _count(plan: Plan, recording: Recording) -> Census:
    """The first pass over a recording: what is there, before anything is drawn."""
    located = replace(recording, path=plan.located(recording))
    reader = open_reader(located)
    shards = _shards(plan, located)
    task = partial(census, reader, recording=located, sample=plan.config.sample)
    counted = reduce(merge_census, plan.engine.map(task, shards))
    refuse_duplicates(counted, reader, shards, located)
    return counted


def _tally(plan: Plan, drawn: Drawn, progress: Progress) -> Tallies:
    """The second pass: what was drawn goes through detectors and gates, in shards, and the tallies are merged."""
    work = []
    for role, recording in _recordings(plan).items():
        located = replace(recording, path=plan.located(recording))
        work += [(role, located, shard) for shard in _shards(plan, located)]
    sweep = Sweep(gates=plan.gates, scanner=plan.scanner, drawn=drawn, stratify_by=plan.config.sample.stratify_by)
    merged = sweep.nothing()
    for done, tallies in enumerate(plan.engine.map(sweep, work), start=1):
        merged = sweep.merge(merged, tallies)
        progress(done, len(work))
    return merged


def _shards(plan: Plan, recording: Recording) -> tuple[Shard, ...]:
    size = Path(recording.path).stat().st_size if Path(recording.path).is_file() else 0
    return open_reader(recording).shards(recording.path, max(1, size // SHARD_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One shard's way from bytes to tallies: read, keep what was drawn, detect, tally. Pure and picklable."""

    gates: Mapping[str, Gate[Any]]
    scanner: Scanner
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


def _covered_files(
    plan: Plan, tallies: Tallies, results: tuple[GateResult, ...], subject: SubjectDigest, drawn: Drawn
) -> dict[str, bytes]:
    selection = plan.review.selection(tallies[plan.review.name]) if plan.review else NOTHING_SELECTED
    quarantine = plan.safety.quarantine(tallies[plan.safety.name]) if plan.safety else ()
    return {
        RESULTS: dumps({"type": RESULTS_TYPE, "gates": [result.plain() for result in results], "sample": drawn.plain()}),
        PACKET: dumps(packet(results=results, subject=subject, notes=drawn.notes, policy=plan.config)),
        ITEMS: _lines(selection.items),
        QUEUE: _lines(selection.queue),
        QUARANTINE: _lines(quarantine),
    }


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(map(dump_line, rows))
