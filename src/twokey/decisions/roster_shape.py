"""The typed shape of roster.yaml: what may be written, and what one value by itself must be.

What several entries say together (one key twice, one person twice, a role that nobody lists) is looked at in `roster`.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from twokey.config.keys import option
from twokey.decisions.decision import PRINCIPAL
from twokey.decisions.lookalike import HIDDEN
from twokey.decisions.people import identity_line
from twokey.decisions.shapes import instant
from twokey.signers.keys import read_key_line
from twokey.signers.wire import MalformedError
from twokey.values import dataclass

MAX_DELEGATION = timedelta(days=90)
WEBAUTHN_KEY = "sk-ecdsa-sha2-nistp256@openssh.com"
# As a browser writes an origin (RFC 6454, section 6.1): lower case, no default port, nothing after it.
_ORIGIN = re.compile(r"https://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]{0,62})(:[1-9][0-9]{0,4})?")
# The page that twokey serves on one's own machine. A browser trusts it without TLS (Secure Contexts, section 3.1), and
# the port is part of its name: docs/decisions/0017-passkeys-on-localhost.md.
_LOCAL = re.compile(r"http://localhost:([1-9][0-9]{0,4})")
LOCALHOST = b"localhost"
_ISSUER = re.compile(r"https://[a-z0-9][a-z0-9.-]{0,253}(:[1-9][0-9]{0,4})?(/[\x21-\x7e]{0,200})?")
_MAILBOX = re.compile(r"[^\s@/:]{1,100}@[A-Za-z0-9][A-Za-z0-9.-]{0,253}", re.ASCII)


def _utc(text: str) -> None:
    instant(text)


def _principal(text: str) -> None:
    if not PRINCIPAL.fullmatch(text):
        raise ValueError("expected a principal in lower case, such as ann@example.com")


def _word(text: str) -> None:
    if not text.isprintable() or HIDDEN.search(text) or any(map(str.isspace, text)) or len(text) > 100:
        raise ValueError("expected one word of at most 100 characters")


def _origin(text: str) -> None:
    if _local(text):
        return
    match = _ORIGIN.fullmatch(text)
    if not match or match[2] == ":443" or match[1] == "localhost" or match[1].endswith(".localhost"):
        raise ValueError(
            "expected an origin such as https://sign.example.com or http://localhost:7361, in lower case, "
            "with nothing after it"
        )


def _local(origin: str) -> bool:
    """Say whether an origin is this machine's own, as a browser writes it: the port stands there, unless it is 80."""
    match = _LOCAL.fullmatch(origin)
    return match is not None and int(match[1]) <= 65535 and match[1] != "80"


def _issuer(text: str) -> None:
    if not _ISSUER.fullmatch(text):
        raise ValueError("expected an issuer such as https://accounts.example.com")


def _mailbox(text: str) -> None:
    if not _MAILBOX.fullmatch(text) or not text.isascii() or not text.isprintable():
        raise ValueError("expected a person's e-mail address such as ann@example.com; a job's identity decides nothing")


def _refuse_never(valid_from: str | None, valid_until: str | None) -> None:
    """Refuse dates between which there is no second."""
    if valid_from and valid_until and instant(valid_from) >= instant(valid_until):
        raise ValueError("valid_until is not after valid_from")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """A key as the roster writes it: a line such as `ssh-ed25519 AAAA...`, or a mapping with its dates."""

    key: str = option("the public key, as in a .pub file")
    origins: tuple[str, ...] = option(
        "web pages that may sign with it through WebAuthn, such as https://sign.example.com", check=_origin, default=()
    )
    valid_from: str | None = option("not before, such as 2026-11-21T12:00:00Z", check=_utc, default=None)
    valid_until: str | None = option("no longer from then on", check=_utc, default=None)
    revoked_at: str | None = option("withdrawn from then on", check=_utc, default=None)
    compromised_since: str | None = option("others may have it: nothing it signs counts", check=_utc, default=None)
    why: str | None = option("the reason for these dates", default=None)

    EXPECTED: ClassVar[str] = "a public key such as ssh-ed25519 AAAA..."
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "pattern": r"^(sk-)?(ssh|ecdsa)-\S+ \S+"}

    def __post_init__(self) -> None:
        """Refuse a key that is never valid, and origins of a key that no browser can use."""
        _refuse_never(self.valid_from, self.valid_until)
        _refuse_repeated("origins", self.origins)
        if self.origins and self.key.split(" ")[0] != WEBAUTHN_KEY:
            raise ValueError(f"origins are for keys that browsers use, of type {WEBAUTHN_KEY}")
        self._refuse_other_sites()

    def _refuse_other_sites(self) -> None:
        """Refuse an origin that no page can have for this key: it is made for localhost, or it is not."""
        try:
            application = read_key_line(self.key).application
        except MalformedError:
            return  # told where keys are read
        for origin in self.origins:
            if _local(origin) != (application == LOCALHOST):
                site = (application or b"").decode("utf-8", "replace")[:80]
                raise ValueError(f"{origin} is not a page of {site!a}, which this key was made for")

    @classmethod
    def from_scalar(cls, value: str | float | bool | None) -> Self:
        """Read a key without dates."""
        if not isinstance(value, str):
            raise ValueError(value)
        return cls(key=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityEntry:
    """An identity that Sigstore vouches for: the address and who says that it is theirs, both exactly."""

    identity: str = option("the e-mail address in the certificate", check=_mailbox)
    issuer: str = option("who vouches for it, such as https://accounts.example.com", check=_issuer)
    valid_from: str | None = option("not before, such as 2026-11-21T12:00:00Z", check=_utc, default=None)
    valid_until: str | None = option("no longer from then on", check=_utc, default=None)
    revoked_at: str | None = option("withdrawn from then on", check=_utc, default=None)
    compromised_since: str | None = option("others may have it: nothing it signs counts", check=_utc, default=None)
    why: str | None = option("the reason for these dates", default=None)

    def __post_init__(self) -> None:
        """Refuse an identity that is never valid."""
        _refuse_never(self.valid_from, self.valid_until)

    @property
    def line(self) -> str:
        """The text by which a signer names it."""
        return identity_line(self.issuer, self.identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntry:
    """A person as the roster writes one, with at least one key or identity."""

    principal: str = option("who they are, such as ann@example.com", check=_principal)
    keys: tuple[KeyEntry, ...] = option("the SSH keys they sign with", default=())
    identities: tuple[IdentityEntry, ...] = option("the Sigstore identities they sign with", default=())
    name: str | None = option("what they are called", default=None)
    aliases: tuple[str, ...] = option("their other addresses and logins", check=_word, default=())
    roles: tuple[str, ...] = option("what they may decide as", check=_word, default=())

    def __post_init__(self) -> None:
        """Refuse somebody who could never sign."""
        if not self.keys and not self.identities:
            raise ValueError(f"{self.principal} has nothing to sign with: missing key 'keys' or 'identities'")


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEntry:
    """A person's roles in another's hands, for a stated time of at most 90 days.

    The one who holds them signs with their own key and counts as one person. Only roles that the giver has by this
    file can be given, never one that was given to them, and never the giver's own principal: a rule that names a person
    means that person.
    """

    from_: str = option("the principal whose roles they are", check=_principal)
    to: str = option("the principal who holds them as well", check=_principal)
    roles: tuple[str, ...] = option("which roles", check=_word)
    valid_from: str = option("from then on, such as 2026-11-21T12:00:00Z", check=_utc)
    valid_until: str = option("no longer from then on", check=_utc)
    why: str = option("the reason")

    def __post_init__(self) -> None:
        """Refuse what is never in force, what lasts too long, and what gives nothing to anybody else."""
        _refuse_never(self.valid_from, self.valid_until)
        _refuse_repeated("roles", self.roles)
        if instant(self.valid_until) - instant(self.valid_from) > MAX_DELEGATION:
            raise ValueError(f"a delegation lasts at most {MAX_DELEGATION.days} days")
        if self.from_ == self.to:
            raise ValueError(f"{self.to} cannot delegate to themselves")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessEntry:
    """A machine, such as a protected job, whose keys may witness recordings and can never decide."""

    name: str = option("what it is called, such as record-job", check=_principal)
    keys: tuple[KeyEntry, ...] = option("the SSH keys it signs recordings with")

    def __post_init__(self) -> None:
        """Refuse origins: no browser witnesses a recording."""
        if any(key.origins for key in self.keys):
            raise ValueError("a witness signs in a job, not on web pages: origins say nothing here")


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterFile:
    """roster.yaml: the people who may decide."""

    people: tuple[PersonEntry, ...] = option("everybody who may decide")
    roles: tuple[str, ...] = option("all roles there are; any other is then an error", check=_word, default=())
    delegations: tuple[DelegationEntry, ...] = option("roles in other hands for a time", default=())
    witnesses: tuple[WitnessEntry, ...] = option("machines that may witness recordings, and never decide", default=())


def moment(text: str | None) -> datetime | None:
    """Return a date of the file, or None where none is given."""
    return None if text is None else instant(text)


def _refuse_repeated(what: str, words: Iterable[str]) -> None:
    seen = tuple(words)
    if len(set(seen)) < len(seen):
        raise ValueError(f"one of the {what} stands here twice")
