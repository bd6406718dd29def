"""A newcomer's test of the packet: given only the page, each fact that a release is decided by is found in its section.

docs/packet.md says for each of ten releases what has to be known and where it stands; the page is held to that list.
"""

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from persona import Home
from releases import RELEASES, Prepared, Release, prepared_once

PAGE = Path(__file__).parents[1] / "docs/packet.md"
INLINE = frozenset({"wbr", "code", "strong", "mark", "ins", "del", "svg", "line", "circle", "rect"})


@dataclass(frozen=True, slots=True)
class Needed:
    """What docs/packet.md says of one release: what to do, and the facts that it takes, by section."""

    approve: bool
    facts: tuple[tuple[str, str], ...]


@cache
def needed() -> dict[str, Needed]:
    found: dict[str, Needed] = {}
    for part in PAGE.read_text(encoding="utf-8").split("\n### ")[1:]:
        head, _, body = part.partition("\n")
        name, _, choice = head.partition(": ")
        assert choice in ("approve", "refuse"), head
        points = re.findall(r'^- ([^:\n]+): "(.+)"$', body, re.MULTILINE)
        assert len(points) == body.count("\n- "), f"{name}: a point that is no section with its sentence"
        found[name] = Needed(choice == "approve", tuple(points))
    return found


class Sections(HTMLParser):
    """The page as a newcomer reads it: the text of each section by its heading, in order; scripts there are none."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, str] = {}
        self._heading, self._in_heading, self._text = "", False, ""
        self.feed(page)
        self.close()
        self._keep()

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h2":
            self._keep()
            self._heading, self._in_heading = "", True
        self._text += " " if tag not in INLINE else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "h2":
            self._in_heading = False
        self._text += " " if tag not in INLINE else ""

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self._heading += data
        else:
            self._text += data

    def _keep(self) -> None:
        if self._heading:
            self.texts[re.sub(r" \([\d,]+\)$", "", self._heading)] = " ".join(self._text.split())
        self._text = ""


ORDER = (
    "Verdict",
    "What surrounds the verdict",
    "What would be released",
    "Gates",
    "What the human review shows",
    "Checkpoints",
    "Failures",
    "Items for people",
    "Reviewer flags",
    "Limits of this evidence",
    "How to sign",
)


@pytest.fixture(params=RELEASES, ids=lambda release: release.name)
def prepared(request: pytest.FixtureRequest, home: Home, tmp_path: Path) -> Prepared:
    release: Release = request.param
    return prepared_once(release, home, tmp_path)


def test_there_are_ten_releases_each_written_down_and_half_of_them_are_to_be_refused() -> None:
    assert {release.name: release.approve for release in RELEASES} == {
        name: one.approve for name, one in needed().items()
    }
    assert sorted(release.approve for release in RELEASES) == [False] * 5 + [True] * 5
    assert all(one.facts for one in needed().values())


def test_each_fact_stands_where_the_list_says_and_sections_come_in_the_order_of_a_decision(prepared: Prepared) -> None:
    sections = Sections(prepared.page).texts
    assert list(sections) == [title for title in ORDER if title in sections]
    for title, fact in needed()[prepared.release.name].facts:
        assert title in sections, f"there is no section {title!r}; there are {', '.join(sections)}"
        assert fact in sections[title], f"{title}: {sections[title][:3000]}"


def test_what_is_to_be_decided_is_said_first_and_nothing_of_it_is_folded_away(prepared: Prepared) -> None:
    opened = re.sub(r"<details.*?</details>", " ", prepared.page, flags=re.DOTALL)
    first = Sections(opened).texts["Verdict"]
    kind = "An escalation:" if prepared.packet["kind"] == "escalation" else "An approval is asked for"
    for told in ("needs-decision", kind, "risk if wrong", "if nobody answers", *prepared.packet["summary"]):
        assert told in first
    for title, fact in needed()[prepared.release.name].facts:
        if title == "Verdict":
            assert fact in first, "it stands on the first screen, unfolded"


def test_the_facts_tell_the_releases_apart(home: Home, tmp_path: Path) -> None:
    """What makes one release a refusal stands on no page of a release that is to be approved."""
    good = next(release for release in RELEASES if release.name == "careful-review")
    sections = Sections(prepared_once(good, home, tmp_path).page).texts
    for name, one in needed().items():
        if not one.approve:
            assert any(fact not in sections.get(title, "") for title, fact in one.facts), name
