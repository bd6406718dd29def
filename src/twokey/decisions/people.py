"""The people who may decide: who holds a key, what they are, and whether the key still speaks for them.

One key belongs to one person, and people are counted, not keys. Times are UTC and half-open: a key, or a delegation, is
good from the second that `valid_from` names until just before `valid_until`. A witness has keys too, but decides
nothing, ever. Reading the file is in `roster`; who may close which checkpoint is policy, not said here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from twokey.decisions.lookalike import folded
from twokey.decisions.shapes import written
from twokey.signers.keys import PublicKey
from twokey.values import dataclass

SIGSTORE = "sigstore"


def identity_line(issuer: str, identity: str) -> str:
    """Return a Sigstore identity in the one-line form in which a signer names its key: `sigstore ISSUER IDENTITY`.

    Raises ValueError where a space in one of them would let the line be read as another.
    """
    if not all(part and part.isascii() and part.isprintable() and " " not in part for part in (issuer, identity)):
        raise ValueError("an issuer and an identity are printable ASCII without spaces")
    return f"{SIGSTORE} {issuer} {identity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterKey:
    """A key and its dates. `compromised_since` ends it for all time: a signature cannot show when it was made.

    `line` is what a signer says of who signed: a public key in OpenSSH's one-line form, or what `identity_line` makes,
    for which `key` is None. `origins` are the web pages, such as https://sign.example.com, on which the key may have
    been used through WebAuthn.
    """

    line: str
    key: PublicKey | None = None
    origins: tuple[str, ...] = ()
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

    @property
    def shown(self) -> str:
        """The key as people compare it: type and fingerprint, as `ssh-keygen -l` shows it, or the Sigstore identity."""
        return f"{self.key.algorithm} {self.key.fingerprint}" if self.key else self.line

    def good(self, now: datetime) -> bool:
        """Return whether the key may approve at `now`."""
        return self.withdrawn(now) is None and self.out_of_date(now) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may decide. Counted by principal, whatever keys and aliases they have."""

    principal: str
    name: str
    roles: tuple[str, ...]
    keys: tuple[RosterKey, ...]
    aliases: tuple[str, ...] = ()

    def has(self, role: str) -> bool:
        """Return whether `role` is one of the person's own roles, or their own principal."""
        return role == self.principal or role in self.roles

    def known_as(self, text: str) -> bool:
        """Return whether `text` is the person's principal or an alias, however it is written: see `folded`."""
        return folded(text) in {folded(word) for word in (self.principal, *self.aliases)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A machine whose keys may witness recordings, and can never decide."""

    name: str
    keys: tuple[RosterKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """For a stated time, `to` holds these roles of `giver` as well; both are principals."""

    giver: str
    to: str
    roles: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    why: str

    def covers(self, now: datetime) -> bool:
        """Return whether it holds at `now`."""
        return self.valid_from <= now < self.valid_until


_Holder = TypeVar("_Holder", Person, Witness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody who may decide, the delegations among them, and the machines that may witness."""

    people: tuple[Person, ...]
    delegations: tuple[Delegation, ...] = ()
    witnesses: tuple[Witness, ...] = ()

    def person(self, known_as: str) -> Person | None:
        """Return the person with that principal or alias, or None."""
        return next((person for person in self.people if person.known_as(known_as)), None)

    def person_of_key(self, key: str) -> tuple[Person, RosterKey] | None:
        """Return whose key that is, given as a signer names it (`RosterKey.line`), and its dates; or None."""
        return _holder(self.people, key)

    def witness_of_key(self, key: str) -> tuple[Witness, RosterKey] | None:
        """Return the witness whose key that is, given as a signer names it, and its dates; or None."""
        return _holder(self.witnesses, key)

    def allowed_signers(self, principal: str, namespace: str) -> str:
        """Return the person's allowed_signers file for `ssh-keygen -Y verify`: one line for each key not withdrawn.

        Sigstore identities have no place in it. Raises KeyError where nobody has that principal.
        """
        person = next((person for person in self.people if person.principal == principal), None)
        if person is None:
            raise KeyError(principal)
        good = [entry for entry in person.keys if entry.compromised_since is None and entry.revoked_at is None]
        return "".join(f'{principal} namespaces="{namespace}" {entry.line}\n' for entry in good if entry.key)

    def with_role(self, role: str) -> tuple[Person, ...]:
        """Return the people who have that role themselves or are that principal, delegations aside."""
        return tuple(person for person in self.people if person.has(role))

    def holds(self, person: Person, role: str, now: datetime) -> bool:
        """Return whether the person may act as `role` at `now`: their own role or principal, or one delegated to them.

        What was delegated is never passed on: the giver must have the role themselves.
        """
        return person.has(role) or self.delegation(person, role, now) is not None

    def delegation(self, person: Person, role: str, now: datetime) -> Delegation | None:
        """Return the delegation by which the person holds `role` at `now`, or None."""
        for found in self.delegations:
            if found.to == person.principal and role in found.roles and found.covers(now):
                giver = next((one for one in self.people if one.principal == found.giver), None)
                if giver is not None and role in giver.roles:
                    return found
        return None

    def holders(self, role: str, now: datetime) -> tuple[Person, ...]:
        """Return the people who may act as `role` at `now`, each once, in the order of the file."""
        return tuple(person for person in self.people if self.holds(person, role, now))


def _holder(holders: Iterable[_Holder], key: str) -> tuple[_Holder, RosterKey] | None:
    pairs = ((holder, entry) for holder in holders for entry in holder.keys)
    return next(((holder, entry) for holder, entry in pairs if entry.line == key), None)
