"""Evidence as a store keeps it beside decisions: manifest, results and packet, small and redacted, without the items.

So a later run concludes on what was signed, even when CI's artifacts are gone. Which items there were to grade, and in
which stratum each, the results say; what stood in them only the evidence directory does.
"""

from collections.abc import Iterator, Mapping

from twokey.canonical import loads, sha256
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import MANIFEST, PACKET, RESULTS, short
from twokey.evidence.manifest import parse_manifest
from twokey.evidence.results import parse_results
from twokey.evidence.shapes import malformed_packet
from twokey.outcome import GateResult

KEPT: Mapping[str, str] = {RESULTS: "results.json", PACKET: "packet.json"}
"""Where each covered file that is kept stands in a store's folder."""


def kept_evidence(files: Mapping[str, object], folder: str) -> Evidence:
    """Read the evidence that a folder of decisions is about, and check what is kept of it against its manifest.

    Raises:
        TwokeyError: a part is missing or altered, or the folder is not named after the manifest in it.
    """
    manifest_bytes = _bytes(files, MANIFEST, folder)
    if short(sha256(manifest_bytes)) != folder:
        raise TwokeyError("is not the manifest that its folder is named after", where=_at(folder, MANIFEST))
    manifest = parse_manifest(manifest_bytes, f"{folder}/{MANIFEST}")
    expected = {row["path"]: row["sha256"] for row in manifest["files"]}
    found = {place: _bytes(files, name, folder) for place, name in KEPT.items()}
    for place, data in found.items():
        if sha256(data) != expected[place]:
            raise TwokeyError("is not what the manifest beside it covers", where=_at(folder, KEPT[place]))
    packet = loads(found[PACKET], file=f"{folder}/{KEPT[PACKET]}")
    if fault := malformed_packet(packet):
        raise TwokeyError(f"is not a packet: {fault}", where=_at(folder, KEPT[PACKET]))
    results = parse_results(found[RESULTS])
    return Evidence(
        digest=sha256(manifest_bytes),
        manifest=manifest,
        results=results,
        packet=packet,
        items=tuple(item for result in results for item in _items(result, "items", folder)),
        reserve=tuple(item for result in results for item in _items(result, "reserve", folder)),
        files=found,
    )


def _items(result: GateResult, name: str, folder: str) -> Iterator[Mapping[str, str]]:
    """Yield the items that a gate gave to grade, or has in reserve, each with its stratum."""
    given = result.facts.get(name) or {}
    if not isinstance(given, dict) or not all(isinstance(text, str) for row in given.items() for text in row):
        told = f"is not a list of gate results: the {name} of {result.gate} are no strata by id"
        raise TwokeyError(told, where=_at(folder, KEPT[RESULTS]))
    yield from ({"id": ident, "stratum": stratum} for ident, stratum in sorted(given.items()))


def _bytes(files: Mapping[str, object], name: str, folder: str) -> bytes:
    data = files.get(name)
    if not isinstance(data, bytes):
        raise TwokeyError("is not kept beside the decisions, or is no plain file", where=_at(folder, name))
    return data


def _at(folder: str, name: str) -> Place:
    return Place(file=f"{folder}/{name}")
