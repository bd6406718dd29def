"""Overrides and windows, through the command line: what they release, who hears of it, and what is owed afterwards."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from git_world import Repository, need_git
from persona import Home, Outcome
from project import rows
from team import FORMATS, Team, from_now, instant, predicate, team, told

from twokey.canonical import sha256

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "ann": ("product",),
    "oli": ("on-call", "product"),
    "sam": ("reader",),
    "pat": ("product",),
}
TERMS = {"roles": ["on-call"], "expires": "1h", "review_within": "2h", "ticket": "required"}
# No checkpoint claims a failed safety gate, so nobody but an override lets it through.
RELEASE: Mapping[str, Any] = {"opens": [{"gates": ["quality"]}], "close": {"any_of": ["product"]}}
OVERRIDE = ("--decide", "override", "--condition", "ticket: INC-7")
LEAK = "call 079 123 45 67 or ann@example.com"


@pytest.fixture
def shut(home: Home, tmp_path: Path) -> Team:
    """The safety gate fails, and no checkpoint claims that."""
    made = team(home, tmp_path, PEOPLE)
    made.write_policy(RELEASE, override=TERMS)
    made.project.record(rows(60, output=LEAK, expected=LEAK))
    blocked = made.run()
    assert blocked.status == 1, blocked.text
    return made


def ratify(made: Team, who: str, override: Path, *options: str) -> Outcome:
    named = f"ratifies: {sha256(override.read_bytes())[:12]}"
    return made.sign(who, "--decide", "ratify", "--condition", named, *options, reason="looked at it afterwards")


def manifest_of(decision: Path) -> str:
    said: dict[str, Any] = json.loads(decision.read_bytes())
    return str(said["subject"][0]["digest"]["sha256"])


def later(decision: Path, seconds: float) -> datetime:
    """The time at which a decision was signed, so many seconds later."""
    return datetime.fromisoformat(predicate(decision)["decided_at"]) + timedelta(seconds=seconds)


def another_change(made: Team) -> None:
    """The next model, clean, judged and approved."""
    made.project.record(rows(60))
    made.project.write("model/weights.bin", b"the next weights")
    made.run()
    made.approved("ann")


# What it releases


def test_an_override_releases_what_it_names_and_every_report_says_so(shut: Team) -> None:
    override = shut.signed("oli", *OVERRIDE, reason="billing is down")
    passed = shut.run()
    assert passed.status == 0, passed.text
    ends = predicate(override)["expires_at"]
    sentence = f"oli@example.com overrides as on-call until {ends}: billing is down"
    for name in FORMATS:
        report = shut.report(name)
        assert sentence in report, name
        assert "awaits its review" in report, name
        assert "it blocks" not in report, name
    assert shut.conclusion()["released"] == [sentence]
    assert shut.conclusion()["verdict"] == "pass"
    assert len(shut.conclusion()["debts"]) == 1


def test_an_overridden_finding_stops_no_ci_host(shut: Team) -> None:
    shut.signed("oli", *OVERRIDE)
    report = shut.verify("--format", "junit")
    assert report.status == 0
    assert 'failures="0" errors="0"' in report.out
    assert "<failure" not in report.out
    assert "released by an override" in report.out


def test_an_override_is_over_these_findings_and_checkpoints_and_no_others(shut: Team) -> None:
    shut.signed("oli", *OVERRIDE)
    assert shut.run().status == 0
    shut.write_policy(
        RELEASE,
        override=TERMS,
        checkpoints={"peer": {"opens": [{"unwitnessed": True}], "close": {"any_of": ["product"]}}},
    )
    more = shut.run()
    assert more.status == 1
    assert "what it releases is not what there is to release now" in told(more)
    shut.write_policy(RELEASE, override=TERMS)
    assert shut.run().status == 0
    shut.project.record([*rows(59, output=LEAK, expected=LEAK), {**rows(60)[59], "output": "wrong"}])
    assert shut.run().status == 1, "other evidence was never looked at"


def test_an_override_lifts_no_refusal(shut: Team) -> None:
    shut.signed("ann", "--reject", reason="it leaks")
    shut.signed("oli", *OVERRIDE)
    blocked = shut.run()
    assert blocked.status == 1
    assert "release was refused by ann@example.com, and the refusal stands" in told(blocked)


def test_whoever_refused_and_then_overrides_has_still_refused(shut: Team) -> None:
    refusal = shut.signed("oli", "--reject", reason="it leaks")
    override = shut.signed("oli", *OVERRIDE)
    assert predicate(override)["supersedes"] == []
    assert shut.run().status == 1
    shut.said("oli", override, supersedes=(sha256(refusal.read_bytes()), sha256(override.read_bytes())))
    assert shut.run().status == 1


def test_an_override_without_a_ticket_does_not_count(shut: Team) -> None:
    without = shut.sign("oli", "--decide", "override")
    assert "it names no ticket, and policy requires one" in without.text
    assert shut.run().status == 1
    shut.write_policy(RELEASE, override={**TERMS, "ticket": "optional"})
    assert shut.run().status == 0


def test_an_override_ends_at_the_second_that_it_names(shut: Team) -> None:
    ends = predicate(shut.signed("oli", *OVERRIDE))["expires_at"]
    assert shut.verify(at=instant(ends, -1)).status == 0
    over = shut.verify(at=ends)
    assert over.status == 1
    assert f"it expired at {ends}" in told(over)
    shut.write_policy(RELEASE, override={**TERMS, "expires": "30m"})
    assert "longer than the 30m that policy allows" in told(shut.verify())


def test_an_override_is_made_by_whom_policy_names(shut: Team) -> None:
    for who in ("ann", "sam"):
        refused = shut.sign(who, *OVERRIDE)
        assert refused.status == 4
        assert f"{who}@example.com may not" in refused.err
    override = shut.signed("oli", *OVERRIDE)
    shut.said("sam", override)
    for path in override.parent.glob("decision-oli*"):
        path.unlink()
    outcome = shut.run()
    assert outcome.status == 1
    assert "sam@example.com is not on-call" in told(outcome)
    shut.write_policy(RELEASE)
    assert "policy takes no overrides" in shut.sign("oli", *OVERRIDE).err


# What is owed


def test_the_debt_shows_until_somebody_else_who_may_close_the_release_ratifies_it(shut: Team) -> None:
    override = shut.signed("oli", *OVERRIDE)
    owed = f"the override of oli@example.com on manifest {manifest_of(override)[:12]}, ticket INC-7 awaits its review"
    another_change(shut)
    assert owed in told(shut.run()), "it is remembered over every later change"
    assert ratify(shut, "sam", override).status == 4, "a reader closes nothing"
    assert ratify(shut, "oli", override).status == 0
    assert owed in told(shut.run()), "nobody reviews their own"
    done = ratify(shut, "ann", override)
    assert done.status == 0, done.text
    assert "awaits its review" not in told(shut.run())
    assert shut.verify(at=instant(predicate(override)["decided_at"], 7201)).status == 0


def test_an_overdue_debt_blocks_everything_else_too_until_it_is_ratified(shut: Team) -> None:
    override = shut.signed("oli", *OVERRIDE)
    due = instant(predicate(override)["decided_at"], 7200)
    another_change(shut)
    assert shut.verify(at=instant(due, -1)).status == 0
    late = shut.verify(at=due)
    assert late.status == 1
    assert f"awaits its review, which was due at {due}" in told(late)
    assert shut.verify("--environment", "staging", "--recompute", at=due).status == 1
    earlier = shut.said("oli", override, decided_at=later(override, -86400), expires_at=later(override, -82800))
    blocked = shut.run()
    assert blocked.status == 1, "an override of yesterday, which nobody looked at: no run passes any more"
    assert ratify(shut, "ann", earlier).status == 0
    passed = shut.run()
    assert passed.status == 0, passed.text


def test_whoever_overrides_hears_where_nobody_else_could_review_it(shut: Team) -> None:
    assert "warning" not in shut.sign("oli", *OVERRIDE).err
    shut.write_roster({"oli": ("on-call", "product"), "sam": ("reader",)})
    assert "nobody else in the roster may review this override" in shut.sign("oli", *OVERRIDE).err


def test_what_is_ratified_is_named_by_enough_digits_of_an_override(shut: Team) -> None:
    override = shut.signed("oli", *OVERRIDE)
    digits = sha256(override.read_bytes())
    for wrong in (digits[:11], "0" * 12, ""):
        refused = shut.sign("ann", "--decide", "ratify", "--condition", f"ratifies: {wrong}")
        assert refused.status == 4, refused.text
        assert "ratifies" not in "".join(path.read_text() for path in override.parent.glob("decision-*.json"))


@pytest.fixture
def kept(shut: Team) -> tuple[Team, Repository, Path]:
    """An override that was committed to the protected branch, with all that belongs to it."""
    need_git()
    repository = Repository(shut.project.directory)
    repository.git("init", "-q", "-b", "main")
    shut.project.write(".gitignore", ".twokey/\n")
    repository.commit(author="Ann <ann@example.com>")
    assert shut.run("--policy-ref", "main").status == 1
    override = shut.signed("oli", *OVERRIDE)
    assert shut.run("--policy-ref", "main").status == 0
    repository.commit(author="Oli <oli@example.com>")
    return shut, repository, override


def test_a_deleted_override_is_owed_and_can_still_be_ratified(kept: tuple[Team, Repository, Path]) -> None:
    shut, repository, override = kept
    digits = sha256(override.read_bytes())[:12]
    due = instant(predicate(override)["decided_at"], 7200)
    for path in override.parent.glob("decision-*"):
        path.unlink()
    repository.commit(author="Oli <oli@example.com>", message="tidy up")
    shut.project.record(rows(60))
    shut.project.write("model/weights.bin", b"the next weights")
    shut.run("--policy-ref", "main")
    shut.approved("ann")
    assert f"ratifies: {digits}" in told(shut.run("--policy-ref", "main"))
    assert shut.verify("--policy-ref", "main", at=due).status == 1
    done = shut.sign("pat", "--policy-ref", "main", "--decide", "ratify", "--condition", f"ratifies: {digits}")
    assert done.status == 0, done.text
    assert "awaits its review" not in told(shut.run("--policy-ref", "main"))
    passed = shut.verify("--policy-ref", "main", at=due)
    assert passed.status == 0, passed.text


def test_a_debt_that_is_ratified_and_committed_stays_paid(kept: tuple[Team, Repository, Path]) -> None:
    shut, repository, override = kept
    assert ratify(shut, "ann", override, "--policy-ref", "main").status == 0
    repository.commit(author="Ann <ann@example.com>")
    for path in override.parent.glob("decision-*"):
        path.unlink()
    repository.commit(author="Oli <oli@example.com>", message="tidy up")
    shut.run("--policy-ref", "main")
    assert shut.conclusion()["debts"] == [], "history knows the ratification as well"


# Windows


def window(begins: float, ends: float, **parts: Any) -> dict[str, Any]:
    given = {"relaxes": ["release"], "environments": ["staging"], "why": "database move", **parts}
    return {"from": from_now(begins), "to": from_now(ends), **given}


def test_a_window_relaxes_its_checkpoint_in_its_environment_and_time_only(shut: Team) -> None:
    shut.project.record(rows(60))
    now = window(-600, 3600)
    shut.write_policy(RELEASE, windows=[now])
    staging = ("--environment", "staging")
    passed = shut.run(*staging)
    assert passed.status == 0, passed.text
    sentence = f"release needs nobody here now: a window until {now['to']}: database move"
    assert shut.conclusion()["released"] == [sentence]
    for name in FORMATS:
        report = shut.report(name, "--recompute", *staging)
        assert sentence in report, name
        assert "waits for a person" not in report, name
    assert shut.verify(*staging).status == 3, "nobody has signed, and nothing was computed here"
    for at, status in ((instant(now["from"], -1), 3), (now["from"], 0), (instant(now["to"], -1), 0), (now["to"], 3)):
        outcome = shut.verify("--recompute", *staging, at=at)
        assert outcome.status == status, (at, outcome.text)
    assert shut.run().status == 3, "production is no part of it"
    shut.write_policy(RELEASE, windows=[{**now, "environments": ["lab"]}])
    assert shut.run(*staging).status == 3


def test_a_window_releases_no_finding_that_nobody_claims_and_no_refusal(shut: Team) -> None:
    shut.write_policy(RELEASE, windows=[window(-600, 3600)])
    assert shut.run("--environment", "staging").status == 1
    shut.project.record(rows(60))
    assert shut.run("--environment", "staging").status == 0
    shut.signed("ann", "--reject", "--environment", "staging")
    assert shut.run("--environment", "staging").status == 1


@pytest.mark.parametrize("environment", ["production", "prod", "Production", "prod-eu", "PROD_1"])
def test_a_window_never_names_production(shut: Team, environment: str) -> None:
    shut.write_policy(RELEASE, windows=[window(-600, 3600, environments=["staging", environment])])
    refused = shut.run("--environment", "staging")
    assert refused.status == 2
    assert "a window never opens" in refused.err


@pytest.mark.parametrize(
    "parts",
    [
        {"environments": []},
        {"relaxes": []},
        {"to": "2020-01-01T00:00Z"},
        {"from": "2026-12-01T22:00"},
        {"relaxes": ["no-such"]},
    ],
)
def test_a_window_that_says_nothing_is_refused(shut: Team, parts: dict[str, Any]) -> None:
    shut.write_policy(RELEASE, windows=[{**window(-600, 3600), **parts}])
    assert shut.run("--environment", "staging").status == 2
