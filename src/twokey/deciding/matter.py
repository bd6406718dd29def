"""What decisions on this evidence must be about to count here: the open checkpoints, and the terms for closing them."""

from collections.abc import Iterable, Mapping
from typing import Any

from twokey.config.shape import is_production
from twokey.deciding.graded import FoundGrades
from twokey.deciding.policy import Deciding
from twokey.decisions.checkpoints import RELEASE, open_checkpoints, override_point
from twokey.decisions.matter import Matter, OverridePoint
from twokey.decisions.rules import names
from twokey.decisions.situation import Situation
from twokey.evidence.bundle import Evidence
from twokey.repository.change import Change, Part
from twokey.review import REVIEW

_PARTS: Mapping[Part, str] = {
    "author": "wrote a commit of the change",
    "committer": "committed a part of the change",
    "co-author": "is named as co-author of the change",
    "pusher": "pushed the change",
    "opener": "opened the request",
    "starter": "started the run that judged it",
}
FROM_GIT: tuple[Part, ...] = ("author", "committer", "co-author")


def matter_of(
    evidence: Evidence,
    policy: Deciding,
    *,
    change: Change | None,
    unwitnessed: tuple[str, ...],
    grades: Iterable[FoundGrades],
    makers: Change | None = None,
    asked: tuple[str, ...] = (),
    earlier: Mapping[str, Mapping[str, Any]] | None = None,
) -> Matter:
    """Return what decisions on this evidence must be about to count here.

    Args:
        evidence: what was found.
        policy: who may open what.
        change: what is under review, or was when people decided; None where nobody can say.
        unwitnessed: the recordings that nobody vouches for, by role.
        grades: those at hand.
        makers: another change, whose makers may not decide either.
        asked: the roles that standing escalations ask.
        earlier: facts that people signed before, by digest, to say what differs.
    """
    approval = policy.config.approval
    opened = open_checkpoints(situation_of(evidence, policy, change, unwitnessed), approval)
    point = override_point(evidence.findings, opened, approval)
    return Matter(
        manifest=evidence.digest,
        environment=policy.environment,
        repository=policy.repository,
        checkpoints=opened,
        longest=approval.expires,
        grades=tuple(dict.fromkeys(found.on_file for found in grades)),
        grades_required=policy.config.review is not None and bool(evidence.items),
        barred={**_barred(policy, makers), **_barred(policy, change)},
        override=OverridePoint(point=point, terms=approval.override) if point and approval.override else None,
        ratifiers=names(approval.checkpoints[RELEASE].close),
        asked=asked,
        earlier=earlier or {},
        metrics=metrics_of(evidence),
        recomputing=approval.recomputed == "required" and is_production(policy.environment),
        reviewer_may_decide=approval.separation.reviewer_may_decide,
    )


def situation_of(
    evidence: Evidence, policy: Deciding, change: Change | None, unwitnessed: tuple[str, ...]
) -> Situation:
    """Return all that the facts of a checkpoint are drawn from."""
    books = evidence.result("records")
    impacts = books.facts.get("impacts") if books else None
    return Situation(
        findings=evidence.findings,
        environment=policy.environment,
        low_confidence_share=_low_confidence_share(evidence),
        impacts=None if impacts is None else tuple(impacts),
        change=change,
        parties=parties(policy, change, FROM_GIT),
        unwitnessed=unwitnessed,
        pinned=evidence.manifest["subject"]["pinned"],
    )


def _barred(policy: Deciding, change: Change | None) -> dict[str, str]:
    """Say of each rostered person who may not decide on a change why not, by principal."""
    return {} if policy.config.approval.separation.author_may_decide else parties(policy, change)


def parties(policy: Deciding, change: Change | None, parts: Iterable[Part] = tuple(_PARTS)) -> dict[str, str]:
    """Say of each rostered person who had one of these parts in the change which part, by principal.

    What Git says anybody who sees the change can read, so that is signed; what only the host knows is not.
    """
    wanted = tuple(parts)
    found: dict[str, str] = {}
    for party in change.parties if change else ():
        person = policy.roster.person(party.known_as) if party.part in wanted else None
        if person is not None:
            told = "" if person.principal == party.known_as else f" (as {party.known_as})"
            found.setdefault(person.principal, f"{person.principal}{told} {_PARTS[party.part]}")
    return found


def metrics_of(evidence: Evidence) -> dict[str, float | None]:
    """Return the value of each metric in the evidence by its id, None where nothing could be computed."""
    return {
        metric.id: metric.estimate.value if metric.estimate else None
        for result in evidence.results
        for metric in result.metrics
    }


def _low_confidence_share(evidence: Evidence) -> float | None:
    selection = evidence.result(REVIEW)
    metric = selection.metric("low_confidence_share") if selection else None
    return metric.estimate.value if metric and metric.estimate else None
