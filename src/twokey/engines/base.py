"""The contract of an engine: apply a pure, picklable task to every shard and give the results back in shard order."""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Protocol, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Engine(Protocol):
    """Where the work runs. The result never depends on it. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]

    @property
    def width(self) -> int:
        """How many tasks run at once."""

    def map(self, task: Callable[[S], T], shards: Sequence[S]) -> Iterator[T]:
        """Yield `task(shard)` for each shard, in order. Raises what a task raises."""
