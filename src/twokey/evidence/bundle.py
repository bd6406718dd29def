"""The evidence as one value: what `manifest.json` covers, typed, beside the bytes that it is on disk."""

from collections.abc import Mapping
from typing import Any

from twokey.outcome import Finding, GateResult
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that a person signs. `digest` is the SHA-256 of manifest.json; `files` holds the covered files' bytes.

    `packet` is review/packet.json; `items` are the rows of review/items.jsonl, redacted; `reserve` those of
    review/reserve.jsonl, which nobody has to grade and a reviewer may take in addition.
    """

    digest: str
    manifest: Mapping[str, Any]
    results: tuple[GateResult, ...]
    packet: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...]
    files: Mapping[str, bytes]
    reserve: tuple[Mapping[str, Any], ...] = ()

    @property
    def gradable(self) -> tuple[Mapping[str, Any], ...]:
        """All items that a grade may be about: those that have to be graded, then the reserve."""
        return (*self.items, *self.reserve)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all gates, in the order of the results."""
        return tuple(finding for result in self.results for finding in result.findings)

    def result(self, gate: str) -> GateResult | None:
        """Return the result of one gate, or None."""
        return next((result for result in self.results if result.gate == gate), None)
