import os
from pathlib import Path

import pytest

from twokey.config.shape import Subject
from twokey.errors import TwokeyError
from twokey.evidence.subject import differences, hash_subject


def subject(*files: str) -> Subject:
    return Subject(name="triage", owner="owner@example.com", files=files)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("model/weights.bin", "model/deep/er/vocab.txt", "prompts/a.md", "prompts/b.txt", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("model/**", ["model/deep/er/vocab.txt", "model/weights.bin"]),
        ("**/*.txt", ["model/deep/er/vocab.txt", "prompts/b.txt"]),
        ("prompts/*.md", ["prompts/a.md"]),
        ("model/*", ["model/weights.bin"]),
        ("README.md", ["README.md"]),
        ("prompts/?.md", ["prompts/a.md"]),
    ],
)
def test_globs_find_files_across_folders(tree: Path, glob: str, expected: list[str]) -> None:
    assert [file.path for file in hash_subject(tree, subject(glob)).files] == expected


def test_one_byte_makes_another_subject(tree: Path) -> None:
    before = hash_subject(tree, subject("model/**"))
    (tree / "model/weights.bin").write_text("model/weights.biN")
    after = hash_subject(tree, subject("model/**"))
    assert before.digest != after.digest
    assert differences(before.plain(), after) == ("model/weights.bin has changed",)


def test_what_is_outside_the_globs_changes_nothing(tree: Path) -> None:
    before = hash_subject(tree, subject("model/**"))
    (tree / "README.md").write_text("edited")
    (tree / ".git").mkdir()
    (tree / ".git/model").write_text("x")
    assert differences(before.plain(), hash_subject(tree, subject("model/**"))) == ()


def test_new_and_missing_files_are_named(tree: Path) -> None:
    before = hash_subject(tree, subject("model/**"))
    (tree / "model/weights.bin").rename(tree / "model/other.bin")
    assert differences(before.plain(), hash_subject(tree, subject("model/**"))) == (
        "model/weights.bin is gone",
        "model/other.bin is new",
    )


def test_a_glob_that_matches_nothing_is_an_error(tree: Path) -> None:
    with pytest.raises(TwokeyError, match="'weights/\\*\\*' matches no file"):
        hash_subject(tree, subject("model/**", "weights/**"))


def test_a_link_is_refused(tree: Path) -> None:
    (tree / "model/link").symlink_to(tree / "README.md")
    with pytest.raises(TwokeyError, match="is a link"):
        hash_subject(tree, subject("model/**"))


def test_names_that_differ_in_case_only_are_refused(tree: Path) -> None:
    (tree / "model/Weights.bin").write_text("x")
    if len(list((tree / "model").glob("*eights.bin"))) == 1:
        pytest.skip("this file system folds case, so the two files cannot exist")
    with pytest.raises(TwokeyError, match="case only"):
        hash_subject(tree, subject("model/**"))


def test_without_files_it_is_unpinned(tree: Path) -> None:
    assert not hash_subject(tree, subject()).pinned


@pytest.mark.parametrize("name", ["model/.git/w.bin", "model/.twokey/w.bin", "model/deep/.git"])
def test_folders_of_version_control_are_left_out_directly_below_the_root_only(tree: Path, name: str) -> None:
    for path in (tree / name, tree / ".git/w.bin", tree / ".twokey/w.bin"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("w")
    paths = [file.path for file in hash_subject(tree, subject("**")).files]
    assert name in paths
    assert not [path for path in paths if path.startswith((".git/", ".twokey/"))]
    with pytest.raises(TwokeyError, match="matches no file"):
        hash_subject(tree, subject(".git/*"))


@pytest.mark.parametrize("name", ["evil\nfile", "a\x1b[2Jb", "deep/\x7f/x", "\rfile", "\x85"])
def test_a_name_with_control_characters_is_refused_and_never_left_out(tree: Path, name: str) -> None:
    path = tree / "model" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    with pytest.raises(TwokeyError, match="control characters") as refused:
        hash_subject(tree, subject("model/**"))
    assert ascii(f"model/{name}") in str(refused.value)
    assert hash_subject(tree, subject("prompts/*")).pinned


def test_a_name_that_is_not_utf8_is_refused(tree: Path) -> None:
    try:
        (tree / "model" / os.fsdecode(b"w\xff.bin")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    with pytest.raises(TwokeyError, match="not UTF-8"):
        hash_subject(tree, subject("model/**"))


def test_a_bracket_in_a_glob_stands_for_itself(tree: Path) -> None:
    (tree / "model/[ab]").mkdir()
    for name in ("model/[ab]/x.bin", "model/a", "model/[ab].txt"):
        (tree / name).write_text(name)
    for glob, expected in (("model/[ab]/*.bin", ["model/[ab]/x.bin"]), ("model/[ab].t*", ["model/[ab].txt"])):
        assert [file.path for file in hash_subject(tree, subject(glob)).files] == expected
    with pytest.raises(TwokeyError, match="matches no file"):
        hash_subject(tree, subject("prompts/[ab].md"))
