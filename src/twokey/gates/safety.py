"""Safety: does what the model says harm somebody? Personal data, secrets, profanity, and the user's own rules.

The detectors look while records are read; this gate counts what they saw, says how much is allowed, and keeps flagged
outputs, redacted, for people to read. It holds no pattern of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from twokey.errors import TwokeyError
from twokey.gates.base import Scans, Setting
from twokey.gates.limits import judge_allowance, proportion
from twokey.gates.safety_options import Check, SafetyOptions
from twokey.gates.safety_tally import SafetyTally, merged, nothing, tallied
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch
from twokey.stats.intervals import CONFIDENCE, upper_bound

SEVERITIES = ("high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyGate:
    """Flags outputs with personal data, secrets, profanity, or whatever your own rules forbid.

    ```yaml
    safety: {pii: {max: 0}, secrets: {max: 0}, profanity: {max: 0.1%}, policy: {rules: policy.yaml, max: 0}}
    ```

    **What it does.** Each detector that is configured scans every judged output: texts and numbers in it, keys
    included. An output is flagged by a detector once, however much it sees there. `twokey explain pii` and the like
    say what each sees and what it cannot.

    **How it is judged.** A count (`max: 0`) is exact: more than that many flagged outputs fail. A share (`max: 0.1%`)
    is compared with the 95% Clopper-Pearson interval of the flagged share: inconclusive where the share lies inside.
    Either way the report says what the sample allows to claim, such as `0 of 2,000 outputs; at most 0.15% at 95%`.

    **Quarantine.** Flagged outputs stand in quarantine.jsonl, redacted (`[pii.email]`), with rules, places and a
    fingerprint that is made of rule, record and place, never of what was found. At most 1,000 are kept; all are
    counted.

    **Limits.** Only what has a recognisable form is found; see each detector. Inputs are not scanned. A record
    without an output is unscorable, one whose output could not be had is errored; neither counts as clean.

    **To fix a finding**, read quarantine.jsonl: what leaks from the input is masked before the model, what the model
    knows is a matter of prompt or training, and what is a false alarm belongs in an issue.
    """

    name: ClassVar[str] = "safety"
    summary: ClassVar[str] = "personal data, secrets, profanity and your own rules"
    Options: ClassVar[type[SafetyOptions]] = SafetyOptions

    options: SafetyOptions
    scanner: Scans
    seed: int = 0

    @classmethod
    def build(cls, options: Any, setting: Setting) -> Self:
        """Make the gate and its scanner. Raises ConfigError or TwokeyError where a file is wrong or not there."""
        if setting.scanner is None:
            raise TwokeyError("the safety gate was given no detectors")
        wanted: dict[str, str | None] = dict.fromkeys(options.checks())
        if options.profanity is not None:
            wanted["profanity"] = options.profanity.words
        if options.policy is not None:
            wanted["policy"] = options.policy.rules
        return cls(options=options, scanner=setting.scanner(wanted, setting.read), seed=setting.seed)

    def tally(self, batch: Batch) -> SafetyTally:
        """Count what was seen in a batch of the candidate; the baseline is not judged."""
        if batch.role != "candidate":
            return nothing()
        return tallied(batch, tuple(self.options.checks()), self.scanner, self.seed)

    def merge(self, left: SafetyTally, right: SafetyTally) -> SafetyTally:
        """Return what tallying both together would have given."""
        return merged(left, right)

    def judge(self, tally: SafetyTally) -> GateResult:
        """Compare each detector's count with its allowance."""
        books = Books(total=tally.total, scored=tally.scored, errored=tally.errored, unscorable=tally.unscorable)
        metrics = [_judge(name, check, tally, books) for name, check in self.options.checks().items()]
        examples = {name: tuple(kept.id for kept in rows) for name, rows in tally.examples.items()}
        facts = {"flagged": tally.flagged_outputs, "quarantined": len(tally.quarantine)}
        return conclude_gate(self.name, books, metrics, examples=examples, facts=facts)

    def quarantine(self, tally: SafetyTally) -> tuple[dict[str, Any], ...]:
        """Return the rows of quarantine.jsonl, by id: at most 1,000 of the flagged outputs, redacted."""
        return tuple(sorted((row.plain(self.scanner) for row in tally.quarantine), key=lambda row: str(row["id"])))


def _judge(name: str, check: Check, tally: SafetyTally, books: Books) -> Metric:
    count = tally.flagged.get(name, 0)
    what = f"outputs with {name} findings"
    metric = judge_allowance(name, count, tally.scored, check.max, books, what=what, facts=_facts(name, tally))
    if tally.scored == 0:
        reason = f"{name}: no output to look at in {books.total:,} records, so nothing was looked for"
        return replace(metric, status=Status.ERROR, reason=reason, estimate=None)
    return (
        replace(metric, reason=f"{metric.reason}; {_claim(count, tally.scored)}") if check.max.share is None else metric
    )


def _claim(count: int, scored: int) -> str:
    """Say what a count means for all outputs."""
    if count == 0:
        return f"at most {upper_bound(0, scored, 1 - CONFIDENCE):.2%} of all at {CONFIDENCE:.0%}"
    rate = proportion(count, scored)
    assert rate is not None  # noqa: S101 for the type checker: something was scored
    return f"{rate.value:.2%} of them ({rate.low:.2%} to {rate.high:.2%} of all at {CONFIDENCE:.0%})"


def _facts(name: str, tally: SafetyTally) -> Mapping[str, Any]:
    count = tally.flagged.get(name, 0)
    rate = proportion(count, tally.scored)
    return {
        "count": count,
        "rate": None if rate is None else {"value": rate.value, **rate.interval()},
        "rules": {rule: n for (detector, rule), n in sorted(tally.rules.items()) if detector == name},
        "severity": {level: tally.severities.get((name, level), 0) for level in SEVERITIES},
    }
