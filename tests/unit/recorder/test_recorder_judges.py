"""What a judge's words mean, and what its recording must say of itself before it is believed."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.canonical import sha256
from twokey.config.judges import Judge
from twokey.config.scalars import Duration
from twokey.errors import TwokeyError
from twokey.recorder.header import Header, parse_header, read_header
from twokey.recorder.judges import JudgeSpec
from twokey.targets.openai_options import OpenaiOptions
from twokey.targets.python_options import PythonOptions

FILES = {"judge.txt": b"{output}?", "other.txt": b"{output}!", "judge.py": b"def say(case): ..."}
OPENAI = {"kind": "openai", "url": "https://judge.example/v1", "model": "judge-1"}


def spec(name: str = "grounded", prompt: str | None = "judge.txt", **options: object) -> JudgeSpec:
    target = OpenaiOptions(**{**OPENAI, **options})  # type: ignore[arg-type]
    verdicts = {"supported": False, "not supported": True, "can't say": True}
    judge = Judge(target=target, prompt=prompt, verdicts=verdicts, recording="judge.jsonl")
    return JudgeSpec.of(name, judge, FILES.__getitem__, str)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("supported", False),
        ("  Supported.\n", False),
        ("**NOT  supported**", True),
        ("The context says so.\n\nsupported\n", False),
        ("not supported? yes:\n`supported`\n---\nnot supported", True),
        ("Can't say.", True),
        ("unsupported", None),
        ("it is supported", None),
        ("supported or not supported", None),
        ("supported\nI hope this helps!", None),
        ("not\nsupported", False),
        ("", None),
        (" \n\n", None),
        ("...", None),
    ],
)
def test_the_last_line_must_be_a_verdict_and_nothing_else(answer: str, verdict: bool | None) -> None:
    assert spec().verdict(answer) is verdict


GROUNDED = spec()


@given(st.text())
def test_any_other_text_is_no_verdict(text: str) -> None:
    assert GROUNDED.verdict(f"supported {text}x") is None


def test_what_decides_answers_is_in_the_digests_and_what_does_not_is_not() -> None:
    known = spec().header("c")
    for practical in ({"timeout": Duration(9)}, {"attempts": 1}, {"at_once": 1}, {"key_env": "JUDGE_KEY"}):
        assert spec(**practical).header("c") == known
    changes = ({"model": "judge-2"}, {"url": "https://x.example"}, {"temperature": 1.0}, {"seed": 1}, {"max_tokens": 9})
    assert len({spec(**change).header("c").settings for change in changes} | {known.settings}) == 6
    assert known.prompt == sha256(FILES["judge.txt"])
    assert spec(prompt="other.txt").header("c").prompt != known.prompt


def test_the_content_of_a_function_is_among_its_settings() -> None:
    def settings(code: bytes) -> str:
        target = PythonOptions(kind="python", call="say", file="judge.py")
        judge = Judge(target=target, verdicts={"yes": False, "no": True}, recording="judge.jsonl")
        return JudgeSpec.of("grounded", judge, {"judge.py": code}.__getitem__, str).settings

    assert settings(b"1") == settings(b"1")
    assert settings(b"1") != settings(b"2")


def refused(path: Path, wanted: JudgeSpec, candidate: str = "c") -> str:
    with pytest.raises(TwokeyError) as caught:
        wanted.refuse_other(path, candidate)
    assert caught.value.status == 4
    return str(caught.value)


def test_a_recording_of_other_answers_is_refused_with_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "judge.jsonl"
    path.write_bytes(spec().header("c" * 64).line())
    spec().refuse_other(path, "c" * 64)
    assert f"it is about another recording of the candidate: '{'c' * 12}', here '{'d' * 12}'" in refused(
        path, spec(), "d" * 64
    )
    assert "it was asked by another prompt: " in refused(path, spec(prompt="other.txt"), "c" * 64)
    assert "the judge was asked with other settings: " in refused(path, spec(model="judge-2"), "c" * 64)
    assert "it holds the answers of the judge 'grounded', not of 'polite'" in refused(path, spec("polite"), "c" * 64)
    many = refused(path, spec("polite", prompt="other.txt", seed=3), "d" * 64)
    assert many.count(";") == 3
    assert "twokey record --judge polite --restart" in many


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}\n",
        b'{"id": "1"}\n',
        b"\xff\n",
        b'{"twokey":"recording/v2","kind":"judge"}\n',
        b'{"twokey":"recording/',
    ],
)
def test_a_file_that_does_not_say_what_it_is_is_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "judge.jsonl"
    path.write_bytes(line)
    assert "judge.jsonl:1: is no recording of a judge" in refused(path, spec())
    with pytest.raises(TwokeyError):
        parse_header(spec().header("c").line().replace(b'"judge",', b'"target",', 1), path)


def test_a_recording_that_is_not_there_says_how_it_is_made(tmp_path: Path) -> None:
    assert "twokey record --judge grounded makes it" in refused(tmp_path / "none.jsonl", spec())
    assert "cannot be read" in refused(tmp_path, spec())


def test_a_header_reads_back_and_may_say_more_one_day(tmp_path: Path) -> None:
    header = spec().header("c")
    path = tmp_path / "judge.jsonl"
    path.write_bytes(msgspec.json.encode({**msgspec.to_builtins(header), "period": "one day"}) + b"\nrest")
    assert read_header(path, "grounded") == header
    assert isinstance(header, Header)
