"""What decisions must be about, and what becomes of each: the values that `verify` judges by and returns."""

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from typing import Any

from twokey.config.scalars import Duration
from twokey.config.shape import Override
from twokey.decisions.checkpoints import OpenCheckpoint
from twokey.decisions.decision import Decision, GradesSummary
from twokey.values import dataclass


class Voice(IntEnum):
    """How far a decision file can be heard, whether it counts or not."""

    NONE = 0  # nobody rostered said it, or not about this evidence and place
    HOLDS = 1  # said by its person, with a key past its dates or in a file that is gone: it can hold, never release
    SPEAKS = 2  # said by its person, with a valid key


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesOnFile:
    """A grades file that is at hand: its SHA-256, the manifest it grades, and what it comes to.

    `merged_from` are the reviewers whose grades they bring together. `seeds` names the sealed bundle whose items were
    graded with them. `faults` say why it does not count by what policy asks of a review: seeds were missed, for one.
    """

    sha256: str
    manifest: str
    complete: bool
    summary: GradesSummary
    reviewer: str = ""
    merged_from: tuple[str, ...] = ()
    seeds: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridePoint:
    """What an override would sign here, and policy's terms for one."""

    point: OpenCheckpoint
    terms: Override


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What decisions must be about to count here. `longest` is how long policy lets one hold.

    `barred` says why somebody may not decide here, by principal or alias. `override` is what one would sign, None where
    policy takes none; `ratifiers` are the roles in which it is reviewed afterwards. `asked` are the roles that standing
    escalations ask. `metrics` are the evidence's values by id, for conditions. `recomputing` says that only a decision
    whose signer recomputed the evidence counts; `reviewer_may_decide`, that who graded may approve too. `earlier` are
    the facts that people signed, by their digest, as far as they are kept: they explain, and decide nothing.
    """

    manifest: str
    environment: str
    repository: str
    checkpoints: tuple[OpenCheckpoint, ...]
    longest: Duration
    grades: tuple[GradesOnFile, ...] = ()
    grades_required: bool = False
    barred: Mapping[str, str] = field(default_factory=dict)
    override: OverridePoint | None = None
    ratifiers: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    recomputing: bool = False
    reviewer_may_decide: bool = True
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def checkpoint(self, name: str) -> OpenCheckpoint | None:
        """Return the open checkpoint of that name, or None."""
        return next((checkpoint for checkpoint in self.checkpoints if checkpoint.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCheck:
    """What became of one decision file: valid, or every reason why not that could be determined.

    `sha256` is of the decision's bytes, and what a later decision names to supersede it. `votes` are the pairs of
    checkpoint and role that it has a say in. `decision` is None where nobody can be said to have signed one.
    """

    file: str
    valid: bool
    reasons: tuple[str, ...] = ()
    sha256: str | None = None
    decision: Decision | None = None
    person: str | None = None
    key: str | None = None
    crosscheck: str | None = None
    voice: Voice = Voice.NONE
    votes: tuple[tuple[str, str], ...] = ()
