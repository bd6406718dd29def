"""Who said what: decisions under a good signature by somebody's key in the roster, whatever they are about.

For whoever looks beyond one matter: at what is owed, at what was decided last, at who let a change of policy through.
Whether a decision counts is judged in `verify` and nowhere else; here it is only known to be somebody's. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from twokey.canonical import sha256
from twokey.decisions.decision import EMERGENCY, REFUSALS, Decision, DecisionFile, RefusedFile
from twokey.decisions.document import DecisionError, parse
from twokey.decisions.matter import Voice
from twokey.decisions.people import Person, Roster
from twokey.decisions.shapes import CLOCK_SKEW
from twokey.decisions.verify import heard, signature_of
from twokey.signers.base import Verifier
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A decision, the person whose key signed it, and how far their word is heard now; `sha256` is of its bytes."""

    file: str
    sha256: str
    person: Person
    voice: Voice
    decision: Decision


def spoken(
    files: Iterable[DecisionFile | RefusedFile], *, roster: Roster, signers: Mapping[str, Verifier], now: datetime
) -> Iterator[Spoken]:
    """Yield the decisions that somebody in the roster signed, by any key of theirs, and not in the future.

    Args:
        files: decisions on any evidence, removed ones too where those matter.
        roster: of protected ground.
        signers: by name.
        now: the verifier's clock, an aware time.
    """
    for file in files:
        signature = None if isinstance(file, RefusedFile) else signature_of(file, signers)
        if isinstance(file, RefusedFile) or signature is None or not signature.valid:
            continue
        try:
            decision = parse(file.data, file.name)
        except DecisionError:
            continue
        person, voice, _ = heard(decision, signature, roster, now)
        if person is not None and decision.decided_at - now <= CLOCK_SKEW:
            yield Spoken(file=file.name, sha256=sha256(file.data), person=person, voice=voice, decision=decision)


def standing_refusals(said: Iterable[Spoken]) -> tuple[Spoken, ...]:
    """Return the refusals that no later word of the same person, with a valid key, took back."""
    said = tuple(said)
    withdrawn = {
        (one.person.principal, digest)
        for one in said
        if one.voice is Voice.SPEAKS and one.decision.choice not in EMERGENCY
        for digest in one.decision.supersedes
    }
    heard_of = (one for one in said if one.voice is not Voice.NONE and one.decision.choice in REFUSALS)
    return tuple(one for one in heard_of if (one.person.principal, one.sha256) not in withdrawn)
