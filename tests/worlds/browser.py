"""A real Chromium, the one that the system has: what it logs, what it asks for, and what axe-core says of a page."""

import importlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WCAG_22_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the whole session, without a window; a test opens a context of its own in it."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser, and is not installed")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium is installed here, and pages are tested in a real one")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@dataclass(slots=True)
class Log:
    """What a browser did beside showing a page: requests, errors and warnings, dialogs, new windows."""

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    windows: list[str] = field(default_factory=list)

    def elsewhere(self, *own: str) -> list[str]:
        """Return the requests that went to none of these addresses, by how they begin."""
        return [url for url in self.requests if not url.startswith((*own, "blob:", "data:"))]


def watch(context: Any) -> Log:
    """Record what all pages of a browser context do from now on. Dialogs are dismissed."""
    log = Log()
    context.on("request", lambda request: log.requests.append(request.url))
    context.on("page", lambda page: _follow(page, log))
    return log


def _follow(page: Any, log: Log) -> None:
    def dialog(opened: Any) -> None:
        log.dialogs.append(f"{opened.type}: {opened.message}")
        opened.dismiss()

    page.on("console", lambda said: log.console.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: log.errors.append(str(error)))
    page.on("dialog", dialog)
    page.on("popup", lambda popup: log.windows.append(popup.url))


def violations(page: Any) -> list[str]:
    """Return what axe-core finds on a page at WCAG 2.2 AA, a line for each.

    It is put into the page through the debugger, which a content security policy does not bind.
    """
    axe = Path(importlib.import_module("axe_playwright_python.base").AXE_FILE_PATH)
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        list(WCAG_22_AA),
    )
    return [
        f"{one['id']} ({one['impact']}): {node['target']}: {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
