"""The page on the format of decisions, held against the code: the worked example runs, the tables are the code's."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from twokey import canonical
from twokey.decisions import contents, document, seen, witness
from twokey.decisions.conditions import BELONGS
from twokey.decisions.decision import CHOICES
from twokey.review import grades
from twokey.signers.sigstore import MAX_BUNDLE_BYTES
from twokey.signers.wire import MAX_ARMOR_BYTES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "decision-format.md").read_text(encoding="utf-8")
VECTORS = ROOT / "tests" / "vectors"
APPROVED = "cases/approved/store/decision-ann@example.com.json"
PROGRAMS = ("sh", "ssh-keygen", "sha256sum", "python3", "sed", "grep", "mktemp")


def section(heading: str) -> str:
    """Return what stands below a heading, up to the next of its level or above; one # alone may be a comment."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{2,{level}}} |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of a section's tables, without their heads."""
    for table in re.findall(r"^\|[-|]+\|\n((?:\|.*\n)+)", section(heading), re.MULTILINE):
        for line in table.splitlines():
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def block(language: str, heading: str) -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", section(heading), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    return str(blocks[0])


def worked_example(directory: Path) -> subprocess.CompletedProcess[str]:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"the example's stock tools are not all here: {', '.join(missing)}")
    script = block("sh", "## A worked example")
    return subprocess.run(["sh", "-c", script], cwd=directory, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with nothing but the vectors that the example speaks of."""
    for part in ("evidence/doubtful", "subjects/shipped", "cases/approved"):
        shutil.copytree(VECTORS / part, tmp_path / "tests" / "vectors" / part)
    shutil.copy(VECTORS / "roster.yaml", tmp_path / "tests" / "vectors")
    return tmp_path


def test_the_worked_example_runs_as_it_stands_and_needs_no_twokey(copy: Path) -> None:
    done = worked_example(copy)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('Good "twokey-decision-v1" signature for ann@example.com with ED25519 key')
    assert done.stdout.endswith("prompts/reply.txt is what was judged\n")


@pytest.mark.parametrize(
    "path",
    [
        APPROVED,
        f"{APPROVED}.sig",
        "cases/approved/store/facts.json",
        "evidence/doubtful/manifest.json",
        "evidence/doubtful/results.json",
        "evidence/doubtful/packet.json",
        "subjects/shipped/model/weights.txt",
        "subjects/shipped/prompts/reply.txt",
    ],
)
def test_the_worked_example_stops_where_one_character_is_another(copy: Path, path: str) -> None:
    file = copy / "tests" / "vectors" / path
    data = bytearray(file.read_bytes())
    at = next(index for index in range(len(data) // 2, len(data)) if chr(data[index]).isalnum())
    data[at] = ord("b") if data[at] == ord("a") else ord("a")
    file.write_bytes(bytes(data))
    assert worked_example(copy).returncode != 0


def test_the_decision_shown_is_the_one_of_the_example() -> None:
    shown = block("json", "## The decision").encode()
    assert shown == (VECTORS / APPROVED).read_bytes()
    assert document.render(document.parse(shown, "the page")) == shown


def test_every_field_of_a_decision_is_in_the_tables_and_no_other() -> None:
    statement = json.loads((VECTORS / APPROVED).read_bytes())
    told = [cells[0].strip("`") for cells in rows("## The decision")]
    told = told[: told.index("nonce") + 1]
    assert sorted(told) == sorted([*statement, *statement["predicate"]])


def test_every_field_of_a_manifest_and_of_a_change_is_in_its_table() -> None:
    manifest = json.loads((VECTORS / "evidence" / "doubtful" / "manifest.json").read_bytes())
    assert sorted(cells[0].strip("`") for cells in rows("## manifest.json")) == sorted(manifest)
    change = json.loads((VECTORS / "cases" / "change-merged" / "store" / "change.json").read_bytes())
    told = [name for cells in rows("## change.json") for name in re.findall(r"\w+", cells[0])]
    assert sorted(told) == sorted(change)


def test_kinds_of_decisions_and_conditions_are_the_codes() -> None:
    assert tuple(cells[0].strip("`") for cells in rows("### Kinds of decisions")) == CHOICES
    told = {cells[0].strip("`"): tuple(cells[1].split(", ")) for cells in rows("### Conditions")}
    assert told == BELONGS


def test_the_limits_are_the_codes() -> None:
    told = {cells[0]: [int(text.replace(",", "")) for text in re.findall(r"[\d,]*\d", cells[1])] for cells in limits()}
    assert told == {
        "a decision": [document.MAX_BYTES, document.MAX_DEPTH],
        "an SSH signature, armored": [MAX_ARMOR_BYTES],
        "a Sigstore bundle": [MAX_BUNDLE_BYTES],
        "the facts of a change": [seen.MAX_BYTES, 4],
        "a witness's statement": [witness.MAX_BYTES, witness.MAX_DEPTH],
        "grades": [grades.MAX_BYTES],
        "any other document": [canonical.MAX_BYTES, canonical.MAX_DEPTH],
        "files in a store's folder": [contents.MAX_FILES],
        "a store's folder, in all": [contents.MAX_FOLDER_BYTES],
    }


def limits() -> Iterator[list[str]]:
    return rows("## Canonical JSON")


def test_the_steps_are_numbered_as_in_the_code() -> None:
    assert [int(number) for number in re.findall(r"^(\d+)\. ", section("## Verification"), re.MULTILINE)] == [
        *range(1, 16)
    ]
    assert [int(number) for number in re.findall(r"^(\d+)\. ", section("## The verdict"), re.MULTILINE)] == [
        *range(1, 11)
    ]


def test_every_case_of_the_vectors_has_the_keys_that_the_page_names() -> None:
    named = {name for cells in rows("## The vectors") for name in re.findall(r"`([a-z_.]+)`", cells[0])}
    for path in VECTORS.glob("cases/*/case.json"):
        case = json.loads(path.read_bytes())
        assert {*case} - {"expected"} - named == set(), path


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"b": 1, "a": [0.1 + 0.2, 1.0, -0.0, 1e-6]}, b'{"a":[0.3,1.0,0.0,1e-06],"b":1}\n'),
        ("é\t\x7f\u200b\u202e\U000e0041\ud800", b'"\xc3\xa9\\t\\u007f\\u200b\\u202e\\udb40\\udc41\\ud800"\n'),
        ({"é": [], "z": {}}, b'{"z":{},"\xc3\xa9":[]}\n'),
    ],
)
def test_a_canonical_line_is_what_the_page_says(value: object, line: bytes) -> None:
    assert canonical.dump_line(value) == line
