"""Hostile Git repositories, built for real: what a change, a clone or an environment may do, and the gate stays shut.

Cy changes the model on a branch; Ann and Dee may let it through, Bob decides on policy. Each test starts from a copy of
that, before anybody decided.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from git_world import Repository, github_request
from persona import Home, Outcome
from project import Project
from request_world import ANSWERS, RULES, World, copy_of, under_review
from walk import Walk, elsewhere, told

WRONG = [{**row, "output": "guaranteed"} for row in ANSWERS]  # wrong, against the rules, and outside the schema


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return under_review(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def world(prepared: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return copy_of(prepared, tmp_path, monkeypatch)


def statuses(world: World) -> dict[str, str]:
    return {name: result["status"] for name, result in world.walk.project.results().items()}


def opened(world: World) -> set[str]:
    return {one["name"] for one in world.walk.conclusion()["checkpoints"]}


# What the repository's own settings may make Git do.


def canary(world: World) -> tuple[Path, Path]:
    """Return a program outside the repository that leaves a mark when it is run, and the mark."""
    mark, program = world.folder / "mark", world.folder / "canary"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{mark}'\ncat > /dev/null\nexit 0\n")
    program.chmod(0o755)
    return program, mark


def round_trip(world: World) -> None:
    """Run, sign, run again, merge and verify: every command that asks Git or ssh-keygen anything."""
    assert world.run().status == 3
    signed = world.walk.approve("ann")
    assert signed.status == 0, signed.text
    passed = world.run()
    assert passed.status == 0, passed.text


def test_nothing_that_the_repositorys_config_and_hooks_name_is_run(world: World) -> None:
    program, mark = canary(world)
    git = world.walk.project.directory / ".git"
    for hook in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        shutil.copy(program, git / "hooks" / hook)
    (world.folder / "included").write_text(f'[gpg "ssh"]\n\tprogram = {program}\n[core]\n\tfsmonitor = {program}\n')
    settings = {
        "gpg.format": "ssh",
        "gpg.ssh.program": str(program),
        "gpg.program": str(program),
        "core.fsmonitor": str(program),
        "core.hooksPath": str(git / "hooks"),
        "core.sshCommand": str(program),
        "core.pager": str(program),
        "core.editor": str(program),
        "core.askPass": str(program),
        "credential.helper": f"!{program}",
        "diff.external": str(program),
        "diff.evil.textconv": str(program),
        "diff.evil.command": str(program),
        "filter.evil.clean": str(program),
        "filter.evil.smudge": str(program),
        "merge.evil.driver": str(program),
        "uploadpack.packObjectsHook": str(program),
        "include.path": str(world.folder / "included"),
        "alias.merge-base": f"!{program}",
        "alias.cat-file": f"!{program}",
    }
    for name, value in settings.items():
        world.walk.repository.git("config", name, value)
    (git / "info/attributes").write_text("* diff=evil filter=evil merge=evil\n")
    world.walk.repository.git("status", check=False)
    assert mark.exists(), "the trap is armed"
    mark.unlink()
    round_trip(world)
    world.walk.deploy()
    assert not mark.exists(), mark.read_text()


def test_programs_on_path_and_in_the_workspace_are_not_called(world: World) -> None:
    program, mark = canary(world)
    for folder in (world.folder / "bin", world.walk.project.directory, world.walk.project.directory / "bin"):
        folder.mkdir(exist_ok=True)
        for name in ("git", "ssh-keygen", "gpg", "ssh-add", "python", "python3"):
            shutil.copy(program, folder / name)
    path = os.environ["PATH"]
    world.commit()
    world.patch.setenv("PATH", f"{world.folder / 'bin'}:{world.walk.project.directory}:.:bin:{path}")
    round_trip(world)
    world.walk.deploy()
    assert not mark.exists(), mark.read_text()


def test_replaced_objects_are_not_looked_at(world: World) -> None:
    """A replace ref would show main's policy as the weaker one, and main itself as a commit that holds it."""
    git = world.walk.repository.git
    world.walk.project.record(WRONG)
    world.commit()
    work = world.walk.repository.head()
    weaken_everything(world)
    weaker = world.commit()
    for name in ("gates.yaml", "rules.yaml", "schema.json", "roster.yaml"):
        git("replace", "-f", git("rev-parse", f"main:{name}"), git("rev-parse", f"{weaker}:{name}"))
    git("reset", "-q", "--hard", work)
    git("replace", "-f", "main", weaker)
    assert "guaranteed" not in git("show", "main:rules.yaml"), "Git itself is taken in"
    assert world.run().status == 3
    assert statuses(world)["quality"] == statuses(world)["safety"] == statuses(world)["schema"] == "fail"


def test_grafts_cut_nobody_off(world: World) -> None:
    """With Cy's commit grafted away, Cy would have no part in the change."""
    git = world.walk.repository.git
    world.commit("dee", README_md="told better\n")
    (world.walk.project.directory / ".git/info").mkdir(exist_ok=True)
    grafts = world.walk.project.directory / ".git/info/grafts"
    grafts.write_text(f"{world.walk.repository.head()} {world.walk.repository.head('main')}\n")
    assert "cy@example.com" not in git("log", "--format=%ae", "main..HEAD"), "Git itself is taken in"
    assert world.run().status == 3
    parties = world.walk.conclusion()["change"]["parties"]
    assert {"cy@example.com", "dee@example.com"} <= {party["known_as"] for party in parties}


# What the change may do to policy.


def weaker_thresholds(world: World) -> None:
    world.policy(0.01)


def weaker_rules(world: World) -> None:
    world.write("rules.yaml", RULES.replace("guaranteed", "never-said"))


def weaker_schema(world: World) -> None:
    world.write("schema.json", '{"type": "string"}')


def weaker_baseline(world: World) -> None:
    world.walk.project.record(WRONG, "baseline.jsonl")


def more_roles(world: World) -> None:
    world.write("roster.yaml", world.roster(cy={"roles": ["product", "risk"]}))


def other_decisions(world: World) -> None:
    world.policy(decisions="elsewhere")


def authors_who_decide(world: World) -> None:
    world.policy(separation={"author_may_decide": True})


def no_gate_at_all(world: World) -> None:
    world.policy(automatic={"environments": ["production"]})


def another_roster(world: World) -> None:
    world.write("people.yaml", world.roster(cy={"roles": ["product", "risk"]}))
    world.policy(roster="people.yaml")


def no_policy(world: World) -> None:
    (world.walk.project.directory / "gates.yaml").unlink()


def nonsense(world: World) -> None:
    world.write("gates.yaml", "version: [\n")


WEAKER: tuple[Callable[[World], None], ...] = (
    weaker_thresholds,
    weaker_rules,
    weaker_schema,
    weaker_baseline,
    more_roles,
    other_decisions,
    authors_who_decide,
    no_gate_at_all,
    another_roster,
    no_policy,
    nonsense,
)


def weaken_everything(world: World) -> None:
    for weaken in (weaker_thresholds, weaker_rules, weaker_schema, weaker_baseline, more_roles):
        weaken(world)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A change whose every answer is wrong, judged and approved by its own author."""

    def all_wrong(world: World) -> None:
        world.walk.project.record(WRONG)
        world.commit()
        assert world.run().status == 3
        assert world.walk.sign("dee", "--reject").status == 0
        world.commit("dee")
        assert world.run().status == 1

    return under_review(tmp_path_factory.mktemp("wrong"), all_wrong)


@pytest.mark.parametrize("weaken", WEAKER, ids=lambda weaken: weaken.__name__)
def test_a_change_of_policy_is_judged_under_the_old_one(
    wrong: Walk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weaken: Callable[[World], None]
) -> None:
    world = copy_of(wrong, tmp_path, monkeypatch)
    before = (world.walk.project.evidence / "results.json").read_bytes()
    weaken(world)
    world.commit()
    outcome = world.run()
    assert outcome.status == 1, outcome.text
    assert (world.walk.project.evidence / "results.json").read_bytes() == before, "found as under the policy of main"
    assert opened(world) == {"release", "policy-change"}
    assert "release was refused by dee@example.com, and the refusal stands" in told(outcome)
    refused = world.walk.sign("cy", "--approve")
    assert refused.status == 4
    assert "cy@example.com may close none of the open checkpoints" in refused.err


@pytest.mark.parametrize("weaken", WEAKER, ids=lambda weaken: weaken.__name__)
def test_nobody_but_the_old_rosters_people_let_a_change_of_policy_through(
    world: World, weaken: Callable[[World], None]
) -> None:
    weaken(world)
    world.commit()
    assert world.run().status == 3
    assert world.walk.approve("ann").status == 0
    world.commit("ann")
    shut = world.run()
    assert shut.status == 3
    assert "policy-change is open: the change edits policy" in told(shut)
    assert world.walk.sign("bob", "--approve").status == 0
    world.commit("bob")
    passed = world.run()
    assert passed.status == 0, passed.text


# Where policy stands in the tree.


def link(world: World, name: str, target: str) -> None:
    path = world.walk.project.directory / name
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("name", ["gates.yaml", "roster.yaml", "rules.yaml", "schema.json"])
def test_a_file_of_policy_that_the_change_makes_a_link_is_read_from_main(world: World, name: str) -> None:
    mine = world.folder / "mine"
    mine.write_text("nobody reads this: [\n")
    link(world, name, str(mine))
    world.commit()
    outcome = world.run()
    assert outcome.status == 3, outcome.text
    assert opened(world) == {"release", "policy-change"}
    assert world.walk.conclusion()["change"]["policy"][0] == {
        "path": name,
        "before": world.walk.conclusion()["change"]["policy"][0]["before"],
        "after": None,
    }, "what is a link is gone"


@pytest.mark.parametrize("name", ["gates.yaml", "roster.yaml", "rules.yaml", "schema.json", "baseline.jsonl"])
def test_a_link_on_main_itself_is_no_policy(world: World, name: str) -> None:
    with world.walk.on_main("bob"):
        (world.folder / name).write_bytes((world.walk.project.directory / name).read_bytes())
        link(world, name, str(world.folder / name))
    outcome = world.run()
    assert outcome.status == 4, outcome.text
    assert f"{name} at main" in told(outcome)
    assert "is a symbolic link" in told(outcome)


def test_decisions_behind_a_link_are_not_read(world: World) -> None:
    assert world.run().status == 3
    assert world.walk.approve("ann").status == 0
    decisions = world.walk.project.directory / "decisions"
    decisions.rename(world.folder / "decisions")
    decisions.symlink_to(world.folder / "decisions")
    outcome = world.run()
    assert outcome.status == 4, outcome.text
    assert "decisions are kept in real folders and files only" in told(outcome)


def test_policy_in_a_submodule_is_none(world: World) -> None:
    """Its branches are not those of the request: what is `main` there nobody reviewed here."""
    inner = Repository.made(world.folder / "inner")
    inner.commit({name: (world.walk.project.directory / name).read_bytes() for name in ("gates.yaml", "roster.yaml")})
    world.walk.repository.git("submodule", "--quiet", "add", inner.directory.as_uri(), "policy")
    world.commit()
    outcome = world.run("--config", "policy/gates.yaml")
    assert outcome.status == 4, outcome.text
    assert "is in a submodule, whose branches are not those of the request" in told(outcome)


def test_a_submodule_in_the_place_of_policy_is_gone(world: World) -> None:
    world.walk.repository.git("rm", "-q", "--cached", "roster.yaml")
    commit = world.walk.repository.head()
    world.walk.repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},roster.yaml")
    world.walk.repository.git("commit", "-q", "-m", "x", environment={"GIT_AUTHOR_EMAIL": "cy@example.com"})
    outcome = world.run()
    assert outcome.status == 3, outcome.text
    assert "policy-change is open: the change edits policy: roster.yaml" in told(outcome)


# What the clone may lack.


def in_clone(world: World, *options: str) -> Outcome:
    """Run in a clone that a job made with these options, on the pull request's head."""
    folder = world.folder / "clone"
    head = world.walk.repository.head()
    world.walk.repository.clone(folder, "--branch", "work", "--no-single-branch", *options)
    for name, value in github_request(world.folder, opener="cy-login", head=head).items():
        world.patch.setenv(name, value)
    world.patch.chdir(folder)
    return Project(Home(directory=folder, key=folder / "none")).run("--policy-ref", "main")


@pytest.mark.parametrize("depth", [(), ("--depth=50",)], ids=["whole", "deep enough"])
def test_a_clone_that_goes_back_to_where_the_change_began_is_enough(world: World, depth: tuple[str, ...]) -> None:
    outcome = in_clone(world, *depth)
    assert outcome.status == 3, outcome.text
    assert "changed: model/weights.bin" in told(outcome)


def test_a_shallow_clone_is_told_which_depth_it_needs(world: World) -> None:
    world.commit(README_md="more\n")
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    outcome = in_clone(world, "--depth=1")
    assert outcome.status == 4, outcome.text
    assert "its history is cut here (a shallow clone)" in told(outcome)
    assert "fetch-depth: 0" in told(outcome)
    assert "GIT_DEPTH: 0" in told(outcome)


def test_a_clone_without_the_target_branch_is_told_how_to_fetch_it(world: World) -> None:
    folder = world.folder / "clone"
    world.walk.repository.clone(folder, "--branch", "work", "--single-branch")
    world.request()
    world.patch.chdir(folder)
    outcome = Project(Home(directory=folder, key=folder / "none")).run("--policy-ref", "main")
    assert outcome.status == 4, outcome.text
    assert "the target branch 'main' is not in this clone" in told(outcome)
    assert "git fetch origin '+refs/heads/main:refs/remotes/origin/main'" in told(outcome)


def test_a_checkout_that_is_not_the_head_under_review_is_refused(world: World) -> None:
    """After a force-push the job of the old head would conclude on what nobody reviews any more."""
    old = world.walk.repository.head()
    world.walk.repository.git("commit", "-q", "--amend", "-m", "pushed over it")
    new = world.walk.repository.head()
    assert world.run(head=new).status == 3
    world.walk.repository.go(old)
    outcome = world.run(head=new)
    assert outcome.status == 4, outcome.text
    assert f"the checkout is at {old[:7]}, which does not hold {new[:7]}, the commit under review" in told(outcome)


def test_a_push_over_what_was_approved_keeps_no_approval_of_other_content(world: World) -> None:
    round_trip(world)
    world.commit("ann")
    before = world.walk.repository.head()
    world.walk.repository.git("reset", "-q", "--soft", "main")
    world.write("model/weights.bin", b"weights 3")
    head = world.commit()
    outcome = world.run(head=head, before=before)
    assert outcome.status == 3, outcome.text
    assert "is about other evidence: model/weights.bin has changed" in told(outcome)


# Which branch is the target.


def test_a_request_against_the_authors_own_branch_has_no_policy_there(world: World) -> None:
    git = world.walk.repository.git
    git("branch", "cys-main", "main")
    world.walk.repository.go("cys-main")
    world.policy(0.01, automatic={"environments": ["production"]})
    world.commit()
    world.walk.repository.go("work")
    outcome = world.run(base="cys-main")
    assert outcome.status == 4, outcome.text
    assert "the request would change 'cys-main', which is no branch that may be policy: main" in told(outcome)


def test_a_branch_or_tag_called_like_the_target_is_not_taken_for_it(world: World) -> None:
    """The host's clone comes before a local branch; a tag called main, or a branch called origin/main, is neither."""
    git, work = world.walk.repository.git, world.walk.repository.head()
    world.walk.repository.remote_ref("main", "main")
    world.walk.project.record(WRONG)
    weaken_everything(world)
    weaker = world.commit()
    git("branch", "-f", "main", weaker)
    git("tag", "main", weaker)
    git("tag", "origin/main", weaker)
    git("branch", "origin/main", weaker)
    git("update-ref", "refs/main", weaker)
    outcome = world.run()
    assert outcome.status == 3, outcome.text
    assert statuses(world)["quality"] == "fail"
    assert work != weaker
    assert opened(world) == {"release", "policy-change"}


def test_histories_that_met_twice_are_not_guessed_at(world: World) -> None:
    """A criss-cross merge: which of two bases it is decides what changed."""
    repository = world.walk.repository
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    work, main = repository.head("work"), repository.head("main")
    repository.merge(main, author="Cy <cy@example.com>")
    repository.go("main")
    repository.merge(work, author="Dee <dee@example.com>")
    repository.go("work")
    world.commit(README_md="more\n")
    outcome = world.run()
    assert outcome.status == 4, outcome.text
    assert "last met in 2 commits at once" in told(outcome)
    assert "merge the target branch into the change once more" in told(outcome)


# What the change may do to decisions.


def rejected(world: World) -> Path:
    """Dee rejects, Ann approves, both commit; return the folder of their decisions."""
    assert world.run().status == 3
    assert world.walk.sign("dee", "--reject").status == 0
    assert world.walk.approve("ann").status == 0
    world.commit("dee")
    assert world.run().status == 1
    (folder,) = world.walk.project.directory.glob("decisions/*")
    return folder


def delete(folder: Path) -> None:
    for path in sorted(folder.glob("decision-dee*")):
        path.unlink()


def delete_the_signature(folder: Path) -> None:
    (folder / "decision-dee@example.com.json.sig").unlink()


def rename(folder: Path) -> None:
    for path in sorted(folder.glob("decision-dee*")):
        path.rename(folder / path.name.replace("decision-dee", "was-decision-dee"))


def move_elsewhere(folder: Path) -> None:
    (folder.parent / "0123456789ab").mkdir()
    for path in sorted(folder.glob("decision-dee*")):
        path.rename(folder.parent / "0123456789ab" / path.name)


def edit(folder: Path) -> None:
    path = folder / "decision-dee@example.com.json"
    path.write_text(path.read_text().replace('"reject"', '"approve"'))


def exchange_for_a_link(folder: Path) -> None:
    path = folder / "decision-dee@example.com.json"
    path.rename(folder.parent / "kept.json")
    path.symlink_to("../kept.json")


def capitals(folder: Path) -> None:
    for path in sorted(folder.glob("decision-dee*")):
        path.rename(folder / path.name.replace("decision-dee", "Decision-DEE"))


VANISHING = (delete, delete_the_signature, rename, move_elsewhere, edit, exchange_for_a_link, capitals)


@pytest.mark.parametrize("vanish", VANISHING, ids=lambda vanish: vanish.__name__)
def test_a_refusal_that_the_change_makes_vanish_stands(world: World, vanish: Callable[[Path], None]) -> None:
    vanish(rejected(world))
    world.commit()
    outcome = world.run()
    assert outcome.status == 1, outcome.text
    assert "release was refused by dee@example.com, and the refusal stands" in told(outcome)


def test_a_refusal_that_a_merge_leaves_out_stands(world: World) -> None:
    """An evil merge: neither parent's deletion, so the usual log shows nothing."""
    folder = rejected(world)
    with world.walk.on_main("dee"):
        world.write("tool.py", "print()\n")
    repository = world.walk.repository
    repository.git("merge", "-q", "--no-ff", "--no-commit", "main")
    delete(folder)
    world.commit()
    assert "D\t" not in repository.git("log", "--name-status", "main..HEAD", "--", "decisions")
    outcome = world.run()
    assert outcome.status == 1, outcome.text
    assert "was refused by dee@example.com, and the refusal stands" in told(outcome)


@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_a_refusal_that_vanished_before_the_merge_is_known_to_the_deploy(world: World, how: str) -> None:
    delete(rejected(world))
    world.commit()
    repository = world.walk.repository
    repository.go("main")
    if how == "merge":
        repository.merge("work", author="Ann <ann@example.com>")
    else:
        repository.git("merge", "-q", "--ff-only", "work")
    outcome = world.walk.deploy()
    assert outcome.status == 1, outcome.text
    assert "was refused by dee@example.com, and the refusal stands" in told(outcome)


def test_an_approval_moved_to_other_evidence_is_about_what_it_was_about(world: World) -> None:
    round_trip(world)
    (before,) = world.walk.project.directory.glob("decisions/*")
    world.commit("ann")
    world.commit(model__config_json="{ }")
    assert world.run().status == 3
    now = world.walk.project.directory / "decisions" / world.walk.conclusion()["manifest"][:12]
    now.mkdir()
    for path in before.glob("decision-*"):
        shutil.copy(path, now / path.name)
    world.commit()
    outcome = world.run()
    assert outcome.status == 3, outcome.text
    assert "it is about other evidence: manifest " + before.name in told(outcome)


# What the environment may do.

HOSTILE_ENVIRONMENT = {
    "TWOKEY_POLICY_REF": "work",
    "TWOKEY_BOOTSTRAP": "1",
    "TWOKEY_AT": "2020-01-01T00:00:00Z",
    "TWOKEY_CONFIG": "other.yaml",
    "TWOKEY_ENVIRONMENT": "staging",
    "TWOKEY_REPOSITORY": "org/other",
    "TWOKEY_RECOMPUTE": "0",
    "TWOKEY_SUBJECT": "elsewhere",
    "TWOKEY_REOPEN": "1",
    "GIT_DIR": "{folder}/none",
    "GIT_WORK_TREE": "{folder}",
    "GIT_INDEX_FILE": "{folder}/none",
    "GIT_OBJECT_DIRECTORY": "{folder}/none",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "{folder}/none",
    "GIT_COMMON_DIR": "{folder}/none",
    "GIT_REPLACE_REF_BASE": "refs/other/",
    "GIT_GRAFT_FILE": "{folder}/grafts",
    "GIT_SHALLOW_FILE": "{folder}/shallow",
    "GIT_CONFIG": "{folder}/config",
    "GIT_CONFIG_GLOBAL": "{folder}/config",
    "GIT_CONFIG_SYSTEM": "{folder}/config",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.fsmonitor",
    "GIT_CONFIG_VALUE_0": "{program}",
    "GIT_CONFIG_PARAMETERS": "'core.fsmonitor={program}'",
    "GIT_EXEC_PATH": "{folder}",
    "GIT_EXTERNAL_DIFF": "{program}",
    "GIT_SSH_COMMAND": "{program}",
    "GIT_ASKPASS": "{program}",
    "GIT_PAGER": "{program}",
    "GIT_TRACE": "{mark}",
    "GIT_TEMPLATE_DIR": "{folder}",
    "GIT_NAMESPACE": "other",
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_DEFAULT_REF_FORMAT": "reftable",
    "GIT_DEFAULT_HASH": "sha256",
}


def test_no_variable_of_twokey_or_git_changes_what_is_concluded(world: World) -> None:
    round_trip(world)
    world.commit("ann")
    assert world.run().status == 0
    before = world.walk.conclusion()
    program, mark = canary(world)
    (world.folder / "config").write_text(f"[core]\n\tfsmonitor = {program}\n")
    (world.folder / "grafts").write_text(f"{world.walk.repository.head('main')} {world.walk.repository.head()}\n")
    (world.folder / "shallow").write_text(f"{world.walk.repository.head()}\n")
    for name, value in HOSTILE_ENVIRONMENT.items():
        world.patch.setenv(name, value.format(folder=world.folder, program=program, mark=mark))
    world.request(head=before["change"]["head"])
    outcome = world.walk.run()
    assert outcome.status == 0, outcome.text
    assert world.walk.conclusion() == before
    assert world.walk.deploy().status == 0
    assert not mark.exists(), mark.read_text()


@pytest.mark.parametrize("name", sorted(name for name in HOSTILE_ENVIRONMENT if name.startswith("TWOKEY_")))
def test_no_variable_of_twokey_opens_what_is_shut(world: World, name: str) -> None:
    weaken_everything(world)
    world.walk.project.record(WRONG)
    world.policy(0.01, automatic={"environments": ["production"]})
    world.commit()
    world.patch.setenv(name, HOSTILE_ENVIRONMENT[name])
    outcome = world.run()
    assert outcome.status == 3, outcome.text
    assert world.walk.conclusion()["policy"].startswith("main (")
    assert statuses(world)["quality"] == "fail"


# First adoption.


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A repository whose main knows nothing of twokey; the branch `work` adopts it."""
    from request_world import PEOPLE, SCHEMA
    from walk import begun

    world = World(begun(elsewhere(tmp_path, monkeypatch), tmp_path, PEOPLE), monkeypatch, tmp_path)
    for name in ("gates.yaml", "roster.yaml"):
        (world.walk.project.directory / name).unlink()
    world.commit("bob")
    world.walk.repository.branch("work")
    world.policy()
    for name, content in {"roster.yaml": world.roster(), "rules.yaml": RULES, "schema.json": SCHEMA}.items():
        world.write(name, content)
    for name in ("outputs.jsonl", "baseline.jsonl"):
        world.walk.project.record(ANSWERS, name)
    world.commit()
    return world


def test_the_first_policy_is_adopted_by_an_explicit_word_and_only_once(newcomer: World) -> None:
    unsaid = newcomer.run()
    assert unsaid.status == 4, unsaid.text
    assert "there is no policy yet" in told(unsaid)
    assert "say --bootstrap for the change that adopts twokey" in told(unsaid)
    said = newcomer.run("--bootstrap")
    assert said.status == 3, said.text
    assert "first adoption: policy was read from the change itself; main" in told(said)
    assert newcomer.walk.approve("ann").status == 0
    assert newcomer.walk.sign("bob", "--approve").status == 0
    newcomer.commit("ann")
    again = newcomer.run("--bootstrap")
    assert again.status == 0, again.text
    newcomer.merge()
    assert newcomer.walk.deploy().status == 0
    late = newcomer.walk.deploy("--bootstrap")
    assert late.status == 4, late.text
    assert "policy is there already: there is nothing to bootstrap" in told(late)
    newcomer.walk.repository.branch("next")
    newcomer.policy(0.01)
    newcomer.commit()
    assert newcomer.run("--bootstrap").status == 4


def test_a_policy_deleted_from_main_is_not_adopted_anew_without_a_word(world: World) -> None:
    with world.walk.on_main("bob"):
        (world.walk.project.directory / "gates.yaml").unlink()
    outcome = world.run()
    assert outcome.status == 4, outcome.text
    assert "there is no policy yet" in told(outcome)


def test_a_job_without_any_repository_has_no_protected_ground(world: World) -> None:
    shutil.rmtree(world.walk.project.directory / ".git")
    world.patch.setenv("GITHUB_EVENT_NAME", "pull_request")
    world.patch.setenv("GITHUB_BASE_REF", "main")
    outcome = world.walk.project.run()
    assert outcome.status == 4, outcome.text
    assert "policy must come from protected ground, and there is no Git repository here" in told(outcome)
