"""Passkeys at a served page: Chromium's own virtual authenticator, and one in memory that can also lie."""

import base64
import hashlib
import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authenticator import Authenticator, Browser
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from twokey.page.server import Server

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Device:
    """A virtual authenticator in a page's browser."""

    session: Any
    ident: str

    def verifies(self, *, user: bool) -> None:
        """Say whether it will find its user's finger to be the right one."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.ident, "isUserVerified": user})

    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.ident})[
            "credentials"
        ]
        return found


def device(page: Any, **options: Any) -> Device:
    """Plug in an authenticator like the one that is built into a laptop."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
                **options,
            }
        },
    )
    return Device(session, made["authenticatorId"])


class Serving:
    """Something that serves until it has done its work, in a thread of its own: the main one drives the browser."""

    def __init__(self, serve: Callable[[Callable[[Server], None]], Any]) -> None:
        """Start it; `serve` is handed what to tell once the page can be opened."""
        self.outcome: Any = None
        self.error: BaseException | None = None
        self._server: list[Server] = []
        self._there = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(serve,), daemon=True)
        self._thread.start()
        assert self._there.wait(PATIENCE_SECONDS), "it did not start"
        if self.error is not None:
            raise self.error

    @property
    def server(self) -> Server:
        return self._server[0]

    def ended(self) -> Any:
        """Wait for it to end by itself, and return what it returned."""
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "it has not ended"
        if self.error is not None:
            raise self.error
        return self.outcome

    def stop(self) -> Any:
        """End it as Ctrl-C would."""
        if self._thread.is_alive():
            self.server.stop()
        return self.ended()

    def _run(self, serve: Callable[[Callable[[Server], None]], Any]) -> None:
        try:
            self.outcome = serve(self._started)
        except BaseException as error:
            self.error = error
        finally:
            self._there.set()

    def _started(self, server: Server) -> None:
        self._server.append(server)
        self._there.set()


def spoken(server: Server, method: str, path: str, sent: Any = None) -> tuple[int, str]:
    """Ask as the page would; return the status and the text of the answer."""
    headers = {"Host": server.origin.removeprefix("http://")}
    body = None
    if method != "GET":
        body = json.dumps(sent).encode()
        headers |= {"Origin": server.origin, "X-Twokey": "1", "Content-Type": "application/json"}
    there = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    try:
        there.request(method, urlsplit(server.url).path + path, body, headers)
        answer = there.getresponse()
        return answer.status, answer.read().decode()
    finally:
        there.close()


def post(server: Server, path: str, sent: Any) -> tuple[int, dict[str, Any]]:
    status, text = spoken(server, "POST", path, sent)
    return status, json.loads(text)


def text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(ident: str, challenge: str, held: Authenticator, browser: Browser) -> dict[str, str]:
    """What a page sends of an assertion that `held` made in `browser`; both may lie."""
    client_data = browser.client_data(base64.urlsafe_b64decode(challenge + "=="))
    head = hashlib.sha256(held.application).digest() + held.tail() + held.extensions
    return {
        "id": ident,
        "authenticator_data": text_of(head),
        "client_data": text_of(client_data),
        "signature": text_of(encode_dss_signature(*held.numbers(client_data))),
    }
