"""All work in this process, one shard after the other."""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class SerialEngine:
    """Everything in this one process. The default, and the right choice up to some 150,000 records.

    Nothing is started and nothing is copied; memory holds one shard's results at a time.
    """

    name: ClassVar[str] = "serial"
    summary: ClassVar[str] = "one process, one shard after the other"

    @property
    def width(self) -> int:
        """One task at a time."""
        return 1

    def map(self, task: Callable[[S], T], shards: Sequence[S]) -> Iterator[T]:
        """Yield `task(shard)` for each shard, in order."""
        return map(task, shards)
