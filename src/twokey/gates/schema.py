"""Schema: are inputs and outputs shaped as everybody downstream expects, and is the input clean?

It looks at shape only; whether an answer is right is for the quality gate.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from twokey.config.scalars import Allowance
from twokey.gates.base import Setting
from twokey.gates.kept import EXAMPLES, Kept, order_key, smallest
from twokey.gates.limits import judge_allowance, proportion
from twokey.gates.schema_checks import (
    Check,
    CleanCheck,
    SchemaCheck,
    Side,
    contract_check,
    parsed,
)
from twokey.gates.schema_json import Fault, read_schema
from twokey.gates.schema_options import SchemaOptions
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch, Record
from twokey.stats.intervals import CONFIDENCE, upper_bound

MAX_FAILURES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTally:
    """One check's counts: values looked at, invalid ones, and these by keyword and place."""

    scored: int = 0
    unscorable: int = 0
    invalid: int = 0
    failures: Mapping[tuple[str, str], int]
    examples: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaTally:
    """Counts of records, and of each check. `unscorable` are records in which no check found anything to look at."""

    total: int
    errored: int
    unscorable: int
    checks: Mapping[str, CheckTally]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaGate:
    """Checks inputs and outputs against JSON Schemas, a response contract, and rules for clean input.

    ```yaml
    schema:
      input: schemas/input.json
      output: schemas/output.json
      parse_output: true
      contract: {required: [label], types: {label: string}, enums: {label: [refund, cancel]}, max_length: {label: 40}}
      sanitise: {max_input_bytes: 20000}
      max_invalid: 0
    ```

    **What it checks.** `schema_input` and `schema_output`: JSON Schema, draft 2020-12, as jsonschema-rs implements
    it; a schema stands alone, since nothing is ever fetched, `format` is a comment, and patterns have no look-around.
    `contract`: required fields, types, enumerations and lengths, compiled into a schema; `$` is the whole response.
    `sanitisation`: control characters, remains of invalid UTF-8, size of the input.

    **How it is judged.** Each check by `max_invalid`, 0 unless said otherwise. A count is exact; a share is compared
    with the 95% Clopper-Pearson interval and may be inconclusive. An explanation names keyword, place and
    expectation, as jsonschema would choose them, and never the value.

    **Limits.** A record without an input or output is unscorable for that check; one that could not be had is
    errored. A JSON text with a key twice counts with the last.

    **To fix a finding**, look at the failures by keyword and place: one line in the prompt often mends hundreds.
    """

    name: ClassVar[str] = "schema"
    summary: ClassVar[str] = "shape of inputs and outputs, response contract, clean input"
    Options: ClassVar[type[SchemaOptions]] = SchemaOptions

    checks: tuple[Check, ...]
    max_invalid: Allowance
    parse_output: bool = False
    seed: int = 0

    @classmethod
    def build(cls, options: Any, setting: Setting) -> Self:
        """Make the gate; reads and compiles the schemas. Raises ConfigError or TwokeyError naming the file."""
        checks: list[Check] = []
        if options.input is not None:
            text = read_schema(setting.read(options.input), options.input)
            checks.append(SchemaCheck(name="schema_input", side="input", schema=text))
        if options.output is not None:
            text = read_schema(setting.read(options.output), options.output)
            checks.append(SchemaCheck(name="schema_output", side="output", schema=text))
        if options.contract is not None:
            checks.append(contract_check(options.contract, "gates.schema.contract"))
        if options.sanitise is not None:
            checks.append(CleanCheck(name="sanitisation", rules=options.sanitise))
        return cls(
            checks=tuple(checks), max_invalid=options.max_invalid, parse_output=options.parse_output, seed=setting.seed
        )

    def tally(self, batch: Batch) -> SchemaTally:
        """Check a batch of the candidate; the baseline is not judged."""
        records = batch.records if batch.role == "candidate" else ()
        had = [record for record in records if record.error is None]
        sides: dict[Side, list[Record]] = {
            "input": [record for record in had if record.input is not None],
            "output": [record for record in had if record.output is not None],
        }
        values = {
            "input": [record.input for record in sides["input"]],
            "output": [parsed(r.output) if self.parse_output else r.output for r in sides["output"]],
        }
        looked_at = {check.side for check in self.checks}
        if len(looked_at) == 2:
            empty = sum(record.input is None and record.output is None for record in had)
        else:
            empty = sum(len(had) - len(sides[side]) for side in looked_at)
        return SchemaTally(
            total=len(records),
            errored=len(records) - len(had),
            unscorable=empty,
            checks={
                check.name: self._check(check, sides[check.side], values[check.side], len(had)) for check in self.checks
            },
        )

    def _check(self, check: Check, records: list[Record], values: list[Any], had: int) -> CheckTally:
        faults = [(records[index], fault) for index, fault in self._faults(check, values)]
        examples = (Kept(key=order_key(record.id, self.seed), id=record.id, note=fault.why) for record, fault in faults)
        return CheckTally(
            scored=len(records),
            unscorable=had - len(records),
            invalid=len(faults),
            failures=Counter((fault.keyword, fault.path) for _, fault in faults),
            examples=smallest(examples),
        )

    def _faults(self, check: Check, values: list[Any]) -> Iterator[tuple[int, Fault]]:
        find = check.finder()
        # A Fault stands for a text that could not be parsed; a schema would take it for a list.
        for index in range(len(values)) if self.parse_output else check.suspects(values):
            value = values[index]
            fault = value if isinstance(value, Fault) else find(value)
            if fault is not None:
                yield index, fault

    def merge(self, left: SchemaTally, right: SchemaTally) -> SchemaTally:
        """Return what tallying both together would have given."""
        return SchemaTally(
            total=left.total + right.total,
            errored=left.errored + right.errored,
            unscorable=left.unscorable + right.unscorable,
            checks={name: _merged(left.checks[name], right.checks[name]) for name in left.checks},
        )

    def judge(self, tally: SchemaTally) -> GateResult:
        """Compare each check's count of invalid records with the allowance."""
        scored = tally.total - tally.errored - tally.unscorable
        books = Books(total=tally.total, scored=scored, errored=tally.errored, unscorable=tally.unscorable)
        metrics = [self._judge(check, tally.checks[check.name], tally) for check in self.checks]
        examples = {name: tuple(kept.id for kept in found.examples) for name, found in tally.checks.items()}
        return conclude_gate(self.name, books, metrics, examples=examples)

    def _judge(self, check: Check, found: CheckTally, tally: SchemaTally) -> Metric:
        books = Books(total=tally.total, scored=found.scored, errored=tally.errored, unscorable=found.unscorable)
        what = f"{check.side}s are invalid ({check.name})"
        metric = judge_allowance(
            check.name, found.invalid, found.scored, self.max_invalid, books, what=what, facts=_facts(found)
        )
        if found.scored == 0:
            reason = f"{check.name}: no {check.side} to look at in {tally.total:,} records, so nothing was checked"
            return replace(metric, status=Status.ERROR, reason=reason, estimate=None)
        return replace(metric, reason=f"{metric.reason}; {_claim(found)}")


def _merged(left: CheckTally, right: CheckTally) -> CheckTally:
    return CheckTally(
        scored=left.scored + right.scored,
        unscorable=left.unscorable + right.unscorable,
        invalid=left.invalid + right.invalid,
        failures=Counter(left.failures) + Counter(right.failures),
        examples=smallest((*left.examples, *right.examples), EXAMPLES),
    )


def _claim(found: CheckTally) -> str:
    """Say what a count means for all records, or what most of them get wrong."""
    if found.invalid == 0:
        return f"at most {upper_bound(0, found.scored, 1 - CONFIDENCE):.2%} of all at {CONFIDENCE:.0%}"
    (keyword, path), count = min(found.failures.items(), key=lambda item: (-item[1], item[0]))
    return f"most often {keyword} at {path} ({count:,})"


def _facts(found: CheckTally) -> Mapping[str, Any]:
    rate = proportion(found.invalid, found.scored)
    ordered = sorted(found.failures.items(), key=lambda item: (-item[1], item[0]))
    return {
        "count": found.invalid,
        "rate": None if rate is None else {"value": rate.value, **rate.interval()},
        "failures": [{"keyword": key, "path": path, "count": n} for (key, path), n in ordered[:MAX_FAILURES]],
        "more_failures": len(ordered[MAX_FAILURES:]),
        "examples": [{"id": kept.id, "why": kept.note} for kept in found.examples],
    }
