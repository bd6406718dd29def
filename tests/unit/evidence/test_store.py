import json
import os
import shutil
from pathlib import Path

import pytest

from twokey.canonical import dumps
from twokey.errors import TwokeyError
from twokey.evidence.layout import COVERED, ITEMS, MANIFEST, PACKET, QUARANTINE, QUEUE, RESULTS
from twokey.evidence.manifest import parse_manifest, render_manifest
from twokey.evidence.store import assemble, read_evidence, write_evidence
from twokey.evidence.subject import SubjectDigest
from twokey.outcome import Books, Metric, Status, conclude_gate

BOOKS = Books(total=9, scored=9)
HOLDS = Metric(name="unreadable", status=Status.PASS, reason="0 of 9", books=BOOKS, limit="max 0")
GATE = conclude_gate("records", BOOKS, [HOLDS])
FILES = {
    RESULTS: dumps({"type": "urn:twokey:results:v1", "gates": [GATE.plain()], "sample": {}}),
    PACKET: b"{}\n",
    ITEMS: b'{"id":"a","stratum":"audit"}\n',
    QUEUE: b"",
    QUARANTINE: b"",
}


def manifest(seed: int = 1) -> bytes:
    subject = SubjectDigest(name="s", owner="o", files=())
    unreadable = {"count": 0, "first": []}
    candidate = {"sha256": "a" * 64, "size": 9, "records": 1, "unreadable": unreadable}
    recordings = {"candidate": candidate, "baseline": None}
    policy = {"sha256": "b" * 64, "files": []}
    return render_manifest(subject=subject, recordings=recordings, policy=policy, seed=seed, files=FILES)


def write(directory: Path, seed: int = 1) -> str:
    data = manifest(seed)
    evidence = assemble(data, parse_manifest(data), FILES)
    write_evidence(directory, evidence, data, {"conclusion.json": b"{}\n"})
    return evidence.digest


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    digest = write(tmp_path / "evidence")
    evidence = read_evidence(tmp_path / "evidence")
    assert evidence.digest == digest
    assert evidence.files == FILES
    assert evidence.items == ({"id": "a", "stratum": "audit"},)
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]


@pytest.mark.parametrize("name", COVERED)
def test_a_byte_more_in_any_covered_file_is_noticed(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")
    with pytest.raises(TwokeyError, match="not what the manifest covers"):
        read_evidence(tmp_path)


@pytest.mark.parametrize("position", range(0, len(manifest()), 7))
def test_a_flipped_byte_in_the_manifest_is_another_manifest_or_none(tmp_path: Path, position: int) -> None:
    digest = write(tmp_path)
    data = bytearray((tmp_path / MANIFEST).read_bytes())
    data[position] ^= 1
    (tmp_path / MANIFEST).write_bytes(data)
    try:
        assert read_evidence(tmp_path).digest != digest
    except TwokeyError:
        return


def test_a_missing_file_is_noticed(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / QUEUE).unlink()
    with pytest.raises(TwokeyError, match="no such evidence"):
        read_evidence(tmp_path)


@pytest.mark.parametrize("name", ["extra.txt", "review/notes.md", "grades/deeper/x.json", "Results.json"])
def test_a_file_that_has_no_place_there_makes_it_invalid(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("x")
    with pytest.raises(TwokeyError, match="has no place in evidence"):
        read_evidence(tmp_path)


def test_a_link_in_place_of_a_covered_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "evidence")
    path = tmp_path / "evidence" / RESULTS
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(TwokeyError, match="is a link"):
        read_evidence(tmp_path / "evidence")


def test_a_manifest_that_names_other_files_is_refused() -> None:
    data = json.loads(manifest())
    data["files"][0]["path"] = "../outside"
    with pytest.raises(TwokeyError, match="covers"):
        parse_manifest(json.dumps(data).encode())


def test_a_directory_with_something_else_in_it_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(TwokeyError, match="something else than evidence"):
        write(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_grades_stay_with_the_evidence_that_they_were_given_for(tmp_path: Path) -> None:
    directory = tmp_path / "evidence"
    write(directory, seed=1)
    (directory / "grades").mkdir()
    (directory / "grades/grades-pat.json").write_text("hours of work")
    write(directory, seed=1)
    assert (directory / "grades/grades-pat.json").read_text() == "hours of work"
    write(directory, seed=2)
    assert not (directory / "grades").exists()
    write(directory, seed=1)
    assert (directory / "grades/grades-pat.json").read_text() == "hours of work"


def test_evidence_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    directory = tmp_path / "evidence"
    digest = write(directory, seed=1)
    data = manifest(2)
    evidence = assemble(data, parse_manifest(data), FILES)
    with pytest.raises(TwokeyError, match="cannot be written"):
        write_evidence(directory, evidence, data, {f"{'x' * 300}.json": b""})
    assert read_evidence(directory).digest == digest
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]


@pytest.mark.parametrize("folder", ["model", "review/deeper", "grades/deeper", "decisions/x", "kept"])
def test_an_empty_folder_that_has_no_place_there_makes_it_invalid(tmp_path: Path, folder: str) -> None:
    write(tmp_path)
    (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(TwokeyError, match="has no place in evidence"):
        read_evidence(tmp_path)
    with pytest.raises(TwokeyError, match="something else than evidence"):
        write(tmp_path)


@pytest.mark.parametrize("name", ["grades", "decisions", "review/model", "model", "review/index.html"])
def test_a_linked_folder_makes_it_invalid(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "evidence"
    write(directory)
    (tmp_path / "elsewhere").mkdir()
    (directory / name).symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(TwokeyError, match="is a link"):
        read_evidence(directory)
    with pytest.raises(TwokeyError, match="something else than evidence"):
        write(directory)


def test_a_linked_review_makes_it_invalid_though_the_bytes_are_the_same(tmp_path: Path) -> None:
    directory = tmp_path / "evidence"
    write(directory)
    (directory / "review").rename(tmp_path / "review")
    (directory / "review").symlink_to(tmp_path / "review", target_is_directory=True)
    with pytest.raises(TwokeyError, match="review: is a link"):
        read_evidence(directory)


def test_a_folder_in_place_of_a_file_makes_it_invalid(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "run.json").mkdir()
    with pytest.raises(TwokeyError, match="has no place in evidence"):
        read_evidence(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
@pytest.mark.parametrize("name", [MANIFEST, RESULTS, QUEUE, "conclusion.json", "grades/grades-pat.json"])
def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(TwokeyError, match="is no plain file"):
        read_evidence(tmp_path)


def killed_between_renames(directory: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    real, calls = Path.rename, []

    def rename(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) > 1:
            raise SystemExit
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", rename)
        with pytest.raises(SystemExit):
            write(directory, seed)
    assert not directory.exists()


def test_evidence_comes_back_after_a_kill_between_the_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "evidence"
    digest = write(directory, seed=1)
    killed_between_renames(directory, monkeypatch, seed=2)
    assert read_evidence(directory).digest == digest
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]


def test_grades_come_back_after_a_kill_between_the_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "evidence"
    write(directory, seed=1)
    (directory / "grades").mkdir()
    (directory / "grades/grades-pat.json").write_text("hours of work")
    killed_between_renames(directory, monkeypatch, seed=1)
    write(directory, seed=1)
    assert (directory / "grades/grades-pat.json").read_text() == "hours of work"
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]


def test_which_of_two_leftovers_it_was_is_not_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = tmp_path / "evidence"
    write(directory, seed=1)
    killed_between_renames(directory, monkeypatch, seed=2)
    (left,) = tmp_path.glob(".evidence-old-*")
    shutil.copytree(left, tmp_path / ".evidence-old-second")
    with pytest.raises(TwokeyError, match="no such evidence"):
        read_evidence(directory)


def test_grades_that_were_signed_are_not_replaced_and_the_others_not_lost(tmp_path: Path) -> None:
    directory = tmp_path / "evidence"
    write(directory)
    (directory / "grades").mkdir()
    (directory / "grades/grades-pat.json").write_text("begun again")
    (directory / "grades/grades-sam.json").write_text("in progress")
    data = manifest()
    evidence = assemble(data, parse_manifest(data), FILES)
    write_evidence(directory, evidence, data, {"grades/grades-pat.json": b"signed"})
    assert (directory / "grades/grades-pat.json").read_text() == "signed"
    assert (directory / "grades/grades-sam.json").read_text() == "in progress"
    kept = tmp_path / "kept" / evidence.digest[:12] / "grades"
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"grades-pat.json": "begun again"}
