"""Public keys in OpenSSH's form: which kinds may decide, how they are read, and how they check a signature.

The allow-list is the point: Ed25519, ECDSA on three NIST curves, RSA from 3072 bits, and Ed25519 and P-256 on a
security key. No DSA, no certificates, no options before the key. The mathematics is `cryptography`'s.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twokey.signers.wire import MalformedError, Wire

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

MIN_RSA_BITS = 3072
MAX_RSA_BITS = 16384
MAX_EXPONENT_BITS = 64  # as in OpenSSL; a larger one only makes checking slow
POINT_BYTES: Mapping[str, int] = {"nistp256": 32, "nistp384": 48, "nistp521": 66}
PRESENCE = 0x01
_P25519 = 2**255 - 19
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
LOW_ORDER = frozenset({0, 1, _P25519 - 1, _Y8, _P25519 - _Y8, _P25519, _P25519 + 1})
"""The y of the points of order 1 to 8 on edwards25519: under such a key anybody can sign anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key that may decide. `blob` is its identity; `application` is set where a security key holds it.

    `algorithm` is the key type by OpenSSH's name. `raw` is the Ed25519 key or the elliptic curve's point; `numbers` is
    (e, n) of an RSA key.
    """

    algorithm: str
    blob: bytes
    raw: bytes = b""
    curve: str | None = None
    numbers: tuple[int, int] | None = None
    application: bytes | None = None

    @property
    def line(self) -> str:
        """OpenSSH's one-line form, without comment."""
        return f"{self.algorithm} {base64.b64encode(self.blob).decode('ascii')}"

    @property
    def fingerprint(self) -> str:
        """The fingerprint as `ssh-keygen -l` shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii").rstrip("=")

    def check(self, signature: bytes, signed: bytes) -> None:
        """Check the SSH signature blob over exactly `signed`; raises MalformedError saying why it is not good."""
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

        wire = Wire(signature, "the signature")
        named = wire.string()
        try:
            if self.numbers:
                _check_rsa(self, named, wire, signed)
            elif self.curve:
                _check_ecdsa(self, named, wire, signed)
            else:
                _check_ed25519(self, named, wire, signed)
        except InvalidSignature:
            raise MalformedError("the signature does not match: other bytes were signed, or by another key") from None
        except UnsupportedAlgorithm:
            raise MalformedError(f"the installed cryptography cannot check {self.algorithm}") from None


def read_key(blob: bytes) -> PublicKey:
    """Read a public key from its wire form; raises MalformedError with the reason where it may not decide."""
    wire = Wire(blob, "the public key")
    try:
        algorithm = wire.string().decode("ascii")
    except UnicodeDecodeError:
        raise MalformedError("the public key's type is not ASCII") from None
    reader = READERS.get(algorithm)
    if reader is None:
        raise MalformedError(_why_not(algorithm))
    key = reader(algorithm, blob, wire)
    wire.end()
    return key


def read_key_line(text: str) -> PublicKey:
    """Read `ssh-ed25519 AAAA... comment`; raises MalformedError with the reason where it is no key that may decide."""
    parts = text.split(" ", 2)
    if len(parts) < 2 or not text.isprintable():
        raise MalformedError("a key is one line, such as 'ssh-ed25519 AAAA... comment'")
    if parts[0] not in READERS:
        raise MalformedError(_why_not(parts[0]))
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError(f"the key's base64 cannot be decoded: {error}") from None
    key = read_key(blob)
    if key.line != f"{parts[0]} {parts[1]}":
        raise MalformedError(f"the line says {parts[0]}, the key inside is {key.algorithm} or written in another way")
    return key


def _why_not(algorithm: str) -> str:
    shown = ascii(algorithm[:80])[1:-1]
    if "-cert-v0" in algorithm:
        return f"certificates are not accepted: {shown}"
    if algorithm == "ssh-dss":
        return "DSA keys are not accepted: SHA-1 and 1024 bits"
    if algorithm.startswith("webauthn-"):
        return f"{shown} is not supported by this version"
    return f"a key of type {shown!r} is not accepted; known: {', '.join(READERS)}"


def _read_ed25519(algorithm: str, blob: bytes, wire: Wire) -> PublicKey:
    raw = wire.string()
    if len(raw) != 32:
        raise MalformedError(f"an Ed25519 key has 32 bytes, not {len(raw)}")
    if int.from_bytes(raw, "little") & (2**255 - 1) in LOW_ORDER:
        raise MalformedError("the Ed25519 key is a point of low order, under which anybody can sign")
    application = _application(wire) if algorithm.startswith("sk-") else None
    return PublicKey(algorithm=algorithm, blob=blob, raw=raw, application=application)


def _read_ecdsa(algorithm: str, blob: bytes, wire: Wire) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = algorithm.removesuffix("@openssh.com").rsplit("-", 1)[1]
    if wire.string() != curve.encode():
        raise MalformedError(f"the key's type and its curve do not agree: {algorithm}")
    point = wire.string()
    if len(point) != 2 * POINT_BYTES[curve] + 1 or point[0] != 4:
        raise MalformedError(f"the key's point is not an uncompressed one of {curve}")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(_curve(curve), point)
    except ValueError:
        raise MalformedError(f"the key's point is not on {curve}") from None
    application = _application(wire) if algorithm.startswith("sk-") else None
    return PublicKey(algorithm=algorithm, blob=blob, raw=point, curve=curve, application=application)


def _read_rsa(algorithm: str, blob: bytes, wire: Wire) -> PublicKey:
    e, n = wire.number(), wire.number()
    if not MIN_RSA_BITS <= n.bit_length() <= MAX_RSA_BITS:
        raise MalformedError(f"an RSA key of {n.bit_length()} bits is not accepted: {MIN_RSA_BITS} to {MAX_RSA_BITS}")
    if e < 3 or e % 2 == 0 or e.bit_length() > MAX_EXPONENT_BITS or n % 2 == 0:
        raise MalformedError("the RSA key's exponent or modulus is not one that key generation makes")
    return PublicKey(algorithm=algorithm, blob=blob, numbers=(e, n))


READERS: Mapping[str, Callable[[str, bytes, Wire], PublicKey]] = {
    "ssh-ed25519": _read_ed25519,
    "ecdsa-sha2-nistp256": _read_ecdsa,
    "ecdsa-sha2-nistp384": _read_ecdsa,
    "ecdsa-sha2-nistp521": _read_ecdsa,
    "ssh-rsa": _read_rsa,
    "sk-ssh-ed25519@openssh.com": _read_ed25519,
    "sk-ecdsa-sha2-nistp256@openssh.com": _read_ecdsa,
}


def _application(wire: Wire) -> bytes:
    application = wire.string()
    if not application:
        raise MalformedError("the security key names no application")
    return application


def _curve(name: str) -> "EllipticCurve":
    from cryptography.hazmat.primitives.asymmetric import ec

    curves: dict[str, type[EllipticCurve]] = {
        "nistp256": ec.SECP256R1,
        "nistp384": ec.SECP384R1,
        "nistp521": ec.SECP521R1,
    }
    return curves[name]()


def _check_ed25519(key: PublicKey, named: bytes, wire: Wire, signed: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    _expect_algorithm(named, key.algorithm)
    raw = wire.string()
    signed = _as_seen_by_key(key, wire, signed)
    Ed25519PublicKey.from_public_bytes(key.raw).verify(raw, signed)


def _check_ecdsa(key: PublicKey, named: bytes, wire: Wire, signed: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    _expect_algorithm(named, key.algorithm)
    inner = Wire(wire.string(), "the ECDSA signature")
    r, s = inner.number(), inner.number()
    inner.end()
    signed = _as_seen_by_key(key, wire, signed)
    sizes: dict[str | None, HashAlgorithm] = {"nistp384": hashes.SHA384(), "nistp521": hashes.SHA512()}
    public = ec.EllipticCurvePublicKey.from_encoded_point(_curve(key.curve or ""), key.raw)
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(sizes.get(key.curve, hashes.SHA256())))


def _check_rsa(key: PublicKey, named: bytes, wire: Wire, signed: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    sizes: dict[bytes, HashAlgorithm] = {b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}
    if named not in sizes:
        raise MalformedError(f"RSA signs with rsa-sha2-256 or rsa-sha2-512, not {named[:80].decode('latin-1')!a}")
    raw = wire.string()
    wire.end()
    e, n = key.numbers or (0, 0)
    if len(raw) != (n.bit_length() + 7) // 8:
        raise MalformedError(f"the RSA signature has {len(raw)} bytes, the key {(n.bit_length() + 7) // 8}")
    rsa.RSAPublicNumbers(e, n).public_key().verify(raw, signed, padding.PKCS1v15(), sizes[named])


def _expect_algorithm(named: bytes, algorithm: str) -> None:
    if named == b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com":
        raise MalformedError("WebAuthn signatures are not supported by this version")
    if named != algorithm.encode():
        raise MalformedError(f"the signature was made as {named[:80].decode('latin-1')!a} with a key of {algorithm}")


def _as_seen_by_key(key: PublicKey, wire: Wire, signed: bytes) -> bytes:
    """Return what was signed in fact: on a security key hashes, flags and counter (PROTOCOL.u2f); refuses absence."""
    if key.application is None:
        wire.end()
        return signed
    flags, counter = wire.take(1), wire.take(4)
    wire.end()
    if not flags[0] & PRESENCE:
        raise MalformedError("the security key was not touched: the signature says that nobody was present")
    return hashlib.sha256(key.application).digest() + flags + counter + hashlib.sha256(signed).digest()
