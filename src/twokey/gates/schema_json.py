"""JSON Schema, draft 2020-12: a schema read and refused early, a fast answer for each value, and why one is not valid.

Nothing is ever fetched: a schema stands alone. Patterns run in linear time whatever the model wrote. An explanation
names keyword, place and what the schema expects, never the value, which may hold anything.
"""

import heapq
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from twokey.canonical import loads
from twokey.errors import ConfigError, Place, Problem, TwokeyError

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_ERRORS = 100
MAX_SHOWN = 80
_WEAK = frozenset({"anyOf", "oneOf"})
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "minLength": "at least this many characters:",
    "maxLength": "at most this many characters:",
    "minItems": "at least this many items:",
    "maxItems": "at most this many items:",
    "minProperties": "at least this many fields:",
    "maxProperties": "at most this many fields:",
    "multipleOf": "a multiple of",
    "pattern": "a text that matches",
    "format": "the format",
    "const": "exactly",
}


class Fault(NamedTuple):
    """Why a value is not valid: the keyword, the place without its indices, and a sentence without the value."""

    keyword: str
    path: str
    why: str


def read_schema(data: bytes, file: str) -> str:
    """Return the schema in a file as JSON text. Raises ConfigError where it is none, or needs what is not in it."""
    try:
        schema = loads(data, file=file)
    except TwokeyError as error:
        raise ConfigError(error.problems) from None
    check_schema(schema, file)
    return json.dumps(schema)


def check_schema(schema: Any, file: str) -> None:
    """Refuse what is no schema of draft 2020-12, or refers to anything outside itself. Raises ConfigError."""
    dialect = schema.get("$schema", DIALECT) if isinstance(schema, dict) else DIALECT
    if str(dialect).rstrip("#") != DIALECT:
        _refuse(f"$schema is {dialect!r}", file, f"only draft 2020-12 is read: {DIALECT}")
    import jsonschema_rs

    try:
        _compile(schema)
    except jsonschema_rs.ValidationError as error:
        _refuse_schema(error, file)
    except ValueError as error:
        _refuse(str(error), file, None)


def _refuse_schema(error: Any, file: str) -> NoReturn:
    place = "".join(f"/{part}" for part in error.instance_path)
    kind = error.kind.name
    hint = None
    if kind in ("$ref", "referencing") or type(error.kind).__name__ == "Referencing":
        message = f"a reference cannot be resolved: {error.message.split(' and retrieving', maxsplit=1)[0]}"
        hint = "nothing is ever fetched: put it into the same file, under $defs"
    else:
        message = f"not a JSON Schema: at #{place}: {error.message}"
        if kind == "format":
            hint = "patterns run in linear time: no look-around and no back-references"
    _refuse(message, file, hint)


def _refuse(message: str, file: str, hint: str | None) -> NoReturn:
    raise ConfigError([Problem(message=message, where=Place(file=file), hint=hint)])


def _never(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not fetched")


def _compile(schema: Any) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        schema, retriever=_never, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A schema ready for use, the names of its fields, and itself: kept once in each worker process."""

    validator: Any
    schema: Any
    names: frozenset[str]

    def fault(self, value: Any) -> Fault | None:
        """Return why the value is not valid, or None."""
        try:
            if self.validator.is_valid(value):
                return None
            errors = [
                error for error in itertools.islice(self.validator.iter_errors(value), MAX_ERRORS) if _holds(error)
            ]
        except (ValueError, TypeError, RecursionError) as error:
            # What a file other than JSON may bring: bytes, dates, keys that are no text, halves of characters.
            return Fault("json", "$", f"at $: not a JSON value ({type(error).__name__})")
        return self._explained(_best(errors, self.schema)) if errors else Fault("schema", "$", "at $: not valid")

    def suspects(self, values: list[Any]) -> Iterable[int]:
        """Return the indices of the values that `fault` is to be asked about; all others are valid."""
        try:
            valid = list(map(self.validator.is_valid, values))
        except (ValueError, TypeError, RecursionError):
            return range(len(values))
        return [index for index, good in enumerate(valid) if not good] if False in valid else ()

    def _explained(self, error: Any) -> Fault:
        if error.kind.name == "propertyNames":
            error = error.kind.error
        keyword = error.kind.name
        # Two that jsonschema-rs sees as special cases of others.
        if error.schema_path[-1:] in (["additionalProperties"], ["dependentRequired"]):
            keyword = error.schema_path[-1]
        places = [part if isinstance(part, int) or part in self.names else "*" for part in error.instance_path]
        general = ["*" if isinstance(part, int) else part for part in places]
        return Fault(keyword, _path(general, places), f"at {_path(places)}: {_expected(keyword, error)}")


@lru_cache(maxsize=32)
def compiled(schema: str) -> Compiled:
    """Return the schema in a JSON text, compiled once in each process."""
    document = json.loads(schema)
    return Compiled(validator=_compile(document), schema=document, names=frozenset(_names(document)))


def _holds(error: Any) -> bool:
    """Return whether an error is one: jsonschema-rs 0.60 also calls fields missing that only may not be there."""
    return error.kind.name != "required" or error.kind.property not in error.instance


def _names(schema: Any) -> Iterable[str]:
    """The field names that a schema itself mentions: only these are shown in a path."""
    if isinstance(schema, dict):
        for key, item in schema.items():
            if key == "properties" and isinstance(item, dict):
                yield from item
            yield from _names(item)
    elif isinstance(schema, list):
        for item in schema:
            yield from _names(item)


def _path(parts: Iterable[int | str], originals: Iterable[int | str] | None = None) -> str:
    parts = list(parts)
    indices = [isinstance(part, int) for part in (originals if originals is not None else parts)]
    return "$" + "".join(f"[{part}]" if index else f".{part}" for part, index in zip(parts, indices, strict=True))


def _best(errors: list[Any], schema: Any) -> Any:
    """Return the error that says most, as `jsonschema.exceptions.best_match` chooses (jsonschema 4.26)."""

    def relevance(error: Any) -> tuple[Any, ...]:
        path = tuple((isinstance(part, str), part) for part in error.instance_path)
        return (-len(path), path, error.kind.name not in _WEAK, not _matches_type(error, schema))

    def in_order(found: Iterable[Any]) -> list[Any]:
        return sorted(found, key=lambda error: _position(error.schema_path, schema))

    best = max(in_order(errors), key=relevance)
    while context := [inner for branch in getattr(best.kind, "context", ()) for inner in branch]:
        smallest = heapq.nsmallest(2, in_order(context), key=relevance)
        if len(smallest) > 1 and relevance(smallest[0]) == relevance(smallest[1]):
            return best
        best = smallest[0]
    return best


def _position(path: Iterable[int | str], schema: Any) -> tuple[int, ...]:
    """Return where a keyword stands in its schema, so that errors come in the order of the file."""
    position = []
    for part in path:
        if isinstance(schema, dict) and part in schema:
            position.append(list(schema).index(str(part)))
        elif isinstance(schema, list) and isinstance(part, int) and part < len(schema):
            position.append(part)
        else:
            break
        schema = schema[part]
    return tuple(position)


_TYPES: Mapping[str, Any] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "integer": lambda value: type(value) is int or (isinstance(value, float) and value.is_integer()),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}


def _matches_type(error: Any, schema: Any) -> bool:
    for part in error.schema_path[:-1]:
        try:
            schema = schema[part]
        except (KeyError, IndexError, TypeError):
            return False
    expected = schema.get("type") if isinstance(schema, dict) else None
    return any(_TYPES[name](error.instance) for name in ([expected] if isinstance(expected, str) else expected or ()))


def _type_name(value: Any) -> str:
    return next((name for name, is_one in _TYPES.items() if is_one(value)), type(value).__name__)


def _expected(keyword: str, error: Any) -> str:
    facts = error.kind.as_dict()
    if keyword == "type":
        return f"expected {' or '.join(facts['types'])}, found {_type_name(error.instance)}"
    if keyword == "falseSchema":
        return "the schema allows nothing here"
    if keyword in ("required", "dependentRequired"):
        return f"the field {_shown(facts['property'])} is required and missing"
    if keyword == "enum":
        return f"expected one of {_shown(facts['options'], len(facts['options']))}"
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        count = f": {len(facts['unexpected'])}" if "unexpected" in facts else ""
        return f"there are fields that the schema does not allow{count}"
    if keyword in _LIMITS and facts:
        return f"expected {_LIMITS[keyword]} {_shown(next(iter(facts.values())))}"
    return f"the keyword {keyword} is not met"


def _shown(value: Any, count: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= MAX_SHOWN else f"{count} values" if count is not None else f"{text[:MAX_SHOWN]}..."
