"""`twokey explain`: what a gate, detector, reader, report or status means, from the code's own documentation."""

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


def explain(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A gate, detector, reader, report, status.")
    ] = None,
) -> None:
    """Say what a gate, detector, reader, report or status means.

    Without a name, list them.
    """
    pages = _pages()
    if name is None:
        for known, (kind, summary, _) in sorted(pages.items(), key=lambda item: (item[1][0], item[0])):
            say(f"{kind:9} {known:16} {summary.split('. ')[0]}")
        return
    one_of(pages, "gate, detector, reader, report or status")(name.lower())
    kind, summary, text = pages[name.lower()]
    say(f"{name.lower()} ({kind}): {summary}\n" if text else f"{name.lower()} ({kind})\n\n{summary}")
    if text:
        say(text)


def _pages() -> dict[str, tuple[str, str, str]]:
    """Return each name's kind, summary and page."""
    from twokey.detectors import DETECTORS
    from twokey.engines import ENGINES
    from twokey.gates import GATES
    from twokey.kinds import page
    from twokey.readers import READERS
    from twokey.reports import REPORTS
    from twokey.review.select import ReviewGate
    from twokey.signers import SIGNERS

    pages = {name: ("status", meaning, "") for name, meaning in STATUSES.items()}
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
    return pages
