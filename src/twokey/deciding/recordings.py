"""Who vouches for the recordings, and how old they are, as far as anybody can say."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from twokey.config.scalars import Duration
from twokey.deciding.policy import Deciding
from twokey.decisions.contents import Files
from twokey.decisions.shapes import CLOCK_SKEW, written
from twokey.decisions.witness import WitnessCheck, check_witness
from twokey.evidence.bundle import Evidence
from twokey.values import dataclass

if TYPE_CHECKING:
    from twokey.record import Role

ROLES: tuple["Role", ...] = ("candidate", "baseline", "judge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """What became of the witness's word on each recording that the evidence names; None where nobody gave one."""

    words: "Mapping[Role, WitnessCheck | None]"

    @property
    def unwitnessed(self) -> tuple[str, ...]:
        """The recordings that nobody vouches for, by role."""
        return tuple(role for role, word in self.words.items() if word is None or not word.valid)

    def sentences(self) -> Iterator[str]:
        """Yield what people should know of each recording that nobody vouches for."""
        for role, word in self.words.items():
            if word is None:
                yield f"the {role} recording is unwitnessed: nobody but its maker vouches for it"
            elif not word.valid:
                yield f"the {role} recording is unwitnessed: {'; '.join(word.reasons)}"


def recordings_of(evidence: Evidence, policy: Deciding, files: Files, now: datetime) -> Recordings:
    """Judge the witnesses' words on the recordings of this evidence: those at hand, and those kept in `files`.

    One that counts is enough, so that nobody hides it by putting another beside the recording.
    """
    words: dict[Role, WitnessCheck | None] = {}
    for role in ROLES:
        facts = evidence.manifest["recordings"].get(role)
        if facts is None:
            continue
        checks = [
            check_witness(
                *found,
                recording_sha256=facts["sha256"],
                subject_digest=None if role == "baseline" else evidence.manifest["subject"]["digest"],
                roster=policy.roster,
                signers=policy.signers,
                now=now,
                repository=policy.repository,
            )
            for found in (policy.witnesses.get(role), _kept(files, role))
            if found is not None
        ]
        words[role] = next((one for one in checks if one.valid), checks[0] if checks else None)
    return Recordings(words=words)


def witness_file(role: "Role") -> str:
    """Return the name under which a store keeps the statement on that recording; its signature ends in `.sig`."""
    return f"witness-{role}.json"


def too_old(evidence: Evidence, policy: Deciding, recordings: Recordings, now: datetime) -> Iterator[str]:
    """Yield a sentence for each recording that is older than policy allows, or of an age that nobody can say."""
    limits: Mapping[Role, Duration | None] = {
        "candidate": policy.config.approval.max_age.candidate,
        "baseline": policy.config.approval.max_age.baseline,
    }
    for role in recordings.words:
        limit = limits.get(role)  # a judge's answers are as old as what they are about allows
        if limit is None:
            continue
        made = _made(evidence, recordings, role)
        if made is None:
            yield f"nobody can say how old the {role} recording is, and policy allows {limit}: map `at`, or witness it"
        elif made > now + CLOCK_SKEW:
            yield f"the {role} recording is of {written(made)}, in the future, so nobody can say how old it is"
        elif now - made > timedelta(seconds=limit.seconds):
            yield f"the {role} recording is of {written(made)}, older than the {limit} that policy allows"


def _made(evidence: Evidence, recordings: Recordings, role: "Role") -> datetime | None:
    """Return when a recording was made: by its witness's word, else the time of its oldest record."""
    word = recordings.words[role]
    if word is not None and word.valid:
        return word.witnessed_at
    books = evidence.result("records")
    oldest = (books.facts.get("oldest_at") or {}).get(role) if books else None
    return None if oldest is None else datetime.fromtimestamp(oldest, UTC).replace(microsecond=0)


def _kept(files: Files, role: "Role") -> tuple[bytes, bytes] | None:
    statement, signature = files.get(witness_file(role)), files.get(witness_file(role) + ".sig")
    return (statement, signature) if isinstance(statement, bytes) and isinstance(signature, bytes) else None
