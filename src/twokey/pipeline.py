"""The story: judge(plan) -> evidence; conclude(evidence, policy, subject, now) -> conclusion.

Records flow down and become evidence: no clock, host or person gets into it, and judging calls nothing. Evidence,
deciding policy, decisions and the verifier's clock then become a verdict. The two never look at each other: what is
concluded changes no byte of what was judged.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from twokey.conclusion import Conclusion
from twokey.deciding.allowances import run_out
from twokey.deciding.graded import review_of
from twokey.deciding.limits import limits
from twokey.deciding.owing import debts_of
from twokey.deciding.policy import Deciding
from twokey.deciding.recordings import too_old
from twokey.deciding.settling import Settled, settle
from twokey.deciding.states import (
    checkpoint_state,
    needed,
    open_conditions,
    outcome,
    overridden_by,
    released,
    unclaimed_in_review,
)
from twokey.decisions.checkpoints import unclaimed
from twokey.decisions.seen import change_facts
from twokey.evidence.bundle import Evidence
from twokey.evidence.manifest import parse_manifest, render_manifest
from twokey.evidence.store import assemble
from twokey.evidence.subject import SubjectDigest, differences, hash_subject
from twokey.values import dataclass
from twokey.verdict import Case, SubjectState, decide

if TYPE_CHECKING:
    from twokey.plan import Plan
    from twokey.sweep import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Evidence with the bytes of its manifest, ready to be written."""

    evidence: Evidence
    manifest: bytes


def judge(plan: "Plan", root: Path, progress: "Progress" = lambda _done, _total: None) -> Judged:
    """Sample, gate and bundle. `root` is where the subject's files are; `progress` hears of shards done and in all.

    Raises:
        TwokeyError: a recording or the subject cannot be had, or an id stands in a recording twice.
    """
    # Here, because `verify` concludes without judging, and is to start fast.
    from twokey.covered import covered_files, recordings_facts
    from twokey.sweep import sweep

    subject = hash_subject(root, plan.config.subject)
    swept = sweep(plan, progress)
    results = tuple(gate.judge(swept.tallies[name]) for name, gate in plan.gates.items())
    files = covered_files(plan, swept, results, subject)
    manifest = render_manifest(
        subject=subject,
        recordings=recordings_facts(plan, swept),
        policy=plan.policy(),
        seed=plan.config.sample.seed,
        files=files,
    )
    return Judged(evidence=assemble(manifest, parse_manifest(manifest), files), manifest=manifest)


def conclude(
    evidence: Evidence,
    policy: Deciding,
    subject: SubjectDigest | None,
    now: datetime,
    *,
    computed: bool = False,
    opened_at: datetime | None = None,
    settled: Settled | None = None,
) -> Conclusion:
    """Bring findings, deciding policy, decisions, the subject at hand and the verifier's clock to a verdict.

    `computed` says that the gates were run here and gave this evidence; else only signatures vouch for it. `opened_at`
    is since when its checkpoints are known to be open; `settled` what decisions come to, where that is known already.
    """
    settled = settled or settle(evidence, policy, now)
    checkpoints = settled.matter.checkpoints
    review = review_of(evidence, policy.config.review, settled.stands, settled.grades)
    owed = debts_of(policy, now)
    stands = settled.stands
    case = Case(
        subject=_subject_state(evidence, subject),
        differences=differences(evidence.manifest["subject"], subject) if subject else (),
        stale=(
            *policy.stale(evidence, settled.change),
            *too_old(evidence, policy, settled.recordings, now),
            *run_out(evidence, now),
        ),
        overdue=tuple(debt.sentence(now) for debt in owed if debt.overdue(now)),
        overridden=bool(stands.overrides),
        unclaimed=unclaimed(evidence.findings, checkpoints),
        checkpoints=tuple(checkpoint_state(one, policy, settled, now, opened_at) for one in stands.checkpoints),
        review=review,
        review_unclaimed=unclaimed_in_review(review, checkpoints, policy),
        automatic=policy.automatic,
        vouched=computed or settled.closed or bool(stands.overrides),
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
        decisions=tuple(map(outcome, stands.checks)),
        review=review,
        unclaimed=tuple(finding.id for finding in (*case.unclaimed, *case.review_unclaimed)),
        limits=tuple(limits(evidence, policy, settled)),
        policy=policy.ground.shown or "the checkout",
        conditions=tuple(open_conditions(stands.checks)),
        needed=tuple(needed(settled)),
        released=tuple(released(settled, case.checkpoints)),
        overridden_by=overridden_by(settled),
        debts=tuple(debt.sentence(now) for debt in owed),
        change=change_facts(settled.change),
    )


def _subject_state(evidence: Evidence, subject: SubjectDigest | None) -> SubjectState:
    if subject is None:
        return SubjectState.CONSISTENT
    same = subject.digest == evidence.manifest["subject"]["digest"]
    return SubjectState.MATCHES if same else SubjectState.DIFFERS
