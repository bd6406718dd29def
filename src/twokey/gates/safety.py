"""Safety: does what the model says harm somebody? Personal data, secrets, profanity, leaks, and the user's own rules.

The detectors look while records are read; this gate counts what they saw, says how much is allowed, and keeps flagged
outputs, redacted, for people to read. It holds no pattern of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from twokey.config.scalars import Allowance
from twokey.errors import TwokeyError
from twokey.gates.base import Scans, Setting
from twokey.gates.limits import counted, judge_allowance, proportion
from twokey.gates.safety_options import SafetyOptions
from twokey.gates.safety_tally import Counting, SafetyTally, merged, nothing, tallied
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch
from twokey.stats.intervals import CONFIDENCE, upper_bound

INPUTS = "injection"
SEVERITIES = ("high", "medium", "low")
MAX_RULES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyGate:
    """Flags records with personal data, secrets, profanity, leaked instructions, or whatever your own rules forbid.

    ```yaml
    safety:
      pii: {max: 0}
      secrets: {max: 0}
      profanity: {max: 0.1%, quoted: ignore}
      policy: {rules: policy.yaml, max: 0}
      leakage: {max: 0, canaries: canaries.txt}
      injection: {}
      allow: allowed.yaml
    ```

    **What it does.** Each detector that is configured scans every judged output: texts and numbers in it, keys
    included. `injection`, and rules of yours that say so, look at inputs. A record is flagged by a detector once,
    however much it sees there. `twokey explain pii` and the like say what each sees and what it cannot.

    **How it is judged.** A count (`max: 0`) is exact: more than that many flagged records fail. A share (`max: 0.1%`)
    is compared with the 95% Clopper-Pearson interval of the flagged share: inconclusive where the share lies inside.
    Either way the report says what the sample allows to claim, such as `0 of 2,000 outputs; at most 0.15% at 95%`.
    `injection: {}` limits nothing: attempts are the users', and only shown. It also puts every record in a group
    `injection`, `yes` or `no`: named among the slices of the quality gate, it shows accuracy under attack apart. A
    group of that name in your own mapping stays yours.

    **Quoting.** A swear word that the input has too is counted, and shown apart as quoted: whoever reads the answer
    reads the word. With `quoted: ignore` such words flag nothing; they are still counted and shown.

    **What may be there.** `allow` names a file of what rules see and what is wanted nevertheless, such as your own
    support address, each with a reason and a last day (`twokey explain policy`). It flags nothing; the result says how
    often each was used. Once the last day has passed, evidence that relied on it needs a decision. What is allowed is
    hidden in what people read, like the rest.

    **Quarantine.** Flagged outputs stand in quarantine.jsonl, redacted (`[pii.email]`), with rules, places, the words
    around each and a fingerprint that is made of rule, record and place, never of what was found. At most 1,000 are
    kept; all are counted.

    **Limits.** Only what has a recognisable form is found; see each detector, and `not_looked_for` in the result. A
    record without an output is unscorable, one whose output could not be had is errored; neither counts as clean.

    **To fix a finding**, read quarantine.jsonl: what leaks from the input is masked before the model, what the model
    knows is a matter of prompt or training, and what is a false alarm belongs in an issue, or under `allow`.
    """

    name: ClassVar[str] = "safety"
    summary: ClassVar[str] = "personal data, secrets, profanity, leaked instructions and your own rules"
    Options: ClassVar[type[SafetyOptions]] = SafetyOptions

    options: SafetyOptions
    scanner: Scans
    hiding: Scans
    seed: int = 0

    @classmethod
    def build(cls, options: Any, setting: Setting) -> Self:
        """Make the gate and its scanner. Raises ConfigError or TwokeyError where a file is wrong or not there."""
        if setting.scanner is None:
            raise TwokeyError("the safety gate was given no detectors")
        wanted = {name: check.file for name, check in options.checks().items()}
        scanner = setting.scanner(wanted, setting.read, options.allow)
        # What is kept to be read is hidden whether or not policy counts it: a flagged output may hold anything.
        return cls(options=options, scanner=scanner, hiding=setting.naming() or scanner, seed=setting.seed)

    def tally(self, batch: Batch) -> SafetyTally:
        """Count what was seen in a batch of the candidate; the baseline is not judged."""
        if batch.role != "candidate":
            return nothing()
        return tallied(batch, self.counting, self.hiding, self.seed)

    @property
    def counting(self) -> Counting:
        """What counts: detectors without a limit flag nothing."""
        checks = self.options.checks()
        judged = frozenset(name for name, check in checks.items() if check.max is not None)
        ignored = self.options.profanity is not None and self.options.profanity.quoted == "ignore"
        return Counting(
            judged=judged,
            shown=frozenset(checks) - judged,
            unquoted=frozenset({"profanity"} if ignored else ()),
        )

    def merge(self, left: SafetyTally, right: SafetyTally) -> SafetyTally:
        """Return what tallying both together would have given."""
        return merged(left, right)

    def judge(self, tally: SafetyTally) -> GateResult:
        """Compare each detector's count with its allowance."""
        books = Books(total=tally.total, scored=tally.scored, errored=tally.errored, unscorable=tally.unscorable)
        metrics = [_judge(name, check.max, tally, books) for name, check in self.options.checks().items()]
        examples = {name: tuple(kept.id for kept in rows) for name, rows in tally.examples.items()}
        facts = {
            "flagged": tally.flagged_outputs,
            "quarantined": len(tally.quarantine),
            "allowed": self._allowed(tally),
            "not_looked_for": {name: list(told) for name, told in sorted(self.scanner.not_looked_for.items())},
        }
        return conclude_gate(self.name, books, metrics, examples=examples, facts=facts)

    def _allowed(self, tally: SafetyTally) -> list[dict[str, Any]]:
        """Return what policy allows by name, and how much of it was seen."""
        return [
            {**one, "records": tally.allowed.get(number, 0), "places": tally.allowed_places.get(number, 0)}
            for number, one in enumerate(self.scanner.allowed)
        ]

    def quarantine(self, tally: SafetyTally) -> tuple[dict[str, Any], ...]:
        """Return the rows of quarantine.jsonl, by id: at most 1,000 of the flagged outputs, redacted."""
        return tuple(sorted((row.plain(self.hiding) for row in tally.quarantine), key=lambda row: str(row["id"])))


def _judge(name: str, most: Allowance | None, tally: SafetyTally, books: Books) -> Metric:
    count, facts = tally.flagged.get(name, 0), _facts(name, tally)
    what = f"{'inputs' if name == INPUTS else 'outputs'} with {name} findings"
    if most is None:
        return Metric(
            name=name,
            status=Status.OFF,
            reason=f"{count:,} of {tally.scored:,} {what}; policy sets no limit",
            books=books,
            estimate=counted(count, tally.scored),
            unit="records",
            facts=facts,
        )
    metric = judge_allowance(name, count, tally.scored, most, books, what=what, facts=facts)
    if tally.scored == 0:
        reason = f"{name}: no output to look at in {books.total:,} records, so nothing was looked for"
        return replace(metric, status=Status.ERROR, reason=reason, estimate=None)
    by_rule = _by_rule(name, facts["rules"])
    apart = f"; {facts['quoted']:,} with words that the input has too" if facts["quoted"] else ""
    claim = f"; {_claim(count, tally.scored)}" if most.share is None else ""
    return replace(metric, reason=f"{metric.reason}{claim}{by_rule}{apart}")


def _by_rule(detector: str, rules: Mapping[str, int]) -> str:
    """Say which rules flagged how many records, those that flagged most first."""
    most = sorted(rules.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{detector}.{rule} {count:,}" for rule, count in most[:MAX_RULES]]
    more = [f"{len(most) - MAX_RULES:,} other rules"] if len(most) > MAX_RULES else []
    return f"; by rule: {', '.join([*named, *more])}" if named else ""


def _claim(count: int, scored: int) -> str:
    """Say what a count means for all outputs."""
    if count == 0:
        return f"at most {upper_bound(0, scored, 1 - CONFIDENCE):.2%} of all at {CONFIDENCE:.0%}"
    rate = proportion(count, scored)
    assert rate is not None  # noqa: S101 for the type checker: something was scored
    return f"{rate.value:.2%} of all ({rate.low:.2%} to {rate.high:.2%} at {CONFIDENCE:.0%})"


def _facts(name: str, tally: SafetyTally) -> Mapping[str, Any]:
    count = tally.flagged.get(name, 0)
    rate = proportion(count, tally.scored)
    return {
        "count": count,
        "rate": None if rate is None else {"value": rate.value, **rate.interval()},
        "rules": {rule: n for (detector, rule), n in sorted(tally.rules.items()) if detector == name},
        "quoted": tally.quoted.get(name, 0),
        "severity": {level: tally.severities.get((name, level), 0) for level in SEVERITIES},
    }
