"""Where decisions are kept, by what policy says: folders of files, or a Git ref that everybody shares.

This is what the rest of the program sees of a store. It only ever grows: nothing in it is replaced or deleted, and of
many writers none loses anything. Each kind is in a file of its own, what a folder of decisions comes to in `contents`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from twokey.decisions.contents import MAX_FILES, Files, Removed, decisions_in, is_of_decisions, of_folder, removed_pairs
from twokey.decisions.decision import DecisionFile, RefusedFile
from twokey.decisions.directory_store import DirectoryStore, read_folder, write_pair
from twokey.errors import ConfigError, Problem

__all__ = ["MAX_FILES", "DecisionStore", "open_store", "read_decisions", "write_decision"]


class DecisionStore(Protocol):
    """Keeps what people decided on manifests, and what they spoke of. A manifest is named by its first 12 digits."""

    @property
    def place(self) -> str:
        """What messages call the store."""

    def folders(self) -> tuple[str, ...]:
        """Return the manifests that anything is kept for, sorted."""

    def manifest(self, short: str) -> bytes | None:
        """Return the manifest that a folder is named after; None where it holds none, whatever else is in it."""

    def files(self, short: str) -> Files:
        """Return what is kept for a manifest, by name, each as its bytes or as a refusal with the reason.

        Raises TwokeyError where it cannot be had or is more than anybody could have meant.
        """

    def read(
        self, short: str, removed: Removed = (), *, releasing: bool = False
    ) -> tuple[DecisionFile | RefusedFile, ...]:
        """Return the decisions kept for a manifest, and those that history says were removed.

        `removed` are paths and bytes of files that a change deleted or edited, of this folder or others. Removed
        approvals and overrides are marked as gone, but with `releasing`, for whoever asks what was ever said.
        """

    def write(self, short: str, files: Mapping[str, bytes]) -> Mapping[str, str]:
        """Keep files beside the decisions; return the name that each is kept under.

        A file that is there with other bytes stays; the new one gets a free name, `NAME-2.json` and so on. Raises
        TwokeyError where a copy of evidence is there with other bytes, or a name is none.
        """

    def write_decision(
        self, short: str, principal: str, decision: bytes, signature: bytes, suffix: str = ".sig"
    ) -> str:
        """Keep a decision and its signature under a name that is free; return the decision's name."""

    def push(self, remote: str = "origin", environment: Mapping[str, str] | None = None) -> str:
        """Send what is here to a remote, together with what is there; return what was sent, in words.

        `environment` is where a person's keys and settings are found, such as HOME and SSH_AUTH_SOCK.
        """


def open_store(where: str, directory: Path) -> DecisionStore:
    """Return the store that policy names: a folder, seen from `directory`, or a ref below `refs/twokey/`.

    Raises:
        ConfigError: it names another place, such as an address.
        TwokeyError: it names a ref, and there is no Git or no repository.
    """
    if "://" in where:
        raise _unfit(where, "is an address, and those come with a later version", "a folder, or refs/twokey/decisions")
    if where == "refs" or where.startswith("refs/"):
        from twokey.decisions.ref_store import REF, RefStore

        if not REF.fullmatch(where):
            raise _unfit(
                where, "is no ref for decisions", "refs/twokey/decisions, in lower case and below refs/twokey/"
            )
        return RefStore.open(directory, where)
    return DirectoryStore(root=directory / where)


def read_decisions(folder: Path, removed: Removed = ()) -> tuple[DecisionFile | RefusedFile, ...]:
    """Return the decisions in a folder, by name; none where there is no such folder.

    Only names that start with `decision-` are looked at; one that is not then `decision-PRINCIPAL.json` or its
    signature is refused. `removed` is as in DecisionStore.read. Raises TwokeyError where the folder cannot be listed,
    or holds more than 1,000 files.
    """
    files = read_folder(folder, is_of_decisions)
    return decisions_in(files, removed_pairs(files, of_folder(removed, folder.name)))


def write_decision(folder: Path, principal: str, decision: bytes, signature: bytes, suffix: str = ".sig") -> Path:
    """Write a decision and its signature under a name that is free; return the decision's path.

    Raises:
        TwokeyError: the principal makes no file name, the folder cannot be written, or holds too many files.
    """
    return write_pair(folder, principal, decision, signature, suffix)


def _unfit(where: str, message: str, expected: str) -> ConfigError:
    return ConfigError([Problem(message=f"approval.decisions: {where[:200]!a} {message}; expected {expected}")])
