"""Finding evidence to verify: in the directory that a run left, or what a store kept of it beside the decisions."""

from datetime import UTC, datetime
from pathlib import Path

from twokey.cli.policy import Policy
from twokey.decisions.decision import DecisionFile
from twokey.decisions.document import DecisionError, parse
from twokey.decisions.store import DecisionStore
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.kept import kept_evidence
from twokey.evidence.layout import MANIFEST
from twokey.evidence.store import read_evidence
from twokey.evidence.subject import hash_subject

_NEVER = datetime.min.replace(tzinfo=UTC)


def evidence_for(directory: Path, policy: Policy, subject: Path) -> tuple[Evidence, Path | None]:
    """Return the evidence in a directory, or else what is kept of that on the subject below `subject`, and where from.

    A deploy job needs no artifact of the run: manifest, results and packet are kept beside the decisions. Where people
    decided on several evidences of this very subject, it is the one that they decided on last.

    Raises:
        TwokeyError: there is neither, or what there is was altered.
    """
    if (directory / MANIFEST).exists() or (directory.is_dir() and any(directory.iterdir())):
        return read_evidence(directory), directory
    store = policy.store()
    wanted = hash_subject(subject, policy.config.subject).digest
    found = []
    for folder in store.folders():
        files = store.files(folder)
        manifest = files.get(MANIFEST)
        if isinstance(manifest, bytes) and wanted.encode() in manifest:  # any other cannot be on this subject
            evidence = kept_evidence(files, folder)
            if evidence.manifest["subject"]["digest"] == wanted:
                found.append((_decided_last(store, folder), folder, evidence))
    if not found:
        told = f"there is no such evidence, and {store.place} keeps none of the subject that is about to ship"
        raise TwokeyError(told, where=Place(file=str(directory / MANIFEST)), hint="run twokey run first")
    return max(found, key=lambda row: row[:2])[2], None


def _decided_last(store: DecisionStore, folder: str) -> datetime:
    """Return when people say that they decided last in a folder. Whether they may is judged when it is concluded."""
    times = [_NEVER]
    for file in store.read(folder):
        if isinstance(file, DecisionFile):
            try:
                times.append(parse(file.data, file.name).decided_at)
            except DecisionError:
                continue
    return max(times)
