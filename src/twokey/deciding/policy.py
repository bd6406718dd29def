"""The deciding policy as a value: who may open what, where it was read, what is under review, and where decisions are.

Nothing is judged here.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from twokey.config.shape import Approval, Config, Window
from twokey.decisions.people import Roster
from twokey.decisions.store import DecisionStore
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import short
from twokey.repository.change import Change
from twokey.repository.ground import Ground
from twokey.signers import SIGNERS
from twokey.signers.base import Verifier
from twokey.values import dataclass

if TYPE_CHECKING:
    from twokey.record import Role
    from twokey.repository.merged import Merged

    Witnesses = Mapping[Role, tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The deciding policy before a change that edits policy was merged: it alone says who may let that through."""

    approval: Approval
    roster: Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The config with its roster, the place that decisions are about, and where they are kept.

    `judging` is the digest of the judging policy as it is now, to tell evidence that was made under another one; None
    where a file of it is gone. `judging_files` are the digests of the files that the evidence was made under, as they
    are now, None for one that is gone; the baseline is among them where it can be compared. `removed` are files of
    decisions that history says were deleted or edited, with their bytes before. `witnesses` are statements about the
    recordings, with their signatures, beside those in the store. `merged` is how the subject came to the protected
    branch, where nothing is under review; `before` who decided there until then, where policy was edited with it.
    """

    config: Config
    roster: Roster
    store: DecisionStore
    environment: str
    repository: str
    judging: str | None
    ground: Ground
    signers: Mapping[str, Verifier] = field(default_factory=lambda: SIGNERS)
    removed: tuple[tuple[str, bytes], ...] = ()
    judging_files: Mapping[str, str | None] = field(default_factory=dict)
    witnesses: "Witnesses" = field(default_factory=dict)
    merged: "Merged | None" = None
    before: Before | None = None

    @property
    def automatic(self) -> bool:
        """Whether a clean run passes here without a decision."""
        return self.environment in self.config.approval.automatic.environments

    def stale(self, evidence: Evidence, change: Change | None) -> tuple[str, ...]:
        """Say why the evidence is not of this judging policy; nothing where it is.

        A change that edits policy is judged under the old one. Once merged, the new one is what is here; the people who
        let the change through signed which one it would be, for they closed the checkpoint that its edits opened.
        """
        before = evidence.manifest["policy"]["sha256"]
        brought = change.judging_after if change and change.policy else None
        same = self.judging is not None and self.judging in (before, brought)
        told = (*(() if same else (self._other_judging(evidence),)), *self._other_baseline(evidence, change))
        return (f"the evidence was made under another judging policy: {'; '.join(told)}",) if told else ()

    def _other_baseline(self, evidence: Evidence, change: Change | None) -> tuple[str, ...]:
        """Say that the baseline is another one than the evidence's, and none that the change brought."""
        recording, facts = self.config.recordings.baseline, evidence.manifest["recordings"]["baseline"]
        path = recording.path if recording is not None else None
        if path is None or facts is None or path not in self.judging_files:
            return ()
        here = self.judging_files[path]
        brought = {edit.after for edit in change.policy if edit.path == path} if change else set()
        if here is None:
            return (f"{path} is gone",)
        return () if here in (facts["sha256"], *brought) else (f"{path} has changed",)

    def _other_judging(self, evidence: Evidence) -> str:
        """Say which files of the judging policy are others than those that the evidence was made under."""
        made_under = {row["path"]: row["sha256"] for row in evidence.manifest["policy"]["files"]}
        files = {path: self.judging_files.get(path, digest) for path, digest in made_under.items()}
        told = [
            f"{path} {'has changed' if files[path] else 'is gone'}" for path in files if files[path] != made_under[path]
        ]
        return "; ".join(told) or "the config's subject, mapping, sample, gates or review says something else"

    def window(self, checkpoint: str, now: datetime) -> Window | None:
        """Return the window of policy in which a checkpoint needs nobody here and now, or None."""
        for window in self.config.approval.windows:
            begins, ends = datetime.fromisoformat(window.from_), datetime.fromisoformat(window.to)
            if checkpoint in window.relaxes and self.environment in window.environments and begins <= now < ends:
                return window
        return None

    def folder(self, evidence: Evidence) -> str:
        """Return the name under which the store keeps what was decided on this evidence."""
        return short(evidence.digest)
