"""What Git shows of a change, read for a command: under review, once merged, and of decisions that are gone."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from twokey.cli.policy import Policy, judged_by, judging_digest, named_by_config, read_roster
from twokey.deciding.policy import Before
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.repository.config import config_from
from twokey.repository.ground import Ground

if TYPE_CHECKING:
    from twokey.repository.merged import Merged


def under_review(policy: Policy, evidence: Evidence, judging: tuple[str, ...]) -> Ground:
    """Return the ground with the change that is under review there; `judging` are the files that judging read."""
    from twokey.cli.rollback import is_rollback
    from twokey.repository.reading import with_change

    if policy.ground.site is None:
        return policy.ground
    new, after = _proposed(policy, judging)
    paths = {*judging, *named_by_config(policy.config), *new}
    ground = with_change(policy.ground, decisions=policy.config.approval.decisions, policy_paths=sorted(paths))
    if ground.change is None or ground.change.empty:
        return ground
    brings_back = is_rollback(policy.config, policy.store(), policy.ground.site, evidence, ground.change)
    change = replace(ground.change, rollback=brings_back)
    return replace(ground, change=replace(change, judging_after=after if change.policy else None))


def _proposed(policy: Policy, judging: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Return the files that the policy that the change would bring names, and the digest of its judging part.

    Nothing where it cannot be read: then the edit of the config is all that is known of it.
    """
    from twokey.repository.protected import proposed_policy

    files = proposed_policy(policy.ground)
    if files is None:
        return (), None
    try:
        data = files.read(policy.path.name)
        if data == policy.files.read(policy.path.name):
            return (), judging_digest(policy.config, files, judging)
        config = config_from(files, policy.path.name, os.environ)
        brought = replace(policy, config=config, ground=replace(policy.ground, policy=files))
        read = judged_by(brought)
        return (*read, *named_by_config(config)), judging_digest(config, files, read)
    except TwokeyError:
        return (), None


def merged_change(policy: Policy, ground: Ground, evidence: Evidence, judging: tuple[str, ...]) -> "Merged | None":
    """Return how the subject came to the protected branch, where nothing is under review there."""
    site = ground.site
    if site is None or not ground.protected or (ground.change is not None and not ground.change.empty):
        return None
    from twokey.cli.rollback import is_rollback
    from twokey.repository.committed import inside
    from twokey.repository.merged import read_merged

    approval = policy.config.approval
    merged = read_merged(
        site,
        subject=policy.config.subject.files,
        guarded=[glob for rule in approval.checkpoints.values() for clause in rule.opens for glob in clause.paths],
        decisions=inside(site.prefix, approval.decisions) or "",
        policy_paths=sorted({*judging, *named_by_config(policy.config)}),
    )
    if merged is None:
        return None
    then = replace(site, target=merged.before)
    brings_back = is_rollback(policy.config, policy.store(), then, evidence, merged.change)
    return replace(merged, change=replace(merged.change, rollback=brings_back))


def deciding_before(policy: Policy, merged: "Merged | None") -> Before | None:
    """Return the deciding policy before what was merged, where that edits policy; None where there was none yet."""
    site = policy.ground.site
    if site is None or merged is None or not merged.change.policy:
        return None
    from twokey.repository.committed import CommittedPolicy

    files = CommittedPolicy(git=site.git, commit=merged.before, prefix=site.prefix, shown=merged.before[:7])
    if not files.has(policy.path.name):
        return None
    config = config_from(files, policy.path.name, os.environ)
    earlier = replace(policy, config=config, ground=replace(policy.ground, policy=files))
    return Before(approval=config.approval, roster=read_roster(earlier))


def removed(policy: Policy, ground: Ground) -> tuple[tuple[str, bytes], ...]:
    """Return the files of decisions that the checkout does not hold, and history or protected ground does.

    So a refusal or a debt cannot vanish, and is not unseen because an older commit is checked out.
    """
    site = ground.site
    if site is None or policy.config.approval.decisions.startswith("refs/"):
        return ()
    from twokey.decisions.contents import limit_in_folder as limit
    from twokey.repository.committed import inside
    from twokey.repository.removed import all_removed, lacking, removed_files

    folder = inside(site.prefix, policy.config.approval.decisions)
    if folder is None:
        return ()
    change = None if ground.change is None or ground.change.empty else ground.change
    gone = lacking(site.git, site.head, site.target, folder, limit)
    if change is not None:
        gone = (*gone, *removed_files(site.git, change.base, site.head, folder, limit))
    # Once merged, a refusal may lie anywhere in history; what is owed for an override may always.
    if change is None or policy.config.approval.override is not None:
        gone = (*gone, *all_removed(site.git, site.target, folder, limit))
    return tuple(sorted(set(gone)))
