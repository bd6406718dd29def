from pathlib import Path

import pytest
from git_world import Repository

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
        ("https://host/org/\x1b[31mrepo", "unknown"),
        ("https://host/org/" + "x" * 300, "unknown"),
    ],
)
def test_a_remote_names_its_repository(address: str, name: str) -> None:
    assert name_in(address) == name


def test_the_host_knows_better_than_git(tmp_path: Path) -> None:
    assert repository_name(tmp_path, {"GITHUB_REPOSITORY": "org/repo"}) == "org/repo"
    assert repository_name(tmp_path, {"CI_PROJECT_PATH": "group/project"}) == "group/project"


def test_a_directory_without_git_has_no_name(tmp_path: Path) -> None:
    assert repository_name(tmp_path, {}) == "unknown"


def test_a_checkout_is_named_by_its_remote_and_nothing_that_its_config_includes_or_rewrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository.made(tmp_path / "repository")
    repository.commit({"ci/gates.yaml": ""})
    assert repository_name(repository.directory, {}) == "unknown"
    repository.git("remote", "add", "origin", "git@host:org/repo.git")
    (tmp_path / "more").write_text('[remote "origin"]\n\turl = git@host:evil/included.git\n')
    repository.git("config", "include.path", str(tmp_path / "more"))
    repository.git("config", "url.git@host:evil/rewritten.insteadOf", "git@host:org/repo.git")
    assert "evil" in repository.git("remote", "get-url", "origin")
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho git@host:evil/path.git\n")
    fake.chmod(0o755)
    repository.git("worktree", "add", "-q", str(tmp_path / "tree"))
    monkeypatch.setenv("PATH", str(fake.parent))
    assert repository_name(repository.directory / "ci", {}) == "org/repo"
    assert repository_name(tmp_path / "tree", {}) == "org/repo"
    (repository.directory / ".git/config").write_text("[broken\n")
    assert repository_name(repository.directory, {}) == "unknown"
