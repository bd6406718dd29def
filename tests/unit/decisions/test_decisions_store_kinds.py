import subprocess
import sys
import time
from pathlib import Path

import pytest
from ref_world import ANN, REF, SHORT, at_once, repository

from twokey.decisions.contents import MAX_OTHER_BYTES
from twokey.decisions.decision import DecisionFile
from twokey.decisions.store import DecisionStore, open_store
from twokey.errors import ConfigError, TwokeyError

OTHER = "ba9876543210"
WRITE = f"""
import sys
from pathlib import Path
from twokey.decisions.store import open_store

where, directory, number = sys.argv[1:]
store = open_store(where, Path(directory))
for turn in range(2):
    said = f"{{number}}-{{turn}}".encode()
    store.write("{SHORT}", {{"manifest.json": b"the same", "grades-{ANN}.json": said}})
    store.write_decision("{SHORT}", "{ANN}", b"decision " + said, b"signature " + said)
"""


@pytest.fixture(params=["decisions", REF])
def where(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return repository(tmp_path / "project").directory


@pytest.fixture
def store(where: str, directory: Path) -> DecisionStore:
    return open_store(where, directory)


def test_an_empty_store_holds_nothing(store: DecisionStore) -> None:
    assert store.folders() == ()
    assert dict(store.files(SHORT)) == {}
    assert store.read(SHORT) == ()


def test_what_is_written_is_read_back_whole_by_whoever_opens_the_store(
    store: DecisionStore, where: str, directory: Path
) -> None:
    assert store.write(SHORT, {"manifest.json": b"m", "grades-ann.json": b"g"})["grades-ann.json"] == "grades-ann.json"
    name = store.write_decision(SHORT, ANN, b"one\r\n\0", b"sig")
    assert name == "decision-ann@example.com.json"
    store.write(OTHER, {"manifest.json": b"another"})

    again = open_store(where, directory)
    assert again.folders() == (SHORT, OTHER)
    assert again.read(SHORT) == (DecisionFile(name=name, data=b"one\r\n\0", signature=b"sig", signer="ssh"),)
    assert dict(again.files(SHORT)) == {
        name: b"one\r\n\0",
        f"{name}.sig": b"sig",
        "grades-ann.json": b"g",
        "manifest.json": b"m",
    }
    assert dict(again.files(OTHER)) == {"manifest.json": b"another"}


def test_what_is_read_cannot_be_altered(store: DecisionStore) -> None:
    store.write(SHORT, {"manifest.json": b"m"})
    with pytest.raises(TypeError):
        store.files(SHORT)["manifest.json"] = b"x"  # type: ignore[index]


def test_another_decision_gets_a_name_of_its_own_and_the_same_one_is_written_once(store: DecisionStore) -> None:
    first = store.write_decision(SHORT, ANN, b"one", b"sig one")
    assert store.write_decision(SHORT, ANN, b"two", b"sig two") == "decision-ann@example.com-2.json"
    assert store.write_decision(SHORT, ANN, b"one", b"sig one") == first
    assert store.write_decision(SHORT, ANN, b"one", b"sig 3") == "decision-ann@example.com-3.json"
    assert len(store.read(SHORT)) == 3


def test_a_file_is_never_replaced(store: DecisionStore) -> None:
    grades = "grades-ann.json"
    assert store.write(SHORT, {grades: b"1"}) == {grades: grades}
    assert store.write(SHORT, {grades: b"2"}) == {grades: "grades-ann-2.json"}
    assert store.write(SHORT, {grades: b"3"}) == {grades: "grades-ann-3.json"}
    assert store.write(SHORT, {grades: b"2"}) == {grades: "grades-ann-2.json"}
    assert store.write(SHORT, {grades: b"1"}) == {grades: grades}
    assert dict(store.files(SHORT)) == {grades: b"1", "grades-ann-2.json": b"2", "grades-ann-3.json": b"3"}


@pytest.mark.parametrize("name", ["manifest.json", "results.json", "packet.json"])
def test_a_copy_of_evidence_with_other_bytes_is_an_error(store: DecisionStore, name: str) -> None:
    store.write(SHORT, {name: b"signed"})
    store.write(SHORT, {name: b"signed"})
    with pytest.raises(TwokeyError, match="with other bytes"):
        store.write(SHORT, {name: b"altered"})
    assert dict(store.files(SHORT)) == {name: b"signed"}


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x.json", "a/b", "/x", "a\\b", ".hidden", "Grades-ann.json", "a\n", "a\0", "decision-x.json"],
)
def test_what_is_no_name_is_not_written(store: DecisionStore, name: str) -> None:
    with pytest.raises(TwokeyError, match="no name for a file beside decisions"):
        store.write(SHORT, {"manifest.json": b"m", name: b""})
    assert store.folders() == ()


def test_what_would_not_be_read_back_is_not_written(store: DecisionStore) -> None:
    with pytest.raises(TwokeyError, match="16,777,217 bytes, more than the 16,777,216 allowed"):
        store.write(SHORT, {"results.json": bytes(MAX_OTHER_BYTES + 1)})
    assert store.folders() == ()


@pytest.mark.parametrize("principal", ["", "../ann", "Ann", "ann/x", "ann\n", ".ann", "a" * 101, "ann\0"])
def test_what_is_no_principal_makes_no_file(store: DecisionStore, principal: str) -> None:
    with pytest.raises(TwokeyError, match="is no principal"):
        store.write_decision(SHORT, principal, b"", b"")
    assert store.folders() == ()


@pytest.mark.parametrize("short", ["", "..", "../../../etc", "0123456789AB", "0123456789a", "0123456789abc", "a\n"])
def test_a_folder_is_named_by_a_digest_and_nothing_else(store: DecisionStore, short: str) -> None:
    for use in (
        lambda: store.files(short),
        lambda: store.read(short),
        lambda: store.write(short, {"manifest.json": b""}),
        lambda: store.write_decision(short, ANN, b"", b""),
    ):
        with pytest.raises(TwokeyError, match="names no folder of decisions"):
            use()


def test_of_eight_processes_that_write_at_once_nobody_loses_anything(
    store: DecisionStore, where: str, directory: Path
) -> None:
    ended = at_once(WRITE, [(where, str(directory), str(number)) for number in range(8)])
    assert [process.stderr for process in ended] == [""] * 8
    turns = [f"{number}-{turn}".encode() for number in range(8) for turn in range(2)]
    found = {(file.data, file.signature) for file in store.read(SHORT) if isinstance(file, DecisionFile)}
    assert found == {(b"decision " + turn, b"signature " + turn) for turn in turns}
    files = store.files(SHORT)
    assert {data for name, data in files.items() if name.startswith("grades-")} == set(turns)
    assert len(files) == 1 + 3 * len(turns)


def test_a_writer_killed_at_any_moment_leaves_nothing_half(store: DecisionStore, where: str, directory: Path) -> None:
    script = WRITE.replace("for turn", "print(flush=True)\nfor turn").replace("range(2)", "range(10**6)")
    for milliseconds in (0, 5, 12, 30):
        command = [sys.executable, "-c", script, where, str(directory), str(milliseconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"\n"
            time.sleep(milliseconds / 1000)
            process.kill()
        time.sleep(0.1)  # a Git that it had started ends by itself
        assert all(store.files(SHORT).values())
        for file in store.read(SHORT):
            if isinstance(file, DecisionFile):
                assert file.signature == file.data.replace(b"decision", b"signature")
            else:
                assert file.reason == "a signature without its decision"
        last = f"decision after {milliseconds}".encode()
        store.write_decision(SHORT, "bob", last, last.replace(b"decision", b"signature"))
        assert last in {file.data for file in store.read(SHORT) if isinstance(file, DecisionFile)}


@pytest.mark.parametrize("place", ["s3://bucket/decisions", "https://example.com/x", "file:///x", "memory://d"])
def test_an_address_is_refused_and_told_to_come_later(tmp_path: Path, place: str) -> None:
    with pytest.raises(ConfigError, match="come with a later version; expected a folder, or refs/twokey/decisions"):
        open_store(place, tmp_path)


@pytest.mark.parametrize(
    "ref",
    ["refs", "refs/heads/main", "refs/twokey", "refs/twokey/../heads/main", "refs/twokey/X", "refs/twokey/a.lock"],
)
def test_a_ref_that_is_not_twokeys_own_is_refused(tmp_path: Path, ref: str) -> None:
    with pytest.raises(ConfigError, match="is no ref for decisions"):
        open_store(ref, tmp_path)


def test_a_ref_needs_a_repository(tmp_path: Path) -> None:
    with pytest.raises(TwokeyError, match="is in no Git repository"):
        open_store(REF, tmp_path)


def test_a_folder_may_be_anywhere(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    for named in (str(tmp_path / "shared"), "../shared"):
        open_store(named, tmp_path / "project").write(SHORT, {"manifest.json": b"m"})
    assert (tmp_path / "shared" / SHORT / "manifest.json").read_bytes() == b"m"


def test_a_folder_that_is_a_link_is_neither_read_nor_written(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    store = open_store("decisions", tmp_path)
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / SHORT).symlink_to(elsewhere, target_is_directory=True)
    for use in (
        lambda: store.read(SHORT),
        lambda: store.write(SHORT, {"manifest.json": b"m"}),
        lambda: store.write_decision(SHORT, ANN, b"", b""),
    ):
        with pytest.raises(TwokeyError, match="is a link"):
            use()
    assert store.folders() == ()
    assert list(elsewhere.iterdir()) == []


def test_a_link_in_a_files_place_is_not_followed(tmp_path: Path) -> None:
    store = open_store("decisions", tmp_path)
    (tmp_path / "decisions" / SHORT).mkdir(parents=True)
    (tmp_path / "decisions" / SHORT / "grades-ann.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TwokeyError, match="is a link"):
        store.write(SHORT, {"grades-ann.json": b"g"})
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_is_not_pushed(tmp_path: Path) -> None:
    with pytest.raises(TwokeyError, match="a folder is not pushed"):
        open_store("decisions", tmp_path).push()
