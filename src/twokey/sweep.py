"""A record's way: a census of the recording, a draw, then [read -> detect -> tally] mapped over shards, and merged.

The first pass counts what is there, to draw from and to find ids that stand twice; the second takes what was drawn
through detectors and gates. Where policy judges everything, one pass does both. Nothing holds more than a batch, and no
order of lines or of processes can show.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from twokey.config.shape import Recording
from twokey.evidence.subject import hash_file
from twokey.plan import Plan
from twokey.readers import open_reader
from twokey.readers.base import Shard
from twokey.record import Record, Role
from twokey.sample import (
    Census,
    Drawn,
    draw,
    merge_census,
    refuse_duplicates,
    unreadable_lines,
)
from twokey.task import Tallies, Task, hiding

SHARD_BYTES = 32 * 1024 * 1024

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
        drawn = draw(counted["candidate"].census, sample, hiding(plan))
        return Swept(counted=counted, drawn=drawn, tallies=tallies)
    counts, _ = _pass(plan, Task.of(plan, counts=True, tallies=False), tuple(recordings(plan)), progress)
    counted = _checked(plan, counts)
    drawn = draw(counted["candidate"].census, sample, hiding(plan))
    beside = drawn.and_of(draw(counted["baseline"].census, sample)) if "baseline" in counted else drawn
    task = Task.of(plan, counts=False, tallies=True, drawn=drawn)
    _, tallies = _compared(plan, replace(task, beside=beside), progress)
    return Swept(counted=counted, drawn=drawn, tallies=tallies)


def _compared(plan: Plan, task: Task, progress: Progress) -> tuple[dict[Role, Census], Tallies]:
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
    drawn = draw(counts["candidate"], plan.config.sample, hiding(plan))
    rows = (row for shard in shards for row in reader.rows(shard, recording, plan.config.sample.stratify_by))
    return drawn, (row for row in rows if type(row) is Record and drawn.takes(row))


def _shards(recording: Recording) -> tuple[Shard, ...]:
    path = Path(recording.path)
    size = path.stat().st_size if path.is_file() else 0
    return open_reader(recording).shards(recording.path, max(1, size // SHARD_BYTES))


def _pass(plan: Plan, task: Task, roles: tuple[Role, ...], progress: Progress) -> tuple[dict[Role, Census], Tallies]:
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
