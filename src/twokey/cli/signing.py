"""The steps of signing: prepare what would be bound, ask, sign, keep. The command itself is in `sign`."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from twokey.canonical import loads, sha256
from twokey.cli.concluding import deciding, refuse_other_bytes
from twokey.cli.console import talk
from twokey.cli.identity import key_files
from twokey.conclusion import Conclusion
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
from twokey.plan import read_config
from twokey.reports import REPORTS
from twokey.reports.base import Run
from twokey.signers import SIGNERS
from twokey.signers.ssh import SshSigner

Choice = Literal["approve", "reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the person said, or gave as options; None where they have yet to be asked."""

    decision: Choice | None
    reason: str | None
    criteria: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningCase:
    """What a signature would bind: evidence, matter, person and key. `directory` is the evidence's."""

    directory: Path
    evidence: Evidence
    policy: Deciding
    matter: Matter
    conclusion: Conclusion
    person: Person
    key: Path
    role_of: Mapping[str, str]
    grades: FoundGrades | None
    recomputed: bool

    def rendering(self) -> str:
        """Return what the person reads before deciding: our own rendering, and all that the signature binds."""
        told = Run(evidence=self.evidence, conclusion=self.conclusion, directory=str(self.directory))
        report = REPORTS["terminal"].render(told)
        roles = ", ".join(f"{name} as {role}" for name, role in self.role_of.items())
        bound = (
            f"A signature by {self.person.principal} would bind",
            f"  manifest     {self.evidence.digest}",
            f"  checkpoints  {roles}",
            f"  environment  {self.matter.environment}",
            f"  repository   {self.matter.repository}",
            f"  grades       {self.grades.on_file.sha256 if self.grades else 'none'}",
            f"  recomputed   {'yes: the recordings and this policy give these bytes' if self.recomputed else 'no'}",
            f"  for          {self.matter.longest}",
        )
        return "\n".join((report, "", *bound))


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
    recomputed = _recompute(evidence, config, path)
    conclusion = conclude(evidence, policy, hash_subject(path.parent, config.subject), now)
    if conclusion.subject == "differs":
        raise TwokeyError("; ".join(conclusion.reasons), hint="twokey run makes evidence of what is here now")
    found = [*grades_in(directory / GRADES, evidence), *grades_in(policy.folder(evidence), evidence)]
    matter = matter_of(evidence, policy)
    matter = replace(matter, grades=tuple(dict.fromkeys(one.on_file for one in found)))
    if not matter.checkpoints:
        raise TwokeyError("no checkpoint is open: there is nothing to sign", hint="twokey verify says why")
    person, key_path = who_signs(policy, key)
    return SigningCase(
        directory=directory,
        evidence=evidence,
        policy=policy,
        matter=matter,
        conclusion=conclusion,
        person=person,
        key=key_path,
        role_of=_roles(matter, person),
        grades=_chosen_grades(found, person),
        recomputed=recomputed,
    )


def _recompute(evidence: Evidence, config: Config, path: Path) -> bool:
    if not (path.parent / config.recordings.candidate.path).is_file():
        talk("the recording is not here, so the evidence was not recomputed; the decision will say so")
        return False
    refuse_other_bytes(evidence, config, path)
    return True


def who_signs(policy: Deciding, key: Path | None) -> tuple[Person, Path]:
    """Return the person in the roster whose key is at hand, and where that key is.

    Raises:
        TwokeyError: the key given, or every key found, is nobody's in the roster.
    """
    if key is not None:
        candidates = [(key, SshSigner(environment=os.environ).public_key(str(key)))]
    else:
        candidates = [(found.path, found.public) for found in key_files(os.environ)]
    for path, public in candidates:
        known = policy.roster.person_of_key(public)
        if known is not None:
            return known[0], path
    tried = ", ".join(str(path) for path, _ in candidates) or "none in ~/.ssh"
    raise TwokeyError(
        f"no key at hand is in the roster (tried: {tried})",
        where=Place(file=str(policy.directory / policy.config.approval.roster)),
        hint="twokey init adds you; --key names another key",
    )


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


def ask(case: SigningCase, given: Answers, *, interactive: bool) -> Answers:
    """Ask for whatever was not given. Raises TwokeyError where nobody can be asked, or grades are missing."""
    signed = [opened for opened in case.matter.checkpoints if opened.name in case.role_of]
    criteria = [criterion for opened in signed for criterion in opened.criteria]
    if not interactive:
        _refuse_missing(given, criteria)
    decision = given.decision or ("approve" if _yes("Approve? (no rejects)") else "reject")
    on_file = case.grades.on_file if case.grades else None
    if decision == "approve" and case.matter.grades_required and not (on_file and on_file.complete):
        done = f"{on_file.summary.graded} of {on_file.summary.items}" if on_file else "none of the"
        raise TwokeyError(f"the review is not complete: {done} items are graded", hint="twokey review")
    attested = [
        criterion
        for criterion in (criteria if decision == "approve" else ())
        if criterion in given.criteria or (interactive and _yes(f"Do you attest: {criterion}?"))
    ]
    reason = given.reason if given.reason is not None else _line("Reason:")
    return replace(given, decision=decision, reason=reason, criteria=tuple(attested))


def _refuse_missing(given: Answers, criteria: list[str]) -> None:
    missing = [
        name for name, value in (("--approve or --reject", given.decision), ("--reason", given.reason)) if not value
    ]
    if given.decision == "approve":
        missing += [f"--attest {criterion!r}" for criterion in criteria if criterion not in given.criteria]
    if missing:
        raise TwokeyError(f"nobody can be asked here; give {', '.join(missing)}")


def _yes(question: str) -> bool:
    while True:
        answer = _line(f"{question} [y/n]").lower()
        if answer in ("y", "yes", "n", "no"):
            return answer.startswith("y")


def _line(question: str) -> str:
    talk(question)
    return input("> ").strip()


def write(case: SigningCase, answers: Answers, now: datetime) -> Path:
    """Sign the decision, check it as a verifier would, and keep it with the evidence it speaks of; return its path.

    Raises:
        TwokeyError: it would not count, or cannot be signed or written.
    """
    folder = case.policy.folder(case.evidence)
    before = [_check(file, case, now) for file in read_decisions(folder)]
    decision = _decision(case, answers, now, supersedes=own_words(before, case.person.principal))
    data = render(decision)
    signature = SshSigner(environment=os.environ).sign(data, NAMESPACE, str(case.key))
    path = write_decision(folder, case.person.principal, data, signature)
    _keep(case, folder)
    made = next(_check(file, case, now) for file in read_decisions(folder) if file.name == path.name)
    for reason in made.reasons:
        talk(f"this decision does not count yet: {reason}")
    for beside in (path, path.with_name(path.name + SshSigner.suffix)):
        copy = case.directory / DECISIONS / beside.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(beside.read_bytes())
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
        recomputed=case.recomputed,
        supersedes=supersedes,
    )


def _reference(found: FoundGrades | None) -> GradesReference | None:
    return GradesReference(sha256=found.on_file.sha256, summary=found.on_file.summary) if found else None


def _keep(case: SigningCase, folder: Path) -> None:
    """Put what the decision speaks of beside it: manifest, results, packet, and the grades it stands on."""
    kept = {
        MANIFEST: (case.directory / MANIFEST).read_bytes(),
        RESULTS: case.evidence.files[RESULTS],
        "packet.json": case.evidence.files[PACKET],
    }
    for path in sorted((case.directory / GRADES).glob("grades-*.json")):
        data = path.read_bytes()
        if case.grades and sha256(data) == case.grades.on_file.sha256:
            kept[path.name] = data
    for name, data in kept.items():
        (folder / name).write_bytes(data)
