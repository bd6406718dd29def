"""The page's server: for one person, on this machine only, for as long as one review lasts.

Any page of the web that this person's browser shows, and any program of another user of this machine, may send
requests here. So each is looked at in this order, and none of it depends on what the page itself does:

1. It came to 127.0.0.1, and was meant for it: the Host is this server's, or a name was made to lead here (DNS
   rebinding).
2. It knows the token, 256 random bits of this run, compared in constant time. What is not below it does not exist.
3. Path and method are one of the table, letter by letter. No file is ever opened by a path.
4. What writes was sent by this very page: Origin is the Host, the header `X-Twokey` is there (which no form can send,
   and no other origin without being allowed to), the content is JSON, of a stated length within the limit.

Whatever happens inside, a browser sees a status and one plain sentence, never a traceback. Nothing is logged: who
grades how fast is nobody else's to know. It neither knows grades nor decisions; the routes do.
"""

import contextlib
import errno
import hmac
import http.server
import os
import re
import secrets
import socket
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

from twokey import canonical
from twokey.errors import TwokeyError
from twokey.page.exchange import RefusalError, Response, Route, Routes, told
from twokey.values import dataclass

PORT = 7361
"""Fixed, because a passkey's origin has the port in it."""

ADDRESS, NAME = "127.0.0.1", "localhost"
MAX_BODY = 8 * 1024 * 1024
MAX_DEPTH = 16
READ_SECONDS = 30
NOTHING_HERE = "there is nothing here"
TRIES = 20
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is bound and not yet serving. `port` is the one that it has."""

    _listening: "_Listening"
    _held: socket.socket | None

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self._listening.server_address[1])

    @property
    def origin(self) -> str:
        """What a browser calls the page's origin."""
        return f"http://{NAME}:{self.port}"

    @property
    def url(self) -> str:
        """Where the page is, with the token."""
        return f"{self.origin}/{self._listening.token}/"

    def serve(self, routes: Routes) -> None:
        """Answer requests until `stop`, a last response, or an interrupt, which is raised after the port is free."""
        self._listening.routes = routes
        try:
            self._listening.serve_forever(poll_interval=0.05)
        finally:
            self.close()

    def stop(self) -> None:
        """Have `serve` return, from another thread."""
        self._listening.shutdown()

    def close(self) -> None:
        """Give the port back."""
        self._listening.server_close()
        if self._held is not None:
            self._held.close()


def open_server(port: int = PORT) -> Server:
    """Bind to the port, any free one for 0, on 127.0.0.1.

    `localhost` may also mean ::1, where somebody else could wait for the browser; so the port is held there too, and
    nothing answers.

    Raises:
        TwokeyError: somebody else has the port.
    """
    for _ in range(TRIES):
        listening = _bound(port)
        try:
            return Server(listening, _held_on_ipv6(int(listening.server_address[1])))
        except OSError:
            listening.server_close()
            if port:
                raise _taken(port, "::1") from None
    raise _taken(port, "::1")


def _bound(port: int) -> "_Listening":
    try:
        return _Listening((ADDRESS, port), _Handler)
    except (OSError, OverflowError):
        raise _taken(port, ADDRESS) from None


def _taken(port: int, address: str) -> TwokeyError:
    hint = "another review may be open; --port names another (a passkey counts at the ports that the roster lists)"
    return TwokeyError(f"the port {port} of {address} cannot be had", hint=hint)


def _held_on_ipv6(port: int) -> socket.socket | None:
    """Take the port on ::1 without listening, so that connections are refused; None where there is no IPv6."""
    if not socket.has_ipv6:
        return None
    with contextlib.ExitStack() as undo:
        try:
            held = undo.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
            held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            held.bind(("::1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise
            return None  # this machine has no ::1
        undo.pop_all()
        return held


class _Listening(http.server.ThreadingHTTPServer):
    """The listening socket with what its handlers need to know."""

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would let another program take the port away
    routes: Routes

    def __init__(self, address: tuple[str, int], handler: "type[_Handler]") -> None:
        """Bind, and draw the token of this run."""
        self.token = secrets.token_urlsafe(32)
        self.routes = {}
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Bind without asking a name server what this machine is called."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = NAME, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that broke: the browser has gone, and what was to be saved is saved."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """One request, judged by the steps above."""

    server: _Listening
    protocol_version = "HTTP/1.1"
    timeout = READ_SECONDS

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    do_PUT = do_POST = do_HEAD = do_DELETE = do_OPTIONS = do_PATCH = do_GET  # noqa: N815 as http.server calls them

    def _answer(self) -> None:
        try:
            response = self._route()(self._sent())
        except RefusalError as refusal:
            response = told({"error": refusal.reason}, refusal.status)
        except TwokeyError as error:
            response = told({"error": str(error)}, 422)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
            return
        except Exception as fault:
            name = type(fault).__name__
            response = told(
                {"error": f"unexpected fault: {name} (this is a bug; twokey sign does without a page)"}, 500
            )
        self._send(response)
        if response.last:
            threading.Thread(target=self.server.shutdown, daemon=True).start()

    def _route(self) -> Route:
        """Steps 1 to 3."""
        port = self.server.server_address[1]
        if self.headers.get_all("Host") not in ([f"{NAME}:{port}"], [f"{ADDRESS}:{port}"]):
            raise RefusalError(421, "this is another place than the one that was asked for")
        path = self.requestline.split()[1]  # self.path is tidied up: // becomes /
        start, token, rest = (*path.split("/", 2), "", "")[:3]
        known = hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode("ascii"))
        if start or not known or path != f"/{token}/{rest}":
            raise RefusalError(404, NOTHING_HERE)
        route = self.server.routes.get((self.command, rest))
        if route is None:
            there = any(rest == known_path for _, known_path in self.server.routes)
            raise RefusalError(405, "this cannot be done here") if there else RefusalError(404, NOTHING_HERE)
        return route

    def _sent(self) -> dict[str, Any]:
        """Step 4: return the JSON object that was sent."""
        if self.headers.get("Transfer-Encoding") is not None:
            raise RefusalError(411, "a request must say its length")
        if self.command == "GET":
            if self.headers.get("Content-Length", "0") != "0":
                raise RefusalError(400, "nothing is sent with GET")
            return {}
        if self.headers.get_all("Origin") != [f"http://{self.headers['Host']}"]:
            raise RefusalError(403, "only the page itself may ask for this")
        if (
            self.headers.get_all("X-Twokey") != ["1"]
            or self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
        ):
            raise RefusalError(403, "only the page itself may ask for this")
        if self.headers.get_all("Content-Type") not in (["application/json"], ["application/json; charset=utf-8"]):
            raise RefusalError(415, "expected JSON")
        length = self.headers.get_all("Content-Length") or []
        if len(length) != 1 or not re.fullmatch("[0-9]{1,15}", length[0]):
            raise RefusalError(411, "a request must say its length")
        if int(length[0]) > MAX_BODY:
            raise RefusalError(413, f"more than {MAX_BODY:,} bytes")
        sent = canonical.loads(
            self._read(int(length[0])), file="what was sent", max_bytes=MAX_BODY, max_depth=MAX_DEPTH
        )
        if not isinstance(sent, dict):
            raise RefusalError(422, "expected a JSON object")
        return sent

    def _read(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) != length:
            raise RefusalError(400, "less was sent than was said")
        return body

    def _send(self, response: Response) -> None:
        self.close_connection = True
        self.send_response_only(response.status)
        for name, value in self._headers_of(response):
            self.send_header(name, value)
        with contextlib.suppress(ConnectionError, TimeoutError):
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)
                self.wfile.flush()

    def _headers_of(self, response: Response) -> Iterator[tuple[str, str]]:
        yield "Content-Type", response.content_type
        yield "Content-Length", str(len(response.body))
        yield "Content-Security-Policy", response.policy
        yield from HEADERS.items()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer what is no HTTP, or another method, without repeating any of it."""
        self._send(told({"error": "this is no request that is understood here"}, code))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the name in http.server
        """Log nothing."""
