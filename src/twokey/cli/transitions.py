"""`twokey verify --policy-history`: who signed each policy since a pinned one, along the protected branch's history."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from twokey.cli.policy import Policy, named_by, read_roster
from twokey.config.shape import is_production
from twokey.deciding.transitions import Vote, let_through
from twokey.errors import TwokeyError
from twokey.repository.committed import CommittedPolicy
from twokey.repository.config import config_from
from twokey.repository.facts import repository_name
from twokey.repository.ground import Site
from twokey.repository.history import Transition, policy_history
from twokey.signers import SIGNERS


def history_status(
    policy: Policy, pinned: str, now: datetime, say: Callable[[str], None], *, repository: str | None = None
) -> int:
    """Tell of each transition of policy, newest first, back to the pinned one; return the exit status.

    `pinned` is the whole digest over the files of a policy, as this command shows it: of a short one two may start so.
    The status is 0 where every transition since was let through by people whom the policy before it entitles, 3 where
    one was not. Only decisions for production in this repository count.

    Raises:
        TwokeyError: policy does not come from protected ground, history is cut, or the pinned policy is not in it.
    """
    site = policy.ground.site
    if site is None:
        raise TwokeyError("policy comes from the checkout, which has no history to trust", hint="give --policy-ref")
    signed, here = True, repository or repository_name(policy.directory, os.environ)
    paths = lambda commit: named_by(_policy_at(policy, site, commit))  # noqa: E731  # a callback of one line
    for transition in policy_history(site.git, site.target, paths, site.prefix, site.name):
        after = transition.after or "none"
        if after == pinned:
            say(f"{after}  {transition.commit[:7]}  pinned")
            return 0 if signed else 3
        votes = _votes(policy, site, transition, here, now)
        who = " and ".join(f"{vote.person} as {vote.role}" for vote in votes)
        files = ", ".join(edit.path for edit in transition.edits)
        told = f"signed by {who}" if who else "signed by nobody whom the policy before entitles"
        say(f"{after}  {transition.commit[:7]}  {files}: {told}")
        signed = signed and bool(votes)
    raise TwokeyError(f"the policy {pinned[:12]!a} is not in the history of {policy.ground.shown}")


def _votes(policy: Policy, site: Site, transition: Transition, repository: str, now: datetime) -> tuple[Vote, ...]:
    parents = site.git.commit(transition.commit).parents
    if transition.before is None or not parents:
        return ()
    before = _policy_at(policy, site, parents[0])
    return let_through(
        transition.edits,
        policy.store(),
        approval=before.config.approval,
        roster=read_roster(before),
        signers=SIGNERS,
        repository=repository,
        environments=is_production,
        now=now,
    )


def _policy_at(policy: Policy, site: Site, commit: str) -> Policy:
    """Return the policy as it stood in a commit. Raises TwokeyError where it cannot be read."""
    files = CommittedPolicy(git=site.git, commit=commit, prefix=site.prefix, shown=commit[:7])
    config = config_from(files, policy.path.name, os.environ)
    return replace(policy, config=config, ground=replace(policy.ground, policy=files, commit=commit))
