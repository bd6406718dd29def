"""One shard's way from bytes to counts and tallies: read, keep what was drawn, detect, tally.

It is what an engine maps over the shards: pure, picklable, and unable to know in which order or process it runs. What
becomes of the counts is the sweep's business.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Self

from msgspec import structs

from twokey.config.judges import judged_gates
from twokey.config.shape import Recording, Sample
from twokey.detectors import build_scanner, default_scanner
from twokey.errors import Place, TwokeyError
from twokey.gates.base import Gate, Scans
from twokey.gates.quality_partners import Partners
from twokey.plan import Plan
from twokey.readers import open_reader
from twokey.readers.base import Shard
from twokey.record import Batch, Record, Role, Sighting, Unreadable
from twokey.sample import AUDIT, SAMPLE, Census, Counter, Drawn

BATCH = 4000
AT_ONCE = 200
"""Rows that are read and scanned together: few enough to be in the processor's cache still when they are scanned."""

ATTEMPTS = "injection"
"""The detector of attempts in inputs, and the group (`yes` or `no`) that records are put in by it."""

Row = Record | Unreadable
Tallies = dict[str, Any]


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
            names=Names.of(hiding(plan)) if counts else None,
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


def hiding(plan: Plan) -> Scans:
    """Return a scanner that surely sees personal data and credentials, whatever the safety gate looks for."""
    safety = plan.safety
    whole = safety is None or {"pii", "secrets"} <= safety.options.checks().keys()
    return plan.scanner if whole else default_scanner()


def _groups_attempts(plan: Plan) -> bool:
    """Return whether records are grouped by attempts: policy looks for them, and has no such group of its own."""
    safety = plan.safety
    own = ATTEMPTS in plan.config.recordings.candidate.groups
    return safety is not None and ATTEMPTS in safety.options.checks() and not own
