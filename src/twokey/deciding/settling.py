"""Decisions on evidence, settled: which count, what they come to, and which change they were made about.

While a change is under review its facts come from Git and the host. What neither tells comes from what people had before
them when they decided: all of it once the change is merged, its labels in a merge queue. That holds only as far as
decisions that count signed what follows from it: what nobody signed is not known.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

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
    """Judge the decisions kept for this evidence. Raises TwokeyError where the store cannot be read."""
    files = policy.store.files(policy.folder(evidence))
    under_review = policy.ground.change
    if under_review is not None and under_review.empty:
        under_review = None
    for change in _as_known(under_review, files):
        settled = _settle(evidence, policy, now, files, change)
        if any(decision.choice in ("approve", "override") for decision in settled.stands.counted):
            return settled
    return _settle(evidence, policy, now, files, under_review)


def _settle(evidence: Evidence, policy: Deciding, now: datetime, files: Files, change: Change | None) -> Settled:
    grades = tuple(grades_in(files, evidence))
    recordings = recordings_of(evidence, policy, files, now)
    decisions = policy.store.read(policy.folder(evidence), policy.removed)

    def judged(asked: tuple[str, ...]) -> tuple[Matter, Standing]:
        unwitnessed = recordings.unwitnessed
        matter = matter_of(evidence, policy, change=change, unwitnessed=unwitnessed, grades=grades, asked=asked)
        checks = [check(file, matter, roster=policy.roster, signers=policy.signers, now=now) for file in decisions]
        return matter, standing(checks, matter.checkpoints)

    matter, stands = judged(())
    if stands.asked:  # whom an escalation asks may then approve, though the rule does not name them
        matter, stands = judged(stands.asked)
    return Settled(matter=matter, stands=stands, grades=grades, recordings=recordings, change=change)


def _as_known(under_review: Change | None, files: Files) -> Iterator[Change]:
    """Yield what the change may be, as far as people had before them what nobody tells here.

    Of a change that is merged that is all of it; of one whose host tells no labels here, as in a merge queue, those.
    """
    if under_review is None:
        yield from _had_before_them(files)
    elif under_review.labels is None:
        yield from (replace(under_review, labels=known.labels) for known in _had_before_them(files))


def _had_before_them(files: Files) -> Iterator[Change]:
    """Yield the changes that people had before them when they decided; what cannot be read is none."""
    for name in sorted(files):
        data = files[name]
        if is_of_change(name) and isinstance(data, bytes):
            try:
                yield parse_change(data, name)
            except TwokeyError:
                continue
