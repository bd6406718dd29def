"""A function that policy names: of what is installed, or from a file of the policy.

Never from the working directory: on a change under review that holds the change's own code, and who could change how
an answer is scored could choose its score. Nothing is loaded before it is asked for.
"""

import importlib
import os
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from twokey.errors import Place, TwokeyError

Function = Callable[[dict[str, Any]], Any]


def check_call(text: str) -> None:
    """Raise ValueError where a text names no function."""
    module, colon, function = text.rpartition(":")
    names = [*(module.split(".") if colon else ()), function]
    if not all(name.isidentifier() for name in names):
        raise ValueError("expected package.module:function, or a function's name where file is given")


def check_place(call: str, file: str | None) -> None:
    """Raise ValueError where a function would be looked for in two places, or in none."""
    if file is not None and ":" in call:
        raise ValueError("file says where the function is: call is its name alone")
    if file is None and ":" not in call:
        raise ValueError("call is package.module:function, or file names the Python file")


def load_function(call: str, source: bytes | None, place: str | None) -> Function:
    """Return the function: of an installed module, or of `source`, which stands at `place`.

    Raises TwokeyError where there is none, or loading it fails; what it raised is told by its name alone.
    """
    module, _, name = call.rpartition(":")
    where = place or module
    found = _made(source, where) if source is not None else _installed(module)
    function = getattr(found, name, None)
    if not callable(function):
        raise TwokeyError(f"has no function called {name}", where=Place(file=where))
    return function  # type: ignore[no-any-return]  # it is called with a dict, and what it returns is checked


def where_raised(error: BaseException, place: str | None) -> str:
    """Return at which line of a policy's file its function raised, to end a sentence; never what it said."""
    if place is None:
        return ""
    import traceback  # only where something went wrong

    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == place]
    return f" at {place}:{lines[-1]}" if lines else ""


def _made(source: bytes, place: str) -> types.ModuleType:
    module = types.ModuleType("twokey_policy_function")
    module.__file__ = place
    with _told(place):
        exec(compile(source, place, "exec"), module.__dict__)  # noqa: S102 policy names it, and policy is protected
    return module


def _installed(name: str) -> types.ModuleType:
    with _told(name), _without_working_directory():
        return importlib.import_module(name)


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        hint = "install it where twokey is installed, or name a file of the policy: file: judge.py"
        raise TwokeyError(
            f"cannot be loaded: no module named {error.name!r}", where=Place(file=place), hint=hint
        ) from None
    except SyntaxError as error:
        raise TwokeyError(f"is no Python: {error.msg}", where=Place(file=place, line=error.lineno)) from None
    except Exception as error:
        raise TwokeyError(f"cannot be loaded: it raised {type(error).__name__}", where=Place(file=place)) from error


@contextmanager
def _without_working_directory() -> Iterator[None]:
    """Leave out what Python itself puts first, which with `python -m` is the working directory."""
    first = sys.path[:1]
    if sys.flags.safe_path or not first or first[0] not in ("", os.getcwd()):  # noqa: PTH109 it is compared as text
        yield
        return
    del sys.path[0]
    try:
        yield
    finally:
        sys.path.insert(0, first[0])
