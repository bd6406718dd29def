"""`twokey explain`: what a gate, a metric, a rule, a status or a word means, from the code's own documentation."""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

import typer

from twokey.cli.console import say
from twokey.cli.options import one_of

STATUSES = {
    "pass": "The policy's limit lies outside the interval, on the good side. Exit status 0 as a verdict.",
    "fail": "The policy's limit lies outside the interval, on the bad side. A checkpoint must claim it, or it blocks.",
    "inconclusive": (
        "The policy's limit lies inside the interval: these records cannot tell. More of them can, and the reason says"
        " about how many where that can be reckoned; until then a person decides, at a checkpoint that claims"
        " inconclusive findings. A gate that only warns, such as drift, is never worse than this."
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
KINDS = "gate, detector, rule, metric, reader, report, engine, signer, target, status or word"


def explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A gate, metric, detector, rule, reader, report, status, word ..."),
    ] = None,
) -> None:
    """Say what a gate, a metric, a rule, a status or a word means.

    Without a name, list them; a detector's page lists its rules (twokey explain pii, then pii.iban).
    """
    pages = dict(_pages())
    if name is None:
        for known, page in sorted(pages.items(), key=lambda item: (item[1].kind, item[0])):
            if page.kind != "rule":
                say(f"{page.kind:9} {known:26} {page.summary.split('. ')[0]}")
        return
    one_of(pages, KINDS)(name.lower())
    page = pages[name.lower()]
    say(
        f"{name.lower()} ({page.kind}): {page.summary}\n"
        if page.text
        else f"{name.lower()} ({page.kind})\n\n{page.summary}"
    )
    if page.text:
        say(page.text)
    if rules := [known for known, found in pages.items() if found.kind == "rule" and known.startswith(f"{name}.")]:
        say(f"\n**Rules.** {', '.join(rules)}")


class Page(NamedTuple):
    """What one name means: its kind, one sentence, and more where there is more to say."""

    kind: str
    summary: str
    text: str = ""


def _pages() -> Iterator[tuple[str, Page]]:
    for name, meaning in WORDS.items():
        yield name, Page("word", meaning)
    for name, meaning in STATUSES.items():
        yield name, Page("status", meaning)
    yield from _kinds()
    yield from _rules()
    yield from _metrics()


def _kinds() -> Iterator[tuple[str, Page]]:
    from twokey.detectors import DETECTORS
    from twokey.engines import ENGINES
    from twokey.gates import GATES
    from twokey.kinds import page
    from twokey.readers import READERS
    from twokey.reports import REPORTS
    from twokey.review.select import ReviewGate
    from twokey.signers import SIGNERS
    from twokey.targets import TARGETS

    tables = {
        "report": REPORTS,
        "engine": ENGINES,
        "signer": SIGNERS,
        "target": TARGETS,
        "reader": READERS,
        "detector": DETECTORS,
        "gate": {**GATES, "review": ReviewGate},
    }
    for kind, table in tables.items():
        for name, entry in table.items():
            described = entry if isinstance(entry, type) else type(entry)
            yield name, Page(kind, described.summary, page(described))  # type: ignore[attr-defined]  # every kind has one


def _rules() -> Iterator[tuple[str, Page]]:
    from twokey.detectors import DETECTORS

    for detector, kind in DETECTORS.items():
        for rule, explained in kind.explained().items():
            yield f"{detector}.{rule}", Page("rule", explained.what, explained.page())


def _metrics() -> Iterator[tuple[str, Page]]:
    from twokey.gates import EXPLAINED
    from twokey.scorers import SCORERS

    for gate, metrics in EXPLAINED.items():
        for name, explained in metrics.items():
            yield name, Page("metric", explained.what, f"{explained.page()}\n\nSee also: twokey explain {gate}")
    for name, scorer in SCORERS.items():
        explained = scorer.explained()
        yield name, Page("metric", explained.what, f"{explained.page()}\n\nSee also: twokey explain quality")
