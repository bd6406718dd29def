"""An endpoint that speaks the chat completions API, over real HTTP in a thread, and does what a test tells it to do."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """What the endpoint answers. `drip` sends the body a byte at a time, this many seconds apart."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What it was asked."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][0]["content"])


def completion(text: str | None, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """A chat completion as the API writes it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 14}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage, **more}


def said(text: str) -> Said:
    return Said(completion(text))


Behaviour = Callable[[Heard, int], Said]


@dataclass(slots=True)
class Endpoint:
    """A server at work. `asks` are the requests so far, in the order in which they came."""

    url: str
    behaviour: Behaviour
    asks: list[Heard] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, heard: Heard) -> Said:
        with self.lock:
            self.asks.append(heard)
            number = len(self.asks)
        return self.behaviour(heard, number)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        serving = self.server.serving
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = serving.answer(Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        if serving.closing.wait(told.delay):
            return
        data = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
        self.send_response(told.status)
        for name, value in {"Content-Length": str(len(data)), **told.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send(data, told.drip)

    def send(self, data: bytes, drip: float) -> None:
        size = 1 if drip else len(data) or 1
        for place in range(0, len(data), size):
            self.wfile.write(data[place : place + size])
            if drip and self.server.serving.closing.wait(drip):
                return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    serving: Endpoint

    def handle_error(self, *_: Any) -> None:
        """A client that left is none of the test's business."""


@contextmanager
def endpoint(behaviour: Behaviour) -> Iterator[Endpoint]:
    """Serve on a free port of this machine for as long as the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    serving = server.serving = Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", behaviour)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield serving
    finally:
        serving.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that is sure to come; a test that waits in vain has failed."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
