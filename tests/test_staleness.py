"""What costs an approval and what doesn't, event by event, over real Git: a cheap one keeps it, a costly one says why.

Ann and Dee may let a change through. Cy changed the model, its job ran on the host, Ann approved, and her decision is
committed: the pipeline is open. Each event starts from a copy of that.
"""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from persona import Outcome
from request_world import ANSWERS, RULES, SCHEMA, World, copy_of, under_review
from walk import CRITERION, Walk, told

from twokey.decisions.shapes import instant, written


def approved(world: World) -> None:
    assert world.run().status == 3
    signed = world.walk.approve("ann")
    assert signed.status == 0, signed.text
    world.commit("ann")
    passed = world.run()
    assert passed.status == 0, passed.text


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return under_review(tmp_path_factory.mktemp("prepared"), approved)


@pytest.fixture
def world(prepared: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return copy_of(prepared, tmp_path, monkeypatch)


# What costs nothing.


def a_commit_that_only_adds_a_decision(world: World) -> Outcome:
    assert world.walk.approve("dee").status == 0
    world.commit("dee")
    outcome = world.run()
    closers = [one["closed_by"] for one in world.walk.conclusion()["checkpoints"]]
    assert closers == [["ann@example.com", "dee@example.com"]], "who only adds decisions has made nothing"
    return outcome


def a_run_that_somebody_else_starts(world: World) -> Outcome:
    return world.run(actor="somebody")


def a_run_that_the_approver_starts_after_her_decision(world: World) -> Outcome:
    return world.run(actor="ann-login")


def one_more_person_in_the_roster(world: World) -> Outcome:
    people = yaml.safe_load(world.roster())["people"]
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "Jc0kp1vDOfQWtQTY1jtuT9u4KzLtr7Zb9o4kSNCbX4V"
    people.append({"principal": "new@example.com", "roles": ["product"], "keys": [key]})
    with world.walk.on_main("bob"):
        world.write("roster.yaml", yaml.safe_dump({"people": people}))
    return world.run()


def a_readme_edit(world: World) -> Outcome:
    world.commit(README_md="told better\n")
    return world.run()


def unrelated_work_of_main_merged_into_the_change(world: World) -> Outcome:
    with world.walk.on_main("dee"):  # who may close it, and writes nothing of this change
        world.write("tool.py", "print()\n")
    world.walk.repository.merge("main", author="Cy <cy@example.com>")
    return world.run()


def main_moves_on(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    return world.run()


def the_hosts_own_merge_is_checked_out(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    head = world.walk.repository.head()
    world.walk.repository.git("checkout", "-q", "--detach", "main")
    world.walk.repository.merge("work", author="GitHub <noreply@github.com>")
    return world.run(head=head)


def a_rebase_under_review(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    world.walk.repository.git("rebase", "-q", "main", environment={"GIT_COMMITTER_EMAIL": "cy@example.com"})
    return world.run()


def a_commit_that_is_squashed_under_review(world: World) -> Outcome:
    repository = world.walk.repository
    repository.git("reset", "-q", "--soft", repository.git("merge-base", "main", "HEAD"))
    world.commit()
    return world.run()


def a_label_that_no_clause_names(world: World) -> Outcome:
    return world.run(labels=("documentation",))


def a_mode_that_makes_the_readme_executable(world: World) -> Outcome:
    world.walk.repository.git("update-index", "--chmod=+x", "README.md")
    world.walk.repository.git("commit", "-q", "-m", "x", environment={"GIT_AUTHOR_EMAIL": "cy@example.com"})
    return world.run()


def the_merge_queue(world: World) -> Outcome:
    repository = world.walk.repository
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    repository.git("checkout", "-q", "--detach", "main")
    head = repository.merge("work", author="GitHub <noreply@github.com>")
    event = world.folder / "event.json"
    world.request()
    event.write_text(json.dumps({"merge_group": {"base_ref": "refs/heads/main", "head_sha": head}}))
    world.patch.setenv("GITHUB_EVENT_NAME", "merge_group")
    world.patch.setenv("GITHUB_REF", "refs/heads/gh-readonly-queue/main/pr-7-" + head)
    world.patch.setenv("GITHUB_ACTOR", "ann-login")
    world.patch.delenv("GITHUB_BASE_REF")
    try:
        return world.walk.run()
    finally:
        world.leave()


def a_squash(world: World) -> Outcome:
    world.merge()
    return world.walk.deploy()


def a_merge_commit(world: World) -> Outcome:
    world.walk.repository.go("main")
    world.walk.repository.merge("work", author="Ann <ann@example.com>")
    return world.walk.deploy()


def a_rebase(world: World) -> Outcome:
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    world.walk.repository.git("rebase", "-q", "main")
    world.walk.repository.go("main")
    world.walk.repository.git("merge", "-q", "--ff-only", "work")
    return world.walk.deploy()


def a_deploy_without_any_artifact(world: World) -> Outcome:
    world.merge()
    shutil.rmtree(world.walk.project.directory / ".twokey")
    return world.walk.deploy()


def a_deploy_a_week_of_unrelated_work_later(world: World) -> Outcome:
    world.merge()
    world.commit("dee", README_md="another project\n", tool_py="print()\n")
    return world.walk.deploy("--at", written(instant(world.decision()["expires_at"]) - timedelta(seconds=1)))


def newer_tool(world: World) -> None:
    for place in ("twokey", "twokey.evidence.manifest"):
        world.patch.setattr(f"{place}.__version__", "99.0.0")


def a_newer_tool_concluding_on_what_was_kept(world: World) -> Outcome:
    world.merge()
    shutil.rmtree(world.walk.project.directory / ".twokey")
    newer_tool(world)
    return world.walk.deploy()


def a_newer_tool_that_finds_the_same(world: World) -> Outcome:
    newer_tool(world)
    return world.run()


def let_through(world: World) -> Outcome:
    """Ann and Bob let a change of policy through; it is merged and deployed, under the policy that it brought."""
    world.commit()
    assert world.run().status == 3
    assert world.walk.approve("ann").status == 0
    assert world.walk.sign("bob", "--approve").status == 0
    world.commit("ann")
    assert world.run().status == 0
    world.merge()
    return world.walk.deploy()


def a_threshold_that_the_change_brought_itself(world: World) -> Outcome:
    world.policy(0.6)
    return let_through(world)


def a_baseline_that_the_change_brought_itself(world: World) -> Outcome:
    world.walk.project.record(ANSWERS[:-1], "baseline.jsonl")
    return let_through(world)


CHEAP: tuple[Callable[[World], Outcome], ...] = (
    a_commit_that_only_adds_a_decision,
    a_run_that_somebody_else_starts,
    a_run_that_the_approver_starts_after_her_decision,
    one_more_person_in_the_roster,
    a_readme_edit,
    unrelated_work_of_main_merged_into_the_change,
    main_moves_on,
    the_hosts_own_merge_is_checked_out,
    a_rebase_under_review,
    a_commit_that_is_squashed_under_review,
    a_label_that_no_clause_names,
    a_mode_that_makes_the_readme_executable,
    the_merge_queue,
    a_squash,
    a_merge_commit,
    a_rebase,
    a_deploy_without_any_artifact,
    a_deploy_a_week_of_unrelated_work_later,
    a_newer_tool_concluding_on_what_was_kept,
    a_newer_tool_that_finds_the_same,
    a_threshold_that_the_change_brought_itself,
    a_baseline_that_the_change_brought_itself,
)


@pytest.mark.parametrize("event", CHEAP, ids=lambda event: event.__name__)
def test_a_cheap_event_costs_no_approval(world: World, event: Callable[[World], Outcome]) -> None:
    outcome = event(world)
    assert outcome.status == 0, outcome.text


# What costs the approval, and what is said of it.

COSTLY: dict[str, tuple[Callable[[World], Outcome], int, str]] = {}


def costs(status: int, sentence: str) -> Callable[[Callable[[World], Outcome]], Callable[[World], Outcome]]:
    """Enter an event in the table: the status afterwards, and the sentence that says what it was."""

    def enter(event: Callable[[World], Outcome]) -> Callable[[World], Outcome]:
        COSTLY[event.__name__] = (event, status, sentence)
        return event

    return enter


def rerun(world: World, **files: str) -> Outcome:
    world.commit(**files)
    return world.run()


@costs(3, "is about other evidence: model/config.json has changed")
def a_file_of_the_subject_edited(world: World) -> Outcome:
    return rerun(world, model__config_json="{ }")


@costs(3, "is about other evidence: model/more.json is new")
def a_file_of_the_subject_added(world: World) -> Outcome:
    return rerun(world, model__more_json="{}")


@costs(3, "is about other evidence: model/config.json is gone")
def a_file_of_the_subject_deleted(world: World) -> Outcome:
    (world.walk.project.directory / "model/config.json").unlink()
    return rerun(world)


@costs(3, "is about other evidence: model/config.json is gone; model/other.json is new")
def a_file_of_the_subject_renamed(world: World) -> Outcome:
    world.walk.repository.git("mv", "model/config.json", "model/other.json")
    return rerun(world)


@costs(4, "the subject is not the one that was judged: model/config.json has changed")
def a_file_of_the_subject_edited_before_the_deploy(world: World) -> Outcome:
    world.merge()
    world.commit("ann", model__config_json="{ }")
    return world.walk.deploy()


@costs(4, "the subject is not the one that was judged: model/more.json is new")
def a_file_of_the_subject_added_at_the_deploy(world: World) -> Outcome:
    world.merge()
    world.write("model/more.json", "{}")
    return world.walk.deploy()


@costs(4, "keeps none of the subject that is about to ship")
def another_subject_and_no_artifact(world: World) -> Outcome:
    world.merge()
    shutil.rmtree(world.walk.project.directory / ".twokey")
    world.commit("ann", model__config_json="{ }")
    return world.walk.deploy()


@costs(3, "is about other evidence: the candidate recording has changed")
def another_recording(world: World) -> Outcome:
    world.walk.project.record([*ANSWERS[:-1], {**ANSWERS[-1], "confidence": 0.8}])
    return rerun(world)


@costs(3, "is about other evidence: the candidate recording has changed")
def a_recording_in_another_order(world: World) -> Outcome:
    """The findings are the same to the byte; but a recording is known by its bytes, as is what its witness signs."""
    before = (world.walk.project.evidence / "results.json").read_bytes()
    world.walk.project.record(reversed(ANSWERS))
    outcome = rerun(world)
    assert (world.walk.project.evidence / "results.json").read_bytes() == before
    return outcome


@costs(3, "release is open: quality.accuracy is fail")
def a_finding_more(world: World) -> Outcome:
    world.walk.project.record([{**row, "output": "other"} for row in ANSWERS])
    return rerun(world)


def on_main(world: World, **files: str) -> None:
    with world.walk.on_main("bob"):
        for name, content in files.items():
            world.write(name.replace("__", "/").replace("_", "."), content)


@costs(3, "is about other evidence: the judging policy has changed")
def another_threshold_on_main(world: World) -> Outcome:
    with world.walk.on_main("bob"):
        world.policy(0.6)
    return world.run()


@costs(3, "is about other evidence: schema.json of the judging policy has changed")
def another_schema_on_main(world: World) -> Outcome:
    on_main(world, schema_json=SCHEMA + "\n")
    return world.run()


@costs(3, "is about other evidence: rules.yaml of the judging policy has changed")
def other_rules_on_main(world: World) -> Outcome:
    on_main(world, rules_yaml=RULES.replace("high", "low"))
    return world.run()


@costs(3, "is about other evidence: the baseline recording has changed")
def another_baseline_on_main(world: World) -> Outcome:
    with world.walk.on_main("bob"):
        world.walk.project.record(ANSWERS[:-1], "baseline.jsonl")
    return world.run()


@costs(
    3, "made under another judging policy: the config's subject, mapping, sample, gates or review says something else"
)
def another_threshold_before_the_deploy(world: World) -> Outcome:
    world.merge()
    world.policy(0.6)
    world.commit("bob")
    return world.walk.deploy()


@costs(3, "made under another judging policy: schema.json has changed")
def another_schema_before_the_deploy(world: World) -> Outcome:
    world.merge()
    world.commit("bob", schema_json=SCHEMA + "\n")
    return world.walk.deploy()


@costs(3, "made under another judging policy: rules.yaml has changed")
def other_rules_before_the_deploy(world: World) -> Outcome:
    world.merge()
    world.commit("bob", rules_yaml=RULES.replace("high", "low"))
    return world.walk.deploy()


@costs(3, "made under another judging policy: baseline.jsonl has changed")
def another_baseline_before_the_deploy(world: World) -> Outcome:
    world.merge()
    world.walk.project.record(ANSWERS[:-1], "baseline.jsonl")
    world.commit("bob")
    return world.walk.deploy()


@costs(3, "release was opened by other facts when it was decided: interface was not open")
def a_file_that_a_clause_names(world: World) -> Outcome:
    return rerun(world, api__v1_json="{}")


@costs(3, "interface was opened by other facts when it was decided: api/v1.json was changed otherwise")
def such_a_file_edited_once_more(world: World) -> Outcome:
    assert rerun(world, api__v1_json="{}").status == 3
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    assert world.run().status == 0
    return rerun(world, api__v1_json="{ }")


@costs(3, "interface was opened by other facts when it was decided: api/v2.json was not changed")
def one_more_such_file(world: World) -> Outcome:
    assert rerun(world, api__v1_json="{}").status == 3
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    assert world.run().status == 0
    return rerun(world, api__v2_json="{}")


@costs(3, "release was opened by other facts when it was decided: urgent was not open")
def a_label_that_a_clause_names(world: World) -> Outcome:
    asked_for_labels(world, "product")
    world.request()  # she decides where the host tells the labels
    assert world.walk.approve("ann").status == 0
    world.leave()
    world.commit("ann")
    assert world.run().status == 0
    return world.run(labels=("urgent",))


def asked_for_labels(world: World, closer: str) -> None:
    """From here on a checkpoint opens for requests with the label `urgent`, and the job has judged by that."""
    with world.walk.on_main("bob"):
        path = world.walk.project.directory / "gates.yaml"
        edited = yaml.safe_load(path.read_text())
        urgent = {"opens": [{"labels": ["urgent"]}], "close": {"any_of": [closer]}}
        edited["approval"]["checkpoints"]["urgent"] = urgent
        path.write_text(yaml.safe_dump(edited))
    world.run()


@costs(3, "release was opened by other facts when it was decided: policy-change was not open")
def an_edit_of_policy_in_the_change(world: World) -> Outcome:
    return rerun(world, rules_yaml=RULES.replace("high", "low"))


@costs(3, "release was opened by other facts when it was decided: dee@example.com had no part in it")
def a_new_author_who_may_decide(world: World) -> Outcome:
    world.commit("dee", README_md="told better\n")
    return world.run()


@costs(3, "ann@example.com may not decide here: ann@example.com wrote a commit of the change")
def the_approver_writes_a_later_commit(world: World) -> Outcome:
    world.commit("ann", README_md="told better\n")
    return world.run()


@costs(3, "ann@example.com (as ann-login) started the run that judged it")
def the_approver_starts_the_run_of_a_later_commit(world: World) -> Outcome:
    world.commit(README_md="told better\n")
    return world.run(actor="ann-login")


@costs(3, "release was opened by other facts when it was decided: other clauses of policy open it")
def other_clauses_on_main(world: World) -> Outcome:
    world.walk.project.record([{**row, "output": "other"} for row in ANSWERS])
    assert rerun(world).status == 3
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    assert world.run().status == 0
    with world.walk.on_main("bob"):
        path = world.walk.project.directory / "gates.yaml"
        edited = yaml.safe_load(path.read_text())
        edited["approval"]["checkpoints"]["release"]["opens"][0]["gates"].remove("schema")
        path.write_text(yaml.safe_dump(edited))
    return world.run()


def at_the_end(world: World, **shift: int) -> str:
    return written(instant(world.decision()["expires_at"]) + timedelta(**shift))


@costs(3, "it expired at")
def the_second_at_which_the_approval_ends(world: World) -> Outcome:
    world.merge()
    assert world.walk.deploy("--at", at_the_end(world, seconds=-1)).status == 0
    outcome = world.walk.deploy("--at", at_the_end(world))
    assert f"it expired at {world.decision()['expires_at']}" in told(outcome)
    return outcome


def key_of_ann(world: World, **dates: str) -> dict[str, Any]:
    return {"keys": [{"key": world.walk.public("ann"), **dates}]}


@costs(3, "the key was revoked at 2026-01-01T00:00:00Z: lost")
def the_key_revoked_on_main(world: World) -> Outcome:
    on_main(world, roster_yaml=world.roster(ann=key_of_ann(world, revoked_at="2026-01-01T00:00:00Z", why="lost")))
    return world.run()


@costs(3, "the key counts as compromised since 2026-01-01T00:00:00Z")
def the_key_stolen_before_the_deploy(world: World) -> Outcome:
    world.merge()
    stolen = key_of_ann(world, compromised_since="2026-01-01T00:00:00Z", why="stolen")
    world.commit("bob", roster_yaml=world.roster(ann=stolen))
    return world.walk.deploy()


@costs(3, "the key was valid until 2026-01-01T00:00:00Z")
def the_key_run_out_on_main(world: World) -> Outcome:
    on_main(world, roster_yaml=world.roster(ann=key_of_ann(world, valid_until="2026-01-01T00:00:00Z")))
    return world.run()


@costs(3, "ann@example.com is not product")
def the_role_taken_away_on_main(world: World) -> Outcome:
    on_main(world, roster_yaml=world.roster(ann={"roles": ["risk"]}))
    return world.run()


@costs(3, "the key that signed it is nobody's in the roster")
def the_approver_removed_on_main(world: World) -> Outcome:
    on_main(world, roster_yaml=world.roster(without="ann"))
    return world.run()


@costs(3, "the key that signed it is nobody's in the roster")
def the_approver_removed_before_the_deploy(world: World) -> Outcome:
    world.merge()
    world.commit("bob", roster_yaml=world.roster(without="ann"))
    return world.walk.deploy()


@costs(3, "it is for the environment production, not production-eu")
def another_environment(world: World) -> Outcome:
    world.merge()
    return world.walk.deploy("--environment", "production-eu")


@costs(3, "it is for the repository org/triage, not org/fork")
def another_repository(world: World) -> Outcome:
    world.merge()
    return world.walk.deploy("--repository", "org/fork")


@costs(3, "it is for the repository org/triage, not org/fork")
def the_host_says_another_repository(world: World) -> Outcome:
    world.patch.setenv("GITHUB_REPOSITORY", "org/fork")
    return world.run()


@costs(3, "the criterion 'stakeholders told' of release is not attested")
def one_more_criterion_on_main(world: World) -> Outcome:
    with world.walk.on_main("bob"):
        world.policy(criteria=(CRITERION, "stakeholders told"))
    return world.run()


@costs(3, "longer than the 1h that policy allows")
def a_shorter_time_on_main(world: World) -> Outcome:
    with world.walk.on_main("bob"):
        world.policy(expires="1h")
    return world.run()


@costs(3, "the candidate recording")
def an_age_of_recordings_asked_for_on_main(world: World) -> Outcome:
    with world.walk.on_main("bob"):
        world.policy(max_age={"candidate": "1d"})
    return world.run()


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_event_closes_the_pipeline_and_the_refusal_says_what_it_was(world: World, name: str) -> None:
    event, status, sentence = COSTLY[name]
    outcome = event(world)
    assert outcome.status == status, outcome.text
    assert sentence in told(outcome), outcome.text


# What is a rollback, and what only looks like one.


def opened(world: World) -> set[str]:
    return {one["name"] for one in world.walk.conclusion()["checkpoints"]}


def test_the_model_of_the_release_before_the_last_is_a_rollback(world: World) -> None:
    for number, weights in enumerate((b"weights 3", b"weights 2")):
        world.merge()
        world.walk.repository.branch("work")
        world.write("model/weights.bin", weights)
        world.commit()
        assert world.run().status == 3
        assert ("back" in opened(world)) is (number == 1)
        assert world.walk.approve("ann").status == 0
        world.commit("ann")
        assert world.run().status == 0


def test_the_model_under_review_recorded_anew_is_no_rollback(world: World) -> None:
    world.walk.project.record(ANSWERS[:-1])
    assert rerun(world).status == 3
    assert opened(world) == {"release"}


def test_a_model_tried_and_taken_back_within_one_change_is_a_rollback(world: World) -> None:
    world.write("model/weights.bin", b"weights 3")
    assert rerun(world).status == 3
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    world.write("model/weights.bin", b"weights 2")
    world.walk.project.record(ANSWERS[:-1])
    assert rerun(world).status == 3
    assert "back" in opened(world)


@pytest.mark.parametrize("labels", [(), ("urgent",)])
@pytest.mark.parametrize(("closer", "status"), [("product", 0), ("risk", 3)])
def test_who_decides_where_no_host_tells_labels_decides_as_if_each_were_there(
    world: World, closer: str, status: int, labels: tuple[str, ...]
) -> None:
    asked_for_labels(world, closer)
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    outcome = world.run(labels=labels)
    assert outcome.status == status, outcome.text
    closed = {one["name"]: one["closed_by"] for one in world.walk.conclusion()["checkpoints"]}
    assert closed == {"release": ["ann@example.com"], "urgent": ["ann@example.com"] if status == 0 else []}
    world.merge()
    assert world.walk.deploy().status == status
