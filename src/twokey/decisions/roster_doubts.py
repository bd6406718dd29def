"""What is doubtful in a roster that loads, at a moment: keys that end, people who cannot sign, rules for nobody.

Nothing here refuses anything; `twokey roster check` tells it, so that nobody finds out when a decision is due.
"""

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta

from twokey.config.review import Review
from twokey.config.shape import Approval
from twokey.decisions.lookalike import doubtful
from twokey.decisions.people import Roster, RosterKey
from twokey.decisions.rules import policy_problems
from twokey.decisions.shapes import written

SOON = timedelta(days=30)


def unsatisfiable(policy: Approval, roster: Roster, now: datetime, review: Review | None = None) -> tuple[str, ...]:
    """Say which rules nobody can satisfy: by the roster at all, or with the keys that are good at `now`."""
    ever = policy_problems(policy, roster, review)
    able = tuple(person for person in roster.people if any(key.good(now) for key in person.keys))
    today = policy_problems(policy, dataclasses.replace(roster, people=able))
    return (*ever, *(f"{problem}, whose key is good now" for problem in today if problem not in ever))


def doubts(policy: Approval, roster: Roster, now: datetime) -> tuple[str, ...]:
    """Say whose keys end within 30 days, who has no good key, which delegations are over, which names look alike."""
    return (*_keys(roster, now.replace(microsecond=0)), *_names(roster), *_identities(policy, roster))


def _keys(roster: Roster, now: datetime) -> Iterator[str]:
    holders = [
        *((one.principal, one.keys) for one in roster.people),
        *((one.name, one.keys) for one in roster.witnesses),
    ]
    for who, keys in holders:
        if not any(key.good(now) for key in keys):
            yield f"{who} has no key that is good now"
        for key in keys:
            end = _end(key)
            if key.good(now) and end is not None and end <= now + SOON:
                yield f"{who}: the key {key.shown} ends at {written(end)}"
    for found in roster.delegations:
        said = f"the delegation of {', '.join(found.roles)} from {found.giver} to {found.to}"
        if found.valid_until <= now:
            yield f"{said} was over at {written(found.valid_until)}; the lines can go"


def _names(roster: Roster) -> Iterator[str]:
    """Say which names of two are easily taken for each other. Those that look the same are refused when reading."""
    seen: dict[str, tuple[str, str]] = {}
    named = [(one.principal, word) for one in roster.people for word in (one.principal, *one.aliases)]
    for who, word in (*named, *((one.name, one.name) for one in roster.witnesses)):
        other, earlier = seen.setdefault(doubtful(word), (who, word))
        if other != who:
            yield f"{word} ({who}) is easily taken for {earlier} ({other})"


def _identities(policy: Approval, roster: Roster) -> Iterator[str]:
    """Say who has an identity that could not be checked."""
    for person in roster.people if policy.sigstore is None else ():
        if any(key.key is None for key in person.keys):
            yield f"{person.principal} has a Sigstore identity, but policy pins no trusted root (approval.sigstore)"


def _end(key: RosterKey) -> datetime | None:
    return min((end for end in (key.valid_until, key.revoked_at) if end is not None), default=None)
