"""Public keys in OpenSSH's form: which kinds may decide, and how they are read in one way only.

The allow-list is the point: Ed25519, ECDSA on three NIST curves, RSA from 3072 bits, and Ed25519 and P-256 on a
security key. No DSA, no certificates, no options before the key. Checking a signature is in `checks`.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from twokey.signers.wire import MalformedError, Wire
from twokey.values import dataclass

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurve

MIN_RSA_BITS = 3072
MAX_RSA_BITS = 16384
MAX_EXPONENT_BITS = 64  # as in OpenSSL; a larger one only makes checking slow
POINT_BYTES: Mapping[str, int] = {"nistp256": 32, "nistp384": 48, "nistp521": 66}
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
        return f"{shown} is a kind of signature, made by a key of sk-ecdsa-sha2-nistp256@openssh.com: name that key"
    return f"a key of type {shown!r} is not accepted; known: {', '.join(READERS)}"


def _read_ed25519(algorithm: str, blob: bytes, wire: Wire) -> PublicKey:
    raw = wire.string()
    if len(raw) != 32:
        raise MalformedError(f"an Ed25519 key has 32 bytes, not {len(raw)}")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y in LOW_ORDER:
        raise MalformedError("the Ed25519 key is a point of low order, under which anybody can sign")
    if y >= _P25519:
        raise MalformedError("the Ed25519 key is written in a second way: its number is not below 2^255 - 19")
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
        ec.EllipticCurvePublicKey.from_encoded_point(curve_of(curve), point)
    except ValueError:
        raise MalformedError(f"the key's point is not on {curve}") from None
    _expect_usual_point(point, curve)
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


def _expect_usual_point(point: bytes, curve: str) -> None:
    """Refuse a point with a coordinate of half the curve's length, as OpenSSH long did; none is ever made."""
    size = POINT_BYTES[curve]
    x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
    if min(x, y).bit_length() <= int(curve.removeprefix("nistp")) // 2:
        raise MalformedError(f"the key's point has a coordinate too short for {curve}")


def _application(wire: Wire) -> bytes:
    application = wire.string()
    if not application:
        raise MalformedError("the security key names no application")
    if not all(0x21 <= byte <= 0x7E for byte in application):  # OpenSSH drops a zero byte at the end: two readings
        raise MalformedError("the security key's application is not visible ASCII")
    return application


def curve_of(name: str) -> "EllipticCurve":
    """Return the curve of that name in SSH's naming, such as nistp256."""
    from cryptography.hazmat.primitives.asymmetric import ec

    curves: dict[str, type[EllipticCurve]] = {
        "nistp256": ec.SECP256R1,
        "nistp384": ec.SECP384R1,
        "nistp521": ec.SECP521R1,
    }
    return curves[name]()
