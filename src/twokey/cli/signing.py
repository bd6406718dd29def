"""Signing: the decision made, signed, checked as a verifier would, and kept. Preparing it is in `preparing`."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from twokey.canonical import sha256
from twokey.cli.asking import Answers
from twokey.cli.binding import SigningCase
from twokey.cli.console import talk
from twokey.cli.identity import KeyFile
from twokey.cli.keeping import keep, refuse_links
from twokey.cli.options import command
from twokey.deciding.graded import FoundGrades
from twokey.deciding.recordings import witness_file
from twokey.decisions.conditions import malformed, text_of
from twokey.decisions.decision import (
    OVERRIDE,
    Condition,
    Criterion,
    Decision,
    DecisionFile,
    GradesReference,
    NamedCheckpoint,
    RefusedFile,
)
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.matter import DecisionCheck
from twokey.decisions.people import Person
from twokey.decisions.seen import CHANGE, FACTS, render_change, render_facts
from twokey.decisions.standing import own_words
from twokey.decisions.verify import check
from twokey.errors import Place, TwokeyError
from twokey.evidence.layout import DECISIONS, GRADES, MANIFEST, PACKET, RESULTS, SEEDS
from twokey.evidence.tree import read_regular
from twokey.signers.ssh import SshSigner
from twokey.values import dataclass

NOBODY_ELSE = "nobody else in the roster may review this override, and once that is overdue it blocks every run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A decision that nobody has signed yet, as the very bytes that would be signed."""

    decision: Decision
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a signed decision is kept, with its name, and what the person should hear of it."""

    place: str
    remarks: tuple[str, ...]


def write(case: SigningCase, answers: Answers, now: datetime) -> str:
    """Sign the decision with the SSH key, check it as a verifier would, and keep it with what it speaks of.

    Returns the place that it is kept in, with its name. Raises TwokeyError where it cannot be signed or written.
    """
    made = draft(case, answers, now)
    kept = keep_signed(case, made, by_key(case, made.data), now)
    for remark in kept.remarks:
        talk(remark)
    return kept.place


def draft(case: SigningCase, answers: Answers, now: datetime) -> Draft:
    """Return the decision that these answers make; raises TwokeyError where it could not count or be kept."""
    refuse_links(case.directory / DECISIONS)
    decision = _decision(case, answers, now)
    _refuse_senseless(decision, case)
    return Draft(decision=decision, data=render(decision))


def by_key(case: SigningCase, data: bytes) -> bytes:
    """Return a signature over the bytes by the person's SSH key; raises TwokeyError where it gives none."""
    if case.key is None:
        raise TwokeyError(f"no SSH key of {case.person.principal} is at hand", hint="--key names one")
    with key_path(case.key) as key:
        return SshSigner(environment=os.environ).sign(data, NAMESPACE, str(key))


def keep_signed(case: SigningCase, made: Draft, signature: bytes, now: datetime) -> Kept:
    """Keep a decision with a good signature and all that it speaks of; raises TwokeyError where it cannot be written.

    What a verifier says against it is among the remarks: a refusal that does not count yet may count later.
    """
    store, short = case.policy.store, case.policy.folder(case.evidence)
    if case.ratifies is None:
        store.write(short, spoken_of(case))
    name = store.write_decision(short, case.person.principal, made.data, signature)
    found = next(_check(file, case, now) for file in store.read(short) if file.name == name)
    remarks = [f"this decision does not count yet: {reason}" for reason in found.reasons]
    if made.decision.choice == "override" and not any(_may_review(case, now)):
        remarks.append(f"warning: {NOBODY_ELSE}")
    if case.ratifies is None:
        keep(case.directory / DECISIONS, {name: made.data, name + SshSigner.suffix: signature})
    return Kept(place=f"{store.place}/{short}/{name}", remarks=tuple(remarks))


def next_step(case: SigningCase, *, pushed: bool = False) -> str:
    """Return what to do once the decision is kept: run again, and have the decision travel where it has not."""
    store = case.policy.store.place
    travels = f"git push origin {store}" if store.startswith("refs/") else "commit the decision"
    branch = case.policy.ground.branch
    ref = ("--policy-ref", branch) if branch else ()
    return f"next: {command('run', *ref, config=case.config)}" + ("" if pushed else f"; and {travels}")


@contextmanager
def key_path(key: KeyFile) -> Iterator[Path]:
    """Give a path to sign with: for a key that only an agent holds, its public half in a private folder."""
    if key.path is not None:
        yield key.path
        return
    with tempfile.TemporaryDirectory(prefix="twokey-") as name:
        path = Path(name) / "agent.pub"
        path.write_text(key.public + "\n", encoding="ascii")
        yield path


def _may_review(case: SigningCase, now: datetime) -> Iterator[Person]:
    """Yield the people who could review an override of this person afterwards."""
    for role in case.matter.ratifiers:
        yield from (one for one in case.policy.roster.holders(role, now) if one != case.person)


def _check(file: DecisionFile | RefusedFile, case: SigningCase, now: datetime) -> DecisionCheck:
    return check(file, case.matter, roster=case.policy.roster, signers=case.policy.signers, now=now)


def _decision(case: SigningCase, answers: Answers, now: datetime) -> Decision:
    if answers.decision is None:
        raise TwokeyError("there is no decision to sign")
    now = now.replace(microsecond=0)
    points = case.points(answers.decision)
    return Decision(
        choice=answers.decision,
        manifest=case.evidence.digest,
        checkpoints=tuple(
            NamedCheckpoint(name=point.name, role=role, facts=point.digest)
            for point in points
            for role in case.roles_of[point.name]
        ),
        principal=case.person.principal,
        decided_at=now,
        expires_at=now + timedelta(seconds=case.longest(answers.decision).seconds),
        environment=case.matter.environment,
        repository=case.matter.repository,
        nonce=secrets.token_hex(16),
        reason=answers.reason or "",
        conditions=tuple(_condition(one, case) for one in answers.conditions),
        criteria=tuple(
            Criterion(checkpoint=point.name, criterion=criterion, attested=criterion in answers.criteria)
            for point in points
            if point.name != OVERRIDE
            for criterion in dict.fromkeys((*point.criteria, *case.confirmed(answers.criteria)))
        ),
        grades=_reference(case.grades),
        seeds=case.grades.grades.seeds if case.grades else None,
        recomputed=case.not_here is None,
        supersedes=own_words(case.settled.stands.checks, case.person.principal, answers.decision),
    )


def _refuse_senseless(decision: Decision, case: SigningCase) -> None:
    """Refuse to sign what could never count, or would wait for nobody, before it is kept for good."""
    asks = text_of(decision, "to")
    if wrong := tuple(malformed(decision)):
        raise TwokeyError("; ".join(wrong), hint="docs/checkpoints.md lists the conditions that there are")
    if decision.choice == "escalate" and asks is None:
        raise TwokeyError("an escalation asks somebody", hint="--condition 'to: ROLE', and --reason with the question")
    if asks is not None and not case.policy.roster.with_role(asks):
        raise TwokeyError(f"nobody in the roster is or has {asks[:100]!a}, so nobody could ever answer")


def _condition(given: Condition, case: SigningCase) -> Condition:
    """Write out which override is ratified, where its first digits were given."""
    return Condition(kind=given.kind, text=case.ratifies) if given.kind == "ratifies" and case.ratifies else given


def _reference(found: FoundGrades | None) -> GradesReference | None:
    return GradesReference(sha256=found.on_file.sha256, summary=found.on_file.summary) if found else None


def _manifest(case: SigningCase) -> bytes:
    """Return the manifest's bytes. Raises TwokeyError where they are no longer those that the person was shown."""
    path = case.directory / MANIFEST
    try:
        data = read_regular(path)
    except FileNotFoundError:
        data = b""
    if sha256(data) != case.evidence.digest:
        hint = "nothing was kept; twokey sign shows what is there now"
        raise TwokeyError("is not the manifest that was shown", where=Place(file=str(path)), hint=hint)
    return data


def spoken_of(case: SigningCase) -> dict[str, bytes]:
    """Return what the decision speaks of: manifest, results, packet, facts, the change, and the grades it stands on."""
    kept = {
        MANIFEST: _manifest(case),
        RESULTS: case.evidence.files[RESULTS],
        "packet.json": case.evidence.files[PACKET],
        FACTS: render_facts(case.matter.checkpoints),
    }
    if case.settled.change is not None and not case.settled.change.empty:
        kept[CHANGE] = render_change(case.settled.change)
    for role, (statement, signature) in case.policy.witnesses.items():
        kept |= {witness_file(role): statement, f"{witness_file(role)}.sig": signature}
    return kept | _graded(case)


def _graded(case: SigningCase) -> dict[str, bytes]:
    """Return the grades it stands on, those that they were merged from, their signatures, and the sealed seeds."""
    if case.grades is None:
        return {}
    kept: dict[str, bytes] = {}
    wanted = {case.grades.on_file.sha256, *case.grades.grades.sources}
    for path in sorted((case.directory / GRADES).glob("grades-*.json")):
        data = read_regular(path)
        if sha256(data) in wanted:
            kept[path.name] = data
            signature = path.with_name(path.name + SshSigner.suffix)
            kept |= {signature.name: read_regular(signature)} if signature.is_file() else {}
    sealed = case.directory / SEEDS
    if case.grades.grades.seeds is not None and sealed.is_file():
        kept[sealed.name] = read_regular(sealed)
    return kept
