"""What `run`, `sign` and `verify` share: concluding on what is here, publishing evidence, comparing a recomputation."""

import os
from datetime import datetime
from pathlib import Path

from twokey.canonical import dumps
from twokey.conclusion import Conclusion
from twokey.config.shape import Config
from twokey.deciding import Deciding
from twokey.decisions.people import Roster
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import CONCLUSION, DECISIONS, GRADES, MANIFEST, RUN, short
from twokey.evidence.manifest import judging_policy
from twokey.pipeline import Judged, conclude
from twokey.reports import REPORTS
from twokey.reports.base import Run
from twokey.repository.policy import PolicyFiles


def deciding(
    evidence: Evidence, config: Config, config_path: Path, environment: str, repository: str | None
) -> Deciding:
    """Read the deciding policy: the roster, and which environment and repository it is about."""
    from twokey.repository.facts import repository_name

    directory = config_path.parent
    return Deciding(
        config=config,
        roster=read_roster(config, directory),
        policy_digest=_policy_digest(evidence, config, directory),
        directory=directory,
        environment=environment,
        repository=repository or repository_name(directory, os.environ),
    )


def read_roster(config: Config, directory: Path) -> Roster:
    """Read the people who may decide. Raises TwokeyError where they cannot be had, ConfigError where one is wrong."""
    from twokey.decisions.roster import load_roster

    path = config.approval.roster
    if not (directory / path).exists():
        where = Place(file=str(directory / path))
        raise TwokeyError("there is no such roster", where=where, hint="twokey init writes one with you in it")
    return load_roster(PolicyFiles(directory=directory).read(path), str(directory / path))


def _policy_digest(evidence: Evidence, config: Config, directory: Path) -> str | None:
    """Return the digest of the judging policy as it is here, with the files that the evidence names, or None."""
    files = PolicyFiles(directory=directory)
    try:
        for row in evidence.manifest["policy"]["files"]:
            files.read(row["path"])
    except TwokeyError:
        return None
    return str(judging_policy(config, files.read_so_far)["sha256"])


def conclude_here(
    evidence: Evidence,
    config: Config,
    config_path: Path,
    *,
    environment: str,
    repository: str | None,
    subject_root: Path | None,
    now: datetime,
    computed: bool = False,
    directory: Path | None = None,
) -> Conclusion:
    """Conclude on evidence with the decisions that are kept for it, and the subject below `subject_root`, if any.

    `computed` says that the gates gave this evidence here and now; `directory` is where it was read from, if it was.
    Raises TwokeyError where a copy of evidence, grades or decisions is not what it is a copy of.
    """
    from twokey.evidence.copies import refuse_altered_copies
    from twokey.evidence.subject import hash_subject

    policy = deciding(evidence, config, config_path, environment, repository)
    subject = hash_subject(subject_root, config.subject) if subject_root is not None else None
    refuse_altered_copies(evidence, policy.folder(evidence), directory)
    return conclude(evidence, policy, subject, now, computed=computed)


def publish(directory: Path, judged: Judged, told: Run, decisions: Path, facts: bytes) -> None:
    """Write evidence, conclusion and reports in one step, with copies of the decisions kept for this evidence."""
    from twokey.evidence.store import write_evidence

    others = {CONCLUSION: dumps(told.conclusion.plain()), RUN: facts}
    for report in REPORTS.values():
        if report.filename is not None:
            others[report.filename] = report.render(told).encode("utf-8", "backslashreplace")
    others.update(_people_files(decisions / short(judged.evidence.digest)))
    write_evidence(directory, judged.evidence, judged.manifest, others)


def refuse_other_bytes(evidence: Evidence, config: Config, config_path: Path) -> None:
    """Judge again and compare. Raises TwokeyError where the recordings and policy do not give these bytes."""
    from twokey.pipeline import judge
    from twokey.plan import build_plan

    again = judge(build_plan(config, config_path.parent), config_path.parent).evidence
    if again.digest == evidence.digest:
        return
    parts = sorted(key for key in evidence.manifest if evidence.manifest[key] != again.manifest[key])
    files = sorted(name for name in evidence.files if evidence.files[name] != again.files[name])
    raise TwokeyError(
        f"does not follow from the recordings and the policy at hand: {', '.join(parts + files)} differ",
        where=Place(file=MANIFEST),
        hint="twokey run makes evidence of what is here now",
    )


def _people_files(folder: Path) -> dict[str, bytes]:
    """Return the decisions and grades kept in the store, by their place in the evidence directory."""
    out = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_COPY_BYTES:
            continue
        if path.name.startswith("decision-"):
            out[f"{DECISIONS}/{path.name}"] = path.read_bytes()
        elif path.name.startswith("grades-"):
            out[f"{GRADES}/{path.name}"] = path.read_bytes()
    return out


MAX_COPY_BYTES = 4 * 1024 * 1024
