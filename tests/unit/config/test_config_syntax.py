import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from work import calls

from twokey.config import syntax
from twokey.config.decode import load_typed
from twokey.config.nodes import ListNode, MapNode, ScalarNode
from twokey.config.shape import Subject
from twokey.config.syntax import MAX_BYTES, MAX_DEPTH, read_yaml
from twokey.errors import ConfigError


def problems(data: bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_yaml(data, "f.yaml")
    assert all(problem.where is not None and problem.where.file == "f.yaml" for problem in caught.value.problems)
    return [str(problem) for problem in caught.value.problems]


HOSTILE = {
    "object tag": (b"a: !!python/object/apply:os.system [ls]\n", "f.yaml:1:4: tags such as '!!python/object/apply:os"),
    "plain tag": (b"a: !!str 1\n", "f.yaml:1:4: tags such as '!!str' are not read"),
    "bare tag": (b"a: ! 1\n", "f.yaml:1:4: tags such as '!' are not read"),
    "bomb": (b"a: &a [x, x]\nb: [*a, *a]\n", "f.yaml:1:4: anchors such as '&a' are not read"),
    "merge key": (b"a: 1\n<<: *b\n", "f.yaml:2:5: aliases such as '*b' are not read"),
    "recursion": (b"&a [*a]\n", "f.yaml:1:1: anchors"),
    "deep lists": (b"[" * 300_000, "f.yaml:1:65: nested deeper than 64"),
    "deep maps": (b"{a: " * 200_000, "f.yaml:1:257: nested deeper than 64"),
    "deep blocks": (b"- " * 300_000, "f.yaml:1:129: nested deeper than 64"),
    "deep keys": (b"? " * 300_000, "f.yaml:1:129: nested deeper than 64"),
    "ten megabytes": (b"a" * 10_000_000, "f.yaml: 10,000,000 bytes, more than the 1,048,576 allowed"),
    "a million lines": (b"\n" * 1_000_000, "f.yaml:1:1: the file is empty"),
    "many values": (b"[" + b"1," * 400_000 + b"1]", "more than the 50,000 values allowed"),
    "many aliases": (b"[" + b"*a," * 200_000 + b"1]", "f.yaml:1:2: aliases such as '*a' are not read"),
    "many repeated keys": (b"a: 1\n" * 150_000, "f.yaml:2:1: the key 'a' appears twice (the first is on line 1)"),
    "many colons": (b":" * 1_000_000, "not YAML: mapping values are not allowed"),
    "many quotes": (b'"' * 1_000_000, "f.yaml:1:3: not YAML"),
    "many unseen": (b"\x01" * 900_000, "f.yaml:1:1: a character that cannot be seen, U+0001"),
    "binary": (bytes(range(256)) * 400, "f.yaml:3:115: not UTF-8: the byte 0x80"),
    "UTF-16": ("a: 1".encode("utf-16"), "not UTF-8"),
    "not UTF-8": ("a: é\nb: ".encode() + b"\xff", "f.yaml:2:4: not UTF-8: the byte 0xff"),
    "NUL": (b"a: 1\nb: \0\n", "f.yaml:2:4: a character that cannot be seen, U+0000"),
    "escaped NUL": (b'a: 1\nb: "\\0"\n', "f.yaml:2:4: a text with U+0000"),
    "byte order mark": (b"\xef\xbb\xbfa: 1\n", "f.yaml:1:1: a byte order mark, U+FEFF (save as UTF-8 without BOM)"),
    "tab": (b"a:\n\tb: 1\n", "f.yaml:2:1: not YAML: while scanning for the next token found character"),
    "line separator": ("a: b\u2028c: d".encode(), "f.yaml:1:5: a character that cannot be seen, U+2028"),
    "bidirectional control": ("a: b\r\nc: \u202ed".encode(), "f.yaml:2:4: a character that cannot be seen, U+202E"),
    "empty": (b"", "f.yaml:1:1: the file is empty"),
    "only a comment": (b"# nothing\n", "f.yaml:1:1: the file is empty"),
    "two documents": (b"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document starts here"),
    "unclosed": (b"a: [1,\n", "f.yaml:2:1: not YAML: while parsing a flow node"),
    "a list for a key": (b"? [a]\n: 1\n", "f.yaml:1:3: expected a key, found a list or mapping"),
    "an empty key": (b"a: 1\n'': 2\n", "f.yaml:2:1: expected a key, found nothing"),
    "unquoted glob": (b"a: [**/x]\n", "(a text that starts with * needs quotes)"),
    "unquoted variable": (b"a: {b: ${C}}\n", "(inside { } and [ ], put ${...} in quotes)"),
    "escapes in a message": (b'"\\e[31m\\u202e": 1\n"\\e[31m\\u202e": 2\n', r"the key '\x1b[31m\u202e' appears"),
}


@pytest.mark.parametrize(("data", "message"), HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_files_are_refused_with_a_place_and_soon(data: bytes, message: str) -> None:
    found: list[str] = []
    assert calls(lambda: found.extend(problems(data))) < 2_000_000
    assert message in found[0]
    assert len(found) <= 101


def test_what_was_not_shown_is_counted() -> None:
    found = problems(b"a: 1\n" * 151)
    assert len(found) == 101
    assert found[-1] == "f.yaml: and 50 more problems, not shown"


def test_problems_of_syntax_and_of_meaning_come_together_in_order_of_place() -> None:
    data = b"nam: x\nname: a\nname: b\nowner: !x 7\nfiles: &f 5\n"
    with pytest.raises(ConfigError) as caught:
        load_typed(data, "f.yaml", Subject)
    assert [str(problem).split(" (")[0] for problem in caught.value.problems] == [
        "f.yaml:1:1: unknown key 'nam'",
        "f.yaml:3:1: the key 'name' appears twice",
        "f.yaml:4:8: tags such as '!x' are not read",
        "f.yaml:4:8: expected text, found the number 7",
        "f.yaml:5:8: anchors such as '&f' are not read",
        "f.yaml:5:8: expected a list, found the number 5",
    ]


def test_nodes_know_their_places_and_whether_they_were_quoted() -> None:
    root = read_yaml(b"a: [1, 'two']\r\nb:\r\n  c: |\r\n    text\r\n", "f.yaml")
    assert isinstance(root, MapNode)
    items = root.get("a")
    assert isinstance(items, ListNode)
    assert items.items == (
        ScalarNode(text="1", plain=True, line=1, column=5),
        ScalarNode(text="two", plain=False, line=1, column=8),
    )
    inner = root.get("b")
    assert isinstance(inner, MapNode)
    assert inner.pairs[0][1] == ScalarNode(text="text\n", plain=False, line=3, column=6)
    assert root.get("z") is None


def test_the_limits_are_where_they_are_said_to_be() -> None:
    assert isinstance(read_yaml(b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH, "f.yaml"), ListNode)
    assert "nested deeper" in problems(b"[" * (MAX_DEPTH + 1) + b"1" + b"]" * (MAX_DEPTH + 1))[0]
    assert isinstance(read_yaml(b"a" * MAX_BYTES, "f.yaml"), ScalarNode)
    assert "bytes, more than" in problems(b"a" * (MAX_BYTES + 1))[0]


@pytest.mark.parametrize("name", [name for name in HOSTILE if len(HOSTILE[name][0]) < 1000])
def test_without_libyaml_the_same_files_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_LOADER", yaml.SafeLoader)
    expected = HOSTILE[name][1]
    assert problems(HOSTILE[name][0])[0].startswith("f.yaml:")
    if "not YAML" not in expected:  # the two scanners word their complaints differently
        assert expected in problems(HOSTILE[name][0])[0]


@given(
    st.one_of(st.binary(max_size=200), st.text(alphabet="a1:-?[]{},&*!|>'\"%#\n \t$~<.", max_size=60).map(str.encode))
)
def test_any_bytes_are_a_node_or_a_config_error(data: bytes) -> None:
    try:
        node = read_yaml(data, "f.yaml")
    except ConfigError:
        return
    assert node.line >= 1
    assert node.column >= 1
