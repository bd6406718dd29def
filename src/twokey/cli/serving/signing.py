"""Signing on the served page: a case is shown, a statement is made of the answers, and a signature over it is judged.

Nothing is kept before our own verifier, and `ssh-keygen` where there is one, have found the signature good, made by a
key that the roster lists for this person, on this very page. A statement can be signed once, and for ten minutes.
"""

import base64
import binascii
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twokey.cli.binding import SigningCase
from twokey.cli.serving.shown import answered, shown, summary
from twokey.cli.signing import Draft, by_key, draft, keep_signed, next_step
from twokey.cli.signing_keys import passkeys
from twokey.decisions.document import NAMESPACE
from twokey.decisions.verify import heard
from twokey.errors import TwokeyError
from twokey.page.exchange import RefusalError, Response, Routes, page, told
from twokey.page.signing_page import refused_page, waiting_page
from twokey.signers.base import Signature, Verifier
from twokey.signers.keys import PublicKey
from twokey.signers.passkey import LOCALHOST, Assertion, assemble, challenge
from twokey.signers.wire import MalformedError

SOON_SECONDS = 2.0
WAIT_SECONDS = 20.0
GOOD_SECONDS = 600.0
MAX_DRAFTS = 20
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,8192}")
ASSERTION = {"id", "authenticator_data", "client_data", "signature"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A statement that waits for its signature, until a second of the monotonic clock."""

    case: SigningCase
    made: Draft
    until: float


@dataclass(slots=True, kw_only=True)
class SigningDesk:
    """What the page can do to sign. `prepare` reads and recomputes; `clock` counts seconds, `now` tells the time.

    `place` is where the decision is kept once one was signed, `next` what to do then.
    """

    prepare: Callable[[], SigningCase]
    origin: str
    clock: Callable[[], float]
    now: Callable[[], datetime]
    place: str | None = None
    next: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _ended: bool = False
    _running: "Future[SigningCase] | None" = None
    _shown: tuple[str, SigningCase] | None = None
    _drafts: dict[str, _Prepared] = field(default_factory=dict)

    def routes(self) -> Routes:
        """Return the routes below the token."""
        return {
            ("GET", "sign"): self.page,
            ("POST", "sign/wait"): self.waited,
            ("POST", "sign/prepare"): self.make,
            ("POST", "sign/passkey"): self.by_passkey,
            ("POST", "sign/key"): self.by_key,
        }

    def forget(self) -> None:
        """Forget what was shown and prepared: what it speaks of has changed."""
        with self.lock:
            self._running, self._shown = None, None
            self._drafts.clear()

    def end(self) -> None:
        """Sign nothing any more, once what is being kept is kept."""
        with self.lock:
            self._ended = True

    def page(self, _sent: Mapping[str, Any]) -> Response:
        """Show the case, or that it is being prepared, or why there is none."""
        try:
            running = self._start()
            wait([running], timeout=SOON_SECONDS)
            if not running.done():
                return page(waiting_page())
            with self.lock:
                if self._running is running:
                    self._running = None
                name, case = secrets.token_hex(16), running.result()
                self._shown = (name, case)
                self._drafts.clear()
        except (TwokeyError, RefusalError) as error:
            return page(refused_page(str(error)))
        return page(shown(case, name, self.origin, self.now()))

    def waited(self, _sent: Mapping[str, Any]) -> Response:
        """Answer once the case is prepared, or after a while that it is not yet."""
        with self.lock:
            running = self._running
        if running is not None:
            wait([running], timeout=WAIT_SECONDS)
        return told({"ready": running is None or running.done()})

    def make(self, sent: Mapping[str, Any]) -> Response:
        """Make the statement that the answers come to; nothing is signed yet."""
        with self.lock:
            self._refuse_signed()
            name, case = self._shown or ("", None)
            if case is None or sent.get("case") != name:
                raise RefusalError(409, "what would be signed has changed: reload this page, and look again")
            made = draft(case, answered(case, sent), self.now())
            ident, clock = secrets.token_hex(16), self.clock()
            alive = {key: one for key, one in self._drafts.items() if one.until > clock}
            if len(alive) >= MAX_DRAFTS:
                raise RefusalError(429, "too many statements wait for a signature: reload this page")
            self._drafts = {**alive, ident: _Prepared(case=case, made=made, until=clock + GOOD_SECONDS)}
        return told(
            {
                "id": ident,
                "summary": summary(made),
                "statement": made.data.decode("utf-8"),
                "challenge": text_of(challenge(made.data, NAMESPACE)),
                "rpId": LOCALHOST,
            }
        )

    def by_passkey(self, sent: Mapping[str, Any]) -> Response:
        """Take a passkey's assertion over a statement, and keep the decision if it is good."""
        given = assertion_of(sent)
        with self.lock:
            one = self._take(sent)
            keys, now = passkeys(one.case.person, self.origin, self.now()), self.now()
            armored, found = judged_assertion(
                given, keys, one.made.data, NAMESPACE, one.case.policy.signers["ssh"], self.origin
            )
            _, _, reasons = heard(one.made.decision, found, one.case.policy.roster, now)
            if reasons:
                raise RefusalError(422, f"nothing was signed: {'; '.join(reasons)}")
            return self._keep(one, armored, found)

    def by_key(self, sent: Mapping[str, Any]) -> Response:
        """Sign a statement with the SSH key at hand."""
        if sent.keys() != {"id"}:
            raise RefusalError(422, "expected id, and nothing else")
        with self.lock:
            one = self._take(sent)
            armored = by_key(one.case, one.made.data)
            found = one.case.policy.signers["ssh"].verify(one.made.data, armored, NAMESPACE)
            if not found.valid:
                raise RefusalError(422, f"nothing was signed: {found.reason}")
            return self._keep(one, armored, found)

    def _keep(self, one: _Prepared, armored: bytes, found: Signature) -> Response:
        kept = keep_signed(one.case, one.made, armored, self.now())
        self.place, self.next = kept.place, next_step(one.case)
        said = {
            "place": kept.place,
            "remarks": list(kept.remarks),
            "crosscheck": f"ssh-keygen {found.crosscheck}" if found.crosscheck == "agrees" else str(found.crosscheck),
            "next": self.next,
        }
        return told(said, last=True)

    def _take(self, sent: Mapping[str, Any]) -> _Prepared:
        """Return a statement and forget it: whatever comes of it, it is not signed a second time."""
        self._refuse_signed()
        one = self._drafts.pop(str(sent.get("id")), None)
        if one is None or one.until <= self.clock():
            raise RefusalError(409, "this statement was used already, or is too old: show what would be signed again")
        return one

    def _refuse_signed(self) -> None:
        if self._ended:
            raise RefusalError(403, "the review has ended; twokey review opens it again")
        if self.place is not None:
            raise RefusalError(409, f"a decision was signed already: {self.place}")

    def _start(self) -> "Future[SigningCase]":
        with self.lock:
            self._refuse_signed()
            if self._running is None:
                self._running = Future()
                threading.Thread(target=_run, args=(self._running, self.prepare), daemon=True).start()
            return self._running


def _run(future: "Future[SigningCase]", prepare: Callable[[], SigningCase]) -> None:
    try:
        future.set_result(prepare())
    except BaseException as error:
        future.set_exception(error)


def judged_assertion(
    given: Assertion, keys: tuple[PublicKey, ...], data: bytes, namespace: str, verifier: Verifier, origin: str
) -> tuple[bytes, Signature]:
    """Return an assertion as an armored signature, with the verifier's judgement, by whichever of the keys made it.

    An assertion names no public key, so each is tried. Raises RefusalError where none of them made it over these bytes,
    or not on a page of that origin.
    """
    reasons = []
    for key in keys:
        try:
            armored = assemble(given, key, namespace)
        except MalformedError as refusal:
            reasons.append(str(refusal))
            continue
        found = verifier.verify(data, armored, namespace)
        if found.valid and found.origin == origin:
            return armored, found
        reasons.append(found.reason or f"it was made on the page {found.origin}, not on {origin}")
    told_ = "; ".join(dict.fromkeys(reasons)) or "the roster lists no passkey for this page"
    raise RefusalError(422, f"nothing was signed: {told_}")


def assertion_of(sent: Mapping[str, Any]) -> Assertion:
    """Return the assertion that a page sends; raises RefusalError where it is none."""
    if sent.keys() != ASSERTION:
        raise RefusalError(422, f"expected {', '.join(sorted(ASSERTION))}")
    parts = {name: bytes_of(sent[name]) for name in ASSERTION - {"id"}}
    return Assertion(**parts)


def bytes_of(text: Any) -> bytes:
    """Return what base64url without padding says, written in its one way; raises RefusalError otherwise."""
    if isinstance(text, str) and _BASE64URL.fullmatch(text):
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except binascii.Error:
            data = b""
        if data and text_of(data) == text:
            return data
    raise RefusalError(422, "expected base64url without padding")


def text_of(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
