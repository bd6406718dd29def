"""What a config may say of an `openai` target. Light, because every command reads a config."""

import re
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from twokey.config.keys import option
from twokey.config.scalars import Duration
from twokey.values import dataclass

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def _endpoint(text: str) -> None:
    """Refuse what is no plain web address."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        good = None
    if not good or not re.fullmatch(r"[!-~]+", text):
        raise ValueError("expected an address such as https://api.example.com/v1")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenaiOptions:
    """An endpoint that speaks the chat completions API."""

    PRACTICAL: ClassVar[frozenset[str]] = frozenset({"key_env", "timeout", "attempts", "at_once"})
    BY_PROMPT: ClassVar[bool] = True

    kind: Literal["openai"] = option("a chat completions endpoint")
    url: str = option("its address up to /chat/completions, such as https://api.example.com/v1", check=_endpoint)
    model: str = option("which model answers; best a dated version")
    key_env: str | None = option("the environment variable that holds the key", default=None)
    temperature: float = option("0 for the same answer each time, as far as it keeps to it", minimum=0, default=0.0)
    seed: int = option("any whole number", default=0)
    max_tokens: int = option("the longest answer", minimum=1, maximum=100_000, default=64)
    timeout: Duration = option("how long one answer may take", default=Duration(60))
    attempts: int = option("how often a record is tried", minimum=1, maximum=20, default=5)
    at_once: int = option("requests in flight", minimum=1, maximum=64, default=4)

    def __post_init__(self) -> None:
        """Refuse secrets in the file, without a word of them, and a key that anybody on the way could read."""
        parts = urlsplit(self.url)
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("an address holds no password and no ? or #: key_env names the variable with the key")
        if self.key_env is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", self.key_env):
            raise ValueError("key_env is the name of an environment variable, and never a key")
        if self.key_env is not None and parts.scheme == "http" and parts.hostname not in _HERE:
            raise ValueError("a key is sent over https only; http is for this machine")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The variable with the key."""
        return (self.key_env,) if self.key_env is not None else ()

    @property
    def files(self) -> tuple[str, ...]:
        """None."""
        return ()
