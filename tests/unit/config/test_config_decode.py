from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.decode import decode, load_typed, read_yaml
from twokey.config.scalars import Allowance, Change, Draw, Duration, number, percent, percentage
from twokey.config.shape import option
from twokey.config.words import resolve
from twokey.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    a: int
    b: str = "b"

    def __post_init__(self) -> None:
        if self.a == 13:
            raise ValueError("13 is taken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    text: str | None = None
    whole: int | None = None
    share: float | None = None
    flag: bool | None = None
    word: Literal["red", "green"] | None = None
    words: tuple[Literal["red", "green"], ...] = ()
    table: Mapping[str, int] | None = None
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    duration: Duration | None = None
    change: Change | None = None
    allowance: Allowance | None = None
    draw: Draw | None = None
    from_: str | None = None
    either: int | tuple[str, ...] | Inner | None = None
    loose: Literal["auto"] | float | None = None
    anything: Any = None
    checked: tuple[int, ...] = option("small", minimum=0, maximum=9, default=())


def load(text: str) -> Everything:
    return load_typed(text.encode(), "f.yaml", Everything)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text)
    return [str(problem).removeprefix("f.yaml:") for problem in caught.value.problems]


GOOD: Mapping[str, tuple[str, Any]] = {
    "text: abc": ("text", "abc"),
    "text: '7'": ("text", "7"),
    "text: on": ("text", "on"),
    "text: NO": ("text", "NO"),
    "text: 2026-12-01": ("text", "2026-12-01"),
    "text: 22:30": ("text", "22:30"),
    "text: 010": ("text", "010"),
    "text: 0x1F": ("text", "0x1F"),
    "text: 1_000": ("text", "1_000"),
    "text: é": ("text", "é"),
    "whole: -7": ("whole", -7),
    "whole: 9223372036854775807": ("whole", 2**63 - 1),
    "share: 40%": ("share", 0.4),
    "share: '40%'": ("share", 0.4),
    "share: 2.3%": ("share", 0.023),
    "share: 1": ("share", 1.0),
    "share: .5": ("share", 0.5),
    "share: 1e-3": ("share", 0.001),
    "flag: true": ("flag", True),
    "flag: false": ("flag", False),
    "word: red": ("word", "red"),
    "words: [red, green]": ("words", ("red", "green")),
    "table: {x: 1, 2: 2, true: 3}": ("table", {"x": 1, "2": 2, "true": 3}),
    "inner: {a: 1}": ("inner", Inner(a=1)),
    "inners: [{a: 1}, {a: 2, b: c}]": ("inners", (Inner(a=1), Inner(a=2, b="c"))),
    "duration: 90m": ("duration", Duration(5400)),
    "change: 10%": ("change", Change(relative=0.1)),
    "change: 0.01": ("change", Change(absolute=0.01)),
    "change: 0": ("change", Change(absolute=0.0)),
    "change: {relative: 10%, absolute: 5}": ("change", Change(relative=0.1, absolute=5.0)),
    "allowance: 0": ("allowance", Allowance(count=0)),
    "allowance: 0.1%": ("allowance", Allowance(share=0.001)),
    "draw: all": ("draw", Draw(None)),
    "draw: 5": ("draw", Draw(5)),
    "from: here": ("from_", "here"),
    "either: 5": ("either", 5),
    "either: [a]": ("either", ("a",)),
    "either: {a: 1}": ("either", Inner(a=1)),
    "loose: auto": ("loose", "auto"),
    "loose: 5%": ("loose", 0.05),
    "anything: {a: [1, 'x', true, null, 1.5]}": ("anything", {"a": [1, "x", True, None, 1.5]}),
    "checked: [0, 9]": ("checked", (0, 9)),
}


@pytest.mark.parametrize("text", GOOD)
def test_what_is_written_is_what_is_read(text: str) -> None:
    name, value = GOOD[text]
    read = getattr(load(text), name)
    assert read == value
    assert type(read) is type(value)


BAD = {
    "text: 7": "1:7: expected text, found the number 7 (put it in quotes)",
    "text: true": "1:7: expected text, found true (put it in quotes)",
    "text: 1.10": "1:7: expected text, found the number 1.10 (put it in quotes)",
    "text:": "1:6: expected text, found nothing",
    "text: ''": "1:7: expected text, found an empty text",
    "text: ~": "1:7: expected text, found nothing",
    "text: [a]": "1:7: expected text, found a list",
    "text: {a: b}": "1:7: expected text, found a mapping",
    "whole: seven": "1:8: expected a whole number, found the text 'seven'",
    "whole: true": "1:8: expected a whole number, found true",
    "whole: 1.0": "1:8: expected a whole number, found the number 1.0",
    "whole: '1'": "1:8: expected a whole number, found the text '1'",
    "whole: 010": "1:8: expected a whole number, found the text '010'",
    "whole: 1e3": "1:8: expected a whole number, found the number 1e3",
    "whole: 9223372036854775808": "1:8: expected a whole number, found the number 9223372036854775808",
    "whole: ٣": "1:8: expected a whole number, found the text '٣'",
    "share: .inf": "1:8: expected a number or a percentage, found the text '.inf'",
    "share: nan": "1:8: expected a number or a percentage, found the text 'nan'",
    "share: 1e999": "1:8: expected a number or a percentage, found the text '1e999'",
    "share: '0.5'": "1:8: expected a number or a percentage, found the text '0.5'",
    "share: ٣%": "1:8: expected a number or a percentage, found the text '٣%'",
    "share: true": "1:8: expected a number or a percentage, found true",
    "flag: yes": "1:7: expected true or false, found the text 'yes'",
    "flag: 'true'": "1:7: expected true or false, found the text 'true' (did you mean true?)",
    "flag: False": "1:7: expected true or false, found the text 'False' (did you mean false?)",
    "flag: 1": "1:7: expected true or false, found the number 1",
    "word: grean": "1:7: expected one of red, green, found the text 'grean' (did you mean green?)",
    "words: red": "1:8: expected a list, found the text 'red' (write it as [red])",
    "words: []": "1:8: an empty list says nothing (leave it out, or fill it)",
    "table: {}": "1:8: an empty mapping says nothing (leave it out, or fill it)",
    "table: {x: y}": "1:12: expected a whole number, found the text 'y'",
    "inner: {a: 13}": "1:8: inner: 13 is taken",
    "inner: {b: c}": "1:8: missing key 'a' in inner",
    "inners: [{a: 1}, {c: 1, a: 2}]": "1:19: unknown key 'c' in inners[1] (known: a, b)",
    "duration: 5": "1:11: expected a duration such as 90m, 24h or 2d, found the number 5",
    "duration: {seconds: 5}": "1:11: expected a duration such as 90m, 24h or 2d, found a mapping",
    "change: {}": "1:9: change: an allowed change is at least 0, relative or absolute",
    "change: x": "1:9: expected a share of the baseline such as 10%, or an absolute number such as 0.01, "
    "or a mapping of relative, absolute, found the text 'x'",
    "allowance: 1.5": "1:12: expected a count such as 0, or a share such as 0.1%, found the number 1.5",
    "allowance: 101%": "1:12: expected a count such as 0, or a share such as 0.1%, found the text '101%'",
    "allowance: true": "1:12: expected a count such as 0, or a share such as 0.1%, found true",
    "draw: 1.0": "1:7: expected a count such as 1000, or all, found the number 1.0",
    "draw: false": "1:7: expected a count such as 1000, or all, found false",
    "from_: here": "1:1: unknown key 'from_' (did you mean from?)",
    "either: x": "1:9: expected a whole number, found the text 'x'",
    "loose: x": "1:8: expected auto or a number or a percentage, found the text 'x'",
    "checked: [5, 10]": "1:14: expected a whole number of at most 9, found the number 10",
    "checked: [-1]": "1:11: expected a whole number of at least 0, found the number -1",
    '"\\e[31m": 1': r"1:1: unknown key '\x1b[31m' (known: ",
    "text: 1\ninner: {a: x}": "1:7: expected text",
    "inner: 0.3": "1:8: expected a mapping, found the number 0.3 (its keys are ",
    "[a]": "1:1: expected a mapping, found a list",
    "hello": "1:1: expected a mapping, found the text 'hello'",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_said_with_its_place(text: str) -> None:
    found = problems(text)
    assert found[0].startswith(BAD[text])
    assert len(found) == text.count("\n") + 1


def test_long_and_hidden_text_is_cut_and_escaped_in_messages() -> None:
    assert problems('whole: "\\e[2J' + "x" * 500 + '"') == [
        r"1:8: expected a whole number, found the text '\x1b[2J" + "x" * 56 + "...'"
    ]


def test_decode_takes_nodes_that_were_read_before() -> None:
    assert decode(read_yaml(b"a: 1", "f.yaml"), Inner, "f.yaml") == Inner(a=1)


@pytest.mark.parametrize("text", ["true", "false", "null", "~", ""])
def test_the_words_of_yaml_are_few(text: str) -> None:
    assert not isinstance(resolve(text), str)


@pytest.mark.parametrize(
    "text", ["True", "yes", "on", "NULL", "Null", "0o7", "0x7", "1_0", "1:30", ".nan", "--1", "1e999"]
)
def test_everything_else_is_text(text: str) -> None:
    assert resolve(text) == text


@given(st.floats(min_value=0, max_value=1))
def test_a_written_percentage_reads_back_as_the_same_share(share: float) -> None:
    if share and share < 1e-9:
        return
    share = round(share, 12)
    assert percentage(percent(share)) == share


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_reads_back_as_the_same_number(value: float) -> None:
    assert float(number(value)) == value


@given(st.integers(min_value=1, max_value=999_999), st.sampled_from("smhd"))
def test_a_written_duration_reads_back_as_the_same_length(count: int, unit: str) -> None:
    duration = Duration.from_scalar(f"{count}{unit}")
    back = str(duration)
    assert len(back) > 7 or Duration.from_scalar(back) == duration
