"""The steps by which somebody comes into the roster: ask with proof, look, add. The commands are in `roster`."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from twokey.cli.console import talk
from twokey.cli.identity import key_files, person_here
from twokey.cli.keeping import keep, refuse_links
from twokey.config.shape import Config
from twokey.decisions.joining import MAX_BYTES, NAMESPACE, JoinRequest, against, parse, render
from twokey.decisions.people import Person, Roster
from twokey.decisions.roster import load_roster
from twokey.decisions.roster_text import expect, nobody_yet, with_person
from twokey.decisions.rules import names
from twokey.decisions.shapes import written
from twokey.errors import ConfigError, Place, Problem, TwokeyError
from twokey.repository.config import read_config
from twokey.repository.facts import repository_name
from twokey.signers.base import Signature
from twokey.signers.ssh import SshSigner
from twokey.signers.wire import MAX_ARMOR_BYTES

MAX_ROSTER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a newcomer gave; None where it is to be found."""

    principal: str | None
    name: str | None
    roles: tuple[str, ...]
    key: Path | None


def ask(wanted: Wanted, directory: Path, repository: str | None, now: datetime) -> Path:
    """Write a request and its signature into the working directory; return the request's path."""
    key = wanted.key or next((found.path for found in key_files(os.environ) if found.path), None)
    if key is None:
        hint = "--key FILE names one: a private key, or the .pub file of one in an agent"
        raise TwokeyError("no SSH key found in ~/.ssh", hint=hint)
    signer = SshSigner(environment=os.environ)
    request = request_of(wanted, signer.public_key(str(key)), directory, repository, now)
    data = render(request)
    return keep_request(request, data, signer.sign(data, NAMESPACE, str(key)))


def request_of(wanted: Wanted, key: str, directory: Path, repository: str | None, now: datetime) -> JoinRequest:
    """Return the request of whoever is at the keyboard, for a key in one line without comment."""
    here = person_here(directory, os.environ)
    return JoinRequest(
        principal=wanted.principal or here.principal,
        name=wanted.name or (here.name if wanted.principal is None else wanted.principal),
        roles=wanted.roles,
        key=key,
        repository=repository or repository_name(directory, os.environ),
        requested_at=now,
        nonce=secrets.token_hex(16),
    )


def keep_request(request: JoinRequest, data: bytes, signature: bytes) -> Path:
    """Write a request and its signature into the working directory; return the request's path."""
    path = Path(f"{request.principal}.request.json")
    keep(path.parent, {path.name: data, f"{path.name}.sig": signature})
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningCase:
    """A request as it was found, and what would come of it. `path` is the roster's; `before` its bytes, if any."""

    request: JoinRequest
    signature: Signature
    path: Path
    before: bytes | None
    roster: Roster | None
    policy: Config
    repository: str
    obstacles: tuple[str, ...]

    def rendering(self) -> str:
        """Return what the person who adds reads: who asks, with which key, and what that would let them do."""
        request, newcomer = self.request, self.newcomer
        closes = [
            f"close {name} as {role}"
            for name, checkpoint in sorted(self.policy.approval.checkpoints.items())
            for role in names(checkpoint.close)
            if newcomer.has(role)
        ]
        override = self.policy.approval.override
        closes += [f"override as {role}" for role in (override.roles if override else ()) if newcomer.has(role)]
        lines = (
            f"{request.principal} ({request.name}) asks to be in {self.path}",
            f"  roles       {', '.join(request.roles) or 'none'}",
            f"  may then    {', '.join(closes) or 'close no checkpoint of this policy'}",
            f"  key         {newcomer.keys[0].shown}",
            f"  proof       {self._proof()}",
            f"  asked at    {written(request.requested_at)}",
            f"  repository  {request.repository}{self._elsewhere()}",
            "The proof says that whoever asks holds the key. Who they are, you say: compare the fingerprint with them.",
        )
        return "\n".join(lines)

    @property
    def newcomer(self) -> Person:
        """The newcomer as the roster would have them."""
        return self.request.person(self.signature.origin)

    def refuse_obstacles(self) -> None:
        """Raise TwokeyError with everything that stands against the request, if anything does."""
        if self.obstacles:
            error = TwokeyError(self.obstacles[0])
            error.problems = tuple(Problem(message=text) for text in self.obstacles)
            raise error

    def _proof(self) -> str:
        if not self.signature.valid or self.signature.key != self.request.key:
            return "none"
        page = f" on the page {self.signature.origin}, where alone it may decide" if self.signature.origin else ""
        return f"signed by this key{page}; ssh-keygen: {self.signature.crosscheck}"

    def _elsewhere(self) -> str:
        return "" if self.request.repository == self.repository else f"  (WARNING: this one is {self.repository})"


def prepare(path: Path, config: Path, repository: str | None, now: datetime) -> JoiningCase:
    """Read a request, its proof and the roster, and look at what stands against it.

    Raises:
        ConfigError: the request, the policy or the roster is not one.
        TwokeyError: one of them, or the signature, cannot be read.
    """
    data = read_limited(path, MAX_BYTES)
    signature = SshSigner().verify(data, read_limited(path.with_name(f"{path.name}.sig"), MAX_ARMOR_BYTES), NAMESPACE)
    request = parse(data, str(path))
    roster_path, policy = roster_file(config, os.environ)
    refuse_links(roster_path)
    before = read_limited(roster_path, MAX_ROSTER_BYTES) if roster_path.exists() else None
    roster = None if nobody_yet(before, str(roster_path)) else load_roster(before or b"", str(roster_path))
    return JoiningCase(
        request=request,
        signature=signature,
        path=roster_path,
        before=before,
        roster=roster,
        policy=policy,
        repository=repository or repository_name(config.parent, os.environ),
        obstacles=against(request, signature, roster, now),
    )


def confirmed(*, interactive: bool) -> bool:
    """Ask whether to add; raises TwokeyError where nobody can be asked."""
    if not interactive:
        raise TwokeyError("nobody can be asked here; give --yes")
    while True:
        talk("Add? [y/n]")
        answer = input("> ").strip().lower()
        if answer in ("y", "yes", "n", "no"):
            return answer.startswith("y")


def write(case: JoiningCase) -> None:
    """Add the newcomer to the roster's file, read it again, and put the old one back where it is not what was meant.

    Raises:
        ConfigError: it would be no roster.
        TwokeyError: it cannot be added to or written, or changed meanwhile.
    """
    case.refuse_obstacles()
    data = with_person(case.before, case.newcomer, str(case.path))
    refuse_changed(case.path, case.before)
    keep(case.path.parent, {case.path.name: data})
    try:
        expect(load_roster(case.path.read_bytes(), str(case.path)), case.roster, case.newcomer, str(case.path))
    except (TwokeyError, OSError):
        if case.before is None:
            case.path.unlink(missing_ok=True)
        else:
            keep(case.path.parent, {case.path.name: case.before})
        raise


def refuse_changed(path: Path, before: bytes | None) -> None:
    """Raise TwokeyError where the roster is no longer what it was when somebody was asked."""
    now_there = read_limited(path, MAX_ROSTER_BYTES) if path.exists() else None
    if now_there != before:
        raise TwokeyError("changed while you were asked", where=Place(file=str(path)), hint="add again")


def roster_file(config: Path, environment: Mapping[str, str]) -> tuple[Path, Config]:
    """Return the path of the roster that the policy in the checkout names, and that policy."""
    policy = read_config(config, environment)
    return config.parent / policy.approval.roster, policy


def read_roster(config: Path, environment: Mapping[str, str]) -> tuple[Path, Roster, Config]:
    """Return the roster in the checkout, its path, and the policy that names it.

    Raises:
        ConfigError: the policy or the roster is not one.
        TwokeyError: one of them cannot be read.
    """
    path, policy = roster_file(config, environment)
    return path, load_roster(read_limited(path, MAX_ROSTER_BYTES), str(path)), policy


def read_limited(path: Path, most: int) -> bytes:
    """Return a file's bytes; raises TwokeyError where it cannot be had or is larger than `most` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise TwokeyError(f"cannot be read: {error.strerror}", where=Place(file=str(path))) from None
    if len(data) > most:
        raise ConfigError([Problem(message=f"more than {most:,} bytes", where=Place(file=str(path)))])
    return data
