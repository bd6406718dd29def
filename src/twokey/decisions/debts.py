"""What is owed for overrides: somebody else looks afterwards, by a date, and signs that they did.

An override releases findings at once; the debt stays, over every later change, until it is ratified. So all decisions
that are kept are looked at here, whichever evidence they are about, and whether they still hold or not. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from twokey.canonical import sha256
from twokey.config.shape import Override
from twokey.decisions.conditions import text_of
from twokey.decisions.decision import Decision, DecisionFile, RefusedFile
from twokey.decisions.document import NAMESPACE, DecisionError, parse
from twokey.decisions.matter import Voice
from twokey.decisions.people import Person, Roster
from twokey.decisions.shapes import written
from twokey.decisions.verify import heard
from twokey.signers.base import Verifier
from twokey.values import dataclass

_WORDS = (b'"override"', b'"ratify"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """An override that nobody else has looked at yet: whose, on which evidence, and by when somebody must."""

    file: str
    manifest: str
    sha256: str
    person: str
    reason: str
    ticket: str | None
    due: datetime

    def overdue(self, now: datetime) -> bool:
        """Return whether the date has passed."""
        return now >= self.due

    def sentence(self, now: datetime) -> str:
        """Return what is owed, in a sentence."""
        ticket = f", ticket {self.ticket}" if self.ticket else ""
        due = f"{'was' if self.overdue(now) else 'is'} due at {written(self.due)}"
        command = f"twokey sign --decide ratify --condition 'ratifies: {self.sha256[:12]}'"
        told = f"the override of {self.person} on manifest {self.manifest[:12]}{ticket}"
        return f"{told} awaits its review, which {due}: {command}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """A decision that is its person's own, with the digest of its bytes."""

    file: str
    sha256: str
    person: Person
    decision: Decision


def debts(
    files: Iterable[DecisionFile | RefusedFile],
    *,
    terms: Override,
    ratifiers: tuple[str, ...],
    roster: Roster,
    signers: Mapping[str, Verifier],
    now: datetime,
) -> tuple[Debt, ...]:
    """Return the overrides that nobody has ratified, by their due date.

    Args:
        files: decisions on any evidence, removed ones too.
        terms: policy's for overrides: when their review is due.
        ratifiers: the roles in which one is ratified, by another person than who made it.
        roster: of protected ground.
        signers: by name.
        now: the verifier's clock, an aware time.
    """
    words = tuple(_words(files, roster, signers, now))
    settled = {settles for word in words if (settles := _settles(word, ratifiers, roster, now))}
    owed = {
        word.sha256: Debt(
            file=word.file,
            manifest=word.decision.manifest,
            sha256=word.sha256,
            person=word.person.principal,
            reason=word.decision.reason,
            ticket=text_of(word.decision, "ticket"),
            due=word.decision.decided_at + timedelta(seconds=terms.review_within.seconds),
        )
        for word in words
        if word.decision.choice == "override"
        and not any(digest == word.sha256 and by != word.person.principal for digest, by in settled)
    }
    return tuple(sorted(owed.values(), key=lambda debt: (debt.due, debt.sha256)))


def _words(
    files: Iterable[DecisionFile | RefusedFile], roster: Roster, signers: Mapping[str, Verifier], now: datetime
) -> Iterator[_Word]:
    """Yield the overrides and ratifications that a rostered person signed; a key past its dates still spoke then."""
    for file in files:
        if isinstance(file, RefusedFile) or file.signature is None or not any(word in file.data for word in _WORDS):
            continue
        signer = signers.get(file.signer)
        signature = signer.verify(file.data, file.signature, NAMESPACE) if signer else None
        if signature is None or not signature.valid:
            continue
        try:
            decision = parse(file.data, file.name)
        except DecisionError:
            continue
        person, voice, _ = heard(decision, signature, roster, now)
        if person is not None and voice is not Voice.NONE:
            yield _Word(file=file.name, sha256=sha256(file.data), person=person, decision=decision)


def _settles(word: _Word, ratifiers: tuple[str, ...], roster: Roster, now: datetime) -> tuple[str, str] | None:
    """Return which override a word ratifies and who did, if it does and its person may."""
    named = text_of(word.decision, "ratifies")
    if word.decision.choice != "ratify" or named is None:
        return None
    role = word.decision.checkpoints[0].role
    entitled = role in ratifiers and roster.holds(word.person, role, now)
    return (named, word.person.principal) if entitled else None
