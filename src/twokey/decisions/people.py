"""The people who may decide: who holds a key, what they are, and whether the key still speaks for them.

One key belongs to one person, and people are counted, not keys. Times are UTC and half-open: a key is good from the
second that `valid_from` names until just before `valid_until`. Reading the file is in `roster`; who may close which
checkpoint is policy, not said here.
"""

from dataclasses import dataclass
from datetime import datetime

from twokey.decisions.shapes import written
from twokey.signers.keys import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterKey:
    """A key and its dates. `compromised_since` ends it for all time: a signature cannot show when it was made."""

    key: PublicKey
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    compromised_since: datetime | None = None
    why: str | None = None

    def withdrawn(self, now: datetime) -> str | None:
        """Say why nothing signed with this key can be believed, or return None."""
        because = f": {self.why}" if self.why else ""
        if self.compromised_since is not None:
            return f"the key counts as compromised since {written(self.compromised_since)}{because}"
        if self.revoked_at is not None and now >= self.revoked_at:
            return f"the key was revoked at {written(self.revoked_at)}{because}"
        return None

    def out_of_date(self, now: datetime) -> str | None:
        """Say why the key may not approve at `now` although it is its owner's, or return None."""
        if self.valid_from is not None and now < self.valid_from:
            return f"the key is not valid before {written(self.valid_from)}"
        if self.valid_until is not None and now >= self.valid_until:
            return f"the key was valid until {written(self.valid_until)}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may decide. Counted by principal, whatever keys and aliases they have."""

    principal: str
    name: str
    roles: tuple[str, ...]
    keys: tuple[RosterKey, ...]
    aliases: tuple[str, ...] = ()

    def has(self, role: str) -> bool:
        """Return whether `role` is one of the person's roles, or their own principal."""
        return role == self.principal or role in self.roles

    def known_as(self, text: str) -> bool:
        """Return whether `text` is the person's principal or one of their aliases; case does not matter."""
        return text.casefold() in {word.casefold() for word in (self.principal, *self.aliases)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody who may decide."""

    people: tuple[Person, ...]

    def person(self, known_as: str) -> Person | None:
        """Return the person with that principal or alias, or None."""
        return next((person for person in self.people if person.known_as(known_as)), None)

    def person_of_key(self, key: str) -> tuple[Person, RosterKey] | None:
        """Return whose key that is, given its one-line form without comment, and its dates; or None."""
        pairs = ((person, entry) for person in self.people for entry in person.keys)
        return next(((person, entry) for person, entry in pairs if entry.key.line == key), None)

    def allowed_signers(self, principal: str, namespace: str) -> str:
        """Return the person's allowed_signers file for `ssh-keygen -Y verify`: one line for each key not withdrawn.

        Raises KeyError where nobody has that principal.
        """
        person = next((person for person in self.people if person.principal == principal), None)
        if person is None:
            raise KeyError(principal)
        good = [entry for entry in person.keys if entry.compromised_since is None and entry.revoked_at is None]
        return "".join(f'{principal} namespaces="{namespace}" {entry.key.line}\n' for entry in good)

    def with_role(self, role: str) -> tuple[Person, ...]:
        """Return the people who have that role or are that principal."""
        return tuple(person for person in self.people if person.has(role))
