"""What a security key signs in fact: who was present, and, through a browser, for which web page (PROTOCOL.u2f).

Stricter than OpenSSH, which takes signatures that nobody touched a key for, and WebAuthn from any page. Which origins a
person's key may sign at is the roster's to say: here the origin is only read and handed on.
"""

import base64
import hashlib
import re
from typing import Any

from twokey import canonical
from twokey.errors import TwokeyError
from twokey.signers.wire import MalformedError, Wire

WEBAUTHN = b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
SSH_APPLICATION = b"ssh:"

# WebAuthn, section 6.1: the flags of authenticator data
PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x80
KNOWN = PRESENT | VERIFIED | BACKUP_ELIGIBLE | BACKED_UP

MAX_CLIENT_DATA_BYTES = 4096
MAX_CLIENT_DATA_DEPTH = 4
_ORIGIN = re.compile(rb"[!#-\[\]-~]{1,255}")  # visible ASCII that JSON never escapes


def as_touched(application: bytes, wire: Wire, signed: bytes) -> bytes:
    """Return the bytes under the signature of a key that ssh-keygen made; `wire` is at the flags.

    Raises:
        MalformedError: nobody was present, flags out of place, or a key that belongs to web pages.
    """
    flags, counter = wire.take(1), wire.take(4)
    wire.end()
    if not application.startswith(SSH_APPLICATION):
        raise MalformedError(
            f"the security key is one of web pages ({_shown(application)}): it signs through a browser only"
        )
    _expect_flags(flags[0])
    return _authenticator_data(application, flags, counter) + hashlib.sha256(signed).digest()


def as_seen_by_browser(application: bytes, wire: Wire, signed: bytes) -> tuple[bytes, str]:
    """Return the bytes under a WebAuthn signature, and the origin of the page that asked; `wire` is at the flags.

    Extensions are refused although OpenSSH takes them: nobody asks for any here, and a signature should not carry CBOR
    that no verifier reads. Other members of the client data are let be, because browsers add some on purpose (WebAuthn,
    section 5.8.1.2); they are signed, and say nothing here.

    Raises:
        MalformedError: with what is not as it should be, in plain words.
    """
    flags, counter = wire.take(1), wire.take(4)
    origin, client_data, extensions = wire.string(), wire.string(), wire.string()
    wire.end()
    if application.startswith(SSH_APPLICATION):
        raise MalformedError("the security key is one of ssh-keygen: no web page can sign with it")
    if extensions or flags[0] & EXTENDED:
        raise MalformedError("the WebAuthn signature carries extensions; none are accepted")
    _expect_flags(flags[0])
    if not flags[0] & VERIFIED:
        raise MalformedError("the security key did not verify its user, by a PIN or a finger: touch is too little")
    if not _ORIGIN.fullmatch(origin):
        raise MalformedError(f"the WebAuthn signature's origin is not one: {_shown(origin)}")
    _expect_client_data(client_data, origin, signed)
    return _authenticator_data(application, flags, counter) + hashlib.sha256(client_data).digest(), origin.decode()


def _authenticator_data(application: bytes, flags: bytes, counter: bytes) -> bytes:
    return hashlib.sha256(application).digest() + flags + counter


def _expect_flags(flags: int) -> None:
    if not flags & PRESENT:
        raise MalformedError("the security key was not touched: the signature says that nobody was present")
    if unknown := flags & ~KNOWN:
        raise MalformedError(f"the security key set flags that have no place in a signature: {unknown:#04x}")
    if flags & BACKED_UP and not flags & BACKUP_ELIGIBLE:
        raise MalformedError("the security key says that it is backed up and cannot be: flags 0x10 without 0x08")


def _expect_client_data(client_data: bytes, origin: bytes, signed: bytes) -> None:
    """Compare what the browser signed, member by member, then byte by byte at its start as OpenSSH does."""
    said = _read_client_data(client_data)
    challenge = base64.urlsafe_b64encode(signed).rstrip(b"=")
    if said.get("type") != "webauthn.get":
        raise MalformedError("the client data is not of type webauthn.get: the browser signed something else")
    if said.get("challenge") != challenge.decode():
        raise MalformedError(
            "the client data's challenge is not these bytes for this purpose: something else was signed"
        )
    if said.get("origin") != origin.decode():
        raise MalformedError(f"the client data names another origin than the signature, which says {_shown(origin)}")
    if said.get("crossOrigin", False) is not False:
        raise MalformedError("the client data says that the page was framed by one of another origin")
    if "topOrigin" in said:
        raise MalformedError("the client data names a top origin: the page was framed by another")
    start = b'{"type":"webauthn.get","challenge":"' + challenge + b'","origin":"' + origin + b'"'
    if not client_data.startswith(start):
        raise MalformedError("the client data is not written as browsers write it: type, challenge, origin, no spaces")


def _read_client_data(client_data: bytes) -> dict[str, Any]:
    try:
        said = canonical.loads(
            client_data, file="client data", max_bytes=MAX_CLIENT_DATA_BYTES, max_depth=MAX_CLIENT_DATA_DEPTH
        )
    except TwokeyError as error:
        raise MalformedError(f"the client data cannot be read: {ascii(error.problems[0].message)[1:-1]}") from None
    if not isinstance(said, dict):
        raise MalformedError("the client data is not a JSON object")
    return said


def _shown(text: bytes) -> str:
    return ascii(text[:80].decode("latin-1"))
