"""A passkey's answers put into OpenSSH's forms: its public key as a line, its assertion as an SSHSIG.

Nothing is judged here. What comes out is a claim like any other file's: `sshsig` reads it as strictly as one from
elsewhere, and where it was made is the roster's to allow. What a browser sends that cannot be put into the form is
refused with a plain reason.
"""

import hashlib
import re

from twokey import canonical
from twokey.errors import TwokeyError
from twokey.signers.keys import PublicKey, read_key
from twokey.signers.security_key import MAX_CLIENT_DATA_BYTES, MAX_CLIENT_DATA_DEPTH, WEBAUTHN
from twokey.signers.sshsig import MAGIC, VERSION
from twokey.signers.wire import MalformedError, armor, string
from twokey.values import dataclass

KEY_TYPE = b"sk-ecdsa-sha2-nistp256@openssh.com"
LOCALHOST = "localhost"
"""The relying party of pages that a person's own machine serves: WebAuthn knows no other name for it."""

MAX_BYTES = 4096  # of each part that a browser sends; a real one has some 250
_CURVE = b"nistp256"
_HASH = b"sha512"
_HEAD = 37  # WebAuthn, section 6.1: hash of the relying party, flags, counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What `navigator.credentials.get` gives (WebAuthn, section 5.2.2). `signature` is in DER."""

    authenticator_data: bytes
    client_data: bytes
    signature: bytes


def challenge(data: bytes, namespace: str) -> bytes:
    """Return the challenge under which an assertion becomes a signature over `data` for that purpose.

    It is the whole blob that SSHSIG has a key sign (PROTOCOL.sshsig, section 3), by SHA-512, and not its hash: so says
    OpenSSH (PROTOCOL.u2f, "SSH U2F signatures").
    """
    digest = hashlib.sha512(data).digest()
    return MAGIC + string(namespace.encode("utf-8")) + string(b"") + string(_HASH) + string(digest)


def public_key(spki: bytes, relying_party: str = LOCALHOST) -> PublicKey:
    """Return the key of a new passkey, given as `getPublicKey()` does: DER of a SubjectPublicKeyInfo.

    Raises:
        MalformedError: it is none, or of another kind than P-256.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    _expect_size("public key", spki)
    try:
        loaded = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedError("the browser's public key cannot be read") from None
    if not isinstance(loaded, EllipticCurvePublicKey) or not isinstance(loaded.curve, SECP256R1):
        raise MalformedError("the passkey is of another kind than ES256 on P-256, which alone OpenSSH knows")
    point = loaded.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return read_key(b"".join(map(string, (KEY_TYPE, _CURVE, point, relying_party.encode("ascii")))))


def assemble(assertion: Assertion, key: PublicKey, namespace: str) -> bytes:
    """Return an assertion as the armored SSHSIG that it is, if `key` made it over `challenge(data, namespace)`.

    The layout is that of PROTOCOL.u2f, "webauthn-sk-ecdsa-sha2-nistp256@openssh.com". Whether it is good is not said.

    Raises:
        MalformedError: the parts cannot be put together.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    for name in ("authenticator_data", "client_data", "signature"):
        _expect_size(name.replace("_", " "), getattr(assertion, name))
    said = assertion.authenticator_data
    if len(said) < _HEAD:
        raise MalformedError(f"the authenticator data has {len(said)} bytes, {_HEAD} or more expected")
    if said[:32] != hashlib.sha256(key.application or b"").digest():
        raise MalformedError("the passkey is one of another site")
    try:
        r, s = decode_dss_signature(assertion.signature)
    except ValueError:
        raise MalformedError("the passkey's signature is not in DER") from None
    inner = string(WEBAUTHN) + string(_number(r) + _number(s)) + said[32:_HEAD]
    inner += string(origin_of(assertion.client_data)) + string(assertion.client_data) + string(said[_HEAD:])
    parts = (key.blob, namespace.encode("utf-8"), b"", _HASH, inner)
    return armor(MAGIC + VERSION.to_bytes(4, "big") + b"".join(map(string, parts)))


def origin_of(client_data: bytes) -> bytes:
    """Return the origin that the client data names; raises MalformedError where there is none to be read."""
    try:
        said = canonical.loads(
            client_data, file="client data", max_bytes=MAX_CLIENT_DATA_BYTES, max_depth=MAX_CLIENT_DATA_DEPTH
        )
    except TwokeyError as error:
        raise MalformedError(f"the client data cannot be read: {ascii(error.problems[0].message)[1:-1]}") from None
    origin = said.get("origin") if isinstance(said, dict) else None
    if not isinstance(origin, str) or not re.fullmatch(r"[!-~]{1,255}", origin):
        raise MalformedError("the client data names no origin")
    return origin.encode("ascii")


def _number(value: int) -> bytes:
    """Return an mpint (RFC 4251, section 5) that is not negative; what is out of range the verifier refuses."""
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _expect_size(what: str, data: bytes) -> None:
    if not 0 < len(data) <= MAX_BYTES:
        raise MalformedError(f"the {what} has {len(data):,} bytes; 1 to {MAX_BYTES:,} expected")
