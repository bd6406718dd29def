"""The gate that is always on: could the recording be read, and did the target answer?

It judges no answer. Every other gate stands on the records that this one counts.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import ClassVar, Self

from twokey.canonical import quantise
from twokey.gates.base import Scans, Setting
from twokey.gates.limits import counted, judge_allowance
from twokey.gates.records_carried import carried
from twokey.gates.records_flaky import Repeats, add_repeats, count_repeats, judge_repeats
from twokey.gates.records_options import RecordsOptions
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import SOURCES, Batch, Role

MAX_REASONS = 50
MAX_IMPACTS = 50
_PARTICULAR = re.compile(r"(?<=found )[-+.,e\d]+|(?<=byte )\d+|[\d,]+(?= characters)|[\d,]+(?= bytes)")
_VARIOUS = "various reasons"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTally:
    """What was counted in one recording.

    `oldest` is the least `at` in seconds since the epoch, of the records that have one; `untimed` are the others.
    `impacts` are the first few by name: where there are more than anybody names in a policy, the rest are left out.
    `carried` names the fields, and groups as `groups.NAME`, that at least one record has.
    """

    readable: int = 0
    errored: int = 0
    no_confidence: int = 0
    untimed: int = 0
    carried: frozenset[str] = frozenset()
    oldest: float = math.inf
    sources: Mapping[str, int] = field(default_factory=dict)
    impacts: frozenset[str] = frozenset()
    unreadable: Mapping[str, int] = field(default_factory=dict)
    repeats: Repeats = field(default_factory=Repeats)

    @property
    def unreadable_total(self) -> int:
        """How many lines are no record."""
        return sum(self.unreadable.values())


RecordsTally = Mapping[Role, RoleTally]


@dataclass(frozen=True, slots=True)
class RecordsGate:
    """Judges the books of reading: unreadable lines and records without an answer, against budgets.

    A line that is no record (not JSON, no id, a confidence that is no number) and a record that carries an error stay
    in the books. They are never scored and never silently left out: within the budget they are counted and shown,
    beyond it the gate is an error, because too little was seen to judge. Both budgets are 0 by default and take a count
    (`0`) or a share (`0.1%`); a share is settled by its exact interval. With a baseline, its lines are judged likewise.

    It also says how many records do not name their source and how many carry no confidence; policy sets no limit there.
    A candidate's recording in which no record has an output is an error: its mapping is wrong.

    Records that share a `case` are one question, asked again. `flaky` says in how many of the cases with two or more
    answers the labels disagree, with examples. It is shown only, until `max_flaky` allows so many cases or such a share
    of them. Errored repeats are no answers. Beyond 20,000 cases a sample of the cases is looked at, by hash.

    Limits: a line that is readable and wrong is a matter for the schema gate. Unreadable lines are counted in the whole
    file, records among those drawn, so that a share of a large file is over-stated and never under-stated.

    To fix: mend the exporter, or re-run the failed requests. Raise `max_unreadable` or `max_errored` only for causes
    that are known.
    """

    name: ClassVar[str] = "records"
    summary: ClassVar[str] = "the recording can be read, and the target answered"
    Options: ClassVar[type[RecordsOptions]] = RecordsOptions

    options: RecordsOptions
    has_baseline: bool
    scanner: Scans | None = None

    @classmethod
    def build(cls, options: RecordsOptions, setting: Setting) -> Self:
        """Make the gate."""
        # Cases are named in results that everybody reads, and may be the questions themselves.
        return cls(options, setting.has_baseline, setting.naming())

    def tally(self, batch: Batch) -> RecordsTally:
        """Count one batch."""
        if not batch.records and not batch.unreadable:
            return {}
        return {batch.role: _count(batch)}

    def merge(self, left: RecordsTally, right: RecordsTally) -> RecordsTally:
        """Add two tallies."""
        empty = RoleTally()
        roles: list[Role] = sorted({*left, *right})
        return {role: _add(left.get(role, empty), right.get(role, empty)) for role in roles}

    def judge(self, tally: RecordsTally) -> GateResult:
        """Compare with the budgets; without a record that can be scored it is an error."""
        candidate = tally.get("candidate", RoleTally())
        metrics = [*self._judge_role(candidate, None)]
        metrics += [
            _shown("unknown_source", candidate.sources.get("unknown", 0), candidate, "do not say their source"),
            _shown("missing_confidence", candidate.no_confidence, candidate, "carry no confidence"),
        ]
        flaky = judge_repeats(candidate.repeats, self.options.max_flaky, _books(candidate), self.scanner)
        metrics += [flaky] if flaky else []
        if self.has_baseline:
            metrics += self._judge_role(tally.get("baseline", RoleTally()), "baseline")
        facts = {
            "sources": {source: candidate.sources.get(source, 0) for source in SOURCES},
            "impacts": _impacts(candidate),
            "carried": {role: sorted(found.carried) for role, found in sorted(tally.items()) if found.readable},
            "oldest_at": {role: _oldest(found) for role, found in sorted(tally.items())},
        }
        examples = {flaky.id: tuple(flaky.facts["examples"])} if flaky else {}
        return conclude_gate(self.name, _books(candidate), metrics, examples=examples, facts=facts)

    def _judge_role(self, tally: RoleTally, part: str | None) -> Iterator[Metric]:
        books, lines = _books(tally), tally.readable + tally.unreadable_total
        which = "of the baseline's " if part else "of "
        scored = books.scored
        trouble = _trouble(tally, scored, part)
        yield Metric(
            name="records",
            status=Status.ERROR if trouble else Status.PASS,
            reason=f"{scored:,} {which}{lines:,} records can be judged{trouble}",
            books=books,
            estimate=counted(scored, lines),
            limit="at least 1",
            slice=part,
            unit="records",
        )
        if lines:
            yield judge_allowance(
                "unreadable",
                tally.unreadable_total,
                lines,
                self.options.max_unreadable,
                books,
                what="lines could not be read",
                exceeded=Status.ERROR,
                part=part,
                facts={"reasons": dict(sorted(tally.unreadable.items()))},
            )
        if tally.readable:
            yield judge_allowance(
                "errored",
                tally.errored,
                tally.readable,
                self.options.max_errored,
                books,
                what="records carry an error in place of an answer",
                exceeded=Status.ERROR,
                part=part,
            )


def _trouble(tally: RoleTally, scored: int, part: str | None) -> str:
    """Say why no record can be judged, or nothing; a candidate without any output has its mapping wrong."""
    if not scored:
        return f": {tally.errored:,} carry an error and {tally.unreadable_total:,} could not be read"
    if part is None and "output" not in tally.carried:
        return ", and none of them has an output: does recordings.candidate.output name the right field?"
    return ""


def _count(batch: Batch) -> RoleTally:
    records = batch.records
    times = [record.at for record in records]
    return RoleTally(
        readable=len(records),
        errored=len([None for record in records if record.error is not None]),
        no_confidence=len([None for record in records if record.confidence is None]),
        untimed=times.count(None),
        carried=carried(records),
        oldest=min([at for at in times if at is not None], default=math.inf),
        sources=Counter([record.source for record in records]),
        impacts=_first({record.impact for record in records} - {None}),
        unreadable=_bounded(Counter(category(line.reason) for line in batch.unreadable)),
        repeats=count_repeats(records),
    )


def _add(left: RoleTally, right: RoleTally) -> RoleTally:
    return RoleTally(
        readable=left.readable + right.readable,
        errored=left.errored + right.errored,
        no_confidence=left.no_confidence + right.no_confidence,
        untimed=left.untimed + right.untimed,
        carried=left.carried | right.carried,
        oldest=min(left.oldest, right.oldest),
        sources=Counter(left.sources) + Counter(right.sources),
        impacts=_first(left.impacts | right.impacts),
        unreadable=_bounded(Counter(left.unreadable) + Counter(right.unreadable)),
        repeats=add_repeats(left.repeats, right.repeats),
    )


def _impacts(tally: RoleTally) -> list[str] | None:
    """Return the impacts that records carry, or None where nobody can say: none carries any, or there are too many."""
    return sorted(tally.impacts) if 0 < len(tally.impacts) <= MAX_IMPACTS else None


def _first(impacts: AbstractSet[str | None]) -> frozenset[str]:
    """Return one more impact than is told, the first by name, so that merging in any order gives the same."""
    return frozenset(sorted(impact for impact in impacts if impact is not None)[: MAX_IMPACTS + 1])


def _oldest(tally: RoleTally) -> float | None:
    """Return when the oldest record was made, or None where a record does not say."""
    return None if tally.untimed or math.isinf(tally.oldest) else quantise(tally.oldest)


def category(reason: str) -> str:
    """Return a reason without what belongs to one line only: numbers, quoted values, and whatever follows them."""
    head = re.split(r"['\"`]", reason, maxsplit=1)[0]
    return _PARTICULAR.sub("N", head)[:120].strip(" :,(") or "unreadable"


def _bounded(reasons: Mapping[str, int]) -> Mapping[str, int]:
    """Fold all reasons into one where there are too many kinds, whatever the order in which they came."""
    if len(reasons) <= MAX_REASONS and _VARIOUS not in reasons:
        return dict(reasons)
    return {_VARIOUS: sum(reasons.values())}


def _books(tally: RoleTally) -> Books:
    return Books(
        total=tally.readable + tally.unreadable_total,
        scored=tally.readable - tally.errored,
        errored=tally.errored,
        unscorable=tally.unreadable_total,
    )


def _shown(name: str, count: int, tally: RoleTally, what: str) -> Metric:
    return Metric(
        name=name,
        status=Status.OFF,
        reason=f"{count:,} of {tally.readable:,} records {what}",
        books=_books(tally),
        estimate=counted(count, tally.readable),
        unit="records",
    )
