"""What a folder of decisions holds, as a value, and the decisions in it; the same for every kind of store.

Anybody may have filled the folder, so what is in it is material, not truth: an odd name, an oversized file or a lone
signature comes back as a refusal with its reason. Opens no file; whether a decision counts is judged in `verify`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from twokey.canonical import sha256
from twokey.decisions.decision import PRINCIPAL, REFUSALS, DecisionFile, RefusedFile
from twokey.decisions.document import MAX_BYTES, NAMESPACE, DecisionError, parse
from twokey.errors import Place, TwokeyError
from twokey.signers import MAX_SIGNATURE_BYTES, SIGNERS
from twokey.signers.ssh import SshSigner
from twokey.signers.sshsig import verify
from twokey.signers.wire import MAX_ARMOR_BYTES

MAX_FILES = 1000
MAX_OTHER_BYTES = 16 * 1024 * 1024
MAX_FOLDER_BYTES = 256 * 1024 * 1024
MAX_REMOVED = 200
MAX_PAIRS = 10_000
FOLDER = re.compile(r"[0-9a-f]{12}")
NAME = re.compile(r"decision-[a-z0-9][a-z0-9._+@-]{0,119}\.json")
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,149}")
SUFFIXES: Mapping[str, str] = {signer.suffix: name for name, signer in SIGNERS.items()}
_NUMBER = re.compile(r"(?:-[0-9]+)+(?=\.[a-z]+$)")
MANIFEST = "manifest.json"
EVIDENCE = frozenset({MANIFEST, "results.json", "packet.json"})
DELETED = "not in the checkout"
_OUTLIVING = (*REFUSALS, "escalate")

Files = Mapping[str, bytes | RefusedFile]
Removed = Iterable[tuple[str, bytes]]


def limit_of(name: str) -> int:
    """Return how many bytes a file of that name may have."""
    if not is_of_decisions(name):
        return MAX_OTHER_BYTES
    if name.endswith(SshSigner.suffix):
        return MAX_ARMOR_BYTES
    return MAX_SIGNATURE_BYTES if name.endswith(tuple(SUFFIXES)) else MAX_BYTES


def is_manifest_of(data: object, short: str) -> bool:
    """Return whether that is the manifest that a folder is named after, by its bytes; what it says is not read."""
    return isinstance(data, bytes) and sha256(data).startswith(short)


def limit_in_folder(path: str) -> int:
    """Return how many bytes a file below the store may have to say who decided on what; 0 where it says nothing of it.

    Decisions do and their signatures, and the manifest that says what they are about.
    """
    at = PurePosixPath(path)
    if not FOLDER.fullmatch(at.parent.name):
        return 0
    if at.name == MANIFEST:
        return MAX_BYTES
    return limit_of(at.name) if NAME.fullmatch(without_suffix(at.name)) else 0


def is_of_decisions(name: str) -> bool:
    """Return whether a file claims to be a decision or the signature of one, in whatever letters."""
    return name.casefold().startswith("decision-")


def shown(name: str) -> str:
    """Return a file's name as printable ASCII, at most 120 characters of it where it is odd."""
    return name if PLAIN.fullmatch(name) else ascii(name[:120])[1:-1]


def refused_names(names: Iterable[str]) -> dict[str, str]:
    """Return the names that are not even opened, each with the reason.

    Of names that differ in nothing but capitals only the one in lower case is kept: files of decisions are in lower
    case, so nobody can push one aside by adding another.
    """
    names = tuple(names)
    seen: dict[str, int] = {}
    for name in names:
        seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
    out = {}
    for name in names:
        if is_of_decisions(name) and not NAME.fullmatch(without_suffix(name)):
            out[name] = "not the name of a decision: decision-PRINCIPAL.json, in lower case"
        elif not PLAIN.fullmatch(name):
            out[name] = "not a plain name: letters, digits and . _ + @ - only, at most 150 of them"
        elif seen[name.casefold()] > 1 and name != name.casefold():
            out[name] = "another file has the same name but for capitals"
    return out


def decisions_in(
    files: Files, before: Iterable[DecisionFile] = (), *, gone: str = DELETED, releasing: bool = False
) -> tuple[DecisionFile | RefusedFile, ...]:
    """Return the decisions among a folder's files, by name, and then those that were there before and are gone.

    Only names that start with `decision-` are looked at. `before` are decisions that history knows: a refusal among
    them is returned like one that is there, under a name that says what became of it. What would let something through
    is marked as gone: it counts no more, but what its person took back by it stays taken back. With `releasing` nothing
    is marked.
    """
    found = (file for name in sorted(files) if is_of_decisions(name) for file in _decisions(files, name))
    lost = (file if releasing else _outliving(file, gone) for file in _gone_from(files, before, gone))
    return (*found, *lost)


def removed_pairs(files: Files, removed: Removed) -> tuple[DecisionFile, ...]:
    """Return the decisions that removed files were, each with the signature that was removed, or is there still.

    Where there are several signatures, each that may be good makes a pair. Of decisions without one, which can count
    for nothing, at most 200 are returned: junk that somebody removed must not shut the gate for ever.

    Raises:
        TwokeyError: a file had so many contents and signatures that pairing them would take too long.
    """
    before: dict[str, list[bytes]] = {}
    for path, data in removed:
        name = PurePosixPath(path).name
        if is_of_decisions(name) and len(data) <= limit_of(name):
            before.setdefault(name, []).append(data)
    stems = sorted({without_suffix(name) for name in before})
    found = [_pairs(stem, files, before) for stem in stems if NAME.fullmatch(stem)]
    return (*(pair for good, _ in found for pair in good), *[pair for _, idle in found for pair in idle][:MAX_REMOVED])


def of_folder(removed: Removed, short: str) -> tuple[tuple[str, bytes], ...]:
    """Return the removed files that stood in the folder of that manifest, or whose path names no folder."""
    return tuple((path, data) for path, data in removed if PurePosixPath(path).parent.name in ("", short))


def decision_name(principal: str, number: int) -> str:
    """Return the name of a person's decision, of the first or a later one. Raises TwokeyError for no principal."""
    name = f"decision-{principal}.json"
    if not PRINCIPAL.fullmatch(principal) or name.endswith(tuple(SUFFIXES)):
        raise TwokeyError(f"{principal[:100]!a} is no principal: lower case, such as ann@example.com")
    return numbered(name, number)


def numbered(name: str, number: int) -> str:
    """Return the name, or from the second on `NAME-2.json` and so on."""
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    return name if number == 1 else f"{stem}-{number}{dot}{ending}"


def family(name: str) -> str:
    """Return what the names share under which a file may be kept: `NAME.json`, `NAME-2.json` and so on."""
    return _NUMBER.sub("", name)


def refuse_unkeepable(files: Mapping[str, bytes], where: Place) -> None:
    """Raise TwokeyError where a store would not give these files back when it is read: name, size, or a decision."""
    for name, data in files.items():
        if name in refused_names(files) or name != name.casefold() or is_of_decisions(name):
            raise TwokeyError(f"{name[:120]!a} is no name for a file beside decisions", where=where)
        if len(data) > limit_of(name):
            raise TwokeyError(f"{name}: {oversized(len(data), limit_of(name))}", where=where)


def oversized(size: int, limit: int) -> str:
    """Say that a file is too large."""
    return f"{size:,} bytes, more than the {limit:,} allowed"


def _decisions(files: Files, name: str) -> Iterator[DecisionFile | RefusedFile]:
    """Yield the decision of that name once for each of its signatures, so that adding one pushes none aside."""
    base, data = without_suffix(name), files[name]
    if base != name and NAME.fullmatch(base):
        if base not in files:
            yield RefusedFile(name=shown(name), reason="a signature without its decision")
        return
    if isinstance(data, RefusedFile):
        yield data
        return
    signatures = {ending: files[name + ending] for ending in SUFFIXES if name + ending in files}
    for number, (ending, signature) in enumerate(signatures.items()):
        called = name if number == 0 else f"{name} ({ending})"
        if isinstance(signature, RefusedFile):
            yield RefusedFile(name=called, reason=f"its signature: {signature.reason}")
        else:
            yield DecisionFile(name=called, data=data, signature=signature, signer=SUFFIXES[ending])
    if not signatures:
        yield DecisionFile(name=name, data=data, signature=None)


def _present(files: Files) -> Iterator[DecisionFile]:
    named = (name for name in files if is_of_decisions(name))
    return (file for name in named for file in _decisions(files, name) if isinstance(file, DecisionFile))


def _gone_from(files: Files, before: Iterable[DecisionFile], gone: str) -> Iterator[DecisionFile]:
    """Yield what is in the folder no more, under whatever name, each once and under a name of its own."""
    seen, numbers = {(file.data, file.signature) for file in _present(files)}, Counter[str]()
    for file in before:
        if (file.data, file.signature) in seen:
            continue
        seen.add((file.data, file.signature))
        numbers[file.name] += 1
        tail = gone if numbers[file.name] == 1 else f"{gone}, {numbers[file.name]}"
        yield replace(file, name=f"{file.name} ({tail})")


def _pairs(name: str, files: Files, before: Mapping[str, list[bytes]]) -> tuple[list[DecisionFile], list[DecisionFile]]:
    """Return the pairs of a decision and a signature that may once have stood under a name, and what has none."""
    signatures = dict.fromkeys(
        (signature, signer)
        for ending, signer in SUFFIXES.items()
        for signature in (*before.get(name + ending, ()), files.get(name + ending))
        if isinstance(signature, bytes)
    )
    here, taken = files.get(name), any(name + ending in before for ending in SUFFIXES)
    contents = dict.fromkeys((*before.get(name, ()), *([here] if taken and isinstance(here, bytes) else [])))
    if len(contents) * len(signatures) > MAX_PAIRS:
        told = f"{name} was changed so often that it has {len(contents):,} contents and {len(signatures):,} signatures"
        raise TwokeyError(told, hint="have the deciding policy keep decisions in another folder from now on")
    good: list[DecisionFile] = []
    idle: list[DecisionFile] = []
    for data in contents:
        pairs = [DecisionFile(name=name, data=data, signature=one, signer=signer) for one, signer in signatures]
        found = [pair for pair in pairs if _may_be_good(pair)]
        good += found
        if not found and data is not here:
            idle += pairs[:1] or [DecisionFile(name=name, data=data, signature=None)]
    return good, idle


def _may_be_good(pair: DecisionFile) -> bool:
    """Return whether the signature is one over the decision, whoever's; what only policy can tell may be."""
    return pair.signer != SshSigner.name or verify(pair.data, pair.signature or b"", NAMESPACE).valid


def _outliving(file: DecisionFile, gone: str) -> DecisionFile:
    """Mark a decision that is no longer there, where it would let something through."""
    try:
        choice = parse(file.data, file.name).choice
    except DecisionError:
        return file
    if choice in _OUTLIVING:
        return file
    return replace(file, gone=f"{gone}: it says {choice}, and only what holds back counts all the same")


def without_suffix(name: str) -> str:
    """Return the name of the decision that a signature of that name is for; any other name as it is."""
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
