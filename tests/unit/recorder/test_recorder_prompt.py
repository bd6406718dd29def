"""Prompts: what is a slot and what is not, and that nothing put into one is ever looked at again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.errors import ConfigError
from twokey.recorder.prompt import MAX_BYTES, Prompt

FIELDS = {"input": "q", "output": "a", "context": None}


def parsed(text: str) -> Prompt:
    return Prompt.parse(text.encode(), "prompts/judge.txt")


def problems(data: bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Prompt.parse(data, "judge.txt")
    return [str(problem) for problem in caught.value.problems]


def test_slots_are_filled_with_text_as_it_is_and_all_else_as_json() -> None:
    prompt = parsed("Q: {input}\nA: {output}\nC: {context}{context}!")
    assert prompt.fill({"input": "why?", "output": {"label": "ä", "n": [1, None]}, "context": None}) == (
        'Q: why?\nA: {"label":"ä","n":[1,null]}\nC: !'
    )


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{output} {{output}} {{{output}}}", "a {output} {a}"),
        ('answer as {"verdict": ...}: {output}', 'answer as {"verdict": ...}: a'),
        ("{ output } {} {0} {output.x} {output!r} {output:>9} {output[0]} {output}", None),
        ("%s $output \\{ {output}", None),
    ],
)
def test_whatever_is_no_slot_stands_for_itself(text: str, filled: str | None) -> None:
    assert parsed(text).fill(FIELDS) == (filled if filled is not None else text.replace("{output}", "a"))


@given(st.text(), st.text(), st.text())
def test_what_is_put_in_is_never_looked_at_again(before: str, output: str, context: str) -> None:
    quoted = before.replace("{", "{{").replace("}", "}}")
    prompt = Prompt.parse(f"{quoted}|{{output}}|{{context}}".encode("utf-8", "replace"), "judge.txt")
    clean = before.encode("utf-8", "replace").decode().removeprefix("\ufeff")
    for hostile in (output, "{context}", "{input.__class__}", "{{", "}}{output}", "\\1\\g<0>"):
        assert prompt.fill({"input": "", "output": hostile, "context": context}) == f"{clean}|{hostile}|{context}"


def test_everything_wrong_is_told_at_once_with_its_place() -> None:
    assert problems(b"{inptu}\n and {Output} {question}") == [
        "judge.txt: a prompt without {output} asks about nothing",
        "judge.txt:1:1: there is no slot {inptu} (did you mean {input}?)",
        "judge.txt:2:6: there is no slot {Output} (did you mean {output}?)",
        "judge.txt:2:15: there is no slot {question} ({{question}} stands for the text itself)",
    ]
    assert problems(b"\xff{output}") == ["judge.txt: not UTF-8 at byte 0"]
    assert problems(b" " * MAX_BYTES + b"{output}") == [
        "judge.txt: 65,544 bytes, more than the 65,536 allowed for a prompt"
    ]


def test_the_digest_is_that_of_the_file() -> None:
    assert parsed("{output}").sha256 != parsed("{output}\n").sha256
    assert parsed("\ufeff{output}").fill(FIELDS) == "a"
