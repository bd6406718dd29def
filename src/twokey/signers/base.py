"""The contract of a signer: bytes and a detached signature in, who signed or why not out; and making one."""

from typing import ClassVar, Protocol

from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a signature says: `key` is the public key that made it, in OpenSSH's one-line form without comment.

    `valid` says whether it is a good signature over the bytes; `reason` says why not; `crosscheck` is what a second
    verifier said of it (`agrees`, or `not cross-checked: ...`). `origin` is the web page's origin where a browser made
    it (WebAuthn): a good signature counts only where the roster lists that origin for the key.
    """

    valid: bool
    key: str | None
    reason: str | None = None
    crosscheck: str | None = None
    origin: str | None = None


class Verifier(Protocol):
    """What judging needs of a signer."""

    def verify(self, data: bytes, signature: bytes, namespace: str) -> Signature:
        """Judge a detached signature over exactly `data`; never raises for a bad one."""


class Signer(Verifier, Protocol):
    """One kind of signature. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]
    suffix: ClassVar[str]

    def sign(self, data: bytes, namespace: str, key: str) -> bytes:
        """Sign with the key at that path (a private key, or a public one whose private half an agent holds)."""
