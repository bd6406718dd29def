"""The roster as it is printed: people, keys and dates, delegations, witnesses, and what of it holds at the moment."""

from collections.abc import Iterator
from datetime import datetime

from twokey.decisions.people import Delegation, Roster, RosterKey
from twokey.decisions.shapes import written


def rendering(roster: Roster, now: datetime) -> str:
    """Return the roster as lines of text; `now` is an aware time in whole seconds."""
    return "\n".join(_lines(roster, now))


def _lines(roster: Roster, now: datetime) -> Iterator[str]:
    for person in roster.people:
        named = f" ({person.name})" if person.name != person.principal else ""
        yield f"{person.principal}{named}: {', '.join(person.roles) or 'no roles'}"
        if person.aliases:
            yield f"  also    {', '.join(person.aliases)}"
        yield from (f"  {line}" for key in person.keys for line in _key(key, now))
    if roster.delegations:
        yield "Delegations"
        yield from (_delegation(found, now) for found in roster.delegations)
    for witness in roster.witnesses:
        yield f"Witness {witness.name}: can never decide"
        yield from (f"  {line}" for key in witness.keys for line in _key(key, now))
    yield f"at {written(now)}, as in the checkout; what counts is the roster on protected ground"


def _key(key: RosterKey, now: datetime) -> Iterator[str]:
    against = key.withdrawn(now) or key.out_of_date(now)
    state = "good  " if against is None else "NOT OK"
    yield f"{state}  {key.shown}"
    dates = [
        f"{what} {written(when)}"
        for what, when in (
            ("from", key.valid_from),
            ("until", key.valid_until),
            ("revoked at", key.revoked_at),
            ("compromised since", key.compromised_since),
        )
        if when is not None
    ]
    if against is not None:
        yield f"        {against}"
    elif dates:
        yield f"        {', '.join(dates)}"
    if key.origins:
        yield f"        WebAuthn on {', '.join(key.origins)}"


def _delegation(found: Delegation, now: datetime) -> str:
    state = "in force" if found.covers(now) else "over" if now >= found.valid_until else "not yet"
    span = f"from {written(found.valid_from)} until {written(found.valid_until)}"
    return f"  {found.giver} -> {found.to}: {', '.join(found.roles)}, {span}, {state}: {found.why}"
