"""The steps of signing: prepare what would be bound, sign, keep. Asking is in `asking`, the command in `sign`."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from twokey.canonical import loads, sha256
from twokey.cli.asking import Answers
from twokey.cli.binding import SigningCase
from twokey.cli.concluding import deciding, refuse_other_bytes
from twokey.cli.console import talk
from twokey.cli.identity import KeyFile, agent_keys, key_files
from twokey.cli.keeping import keep, refuse_links
from twokey.config.shape import Config
from twokey.deciding import Deciding, FoundGrades, grades_in, matter_of
from twokey.decisions.decision import (
    Condition,
    Criterion,
    Decision,
    DecisionFile,
    GradesReference,
    NamedCheckpoint,
    RefusedFile,
)
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.matter import DecisionCheck, Matter
from twokey.decisions.people import Person
from twokey.decisions.rules import names
from twokey.decisions.standing import own_words
from twokey.decisions.store import read_decisions, write_decision
from twokey.decisions.verify import check
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import DECISIONS, GRADES, MANIFEST, PACKET, RESULTS, RUN
from twokey.evidence.store import read_evidence
from twokey.evidence.subject import hash_subject
from twokey.pipeline import conclude
from twokey.repository.config import read_config
from twokey.signers import SIGNERS
from twokey.signers.ssh import SshSigner


def recorded_config(directory: Path, given: Path | None) -> Path:
    """Return the config to decide under: the one given, else the one that `run` used for this evidence."""
    if given is not None:
        return given
    facts = directory / RUN
    recorded = loads(facts.read_bytes(), file=str(facts)) if facts.is_file() else {}
    name = recorded.get("config") if isinstance(recorded, dict) else None
    return Path(name) if isinstance(name, str) else Path("gates.yaml")


def prepare(
    directory: Path,
    config_path: Path | None,
    *,
    environment: str,
    repository: str | None,
    key: Path | None,
    now: datetime,
) -> SigningCase:
    """Read and recompute the evidence, and find who would sign for which checkpoints.

    Raises:
        TwokeyError: the evidence is not that of the recordings, policy or subject at hand; nobody here may sign;
        nothing
            is open.
    """
    path = recorded_config(directory, config_path)
    evidence, config = read_evidence(directory), read_config(path, os.environ)
    policy = deciding(evidence, config, path, environment, repository)
    not_here = _recompute(evidence, config, path)
    conclusion = conclude(evidence, policy, hash_subject(path.parent, config.subject), now)
    if conclusion.subject == "differs":
        raise TwokeyError("; ".join(conclusion.reasons), hint="twokey run makes evidence of what is here now")
    found = [*grades_in(directory / GRADES, evidence), *grades_in(policy.folder(evidence), evidence)]
    matter = matter_of(evidence, policy, found)
    if not matter.checkpoints:
        raise TwokeyError("no checkpoint is open: there is nothing to sign", hint="twokey verify says why")
    person, key_file = who_signs(policy, key)
    return SigningCase(
        directory=directory,
        config=path,
        evidence=evidence,
        policy=policy,
        matter=matter,
        conclusion=conclusion,
        person=person,
        key=key_file,
        role_of=_roles(matter, person),
        grades=_chosen_grades(found, person),
        not_here=not_here,
    )


def _recompute(evidence: Evidence, config: Config, path: Path) -> Path | None:
    """Judge again where the recordings are here; return the one that is not."""
    given = (config.recordings.candidate, config.recordings.baseline)
    for source in given:
        if source is not None and not (path.parent / source.path).is_file():
            return path.parent / source.path
    refuse_other_bytes(evidence, config, path)
    return None


def who_signs(policy: Deciding, key: Path | None) -> tuple[Person, KeyFile]:
    """Return the person in the roster whose key is at hand, in a file or in an agent, and that key.

    Raises:
        TwokeyError: the key given, or every key found, is nobody's in the roster.
    """
    if key is not None:
        candidates = [KeyFile(path=key, public=SshSigner(environment=os.environ).public_key(str(key)))]
    else:
        candidates = [*key_files(os.environ), *(KeyFile(path=None, public=held) for held in agent_keys(os.environ))]
    for found in candidates:
        known = policy.roster.person_of_key(found.public)
        if known is not None:
            return known[0], found
    tried = ", ".join(str(found.path or "one in the agent") for found in candidates) or "none in ~/.ssh or an agent"
    raise TwokeyError(
        f"no key at hand is in the roster (tried: {tried})",
        where=Place(file=str(policy.directory / policy.config.approval.roster)),
        hint="twokey init adds you; --key names another key",
    )


@contextmanager
def _key_path(key: KeyFile) -> Iterator[Path]:
    """Give a path to sign with: for a key that only an agent holds, its public half in a private folder."""
    if key.path is not None:
        yield key.path
        return
    with tempfile.TemporaryDirectory(prefix="twokey-") as name:
        path = Path(name) / "agent.pub"
        path.write_text(key.public + "\n", encoding="ascii")
        yield path


def _roles(matter: Matter, person: Person) -> dict[str, str]:
    """Return the role in which the person may close each open checkpoint, for those that they may."""
    found = {
        opened.name: role for opened in matter.checkpoints for role in reversed(names(opened.close)) if person.has(role)
    }
    if not found:
        asked = "; ".join(f"{opened.name} by {', '.join(names(opened.close))}" for opened in matter.checkpoints)
        raise TwokeyError(f"{person.principal} may close none of the open checkpoints: {asked}")
    return found


def _chosen_grades(found: list[FoundGrades], person: Person) -> FoundGrades | None:
    """Return the grades to stand on: complete ones first, the person's own before others'."""

    def rank(one: FoundGrades) -> tuple[bool, bool, str]:
        return (not one.on_file.complete, not person.known_as(one.grades.reviewer), one.on_file.sha256)

    return min(found, key=rank, default=None)


def write(case: SigningCase, answers: Answers, now: datetime) -> Path:
    """Sign the decision, check it as a verifier would, and keep it with the evidence it speaks of; return its path.

    Raises:
        TwokeyError: it would not count, or cannot be signed or written.
    """
    folder, copies = case.policy.folder(case.evidence), case.directory / DECISIONS
    refuse_links(folder.parent, folder, copies)
    before = [_check(file, case, now) for file in read_decisions(folder)]
    decision = _decision(case, answers, now, supersedes=own_words(before, case.person.principal))
    data = render(decision)
    with _key_path(case.key) as key:
        signature = SshSigner(environment=os.environ).sign(data, NAMESPACE, str(key))
    keep(folder, _spoken_of(case))
    path = write_decision(folder, case.person.principal, data, signature)
    made = next(_check(file, case, now) for file in read_decisions(folder) if file.name == path.name)
    for reason in made.reasons:
        talk(f"this decision does not count yet: {reason}")
    keep(copies, {path.name: data, path.name + SshSigner.suffix: signature})
    return path


def _check(file: DecisionFile | RefusedFile, case: SigningCase, now: datetime) -> DecisionCheck:
    return check(file, case.matter, roster=case.policy.roster, signers=SIGNERS, now=now)


def _decision(case: SigningCase, answers: Answers, now: datetime, supersedes: tuple[str, ...]) -> Decision:
    now = now.replace(microsecond=0)
    signed = [opened for opened in case.matter.checkpoints if opened.name in case.role_of]
    if answers.decision is None:
        raise TwokeyError("there is no decision to sign")
    return Decision(
        choice=answers.decision,
        manifest=case.evidence.digest,
        checkpoints=tuple(
            NamedCheckpoint(name=opened.name, role=case.role_of[opened.name], facts=opened.digest) for opened in signed
        ),
        principal=case.person.principal,
        decided_at=now,
        expires_at=now + timedelta(seconds=case.matter.longest.seconds),
        environment=case.matter.environment,
        repository=case.matter.repository,
        nonce=secrets.token_hex(16),
        reason=answers.reason or "",
        conditions=tuple(Condition(text=text) for text in answers.conditions),
        criteria=tuple(
            Criterion(checkpoint=opened.name, criterion=criterion, attested=criterion in answers.criteria)
            for opened in signed
            for criterion in opened.criteria
        ),
        grades=_reference(case.grades),
        recomputed=case.not_here is None,
        supersedes=supersedes,
    )


def _reference(found: FoundGrades | None) -> GradesReference | None:
    return GradesReference(sha256=found.on_file.sha256, summary=found.on_file.summary) if found else None


def _spoken_of(case: SigningCase) -> dict[str, bytes]:
    """Return what the decision speaks of: manifest, results, packet, and the grades it stands on."""
    kept = {
        MANIFEST: (case.directory / MANIFEST).read_bytes(),
        RESULTS: case.evidence.files[RESULTS],
        "packet.json": case.evidence.files[PACKET],
    }
    for path in sorted((case.directory / GRADES).glob("grades-*.json")):
        data = path.read_bytes()
        if case.grades and sha256(data) == case.grades.on_file.sha256:
            kept[path.name] = data
    return kept
