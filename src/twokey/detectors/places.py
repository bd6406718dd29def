"""Where the parts of an entry stand in a file of rules, so that each problem names its line and column.

Nothing is read here; the nodes come from `config.syntax`.
"""

from dataclasses import dataclass

from twokey.config.nodes import Node, walk


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the nodes of the entry with that number, from 0, in the list under `key`."""

    root: Node
    key: str
    index: int

    def __call__(self, *path: str) -> Node:
        """Return the node at a path below the entry, or the nearest one above that there is."""
        for length in range(len(path), -1, -1):
            for keys, node in walk(self.root, self.key, "*", *("*" for _ in path[:length])):
                if keys[1:] == (str(self.index), *path[:length]):
                    return node
        return self.root
