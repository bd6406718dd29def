"""Which checkpoints are open, and what opened them. Pure: findings and policy in, values out.

Whatever cannot be known opens: a share that nobody could compute, changed paths that nobody has read. Whose approval
closes a checkpoint is in `rules`; whether an approval counts is judged in `verify`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twokey import canonical
from twokey.config.shape import Approval, CheckpointPolicy, Close, Opens, Timeout
from twokey.errors import TwokeyError
from twokey.outcome import Finding

RELEASE = "release"


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
        return {"id": finding.id, "status": finding.status.value} in self.facts["findings"]

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, as it stands in conclusion.json."""
        return {
            "name": self.name,
            "opened_by": list(self.opened_by),
            "claims": list(self.claims),
            "facts": dict(self.facts),
            "digest": self.digest,
            "criteria": list(self.criteria),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """One clause that holds: what it says, the findings it names, the facts it stands on."""

    sentence: str
    clause: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    uses_share: bool = False


def open_checkpoints(
    findings: Sequence[Finding],
    *,
    low_confidence_share: float | None,
    policy: Approval,
    environment: str,
    review_required: bool = False,
) -> tuple[OpenCheckpoint, ...]:
    """Return the open checkpoints, `release` first, then by name.

    `release` opens in every environment that policy does not call automatic, and wherever `review_required` says that
    somebody must look first; otherwise a checkpoint opens when one of its clauses holds.

    Args:
        findings: of all gates.
        low_confidence_share: the share of records under the review's confidence; None where nobody could compute it.
        policy: the deciding policy.
        environment: where the subject would go.
        review_required: whether a run is not clean before a person has looked at it.

    Raises:
        TwokeyError: policy has no checkpoint `release`.
    """
    asked = policy.checkpoints
    if RELEASE not in asked:
        raise TwokeyError("the deciding policy has no checkpoint called release, so nothing could ever be let through")
    opened = []
    for name in sorted(asked, key=lambda name: (name != RELEASE, name)):
        matches = [match for clause in asked[name].opens if (match := _holds(clause, findings, low_confidence_share))]
        because = [match.sentence for match in matches]
        if name == RELEASE and environment not in policy.automatic.environments:
            because.insert(0, f"policy lets nothing into {environment} without a decision")
        if name == RELEASE and review_required:
            because.append("somebody has to look at the outputs first")
        if because:
            opened.append(_opened(name, asked[name], because, matches, low_confidence_share))
    return tuple(opened)


def unclaimed(findings: Iterable[Finding], opened: Iterable[OpenCheckpoint]) -> tuple[Finding, ...]:
    """Return the findings that no open checkpoint claims: each of them blocks, whoever approves."""
    opened = tuple(opened)
    return tuple(f for f in findings if not any(checkpoint.claims_finding(f) for checkpoint in opened))


def _opened(
    name: str, policy: CheckpointPolicy, because: list[str], matches: list[_Match], share: float | None
) -> OpenCheckpoint:
    found = sorted({(finding.id, finding.status.value) for match in matches for finding in match.findings})
    facts = {
        "checkpoint": name,
        "clauses": [match.clause for match in matches],
        "findings": [{"id": id_, "status": status} for id_, status in found],
        "low_confidence_share": _known(share) if any(match.uses_share for match in matches) else None,
    }
    return OpenCheckpoint(
        name=name,
        opened_by=tuple(because),
        claims=tuple(sorted({id_ for id_, _ in found})),
        facts=facts,
        digest=canonical.digest(facts),
        close=policy.close,
        criteria=policy.criteria,
        timeout=policy.timeout,
    )


def _holds(clause: Opens, findings: Sequence[Finding], share: float | None) -> _Match | None:
    """Return how a clause holds, or None. All that it gives must hold; what cannot be known does."""
    sentences: list[str] = []
    matching: tuple[Finding, ...] = ()
    about_findings = bool(clause.gates) or (clause.low_confidence_share is None and not clause.paths)
    if about_findings:
        matching = _matching(clause, findings)
        if not matching:
            return None
        sentences.append(", ".join(f"{finding.id} is {finding.status.value}" for finding in matching))
    if clause.low_confidence_share is not None:
        known = _known(share)
        if known is not None and known < canonical.quantise(clause.low_confidence_share):
            return None
        limit = f"{clause.low_confidence_share * 100:g}%"
        said = "not known" if known is None else f"{known * 100:g}%"
        sentences.append(f"the share of low-confidence outputs is {said}; this opens from {limit}")
    if clause.paths:
        sentences.append(f"changed files may match {', '.join(clause.paths)}: this version does not read the change")
    return _Match(
        sentence="; ".join(sentences),
        clause=_clause(clause, about_findings),
        findings=matching,
        uses_share=clause.low_confidence_share is not None,
    )


def _matching(clause: Opens, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    chosen = [f for f in findings if f.status.value in clause.status and (not clause.gates or f.gate in clause.gates)]
    return tuple(sorted(chosen, key=lambda finding: (finding.id, finding.status.value)))


def _clause(clause: Opens, about_findings: bool) -> dict[str, Any]:
    return {
        "gates": sorted(clause.gates),
        "status": sorted(clause.status) if about_findings else [],
        "low_confidence_share": clause.low_confidence_share,
        "paths": sorted(clause.paths),
    }


def _known(share: float | None) -> float | None:
    return canonical.quantise(share) if share is not None and math.isfinite(share) else None
