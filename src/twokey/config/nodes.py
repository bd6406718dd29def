"""What a YAML file is to us before it has a meaning: scalars, lists and mappings that know their place, and problems.

Lines and columns count from 1. Reading bytes into nodes is in `syntax`, giving them types in `decode`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from twokey.errors import ConfigError, Place, Problem

MAX_PROBLEMS = 100
SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """One word or text as written. `plain` means without quotes, so that `7` is a number.

    `source` is the text before `${...}` in it was replaced, or None where nothing was.
    """

    text: str
    plain: bool
    line: int
    column: int
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    """A list, in either of YAML's notations."""

    items: "tuple[Node, ...]"
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """A mapping with text keys, each once, in the order of the file."""

    pairs: "tuple[tuple[ScalarNode, Node], ...]"
    line: int
    column: int

    def get(self, key: str) -> "Node | None":
        """Return the value under a key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Stands where a problem was already reported, so that it causes no second one."""

    line: int
    column: int


Node = ScalarNode | ListNode | MapNode | Unusable


@dataclass(slots=True, kw_only=True)
class Problems:
    """The problems of one file so far. At most a hundred are kept, so that a hostile file cannot make millions."""

    file: str
    found: list[Problem] = field(default_factory=list)
    dropped: int = 0

    def add(self, message: str, node: Node | None = None, hint: str | None = None) -> None:
        """Keep a problem at the place of a node, or of the whole file."""
        self.add_at(message, node.line if node else None, node.column if node else None, hint)

    def add_at(self, message: str, line: int | None, column: int | None, hint: str | None = None) -> None:
        """Keep a problem at a line and column that count from 1."""
        if self.full:
            self.dropped += 1
            return
        self.found.append(Problem(message=message, where=Place(file=self.file, line=line, column=column), hint=hint))

    @property
    def full(self) -> bool:
        """Whether no more are kept."""
        return len(self.found) >= MAX_PROBLEMS

    def __len__(self) -> int:
        return len(self.found) + self.dropped

    def raise_any(self) -> None:
        """Raise ConfigError with all problems, in order of place, if there are any."""
        if not self.found:
            return
        ordered = sorted(self.found, key=lambda problem: _order(problem.where))
        if self.dropped:
            message = f"and {self.dropped:,} more problems, not shown"
            ordered.append(Problem(message=message, where=Place(file=self.file)))
        raise ConfigError(ordered)


def _order(where: Place | None) -> tuple[int, int]:
    return (where.line or 0, where.column or 0) if where else (0, 0)


def quoted(text: str) -> str:
    """Return a text from a user's file in quotes, cut to 60 characters, with everything unprintable escaped."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")


def walk(node: Node, *path: str) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield the nodes at a path of keys, with their keys; `*` stands for every key of a mapping or item of a list."""
    if not path:
        yield (), node
        return
    inner: list[tuple[str, Node]] = []
    if isinstance(node, MapNode):
        inner = [(key.text, value) for key, value in node.pairs if path[0] in ("*", key.text)]
    elif isinstance(node, ListNode) and path[0] == "*":
        inner = [(str(index), item) for index, item in enumerate(node.items)]
    for key, value in inner:
        for keys, found in walk(value, *path[1:]):
            yield (key, *keys), found
