"""Whether a change brings back a subject that was decided on before, by what the store has kept of evidence.

That the same subject was decided on a moment ago, in this very change, on another recording say, brings nothing back.
Opening a checkpoint by it is policy.
"""

from collections.abc import Iterator, Mapping

from twokey.canonical import loads
from twokey.config.globs import names
from twokey.config.shape import Config
from twokey.decisions.store import DecisionStore
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import MANIFEST, short
from twokey.repository.change import Change
from twokey.repository.ground import Site


def is_rollback(config: Config, store: DecisionStore, site: Site, evidence: Evidence, change: Change) -> bool:
    """Return whether the change edits the subject into one that was decided on before the change, or before another.

    Where decisions are kept outside of the repository nobody can say which of them the change brought: then it is one
    that was decided on under other evidence, while others were decided on too.

    Raises TwokeyError where the store cannot be read.
    """
    if not any(names(glob, file.path, change.prefix) for file in change.files for glob in config.subject.files):
        return False
    here, own = evidence.manifest["subject"]["digest"], short(evidence.digest)
    here_now = {folder: manifest for folder in store.folders() if (manifest := store.manifest(folder)) is not None}
    decided = dict(_decided_on({**_kept_on_target(site, config.approval.decisions), **here_now}))
    on_target = {folder for folder in decided if _on_target(site, f"{config.approval.decisions}/{folder}")}
    before = [folder for folder, digest in decided.items() if digest == here]
    others = [folder for folder, digest in decided.items() if digest != here and folder not in on_target]
    return any(folder in on_target or (folder != own and bool(others)) for folder in before)


def _kept_on_target(site: Site, decisions: str) -> dict[str, bytes]:
    """Return the manifests that the target branch keeps, by folder: a change cannot take them away."""
    from twokey.repository.committed import inside

    folder = inside(site.prefix, decisions)
    listed = site.git.list_tree(site.target, folder) if folder is not None else ()
    paths = [path for path, leaf in listed if leaf.is_file and path.endswith(f"/{MANIFEST}")]
    found = {path: site.git.read_blob(site.target, path) for path in paths}
    return {path.split("/")[-2]: data for path, data in found.items() if data is not None}


def _decided_on(manifests: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield folders of decisions, each with the digest of the subject that it is about."""
    for folder, kept in manifests.items():
        try:
            manifest = loads(kept, file=MANIFEST)
        except TwokeyError:
            continue
        subject = manifest.get("subject") if isinstance(manifest, dict) else None
        if isinstance(subject, dict) and isinstance(subject.get("digest"), str):
            yield folder, subject["digest"]


def _on_target(site: Site, folder: str) -> bool:
    """Return whether the target branch holds that folder, so that the change doesn't bring it. A shared ref is none."""
    from twokey.repository.committed import inside

    path = inside(site.prefix, folder)
    return path is not None and site.git.standing(site.target, path) is not None
