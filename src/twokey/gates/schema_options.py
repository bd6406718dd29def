"""What may be written under `gates.schema` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from collections.abc import Mapping
from typing import Any, Literal

from twokey.config.keys import option
from twokey.config.scalars import Allowance, file_path
from twokey.values import dataclass

Word = Literal["forbid", "allow"]
TypeName = Literal["string", "number", "integer", "boolean", "array", "object", "null"]
ROOT = "$"


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
class SchemaOptions:
    """Checks the shape of inputs and outputs."""

    input: str | None = option("a JSON Schema (draft 2020-12) for inputs", check=file_path, default=None)
    output: str | None = option("a JSON Schema (draft 2020-12) for outputs", check=file_path, default=None)
    parse_output: bool = option("whether the output is JSON text, to be parsed first", default=False)
    contract: Contract | None = option("what a response must look like, without a schema", default=None)
    sanitise: Sanitise | None = option("what must not come in", default=None)
    max_invalid: Allowance = option("how many records may be invalid, for each check", default=Allowance(count=0))

    def __post_init__(self) -> None:
        """Refuse a gate that checks nothing."""
        if not (self.input or self.output or self.contract or self.sanitise):
            raise ValueError("schema needs at least one of input, output, contract, sanitise")
