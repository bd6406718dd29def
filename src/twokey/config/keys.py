"""How a dataclass says which keys its mapping may have: the one description that loading and JSON Schema share.

A field is a key; `option` gives it a one-line comment and rules. Nothing here reads a file.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from twokey.values import dataclass

Known = Iterable[str] | Callable[[], Iterable[str]]


def option(
    help: str,  # noqa: A002 it reads well where options are declared
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    check: Callable[[str], None] | None = None,
    needs: tuple[str, ...] = (),
    filled: bool = False,
    rest: bool = False,
    known: Known | None = None,
    pattern: str | None = None,
    reads: Any = None,
    **kwargs: Any,
) -> Any:
    """Declare a field with its one-line comment; unnamed arguments go to `dataclasses.field`.

    Args:
        help: the comment, which is also the description in the JSON Schema.
        minimum: the least number allowed, in the field or in each item of its list.
        maximum: the greatest number allowed, likewise.
        check: called with each text; raises ValueError that says what was expected.
        needs: keys that the mapping in this field must have, beyond those its type asks for.
        filled: whether a mapping in this field, or in an item of its list, must have at least one key.
        rest: whether the field, a `Mapping[str, T]`, takes every key that no other field takes.
        known: the names that a rest field takes, or a function that returns them.
        pattern: a regular expression for further names that a rest field takes, matched against the whole name.
        reads: a narrower type that the file is held to, such as a limit of shares alone; of a rest field, by name.
        **kwargs: `default`, `default_factory` and the like.
    """
    rules = {
        "minimum": minimum,
        "maximum": maximum,
        "check": check,
        "needs": needs,
        "filled": filled,
        "rest": rest,
        "known": known,
        "pattern": pattern,
        "reads": reads,
    }
    metadata = {name: rule for name, rule in rules.items() if rule is not None and rule is not False and rule != ()}
    return field(metadata={"help": help, **metadata}, **kwargs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a mapping: its name in the file, the attribute it fills, and the rules for its value."""

    name: str
    attribute: str
    type: Any
    required: bool
    default: Any
    rules: Mapping[str, Any]

    @property
    def help(self) -> str:
        """The one-line comment."""
        return str(self.rules.get("help", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of a mapping, by name, and the field that takes the rest, if any."""

    fixed: Mapping[str, Key]
    rest: Key | None

    def known(self) -> tuple[str, ...]:
        """Return the names that may be written, fixed ones first, without those that only match a pattern."""
        return (*self.fixed, *(name for name in self.known_rest() if name not in self.fixed))

    def known_rest(self) -> tuple[str, ...]:
        """Return the names that the rest field lists."""
        known = self.rest.rules.get("known") if self.rest else None
        return tuple(known() if callable(known) else known or ())

    def rest_type(self, name: str) -> Any:
        """Return the type of what stands under a name that the rest field takes."""
        return self.rest.rules.get("reads", {}).get(name, self.rest.type) if self.rest else None

    def takes_rest(self, name: str) -> bool:
        """Return whether the rest field takes that name."""
        if self.rest is None:
            return False
        pattern = self.rest.rules.get("pattern")
        if pattern is not None and re.fullmatch(pattern, name):
            return True
        return name in self.known_rest() or self.open

    @property
    def asks(self) -> bool:
        """Whether a mapping without any key is too little."""
        return any(key.required for key in (*self.fixed.values(), *([self.rest] if self.rest else [])))

    @property
    def open(self) -> bool:
        """Whether the rest field takes any name."""
        return self.rest is not None and self.rest.rules.get("known") is None and "pattern" not in self.rest.rules


def keys_of(cls: type[Any]) -> Keys:
    """Return the keys that a mapping for the dataclass `cls` may have. `from_` is written `from`."""
    return _CACHED(cls)


def _keys_of(cls: type[Any]) -> Keys:
    hints = get_type_hints(cls)
    keys = [_key(item, hints[item.name]) for item in dataclasses.fields(cls) if item.init]
    return Keys(
        fixed={key.name: key for key in keys if not key.rules.get("rest")},
        rest=next((key for key in keys if key.rules.get("rest")), None),
    )


def _key(item: dataclasses.Field[Any], hint: Any) -> Key:
    required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    default = None
    if item.default is not dataclasses.MISSING:
        default = item.default
    elif item.default_factory is not dataclasses.MISSING:
        default = item.default_factory()
    hint = get_args(hint)[1] if item.metadata.get("rest") else item.metadata.get("reads", hint)
    return Key(
        name=item.name.removesuffix("_"),
        attribute=item.name,
        type=hint,
        required=required,
        default=default,
        rules=item.metadata,
    )


_CACHED: Callable[[Any], Keys] = lru_cache(maxsize=256)(_keys_of)
