"""The few records that a result may name out of many: those whose keyed hash is smallest.

So which ones they are depends on ids and seed, never on the order of arrival, and keeping a few of the few of each
batch is keeping a few of all. Nothing is judged here.
"""

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record's id with its keyed hash, and one thing to say of it."""

    key: bytes
    id: str
    note: str = ""

    @property
    def rank(self) -> tuple[Any, ...]:
        """The place in the order: by hash, and by everything else where ids repeat."""
        return (self.key, self.id, self.note)


Row = TypeVar("Row", bound=Kept)


def order_key(record_id: str, seed: int) -> bytes:
    """Return the record's place in an order that only id and seed decide."""
    state = _keyed(seed).copy()
    state.update(record_id.encode("utf-8", "surrogatepass"))
    digest: bytes = state.digest()
    return digest


@lru_cache(maxsize=64)
def _keyed(seed: int) -> Any:
    return hashlib.blake2b(key=str(seed).encode()[:64], digest_size=16)


def smallest(rows: Iterable[Row], most: int = EXAMPLES) -> tuple[Row, ...]:
    """Return the rows that come first, in order."""
    return tuple(heapq.nsmallest(most, rows, key=lambda row: row.rank))
