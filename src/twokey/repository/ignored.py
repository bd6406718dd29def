"""What Git would leave behind: paths that the ignore rules of a checkout name, by Git's own reading of them.

Asked with the clean environment, so that only `.gitignore` files and the checkout's own `info/exclude` speak, never a
person's settings. What is tracked already is no matter: a new file beside it would still be left out.
"""

from collections.abc import Iterable
from pathlib import Path

from twokey.errors import TwokeyError
from twokey.repository.git import Git


def ignored(git: Git, paths: Iterable[Path]) -> tuple[str, ...]:
    """Return which of these absolute paths below the checkout's root its ignore rules name; they need not exist.

    Raises:
        TwokeyError: Git gives no answer.
    """
    root, excluded = str(git.checkout.root), git.checkout.common / "info/exclude"
    rules = ("-c", f"core.excludesFile={excluded}", "-c", "core.quotePath=false")
    asked = ("check-ignore", "--no-index", "--", *map(str, paths))
    answer = git.objects.ask("--no-literal-pathspecs", "-C", root, "--work-tree", root, *rules, *asked)
    if answer.status > 1:
        raise TwokeyError(f"git check-ignore: {answer.complaint}")
    return tuple(answer.out.decode("utf-8", "surrogateescape").splitlines())
