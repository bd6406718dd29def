"""Reading policy for a command: where from, who may decide by it, what is under review, and where decisions are kept.

Trust is given by flags alone: nothing here takes a pin, a ref or a bootstrap from an environment variable.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from twokey.config.shape import Config
from twokey.deciding.policy import Before, Deciding
from twokey.decisions.people import Roster
from twokey.decisions.rules import policy_problems
from twokey.decisions.store import DecisionStore, open_store
from twokey.errors import ConfigError, Place, Problem, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.manifest import judging_policy
from twokey.repository.change import Change
from twokey.repository.config import config_from
from twokey.repository.ground import Ground, PolicySource
from twokey.signers import signers
from twokey.signers.remembered import remembered
from twokey.values import dataclass

if TYPE_CHECKING:
    from twokey.deciding.policy import Witnesses
    from twokey.record import Role
    from twokey.repository.merged import Merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A config and where it was read. `path` is the config's in the checkout; its folder is what paths start from."""

    path: Path
    config: Config
    ground: Ground

    @property
    def directory(self) -> Path:
        """The folder in the checkout that the config's paths start from."""
        return self.path.parent

    @property
    def files(self) -> PolicySource:
        """Where files of the policy are read."""
        return self.ground.policy

    def store(self) -> DecisionStore:
        """Return where decisions are kept."""
        return open_store(self.config.approval.decisions, self.directory)


def read_policy(path: Path, refs: Sequence[str] = (), *, bootstrap: bool = False) -> Policy:
    """Read the policy, from protected ground where the host or a pin names some, else from the checkout.

    Raises:
        ConfigError: it says what it cannot mean.
        TwokeyError: it cannot be had.
    """
    from twokey.repository.protected import find_ground

    ground = find_ground(path, environment=os.environ, policy_refs=tuple(refs), bootstrap=bootstrap)
    if not ground.protected and not path.exists():
        raise TwokeyError("there is no such config", where=Place(file=str(path)), hint="twokey init writes one")
    return Policy(path=path, config=config_from(ground.policy, path.name, os.environ), ground=ground)


def read_roster(policy: Policy) -> Roster:
    """Read the people who may decide.

    Raises:
        ConfigError: the roster says what it cannot mean, or nobody in it could ever close a checkpoint of the policy.
        TwokeyError: it cannot be had.
    """
    from twokey.decisions.roster import load_roster

    name = policy.config.approval.roster
    place = policy.files.place(name)
    if not policy.ground.protected and not (policy.directory / name).exists():
        hint = "twokey init writes one with you in it"
        raise TwokeyError("there is no such roster", where=Place(file=place), hint=hint)
    roster = load_roster(policy.files.read(name), place)
    if problems := policy_problems(policy.config.approval, roster):
        raise ConfigError(Problem(message=problem, where=Place(file=place)) for problem in problems)
    return roster


def deciding(
    evidence: Evidence, policy: Policy, *, environment: str, repository: str | None, change: Change | None = None
) -> Deciding:
    """Read all that deciding on this evidence needs; `change` replaces what is read of it, with what a host knew."""
    from twokey.repository.facts import repository_name

    named = tuple(row["path"] for row in evidence.manifest["policy"]["files"])
    ground = under_review(policy, evidence, named)
    root = policy.config.approval.sigstore
    return Deciding(
        config=policy.config,
        roster=read_roster(policy),
        store=policy.store(),
        environment=environment,
        repository=repository or repository_name(policy.directory, os.environ),
        judging=judging_digest(policy.config, policy.files, named),
        judging_files={**{path: _digest_of(policy.files, path) for path in named}, **_baseline(policy)},
        ground=replace(ground, change=change) if change is not None else ground,
        signers=remembered(signers(policy.files.read(root.trusted_root) if root else None)),
        removed=removed(policy, ground),
        witnesses=_witnesses(policy, evidence),
        merged=(merged := _merged(policy, ground, evidence, named)),
        before=_before(policy, merged),
    )


def _merged(policy: Policy, ground: Ground, evidence: Evidence, judging: tuple[str, ...]) -> "Merged | None":
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
        policy_paths=sorted({*judging, *_named_by_config(policy.config)}),
    )
    if merged is None:
        return None
    then = replace(site, target=merged.before)
    brings_back = is_rollback(policy.config, policy.store(), then, evidence, merged.change)
    return replace(merged, change=replace(merged.change, rollback=brings_back))


def _before(policy: Policy, merged: "Merged | None") -> Before | None:
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


def named_by(policy: Policy) -> tuple[str, ...]:
    """Return every file that a policy is made of, relative to its config, which is the first."""
    return (policy.path.name, *sorted({*judged_by(policy), *_named_by_config(policy.config)}))


def judged_by(policy: Policy) -> tuple[str, ...]:
    """Return the files that the gates of a policy read."""
    from twokey.plan import build_plan

    return tuple(sorted(build_plan(policy.config, policy.directory, policy.files).policy_files))


def _named_by_config(config: Config) -> tuple[str, ...]:
    approval, baseline = config.approval, config.recordings.baseline
    named = (approval.roster, approval.sigstore and approval.sigstore.trusted_root, baseline and baseline.path)
    return tuple(path for path in named if path)


def judging_digest(config: Config, files: PolicySource, named: Iterable[str]) -> str | None:
    """Return the digest of the judging policy with the files that it names, or None where one cannot be had."""
    found = {path: _digest_of(files, path) for path in named}
    digests = {path: digest for path, digest in found.items() if digest is not None}
    return str(judging_policy(config, digests)["sha256"]) if len(digests) == len(found) else None


def _baseline(policy: Policy) -> dict[str, str | None]:
    """Return the digest of the baseline as policy has it, by its path; in a mere checkout only if it is there."""
    from twokey.evidence.subject import hash_file

    recording = policy.config.recordings.baseline
    if recording is None or recording.path is None:
        return {}
    if not policy.ground.protected and not (policy.directory / recording.path).is_file():
        return {}
    try:
        return {recording.path: hash_file(policy.files.located(recording.path))[0]}
    except TwokeyError:
        return {recording.path: None}


def _digest_of(files: PolicySource, path: str) -> str | None:
    """Return the digest of a file of the policy, or None where it cannot be had."""
    try:
        files.read(path)
    except TwokeyError:
        return None
    return files.read_so_far[path]


def under_review(policy: Policy, evidence: Evidence, judging: tuple[str, ...]) -> Ground:
    """Return the ground with the change that is under review there; `judging` are the files that judging read."""
    from twokey.cli.rollback import is_rollback
    from twokey.repository.reading import with_change

    if policy.ground.site is None:
        return policy.ground
    new, after = _proposed(policy, judging)
    paths = {*judging, *_named_by_config(policy.config), *new}
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
        return (*read, *_named_by_config(config)), judging_digest(config, files, read)
    except TwokeyError:
        return (), None


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


def _witnesses(policy: Policy, evidence: Evidence) -> "Witnesses":
    """Return the statements beside the recordings at hand, with their signatures."""
    from twokey.decisions.witness import MAX_BYTES, SUFFIX

    found: dict[Role, tuple[bytes, bytes]] = {}
    recordings: Mapping[Role, str | None] = {
        "candidate": policy.config.recordings.candidate.path,
        "baseline": policy.config.recordings.baseline.path if policy.config.recordings.baseline else None,
    }
    for role, path in recordings.items():
        if path is None or evidence.manifest["recordings"][role] is None:
            continue
        statement = policy.directory / f"{path}{SUFFIX}"
        signature = statement.with_name(f"{statement.name}.sig")
        if statement.is_file() and signature.is_file() and statement.stat().st_size <= MAX_BYTES:
            found[role] = (statement.read_bytes(), signature.read_bytes())
    return found
