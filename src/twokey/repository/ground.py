"""Where policy comes from: protected ground, or the checkout, which the change under review may edit.

This is the value that the rest of the program sees. Finding the target branch and reading it is in `protected`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from twokey.repository.change import Change
from twokey.values import dataclass

if TYPE_CHECKING:
    from twokey.repository.git import Git
    from twokey.repository.host import Host

SHORT = 7
_BRANCH_PLACES = ("refs/remotes/origin/", "refs/heads/")


class PolicySource(Protocol):
    """Reads files of the policy by their path relative to the config, and remembers what was read."""

    @property
    def read_so_far(self) -> Mapping[str, str]:
        """The SHA-256 of each file read so far, by its path."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises TwokeyError where it cannot be had or is too large."""

    def place(self, path: str) -> str:
        """Return what messages call that file, such as `gates.yaml at main (1a2b3c4)`."""

    def located(self, path: str) -> Path:
        """Return a file on disk with that content, for what is too large to be held; a recording, say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What reading the change needs: the repository, the target's commit and ours, and where in it the config is.

    `ref` is the target's full name; at first adoption policy is not read there, and what is under review is. `prefix`
    is the config's folder relative to the repository's root, `name` the config's own name in it.
    """

    git: "Git"
    ref: str
    target: str
    head: str
    prefix: str
    name: str
    host: "Host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where policy is read from, and what is under review there.

    `ref` is the protected ref and `commit` the one it stood at; both are None where policy comes from the checkout.
    `change` is None where nobody can say what is under review, and empty where nothing is. `notes` are sentences that
    every report repeats, such as that authors are not authenticated. `site` is None where no repository was read.
    """

    policy: PolicySource
    ref: str | None = None
    commit: str | None = None
    change: Change | None = None
    notes: tuple[str, ...] = ()
    site: Site | None = None

    @property
    def protected(self) -> bool:
        """Whether policy comes from where the change cannot edit it."""
        return self.ref is not None

    @property
    def branch(self) -> str:
        """Return what `--policy-ref` would name the ground by; empty where it is the checkout."""
        return (branch_of(self.ref) or self.ref) if self.ref else ""

    @property
    def shown(self) -> str | None:
        """Return what reports call the ground, such as `main (1a2b3c4)`; None where it is the checkout."""
        return None if self.ref is None or self.commit is None else shown(self.ref, self.commit)


def shown(ref: str, commit: str) -> str:
    """Return a ref and the commit it stood at, as reports write them: `main (1a2b3c4)`."""
    return f"{branch_of(ref) or ref} ({commit[:SHORT]})"


def branch_of(ref: str) -> str | None:
    """Return the branch that a ref's full name is about, here or at the remote `origin`; None where it is another."""
    place = next((place for place in _BRANCH_PLACES if ref.startswith(place)), None)
    return None if place is None else ref.removeprefix(place)
