"""What people without a say put beside decisions, or take away there: it neither opens the gate nor shuts it for good.

Which evidence a deploy job finds, what is owed, and who let a policy through depend on signatures and roles alone.
"""

import json
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from host_world import Host, host
from project import rows

from twokey import canonical
from twokey.decisions.decision import Decision, NamedCheckpoint
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.store import write_decision
from twokey.signers.ssh import SshSigner

__all__ = ["host"]  # a fixture

OVERRIDE = {"roles": ["risk"], "expires": "1h", "review_within": "2h"}


def adopt(host: Host, **approval: Any) -> None:
    host.policy(**approval)
    host.repository.remote_ref("main", host.commit("bob@example.com"))


def waits(host: Host, count: int = 60, status: int = 3) -> None:
    """A request of Mallory's that waits for a decision, on a recording of so many records."""
    host.project.record(rows(count))
    host.commit()
    host.request()
    judged = host.run()
    assert judged.status == status, judged.text


def merged(host: Host) -> None:
    """What stands here is on main, and the deploy job has nothing but its checkout."""
    host.deploy(host.commit("ann@example.com"))
    shutil.rmtree(host.project.directory / ".twokey")


@pytest.fixture
def approved(host: Host) -> Path:
    """The folder of decisions of a change that Ann approved and that was merged."""
    host.project.write("model/weights.bin", b"weights 2")
    waits(host)
    assert host.sign("ann", "--approve").status == 0
    merged(host)
    passed = host.verify()
    assert passed.status == 0, passed.text
    (folder,) = host.project.directory.glob("decisions/*")
    return folder


@pytest.fixture
def refused(host: Host, approved: Path) -> Path:
    """The folder of newer evidence on the same model, which Ann refused."""
    waits(host, 62)
    time.sleep(1.1)  # the times that people sign are whole seconds
    assert host.sign("ann", "--reject").status == 0
    merged(host)
    blocked = host.verify()
    assert blocked.status == 1, blocked.text
    (folder,) = (path for path in host.project.directory.glob("decisions/*") if path != approved)
    return folder


def says(host: Host, who: str, folder: Path, **parts: Any) -> None:
    """A well signed decision on the evidence of a folder, straight into it, with whatever anybody may claim in one."""
    now = datetime.now(UTC).replace(microsecond=0)
    manifest = folder / "manifest.json"
    said: dict[str, Any] = {
        "choice": "approve",
        "manifest": canonical.sha256(manifest.read_bytes()) if manifest.exists() else folder.name + "0" * 52,
        "checkpoints": (NamedCheckpoint(name="release", role="reader", facts="0" * 64),),
        "principal": f"{who}@example.com",
        "decided_at": now,
        "expires_at": now + timedelta(hours=1),
        "environment": "production",
        "repository": "unknown",
        "nonce": "0" * 32,
        "reason": "because",
        **parts,
    }
    data = render(Decision(**said))
    signature = SshSigner(environment={}).sign(data, NAMESPACE, str(host.keys[who]))
    write_decision(folder, f"{who}@example.com", data, signature)


# Which evidence is found


def future(decision: dict[str, Any]) -> bytes:
    decision["predicate"] |= {"decided_at": "9999-01-01T00:00:00Z", "expires_at": "9999-01-02T00:00:00Z"}
    return canonical.dumps(decision)


def unsigned_and_from_the_future(host: Host, approved: Path, refused: Path) -> None:
    del host, refused
    (decision,) = approved.glob("decision-*.json")
    (approved / "decision-zoe.json").write_bytes(future(json.loads(decision.read_bytes())))


def signed_by_a_reader(host: Host, approved: Path, refused: Path) -> None:
    says(host, "mallory", approved)
    says(host, "mallory", refused, decided_at=datetime(2020, 1, 1, tzinfo=UTC))


def about_the_newer_evidence(host: Host, approved: Path, refused: Path) -> None:
    del host
    for path in refused.glob("decision-*"):
        shutil.copy(path, approved / path.name.replace("ann", "zoe"))


def signed_by_who_may_but_refused_meanwhile(host: Host, approved: Path, refused: Path) -> None:
    del refused
    time.sleep(1.1)
    named = (NamedCheckpoint(name="release", role="product", facts="0" * 64),)
    says(host, "ann", approved, checkpoints=named)


CHOOSING = (
    unsigned_and_from_the_future,
    signed_by_a_reader,
    about_the_newer_evidence,
    signed_by_who_may_but_refused_meanwhile,
)


@pytest.mark.parametrize("plant", CHOOSING, ids=lambda one: one.__name__)
def test_nobody_ships_what_was_refused_on_newer_evidence_by_planting_files(
    host: Host, approved: Path, refused: Path, plant: Any
) -> None:
    plant(host, approved, refused)
    outcome = host.verify()
    assert outcome.status == 1, outcome.text
    assert "release was refused by ann@example.com" in " ".join(outcome.out.split())


def test_nor_by_bringing_the_older_evidence_as_the_artifact_of_a_run(host: Host, approved: Path) -> None:
    waits(host, status=0)
    older = host.folder / "older"
    shutil.copytree(host.project.evidence, older)
    assert host.verify(str(older)).status == 0, "as Ann decided"
    waits(host, 62)
    time.sleep(1.1)
    assert host.sign("ann", "--reject").status == 0
    merged(host)
    assert len({approved, *host.project.directory.glob("decisions/*")}) == 2
    outcome = host.verify(str(older))
    assert outcome.status == 1, outcome.text


def test_nor_by_deleting_the_newer_evidence(host: Host, approved: Path, refused: Path) -> None:
    shutil.rmtree(refused)
    assert approved.exists()
    host.deploy(host.commit())
    outcome = host.verify()
    assert outcome.status == 4, outcome.text
    assert "refused on evidence that is no longer here" in outcome.err


def test_new_evidence_starts_anew_after_a_refusal(host: Host, refused: Path) -> None:
    waits(host, 64)
    time.sleep(1.1)  # as above
    assert host.sign("ann", "--approve").status == 0
    merged(host)
    passed = host.verify()
    assert passed.status == 0, passed.text
    assert passed.text.count(refused.name) == 0


def test_a_refusal_that_its_person_took_back_holds_nothing_up(host: Host, approved: Path, refused: Path) -> None:
    waits(host, 62, status=1)
    assert host.sign("ann", "--approve").status == 0
    merged(host)
    assert approved.exists()
    passed = host.verify()
    assert passed.status == 0, passed.text
    assert refused.name in passed.text


# What shuts nothing


def a_manifest_that_is_none(host: Host, approved: Path) -> None:
    manifest = json.loads((approved / "manifest.json").read_bytes())
    host.project.write("decisions/aaaaaaaaaaaa/manifest.json", manifest["subject"]["digest"])


def a_thousand_and_one_files(host: Host, approved: Path) -> None:
    del approved
    for number in range(1001):
        host.project.write(f"decisions/bbbbbbbbbbbb/x{number}", "x")


def a_file_where_runs_put_evidence(host: Host, approved: Path) -> None:
    del approved
    host.project.write(".twokey/evidence/x", "x")


def items_that_are_a_list(host: Host, approved: Path) -> None:
    manifest, results = (json.loads((approved / name).read_bytes()) for name in ("manifest.json", "results.json"))
    results["gates"][0]["facts"]["items"] = ["x"]
    changed = canonical.dumps(results)
    for row in manifest["files"]:
        if row["path"] == "results.json":
            row |= {"sha256": canonical.sha256(changed), "size": len(changed)}
    named = canonical.dumps(manifest)
    for name, data in (("manifest.json", named), ("results.json", changed)):
        host.project.write(f"decisions/{canonical.sha256(named)[:12]}/{name}", data)
    packet = (approved / "packet.json").read_bytes()
    host.project.write(f"decisions/{canonical.sha256(named)[:12]}/packet.json", packet)


JUNK = (a_manifest_that_is_none, a_thousand_and_one_files, a_file_where_runs_put_evidence, items_that_are_a_list)


@pytest.mark.parametrize("plant", JUNK, ids=lambda one: one.__name__)
def test_junk_among_the_decisions_shuts_no_deploy(host: Host, approved: Path, plant: Any) -> None:
    plant(host, approved)
    passed = host.verify()
    assert passed.status == 0, passed.text


# What is owed


@pytest.mark.parametrize("year", [2020, 9999])
@pytest.mark.parametrize("role", ["reader", "risk"])
def test_a_debt_is_made_in_a_role_of_policys_and_not_in_the_future(host: Host, role: str, year: int) -> None:
    adopt(host, override=OVERRIDE)
    waits(host)
    assert host.sign("ann", "--approve").status == 0
    merged(host)
    at = datetime(year, 12, 31, 23, 59, 58, tzinfo=UTC)
    said = {"decided_at": at, "expires_at": at + timedelta(seconds=1), "choice": "override"}
    named = (NamedCheckpoint(name="override", role=role, facts="0" * 64),)
    says(host, "mallory", host.project.directory / "decisions/ffffffffffff", checkpoints=named, **said)
    outcome = host.verify()
    owed = (role, year) == ("risk", 2020)  # as of somebody who held the role then
    assert outcome.status == (1 if owed else 0), outcome.text
    assert ("the override of mallory@example.com" in outcome.out) == owed


def test_a_debt_outlives_the_key_that_made_it(host: Host) -> None:
    adopt(host, override={**OVERRIDE, "review_within": "1s"})
    host.project.write("model/weights.bin", b"weights 2")
    waits(host)
    assert host.sign("bob", "--decide", "override", "--condition", "ticket: INC-7").status == 0
    merged(host)
    time.sleep(1.1)
    assert host.verify().status == 1
    roster = yaml.safe_load(host.roster(bob=("reader",), ann=("product", "risk")))
    bob = next(one for one in roster["people"] if one["principal"] == "bob@example.com")
    bob["keys"] = [{"key": bob["keys"][0], "revoked_at": "2020-01-01T00:00:00Z", "why": "he left"}]
    host.project.write("roster.yaml", yaml.safe_dump(roster))
    host.deploy(host.commit("ann@example.com"))
    blocked = host.verify()
    assert "the override of bob@example.com" in blocked.out, blocked.text
    assert "awaits its review" in blocked.out
    assert blocked.status == 1


# Clocks


def test_an_evidence_directory_that_claims_the_last_day_of_the_calendar_is_no_fault(host: Host) -> None:
    release = {"opens": [{"gates": ["quality"]}], "close": {"any_of": ["product"]}}
    adopt(host, checkpoints={"release": {**release, "timeout": {"after": "24h", "expire": 1.5}}})
    host.project.write("model/weights.bin", b"weights 2")
    waits(host)
    path = host.project.evidence / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "opened_at": "9999-12-31T23:59:59Z"}))
    assert host.verify().status == 3


def test_an_approval_after_the_time_ran_out_closes_nothing_until_it_is_opened_anew(host: Host) -> None:
    release = {"opens": [{"gates": ["quality"]}], "close": {"any_of": ["product"]}}
    adopt(host, checkpoints={"release": {**release, "timeout": {"after": "1h", "expire": 1.0}}})
    host.project.write("model/weights.bin", b"weights 2")
    waits(host)
    assert host.sign("ann", "--approve").status == 0
    assert host.run().status == 0
    path = host.project.evidence / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "opened_at": "2020-12-31T23:59:59Z"}))
    late = host.run()
    assert late.status == 1, late.text
    assert "since 2021-01-01T00:59:59Z, and ann@example.com approved after that" in " ".join(late.out.split())
    assert host.run("--reopen").status == 0


# Witnesses, and the history of policy


def test_another_statement_beside_the_recording_hides_no_witness(host: Host) -> None:
    bot = host.folder / "bot"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(bot)], check=True, timeout=30)
    roster = yaml.safe_load(host.roster())
    public = " ".join(bot.with_suffix(".pub").read_text(encoding="utf-8").split()[:2])
    host.project.write("roster.yaml", yaml.safe_dump({**roster, "witnesses": [{"name": "job", "keys": [public]}]}))
    host.repository.remote_ref("main", host.commit("bob@example.com"))
    host.project.write("model/weights.bin", b"weights 2")
    host.project.record(rows(60))
    assert host.project.home.twokey("witness", "outputs.jsonl", "--key", str(bot)).status == 0
    waits(host)
    assert "recording is unwitnessed" not in host.run().out
    assert host.sign("ann", "--approve").status == 0
    merged(host)
    assert "recording is unwitnessed" not in host.verify().out
    host.project.write("outputs.jsonl.witness.json", "{}")
    outcome = host.verify()
    assert outcome.status == 0, outcome.text
    assert "recording is unwitnessed" not in outcome.out


@pytest.mark.parametrize(
    ("options", "signed"),
    [
        ((), True),
        (("-e", "staging"), False),
        (("--repository", "elsewhere/else"), False),
    ],
)
def test_the_history_of_policy_counts_what_was_decided_for_production_here(
    host: Host, options: tuple[str, ...], signed: bool
) -> None:
    host.project.write("roster.yaml", host.roster(mallory=("product",)))
    host.commit()
    host.request()
    assert host.run(*options).status == 3
    assert host.sign("bob", "--approve", *options).status == 0
    host.deploy(host.commit("bob@example.com"))
    (newest, *_) = host.verify("--policy-history", "0" * 64).out.splitlines()
    assert ("signed by bob@example.com as risk" in newest) == signed, newest
    assert ("signed by nobody" in newest) != signed
