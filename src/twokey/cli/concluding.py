"""What `run`, `sign` and `verify` share: concluding on what is here, publishing evidence, comparing a recomputation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from twokey.canonical import dumps, loads
from twokey.cli.finding import decided_on_other
from twokey.cli.policy import Policy
from twokey.cli.terms import deciding
from twokey.conclusion import Conclusion, Verdict
from twokey.decisions.contents import Files
from twokey.decisions.shapes import instant
from twokey.errors import Place, TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import CONCLUSION, DECISIONS, GRADES, MANIFEST, PAGE, RUN, short
from twokey.pipeline import Judged, conclude
from twokey.reports import REPORTS
from twokey.reports.base import Run
from twokey.repository.ground import PolicySource

MAX_DIFF_BYTES = 256 * 1024


def conclude_here(
    evidence: Evidence,
    policy: Policy,
    *,
    environment: str,
    repository: str | None,
    subject_root: Path | None,
    now: datetime,
    computed: bool = False,
    directory: Path | None = None,
    opened_at: datetime | None = None,
) -> Conclusion:
    """Conclude on evidence with the decisions that are kept for it, and the subject below `subject_root`, if any.

    `computed` says that the gates gave this evidence here and now; `directory` is where it was read from, if it was.
    Raises TwokeyError where a copy of evidence, grades or decisions is not what it is a copy of.
    """
    from twokey.evidence.copies import refuse_altered_copies
    from twokey.evidence.subject import hash_subject

    terms = deciding(evidence, policy, environment=environment, repository=repository)
    subject = hash_subject(subject_root, policy.config.subject) if subject_root is not None else None
    refuse_altered_copies(evidence, terms.store.files(terms.folder(evidence)), terms.store.place, directory)
    concluded = conclude(evidence, terms, subject, now, computed=computed, opened_at=opened_at)
    if concluded.verdict is Verdict.NEEDS_DECISION and not concluded.decisions:
        other = decided_on_other(evidence, terms, now)
        concluded = replace(concluded, reasons=(*concluded.reasons, *([other] if other else [])))
    return with_policy_diff(policy, concluded)


def publish(directory: Path, judged: Judged, told: Run, kept: Files, facts: bytes) -> None:
    """Write evidence, conclusion and reports in one step, with copies of the decisions kept for this evidence."""
    from twokey.cli.review_page import review_page
    from twokey.evidence.store import write_evidence

    others = {CONCLUSION: dumps(told.conclusion.plain()), RUN: facts}
    others[PAGE] = review_page(directory, judged.evidence).encode()
    for report in REPORTS.values():
        if report.filename is not None:
            others[report.filename] = report.render(told).encode("utf-8", "backslashreplace")
    others.update(_people_files(kept))
    write_evidence(directory, judged.evidence, judged.manifest, others)


def refuse_other_bytes(evidence: Evidence, policy: Policy) -> None:
    """Judge again and compare. Raises TwokeyError where the recordings and policy do not give these bytes."""
    from twokey.pipeline import judge
    from twokey.plan import build_plan

    again = judge(build_plan(policy.config, policy.directory, policy.files), policy.directory).evidence
    if again.digest == evidence.digest:
        return
    parts = sorted(key for key in evidence.manifest if evidence.manifest[key] != again.manifest[key])
    files = sorted(name for name in evidence.files if evidence.files[name] != again.files[name])
    raise TwokeyError(
        f"does not follow from the recordings and the policy at hand: {', '.join(parts + files)} differ",
        where=Place(file=MANIFEST),
        hint="twokey run makes evidence of what is here now",
    )


def opened_at(directory: Path, manifest: str) -> datetime | None:
    """Return since when the evidence in a directory is known to have waited there, if it is that of `manifest`."""
    facts = run_facts(directory)
    known = facts.get("opened_at")
    if facts.get("manifest") != manifest or not isinstance(known, str):
        return None
    try:
        return instant(known)
    except ValueError:
        return None


def run_facts(directory: Path) -> dict[str, object]:
    """Return what `run` wrote down about itself beside its evidence, or nothing where it cannot be read."""
    path = directory / RUN
    try:
        facts = loads(path.read_bytes(), file=str(path)) if path.is_file() else {}
    except TwokeyError:
        return {}
    return facts if isinstance(facts, dict) else {}


def proposed(policy: Policy, judged: Judged, conclusion: Conclusion) -> Conclusion:
    """Add how each gate would come out under the policy that the change brings, where it brings one.

    For information alone: the verdict is that of the policy in force.
    """
    if not conclusion.change or not conclusion.change["policy"]:
        return conclusion
    return replace(conclusion, proposed=tuple(_under_proposed(policy, judged, conclusion)))


def with_policy_diff(policy: Policy, conclusion: Conclusion) -> Conclusion:
    """Add what the change does to policy, line by line, where it edits any: who may decide comes first.

    All of it: a report may leave out what it says it leaves out, but whoever signs sees every line.
    """
    site = policy.ground.site
    under_review = site is not None and site.head != site.target  # once merged, both sides are the same
    edits = conclusion.change["policy"] if conclusion.change and under_review else ()
    approval = policy.config.approval
    first = (approval.roster, policy.path.name, approval.sigstore and approval.sigstore.trusted_root)
    edits = sorted(edits, key=lambda edit: first.index(edit["path"]) if edit["path"] in first else len(first))
    return replace(conclusion, policy_diff=tuple(_diff(policy, edits))) if edits else conclusion


def _diff(policy: Policy, edits: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    from difflib import unified_diff

    from twokey.repository.protected import proposed_policy

    proposed = proposed_policy(policy.ground)
    for edit in edits if proposed else ():
        path = edit["path"]
        before, after = _text(policy.files, path, edit["before"]), _text(proposed, path, edit["after"])
        if before is None or after is None:
            yield f"{path}: not shown, because it is too large or not text; read it before you decide"
        elif before == after:
            yield f"{path}: no line differs, only how lines end, or whether an empty file is there"
        else:
            yield from unified_diff(before, after, f"{path} in force", f"{path} as proposed", lineterm="", n=2)


def _text(files: PolicySource | None, path: str, known: str | None) -> list[str] | None:
    """Return a file's lines, none where it is not there; None where it is no text that a person could read.

    `known` is the digest that Git gives it, None where it is not there.
    """
    try:
        data = files.read(path) if files and known else b""
    except TwokeyError:
        return None
    if len(data) > MAX_DIFF_BYTES or b"\0" in data:
        return None
    return data.decode("utf-8", "backslashreplace").splitlines()  # what is no UTF-8 must differ, too


def _under_proposed(policy: Policy, judged: Judged, conclusion: Conclusion) -> list[str]:
    import os

    from twokey.pipeline import judge
    from twokey.plan import build_plan
    from twokey.repository.config import config_from
    from twokey.repository.protected import proposed_policy

    files = proposed_policy(policy.ground)
    if files is None or (conclusion.change or {})["judging_after"] == judged.evidence.manifest["policy"]["sha256"]:
        return []
    try:
        plan = build_plan(config_from(files, policy.path.name, os.environ), policy.directory, files)
        other = {result.gate: result for result in judge(plan, policy.directory).evidence.results}
    except TwokeyError as error:
        return [f"the policy that the change brings cannot be judged by: {error}"]
    here = {result.gate: result for result in judged.evidence.results}
    return [
        f"{gate}: {here[gate].status.value if gate in here else 'not judged'} under the policy in force, "
        f"{other[gate].status.value if gate in other else 'not judged'} under the one that the change brings"
        for gate in dict.fromkeys((*here, *other))
    ]


def people_folder(policy: Policy, evidence: Evidence) -> Files:
    """Return what people gave on this evidence, as the store keeps it."""
    return policy.store().files(short(evidence.digest))


def _people_files(kept: Files) -> dict[str, bytes]:
    """Return the decisions and grades kept in the store, by their place in the evidence directory."""
    told = dict.fromkeys(("decision-", "witness-", "change", "seeds"), DECISIONS)
    places = {**told, "grades-": GRADES}
    return {
        f"{folder}/{name}": data
        for name, data in sorted(kept.items())
        for start, folder in places.items()
        if name.startswith(start) and isinstance(data, bytes)
    }
