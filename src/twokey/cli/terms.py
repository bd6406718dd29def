"""All that deciding on evidence needs, read for a command: policy, people, place, the change, where decisions are."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from twokey.cli.policy import Policy, digest_of, judging_digest, read_roster
from twokey.cli.underway import deciding_before, merged_change, removed, under_review
from twokey.config.judges import judge_in_use
from twokey.deciding.policy import Deciding
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.signers import signers
from twokey.signers.remembered import remembered

if TYPE_CHECKING:
    from twokey.deciding.policy import Witnesses
    from twokey.record import Role


def deciding(evidence: Evidence, policy: Policy, *, environment: str, repository: str | None) -> Deciding:
    """Read all that deciding on this evidence needs."""
    from twokey.repository.facts import repository_name

    named = tuple(row["path"] for row in evidence.manifest["policy"]["files"])
    ground = under_review(policy, evidence, named)
    merged = merged_change(policy, ground, evidence, named)
    root = policy.config.approval.sigstore
    return Deciding(
        config=policy.config,
        roster=read_roster(policy),
        store=policy.store(),
        environment=environment,
        repository=repository or repository_name(policy.directory, os.environ),
        judging=judging_digest(policy.config, policy.files, named),
        judging_files={**{path: digest_of(policy.files, path) for path in named}, **_baseline(policy)},
        ground=ground,
        signers=remembered(signers(policy.files.read(root.trusted_root) if root else None)),
        removed=removed(policy, ground),
        witnesses=_witnesses(policy, evidence),
        merged=merged,
        before=deciding_before(policy, merged),
    )


def _baseline(policy: Policy) -> dict[str, str | None]:
    """Return the digest of the baseline as policy has it, by its path; in a mere checkout only if it is there."""
    from twokey.evidence.subject import hash_file

    recording = policy.config.recordings.baseline
    if recording is None or recording.path is None:
        return {}
    if not policy.ground.protected and not (policy.directory / recording.path).is_file():
        return {}
    try:
        return {recording.path: hash_file(policy.files.located(recording.path))[0]}
    except TwokeyError:
        return {recording.path: None}


def _witnesses(policy: Policy, evidence: Evidence) -> "Witnesses":
    """Return the statements beside the recordings at hand, with their signatures."""
    from twokey.decisions.witness import MAX_BYTES, SUFFIX

    found: dict[Role, tuple[bytes, bytes]] = {}
    judge = judge_in_use(policy.config.gates)
    recordings: Mapping[Role, str | None] = {
        "judge": policy.config.judges[judge].recording if judge is not None else None,
        "candidate": policy.config.recordings.candidate.path,
        "baseline": policy.config.recordings.baseline.path if policy.config.recordings.baseline else None,
    }
    for role, path in recordings.items():
        if path is None or evidence.manifest["recordings"].get(role) is None:
            continue
        statement = policy.directory / f"{path}{SUFFIX}"
        signature = statement.with_name(f"{statement.name}.sig")
        if statement.is_file() and signature.is_file() and statement.stat().st_size <= MAX_BYTES:
            found[role] = (statement.read_bytes(), signature.read_bytes())
    return found
