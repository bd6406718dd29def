"""The evidence as one value: what `manifest.json` covers, typed, beside the bytes that it is on disk."""

from collections.abc import Mapping
from typing import Any

from twokey.outcome import Finding, GateResult
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that a person signs. `digest` is the SHA-256 of manifest.json; `files` holds the covered files' bytes.

    `packet` is review/packet.json; `items` are the rows of review/items.jsonl, redacted.
    """

    digest: str
    manifest: Mapping[str, Any]
    results: tuple[GateResult, ...]
    packet: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...]
    files: Mapping[str, bytes]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all gates, in the order of the results."""
        return tuple(finding for result in self.results for finding in result.findings)

    def result(self, gate: str) -> GateResult | None:
        """Return the result of one gate, or None."""
        return next((result for result in self.results if result.gate == gate), None)
