"""Keys from fixed seeds and SSHSIG signatures, for scripts/make_vectors.py: the same bytes on every machine.

Written from PROTOCOL.sshsig, apart from what verifies, so that the two cannot be wrong in the same way. Every key here
is known to the whole world: nothing of it belongs anywhere but in vectors. RFC 6979 is why ECDSA needs no chance.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAMESPACE = "twokey-decision-v1"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256: SEC 2, section 2.4.2
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493  # RFC 8032, section 5.1
ORIGIN = "https://sign.example.com"
EXPONENT = 65537
# How far the next prime is from the number that a seed gives, by seed and bits: found once, and never sought again.
PRIMES = {("cy p", 1536): 248, ("cy q", 1536): 1960, ("short p", 1024): 1866, ("short q", 1024): 76}


def string(data: bytes) -> bytes:
    """Return `data` as a length-prefixed string (RFC 4251, section 5)."""
    return len(data).to_bytes(4, "big") + data


def number(value: int) -> bytes:
    """Return a positive mpint in its shortest form (RFC 4251, section 5)."""
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))


def armored(blob: bytes, width: int = 70) -> bytes:
    """Return a signature blob as OpenSSH writes it to a file."""
    text = base64.b64encode(blob).decode()
    lines = (text[start : start + width] for start in range(0, len(text), width))
    return ("-----BEGIN SSH SIGNATURE-----\n" + "\n".join(lines) + "\n-----END SSH SIGNATURE-----\n").encode()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What goes into a signature beside key and message; a hostile one differs in one of them."""

    namespace: str = NAMESPACE
    hash_name: str = "sha512"
    version: int = 1
    reserved: bytes = b""

    def signed(self, data: bytes) -> bytes:
        """Return the bytes that the key signs (PROTOCOL.sshsig, section 3)."""
        digest = hashlib.new(self.hash_name, data).digest()
        return b"SSHSIG" + self._middle() + string(digest)

    def blob(self, key: bytes, inner: bytes) -> bytes:
        """Return the signature blob (PROTOCOL.sshsig, section 2)."""
        return b"SSHSIG" + self.version.to_bytes(4, "big") + string(key) + self._middle() + string(inner)

    def _middle(self) -> bytes:
        return string(self.namespace.encode()) + string(self.reserved) + string(self.hash_name.encode())


class Ed25519Key:
    """An Ed25519 key; with an application one that a security key holds, and `flags` says whether it was touched."""

    def __init__(self, seed: str, application: bytes | None = None, flags: int = 0x01) -> None:
        """Take the seed."""
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
        self.application = application
        self.flags = flags
        self.kind = b"ssh-ed25519" if application is None else b"sk-ssh-ed25519@openssh.com"

    @property
    def blob(self) -> bytes:
        """The public key."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return string(self.kind) + string(raw) + (string(self.application) if self.application else b"")

    def sign(self, signed: bytes) -> bytes:
        """Return the signature blob over what SSHSIG has a key sign."""
        tail = b""
        if self.application is not None:
            tail = bytes([self.flags]) + (7).to_bytes(4, "big")
            signed = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(signed).digest()
        return string(self.kind) + string(self.private.sign(signed)) + tail


class MalleatedKey(Ed25519Key):
    """The same, whose signatures are written anew by somebody else: the group's order is added to the second half."""

    def sign(self, signed: bytes) -> bytes:
        """Return a signature that a lax verifier takes for another one."""
        raw = self.private.sign(signed)
        half = int.from_bytes(raw[32:], "little") + ED25519_ORDER
        return string(self.kind) + string(raw[:32] + half.to_bytes(32, "little"))


class EcdsaKey:
    """A key on P-256, of OpenSSH's own kind; `other_half` gives the second of the two signatures that are both good."""

    kind = b"ecdsa-sha2-nistp256"

    def __init__(self, seed: str, *, other_half: bool = False) -> None:
        """Take the seed."""
        self.secret = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big") % ORDER
        self.other_half = other_half

    @property
    def blob(self) -> bytes:
        """The public key."""
        public = ec.derive_private_key(self.secret, ec.SECP256R1()).public_key()
        return (
            string(self.kind)
            + string(b"nistp256")
            + string(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        )

    def numbers(self, message: bytes) -> bytes:
        """Return r and s over a message, each as an mpint."""
        digest = hashlib.sha256(message).digest()
        nonce = _nonce(self.secret, digest)
        point = ec.derive_private_key(nonce, ec.SECP256R1()).public_key().public_numbers()
        r = point.x % ORDER
        s = pow(nonce, -1, ORDER) * (int.from_bytes(digest, "big") + r * self.secret) % ORDER
        return number(r) + number(ORDER - s if self.other_half else s)

    def sign(self, signed: bytes) -> bytes:
        """Return the signature blob over what SSHSIG has a key sign."""
        return string(self.kind) + string(self.numbers(signed))


class BrowserKey(EcdsaKey):
    """A key on P-256 that a browser uses at a web page (WebAuthn; PROTOCOL.u2f, `webauthn-sk-ecdsa-...`)."""

    kind = b"sk-ecdsa-sha2-nistp256@openssh.com"
    application = b"example.com"
    flags = 0x05  # somebody was present, and it was the key's owner

    def __init__(self, seed: str, origin: str = ORIGIN) -> None:
        """Take the seed, and the page that the browser is at."""
        super().__init__(seed)
        self.origin = origin

    @property
    def blob(self) -> bytes:
        """The public key."""
        return super().blob + string(self.application)

    def sign(self, signed: bytes) -> bytes:
        """Return the signature blob over what SSHSIG has a key sign."""
        challenge = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
        said = {"type": "webauthn.get", "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        client_data = json.dumps(said, separators=(",", ":")).encode()
        tail = bytes([self.flags]) + (7).to_bytes(4, "big")
        message = hashlib.sha256(self.application).digest() + tail + hashlib.sha256(client_data).digest()
        kind = string(b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com")
        return (
            kind
            + string(self.numbers(message))
            + tail
            + string(self.origin.encode())
            + string(client_data)
            + string(b"")
        )


class RsaKey:
    """An RSA key of two primes from seeds; `algorithm` is what the signature says of its hash."""

    kind = b"ssh-rsa"

    def __init__(self, seed: str, bits: int, algorithm: str = "rsa-sha2-512") -> None:
        """Take the seed and the size of each prime."""
        p, q = (_prime(f"{seed} {half}", bits) for half in "pq")
        self.modulus = p * q
        d = pow(EXPONENT, -1, (p - 1) * (q - 1))
        public = rsa.RSAPublicNumbers(EXPONENT, self.modulus)
        parts = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
        self.private = rsa.RSAPrivateNumbers(p, q, d, *parts, public).private_key()
        self.algorithm = algorithm

    @property
    def blob(self) -> bytes:
        """The public key."""
        return string(self.kind) + number(EXPONENT) + number(self.modulus)

    def sign(self, signed: bytes) -> bytes:
        """Return the signature blob over what SSHSIG has a key sign."""
        used = {"rsa-sha2-512": hashes.SHA512(), "ssh-rsa": hashes.SHA1()}  # noqa: S303 that it is refused is the point
        raw = self.private.sign(signed, padding.PKCS1v15(), used[self.algorithm])
        return string(self.algorithm.encode()) + string(raw)


Key = Ed25519Key | EcdsaKey | RsaKey
USUAL = Parts()


def sign(data: bytes, key: Key, parts: Parts = USUAL) -> bytes:
    """Return an armored, detached signature over `data`."""
    return armored(parts.blob(key.blob, key.sign(parts.signed(data))))


def line(key: Key) -> str:
    """Return the public key in OpenSSH's one-line form, without comment."""
    return f"{key.kind.decode()} {base64.b64encode(key.blob).decode()}"


def _nonce(secret: int, digest: bytes) -> int:
    """Return the number of RFC 6979, section 3.2, for P-256 and SHA-256."""
    seed = secret.to_bytes(32, "big") + (int.from_bytes(digest, "big") % ORDER).to_bytes(32, "big")
    value, key = b"\x01" * 32, b"\x00" * 32
    for step in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + step + seed, "sha256")
        value = hmac.digest(key, value, "sha256")
    while True:
        value = hmac.digest(key, value, "sha256")
        found = int.from_bytes(value, "big")
        if 0 < found < ORDER:
            return found
        key = hmac.digest(key, value + b"\x00", "sha256")
        value = hmac.digest(key, value, "sha256")


def _prime(seed: str, bits: int) -> int:
    """Return the prime of a seed: its highest two bits are set, so that two of them multiply to twice the bits."""
    return start_of(seed, bits) + PRIMES[seed, bits]


def start_of(seed: str, bits: int) -> int:
    """Return the odd number that a seed gives, from which the next prime is counted."""
    drawn = int.from_bytes(hashlib.shake_256(seed.encode()).digest(bits // 8), "big")
    return drawn | 3 << (bits - 2) | 1
