"""Decision files in a folder: read with limits, written so that nothing is lost or replaced.

A folder is filled by anybody, so what is read here is material, not truth: a link, a device, an oversized or oddly
named file comes back as a refusal with its reason. Whether a decision counts is judged in `verify`.
"""

import os
import re
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from twokey.decisions.decision import PRINCIPAL, DecisionFile, RefusedFile
from twokey.decisions.document import MAX_BYTES
from twokey.errors import Place, TwokeyError
from twokey.signers import SIGNERS
from twokey.signers.wire import MAX_ARMOR_BYTES

MAX_FILES = 1000
NAME = re.compile(r"decision-[a-z0-9][a-z0-9._+@-]{0,119}\.json")
SUFFIXES: Mapping[str, str] = {signer.suffix: name for name, signer in SIGNERS.items()}


def read_decisions(folder: Path) -> tuple[DecisionFile | RefusedFile, ...]:
    """Return the decisions in a folder, by name; none where there is no such folder.

    Only names that start with `decision-` are looked at; one that is not then `decision-PRINCIPAL.json` or its
    signature is refused. Raises TwokeyError where the folder cannot be listed, or holds more than 1,000 files.
    """
    try:
        with os.scandir(folder) as entries:
            listed = [entry.name for entry, _ in zip(entries, range(MAX_FILES + 1), strict=False)]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise TwokeyError(f"the decisions cannot be listed: {error.strerror}", where=_at(folder)) from None
    if len(listed) > MAX_FILES:
        raise TwokeyError(f"more than {MAX_FILES:,} files in a folder of decisions", where=_at(folder))
    names = {name for name in listed if name.casefold().startswith("decision-")}
    found = [_read_decision(folder, name, names) for name in sorted(names)]
    return tuple(file for file in found if file is not None)


def write_decision(folder: Path, principal: str, decision: bytes, signature: bytes, suffix: str = ".sig") -> Path:
    """Write a decision and its signature under a name that is free; return the decision's path.

    The name is `decision-PRINCIPAL.json`, or `decision-PRINCIPAL-2.json` and so on where others are there already. Both
    files appear whole, and nothing that is there is replaced. The very same decision and signature are written once.

    Raises:
        TwokeyError: the principal makes no file name, the folder cannot be written, or holds too many files.
    """
    if not PRINCIPAL.fullmatch(principal):
        raise TwokeyError(f"{principal[:100]!a} is no principal: lower case, such as ann@example.com")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, MAX_FILES):
            tail = "" if number == 1 else f"-{number}"
            path = folder / f"decision-{principal}{tail}.json"
            beside = path.with_name(path.name + suffix)
            if _read(path, MAX_BYTES) == decision and _read(beside, MAX_ARMOR_BYTES) == signature:
                return path
            # The signature reserves the name: whoever comes second finds it taken and takes the next.
            if not os.path.lexists(path) and _create(beside, signature):
                if _create(path, decision):
                    return path
                beside.unlink()
    except OSError as error:
        raise TwokeyError(f"the decision cannot be written: {error.strerror}", where=_at(folder)) from None
    raise TwokeyError(f"{principal} has {MAX_FILES:,} decisions here already", where=_at(folder))


def _read_decision(folder: Path, name: str, names: set[str]) -> DecisionFile | RefusedFile | None:
    shown = name if NAME.fullmatch(name.removesuffix(".sig")) else ascii(name[:120])[1:-1]
    suffix = next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)
    if suffix is not None and NAME.fullmatch(name.removesuffix(suffix)):
        alone = name.removesuffix(suffix) not in names
        return RefusedFile(name=shown, reason="a signature without its decision") if alone else None
    if not NAME.fullmatch(name):
        return RefusedFile(name=shown, reason="not the name of a decision: decision-PRINCIPAL.json, in lower case")
    data = _read(folder / name, MAX_BYTES)
    if isinstance(data, str):
        return RefusedFile(name=shown, reason=data)
    for ending, signer in SUFFIXES.items():
        if name + ending in names:
            signature = _read(folder / (name + ending), MAX_ARMOR_BYTES)
            if isinstance(signature, str):
                return RefusedFile(name=shown, reason=f"its signature: {signature}")
            return DecisionFile(name=name, data=data, signature=signature, signer=signer)
    return DecisionFile(name=name, data=data, signature=None)


def _read(path: Path, max_bytes: int) -> bytes | str:
    """Return a regular file's bytes, or why it is not read. Follows no link, reads nothing beyond the limit."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return "a link or something else that is no regular file"
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return "a link or something else that is no regular file"
            data = file.read(max_bytes + 1)
            size = max(status.st_size, len(data))
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return data if len(data) <= max_bytes else f"{size:,} bytes, more than the {max_bytes:,} allowed"


def _create(path: Path, data: bytes) -> bool:
    """Make a file appear whole under a name that nothing has; return False where something has it."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        try:
            os.link(temporary, path)  # unlike a rename, it refuses a name that is taken
        except FileExistsError:
            return False
        except (OSError, NotImplementedError):  # a file system without hard links
            return _reserve(path, Path(temporary))
    finally:
        Path(temporary).unlink(missing_ok=True)
    return True


def _reserve(path: Path, temporary: Path) -> bool:
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    temporary.replace(path)
    return True


def _at(path: Path) -> Place:
    return Place(file=str(path))
