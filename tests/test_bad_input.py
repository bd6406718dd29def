"""Whatever can be wrong with what a user hands over: file, place and expectation are told, and nothing is written."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from persona import Home
from project import Project, row, rows, started

from twokey.evidence.layout import COVERED

Break = Callable[[Project], None]


@pytest.fixture
def project(home: Home) -> Project:
    return started(home)


def refused(project: Project, status: int, *texts: str, command: tuple[str, ...] = ("run",)) -> None:
    """Run; the status and every text must be there, and not a byte on disk may differ from before."""
    before = project.listing()
    outcome = project.home.twokey(*command)
    assert outcome.status == status, outcome.text
    for text in texts:
        assert text in outcome.err, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.text
    assert "unexpected fault" not in outcome.text
    assert project.listing() == before
    assert not list(project.directory.rglob(".evidence*"))


def test_the_project_itself_runs(project: Project) -> None:
    outcome = project.run("--environment", "staging")
    assert outcome.status == 0, outcome.text
    assert {*COVERED, "manifest.json"} <= {
        path.relative_to(project.evidence).as_posix() for path in project.evidence.rglob("*")
    }


# Recordings


def test_a_recording_that_is_not_there(project: Project) -> None:
    (project.directory / "outputs.jsonl").unlink()
    refused(project, 4, "outputs.jsonl: there is no such file; expected JSON Lines")


def test_a_recording_that_is_a_directory(project: Project) -> None:
    (project.directory / "outputs.jsonl").unlink()
    (project.directory / "outputs.jsonl").mkdir()
    refused(project, 4, "outputs.jsonl: is a directory; expected JSON Lines")


@pytest.mark.parametrize(("content", "found"), [(b"", "is empty (0 bytes)"), (b"\n \n\n", "holds only blank lines")])
def test_an_empty_recording(project: Project, content: bytes, found: str) -> None:
    project.write("outputs.jsonl", content)
    refused(project, 4, f"outputs.jsonl: {found}; expected JSON Lines")


def test_a_truncated_gzip(project: Project) -> None:
    whole = gzip.compress((project.directory / "outputs.jsonl").read_bytes())
    project.policy(candidate={"path": "outputs.jsonl.gz"})
    project.write("outputs.jsonl.gz", whole[:-20])
    refused(project, 4, "outputs.jsonl.gz: is a truncated gzip file")


def test_a_gzip_whose_bytes_are_not_those_that_were_packed(project: Project) -> None:
    whole = bytearray(gzip.compress((project.directory / "outputs.jsonl").read_bytes()))
    whole[-6] ^= 1  # in its checksum
    project.policy(candidate={"path": "outputs.jsonl.gz"})
    project.write("outputs.jsonl.gz", bytes(whole))
    refused(project, 4, "outputs.jsonl.gz: is a damaged gzip file")


@pytest.mark.parametrize("breaking", ["cut", "corrupt", "named"])
def test_a_zstd_that_is_none(project: Project, breaking: str) -> None:
    plain = (project.directory / "outputs.jsonl").read_bytes()
    whole = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(plain))
    if breaking == "corrupt":
        whole[-1] ^= 1
    content = {"cut": bytes(whole[:-10]), "corrupt": bytes(whole), "named": plain}[breaking]
    project.policy(candidate={"path": "outputs.jsonl.zst"})
    project.write("outputs.jsonl.zst", content)
    what = {"cut": "is a truncated zstd file", "corrupt": "is a damaged zstd file", "named": "it is no zstd file"}
    refused(project, 4, "outputs.jsonl.zst: ", what[breaking])


def test_a_parquet_without_a_mapped_column(project: Project) -> None:
    table = pa.table({"id": ["a"], "source": ["synthetic"], "output": ["x"]})
    pq.write_table(table, project.directory / "outputs.parquet")
    project.policy(candidate={"path": "outputs.parquet"})
    refused(project, 4, "outputs.parquet: no column 'input', which the mapping names (columns: id, source, output)")


def test_a_parquet_that_is_none(project: Project) -> None:
    project.write("outputs.parquet", b"PAR1 and then something else PAR1")
    project.policy(candidate={"path": "outputs.parquet"})
    refused(project, 4, "outputs.parquet: ")


def test_a_csv_without_a_mapped_column(project: Project) -> None:
    project.write("outputs.csv", "id,source,input,output\na,synthetic,x,y\n")
    project.policy(candidate={"path": "outputs.csv"})
    refused(project, 4, "outputs.csv:1: no column 'expected', which the mapping names")


def test_ragged_rows_of_a_csv_are_counted_and_told_with_their_lines(project: Project) -> None:
    good = "".join(f"c{number},x,y,y\n" for number in range(30))
    project.write("outputs.csv", f"id,input,output,expected\n{good}short,x\nlong,x,y,y,z,z\n")
    fields = {"path": "outputs.csv", "source": None, "confidence": None, "latency_ms": None, "error": None}
    project.policy(candidate=fields)
    outcome = project.run("--environment", "staging")
    assert outcome.status == 1, outcome.text
    assert "2 of 32 lines could not be read: at most" in outcome.out
    assert project.metric("records", "unreadable")["value"] == 2
    manifest = (project.evidence / "manifest.json").read_text()
    assert '"line": 32' in manifest
    assert '"line": 33' in manifest


def test_a_name_that_does_not_say_what_the_file_holds(project: Project) -> None:
    project.policy(candidate={"path": "outputs.txt"})
    project.record(rows(3), "outputs.txt")
    refused(project, 4, "outputs.txt: the name does not say what the file holds", "format: to one of jsonl, csv")


def test_a_baseline_that_is_not_there(project: Project) -> None:
    project.policy(baseline={"path": "last.jsonl"})
    refused(project, 4, "last.jsonl: there is no such file")


def test_an_id_that_stands_twice_is_told_with_both_lines(project: Project) -> None:
    project.record([*rows(10), row(3)])
    refused(project, 4, "outputs.jsonl:11: the id 'case-0003' stands on line 4 and on line 11")


# Policy


def test_everything_wrong_with_a_config_at_once(project: Project) -> None:
    config = project.directory / "gates.yaml"
    text = config.read_text().replace("version: 1", "version: 1\nsubjct: {name: x}")
    text = text.replace("min: 0.5", "min: many").replace("pii:", "pee:")
    config.write_text(text)
    lines = text.splitlines()
    places = [
        next(n for n, line in enumerate(lines, 1) if word in line)
        for word in ("subjct", "min: many", "pee:")
    ]  # fmt: skip
    columns = [lines[place - 1].index(word) + 1 for place, word in zip(places, ("subjct", "many", "pee"), strict=True)]
    refused(
        project,
        2,
        f"gates.yaml:{places[0]}:{columns[0]}: unknown key 'subjct' (did you mean subject?)",
        f"gates.yaml:{places[1]}:{columns[1]}: expected a number or a percentage, found the text 'many'",
        f"gates.yaml:{places[2]}:{columns[2]}: unknown key 'pee' in gates.safety",
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "gates.yaml:1:1: the file is empty"),
        (bytes(range(256)), "not UTF-8: the byte 0x80"),
        (b"a: [b", "not YAML: while parsing a flow sequence"),
        (b"- version: 1\n", "gates.yaml:1:1: "),
        (b"version: 1\nversion: 1\n", "gates.yaml:2:1: "),
        (b"version: 2\n", "gates.yaml:1:10: "),
        (b"a: &a [*a]\n", "gates.yaml:1:"),
    ],
)
def test_a_config_that_is_none(project: Project, content: bytes, found: str) -> None:
    project.write("gates.yaml", content)
    refused(project, 2, found)


def test_a_config_that_is_not_there(project: Project) -> None:
    (project.directory / "gates.yaml").unlink()
    refused(project, 4, "gates.yaml: there is no such config", "twokey init")
    refused(project, 4, "other.yaml: there is no such config", command=("verify", "--config", "other.yaml"))


def test_a_config_that_is_a_directory(project: Project) -> None:
    (project.directory / "gates.yaml").unlink()
    (project.directory / "gates.yaml").mkdir()
    refused(project, 4, "gates.yaml: is a directory or a device, expected a file")


def test_a_variable_that_is_not_set(project: Project) -> None:
    config = project.directory / "gates.yaml"
    config.write_text(config.read_text().replace("outputs.jsonl", "${NO_SUCH_RECORDING}"))
    refused(project, 2, "gates.yaml:", "NO_SUCH_RECORDING is not set", "gives it a default")


def test_a_variable_where_trust_is_decided(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE", "anybody")
    config = project.directory / "gates.yaml"
    config.write_text(config.read_text().replace("- product", "- ${ROLE}"))
    refused(project, 2, "gates.yaml:")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"type": 12}', "output.json: not a JSON Schema: at #/type: 12"),
        ('{"type": ', "output.json:1:10: not JSON"),
        ("[]", "output.json: not a JSON Schema"),
        (b"\xff\xfe", "output.json"),
        ('{"$ref": "#/$defs/none"}', "output.json"),
        ('{"$ref": "https://example.com/elsewhere.json"}', "output.json"),
    ],
)
def test_a_schema_that_is_not_a_schema(project: Project, content: str | bytes, found: str) -> None:
    project.policy(gates={"schema": {"output": "output.json"}})
    project.write("output.json", content)
    refused(project, 2, found)


def test_a_schema_that_is_not_there(project: Project) -> None:
    project.policy(gates={"schema": {"output": "output.json"}})
    refused(project, 4, "output.json: there is no such file", "relative to the config")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("a: b: c", "rules.yaml:1:5: not YAML"),
        ("rules: []", "rules.yaml:1:8: an empty list says nothing"),
        ("rules: [{name: x, words: [a], pattern: 3}]", "rules.yaml:1:"),
        ("rules:\n  - {name: x, pattern: '(a'}\n", "rules.yaml:2:"),
    ],
)
def test_policy_rules_that_are_none(project: Project, content: str, found: str) -> None:
    project.policy(gates={"safety": {"policy": {"rules": "rules.yaml", "max": 0}}})
    project.write("rules.yaml", content)
    refused(project, 2, found)


# People


def test_a_roster_with_a_malformed_key(project: Project) -> None:
    roster = project.directory / "roster.yaml"
    roster.write_text(roster.read_text().replace(project.home.public, "ssh-ed25519 AAAA"))
    refused(project, 2, "roster.yaml:3:", "not a key that may decide: the public key is cut off")


@pytest.mark.parametrize("content", [b"", b"people: []\n", b"\xff\xfe", b"people: {a: b}\n"])
def test_a_roster_that_is_none(project: Project, content: bytes) -> None:
    project.write("roster.yaml", content)
    refused(project, 2, "roster.yaml:1:")


def test_a_roster_that_is_not_there_is_told_before_anything_is_judged(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged(*_: Any) -> None:
        raise AssertionError("nothing should be judged")

    monkeypatch.setattr("twokey.pipeline.judge", judged)
    (project.directory / "roster.yaml").unlink()
    refused(project, 4, "roster.yaml: there is no such roster", "twokey init")


def kept(project: Project) -> Path:
    """Run, and return where the decisions on that evidence are looked for."""
    assert project.run().status == 3
    digest = project.home.twokey("verify", "--format", "json").out.split('"manifest": "')[1][:12]
    folder = project.directory / "decisions" / digest
    folder.mkdir(parents=True)
    return folder


def test_a_decision_of_50_mb_is_refused_by_name(project: Project) -> None:
    folder = kept(project)
    with (folder / "decision-pat@example.com.json").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    (folder / "decision-pat@example.com.json.sig").write_text("-----BEGIN SSH SIGNATURE-----\n")
    for command in ("run", "verify"):
        outcome = project.home.twokey(command)
        assert outcome.status == 3, outcome.text
        told = " ".join(outcome.out.split())
        assert "decision-pat@example.com.json" in told
        assert "52,428,800 bytes, more than the" in told
    assert not list((project.evidence / "decisions").glob("*.json")), "what is refused for its size is not copied"


def test_grades_of_50_mb_are_not_read(project: Project) -> None:
    folder = kept(project)
    with (folder / "grades-pat@example.com.json").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert project.run().status == 3
    assert not (project.evidence / "grades").exists()


@pytest.mark.parametrize("level", ["decisions", "digest"])
def test_a_folder_of_decisions_that_is_a_file(project: Project, level: str) -> None:
    folder = kept(project)
    folder.rmdir()
    if level == "decisions":
        folder.parent.rmdir()
        folder = folder.parent
    folder.write_text("not a folder")
    refused(project, 4, "decisions", "the decisions cannot be listed: Not a directory")
    refused(project, 4, "decisions", "the decisions cannot be listed", command=("verify",))


def test_a_decision_that_is_a_link_or_oddly_named_is_refused_by_name(project: Project) -> None:
    folder = kept(project)
    (folder / "decision-pat@example.com.json").symlink_to(project.directory / "gates.yaml")
    (folder / "decision-Ann.json").write_text("{}")
    (folder / "decision-bob@example.com.json").write_text("{}")
    outcome = project.home.twokey("verify")
    assert outcome.status == 3, outcome.text
    for name in ("decision-pat@example.com.json", "decision-Ann.json", "decision-bob@example.com.json"):
        assert name in outcome.out


# Evidence


@pytest.mark.parametrize("command", ["verify", "sign", "review"])
def test_evidence_that_is_not_there(project: Project, command: str) -> None:
    refused(project, 4, ".twokey/evidence/manifest.json: there is no such evidence", "twokey run", command=(command,))


@pytest.mark.parametrize(
    "files", [("thesis.txt",), ("manifest.json", "index.html"), ("manifest.json",), ("results.json",)]
)
def test_a_directory_that_holds_something_else_is_not_replaced(project: Project, files: tuple[str, ...]) -> None:
    for name in files:
        project.write(f"public/{name}", '{"name": "somebody else\'s"}')
    refused(project, 4, "public: holds something else than evidence", command=("run", "--evidence", "public"))


def test_evidence_with_a_stranger_in_it_is_neither_replaced_nor_believed(project: Project) -> None:
    assert project.run("--environment", "staging").status == 0
    project.write(".twokey/evidence/notes.txt", "what I thought of it")
    refused(project, 4, "notes.txt")
    refused(project, 4, "notes.txt", command=("verify", "--environment", "staging"))


@pytest.mark.parametrize(("place", "found"), [("roster.yaml", "is no directory"), ("roster.yaml/a/b", "is a file")])
def test_an_evidence_directory_that_cannot_be(project: Project, place: str, found: str) -> None:
    refused(project, 4, place, found, command=("run", "--evidence", place))


def test_an_evidence_directory_that_is_a_link(project: Project) -> None:
    (project.directory / "elsewhere").mkdir()
    (project.directory / "link").symlink_to(project.directory / "elsewhere")
    refused(project, 4, "link: is no directory", command=("run", "--evidence", "link"))


def test_a_run_that_dies_leaves_the_earlier_evidence(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert project.run().status == 3
    before = project.listing()
    project.record(rows(5))

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    for place in ("twokey.evidence.store._carry_grades", "twokey.cli.concluding.conclude", "twokey.sweep.sweep"):
        with monkeypatch.context() as patch:
            patch.setattr(place, interrupted)
            outcome = project.run()
        assert outcome.status == 130
        assert {**project.listing(), "outputs.jsonl": before["outputs.jsonl"]} == before


@pytest.mark.parametrize("glob", ["modle/**", "model/../**"])
def test_a_subject_of_files_that_are_not_there(project: Project, glob: str) -> None:
    project.policy(subject={"name": "triage", "owner": "pat@example.com", "files": [glob]})
    refused(project, 4 if "modle" in glob else 2, glob)


# The command line


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("run", "--engine", "quantum"), "there is no engine called 'quantum'"),
        (("run", "--format", "pdf"), "there is no report called 'pdf'"),
        (("verify", "--format", "htlm"), "did you mean html?"),
        (("run", "--jobs", "0"), "--jobs"),
        (("run", "--jobs", "many"), "--jobs"),
        (("run", "--nonsense"), "--nonsense"),
        (("nonsense",), "nonsense"),
        (("sign", "--approve", "--reject"), "exclude each other"),
        (("explain", "acuracy-of-nothing"), "there is no gate, detector"),
    ],
)
def test_a_wrong_use_of_the_command_line(project: Project, arguments: tuple[str, ...], found: str) -> None:
    refused(project, 2, found, command=arguments)


def test_a_wrong_variable_is_a_wrong_use_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOKEY_ENGINE", "quantum")
    refused(project, 2, "TWOKEY_ENGINE", "there is no engine called 'quantum'")
