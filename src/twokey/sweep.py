"""A record's way: a census of the recording, a draw, then [read -> detect -> tally] mapped over shards, and merged.

The first pass counts what is there, to draw from and to find ids that stand twice; the second takes what was drawn
through detectors and gates. Where policy judges everything, one pass does both. Nothing holds more than a batch, and no
order of lines or of processes can show.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from msgspec import structs

from twokey.config.judges import judged_gates
from twokey.config.shape import Recording, Sample
from twokey.detectors import build_scanner, default_scanner
from twokey.errors import Place, TwokeyError
from twokey.evidence.subject import hash_file
from twokey.gates.base import Gate, Scans
from twokey.gates.quality_partners import Partners
from twokey.plan import Plan
from twokey.readers import open_reader
from twokey.readers.base import Shard
from twokey.record import Batch, Record, Role, Sighting, Unreadable
from twokey.sample import (
    AUDIT,
    SAMPLE,
    Census,
    Counter,
    Drawn,
    draw,
    merge_census,
    refuse_duplicates,
    unreadable_lines,
)

BATCH = 4000
AT_ONCE = 200
"""Rows that are read and scanned together: few enough to be in the processor's cache still when they are scanned."""

ATTEMPTS = "injection"
"""The detector of attempts in inputs, and the group (`yes` or `no`) that records are put in by it."""

SHARD_BYTES = 32 * 1024 * 1024

Row = Record | Unreadable
Tallies = dict[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What is in a recording; `unreadable` are the first lines that are no record, with reasons."""

    census: Census
    unreadable: tuple[tuple[int, str], ...]

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, as it stands in the manifest."""
        first = [{"line": line, "reason": reason} for line, reason in self.unreadable]
        return {"records": self.census.records, "unreadable": {"count": self.census.unreadable, "first": first}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What all records came to: what was counted in each recording, what was drawn, and the gates' tallies."""

    counted: Mapping[Role, Counted]
    drawn: Drawn
    tallies: Tallies


def sweep(plan: Plan, progress: Progress) -> Swept:
    """Count, draw, detect and tally. Raises TwokeyError where a recording cannot be had, or holds an id twice."""
    sample = plan.config.sample
    refuse_other_judge(plan)
    if sample.synthetic.count is None and sample.production.count is None:
        counts, tallies = _compared(plan, Task.of(plan, counts=True, tallies=True), progress)
        counted = _checked(plan, counts)
        drawn = draw(counted["candidate"].census, sample, _hiding(plan))
        return Swept(counted=counted, drawn=drawn, tallies=tallies)
    counts, _ = _pass(plan, Task.of(plan, counts=True, tallies=False), tuple(recordings(plan)), progress)
    counted = _checked(plan, counts)
    drawn = draw(counted["candidate"].census, sample, _hiding(plan))
    beside = drawn.and_of(draw(counted["baseline"].census, sample)) if "baseline" in counted else drawn
    task = Task.of(plan, counts=False, tallies=True, drawn=drawn)
    _, tallies = _compared(plan, replace(task, beside=beside), progress)
    return Swept(counted=counted, drawn=drawn, tallies=tallies)


def _compared(plan: Plan, task: "Task", progress: Progress) -> tuple[dict[Role, Census], Tallies]:
    """Go over the recordings, the candidate last: so each of its records meets what the others have on the case."""
    others = tuple(role for role in recordings(plan) if role != "candidate")
    if not others:
        return _pass(plan, task, ("candidate",), progress)
    counts, tallies = _pass(plan, task, others, progress)
    quality = plan.quality
    if quality is not None:
        met = {role: quality.partners(tallies[quality.name], role) for role in others}
        task = replace(task, baseline=met.get("baseline"), judge=met.get("judge"))
    counts_now, tallies_now = _pass(plan, task, ("candidate",), progress)
    return {**counts, **counts_now}, task.merge(tallies, tallies_now)


def recordings(plan: Plan) -> dict[Role, Recording]:
    """Return the recordings that a config names, with their paths made those of this machine."""
    named: dict[Role, Recording | None] = {
        "candidate": plan.config.recordings.candidate,
        "baseline": plan.config.recordings.baseline,
        "judge": plan.judge.recording() if plan.judge is not None else None,
    }
    return {role: replace(found, path=plan.located(found)) for role, found in named.items() if found is not None}


def refuse_other_judge(plan: Plan) -> None:
    """Look whether the judge's recording is about this candidate, asked as policy says. Raises TwokeyError."""
    if plan.judge is not None:
        named = recordings(plan)
        plan.judge.refuse_other(Path(named["judge"].path), hash_file(Path(named["candidate"].path))[0])


def drawn_records(plan: Plan, progress: Progress) -> tuple[Drawn, Iterator[Record]]:
    """Return what `sweep` would judge, and those records of the candidate one by one, for whoever asks about them.

    Raises TwokeyError as `sweep` does; while the records are read, too.
    """
    counts, _ = _pass(plan, Task.of(plan, counts=True, tallies=False), ("candidate",), progress)
    recording = recordings(plan)["candidate"]
    reader, shards = open_reader(recording), _shards(recording)
    refuse_duplicates(counts["candidate"], reader, shards, recording)
    drawn = draw(counts["candidate"], plan.config.sample, _hiding(plan))
    rows = (row for shard in shards for row in reader.rows(shard, recording, plan.config.sample.stratify_by))
    return drawn, (row for row in rows if type(row) is Record and drawn.takes(row))


def _hiding(plan: Plan) -> Scans:
    """Return a scanner that surely sees personal data and credentials, whatever the safety gate looks for."""
    safety = plan.safety
    whole = safety is None or {"pii", "secrets"} <= safety.options.checks().keys()
    return plan.scanner if whole else default_scanner()


def _groups_attempts(plan: Plan) -> bool:
    """Return whether records are grouped by attempts: policy looks for them, and has no such group of its own."""
    safety = plan.safety
    own = ATTEMPTS in plan.config.recordings.candidate.groups
    return safety is not None and ATTEMPTS in safety.options.checks() and not own


def _shards(recording: Recording) -> tuple[Shard, ...]:
    path = Path(recording.path)
    size = path.stat().st_size if path.is_file() else 0
    return open_reader(recording).shards(recording.path, max(1, size // SHARD_BYTES))


def _pass(plan: Plan, task: "Task", roles: tuple[Role, ...], progress: Progress) -> tuple[dict[Role, Census], Tallies]:
    """Go once over some recordings. The results are merged in shard order, though no order could show."""
    named = recordings(plan)
    work = [(role, named[role], shard) for role in roles for shard in _shards(named[role])]
    counts: dict[Role, Census] = {}
    merged = task.nothing()
    results = plan.engine.map(task, work)
    for done, ((role, _, _), (census, tallies)) in enumerate(zip(work, results, strict=True), start=1):
        counts[role] = merge_census(counts[role], census) if role in counts else census
        merged = task.merge(merged, tallies)
        progress(done, len(work))
    return counts, merged


def _checked(plan: Plan, counts: Mapping[Role, Census]) -> dict[Role, Counted]:
    out: dict[Role, Counted] = {}
    for role, recording in recordings(plan).items():
        reader, shards = open_reader(recording), _shards(recording)
        refuse_duplicates(counts[role], reader, shards, recording)
        lines = unreadable_lines(counts[role], reader, shards)
        out[role] = Counted(census=counts[role], unreadable=lines)
    return out


@dataclass(frozen=True, slots=True)
class Names:
    """Refuses ids that must not be shown, since every report shows ids. Picklable."""

    secrets: Scans
    whole: Scans

    @classmethod
    def of(cls, whole: Scans) -> Self:
        """Take the scanner that sees personal data; secrets are looked for alone, which is many times faster."""
        return cls(build_scanner({"secrets": None}, lambda path: path.encode()), whole)

    def refuse(self, ids: list[str], path: str) -> None:
        """Look at all ids at once. Raises TwokeyError, which never holds the id, where one is an e-mail or a secret."""
        text = "\n".join(ids)
        scanner = self.whole if "@" in text else self.secrets
        if not _telling(scanner, text):
            return
        for each in ids:
            if seen := _telling(scanner, each):
                raise TwokeyError(
                    f"an id holds what looks like {seen}; ids are shown in every report",
                    where=Place(file=path),
                    hint="map another field as id, or hash it",
                )


def _telling(scanner: Scans, text: str) -> str | None:
    tags = (sighting.tag for sighting in scanner.scan_value(text))
    return next((tag for tag in tags if tag == "pii.email" or tag.startswith("secrets.")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One shard's way from bytes to counts and tallies: read, keep what was drawn, detect, tally. Pure and picklable.

    Without `drawn` everything is taken. `gates` is empty in a pass that only counts; `detects` says whether the gates
    ask what the detectors see. `names` looks at the ids, once in each run. `baseline` and `judge` are what these
    recordings say, by id; `beside` is what is taken of the baseline. `attempts` puts each record in a group by whether
    its input holds an attempt at injection, for slices. `judged` are the gates that take a judge's verdicts: no other
    ever sees its recording.
    """

    gates: Mapping[str, Gate[Any]]
    scanner: Scans
    sample: Sample
    counts: bool
    detects: bool
    names: Names | None
    drawn: Drawn | None
    beside: Drawn | None = None
    baseline: Partners | None = None
    judge: Partners | None = None
    judged: frozenset[str] = frozenset()
    attempts: bool = False

    @classmethod
    def of(cls, plan: Plan, *, counts: bool, tallies: bool, drawn: Drawn | None = None) -> Self:
        """Make the task of one pass."""
        gates = plan.gates if tallies else {}
        return cls(
            gates=gates,
            scanner=plan.scanner,
            sample=plan.config.sample,
            counts=counts,
            detects=plan.safety is not None,
            names=Names.of(_hiding(plan)) if counts else None,
            drawn=drawn,
            judged=judged_gates(plan.config.gates),
            attempts=_groups_attempts(plan),
        )

    def __call__(self, work: tuple[Role, Recording, Shard]) -> tuple[Census, Tallies]:
        """Return what one shard comes to."""
        role, recording, shard = work
        # Where all are taken nothing is drawn by the keys, so that they may be those that the audit needs anyway.
        counter = Counter(self.sample.seed, shard.index, AUDIT if self.gates else SAMPLE)
        tallies: Tallies = {}
        rows = open_reader(recording).rows(shard, recording, self.sample.stratify_by)
        while (found := self._batch(role, rows))[0]:
            read, batch = found
            if self.names is not None:
                self.names.refuse([row.id for row in read if type(row) is Record], recording.path)
            if self.counts:
                made = counter.add(read)
                batch = replace(batch, audit=made) if self.gates else batch
            if self.gates:
                tallied = {name: gate.tally(self._shown(batch, name)) for name, gate in self.gates.items()}
                tallies = self.merge(tallies, tallied) if tallies else tallied
        return counter.census(), tallies or self.nothing()

    def _shown(self, batch: Batch, gate: str) -> Batch:
        """Return what a gate may see of a batch."""
        return batch if batch.role != "judge" or gate in self.judged else EMPTY

    def nothing(self) -> Tallies:
        """Return the tallies of no records."""
        return {name: gate.tally(EMPTY) for name, gate in self.gates.items()}

    def merge(self, left: Tallies, right: Tallies) -> Tallies:
        """Return what tallying both together would have given."""
        return {name: gate.merge(left[name], right[name]) for name, gate in self.gates.items()}

    def _batch(self, role: Role, rows: Iterator[Row]) -> tuple[list[Row], Batch]:
        """Return the next rows, and the batch that they come to."""
        read: list[Row] = []
        records: list[Record] = []
        sightings: list[tuple[Sighting, ...]] = []
        while len(read) < BATCH and (some := list(islice(rows, AT_ONCE))):
            read += some
            if self.gates:
                taken, seen = self._seen(role, self._taken(role, some))
                records += taken
                sightings += seen
        unreadable = tuple([row for row in read if type(row) is Unreadable])
        return read, Batch(
            role=role,
            records=tuple(records),
            sightings=tuple(sightings),
            unreadable=unreadable,
            before=self.baseline.of_records(records) if self.baseline is not None else None,
            judged=self.judge.of_records(records) if self.judge is not None else None,
        )

    def _taken(self, role: Role, rows: list[Row]) -> list[Record]:
        records = [row for row in rows if type(row) is Record]
        if self.drawn is None:
            return records
        if role == "candidate":
            takes = self.drawn.takes
        else:
            takes = (self.beside or self.drawn if role == "baseline" else self.drawn).takes_paired
        return [record for record in records if takes(record)]

    def _seen(self, role: Role, records: list[Record]) -> tuple[list[Record], list[tuple[Sighting, ...]]]:
        """Return records with what is seen in them; where attempts at injection are looked for, in a group by that."""
        looked_at = (role == "candidate" and self.detects) or (role == "baseline" and self.attempts)
        unseen: list[tuple[Sighting, ...]] = [()] * len(records)
        if not looked_at:
            return records, unseen
        seen = self.scanner.scan_records(records)
        if self.attempts:
            records = list(map(_with_attempt, records, seen))
        return records, seen if role == "candidate" else unseen


def _with_attempt(record: Record, seen: tuple[Sighting, ...]) -> Record:
    attempt = any(sighting.detector == ATTEMPTS for sighting in seen)
    return structs.replace(record, groups={**record.groups, ATTEMPTS: "yes" if attempt else "no"})


EMPTY = Batch(role="candidate", records=(), sightings=())
