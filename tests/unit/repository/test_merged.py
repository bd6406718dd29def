from pathlib import Path

import pytest
from git_world import Repository

from twokey.errors import TwokeyError
from twokey.repository.change import Change, ChangedFile
from twokey.repository.git import Git
from twokey.repository.ground import Site
from twokey.repository.host import Host
from twokey.repository.merged import Merged, read_merged

SUBJECT, GUARDED = ("model/**",), ("api/**", "/docs/*.md")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.made(tmp_path / "repository")
    made.commit({"ai/gates.yaml": "version: 1\n", "ai/model/w": "1", "ai/model/v": "1", "README.md": "1"})
    return made


def merged(repository: Repository) -> Merged | None:
    git = Git.open(repository.directory)
    assert git is not None
    head = repository.head()
    site = Site(git=git, ref="refs/heads/main", target=head, head=head, prefix="ai", name="gates.yaml", host=Host())
    return read_merged(site, subject=SUBJECT, guarded=GUARDED, decisions="ai/decisions", policy_paths=())


def paths(found: Merged | None) -> list[str]:
    assert found is not None
    return [file.path for file in found.guarded]


def test_what_came_with_the_first_commit_has_no_change(repository: Repository) -> None:
    assert merged(repository) is None
    repository.commit({"README.md": "2"})
    assert merged(repository) is None


def test_it_is_the_newest_merge_that_touches_the_subject(repository: Repository) -> None:
    before = repository.head()
    repository.branch("work")
    repository.commit({"ai/model/w": "2", "ai/api/x": "1"}, author="Cy <cy@example.com>")
    repository.commit({"docs/a.md": "1", "src/x": "1"}, author="Di <di@example.com>")
    repository.go("main")
    repository.merge("work", author="Ann <ann@example.com>")
    repository.commit({"README.md": "2", "ai/api/later": "1"})
    found = merged(repository)
    assert found is not None
    assert found.before == before
    assert paths(found) == ["ai/api/x", "ai/model/w", "docs/a.md"]
    assert {party.known_as for party in found.change.parties} == {"cy@example.com", "di@example.com"}


@pytest.mark.parametrize("change", [{"ai/model/v": None}, {"ai/model/deep/u": "1"}, {"ai/model/w": "2"}])
def test_files_that_come_go_and_change_are_all_of_the_subject(
    repository: Repository, change: dict[str, str | bytes | None]
) -> None:
    repository.commit({"ai/model/w": "1b"})
    before = repository.head()
    repository.commit(change)
    found = merged(repository)
    assert found is not None
    assert (found.before, paths(found)) == (before, list(change))


def test_a_change_is_covered_by_what_holds_all_that_is_guarded_with_its_content(repository: Repository) -> None:
    repository.commit({"ai/model/w": "2", "ai/api/x": "1", "src/y": "1"})
    found = merged(repository)
    assert found is not None
    files = found.change.files

    def known(*chosen: ChangedFile) -> Change:
        return Change(base="a" * 40, head="b" * 40, files=chosen)

    assert found.covers(known(*files))
    assert found.covers(known(*(file for file in files if file.path != "src/y")))
    assert found.covers(known(*files, ChangedFile(path="more", blob=None)))
    for missing in ("ai/api/x", "ai/model/w"):
        assert not found.covers(known(*(file for file in files if file.path != missing)))
        other = (ChangedFile(path=file.path, blob="1" * 40) if file.path == missing else file for file in files)
        assert not found.covers(known(*other))


def test_history_that_is_cut_before_the_merge_is_told(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"ai/model/w": "2"})
    clone = repository.clone(tmp_path / "clone", "--depth=1")
    with pytest.raises(TwokeyError, match="history is cut"):
        merged(clone)
