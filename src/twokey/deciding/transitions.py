"""Who let a change of policy through: people whom the policy before it entitles, by their signatures over its edits.

Looked at long after, so expiry and a key's dates are no matter: a key that has run out was good when it signed. One
that is withdrawn is believed in nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from twokey.canonical import digest, loads
from twokey.config.shape import Approval
from twokey.decisions.checkpoints import POLICY_CHANGE, RELEASE
from twokey.decisions.contents import Files
from twokey.decisions.decision import Decision, DecisionFile
from twokey.decisions.document import NAMESPACE, DecisionError, parse
from twokey.decisions.matter import Voice
from twokey.decisions.people import Roster
from twokey.decisions.rules import satisfies
from twokey.decisions.seen import is_of_facts
from twokey.decisions.store import DecisionStore
from twokey.decisions.verify import heard
from twokey.errors import TwokeyError
from twokey.repository.change import PolicyEdit
from twokey.signers.base import Verifier


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Vote:
    """A person's approval of a change of policy, in the role that they signed in."""

    person: str
    role: str


def let_through(
    edits: Iterable[PolicyEdit],
    store: DecisionStore,
    *,
    approval: Approval,
    roster: Roster,
    signers: Mapping[str, Verifier],
    now: datetime,
) -> tuple[Vote, ...]:
    """Return who closed `policy-change` over exactly these edits; nobody where the rule is not satisfied.

    Args:
        edits: what the change did to files of the policy.
        store: where decisions are kept now.
        approval: the deciding policy before the change.
        roster: the people before the change.
        signers: by name.
        now: the verifier's clock, an aware time.
    """
    wanted = [asdict(edit) for edit in edits]
    rules = approval.checkpoints
    close = rules[POLICY_CHANGE if POLICY_CHANGE in rules else RELEASE].close
    folders = store.folders()
    votes = {vote for one in folders for vote in _votes(store, one, wanted, approval, roster, signers, now)}
    given = tuple(sorted(votes))
    return given if satisfies(close, [(vote.person, vote.role) for vote in given]) else ()


def _votes(
    store: DecisionStore,
    folder: str,
    wanted: list[dict[str, Any]],
    approval: Approval,
    roster: Roster,
    signers: Mapping[str, Verifier],
    now: datetime,
) -> Iterator[Vote]:
    about = {
        digest(facts): facts["change"]
        for facts in _facts(store.files(folder))
        if isinstance(facts.get("change"), dict) and facts["change"].get("policy") == wanted
    }
    for file in store.read(folder) if about else ():
        found = _approval(file, roster, signers, now) if isinstance(file, DecisionFile) else None
        if found is None:
            continue
        person, decision = found
        for row in decision.checkpoints:
            change = about.get(row.facts) if row.name == POLICY_CHANGE else None
            if change is None or (person in change["parties"] and not approval.separation.author_may_decide):
                continue
            yield Vote(person=person, role=row.role)


def _approval(
    file: DecisionFile, roster: Roster, signers: Mapping[str, Verifier], now: datetime
) -> tuple[str, Decision] | None:
    """Return who approved, in roles that they hold, and their decision; None where nobody on the roster did."""
    signer = signers.get(file.signer)
    signature = signer.verify(file.data, file.signature, NAMESPACE) if signer and file.signature else None
    if signature is None or not signature.valid:
        return None
    try:
        decision = parse(file.data, file.name)
    except DecisionError:
        return None
    person, voice, _ = heard(decision, signature, roster, now)
    if person is None or voice is Voice.NONE or decision.choice != "approve":
        return None
    held = all(roster.holds(person, row.role, decision.decided_at) for row in decision.checkpoints)
    return (person.principal, decision) if held else None


def _facts(files: Files) -> Iterator[Mapping[str, Any]]:
    """Yield the facts that people signed the digests of, as they are kept beside the decisions."""
    for name in sorted(files):
        data = files[name]
        if not is_of_facts(name) or not isinstance(data, bytes):
            continue
        try:
            kept = loads(data, file=name)
        except TwokeyError:
            continue
        yield from (facts for facts in kept if isinstance(facts, dict)) if isinstance(kept, list) else ()
