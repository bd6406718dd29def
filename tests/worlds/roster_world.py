"""Real public keys of every kind that a roster may hold, and rosters written with them."""

import base64
import hashlib
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from twokey.signers.wire import string

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def line(algorithm: str, *parts: bytes) -> str:
    """A public key in OpenSSH's one-line form, from the parts that follow its type."""
    blob = b"".join(map(string, (algorithm.encode(), *parts)))
    return f"{algorithm} {base64.b64encode(blob).decode()}"


def _ed25519(name: str) -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _p256(name: str) -> bytes:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") % (P256_ORDER - 1) + 1
    public = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def ed25519(name: str) -> str:
    """Somebody's Ed25519 key."""
    return line("ssh-ed25519", _ed25519(name))


def sk_ed25519(name: str, application: bytes = b"ssh:") -> str:
    """The same key as `ed25519`, written as one on a security key."""
    return line("sk-ssh-ed25519@openssh.com", _ed25519(name), application)


def p256(name: str) -> str:
    """Somebody's ECDSA key."""
    return line("ecdsa-sha2-nistp256", b"nistp256", _p256(name))


def sk_p256(name: str, application: bytes = b"ssh:") -> str:
    """The same key as `p256`, written as one on a security key; browsers have such keys."""
    return line("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", _p256(name), application)


@lru_cache
def _modulus() -> int:
    return rsa.generate_private_key(65537, 3072).public_key().public_numbers().n


def rsa_line(exponent: int = 65537) -> str:
    """One RSA modulus with an exponent of choice."""
    n = _modulus()
    return line("ssh-rsa", *(number.to_bytes(number.bit_length() // 8 + 1, "big") for number in (exponent, n)))
