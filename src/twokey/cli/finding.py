"""Finding evidence to verify: in the directory that a run left, or what a store kept of it beside the decisions.

Which one it is can decide over a release, so nothing that nobody signed has a say in it. Whether a decision counts is
judged when it is concluded.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from twokey.canonical import sha256
from twokey.cli.policy import Policy, read_roster
from twokey.cli.underway import removed
from twokey.config.shape import Approval
from twokey.deciding.policy import Deciding
from twokey.decisions.contents import FOLDER, Removed, is_manifest_of
from twokey.decisions.decision import DecisionFile
from twokey.decisions.document import DecisionError, parse
from twokey.decisions.matter import Voice
from twokey.decisions.people import Roster
from twokey.decisions.rules import names
from twokey.decisions.spoken import Spoken, spoken, standing_refusals
from twokey.decisions.store import DecisionStore
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.kept import kept_evidence
from twokey.evidence.layout import MANIFEST
from twokey.evidence.manifest import parse_manifest
from twokey.evidence.store import read_evidence
from twokey.evidence.subject import FileDigest, SubjectDigest, differences, hash_subject
from twokey.repository.facts import repository_name
from twokey.signers import signers
from twokey.signers.base import Verifier
from twokey.values import dataclass

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """Evidence by its folder and its manifest's digest, and what people who may said of it here.

    `kept` is false for evidence that history says was removed: a refusal of it still says something.
    """

    folder: str
    manifest: str
    kept: bool
    said: tuple[Spoken, ...]

    @property
    def first(self) -> datetime:
        """When people say that they decided first."""
        return min(one.decision.decided_at for one in self.said)

    @property
    def last(self) -> datetime:
        """When people say that they decided last; long ago where nobody did."""
        return max((one.decision.decided_at for one in self.said), default=_NEVER)

    @property
    def refused(self) -> datetime:
        """When the last refusal was made that stands; long ago where none does."""
        return max((one.decision.decided_at for one in standing_refusals(self.said)), default=_NEVER)


def evidence_for(
    directory: Path, policy: Policy, subject: Path, *, environment: str, repository: str | None, now: datetime
) -> tuple[Evidence, Path | None]:
    """Return the evidence in a directory, or else what is kept of that on the subject below `subject`, and where from.

    A deploy job needs no artifact of the run: manifest, results and packet are kept beside the decisions. Where people
    decided on several evidences of this very subject, it is the one that they decided on last; in the same second, the
    one that was refused. Wherever it is from, evidence gives way to other evidence of the same subject that was refused
    after people had first decided on it: so nobody ships what was refused on a newer recording by showing the older.

    Raises:
        TwokeyError: there is neither, or what there is was altered.
    """
    store, here = policy.store(), _at_hand(directory, policy)
    wanted = here.manifest["subject"]["digest"] if here else hash_subject(subject, policy.config.subject).digest
    known = _decided(wanted, policy, (environment, repository or repository_name(policy.directory, os.environ)), now)
    if here is not None:
        refused = _refused_since(here.digest, known)
        return (here, directory) if refused is None else (_kept(store, refused), None)
    for one in sorted(
        (one for one in known if one.kept), key=lambda one: (one.last, one.refused, one.folder), reverse=True
    ):
        try:
            return _kept(store, _refused_since(one.manifest, known) or one), None
        except TwokeyError:
            if one.said:
                raise
    told = f"there is no such evidence, and {store.place} keeps none of the subject that is about to ship"
    raise TwokeyError(told, where=Place(file=str(directory / MANIFEST)), hint="run twokey run first")


def _kept(store: DecisionStore, decided: _Decided) -> Evidence:
    """Return the evidence that was decided on. Raises TwokeyError where it is not what it was, or was taken away."""
    if not decided.kept:
        told = f"this subject was refused on evidence that is no longer here: {store.place}/{decided.folder}"
        raise TwokeyError(told, hint="check out the newest commit, or bring the folder back")
    return kept_evidence(store.files(decided.folder), decided.folder)


def _at_hand(directory: Path, policy: Policy) -> Evidence | None:
    """Return the evidence in a directory, if any; an odd file that a change brings there keeps no deploy from its own.

    Without protected ground the directory is the one that `run` just wrote, and a half one is told.
    """
    half = not policy.ground.protected and directory.is_dir() and any(directory.iterdir())
    return read_evidence(directory) if half or (directory / MANIFEST).exists() else None


def _decided(subject: str, policy: Policy, place: tuple[str, str], now: datetime) -> tuple[_Decided, ...]:
    """Return the evidences on a subject that the store keeps or kept, with what was said of each in this place."""
    store, root = policy.store(), policy.config.approval.sigstore
    try:
        gone: Removed = removed(policy, policy.ground)
    except TwokeyError:  # where it matters, because nothing is under review, concluding says so
        gone = ()
    about = [row for row in _manifests(store, gone) if row[1]["subject"]["digest"] == subject]
    if not about:
        return ()
    roster, trusted = read_roster(policy), signers(policy.files.read(root.trusted_root) if root else None)
    out = []
    for folder, _, digest, kept in about:
        said = _said(store, folder, digest, policy.config.approval, roster, trusted, gone, now)
        here = tuple(one for one in said if (one.decision.environment, one.decision.repository) == place)
        out.append(_Decided(folder=folder, manifest=digest, kept=kept, said=here))
    return tuple(out)


def _manifests(store: DecisionStore, gone: Removed = ()) -> Iterator[tuple[str, Mapping[str, Any], str, bool]]:
    """Yield the folders that hold, or held, the manifest that they are named after: with it, its digest, and whether.

    Any others are nobody's: what lies in them says nothing of any evidence.
    """
    places = ((PurePosixPath(path), data) for path, data in gone)
    named = ((path.parent.name, data) for path, data in places if path.name == MANIFEST)
    before = {folder: data for folder, data in named if FOLDER.fullmatch(folder) and is_manifest_of(data, folder)}
    kept = {folder: data for folder in store.folders() if (data := store.manifest(folder)) is not None}
    for folder, data in sorted({**before, **kept}.items()):
        try:
            manifest = parse_manifest(data, f"{folder}/{MANIFEST}")
        except TwokeyError:
            continue
        yield folder, manifest, sha256(data), folder in kept


def _said(
    store: DecisionStore,
    folder: str,
    manifest: str,
    approval: Approval,
    roster: Roster,
    trusted: Mapping[str, Verifier],
    gone: Removed,
    now: datetime,
) -> Iterator[Spoken]:
    """Yield what people said of that very evidence who may close a checkpoint here, or override; removed words too."""
    roles = {role for rule in approval.checkpoints.values() for role in names(rule.close)}
    roles |= {*approval.override.roles} if approval.override else set()
    for one in spoken(store.read(folder, gone, releasing=True), roster=roster, signers=trusted, now=now):
        entitled = one.voice is not Voice.NONE and any(roster.holds(one.person, role, now) for role in roles)
        if entitled and one.decision.manifest == manifest:
            yield one


def _refused_since(manifest: str, known: Iterable[_Decided]) -> _Decided | None:
    """Return other evidence that was refused after people had first decided on this one, if there is any."""
    known = tuple(known)
    here = next((one for one in known if one.manifest == manifest and one.said), None)
    if here is None:
        return None
    refused = [one for one in known if one.manifest != manifest and one.refused > here.first]
    return max(refused, key=lambda one: (one.refused, one.folder), default=None)


def decided_on_other(evidence: Evidence, terms: Deciding, now: datetime) -> str | None:
    """Say how this evidence differs from that on the same subject's name which people decided on last; None if none.

    It explains why their decisions, which may be good ones, say nothing of what is here.
    """
    store, name = terms.store, evidence.manifest["subject"]["name"]
    others = [row for row in _manifests(store) if row[1]["subject"]["name"] == name and row[2] != evidence.digest]
    claimed = sorted(((_claimed_last(store, row[0]), *row) for row in others), key=lambda row: row[:2], reverse=True)
    approval, roster = terms.config.approval, terms.roster
    for when, folder, before, digest, _ in claimed:
        # The newest claim that a signature bears out: of many folders few signatures need a look.
        if when != _NEVER and any(_said(store, folder, digest, approval, roster, terms.signers, (), now)):
            told = "; ".join(_differences(before, evidence.manifest))
            return f"what was decided last, in {store.place}/{folder}, is about other evidence: {told}"
    return None


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of a manifest is other now."""
    files = tuple(FileDigest(**row) for row in now["subject"]["files"])
    subject = SubjectDigest(name=now["subject"]["name"], owner=now["subject"]["owner"], files=files)
    yield from differences(before["subject"], subject)
    for role, facts in now["recordings"].items():
        if facts != before["recordings"].get(role):
            yield f"the {role} recording has changed"
    was, is_ = ({row["path"]: row["sha256"] for row in one["policy"]["files"]} for one in (before, now))
    changed = sorted(path for path in {*was, *is_} if was.get(path) != is_.get(path))
    yield from (f"{path} of the judging policy has changed" for path in changed)
    if before["policy"]["sha256"] != now["policy"]["sha256"] and not changed:
        yield "the judging policy has changed"
    if before["tool"] != now["tool"]:
        yield f"it was made by {before['tool']['name']} {before['tool']['version']}, this by {now['tool']['version']}"


def _claimed_last(store: DecisionStore, folder: str) -> datetime:
    """Return when the files in a folder claim that people decided last; long ago where it cannot be read."""
    times = [_NEVER]
    try:
        files = store.read(folder)
    except TwokeyError:
        return _NEVER
    for file in files:
        if isinstance(file, DecisionFile):
            try:
                times.append(parse(file.data, file.name).decided_at)
            except DecisionError:
                continue
    return max(times)
