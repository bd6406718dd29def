"""The contract of a target: a request goes in, a reply comes out, or a fault that says what class it is of.

A target asks once. Trying again, pausing and writing down is the recorder's business; what a reply means is its too.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, Protocol, Self

from twokey.errors import TwokeyError
from twokey.values import dataclass

FaultClass = Literal["timeout", "connection", "busy", "server", "refused", "reply", "raised", "unclear", "size"]
"""Why there is no verdict: no answer in time, none at all, come back later (429), broken there (5xx), not asked like
that (other statuses), not to be read, the function raised, no word that policy knows, too large to be asked about."""


class TargetError(Exception):
    """One request came to nothing. It is a value to whoever records: an error in the books, never an answer.

    `again` says whether another try may go better, `after` the seconds that the target asked to be left alone. The
    message is made of our own words, so that no key, no answer and no address of the target is in it.
    """

    def __init__(self, fault: FaultClass, message: str, *, again: bool = False, after: float | None = None) -> None:
        """Take the class, a sentence, and what is known of another try."""
        super().__init__(message)
        self.fault: FaultClass = fault
        self.message = message
        self.again = again
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked: the text of the filled prompt, None where there is no prompt, and the parts it is made of."""

    id: str
    text: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; `usage` counts tokens by the target's own names, where it says."""

    text: str
    usage: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a target may know beside its options.

    `read` gives the bytes of a file of the policy and `place` what messages call it. `secrets` are values of the
    environment variables that the options name, read by the shell.
    """

    read: Callable[[str], bytes]
    place: Callable[[str], str]
    secrets: Mapping[str, str]


class Options(Protocol):
    """What a config says of a target. `PRACTICAL` are keys that change no answer, such as a timeout."""

    PRACTICAL: ClassVar[frozenset[str]]
    BY_PROMPT: ClassVar[bool]

    @property
    def kind(self) -> str:
        """The name of the kind."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The environment variables that hold what may stand in no file."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the policy that decide what is answered."""


class Target(Protocol):
    """Something that answers. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]
    Options: ClassVar[type[Any]]

    @classmethod
    def build(cls, options: Any, setting: Setting) -> Self:
        """Make it ready. Raises ConfigError or TwokeyError where it could never answer."""

    @property
    def at_once(self) -> int:
        """How many requests it takes at once; each comes from a thread of its own where that is more than one."""

    @property
    def attempts(self) -> int:
        """How often one request is tried."""

    def ask(self, request: Request) -> Reply:
        """Ask once. Raises TargetError."""


def secret(setting: Setting, name: str) -> str:
    """Return a secret, which can stand in a header. Raises TwokeyError, which never holds it."""
    found = setting.secrets.get(name, "").strip()
    if not found:
        raise TwokeyError(f"the environment variable {name} is not set, and policy names it for the target's key")
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise TwokeyError(f"the environment variable {name} holds no key: it has spaces or unprintable characters")
    return found
