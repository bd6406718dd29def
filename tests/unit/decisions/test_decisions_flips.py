"""One altered byte of roster, decision or signature lets nobody decide who could not before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from decision_world import NOW, ROSTER_YAML, World

from twokey.decisions.decision import DecisionFile
from twokey.decisions.people import Roster
from twokey.decisions.roster import load_roster
from twokey.errors import ConfigError, TwokeyError

SECOND = timedelta(seconds=1)


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def test_one_flipped_bit_of_the_roster_gives_nobody_a_say() -> None:
    data = ROSTER_YAML.encode()
    world = World()
    strangers = (world.say("bot"), world.say("stolen"), world.say("revoked"), world.say("cy"), world.say("bob"))
    mine = world.say("ann")
    read = 0
    for at in range(len(data)):
        try:
            roster: Roster = load_roster(flipped(data, at, at % 8), "roster.yaml")
        except (ConfigError, TwokeyError):
            continue
        read += 1
        world.roster = roster
        dates_end = data[at : at + 1] in b"0123456789"  # a flipped digit of a date may move the date itself
        for file in strangers:
            assert dates_end or not world.check(file).valid, data[max(0, at - 30) : at + 30]
        found = world.check(mine)
        assert not found.valid or found.person == "ann@example.com"
    assert read > 50, "many flips are harmless text, and were judged"


@pytest.mark.parametrize("part", ["data", "signature"])
def test_one_flipped_bit_of_a_decision_or_its_signature_undoes_it(part: str) -> None:
    world = World()
    file = world.say()
    assert world.check(file).valid
    whole: bytes = getattr(file, part)
    for at in range(len(whole)):
        other = flipped(whole, at, at % 8)
        altered = replace(file, data=other) if part == "data" else replace(file, signature=other)
        assert not world.check(altered).valid, at


@pytest.mark.parametrize("hours", [-12, -3.5, 5.75, 14])
def test_the_boundary_second_is_the_same_in_every_time_zone(hours: float) -> None:
    zone = timezone(timedelta(hours=hours))
    cases: tuple[tuple[Callable[[World], DecisionFile], timedelta, bool], ...] = (
        (lambda world: world.say(expires_at=NOW), -SECOND, True),
        (lambda world: world.say(expires_at=NOW), timedelta(0), False),
        (lambda world: world.say("old"), -SECOND, True),  # valid until NOW
        (lambda world: world.say("old"), timedelta(0), False),
        (lambda world: world.say("future"), timedelta(0), False),  # valid from a second later
        (lambda world: world.say("future"), SECOND, True),
        (lambda world: world.say("revoked"), -SECOND, True),  # revoked at NOW
        (lambda world: world.say("revoked"), timedelta(0), False),
    )
    for make, later, valid in cases:
        world = World(now=(NOW + later).astimezone(zone))
        assert world.check(make(world)).valid is valid
