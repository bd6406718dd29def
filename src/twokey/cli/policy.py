"""Reading policy for a command: where from, which files make it, who may decide by it, where decisions are kept.

Trust is given by flags alone: nothing here takes a pin, a ref or a bootstrap from an environment variable. What Git
shows of the change is read in `underway`; all that deciding needs comes together in `terms`.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from twokey.config.shape import Config
from twokey.decisions.people import Roster
from twokey.decisions.rules import policy_problems
from twokey.decisions.store import DecisionStore, open_store
from twokey.errors import ConfigError, Place, Problem, TwokeyError
from twokey.evidence.manifest import judging_policy
from twokey.repository.config import config_from
from twokey.repository.ground import Ground, PolicySource
from twokey.values import dataclass


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
        ConfigError: the roster says what it cannot mean, or nobody in it could ever close a checkpoint of the policy,
            or it lacks people whom the review names.
        TwokeyError: it cannot be had.
    """
    from twokey.decisions.roster import load_roster

    name = policy.config.approval.roster
    place = policy.files.place(name)
    if not policy.ground.protected and not (policy.directory / name).exists():
        hint = "twokey init writes one with you in it"
        raise TwokeyError("there is no such roster", where=Place(file=place), hint=hint)
    roster = load_roster(policy.files.read(name), place)
    if problems := policy_problems(policy.config.approval, roster, policy.config.review):
        where = Place(file=policy.files.place(policy.path.name))
        raise ConfigError(Problem(message=f"{problem} ({place})", where=where) for problem in problems)
    return roster


def named_by(policy: Policy) -> tuple[str, ...]:
    """Return every file that a policy is made of, relative to its config, which is the first."""
    return (policy.path.name, *sorted({*judged_by(policy), *named_by_config(policy.config)}))


def judged_by(policy: Policy) -> tuple[str, ...]:
    """Return the files that the gates of a policy read."""
    from twokey.plan import build_plan

    return tuple(sorted(build_plan(policy.config, policy.directory, policy.files).policy_files))


def named_by_config(config: Config) -> tuple[str, ...]:
    """Return the files that the config names, those of its gates aside."""
    approval, baseline = config.approval, config.recordings.baseline
    named = (approval.roster, approval.sigstore and approval.sigstore.trusted_root, baseline and baseline.path)
    return tuple(path for path in named if path)


def judging_digest(config: Config, files: PolicySource, named: Iterable[str]) -> str | None:
    """Return the digest of the judging policy with the files that it names, or None where one cannot be had."""
    found = {path: digest_of(files, path) for path in named}
    digests = {path: digest for path, digest in found.items() if digest is not None}
    return str(judging_policy(config, digests)["sha256"]) if len(digests) == len(found) else None


def digest_of(files: PolicySource, path: str) -> str | None:
    """Return the digest of a file of the policy, or None where it cannot be had."""
    try:
        files.read(path)
    except TwokeyError:
        return None
    return files.read_so_far[path]
