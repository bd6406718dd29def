"""Nodes to frozen dataclasses, by their type hints: what a file means, and everything that is wrong with it at once.

Strict, because what is misread here is a check that silently isn't made: unknown keys, empty values and empty lists are
problems, `true` is no number, `1.0` no whole number, `"1"` no number at all. Nothing here knows a particular file.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from twokey.config.keys import Keys, keys_of
from twokey.config.nodes import ListNode, MapNode, Node, Problems, ScalarNode, Unusable, quoted
from twokey.config.syntax import compose
from twokey.config.syntax import read_yaml as read_yaml  # decode's other half, for those who look at nodes in between
from twokey.config.words import (
    BAD,
    by_kind,
    expected,
    fits,
    found,
    is_dataclass_type,
    members,
    plain_value,
    read_scalar,
    share_hint,
    word_hint,
    write_hint,
)
from twokey.kinds import nearest

T = TypeVar("T")
_NO_RULES: Mapping[str, Any] = {}


def load_typed(data: bytes, file: str, type_: type[T]) -> T:
    """Read a YAML file as the dataclass `type_`; `file` is its name in messages.

    Raises ConfigError with every problem, in order of place.
    """
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
        if not fits(node, type_):
            return self._unexpected(node, expected(type_), write_hint(node, type_))
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
        fitting = [type_ for type_ in alternatives if fits(node, type_)]
        if len(fitting) == 1:
            return self.value(node, fitting[0], path, rules)
        if isinstance(node, MapNode) and (kinds := by_kind(alternatives)):
            return self._of_kind(node, kinds, path, rules)
        for type_ in fitting:
            trial = Problems(file=self.problems.file)
            value = Decoder(trial).value(node, type_, path, rules)
            if not trial:
                return value
        return self._unexpected(node, " or ".join(map(expected, alternatives)))

    def _of_kind(self, node: MapNode, kinds: Mapping[str, Any], path: str, rules: Mapping[str, Any]) -> Any:
        """Return a mapping as the alternative that its `kind` names, so that what is wrong is told of that one."""
        named = node.get("kind")
        if named is None:
            self.problems.add(f"missing key 'kind' in {path}", node, f"one of {', '.join(kinds)}")
            return BAD
        word = named.text if isinstance(named, ScalarNode) else None
        if word is None or word not in kinds:
            known = f"one of {', '.join(kinds)}"
            return self._unexpected(named, known, self.suggest(word, tuple(kinds)) if word else None)
        return self.value(node, kinds[word], path, rules)

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
                rest[name.text] = self.value(child, keys.rest_type(name.text), below, keys.rest.rules)
            else:
                good = self._unknown(name, keys.known(), path)
        if keys.rest is not None and keys.rest.required and not rest and good:
            self.problems.add(f"nothing is named in {path}" if path else "nothing is named", node)
            good = False
        good = self._check_required(node, keys, path) and good
        if not good or any(value is BAD for value in (*given.values(), *rest.values())):
            return BAD
        if keys.rest is not None and rest:
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
        value = read_scalar(node, type_)
        if value is BAD:
            return self._unexpected(node, expected(type_), word_hint(node, type_))
        minimum, maximum, check = rules.get("minimum"), rules.get("maximum"), rules.get("check")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if minimum is not None and value < minimum:
                return self._unexpected(node, f"{expected(type_)} of at least {minimum:g}")
            if maximum is not None and value > maximum:
                return self._unexpected(node, f"{expected(type_)} of at most {maximum:g}", share_hint(node, maximum))
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
