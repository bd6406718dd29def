"""`twokey init`: a policy that runs as it is, a roster with you in it, and the CI file for the host it finds."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from twokey.cli.console import say, talk
from twokey.cli.identity import Person, in_checkout, person_here
from twokey.cli.options import DEFAULT_CONFIG, ConfigOption, command
from twokey.errors import TwokeyError

if TYPE_CHECKING:
    from twokey.decisions.people import Person as Newcomer


def init(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Write a first gates.yaml, a roster with you in it, the CI file.

    What is there already stays as it is; a roster without you gets you added.
    """
    from twokey.cli import ci_files

    directory = config.parent
    person = person_here(directory, os.environ)
    if config.exists():
        say(f"{config}: left as it is")
    else:
        _write_policy(config, owner=person.principal)
    for path, text in ci_files.missing(directory):
        _write_new(path, text.encode())
        say(f"{path}: runs the stage in CI and keeps the evidence")
    _ignore_evidence(directory)
    say(_join_roster(config, person))
    talk(f"next: {command('run', config=config)}")


def _write_policy(config: Path, owner: str) -> None:
    from twokey.cli import guessing, starter

    directory = config.parent
    found = guessing.look(directory)
    if found is None:
        _write_new(directory / starter.SAMPLE_NAME, starter.sample_recording())
        say(f"{starter.SAMPLE_NAME}: no recording found, so here are made-up answers; put yours in its place")
        found = guessing.look(directory)
    if found is None:
        raise TwokeyError(f"{directory / starter.SAMPLE_NAME} has no id and no output where they were expected")
    say(str(found))
    name = "".join(char if char.isalnum() else "-" for char in directory.resolve().name.lower()).strip("-")
    _write_new(config, starter.starter(name or "subject", owner, found).encode())
    say(f"{config}: what is judged, by which limits, and who may decide")
    if not found.files:
        folders = ", ".join(guessing.MODEL_FOLDERS)
        say(f"{config}: no folder of a model ({folders}), so name what ships in subject.files; verify needs it to pass")


def _ignore_evidence(directory: Path) -> None:
    """Keep the evidence out of Git, where there is a .gitignore or a checkout."""
    path = directory / ".gitignore"
    old = path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else ""
    there = {line.strip().strip("/") for line in old.splitlines()}
    if ".twokey" in there or not (path.is_file() or in_checkout(directory)):
        return
    lead = old if not old or old.endswith("\n") else old + "\n"
    try:
        path.write_text(f"{lead}.twokey/\n", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise TwokeyError(f"{path} cannot be written: {error.strerror}") from None
    say(f"{path}: leaves out .twokey/, where the evidence is written")


def _join_roster(config: Path, person: Person) -> str:
    """Put the person into the roster that the config names, and return what was done."""
    from twokey.decisions.roster import load_roster
    from twokey.decisions.roster_text import nobody_yet, with_person
    from twokey.repository.config import read_config

    path = config.parent / read_config(config, os.environ).approval.roster
    if person.key is None:
        raise TwokeyError(
            "no SSH key found in ~/.ssh or in an agent, so the roster cannot have you in it",
            hint=f"ssh-keygen -t ed25519, then {command('init', config=config)} again",
        )
    old = path.read_bytes() if path.exists() else None
    if person.key in (old or b"").decode("utf-8", "replace"):
        return f"{path}: you are in it already"
    if not nobody_yet(old, str(path)) and load_roster(old or b"", str(path)).person(person.principal):
        return f"{path}: has {person.principal} with another key; left as it is"
    new = with_person(old, _newcomer(person, person.key), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(new)
    told = f"{path}: {person.principal} may decide as {' and '.join(person.roles)}"
    if person.principal.endswith("@localhost"):
        told += "; Git knows no e-mail here: put the one you commit with among your aliases, or commits are nobody's"
    return told


def _newcomer(person: Person, public: str) -> "Newcomer":
    """Return the person at the keyboard as the roster would have them; raises TwokeyError where the key is not one."""
    from twokey.decisions.people import Person as Newcomer
    from twokey.decisions.people import RosterKey
    from twokey.signers.keys import read_key_line
    from twokey.signers.wire import MalformedError

    try:
        key = RosterKey(line=public, key=read_key_line(public))
    except MalformedError as refusal:
        raise TwokeyError(f"your SSH key may not decide: {refusal}", hint="ssh-keygen -t ed25519") from None
    return Newcomer(principal=person.principal, name=person.name, roles=person.roles, keys=(key,))


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise TwokeyError(f"{path} cannot be written: {error.strerror}") from None
