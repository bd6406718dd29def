"""What a person decides, as a value: the parts of a version 1 decision, and the file it comes in.

How it is written is in `document`, where files come from in `store`, whether it counts in `verify`.
"""

import re
from datetime import datetime
from typing import Literal, get_args

from twokey.values import dataclass

PRINCIPAL = re.compile(r"[a-z0-9][a-z0-9._+@-]{0,99}")

Choice = Literal["approve", "reject", "request-changes", "escalate", "override", "ratify"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
REFUSALS: tuple[Choice, ...] = ("reject", "request-changes")
EMERGENCY: tuple[Choice, ...] = ("override", "ratify")
OVERRIDE = "override"  # what those two speak of, in the place of a checkpoint's name


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCheckpoint:
    """A checkpoint that the decision speaks of: in which role, and the digest of the facts that had opened it."""

    name: str
    role: str
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What the person's word depends on, or goes with it. `conditions` has the kinds; `text` is for people to read."""

    text: str
    kind: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion of a checkpoint, as policy words it, and whether the person attests that it is met."""

    checkpoint: str
    criterion: str
    attested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesSummary:
    """What the reviewer found: of `items` shown, `graded` have a grade, and these are how many of each."""

    items: int
    graded: int
    passed: int
    failed: int
    edited: int
    escalated: int
    bad_reference: int

    def __post_init__(self) -> None:
        """Refuse books that do not close."""
        graded = self.passed + self.failed + self.edited + self.escalated + self.bad_reference
        if self.graded != graded or self.graded > self.items:
            raise ValueError(f"{self.graded} graded of {self.items}, but the grades are {graded}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesReference:
    """The grades that the decision stands on, by the SHA-256 of their file."""

    sha256: str
    summary: GradesSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person signs. `manifest` is the SHA-256 of manifest.json; times are UTC, to the second.

    `recomputed` says whether `sign` had recomputed the evidence; `supersedes` are the SHA-256 of earlier decision
    files of the same person; `audit_head` is the last event of the trail that the person had seen; `nonce` is 128
    random bits.
    """

    choice: Choice
    manifest: str
    checkpoints: tuple[NamedCheckpoint, ...]
    principal: str
    decided_at: datetime
    expires_at: datetime
    environment: str
    repository: str
    nonce: str
    reason: str = ""
    conditions: tuple[Condition, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    grades: GradesReference | None = None
    seeds: str | None = None
    recomputed: bool = False
    supersedes: tuple[str, ...] = ()
    audit_head: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFile:
    """A decision as it was found: the bytes that are judged, their detached signature, and the signer it is for.

    `gone` says why it lets nothing through any more: the file was there once, and is not.
    """

    name: str
    data: bytes
    signature: bytes | None
    signer: str = "ssh"
    gone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file in a decisions folder that is not even read as a decision, and why."""

    name: str
    reason: str
