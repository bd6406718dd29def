"""What attackers and accidents do to approval gates, where it takes a Git history and a host: the gate stays shut.

The jobs are those of a pull request on GitHub, with the host's facts in their environment, and of a deploy on the
protected branch. `test_walk` goes through one change from beginning to end; here each threat stands alone.
"""

import json
import shutil
from typing import Any

import pytest
from host_world import NOTHING, RULES, Host, change, host
from project import rows

__all__ = ["change", "host"]  # fixtures


def weaken_thresholds(host: Host) -> None:
    host.policy(accuracy=0.01)


def weaken_rules(host: Host) -> None:
    host.project.write("rules.yaml", RULES.replace("guaranteed", "never-said"))


def weaken_schema(host: Host) -> None:
    host.project.write("schema.json", NOTHING)


def join_the_roster(host: Host) -> None:
    host.project.write("roster.yaml", host.roster(mallory=("product", "risk")))


WEAKER = (weaken_thresholds, weaken_rules, weaken_schema, join_the_roster)


@pytest.mark.parametrize("weaken", WEAKER, ids=lambda one: one.__name__)
def test_a_change_of_policy_is_judged_under_the_old_one_and_opens_a_checkpoint(host: Host, weaken: Any) -> None:
    answers = [*rows(30, output="guaranteed"), *({**row, "id": f"other-{row['id']}"} for row in rows(30, output="x"))]
    host.project.record(answers)
    host.commit()
    host.request()
    host.run()
    before = host.conclusion()
    results = host.project.results()
    weaken(host)
    host.commit()
    host.request()
    outcome = host.run()
    assert outcome.status == 3, outcome.text
    assert host.project.results() == results, "found as under the policy of main"
    assert {one["name"] for one in before["checkpoints"]} == {"release"}
    assert host.opened() == {"release", "policy-change"}
    refused = host.sign("mallory", "--approve")
    assert refused.status == 4, "the roster of main gives Mallory no role"
    assert "mallory@example.com may close none of the open checkpoints" in refused.err


def test_an_author_under_an_alias_may_not_decide(host: Host) -> None:
    host.project.write("model/weights.bin", b"weights 2")
    host.commit("ANN-at-home@mail.example")
    host.request()
    assert host.run().status == 3
    refused = host.sign("ann", "--approve")
    assert refused.status == 4
    assert "ann@example.com (as ann-at-home@mail.example) wrote a commit of the change" in refused.err.casefold()


@pytest.mark.parametrize("opener", ["ann@example.com", "ann-at-home@mail.example"])
def test_whoever_opened_the_request_or_started_the_run_may_not_decide(change: Host, opener: str) -> None:
    change.request(opener)
    assert change.run().status == 3
    refused = change.sign("ann", "--approve")
    assert refused.status == 4
    assert "an approval by you would not count" in refused.err


def test_an_approval_survives_the_readme_a_squash_and_the_merge_queue_and_no_other_model(change: Host) -> None:
    assert change.sign("ann", "--approve").status == 0
    assert change.run().status == 0
    change.commit("ann@example.com")  # the decision, and nothing else
    change.request()
    assert change.run().status == 0
    change.project.write("README.md", "a better word\n")
    head = change.commit()
    change.request()
    assert change.run().status == 0, "another README costs no approval"

    queued = change.folder / "event.json"
    queued.write_text(json.dumps({"merge_group": {"base_ref": "refs/heads/main", "head_sha": head}}), encoding="utf-8")
    change.patch.setenv("GITHUB_EVENT_NAME", "merge_group")
    change.patch.delenv("GITHUB_BASE_REF")
    assert change.run().status == 0, "the merge queue concludes on the same"

    change.repository.branch("squashed", "refs/remotes/origin/main")
    merged = change.repository.squash(head, author="Ann <ann@example.com>")
    change.deploy(merged)
    passed = change.verify()
    assert passed.status == 0, passed.text
    change.project.write("model/weights.bin", b"weights 3")
    assert change.verify().status == 4


def test_a_smaller_change_is_not_shown_to_the_deploy(change: Host) -> None:
    """Who had a part and what opened are signed: editing what is kept of the change gains nothing."""
    assert change.sign("ann", "--approve").status == 0
    head = change.commit("ann@example.com")
    change.request()
    assert change.run().status == 0
    change.deploy(head)
    assert change.verify().status == 0
    shutil.rmtree(change.project.evidence / "decisions")  # copies, which the deploy job may not have
    assert change.verify().status == 0
    (path,) = change.project.directory.glob("decisions/*/change.json")
    kept = json.loads(path.read_bytes())
    kept["parties"] = []
    path.write_text(json.dumps(kept), encoding="utf-8")
    outcome = change.verify()
    assert outcome.status == 3, outcome.text
    assert "differ" in outcome.out or "was opened by other facts" in " ".join(outcome.out.split())


def test_a_deleted_refusal_stands(change: Host) -> None:
    assert change.sign("ann", "--reject").status == 0
    change.commit("ann@example.com")
    change.request()
    assert change.run().status == 1
    for path in sorted(change.project.directory.glob("decisions/*/decision-*")):
        path.unlink()
    change.commit()
    change.request()
    blocked = change.run()
    assert blocked.status == 1, blocked.text
    assert "was refused by ann@example.com, and the refusal stands" in " ".join(blocked.out.split())


def test_a_deleted_refusal_stands_at_the_deploy_too(host: Host) -> None:
    host.project.write("roster.yaml", host.roster(bob=("risk", "product")))
    host.repository.remote_ref("main", host.commit("ann@example.com"))
    host.project.write("model/weights.bin", b"weights 2")
    host.commit()
    host.request()
    assert host.run().status == 3
    assert host.sign("ann", "--reject").status == 0
    host.commit("ann@example.com")
    for path in sorted(host.project.directory.glob("decisions/*/decision-*")):
        path.unlink()
    host.commit()
    host.request()
    assert host.sign("bob", "--approve").status == 0
    head = host.commit("bob@example.com")
    host.repository.branch("merged", "refs/remotes/origin/main")
    host.deploy(host.repository.merge(head))
    assert host.verify().status == 1


def test_a_deleted_override_stays_owed(host: Host) -> None:
    override = {"roles": ["product"], "expires": "1h", "review_within": "2h"}
    host.policy(override=override)
    host.repository.remote_ref("main", host.commit("bob@example.com"))
    host.project.write("model/weights.bin", b"weights 2")
    host.commit()
    host.request()
    assert host.run().status == 3
    assert host.sign("ann", "--decide", "override", "--condition", "ticket: INC-7").status == 0
    merged = host.commit("ann@example.com")
    host.deploy(merged)
    assert "awaits its review" in host.verify().out
    for path in sorted(host.project.directory.glob("decisions/*/decision-*")):
        path.unlink()
    host.deploy(host.commit("ann@example.com"))
    shown = host.verify()
    assert "the override of ann@example.com" in shown.out, shown.text
    assert "awaits its review" in shown.out


def test_the_repositorys_own_git_config_has_no_say(change: Host) -> None:
    called = change.folder / "called"
    program = change.folder / "program"
    program.write_text(f"#!/bin/sh\necho called >> {called}\nexit 0\n", encoding="utf-8")
    program.chmod(0o755)
    settings = ("gpg.ssh.program", "gpg.program", "core.fsmonitor", "core.sshCommand", "diff.external", "core.pager")
    for name in settings:
        change.repository.git("config", name, str(program))
    change.repository.git("config", "gpg.format", "ssh")
    assert change.run().status == 3
    assert change.sign("ann", "--approve").status == 0
    assert change.run().status == 0
    assert not called.exists()
