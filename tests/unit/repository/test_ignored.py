"""What Git would leave behind, by the real Git's reading of the rules."""

from pathlib import Path

import pytest
from git_world import Repository, need_git

from twokey.repository.git import Git
from twokey.repository.ignored import ignored


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    need_git()
    return Repository.made(tmp_path / "project")


def left_behind(repository: Repository, *names: str) -> list[str]:
    git = Git.open(repository.directory)
    assert git is not None
    found = ignored(git, (repository.directory / name for name in names))
    return [str(Path(path).relative_to(repository.directory)) for path in found]


def test_rules_of_every_folder_and_of_the_checkout_are_read(repository: Repository) -> None:
    repository.write({".gitignore": "*.sig\n!keep.sig\n", "a/.gitignore": "*\n", ".git/info/exclude": "/out/\n"})
    names = ("a/x.json", "b/x.json", "b/x.sig", "b/keep.sig", "out/x.json")
    assert left_behind(repository, *names) == ["a/x.json", "b/x.sig", "out/x.json"]


def test_nothing_is_ignored_without_a_rule_and_nothing_need_exist(repository: Repository) -> None:
    assert left_behind(repository, "decisions/0123456789ab/decision-ann@example.com.json") == []


def test_what_is_tracked_already_makes_no_difference(repository: Repository) -> None:
    repository.commit({"kept/x.json": "{}"})
    repository.write({".gitignore": "kept/\n"})
    assert left_behind(repository, "kept/x.json", "kept/y.json") == ["kept/x.json", "kept/y.json"]


def test_the_settings_of_the_repository_and_odd_names_have_no_say(repository: Repository) -> None:
    rules = repository.directory.parent / "rules"
    rules.write_text("*\n")
    repository.git("config", "core.excludesFile", str(rules))
    repository.write({".gitignore": "*.sig\n"})
    assert left_behind(repository, "x.json", "zürich/[x].sig", ":(top)x.sig") == ["zürich/[x].sig", ":(top)x.sig"]
