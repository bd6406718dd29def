"""What is owed for overrides: somebody else looks afterwards, by a date, and signs that they did.

An override releases findings at once; the debt stays, over every later change, until it is ratified. So all decisions
that are kept are looked at here, whichever evidence they are about, and whether they still hold or not: what somebody
released, they released, though their key was withdrawn since or the role is another's now. Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from twokey.config.shape import Override
from twokey.decisions.conditions import malformed, text_of
from twokey.decisions.decision import OVERRIDE, DecisionFile, RefusedFile
from twokey.decisions.matter import Voice
from twokey.decisions.people import Roster
from twokey.decisions.shapes import written
from twokey.decisions.spoken import Spoken, spoken
from twokey.signers.base import Verifier
from twokey.values import dataclass

_WORDS = (b'"override"', b'"ratify"')
_LATEST = datetime(9999, 12, 31, tzinfo=UTC)


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
    said = tuple(spoken(filter(_may_matter, files), roster=roster, signers=signers, now=now))
    settled = {settles for word in said if (settles := _settles(word, ratifiers, roster, now))}
    owed = {
        word.sha256: Debt(
            file=word.file,
            manifest=word.decision.manifest,
            sha256=word.sha256,
            person=word.person.principal,
            reason=word.decision.reason,
            ticket=text_of(word.decision, "ticket"),
            due=_due(word, terms),
        )
        for word in said
        if _releases(word, terms)
        and not any(digest == word.sha256 and by != word.person.principal for digest, by in settled)
    }
    return tuple(sorted(owed.values(), key=lambda debt: (debt.due, debt.sha256)))


def _may_matter(file: DecisionFile | RefusedFile) -> bool:
    """Return whether a file may be an override or a ratification, before its signature is judged."""
    return isinstance(file, DecisionFile) and any(word in file.data for word in _WORDS)


def _releases(word: Spoken, terms: Override) -> bool:
    """Return whether a word is an override that may have counted: made in a role of policy's, and well formed.

    Whether its person holds that role, and with what key, is no matter any more: it may be why nobody asks them.
    """
    roles = {named.role for named in word.decision.checkpoints if named.name == OVERRIDE}
    return word.decision.choice == "override" and bool(roles & {*terms.roles}) and not any(malformed(word.decision))


def _due(word: Spoken, terms: Override) -> datetime:
    """Return by when an override is to be reviewed, no later than a calendar can say."""
    within = timedelta(seconds=terms.review_within.seconds)
    return word.decision.decided_at + min(within, max(_LATEST - word.decision.decided_at, timedelta()))


def _settles(word: Spoken, ratifiers: tuple[str, ...], roster: Roster, now: datetime) -> tuple[str, str] | None:
    """Return which override a word ratifies and who did, if it does and its person may."""
    named = text_of(word.decision, "ratifies")
    if word.decision.choice != "ratify" or named is None or word.voice is Voice.NONE:
        return None
    role = word.decision.checkpoints[0].role
    entitled = role in ratifiers and roster.holds(word.person, role, now)
    return (named, word.person.principal) if entitled else None
