"""How things stand, as the conclusion tells it: checkpoints, decision files, conditions, what was released."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from twokey.conclusion import CheckpointState, DecisionOutcome
from twokey.config.shape import Timeout
from twokey.deciding.policy import Deciding
from twokey.deciding.settling import Settled
from twokey.decisions.checkpoints import OpenCheckpoint
from twokey.decisions.decision import Decision
from twokey.decisions.matter import DecisionCheck
from twokey.decisions.rules import names, rule_in_words, satisfies
from twokey.decisions.shapes import written
from twokey.decisions.standing import CheckpointStanding, Vote
from twokey.outcome import Finding, GateResult


def checkpoint_state(
    stands: CheckpointStanding, policy: Deciding, settled: Settled, now: datetime, opened_at: datetime | None
) -> CheckpointState:
    """Return how one checkpoint stands; `opened_at` is since when it is known to be open, or None."""
    opened, said = stands.checkpoint, _said(settled)
    window = policy.window(opened.name, now)
    ends = _ends(opened.timeout, now, opened_at)
    in_time = [vote for vote in stands.approvals if ends is None or said[vote.file].decided_at < ends]
    enough = stands.closed and satisfies(opened.close, [(vote.person, vote.role) for vote in in_time])
    closed = tuple(dict.fromkeys(vote.person for vote in in_time)) if enough else ()
    too_late = [vote for vote in stands.approvals if vote not in in_time]
    return CheckpointState(
        name=opened.name,
        opened_by=opened.opened_by,
        facts=opened.digest,
        claims=opened.claims,
        closers=rule_in_words(opened.close),
        stuck=_nobody_left(opened, policy, settled, now),
        criteria=opened.criteria,
        closed_by=closed,
        refused_by=tuple(dict.fromkeys(vote.person for vote in stands.refusals)),
        escalated=tuple(
            f"{vote.person} asks {vote.asks}: {said[vote.file].reason}" for vote in stands.escalations if vote.asks
        ),
        relaxed=f"a window until {window.to}: {window.why}" if window else None,
        expired=_expired(ends, too_late) if ends else None,
        overridden_by=overridden_by(settled),
    )


def outcome(check: DecisionCheck) -> DecisionOutcome:
    """Return what became of one decision file."""
    return DecisionOutcome(
        file=check.file,
        principal=check.person,
        decision=check.decision.choice if check.decision else None,
        counted=check.valid,
        sha256=check.sha256,
        reasons=check.reasons,
        crosscheck=check.crosscheck,
    )


def open_conditions(checks: Iterable[DecisionCheck]) -> Iterator[str]:
    """Yield the free conditions of approvals that count and that nobody has confirmed by a signature of their own."""
    counted = [(check, check.decision) for check in checks if check.valid and check.decision]
    confirmed = {
        (check.person, row.criterion) for check, decision in counted for row in decision.criteria if row.attested
    }
    for check, decision in counted:
        for condition in decision.conditions:
            others = any(text == condition.text and person != check.person for person, text in confirmed)
            if decision.choice == "approve" and condition.kind == "text" and not others:
                yield f"{check.person} approved on the condition: {condition.text}"


def needed(settled: Settled) -> Iterator[str]:
    """Yield what each refusal that stands asks for, and the way back."""
    said = _said(settled)
    for file, person in {vote.file: vote.person for vote in settled.stands.refusals}.items():
        decision = said[file]
        word = "asks for changes" if decision.choice == "request-changes" else "refuses"
        asked = "; ".join(condition.text for condition in decision.conditions if condition.kind == "text")
        wanted = f"; needed: {asked}" if asked else ""
        yield f"{person} {word}: {decision.reason}{wanted} (new evidence starts anew, or they sign again)"


def released(settled: Settled, states: Iterable[CheckpointState]) -> Iterator[str]:
    """Yield what an override or a window lets through, for the log."""
    said = _said(settled)
    for vote in settled.stands.overrides:
        decision = said[vote.file]
        yield f"{vote.person} overrides as {vote.role} until {written(decision.expires_at)}: {decision.reason}"
    for state in states:
        if state.relaxed and not state.closed_by:
            yield f"{state.name} needs nobody here now: {state.relaxed}"


def unclaimed_in_review(
    review: GateResult | None, opened: Iterable[OpenCheckpoint], policy: Deciding
) -> tuple[Finding, ...]:
    """Return what reviewers found that no open checkpoint's clauses claim: each of them blocks."""
    asked = policy.config.approval.checkpoints
    clauses = [clause for one in opened if one.name in asked for clause in asked[one.name].opens]
    return tuple(
        finding
        for finding in (review.findings if review else ())
        if not any(finding.gate in clause.gates and finding.status.value in clause.status for clause in clauses)
    )


def overridden_by(settled: Settled) -> tuple[str, ...]:
    """Return the people whose override stands."""
    return tuple(dict.fromkeys(vote.person for vote in settled.stands.overrides))


def _said(settled: Settled) -> Mapping[str, Decision]:
    return {check.file: check.decision for check in settled.stands.checks if check.decision}


def _ends(timeout: Timeout | None, now: datetime, opened_at: datetime | None) -> datetime | None:
    """Return when a checkpoint's time ran out, None where it has not. Who approves from then on closes nothing."""
    if timeout is None or timeout.expire is None or opened_at is None:
        return None
    open_for = timedelta(seconds=timeout.after.seconds * timeout.expire)
    # Compared so, because what run.json claims may be the last day of the calendar.
    return None if now - opened_at < open_for else (opened_at + open_for).replace(microsecond=0)


def _expired(ends: datetime, too_late: Iterable[Vote]) -> str:
    people = " and ".join(dict.fromkeys(vote.person for vote in too_late))
    late = f", and {people} approved after that" if people else ""
    return f"since {written(ends)}{late}; twokey run --reopen opens it anew"


def _nobody_left(opened: OpenCheckpoint, policy: Deciding, settled: Settled, now: datetime) -> str:
    """Say why too few people are left who could close a checkpoint; nothing where enough are."""
    barred = settled.matter.barred
    able = [
        (person.principal, role)
        for role in names(opened.close)
        for person in policy.roster.holders(role, now)
        if not any(person.known_as(who) for who in barred)
    ]
    if satisfies(opened.close, able):
        return ""
    return "; ".join(barred.values()) or "the roster has no others"
