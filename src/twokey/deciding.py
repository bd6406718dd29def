"""What decisions must be about, made of evidence and deciding policy: open checkpoints, grades, limits of a verdict.

The rules themselves are in `decisions` and `review`, which know nothing of each other; here they are brought together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from twokey.canonical import sha256
from twokey.conclusion import CheckpointState, DecisionOutcome
from twokey.config.shape import Config
from twokey.decisions.checkpoints import OpenCheckpoint, open_checkpoints
from twokey.decisions.decision import GradesSummary
from twokey.decisions.matter import DecisionCheck, GradesOnFile, Matter
from twokey.decisions.people import Roster
from twokey.decisions.rules import policy_problems, rule_in_words
from twokey.decisions.standing import CheckpointStanding, Standing
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import short
from twokey.outcome import Finding, GateResult
from twokey.review import REVIEW
from twokey.review.estimate import assess
from twokey.review.grades import MAX_BYTES, Grades, missing, summarise
from twokey.review.grades import parse as parse_grades


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The deciding policy: the config with its roster, where decisions are kept, and the place they are about.

    `policy_digest` is of the judging policy as it is now, to tell evidence that was made under another one; None where
    a file of it is gone.
    """

    config: Config
    roster: Roster
    directory: Path
    environment: str
    repository: str
    policy_digest: str | None

    @property
    def automatic(self) -> bool:
        """Whether a clean run passes here without a decision."""
        return self.environment in self.config.approval.automatic.environments

    def folder(self, evidence: Evidence) -> Path:
        """Return where the decisions on this evidence are kept."""
        return self.directory / self.config.approval.decisions / short(evidence.digest)

    def stale(self, evidence: Evidence) -> tuple[str, ...]:
        """Say why the evidence is not of this judging policy; nothing where it is."""
        before = evidence.manifest["policy"]["sha256"]
        if before == self.policy_digest:
            return ()
        here = self.policy_digest[:12] if self.policy_digest else "a file of it is gone"
        return (f"the evidence was made under another judging policy: {before[:12]}, here {here}",)

    def limits(self, evidence: Evidence, checks: Iterable[DecisionCheck] = ()) -> tuple[str, ...]:
        """Say what a verdict under this policy, with decisions so checked, does not cover."""
        approval = self.config.approval
        found = ["policy, roster and decisions were read from the checkout, which the change itself may edit"]
        if any(facts and facts["witness"] == "unwitnessed" for facts in evidence.manifest["recordings"].values()):
            found.append("the recordings are unwitnessed: nobody but their maker vouches for them")
        if not evidence.manifest["subject"]["pinned"]:
            found.append(
                "the subject is unpinned: no files are named, so nothing says what ships, and twokey verify will not"
                " pass: name them in subject.files"
            )
        if approval.separation.author_may_decide:
            found.append("policy lets a change's author decide on it")
        else:
            found.append("separation of duties is not enforced by this version: an author may decide")
        if any(checkpoint.timeout for checkpoint in approval.checkpoints.values()):
            found.append("timeouts are not enforced by this version")
        if approval.override or approval.windows:
            found.append("overrides and windows are not accepted by this version")
        found.extend(
            f"a decision that counts was signed without recomputing the evidence: {check.file}"
            for check in checks
            if check.valid and check.decision and not check.decision.recomputed
        )
        found.extend(policy_problems(approval, self.roster))
        return tuple(found)

    def state(self, stands: CheckpointStanding) -> CheckpointState:
        """Return how one checkpoint stands, for the conclusion."""
        opened = stands.checkpoint
        return CheckpointState(
            name=opened.name,
            opened_by=opened.opened_by,
            facts=opened.digest,
            claims=opened.claims,
            closers=rule_in_words(opened.close),
            criteria=opened.criteria,
            closed_by=tuple(dict.fromkeys(vote.person for vote in stands.approvals)) if stands.closed else (),
            refused_by=tuple(dict.fromkeys(vote.person for vote in stands.refusals)),
        )

    def outcome(self, check: DecisionCheck) -> DecisionOutcome:
        """Return what became of one decision file, for the conclusion."""
        return DecisionOutcome(
            file=check.file,
            principal=check.person,
            decision=check.decision.choice if check.decision else None,
            counted=check.valid,
            reasons=check.reasons,
            crosscheck=check.crosscheck,
        )

    def unclaimed_in_review(self, review: GateResult | None, opened: Iterable[OpenCheckpoint]) -> tuple[Finding, ...]:
        """Return what reviewers found that no open checkpoint's clauses claim: each of them blocks."""
        clauses = [clause for one in opened for clause in self.config.approval.checkpoints[one.name].opens]
        return tuple(
            finding
            for finding in (review.findings if review else ())
            if not any(finding.gate in clause.gates and finding.status.value in clause.status for clause in clauses)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGrades:
    """A grades file that could be read: what decisions name it by, and what it says."""

    on_file: GradesOnFile
    grades: Grades


def matter_of(evidence: Evidence, policy: Deciding, grades: Iterable[FoundGrades]) -> Matter:
    """Return what decisions on this evidence must be about to count here; `grades` are those at hand."""
    opened = open_checkpoints(
        evidence.findings,
        low_confidence_share=_low_confidence_share(evidence),
        policy=policy.config.approval,
        environment=policy.environment,
    )
    return Matter(
        manifest=evidence.digest,
        environment=policy.environment,
        repository=policy.repository,
        checkpoints=opened,
        longest=policy.config.approval.expires,
        grades=tuple(dict.fromkeys(found.on_file for found in grades)),
        grades_required=policy.config.review is not None and bool(evidence.items),
    )


def grades_in(folder: Path, evidence: Evidence) -> Iterator[FoundGrades]:
    """Yield the grades files in a folder that are about this evidence; what cannot be read there is no grade."""
    for path in sorted(folder.glob("grades-*.json")) if folder.is_dir() else ():
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
            continue
        data = path.read_bytes()
        try:
            grades = parse_grades(data, str(path), evidence.items)
        except TwokeyError:
            continue
        on_file = GradesOnFile(
            sha256=sha256(data),
            manifest=grades.manifest,
            complete=not missing(grades, evidence.items),
            summary=GradesSummary(**asdict(summarise(grades, evidence.items).total)),
        )
        yield FoundGrades(on_file=on_file, grades=grades)


def review_of(
    evidence: Evidence, policy: Deciding, stands: Standing, grades: Iterable[FoundGrades]
) -> GateResult | None:
    """Judge the grades that standing approvals rely on; the worst of them where they rely on different ones."""
    selection = evidence.result(REVIEW)
    if policy.config.review is None or selection is None:
        return None
    approvals = {vote.file for standing in stands.checkpoints for vote in standing.approvals}
    cited = {
        check.decision.grades.sha256
        for check in stands.checks
        if check.file in approvals and check.decision and check.decision.grades
    }
    judged = [
        assess(evidence.items, found.grades, policy.config.review, selection.facts)
        for found in grades
        if found.on_file.sha256 in cited
    ]
    return max(judged, key=lambda result: result.status.rank, default=None)


def _low_confidence_share(evidence: Evidence) -> float | None:
    selection = evidence.result(REVIEW)
    metric = selection.metric("low_confidence_share") if selection else None
    return metric.estimate.value if metric and metric.estimate else None
