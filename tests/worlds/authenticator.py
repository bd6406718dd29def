"""A security key and a browser in memory: real P-256 signatures, authenticator data, client data as in WebAuthn."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from twokey.signers.keys import PublicKey, read_key
from twokey.signers.security_key import WEBAUTHN
from twokey.signers.wire import armor, string

KEY_TYPE = b"sk-ecdsa-sha2-nistp256@openssh.com"
PURPOSE = "twokey-decision-v1"
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80


def number(value: int) -> bytes:
    """An mpint in its shortest form."""
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))


def signed_part(data: bytes, purpose: str = PURPOSE) -> bytes:
    """What SSHSIG has a key sign: the blob of PROTOCOL.sshsig, section 3, by SHA-512."""
    return (
        b"SSHSIG" + string(purpose.encode()) + string(b"") + string(b"sha512") + string(hashlib.sha512(data).digest())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """A key for one application: `ssh:` as ssh-keygen makes it, or the relying party of a web page."""

    application: bytes = b"example.com"
    secret: int = 0x6B65792066726F6D20612074657374
    flags: int = UP | UV
    counter: int = 7
    extensions: bytes = b""

    @property
    def private(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.secret, ec.SECP256R1())

    @property
    def blob(self) -> bytes:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return string(KEY_TYPE) + string(b"nistp256") + string(point) + string(self.application)

    @property
    def public(self) -> PublicKey:
        return read_key(self.blob)

    def numbers(self, message: bytes) -> tuple[int, int]:
        """Sign authenticator data followed by the hash of `message`."""
        head = hashlib.sha256(self.application).digest() + bytes([self.flags]) + self.counter.to_bytes(4, "big")
        signature = self.private.sign(
            head + self.extensions + hashlib.sha256(message).digest(), ec.ECDSA(hashes.SHA256())
        )
        r, s = decode_dss_signature(signature)
        return r, s

    def tail(self) -> bytes:
        return bytes([self.flags]) + self.counter.to_bytes(4, "big")

    def sshsig(self, inner: bytes, purpose: str = PURPOSE) -> bytes:
        """Pack a signature blob as an armored SSHSIG."""
        front = b"SSHSIG" + (1).to_bytes(4, "big") + string(self.blob) + string(purpose.encode())
        return armor(front + string(b"") + string(b"sha512") + string(inner))

    def touched(self, data: bytes) -> bytes:
        """Sign as ssh-keygen has a security key sign."""
        r, s = self.numbers(signed_part(data))
        return self.sshsig(string(KEY_TYPE) + string(number(r) + number(s)) + self.tail())


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser at a page. `members` go after the usual ones; `rewrite` changes the text of the client data."""

    origin: str = "https://review.example.com"
    claimed: bytes | None = None  # the origin in the signature, where it is another
    challenge: bytes | None = None
    kind: str = "webauthn.get"
    members: tuple[tuple[str, Any], ...] = (("crossOrigin", False),)
    rewrite: Callable[[bytes], bytes] = bytes
    algorithm: bytes = WEBAUTHN
    trailing: bytes = b""

    def client_data(self, signed: bytes) -> bytes:
        challenge = base64.urlsafe_b64encode(self.challenge or signed).rstrip(b"=").decode()
        said = {"type": self.kind, "challenge": challenge, "origin": self.origin, **dict(self.members)}
        return self.rewrite(json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode())

    def sign(self, data: bytes, device: Authenticator, purpose: str = PURPOSE, low_s: bool | None = None) -> bytes:
        """Return the armored signature that a page can put together from what the browser gives it."""
        client_data = self.client_data(signed_part(data, purpose))
        r, s = device.numbers(client_data)
        if low_s is not None and (s < ORDER // 2) != low_s:
            s = ORDER - s
        inner = string(self.algorithm) + string(number(r) + number(s)) + device.tail()
        origin = self.origin.encode() if self.claimed is None else self.claimed
        inner += string(origin) + string(client_data) + string(device.extensions) + self.trailing
        return device.sshsig(inner, purpose)


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
