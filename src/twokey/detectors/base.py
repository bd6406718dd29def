"""The contract of a detector: patterns that one scan looks for, and a confirmation of what they hit.

Patterns are linear-time regular expressions in RE2's syntax, matched against the flattened output (`record.flatten`).
They may be coarse: `confirm` decides, with checksums, context and length, and only runs on records that a pattern hit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from twokey.record import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One expression of a detector; `rule` names it in findings, `expression` is RE2 syntax."""

    rule: str
    expression: str


class Detector(Protocol):
    """Something that sees one class of harm in text. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]

    def patterns(self) -> tuple[Pattern, ...]:
        """Return what the scan looks for; every text with a sighting must match at least one."""

    def confirm(self, text: str, rules: frozenset[str]) -> Iterable[Sighting]:
        """Return the sightings in a text that the patterns of `rules` hit, in order of place."""
