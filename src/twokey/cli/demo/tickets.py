"""Support tickets for the demo: written by a seeded generator from the wordings in `desk.yaml`.

Synthetic tickets use the wording that the classifier learned from; production tickets mostly use another one, with new
products, second wishes, shorthand and more typing errors. Some carry personal data or swearing. Nothing here is real:
the addresses, numbers and accounts are those that standards reserve for examples.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

Source = Literal["synthetic", "production"]
CHANNELS = ("chat", "email", "phone")
_CHANNEL_WEIGHTS = (5, 3, 2)
_USUALLY = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often tickets of one source are written in which way; each is a share from 0 to 1."""

    other_wording: float
    shared_wording: float
    second_wish: float
    typing_error: float
    personal: float = 0.012
    swearing: float = 0.006


HABITS: dict[Source, Habits] = {
    "synthetic": Habits(other_wording=0.0, shared_wording=0.15, second_wish=0.05, typing_error=0.2),
    "production": Habits(other_wording=0.42, shared_wording=0.2, second_wish=0.25, typing_error=0.4),
}
TRAINING = Habits(other_wording=0.17, shared_wording=0.15, second_wish=0.04, typing_error=0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One customer's message and the category that a person at the desk would file it under."""

    text: str
    expected: str
    channel: str


@cache
def desk() -> dict[str, Any]:
    """Return what the support desk knows: categories with articles and wordings, slots and phrases."""
    text = resources.files(__package__).joinpath("desk.yaml").read_text(encoding="utf-8")
    known: dict[str, Any] = yaml.safe_load(text)
    return known


def write_tickets(count: int, habits: Habits, rng: random.Random) -> Iterator[Ticket]:
    """Yield `count` tickets, the categories in turn, so that each has its share."""
    labels = tuple(desk()["categories"])
    for number in range(count):
        yield _write(labels[number % len(labels)], habits, rng)


def _write(label: str, habits: Habits, rng: random.Random) -> Ticket:
    known = desk()
    other = rng.random() < habits.other_wording
    text = _shared(label, rng) if rng.random() < habits.shared_wording else _own(label, other, rng)
    if rng.random() < habits.second_wish:
        second = rng.choice([name for name in known["categories"] if name != label])
        text = f"{text.rstrip('.?')}, {rng.choice(known['categories'][second]['aside'])}"
    text = _fill(text, rng)
    if rng.random() < habits.typing_error:
        text = _mistype(text, rng)
    prefix = "production_" if other else ""
    opening, closing = rng.choice(known[f"{prefix}openings"]), rng.choice(known[f"{prefix}closings"])
    return Ticket(
        text=_upset(habits, rng) + _personal(habits, rng) + opening + text + closing,
        expected=label,
        channel=rng.choices(CHANNELS, _CHANNEL_WEIGHTS)[0],
    )


def _own(label: str, other: bool, rng: random.Random) -> str:
    return str(rng.choice(desk()["categories"][label]["production" if other else "train"]))


def _shared(label: str, rng: random.Random) -> str:
    """Return a message that is filed under `label`, three times in four as usual and else now and then."""
    place = "usual" if rng.random() < _USUALLY else "sometimes"
    return str(rng.choice([entry["text"] for entry in desk()["shared"] if entry[place] == label]))


def _fill(text: str, rng: random.Random) -> str:
    slots = {**desk()["slots"], **desk()["values"]}
    return re.sub(r"\{(\w+)\}", lambda match: str(rng.choice(slots[match[1]])), text)


def _mistype(text: str, rng: random.Random) -> str:
    """Swap, drop or double one letter in one or two of the longer words."""
    words = text.split(" ")
    for index in rng.sample(range(len(words)), k=min(len(words), rng.choice((1, 2)))):
        word = words[index]
        if len(word) > 3 and word.isalpha():
            at = rng.randrange(1, len(word) - 1)
            words[index] = rng.choice(
                (
                    word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at] + word[at:],
                )
            )
    return " ".join(words)


def _personal(habits: Habits, rng: random.Random) -> str:
    return _fill(rng.choice(desk()["personal"]), rng) if rng.random() < habits.personal else ""


def _upset(habits: Habits, rng: random.Random) -> str:
    return str(rng.choice(desk()["swearing"])) if rng.random() < habits.swearing else ""
