"""The contract of a gate: a named check over all records, as tally, merge and judge.

Tallying is pure and works on a batch. Merging is associative and commutative, with `tally` of an empty batch as its
neutral element: counts are integers and sums are exact, so order and process count cannot show in the result. Judging
is arithmetic on small numbers. A gate and its tallies pickle; compiled things live in caches of the worker process.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeVar

from twokey.outcome import GateResult
from twokey.record import Batch, Role, Sighting

Tally = TypeVar("Tally")
T = TypeVar("T")


class Scans(Protocol):
    """Finds harm in an output, and hides it: all that a gate knows of the detectors' scanner. Picklable."""

    def scan_value(self, value: Any) -> tuple[Sighting, ...]:
        """Return what is seen in an output."""

    def scan_values(self, values: Iterable[Any]) -> list[tuple[Sighting, ...]]:
        """Return what is seen in each of many outputs."""

    def redact_value(self, value: Any) -> Any:
        """Return the output with marks in place of what is seen in it."""


BuildScanner = Callable[[Mapping[str, str | None], Callable[[str], bytes]], Scans]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a gate may know beside its options.

    `read` gives the bytes of a file that the config names (schema, rules, words), from wherever policy comes from, and
    remembers its digest for the manifest. `scanner` makes a scanner of detectors by name, each with its file or None,
    and of `read`. Both are used while building only, never kept.
    """

    read: Callable[[str], bytes]
    has_baseline: bool
    seed: int = 0
    scanner: BuildScanner | None = None


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
