"""Review pages for tests in a real browser: evidence with items of every kind, the page as a file, a reader at it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from run_world import make_evidence, packet, records, selection

from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import QUEUE
from twokey.page.payload import payload
from twokey.page.render import page

CONTEXT = (
    "When you change your plan in the middle of a month, the first bill shows both plans. A set-up fee is EUR 10. "
)


def row(number: int, **changes: Any) -> dict[str, Any]:
    """An item; `changes` say what is different, ... leaves a field out."""
    made = {
        "id": f"ticket-{number:04}",
        "stratum": "audit" if number % 3 == 0 else "low-confidence",
        "rank": number,
        "confidence": 0.3 + number / 10_000,
        "input": f"Question number {number}: why is my bill higher?",
        "output": f"Answer number {number}: both plans are on it.",
        "expected": f"Answer number {number}: both plans stand on it.",
        "context": CONTEXT,
        "findings": ["policy.promise (high)"],
        "source": "production",
        "groups": {"channel": "chat"},
        **changes,
    }
    return {name: value for name, value in made.items() if value is not ...}


def rows(count: int) -> list[dict[str, Any]]:
    return [row(number) for number in range(1, count + 1)]


def evidence_of(
    items: Sequence[Mapping[str, Any]], reserve: Sequence[Mapping[str, Any]] = (), queued: int = 0
) -> Evidence:
    made = make_evidence((records(), selection()), tuple(items), packet(), "support-triage")
    return replace(made, reserve=tuple(reserve), files={**made.files, QUEUE: b"{}\n" * queued})


def written(path: Path, evidence: Evidence, **more: Any) -> str:
    """Write the page, and return its address."""
    path.write_text(page(payload(evidence, **more)), encoding="utf-8")
    return path.as_uri()


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads a page in a tab, and types."""

    tab: Any

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)

    def type(self, text: str) -> None:
        self.tab.keyboard.type(text)

    @property
    def item(self) -> str:
        """The id of the item that is shown, or the summary's heading."""
        return str(self.tab.text_content("#title"))

    @property
    def said(self) -> str:
        return str(self.tab.inner_text("#said"))

    @property
    def counts(self) -> str:
        return str(self.tab.inner_text("#counts"))

    @property
    def saving(self) -> str:
        return str(self.tab.inner_text("#saving"))

    def part(self, name: str) -> str:
        """The text of a part of the item, as it stands on the page."""
        return str(self.tab.locator(f".part.{name} pre").evaluate("element => element.textContent"))

    def fail(self, severity: str, reason: str) -> None:
        """Grade the item as a fail, with keys alone."""
        self.press("f", severity)
        self.type(reason)
        self.press("Control+Enter")

    def reasoned(self, key: str, reason: str) -> None:
        """Give a grade that asks for nothing but a reason."""
        self.press(key)
        self.type(reason)
        self.press("Control+Enter")

    def download(self, reviewer: str | None = "ann@example.com") -> tuple[str, bytes]:
        """Save the grades file; return its name and bytes. The first time the page asks who that is: `reviewer`."""
        with self.tab.expect_download() as found:
            self.tab.get_by_role("button", name="Save grades file").first.click()
            if reviewer is not None:
                self.type(reviewer)
                self.press("Enter")
        return str(found.value.suggested_filename), Path(found.value.path()).read_bytes()


def grades_in(data: bytes) -> dict[str, dict[str, Any]]:
    return {one["item"]: one for one in json.loads(data)["grades"]}


def opened(context: Any, address: str) -> Reader:
    tab = context.new_page()
    tab.goto(address)
    return Reader(tab)
