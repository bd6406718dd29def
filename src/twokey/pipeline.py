"""The story: judge(plan) -> evidence; conclude(evidence, policy, subject, now) -> conclusion.

Records flow down and become evidence: no clock, host or person gets into it, and judging calls nothing. Evidence,
deciding policy, decisions and the verifier's clock then become a verdict. The two never look at each other: what is
concluded changes no byte of what was judged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from twokey.canonical import dump_line, dumps
from twokey.conclusion import Conclusion
from twokey.deciding import Deciding, matter_of, review_of
from twokey.decisions.checkpoints import unclaimed
from twokey.decisions.standing import standing
from twokey.decisions.store import read_decisions
from twokey.decisions.verify import check
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import ITEMS, PACKET, QUARANTINE, QUEUE, RESULTS
from twokey.evidence.manifest import parse_manifest, render_manifest
from twokey.evidence.store import assemble
from twokey.evidence.subject import SubjectDigest, differences, hash_file, hash_subject
from twokey.outcome import GateResult
from twokey.plan import Plan
from twokey.record import Role
from twokey.review.packet import packet
from twokey.review.select import NOTHING
from twokey.signers import SIGNERS
from twokey.sweep import Progress, Swept, recordings, sweep
from twokey.verdict import Case, SubjectState, decide

RESULTS_TYPE = "urn:twokey:results:v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Evidence with the bytes of its manifest, ready to be written."""

    evidence: Evidence
    manifest: bytes


def judge(plan: Plan, root: Path, progress: Progress = lambda _done, _total: None) -> Judged:
    """Sample, gate and bundle. `root` is where the subject's files are; `progress` hears of shards done and in all.

    Raises:
        TwokeyError: a recording or the subject cannot be had, or an id stands in a recording twice.
    """
    subject = hash_subject(root, plan.config.subject)
    swept = sweep(plan, progress)
    results = tuple(gate.judge(swept.tallies[name]) for name, gate in plan.gates.items())
    files = _covered_files(plan, swept, results, subject)
    manifest = render_manifest(
        subject=subject,
        recordings={role: _recording_facts(plan, role, swept) for role in ("candidate", "baseline")},
        policy=plan.policy(),
        seed=plan.config.sample.seed,
        files=files,
    )
    return Judged(evidence=assemble(manifest, parse_manifest(manifest), files), manifest=manifest)


def conclude(evidence: Evidence, policy: Deciding, subject: SubjectDigest | None, now: datetime) -> Conclusion:
    """Bring findings, deciding policy, decisions, the subject at hand and the verifier's clock to a verdict."""
    matter = matter_of(evidence, policy)
    files = read_decisions(policy.folder(evidence))
    checks = [check(file, matter, roster=policy.roster, signers=SIGNERS, now=now) for file in files]
    stands = standing(checks, matter.checkpoints)
    review = review_of(evidence, policy, stands)
    case = Case(
        subject=_subject_state(evidence, subject),
        differences=differences(evidence.manifest["subject"], subject) if subject else (),
        stale=policy.stale(evidence),
        unclaimed=unclaimed(evidence.findings, matter.checkpoints),
        checkpoints=tuple(map(policy.state, stands.checkpoints)),
        review=review,
        review_unclaimed=policy.unclaimed_in_review(review, matter.checkpoints),
        automatic=policy.automatic,
    )
    verdict, reasons = decide(case)
    return Conclusion(
        verdict=verdict,
        reasons=reasons,
        manifest=evidence.digest,
        environment=policy.environment,
        repository=policy.repository,
        subject=case.subject.value,
        checkpoints=case.checkpoints,
        decisions=tuple(map(policy.outcome, stands.checks)),
        review=review,
        unclaimed=tuple(finding.id for finding in (*case.unclaimed, *case.review_unclaimed)),
        limits=policy.limits(evidence),
    )


def _subject_state(evidence: Evidence, subject: SubjectDigest | None) -> SubjectState:
    if subject is None:
        return SubjectState.CONSISTENT
    same = subject.digest == evidence.manifest["subject"]["digest"]
    return SubjectState.MATCHES if same else SubjectState.DIFFERS


def _covered_files(
    plan: Plan, swept: Swept, results: tuple[GateResult, ...], subject: SubjectDigest
) -> dict[str, bytes]:
    drawn = swept.drawn
    selection = plan.review.selection(swept.tallies[plan.review.name]) if plan.review else NOTHING
    quarantine = plan.safety.quarantine(swept.tallies[plan.safety.name]) if plan.safety else ()
    return {
        RESULTS: dumps(
            {"type": RESULTS_TYPE, "gates": [result.plain() for result in results], "sample": drawn.plain()}
        ),
        PACKET: dumps(packet(results, subject=subject, notes=drawn.notes, config=plan.config)),
        ITEMS: _lines(selection.items),
        QUEUE: _lines(selection.queue),
        QUARANTINE: _lines(quarantine),
    }


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(map(dump_line, rows))


def _recording_facts(plan: Plan, role: Role, swept: Swept) -> dict[str, Any] | None:
    """Return what a recording is, by content, with the lines in it that are no record."""
    if role not in swept.counted:
        return None
    sha256, size = hash_file(Path(recordings(plan)[role].path))
    return {"sha256": sha256, "size": size, "witness": "unwitnessed", **swept.counted[role].plain()}
