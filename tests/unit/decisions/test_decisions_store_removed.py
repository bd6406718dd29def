from pathlib import Path

import pytest
from decision_world import World, signature

from twokey.decisions.contents import MAX_REMOVED, decisions_in, limit_in_folder, removed_pairs
from twokey.decisions.decision import DecisionFile
from twokey.decisions.document import MAX_BYTES
from twokey.decisions.store import open_store, read_decisions, write_decision
from twokey.errors import TwokeyError
from twokey.signers.wire import MAX_ARMOR_BYTES

SHORT = "a" * 12
NAME = "decision-ann@example.com.json"
GONE = f"{NAME} (not in the checkout)"
PATH = f"decisions/{SHORT}/{NAME}"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / SHORT).mkdir()
    return tmp_path / SHORT


def rows(file: DecisionFile) -> list[tuple[str, bytes]]:
    """What history gives of a decision that was removed."""
    assert file.signature is not None
    return [(PATH, file.data), (f"{PATH}.sig", file.signature)]


def put(folder: Path, file: DecisionFile) -> None:
    assert file.signature is not None
    write_decision(folder, "ann@example.com", file.data, file.signature)


@pytest.mark.parametrize("choice", ["reject", "request-changes", "escalate"])
def test_a_removed_refusal_is_read_with_its_signature(world: World, folder: Path, choice: str) -> None:
    said = world.say(choice=choice)
    (found,) = read_decisions(folder, rows(said))
    assert found == DecisionFile(name=GONE, data=said.data, signature=said.signature)
    assert read_decisions(folder) == ()


def test_a_removed_refusal_counts_as_one_that_is_there(world: World, folder: Path) -> None:
    said = world.say(choice="reject")
    (found,) = read_decisions(folder, rows(said))
    assert world.check(found).valid


def test_an_approval_does_not_come_back_unless_asked_for(world: World, folder: Path) -> None:
    said = world.say()
    store = open_store(str(folder.parent), folder)
    (found,) = store.read(SHORT, rows(said))
    check = world.check(found)
    assert check.reasons == ("not in the checkout: it says approve, and only what holds back counts all the same",)
    assert not check.valid
    (found,) = store.read(SHORT, rows(said), releasing=True)
    assert isinstance(found, DecisionFile)
    assert world.check(found).valid


def test_what_is_no_decision_comes_back_to_be_refused_by_name(folder: Path) -> None:
    assert read_decisions(folder, [(PATH, b"{}")]) == (DecisionFile(name=GONE, data=b"{}", signature=None),)


def test_a_refusal_that_was_replaced_in_its_place_is_read_beside_what_is_there(world: World, folder: Path) -> None:
    refusal, approval = world.say(choice="reject"), world.say()
    put(folder, approval)
    now, before = read_decisions(folder, rows(refusal))
    assert (now.name, before.name) == (NAME, GONE)
    assert isinstance(before, DecisionFile)
    assert (before.data, before.signature) == (refusal.data, refusal.signature)


def test_a_refusal_whose_signature_alone_was_spoilt_is_read_as_it_was(world: World, folder: Path) -> None:
    refusal = world.say(choice="reject")
    put(folder, DecisionFile(name=NAME, data=refusal.data, signature=b"spoilt"))
    found = read_decisions(folder, rows(refusal)[1:])
    assert [world.check(file).valid for file in found] == [False, True]
    (folder / f"{NAME}.sig").unlink()
    found = read_decisions(folder, rows(refusal)[1:])
    assert [world.check(file).valid for file in found] == [False, True]


def test_a_refusal_whose_words_alone_were_altered_is_read_as_it_was(world: World, folder: Path) -> None:
    refusal = world.say(choice="reject")
    assert refusal.signature is not None
    put(folder, DecisionFile(name=NAME, data=b"altered", signature=refusal.signature))
    found = read_decisions(folder, rows(refusal)[:1])
    assert [world.check(file).valid for file in found] == [False, True]


def test_a_good_signature_by_somebody_else_does_not_stand_before_the_refusers_own(world: World, folder: Path) -> None:
    refusal = world.say(choice="reject")
    for order in (1, -1):
        strange = [(f"{PATH}.sig", signature(refusal.data, "bot"))]
        found = read_decisions(folder, (strange + rows(refusal))[::order])
        assert any(world.check(file).valid for file in found)


def test_versions_of_a_file_are_told_apart_and_each_paired_with_its_own(world: World, folder: Path) -> None:
    said = [world.say(choice="reject", reason=f"reason {number}") for number in range(3)]
    found = read_decisions(folder, [row for file in said for row in rows(file)])
    assert [file.name for file in found] == [
        GONE,
        f"{NAME} (not in the checkout, 2)",
        f"{NAME} (not in the checkout, 3)",
    ]
    assert all(world.check(file).valid for file in found)


def test_what_was_moved_to_another_name_is_not_read_twice(world: World, folder: Path) -> None:
    refusal = world.say(choice="reject")
    put(folder, refusal)
    for path in sorted(folder.iterdir(), reverse=True):
        path.rename(path.with_name(path.name.replace("ann@", "x-ann@")))
    (found,) = read_decisions(folder, rows(refusal))
    assert found.name == "decision-x-ann@example.com.json"


def test_files_of_other_folders_and_other_files_are_passed_over(world: World, folder: Path) -> None:
    refusal = world.say(choice="reject")
    elsewhere = [(f"decisions/{'b' * 12}/{NAME}", refusal.data), (f"decisions/{SHORT}/grades-ann.json", b"{}")]
    assert read_decisions(folder, elsewhere) == ()


def test_odd_and_oversized_removed_files_are_passed_over(folder: Path) -> None:
    odd = [
        (f"decisions/{SHORT}/decision-../x.json", b""),
        (PATH.replace("ann", "Ann"), b""),
        (PATH, bytes(MAX_BYTES + 1)),
    ]
    assert read_decisions(folder, odd) == ()


def test_however_much_junk_was_removed_the_refusal_among_it_is_read(world: World, folder: Path) -> None:
    junk = [(f"decisions/{SHORT}/decision-a{number}.json", b"%d" % number) for number in range(MAX_REMOVED + 100)]
    refusal = world.say(choice="reject")
    found = read_decisions(folder, [*junk, *rows(refusal)])
    assert len(found) == MAX_REMOVED + 1
    assert [world.check(file).valid for file in found].count(True) == 1


def test_a_name_with_more_versions_than_can_be_paired_is_an_error_that_says_what_to_do(folder: Path) -> None:
    versions = [(path, b"%d" % number) for number in range(101) for path in (PATH, f"{PATH}.sig")]
    with pytest.raises(TwokeyError, match=r"101 contents and 101 signatures .*another folder"):
        read_decisions(folder, versions)


@pytest.mark.parametrize(
    ("path", "bytes_"),
    [
        (PATH, MAX_BYTES),
        (f"{PATH}.sig", MAX_ARMOR_BYTES),
        (f"decisions/{NAME}", 0),
        (PATH.replace("decision-", "grades-"), 0),
        (PATH.replace("ann", "Ann"), 0),
        (f"{PATH.rpartition('/')[0]}/manifest.json", MAX_BYTES),
        ("decisions/manifest.json", 0),
        ("decisions/junk.bin", 0),
    ],
)
def test_only_what_is_named_like_a_decision_or_its_manifest_is_looked_for_in_history(path: str, bytes_: int) -> None:
    assert limit_in_folder(path) == bytes_


def test_a_further_signature_pushes_none_aside(world: World) -> None:
    refusal = world.say(choice="reject")
    assert refusal.signature is not None
    files = {NAME: refusal.data, f"{NAME}.sig": b"garbage", f"{NAME}.sigstore.json": b"bundle"}
    assert decisions_in(files) == (
        DecisionFile(name=NAME, data=refusal.data, signature=b"garbage", signer="ssh"),
        DecisionFile(name=f"{NAME} (.sigstore.json)", data=refusal.data, signature=b"bundle", signer="sigstore"),
    )
    pairs = removed_pairs({}, [(NAME, refusal.data), *((name, files[name]) for name in files if name != NAME)])
    assert [pair.signer for pair in pairs] == ["sigstore"]
