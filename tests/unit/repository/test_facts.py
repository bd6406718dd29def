from pathlib import Path

import pytest

from twokey.repository.facts import name_in, repository_name


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("git@github.com:org/repo.git", "org/repo"),
        ("https://github.com/org/repo", "org/repo"),
        ("ssh://git@host:22/a/b/c.git", "a/b/c"),
        ("https://user:secret@gitlab.example/group/sub/project.git/", "group/sub/project"),
        ("/srv/repo.git", "unknown"),
        ("../repo", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_remote_names_its_repository(address: str, name: str) -> None:
    assert name_in(address) == name


def test_the_host_knows_better_than_git(tmp_path: Path) -> None:
    assert repository_name(tmp_path, {"GITHUB_REPOSITORY": "org/repo"}) == "org/repo"
    assert repository_name(tmp_path, {"CI_PROJECT_PATH": "group/project"}) == "group/project"


def test_a_directory_without_git_has_no_name(tmp_path: Path) -> None:
    assert repository_name(tmp_path, {}) == "unknown"
