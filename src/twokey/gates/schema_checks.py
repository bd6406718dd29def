"""What the schema gate checks a record for: a schema for one side of it, a contract, or clean input.

A check is a small value that pickles and answers for one value at a time. Counting is the tally's.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from twokey.config.shape import option
from twokey.gates.schema_json import Fault, check_schema, compiled
from twokey.record import flatten

Side = Literal["input", "output"]
Find = Callable[[Any], Fault | None]
Word = Literal["forbid", "allow"]
TypeName = Literal["string", "number", "integer", "boolean", "array", "object", "null"]
ROOT = "$"

# C0 without tab and line ends, delete, and C1: nothing that a person types.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What is left of bytes that were no UTF-8, and of characters that were cut in half.
_REPLACED = re.compile("[\ufffd\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a response must look like, without writing a schema. `$` stands for the response as a whole."""

    required: tuple[str, ...] = option("fields that must be there", default=())
    types: Mapping[str, TypeName] = option("what kind of value a field has", default_factory=dict)
    enums: Mapping[str, tuple[Any, ...]] = option("the values that a field may have", default_factory=dict)
    max_length: Mapping[str, int] = option("most characters of a text, or items of a list", default_factory=dict)
    min_length: Mapping[str, int] = option("least characters of a text, or items of a list", default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a contract that asks for nothing, and limits that nothing can meet."""
        if not (self.required or self.types or self.enums or self.max_length or self.min_length):
            raise ValueError("a contract needs required, types, enums, max_length or min_length")
        if any(not values for values in self.enums.values()):
            raise ValueError("an enumeration without values would refuse everything")
        named = {*self.required, *self.types, *self.enums, *self.max_length, *self.min_length} - {ROOT}
        if named and self.types.get(ROOT, "object") != "object":
            raise ValueError(f"only an object has fields, but {ROOT} is said to be {self.types[ROOT]}")
        lengths = (*self.max_length.values(), *self.min_length.values())
        if any(length < 0 for length in lengths):
            raise ValueError("a length is at least 0")
        for name, most in self.max_length.items():
            if self.min_length.get(name, 0) > most:
                raise ValueError(f"nothing can meet the lengths of {name}: {self.min_length[name]} to {most}")

    def schema(self) -> dict[str, Any]:
        """Return the contract as a JSON Schema."""
        fields: dict[str, dict[str, Any]] = {}
        for name, kind in self.types.items():
            fields.setdefault(name, {})["type"] = kind
        for name, values in self.enums.items():
            fields.setdefault(name, {})["enum"] = list(values)
        for name, most in self.max_length.items():
            fields.setdefault(name, {}).update(maxLength=most, maxItems=most)
        for name, least in self.min_length.items():
            fields.setdefault(name, {}).update(minLength=least, minItems=least)
        whole = fields.pop(ROOT, {})
        if not fields and not self.required:
            return whole
        return {"type": "object", **whole, "required": list(self.required), "properties": fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanitise:
    """What must not come in: the input is checked before anybody wonders about the answer."""

    control_characters: Word = option("control characters other than tabs and line ends", default="forbid")
    replacement_characters: Word = option("U+FFFD, which stands for bytes that were no UTF-8", default="forbid")
    max_input_bytes: int = option("most bytes of an input as UTF-8", default=1_048_576, minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCheck:
    """One side of a record against a JSON Schema, given as text."""

    name: str
    side: Side
    schema: str

    def finder(self) -> Find:
        """Return what says why a value is not valid, or None; it stays in its process."""
        return compiled(self.schema).fault

    def suspects(self, values: list[Any]) -> Iterable[int]:
        """Return the indices of the values that the finder is to be asked about."""
        return compiled(self.schema).suspects(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanCheck:
    """An input against the rules for what may come in."""

    name: str
    rules: Sanitise
    side: Side = "input"

    def finder(self) -> Find:
        """Return what says which rule an input breaks first, or None."""
        return self._fault

    def suspects(self, values: list[Any]) -> Iterable[int]:
        """Return the indices of the values that the finder is to be asked about: all of them."""
        return range(len(values))

    def _fault(self, value: Any) -> Fault | None:
        text = flatten(value)
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self.rules.max_input_bytes:
            limit = f"{self.rules.max_input_bytes:,}"
            return Fault("max_input_bytes", "$", f"{size:,} bytes, more than the {limit} allowed")
        if self.rules.control_characters == "forbid" and (found := _CONTROL.search(text)):
            return Fault("control_characters", "$", f"the control character U+{ord(found[0]):04X}")
        if self.rules.replacement_characters == "forbid" and (found := _REPLACED.search(text)):
            return Fault("replacement_characters", "$", f"U+{ord(found[0]):04X}, left where bytes were no UTF-8")
        return None


Check = SchemaCheck | CleanCheck


def contract_check(contract: Contract, file: str) -> SchemaCheck:
    """Return a contract as a check; `file` is named where it cannot be one. Raises ConfigError."""
    schema = contract.schema()
    check_schema(schema, file)
    return SchemaCheck(name="contract", side="output", schema=json.dumps(schema))


def parsed(output: Any) -> Any:
    """Return what a JSON text says, or a Fault where it is none. What is no text was parsed before."""
    if not isinstance(output, str):
        return output
    try:
        return msgspec.json.decode(output)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return Fault("json", "$", "not a JSON text")
