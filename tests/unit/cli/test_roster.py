"""`roster`: two people, two homes, real keys: one asks with proof, the other adds; list and check say what holds."""

import difflib
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from persona import Home, Outcome
from roster_world import ed25519

from twokey.cli import app as cli
from twokey.cli import roster
from twokey.cli.keeping import keep
from twokey.cli.roster_joining import prepare, write
from twokey.decisions.joining import NAMESPACE, parse, render
from twokey.decisions.roster import load_roster
from twokey.decisions.shapes import written
from twokey.errors import TwokeyError

POLICY = """\
version: 1
subject: {name: triage, owner: pat@example.com}
recordings: {candidate: {path: outputs.jsonl, id: id, output: output}}
gates: {safety: {pii: {max: 0}}}
approval:
  checkpoints:
    release: {close: {any_of: [product]}}
  override: {roles: [product]}
"""


def keygen(*arguments: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *arguments], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _beneath_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands under test beneath the name that they have."""
    whole = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    whole.add_typer(roster.app, name="roster")
    whole.callback()(lambda: None)
    monkeypatch.setattr(cli, "app", whole)


@pytest.fixture
def pat(home: Home) -> Home:
    """Somebody with a policy and a roster of one."""
    (home.directory / "gates.yaml").write_text(POLICY)
    (home.directory / "roster.yaml").write_text(
        f"# ours\nroles: [product, risk]\npeople:\n  - principal: pat@example.com\n    roles: [product]\n"
        f"    keys:\n      - {home.public}  # laptop\n\n# more to come\n"
    )
    return home


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody in another checkout of the same repository."""

    home: Home
    monkeypatch: pytest.MonkeyPatch

    def twokey(self, *arguments: str) -> Outcome:
        with self.monkeypatch.context() as there:
            there.chdir(self.home.directory)
            there.setenv("HOME", str(self.home.directory.parent))
            return self.home.twokey(*arguments)

    def asks(self, *arguments: str) -> Path:
        """Ask to come in; return the request."""
        outcome = self.twokey("roster", "add", "--request", "--repository", "acme/triage", *arguments)
        assert outcome.status == 0, outcome.text
        return self.home.directory / outcome.out.removeprefix("signed: ").rstrip("\n")


@pytest.fixture
def ann(home: Home, monkeypatch: pytest.MonkeyPatch) -> Newcomer:
    """Somebody else beside, with a home of their own and another kind of key."""
    tmp_path = home.directory.parent
    folder = tmp_path / "ann/.ssh"
    folder.mkdir(parents=True, mode=0o700)
    (tmp_path / "ann/triage").mkdir()
    (tmp_path / "ann/.gitconfig").write_text("[user]\n\tname = Ann Ä.\n\temail = Ann@Example.com\n")
    keygen("-t", "ecdsa", "-N", "", "-C", "ann", "-f", str(folder / "id_ecdsa"))
    return Newcomer(Home(directory=tmp_path / "ann/triage", key=folder / "id_ecdsa"), monkeypatch)


def add(home: Home, request: Path, *arguments: str) -> Outcome:
    return home.twokey("roster", "add", str(request), "--repository", "acme/triage", *arguments)


def people(home: Home) -> list[str]:
    data = (home.directory / "roster.yaml").read_bytes()
    return [person.principal for person in load_roster(data, "roster.yaml").people]


def test_a_newcomer_asks_with_proof_and_somebody_adds_them(pat: Home, ann: Newcomer) -> None:
    before = (pat.directory / "roster.yaml").read_text()
    request = ann.asks("--role", "product")
    outcome = add(pat, request, "--yes")
    assert outcome.status == 0, outcome.text
    assert "ann@example.com (Ann Ä.) asks to be in roster.yaml" in outcome.out
    assert "may then    close release as product, override as product" in outcome.out
    assert "proof       signed by this key; ssh-keygen: agrees" in outcome.out
    listed = subprocess.run(["ssh-keygen", "-lf", f"{ann.home.key}.pub"], capture_output=True, text=True, check=True)
    assert listed.stdout.split()[1] in outcome.out
    assert "WARNING" not in outcome.out
    after = (pat.directory / "roster.yaml").read_text()
    assert [line[0] for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] != " "] == ["+"] * 5
    assert after.endswith("\n\n# more to come\n")
    newcomer = load_roster(after.encode(), "r").person("ann@example.com")
    assert newcomer is not None
    assert (newcomer.name, newcomer.roles) == ("Ann Ä.", ("product",))
    assert newcomer.keys[0].line == ann.home.public


def test_stock_ssh_keygen_checks_the_proof_too(ann: Newcomer, tmp_path: Path) -> None:
    request = ann.asks()
    allowed = tmp_path / "allowed"
    allowed.write_text(f'ann namespaces="{NAMESPACE}" {ann.home.public}\n')
    arguments = ["-Y", "verify", "-f", str(allowed), "-I", "ann", "-n", NAMESPACE, "-s", f"{request}.sig"]
    with request.open("rb") as file:
        subprocess.run(["ssh-keygen", *arguments], stdin=file, check=True, capture_output=True)


def test_everything_that_a_newcomer_gives_is_in_the_request(ann: Newcomer) -> None:
    other = ann.home.key.with_name("other")
    keygen("-t", "ed25519", "-N", "", "-f", str(other))
    given = ("--principal", "a.nn@example.com", "--name", "Nn", "--role", "risk", "--role", "x", "--key", str(other))
    request = parse(ann.asks(*given).read_bytes(), "r")
    assert (request.principal, request.name, request.roles) == ("a.nn@example.com", "Nn", ("risk", "x"))
    assert request.key == " ".join(other.with_suffix(".pub").read_text().split()[:2])
    assert request.repository == "acme/triage"
    assert abs(datetime.now(UTC) - request.requested_at) < timedelta(minutes=5)


def test_nobody_is_added_without_being_looked_at(pat: Home, ann: Newcomer) -> None:
    request = ann.asks()
    outcome = add(pat, request)
    assert outcome.status == 4
    assert "nobody can be asked here; give --yes" in outcome.err
    assert "asks to be in" in outcome.out
    assert people(pat) == ["pat@example.com"]


@pytest.mark.parametrize(("answer", "there"), [("y", 2), ("n", 1), ("what\nyes", 2)])
def test_whoever_adds_is_asked(
    pat: Home, ann: Newcomer, monkeypatch: pytest.MonkeyPatch, answer: str, there: int
) -> None:
    request = ann.asks()
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    outcome = add(pat, request)
    assert outcome.status == 0, outcome.text
    assert len(people(pat)) == there
    assert ("nothing was added" in outcome.err) == (there == 1)


def test_a_roster_that_changed_while_somebody_was_asked_is_left_as_it_is(
    pat: Home, ann: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, path = ann.asks(), pat.directory / "roster.yaml"
    changed = path.read_text() + "# by somebody else\n"

    class Slow(Terminal):
        def readline(self, size: int = -1) -> str:
            path.write_text(changed)
            return super().readline(size)

    monkeypatch.setattr("sys.stdin", Slow("y"))
    outcome = add(pat, request)
    assert outcome.status == 4, outcome.text
    assert "changed while you were asked (add again)" in outcome.err
    assert path.read_text() == changed


class Terminal:
    """What a person types."""

    def __init__(self, text: str) -> None:
        self.lines = [f"{line}\n" for line in text.splitlines()]

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int = -1) -> str:
        return self.lines.pop(0) if self.lines else ""


def resigned(request: Path, key: Path, namespace: str = NAMESPACE) -> None:
    signature = request.with_name(f"{request.name}.sig")
    signature.unlink(missing_ok=True)
    keygen("-Y", "sign", "-n", namespace, "-f", str(key), str(request))


def refused(home: Home, request: Path, expected: str, status: int = 4) -> None:
    before = (home.directory / "roster.yaml").read_bytes()
    outcome = add(home, request, "--yes")
    assert outcome.status == status, outcome.text
    assert expected in outcome.err
    assert (home.directory / "roster.yaml").read_bytes() == before


def test_a_key_of_somebody_else_is_not_brought_in(pat: Home, ann: Newcomer) -> None:
    request = ann.asks()
    resigned(request, pat.key)
    refused(pat, request, "the request was signed by another key than the one it names")
    resigned(request, ann.home.key, namespace="git")
    refused(pat, request, "signed for the purpose 'git'")
    assert "signed for the purpose 'git'" in add(pat, request).err, "nobody is asked for what cannot be"
    case = prepare(request, Path("gates.yaml"), "acme/triage", datetime.now(UTC))
    with pytest.raises(TwokeyError, match="signed for the purpose 'git'"):
        write(case)
    assert people(pat) == ["pat@example.com"]
    request.with_name(f"{request.name}.sig").write_text("")
    refused(pat, request, "the request's signature is not good")
    request.with_name(f"{request.name}.sig").unlink()
    refused(pat, request, "cannot be read: No such file")


def test_a_request_that_was_changed_after_it_was_signed_adds_nobody(pat: Home, ann: Newcomer) -> None:
    request = ann.asks()
    text = request.read_text()
    request.write_text(text.replace('"roles": []', '"roles": ["product"]'))
    assert request.read_text() != text
    refused(pat, request, "the request's signature is not good: the signature does not match")


@pytest.mark.parametrize(
    ("age", "expected"), [(timedelta(days=8), "more than 7 days ago"), (timedelta(hours=-1), "from the future")]
)
def test_a_request_of_another_time_adds_nobody(pat: Home, ann: Newcomer, age: timedelta, expected: str) -> None:
    request = ann.asks()
    moment = datetime.now(UTC).replace(microsecond=0) - age
    request.write_bytes(render(replace(parse(request.read_bytes(), "r"), requested_at=moment)))
    resigned(request, ann.home.key)
    refused(pat, request, expected)


def test_a_request_of_another_repository_is_shown_as_such(pat: Home, ann: Newcomer) -> None:
    outcome = pat.twokey("roster", "add", str(ann.asks()), "--repository", "acme/other", "--yes")
    assert outcome.status == 0
    assert "repository  acme/triage  (WARNING: this one is acme/other)" in outcome.out


def test_who_collides_is_refused_and_the_roster_stays(pat: Home, ann: Newcomer) -> None:
    refused(pat, ann.asks("--role", "prodct"), "the role 'prodct' is not among roles (did you mean product?)", status=2)
    refused(pat, ann.asks("--principal", "pat@example.com"), "is in the roster already, as pat@example.com")


def test_the_same_request_adds_once(pat: Home, ann: Newcomer) -> None:
    request = ann.asks()
    assert add(pat, request, "--yes").status == 0
    refused(pat, request, "the key is ann@example.com's already")


@pytest.mark.parametrize("text", [None, "people: []\n", "# nobody yet\npeople:\n"])
def test_the_first_person_comes_in_where_there_is_nobody(pat: Home, ann: Newcomer, text: str | None) -> None:
    path = pat.directory / "roster.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text)
    outcome = add(pat, ann.asks("--role", "product"), "--yes")
    assert outcome.status == 0, outcome.text
    assert people(pat) == ["ann@example.com"]


def test_no_link_is_written_through(pat: Home, ann: Newcomer, tmp_path: Path) -> None:
    target = tmp_path / "theirs.yaml"
    shutil.move(pat.directory / "roster.yaml", target)
    (pat.directory / "roster.yaml").symlink_to(target)
    refused(pat, ann.asks(), "is a link")
    assert "is a link" in add(pat, ann.asks()).err, "nobody is asked for what cannot be"


def test_a_roster_that_cannot_be_written_stays_whole(pat: Home, ann: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ann.asks()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    refused(pat, request, "cannot be written: No space left on device")
    assert [path.name for path in pat.directory.iterdir() if path.name.startswith(".writing")] == []


@pytest.mark.parametrize(
    ("change", "expected", "status"),
    [
        ((b"", b"# later\nshoe: 1\n"), "unknown key 'shoe'", 2),
        ((b"roles: [product]\n    keys", b"roles: [risk]\n    keys"), "would change what is there", 4),
    ],
)
def test_what_was_not_meant_is_put_back(
    pat: Home,
    ann: Newcomer,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[bytes, bytes],
    expected: str,
    status: int,
) -> None:
    """Somebody else writes to the file in the very moment: what is read again is not what was written."""
    written_files: list[dict[str, bytes]] = []

    def meddled(folder: Path, files: dict[str, bytes]) -> None:
        written_files.append(files)
        first = len(written_files) == 1
        keep(folder, {name: meddle(data) if first else data for name, data in files.items()})

    def meddle(data: bytes) -> bytes:
        old, new = change
        return data.replace(old, new, 1) if old else data + new

    request = ann.asks()
    monkeypatch.setattr("twokey.cli.roster_joining.keep", meddled)
    refused(pat, request, expected, status=status)
    assert len(written_files) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--request", "ann.request.json"),
        ("ann.request.json", "--role", "product"),
        ("ann.request.json", "--key", "x"),
    ],
)
def test_the_two_steps_are_not_mixed(pat: Home, arguments: tuple[str, ...]) -> None:
    outcome = pat.twokey("roster", "add", *arguments)
    assert outcome.status == 2, outcome.text
    assert people(pat) == ["pat@example.com"]


def test_without_a_key_nobody_asks(ann: Newcomer) -> None:
    shutil.rmtree(ann.home.key.parent)
    outcome = ann.twokey("roster", "add", "--request")
    assert outcome.status == 4
    assert "no SSH key found" in outcome.err
    assert not list(ann.home.directory.glob("*.request.json*"))


def test_the_list_names_people_keys_dates_delegations_and_witnesses(pat: Home) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    day = timedelta(days=1)
    path = pat.directory / "roster.yaml"
    text = path.read_text().replace("    keys:\n", "    name: Pat\n    aliases: [patty]\n    keys:\n")
    text += (
        f"  - principal: bob\n    roles: [risk]\n    keys:\n"
        f"      - {{key: {ed25519('bob')}, valid_until: {written(now - day)}}}\n"
        f"      - {{key: {ed25519('bob 2')}, revoked_at: {written(now - day)}, why: lost}}\n"
        f"      - {{key: {ed25519('bob 3')}, valid_until: {written(now + 100 * day)}}}\n"
        "    identities: [{identity: bob@example.com, issuer: https://accounts.example.com}]\n"
        "delegations:\n"
        + "".join(
            f"  - {{from: bob, to: pat@example.com, roles: [risk], valid_from: {written(now + first * day)},"
            f" valid_until: {written(now + last * day)}, why: away}}\n"
            for first, last in ((-3, -2), (-1, 1), (2, 3))
        )
        + f"witnesses:\n  - {{name: record-job, keys: [{ed25519('job')}]}}\n"
    )
    path.write_text(text)
    outcome = pat.twokey("roster", "list")
    assert outcome.status == 0, outcome.text
    for expected in (
        "pat@example.com (Pat): product",
        "also    patty",
        f"NOT OK  ssh-ed25519 {fingerprint('bob')}",
        f"the key was valid until {written(now - day)}",
        f"NOT OK  ssh-ed25519 {fingerprint('bob 2')}",
        f"the key was revoked at {written(now - day)}: lost",
        f"good    ssh-ed25519 {fingerprint('bob 3')}",
        f"until {written(now + 100 * day)}",
        "good    sigstore https://accounts.example.com bob@example.com",
        "over: away",
        "in force: away",
        "not yet: away",
        "Witness record-job: can never decide",
        "what counts is the roster on protected ground",
    ):
        assert expected in outcome.out
    states = [line for line in outcome.out.splitlines() if "bob -> pat@example.com: risk" in line]
    assert [line.rsplit(", ", 1)[1] for line in states] == ["over: away", "in force: away", "not yet: away"]


def fingerprint(name: str) -> str:
    from twokey.signers.keys import read_key_line

    return read_key_line(ed25519(name)).fingerprint


@pytest.mark.parametrize("command", ["list", "check"])
def test_a_roster_or_policy_that_is_not_there_is_told(pat: Home, command: str) -> None:
    (pat.directory / "roster.yaml").unlink()
    outcome = pat.twokey("roster", command)
    assert outcome.status == 4
    assert outcome.err == "twokey: roster.yaml: cannot be read: No such file or directory\n"
    (pat.directory / "gates.yaml").unlink()
    assert "there is no such config" in pat.twokey("roster", command).err


def test_a_roster_that_holds_together_passes_the_check(pat: Home) -> None:
    outcome = pat.twokey("roster", "check")
    assert outcome.status == 0, outcome.text
    assert outcome.err == ""
    assert "1 people, 1 keys; every checkpoint of gates.yaml can be closed" in outcome.out


def test_the_check_tells_every_problem_of_the_roster(pat: Home) -> None:
    path = pat.directory / "roster.yaml"
    path.write_text(path.read_text() + f"  - {{principal: bob, keys: [{pat.public}], roles: [x]}}\n")
    outcome = pat.twokey("roster", "check")
    assert outcome.status == 2
    assert "roster.yaml:10:29: this key stands here twice; the first is on line 7" in outcome.err
    assert "the role 'x' is not among roles" in outcome.err


def test_the_check_tells_rules_that_nobody_can_satisfy(pat: Home) -> None:
    (pat.directory / "gates.yaml").write_text(POLICY.replace("any_of: [product]", "all_of: [product, risk]"))
    outcome = pat.twokey("roster", "check")
    assert outcome.status == 2
    assert "checkpoint release: nobody in the roster is or has risk" in outcome.err


@pytest.mark.parametrize("dates", ["valid_until: 2020-01-01T00:00:00Z", "compromised_since: 2020-01-01T00:00:00Z"])
def test_the_check_tells_rules_that_nobody_can_satisfy_with_a_good_key(pat: Home, dates: str) -> None:
    path = pat.directory / "roster.yaml"
    path.write_text(path.read_text().replace(f"- {pat.public}  # laptop", f"- {{key: {pat.public}, {dates}}}"))
    outcome = pat.twokey("roster", "check")
    assert outcome.status == 2
    assert "nobody in the roster is or has product, whose key is good now" in outcome.err
    assert "pat@example.com has no key that is good now" in outcome.err


def test_the_check_warns_of_what_ends_soon_and_passes(pat: Home) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    soon, later = written(now + timedelta(days=29)), written(now + timedelta(days=31))
    path = pat.directory / "roster.yaml"
    path.write_text(
        path.read_text().replace(f"- {pat.public}  # laptop", f"- {{key: {pat.public}, valid_until: {soon}}}")
        + f"  - {{principal: bob, roles: [risk], keys: [{{key: {ed25519('bob')}, valid_until: {later}}}]}}\n"
        f"  - {{principal: b0b, keys: [{ed25519('b0b')}]}}\n"
        "  - {principal: cy, identities: [{identity: cy@example.com, issuer: https://accounts.example.com}]}\n"
        "delegations:\n  - {from: bob, to: pat@example.com, roles: [risk], valid_from: 2020-01-01T00:00:00Z,"
        " valid_until: 2020-01-02T00:00:00Z, why: x}\n"
        f"  - {{from: bob, to: cy, roles: [risk], valid_from: {written(now)}, valid_until: {soon}, why: x}}\n"
    )
    outcome = pat.twokey("roster", "check")
    assert outcome.status == 0, outcome.text
    assert f"pat@example.com: the key ssh-ed25519 {fingerprint_of(pat)} ends at {soon}" in outcome.err
    assert "bob:" not in outcome.err
    assert "to cy" not in outcome.err
    assert "b0b (b0b) is easily taken for bob (bob)" in outcome.err
    assert "cy has a Sigstore identity, but policy pins no trusted root" in outcome.err
    assert "the delegation of risk from bob to pat@example.com was over at 2020-01-02T00:00:00Z" in outcome.err


def fingerprint_of(home: Home) -> str:
    listed = subprocess.run(["ssh-keygen", "-lf", f"{home.key}.pub"], capture_output=True, text=True, check=True)
    return listed.stdout.split()[1]


@pytest.mark.parametrize("command", [(), ("add",), ("list",), ("check",)])
def test_help_fits_a_screen(pat: Home, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    lines = pat.twokey("roster", *command, "--help").out.rstrip("\n").splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if line.endswith("...")]


def test_a_request_is_plain_json_without_a_place_of_this_machine(ann: Newcomer) -> None:
    document = json.loads(ann.asks().read_bytes())
    assert document.keys() == {
        "type", "principal", "name", "roles", "key", "repository", "requested_at", "nonce"
    }  # fmt: skip
    assert str(ann.home.directory.parent) not in json.dumps(document)
