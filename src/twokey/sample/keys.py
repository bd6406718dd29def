"""A record's place in a draw: a keyed hash of its id, the same on every machine and in every order."""

import hashlib
import sys
from array import array
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

SAMPLE = b"twokey sample"
"""The purpose of the draw of what is judged."""

AUDIT = b"twokey audit"
"""The purpose of the random audit; draws for different purposes are independent of each other."""


@lru_cache(maxsize=64)
def _hasher(seed: int, purpose: bytes) -> Any:
    secret = hashlib.blake2b(str(seed).encode(), digest_size=32).digest()
    return hashlib.blake2b(digest_size=8, key=secret, person=purpose)


def key(record_id: str, seed: int, purpose: bytes) -> int:
    """Return 64 bits of BLAKE2b (RFC 7693) of the id, keyed by the seed and personalised by the purpose."""
    return keys([record_id], seed, purpose)[0]


def keys(record_ids: Iterable[str], seed: int, purpose: bytes) -> "array[int]":
    """Return the key of each id; for many at once, which costs half."""
    fresh = _hasher(seed, purpose).copy
    digests = []
    for record_id in record_ids:
        state = fresh()
        state.update(record_id.encode("utf-8", "surrogatepass"))
        digests.append(state.digest())
    found = array("Q", b"".join(digests))
    if sys.byteorder == "little":
        found.byteswap()
    return found
