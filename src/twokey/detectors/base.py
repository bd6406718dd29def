"""The contract of a detector: patterns that one scan looks for, and a confirmation of what they hit.

Patterns are linear-time regular expressions in RE2's syntax, matched against the flattened output (`record.flatten`).
They may be coarse: `confirm` decides, with checksums, context and length, and only runs on records that a pattern
hit.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from twokey.kinds import Explained
from twokey.record import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One expression of a detector; `rule` names it in findings, `expression` is RE2 syntax."""

    rule: str
    expression: str


class Detector(Protocol):
    """Something that sees one class of harm in text. The class's docstring is its page in the docs.

    Detectors are frozen, hashable and picklable; they hold words and options, never anything compiled.
    """

    name: ClassVar[str]
    summary: ClassVar[str]

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:
        """Make the detector, from the user's file where it takes one; `read` gives the file's bytes.

        Raises ConfigError or TwokeyError where the file is wrong, cannot be had, is missing or is not wanted.
        """

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each of its rules is, by the rule's name, for `explain` and the reference."""

    def patterns(self) -> tuple[Pattern, ...]:
        """Return what the scan looks for; every text with a sighting must match at least one."""

    def confirm(self, text: str, rules: frozenset[str]) -> Iterable[Sighting]:
        """Return the sightings in a text that the patterns of `rules` hit, each by one of those rules."""
