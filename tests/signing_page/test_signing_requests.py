"""What the server takes for a signature and what it refuses: a passkey in memory, real HTTP, a real project."""

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from authenticator import ED, UP, UV, Authenticator, Browser
from passkeys import Serving, assertion, post, spoken
from persona import Home
from project import Project, started

from twokey.cli.binding import SigningCase
from twokey.cli.preparing import prepare
from twokey.cli.serving.serve import Ended, Material, Under, serve
from twokey.cli.serving.signing import SigningDesk
from twokey.cli.signing_keys import AtPage
from twokey.evidence.store import read_evidence
from twokey.page.exchange import RefusalError, Response

HELD = Authenticator(application=b"localhost")
REVIEW = {"show": 0, "audit": 10, "max_failure_rate": "50%"}
CRITERIA = ["rollback plan available", "stakeholders told"]
APPROVAL = {"checkpoints": {"release": {"close": {"any_of": ["product"]}, "criteria": CRITERIA}}}


@dataclass(frozen=True, slots=True)
class Page:
    """Whoever is at the page, by what they send."""

    project: Project
    serving: Serving

    @property
    def origin(self) -> str:
        return self.serving.server.origin

    @property
    def browser(self) -> Browser:
        return Browser(origin=self.origin)

    def text(self) -> str:
        status, text = spoken(self.serving.server, "GET", "sign")
        assert status == 200
        return text

    def shown(self) -> str:
        """Open the page; return the name of the case on it."""
        found = re.search(r'data-case="([0-9a-f]{32})"', self.text())
        assert found is not None, self.text()
        return found[1]

    def post(self, path: str, sent: Any) -> tuple[int, dict[str, Any]]:
        return post(self.serving.server, path, sent)

    def prepare(self, case: str | None = None, **changes: Any) -> tuple[int, dict[str, Any]]:
        answers = {
            "case": case or self.shown(),
            "decision": "approve",
            "reason": "numbers hold",
            "criteria": [0, 1],
            "confirms": [],
            "conditions": [],
        }
        return self.post("sign/prepare", {**answers, **changes})

    def prepared(self, **changes: Any) -> dict[str, Any]:
        status, said = self.prepare(**changes)
        assert status == 200, said
        return said

    def sign(
        self, asked: dict[str, Any], held: Authenticator = HELD, browser: Browser | None = None, **changes: str
    ) -> tuple[int, dict[str, Any]]:
        given = assertion(asked["id"], asked["challenge"], held, browser or self.browser)
        return self.post("sign/passkey", {**given, **changes})

    @property
    def kept(self) -> list[str]:
        found = [*self.project.directory.glob("decisions/**/*"), *self.project.evidence.glob("decisions/*")]
        return sorted(str(path.relative_to(self.project.directory)) for path in found if path.is_file())


@pytest.fixture
def project(home: Home) -> Project:
    """A project whose release waits for a person, with ten items to grade, all of them graded."""
    project = started(home)
    project.policy(review=REVIEW, approval=APPROVAL)
    ran = project.run("--repository", "org/triage")
    assert ran.status == 3, ran.text
    project.grade()
    return project


def serve_it(project: Project) -> Serving:
    return Serving(
        lambda told: serve(
            project.evidence,
            Material(evidence=read_evidence(project.evidence)),
            principal="pat@example.com",
            under=Under(environment="production", repository="org/triage"),
            port=0,
            open_browser=False,
            started=told,
        )
    )


def rostered(project: Project, *keys: Any, **more: Any) -> None:
    person = {"principal": "pat@example.com", "name": "Pat Doe", "roles": ["product"], "keys": list(keys), **more}
    project.write("roster.yaml", yaml.safe_dump({"people": [person]}, width=10_000))


@pytest.fixture
def page(project: Project) -> Iterator[Page]:
    """The page, and a roster with a passkey for it, and no SSH key."""
    serving = serve_it(project)
    rostered(project, {"key": HELD.public.line, "origins": [serving.server.origin]})
    yield Page(project, serving)
    serving.stop()


def test_a_passkey_signs_once_and_the_server_ends(page: Page) -> None:
    status, said = page.sign(page.prepared())
    assert status == 200, said
    assert said["crosscheck"] == "ssh-keygen agrees"
    assert said["remarks"] == []
    assert said["next"] == "next: twokey run; and commit the decision"
    ended: Ended = page.serving.ended()
    assert (ended.signed, ended.left, ended.items) == (said["place"], 0, 10)
    assert page.project.home.twokey("verify", "--repository", "org/triage").status == 0
    run = page.project.run("--repository", "org/triage")
    assert run.status == 0, run.text


def test_what_is_shown_is_what_is_signed(page: Page) -> None:
    asked = page.prepared(conditions=[{"kind": "metric", "text": "accuracy >= 0.5"}])
    assert page.sign(asked)[0] == 200
    (path,) = page.project.directory.glob("decisions/*/decision-*.json")
    assert path.read_text() == asked["statement"]
    predicate = json.loads(asked["statement"])["predicate"]
    assert predicate["conditions"] == [{"kind": "metric", "text": "accuracy >= 0.5"}]
    assert [row["criterion"] for row in predicate["criteria"] if row["attested"]] == CRITERIA
    assert predicate["recomputed"] is True
    assert asked["summary"].startswith(
        "pat@example.com: approve, for release, in the role product, to production, repository org/triage, on"
    )


STOLEN = Authenticator(application=b"localhost", secret=4711)
LIES: dict[str, tuple[Authenticator, dict[str, Any], str]] = {
    "another port": (HELD, {"origin": "http://localhost:1"}, "made on the page http://localhost:1, not on"),
    "another site": (HELD, {"origin": "https://evil.example"}, "made on the page https://evil.example"),
    "the address": (HELD, {"origin": "http://127.0.0.1:7361"}, "made on the page http://127.0.0.1:7361"),
    "framed": (HELD, {"members": (("crossOrigin", True),)}, "framed by one of another origin"),
    "framed by": (
        HELD,
        {"members": (("crossOrigin", False), ("topOrigin", "https://evil.example"))},
        "names a top origin",
    ),
    "a registration": (HELD, {"kind": "webauthn.create"}, "not of type webauthn.get"),
    "something else": (HELD, {"challenge": b"something else"}, "challenge is not these bytes"),
    "an old one": (HELD, {"challenge": b"SSHSIG" + bytes(80)}, "challenge is not these bytes"),
    "touch alone": (replace(HELD, flags=UP), {}, "did not verify its user"),
    "nobody there": (replace(HELD, flags=UV), {}, "nobody was present"),
    "extensions": (replace(HELD, flags=UP | UV | ED, extensions=b"\xa0"), {}, "extensions"),
    "another key": (STOLEN, {}, "the signature does not match"),
    "a key of another site": (replace(HELD, application=b"example.com"), {}, "the passkey is one of another site"),
    "junk": (HELD, {"rewrite": lambda _data: b"[]"}, "names no origin"),
    "twice": (
        HELD,
        {"rewrite": lambda data: data.replace(b"}", b',"origin":"http://localhost:1"}')},
        "cannot be read",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_assertion_that_is_wrong_in_one_way_keeps_nothing(page: Page, lie: str) -> None:
    held, changes, expected = LIES[lie]
    asked = page.prepared()
    status, said = page.sign(asked, held, replace(page.browser, **changes))
    assert status == 422
    assert said["error"].startswith("nothing was signed: ")
    assert expected in said["error"]
    assert page.kept == []
    status, said = page.sign(asked)
    assert (status, "used already" in said["error"]) == (409, True), "one try a statement"
    assert page.sign(page.prepared())[0] == 200


def test_an_assertion_is_good_for_one_statement(page: Page) -> None:
    case = page.shown()
    first, second = page.prepared(case=case), page.prepared(case=case)
    assert first["challenge"] != second["challenge"], "the same answers make another statement each time"
    status, said = page.sign(first, id=second["id"])
    assert (status, "challenge is not these bytes" in said["error"]) == (422, True)
    assert page.kept == []
    given = assertion(first["id"], first["challenge"], HELD, page.browser)
    assert page.post("sign/passkey", given)[0] == 200
    page.serving.ended()
    kept = page.kept
    assert len([name for name in kept if name.endswith(".sig")]) == 2, "in the store, and beside the evidence"
    again = serve_it(page.project)
    rostered(page.project, {"key": HELD.public.line, "origins": [page.origin, again.server.origin]})
    there = Page(page.project, again)
    there.text()
    status, said = there.post("sign/passkey", given)
    assert (status, there.kept) == (409, kept)
    again.stop()


def test_a_key_that_the_roster_does_not_allow_here_is_not_offered(page: Page) -> None:
    rostered(page.project, {"key": HELD.public.line, "origins": ["http://localhost:1"]}, page.project.home.public)
    text = page.text()
    assert 'id="passkey"' not in text
    assert 'id="key"' in text
    status, said = page.sign(page.prepared())
    assert (status, "lists no passkey for this page" in said["error"]) == (422, True)
    assert page.kept == []


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"valid_until": "2020-01-01T00:00:00Z"}, "has no passkey"),
        ({"revoked_at": "2020-01-01T00:00:00Z"}, "has no passkey"),
        ({"compromised_since": "2099-01-01T00:00:00Z"}, "has no passkey"),
    ],
)
def test_a_passkey_that_does_not_count_any_more_is_not_offered(
    page: Page, dates: dict[str, str], expected: str
) -> None:
    rostered(page.project, {"key": HELD.public.line, "origins": [page.origin], **dates})
    assert expected in page.text()


def test_the_ssh_key_at_hand_signs_through_the_process(page: Page) -> None:
    rostered(page.project, page.project.home.public)
    assert 'id="key"' in page.text()
    status, said = page.post("sign/key", {"id": page.prepared()["id"]})
    assert status == 200, said
    page.serving.ended()
    assert page.project.home.twokey("verify", "--repository", "org/triage").status == 0


def test_without_an_ssh_key_of_theirs_at_hand_nobody_signs_with_one(page: Page) -> None:
    assert 'id="key"' not in page.text()
    status, said = page.post("sign/key", {"id": page.prepared()["id"]})
    assert (status, "no SSH key of pat@example.com is at hand" in said["error"]) == (422, True)
    assert page.kept == []


def test_the_key_of_somebody_else_at_hand_is_not_theirs(page: Page) -> None:
    people = [
        {
            "principal": "pat@example.com",
            "roles": ["product"],
            "keys": [{"key": HELD.public.line, "origins": [page.origin]}],
        },
        {"principal": "ann@example.com", "roles": ["product"], "keys": [page.project.home.public]},
    ]
    page.project.write("roster.yaml", yaml.safe_dump({"people": people}, width=10_000))
    assert 'id="key"' not in page.text()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"decision": ""}, "choose a decision first"),
        ({"decision": "override"}, "choose a decision first"),
        ({"decision": ["approve"]}, "choose a decision first"),
        ({"reason": "  "}, "a decision needs a reason"),
        ({"reason": 7}, "a decision needs a reason"),
        ({"reason": "x" * 4001}, "at most 4,000 characters"),
        ({"criteria": [0]}, "not attested: stakeholders told"),
        ({"criteria": [0, 1, 2]}, "nobody asked for"),
        ({"criteria": [0, -1]}, "nobody asked for"),
        ({"criteria": [True, 1]}, "nobody asked for"),
        ({"criteria": CRITERIA}, "nobody asked for"),
        ({"confirms": [0]}, "nobody asked for"),
        ({"conditions": {}}, "at most 50 conditions"),
        ({"conditions": [{"kind": "text", "text": "x"}] * 51}, "at most 50 conditions"),
        ({"conditions": [{"kind": "text"}]}, "a condition has a kind and a text"),
        ({"conditions": [{"kind": "text", "text": ""}]}, "1 to 1,000 characters"),
        ({"conditions": [{"kind": "ticket", "text": "T-1"}]}, "1 to 1,000 characters"),
        ({"conditions": [{"kind": "metric", "text": "all good"}]}, "is none on a metric"),
        ({"conditions": [{"kind": "until", "text": "tomorrow"}]}, "is no UTC time"),
        ({"conditions": [{"kind": "to", "text": "product"}]}, "does not belong to approve"),
        ({"decision": "escalate", "criteria": []}, "an escalation asks somebody"),
        ({"decision": "escalate", "criteria": [], "conditions": [{"kind": "to", "text": "nobody"}]}, "ever answer"),
        ({"more": 1}, "expected case, conditions"),
    ],
)
def test_answers_that_could_not_be_signed_are_told_before_anybody_signs(
    page: Page, changes: dict[str, Any], expected: str
) -> None:
    status, said = page.prepare(**changes)
    assert status == 422
    assert expected in said["error"]
    assert page.kept == []


@pytest.mark.parametrize(
    ("decision", "conditions"),
    [
        ("reject", []),
        ("request-changes", [{"kind": "text", "text": "lower the refund limit"}]),
        ("escalate", [{"kind": "to", "text": "product"}]),
    ],
)
def test_other_words_than_approve_need_no_criteria(page: Page, decision: str, conditions: list[Any]) -> None:
    asked = page.prepared(decision=decision, criteria=[], conditions=conditions)
    predicate = json.loads(asked["statement"])["predicate"]
    assert (predicate["decision"], predicate["conditions"]) == (decision, conditions)
    assert not any(row["attested"] for row in predicate["criteria"])
    status, said = page.sign(asked)
    assert status == 200, said


def test_a_condition_of_somebody_else_is_confirmed_on_the_page(page: Page, tmp_path: Path) -> None:
    project = page.project
    key = tmp_path / "ann"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    ann = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    pat = {"key": HELD.public.line, "origins": [page.origin]}
    people = [
        {"principal": "pat@example.com", "roles": ["product"], "keys": [pat]},
        {"principal": "ann@example.com", "roles": ["product"], "keys": [ann]},
    ]
    project.write("roster.yaml", yaml.safe_dump({"people": people}, width=10_000))
    project.policy(review=REVIEW, approval={"checkpoints": {"release": {"close": {"count": 2, "of": ["product"]}}}})
    condition = "the refund limit is lowered first"
    sign = ("sign", "--approve", "--reason", "fine", "--repository", "org/triage", "--key", str(key))
    signed = project.home.twokey(*sign, "--condition", condition)
    assert signed.status == 0, signed.text
    assert f'<label for="confirm-0">{condition}</label>' in page.text()
    case = page.shown()
    rows = [json.loads(page.prepared(case=case, criteria=[], confirms=ticks)["statement"]) for ticks in ([], [0])]
    confirmed = [[row["criterion"] for row in one["predicate"]["criteria"] if row["attested"]] for one in rows]
    assert confirmed == [[], [condition]]
    status, said = page.sign(page.prepared(criteria=[], confirms=[0]))
    assert (status, said["remarks"]) == (200, [])
    assert project.home.twokey("verify", "--repository", "org/triage").status == 0


def test_who_is_not_in_the_roster_signs_nothing(page: Page) -> None:
    person = {"principal": "ann@example.com", "roles": ["product"], "keys": [page.project.home.public]}
    page.project.write("roster.yaml", yaml.safe_dump({"people": [person]}, width=10_000))
    assert "pat@example.com is not in the roster" in page.text()


def test_what_is_not_graded_is_refused_but_not_approved(page: Page) -> None:
    (path,) = page.project.evidence.glob("grades/*.json")
    path.unlink()
    text = page.text()
    assert "No approval can be signed" in text
    assert "--reject" not in text
    assert re.search(r'<input id="choose-approve"[^>]* disabled', text)
    status, said = page.prepare()
    assert (status, "the review is not complete" in said["error"]) == (422, True)
    assert page.sign(page.prepared(decision="reject", criteria=[]))[0] == 200


def test_evidence_that_was_tampered_with_is_shown_to_nobody(page: Page) -> None:
    page.project.record([json.dumps({"id": "x", "output": "y"})])
    text = page.text()
    assert "Nothing can be signed now" in text
    assert "does not follow from the recordings" in text
    status, said = page.prepare(case="0" * 32)
    assert (status, "reload this page" in said["error"]) == (409, True)


def test_grades_that_are_saved_after_the_page_was_shown_make_it_old(page: Page) -> None:
    case = page.shown()
    asked = page.prepared(case=case)
    path = page.project.evidence / "grades/grades-pat@example.com.json"
    rows = json.loads(path.read_bytes())["grades"]
    rows[0]["seconds"] = 6
    status, text = spoken(page.serving.server, "PUT", "grades", {"revision": 1, "grades": rows})
    assert status == 200, text
    assert page.prepare(case=case)[0] == 409
    assert page.sign(asked)[0] == 409
    assert page.kept == []
    assert page.sign(page.prepared())[0] == 200


def test_only_the_newest_page_is_answered(page: Page) -> None:
    old = page.shown()
    new = page.shown()
    assert page.prepare(case=old)[0] == 409
    assert page.prepare(case=new)[0] == 200


def test_so_many_statements_wait_and_no_more(page: Page) -> None:
    case = page.shown()
    statuses = [page.prepare(case=case)[0] for _ in range(21)]
    assert statuses == [200] * 20 + [429]


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "="},
        {"signature": ""},
        {"signature": "AA"},
        {"signature": "AAAAA"},
        {"signature": "A" * 8000},
        {"signature": "AB"},
        {"client_data": "e30="},
        {"authenticator_data": "AAAA"},
    ],
)
def test_what_is_no_assertion_is_refused(page: Page, changes: dict[str, str]) -> None:
    asked = page.prepared()
    given = assertion(asked["id"], asked["challenge"], HELD, page.browser)
    assert page.post("sign/passkey", {**given, "more": "x"})[0] == 422
    assert page.post("sign/passkey", {**given, **changes})[0] == 422
    assert page.kept == []


def test_a_statement_waits_for_ten_minutes(project: Project) -> None:
    origin, clock = "http://localhost:7361", [1000.0]
    rostered(project, {"key": HELD.public.line, "origins": [origin]})

    def prepared() -> SigningCase:
        at, now = AtPage(principal="pat@example.com", origin=origin), datetime.now(UTC)
        return prepare(project.evidence, None, environment="production", repository="r", key=None, page=at, now=now)

    desk = SigningDesk(prepare=prepared, origin=origin, clock=lambda: clock[0], now=lambda: datetime.now(UTC))

    def asked() -> dict[str, Any]:
        case = re.search(r'data-case="([0-9a-f]{32})"', desk.page({}).body.decode())
        assert case is not None
        answers = {"decision": "reject", "reason": "no", "criteria": [], "confirms": [], "conditions": []}
        made: dict[str, Any] = json.loads(desk.make({"case": case[1], **answers}).body)
        return made

    def sign(statement: dict[str, Any]) -> Response:
        return desk.by_passkey(assertion(statement["id"], statement["challenge"], HELD, Browser(origin=origin)))

    late = asked()
    clock[0] += 600
    with pytest.raises(RefusalError, match="too old"):
        sign(late)
    intime = asked()
    clock[0] += 599.5
    assert sign(intime).status == 200


def test_a_review_that_is_left_keeps_what_was_saved(page: Page) -> None:
    ended: Ended = page.serving.stop()
    assert (ended.signed, ended.left) == (None, 0)
    assert ended.grades.name == "grades-pat@example.com.json"


@pytest.mark.usefixtures("project")
def test_ctrl_c_is_the_usual_end_and_what_was_saved_stays() -> None:
    arguments = ("review", "--page", "--no-browser", "--port", "0", "--repository", "org/triage")
    running = subprocess.Popen(
        [sys.executable, "-m", "twokey", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    lines = iter(running.stderr.readline, "")
    url = urlsplit(next(found[0] for line in lines if (found := re.search(r"http://localhost:[0-9]+/\S+", line))))
    there = http.client.HTTPConnection("127.0.0.1", url.port, timeout=60)
    there.request("GET", url.path, headers={"Host": url.netloc})
    assert there.getresponse().status == 200
    there.close()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    assert "10 of 10 items are graded" in out
    assert "Traceback" not in err
