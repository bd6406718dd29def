import sys
import unicodedata

import pytest

from twokey.visible import visible


def test_a_terminals_commands_are_shown() -> None:
    assert visible("\x1b[31mred\x9b0m\x07") == r"\x1b[31mred\x9b0m\x07"
    assert visible("\u202egnp\u2066\u200b\ud83d") == r"\u202egnp\u2066\u200b\ud83d"


def test_line_feeds_tabs_and_words_stay() -> None:
    text = "Zeile\n\tGrüße, 你好, 🙂, [bold]"
    assert visible(text) == text
    assert visible("a\r\nb\rc") == "a\nb\\rc"


@pytest.mark.parametrize("command", ["::set-output name=x::y", "  ::error::z", "##vso[task.x]", "##[error]"])
def test_no_ci_host_finds_a_command(command: str) -> None:
    shown = visible(f"text\n{command}")
    assert "\n::" not in shown.replace(" ", "")
    assert "##vso[" not in shown
    assert "##[" not in shown


def test_no_control_and_nothing_bidirectional_is_left() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\n\t":
            assert visible(char) != char
