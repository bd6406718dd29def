from pathlib import Path

import pytest
from git_world import Repository, github_request, gitlab_request

from twokey.errors import TwokeyError
from twokey.repository.ground import Ground, PolicySource
from twokey.repository.policy import PolicyFiles
from twokey.repository.protected import FIRST_ADOPTION, find_ground, may_be_policy

OLD, NEW = "version: 1  # old\n", "version: 1  # new\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Policy on main, and a branch that edits it, which is checked out."""
    made = Repository.made(tmp_path / "repository")
    made.commit({"ci/gates.yaml": OLD, "ci/roster.yaml": "people: []\n", "model/weights": "1"})
    made.remote_ref("main")
    made.branch("change")
    made.commit({"ci/gates.yaml": NEW, "model/weights": "2"}, author="Mal Lory <mallory@example.com>")
    return made


def found(repository: Repository, environment: dict[str, str], *pins: str, bootstrap: bool = False) -> Ground:
    config = repository.directory / "ci/gates.yaml"
    return find_ground(config, environment=environment, policy_refs=pins, bootstrap=bootstrap)


def refused(repository: Repository, environment: dict[str, str], *pins: str, bootstrap: bool = False) -> str:
    with pytest.raises(TwokeyError) as caught:
        found(repository, environment, *pins, bootstrap=bootstrap)
    assert caught.value.status == 4
    return str(caught.value)


def test_without_a_request_and_a_pin_policy_is_the_checkouts(repository: Repository) -> None:
    ground = found(repository, {})
    assert isinstance(ground.policy, PolicyFiles)
    assert ground.policy.read("gates.yaml").decode() == NEW
    assert (ground.ref, ground.commit, ground.change, ground.shown, ground.protected) == (None, None, None, None, False)


def test_a_directory_that_is_no_repository_has_the_policy_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "gates.yaml").write_text(OLD)
    assert find_ground(tmp_path / "gates.yaml", environment={}).policy.read("gates.yaml").decode() == OLD
    with pytest.raises(TwokeyError, match="protected ground"):
        find_ground(tmp_path / "gates.yaml", environment={}, policy_refs=("main",))


def test_a_request_is_judged_by_the_policy_of_its_target(repository: Repository, tmp_path: Path) -> None:
    main = repository.head("main")
    for environment in (github_request(tmp_path), gitlab_request(head=repository.head())):
        ground = found(repository, environment)
        policy: PolicySource = ground.policy
        assert policy.read("gates.yaml").decode() == OLD
        assert (ground.ref, ground.commit) == ("refs/remotes/origin/main", main)
        assert ground.shown == f"main ({main[:7]})"
        assert policy.place("roster.yaml") == f"ci/roster.yaml at main ({main[:7]})"
        assert ground.protected


def test_a_merge_queue_names_its_target_in_the_event(repository: Repository, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"merge_group": {"base_ref": "refs/heads/main"}, "sender": {"login": "pat"}}')
    queue = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": str(event), "GITHUB_ACTOR": "pat"}
    assert found(repository, queue).ref == "refs/remotes/origin/main"
    pushed = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": f"refs/heads/gh-readonly-queue/main/pr-1-{'0' * 40}"}
    assert found(repository, pushed).ref == "refs/remotes/origin/main"


def test_an_event_about_a_request_is_a_request_whatever_its_name(repository: Repository, tmp_path: Path) -> None:
    environment = github_request(tmp_path) | {"GITHUB_EVENT_NAME": "pull_request_review"}
    del environment["GITHUB_BASE_REF"]
    assert found(repository, environment).ref == "refs/remotes/origin/main"
    bare = {"GITHUB_EVENT_NAME": "issue_comment", "GITHUB_REF": "refs/pull/7/merge"}
    assert "its target branch is not told" in refused(repository, bare)


def test_the_clone_of_the_hosts_branch_comes_before_the_branch_here(repository: Repository, tmp_path: Path) -> None:
    repository.git("branch", "-f", "main", "change")
    assert found(repository, github_request(tmp_path)).policy.read("gates.yaml").decode() == OLD


def test_a_target_that_was_not_fetched_is_an_error_that_says_how(repository: Repository, tmp_path: Path) -> None:
    said = refused(repository, github_request(tmp_path, base="release"))
    assert "'release' is not in this clone" in said
    assert "fetch-depth: 0" in said
    assert "git fetch origin '+refs/heads/release:refs/remotes/origin/release'" in said


def test_a_request_against_the_authors_own_branch_is_refused_where_policy_is_pinned(
    repository: Repository, tmp_path: Path
) -> None:
    repository.remote_ref("mallory/base", "change")
    own = github_request(tmp_path, base="mallory/base")
    assert found(repository, own).policy.read("gates.yaml").decode() == NEW
    assert "no branch that may be policy: main, release/*" in refused(repository, own, "main", "release/*")


def test_a_pin_reads_from_its_ref_where_there_is_no_request(repository: Repository) -> None:
    for pin in ("main", "origin/main", "refs/heads/main", "refs/remotes/origin/main", "ma*"):
        assert found(repository, {}, pin).policy.read("gates.yaml").decode() == OLD, pin
    assert found(repository, {}, "main").ref == "refs/remotes/origin/main"
    repository.git("tag", "-a", "-m", "v1", "v1", "main")
    assert found(repository, {}, "refs/tags/v1").commit == repository.head("main")


def test_of_several_pins_the_one_that_is_being_built_counts(repository: Repository) -> None:
    repository.remote_ref("release/1", "change")
    repository.git("pack-refs", "--all")
    pins = ("main", "release/*")
    assert "2 refs may be policy" in refused(repository, {}, *pins)
    mallory = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/mallory", "GITHUB_REF_NAME": "main"}
    assert "none of them is being built" in refused(repository, mallory, *pins)
    pushed = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/release/1"}
    assert found(repository, pushed, *pins).ref == "refs/remotes/origin/release/1"
    assert found(repository, {"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main"}, *pins).ref == "refs/remotes/origin/main"


@pytest.mark.parametrize(
    "pin", ["nothing", "refs/heads/../../x", "../main", "nothing/*", "-x", "", "a..b", "main.lock"]
)
def test_a_pin_that_names_no_ref_is_an_error(repository: Repository, pin: str) -> None:
    assert "in this clone" in refused(repository, {}, pin)


@pytest.mark.parametrize(
    ("branch", "pins", "may"),
    [
        ("main", ["main"], True),
        ("main", ["refs/heads/main"], True),
        ("main", ["origin/main"], True),
        ("Main", ["main"], False),
        ("maintenance", ["main"], False),
        ("x/main", ["main"], False),
        ("release/1", ["release/*"], True),
        ("release/1/evil", ["release/*"], False),
        ("release/1/fine", ["release/**"], True),
        ("v1", ["refs/tags/v1"], False),
        ("refs/tags/v1", ["refs/tags/v1"], False),
        ("refs/tags/v1", ["refs/**"], False),
        ("origin/main", ["main"], False),
        ("mainx", ["main?"], True),
        ("a.b", ["a?b", "axb"], True),
        ("axb", ["a.b"], False),
        ("main\n", ["main"], False),
    ],
)
def test_pins_match_whole_branch_names(branch: str, pins: list[str], may: bool) -> None:
    assert may_be_policy(branch, pins) is may


def test_first_adoption_must_be_asked_for(tmp_path: Path) -> None:
    repository = Repository.made(tmp_path / "repository")
    main = repository.commit({"README": "nothing yet"})
    repository.remote_ref("main")
    repository.branch("adopt")
    repository.commit({"ci/gates.yaml": NEW})
    environment = github_request(tmp_path)
    said = refused(repository, environment)
    assert f"ci/gates.yaml at main ({main[:7]}): there is no policy yet" in said
    assert "--bootstrap" in said
    ground = found(repository, environment, bootstrap=True)
    assert ground.policy.read("gates.yaml").decode() == NEW
    assert ground.notes[0].startswith(FIRST_ADOPTION)
    assert not ground.protected


def test_there_is_nothing_to_bootstrap_where_policy_is(repository: Repository, tmp_path: Path) -> None:
    assert "nothing to bootstrap" in refused(repository, github_request(tmp_path), bootstrap=True)


def test_no_variable_of_the_environment_pins_or_bootstraps(repository: Repository, tmp_path: Path) -> None:
    names = ("TWOKEY_POLICY_REF", "TWOKEY_POLICY_REFS", "TWOKEY_BOOTSTRAP", "GIT_DIR", "GIT_CONFIG_GLOBAL")
    weak = github_request(tmp_path) | dict.fromkeys(names, "change")
    assert found(repository, weak).policy.read("gates.yaml").decode() == OLD


def test_a_force_pushed_head_is_not_what_the_host_asked_about(repository: Repository, tmp_path: Path) -> None:
    reviewed = repository.head()
    repository.git("reset", "-q", "--hard", "main")
    repository.commit({"model/weights": "3"})
    said = refused(repository, github_request(tmp_path, head=reviewed))
    assert f"does not hold {reviewed[:7]}, the commit under review" in said
    assert refused(repository, gitlab_request(head=reviewed)) == said
    assert found(repository, github_request(tmp_path, head=repository.head())).protected


def test_the_hosts_own_merge_commit_holds_the_head(repository: Repository, tmp_path: Path) -> None:
    head = repository.head()
    repository.branch("merge", "main")
    repository.merge("change")
    assert found(repository, github_request(tmp_path, head=head)).protected


def test_a_shallow_clone_as_ci_makes_it_says_what_depth_is_needed(repository: Repository, tmp_path: Path) -> None:
    clone = repository.clone(tmp_path / "clone", "--depth=1", "--branch=change")
    said = refused(clone, github_request(tmp_path))
    assert "the target branch 'main' is not in this clone" in said
    assert "actions/checkout: fetch-depth: 0; GitLab: GIT_DEPTH: 0" in said


@pytest.mark.parametrize("event", [b"{", b'{"a": 1, "a": 2}', b"[" * 100, b"\xff", b'{"x": NaN}'])
def test_an_event_that_is_no_strict_json_is_an_error(repository: Repository, tmp_path: Path, event: bytes) -> None:
    environment = github_request(tmp_path)
    (tmp_path / "event.json").write_bytes(event)
    assert "the event of this job" in refused(repository, environment)


def test_an_event_that_cannot_be_read_is_an_error(repository: Repository, tmp_path: Path) -> None:
    environment = github_request(tmp_path) | {"GITHUB_EVENT_PATH": str(tmp_path / "none")}
    assert "the job's event cannot be read" in refused(repository, environment)


def test_a_linked_worktree_reads_the_refs_of_its_repository(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "-q", "--detach", str(tmp_path / "tree"), "change")
    tree = Repository(tmp_path / "tree")
    repository.go("main")
    ground = found(tree, github_request(tmp_path))
    assert ground.policy.read("gates.yaml").decode() == OLD
    assert ground.site is not None
    assert ground.site.head == repository.head("change")


def test_policy_in_a_submodule_is_no_protected_ground(repository: Repository, tmp_path: Path) -> None:
    outer = Repository.made(tmp_path / "outer")
    outer.commit({"README": "outer"})
    outer.remote_ref("main")
    outer.git("submodule", "--quiet", "add", repository.directory.as_uri(), "inner")
    outer.commit()
    config = tmp_path / "outer/inner/ci/gates.yaml"
    assert config.exists()
    with pytest.raises(TwokeyError, match="is in a submodule"):
        find_ground(config, environment=github_request(tmp_path))
