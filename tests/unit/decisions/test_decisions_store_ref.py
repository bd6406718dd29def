import stat
from pathlib import Path

import pytest
from ref_world import ANN, ENVIRONMENT, REF, SHORT, Repository, repository

from twokey.canonical import sha256
from twokey.decisions.decision import DecisionFile, RefusedFile
from twokey.decisions.ref_git import RefGit
from twokey.decisions.ref_store import RefStore
from twokey.errors import TwokeyError

NAME = "decision-ann@example.com.json"


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    return repository(tmp_path / "project")


@pytest.fixture
def store(made: Repository) -> RefStore:
    return RefStore.open(made.directory, REF)


def refusals(store: RefStore) -> dict[str, str]:
    return {name: file.reason for name, file in store.files(SHORT).items() if isinstance(file, RefusedFile)}


def test_the_ref_is_a_tree_that_plain_git_reads(made: Repository, store: RefStore) -> None:
    store.write(SHORT, {"manifest.json": b"m"})
    store.write_decision(SHORT, ANN, b"one", b"sig")
    assert made.names() == {f"{SHORT}/{name}" for name in ("manifest.json", NAME, f"{NAME}.sig")}
    assert made.git("cat-file", "blob", f"{REF}:{SHORT}/{NAME}") == "one"
    people = made.git("log", "--format=%an <%ae> %cn <%ce>", REF).splitlines()
    assert people == ["twokey <twokey@localhost> twokey <twokey@localhost>"] * 2
    assert made.git("fsck", "--strict", "--no-dangling") == ""


def test_a_decision_and_its_signature_come_in_one_commit(made: Repository, store: RefStore) -> None:
    store.write_decision(SHORT, ANN, b"one", b"sig")
    assert made.git("rev-list", "--count", REF) == "1"
    store.write_decision(SHORT, ANN, b"one", b"sig")
    assert made.git("rev-list", "--count", REF) == "1"


def test_neither_the_branch_nor_the_index_nor_the_files_are_touched(made: Repository, store: RefStore) -> None:
    (made.directory / "file").write_text("x")
    made.git("add", "file")
    made.git("commit", "-qm", "first")
    before = (made.git("rev-parse", "HEAD"), (made.directory / ".git" / "index").read_bytes())
    store.write_decision(SHORT, ANN, b"one", b"sig")
    assert (made.git("rev-parse", "HEAD"), (made.directory / ".git" / "index").read_bytes()) == before
    assert made.git("status", "--porcelain") == ""
    assert sorted(path.name for path in made.directory.iterdir()) == [".git", "file"]


def test_a_linked_worktree_and_a_packed_ref_are_the_same_store(
    tmp_path: Path, made: Repository, store: RefStore
) -> None:
    made.git("commit", "-q", "--allow-empty", "-m", "first")
    made.git("worktree", "add", "-q", str(tmp_path / "linked"))
    store.write_decision(SHORT, ANN, b"one", b"sig")
    made.git("pack-refs", "--all")
    linked = RefStore.open(tmp_path / "linked", REF)
    assert linked.read(SHORT) == store.read(SHORT) != ()
    linked.write_decision(SHORT, ANN, b"two", b"sig")
    assert len(store.read(SHORT)) == 2


def test_a_sha256_repository_keeps_decisions_too(tmp_path: Path) -> None:
    made = repository(tmp_path / "other", "--object-format=sha256")
    store = RefStore.open(made.directory, REF)
    with pytest.raises(TwokeyError, match="has no commit yet"):
        store.write_decision(SHORT, ANN, b"one", b"sig")
    made.git("commit", "-q", "--allow-empty", "-m", "first")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    assert [file.name for file in store.read(SHORT)] == [NAME]
    assert len(made.git("rev-parse", REF)) == 64


def test_what_was_fetched_is_read_together_with_what_is_here(made: Repository, store: RefStore) -> None:
    store.write(SHORT, {"manifest.json": b"m"})
    store.write_decision(SHORT, ANN, b"here", b"sig here")
    made.keep(
        ("100644", made.blob(b"there"), NAME.encode()),
        ("100644", made.blob(b"sig there"), NAME.encode() + b".sig"),
        ("100644", made.blob(b"m"), b"manifest.json"),
        ref="refs/remotes/origin/twokey/decisions",
    )
    found = {(file.data, file.signature) for file in store.read(SHORT) if isinstance(file, DecisionFile)}
    assert found == {(b"here", b"sig here"), (b"there", b"sig there")}
    assert set(store.files(SHORT)) == {
        "manifest.json",
        *(NAME, f"{NAME}.sig"),
        *("decision-ann@example.com-2.json", "decision-ann@example.com-2.json.sig"),
    }


def test_only_what_was_fetched_is_read_and_built_upon(made: Repository, store: RefStore) -> None:
    tracking = "refs/remotes/origin/twokey/decisions"
    made.keep(("100644", made.blob(b"there"), NAME.encode()), ref=tracking)
    assert store.folders() == (SHORT,)
    assert store.write_decision(SHORT, ANN, b"here", b"sig") == "decision-ann@example.com-2.json"
    assert made.git("rev-parse", f"{REF}^") == made.git("rev-parse", tracking)
    assert len(store.read(SHORT)) == 2


def test_copies_of_evidence_that_differ_here_and_there_are_an_error(made: Repository, store: RefStore) -> None:
    store.write(SHORT, {"manifest.json": b"m"})
    altered = ("100644", made.blob(b"altered"), b"manifest.json")
    made.keep(altered, ref="refs/remotes/origin/twokey/decisions")
    with pytest.raises(TwokeyError, match=r"manifest\.json differs from what is kept here"):
        store.read(SHORT)


def test_a_refusal_that_was_deleted_from_the_ref_is_still_read(made: Repository, store: RefStore) -> None:
    store.write_decision(SHORT, ANN, b"a refusal", b"sig")
    store.write_decision(SHORT, "bob", b"another", b"sig")
    bob = [
        ("100644", made.blob(b"another"), b"decision-bob.json"),
        ("100644", made.blob(b"sig"), b"decision-bob.json.sig"),
    ]
    made.keep(*bob)
    gone = DecisionFile(name=f"{NAME} (deleted from {REF})", data=b"a refusal", signature=b"sig")
    here = DecisionFile(name="decision-bob.json", data=b"another", signature=b"sig")
    assert store.read(SHORT) == (here, gone)
    made.commit(made.tree())
    assert {file.name for file in store.read(SHORT)} == {gone.name, f"decision-bob.json (deleted from {REF})"}
    assert store.folders() == (SHORT,)


def test_a_manifest_that_was_deleted_from_the_ref_still_says_what_its_folder_is_about(
    made: Repository, store: RefStore
) -> None:
    named = sha256(b"{}")[:12]
    assert store.manifest(named) is None, "there is no ref yet"
    store.write(SHORT, {"manifest.json": b"{}"})
    store.write(named, {"manifest.json": b"{}"})
    assert store.manifest(named) == b"{}"
    assert store.manifest(SHORT) is None, "it is another one's"
    made.commit(made.tree())
    assert store.files(named) == {}
    assert store.manifest(named) == b"{}"


def test_a_refusal_that_a_merge_left_out_is_still_read(made: Repository, store: RefStore) -> None:
    store.write_decision(SHORT, "bob", b"first", b"sig")
    first = made.git("rev-parse", REF)
    store.write_decision(SHORT, ANN, b"a refusal", b"sig")
    evil = made.git("commit-tree", f"{first}^{{tree}}", "-p", first, "-p", REF, "-m", "merge")
    made.git("update-ref", REF, evil)
    assert [file.name for file in store.read(SHORT)] == ["decision-bob.json", f"{NAME} (deleted from {REF})"]


def test_odd_entries_of_a_tree_are_refused_each_with_its_reason(made: Repository, store: RefStore) -> None:
    blob, empty = made.blob(b"{}"), made.tree()
    made.keep(
        ("100644", blob, b".."),
        ("100644", blob, b".git"),
        ("100644", blob, b"DECISION-ann.json"),
        ("100644", blob, b"Grades-ann.json"),
        ("100644", blob, b"a\\b"),
        ("100644", blob, b"caf\xe9.json"),
        ("160000", "1" * 40, b"decision-bob.json"),
        ("120000", made.blob(b"../../etc/passwd"), b"decision-ann.json"),
        ("40000", empty, b"decision-eve.json"),
        ("100644", blob, b"../../evil.json"),
        ("100644", blob, b"grades-ann.json"),
        ("100755", blob, b"grades-bob.json"),
        ("100644", blob, b"line\nbreak"),
    )
    plain = "not a plain name: letters, digits and . _ + @ - only, at most 150 of them"
    assert refusals(store) == {
        "..": plain,
        ".git": plain,
        "DECISION-ann.json": "not the name of a decision: decision-PRINCIPAL.json, in lower case",
        "Grades-ann.json": "another file has the same name but for capitals",
        "a\\\\b": plain,
        "caf\\udce9.json": plain,
        "decision-bob.json": "a submodule: no regular file",
        "decision-ann.json": "a link: no regular file",
        "decision-eve.json": "a folder: no regular file",
        "../../evil.json": plain,
        "line\\nbreak": plain,
    }
    assert {name for name in store.files(SHORT) if name not in refusals(store)} == {
        "grades-ann.json",
        "grades-bob.json",
    }
    assert {file.name: getattr(file, "reason", None) for file in store.read(SHORT)} == {
        "DECISION-ann.json": "not the name of a decision: decision-PRINCIPAL.json, in lower case",
        "decision-ann.json": "a link: no regular file",
        "decision-bob.json": "a submodule: no regular file",
        "decision-eve.json": "a folder: no regular file",
    }


def test_odd_entries_are_carried_along_by_whoever_writes(made: Repository, store: RefStore) -> None:
    made.keep(("120000", made.blob(b"x"), b"decision-ann.json"), ("160000", "1" * 40, b"decision-bob.json"))
    before = refusals(store)
    assert store.write_decision(SHORT, "ann", b"one", b"sig") == "decision-ann-2.json"
    assert refusals(store) == before


def test_an_oversized_blob_is_refused_and_not_read(made: Repository, store: RefStore) -> None:
    large = made.blob(bytes(50 * 1024 * 1024))
    made.keep(("100644", large, NAME.encode()), ("100644", large, b"results.json"))
    assert refusals(store) == {
        NAME: "52,428,800 bytes, more than the 262,144 allowed",
        "results.json": "52,428,800 bytes, more than the 16,777,216 allowed",
    }
    made.keep(
        ("100644", made.blob(b"{}"), NAME.encode()),
        ("100644", made.blob(bytes(16 * 1024 + 1)), NAME.encode() + b".sig"),
    )
    (refused, *_) = store.read(SHORT)
    assert refused == RefusedFile(name=NAME, reason="its signature: 16,385 bytes, more than the 16,384 allowed")


def test_a_folder_of_more_than_a_thousand_entries_is_an_error(made: Repository, store: RefStore) -> None:
    blob = made.blob(b"")
    made.keep(*(("100644", blob, b"%04d" % number) for number in range(1000)))
    assert len(store.files(SHORT)) == 1000
    made.keep(*(("100644", blob, b"%04d" % number) for number in range(1001)))
    with pytest.raises(TwokeyError, match="more than 1,000 files"):
        store.read(SHORT)


def test_a_name_that_stands_twice_in_a_tree_is_an_error(made: Repository, store: RefStore) -> None:
    made.keep(("100644", made.blob(b"1"), NAME.encode()), ("100644", made.blob(b"2"), NAME.encode()))
    with pytest.raises(TwokeyError, match="stands in it twice"):
        store.read(SHORT)


@pytest.mark.parametrize(("mode", "kind"), [("120000", "blob"), ("160000", "commit"), ("100644", "blob")])
def test_what_stands_in_a_folders_place_is_an_error(made: Repository, store: RefStore, mode: str, kind: str) -> None:
    oid = "1" * 40 if kind == "commit" else made.blob(b"../x")
    made.commit(made.tree((mode, oid, SHORT.encode())))
    assert store.folders() == ()
    with pytest.raises(TwokeyError, match="no folder"):
        store.read(SHORT)
    with pytest.raises(TwokeyError, match="no folder"):
        store.write_decision(SHORT, ANN, b"one", b"sig")


def test_a_ref_that_leads_to_a_branch_is_not_written_through(made: Repository, store: RefStore) -> None:
    made.git("commit", "-q", "--allow-empty", "-m", "first")
    before = made.git("rev-parse", "HEAD")
    made.git("symbolic-ref", REF, made.git("symbolic-ref", "HEAD"))
    for use in (lambda: store.read(SHORT), lambda: store.write_decision(SHORT, ANN, b"one", b"sig")):
        with pytest.raises(TwokeyError, match="leads to another ref"):
            use()
    assert made.git("rev-parse", "HEAD") == before


def test_content_that_is_not_here_is_an_error_so_that_no_refusal_is_passed_over(
    made: Repository, store: RefStore
) -> None:
    store.write_decision(SHORT, ANN, b"one", b"sig")
    oid = made.git("rev-parse", f"{REF}:{SHORT}/{NAME}")
    (made.directory / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(TwokeyError, match="not in this repository"):
        store.read(SHORT)


def trap(made: Repository) -> Path:
    """Fill the repository's config and hooks with whatever Git might run, all leaving the same trace."""
    trace, program = made.directory.parent / "trace", made.directory.parent / "trap"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {trace}\nexit 0\n")
    program.chmod(0o755)
    hooks = made.directory / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("reference-transaction", "pre-push", "pre-commit", "post-commit", "post-update", "pre-auto-gc"):
        (hooks / hook).write_text(program.read_text())
        (hooks / hook).chmod(0o755)
    settings = {
        "core.hooksPath": str(hooks),
        "core.fsmonitor": str(program),
        "core.sshCommand": str(program),
        "core.askPass": str(program),
        "core.gitProxy": str(program),
        "core.alternateRefsCommand": str(program),
        "credential.helper": f"!{program}",
        "gpg.ssh.program": str(program),
        "gpg.program": str(program),
        "commit.gpgSign": "true",
        "push.gpgSign": "if-asked",
        "diff.external": str(program),
        "remote.origin.uploadpack": str(program),
        "remote.origin.receivepack": str(program),
        "alias.push": f"!{program}",
        "filter.x.clean": str(program),
        "gc.auto": "1",
    }
    for name, value in settings.items():
        made.git("config", name, value)
    (made.directory / ".gitattributes").write_text("* filter=x\n")
    (made.directory / ".git" / "info" / "attributes").write_text("* filter=x\n")
    return trace


def test_the_repositorys_own_config_and_hooks_are_never_run(tmp_path: Path, made: Repository, store: RefStore) -> None:
    there = repository(tmp_path / "there", "--bare")
    made.git("config", "remote.origin.url", str(there.directory))
    trace = trap(made)
    store.write(SHORT, {"manifest.json": b"m"})
    store.write_decision(SHORT, ANN, b"one", b"sig")
    store.read(SHORT)
    store.folders()
    store.push()
    assert not trace.exists()
    assert there.names() == made.names()
    made.git("-c", "alias.x=", "commit", "-q", "--allow-empty", "--no-gpg-sign", "-m", "this runs hooks")
    assert trace.exists(), "the trap does not work, so the test says nothing"


def test_nothing_of_the_repository_is_collected_as_garbage(tmp_path: Path, made: Repository, store: RefStore) -> None:
    settings = "[gc]\n\tauto = 1\n\tpruneExpire = now\n\tautoDetach = false\n[maintenance]\n\tautoDetach = false\n"
    (tmp_path / ".gitconfig").write_text(settings)
    made.git("commit", "-q", "--allow-empty", "-m", "of a branch, which the private directory does not know")
    kept = [made.git("rev-parse", "HEAD"), *(made.blob(b"%d" % number) for number in range(600))]
    there = repository(tmp_path / "there", "--bare")
    other = repository(tmp_path / "other")
    for one in (made, other):
        one.git("config", "remote.origin.url", str(there.directory))
    theirs = RefStore.open(other.directory, REF)
    theirs.write_decision(SHORT, "bob", b"bob's", b"sig")
    theirs.push()
    store.write_decision(SHORT, ANN, b"one", b"sig")
    store.push(environment={"HOME": str(tmp_path)})
    asked = "".join(f"{oid}\n" for oid in kept).encode()
    assert "missing" not in made.git("cat-file", "--batch-check", given=asked)
    assert len(there.names()) == 4


def test_replace_refs_and_grafts_have_no_say(made: Repository, store: RefStore) -> None:
    store.write_decision(SHORT, ANN, b"a refusal", b"sig")
    refusal = made.git("rev-parse", f"{REF}:{SHORT}/{NAME}")
    made.git("replace", refusal, made.blob(b"an approval"))
    assert made.git("cat-file", "blob", refusal) == "an approval"
    made.commit(made.tree())
    (made.directory / ".git" / "info" / "grafts").write_text(made.git("rev-parse", REF) + "\n")
    assert [file.data for file in store.read(SHORT) if isinstance(file, DecisionFile)] == [b"a refusal"]


def test_the_environment_and_the_path_have_no_say(
    tmp_path: Path, made: Repository, store: RefStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace, fake = tmp_path / "trace", tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {trace}\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{fake.parent}:{ENVIRONMENT['PATH']}")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Mal")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    assert len(store.read(SHORT)) == 1
    assert made.git("log", "--format=%an", REF) == "twokey"
    assert not trace.exists()


def test_a_git_inside_the_workspace_is_not_taken(made: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = made.directory / "git"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    monkeypatch.setattr("twokey.repository.program.PLACES", (str(fake),))
    with pytest.raises(TwokeyError, match="no Git at a place that only the system's owner writes to"):
        RefGit.open(made.directory)


def test_a_lock_that_somebody_left_is_told_by_its_path(
    made: Repository, store: RefStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twokey.decisions.ref_store.TRIES", 3)
    store.write_decision(SHORT, ANN, b"one", b"sig")
    lock = made.directory / ".git" / f"{REF}.lock"
    lock.touch()
    with pytest.raises(TwokeyError, match="cannot lock ref") as caught:
        store.write_decision(SHORT, ANN, b"two", b"sig")
    assert str(lock) in str(caught.value)
    lock.unlink()
    assert len(store.read(SHORT)) == 1
