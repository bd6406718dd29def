"""Findings, open checkpoints and checked decisions, brought to a verdict. Pure: nothing is read, no clock is asked.

The verdict is the worst of its parts: pass < needs-decision < block < error.

1. The subject at hand is another one than the evidence's: error. None to compare: needs-decision.
2. The evidence was made under another judging policy, or of what has grown too old: needs-decision.
3. The review of an override is overdue: block, whatever is judged here.
4. A finding of the gates that no checkpoint claims: block.
5. For each open checkpoint: a refusal that stands: block; its time ran out: block; nobody entitled closed it:
   needs-decision. One that a window of policy relaxes needs nobody, but a refusal of it stands all the same.
6. What the reviewers found, where a decision relies on it, is a finding like the others: unclaimed, it blocks.
7. An override that stands releases what 4 to 6 hold up, but no refusal.
8. No checkpoint opened where policy lets nothing pass without one: needs-decision.
9. Nobody vouches for the evidence, and the verdict would be a pass: needs-decision. Whoever has just computed it does,
   and so do the people whose signatures over its manifest closed every open checkpoint.
10. Otherwise: pass.
"""

from collections.abc import Iterator
from enum import Enum

from twokey.conclusion import CheckpointState, Verdict
from twokey.outcome import Finding, GateResult
from twokey.values import dataclass

Part = tuple[Verdict, str]
_UNVOUCHED = (
    "nobody has signed this evidence, so only recomputing it shows that it is what the gates found: --recompute"
)


class SubjectState(Enum):
    """How the subject that is about to ship compares with the evidence's."""

    MATCHES = "matches"
    DIFFERS = "differs"
    CONSISTENT = "consistent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a verdict depends on.

    `differences` says how the subject differs; `stale` why the evidence is not of this policy, or not of today;
    `overdue` which reviews of overrides are. `overridden` says that an override stands. `unclaimed` are the gates'
    findings that no open checkpoint claims; `review_unclaimed` those of the graded review. `automatic` is true where
    policy lets a clean run pass here without a decision. `vouched` says that the evidence is known to be what the gates
    found: computed here, or signed by people who count.
    """

    subject: SubjectState
    differences: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    overridden: bool = False
    unclaimed: tuple[Finding, ...] = ()
    checkpoints: tuple[CheckpointState, ...] = ()
    review: GateResult | None = None
    review_unclaimed: tuple[Finding, ...] = ()
    automatic: bool = False
    vouched: bool = False


def decide(case: Case) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict and its reasons, those of the worst parts first. Never without a reason."""
    parts = sorted(_parts(case), key=lambda part: -part[0])
    if not parts and not case.vouched:
        return Verdict.NEEDS_DECISION, (_UNVOUCHED,)
    if not parts:
        return Verdict.PASS, (_why_pass(case),)
    return parts[0][0], tuple(reason for _, reason in parts)


def _parts(case: Case) -> Iterator[Part]:
    if case.subject is SubjectState.DIFFERS:
        yield Verdict.ERROR, f"the subject is not the one that was judged: {'; '.join(case.differences)}"
    if case.subject is SubjectState.CONSISTENT:
        yield (
            Verdict.NEEDS_DECISION,
            "consistent, but no files of the subject are known to compare: subject.files names them",
        )
    for reason in case.stale:
        yield Verdict.NEEDS_DECISION, reason
    for reason in case.overdue:
        yield Verdict.BLOCK, reason
    for finding in () if case.overridden else (*case.unclaimed, *case.review_unclaimed):
        yield Verdict.BLOCK, f"{finding.id} is {finding.status.value} and no checkpoint claims it: {finding.message}"
    for state in case.checkpoints:
        yield from _checkpoint(state, overridden=case.overridden)
    if not case.checkpoints and not case.automatic:
        yield Verdict.NEEDS_DECISION, "no checkpoint opened, and policy lets nothing pass here without one"


def _checkpoint(state: CheckpointState, *, overridden: bool) -> Iterator[Part]:
    for principal in state.refused_by:
        yield Verdict.BLOCK, f"{state.name} was refused by {principal}, and the refusal stands"
    if state.closed_by or state.relaxed or overridden:
        return
    if state.expired:
        yield Verdict.BLOCK, f"{state.name} is open, and its time ran out: {state.expired}"
    asked = f" ({'; '.join(state.escalated)})" if state.escalated else ""
    yield (
        Verdict.NEEDS_DECISION,
        f"{state.name} is open{asked}: {'; '.join(state.opened_by)}; {state.closers} may close it{_stuck(state)}",
    )


def _stuck(state: CheckpointState) -> str:
    return f", and too few people are left who could: {state.stuck}" if state.stuck else ""


def _why_pass(case: Case) -> str:
    if case.overridden:
        return "an override released what would have held it up"
    if case.checkpoints:
        closed = (f"{state.name} by {' and '.join(state.closed_by) or state.relaxed}" for state in case.checkpoints)
        return f"every finding is settled and every checkpoint is closed: {'; '.join(closed)}"
    return "every finding is settled, and policy lets a clean run pass here"
