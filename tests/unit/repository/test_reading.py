from pathlib import Path
from typing import Any

import pytest
from git_world import Repository, github_request, gitlab_request

from twokey.canonical import sha256
from twokey.errors import TwokeyError
from twokey.repository.change import Change, ChangedFile, Party, PolicyEdit
from twokey.repository.ground import Ground
from twokey.repository.protected import find_ground, proposed_policy
from twokey.repository.reading import NOT_AUTHENTICATED, with_change

ANN, BOB, MAL = "Ann <ann@example.com>", "Bob <bob@example.com>", "Mal <mal@example.com>"
DECISION = "ci/decisions/0123456789ab/decision-ann@example.com.json"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Policy on main, and a branch by Mal that changes the model, which is checked out."""
    made = Repository.made(tmp_path / "repository")
    made.commit({"ci/gates.yaml": "old\n", "ci/roster.yaml": "ann\n", "model/weights": "1\n2\n3\n", "README": "hi\n"})
    made.remote_ref("main")
    made.branch("change")
    made.commit({"model/weights": "1\n2\n4\n"}, author=MAL)
    return made


def ground_of(repository: Repository, environment: dict[str, str] | None = None, *pins: str) -> Ground:
    config = repository.directory / "ci/gates.yaml"
    pinned = pins or (() if environment else ("main",))
    found = find_ground(config, environment=environment or {}, policy_refs=pinned)
    return with_change(found, decisions="decisions", policy_paths=["roster.yaml", "schemas/in.json"])


def change_of(repository: Repository, environment: dict[str, str] | None = None, *pins: str) -> Change:
    change = ground_of(repository, environment, *pins).change
    assert change is not None
    return change


def people(change: Change, *parts: str) -> set[str]:
    return {party.known_as for party in change.parties if not parts or party.part in parts}


def request(tmp_path: Path, **facts: Any) -> dict[str, str]:
    return github_request(tmp_path, **facts)


def test_a_change_is_what_differs_from_where_it_left_the_target(repository: Repository, tmp_path: Path) -> None:
    base, head = repository.head("main"), repository.head()
    repository.go("main")
    repository.commit({"model/weights": "0\n", "README": "changed on main\n"})
    repository.remote_ref("main")
    repository.go("change")
    change = change_of(repository, request(tmp_path, labels=("risky", "model")))
    blob = repository.git("rev-parse", "HEAD:model/weights")
    assert (change.base, change.head, change.prefix) == (base, head, "ci/")
    assert change.files == (ChangedFile(path="model/weights", blob=blob),)
    assert (change.lines, change.labels, change.policy, change.decisions_only) == (2, ("model", "risky"), (), False)


def test_without_a_repository_nobody_says_what_is_under_review(tmp_path: Path) -> None:
    (tmp_path / "gates.yaml").write_text("")
    ground = find_ground(tmp_path / "gates.yaml", environment={})
    assert with_change(ground, decisions="decisions", policy_paths=[]) is ground
    assert proposed_policy(ground) is None


def test_on_the_protected_branch_itself_nothing_is_under_review(repository: Repository) -> None:
    repository.go("main")
    change = change_of(repository, {"GITHUB_EVENT_NAME": "push", "GITHUB_ACTOR": "mal"}, "main")
    assert change.empty
    assert (change.files, change.parties, change.policy, change.lines) == ((), (), (), 0)
    repository.branch("older", repository.head())
    repository.go("main")
    repository.commit({"README": "more\n"})
    repository.remote_ref("main")
    repository.go("older")
    assert change_of(repository).empty


def test_a_rename_is_a_file_gone_and_a_new_one(repository: Repository) -> None:
    repository.git("mv", "README", "docs.md")
    repository.commit(author=MAL)
    files = {file.path: file.blob for file in change_of(repository).files}
    assert files["README"] is None
    assert files["docs.md"] == repository.git("rev-parse", "main:README")


def test_a_nul_byte_hides_no_lines(repository: Repository) -> None:
    text = "line\n" * 500
    plain = change_of(repository).lines
    repository.commit({"prompt.txt": f"{text}\0"}, author=MAL)
    assert change_of(repository).lines >= plain + 500
    repository.commit({"weights.bin": b"\0" * 17_000_000}, author=MAL)
    assert change_of(repository).lines > 100_000


def test_decisions_make_no_change_larger(repository: Repository) -> None:
    before = change_of(repository)
    repository.commit({DECISION: "line\n" * 500, DECISION.replace("ann", "bob"): b"\0\n" * 500})
    change = change_of(repository)
    assert (change.lines, change.files) == (before.lines, before.files)


FOLDER = "ci/decisions/0123456789ab"


@pytest.mark.parametrize(
    "name",
    [
        "decision-ann@example.com-2.json.sig",
        "decision-ann@example.com.json.sigstore.json",
        "grades-ann@example.com.json",
        "witness-candidate.json",
        "witness-candidate.json-2.sig",
        "change-2.json",
        "facts.json",
        "manifest.json",
        "results.json",
        "packet.json",
    ],
)
def test_what_sign_keeps_is_no_part_of_the_change(repository: Repository, name: str) -> None:
    before = change_of(repository).files
    repository.commit({f"{FOLDER}/{name}": "{}"})
    assert change_of(repository).files == before


@pytest.mark.parametrize(
    "path",
    [
        f"{FOLDER}/deploy.py",
        f"{FOLDER}/decision-x.py",
        f"{FOLDER}/decision-x.json/run.sh",
        f"{FOLDER}/change-x.json",
        "ci/decisions/manifest.json",
        "ci/decisions/evil/manifest.json",
        f"ci/decisions/{FOLDER}/manifest.json",
        f"x/{FOLDER}/manifest.json",
    ],
)
def test_anything_else_below_the_decisions_is_part_of_the_change(repository: Repository, path: str) -> None:
    before = change_of(repository).lines
    repository.commit({path: "one\ntwo\n"})
    change = change_of(repository)
    assert path in [file.path for file in change.files]
    assert change.lines == before + 2


def test_a_change_of_policy_tells_each_edited_file_before_and_after(repository: Repository) -> None:
    repository.commit({"ci/gates.yaml": "new\n", "ci/schemas/in.json": "{}", "ci/roster.yaml": None}, author=MAL)
    ground = ground_of(repository)
    assert ground.change is not None
    assert ground.change.policy == (
        PolicyEdit(path="gates.yaml", before=sha256(b"old\n"), after=sha256(b"new\n")),
        PolicyEdit(path="roster.yaml", before=sha256(b"ann\n"), after=None),
        PolicyEdit(path="schemas/in.json", before=None, after=sha256(b"{}")),
    )
    proposed = proposed_policy(ground)
    assert proposed is not None
    assert proposed.read("gates.yaml") == b"new\n"
    assert proposed.place("gates.yaml") == f"ci/gates.yaml at the change ({repository.head()[:7]})"


@pytest.mark.parametrize("linked", ["ci/roster.yaml", "ci"])
def test_policy_that_becomes_a_link_is_an_edit(repository: Repository, linked: str) -> None:
    before = ground_of(repository)
    repository.git("mv", linked, "elsewhere")
    (repository.directory / linked).symlink_to("elsewhere")
    repository.commit(author=MAL)
    ground = ground_of(repository)
    assert ground.change is not None
    assert PolicyEdit(path="roster.yaml", before=sha256(b"ann\n"), after=None) in ground.change.policy
    assert ground.policy.read("roster.yaml") == before.policy.read("roster.yaml") == b"ann\n"


def test_a_file_whose_name_differs_in_case_is_no_policy(repository: Repository) -> None:
    repository.git(
        "update-index", "--add", "--cacheinfo", f"100644,{repository.git('rev-parse', 'main:README')},ci/Gates.yaml"
    )
    repository.git("commit", "-q", "-m", "case")
    ground = ground_of(repository)
    assert ground.change is not None
    assert ground.change.policy == ()
    assert "ci/Gates.yaml" in [file.path for file in ground.change.files]
    assert ground.policy.read("gates.yaml") == b"old\n"


def test_policy_at_a_higher_folder_may_be_named_but_not_outside(repository: Repository) -> None:
    ground = ground_of(repository)
    assert ground.policy.read("../README") == b"hi\n"
    for path in ("../../README", "/etc/hostname", "../../repository/README", ".."):
        with pytest.raises(TwokeyError, match="leaves the repository"):
            ground.policy.read(path)


def test_a_pointer_of_git_lfs_is_told_as_one(repository: Repository, tmp_path: Path) -> None:
    repository.go("main")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 9\n"
    repository.commit({"ci/baseline.jsonl": pointer})
    repository.remote_ref("main")
    policy = ground_of(repository, request(tmp_path)).policy
    for reading in (policy.read, policy.located):
        with pytest.raises(TwokeyError, match="is a pointer of Git LFS"):
            reading("baseline.jsonl")


def test_a_large_file_of_policy_is_located_in_a_private_copy(repository: Repository, tmp_path: Path) -> None:
    repository.go("main")
    repository.commit({"ci/data/baseline.jsonl.gz": b"\1" * 3_000_000})
    repository.remote_ref("main")
    repository.commit({"ci/data/baseline.jsonl.gz": b"\2"})
    policy = ground_of(repository, request(tmp_path)).policy
    copy = policy.located("data/baseline.jsonl.gz")
    assert copy.name == "baseline.jsonl.gz"
    assert copy.read_bytes() == b"\1" * 3_000_000
    assert policy.located("data/baseline.jsonl.gz") == copy
    assert repository.directory not in copy.parents
    with pytest.raises(TwokeyError, match=r"ci/none.jsonl at main \(.{7}\): there is no such file"):
        policy.located("none.jsonl")
    del policy
    assert not copy.exists()


def test_authors_committers_and_co_authors_have_a_part(repository: Repository) -> None:
    message = "work\n\nCo-authored-by: Ann <ann@example.com>\nco-authored-by: Eve <eve@example.com>"
    repository.commit({"a": "1"}, author=BOB, committer="Cy <cy@example.com>", message=message)
    ground = ground_of(repository)
    assert ground.change is not None
    assert ground.change.parties == (
        Party(known_as="ann@example.com", part="co-author", authenticated=False),
        Party(known_as="bob@example.com", part="author", authenticated=False),
        Party(known_as="cy@example.com", part="committer", authenticated=False),
        Party(known_as="eve@example.com", part="co-author", authenticated=False),
        Party(known_as="mal@example.com", part="author", authenticated=False),
        Party(known_as="mal@example.com", part="committer", authenticated=False),
    )
    assert ground.notes == (NOT_AUTHENTICATED,)


def test_a_mailmap_renames_nobody(repository: Repository) -> None:
    repository.commit({".mailmap": "Nobody <nobody@example.com> <mal@example.com>\n"}, author=MAL)
    assert people(change_of(repository)) == {"mal@example.com"}


def test_the_hosts_committer_is_nobody(repository: Repository) -> None:
    repository.commit({"a": "1"}, author=BOB, committer="GitHub <noreply@github.com>")
    assert people(change_of(repository)) == {"mal@example.com", "bob@example.com"}
    repository.commit({"a": "2"}, author="GitHub <noreply@github.com>")
    assert "noreply@github.com" in people(change_of(repository), "author")


def test_the_host_vouches_for_who_opened_pushed_and_started(repository: Repository, tmp_path: Path) -> None:
    before = repository.head("main")
    facts = request(tmp_path, opener="olga", sender="pete", actor="stan", head=repository.head(), before=before)
    ground = ground_of(repository, facts)
    assert ground.change is not None
    assert [party for party in ground.change.parties if party.authenticated] == [
        Party(known_as="olga", part="opener", authenticated=True),
        Party(known_as="pete", part="pusher", authenticated=True),
        Party(known_as="stan", part="starter", authenticated=True),
    ]
    assert ground.notes == ()


def test_who_only_adds_decisions_has_no_part(repository: Repository, tmp_path: Path) -> None:
    before = repository.head()
    head = repository.commit({DECISION: "{}", f"{DECISION}.sig": "sig"}, author=ANN)
    change = change_of(repository, request(tmp_path, sender="ann", head=head, before=before))
    assert people(change) == {"mal@example.com", "mallory"}
    assert change.decisions_only
    gitlab = change_of(repository, gitlab_request(head=head, starter="ann"))
    assert people(gitlab) == {"mal@example.com"}


@pytest.mark.parametrize("how", ["edited", "deleted", "beside", "linked", "more", "case", "code"])
def test_who_does_more_than_to_add_decisions_has_a_part(repository: Repository, tmp_path: Path, how: str) -> None:
    repository.go("main")
    repository.commit({DECISION: "{}"})
    repository.remote_ref("main")
    repository.branch("change")
    other = DECISION.replace("ann", "bob")
    if how == "linked":
        (repository.directory / other).symlink_to("../../../model/weights")
    done: dict[str, dict[str, str | bytes | None]] = {
        "edited": {DECISION: "{ }"},
        "deleted": {DECISION: None},
        "beside": {"ci/decisions.json": "{}"},
        "linked": {},
        "more": {other: "{}", "model/weights": "9"},
        "case": {other.replace("decisions", "Decisions"): "{}"},
        "code": {other.replace(".json", ".py"): "import os"},
    }
    head = repository.commit(done[how], author=ANN)
    change = change_of(repository, request(tmp_path, opener="olga", sender="ann", head=head))
    assert people(change) == {"ann@example.com", "ann", "olga"}
    assert not change.decisions_only


def test_a_push_of_work_and_a_decision_is_a_push_of_work(repository: Repository, tmp_path: Path) -> None:
    before = repository.head("main")
    head = repository.commit({DECISION: "{}"}, author=ANN)
    change = change_of(repository, request(tmp_path, opener="olga", sender="ann", head=head, before=before))
    assert "ann" in people(change, "pusher", "starter")
    replaced = request(tmp_path, opener="olga", sender="ann", head=head, before="f" * 40)
    assert "ann" in people(change_of(repository, replaced), "pusher")


def test_what_git_merges_by_itself_makes_no_author(repository: Repository, tmp_path: Path) -> None:
    repository.go("main")
    repository.commit({"README": "moved on\n"}, author=BOB)
    repository.remote_ref("main")
    repository.go("change")
    before = repository.head()
    head = repository.merge("main", author=ANN)
    change = change_of(repository, request(tmp_path, opener="mal", sender="ann", head=head, before=before))
    assert people(change) == {"mal@example.com", "mal"}
    assert [file.path for file in change.files] == ["model/weights"]


def test_a_merge_that_brings_something_of_its_own_makes_an_author(repository: Repository) -> None:
    repository.go("main")
    repository.commit({"README": "moved on\n"}, author=BOB)
    repository.remote_ref("main")
    repository.go("change")
    repository.merge("main", author=ANN, files={"model/weights": "evil\n"})
    assert people(change_of(repository)) == {"mal@example.com", "ann@example.com"}


def test_a_merge_that_drops_what_the_target_did_makes_an_author_and_shows(repository: Repository) -> None:
    repository.go("main")
    repository.commit({"ci/gates.yaml": "stricter\n"}, author=BOB)
    repository.remote_ref("main")
    repository.go("change")
    repository.merge("main", "-s", "ours", author=ANN)
    change = change_of(repository)
    assert people(change) == {"mal@example.com", "ann@example.com"}
    assert change.policy == (PolicyEdit(path="gates.yaml", before=sha256(b"stricter\n"), after=sha256(b"old\n")),)


def test_a_merge_of_three_makes_an_author(repository: Repository) -> None:
    repository.branch("one", "main")
    repository.commit({"one": "1"}, author=BOB)
    repository.branch("two", "main")
    repository.commit({"two": "2"}, author=BOB)
    repository.go("change")
    repository.git("merge", "-q", "-m", "three", "one", "two")
    assert people(change_of(repository)) == {"mal@example.com", "bob@example.com", "pat@example.com"}


def test_a_branch_merged_into_the_change_brings_its_authors(repository: Repository) -> None:
    repository.branch("side", "main")
    repository.commit({"side": "1"}, author=BOB)
    repository.go("change")
    repository.merge("side", author=ANN)
    assert people(change_of(repository)) == {"mal@example.com", "bob@example.com"}


def test_a_history_of_its_own_that_is_merged_in_brings_its_authors(repository: Repository) -> None:
    repository.git("checkout", "-q", "--orphan", "alone")
    repository.git("rm", "-rqf", ".")
    repository.commit({"alone": "1"}, author=BOB)
    repository.go("change")
    repository.merge("alone", "--allow-unrelated-histories", author=ANN)
    assert people(change_of(repository)) == {"mal@example.com", "bob@example.com", "ann@example.com"}


def test_an_empty_commit_on_top_hides_no_starter(repository: Repository, tmp_path: Path) -> None:
    head = repository.commit(author=MAL)
    change = change_of(repository, request(tmp_path, sender="mal", head=head))
    assert "mal" in people(change, "starter")
    assert not change.decisions_only


def test_the_hosts_own_merge_commit_is_no_part_of_the_change(repository: Repository, tmp_path: Path) -> None:
    head = repository.commit({DECISION: "{}"}, author=ANN)
    repository.branch("merge", "main")
    repository.merge("change", author="Host <host@example.com>")
    before = repository.head("change^")
    change = change_of(repository, request(tmp_path, opener="mal", sender="ann", head=head, before=before))
    assert people(change) == {"mal@example.com", "mal"}
    assert change.decisions_only


def test_a_merge_queue_starts_nothing(repository: Repository, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"merge_group": {"base_ref": "refs/heads/main"}, "sender": {"login": "ann"}}')
    queue = {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_EVENT_PATH": str(event), "GITHUB_ACTOR": "ann"}
    ground = ground_of(repository, queue)
    assert ground.change is not None
    assert people(ground.change) == {"mal@example.com"}
    assert ground.change.labels is None
    assert ground.notes == (NOT_AUTHENTICATED,)
    train = gitlab_request(starter="ann") | {"CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}
    assert people(change_of(repository, train)) == {"mal@example.com"}


def test_labels_of_gitlab_are_those_of_the_request(repository: Repository) -> None:
    assert change_of(repository, gitlab_request(labels="risky, model,,")).labels == ("model", "risky")
    assert change_of(repository, gitlab_request()).labels == ()
    assert change_of(repository).labels is None


def test_a_store_in_a_ref_is_no_folder_of_the_repository(repository: Repository) -> None:
    repository.commit({"ci/refs/twokey/decisions/x": "1"}, author=ANN)
    ground = find_ground(repository.directory / "ci/gates.yaml", environment={}, policy_refs=("main",))
    change = with_change(ground, decisions="refs/twokey/decisions", policy_paths=[]).change
    assert change is not None
    assert "ann@example.com" in people(change)


def test_a_squash_is_its_authors(repository: Repository) -> None:
    repository.branch("squashed", "main")
    repository.squash("change", author=MAL, committer="GitHub <noreply@github.com>")
    assert people(change_of(repository)) == {"mal@example.com"}
