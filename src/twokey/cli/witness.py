"""`twokey witness`: signs a recording in the protected job that made it, so that it is more than its maker's word."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from twokey.cli.console import say, talk
from twokey.cli.options import DEFAULT_CONFIG, ConfigOption, RepositoryOption

if TYPE_CHECKING:
    from twokey.decisions.people import Roster
    from twokey.decisions.witness import WitnessStatement
    from twokey.evidence.subject import SubjectDigest


def witness(
    recording: Annotated[Path, typer.Argument(metavar="RECORDING", help="The recording, as it was just made.")],
    key: Annotated[Path, typer.Option("--key", "-k", metavar="FILE", help="SSH key that the roster's witnesses name.")],
    config: ConfigOption = DEFAULT_CONFIG,
    repository: RepositoryOption = None,
) -> None:
    """Sign a recording, in the protected job that made it.

    Binds the recording's bytes to the subject that was recorded. Writes RECORDING.witness.json and its signature beside
    the recording. The key can never decide.
    """
    path = attested(recording, key, config, repository=repository, now=datetime.now(UTC).replace(microsecond=0))
    say(f"witnessed: {path}")


def attested(recording: Path, key: Path, config_path: Path, *, repository: str | None, now: datetime) -> Path:
    """Sign the recording and write statement and signature beside it; return the statement's path.

    Raises:
        TwokeyError: no such recording, subject, roster or key; a key that may decide, or that is no witness's.
    """
    from twokey.cli.keeping import keep
    from twokey.decisions.witness import SUFFIX, render
    from twokey.evidence.subject import hash_subject
    from twokey.repository.config import read_config
    from twokey.repository.facts import UNKNOWN, repository_name
    from twokey.signers.ssh import SshSigner

    config = read_config(config_path, os.environ)
    roster = _roster(config_path.parent / config.approval.roster)
    _refuse_others(SshSigner(environment=os.environ).public_key(str(key)), roster, key)
    subject = hash_subject(config_path.parent, config.subject)
    place = repository or repository_name(config_path.parent, os.environ)
    said = _statement(recording, subject, place, now)
    statement = render(said)
    signature = _signed(statement, said, key, roster)
    if place == UNKNOWN:
        talk("warning: the repository is unknown; --repository names it")
    if not subject.pinned:
        talk(f"warning: subject.files names no files, so only the name {subject.name} is bound")
    path = recording.with_name(recording.name + SUFFIX)
    keep(path.parent, {path.name: statement, path.name + SshSigner.suffix: signature})
    return path


def _roster(path: Path) -> "Roster":
    """Return the checkout's roster. It only saves signing in vain: whoever concludes reads the protected one."""
    from twokey.decisions.roster import load_roster
    from twokey.errors import Place, TwokeyError

    try:
        data = path.read_bytes()
    except OSError as error:
        raise TwokeyError(f"the roster cannot be read: {error.strerror}", where=Place(file=str(path))) from None
    return load_roster(data, str(path))


def _statement(recording: Path, subject: "SubjectDigest", repository: str, now: datetime) -> "WitnessStatement":
    from twokey.decisions.witness import WitnessStatement
    from twokey.evidence.subject import hash_file

    return WitnessStatement(
        recording=recording.name,
        recording_sha256=hash_file(recording)[0],
        subject=subject.name,
        subject_digest=subject.digest,
        witnessed_at=now,
        repository=repository,
        nonce=secrets.token_hex(16),
    )


def _signed(statement: bytes, said: "WitnessStatement", key: Path, roster: "Roster") -> bytes:
    """Sign the statement, and judge the signature as whoever reads it will."""
    from twokey.decisions.witness import NAMESPACE, check_witness
    from twokey.errors import Place, TwokeyError
    from twokey.signers import SIGNERS
    from twokey.signers.ssh import SshSigner

    signature = SshSigner(environment=os.environ).sign(statement, NAMESPACE, str(key))
    made = check_witness(
        statement,
        signature,
        recording_sha256=said.recording_sha256,
        subject_digest=said.subject_digest,
        roster=roster,
        signers=SIGNERS,
        now=said.witnessed_at,
    )
    if not made.valid:
        raise TwokeyError(f"it would not count: {'; '.join(made.reasons)}", where=Place(file=str(key)))
    return signature


def _refuse_others(public: str, roster: "Roster", key: Path) -> None:
    """Refuse a key that may decide, before it signs anything, and one that nobody would believe."""
    from twokey.errors import Place, TwokeyError

    if person := roster.person_of_key(public):
        told = f"is the key of {person[0].principal}, who may decide; a witness's key never decides"
        raise TwokeyError(told, where=Place(file=str(key)), hint="make one for the job: ssh-keygen -t ed25519")
    if roster.witness_of_key(public) is None:
        told = "is no witness's key in the roster, so nobody would believe it"
        raise TwokeyError(told, where=Place(file=str(key)), hint=f"add it to the roster under witnesses: {public}")
