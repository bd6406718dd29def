"""What a verdict does not cover, one sentence each, repeated by every report."""

from collections.abc import Iterator

from twokey.config.shape import is_production
from twokey.deciding.policy import Deciding
from twokey.deciding.settling import Settled
from twokey.evidence.bundle import Evidence


def limits(evidence: Evidence, policy: Deciding, settled: Settled) -> Iterator[str]:
    """Yield what a verdict under this policy, with decisions so settled, does not cover."""
    if not policy.ground.protected:
        yield "policy and roster were read from the checkout, which the change itself may edit"
    yield from policy.ground.notes
    yield from settled.recordings.sentences()
    if not evidence.manifest["subject"]["pinned"]:
        yield (
            "the subject is unpinned: no files are named, so nothing says what ships, and twokey verify will not"
            " pass: name them in subject.files"
        )
    if policy.config.approval.separation.author_may_decide:
        yield "policy lets a change's author decide on it"
    elif settled.change is None:
        yield "nobody can say who made the change, so its author may have decided"
    if not policy.config.approval.separation.reviewer_may_decide:
        yield "grades are not signed: who graded is what their file says"
    if any(checkpoint.timeout for checkpoint in policy.config.approval.checkpoints.values()):
        yield "the clock of a checkpoint starts when this evidence was first concluded on in this directory"
    for check in settled.stands.checks:
        if check.valid and check.decision and check.decision.choice == "approve" and not check.decision.recomputed:
            where = " in production" if is_production(policy.environment) else ""
            yield f"a decision that counts{where} was signed without recomputing the evidence: {check.file}"
