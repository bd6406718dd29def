"""A function of the user's: where it may come from, and what becomes of whatever it does."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from twokey.errors import TwokeyError
from twokey.targets.base import Reply, Request, Setting, TargetError
from twokey.targets.python import PythonTarget
from twokey.targets.python_options import PythonOptions

ASKED = Request(id="case-1", text=None, fields={"input": "why", "output": {"label": "a"}, "context": None})


def from_file(code: str, call: str = "say") -> PythonTarget:
    files: Mapping[str, bytes] = {"judge.py": code.encode()}
    setting = Setting(read=files.__getitem__, place=lambda path: f"policy/{path}", secrets={})
    return PythonTarget.build(PythonOptions(kind="python", call=call, file="judge.py"), setting)


def installed(call: str) -> PythonTarget:
    return PythonTarget.build(PythonOptions(kind="python", call=call), Setting(read=str.encode, place=str, secrets={}))


def test_it_is_called_with_one_case_and_its_text_is_the_answer() -> None:
    target = from_file("import json\ndef say(case): return json.dumps(case, sort_keys=True)\n")
    assert target.ask(ASKED).text == '{"context": null, "id": "case-1", "input": "why", "output": {"label": "a"}}'
    with_prompt = Request(id="case-1", text="Is it?", fields={})
    assert target.ask(with_prompt).text == '{"id": "case-1", "prompt": "Is it?"}'


def test_an_installed_function_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "installed_judge.py").write_text("def say(case): return case['id']\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert installed("installed_judge:say").ask(ASKED) == Reply(text="case-1")
    with pytest.raises(TwokeyError, match="installed_judge: has no function called nope"):
        installed("installed_judge:nope")


SCRIPT = """
from twokey.targets.base import Setting
from twokey.targets.python import PythonTarget
from twokey.targets.python_options import PythonOptions
from twokey.errors import TwokeyError
options = PythonOptions(kind="python", call="planted_judge:say")
try:
    PythonTarget.build(options, Setting(read=bytes, place=str, secrets={}))
    print("loaded")
except TwokeyError as error:
    print(error)
import planted_judge
print("still importable")
"""


@pytest.mark.parametrize("arguments", [("-c", SCRIPT), ("-m", "started_here")])
def test_the_working_directory_is_not_looked_in(tmp_path: Path, arguments: tuple[str, str]) -> None:
    (tmp_path / "planted_judge.py").write_text("def say(case): return 'supported'\n")
    (tmp_path / "started_here.py").write_text(SCRIPT)
    done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
    refused, after = done.stdout.splitlines()
    assert refused.startswith("planted_judge: cannot be loaded: no module named 'planted_judge' (install it where")
    assert after == "still importable", "else the test above holds for another reason"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def other(case): pass", "policy/judge.py: has no function called say"),
        ("say = 3", "policy/judge.py: has no function called say"),
        ("\ndef say(:", "policy/judge.py:2: is no Python: "),
        ("import not_there_at_all", "policy/judge.py: cannot be loaded: no module named 'not_there_at_all'"),
        ("raise ValueError('jo@example.com')", "policy/judge.py: cannot be loaded: it raised ValueError"),
        ("a = '\\0'\x00", "policy/judge.py: "),
    ],
)
def test_what_cannot_be_loaded_is_told_with_its_place(code: str, told: str) -> None:
    with pytest.raises(TwokeyError) as caught:
        from_file(code)
    assert str(caught.value).startswith(told)
    assert "jo@example.com" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "fault", "message"),
    [
        ("raise ValueError(case['output'])", "raised", "the function raised ValueError at policy/judge.py:2"),
        ("raise SystemExit(0)", "raised", "the function raised SystemExit at policy/judge.py:2"),
        ("return True", "reply", "the function returned bool, not text"),
        ("return None", "reply", "the function returned NoneType, not text"),
    ],
)
def test_what_it_does_wrong_is_an_error_with_a_class_and_never_a_verdict(body: str, fault: str, message: str) -> None:
    with pytest.raises(TargetError) as caught:
        from_file(f"def say(case):\n    {body}\n").ask(ASKED)
    assert (caught.value.fault, caught.value.message, caught.value.again) == (fault, message, False)


def test_an_interrupt_is_no_answer() -> None:
    with pytest.raises(KeyboardInterrupt):
        from_file("def say(case): raise KeyboardInterrupt").ask(ASKED)


def test_a_reply_is_what_was_returned() -> None:
    assert from_file("def say(case): return ''").ask(ASKED) == Reply(text="")
