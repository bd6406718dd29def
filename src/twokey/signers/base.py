"""The contract of a signer: bytes and a detached signature in, who signed or why not out; and making one."""

from dataclasses import dataclass
from typing import ClassVar, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a signature says: `key` is the public key that made it, in OpenSSH's one-line form without comment.

    `valid` says whether it is a good signature over the bytes; `reason` says why not; `crosscheck` is what a second
    verifier said of it (`agrees`, or `not cross-checked: ...`).
    """

    valid: bool
    key: str | None
    reason: str | None = None
    crosscheck: str | None = None


class Signer(Protocol):
    """One kind of signature. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]
    suffix: ClassVar[str]

    def verify(self, data: bytes, signature: bytes, namespace: str) -> Signature:
        """Judge a detached signature over exactly `data`; never raises for a bad one."""

    def sign(self, data: bytes, namespace: str, key: str) -> bytes:
        """Sign with the key at that path (a private key, or a public one whose private half an agent holds)."""
