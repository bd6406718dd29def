"""Whatever a detector supports is hidden wherever a run writes or prints: files, streams, decisions, caches, logs.

One value of every rule is planted in every field where a record can hold it. Then everything that the commands leave is
searched byte by byte: plain, in the usual codes, and within what is compressed. What is shown on purpose: attempts at
injection in inputs, which people have to read there.
"""

import base64
import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import pytest
from persona import Home
from planted import CANARY, EXTRA, SHOWN, Planted, planted
from project import Project, row, rows, started

from twokey.detectors import DETECTORS, build_scanner
from twokey.record import Record

VALUES = planted()
SINKS = ("json", "terminal", "junit", "markdown", "html")
# Where a value may stand, by the record's field: what only shows beside an input or a system prompt is an output's.
FIELDS = ("output", "nested", "key", "input", "context", "expected", "label", "group", "error", "impact")
CANARIES = "canaries.txt"
OWN_WORDS = "words.txt"
OWN = {CANARIES: f"{CANARY}\n", OWN_WORDS: "zorblax\n"}
CHECKS = {
    "pii": {"max": 0},
    "secrets": {"max": 0},
    "profanity": {"max": 0, "words": OWN_WORDS},
    "leakage": {"max": 0, "canaries": CANARIES},
    "injection": {},
}


def placed(one: Planted, field: str, number: int) -> dict[str, object]:
    """A record with the value in one place; it is unsure of itself, so that people are shown it."""
    made = row(number, id=f"r{number}", confidence=0.2, system=one.system or None)
    made["input"] = one.asked or f"ticket {number}"
    match field:
        case "nested":
            made["output"] = {"reply": [{"text": one.text}], "n": 1}
        case "key":
            made["output"] = {one.text: "x"}
        case "group":
            made["said"] = one.text
        case "error":
            made |= {"error": one.text, "output": None}
        case _:
            made[field] = one.text
    return made


def fields_of(one: Planted) -> tuple[str, ...]:
    return ("output", "nested") if one.tag.startswith("leakage.") else FIELDS


@pytest.fixture
def project(home: Home, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Every value in every field; temporary files of the commands stand in the home, where they are searched too."""
    made = started(home)
    temporary = made.directory.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    for name, text in OWN.items():
        made.write(name, text)
    made.policy(
        gates={"quality": {"accuracy": {"min": 0.5}, "slices": ["said"]}, "safety": CHECKS},
        candidate={
            "groups": {"said": "said"},
            "label": "label",
            "context": "context",
            "impact": "impact",
            "system": "system",
        },
        review={"confidence_below": 0.6, "show": 5000, "audit": 60},
    )
    records = rows(20)
    for one in VALUES:
        records += [placed(one, field, number) for number, field in enumerate(fields_of(one), start=len(records))]
    made.record(records)
    return made


def forms(value: str) -> Iterator[bytes]:
    """The value and its latter half, where that is long, as bytes in the usual codes."""
    yield from _coded(value)
    if len(value) >= 24:
        yield from _coded(value[len(value) // 2 :])


def _coded(value: str) -> Iterator[bytes]:
    data = value.encode()
    yield data
    yield value.encode("utf-16-le")
    yield value.encode("utf-16-be")
    yield json.dumps(value)[1:-1].encode()
    yield data.hex().encode()
    yield data.hex().upper().encode()
    yield quote(value, safe="").encode()
    yield quote(value).encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + data).rstrip(b"=")
        core = whole[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


NEEDLES = {form: one.tag for one in VALUES for form in forms(one.value)}


def unpacked(data: bytes) -> Iterator[bytes]:
    """What a file holds, and what is compressed in it."""
    yield data
    if data[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(data))
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name))


def told(data: bytes) -> list[str]:
    """The rules whose values stand in some bytes, in whatever form."""
    return sorted({tag for part in unpacked(data) for form, tag in NEEDLES.items() if form in part})


def left_behind(project: Project) -> Mapping[str, bytes]:
    """Every file below the person's home and project but for what they wrote themselves, by name."""
    root = project.directory.parent
    own = {project.directory / name for name in ("outputs.jsonl", *OWN)}
    found = {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file() and path not in own
    }
    return found | {f"the name of {name}": name.encode() for name in found}


def shown(project: Project) -> list[str]:
    """The items that people are shown."""
    return (project.evidence / "review/items.jsonl").read_text().splitlines()


def assert_nothing_told(project: Project, **streams: str) -> None:
    leaks = {name: told(data) for name, data in left_behind(project).items()}
    leaks |= {name: told(text.encode("utf-8", "surrogatepass")) for name, text in streams.items()}
    assert {name: tags for name, tags in leaks.items() if tags} == {}


def test_every_rule_has_a_value_that_it_sees() -> None:
    checks = {name: {"profanity": OWN_WORDS, "leakage": CANARIES}.get(name) for name in CHECKS}
    scanner = build_scanner(checks, lambda path: OWN[path].encode())
    for one in VALUES:
        (seen,) = scanner.scan_records(
            [Record(id="x", output=one.text, input=one.asked or None, system=one.system or None)]
        )
        hidden = str(scanner.redact_value(one.text, seen))
        assert any(each.field == "output" for each in seen), one.tag
        assert told(hidden.encode()) == [], one.tag
    explained = {f"{one.name}.{rule}" for one in scanner.detectors for rule in one.explained() if one.name not in SHOWN}
    assert {one.tag for one in VALUES} == explained
    assert {one.name for one in scanner.detectors} == set(DETECTORS) - EXTRA - {"policy"}


def test_the_search_would_find_a_value_in_each_form() -> None:
    value = VALUES[0].value
    for form in forms(value):
        assert told(b"x" + form + b"y")
    assert told(gzip.compress(value.encode()))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.txt", value)
    assert told(archive.getvalue())


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_a_run_and_all_that_follows_tell_none(project: Project, engine: str) -> None:
    streams: dict[str, str] = {}
    for command, sink in [("run", "terminal"), *((name, sink) for sink in SINKS for name in ("run", "verify"))]:
        arguments = ("--engine", engine) if command == "run" else ()
        outcome = project.home.twokey(command, "--format", sink, *arguments)
        assert outcome.status in (1, 3), outcome.text
        streams[f"{command} {sink}"] = outcome.text
        if engine == "processes":  # the sinks are the same
            break
    assert len(shown(project)) >= len(VALUES)
    assert_nothing_told(project, **streams)


def test_reviewing_and_signing_tell_none_and_say_that_there_may_be_more(project: Project) -> None:
    project.run()
    keys = "n" * len(shown(project)) + "q"
    done = subprocess.run(
        [sys.executable, "-m", "twokey", "review", "--terminal"],
        input=keys,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert_nothing_told(project, review=done.stdout, stderr=done.stderr)
    assert "may hold personal data" in done.stdout + done.stderr
    project.grade()
    streams: dict[str, str] = {}
    for command in (("sign", "--reject", "--reason", "leaks"), ("verify", "--recompute"), ("doctor",), ("status",)):
        outcome = project.home.twokey(*command)
        streams[" ".join(command)] = outcome.text
    assert_nothing_told(project, **streams)
    assert list((project.directory / "decisions").rglob("*"))


def test_page_and_packet_say_that_items_may_hold_personal_data(project: Project) -> None:
    outcome = project.run("--format", "html")
    assert "may hold personal data" in outcome.out
    packet = json.loads((project.evidence / "review/packet.json").read_bytes())
    assert any("may hold personal data" in sentence for sentence in packet["limits_of_this_evidence"])


def test_an_id_that_is_an_address_or_a_secret_is_refused_and_not_told(project: Project) -> None:
    scanner = build_scanner({"pii": None, "secrets": None}, str.encode)
    seen = {one.tag: {each.tag for each in scanner.scan(one.value)} for one in VALUES}
    ids = [one for one in VALUES if one.tag in seen[one.tag] and one.tag.startswith("secrets.")]
    assert len(ids) >= 100
    for one in ids[::40]:
        project.record([*rows(5), row(5, id=one.value)])
        outcome = project.run()
        assert outcome.status == 4, (one.tag, outcome.text)
        assert told(outcome.text.encode()) == [], one.tag


def test_a_line_that_cannot_be_read_tells_none(project: Project) -> None:
    broken = [f'{{"id": "b{number}", "output": {json.dumps(one.text)}' for number, one in enumerate(VALUES)]
    project.record([*rows(300), *broken])
    outcome = project.run()
    assert outcome.status in (1, 3, 4), outcome.text
    assert_nothing_told(project, run=outcome.text)


def test_what_policy_does_not_count_is_hidden_all_the_same(project: Project) -> None:
    mine = [one for one in VALUES if one.tag.startswith(("pii.", "secrets.")) or one.tag == "profanity.strong"]
    project.policy(
        gates={"quality": {"accuracy": {"min": 0.5}}, "safety": {"leakage": {"max": 0}}},
        candidate={"context": "context"},
        review={"confidence_below": 0.6, "show": 1000, "audit": 60},
    )
    flagged = [row(n, output=f"so <|im_sep|> then\n{one.text}", confidence=0.2) for n, one in enumerate(mine)]
    project.record([*flagged, *(row(n + 1000, input=one.text, context=one.text) for n, one in enumerate(mine))])
    outcome = project.run()
    assert project.metric("safety", "leakage")["value"] == len(mine)
    assert len((project.evidence / "quarantine.jsonl").read_text().splitlines()) == len(mine)
    assert {one for line in shown(project) for one in json.loads(line)["findings"]} <= {"leakage.template-token"}
    assert_nothing_told(project, run=outcome.text)
