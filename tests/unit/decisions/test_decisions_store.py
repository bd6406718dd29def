import os
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from decision_world import World

from twokey.canonical import sha256
from twokey.decisions.decision import DecisionFile, RefusedFile
from twokey.decisions.directory_store import DirectoryStore
from twokey.decisions.document import MAX_BYTES, NAMESPACE, render
from twokey.decisions.roster import load_roster
from twokey.decisions.store import MAX_FILES, read_decisions, write_decision
from twokey.decisions.verify import check
from twokey.errors import TwokeyError
from twokey.signers import SIGNERS
from twokey.signers.keygen import AGREES
from twokey.signers.ssh import SshSigner
from twokey.signers.wire import MAX_ARMOR_BYTES

ANN = "ann@example.com"


def refusal(folder: Path) -> str:
    (found,) = read_decisions(folder)
    assert isinstance(found, RefusedFile)
    return found.reason


def test_what_is_written_is_read_back_whole(tmp_path: Path) -> None:
    path = write_decision(tmp_path / "new" / "folder", ANN, b"one", b"sig")
    assert path.name == "decision-ann@example.com.json"
    assert read_decisions(path.parent) == (DecisionFile(name=path.name, data=b"one", signature=b"sig", signer="ssh"),)
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, f"{path.name}.sig"]


def test_another_decision_gets_a_name_of_its_own_and_the_same_one_is_written_once(tmp_path: Path) -> None:
    first = write_decision(tmp_path, ANN, b"one", b"sig one")
    second = write_decision(tmp_path, ANN, b"two", b"sig two")
    assert second.name == "decision-ann@example.com-2.json"
    assert write_decision(tmp_path, ANN, b"one", b"sig one") == first
    assert write_decision(tmp_path, ANN, b"two", b"sig two") == second
    assert write_decision(tmp_path, ANN, b"one", b"sig 3").name == "decision-ann@example.com-3.json"
    assert [file.data for file in read_decisions(tmp_path) if isinstance(file, DecisionFile)] == [
        b"two",
        b"one",
        b"one",
    ]


def test_a_name_is_taken_by_a_lone_signature_or_a_dangling_link_too(tmp_path: Path) -> None:
    (tmp_path / "decision-ann.json.sig").write_bytes(b"left behind")
    (tmp_path / "decision-ann-2.json").symlink_to(tmp_path / "nowhere")
    assert write_decision(tmp_path, "ann", b"one", b"sig").name == "decision-ann-3.json"
    assert (tmp_path / "decision-ann.json.sig").read_bytes() == b"left behind"


def test_of_many_writers_at_once_nobody_loses_anything(tmp_path: Path) -> None:
    def write(number: int) -> None:
        write_decision(tmp_path, ANN, b"decision %d" % number, b"signature %d" % number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {(file.data, file.signature) for file in read_decisions(tmp_path) if isinstance(file, DecisionFile)}
    assert found == {(b"decision %d" % number, b"signature %d" % number) for number in range(12)}


@pytest.mark.parametrize("principal", ["", "../ann", "Ann", "ann/x", "ann\n", ".ann", "a" * 101, "ann\0"])
def test_what_is_no_principal_makes_no_file(tmp_path: Path, principal: str) -> None:
    with pytest.raises(TwokeyError, match="is no principal"):
        write_decision(tmp_path, principal, b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("")
    with pytest.raises(TwokeyError, match="cannot be listed"):
        read_decisions(tmp_path / "d")
    with pytest.raises(TwokeyError, match="cannot be written"):
        write_decision(tmp_path / "d", ANN, b"", b"")


def test_no_folder_holds_no_decisions(tmp_path: Path) -> None:
    assert read_decisions(tmp_path / "none") == ()


def test_other_files_are_not_decisions(tmp_path: Path) -> None:
    for name in ("manifest.json", "results.json", "packet.json", "grades-ann.json", ".writing-x", "README.md"):
        (tmp_path / name).write_text("{}")
    assert read_decisions(tmp_path) == ()


@pytest.mark.parametrize(
    "name",
    ["decision-Ann.json", "DECISION-ann.json", "decision-.json", "decision-ann.json.bak", "decision-a\u202eb.json"],
)
def test_an_odd_name_is_refused_not_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    assert refusal(tmp_path) == "not the name of a decision: decision-PRINCIPAL.json, in lower case"
    assert read_decisions(tmp_path)[0].name.isascii()


def test_a_signature_alone_is_refused_and_a_decision_alone_has_none(tmp_path: Path) -> None:
    (tmp_path / "decision-ann.json.sig").write_text("x")
    assert refusal(tmp_path) == "a signature without its decision"
    (tmp_path / "decision-ann.json.sig").rename(tmp_path / "decision-ann.json")
    assert read_decisions(tmp_path) == (DecisionFile(name="decision-ann.json", data=b"x", signature=None),)


def test_a_decision_of_50_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "decision-ann.json").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert refusal(tmp_path) == "52,428,800 bytes, more than the 262,144 allowed"
    (tmp_path / "decision-ann.json").write_bytes(b"x" * MAX_BYTES)
    assert isinstance(read_decisions(tmp_path)[0], DecisionFile)
    (tmp_path / "decision-ann.json.sig").write_bytes(b"x" * (MAX_ARMOR_BYTES + 1))
    assert refusal(tmp_path) == "its signature: 16,385 bytes, more than the 16,384 allowed"


def test_links_pipes_and_folders_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (tmp_path / "elsewhere").write_text("{}")
    link = folder / "decision-ann.json"
    link.symlink_to(tmp_path / "elsewhere")
    assert refusal(folder) == "a link or something else that is no regular file"
    link.unlink()
    link.mkdir()
    assert refusal(folder) == "a link or something else that is no regular file"
    link.rmdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(link)
        assert refusal(folder) == "a link or something else that is no regular file"
        link.unlink()
    link.write_text("{}")
    (folder / "decision-ann.json.sig").symlink_to(tmp_path / "elsewhere")
    assert refusal(folder) == "its signature: a link or something else that is no regular file"


def test_a_folder_of_more_than_a_thousand_decisions_is_an_error_and_other_files_are_not_counted(tmp_path: Path) -> None:
    for number in range(MAX_FILES):
        (tmp_path / f"decision-{number}").touch()
        (tmp_path / f"{number}").touch()
    assert len(read_decisions(tmp_path)) == MAX_FILES
    (tmp_path / "decision-one-more").touch()
    with pytest.raises(TwokeyError, match="more than 1,000 files"):
        read_decisions(tmp_path)


def test_a_folder_says_which_manifest_it_is_named_after_whatever_else_lies_in_it(tmp_path: Path) -> None:
    named = sha256(b"{}")[:12]
    for folder in (tmp_path / named, tmp_path / ("0" * 12)):
        folder.mkdir()
        for number in range(MAX_FILES + 1):
            (folder / f"x{number}").touch()
    store = DirectoryStore(root=tmp_path)
    assert store.manifest(named) is None, "there is none yet"
    for folder in (tmp_path / named, tmp_path / ("0" * 12)):
        (folder / "manifest.json").write_bytes(b"{}")
    assert store.manifest(named) == b"{}"
    assert store.manifest("0" * 12) is None, "it is another one's"
    assert store.read(named) == ()
    with pytest.raises(TwokeyError, match="more than 1,000 files"):
        store.files(named)


def test_stock_ssh_keygen_accepts_a_decision_by_the_rosters_own_line(tmp_path: Path) -> None:
    keygen = shutil.which("ssh-keygen")
    if keygen is None:
        pytest.skip("ssh-keygen is not installed")
    key = tmp_path / "id"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    signer = SshSigner()
    text = f"people:\n  - {{principal: {ANN}, roles: [product], keys: ['{signer.public_key(str(key))}']}}\n"
    world = World(roster=load_roster(text.encode(), "roster.yaml"))
    data = render(world.decision())
    path = write_decision(tmp_path / "decisions", ANN, data, signer.sign(data, NAMESPACE, str(key)))

    (file,) = read_decisions(path.parent)
    found = check(file, world.matter, roster=world.roster, signers=SIGNERS, now=world.now)
    assert (found.valid, found.reasons, found.crosscheck) == (True, (), AGREES)

    allowed = tmp_path / "allowed_signers"
    allowed.write_text(world.roster.allowed_signers(ANN, NAMESPACE))
    command = [keygen, "-Y", "verify", "-f", str(allowed), "-I", ANN, "-n", NAMESPACE, "-s", f"{path}.sig"]
    assert subprocess.run(command, input=data, capture_output=True).returncode == 0
    assert subprocess.run(command, input=data + b" ", capture_output=True).returncode != 0
    assert isinstance(file, DecisionFile)
    assert not check(
        replace(file, data=data + b" "), world.matter, roster=world.roster, signers=SIGNERS, now=world.now
    ).valid
