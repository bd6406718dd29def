"""One scalar, read as the type that its place asks for, and the words in which we say what was found and expected.

Nothing is read across scalars here, and nothing is reported: `decode` does both.
"""

import dataclasses
import math
import re
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin

from twokey.config.keys import keys_of
from twokey.config.nodes import ListNode, MapNode, Node, ScalarNode, Unusable, quoted
from twokey.config.scalars import percentage
from twokey.kinds import nearest

BAD: Any = object()  # in place of a value that cannot be had
MAX_INT = 2**63 - 1
MAX_DIGITS = 30
MAX_KEYS = 8
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}

Value = str | int | float | bool | None


def resolve(text: str) -> Value:
    """Return what a scalar without quotes is: null, true, false, a finite number, or else text.

    YAML 1.2's core schema, narrower: only `true` and `false`, only decimal numbers, none with leading zeros.
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > MAX_DIGITS:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def is_dataclass_type(type_: Any) -> bool:
    """Return whether it is a dataclass that a mapping can be read into: one whose fields are declared as options."""
    return (
        isinstance(type_, type)
        and dataclasses.is_dataclass(type_)
        and (not hasattr(type_, "from_scalar") or any("help" in item.metadata for item in dataclasses.fields(type_)))
    )


def members(type_: Any) -> tuple[Any, ...]:
    """Return the alternatives of a union without None, or the type alone."""
    if get_origin(type_) in (Union, types.UnionType):
        return tuple(member for member in get_args(type_) if member is not type(None))
    return (type_,)


def by_kind(alternatives: tuple[Any, ...]) -> Mapping[str, Any]:
    """Return alternatives by the word that each wants under `kind`; none where they are not told apart by it."""
    found: dict[str, Any] = {}
    for type_ in alternatives:
        key = keys_of(type_).fixed.get("kind") if is_dataclass_type(type_) else None
        found |= dict.fromkeys(get_args(key.type) if key is not None and get_origin(key.type) is Literal else (), type_)
    return found if len(found) == len(alternatives) > 1 else {}


def plain_value(node: ScalarNode) -> Value:
    """Return a scalar's value by itself, where no type asks for one."""
    return resolve(node.text) if node.plain or node.source is not None else node.text


def found(node: Node) -> str:
    """Return what a node is, for a message. What came from the environment isn't shown: it may be a secret."""
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, Unusable):
        return "something unusable"
    if node.source is not None:
        return f"what {quoted(node.source)} stands for"
    value = plain_value(node)
    if value is None or value == "":
        return "nothing" if value is None else "an empty text"
    if isinstance(value, bool):
        return node.text
    return f"the text {quoted(node.text)}" if isinstance(value, str) else f"the number {node.text}"


def expected(type_: Any) -> str:
    """Return what a type asks for, for a message."""
    if len(members(type_)) > 1:
        return " or ".join(expected(member) for member in members(type_))
    type_ = members(type_)[0]
    simple = {str: "text", int: "a whole number", float: "a number or a percentage", bool: "true or false"}
    if type_ in simple:
        return simple[type_]
    if get_origin(type_) is Literal:
        words = [str(word) for word in get_args(type_)]
        return words[0] if len(words) == 1 else f"one of {', '.join(words)}"
    if hasattr(type_, "from_scalar"):
        mapping = f", or a mapping of {', '.join(keys_of(type_).fixed)}" if is_dataclass_type(type_) else ""
        return f"{type_.EXPECTED}{mapping}"
    return "a list" if get_origin(type_) is tuple else "a mapping"


def fits(node: Node, type_: Any) -> bool:
    """Return whether a node of this shape (scalar, list, mapping) can be of that type at all."""
    origin = get_origin(type_)
    if type_ is Any:
        return True
    if isinstance(node, MapNode):
        return is_dataclass_type(type_) or origin is Mapping
    if isinstance(node, ListNode):
        return origin is tuple
    return type_ in _SCALARS or origin is Literal or hasattr(type_, "from_scalar")


def write_hint(node: Node, type_: Any) -> str | None:
    """Return how to mend a scalar that stands where a list or mapping belongs."""
    if isinstance(node, ScalarNode) and get_origin(type_) is tuple and node.text:
        return "write it as [" + (node.text if len(node.text) <= 40 and node.text.isprintable() else "...") + "]"
    if isinstance(node, ScalarNode) and not node.text and is_dataclass_type(type_) and not keys_of(type_).asks:
        return "write {} for the defaults"
    if isinstance(node, ScalarNode) and node.text and is_dataclass_type(type_) and (keys := keys_of(type_).fixed):
        return f"its keys are {', '.join(list(keys)[:MAX_KEYS])}{' ...' if len(keys) > MAX_KEYS else ''}"
    return None


def word_hint(node: ScalarNode, type_: Any) -> str | None:
    """Return how to mend a scalar of the wrong type."""
    value = plain_value(node)
    if type_ is str and node.text and not isinstance(value, str):
        return "put it in quotes" if value is not None else None
    if node.source is None and isinstance(value, str) and len(value) <= 64:
        words = [str(word) for word in get_args(type_)] if get_origin(type_) is Literal else []
        if type_ is bool:
            words = ["true", "false"]
        guess = nearest(value.lower(), words)
        return f"did you mean {guess}?" if guess else None
    return None


def share_hint(node: ScalarNode, maximum: float) -> str | None:
    """Return how to mend a share that was written as so many hundredths."""
    value = plain_value(node)
    share = maximum == 1 and node.source is None and isinstance(value, (int, float)) and 1 < value <= 100
    return f"did you mean {node.text}%?" if share else None


def read_scalar(node: ScalarNode, type_: Any) -> Any:
    """Return the scalar as a value of that type, or BAD."""
    value = plain_value(node)
    if type_ in _SCALARS:
        # Text from the environment is text where text is asked for, even if it looks like a number.
        text = node.text if node.source is not None else value
        return _SCALARS[type_](text if type_ is str else value)
    if get_origin(type_) is Literal:
        options = (node.text, value) if node.source is not None else (value,)
        return next((o for o in options for word in get_args(type_) if type(o) is type(word) and o == word), BAD)
    try:
        return type_.from_scalar(value)
    except ValueError:
        return BAD


def _text(value: Value) -> Any:
    return value if isinstance(value, str) and value else BAD


def _int(value: Value) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INT else BAD


def _float(value: Value) -> Any:
    if isinstance(value, str):
        try:
            return percentage(value)
        except ValueError:
            return BAD
    return BAD if value is None or isinstance(value, bool) else float(value)


def _bool(value: Value) -> Any:
    return value if isinstance(value, bool) else BAD


_SCALARS: Mapping[Any, Callable[[Value], Any]] = {str: _text, int: _int, float: _float, bool: _bool}
