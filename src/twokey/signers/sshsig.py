"""Verifying an SSHSIG (PROTOCOL.sshsig in OpenSSH) strictly: a signature that somebody might read otherwise is none.

It says which key signed exactly these bytes for exactly this purpose. Whose key that is, and whether that person may
decide, is not known here.
"""

import hashlib

from twokey.signers.base import Signature
from twokey.signers.checks import check
from twokey.signers.keys import PublicKey, read_key
from twokey.signers.wire import MalformedError, Wire, string, unarmor
from twokey.values import dataclass

MAGIC = b"SSHSIG"
VERSION = 1
HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}


@dataclass(frozen=True, slots=True, kw_only=True)
class SshSig:
    """The parts of a well-formed signature, before anything is checked."""

    key: PublicKey
    namespace: bytes
    hash_name: bytes
    signature: bytes

    def signed(self, data: bytes) -> bytes:
        """Return the bytes that the key signs where `data` is the message (PROTOCOL.sshsig, section 3)."""
        digest = HASHES[self.hash_name](data).digest()
        return MAGIC + string(self.namespace) + string(b"") + string(self.hash_name) + string(digest)


def parse(armored: bytes) -> SshSig:
    """Read an armored signature; raises MalformedError with a plain reason where it is not strictly one."""
    wire = Wire(unarmor(armored), "the signature blob")
    if wire.take(len(MAGIC)) != MAGIC:
        raise MalformedError("the signature blob does not start with SSHSIG")
    version = wire.u32()
    if version != VERSION:
        raise MalformedError(f"the signature has version {version}, not {VERSION}")
    key_blob, namespace, reserved, hash_name = (wire.string() for _ in range(4))
    signature = wire.string()
    wire.end()
    if not namespace:
        raise MalformedError("the signature names no namespace")
    if reserved:
        raise MalformedError(f"the signature's reserved field has {len(reserved)} bytes; it must be empty")
    if hash_name not in HASHES:
        raise MalformedError(f"the hash {hash_name[:40].decode('latin-1')!a} is not accepted: sha256 or sha512")
    return SshSig(key=read_key(key_blob), namespace=namespace, hash_name=hash_name, signature=signature)


def verify(data: bytes, armored: bytes, namespace: str) -> Signature:
    """Judge a detached signature over exactly `data` for exactly `namespace`; a bad one is a value with its reason."""
    try:
        parsed = parse(armored)
    except MalformedError as refusal:
        return Signature(valid=False, key=None, reason=str(refusal))
    if parsed.namespace != namespace.encode("utf-8"):
        named = ascii(parsed.namespace[:80].decode("latin-1"))
        reason = f"signed for the purpose {named}, not for '{namespace}'"
        return Signature(valid=False, key=parsed.key.line, reason=reason)
    try:
        origin = check(parsed.key, parsed.signature, parsed.signed(data))
    except MalformedError as refusal:
        return Signature(valid=False, key=parsed.key.line, reason=str(refusal))
    return Signature(valid=True, key=parsed.key.line, origin=origin)
