import json
from pathlib import Path

import pytest

from twokey.errors import TwokeyError
from twokey.evidence.layout import COVERED, ITEMS, MANIFEST, PACKET, QUARANTINE, QUEUE, RESULTS
from twokey.evidence.manifest import parse_manifest, render_manifest
from twokey.evidence.store import assemble, read_evidence, write_evidence
from twokey.evidence.subject import SubjectDigest

FILES = {
    RESULTS: b'{"gates": [], "sample": {}, "type": "urn:twokey:results:v1"}\n',
    PACKET: b"{}\n",
    ITEMS: b'{"id":"a","stratum":"audit"}\n',
    QUEUE: b"",
    QUARANTINE: b"",
}


def manifest(seed: int = 1) -> bytes:
    subject = SubjectDigest(name="s", owner="o", files=())
    unreadable = {"count": 0, "first": []}
    candidate = {"sha256": "a" * 64, "size": 9, "witness": "unwitnessed", "records": 1, "unreadable": unreadable}
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
