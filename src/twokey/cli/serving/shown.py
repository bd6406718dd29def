"""What the page that is signed on shows of a case, and what its answers mean. Nothing is signed here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from twokey.cli.asking import Answers, ask
from twokey.cli.binding import UNKNOWN_REPOSITORY, SigningCase
from twokey.cli.signing import Draft
from twokey.cli.signing_keys import passkeys
from twokey.decisions.decision import Choice, Condition
from twokey.decisions.shapes import written
from twokey.errors import TwokeyError
from twokey.page.exchange import RefusalError
from twokey.page.signing_page import CHOICES, MAX_REASON, Asked, signing_page
from twokey.repository.facts import UNKNOWN
from twokey.signers.keys import read_key_line

MAX_CONDITIONS = 50
MAX_TEXT = 1000
_EXPECTED = {"case", "decision", "reason", "criteria", "confirms", "conditions"}


def shown(case: SigningCase, name: str, origin: str, now: datetime) -> str:
    """Return the page for a case; `name` is what its answers have to name."""
    obstacle = case.obstacle()
    asked = Asked(
        case=name,
        principal=case.person.principal,
        bound=tuple(case.bound()),
        criteria=case.criteria,
        confirms=_confirms(case),
        obstacle=in_words(obstacle) if obstacle else None,
        warnings=(UNKNOWN_REPOSITORY.strip(),) if case.matter.repository == UNKNOWN else (),
        key=read_key_line(case.key.public).fingerprint if case.key else None,
        passkeys=len(passkeys(case.person, origin, now)),
        origin=origin,
    )
    return signing_page(case.run(), asked)


def _confirms(case: SigningCase) -> tuple[str, ...]:
    return tuple(text for text in case.others_conditions if text not in case.criteria)


def answered(case: SigningCase, sent: Mapping[str, Any]) -> Answers:
    """Return what the person said on the page.

    Raises:
        RefusalError: an answer is missing or is none, or an approval that could not be signed.
    """
    if sent.keys() != _EXPECTED:
        raise RefusalError(422, f"expected {', '.join(sorted(_EXPECTED))}")
    given = Answers(
        decision=_choice(sent["decision"]),
        reason=_reason(sent["reason"]),
        criteria=(*_ticked(sent["criteria"], case.criteria), *_ticked(sent["confirms"], _confirms(case))),
        conditions=_conditions(sent["conditions"]),
    )
    if given.decision == "approve":
        if obstacle := case.obstacle():
            raise RefusalError(422, in_words(obstacle))
        if missing := [one for one in case.criteria if one not in given.criteria]:
            raise RefusalError(422, f"not attested: {'; '.join(missing)}; an approval attests each")
    try:
        return ask(given, case.criteria, case.obstacle(), interactive=False)
    except TwokeyError as error:
        raise RefusalError(422, str(error)) from None


def in_words(obstacle: TwokeyError) -> str:
    """Return what stands against an approval, without the hint, which is for a command line."""
    told = (f"{one.where}: {one.message}" if one.where else one.message for one in obstacle.problems)
    return "; ".join(told)


def summary(draft: Draft) -> str:
    """Return in a sentence what would be signed."""
    decision = draft.decision
    points = " and ".join(dict.fromkeys(f"{named.name}, in the role {named.role}" for named in decision.checkpoints))
    where = "repository unknown" if decision.repository == UNKNOWN else f"repository {decision.repository}"
    return (
        f"{decision.principal}: {decision.choice}, for {points}, to {decision.environment}, {where}, "
        f"on the evidence {decision.manifest[:12]}, until {written(decision.expires_at)}."
    )


def _choice(word: Any) -> Choice:
    if not any(word == choice for choice, _, _ in CHOICES):
        raise RefusalError(422, "choose a decision first")
    return word  # type: ignore[no-any-return]  # one of the table


def _reason(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise RefusalError(422, "a decision needs a reason")
    if len(text) > MAX_REASON:
        raise RefusalError(422, f"a reason has at most {MAX_REASON:,} characters")
    return text.strip()


def _ticked(numbers: Any, texts: tuple[str, ...]) -> tuple[str, ...]:
    known = range(len(texts))
    if not isinstance(numbers, list) or not all(type(one) is int and one in known for one in numbers):
        raise RefusalError(422, "something was ticked that nobody asked for")
    return tuple(texts[number] for number in sorted(set(numbers)))


def _conditions(rows: Any) -> tuple[Condition, ...]:
    if not isinstance(rows, list) or len(rows) > MAX_CONDITIONS:
        raise RefusalError(422, f"expected at most {MAX_CONDITIONS} conditions")
    made = []
    for row in rows:
        if not isinstance(row, dict) or row.keys() != {"kind", "text"}:
            raise RefusalError(422, "a condition has a kind and a text")
        kind, text = row["kind"], row["text"]
        if kind not in ("text", "until", "metric", "to") or not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
            raise RefusalError(422, f"a condition has a text of 1 to {MAX_TEXT:,} characters")
        made.append(Condition(kind=kind, text=text.strip()))
    return tuple(made)
