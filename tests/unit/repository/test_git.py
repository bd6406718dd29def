import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from git_world import Repository, need_git

from twokey.errors import TwokeyError
from twokey.repository import git as git_module
from twokey.repository import program
from twokey.repository.git import Git


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.made(tmp_path / "repository")
    made.commit({"gates.yaml": "version: 1\n", "schemas/in.json": "{}", "model/weights": b"\0\1\2"})
    return made


def opened(repository: Repository) -> Git:
    git = Git.open(repository.directory)
    assert git is not None
    return git


def raw_object(repository: Repository, kind: str, data: bytes) -> str:
    return repository.git("hash-object", "-t", kind, "-w", "--stdin", "--literally", stdin=data)


def raw_commit(repository: Repository, tree: str, *parents: str, head: bytes = b"", message: bytes = b"raw\n") -> str:
    person = b"Pat <pat@example.com> 1790000000 +0000"
    people = head or b"author " + person + b"\ncommitter " + person + b"\n"
    lines = b"".join(b"parent " + parent.encode() + b"\n" for parent in parents)
    return raw_object(repository, "commit", b"tree " + tree.encode() + b"\n" + lines + people + b"\n" + message)


def tree_entry(mode: bytes, name: bytes, of: str) -> bytes:
    return mode + b" " + name + b"\0" + bytes.fromhex(of)


def test_files_are_read_from_a_commit_and_not_from_the_checkout(repository: Repository) -> None:
    repository.write({"gates.yaml": "version: 2\n"})
    git = opened(repository)
    head = git.commit_of("HEAD")
    assert head == repository.head() == git.commit_of("refs/heads/main") == git.commit_of(head)
    assert git.read_blob(head, "gates.yaml") == b"version: 1\n"
    assert git.read_blob(head, "schemas/in.json") == b"{}"
    assert git.read_blob(head, "schemas/none.json") is None
    assert git.read_blob(head, "gates.yaml/below") is None
    assert git.read_blob(head, "Gates.yaml") is None
    assert [path for path, _ in git.list_tree(head)] == ["gates.yaml", "model/weights", "schemas/in.json"]
    assert [path for path, _ in git.list_tree(head, "schemas")] == ["schemas/in.json"]


def test_a_folder_in_the_place_of_a_file_is_refused(repository: Repository) -> None:
    git = opened(repository)
    with pytest.raises(TwokeyError, match="schemas is a folder in the commit"):
        git.read_blob(git.commit_of("HEAD"), "schemas")


def test_a_file_over_the_limit_is_refused_and_the_next_is_read(repository: Repository) -> None:
    git = opened(repository)
    head = repository.commit({"large": b"x" * 3_000_000})
    with pytest.raises(TwokeyError, match="3,000,000 bytes, more than the 1,000 allowed"):
        git.read_blob(head, "large", 1000)
    assert git.read_blob(head, "gates.yaml") == b"version: 1\n"
    assert git.read_blob(head, "large") == b"x" * 3_000_000


@pytest.mark.skipif(os.name == "nt", reason="links need a right that Windows does not give")
def test_links_and_submodules_at_or_above_a_path_are_refused(repository: Repository) -> None:
    (repository.directory / "link.yaml").symlink_to("gates.yaml")
    (repository.directory / "folder").symlink_to("schemas")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{repository.head()},inner")
    head = repository.commit()
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{repository.head()},inner")
    repository.git("commit", "-q", "-m", "a submodule")
    head = repository.head()
    git = opened(repository)
    for path, told in (
        ("link.yaml", "link.yaml is a symbolic link"),
        ("folder/in.json", "folder is a symbolic link"),
        ("inner", "inner is a submodule"),
        ("inner/gates.yaml", "inner is a submodule"),
    ):
        with pytest.raises(TwokeyError, match=told):
            git.read_blob(head, path)
        assert git.standing(head, "folder/in.json") is None


def test_refs_are_found_loose_packed_symbolic_and_as_tags(repository: Repository) -> None:
    first = repository.head()
    repository.git("tag", "-a", "-m", "v1", "v1")
    repository.git("tag", "-a", "-m", "a tag of a tag", "v1-again", "v1")
    repository.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    repository.git("pack-refs", "--all")
    second = repository.commit({"gates.yaml": "version: 2\n"})
    git = opened(repository)
    assert git.commit_of("refs/heads/main") == second
    assert git.commit_of("refs/heads/alias") == second
    assert git.commit_of("refs/tags/v1") == git.commit_of("refs/tags/v1-again") == first
    assert git.checkout.refs_below("refs/tags") == ("refs/tags/v1", "refs/tags/v1-again")
    blob = raw_object(repository, "blob", b"no commit")
    for ref in ("refs/heads/none", blob, "f" * 40):
        with pytest.raises(TwokeyError):
            git.commit_of(ref)


@pytest.mark.parametrize(
    "name", ["refs/heads/../../config", "config", "refs/heads/a b", "refs//x", "refs/x.lock", "HEAD~1"]
)
def test_what_is_no_name_of_a_ref_is_not_looked_for(repository: Repository, name: str) -> None:
    with pytest.raises(TwokeyError, match="is no name of a ref"):
        opened(repository).commit_of(name)


def test_refs_that_lead_in_a_circle_or_nowhere_are_errors(repository: Repository) -> None:
    folder = repository.directory / ".git/refs/heads"
    (folder / "one").write_text("ref: refs/heads/two\n")
    (folder / "two").write_text("ref: refs/heads/one\n")
    (folder / "odd").write_text("gates.yaml\n")
    (folder / "out").write_text("ref: ../../../outside\n")
    for name in ("one", "odd", "out"):
        with pytest.raises(TwokeyError, match="ref"):
            opened(repository).commit_of(f"refs/heads/{name}")


def test_refs_kept_as_a_reftable_are_refused_by_name(repository: Repository) -> None:
    (repository.directory / ".git/reftable").mkdir()
    (repository.directory / ".git/HEAD").write_text("ref: refs/heads/.invalid\n")
    with pytest.raises(TwokeyError, match="reftable"):
        Git.open(repository.directory)


def test_a_repository_of_sha256_is_read(tmp_path: Path) -> None:
    repository = Repository.made(tmp_path / "repository", "--object-format=sha256")
    first = repository.commit({"gates.yaml": "version: 1\n"})
    repository.branch("change")
    second = repository.commit({"gates.yaml": "version: 2\n"})
    git = opened(repository)
    assert len(first) == 64
    assert git.read_blob(first, "gates.yaml") == b"version: 1\n"
    assert git.merge_base(first, second) == first


def test_there_is_no_repository_where_git_finds_none(tmp_path: Path) -> None:
    assert Git.open(tmp_path) is None
    (tmp_path / ".git").mkdir()
    assert Git.open(tmp_path) is None
    bare = tmp_path / "bare"
    bare.mkdir()
    subprocess.run([need_git(), "init", "-q", "--bare", "."], cwd=bare, check=True)
    assert Git.open(bare) is None


def test_a_git_file_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(TwokeyError, match="names no Git directory"):
        Git.open(tmp_path)


def test_a_linked_folder_stays_where_it_is_named(repository: Repository, tmp_path: Path) -> None:
    other = Repository.made(tmp_path / "other")
    other.commit({"ci/gates.yaml": "version: 6\n"})
    (repository.directory / "ci").symlink_to(other.directory / "ci")
    git = Git.open(repository.directory / "ci")
    assert git is not None
    assert git.checkout.root == repository.directory


def test_the_repositorys_own_config_and_hooks_start_nothing(repository: Repository, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch '{mark}'\nexit 0\n")
    evil.chmod(0o755)
    keys: tuple[str, ...] = (
        "gpg.ssh.program",
        "gpg.program",
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.editor",
    )
    keys += ("diff.external", "diff.evil.command", "diff.evil.textconv", "merge.evil.driver", "filter.evil.smudge")
    keys += ("filter.evil.process", "uploadpack.packObjectsHook", "credential.helper", "core.alternateRefsCommand")
    for key in keys:
        repository.git("config", key, str(evil))
    repository.git("config", "extensions.partialClone", "origin")
    repository.git("config", "remote.origin.url", f"ext::{evil}")
    repository.git("config", "remote.origin.promisor", "true")
    (tmp_path / "more").write_text(f"[core]\n\thooksPath = {tmp_path}\n[log]\n\tshowSignature = true\n")
    repository.git("config", "include.path", str(tmp_path / "more"))
    (repository.directory / ".git/info/attributes").write_text("* diff=evil merge=evil filter=evil\n")
    main = repository.head()
    tree = repository.git("rev-parse", "HEAD^{tree}")
    blob = raw_object(repository, "blob", b"version: 2\n")
    changed = raw_object(repository, "tree", tree_entry(b"100644", b".gitattributes", blob))
    one, two = raw_commit(repository, changed, main), raw_commit(repository, tree, main, message=b"two\n")
    repository.git("diff", main, one, check=False)
    assert mark.exists(), "the trap is armed"
    mark.unlink()

    git = opened(repository)
    assert git.read_blob(git.commit_of("HEAD"), "gates.yaml") == b"version: 1\n"
    assert git.merge_base(one, two) == main
    git.numstat(main, one)
    git.names(one)
    git.merged(git.commit(raw_commit(repository, tree, one, two)))
    with pytest.raises(TwokeyError, match="has no object"):
        git.commit_of("e" * 40)
    assert not mark.exists()


def test_attributes_make_nothing_binary_or_generated(repository: Repository) -> None:
    base = repository.head()
    repository.write({".gitattributes": "* -diff binary linguist-generated\n"})
    (repository.directory / ".git/info/attributes").write_text("* -diff binary\n")
    head = repository.commit({"gates.yaml": "one\ntwo\n"})
    assert opened(repository).numstat(base, head) == {".gitattributes": 1, "gates.yaml": 3}


def test_replace_refs_and_grafts_replace_nothing(repository: Repository) -> None:
    base = repository.head()
    honest = repository.commit({"gates.yaml": "version: 2\n"})
    repository.branch("evil", base)
    evil = repository.commit({"gates.yaml": "version: 666\n"})
    repository.git("replace", honest, evil)
    blob = repository.git("rev-parse", f"{base}:gates.yaml")
    repository.git("replace", blob, raw_object(repository, "blob", b"version: 667\n"))
    (repository.directory / ".git/info/grafts").write_text(f"{honest}\n")
    assert "666" in repository.git("show", f"{honest}:gates.yaml")
    git = opened(repository)
    assert git.read_blob(honest, "gates.yaml") == b"version: 2\n"
    assert git.read_blob(base, "gates.yaml") == b"version: 1\n"
    assert git.commit(honest).parents == (base,)
    assert git.merge_base(honest, evil) == base


def test_a_false_commit_graph_is_not_asked(repository: Repository) -> None:
    base = repository.head()
    head = repository.commit({"gates.yaml": "version: 2\n"})
    repository.git("commit-graph", "write", "--reachable")
    (path,) = repository.directory.glob(".git/objects/info/commit-graph")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-60] + b"\xff" * 60)
    git = opened(repository)
    assert git.names(head) == (head, base)
    assert git.merge_base(base, head) == base


def test_an_object_that_is_not_what_its_name_says_is_an_error(repository: Repository) -> None:
    head = repository.head()
    name = repository.git("rev-parse", "HEAD:gates.yaml")
    path = repository.directory / ".git/objects" / name[:2] / name[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 11\0version: 9\n"))
    git = opened(repository)
    with pytest.raises(TwokeyError, match="object"):
        git.read_blob(head, "gates.yaml")


def test_objects_that_are_borrowed_from_another_store_are_read(repository: Repository, tmp_path: Path) -> None:
    clone = repository.clone(tmp_path / "clone", "--shared")
    assert not list(clone.directory.glob(".git/objects/??"))
    assert opened(clone).read_blob(clone.head(), "gates.yaml") == b"version: 1\n"


def test_a_partial_clone_says_what_it_lacks(repository: Repository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = repository.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    with pytest.raises(TwokeyError, match="clone without --filter"):
        opened(clone).read_blob(repository.head(), "gates.yaml")


def test_only_the_systems_git_is_ever_started(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch '{tmp_path}/started'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent))
    git = opened(repository)
    assert git.read_blob(git.commit_of("HEAD"), "gates.yaml") == b"version: 1\n"
    assert not (tmp_path / "started").exists()
    inside = repository.directory / "git"
    inside.write_text("#!/bin/sh\n")
    inside.chmod(0o755)
    monkeypatch.setattr(program, "PLACES", (str(inside), "git", str(tmp_path / "none")))
    assert Git.open(repository.directory) is None


def test_variables_of_the_environment_do_not_reach_git(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_REPLACE_REF_BASE", "HOME"):
        monkeypatch.setenv(name, "/nowhere")
    git = opened(repository)
    assert git.read_blob(git.commit_of("HEAD"), "gates.yaml") == b"version: 1\n"
    clean = program.clean_environment(git.objects.room)
    assert clean["GIT_DIR"] == clean["HOME"] == str(git.objects.room)
    assert not {"PATH", "LD_PRELOAD", "PYTHONPATH"} & clean.keys()


def test_nothing_is_written_into_the_repository_and_nothing_is_left(repository: Repository) -> None:
    def listing() -> dict[str, bytes]:
        files = (path for path in repository.directory.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files}

    base = repository.head()
    repository.branch("other")
    other = repository.commit({"other": "1"})
    repository.branch("change", base)
    repository.commit({"gates.yaml": "version: 2\n"})
    merge = repository.merge("other")
    before = listing()
    git = opened(repository)
    assert git.merged(git.commit(merge)) == git.commit(merge).tree
    assert git.merge_base(other, merge) == other
    assert listing() == before
    room = git.objects.room
    assert room.stat().st_mode & 0o077 == 0 or os.name == "nt"
    del git
    assert not room.exists()


def test_nothing_is_left_when_the_program_ends(repository: Repository) -> None:
    source = (
        "import sys; from pathlib import Path; from twokey.repository.git import Git\n"
        "git = Git.open(Path(sys.argv[1])); git.commit_of('HEAD'); print(git.objects.room)"
    )
    command = [sys.executable, "-X", "dev", "-c", source, str(repository.directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert not Path(done.stdout.strip()).exists()


def test_a_process_that_ended_meanwhile_is_started_again(repository: Repository) -> None:
    git = opened(repository)
    head = git.commit_of("HEAD")
    process = git.objects._process
    assert process is not None
    process.kill()
    process.wait()
    assert git.read_blob(head, "gates.yaml") == b"version: 1\n"


def test_no_answer_in_time_is_an_error(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(program, "PLACES", (str(slow),))
    monkeypatch.setattr(program, "SECONDS", 0.2)
    git = opened(repository)
    with pytest.raises(TwokeyError, match="no answer"):
        git.names(repository.head())
    with pytest.raises(TwokeyError, match="did not give"):
        git.commit_of("HEAD")


def test_output_over_the_limit_is_an_error(repository: Repository) -> None:
    repository.commit()
    with pytest.raises(TwokeyError, match="printed more than the 50 bytes"):
        opened(repository).objects.ask("rev-list", repository.head(), max_bytes=50)


def test_histories_that_met_twice_are_refused_with_the_way_out(repository: Repository) -> None:
    base = repository.head()
    repository.branch("one")
    one = repository.commit({"one": "1"})
    repository.branch("two", base)
    two = repository.commit({"two": "2"})
    left = repository.merge("one")
    repository.go("one")
    right = repository.merge(two)
    git = opened(repository)
    with pytest.raises(TwokeyError, match=r"in 2 commits at once.*merge the target branch"):
        git.merge_base(left, right)
    assert git.merge_base(one, two) == base


def test_histories_that_never_met_are_refused(repository: Repository) -> None:
    main = repository.head()
    repository.git("checkout", "-q", "--orphan", "alone")
    alone = repository.commit({"gates.yaml": "version: 2\n"})
    with pytest.raises(TwokeyError, match=r"no commit in common.*rebase"):
        opened(repository).merge_base(main, alone)


def test_a_cut_history_says_what_depth_is_needed(repository: Repository, tmp_path: Path) -> None:
    for number in range(4):
        repository.commit({"main": str(number)})
    fork = repository.head()
    repository.branch("change")
    repository.commit({"a": "1"})
    repository.commit({"b": "1"})
    cut = opened(repository.clone(tmp_path / "cut", "--depth=2", "--no-single-branch"))
    main, change = (cut.commit_of(f"refs/remotes/origin/{name}") for name in ("main", "change"))
    with pytest.raises(TwokeyError, match=r"no commit in common, and its history is cut here.*fetch-depth: 0"):
        cut.merge_base(main, change)
    with pytest.raises(TwokeyError, match="fetch-depth: 0"):
        cut.refuse_cut(change)
    enough = opened(repository.clone(tmp_path / "enough", "--depth=4", "--no-single-branch", "--branch=change"))
    assert enough.shallow
    assert enough.merge_base(fork, enough.commit_of("HEAD")) == fork


def test_a_cut_that_hides_a_later_meeting_is_refused(repository: Repository) -> None:
    base = repository.head()
    repository.branch("change")
    met = repository.commit({"gates.yaml": "version: 2\n"})
    repository.branch("other")
    cut = repository.commit({"other": "1"})
    repository.go("main")
    repository.commit({"main": "1"})
    main = repository.merge("other")
    repository.go("change")
    head = repository.commit({"gates.yaml": "version: 1\n"})
    assert opened(repository).merge_base(main, head) == met
    # As if the clone had been cut on one way from main: an older meeting shows, from where nothing seems to change.
    (repository.directory / ".git/shallow").write_text(f"{cut}\n")
    assert repository.git("merge-base", main, head) == base
    for sides in ((main, head), (head, main)):
        with pytest.raises(TwokeyError, match=r"this clone is shallow.*fetch-depth: 0"):
            opened(repository).merge_base(*sides)
    with pytest.raises(TwokeyError, match="cut at"):
        opened(repository).parents(cut)


def test_what_a_partial_clone_lacks_is_never_taken_for_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = repository.clone(tmp_path / "clone", "--filter=tree:0", "--no-checkout")
    with pytest.raises(TwokeyError, match="clone without --filter"):
        opened(clone).standing(repository.head(), "schemas/in.json")
    with pytest.raises(TwokeyError, match="clone without --filter"):
        opened(clone).list_tree(repository.head(), "schemas")


def test_trees_that_git_would_not_make_are_errors(repository: Repository) -> None:
    blob = raw_object(repository, "blob", b"x")
    for entries in (
        tree_entry(b"100644", b"a", blob) * 2,
        tree_entry(b"100644", b"..", blob),
        tree_entry(b"100644", b"a/b", blob),
        tree_entry(b"100644", b"", blob),
        b"100644 cut\0abc",
        b"mode name\0" + bytes.fromhex(blob),
        b"100644",
    ):
        commit = raw_commit(repository, raw_object(repository, "tree", entries))
        with pytest.raises(TwokeyError, match="a tree of the repository"):
            opened(repository).list_tree(commit)


def test_a_bomb_of_nested_trees_ends(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_module, "MAX_STEPS", 20_000)
    for leaf in (raw_object(repository, "blob", b"x"), raw_object(repository, "tree", b"")):
        mode = b"100644" if repository.git("cat-file", "-t", leaf) == "blob" else b"40000"
        for _ in range(10):
            entries = b"".join(tree_entry(mode, b"%d" % number, leaf) for number in range(10))
            leaf, mode = raw_object(repository, "tree", entries), b"40000"
        with pytest.raises(TwokeyError, match="more than"):
            opened(repository).list_tree(raw_commit(repository, leaf))


def test_names_may_hold_line_feeds_escapes_and_any_bytes(repository: Repository) -> None:
    base = repository.head()
    blob = raw_object(repository, "blob", b"x\n")
    names = (b"a\nb", b"c\td", b"e\x1b[31m", b"f\xff", b'g"h', "ü".encode())
    tree = raw_object(repository, "tree", b"".join(tree_entry(b"100644", name, blob) for name in names))
    head = raw_commit(repository, tree, base)
    git = opened(repository)
    found = [each.path for each in git.differences(base, head) if each.after is not None]
    assert found == sorted(["a\nb", "c\td", "e\x1b[31m", r"f\xff", 'g"h', "ü"])
    counted = git.numstat(base, head)
    assert [counted[name] for name in found] == [1] * len(names)


def test_people_are_all_addresses_in_a_commit(repository: Repository) -> None:
    tree = repository.git("rev-parse", "HEAD^{tree}")
    head = (
        b"author Eve <eve@example.com> <ann@example.com> 1790000000 +0000\n"
        b"committer N\xf6n\x1b <non@example.com\xff> 1790000000 +0000\n"
        b"gpgsig -----BEGIN SSH SIGNATURE-----\n author Fake <fake@example.com> 1 +0000\n -----END SSH SIGNATURE-----\n"
    )
    message = (
        b"title\n\nauthor Not <not@example.com> 1 +0000\nCo-Authored-By: Bo <bo@example.com>\n"
        b"  co-authored-by : Cy <cy@x>\n\nafterwards\nCo-authored-by:Di\n"
    )
    commit = opened(repository).commit(raw_commit(repository, tree, head=head, message=message))
    assert commit.authors == ("eve@example.com", "ann@example.com")
    assert commit.committers == (r"non@example.com\xff",)
    assert commit.co_authors == ("bo@example.com", "cy@x", "Di")


def test_a_commit_without_an_address_is_its_names(repository: Repository) -> None:
    tree = repository.git("rev-parse", "HEAD^{tree}")
    head = b"author Eve <> 1790000000 +0000\ncommitter Eve <> 1790000000 +0000\n"
    assert opened(repository).commit(raw_commit(repository, tree, head=head)).authors == ("Eve",)
