"""The review page on this machine: grades save themselves, and once all is graded the decision is signed there.

It serves one person until they leave (Ctrl-C) or have signed. What the pages are is in `twokey.page`; what is saved and
signed is in `grades` and `signing`.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twokey.cli.console import talk
from twokey.cli.fetchable import refuse_unfetchable
from twokey.cli.preparing import prepare
from twokey.cli.serving.grades import Row, SavedGrades
from twokey.cli.serving.signing import SigningDesk
from twokey.cli.signing_keys import AtPage
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import GRADES
from twokey.page.exchange import Response, page
from twokey.page.server import PORT, Server, open_server
from twokey.review.grades import Grades, filename
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is graded: the evidence, and what the page shows of it.

    `items` have to be graded, in the order in which they are met; the evidence's where None. `answers` gives what was
    answered to questions, by item. `seeds` is the digest of the sealed bundle whose rows are among `items`.
    """

    evidence: Evidence
    items: Sequence[Row] | None = None
    practice: Sequence[Row] = ()
    answers: Callable[[], Mapping[str, Sequence[tuple[str, str]]]] = dict
    seeds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """Under what a decision would be signed, as `twokey sign` takes it."""

    environment: str
    config: Path | None = None
    repository: str | None = None
    policy_refs: tuple[str, ...] = ()
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a served review leaves: where the grades are, how many items have none, where the decision is kept.

    `next` is what to do once it is.
    """

    grades: Path
    items: int
    left: int
    signed: str | None
    next: str = ""


def serve(
    directory: Path,
    material: Material,
    *,
    principal: str,
    under: Under,
    port: int = PORT,
    open_browser: bool = True,
    started: Callable[[Server], None] = lambda _server: None,
) -> Ended:
    """Serve the review of the evidence in `directory` to one person; return when they have signed, or leave.

    `started` is told once the page can be opened. An interrupt is the usual end, and what was saved stays.

    Raises:
        TwokeyError: the port is taken, or the grades that are there are of other evidence.
    """
    server = open_server(port)
    grades, desk = _saved(directory, material, principal), _desk(directory, principal, under, server.origin)
    grades.saved = desk.forget
    try:
        grades.now()
        announce(server, "Review", open_browser=open_browser)
        started(server)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve(
                {
                    ("GET", ""): lambda _sent: _page(material, grades, principal),
                    ("PUT", "grades"): grades.put,
                    **desk.routes(),
                }
            )
    finally:
        server.close()
        desk.end()
        grades.end()
    return Ended(grades=grades.path, items=len(grades.items), left=grades.left, signed=desk.place, next=desk.next)


def announce(server: Server, what: str, *, open_browser: bool) -> None:
    """Tell where the page is, and open it where somebody sits at a screen. The address is a secret of this run."""
    talk(f"{what}: {server.url}")
    talk("Whoever has this address can act for you while this runs. Ctrl-C ends it; what was saved stays.")
    if open_browser and sys.stderr.isatty() and not os.environ.get("CI"):
        import webbrowser

        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(_leading_to(server.url))


def _leading_to(url: str) -> str:
    """Return the address of a file that leads on to `url`, which only this user can read, until the process ends.

    Every user of a machine sees the arguments of a browser that is started: the secret must not be among them.
    """
    import atexit
    import html
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="twokey-"))  # made for its owner alone
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    there = html.escape(url)
    page = folder / "review.html"
    page.write_text(f'<!DOCTYPE html>\n<meta http-equiv="refresh" content="0;url={there}">\n', encoding="utf-8")
    return page.as_uri()


def _saved(directory: Path, material: Material, principal: str) -> SavedGrades:
    evidence = material.evidence
    return SavedGrades(
        path=directory / GRADES / filename(principal),
        grades=Grades(manifest=evidence.digest, reviewer=principal, seeds=material.seeds),
        items=evidence.items if material.items is None else material.items,
        reserve=evidence.reserve,
    )


def _desk(directory: Path, principal: str, under: Under, origin: str) -> SigningDesk:
    def prepared() -> Any:
        case = prepare(
            directory,
            under.config,
            environment=under.environment,
            repository=under.repository,
            policy_refs=under.policy_refs,
            key=under.key,
            page=AtPage(principal=principal, origin=origin),
            now=_now(),
        )
        refuse_unfetchable(case, push=False)
        return case

    return SigningDesk(prepare=prepared, origin=origin, clock=time.monotonic, now=_now)


def _now() -> datetime:
    return datetime.now(UTC)


def _page(material: Material, grades: SavedGrades, principal: str) -> Response:
    from twokey.page.payload import Served, payload
    from twokey.page.render import page as rendered

    given, revision = grades.now()
    told = payload(
        material.evidence,
        items=material.items,
        practice=material.practice,
        grades=given,
        answers=material.answers(),
        reviewer=principal,
        seeds=material.seeds,
        served=Served(revision=revision),
    )
    return page(rendered(told))
