"""Which checkpoints are open, and what opened them. Pure: a situation and policy in, values out.

When a clause holds is in `clauses`. Whose approval closes a checkpoint is in `rules`; whether an approval counts is
judged in `verify`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from twokey import canonical
from twokey.config.shape import Approval, CheckpointPolicy, Close, Timeout
from twokey.decisions.clauses import Match, finding_fact, match
from twokey.decisions.decision import OVERRIDE
from twokey.decisions.situation import Situation
from twokey.errors import TwokeyError
from twokey.outcome import Finding
from twokey.values import dataclass

RELEASE = "release"
POLICY_CHANGE = "policy-change"
ALWAYS = (RELEASE, POLICY_CHANGE)  # they open in every environment


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCheckpoint:
    """A point that needs a person now. `digest` is of `facts`, and is what a decision signs.

    `opened_by` says in sentences what opened it; `claims` are the ids of the findings that closing it would release.
    """

    name: str
    opened_by: tuple[str, ...]
    claims: tuple[str, ...]
    facts: Mapping[str, Any]
    digest: str
    close: Close
    criteria: tuple[str, ...] = ()
    timeout: Timeout | None = None

    def claims_finding(self, finding: Finding) -> bool:
        """Return whether closing this checkpoint would release that finding, as it stands: id and status."""
        return finding_fact(finding) in self.facts["findings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """A checkpoint that opens, before the others that do are known."""

    name: str
    policy: CheckpointPolicy
    because: tuple[str, ...]
    matches: tuple[Match, ...]
    by_change: bool


def open_checkpoints(
    situation: Situation, policy: Approval, *, review_required: bool = False
) -> tuple[OpenCheckpoint, ...]:
    """Return the open checkpoints, `release` first, then by name.

    `release` opens in every environment that policy does not call automatic, for a subject that is unpinned, and
    wherever `review_required` says that somebody must look first. `policy-change` opens where the change edits policy,
    whether policy has a checkpoint of that name or not; without one it closes as `release` does. Otherwise a checkpoint
    opens when one of its clauses holds.

    Raises:
        TwokeyError: policy has no checkpoint `release`.
    """
    asked = dict(policy.checkpoints)
    if RELEASE not in asked:
        raise TwokeyError("the deciding policy has no checkpoint called release, so nothing could ever be let through")
    asked.setdefault(POLICY_CHANGE, CheckpointPolicy(close=asked[RELEASE].close))
    openings = []
    for name in sorted(asked, key=lambda name: (name != RELEASE, name)):
        rule = asked[name]
        if rule.environments and situation.environment not in rule.environments and name not in ALWAYS:
            continue
        matches = tuple(found for clause in rule.opens if (found := match(clause, situation)))
        because = [found.sentence for found in matches]
        because += _unasked(name, situation, policy, review_required)
        if because:
            by_change = name == POLICY_CHANGE or any(found.by_change for found in matches)
            openings.append(
                _Opening(name=name, policy=rule, because=tuple(because), matches=matches, by_change=by_change)
            )
    with_it = sorted(opening.name for opening in openings if opening.by_change)
    return tuple(_opened(opening, situation, with_it) for opening in openings)


def override_point(
    findings: Iterable[Finding], opened: Iterable[OpenCheckpoint], policy: Approval
) -> OpenCheckpoint | None:
    """Return what an override would sign here: exactly these findings and open checkpoints. None where policy has none.

    It is no checkpoint that anything opens; it has the shape of one so that the same steps judge who signed what.
    """
    if policy.override is None:
        return None
    found = _sorted_facts(findings)
    facts = {
        "checkpoint": OVERRIDE,
        "findings": found,
        "releases": {one.name: one.digest for one in sorted(opened, key=lambda one: one.name)},
    }
    return OpenCheckpoint(
        name=OVERRIDE,
        opened_by=("an emergency",),
        claims=tuple(fact["id"] for fact in found),
        facts=facts,
        digest=canonical.digest(facts),
        close=Close(any_of=policy.override.roles),
    )


def unclaimed(findings: Iterable[Finding], opened: Iterable[OpenCheckpoint]) -> tuple[Finding, ...]:
    """Return the findings that no open checkpoint claims: each of them blocks, whoever approves."""
    opened = tuple(opened)
    return tuple(f for f in findings if not any(checkpoint.claims_finding(f) for checkpoint in opened))


def _unasked(name: str, situation: Situation, policy: Approval, review_required: bool) -> list[str]:
    """Say what opens a checkpoint whether policy has a clause for it or not."""
    if name == POLICY_CHANGE:
        edits = situation.change.policy if situation.change else ()
        return [f"the change edits policy: {', '.join(edit.path for edit in edits)}"] if edits else []
    if name != RELEASE:
        return []
    because = []
    if situation.environment not in policy.automatic.environments:
        because.append(f"policy lets nothing into {situation.environment} without a decision")
    if not situation.pinned:
        because.append("the subject is unpinned: no files of it are named")
    if review_required:
        because.append("somebody has to look at the outputs first")
    return because


def _opened(opening: _Opening, situation: Situation, with_it: list[str]) -> OpenCheckpoint:
    found = _sorted_facts(finding for one in opening.matches for finding in one.findings)
    facts = {
        "checkpoint": opening.name,
        "opened_by": [one.facts for one in opening.matches],
        "findings": found,
        "change": _of_change(opening.name, situation, with_it),
    }
    return OpenCheckpoint(
        name=opening.name,
        opened_by=opening.because,
        claims=tuple(fact["id"] for fact in found),
        facts=facts,
        digest=canonical.digest(facts),
        close=opening.policy.close,
        criteria=opening.policy.criteria,
        timeout=opening.policy.timeout,
    )


def _of_change(name: str, situation: Situation, with_it: list[str]) -> dict[str, Any]:
    """Return what of the change every checkpoint signs: who had a part in it, and which checkpoints it opened.

    So a deploy job, which sees no change, cannot be shown a smaller one, or one by other people. What the change edits
    is in the facts of the checkpoint that it opened: another README makes no approval stale.
    """
    change = situation.change
    facts: dict[str, Any] = {"known": change is not None, "parties": sorted(situation.parties), "opens": with_it}
    if change is None:
        return facts
    if name == POLICY_CHANGE:
        facts["policy"] = [asdict(edit) for edit in change.policy]
        facts["judging_after"] = change.judging_after
    return facts


def _sorted_facts(findings: Iterable[Finding]) -> list[dict[str, str]]:
    rows = {(finding.id, finding.status.value): finding_fact(finding) for finding in findings}
    return [rows[key] for key in sorted(rows)]
