import json
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from run_world import HostileCase, hostile_cases

from twokey.reports import escape
from twokey.visible import visible

CASES = hostile_cases()
TRICKY = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("`|\\*_[]()<>!@#$%&~:/.-+=0123ab \n\r\t\x1b\u202e\u200b\ud800\x00")), st.characters()
    ),
    max_size=60,
)


def obeyed(text: str) -> list[str]:
    """The lines that GitHub, Azure or TeamCity would take for a command."""
    lines = text.splitlines()
    at_start = [line for line in lines if line.strip().startswith("::")]
    return at_start + [line for line in lines for mark in ("##[", "##vso[", "##teamcity[") if mark in line.lower()]


def by_name(case: HostileCase) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_nothing_unseen_is_left_and_what_was_there_is_shown(case: HostileCase) -> None:
    shown = visible(case.text)
    assert not [char for char in case.never if char in shown and len(char) == 1]
    assert all(ord(char) >= 32 or char in "\n\t" for char in shown)
    assert len(shown) >= len(case.text.replace("\r\n", "\n"))


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_a_log_holds_no_command(case: HostileCase) -> None:
    shown = escape.log(f"reason: {case.text}\n  {case.text}\n{case.text}")
    assert obeyed(shown) == []
    assert not [form for form in case.never if form in shown]


def test_the_corpus_holds_commands_that_would_be_obeyed() -> None:
    assert sum(bool(obeyed(case.text)) for case in CASES) >= 6
    assert sum(bool(case.never) for case in CASES) >= 20


def test_plain_text_in_any_script_stays_as_it_is() -> None:
    text = "Grüße, γειά, 你好, שלום, नमस्ते; 100% of 2,000: a::b #1 ## [x] ❤️ 😀\n\tindented"
    assert visible(text) == text
    assert escape.log(text) == text


@given(TRICKY)
@example("\n \u00a0::x")
@example("####[x")
def test_no_text_can_bring_a_command_or_a_control_into_a_log(text: str) -> None:
    shown = escape.log(text)
    assert obeyed(shown) == []
    assert visible(shown) == shown


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += "".join(value or "" for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(f"comment {data}")


@given(TRICKY)
@example("<!--")
@example("]]>\"'<script>")
def test_html_reads_back_as_the_visible_text(text: str) -> None:
    reader = Reader()
    reader.feed(f'<p title="{escape.markup(text)}">{escape.markup(text)}</p>')
    reader.close()
    assert reader.tags == ["p"]
    assert reader.text == visible(text) * 2


@given(TRICKY)
def test_xml_reads_back_as_the_visible_text(text: str) -> None:
    element = ElementTree.Element("a", name=escape.xml(text))
    element.text = escape.xml(text)
    read = ElementTree.fromstring(ElementTree.tostring(element, encoding="unicode"))  # noqa: S314 our own
    assert (read.text or "") == visible(text)
    assert read.get("name") == visible(text)


@given(st.dictionaries(TRICKY, TRICKY))
def test_json_reads_back_as_it_was(value: dict[str, str]) -> None:
    text = escape.json_text(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(text) == value
    assert obeyed(text) == []
    assert visible(text) == text
    assert all(ord(char) < 0x10000 for char in text)


PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or []]


def assert_inert(children: list[Token]) -> None:
    """No markup but code, and no word outside of code that a host's filters would turn into something."""
    outside = ""
    in_code = False
    for before, child in pairwise([None, *children]):
        assert child is not None
        assert child.type in ("text", "code_inline", "html_inline"), child
        if child.type == "html_inline":
            assert child.content in ("<code>", "</code>")
            in_code = child.content == "<code>"
        elif child.type == "text" and not in_code:
            outside += f"\0{child.content}" if before and before.type != "text" else child.content
    for sign in ("@", "#", "://", "www.", "GH-", "$", "!", "&", "~", "`", "<", "|", "*", "_", "["):
        assert sign not in outside, sign


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_markdown_holds_words_and_code_and_nothing_else(case: HostileCase) -> None:
    text = escape.markdown(case.text[:4000])
    tokens = PARSER.parse(f"- {text}")
    wanted = ["bullet_list_open", "list_item_open", "list_item_close", "bullet_list_close"]
    if text:
        wanted[2:2] = ["paragraph_open", "inline", "paragraph_close"]
    assert [token.type for token in tokens] == wanted
    assert_inert(inline(tokens))


@given(TRICKY, TRICKY)
@example("a \\", "| b")
@example("\\|", "`")
@example("-", "1. x")
def test_no_text_can_leave_its_cell_of_a_table(left: str, right: str) -> None:
    tokens = PARSER.parse(f"| a | b |\n| --- | --- |\n| {escape.markdown(left)} | {escape.code(right)} |\n")
    assert [token.type for token in tokens].count("td_open") == 2
    assert [token.type for token in tokens].count("tr_open") == 2
    assert_inert(inline(tokens))


def test_sentences_stay_readable_in_markdown() -> None:
    reason = (
        "accuracy 0.949 (95% interval 0.938 to 0.958, n=1,992) cannot be told apart from the minimum 0.95; so -0.2%"
    )
    assert escape.markdown(reason) == reason
    assert escape.markdown("accuracy[channel=chat] is low") == "`accuracy[channel=chat]` is low"
    assert escape.markdown("latency_p95_ms: at most 500 ms") == "`latency_p95_ms`: at most 500 ms"


@pytest.mark.parametrize(
    "text", ["GH-12", "see www.evil.example", "x" * 10 + " " + "a" * 40, "/approve", "- item", "1. item"]
)
def test_what_a_host_would_link_or_obey_becomes_code(text: str) -> None:
    assert "`" in escape.markdown(text)


def test_a_cut_says_how_much_is_missing() -> None:
    assert escape.clip("abcdef", 6) == "abcdef"
    assert escape.clip("abcdefgh", 6) == "abcdefgh"  # saying what is left out would take more room
    assert escape.clip("a" * 1500, 3) == "aaa... (1,497 more characters)"
