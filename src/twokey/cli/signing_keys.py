"""Who at this machine may sign, and with what: an SSH key in a file or in an agent, or a passkey on the served page."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from twokey.cli.identity import KeyFile, agent_keys, key_files
from twokey.deciding.policy import Deciding
from twokey.decisions.people import Person, RosterKey
from twokey.errors import Place, TwokeyError
from twokey.signers.keys import PublicKey
from twokey.signers.passkey import KEY_TYPE
from twokey.signers.ssh import SshSigner
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AtPage:
    """Who is at a page, and the page's origin."""

    principal: str
    origin: str


def who_signs(policy: Deciding, directory: Path, key: Path | None) -> tuple[Person, KeyFile]:
    """Return the person in the roster whose key is at hand, in a file or in an agent, and that key.

    Raises:
        TwokeyError: the key given, or every key found, is nobody's in the roster.
    """
    candidates = tuple(at_hand(key))
    for found in candidates:
        known = policy.roster.person_of_key(found.public)
        if known is not None:
            return known[0], found
    tried = ", ".join(str(found.path or "one in the agent") for found in candidates) or "none in ~/.ssh or an agent"
    raise TwokeyError(
        f"no key at hand is in the roster (tried: {tried})",
        where=_roster(policy, directory),
        hint="--key names another key; twokey roster add --request --role ROLE asks to be in the roster",
    )


def who_signs_at(
    page: AtPage, policy: Deciding, directory: Path, key: Path | None, now: datetime
) -> tuple[Person, KeyFile | None]:
    """Return the person who is at the page, and an SSH key of theirs where one is at hand.

    Raises:
        TwokeyError: they are not in the roster, or have nothing to sign with here.
    """
    person = policy.roster.person(page.principal)
    where = _roster(policy, directory)
    if person is None:
        hint = "twokey roster add --request --role ROLE asks to be in the roster; --as names somebody else"
        raise TwokeyError(f"{page.principal} is not in the roster", where=where, hint=hint)
    own = {entry.line for entry in person.keys}
    found = next((one for one in at_hand(key) if one.public in own), None)
    if found is None and not passkeys(person, page.origin, now):
        told = f"{person.principal} has no passkey for {page.origin} in the roster, and no SSH key of theirs is at hand"
        raise TwokeyError(told, where=where, hint="twokey roster add --passkey enrols one; --key names an SSH key")
    return person, found


def passkeys(person: Person, origin: str, now: datetime) -> tuple[PublicKey, ...]:
    """Return the keys with which the person may sign on pages of that origin at `now`."""
    return tuple(entry.key for entry in person.keys if entry.key and _fits(entry, origin, now))


def _fits(entry: RosterKey, origin: str, now: datetime) -> bool:
    of_browser = entry.key is not None and entry.key.algorithm == KEY_TYPE.decode("ascii")
    return of_browser and origin in entry.origins and entry.good(now)


def at_hand(key: Path | None) -> Iterator[KeyFile]:
    """Yield the SSH key given, or all that are found in files and in an agent."""
    if key is not None:
        yield KeyFile(path=key, public=SshSigner(environment=os.environ).public_key(str(key)))
        return
    yield from key_files(os.environ)
    yield from (KeyFile(path=None, public=held) for held in agent_keys(os.environ))


def _roster(policy: Deciding, directory: Path) -> Place:
    return Place(file=str(directory / policy.config.approval.roster))
