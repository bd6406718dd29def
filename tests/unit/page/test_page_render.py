import json
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from review_page import evidence_of, row, rows
from run_world import RUNS, hostile_cases, hostile_run

from twokey.page.payload import Served, payload
from twokey.page.render import SCRIPTS, STYLES, embedded, page
from twokey.page.served import served_page
from twokey.page.whole import policy
from twokey.reports.elements import el

ASSETS = Path(str(files("twokey.page").joinpath("assets")))
SCRIPT_FILES = [ASSETS / f"{name}.js" for name in SCRIPTS]


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(text)
    return parser.tags


def hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_page_allows_its_own_script_and_style_and_nothing_else() -> None:
    text = page(payload(evidence_of(rows(2))))
    (rule,) = [
        attrs["content"] for tag, attrs in elements(text) if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    script = text.rsplit("<script>", 1)[1].split("</script>")[0]
    style = text.split("<style>", 1)[1].split("</style>")[0]
    assert rule is not None
    assert rule.split("; ") == [
        "default-src 'none'",
        f"script-src {hashed(script)}",
        f"style-src {hashed(style)}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    assert "connect-src 'self'" in policy(style="", script="", served=True)


@pytest.mark.parametrize("name", sorted(RUNS))
def test_every_run_has_a_page_that_loads_nothing(name: str) -> None:
    found = elements(page(payload(RUNS[name]().evidence)))
    for tag, attrs in found:
        assert tag not in {"img", "iframe", "link", "object", "embed", "base", "form", "a"}
        assert not [one for one in attrs if one in ("src", "href", "style", "action", "srcset") or one.startswith("on")]
    assert [tag for tag, _ in found].count("script") == 2


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_nothing_hostile_gets_out_of_where_it_stands(case: object) -> None:
    text = getattr(case, "text", "")
    made = page(payload(hostile_run(text).evidence))
    plain = page(payload(hostile_run("harmless").evidence))
    assert [tag for tag, _ in elements(made) if tag in ("script", "style", "meta")] == [
        tag for tag, _ in elements(plain) if tag in ("script", "style", "meta")
    ]
    data = made.split('id="payload">', 1)[1].split("</script>", 1)[0]
    assert data.isascii()
    assert not re.search("[<>&]", data)
    assert json.loads(data)["items"][0]["id"] == hostile_run(text).evidence.items[0]["id"]


def test_embedded_json_is_ascii_and_ends_no_element() -> None:
    text = embedded({"a": "</script><!-- & \u2028 \ud800 \u202e é"})
    assert text == r'{"a":"\u003c/script\u003e\u003c!-- \u0026 \u2028 \ud800 \u202e \u00e9"}'


def test_the_same_evidence_gives_the_same_page() -> None:
    assert page(payload(evidence_of(rows(3)))) == page(payload(evidence_of(rows(3))))


def test_a_served_page_may_ask_its_own_server_and_one_from_a_file_may_not() -> None:
    told = payload(evidence_of(rows(1)), served=Served())
    assert "connect-src &#x27;self&#x27;" in page(told)
    assert "connect-src" not in page(payload(evidence_of(rows(1)))).split("<script>")[0]


def test_every_asset_is_used_and_says_why_it_exists() -> None:
    used = {f"{name}.js" for name in SCRIPTS} | {f"{name}.css" for name in STYLES}
    others = {"asking.js", "enrol.js", "passkeys.js", "sign.js", "wait.js", "sign.css"}  # the pages that sign and enrol
    found = {path.name for path in ASSETS.iterdir() if path.suffix in (".js", ".css")}
    assert found - others == used
    for name in sorted(used):
        assert re.match(r"// \S|/\* \S", (ASSETS / name).read_text()), name


@pytest.mark.parametrize("path", SCRIPT_FILES, ids=lambda path: path.name)
def test_no_script_reads_markup_or_makes_code_out_of_text(path: Path) -> None:
    text = path.read_text()
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc"
    never = markup + r"|\beval\b|new Function|\.cssText|javascript:"
    assert not re.search(never, text)
    assert len(text.splitlines()) <= 280


def test_the_script_is_sound_and_leaves_no_global_behind() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed here, and it checks the scripts' syntax")
    for path in SCRIPT_FILES:
        done = subprocess.run([node, "--check", str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), path.name
    script = page(payload(evidence_of([row(1)]))).rsplit("<script>", 1)[1]
    assert script.startswith("(() => {\n'use strict';")
    assert script.split("</script>")[0].endswith("})();\n")


def test_a_page_of_another_kind_is_built_the_same_way() -> None:
    assert "default-src 'none'" in served_page("t", el("p", "x")).replace("&#x27;", "'")
