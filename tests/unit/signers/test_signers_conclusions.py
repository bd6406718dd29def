"""What signatures come to in decisions: one word however it is written, and the same with one verifier as with two."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from authenticator import Authenticator, Browser
from decision_world import World, key_line

from twokey.config.shape import Close
from twokey.decisions.decision import DecisionFile
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.matter import DecisionCheck
from twokey.decisions.roster import load_roster
from twokey.decisions.standing import standing
from twokey.decisions.verify import check
from twokey.signers.ssh import SshSigner

ORIGIN = "https://review.example.com"
WEB, STICK = Authenticator(), Authenticator(application=b"ssh:", secret=2024)
ROSTER = f"""
roles: [product, risk, tech-lead]
people:
  - principal: ann@example.com
    roles: [product, tech-lead]
    keys:
      - {key_line("ann")}
      - {STICK.public.line}
      - {{key: {WEB.public.line}, origins: [{ORIGIN}]}}
  - principal: bob@example.com
    roles: [risk, product]
    keys: [{key_line("bob")}]
"""


@pytest.fixture
def world() -> World:
    found = World(roster=load_roster(ROSTER.encode(), "roster.yaml"))
    found.opened(Close(count=2, of=("product",)))
    return found


def file(world: World, browser: Browser, *, low_s: bool | None = None, name: str = "ann") -> DecisionFile:
    """Ann's approval, signed in a browser."""
    data = render(replace(world.decision(), nonce="1" * 32))
    signature = browser.sign(data, WEB, NAMESPACE, low_s=low_s)
    return DecisionFile(name=f"decision-{name}.json", data=data, signature=signature)


def test_one_decision_signed_twice_over_is_one_word(world: World) -> None:
    """A malleated signature, a second signature, and a second person: only the last makes two."""
    first, again = (file(world, Browser(), low_s=low, name=f"ann-{low}") for low in (True, False))
    assert first.signature != again.signature
    assert all(world.check(one).valid for one in (first, again))
    other_key = DecisionFile(name="decision-ann-3.json", data=first.data, signature=STICK.touched(first.data))
    assert world.check(other_key).valid
    assert not world.standing(first).closed
    assert not world.standing(first, again).closed
    assert not world.standing(first, again, other_key).closed
    assert world.standing(first, again, other_key, world.say("bob")).closed


def test_an_origin_that_the_roster_does_not_list_does_not_decide(world: World) -> None:
    good = world.check(file(world, Browser()))
    assert good.valid
    elsewhere = world.check(file(world, Browser(origin="https://review.example.com.evil.example")))
    assert not elsewhere.valid
    assert any("review.example.com.evil.example" in reason for reason in elsewhere.reasons)


def shipped(world: World) -> Mapping[str, DecisionFile]:
    """Decisions of every kind that the tests ship, good and bad."""
    good = world.say()
    signature = good.signature or b""
    return {
        "good": good,
        "bob": world.say("bob"),
        "refusal": world.say("bob", choice="reject"),
        "stranger": world.say("cy"),
        "browser": file(world, Browser()),
        "other origin": file(world, Browser(origin="https://evil.example")),
        "framed": file(world, Browser(members=(("crossOrigin", True),))),
        "stick": DecisionFile(name="decision-ann-2.json", data=good.data, signature=STICK.touched(good.data)),
        "changed": replace(good, data=good.data.replace(b"all are known", b"none is known")),
        "line ends": replace(good, signature=signature.replace(b"\n", b"\r\n")),
        "text after": replace(good, signature=signature + b"trust me\n"),
        "no signature": replace(good, signature=None),
        "garbage": replace(good, signature=b"garbage"),
    }


def without_crosscheck(found: DecisionCheck) -> DecisionCheck:
    return replace(found, crosscheck=None)


def test_conclusions_are_the_same_with_ssh_keygen_and_without_the_crosscheck_aside(
    ssh_keygen: str, world: World
) -> None:
    files = shipped(world)
    both: list[list[DecisionCheck]] = []
    for signer in (SshSigner(places=(str(Path(ssh_keygen).resolve()),)), SshSigner(places=())):
        signers = {"ssh": signer}
        both.append(
            [check(one, world.matter, roster=world.roster, signers=signers, now=world.now) for one in files.values()]
        )
    with_it, without = both
    assert {name for name, found in zip(files, with_it, strict=True) if found.valid} == {
        "good",
        "bob",
        "refusal",
        "browser",
        "stick",
    }
    assert [found.crosscheck for found in with_it] != [found.crosscheck for found in without]
    assert list(map(without_crosscheck, with_it)) == list(map(without_crosscheck, without))
    together = [standing(list(map(without_crosscheck, found)), world.matter.checkpoints) for found in both]
    assert together[0] == together[1]
