"""The facts of a change while it is under review, as a value that is kept beside the decisions on it.

After the merge nobody sees a change any more; what was true of it is then known by what people signed. Reading it
out of Git is in `reading`, which facts open a checkpoint in `twokey.decisions.checkpoints`. Pure: nothing is read here.
"""

from collections.abc import Iterable
from typing import Literal, get_args

from twokey.values import dataclass

Part = Literal["author", "committer", "co-author", "pusher", "opener", "starter"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody who had a part in the change, by e-mail address or login as Git or the host gives it.

    `authenticated` says whether the host vouches for it; what stands in a commit anybody can write.
    """

    known_as: str
    part: Part
    authenticated: bool


def in_order(parties: Iterable[Party]) -> tuple[Party, ...]:
    """Return parties, each once, in an order that does not depend on where they come from."""
    return tuple(sorted(set(parties), key=lambda party: (party.known_as, party.part, party.authenticated)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEdit:
    """A file of the policy that the change edits: SHA-256 of its content before and after, None where it is not."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file that the change adds, edits or deletes: its path from the repository's root, and Git's id of its content.

    `blob` is None where the file is gone. A renamed file is two: one gone, one new.
    """

    path: str
    blob: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What differs between the target branch and what is under review.

    `base` is the commit at which the two last met, `head` the one under review. `prefix` is the config's directory
    relative to the repository's root, empty or ending with a slash. `files` are all changed ones by path, `lines` how
    many lines were added or removed. `labels` are the request's on the host, or None where no host says. `policy` are
    the edits of policy files, by path relative to the config; `judging_after` is the digest of the judging policy that
    the change would bring, None where it edits none or it cannot be read. `rollback` says that the change brings back a
    subject that was decided on before. `decisions_only` says that the newest commit adds nothing but decisions.
    """

    base: str
    head: str
    prefix: str = ""
    files: tuple[ChangedFile, ...] = ()
    lines: int = 0
    labels: tuple[str, ...] | None = None
    parties: tuple[Party, ...] = ()
    policy: tuple[PolicyEdit, ...] = ()
    judging_after: str | None = None
    rollback: bool = False
    decisions_only: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing under review."""
        return self.base == self.head
