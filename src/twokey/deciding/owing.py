"""The debts of overrides, over all decisions that are kept, whichever evidence they are about."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from twokey.deciding.policy import Deciding
from twokey.decisions.checkpoints import RELEASE
from twokey.decisions.contents import FOLDER
from twokey.decisions.debts import Debt, debts
from twokey.decisions.decision import DecisionFile, RefusedFile
from twokey.decisions.rules import names


def debts_of(policy: Deciding, now: datetime) -> tuple[Debt, ...]:
    """Return the overrides that nobody else has looked at yet, by due date; none where policy takes no overrides."""
    approval = policy.config.approval
    if approval.override is None:
        return ()
    return debts(
        _everything(policy),
        terms=approval.override,
        ratifiers=names(approval.checkpoints[RELEASE].close),
        roster=policy.roster,
        signers=policy.signers,
        now=now,
    )


def _everything(policy: Deciding) -> Iterator[DecisionFile | RefusedFile]:
    """Yield all decisions that are kept, and those that history says were, folder by folder."""
    gone = {PurePosixPath(path).parent.name for path, _ in policy.removed}
    for short in sorted({*policy.store.folders(), *filter(FOLDER.fullmatch, gone)}):
        yield from policy.store.read(short, policy.removed, releasing=True)
