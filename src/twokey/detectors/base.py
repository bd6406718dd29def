"""The contract of a detector: patterns that one scan looks for, and a confirmation of what they hit.

Patterns are linear-time regular expressions in RE2's syntax, matched against a flattened field of a record
(`record.flatten`). They may be coarse: `confirm` decides, with checksums, context and length, and only runs on what a
pattern hit. What a finding means for a release is not decided here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, Self, runtime_checkable

from twokey.kinds import Explained
from twokey.record import Field, Record, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One expression of a detector; `rule` names it in findings, `expression` is RE2 syntax, `field` where it looks."""

    rule: str
    expression: str
    field: Field = "output"


class Detector(Protocol):
    """Something that sees one class of harm in text. The class's docstring is its page in the docs.

    Detectors are frozen, hashable and picklable; they hold words and options, never anything compiled. One that knows
    of something nearby that it does not look for says so, a sentence each, in an attribute `blind`. What they see is
    hidden wherever it would be shown, in inputs unless an attribute `hides_inputs` is False.
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


@runtime_checkable
class Weighing(Protocol):
    """A detector that looks at a record as a whole, once all fields are scanned.

    `weighs` says which records: `never`, those with a `hit` of its own, or `every`.
    """

    name: ClassVar[str]

    @property
    def weighs(self) -> Literal["never", "hit", "every"]:
        """Return which records it looks at."""

    def weigh(self, record: Record, seen: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        """Return the sightings that stand, of its own in the record's fields and whatever shows in the whole."""
