"""Evidence that another version of twokey found byte for byte the same: what people decided on it still holds.

The tool's version stands in the manifest, so a newer one gives another manifest over the same findings. Here only what
people decided is looked up under the older one; each of their decisions is judged as ever.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress

from twokey.cli.policy import Policy
from twokey.conclusion import Conclusion, Verdict
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import MANIFEST
from twokey.evidence.manifest import parse_manifest
from twokey.evidence.store import assemble
from twokey.pipeline import Judged


def concluded(judged: Judged, policy: Policy, conclude: Callable[[Evidence], Conclusion]) -> tuple[Judged, Conclusion]:
    """Conclude on what was judged here, and where only a decision is missing, on the same by another version.

    Returns the evidence that was concluded on. The other one counts where it lets the change through, and nowhere else.
    """
    here = conclude(judged.evidence)
    if here.verdict is Verdict.NEEDS_DECISION and not here.decisions:
        for other in _by_other_versions(judged, policy):
            with suppress(TwokeyError):  # altered copies of it, say: then nothing was decided on it
                found = conclude(other.evidence)
                if found.verdict is Verdict.PASS:
                    return other, found
    return judged, here


def _by_other_versions(judged: Judged, policy: Policy) -> Iterator[Judged]:
    """Yield what was judged under each kept manifest that says the same of everything but the tool."""
    store, files = policy.store(), judged.evidence.files
    expected = {key: value for key, value in judged.evidence.manifest.items() if key != "tool"}
    for folder in store.folders():
        with suppress(TwokeyError):  # what is no manifest is none of another version either
            kept = store.manifest(folder)
            manifest = parse_manifest(kept, f"{folder}/{MANIFEST}") if kept is not None else {}
            if kept is not None and {key: value for key, value in manifest.items() if key != "tool"} == expected:
                yield Judged(evidence=assemble(kept, manifest, files), manifest=kept)
