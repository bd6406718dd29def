"""An endpoint of the chat completions API as a target: one request, one answer, or a fault with its class.

Trying again is the recorder's business. Nothing that the endpoint says reaches a message, so that no key it echoes can.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import msgspec

from twokey.targets.base import Reply, Request, Setting, TargetError, secret
from twokey.targets.openai_options import OpenaiOptions

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

MAX_REPLY_BYTES = 1024 * 1024
_BLOCK = 64 * 1024


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: Annotated[int, msgspec.Meta(ge=0)] | None = None
    completion_tokens: Annotated[int, msgspec.Meta(ge=0)] | None = None


class _Completion(msgspec.Struct):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]
    usage: _Usage | None = None


class OpenaiTarget:
    """An endpoint of the chat completions API: OpenAI's, or another that speaks it (vLLM, Ollama, a gateway).

    The filled prompt is sent as one message of the user to `<url>/chat/completions`, with `model`, `temperature`,
    `seed` and `max_tokens`; the text of the first choice is the answer. The key is taken from the environment variable
    that `key_env` names, and stands in no file and no message.

    Too many requests (429), faults of the server (5xx), timeouts and lost connections are tried again, after as long as
    `Retry-After` asks for. Another status, a redirect, or an answer that is none, is an error in the books.

    Limits: `temperature: 0` and `seed` make the same answer likely, not sure. An answer cut off at `max_tokens` is an
    error. A proxy and certificates are taken from the environment as usual (`HTTPS_PROXY`, `REQUESTS_CA_BUNDLE`).
    """

    name: ClassVar[str] = "openai"
    summary: ClassVar[str] = "an endpoint that speaks the chat completions API"
    Options: ClassVar[type[OpenaiOptions]] = OpenaiOptions

    def __init__(self, options: OpenaiOptions, key: str | None) -> None:
        """Take the options, and the key, if one is sent."""
        self.options = options
        self._key = key
        self._threads = threading.local()

    @classmethod
    def build(cls, options: OpenaiOptions, setting: Setting) -> Self:
        """Make it ready. Raises TwokeyError where the key is not at hand."""
        return cls(options, secret(setting, options.key_env) if options.key_env is not None else None)

    @property
    def at_once(self) -> int:
        """As policy says."""
        return self.options.at_once

    @property
    def attempts(self) -> int:
        """As policy says."""
        return self.options.attempts

    def ask(self, request: Request) -> Reply:
        """Ask once. Raises TargetError."""
        with _told():
            status, headers, data = self._exchange(request.text or "")
        if status == 429:
            raise TargetError("busy", "HTTP 429: too many requests", again=True, after=_after(headers))
        if status == 408:
            raise TargetError("timeout", "HTTP 408: the endpoint waited too long", again=True)
        if status >= 500:
            raise TargetError("server", f"HTTP {status}", again=True, after=_after(headers))
        if status != 200:
            what = "a redirect, which is not followed" if 300 <= status < 400 else "the endpoint refused"
            raise TargetError("refused", f"HTTP {status}: {what}")
        reply = _reply(data)
        return Reply(text=reply.text.replace(self._key, "***"), usage=reply.usage) if self._key else reply

    def _exchange(self, text: str) -> tuple[int, Any, bytes]:
        """Send one request; return status, headers and body, all within the timeout."""
        options = self.options
        until = time.monotonic() + options.timeout.seconds
        body = {
            "model": options.model,
            "messages": [{"role": "user", "content": text}],
            "temperature": options.temperature,
            "seed": options.seed,
            "max_tokens": options.max_tokens,
        }
        response = self._session().post(
            options.url.rstrip("/") + "/chat/completions",
            data=msgspec.json.encode(body),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            timeout=options.timeout.seconds,
            allow_redirects=False,  # the key and the records are for this address
            stream=True,
        )
        with response:
            return response.status_code, response.headers, _body(response, until)

    def _session(self) -> "Session":
        """Return this thread's session: a session keeps connections, and is not for several threads."""
        if not hasattr(self._threads, "session"):
            import requests

            session = requests.Session()
            session.auth = self._authorise  # even without a key, or requests would send one from ~/.netrc
            self._threads.session = session
        found: Session = self._threads.session
        return found

    def _authorise(self, request: "PreparedRequest") -> "PreparedRequest":
        if self._key is not None:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the libraries raise into faults; their texts hold addresses, so none of them is passed on."""
    import requests
    import urllib3

    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        raise TargetError("timeout", "no answer in time", again=True) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise TargetError("connection", f"no answer: {type(error).__name__}", again=True) from None


def _body(response: "Response", until: float) -> bytes:
    """Read the body as it comes, so that one that drips is out of time too."""
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read1(_BLOCK, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > MAX_REPLY_BYTES:
            raise TargetError("reply", f"an answer of more than {MAX_REPLY_BYTES:,} bytes")
        if time.monotonic() > until:
            raise TargetError("timeout", "no whole answer in time", again=True)
    return b"".join(parts)


def _reply(data: bytes) -> Reply:
    try:
        found = msgspec.json.decode(data, type=_Completion)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise TargetError("reply", "the answer is no chat completion", again=True) from None
    first = found.choices[0]
    if first.finish_reason == "length":
        raise TargetError("reply", "the answer was cut off at max_tokens")
    if first.message.content is None:
        raise TargetError("reply", "the answer holds no text")
    counted = msgspec.to_builtins(found.usage) if found.usage else {}
    return Reply(text=first.message.content, usage={name: n for name, n in counted.items() if n is not None} or None)


def _after(headers: Any) -> float | None:
    """Return the seconds that `Retry-After` asks for, RFC 9110 section 10.2.3: a number or a date."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
