"""`twokey explain`: what a gate, a metric, a kind, a status or a word means, from the code's own documentation."""

from typing import Annotated

import typer

from twokey.cli.console import say
from twokey.cli.options import one_of

STATUSES = {
    "pass": "The policy's limit lies outside the interval, on the good side. Exit status 0 as a verdict.",
    "fail": "The policy's limit lies outside the interval, on the bad side. A checkpoint must claim it, or it blocks.",
    "inconclusive": (
        "The policy's limit lies inside the interval: these records cannot tell. More of them can; until then a person"
        " decides, at a checkpoint that claims inconclusive findings."
    ),
    "error": (
        "There was nothing to judge by: no record carries what the metric needs, or the check could not be made. It is"
        " never a pass. A gate's error may be claimed by a checkpoint; the tool's own is exit status 4."
    ),
    "off": "Shown, not judged: policy sets no limit here.",
    "needs-decision": "A checkpoint is open and no valid decision closes it. Exit status 3. Next: twokey review, sign.",
    "block": "A finding that no checkpoint claims, or a refusal that stands. Exit status 1.",
    "unwitnessed": "Nobody but its maker vouches that the model said what the recording says.",
}

WORDS = {
    "evidence": "What the machine found, as files: the same recordings, policy and seed give the same bytes anywhere.",
    "manifest": "manifest.json: names every file of the evidence by SHA-256. A decision names the manifest by its own.",
    "finding": "What a gate judged and is no pass: fail, inconclusive or error. A checkpoint claims it, or it blocks.",
    "checkpoint": "A place in the policy where a person decides: what opens it, what it claims, and who may close it.",
    "decision": "A signed statement of a person in the roster, about one manifest, its open checkpoints and one place.",
    "grade": "What a reviewer says of one item: pass, fail, edit, escalate or bad-reference. Decisions rely on grades.",
    "quarantine": "quarantine.jsonl: outputs that detectors flagged, redacted, with the rules that did; at most 1,000.",
}
KINDS = "gate, detector, metric, reader, report, engine, signer, status or word"


def explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A gate, metric, detector, reader, report, engine, signer, status, word."),
    ] = None,
) -> None:
    """Say what a gate, a metric, a status or a word means.

    Without a name, list them.
    """
    pages = _pages()
    if name is None:
        for known, (kind, summary, _) in sorted(pages.items(), key=lambda item: (item[1][0], item[0])):
            say(f"{kind:9} {known:16} {summary.split('. ')[0]}")
        return
    one_of(pages, KINDS)(name.lower())
    kind, summary, text = pages[name.lower()]
    say(f"{name.lower()} ({kind}): {summary}\n" if text else f"{name.lower()} ({kind})\n\n{summary}")
    if text:
        say(text)


def _pages() -> dict[str, tuple[str, str, str]]:
    """Return each name's kind, summary and page."""
    from twokey.detectors import DETECTORS
    from twokey.engines import ENGINES
    from twokey.gates import GATES, performance_measures, quality_measures
    from twokey.kinds import page
    from twokey.readers import READERS
    from twokey.reports import REPORTS
    from twokey.review.select import ReviewGate
    from twokey.signers import SIGNERS

    pages = {name: ("word", meaning, "") for name, meaning in WORDS.items()}
    pages.update({name: ("status", meaning, "") for name, meaning in STATUSES.items()})
    tables = {
        "report": REPORTS,
        "engine": ENGINES,
        "signer": SIGNERS,
        "reader": READERS,
        "detector": DETECTORS,
        "gate": {**GATES, "review": ReviewGate},
    }
    for kind, table in tables.items():
        for name, entry in table.items():
            described = entry if isinstance(entry, type) else type(entry)
            pages[name] = (kind, described.summary, page(described))  # type: ignore[attr-defined]  # every kind has one
    for gate, measures in (("performance", performance_measures), ("quality", quality_measures)):
        for name in measures.MEASURES:
            pages[name] = ("metric", f"of the gate {gate}", pages[gate][2])
    return pages
