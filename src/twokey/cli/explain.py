"""`twokey explain`: what a gate, a metric, a rule, a status or a word means, from the code's own documentation."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

import typer

from twokey.cli.console import say
from twokey.cli.flowing import flowing
from twokey.cli.glossary import STATUSES, WORDS, resolved
from twokey.kinds import nearest

NAME_WIDTH = 26
LIST_WIDTH = 120
MIN_PART, MAX_NEARBY = 2, 8
KINDS = "gate, detector, rule, metric, reader, report, engine, signer, target, trade format, status or word"


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
                say(_listed(known, page))
        return
    found = resolved(name, pages, (known for known, page in pages.items() if page.kind == "gate"))
    if found not in pages:
        raise typer.BadParameter(f"there is no {KINDS} called {name!r} ({_nearby(found, pages)})")
    page = pages[found]
    head = f"{found} ({page.kind})"
    say(flowing(f"{head}: {page.summary}\n\n{page.text}" if page.text else f"{head}\n\n{page.summary}"))
    if rules := [known for known, other in pages.items() if other.kind == "rule" and known.startswith(f"{found}.")]:
        say(flowing(f"\n**Rules.** {', '.join(rules)}"))


def _listed(name: str, page: "Page") -> str:
    """Return a line of the list: the first sentence, as much of it as fits."""
    first = page.summary.split(". ")[0].removesuffix(".").replace("`", "")
    head = f"{page.kind:9} {name:{NAME_WIDTH}} "
    return head + textwrap.shorten(first, LIST_WIDTH - len(head), placeholder=" ...")


def _nearby(name: str, pages: Mapping[str, "Page"]) -> str:
    """Return what was probably meant; the names are too many to list."""
    holding = sorted(known for known in pages if len(name) > MIN_PART and name in known)
    guess = nearest(name, pages)
    if holding and guess not in holding:
        return f"did you mean {', '.join(holding[:MAX_NEARBY])}?"
    return f"did you mean {guess}?" if guess else "twokey explain lists them"


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
    from twokey.review.trade import TRADE
    from twokey.signers import SIGNERS
    from twokey.targets import TARGETS

    tables = {
        "report": REPORTS,
        "engine": ENGINES,
        "signer": SIGNERS,
        "target": TARGETS,
        "trade": TRADE,
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
