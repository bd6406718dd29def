"""Decisions on evidence, settled: which count, what they come to, and which change they were made about.

While a change is under review its facts come from Git and the host. What neither tells comes from what people had
before them when they decided: all of it once the change is merged, its labels in a merge queue. That holds only as far
as decisions that count signed what follows from it, and as it covers what the protected branch shows to have been
merged: what nobody signed, or is not all of it, is not known. Then the branch's own history says what it can.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from twokey.canonical import digest
from twokey.config.shape import is_production
from twokey.deciding.asked import Asked
from twokey.deciding.facts import facts_in
from twokey.deciding.graded import FoundGrades, grades_in
from twokey.deciding.matter import matter_of
from twokey.deciding.policy import Deciding
from twokey.deciding.recordings import Recordings, recordings_of
from twokey.decisions.contents import Files
from twokey.decisions.matter import Matter
from twokey.decisions.seen import is_of_change, parse_change
from twokey.decisions.standing import Standing, standing
from twokey.decisions.verify import check
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.repository.change import Change
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What decisions were judged by, and what they come to. `change` is the one that they are about, if it is known."""

    matter: Matter
    stands: Standing
    grades: tuple[FoundGrades, ...]
    recordings: Recordings
    change: Change | None

    @property
    def closed(self) -> bool:
        """Whether people closed every checkpoint that opened, and at least one of them approved."""
        return self.stands.closed and any(one.approvals for one in self.stands.checkpoints)


def settle(evidence: Evidence, policy: Deciding, now: datetime) -> Settled:
    """Judge the decisions kept for this evidence, by the change that they are about.

    That is what is under review; else what people had before them, where it is believable; else what a merge shows;
    else it is not known, and whatever might have opened by it does. Raises TwokeyError where the store cannot be read.
    """
    files = policy.store.files(policy.folder(evidence))
    under_review = policy.ground.change
    if under_review is not None and under_review.empty:
        under_review = None
    merged = policy.merged if under_review is None else None
    for change in _as_known(under_review, files):
        if under_review is None and not _covers_and_let_through(change, policy, now):
            continue
        makers = None if merged is None or merged.covers(change) else merged.change
        settled = _settle(evidence, policy, now, files, change, makers=makers)
        if any(decision.choice in ("approve", "override") for decision in settled.stands.counted):
            return settled
    shown = merged.change if merged and merged.whole else under_review
    return _settle(evidence, policy, now, files, shown, makers=merged.change if merged else None)


def _comes_later(change: Change, policy: Deciding) -> bool:
    """Return whether a change leaves the subject as it was merged before, by a change that opened nothing itself."""
    clauses = (clause for rule in policy.config.approval.checkpoints.values() for clause in rule.opens)
    may_open = any(clause.about_change and not clause.paths for clause in clauses)
    return policy.merged is not None and not may_open and policy.merged.comes_before(change)


def _covers_and_let_through(change: Change, policy: Deciding, now: datetime) -> bool:
    """Return whether what people had before them holds all that was merged, and was let through if it edits policy.

    Who lets a change of policy through is said by the policy before it, not by the one that it brings.
    """
    if policy.merged is not None and not (policy.merged.covers(change) or _comes_later(change, policy)):
        return False
    if not change.policy or policy.before is None:
        return True
    from twokey.deciding.transitions import let_through  # few changes edit policy, and verify is to start fast

    return bool(
        let_through(
            change.policy,
            policy.store,
            approval=policy.before.approval,
            roster=policy.before.roster,
            signers=policy.signers,
            repository=policy.repository,
            environments=lambda name: name == policy.environment or is_production(name),
            now=now,
        )
    )


def _settle(
    evidence: Evidence,
    policy: Deciding,
    now: datetime,
    files: Files,
    change: Change | None,
    *,
    makers: Change | None = None,
) -> Settled:
    """Judge the decisions by that change; `makers` shows who else may not decide, or where it is not known, who."""
    asked_of_grades = Asked(review=policy.config.review, roster=policy.roster, signers=policy.signers, now=now)
    grades = tuple(grades_in(files, evidence, asked_of_grades))
    recordings = recordings_of(evidence, policy, files, now)
    decisions = policy.store.read(policy.folder(evidence), policy.removed)
    earlier = {digest(facts): facts for facts in facts_in(files)}

    def judged(asked: tuple[str, ...]) -> tuple[Matter, Standing]:
        matter = matter_of(
            evidence,
            policy,
            change=change,
            makers=makers,
            unwitnessed=recordings.unwitnessed,
            grades=grades,
            asked=asked,
            earlier=earlier,
        )
        checks = [check(file, matter, roster=policy.roster, signers=policy.signers, now=now) for file in decisions]
        return matter, standing(checks, matter.checkpoints)

    matter, stands = judged(())
    if stands.asked:  # whom an escalation asks may then approve, though the rule does not name them
        matter, stands = judged(stands.asked)
    return Settled(matter=matter, stands=stands, grades=grades, recordings=recordings, change=change)


def _as_known(under_review: Change | None, files: Files) -> Iterator[Change]:
    """Yield what the change may be, as far as people had before them what nobody tells here.

    Of a change that is merged that is all of it; of one whose host tells no labels here, as in a merge queue, those.
    Where the host tells them and people decided without knowing, on a laptop say, every label may be there: that opens
    more, and what they signed counts for it.
    """
    if under_review is None:
        yield from _had_before_them(files)
    elif under_review.labels is None:
        told = dict.fromkeys(known.labels for known in _had_before_them(files) if known.labels is not None)
        yield from (replace(under_review, labels=labels) for labels in told)
    elif any(known.labels is None for known in _had_before_them(files)):
        yield from (under_review, replace(under_review, labels=None))


def _had_before_them(files: Files) -> Iterator[Change]:
    """Yield the changes that people had before them when they decided; what cannot be read is none."""
    for name in sorted(files):
        data = files[name]
        if is_of_change(name) and isinstance(data, bytes):
            try:
                yield parse_change(data, name)
            except TwokeyError:
                continue
