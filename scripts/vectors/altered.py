"""Evidence that is not what was signed."""

from typing import Any

from twokey.canonical import digest, dumps, sha256
from twokey.decisions.seen import render_facts
from vectors.saying import USUAL, Case, Cases, edited, passes, refused, speaks
from vectors.world import RESULTS, SHIPPED, evidence, manifest_of, results


def cases() -> Cases:
    """Evidence that is not what was signed: no check can be made."""
    good = evidence("doubtful")

    def error(about: str, text: str, **changes: Any) -> Case:
        return Case(about=about, steps=("evidence",), status=4, error=text, **{"store": speaks(), **changes})

    def with_file(name: str, data: bytes) -> dict[str, Any]:
        return {"store": {**speaks(), name: data}}

    manifest, found, packet = (good[name] for name in ("manifest.json", "results.json", "packet.json"))
    yield (
        "manifest-altered",
        error(
            "one byte of the manifest",
            "not the manifest that its folder is named after",
            **with_file("manifest.json", manifest.replace(b"weights", b"Weights")),
        ),
    )
    yield (
        "results-altered",
        error(
            "a finding made a pass",
            "not what the manifest beside it covers",
            **with_file("results.json", found.replace(b"inconclusive", b"pass")),
        ),
    )
    yield (
        "packet-altered",
        error(
            "another summary",
            "not what the manifest beside it covers",
            **with_file("packet.json", packet.replace(b"doubtful", b"harmless")),
        ),
    )
    for name in ("manifest.json", "results.json", "packet.json"):
        yield (
            f"{name.removesuffix('.json')}-missing",
            error(f"{name} is not there", "is not kept beside the decisions", without=(name,)),
        )

    def whole(about: str, text: str, manifest: bytes, found: bytes = found) -> Case:
        """Evidence that fits together, under the name of its own manifest."""
        files = {"manifest.json": manifest, "results.json": found, "packet.json": packet}
        return Case(about=about, steps=("evidence",), status=4, error=text, store=files, folder=sha256(manifest)[:12])

    yield (
        "manifest-key-twice",
        whole(
            "a key twice in the manifest", "appears twice", manifest.replace(b'"seed": 0', b'"seed": 0,\n  "seed": 0')
        ),
    )
    yield (
        "manifest-unknown-field",
        whole("a field that nobody knows", "missing or unknown", edited(manifest, lambda it: it.update(note="x"))),
    )
    yield (
        "manifest-other-type",
        whole(
            "version 2 of a manifest",
            "its type is not",
            edited(manifest, lambda it: it.update(type="urn:twokey:manifest:v2")),
        ),
    )
    yield (
        "manifest-covers-less",
        whole("the packet is not covered", "covers", edited(manifest, lambda it: it["files"].pop(1))),
    )
    yield (
        "manifest-traversal",
        whole(
            "a path that leads elsewhere",
            "covers",
            edited(manifest, lambda it: it["files"][1].update(path="../packet.json")),
        ),
    )
    hidden = results(RESULTS["doubtful"]).replace(b'"status": "inconclusive"', b'"status": "pass"')
    made = dumps(manifest_of(hidden, packet, SHIPPED, "anybody"))
    yield (
        "results-do-not-follow",
        whole("results that contradict themselves, well covered", "are not those that its metrics give", made, hidden),
    )
    twofold = edited(found, lambda it: it["gates"][1]["metrics"][0].update(id="accuracy[channel=chat]"))
    made = dumps(manifest_of(twofold, packet, SHIPPED, "anybody"))
    yield (
        "results-say-two-things",
        whole("a metric by two names", "says one thing twice and differently", made, twofold),
    )
    nothing = dumps({"type": "urn:twokey:results:v1", "gates": [], "sample": {}})
    made = dumps(manifest_of(nothing, packet, SHIPPED, "anybody"))
    yield "results-of-no-gate", whole("no gate has judged", "nothing passes on no evidence", made, nothing)
    facts = render_facts(USUAL.matter.checkpoints).replace(b"inconclusive", b"pass")
    kept = {**speaks(), "facts.json": facts}
    yield "facts-altered", passes("facts that are kept explain, and are never believed", 8, kept, "ann")
    odd = {
        "opened_by": [{"files": [[["a"], 1]]}, 2],
        "findings": [{"id": {}}, []],
        "change": {"parties": 3, "policy": [4]},
    }
    point = [{"name": "release", "role": "product", "facts": digest(odd)}]
    kept = {**speaks(checkpoints=point), "facts.json": dumps([odd, None, 5])}
    yield "facts-of-no-sense", refused("signed facts that make no sense", 8, kept, "opened by other facts")
