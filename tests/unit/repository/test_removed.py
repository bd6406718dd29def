import os
from pathlib import Path

import pytest
from git_world import Repository

from twokey.errors import TwokeyError
from twokey.repository import removed
from twokey.repository.git import Git
from twokey.repository.removed import all_removed, lacking, removed_files

REFUSAL = "decisions/0123456789ab/decision-ann@example.com.json"


def any_file(_path: str) -> int:
    return 1000


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.made(tmp_path / "repository")
    made.commit({"README": "hi\n"})
    made.branch("change")
    made.commit({REFUSAL: "no", f"{REFUSAL}.sig": "sig", "model": "1"})
    return made


def gone(repository: Repository, base: str = "main", head: str = "HEAD") -> tuple[tuple[str, bytes], ...]:
    git = Git.open(repository.directory)
    assert git is not None
    found = removed_files(git, repository.head(base), repository.head(head), "decisions", any_file)
    assert set(found) <= set(all_removed(git, repository.head(head), "decisions", any_file))
    return found


def test_what_stands_is_not_removed(repository: Repository) -> None:
    repository.commit({"decisions/0123456789ab/decision-bob@example.com.json": "yes", "model": "2"})
    assert gone(repository) == ()


def test_a_deleted_file_is_found_with_its_content(repository: Repository) -> None:
    repository.commit({REFUSAL: None, "model": "2"})
    assert gone(repository) == ((REFUSAL, b"no"),)


def test_every_edit_leaves_what_stood_before(repository: Repository) -> None:
    repository.commit({REFUSAL: "well"})
    repository.commit({REFUSAL: "yes"})
    assert gone(repository) == ((REFUSAL, b"no"), (REFUSAL, b"well"))
    repository.commit({REFUSAL: "no"})
    assert gone(repository) == ((REFUSAL, b"well"), (REFUSAL, b"yes"))


def test_a_file_that_the_target_held_is_found_where_the_change_deletes_it(repository: Repository) -> None:
    repository.branch("next")
    repository.commit({REFUSAL: None})
    assert gone(repository, base="change") == ((REFUSAL, b"no"),)


def test_a_moved_or_linked_file_is_gone_from_its_place(repository: Repository) -> None:
    repository.git("mv", REFUSAL, "decisions/elsewhere.json")
    (repository.directory / REFUSAL).symlink_to("../elsewhere.json")
    repository.commit()
    assert gone(repository) == ((REFUSAL, b"no"),)


def test_a_folder_that_becomes_a_link_is_gone(repository: Repository) -> None:
    repository.git("mv", "decisions", "kept")
    (repository.directory / "decisions").symlink_to("kept")
    repository.commit()
    assert gone(repository) == ((REFUSAL, b"no"), (f"{REFUSAL}.sig", b"sig"))


@pytest.mark.parametrize("strategy", [("-s", "ours"), ("-X", "ours")])
def test_a_merge_that_leaves_a_file_out_removes_it(repository: Repository, strategy: tuple[str, str]) -> None:
    repository.branch("clean", "main")
    repository.commit({"model": "2"})
    repository.merge("change", *strategy)
    if strategy[0] == "-X":
        repository.git("rm", "-q", REFUSAL, f"{REFUSAL}.sig")
        repository.git("commit", "-q", "--amend", "--no-edit")
    assert gone(repository) == ((REFUSAL, b"no"), (f"{REFUSAL}.sig", b"sig"))


def test_a_file_that_only_a_merge_brought_is_found(repository: Repository) -> None:
    repository.branch("side", "main")
    repository.commit({"side": "1"})
    repository.go("change")
    other = REFUSAL.replace("ann", "bob")
    repository.merge("side", files={other: "bob says no"})
    repository.commit({other: None})
    assert gone(repository) == ((other, b"bob says no"),)


def test_the_whole_history_remembers_what_no_range_shows(repository: Repository) -> None:
    repository.commit({REFUSAL: None, f"{REFUSAL}.sig": None})
    head = repository.commit({"model": "3"})
    git = Git.open(repository.directory)
    assert git is not None
    assert removed_files(git, head, head, "decisions", any_file) == ()
    assert all_removed(git, head, "decisions", any_file) == ((REFUSAL, b"no"), (f"{REFUSAL}.sig", b"sig"))
    assert all_removed(git, head, "other", any_file) == ()


def test_a_cut_history_cannot_say_what_was_removed(repository: Repository, tmp_path: Path) -> None:
    repository.commit({REFUSAL: None})
    clone = repository.clone(tmp_path / "clone", "--depth=2")
    git = Git.open(clone.directory)
    assert git is not None
    with pytest.raises(TwokeyError, match="fetch-depth: 0"):
        all_removed(git, clone.head(), "decisions", any_file)


def test_there_are_limits(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit({REFUSAL: None, f"{REFUSAL}.sig": None})
    for limit, told in (("MAX_FILES", "2 files"), ("MAX_TOTAL_BYTES", "larger than")):
        with monkeypatch.context() as patched:
            patched.setattr(removed, limit, 1)
            with pytest.raises(TwokeyError, match=f"{told}.*approval.decisions"):
                gone(repository)


def test_what_is_of_no_interest_or_too_large_for_it_is_passed_over(repository: Repository) -> None:
    repository.commit({"decisions/junk": b"x" * 5_000_000, f"{REFUSAL}.sigstore.json": b"x" * 2000})
    repository.commit({REFUSAL: None, "decisions/junk": None, f"{REFUSAL}.sigstore.json": None})
    git = Git.open(repository.directory)
    assert git is not None
    wanted = all_removed(git, repository.head(), "decisions", lambda path: 1000 * path.startswith(REFUSAL))
    assert wanted == ((REFUSAL, b"no"),)


def test_what_another_commit_holds_is_lacking_here(repository: Repository) -> None:
    git = Git.open(repository.directory)
    assert git is not None
    here, there = repository.head("main"), repository.head("change")
    held = lacking(git, here, there, "decisions", any_file)
    assert held == ((REFUSAL, b"no"), (f"{REFUSAL}.sig", b"sig"))
    assert lacking(git, here, there, "decisions", lambda path: any_file(path) * path.endswith(".sig")) == held[1:]
    assert lacking(git, there, here, "decisions", any_file) == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_of_pathspecs_are_names(repository: Repository) -> None:
    folders = ("de*", ":(icase)nothing", ":!other")
    repository.commit({f"{folder}/x": "1" for folder in folders})
    repository.commit({f"{folder}/x": None for folder in folders})
    git = Git.open(repository.directory)
    assert git is not None
    for folder in folders:
        assert all_removed(git, repository.head(), folder, any_file) == ((f"{folder}/x", b"1"),)
    assert all_removed(git, repository.head(), ":(glob)**", any_file) == ()
