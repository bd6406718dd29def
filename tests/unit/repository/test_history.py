import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from git_world import Repository

from twokey.canonical import sha256
from twokey.errors import TwokeyError
from twokey.repository.change import PolicyEdit
from twokey.repository.git import Git
from twokey.repository.history import Transition, policy_at, policy_digest, policy_history


def config(*names: str) -> str:
    return json.dumps(list(names))


def walked(repository: Repository) -> list[Transition]:
    return list(walking(repository))


def walking(repository: Repository) -> Iterator[Transition]:
    """Transitions where the config in ci/ is a list of the other files' names."""
    git = Git.open(repository.directory)
    assert git is not None

    def paths_at(commit: str) -> tuple[str, ...]:
        data = git.read_blob(commit, "ci/gates.json")
        if data is None:
            raise TwokeyError("no policy")
        return ("gates.json", *json.loads(data))

    return policy_history(git, repository.head(), paths_at, "ci", "gates.json")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.made(tmp_path / "repository")
    made.commit({"README": "hi"})
    return made


def test_each_transition_is_told_newest_first(repository: Repository) -> None:
    adopted = repository.commit({"ci/gates.json": config("roster"), "ci/roster": "ann"})
    repository.commit({"README": "more", "ci/unrelated": "1"})
    edited = repository.commit({"ci/roster": "ann and bob"})
    renamed = repository.commit({"ci/gates.json": config("people"), "ci/people": "ann and bob", "ci/roster": None})
    repository.commit({"model": "2"})
    found = walked(repository)
    assert [each.commit for each in found] == [renamed, edited, adopted]
    assert found[0].before == found[1].after
    assert found[1].before == found[2].after
    assert found[2].before is None
    assert found[1].edits == (PolicyEdit(path="roster", before=sha256(b"ann"), after=sha256(b"ann and bob")),)
    assert [edit.path for edit in found[0].edits] == ["gates.json", "people", "roster"]
    git = Git.open(repository.directory)
    assert git is not None
    files = policy_at(git, repository.head(), ("gates.json", "people"), "ci")
    assert files == {"gates.json": sha256(config("people").encode()), "people": sha256(b"ann and bob")}
    assert found[0].after == policy_digest(files)


def test_the_branch_moved_as_its_first_parents_say(repository: Repository) -> None:
    repository.commit({"ci/gates.json": config(), "ci/x": "1"})
    repository.branch("change")
    repository.commit({"ci/gates.json": config("x")})
    repository.commit({"ci/x": "2"})
    repository.go("main")
    merge = repository.merge("change")
    assert next(each.commit for each in walked(repository)) == merge
    assert len(walked(repository)) == 2


def test_policy_that_was_away_in_between_is_two_transitions(repository: Repository) -> None:
    adopted = repository.commit({"ci/gates.json": config()})
    dropped = repository.commit({"ci/gates.json": None})
    repository.commit({"README": "still none"})
    again = repository.commit({"ci/gates.json": config()})
    found = walked(repository)
    assert [each.commit for each in found] == [again, dropped, adopted]
    assert [(each.before is None, each.after is None) for each in found] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_policy_from_the_first_commit_on_is_told(tmp_path: Path) -> None:
    repository = Repository.made(tmp_path / "other")
    first = repository.commit({"ci/gates.json": config()})
    assert [each.commit for each in walked(repository)] == [first]


def test_a_linked_file_is_no_policy(repository: Repository) -> None:
    repository.commit({"ci/gates.json": config("x"), "ci/x": "1", "ci/y": "1"})
    (repository.directory / "ci/x").unlink()
    (repository.directory / "ci/x").symlink_to("y")
    linked = repository.commit()
    found = walked(repository)
    assert (found[0].commit, found[0].after) == (linked, None)


def test_a_cut_history_ends_in_an_error(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"ci/gates.json": config()})
    repository.commit({"model": "1"})
    for depth in (1, 2):
        found = walking(repository.clone(tmp_path / f"clone{depth}", f"--depth={depth}"))
        with pytest.raises(TwokeyError, match="fetch-depth: 0"):
            next(found)


def test_policy_that_could_not_be_read_in_between_is_told(repository: Repository) -> None:
    adopted = repository.commit({"ci/gates.json": config("x"), "ci/x": "1"})
    broken = repository.commit({"ci/x": None})
    mended = repository.commit({"ci/x": "1"})
    found = walked(repository)
    assert [each.commit for each in found] == [mended, broken, adopted]
    assert found[0].after == found[2].after
    assert found[0].before is None


def test_an_edit_of_the_config_alone_is_a_transition(repository: Repository) -> None:
    adopted = repository.commit({"ci/gates.json": config("x"), "ci/x": "1"})
    edited = repository.commit({"ci/gates.json": config("x") + "\n"})
    assert [each.commit for each in walked(repository)] == [edited, adopted]
