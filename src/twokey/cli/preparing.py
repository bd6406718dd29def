"""Preparing a signature: the evidence read and recomputed, the policy, who would sign, for what, on which grades.

Asking is in `asking`, signing itself in `signing`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from twokey.canonical import dumps, loads, sha256
from twokey.cli.binding import SigningCase
from twokey.cli.concluding import opened_at, refuse_other_bytes, run_facts, with_policy_diff
from twokey.cli.policy import Policy, read_policy
from twokey.cli.signing_keys import AtPage, who_signs, who_signs_at
from twokey.cli.terms import deciding
from twokey.cli.underway import removed
from twokey.config.judges import judge_in_use
from twokey.config.scalars import file_path
from twokey.deciding.asked import Asked
from twokey.deciding.graded import FoundGrades, grades_below
from twokey.deciding.policy import Deciding
from twokey.deciding.settling import settle
from twokey.decisions.contents import Files
from twokey.decisions.decision import Choice, DecisionFile
from twokey.decisions.directory_store import read_folder
from twokey.decisions.matter import Matter
from twokey.decisions.people import Person
from twokey.decisions.rules import names
from twokey.decisions.seen import parse_change
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.kept import kept_evidence
from twokey.evidence.layout import CONCLUSION, DECISIONS, GRADES, RUN
from twokey.evidence.store import read_evidence
from twokey.evidence.subject import hash_subject
from twokey.pipeline import conclude
from twokey.repository.change import Change, in_order

SHORTEST = 12


def recorded_config(directory: Path, given: Path | None) -> Path:
    """Return the config to decide under: the one given, else the one that `run` used for this evidence.

    Raises TwokeyError where what `run` wrote down is no path: anybody can have edited it.
    """
    name = run_facts(directory).get("config")
    if given is not None or not isinstance(name, str):
        return given or Path("gates.yaml")
    try:
        file_path(name)
    except ValueError as error:
        where = Place(file=str(directory / RUN))
        raise TwokeyError(f"config: {error}, found {name[:100]!a}", where=where, hint="--config names it") from None
    return Path(name)


def recorded_policy(directory: Path, config: Path, refs: tuple[str, ...]) -> Policy:
    """Read the policy to decide under: at the ref given, else at the one where `run` found it.

    What `run` wrote down only helps to find it: under another policy than the verifier's a decision does not count,
    and where no ref is named the person reads that policy is that of the checkout.
    """
    facts = run_facts(directory)
    known = facts.get("policy_ref")
    refs = refs or ((known,) if isinstance(known, str) else ())
    return read_policy(config, refs, bootstrap=facts.get("bootstrap") is True)


def prepare(
    directory: Path,
    config_path: Path | None,
    *,
    environment: str,
    repository: str | None,
    policy_refs: tuple[str, ...] = (),
    key: Path | None,
    choice: Choice | None = None,
    ratifies: str | None = None,
    page: AtPage | None = None,
    now: datetime,
) -> SigningCase:
    """Read and recompute the evidence, and find who would sign for which checkpoints.

    `page` says who signs on a page, where a passkey does as well as an SSH key. `ratifies` is the override that is
    ratified, by the first digits of its digest: then the evidence is the one that it released, as the store keeps it.

    Raises:
        TwokeyError: the evidence is not that of the recordings, policy or subject at hand; nobody here may sign;
            nothing is open; there is no such override.
    """
    path = recorded_config(directory, config_path)
    policy = recorded_policy(directory, path, policy_refs)
    if ratifies is not None:
        evidence, ratifies = _overridden(policy, ratifies)
        not_here: Path | None = Path(policy.config.recordings.candidate.path)
    else:
        evidence = read_evidence(directory)
        not_here = _recompute(evidence, policy)
    terms = deciding(evidence, policy, environment=environment, repository=repository)
    terms = replace(terms, ground=replace(terms.ground, change=_with_host(terms.ground.change, directory)))
    subject = hash_subject(path.parent, policy.config.subject)
    settled = settle(evidence, terms, now)
    opened = opened_at(directory, evidence.digest)
    conclusion = conclude(evidence, terms, subject, now, opened_at=opened, settled=settled)
    conclusion = with_policy_diff(policy, conclusion)
    if conclusion.subject == "differs" and ratifies is None:
        raise TwokeyError("; ".join(conclusion.reasons), hint="twokey run makes evidence of what is here now")
    asked = Asked(review=terms.config.review, roster=terms.roster, signers=terms.signers, now=now)
    beside = {**terms.store.files(terms.folder(evidence)), **_sealed(directory)}
    found = [*grades_below(directory / GRADES, evidence, asked, beside), *settled.grades]
    matter = replace(settled.matter, grades=tuple(dict.fromkeys(one.on_file for one in found)))
    person, key_file = (
        who_signs(terms, path.parent, key) if page is None else who_signs_at(page, terms, path.parent, key, now)
    )
    return SigningCase(
        directory=directory,
        config=path,
        evidence=evidence,
        policy=terms,
        settled=settled,
        matter=matter,
        conclusion=conclusion,
        person=person,
        key=key_file,
        roles_of=_roles(matter, terms, person, choice, now),
        grades=_chosen_grades(found, person),
        not_here=not_here,
        ratifies=ratifies,
    )


def _sealed(directory: Path) -> Files:
    """Return the sealed bundle of seeds and its opening, as far as they are in the evidence directory."""
    bundle = read_folder(directory / "review", lambda name: name == "seeds.json")
    return {**bundle, **read_folder(directory / DECISIONS, lambda name: name.startswith("seeds-"))}


def _overridden(policy: Policy, digits: str) -> tuple[Evidence, str]:
    """Return the evidence that an override released, and the digest of the override's decision file."""
    store, gone = policy.store(), removed(policy, policy.ground)
    found = {
        sha256(file.data): folder
        for folder in store.folders()
        for file in store.read(folder, gone, releasing=True)
        if isinstance(file, DecisionFile) and b'"override"' in file.data and sha256(file.data).startswith(digits)
    }
    if len(found) != 1 or len(digits) < SHORTEST:
        told = f"{len(found)} overrides start with {digits[:64]!a}; expected {SHORTEST} or more digits of one"
        raise TwokeyError(told, where=Place(file=store.place), hint="twokey verify names those that await review")
    ((digest, folder),) = found.items()
    return kept_evidence(store.files(folder), folder), digest


def _with_host(change: Change | None, directory: Path) -> Change | None:
    """Add who pushed and who opened the request, as the run on the host wrote it down; only the host knows that.

    Anybody can have edited what is read here, so it may only add: more people who may not decide. Labels are not taken
    from it, since that one is missing opens less: where no host tells them here, they are not known.
    """
    path = directory / CONCLUSION
    if change is None or change.empty or not path.is_file():
        return change
    try:
        written = loads(path.read_bytes(), file=str(path))
        facts = written.get("change") if isinstance(written, dict) else None
        known = parse_change(dumps(facts), str(path)) if isinstance(facts, dict) else None
    except TwokeyError:
        known = None
    if known is None:
        return change
    hosts = {party for party in known.parties if party.authenticated}
    return replace(change, parties=in_order((*change.parties, *hosts)))


def _recompute(evidence: Evidence, policy: Policy) -> Path | None:
    """Judge again where the recording is here; return the one that is not."""
    candidate = policy.directory / policy.config.recordings.candidate.path
    baseline = policy.config.recordings.baseline
    if not candidate.is_file():
        return candidate
    if baseline is not None and not policy.ground.protected and not (policy.directory / baseline.path).is_file():
        return policy.directory / baseline.path
    judge = judge_in_use(policy.config.gates)
    if judge is not None and not (policy.directory / policy.config.judges[judge].recording).is_file():
        return policy.directory / policy.config.judges[judge].recording
    refuse_other_bytes(evidence, policy)
    return None


def _roles(
    matter: Matter, policy: Deciding, person: Person, choice: Choice | None, now: datetime
) -> Mapping[str, tuple[str, ...]]:
    """Return the roles in which the person speaks of each point of this matter, for those of which they may.

    One role is enough but where a rule asks for each of several, or where somebody asked one: then they speak in all
    that they hold, and whoever counts finds the one in which they are needed.
    """
    points = dict(_points(matter, choice))
    if not points:
        raise TwokeyError("no checkpoint is open: there is nothing to sign", hint="twokey verify says why")
    held = {
        name: tuple(role for role in dict.fromkeys(roles) if policy.roster.holds(person, role, now))
        for name, roles in points.items()
    }
    every = {opened.name for opened in matter.checkpoints if opened.close.all_of}
    found = {
        name: tuple(role for role in roles if name in every or role == roles[0] or role in matter.asked)
        for name, roles in held.items()
        if roles
    }
    if not found:
        asked = "; ".join(f"{name} by {', '.join(roles)}" for name, roles in points.items())
        what = "may close none of the open checkpoints" if choice not in ("override", "ratify") else "may not"
        raise TwokeyError(f"{person.principal} {what}: {asked}")
    return found


def _points(matter: Matter, choice: Choice | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a decision of that kind speaks of, with the roles in which one may."""
    if choice == "ratify":
        yield "override", matter.ratifiers
    elif choice == "override":
        if matter.override is None:
            raise TwokeyError("policy takes no overrides", hint="approval.override says who may make one")
        yield "override", matter.override.terms.roles
    else:
        yield from ((opened.name, (*names(opened.close), *matter.asked)) for opened in matter.checkpoints)


def _chosen_grades(found: list[FoundGrades], person: Person) -> FoundGrades | None:
    """Return the grades to stand on: those that count first, then complete ones, the person's own before others'."""

    def rank(one: FoundGrades) -> tuple[bool, bool, bool, str]:
        theirs = person.known_as(one.grades.reviewer)
        return (bool(one.on_file.faults), not one.on_file.complete, not theirs, one.on_file.sha256)

    return min(found, key=rank, default=None)
