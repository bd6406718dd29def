"""Signing on the served page in a real browser: a passkey is enrolled, signs, and stock tools accept what it signed."""

import difflib
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browser import violations, watch
from passkeys import Device, Serving, device
from persona import Home
from project import Project, row, started

from twokey.cli.enrolling import Enrolled, add_own, enrol, own_entry
from twokey.cli.preparing import prepare
from twokey.cli.roster_joining import Wanted
from twokey.cli.serving.serve import Ended, Material, Under, serve
from twokey.decisions.roster import load_roster
from twokey.errors import TwokeyError
from twokey.evidence.store import read_evidence

REVIEW = {"show": 0, "audit": 10, "max_failure_rate": "50%"}
CHECKPOINT = {"close": {"any_of": ["product"]}, "criteria": ["rollback plan available", "stakeholders told"]}
NOBODY = Wanted(principal=None, name=None, roles=(), key=None)
CONFIG = Path("gates.yaml")


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def waiting(home: Home) -> Project:
    """A project whose release waits for a person, with ten items to grade, all of them graded."""
    project = started(home)
    project.policy(review=REVIEW, approval={"checkpoints": {"release": CHECKPOINT}})
    ran = project.run("--repository", "org/triage")
    assert ran.status == 3, ran.text
    project.grade()
    return project


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of a fresh browser, which must have asked nobody but this machine, and have had no mishap."""
    context = browser.new_context()
    log = watch(context)
    page = context.new_page()
    yield page
    assert not log.errors
    assert not log.dialogs
    assert not [line for line in log.console if line.startswith("error") and "status of 4" not in line]
    assert not log.elsewhere("http://localhost:", "http://127.0.0.1:")
    context.close()


@pytest.fixture
def own(waiting: Project, page: Any) -> Iterator[tuple[Serving, Device]]:
    """A review that is served where a passkey of the roster signs, and the device that has it."""
    made, held = enrolled(page)
    add_own(CONFIG, own_entry(CONFIG, NOBODY), made)
    review = serving(waiting, port_of(made))
    page.goto(review.server.url + "sign")
    yield review, held
    review.stop()


def port_of(made: Enrolled) -> int:
    return int(str(made.signature.origin).rpartition(":")[2])


def kept(project: Project) -> list[Path]:
    return [*project.directory.glob("decisions/**/decision-*"), *project.evidence.glob("decisions/*")]


def enrolled(page: Any, port: int = 0) -> tuple[Enrolled, Device]:
    """Enrol on the page; return what came of it."""
    serving = Serving(
        lambda told: enrol(NOBODY, Path.cwd(), "org/triage", now, port=port, open_browser=False, started=told)
    )
    page.goto(serving.server.url)
    key = device(page)
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Sign the request with it").click()
    page.get_by_text("twokey has ended").wait_for()
    found: Enrolled = serving.ended()
    return found, key


def serving(project: Project, port: int, repository: str = "org/triage") -> Serving:
    return Serving(
        lambda told: serve(
            project.evidence,
            Material(evidence=read_evidence(project.evidence)),
            principal="pat@example.com",
            under=Under(environment="production", repository=repository),
            port=port,
            open_browser=False,
            started=told,
        )
    )


def answer(page: Any, choice: str = "Approve", reason: str = "numbers hold") -> None:
    page.get_by_role("radio", name=choice).check()
    for box in page.locator("input.criterion").all():
        if box.is_visible():
            box.check()
    page.get_by_role("textbox", name="Reason").fill(reason)
    page.get_by_role("button", name="Show what would be signed").click()
    page.locator("#statement:visible, #problem:visible").wait_for()


def test_a_passkey_is_enrolled_signs_a_decision_and_stock_tools_accept_it(
    waiting: Project, page: Any, tmp_path: Path
) -> None:
    made, _ = enrolled(page)
    add_own(CONFIG, own_entry(CONFIG, NOBODY), made)
    review = serving(waiting, port_of(made))
    page.goto(review.server.url + "sign")
    answer(page)
    assert '"decision": "approve"' in page.locator("#bytes").inner_text()
    page.get_by_role("button", name="Sign with passkey").click()
    page.get_by_text("Signed and kept").wait_for()
    ended: Ended = review.ended()
    assert ended.signed is not None
    decision = waiting.directory / ended.signed
    signature = decision.with_name(decision.name + ".sig")
    assert (waiting.evidence / "decisions" / decision.name).read_bytes() == decision.read_bytes()
    outcome = waiting.home.twokey("verify", "--repository", "org/triage")
    assert outcome.status == 0, outcome.text
    allowed = tmp_path / "allowed"
    allowed.write_text(f'pat namespaces="twokey-decision-v1" {made.key.line}\n')
    arguments = ["-Y", "verify", "-f", str(allowed), "-I", "pat", "-n", "twokey-decision-v1", "-s", str(signature)]
    program = shutil.which("ssh-keygen")
    assert program is not None
    done = subprocess.run([program, *arguments], input=decision.read_bytes(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def refusal(page: Any) -> str:
    page.locator("#refusal:visible").wait_for()
    return str(page.locator("#refusal").inner_text())


def test_a_device_that_does_not_know_its_user_signs_nothing(
    waiting: Project, page: Any, own: tuple[Serving, Device]
) -> None:
    own[1].verifies(user=False)
    answer(page)
    page.get_by_role("button", name="Sign with passkey").click()
    assert "nothing was signed" in refusal(page)
    assert kept(waiting) == []
    own[1].verifies(user=True)
    page.get_by_role("button", name="Sign with passkey").click()
    page.get_by_text("Signed and kept").wait_for()
    own[0].ended()


def test_touch_alone_does_not_do_even_where_the_page_asks_for_no_more(
    waiting: Project, page: Any, own: tuple[Serving, Device]
) -> None:
    own[1].verifies(user=False)
    page.evaluate(
        """() => {
            const get = navigator.credentials.get.bind(navigator.credentials);
            navigator.credentials.get = ({ publicKey }) =>
                get({ publicKey: { ...publicKey, userVerification: "discouraged" } });
        }"""
    )
    answer(page)
    page.get_by_role("button", name="Sign with passkey").click()
    assert "did not verify its user" in refusal(page)
    assert kept(waiting) == []


def test_a_page_at_another_port_gets_a_signature_that_counts_nowhere(
    waiting: Project, page: Any, own: tuple[Serving, Device]
) -> None:
    """Another program of this machine asks the passkey for its signature: the browser lets it, the server does not."""
    other = page.context.new_page()
    elsewhere = Serving(
        lambda told: enrol(NOBODY, Path.cwd(), "org/triage", now, port=0, open_browser=False, started=told)
    )
    (credential,) = own[1].credentials()
    other.goto(elsewhere.server.url)
    there = device(other)
    there.session.send("WebAuthn.addCredential", {"authenticatorId": there.ident, "credential": credential})
    page.evaluate(
        """() => { window.asked = new Promise((go) => {
            navigator.credentials.get = ({ publicKey }) => new Promise((answer) => {
                window.answer = answer; go(Array.from(publicKey.challenge));
            });
        }); }"""
    )
    answer(page)
    page.get_by_role("button", name="Sign with passkey").click()
    challenge = page.evaluate("window.asked")
    parts = other.evaluate(
        """async (challenge) => {
            const given = await navigator.credentials.get({ publicKey: {
                challenge: Uint8Array.from(challenge), rpId: "localhost", userVerification: "required" } });
            return ["authenticatorData", "clientDataJSON", "signature"]
                .map((name) => [name, Array.from(new Uint8Array(given.response[name]))]);
        }""",
        challenge,
    )
    page.evaluate(
        """(parts) => window.answer({ response: Object.fromEntries(
            parts.map(([name, bytes]) => [name, Uint8Array.from(bytes).buffer])) })""",
        parts,
    )
    assert f"it was made on the page {elsewhere.server.origin}" in refusal(page)
    assert kept(waiting) == []
    with pytest.raises(TwokeyError, match="no passkey was enrolled"):
        elsewhere.stop()


@pytest.mark.parametrize("evil", ["http://localhost:9", "http://evil.example"])
def test_a_page_of_another_origin_reads_writes_and_frames_nothing_even_with_the_address(
    waiting: Project, browser: Any, evil: str
) -> None:
    review = serving(waiting, 0)
    before = waiting.listing()
    context = browser.new_context()
    context.route(f"{evil}/", lambda route: route.fulfill(content_type="text/html", body="<h1>hello</h1>"))
    page = context.new_page()
    page.goto(f"{evil}/")
    done = page.evaluate(
        """async (url) => {
            const tried = async (what, options) => {
                try { return (await fetch(url + what, options)).type; } catch { return "blocked"; }
            };
            const body = JSON.stringify({ revision: 1, grades: [] });
            const json = { "Content-Type": "application/json", "X-Twokey": "1" };
            await tried("grades", { method: "POST", mode: "no-cors", body });
            await tried("sign/prepare", { method: "POST", mode: "no-cors", body });
            return [await tried("", {}), await tried("grades", { method: "PUT", headers: json, body })];
        }""",
        review.server.url,
    )
    assert done == ["blocked", "blocked"]
    page.evaluate(
        """(url) => new Promise((done) => {
            const frame = document.createElement("iframe");
            frame.onload = frame.onerror = done;
            frame.src = url;
            document.body.append(frame);
        })""",
        review.server.url + "sign",
    )
    assert [frame.url for frame in page.frames if frame.url.startswith(review.server.url)] == []
    review.stop()
    assert waiting.listing() == before
    context.close()


def test_under_its_number_the_page_says_why_there_is_no_passkey(page: Any, own: tuple[Serving, Device]) -> None:
    page.goto(own[0].server.url.replace("localhost", "127.0.0.1") + "sign")
    answer(page)
    assert page.get_by_role("button", name="Sign with passkey").is_disabled()
    assert "passkeys work at http://localhost:" in page.locator("#statement").inner_text()
    assert page.get_by_role("button", name="Sign with SSH key").is_enabled()


@pytest.mark.usefixtures("own")
def test_what_is_missing_is_told_before_anything_is_signed(page: Any) -> None:
    page.get_by_role("button", name="Show what would be signed").click()
    page.locator("#problem:visible").wait_for()
    told = page.locator("#problem")
    assert told.inner_text().splitlines() == ["choose a decision first", "a decision needs a reason"]
    page.get_by_role("radio", name="Approve").check()
    unattested = ["not attested: rollback plan available", "not attested: stakeholders told"]
    assert told.inner_text().splitlines() == [*unattested, "a decision needs a reason"]
    page.get_by_role("textbox", name="Reason").fill("numbers hold")
    assert told.inner_text().splitlines() == unattested
    page.get_by_role("button", name="Show what would be signed").click()
    assert told.inner_text().splitlines() == unattested
    assert not page.locator("#statement").is_visible()
    page.get_by_role("radio", name="Escalate").check()
    assert told.inner_text() == "say whom you ask"
    page.get_by_role("radio", name="Reject").check()
    assert told.is_hidden()


@pytest.mark.usefixtures("own")
def test_a_link_that_is_always_in_sight_leads_to_the_decision(page: Any) -> None:
    link = page.get_by_role("link", name="Decide", exact=True)
    page.get_by_role("heading", name="Limits of this evidence").scroll_into_view_if_needed()
    shown = link.bounding_box()
    assert shown is not None
    assert 0 <= shown["y"] < 60
    link.click()
    heading = page.get_by_role("heading", name="Your decision").bounding_box()
    assert heading is not None
    assert shown["y"] + shown["height"] <= heading["y"] < page.viewport_size["height"], "in sight, and not covered"


@pytest.mark.usefixtures("own")
def test_what_the_audit_says_stands_in_the_review_alone_where_it_is_no_finding(page: Any) -> None:
    assert page.locator("main").inner_text().count("10 of 10 audit items clean") == 1
    assert "What the human review shows: ✓ pass" in page.locator("#case > .card").first.inner_text()


@pytest.mark.usefixtures("own")
def test_a_changed_answer_takes_the_statement_away(page: Any) -> None:
    answer(page)
    assert page.locator("#statement").is_visible()
    page.get_by_role("textbox", name="Reason").press_sequentially("!")
    assert not page.locator("#statement").is_visible()


@pytest.mark.usefixtures("own")
def test_a_condition_is_added_and_removed(page: Any) -> None:
    page.get_by_role("radio", name="Approve").check()
    for text in ("watch refunds for a week", "never mind"):
        page.get_by_role("button", name="Add a condition").click()
        page.get_by_role("textbox", name="Condition").last.fill(text)
    page.get_by_role("button", name="Remove").last.click()
    answer(page)
    text = page.locator("#bytes").inner_text()
    assert '"text": "watch refunds for a week"' in text
    assert "never mind" not in text


def test_it_is_signed_by_keyboard_alone(waiting: Project, page: Any, own: tuple[Serving, Device]) -> None:
    def to(selector: str) -> None:
        for _ in range(200):
            if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
                return
            page.keyboard.press("Tab")
        raise AssertionError(selector)

    to("input[name=decision]")
    page.keyboard.press("Space")
    for number in (0, 1):
        to(f"#criterion-{number}")
        page.keyboard.press("Space")
    to("#reason")
    page.keyboard.type("numbers hold")
    to("#prepare")
    page.keyboard.press("Enter")
    page.locator("#statement").wait_for()
    to("#passkey")
    page.keyboard.press("Enter")
    page.get_by_text("Signed and kept").wait_for()
    assert page.evaluate("document.activeElement.id") == "done"
    own[0].ended()
    assert len(kept(waiting)) == 4


def test_nothing_in_policy_or_in_a_reason_runs_or_is_markup(home: Home, page: Any) -> None:
    name = "<img src=x onerror=alert(1)>'\"</script><script>alert(1)</script>$(alert(1))"
    hostile = f"\u202e\x1b[2J{name}"
    project = started(home)
    checkpoint = {"close": {"any_of": ["product"]}, "criteria": [name]}
    project.policy(review=REVIEW, approval={"checkpoints": {"release": checkpoint}})
    project.record([{**row(number), "input": hostile, "output": hostile} for number in range(30)])
    ran = project.run("--repository", name)
    assert ran.status in (1, 3), ran.text
    project.grade()
    review = serving(project, 0, repository=name)
    page.goto(review.server.url + "sign")
    page.get_by_role("radio", name="Reject").check()
    answer(page, "Reject", name)
    assert not page.locator("#problem").is_visible(), page.locator("#problem").inner_text()
    assert "onerror" in page.locator("#bytes").inner_text()
    assert page.locator("img").count() == 0
    review.stop()


def test_while_evidence_is_recomputed_the_page_says_so_and_goes_on_by_itself(
    waiting: Project, page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def slow(*given: Any, **more: Any) -> Any:
        assert go.wait(60)
        return prepare(*given, **more)

    monkeypatch.setattr("twokey.cli.serving.serve.prepare", slow)
    monkeypatch.setattr("twokey.cli.serving.signing.SOON_SECONDS", 0.1)
    review = serving(waiting, 0)
    page.goto(review.server.url + "sign")
    page.get_by_role("heading", name="Recomputing the evidence").wait_for()
    assert violations(page) == []
    go.set()
    page.get_by_role("heading", name="Your decision").wait_for()
    review.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 320])
def test_the_pages_are_fit_for_everybody(waiting: Project, browser: Any, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()

    def fits() -> None:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    made = Serving(lambda told: enrol(NOBODY, Path.cwd(), "org/triage", now, port=0, open_browser=False, started=told))
    page.goto(made.server.url)
    device(page)
    fits()
    page.get_by_role("button", name="Make a passkey").click()
    page.locator("#proof:visible").wait_for()
    fits()
    page.get_by_role("button", name="Sign the request with it").click()
    page.get_by_text("twokey has ended").wait_for()
    fits()
    add_own(CONFIG, own_entry(CONFIG, NOBODY), made.ended())
    review = serving(waiting, port_of(made.outcome))
    page.goto(review.server.url + "sign")
    fits()
    page.get_by_role("radio", name="Approve").check()
    page.get_by_role("button", name="Add a condition").click()
    fits()
    page.get_by_role("textbox", name="Condition").fill("watch refunds for a week")
    answer(page)
    fits()
    page.get_by_role("button", name="Sign with passkey").click()
    page.get_by_text("Signed and kept").wait_for()
    fits()
    review.ended()
    context.close()


def command(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start the command line; return it with the address that it prints."""
    started_ = subprocess.Popen(
        [sys.executable, "-m", "twokey", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started_.stderr is not None
    line = started_.stderr.readline()
    found = re.search(r"http://localhost:[0-9]+/\S+", line)
    assert found is not None, line + started_.communicate()[1]
    return started_, found[0]


def through_the_page(page: Any, url: str) -> None:
    page.goto(url)
    device(page)
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Sign the request with it").click()
    page.get_by_text("twokey has ended").wait_for()


def test_the_command_line_adds_a_passkey_to_ones_own_keys(waiting: Project, page: Any) -> None:
    before = (waiting.directory / "roster.yaml").read_text()
    adding, url = command("roster", "add", "--passkey", "--port", "0")
    through_the_page(page, url)
    out, err = adding.communicate(timeout=60)
    assert adding.returncode == 0, err
    origin = re.match(r"http://localhost:[0-9]+", url)
    assert origin is not None
    assert out.startswith("roster.yaml: pat@example.com has another key, sk-ecdsa-sha2-nistp256@openssh.com SHA256:")
    assert out.endswith(f", for {origin[0]}\n")
    assert "next: merge it like any change of policy" in err
    after = (waiting.directory / "roster.yaml").read_text()
    changes = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] != " "]
    assert [line[:11] for line in changes] == ["+   - key: ", "+     origi"]
    listed = waiting.home.twokey("roster", "list")
    assert f"WebAuthn on {origin[0]}" in listed.out


def test_a_newcomer_asks_with_a_passkey_and_somebody_adds_them(waiting: Project, page: Any) -> None:
    words = ("--request", "--principal", "ann@example.com", "--name", "Ann", "--role", "product")
    asking, url = command("roster", "add", "--passkey", "--port", "0", "--repository", "org/triage", *words)
    through_the_page(page, url)
    out, err = asking.communicate(timeout=60)
    assert (asking.returncode, out) == (0, "signed: ann@example.com.request.json\n"), err
    added = waiting.home.twokey("roster", "add", "ann@example.com.request.json", "--repository", "org/triage", "--yes")
    assert added.status == 0, added.text
    origin = re.match(r"http://localhost:[0-9]+", url)
    assert origin is not None
    assert f"signed by this key on the page {origin[0]}, where alone it may decide; ssh-keygen: agrees" in added.out
    ann = load_roster((waiting.directory / "roster.yaml").read_bytes(), "r").person("ann@example.com")
    assert ann is not None
    assert ann.keys[0].origins == (origin[0],)


def test_who_gives_up_leaves_nothing(waiting: Project) -> None:
    before = waiting.listing()
    adding, _ = command("roster", "add", "--passkey", "--port", "0")
    adding.send_signal(signal.SIGINT)
    out, err = adding.communicate(timeout=60)
    assert (adding.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert waiting.listing() == before
