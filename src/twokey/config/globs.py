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
