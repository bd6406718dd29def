"""Nodes to frozen dataclasses, by their type hints: what a file means, and everything that is wrong with it at once.

Strict, because what is misread here is a check that silently isn't made: unknown keys, empty values and empty lists are
problems, `true` is no number, `1.0` no whole number, `"1"` no number at all. Nothing here knows a particular file.
"""

import dataclasses
import math
import re
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from twokey.config.keys import Key, Keys, keys_of
from twokey.config.nodes import ListNode, MapNode, Node, Problems, ScalarNode, Unusable, quoted
from twokey.config.scalars import percentage
from twokey.config.syntax import compose
from twokey.kinds import nearest

T = TypeVar("T")
BAD: Any = object()  # in place of a value whose problem was reported
MAX_INT = 2**63 - 1
MAX_DIGITS = 30
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_NO_RULES: Mapping[str, Any] = {}

Value = str | int | float | bool | None


def load_typed(data: bytes, file: str, type_: type[T]) -> T:
    """Read a YAML file as the dataclass `type_`; `file` is its name in messages. Raises ConfigError with every problem."""
    problems = Problems(file=file)
    node = compose(data, problems)
    value = Decoder(problems).value(node, type_, "")
    problems.raise_any()
    return value  # type: ignore[no-any-return]


def decode(node: Node, type_: type[T], file: str) -> T:
    """Return a node as a value of `type_`. Raises ConfigError with every problem, in order of place."""
    problems = Problems(file=file)
    value = Decoder(problems).value(node, type_, "")
    problems.raise_any()
    return value  # type: ignore[no-any-return]


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


class Decoder:
    """Decodes nodes and adds to `problems`; a value that has one comes back as BAD."""

    def __init__(self, problems: Problems) -> None:
        """Collect into `problems`."""
        self.problems = problems

    def value(self, node: Node, type_: Any, path: str, rules: Mapping[str, Any] = _NO_RULES) -> Any:
        """Return the node as a value of `type_`, or BAD. `path` is the dotted key for messages."""
        if isinstance(node, Unusable):
            return BAD
        alternatives = members(type_)
        if len(alternatives) > 1:
            return self._union(node, alternatives, path, rules)
        type_ = alternatives[0]
        if type_ is Any:
            return self._anything(node)
        if not _fits(node, type_):
            return self._unexpected(node, expected(type_), _write_hint(node, type_))
        if isinstance(node, MapNode):
            if is_dataclass_type(type_):
                return self._dataclass(node, type_, path, rules)
            return self._mapping(node, get_args(type_)[1], path, rules)
        if isinstance(node, ListNode):
            return self._list(node, get_args(type_)[0], path, rules)
        return self._scalar(node, type_, rules)

    def _unexpected(self, node: Node, what: str, hint: str | None = None) -> Any:
        self.problems.add(f"expected {what}, found {found(node)}", node, hint)
        return BAD

    def _union(self, node: Node, alternatives: tuple[Any, ...], path: str, rules: Mapping[str, Any]) -> Any:
        fitting = [type_ for type_ in alternatives if _fits(node, type_)]
        if len(fitting) == 1:
            return self.value(node, fitting[0], path, rules)
        for type_ in fitting:
            trial = Problems(file=self.problems.file)
            value = Decoder(trial).value(node, type_, path, rules)
            if not trial:
                return value
        return self._unexpected(node, " or ".join(map(expected, alternatives)))

    def _dataclass(self, node: MapNode, cls: type[Any], path: str, rules: Mapping[str, Any]) -> Any:
        keys = keys_of(cls)
        given: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        good = self._check_mapping(node, path, rules)
        for name, child in node.pairs:
            below = join(path, name.text)
            key = keys.fixed.get(name.text)
            if key is not None:
                given[key.attribute] = self.value(child, key.type, below, key.rules)
            elif keys.rest is not None and keys.takes_rest(name.text):
                rest[name.text] = self.value(child, keys.rest.type, below, keys.rest.rules)
            else:
                good = self._unknown(name, keys.known(), path)
        good = self._check_required(node, keys, path) and good
        if not good or any(value is BAD for value in (*given.values(), *rest.values())):
            return BAD
        if keys.rest is not None and (rest or keys.rest.required):
            given[keys.rest.attribute] = rest
        try:
            return cls(**given)
        except ValueError as error:
            self.problems.add(f"{path}: {error}" if path else str(error), node)
            return BAD

    def _unknown(self, name: ScalarNode, known: tuple[str, ...], path: str) -> bool:
        within = f" in {path}" if path else ""
        self.problems.add(f"unknown key {quoted(name.text)}{within}", name, self.suggest(name.text, known))
        return False

    def suggest(self, word: str, known: tuple[str, ...]) -> str | None:
        """Return the hint for a name that isn't known."""
        if self.problems.full:
            return None
        guess = nearest(word, known) if len(word) <= 64 else None
        if guess:
            return f"did you mean {guess}?"
        return f"known: {', '.join(sorted(known))}" if known else None

    def _check_required(self, node: MapNode, keys: Keys, path: str) -> bool:
        given = {name.text for name, _ in node.pairs}
        return self._need(
            node, [key.name for key in keys.fixed.values() if key.required and key.name not in given], path
        )

    def _check_mapping(self, node: MapNode, path: str, rules: Mapping[str, Any]) -> bool:
        given = {name.text for name, _ in node.pairs}
        if rules.get("filled") and not given:
            self.problems.add("an empty mapping says nothing", node, "leave it out, or fill it")
            return False
        return self._need(node, [name for name in rules.get("needs", ()) if name not in given], path)

    def _need(self, node: MapNode, missing: list[str], path: str) -> bool:
        for name in missing:
            self.problems.add(f"missing key {name!r}" + (f" in {path}" if path else ""), node)
        return not missing

    def _mapping(self, node: MapNode, type_: Any, path: str, rules: Mapping[str, Any]) -> Any:
        good = self._check_mapping(node, path, {"filled": True, **rules})
        inner = {name: rule for name, rule in rules.items() if name not in ("needs", "filled")}
        values = {name.text: self.value(child, type_, join(path, name.text), inner) for name, child in node.pairs}
        return BAD if not good or any(value is BAD for value in values.values()) else values

    def _list(self, node: ListNode, type_: Any, path: str, rules: Mapping[str, Any]) -> Any:
        if not node.items:
            self.problems.add("an empty list says nothing", node, "leave it out, or fill it")
            return BAD
        values = tuple(self.value(item, type_, f"{path}[{index}]", rules) for index, item in enumerate(node.items))
        return BAD if any(value is BAD for value in values) else values

    def _anything(self, node: Node) -> Any:
        if isinstance(node, MapNode):
            return {name.text: self._anything(child) for name, child in node.pairs}
        if isinstance(node, ListNode):
            return [self._anything(item) for item in node.items]
        return plain_value(node) if isinstance(node, ScalarNode) else BAD

    def _scalar(self, node: ScalarNode, type_: Any, rules: Mapping[str, Any]) -> Any:
        value = _read_scalar(node, type_)
        if value is BAD:
            return self._unexpected(node, expected(type_), _word_hint(node, type_))
        minimum, maximum, check = rules.get("minimum"), rules.get("maximum"), rules.get("check")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if minimum is not None and value < minimum:
                return self._unexpected(node, f"{expected(type_)} of at least {minimum:g}")
            if maximum is not None and value > maximum:
                return self._unexpected(node, f"{expected(type_)} of at most {maximum:g}")
        if isinstance(value, str) and check is not None:
            try:
                check(value)
            except ValueError as error:
                self.problems.add(f"{error}, found {found(node)}", node)
                return BAD
        return value


def join(path: str, key: str) -> str:
    """Return the dotted path of a key in a mapping."""
    shown = key if re.fullmatch(r"[\w-]{1,60}", key) else quoted(key)
    return f"{path}.{shown}" if path else shown


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


def _fits(node: Node, type_: Any) -> bool:
    origin = get_origin(type_)
    if type_ is Any:
        return True
    if isinstance(node, MapNode):
        return is_dataclass_type(type_) or origin is Mapping
    if isinstance(node, ListNode):
        return origin is tuple
    return type_ in _SCALARS or origin is Literal or hasattr(type_, "from_scalar")


def _write_hint(node: Node, type_: Any) -> str | None:
    if isinstance(node, ScalarNode) and get_origin(type_) is tuple and node.text:
        return "write it as [" + (node.text if len(node.text) <= 40 and node.text.isprintable() else "...") + "]"
    if isinstance(node, ScalarNode) and not node.text and is_dataclass_type(type_):
        return "write {} for the defaults"
    return None


def _word_hint(node: ScalarNode, type_: Any) -> str | None:
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


def _read_scalar(node: ScalarNode, type_: Any) -> Any:
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
