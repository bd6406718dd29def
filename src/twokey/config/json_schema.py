"""JSON Schema (draft 2020-12) of gates.yaml, for editors and for `twokey schema`, from the same dataclasses.

It says no to nothing that loads. What it cannot say (names that must exist elsewhere, `1.0` for a whole number, rules
between two keys) is left to loading.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from twokey.config.keys import Key, Keys, keys_of
from twokey.config.load import config_type
from twokey.config.scalars import PERCENT
from twokey.config.words import is_dataclass_type, members, resolve

DIALECT = "https://json-schema.org/draft/2020-12/schema"
INTERPOLATED = {"type": "string", "pattern": r"\$\{", "description": "taken from the environment"}


def schema(gates: Mapping[str, type], targets: Mapping[str, type] | None = None) -> dict[str, Any]:
    """Return the schema of gates.yaml where these gates and targets exist, given as their options by name."""
    return type_schema(config_type(gates, targets or {}), title="gates.yaml, the config of twokey")


def type_schema(type_: type[Any], *, title: str) -> dict[str, Any]:
    """Return the schema of a file that is read as the dataclass `type_`."""
    writer = _Writer()
    body = writer.mapping(type_)
    defs = {name: body for _, (name, body) in sorted(writer.defs.items(), key=lambda item: item[1][0])}
    return {"$schema": DIALECT, "title": title, **body, "$defs": {**defs, "interpolated": INTERPOLATED}}


class _Writer:
    """Writes schemas; each dataclass once, under `$defs`."""

    def __init__(self) -> None:
        self.defs: dict[type[Any], tuple[str, dict[str, Any]]] = {}

    def of(self, type_: Any, rules: Mapping[str, Any]) -> dict[str, Any]:
        """Return the schema for values of a type under a field's rules."""
        alternatives = members(type_)
        if len(alternatives) > 1:
            return {"anyOf": [self.of(member, rules) for member in alternatives]}
        type_ = alternatives[0]
        if type_ is Any:
            return {}
        if get_origin(type_) is tuple:
            return {"type": "array", "minItems": 1, "items": self.of(get_args(type_)[0], rules)}
        if get_origin(type_) is Mapping:
            inner = {name: rule for name, rule in rules.items() if name not in ("needs", "filled")}
            values = self.of(get_args(type_)[1], inner)
            return {"type": "object", "minProperties": 1, "additionalProperties": values, **_needs(rules)}
        if hasattr(type_, "from_scalar"):
            mapping = [self.reference(type_)] if is_dataclass_type(type_) else []
            return {"anyOf": [type_.SCHEMA, *mapping, {"$ref": "#/$defs/interpolated"}]}
        if is_dataclass_type(type_):
            filled = {"minProperties": 1} if rules.get("filled") else {}
            return {**self.reference(type_), **filled, **_needs(rules)}
        return _scalar(type_, rules)

    def reference(self, cls: type[Any]) -> dict[str, Any]:
        """Return a reference to a dataclass's schema, writing it where that is not done yet."""
        if cls not in self.defs:
            taken = {name for name, _ in self.defs.values()}
            name = cls.__name__ if cls.__name__ not in taken else f"{cls.__module__.rsplit('.', 1)[-1]}.{cls.__name__}"
            while name in taken:
                name += "_"
            self.defs[cls] = (name, {})
            self.defs[cls] = (name, self.mapping(cls))
        return {"$ref": f"#/$defs/{self.defs[cls][0]}"}

    def mapping(self, cls: type[Any]) -> dict[str, Any]:
        """Return the schema of the mapping that is read as the dataclass `cls`."""
        keys = keys_of(cls)
        properties = {name: self.key(key) for name, key in keys.fixed.items()}
        required = [name for name, key in keys.fixed.items() if key.required]
        return {
            "type": "object",
            "properties": {
                **properties,
                **{name: self.key(keys.rest, keys.rest_type(name)) for name in keys.known_rest() if keys.rest},
            },
            **self.others(keys),
            **({"required": required} if required else {}),
        }

    def others(self, keys: Keys) -> dict[str, Any]:
        """Return what holds for keys that are not listed."""
        if keys.rest is None:
            return {"additionalProperties": False}
        if keys.open:
            return {"additionalProperties": self.key(keys.rest)}
        pattern = keys.rest.rules.get("pattern")
        named = {"patternProperties": {f"^(?:{pattern})$": self.key(keys.rest)}} if pattern else {}
        return {**named, "additionalProperties": False}

    def key(self, key: Key, type_: Any = None) -> dict[str, Any]:
        """Return the schema of a key's value, with its comment and default; `type_` where it is narrower."""
        body = self.of(type_ or key.type, key.rules)
        if key.help:
            body = {"description": key.help, **body}
        default = _default(key.default)
        return body if default is None else {**body, "default": default}


def _default(value: Any) -> Any:
    """Return a scalar default as it would be written, or None: what is made of keys has the defaults of its keys."""
    if hasattr(value, "from_scalar"):
        return resolve(str(value))
    return value if isinstance(value, (bool, int, float, str)) else None


def _needs(rules: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": list(rules["needs"])} if rules.get("needs") else {}


def _scalar(type_: Any, rules: Mapping[str, Any]) -> dict[str, Any]:
    if type_ is str:
        return {"type": "string", "minLength": 1}
    bounds = {name: rules[name] for name in ("minimum", "maximum") if name in rules}
    interpolated = {"$ref": "#/$defs/interpolated"}
    if type_ is int:
        return {"anyOf": [{"type": "integer", **bounds}, interpolated]}
    if type_ is float:
        percentage = {"type": "string", "pattern": PERCENT.replace("^", "^-?", 1)}
        return {"anyOf": [{"type": "number", **bounds}, percentage, interpolated]}
    if type_ is bool:
        return {"anyOf": [{"type": "boolean"}, interpolated]}
    if get_origin(type_) is Literal:
        return {"anyOf": [{"enum": list(get_args(type_))}, interpolated]}
    raise ValueError(f"a config has no values of type {type_}")
