"""What the schema gate checks a record for: a schema for one side of it, a contract, or clean input.

A check is a small value that pickles and answers for one value at a time. Counting is the tally's.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from twokey.gates.schema_json import Fault, check_schema, compiled
from twokey.gates.schema_options import Contract, Sanitise
from twokey.record import flatten

Side = Literal["input", "output"]
Find = Callable[[Any], Fault | None]

# C0 without tab and line ends, delete, and C1: nothing that a person types.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What is left of bytes that were no UTF-8, and of characters that were cut in half.
_REPLACED = re.compile("[\ufffd\ud800-\udfff]")


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
