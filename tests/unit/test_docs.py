"""What is written about the code, held against the code: the generated reference, links, and commands to copy."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from twokey.cli.app import app
from twokey.conclusion import Verdict
from twokey.detectors import DETECTORS
from twokey.engines import ENGINES
from twokey.gates import GATES
from twokey.kinds import page
from twokey.readers import READERS
from twokey.reports import REPORTS
from twokey.review.select import ReviewGate
from twokey.review.trade import TRADE
from twokey.signers import SIGNERS
from twokey.stats.hypergeometric import clean_items_needed
from twokey.stats.intervals import upper_bound
from twokey.stats.quantiles import values_needed
from twokey.targets import TARGETS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
WRITTEN = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
BY_HAND = [path for path in WRITTEN if REFERENCE not in path.parents]
TABLES: Mapping[str, Mapping[str, Any]] = {
    "gates": {**GATES, "review": ReviewGate},
    "detectors": DETECTORS,
    "readers": READERS,
    "engines": ENGINES,
    "reports": REPORTS,
    "signers": SIGNERS,
    "targets": TARGETS,
    "trade": TRADE,
}
KINDS = [(folder, name, kind) for folder, table in TABLES.items() for name, kind in table.items()]
COMMANDS: Any = typer.main.get_command(app)
EVERYWHERE = {"-h", "--help", "--debug"}


def make_docs(root: Path, *arguments: str, columns: str = "80") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / "scripts" / "make_docs.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "", "COLUMNS": columns, "PYTHONHASHSEED": columns, "TWOKEY_ENGINE": "processes"},
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The scripts and the reference, free to be spoiled."""
    for part in ("scripts", "docs/reference"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_reference_is_what_the_code_gives() -> None:
    done = make_docs(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_names_each_page_that_differs_is_missing_or_is_made_by_nothing_and_writes_none(copy: Path) -> None:
    reference = copy / "docs" / "reference"
    edited = (reference / "gates.md").read_bytes() + b"\n"
    (reference / "gates.md").write_bytes(edited)
    (reference / "config.md").unlink()
    (reference / "notes.md").write_bytes(b"by hand")
    done = make_docs(copy, "--check")
    assert done.returncode == 1
    assert re.findall(r"^docs/reference/([\w-]+\.md) ", done.stderr, re.MULTILINE) == [
        "config.md",
        "gates.md",
        "notes.md",
    ]
    assert (reference / "gates.md").read_bytes() == edited
    assert not (reference / "config.md").exists()


def test_writing_makes_the_same_bytes_whatever_terminal_and_order_of_sets(copy: Path) -> None:
    reference = copy / "docs" / "reference"
    before = {path.name: path.read_bytes() for path in reference.iterdir()}
    for path in reference.iterdir():
        path.write_bytes(b"")
    (reference / "notes.md").write_bytes(b"by hand")
    assert make_docs(copy, columns="200").returncode == 0
    assert {path.name: path.read_bytes() for path in reference.iterdir()} == before


@pytest.mark.parametrize(("folder", "name", "kind"), KINDS, ids=[f"{folder}-{name}" for folder, name, _ in KINDS])
def test_every_kind_has_its_page(folder: str, name: str, kind: Any) -> None:
    text = (REFERENCE / f"{folder}.md").read_text(encoding="utf-8")
    own = page(kind if isinstance(kind, type) else type(kind))
    assert own
    assert f"\n## {name}\n\n{own}\n" in text
    assert f"](#{name}) | {kind.summary} |" in text


def test_the_index_links_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs") for path in BY_HAND if path.parent == ROOT / "docs"]
    pages += [path.relative_to(ROOT / "docs") for path in REFERENCE.glob("*.md")]
    assert len(pages) > 9
    assert [str(path) for path in pages if path.name != "README.md" and f"]({path.as_posix()})" not in index] == []


def prose(text: str) -> str:
    """Return the text without code, in which nothing is a link."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> Iterator[str]:
    # A link's text may be code, so that only its target is looked for.
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = path.parent / file if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            yield target


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_points_to_something(path: Path) -> None:
    assert list(broken_links(path)) == []


def test_a_link_to_a_missing_file_or_heading_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# One\n[a](#one) [`b`](#two) [c](other.md) [d](https://e.x/) `[e](f)`\n```\n[g](h)\n```\n")
    assert list(broken_links(path)) == ["#two", "other.md"]


def command_lines(path: Path) -> Iterator[list[str]]:
    """Yield the words of each line in a code block that calls twokey; lines that end with a backslash go on."""
    for block in re.findall(r"^```\w*\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if re.match(r"(\$ )?twokey( |$)", line):
                yield shlex.split(line.removeprefix("$ "), comments=True)


def unknown_words(words: list[str]) -> list[str]:
    """Return the command that is none, or the options that the command does not have."""
    group = {option for param in COMMANDS.params for option in param.opts} | EVERYWHERE
    name = next((word for word in words[1:] if not word.startswith("-")), None)
    if name is None:
        return [word for word in words[1:] if word not in group]
    if name not in COMMANDS.commands:
        return [name]
    found = COMMANDS.commands[name]
    part = next((word for word in words[words.index(name) + 1 :] if word in getattr(found, "commands", ())), None)
    found = found.commands[part] if part else found
    known = {option for param in found.params for option in param.opts} | EVERYWHERE
    return [word for word in words[1:] if word.startswith("-") and word.partition("=")[0] not in known]


@pytest.mark.parametrize("path", BY_HAND, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_to_copy_exists_with_its_options(path: Path) -> None:
    assert [words for words in command_lines(path) if unknown_words(words)] == []


def test_the_readme_shows_the_first_day() -> None:
    shown = [words[1] for words in command_lines(ROOT / "README.md")]
    assert {"init", "run", "review", "sign"} <= set(shown)


def test_a_command_or_option_that_does_not_exist_is_noticed() -> None:
    assert unknown_words(["twokey", "ruin"]) == ["ruin"]
    assert unknown_words(["twokey", "run", "--fast", "-c", "x"]) == ["--fast"]
    assert unknown_words(["twokey", "--version"]) == []
    assert unknown_words(["twokey", "seeds", "open", "--now"]) == []
    assert unknown_words(["twokey", "seeds", "seal", "--now"]) == ["--now"]


def test_the_readmes_exit_statuses_are_the_codes() -> None:
    rows = re.findall(r"^\| (\d) \| ([\w-]+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {label: int(status) for status, label in rows} == {one.label: one.exit_status for one in Verdict}


def test_the_numbers_on_the_page_about_statistics_are_the_codes() -> None:
    text = " ".join((ROOT / "docs" / "statistics.md").read_text(encoding="utf-8").split())
    for confidence in (0.95, 0.975):
        p50, p95, p99 = (values_needed(q, confidence) for q in (0.5, 0.95, 0.99))
        assert f"{p50} for p50, {p95} for p95, {p99} for p99" in text
    five, one = clean_items_needed(0.05), clean_items_needed(0.01)
    assert f"{five} random items without a failure claim at most 5% of a pool of any size, {one} at most 1%" in text
    assert f"0 of 2,000 is at most {upper_bound(0, 2000, 0.05):.2%}" in text
