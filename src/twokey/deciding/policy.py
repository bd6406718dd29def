"""The deciding policy as a value: who may open what, where it was read, what is under review, and where decisions are.

Nothing is judged here.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from twokey.config.shape import Config, Window
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

    Witnesses = Mapping[Role, tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The config with its roster, the place that decisions are about, and where they are kept.

    `judging` is the digest of the judging policy as it is now, to tell evidence that was made under another one; None
    where a file of it is gone. `removed` are files of decisions that history says were deleted or edited, with their
    bytes before. `witnesses` are statements about the recordings, with their signatures, beside those in the store.
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
    witnesses: "Witnesses" = field(default_factory=dict)

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
        if self.judging is not None and self.judging in (before, brought):
            return ()
        here = self.judging[:12] if self.judging else "a file of it is gone"
        return (f"the evidence was made under another judging policy: {before[:12]}, here {here}",)

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
