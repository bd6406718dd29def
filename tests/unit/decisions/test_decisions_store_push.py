from pathlib import Path

import pytest
from ref_world import ANN, REF, SHORT, Repository, at_once, repository

from twokey.decisions.decision import DecisionFile
from twokey.decisions.ref_store import RefStore
from twokey.errors import TwokeyError

BOB = "bob@example.com"
NAME = "decision-ann@example.com.json"
SIGN_AND_PUSH = f"""
import sys
from pathlib import Path
from twokey.decisions.store import open_store

directory, number = sys.argv[1:]
store = open_store("{REF}", Path(directory))
for turn in range(2):
    said = f"{{number}}-{{turn}}".encode()
    store.write("{SHORT}", {{"manifest.json": b"the same", "grades-{ANN}.json": said}})
    store.write_decision("{SHORT}", "{ANN}", b"decision " + said, b"signature " + said)
    store.push()
"""


@pytest.fixture
def there(tmp_path: Path) -> Repository:
    return repository(tmp_path / "there.git", "--bare")


def clone(there: Repository, name: str) -> RefStore:
    made = repository(there.directory.parent / name)
    made.git("remote", "add", "origin", str(there.directory))
    return RefStore.open(made.directory, REF)


def fetched(there: Repository, name: str) -> RefStore:
    store = clone(there, name)
    Repository(directory=there.directory.parent / name).git("fetch", "-q", "origin", "refs/twokey/*:refs/twokey/*")
    return store


def said(store: RefStore) -> set[tuple[bytes, bytes | None]]:
    return {(file.data, file.signature) for file in store.read(SHORT) if isinstance(file, DecisionFile)}


def test_what_is_pushed_another_clone_fetches(there: Repository) -> None:
    store = clone(there, "one")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    told = store.push()
    assert told == f"{REF} is at {there.git('rev-parse', REF)[:12]} on origin"
    assert fetched(there, "two").read(SHORT) == store.read(SHORT)
    assert store.push() == told


def test_two_clones_that_knew_nothing_of_each_other_both_keep_everything(there: Repository) -> None:
    one, two = clone(there, "one"), clone(there, "two")
    one.write(SHORT, {"manifest.json": b"m", "grades-ann.json": b"1"})
    one.write_decision(SHORT, ANN, b"one", b"sig one")
    two.write(SHORT, {"manifest.json": b"m", "grades-ann.json": b"2"})
    two.write_decision(SHORT, ANN, b"two", b"sig two")
    two.write_decision("ba9876543210", BOB, b"elsewhere", b"sig")
    one.push()
    two.push()
    one.push()
    for store in (one, two, fetched(there, "three")):
        assert said(store) == {(b"one", b"sig one"), (b"two", b"sig two")}
        assert {store.files(SHORT)[name] for name in ("grades-ann.json", "grades-ann-2.json")} == {b"1", b"2"}
        assert store.folders() == (SHORT, "ba9876543210")
    assert len(there.names()) == 9
    assert there.git("fsck", "--strict") == ""


def test_joining_again_and_again_makes_no_further_copies(there: Repository) -> None:
    one, two = clone(there, "one"), clone(there, "two")
    one.write_decision(SHORT, ANN, b"one", b"sig one")
    two.write_decision(SHORT, ANN, b"two", b"sig two")
    for turn in range(3):
        for store in (one, two):
            store.write_decision(SHORT, BOB, b"%d" % turn, b"sig")
            store.push()
    assert len(there.names()) == 2 * (2 + 3)


def test_a_pair_stays_a_pair_when_it_moves_to_a_free_name(there: Repository) -> None:
    one, two = clone(there, "one"), clone(there, "two")
    one.write_decision(SHORT, ANN, b"the same", b"sig one")
    two.write_decision(SHORT, ANN, b"the same", b"sig two")
    one.push()
    two.push()
    assert said(two) == {(b"the same", b"sig one"), (b"the same", b"sig two")}


def test_three_clones_that_push_at_once_lose_nothing(there: Repository) -> None:
    names = [f"clone-{number}" for number in range(3)]
    for name in names:
        clone(there, name)
    ended = at_once(SIGN_AND_PUSH, [(str(there.directory.parent / name), name) for name in names])
    assert [process.stderr for process in ended] == [""] * 3
    turns = [f"{name}-{turn}".encode() for name in names for turn in range(2)]
    store = fetched(there, "reader")
    assert said(store) == {(b"decision " + turn, b"signature " + turn) for turn in turns}
    files = store.files(SHORT)
    assert {data for name, data in files.items() if name.startswith("grades-")} == set(turns)
    assert len(files) == 1 + 3 * len(turns)


def test_evidence_that_differs_there_is_never_joined(there: Repository) -> None:
    one, two = clone(there, "one"), clone(there, "two")
    one.write(SHORT, {"manifest.json": b"m"})
    two.write(SHORT, {"manifest.json": b"altered"})
    one.push()
    with pytest.raises(TwokeyError, match=r"manifest\.json differs"):
        two.push()
    assert there.git("cat-file", "blob", f"{REF}:{SHORT}/manifest.json") == "m"
    assert dict(two.files(SHORT)) == {"manifest.json": b"altered"}


def test_what_was_deleted_there_is_not_deleted_here_and_comes_back(there: Repository) -> None:
    store = clone(there, "one")
    store.write_decision(SHORT, ANN, b"a refusal", b"sig")
    store.push()
    there.git("update-ref", "-d", REF)
    there.keep(("100644", there.blob(b"x"), b"grades-ann.json"))
    store.push()
    assert {f"{SHORT}/{NAME}", f"{SHORT}/{NAME}.sig", f"{SHORT}/grades-ann.json"} == there.names()


def test_a_deletion_on_top_of_what_is_here_is_taken_in_and_seen(there: Repository) -> None:
    store = clone(there, "one")
    store.write_decision(SHORT, ANN, b"a refusal", b"sig")
    store.push()
    there.commit(there.tree())
    store.push()
    assert store.read(SHORT) == (
        DecisionFile(name=f"{NAME} (deleted from {REF})", data=b"a refusal", signature=b"sig"),
    )
    assert fetched(there, "two").read(SHORT) == store.read(SHORT)


def test_odd_entries_of_the_remote_are_carried_along(there: Repository) -> None:
    blob = there.blob(b"x")
    there.keep(("120000", blob, b"decision-bob.json"), ("160000", "1" * 40, b"sub"), ("100644", blob, b".."))
    store = clone(there, "one")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    store.push()
    assert {"decision-bob.json", "sub", ".."} < set(store.files(SHORT))
    assert len(there.names()) == 5


def test_only_the_ref_of_decisions_travels(there: Repository) -> None:
    store = clone(there, "one")
    made = Repository(directory=there.directory.parent / "one")
    made.git("commit", "-q", "--allow-empty", "-m", "first")
    made.git("tag", "v1")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    store.push()
    assert there.git("for-each-ref", "--format=%(refname)") == REF


def test_a_remote_that_refuses_is_told_with_its_reason_and_the_decision_stays(there: Repository) -> None:
    hook = there.directory / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    store = clone(there, "one")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    with pytest.raises(TwokeyError, match="it refuses: pre-receive hook declined"):
        store.push()
    assert said(store) == {(b"one", b"sig")}


def test_a_remote_that_is_not_there_is_an_error(there: Repository) -> None:
    store = clone(there, "one")
    with pytest.raises(TwokeyError, match="there are no decisions to send"):
        store.push()
    store.write_decision(SHORT, ANN, b"one", b"sig")
    with pytest.raises(TwokeyError, match="there is no remote called upstream"):
        store.push("upstream")
    there.directory.rename(there.directory.with_name("moved"))
    with pytest.raises(TwokeyError, match="cannot be sent to origin"):
        store.push()


@pytest.mark.parametrize("remote", ["", "--all", "../x", "a b", "https://example.com/x", "ext::sh -c x"])
def test_a_remote_is_named_not_addressed(there: Repository, remote: str) -> None:
    store = clone(there, "one")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    with pytest.raises(TwokeyError, match="is no name of a remote"):
        store.push(remote)


@pytest.mark.parametrize("address", ["ext::sh -c 'touch trace'", "--upload-pack=touch trace", "x::y", "-x"])
def test_an_address_that_would_run_something_is_refused(there: Repository, address: str) -> None:
    store = clone(there, "one")
    Repository(directory=there.directory.parent / "one").git("config", "remote.origin.url", address)
    store.write_decision(SHORT, ANN, b"one", b"sig")
    with pytest.raises(TwokeyError, match="is not one to send to"):
        store.push()


def test_a_relative_address_is_seen_from_the_checkout(there: Repository) -> None:
    store = clone(there, "one")
    Repository(directory=there.directory.parent / "one").git("config", "remote.origin.url", "../there.git")
    store.write_decision(SHORT, ANN, b"one", b"sig")
    store.push()
    assert len(there.names()) == 2


def test_a_shallow_clone_reads_signs_and_pushes(there: Repository) -> None:
    store = clone(there, "one")
    for number in range(3):
        store.write_decision(SHORT, ANN, b"%d" % number, b"sig")
    store.push()
    made = repository(there.directory.parent / "shallow")
    made.git("remote", "add", "origin", f"file://{there.directory}")
    made.git("fetch", "-q", "--depth=1", "origin", "refs/twokey/*:refs/twokey/*")
    shallow = RefStore.open(made.directory, REF)
    assert len(shallow.read(SHORT)) == 3
    shallow.write_decision(SHORT, BOB, b"bob's", b"sig")
    shallow.push()
    assert len(there.names()) == 8
    assert there.git("rev-list", "--count", REF) == "4"
