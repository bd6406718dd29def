"""Who let a change of policy through: people whom the policy before it entitles, by their signatures over its edits.

Looked at long after, so expiry and a key's dates are no matter: a key that has run out was good when it signed. One
that is withdrawn is believed in nothing. A word for another repository, or for an environment that is not asked about,
let nothing through here; nor did one that its person took back, or a refusal of theirs stands beside.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from twokey.canonical import digest
from twokey.config.shape import Approval
from twokey.deciding.facts import facts_in
from twokey.decisions.checkpoints import POLICY_CHANGE, RELEASE
from twokey.decisions.matter import Voice
from twokey.decisions.people import Roster
from twokey.decisions.rules import satisfies
from twokey.decisions.spoken import Spoken, spoken, standing_refusals
from twokey.decisions.store import DecisionStore
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
    repository: str,
    environments: Callable[[str], bool],
    now: datetime,
) -> tuple[Vote, ...]:
    """Return who closed `policy-change` over exactly these edits; nobody where the rule is not satisfied.

    Args:
        edits: what the change did to files of the policy.
        store: where decisions are kept now.
        approval: the deciding policy before the change.
        roster: the people before the change.
        signers: by name.
        repository: the one that decisions must be for.
        environments: says of an environment whether decisions for it count.
        now: the verifier's clock, an aware time.
    """
    edits, rules = tuple(edits), approval.checkpoints
    close = rules[POLICY_CHANGE if POLICY_CHANGE in rules else RELEASE].close
    votes = set[Vote]()
    for folder in store.folders():
        about = _about(store, folder, [asdict(edit) for edit in edits])
        said = spoken(store.read(folder) if about else (), roster=roster, signers=signers, now=now)
        here = [one for one in said if one.decision.repository == repository and environments(one.decision.environment)]
        votes.update(_votes(about, here, approval, roster))
    given = tuple(sorted(votes))
    return given if satisfies(close, [(vote.person, vote.role) for vote in given]) else ()


def _about(store: DecisionStore, folder: str, wanted: list[dict[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Return what people had before them of a change with exactly these edits, by the digest of the facts."""
    try:
        files = store.files(folder)
    except TwokeyError:  # whoever fills a folder with junk takes approvals away, and gives none
        return {}
    return {
        digest(facts): facts["change"]
        for facts in facts_in(files)
        if isinstance(facts.get("change"), dict) and facts["change"].get("policy") == wanted
    }


def _votes(
    about: Mapping[str, Mapping[str, Any]], said: Iterable[Spoken], approval: Approval, roster: Roster
) -> Iterator[Vote]:
    """Yield the approvals by those facts that stand, each in the role that its person signed in and held then."""
    said = [one for one in said if one.voice is not Voice.NONE]
    taken_back = {(one.person.principal, old) for one in said for old in one.decision.supersedes}
    refusing = {one.person.principal for one in standing_refusals(said)}
    for one in said:
        who, decision = one.person.principal, one.decision
        held = all(roster.holds(one.person, row.role, decision.decided_at) for row in decision.checkpoints)
        if decision.choice != "approve" or not held or who in refusing or (who, one.sha256) in taken_back:
            continue
        for row in decision.checkpoints:
            change = about.get(row.facts) if row.name == POLICY_CHANGE else None
            if change is None or (who in change["parties"] and not approval.separation.author_may_decide):
                continue
            yield Vote(person=who, role=row.role)
