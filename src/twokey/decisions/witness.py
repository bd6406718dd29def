"""The word of a protected job that a recording is what the model said: the document, and whether it counts.

An in-toto Statement about the recording's bytes, signed in a namespace of its own by a key that the roster lists under
`witnesses` and that can never decide. It does not say that the outputs are good, and nobody is a witness to a decision.
Nothing is read, written or signed here, and no clock is looked at.

A witness's word counts where each of these steps holds:

1. A signer finds the signature good over exactly these bytes, made for the purpose `twokey-recording-v1` and no other.
2. Those same bytes, read once and strictly, are a version 1 statement about a recording.

Without these nobody has said anything, and the check ends. From here on every reason is collected:

3. The protected roster says which witness's key it is. It is not withdrawn and, at the verifier's clock, within its
   dates. No signature of this kind shows when it was made, so a key that is past its dates vouches for nothing any
   more, whatever `witnessed_at` says: record and witness again with the newer key.
4. It is about this recording, byte for byte, and about this subject: a recording of another model is no evidence.
5. It is about this place, where one is known: the repository is the same.
6. It is not from the future.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from twokey import canonical
from twokey.decisions import shapes
from twokey.decisions.document import STATEMENT_TYPE
from twokey.decisions.people import Roster
from twokey.decisions.shapes import CLOCK_SKEW, DIGEST, listing, matching, name, one_of, record, written
from twokey.errors import ConfigError, Place, Problem, TwokeyError
from twokey.signers.base import Signature, Verifier
from twokey.values import dataclass

NAMESPACE = "twokey-recording-v1"
PREDICATE_TYPE = "urn:twokey:recording:v1"
SUFFIX = ".witness.json"
MAX_BYTES = 16 * 1024
MAX_DEPTH = 6

_PREDICATE = record(
    {
        "subject": record({"name": name(500), "digest": DIGEST}),
        "witnessed_at": shapes.moment,
        "repository": name(500),
        "nonce": matching(r"[0-9a-f]{32}", "32 lower-case hexadecimal digits"),
    }
)
_STATEMENT = record(
    {
        "_type": one_of(STATEMENT_TYPE),
        "subject": listing(record({"name": name(500), "digest": record({"sha256": DIGEST})}), least=1, most=1),
        "predicateType": one_of(PREDICATE_TYPE),
        "predicate": _PREDICATE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessStatement:
    """Which recording of which subject was made in which repository, and when.

    `recording` is the file's base name, which binds nothing; `subject` is the subject's name, and `subject_digest` is
    what `SubjectDigest.digest` gives. `nonce` is 128 random bits.
    """

    recording: str
    recording_sha256: str
    subject: str
    subject_digest: str
    witnessed_at: datetime
    repository: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessCheck:
    """Whether a witness's word counts, with every reason where it does not.

    `name` is the witness's in the roster; `witnessed_at` is what the witness claims, and may be believed as far as the
    witness is. Both are None where it is not known who signed, or what.
    """

    valid: bool
    name: str | None = None
    witnessed_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    crosscheck: str | None = None


def render(statement: WitnessStatement) -> bytes:
    """Return the statement as its document; raises ConfigError where it would not be a valid one."""
    document = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": statement.recording, "digest": {"sha256": statement.recording_sha256}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "subject": {"name": statement.subject, "digest": statement.subject_digest},
            "witnessed_at": written(statement.witnessed_at),
            "repository": statement.repository,
            "nonce": statement.nonce,
        },
    }
    data = canonical.dumps(document)
    parse(data, "the new statement")
    return data


def parse(data: bytes, file: str) -> WitnessStatement:
    """Read a witness's statement strictly; `file` is its name in messages.

    Raises:
        TwokeyError: the bytes are no strict JSON.
        ConfigError: they are no such statement, with every problem.
    """
    document = canonical.loads(data, file=file, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    if problems := shapes.problems_of(document, _STATEMENT):
        raise ConfigError(Problem(message=problem, where=Place(file=file)) for problem in problems)
    about, said = document["subject"][0], document["predicate"]
    return WitnessStatement(
        recording=about["name"],
        recording_sha256=about["digest"]["sha256"],
        subject=said["subject"]["name"],
        subject_digest=said["subject"]["digest"],
        witnessed_at=shapes.instant(said["witnessed_at"]),
        repository=said["repository"],
        nonce=said["nonce"],
    )


def check_witness(
    statement: bytes,
    signature: bytes,
    *,
    recording_sha256: str,
    subject_digest: str | None,
    roster: Roster,
    signers: Mapping[str, Verifier],
    now: datetime,
    repository: str | None = None,
) -> WitnessCheck:
    """Judge a witness's word on a recording by the steps above. `now` is the verifier's clock, an aware time.

    `subject_digest` is the digest of the subject that the recording must be of. It is None for a baseline, which is a
    recording of an older subject that nobody here can hash. `repository` is None where it is not known.
    """
    if now.utcoffset() is None:
        raise ValueError("the verifier's clock has no time zone")
    signed = signers["ssh"].verify(statement, signature, NAMESPACE)  # step 1
    if not signed.valid:
        return WitnessCheck(valid=False, reasons=(signed.reason or "the signature is not good",))
    try:
        said = parse(statement, "the witness's statement")  # step 2
    except TwokeyError as error:
        reasons = tuple(problem.message for problem in error.problems)
        return WitnessCheck(valid=False, reasons=reasons, crosscheck=signed.crosscheck)
    witness, late = _who(signed, roster, now)  # step 3
    reasons = (*late, *_matter(said, recording_sha256, subject_digest, repository), *_time(said, now))
    return WitnessCheck(
        valid=not reasons,
        name=witness,
        witnessed_at=said.witnessed_at,
        reasons=reasons,
        crosscheck=signed.crosscheck,
    )


def _who(signed: Signature, roster: Roster, now: datetime) -> tuple[str | None, tuple[str, ...]]:
    """Step 3: the witness's name, and what stands against its key."""
    key = signed.key or ""
    if person := roster.person_of_key(key):
        return None, (f"the key that signed it is {person[0].principal}'s: who decides is no witness",)
    found = roster.witness_of_key(key)
    if found is None:
        return None, ("the key that signed it is no witness's in the roster",)
    witness, entry = found
    against = [reason for reason in (entry.withdrawn(now), entry.out_of_date(now)) if reason]
    if signed.origin is not None:
        against.append("a browser made the signature: a witness is a job")
    return witness.name, tuple(against)


def _matter(
    said: WitnessStatement, recording_sha256: str, subject_digest: str | None, repository: str | None
) -> Iterator[str]:
    """Steps 4 and 5: which recording, of which subject, in which repository."""
    if said.recording_sha256 != recording_sha256:
        yield f"it is about another recording: {said.recording_sha256[:12]}, here {recording_sha256[:12]}"
    if subject_digest is not None and said.subject_digest != subject_digest:
        yield f"it is a recording of another subject: {said.subject_digest[:12]}, here {subject_digest[:12]}"
    if repository is not None and said.repository != repository:
        yield f"it was made in {said.repository}, not in {repository}"


def _time(said: WitnessStatement, now: datetime) -> Iterator[str]:
    """Step 6: not from the future, give or take a clock."""
    if said.witnessed_at > now + CLOCK_SKEW:
        yield f"it is from the future: {written(said.witnessed_at)}"
