"""What a glob in a policy means, wherever one stands: `**` crosses folders, `*` and `?` stay within one.

All else stands for itself, `[` too. Nothing here looks at a file system.
"""

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def expression(glob: str) -> re.Pattern[str]:
    """Return a glob as a regular expression for whole paths with forward slashes."""
    out = ""
    for token in re.split(r"(\*\*/?|\*|\?)", glob):
        out += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(token, re.escape(token))
    return re.compile(out, re.DOTALL)


def matches(glob: str, path: str) -> bool:
    """Return whether a path with forward slashes is one that the glob names."""
    return expression(glob).fullmatch(path) is not None


def names(glob: str, path: str, prefix: str) -> bool:
    """Return whether a glob of a policy names a path from the repository's root.

    A glob starts from the config's folder, which is `prefix` (empty, or ending with a slash); with a slash before it,
    from the root.
    """
    if glob.startswith("/"):
        return matches(glob[1:], path)
    return path.startswith(prefix) and matches(glob, path.removeprefix(prefix))


def literal(glob: str) -> str:
    """Return the folder, or the file, that everything a glob names is in; empty where that could be anywhere."""
    parts = glob.split("/")
    plain = next((index for index, part in enumerate(parts) if any(char in part for char in "*?")), len(parts))
    return "/".join(parts[:plain])
