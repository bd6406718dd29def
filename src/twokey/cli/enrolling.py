"""Enrolling a passkey: a page makes it, and its first signature proves that it is there.

What it signs is a request to be in the roster, as any newcomer's key does, so whoever adds it later can look again. The
page it was made on is the only one that it may then decide on.
"""

import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from twokey.cli import roster_joining as joining
from twokey.cli.identity import person_here
from twokey.cli.keeping import keep, refuse_links
from twokey.cli.serving.serve import announce
from twokey.cli.serving.signing import assertion_of, bytes_of, judged_assertion, text_of
from twokey.decisions.joining import NAMESPACE, JoinRequest, render
from twokey.decisions.people import Person, RosterKey
from twokey.decisions.roster_text import with_key
from twokey.errors import TwokeyError
from twokey.page.enrol_page import Enrolling, enrol_page
from twokey.page.exchange import RefusalError, Response, Routes, page, told
from twokey.page.server import PORT, Server, open_server
from twokey.repository.facts import repository_name
from twokey.signers.base import Signature
from twokey.signers.passkey import LOCALHOST, challenge, public_key
from twokey.signers.ssh import SshSigner
from twokey.signers.wire import MalformedError

ASKED_SHOWN = "the passkey has signed its request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A passkey with its proof: the request that it signed, as its bytes, the armored signature, and what it is."""

    request: JoinRequest
    data: bytes
    armored: bytes
    signature: Signature

    @property
    def key(self) -> RosterKey:
        """The key as the roster would have it."""
        return self.request.person(self.signature.origin).keys[0]


def enrol(
    wanted: joining.Wanted,
    directory: Path,
    repository: str | None,
    now: Callable[[], datetime],
    *,
    port: int = PORT,
    open_browser: bool = True,
    started: Callable[[Server], None] = lambda _server: None,
) -> Enrolled:
    """Serve the page that makes a passkey, and return it with its proof once it has given one.

    `started` is told once the page can be opened.

    Raises:
        TwokeyError: the port is taken, or nobody made one before the page was closed.
        KeyboardInterrupt: the person gave up.
    """
    server = open_server(port)
    desk = _Desk(wanted=wanted, directory=directory, repository=repository, now=now, origin=server.origin)
    try:
        announce(server, "Passkey", open_browser=open_browser)
        started(server)
        server.serve(desk.routes())
    finally:
        server.close()
    if desk.enrolled is None:
        raise TwokeyError("no passkey was enrolled")
    return desk.enrolled


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What the page can do: name a new key, and prove it."""

    wanted: joining.Wanted
    directory: Path
    repository: str | None
    now: Callable[[], datetime]
    origin: str
    enrolled: Enrolled | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    _asked: tuple[str, JoinRequest] | None = None

    def routes(self) -> Routes:
        """Return the routes below the token."""
        return {("GET", ""): self.page, ("POST", "key"): self.key, ("POST", "proof"): self.proof}

    def page(self, _sent: Mapping[str, Any]) -> Response:
        """Show who enrols."""
        here = person_here(self.directory, os.environ)
        principal = self.wanted.principal or here.principal
        who = Enrolling(
            principal=principal,
            name=self.wanted.name or (here.name if self.wanted.principal is None else principal),
            roles=self.wanted.roles,
            repository=self.repository or repository_name(self.directory, os.environ),
            origin=self.origin,
            user=text_of(secrets.token_bytes(16)),
        )
        return page(enrol_page(who))

    def key(self, sent: Mapping[str, Any]) -> Response:
        """Take a new passkey's public half, and return the request that it has to sign."""
        if sent.keys() != {"public_key"}:
            raise RefusalError(422, "expected public_key, and nothing else")
        try:
            key = public_key(bytes_of(sent["public_key"]))
        except MalformedError as refusal:
            raise RefusalError(422, str(refusal)) from None
        request = joining.request_of(self.wanted, key.line, self.directory, self.repository, self.now())
        data, ident = render(request), secrets.token_hex(16)
        with self.lock:
            self._asked = (ident, request)
        return told(
            {
                "id": ident,
                "fingerprint": f"{key.algorithm} {key.fingerprint}",
                "statement": data.decode("utf-8"),
                "challenge": text_of(challenge(data, NAMESPACE)),
                "rpId": LOCALHOST,
            }
        )

    def proof(self, sent: Mapping[str, Any]) -> Response:
        """Take the passkey's signature over its request; once it is good, the page has done its work."""
        given = assertion_of(sent)
        with self.lock:
            ident, request = self._asked or ("", None)
            if self.enrolled is not None or request is None or sent["id"] != ident:
                raise RefusalError(409, "this request was signed already, or is of another passkey: reload this page")
            data = render(request)
            keys = tuple(key.key for key in request.person().keys if key.key)
            armored, found = judged_assertion(given, keys, data, NAMESPACE, SshSigner(), self.origin)
            self.enrolled = Enrolled(request=request, data=data, armored=armored, signature=found)
        return told({"told": f"{ASKED_SHOWN}; the terminal says where it is kept."}, last=True)


def own_entry(config: Path, wanted: joining.Wanted) -> Person:
    """Return whoever is at the keyboard as the roster has them: a further key is theirs to add.

    Raises:
        TwokeyError: they are not in it, and have to ask.
    """
    path, roster, _ = joining.read_roster(config, os.environ)
    principal = wanted.principal or person_here(config.parent, os.environ).principal
    person = roster.person(principal)
    if person is None:
        told_ = f"{principal} is not in {path}, so there is nobody to add a passkey to"
        raise TwokeyError(told_, hint="--request with --role ROLE asks to be in it; --principal names somebody else")
    return person


def add_own(config: Path, person: Person, enrolled: Enrolled) -> Path:
    """Add an enrolled passkey to a person's keys in the roster, and return the roster's path.

    Raises:
        ConfigError: it would be no roster.
        TwokeyError: the file has a form that lines cannot be added to; then it says which lines.
    """
    path, _ = joining.roster_file(config, os.environ)
    refuse_links(path)
    before = joining.read_limited(path, joining.MAX_ROSTER_BYTES)
    data = with_key(before, person.principal, enrolled.key, str(path))
    joining.refuse_changed(path, before)
    keep(path.parent, {path.name: data})
    return path
