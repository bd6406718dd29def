"""`twokey seeds`: a protected job mixes known-bad items in, sealed, and opens them once grades are there.

What is chosen and how it is locked is in `review.sealing` and `review.sealed`; what grades come to, in
`review.recounting`. The key is never printed and never written.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twokey.cli.console import say, talk
from twokey.cli.options import (
    DEFAULT_EVIDENCE,
    EvidenceArgument,
    PolicyRefOption,
    RecordedConfigOption,
    group,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twokey.cli.policy import Policy
    from twokey.config.review import Seeds
    from twokey.evidence.bundle import Evidence
    from twokey.plan import Plan
    from twokey.record import Record
    from twokey.review.sealing import PastFailure
    from twokey.review.seeds import Bundle

app = group("seeds", "Seal known-bad items into a review, and open them.")

KeyOption = Annotated[
    Path, typer.Option("--key", "-k", metavar="FILE", help="The job's secret; openssl rand -hex 32 makes one.")
]


@app.command()
def seal(
    key: KeyOption,
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    past: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Past failures, JSONL: input, output, expected, why.")
    ] = None,
    config: RecordedConfigOption = None,
    policy_ref: PolicyRefOption = None,
) -> None:
    """Mix known-bad items in among those to grade.

    For a protected job that holds the key, after twokey run. Writes
    review/seeds.json; what is bad in it nobody can tell without the key.
    """
    bundle, path = sealed(evidence, key, past, config, tuple(policy_ref or ()))
    rule = bundle.rule
    if not rule.decoys:
        talk("warning: no output is known to be right, so all seeds are bad: whoever reads the file knows")
    say(f"sealed: {rule.bad} known-bad and {rule.decoys} good items, void at {rule.void_at} missed: {path}")


@app.command("open")
def open_(
    key: KeyOption,
    evidence: EvidenceArgument = DEFAULT_EVIDENCE,
    now: Annotated[bool, typer.Option("--now", help="Though a reviewer whom policy names is not done.")] = False,
    config: RecordedConfigOption = None,
    policy_ref: PolicyRefOption = None,
) -> None:
    """Say which items were bad, so that anybody can count.

    For the job that holds the key, once the grades are there: grades that come
    later count for nothing. Writes seeds-opening.json beside the decisions.
    """
    from twokey.cli.seeds.opening import opened

    for line in opened(evidence, key, config, tuple(policy_ref or ()), now=now):
        say(line)


def sealed(
    directory: Path, key_file: Path, past: Path | None, config: Path | None, policy_refs: tuple[str, ...] = ()
) -> tuple["Bundle", Path]:
    """Seal a bundle and write it into the evidence directory, with a page that has it; return it, and where it is.

    Raises:
        TwokeyError: policy has no seeds, the recording at hand is not that of the evidence, too few known-bad outputs
            can be had, or grades were given and the bundle would be another one.
    """
    from twokey.cli.keeping import keep
    from twokey.cli.preparing import recorded_config, recorded_policy
    from twokey.cli.review_page import review_page
    from twokey.cli.seeds.files import past_failures, read_key
    from twokey.evidence.layout import PAGE, SEEDS
    from twokey.evidence.store import read_evidence
    from twokey.review.seeds import render

    evidence = read_evidence(directory)
    policy = recorded_policy(directory, recorded_config(directory, config), policy_refs)
    bundle = _made(evidence, policy, _rules(policy), read_key(key_file), past_failures(past) if past else ())
    mixed, items = bundle.rule.bad + bundle.rule.decoys, len(evidence.items)
    if mixed > items:
        talk(f"warning: {mixed} seeds outnumber the {items} items: most of what people grade is not the release's")
    data, path = render(bundle), directory / SEEDS
    _refuse_after_grades(directory, evidence, data)
    keep(path.parent, {path.name: data})
    keep((directory / PAGE).parent, {Path(PAGE).name: review_page(directory, evidence).encode()})
    return bundle, path


def _rules(policy: "Policy") -> "Seeds":
    from twokey.errors import Place, TwokeyError

    if policy.config.review is None or policy.config.review.seeds is None:
        told = "policy asks for no seeds"
        raise TwokeyError(told, where=Place(file=str(policy.path)), hint="review: {seeds: {count: 8, void_at: 2}}")
    return policy.config.review.seeds


def _made(
    evidence: "Evidence", policy: "Policy", rules: "Seeds", key: bytes, past: "Sequence[PastFailure]"
) -> "Bundle":
    from twokey.canonical import loads
    from twokey.evidence.layout import QUARANTINE, QUEUE
    from twokey.plan import build_plan
    from twokey.review import sealing
    from twokey.review.items import redacted
    from twokey.review.mutations import around

    plan = build_plan(policy.config, policy.directory, policy.files)
    others = [[loads(line, file=name) for line in evidence.files[name].splitlines()] for name in (QUEUE, QUARANTINE)]
    draws = sealing.drawing_key(key, evidence.digest)
    return sealing.seal(
        evidence,
        rules,
        key,
        pool=sealing.collected(_records(plan, evidence), sealing.taken(evidence, *others), draws),
        known=around(_records(plan, evidence)),
        past=past,
        as_row=partial(_as_row, plan, evidence),
        hide=lambda text: str(redacted(text, plan.scanner)),
    )


def _records(plan: "Plan", evidence: "Evidence") -> "Iterator[Record]":
    """Yield the records that were judged. Raises TwokeyError where the recording is not that of the evidence."""
    from twokey.errors import Place, TwokeyError
    from twokey.evidence.subject import hash_file
    from twokey.sweep import drawn_records

    path = plan.located(plan.config.recordings.candidate)
    if hash_file(Path(path))[0] != evidence.manifest["recordings"]["candidate"]["sha256"]:
        told = "is not the recording that the evidence was made from"
        raise TwokeyError(told, where=Place(file=path), hint="seal in the job that ran twokey run")
    return drawn_records(plan, lambda _done, _total: None)[1]


def _as_row(plan: "Plan", evidence: "Evidence", record: "Record", /, **chosen: Any) -> dict[str, Any]:
    """Return a row as the selection makes it: whatever items have, seeds have."""
    from twokey.review.context import explained, own_rules
    from twokey.review.items import item

    gate = plan.review
    assert gate is not None, "policy with seeds has a review"  # noqa: S101 _rules saw to it
    row = item(record, gate.scanner, gate.hiding, **chosen)
    return next(explained([row], evidence.results, own_rules(plan.scanner)))


def _refuse_after_grades(directory: Path, evidence: "Evidence", data: bytes) -> None:
    """Refuse another bundle than the one that people graded, or one where they graded without."""
    from twokey.errors import Place, TwokeyError
    from twokey.evidence.layout import GRADES, SEEDS

    path = directory / SEEDS
    if path.is_file() and path.read_bytes() == data:
        return
    if any((directory / GRADES).glob("grades-*.json")):
        told = f"grades of {evidence.digest[:12]} were given already, with {'other' if path.is_file() else 'no'} seeds"
        raise TwokeyError(told, where=Place(file=str(directory / GRADES)), hint="seal before anybody grades")
