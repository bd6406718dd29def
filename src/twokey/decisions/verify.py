"""Whether one decision file counts: an argument in ten steps, with a reason for every step that fails.

1. The file was had whole, and a signature lies beside it.
2. A signer finds the signature good over exactly these bytes, made for the purpose `twokey-decision-v1` and no other.
3. Those same bytes, read once and strictly, are a version 1 decision.

Without these nobody has said anything, and the check ends. From here on every reason is collected:

4. The protected roster says whose key it is; the key is not withdrawn and, at the verifier's clock, within its dates;
   a signature made in a browser was made on a page that the roster allows; and the principal named is that person.
5. It is about this evidence: the manifest's digest is the same.
6. It is about this place: the environment and the repository are the same.
7. It is about this time, by the verifier's clock: not from the future, not expired, not for longer than policy allows.
8. Each checkpoint that it names is open, was opened by the same facts, and may be closed in the role that the person
   signed in and holds now, of their own or by a delegation.
9. It says something that holds: every criterion attested, every condition that a machine can judge met, the evidence
   recomputed where policy asks for it; and not by somebody who may not decide here.
10. The grades that it stands on are there, belong to this evidence, are complete where policy asks for grades, and
    nothing that policy asks of a review voids them: a signature, sealed seeds, several reviewers.

A refusal (reject, request-changes) is easier to make than an approval, because it can only hold: steps 7, 9 and 10 and
the facts of step 8 do not apply, its key may be past its dates, and it stands for each open checkpoint that its signer
could close in any role. An override speaks of the findings and checkpoints that it releases as if they were one
checkpoint, for as long as policy lets one hold; 10 does not apply. Ratifying an override afterwards is judged by who
does it and what it names: facts and expiry are the override's.

A word that lets something through (all but refusals and escalations) never counts once its file is gone. It is heard
still, like one by a key past its dates: deleting it brings back no older word that it took the place of. What several
decisions come to together is in `standing`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from twokey import canonical
from twokey.config.scalars import Duration
from twokey.decisions.conditions import malformed, text_of, unmet
from twokey.decisions.decision import (
    EMERGENCY,
    OVERRIDE,
    REFUSALS,
    Decision,
    DecisionFile,
    NamedCheckpoint,
    RefusedFile,
)
from twokey.decisions.differing import what_differs
from twokey.decisions.document import NAMESPACE, DecisionError, parse
from twokey.decisions.matter import DecisionCheck, Matter, Voice
from twokey.decisions.people import Person, Roster
from twokey.decisions.rules import names, rule_in_words
from twokey.decisions.shapes import CLOCK_SKEW, written
from twokey.signers.base import Signature, Verifier


def check(
    file: DecisionFile | RefusedFile,
    matter: Matter,
    *,
    roster: Roster,
    signers: Mapping[str, Verifier],
    now: datetime,
) -> DecisionCheck:
    """Judge one decision file by the steps above. `now` is the verifier's clock, an aware time."""
    if now.utcoffset() is None:
        raise ValueError("the verifier's clock has no time zone")
    if isinstance(file, RefusedFile):  # step 1
        return DecisionCheck(file=file.name, valid=False, reasons=(file.reason,))
    digest = canonical.sha256(file.data)
    signature = signature_of(file, signers)  # steps 1 and 2
    if not signature.valid:
        return _unread(file.name, digest, signature, (signature.reason or "the signature is not good",))
    try:
        decision = parse(file.data, file.name)  # step 3
    except DecisionError as error:
        return _unread(file.name, digest, signature, tuple(problem.message for problem in error.problems))
    return _judge(file, decision, signature, matter, roster, now)


def _unread(name: str, digest: str, signature: Signature, reasons: tuple[str, ...]) -> DecisionCheck:
    return DecisionCheck(
        file=name, valid=False, reasons=reasons, sha256=digest, key=signature.key, crosscheck=signature.crosscheck
    )


def signature_of(file: DecisionFile, signers: Mapping[str, Verifier]) -> Signature:
    """Steps 1 and 2: a good signature over exactly these bytes, or why there is none."""
    if file.signature is None:
        return Signature(valid=False, key=None, reason="no signature lies beside it")
    signer = signers.get(file.signer)
    if signer is None:
        return Signature(valid=False, key=None, reason=f"there is no signer called {file.signer}")
    return signer.verify(file.data, file.signature, NAMESPACE)


def _judge(
    file: DecisionFile, decision: Decision, signature: Signature, matter: Matter, roster: Roster, now: datetime
) -> DecisionCheck:
    """Steps 4 to 10, each adding its reasons."""
    person, voice, reasons = heard(decision, signature, roster, now)  # step 4
    if file.gone is not None:
        voice, reasons = min(voice, Voice.HOLDS), [file.gone, *reasons]
    elsewhere = [*_evidence(decision, matter), *_place(decision, matter)]  # steps 5 and 6
    votes: tuple[tuple[str, str], ...]
    if decision.choice in REFUSALS:
        votes = tuple(_holds(decision, person, matter, roster, now))  # step 8, for refusals
        late_key = voice is Voice.HOLDS
        reasons = [*([] if late_key else reasons), *elsewhere]
        reasons += [] if votes else ["it names no open checkpoint that its signer could close"]
    else:
        reasons += [*elsewhere, *_time(decision, matter, now)]  # step 7
        for named in decision.checkpoints:
            reasons += _checkpoint(decision, named, matter)  # step 8
            reasons += _role(named, person, roster, now)
        reasons += [*_says(decision, person, matter, now), *_grades(decision, person, matter)]  # steps 9 and 10
        votes = tuple((named.name, named.role) for named in decision.checkpoints)
    return DecisionCheck(
        file=file.name,
        valid=not reasons,
        reasons=tuple(dict.fromkeys(reasons)),
        sha256=canonical.sha256(file.data),
        decision=decision,
        person=person.principal if person else None,
        key=signature.key,
        crosscheck=signature.crosscheck,
        voice=Voice.NONE if elsewhere else voice,
        votes=votes,
    )


def heard(
    decision: Decision, signature: Signature, roster: Roster, now: datetime
) -> tuple[Person | None, Voice, list[str]]:
    """Step 4: whose key it is, how far its word is heard, and every reason why it is not heard in full."""
    return heard_for(decision.principal, signature, roster, now)


def heard_for(
    principal: str, signature: Signature, roster: Roster, now: datetime
) -> tuple[Person | None, Voice, list[str]]:
    """Step 4, for whatever somebody signs in the name of `principal`."""
    found = roster.person_of_key(signature.key or "")
    if found is None:
        return None, Voice.NONE, ["the key that signed it is nobody's in the roster"]
    person, entry = found
    reasons = []
    if not person.known_as(principal):
        reasons.append(f"it speaks for {principal}, but the key is {person.principal}'s")
    if withdrawn := entry.withdrawn(now):
        reasons.append(withdrawn)
    if signature.origin is not None and signature.origin not in entry.origins:
        allowed = ", ".join(entry.origins) or "none"
        reasons.append(f"it was signed on the page {signature.origin}; the roster allows this key {allowed}")
    voice = Voice.NONE if reasons else Voice.SPEAKS
    if late := entry.out_of_date(now):
        reasons.append(late)
        voice = min(voice, Voice.HOLDS)
    return person, voice, reasons


def _evidence(decision: Decision, matter: Matter) -> Iterator[str]:
    """Step 5."""
    if decision.manifest != matter.manifest:
        yield f"it is about other evidence: manifest {decision.manifest[:12]}, here {matter.manifest[:12]}"


def _place(decision: Decision, matter: Matter) -> Iterator[str]:
    """Step 6."""
    if decision.environment != matter.environment:
        yield f"it is for the environment {decision.environment}, not {matter.environment}"
    if decision.repository != matter.repository:
        yield f"it is for the repository {decision.repository}, not {matter.repository}"


def _time(decision: Decision, matter: Matter, now: datetime) -> Iterator[str]:
    """Step 7, to the second; an approval ends at the second it names."""
    if decision.decided_at > now + CLOCK_SKEW:
        yield f"it was decided in the future: {written(decision.decided_at)}"
    if decision.choice == "ratify":
        return
    if decision.expires_at <= now:
        yield f"it expired at {written(decision.expires_at)}"
    longest = _longest(decision, matter)
    if decision.expires_at - decision.decided_at > timedelta(seconds=longest.seconds):
        yield f"it holds until {written(decision.expires_at)}, longer than the {longest} that policy allows"


def _longest(decision: Decision, matter: Matter) -> Duration:
    return matter.override.terms.expires if decision.choice == "override" and matter.override else matter.longest


def _checkpoint(decision: Decision, named: NamedCheckpoint, matter: Matter) -> Iterator[str]:
    """Step 8, for one checkpoint of a word that is no refusal: is it open, by these facts, to this role?"""
    if decision.choice in EMERGENCY:
        yield from _emergency(decision, named, matter)
        return
    opened = matter.checkpoint(named.name)
    if opened is None:
        yield f"the checkpoint {named.name} is not open"
        return
    if named.facts != opened.digest:
        told = what_differs(matter.earlier.get(named.facts), opened.facts)
        yield f"the checkpoint {named.name} was opened by other facts when it was decided{told and f': {told}'}"
    if named.role not in (*names(opened.close), *matter.asked):
        yield f"the checkpoint {named.name} is not closed by {named.role}; it takes {rule_in_words(opened.close)}"


def _emergency(decision: Decision, named: NamedCheckpoint, matter: Matter) -> Iterator[str]:
    """Step 8, for an override and for ratifying one."""
    if named.name != OVERRIDE:
        yield f"it speaks of {named.name}; {decision.choice} speaks of {OVERRIDE} and nothing else"
    elif decision.choice == "ratify":
        if named.role not in matter.ratifiers:
            yield f"an override is not ratified by {named.role}; it takes any of {', '.join(matter.ratifiers)}"
    elif matter.override is None:
        yield "policy takes no overrides here"
    else:
        if named.facts != matter.override.point.digest:
            yield "what it releases is not what there is to release now"
        if named.role not in matter.override.terms.roles:
            yield f"an override is not made by {named.role}; it takes any of {', '.join(matter.override.terms.roles)}"


def _role(named: NamedCheckpoint, person: Person | None, roster: Roster, now: datetime) -> Iterator[str]:
    """Step 8: does the person hold the role that they signed in?"""
    if person is not None and not roster.holds(person, named.role, now):
        yield f"{person.principal} is not {named.role}"


def _holds(
    decision: Decision, person: Person | None, matter: Matter, roster: Roster, now: datetime
) -> Iterator[tuple[str, str]]:
    """Step 8, for a refusal: the open checkpoints that its signer could close, each with a role in which they could."""
    for name in dict.fromkeys(named.name for named in decision.checkpoints):
        opened = matter.checkpoint(name)
        if opened is not None and person is not None:
            yield from [(name, role) for role in names(opened.close) if roster.holds(person, role, now)][:1]


def _says(decision: Decision, person: Person | None, matter: Matter, now: datetime) -> Iterator[str]:
    """Step 9."""
    wrong = tuple(malformed(decision))
    yield from wrong
    if decision.choice == "override" and matter.override and matter.override.terms.ticket == "required":
        yield from () if text_of(decision, "ticket") else ["it names no ticket, and policy requires one"]
    if decision.choice in ("approve", "ratify"):
        yield from _barred(person, matter)
    if decision.choice != "approve":
        return
    if matter.recomputing and not decision.recomputed:
        yield f"its signer did not recompute the evidence, which policy asks for in {matter.environment}"
    for condition in () if wrong else decision.conditions:
        if reason := unmet(condition, metrics=matter.metrics, now=now):
            yield reason
    attested = {(row.checkpoint, row.criterion) for row in decision.criteria if row.attested}
    for name in dict.fromkeys(named.name for named in decision.checkpoints):
        opened = matter.checkpoint(name)
        for criterion in opened.criteria if opened else ():
            if (name, criterion) not in attested:
                yield f"the criterion {criterion!r} of {name} is not attested"


def _barred(person: Person | None, matter: Matter) -> Iterator[str]:
    """Step 9: separation of duties, under whatever name."""
    for who, why in sorted(matter.barred.items()):
        if person is not None and person.known_as(who):
            yield f"{person.principal} may not decide here: {why}"


def _grades(decision: Decision, person: Person | None, matter: Matter) -> Iterator[str]:
    """Step 10."""
    if decision.choice != "approve":
        return
    if decision.grades is None:
        if matter.grades_required:
            yield "it stands on no grades, and policy asks for them"
        return
    cited = decision.grades
    found = next((grades for grades in matter.grades if grades.sha256 == cited.sha256), None)
    if found is None:
        yield f"the grades that it stands on are not here or were changed: {cited.sha256[:12]}"
        return
    if found.manifest != matter.manifest:
        yield "the grades that it stands on are about other evidence"
    if found.summary != cited.summary:
        yield "the summary of grades that it signs is not that of the grades file"
    if matter.grades_required and not found.complete:
        yield f"the grades that it stands on are not complete: {found.summary.graded} of {found.summary.items} items"
    if found.seeds != decision.seeds:
        yield "the sealed seeds that it names are not those of the grades that it stands on"
    yield from (f"the grades that it stands on do not count: {fault}" for fault in found.faults)
    graders = (found.reviewer, *found.merged_from)
    if not matter.reviewer_may_decide and person is not None and any(map(person.known_as, graders)):
        yield f"{person.principal} graded the outputs, and policy wants another person to decide"
