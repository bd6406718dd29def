"""The file of answers: nothing that was answered is lost or asked twice, whatever state it was left in."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.errors import TwokeyError
from twokey.recorder.answers import Answers, Fault, Row
from twokey.recorder.header import Header

HEADER = Header(judge="grounded", settings="s" * 64, prompt="p" * 64, candidate="c" * 64)


def row(ident: str, verdict: bool | None = True, attempts: int = 1) -> Row:
    error = Fault(fault="timeout", message="slow") if verdict is None else None
    return Row(id=ident, verdict=verdict, raw="no", error=error, attempts=attempts, at=1.0, latency_ms=2.5)


def written(path: Path, *rows: Row) -> bytes:
    with Answers(path, HEADER) as answers:
        for each in rows:
            answers.append(each)
    return path.read_bytes()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_header_comes_first_then_a_line_for_each_record(tmp_path: Path) -> None:
    path = tmp_path / "new" / "judge.jsonl"
    written(path, row("a"), row("b", None))
    header, first, second = lines(path)
    assert list(header) == ["twokey", "kind", "judge", "settings", "prompt", "candidate", "tool"]
    assert (header["twokey"], header["kind"]) == ("recording/v1", "judge")
    assert first == {
        "id": "a",
        "verdict": True,
        "raw": "no",
        "error": None,
        "attempts": 1,
        "at": 1.0,
        "latency_ms": 2.5,
        "usage": None,
    }
    assert second["error"] == {"class": "timeout", "message": "slow"}
    assert second["verdict"] is None


def test_each_row_is_in_the_file_before_the_next_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    with Answers(path, HEADER) as answers:
        for number in range(3):
            answers.append(row(str(number)))
            assert len(lines(path)) == number + 2


def test_starting_again_keeps_verdicts_drops_errors_and_counts_their_attempts(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    written(path, row("a"), row("b", None, 5), row("c", False))
    with Answers(path, HEADER) as answers:
        assert answers.answered == {"a", "c"}
        assert answers.tried == {"b": 5}
    assert [line["id"] for line in lines(path)[1:]] == ["a", "c"]


def test_a_file_that_needs_no_mending_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    before = written(path, row("a"), row("b", False))
    inode = path.stat().st_ino
    assert written(path) == before
    assert path.stat().st_ino == inode


def test_an_answer_that_stands_twice_counts_once_and_the_first_one(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    written(path, row("a", True), row("a", False))
    written(path)
    assert [line["verdict"] for line in lines(path)[1:]] == [True]


@given(st.data())
def test_wherever_it_is_cut_off_only_the_torn_line_is_lost(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cut") / "judge.jsonl"
    whole = written(path, row("a"), row("b", None), row("ü", False), row("d"))
    first = len(HEADER.line())
    cut = data.draw(st.integers(first, len(whole)))
    path.write_bytes(whole[:cut])
    kept = {json.loads(line)["id"] for line in whole[:cut].splitlines(keepends=True)[1:] if line.endswith(b"\n")} - {
        "b"
    }
    with Answers(path, HEADER) as answers:
        assert answers.answered == kept
        answers.append(row("e"))
    assert {line["id"] for line in lines(path)[1:]} == {*kept, "e"}


def test_answers_to_another_question_are_thrown_away_only_if_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    before = written(path, row("a"))
    other = Header(judge="grounded", settings="s" * 64, prompt="q" * 64, candidate="c" * 64)
    with pytest.raises(TwokeyError, match=r"holds other answers: it was asked by another prompt.*--restart"):
        Answers(path, other)
    assert path.read_bytes() == before
    with Answers(path, other, restart=True) as answers:
        assert answers.answered == set()
    assert path.read_bytes() == other.line()


@pytest.mark.parametrize("restart", [False, True])
def test_what_is_no_judges_recording_is_never_written_to(tmp_path: Path, restart: bool) -> None:
    path = tmp_path / "outputs.jsonl"
    path.write_bytes(b'{"id": "a", "output": "b"}\n')
    with pytest.raises(TwokeyError, match="is no recording of a judge"):
        Answers(path, HEADER, restart=restart)
    link = tmp_path / "judge.jsonl"
    link.symlink_to(tmp_path / "elsewhere.jsonl")
    with pytest.raises(TwokeyError, match="is a link"):
        Answers(link, HEADER, restart=restart)
    with pytest.raises(TwokeyError, match="cannot be written"):
        Answers(path / "below" / "judge.jsonl", HEADER, restart=restart)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["judge.jsonl", "outputs.jsonl"]
    assert path.read_bytes() == b'{"id": "a", "output": "b"}\n'
