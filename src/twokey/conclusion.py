"""The values that concluding produces: verdict, checkpoints as they stand, what became of each decision. Pure data."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import IntEnum
from typing import Any

from twokey.outcome import GateResult
from twokey.values import dataclass


class Verdict(IntEnum):
    """What the pipeline does. The value orders them; the exit status is another number."""

    PASS = 0
    NEEDS_DECISION = 1
    BLOCK = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word used in reports: pass, needs-decision, block, error."""
        return self.name.lower().replace("_", "-")

    @property
    def exit_status(self) -> int:
        """The process's exit status. 2 is left to usage errors."""
        return {Verdict.PASS: 0, Verdict.NEEDS_DECISION: 3, Verdict.BLOCK: 1, Verdict.ERROR: 4}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointState:
    """A checkpoint that opened: why, what it claims, who may close it, and who did.

    `facts` is the digest of the facts that opened it, which a decision repeats. `claims` are finding ids. `escalated`
    says who asks whom what; `relaxed` which window of policy makes it need nobody, `expired` since when nobody may
    close it any more, both None where none does. `overridden_by` are those whose override released it.
    `stuck` says why too few people are left who may close it, and is empty where enough are.
    """

    name: str
    opened_by: tuple[str, ...]
    facts: str
    claims: tuple[str, ...]
    closers: str
    criteria: tuple[str, ...] = ()
    closed_by: tuple[str, ...] = ()
    refused_by: tuple[str, ...] = ()
    escalated: tuple[str, ...] = ()
    relaxed: str | None = None
    expired: str | None = None
    overridden_by: tuple[str, ...] = ()
    stuck: str = ""

    @property
    def open(self) -> bool:
        """Whether a decision is still needed."""
        return not (self.closed_by or self.relaxed or self.overridden_by) or bool(self.refused_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOutcome:
    """What became of one decision file: counted, or refused with every reason. `sha256` is of the decision's bytes."""

    file: str
    principal: str | None
    decision: str | None
    counted: bool
    sha256: str | None = None
    reasons: tuple[str, ...] = ()
    crosscheck: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Findings, deciding policy, decisions, environment and the verifier's clock, brought to a verdict.

    `review` judges the grades that counted decisions rely on, or is None where none is needed or given. `unclaimed` are
    the ids of findings that no checkpoint claims. `limits` says what this verdict does not cover, one sentence each.
    `policy` says where policy was read from, `at` as of when it was concluded where that is not now. `conditions` are
    those of counted approvals that nobody has confirmed yet, `needed` what refusals that stand ask for, `released` what
    an override or a window let through, `overridden_by` those whose override stands, `debts` the overrides that await
    their review. `change` is what is under review; `proposed` says how each gate comes out under the policy in force
    and under the one that the change brings, `policy_diff` what it edits there.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    manifest: str
    environment: str
    repository: str
    subject: str
    checkpoints: tuple[CheckpointState, ...] = ()
    decisions: tuple[DecisionOutcome, ...] = ()
    review: GateResult | None = None
    unclaimed: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    policy: str = ""
    at: str | None = None
    conditions: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    overridden_by: tuple[str, ...] = ()
    debts: tuple[str, ...] = ()
    change: Mapping[str, Any] | None = None
    proposed: tuple[str, ...] = ()
    policy_diff: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, as it stands in conclusion.json."""
        return {
            "type": "urn:twokey:conclusion:v1",
            "verdict": self.verdict.label,
            "exit_status": self.verdict.exit_status,
            "reasons": list(self.reasons),
            "manifest": self.manifest,
            "environment": self.environment,
            "repository": self.repository,
            "subject": self.subject,
            "checkpoints": [{**asdict(state), "open": state.open} for state in self.checkpoints],
            "decisions": [asdict(outcome) for outcome in self.decisions],
            "review": self.review.plain() if self.review else None,
            "unclaimed": list(self.unclaimed),
            "limits": list(self.limits),
            "policy": self.policy,
            "at": self.at,
            "conditions": list(self.conditions),
            "needed": list(self.needed),
            "released": list(self.released),
            "overridden_by": list(self.overridden_by),
            "debts": list(self.debts),
            "change": dict(self.change) if self.change is not None else None,
            "proposed": list(self.proposed),
            "policy_diff": list(self.policy_diff),
        }
