"""What opens a checkpoint, clause by clause through real runs, what keeps one open, and which rules policy may not say.

Whoever closes them is in `test_decisions_over_time`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from git_world import Repository, github_request, need_git
from hypothesis import given, settings
from hypothesis import strategies as st
from persona import Home
from project import row, rows
from team import Team, from_now, instant, team, told

from twokey.conclusion import Verdict
from twokey.config.shape import Approval, CheckpointPolicy, Close, Opens
from twokey.decisions.checkpoints import open_checkpoints, unclaimed
from twokey.decisions.situation import Situation
from twokey.outcome import Finding, Status
from twokey.verdict import Case, SubjectState, decide

PEOPLE: Mapping[str, tuple[str, ...]] = {"ann": ("product",), "bob": ("risk",)}
CLOSE = {"any_of": ["risk"]}
RELEASE: Mapping[str, Any] = {"close": {"any_of": ["product"]}}
LEAK = "call 079 123 45 67 or ann@example.com"


@pytest.fixture
def project(home: Home, tmp_path: Path) -> Team:
    return team(home, tmp_path, PEOPLE)


def opened_by(made: Team, clause: Mapping[str, Any], *options: str, **parts: Any) -> str | None:
    """Run under a policy with a checkpoint of this one clause; return what opened it, or None where nothing did."""
    rest = {name: parts.pop(name) for name in ("environments", "timeout") if name in parts}
    made.write_policy(RELEASE, checkpoints={"asked": {"opens": [dict(clause)], "close": CLOSE, **rest}}, **parts)
    found = made.checkpoints(*options).get("asked")
    return "; ".join(found["opened_by"]) if found else None


# Clauses on the evidence


def test_findings_open_by_gate_metric_and_status(project: Team) -> None:
    gates = {"quality": {"accuracy": {"min": 0.95}, "f1_macro": {"min": 0.1}}, "safety": {"pii": {"max": 0}}}
    project.project.record([*rows(50), *({**row, "output": "other"} for row in rows(60)[50:])])  # 50 of 60
    found = opened_by(project, {"gates": ["quality"]}, gates=gates)
    assert found == "quality.accuracy is fail"
    assert opened_by(project, {"metrics": ["accuracy"]}, gates=gates) == "quality.accuracy is fail"
    assert opened_by(project, {"gates": ["quality"], "metrics": ["f1_macro"]}, gates=gates) is None
    assert opened_by(project, {"gates": ["safety"]}, gates=gates) is None
    assert opened_by(project, {"gates": ["quality"], "status": ["inconclusive"]}, gates=gates) is None
    near = {"quality": {"accuracy": {"min": 0.85}}}
    assert (
        opened_by(project, {"gates": ["quality"], "status": ["inconclusive"]}, gates=near)
        == "quality.accuracy is inconclusive"
    )
    assert opened_by(project, {"gates": ["quality"], "status": ["fail"]}, gates=near) is None


def test_an_error_of_a_gate_must_be_named(project: Team) -> None:
    gates = {"performance": {"latency_p95_ms": {"max": 500}}}
    project.project.record([row(number, latency_ms=...) for number in range(60)])
    assert opened_by(project, {"gates": ["performance"]}, gates=gates) is None
    assert project.run().status == 1, "nobody claims it"
    found = opened_by(project, {"gates": ["performance"], "status": ["error"]}, gates=gates)
    assert found is not None
    assert "performance.latency_p95_ms is error" in found
    assert project.run().status == 3


def test_a_share_of_low_confidence_opens_from_its_limit_on(project: Team) -> None:
    review = {"confidence_below": 0.6, "show": 5, "audit": 5}
    project.project.record([row(number, confidence=0.5 if number < 6 else 0.9) for number in range(60)])
    assert "10%" in str(opened_by(project, {"low_confidence_share": "10%"}, review=review))
    assert opened_by(project, {"low_confidence_share": "11%"}, review=review) is None
    project.project.record(rows(60, confidence=...))
    assert "not known" in str(opened_by(project, {"low_confidence_share": "99%"}, review=review))


def test_impact_opens_and_so_does_one_that_nobody_can_say(project: Team) -> None:
    high = {"impact": ["high", "critical"]}
    assert "nobody can say" in str(opened_by(project, high))
    mapped = {"impact": "impact"}
    project.project.record([*rows(59, impact="low"), row(59, impact="high")])
    assert opened_by(project, high, candidate=mapped) == "records of the impact high were judged"
    project.project.record(rows(60, impact="low"))
    assert opened_by(project, high, candidate=mapped) is None


def test_an_unpinned_subject_opens(project: Team) -> None:
    assert opened_by(project, {"unpinned": True}) is None
    hosted = {"name": "triage", "owner": "pat@example.com"}
    assert "unpinned" in str(opened_by(project, {"unpinned": True}, subject=hosted))
    project.approved("ann")
    project.approved("bob")
    outcome = project.verify()
    assert outcome.status == 3, "a name alone never passes the deploy job"


def test_an_unwitnessed_recording_opens_until_a_job_witnesses_it(project: Team) -> None:
    job = project.public("job")
    project.write_roster(PEOPLE, witnesses=[{"name": "record-job", "keys": [job]}])
    assert "candidate unwitnessed" in str(opened_by(project, {"unwitnessed": True}))
    assert project.home.twokey("witness", "outputs.jsonl", "--key", str(project.key("job"))).status == 0
    assert opened_by(project, {"unwitnessed": True}) is None
    project.project.record(rows(61))
    assert opened_by(project, {"unwitnessed": True}) is not None


def test_a_checkpoint_of_one_environment_stays_shut_in_others(project: Team) -> None:
    clause = {"unwitnessed": True}
    assert opened_by(project, clause, environments=["production"]) is not None
    assert opened_by(project, clause, "--environment", "staging", environments=["production"]) is None


def test_all_that_one_clause_says_must_hold(project: Team) -> None:
    assert opened_by(project, {"unwitnessed": True, "unpinned": True}) is None
    both = opened_by(project, {"unwitnessed": True, "impact": ["high"]})
    assert both is not None
    assert "; " in both


@pytest.mark.parametrize(
    "clause",
    [{"paths": ["nowhere/**"]}, {"changed_files": 9}, {"changed_lines": 9}, {"labels": ["x"]}, {"rollback": True}],
)
def test_what_nobody_can_see_opens(project: Team, clause: dict[str, Any]) -> None:
    assert opened_by(project, clause) is not None


# Clauses on the change


@pytest.fixture
def change(project: Team) -> tuple[Team, Repository]:
    """A repository with a protected main, and on a branch one file of 7 lines more."""
    need_git()
    repository = Repository(project.project.directory)
    repository.git("init", "-q", "-b", "main")
    project.project.write(".gitignore", ".twokey/\n")
    return project, repository


def changed(made: Team, repository: Repository, clause: Mapping[str, Any]) -> str | None:
    """Adopt a policy with that clause on main, and judge a branch that adds src/app.py."""
    checkpoints = {"asked": {"opens": [dict(clause)], "close": CLOSE}}
    made.write_policy(RELEASE, checkpoints=checkpoints)
    repository.commit(author="Ann <ann@example.com>")
    repository.branch("work")
    made.project.write("src/app.py", "line\n" * 7)
    repository.commit(author="Cy <cy@example.com>")
    found = made.checkpoints("--policy-ref", "main").get("asked")
    repository.go("main")
    return "; ".join(found["opened_by"]) if found else None


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ({"paths": ["src/**"]}, "the change touches src/app.py"),
        ({"paths": ["/src/*.py"]}, "the change touches src/app.py"),
        ({"paths": ["lib/**", "app.py"]}, None),
        ({"changed_files": 1}, "1 changed files; this opens from 1"),
        ({"changed_files": 2}, None),
        ({"changed_lines": 7}, "7 changed lines; this opens from 7"),
        ({"changed_lines": 8}, None),
        ({"changed_files": 1, "changed_lines": 8}, None),
        ({"paths": ["src/**"], "changed_files": 2}, None),
        ({"rollback": True}, None),
    ],
)
def test_what_a_change_touches_opens(
    change: tuple[Team, Repository], clause: dict[str, Any], expected: str | None
) -> None:
    assert changed(*change, clause) == expected


def test_a_label_of_the_request_opens(
    change: tuple[Team, Repository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, repository = change
    checkpoints = {"asked": {"opens": [{"labels": ["breaking", "security"]}], "close": CLOSE}}
    made.write_policy(RELEASE, checkpoints=checkpoints)
    repository.remote_ref("main", repository.commit(author="Ann <ann@example.com>"))
    repository.branch("work")
    head = repository.commit({"src/app.py": "line\n"}, author="Cy <cy@example.com>")
    for labels, expected in (
        (("docs", "breaking"), "the request carries the label breaking"),
        (("docs",), None),
        ((), None),
    ):
        for name, value in github_request(tmp_path, head=head, labels=labels).items():
            monkeypatch.setenv(name, value)
        found = made.checkpoints().get("asked")
        assert (found and found["opened_by"][0]) == expected, labels


def test_bringing_back_what_was_decided_on_before_is_a_rollback(change: tuple[Team, Repository]) -> None:
    made, repository = change
    made.write_policy(RELEASE, checkpoints={"rollback": {"opens": [{"rollback": True}], "close": CLOSE}})
    repository.commit(author="Cy <cy@example.com>", message="adopt twokey")
    opened = []
    for number, weights in enumerate(("weights A", "weights B", "weights A")):
        repository.branch(f"change-{number}")
        made.project.write("model/weights.bin", weights)
        made.project.write("notes.txt", f"change {number}\n")
        made.project.record(rows(60, confidence=0.9 - number / 100))
        repository.commit(author="Cy <cy@example.com>", message=weights)
        opened.append(set(made.checkpoints("--policy-ref", "main")))
        made.approved("ann", "--policy-ref", "main")
        repository.commit(author="Ann <ann@example.com>", message="decided")
        repository.go("main")
        repository.squash(f"change-{number}", author="Ann <ann@example.com>")
    assert opened == [{"release"}, {"release"}, {"release", "rollback"}]


# Clocks


def test_a_checkpoint_that_nobody_closes_in_time_blocks_until_it_is_opened_anew(project: Team) -> None:
    release = {**RELEASE, "timeout": {"after": "1h", "expire": "150%"}}
    project.write_policy(release)
    assert project.run().status == 3
    run = project.project.evidence / "run.json"
    opened = json.loads(run.read_bytes())["opened_at"]
    ends = instant(opened, 5400)
    assert project.verify("--recompute", at=instant(ends, -1)).status == 3
    late = project.verify("--recompute", at=ends)
    assert late.status == 1
    assert f"release is open, and its time ran out: since {ends}" in told(late)
    long_ago = from_now(-7200)
    run.write_text(run.read_text().replace(opened, long_ago))
    blocked = project.run()
    assert blocked.status == 1, "another run of the same evidence starts no clock"
    assert json.loads(run.read_bytes())["opened_at"] == long_ago
    refused = project.sign("ann", "--approve")
    assert refused.status == 4
    assert "twokey run --reopen" in refused.err
    assert project.run("--reopen").status == 3
    project.approved("ann")
    assert project.run().status == 0
    assert project.verify(at=instant(ends, 3600)).status == 0, "closed in time, it stays closed"


# Rules that policy may not say


@pytest.mark.parametrize(
    "close",
    [
        {},
        {"any_of": []},
        {"all_of": []},
        {"count": 0, "of": ["product"]},
        {"count": -1, "of": ["product"]},
        {"count": True, "of": ["product"]},
        {"count": "1", "of": ["product"]},
        {"count": 1.5, "of": ["product"]},
        {"count": 2, "of": []},
        {"count": 1},
        {"of": ["product"]},
        {"any_of": ["product"], "all_of": ["risk"]},
        {"any_of": ["product", "product"]},
        {"count": 3, "of": ["product", "risk"]},
        {"any_of": ["nobody-has-this"]},
        {"any_of": ["eve@example.com"]},
        {"all_of": ["product", "ann@example.com"]},
        {"count": 2, "of": ["product", "ann@example.com"]},
    ],
)
def test_a_rule_that_nobody_could_satisfy_is_refused_when_policy_is_read(project: Team, close: dict[str, Any]) -> None:
    assert project.run().status == 3
    project.write_policy({"close": close})
    for command in ("run", "verify"):
        refused = project.home.twokey(command)
        assert refused.status == 2, refused.text
        assert "gates.yaml:" in refused.err or "roster.yaml: checkpoint release" in refused.err, refused.err


@pytest.mark.parametrize(
    "opens",
    [[], [{"gates": ["no-such-gate"]}], [{"status": ["pass"]}], [{"low_confidence_share": 2}], [{"changed_files": 0}]],
)
def test_a_clause_that_says_nothing_is_refused_when_policy_is_read(project: Team, opens: list[Any]) -> None:
    project.write_policy({**RELEASE, "opens": opens})
    assert project.run().status == 2


def test_where_separation_leaves_too_few_it_is_said(change: tuple[Team, Repository]) -> None:
    made, repository = change
    made.write_policy(RELEASE)
    repository.commit(author="Bob <bob@example.com>")
    repository.branch("work")
    made.project.write("model/weights.bin", "by the one who may")
    repository.commit(author="Ann <ann@example.com>")
    outcome = made.run("--policy-ref", "main")
    assert outcome.status == 3
    assert "too few people are left who could: ann@example.com wrote a commit of the change" in told(outcome)


# Nothing is let through unclaimed


def test_a_failed_safety_gate_blocks_unless_a_clause_names_it(project: Team) -> None:
    project.project.record(rows(60, output=LEAK, expected=LEAK))
    for opens in ([{"status": ["fail", "inconclusive", "error"]}], [{"metrics": ["pii"]}], [{"gates": ["quality"]}]):
        project.write_policy({**RELEASE, "opens": opens})
        assert project.run().status == 1
        project.approved("ann")
        blocked = project.run()
        assert blocked.status == 1, "whoever approves"
        assert "safety.pii is fail and no checkpoint claims it" in told(blocked)
    project.write_policy({**RELEASE, "opens": [{"gates": ["safety"]}]})
    assert project.run().status == 3
    project.approved("ann")
    assert project.run().status == 0


GATE_NAMES = ("records", "schema", "performance", "quality", "safety")
METRICS = ("accuracy", "latency_p95_ms", "pii")
STATUSES = (Status.FAIL, Status.INCONCLUSIVE, Status.ERROR)
clauses = st.builds(
    Opens,
    gates=st.lists(st.sampled_from(GATE_NAMES), unique=True, max_size=3).map(tuple),
    metrics=st.lists(st.sampled_from(METRICS), unique=True, max_size=2).map(tuple),
    status=st.lists(st.sampled_from(("fail", "inconclusive", "error")), unique=True, min_size=1).map(tuple),
    unwitnessed=st.booleans(),
    unpinned=st.booleans(),
    rollback=st.booleans(),
    changed_files=st.none() | st.just(3),
    low_confidence_share=st.none() | st.just(0.1),
    labels=st.lists(st.just("breaking"), max_size=1).map(tuple),
)
rules = st.builds(
    CheckpointPolicy,
    opens=st.lists(clauses, max_size=3).map(tuple),
    close=st.just(Close(any_of=("product",))),
    environments=st.sampled_from(((), ("production",), ("staging",))),
)
findings = st.builds(
    Finding,
    gate=st.sampled_from(GATE_NAMES),
    check=st.sampled_from((*METRICS, "accuracy[channel=chat]")),
    status=st.sampled_from(STATUSES),
    message=st.just("it is so"),
)


@settings(deadline=None)
@given(
    release=rules,
    others=st.dictionaries(st.sampled_from(("policy-change", "security", "peer")), rules),
    found=st.lists(findings, max_size=5, unique_by=lambda finding: finding.id),
    environment=st.sampled_from(("production", "staging")),
)
def test_every_finding_is_claimed_or_blocks_whatever_policy_says(
    release: CheckpointPolicy, others: dict[str, CheckpointPolicy], found: list[Finding], environment: str
) -> None:
    policy = Approval(checkpoints={"release": release, **others})
    situation = Situation(findings=tuple(found), environment=environment, unwitnessed=("candidate",))
    opened = open_checkpoints(situation, policy)
    left = unclaimed(situation.findings, opened)
    for finding in found:
        claiming = [one for one in opened if one.claims_finding(finding)]
        assert bool(claiming) != (finding in left)
        named = [
            clause
            for one in claiming
            for clause in policy.checkpoints[one.name].opens
            if finding.status.value in clause.status and (finding.gate in clause.gates or not clause.gates)
        ]
        assert not claiming or named
        if claiming and finding.gate == "safety" and finding.status is Status.FAIL:
            assert any("safety" in clause.gates for clause in named)
    verdict, reasons = decide(Case(subject=SubjectState.MATCHES, unclaimed=left, automatic=True, vouched=True))
    assert (verdict is Verdict.BLOCK) == bool(left)
    assert all(any(finding.id in reason for reason in reasons) for finding in left)
