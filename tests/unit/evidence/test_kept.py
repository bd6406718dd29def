"""Evidence as a store keeps it: which items there are to grade follows from the results alone."""

from dataclasses import replace

from run_world import item, make_evidence, packet, records

from twokey.canonical import dumps, sha256
from twokey.evidence.kept import kept_evidence
from twokey.evidence.layout import PACKET, RESULTS


def test_items_and_reserve_are_known_without_the_files_that_hold_them() -> None:
    facts = {"items": {"r1": "low-confidence"}, "reserve": {"r2": "low-confidence", "r3": "audit"}}
    made = make_evidence((replace(records(), facts=facts),), (item(1, "low-confidence"),), packet(), "triage")
    manifest = dumps(made.manifest)
    files = {"manifest.json": manifest, "results.json": made.files[RESULTS], "packet.json": made.files[PACKET]}
    kept = kept_evidence(files, sha256(manifest)[:12])
    assert kept.items == ({"id": "r1", "stratum": "low-confidence"},)
    assert kept.reserve == ({"id": "r2", "stratum": "low-confidence"}, {"id": "r3", "stratum": "audit"})
    assert kept.gradable == (*kept.items, *kept.reserve)
