"""The contract of a gate: a named check over all records, as tally, merge and judge.

Tallying is pure and works on a batch. Merging is associative and commutative, with `tally` of an empty batch as its
neutral element: counts are integers and sums are exact, so order and process count cannot show in the result. Judging
is arithmetic on small numbers. A gate and its tallies pickle; compiled things live in caches of the worker process.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, Self, TypeVar

from twokey.outcome import GateResult
from twokey.record import Batch, Record, Role, Sighting

Tally = TypeVar("Tally")
T = TypeVar("T")

ALWAYS_HIDDEN = ("pii", "secrets", "profanity")
"""Detectors without a file of the user's: what they see is shown nowhere, whether or not policy counts it."""


class Scans(Protocol):
    """Finds harm in an output, and hides it: all that a gate knows of the detectors' scanner. Picklable."""

    def scan_value(self, value: Any) -> tuple[Sighting, ...]:
        """Return what is not to be shown of a value."""

    def scan_values(self, values: Iterable[Any]) -> list[tuple[Sighting, ...]]:
        """Return what is not to be shown of each of many values."""

    def scan_records(self, records: Sequence[Record]) -> list[tuple[Sighting, ...]]:
        """Return what is seen in each record: in its output, its input, and the record as a whole."""

    def redact_value(self, value: Any, seen: Iterable[Sighting] = ()) -> Any:
        """Return the value with marks in place of what was `seen` in it and of all else that is not to be shown."""

    def previews(self, value: Any, places: Sequence[tuple[int, int]], seen: Iterable[Sighting] = ()) -> tuple[str, ...]:
        """Return for each place in the flattened value the words around it, redacted."""

    @property
    def allowed(self) -> tuple[Mapping[str, str], ...]:
        """What policy allows by name, in the order of `Sighting.allowed`: rule, why and until."""

    @property
    def not_looked_for(self) -> Mapping[str, tuple[str, ...]]:
        """What is known not to be looked for, a sentence each, by detector."""


class BuildScanner(Protocol):
    """Makes a scanner of detectors by name, each with its file or None, and of a file of what may be there."""

    def __call__(
        self, wanted: Mapping[str, str | None], read: Callable[[str], bytes], allow: str | None = None
    ) -> Scans:
        """Return the scanner. Raises ConfigError or TwokeyError where a file is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a gate may know beside its options.

    `read` gives the bytes of a file that the config names (schema, rules, words), from wherever policy comes from, and
    remembers its digest for the manifest. `clustered` says that records may name a cluster. `scanner` makes a scanner
    of detectors. Both are used while building only, never kept. `hides` are the detectors, with the user's files, of
    what is not to be shown in names that come from records.
    """

    read: Callable[[str], bytes]
    has_baseline: bool
    clustered: bool = False
    seed: int = 0
    scanner: BuildScanner | None = None
    hides: Mapping[str, str | None] = field(default_factory=lambda: dict.fromkeys(ALWAYS_HIDDEN))

    def naming(self) -> Scans | None:
        """Return a scanner of what is not to be shown in names, or None where there are no detectors."""
        return self.scanner(self.hides, self.read) if self.scanner else None


def merge_roles(left: Mapping[Role, T], right: Mapping[Role, T], add: Callable[[T, T], T]) -> Mapping[Role, T]:
    """Return two tallies by recording as one; `add` is for what both have."""
    roles: list[Role] = sorted({*left, *right})
    return {
        role: add(left[role], right[role]) if role in left and role in right else left.get(role) or right[role]
        for role in roles
    }


class Gate(Protocol[Tally]):
    """A named check over all records. The class's docstring is its page in the docs."""

    name: ClassVar[str]
    summary: ClassVar[str]
    Options: ClassVar[type[Any]]

    @classmethod
    def build(cls, options: Any, setting: Setting) -> Self:
        """Make the gate from its options; reads the files they name. Raises ConfigError or TwokeyError."""

    def tally(self, batch: Batch) -> Tally:
        """Count one batch of either recording."""

    def merge(self, left: Tally, right: Tally) -> Tally:
        """Return what tallying both together would have given."""

    def judge(self, tally: Tally) -> GateResult:
        """Conclude; a reason for every status, and an error where there was nothing to judge."""
