"""manifest.json: the digests of everything that a signature over it binds.

It names the covered files, the subject, the recordings and the judging policy by content. No clock, host, path of a
machine, environment or person gets in, so that the same inputs give the same bytes everywhere.
"""

from collections.abc import Mapping
from typing import Any

from twokey import __version__
from twokey.canonical import digest, dumps, loads, sha256
from twokey.config.judging import judging
from twokey.config.shape import Config
from twokey.errors import Place, TwokeyError
from twokey.evidence.layout import ALSO_COVERED, COVERED, MANIFEST
from twokey.evidence.shapes import malformed
from twokey.evidence.subject import SubjectDigest

TYPE = "urn:twokey:manifest:v1"
_KEYS = {"type", "tool", "subject", "recordings", "policy", "seed", "files"}


def render_manifest(
    *,
    subject: SubjectDigest,
    recordings: Mapping[str, Any],
    policy: Mapping[str, Any],
    seed: int,
    files: Mapping[str, bytes],
) -> bytes:
    """Return the bytes of manifest.json over the covered files' bytes."""
    return dumps(
        {
            "type": TYPE,
            "tool": {"name": "twokey", "version": __version__},
            "subject": subject.plain(),
            "recordings": recordings,
            "policy": policy,
            "seed": seed,
            "files": [
                {"path": path, "sha256": sha256(files[path]), "size": len(files[path])} for path in sorted(files)
            ],
        }
    )


def judging_policy(config: Config, files: Mapping[str, str]) -> dict[str, Any]:
    """Return the judging policy by content: the config's judging part, and the SHA-256 of each file that it names."""
    listed = [{"path": path, "sha256": files[path]} for path in sorted(files)]
    return {"sha256": digest({"judging": judging(config), "files": listed}), "files": listed}


def parse_manifest(data: bytes, file: str = MANIFEST) -> Mapping[str, Any]:
    """Read a manifest strictly. Raises TwokeyError where it is not one, or covers other files than it must."""
    manifest = loads(data, file=file)
    where = Place(file=file)
    if not isinstance(manifest, dict) or manifest.get("type") != TYPE:
        raise TwokeyError(f"is not a manifest: its type is not {TYPE}", where=where)
    if odd := sorted(manifest.keys() ^ _KEYS):
        raise TwokeyError(f"is not a manifest: {', '.join(odd)} missing or unknown", where=where)
    if fault := malformed(manifest):
        raise TwokeyError(f"is not a manifest: {fault}", where=where)
    listed = [row["path"] for row in manifest["files"]]
    if listed != sorted({*COVERED, *(path for path in ALSO_COVERED if path in listed)}):
        raise TwokeyError(f"covers {', '.join(listed)}; expected {', '.join(COVERED)}", where=where)
    return manifest
