"""How each kind of key checks a signature over given bytes. The mathematics is `cryptography`'s.

Knows the algorithms that a signature may name and the form of its numbers; never takes what OpenSSH refuses. What the
bytes are, and which keys may decide, is said in `sshsig` and `keys`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from twokey.signers.keys import PublicKey, curve_of
from twokey.signers.security_key import WEBAUTHN, as_seen_by_browser, as_touched
from twokey.signers.wire import MalformedError, Wire

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

WEBAUTHN_KEY = "sk-ecdsa-sha2-nistp256@openssh.com"
ORDERS: Mapping[str, int] = {  # SEC 2, section 2: the number of points, which r and s stay below
    "nistp256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "nistp384": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
    "nistp521": 2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
}
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493  # RFC 8032, section 5.1


def check(key: PublicKey, signature: bytes, signed: bytes) -> str | None:
    """Check an SSH signature blob over exactly `signed`; return the web origin that it was made at, if at any.

    Raises:
        MalformedError: it is not good; the message says why.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    wire = Wire(signature, "the signature")
    named = wire.string()
    if b"-cert-v0" in named:
        raise MalformedError(f"certificates are not accepted: {_shown(named)}")
    try:
        if key.curve:
            return _check_ecdsa(key, key.curve, named, wire, signed)
        if key.numbers:
            _check_rsa(key.numbers, named, wire, signed)
        else:
            _check_ed25519(key, named, wire, signed)
        return None
    except InvalidSignature:
        raise MalformedError("the signature does not match: other bytes were signed, or by another key") from None
    except UnsupportedAlgorithm:
        raise MalformedError(f"the installed cryptography cannot check {key.algorithm}") from None


def _check_ed25519(key: PublicKey, named: bytes, wire: Wire, signed: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    _expect_algorithm(named, key.algorithm)
    raw = wire.string()
    if len(raw) != 64:
        raise MalformedError(f"an Ed25519 signature has 64 bytes, not {len(raw)}")
    if int.from_bytes(raw[32:], "little") >= ED25519_ORDER:
        raise MalformedError("the Ed25519 signature's second half is out of range: a copy of another, written anew")
    signed, _ = _as_signed(key, named, wire, signed)
    Ed25519PublicKey.from_public_bytes(key.raw).verify(raw, signed)


def _check_ecdsa(key: PublicKey, curve: str, named: bytes, wire: Wire, signed: bytes) -> str | None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if not (named == WEBAUTHN and key.algorithm == WEBAUTHN_KEY):
        _expect_algorithm(named, key.algorithm)
    inner = Wire(wire.string(), "the ECDSA signature")
    r, s = inner.number(), inner.number()
    inner.end()
    if max(r, s) >= ORDERS[curve]:
        raise MalformedError(f"the ECDSA signature's numbers are out of range for {curve}")
    signed, origin = _as_signed(key, named, wire, signed)
    sizes: dict[str, HashAlgorithm] = {
        "nistp256": hashes.SHA256(),
        "nistp384": hashes.SHA384(),
        "nistp521": hashes.SHA512(),
    }
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve_of(curve), key.raw)
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(sizes[curve]))
    return origin


def _check_rsa(numbers: tuple[int, int], named: bytes, wire: Wire, signed: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    sizes: dict[bytes, HashAlgorithm] = {b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}
    if named == b"ssh-rsa":
        raise MalformedError("the RSA signature was made with SHA-1: rsa-sha2-256 or rsa-sha2-512 expected")
    if named not in sizes:
        raise MalformedError(f"RSA signs with rsa-sha2-256 or rsa-sha2-512, not {_shown(named)}")
    raw = wire.string()
    wire.end()
    e, n = numbers
    if len(raw) != (n.bit_length() + 7) // 8:
        raise MalformedError(f"the RSA signature has {len(raw)} bytes, the key {(n.bit_length() + 7) // 8}")
    rsa.RSAPublicNumbers(e, n).public_key().verify(raw, signed, padding.PKCS1v15(), sizes[named])


def _expect_algorithm(named: bytes, algorithm: str) -> None:
    if named != algorithm.encode():
        raise MalformedError(f"the signature was made as {_shown(named)} with a key of {algorithm}")


def _as_signed(key: PublicKey, named: bytes, wire: Wire, signed: bytes) -> tuple[bytes, str | None]:
    """Return the bytes under the signature, which a security key wraps, and the web origin where there is one."""
    if key.application is None:
        wire.end()
        return signed, None
    if named == WEBAUTHN:
        return as_seen_by_browser(key.application, wire, signed)
    return as_touched(key.application, wire, signed), None


def _shown(name: bytes) -> str:
    return ascii(name[:80].decode("latin-1"))
