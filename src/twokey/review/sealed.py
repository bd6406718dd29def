"""The lock of a sealed bundle: answers put away with a key, and opened with it.

The salt is made from the key, the evidence and a number that stands in the bundle, so that the job needs to keep its
key alone; and as the number is made from the answers, no two bundles share a salt. Disclosing a salt tells nothing of
the key, nor of any other bundle.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from twokey import canonical
from twokey.errors import Place, TwokeyError
from twokey.review.seeds import (
    NAME,
    OPENING_TYPE,
    TYPE,
    Answer,
    Bundle,
    Opening,
    Rule,
    commitment,
    fault_of,
    plain,
)

LEAST_KEY_BYTES = 32
_ONCE = bytes(12)  # each salt locks one box, so that one number for all is used once


def locked(
    manifest: str,
    key: bytes,
    rule: Rule,
    items: Sequence[Mapping[str, Any]],
    practice: Sequence[Mapping[str, Any]],
    answers: Iterable[Answer],
) -> Bundle:
    """Return the bundle with its answers locked away. Raises ValueError for a key of less than 32 bytes.

    Source: HMAC-SHA-256 (RFC 2104) for number and salt, ChaCha20-Poly1305 (RFC 8439) for the box.
    """
    said = canonical.dump_line(plain(answers))
    nonce = _made(key, b"nonce", manifest.encode(), canonical.dump_line([msgspec.to_builtins(rule), items]), said).hex()
    salt = _salt(key, manifest, nonce)
    rows = msgspec.convert(canonical.loads(said, file=NAME), list[Answer])
    return Bundle(
        type=TYPE,
        manifest=manifest,
        commitment=commitment(salt.hex(), manifest, rule, practice, rows),
        rule=rule,
        items=[dict(row) for row in items],
        practice=[dict(row) for row in practice],
        nonce=nonce,
        box=_box(salt).encrypt(_ONCE, said, manifest.encode()).hex(),
    )


def opened(bundle: Bundle, digest: str, key: bytes, grades: Iterable[str]) -> Opening:
    """Open a bundle, whose file's SHA-256 is `digest`, now that these grades are there.

    Raises:
        TwokeyError: it was not sealed with this key, or is not what was sealed.
    """
    salt = _salt(key, bundle.manifest, bundle.nonce)
    try:
        said = _box(salt).decrypt(_ONCE, bytes.fromhex(bundle.box), bundle.manifest.encode())
        answers = msgspec.convert(canonical.loads(said, file=NAME), list[Answer])
    except (_wrong_key(), TwokeyError, msgspec.ValidationError):
        raise TwokeyError(
            "was not sealed with this key, or its answers were altered",
            where=Place(file=NAME),
            hint="the key is the one that twokey seeds seal was given for this evidence",
        ) from None
    seen = sorted(set(grades))
    opening = Opening(
        type=OPENING_TYPE,
        manifest=bundle.manifest,
        seeds=digest,
        salt=salt.hex(),
        answers=answers,
        grades=seen,
        tag=_tag(key, bundle.manifest, digest, seen),
    )
    if fault := fault_of(bundle, digest, opening):
        raise TwokeyError(f"is not what was sealed: {fault}", where=Place(file=NAME))
    return opening


def made_with(opening: Opening, key: bytes) -> bool:
    """Say whether an opening is the key holder's own, with no grades added to it or taken from it."""
    tag = _tag(key, opening.manifest, opening.seeds, opening.grades)
    return hmac.compare_digest(tag, opening.tag)


def _salt(key: bytes, manifest: str, nonce: str) -> bytes:
    return _made(key, b"salt", manifest.encode(), nonce.encode())


def _tag(key: bytes, manifest: str, seeds: str, grades: Iterable[str]) -> str:
    return _made(key, b"opening", manifest.encode(), seeds.encode(), *(one.encode() for one in grades)).hex()


def _made(key: bytes, purpose: bytes, *parts: bytes) -> bytes:
    if len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"a key has at least {LEAST_KEY_BYTES} bytes")
    return hmac.digest(key, b"\n".join((b"twokey seeds " + purpose, *parts)), "sha256")


def _box(salt: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # only the job that holds the key

    return ChaCha20Poly1305(hmac.digest(salt, b"twokey seeds box", "sha256"))


def _wrong_key() -> type[Exception]:
    from cryptography.exceptions import InvalidTag

    return InvalidTag
