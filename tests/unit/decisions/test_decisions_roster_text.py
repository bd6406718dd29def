"""A person is put into a roster's text, and not a byte of what is there changes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roster_world import ed25519, sk_p256

from twokey.decisions.people import Person, RosterKey
from twokey.decisions.roster import load_roster
from twokey.decisions.roster_text import HEAD, expect, nobody_yet, with_key, with_person
from twokey.errors import ConfigError, TwokeyError
from twokey.signers.keys import read_key_line


def newcomer(principal: str = "new@example.com", name: str = "New", *roles: str, key: str = "new") -> Person:
    keys = (RosterKey(line=ed25519(key), key=read_key_line(ed25519(key))),)
    return Person(principal=principal, name=name, roles=roles, keys=keys)


ANN = f"  - principal: ann\n    keys:\n      - {ed25519('ann')}  # at home\n"
ROSTERS = {
    "plain": f"people:\n{ANN}",
    "no line end": f"people:\n{ANN}".rstrip("\n"),
    "carriage returns": f"people:\n{ANN}".replace("\n", "\r\n"),
    "unindented": f"people:\n- {{principal: ann, keys: [{ed25519('ann')}]}}\n",
    "deep": f"people:\n      - principal: ann\n        keys: [{ed25519('ann')}]\n",
    "comments": f"# head\npeople:   # everybody\n\n  # one\n{ANN}  # after one\n\n# the end\n\n",
    "more below": f"people:\n{ANN}\n# roles follow\nroles: [product, 'risk']\n",
    "more above": f"---\nroles: [product]\n\npeople:\n{ANN}...\n",
    "delegations below": (
        f"people:\n  - {{principal: ann, roles: [r], keys: [{ed25519('ann')}]}}\n  - principal: bob\n"
        f"    keys: [{ed25519('bob')}]\n\ndelegations:\n  - from: ann\n    to: bob\n    roles: [r]\n"
        "    valid_from: 2026-11-01T00:00:00Z\n    valid_until: 2026-11-02T00:00:00Z\n    why: away\n"
        f"witnesses:\n  - {{name: job, keys: [{ed25519('job')}]}}\n"
    ),
    "a text of several lines": f"people:\n  - principal: ann\n    keys:\n      - key: {ed25519('ann')}\n"
    "        why: >-\n          lost\n\n          laptop\n",
    "a text that looks like a comment": f"people:\n  - principal: ann\n    keys:\n      - key: {ed25519('ann')}\n"
    "        why: |\n          lost\n          # laptop\n",
}


@pytest.mark.parametrize("text", ROSTERS.values(), ids=ROSTERS)
def test_a_person_is_added_and_every_line_that_was_there_stays(text: str) -> None:
    before = load_roster(text.encode(), "r")
    added = with_person(text.encode(), newcomer("new@example.com", "New: #1", "product"), "r")
    after = load_roster(added, "r")
    assert after.people == (*before.people, newcomer("new@example.com", "New: #1", "product"))
    assert (after.delegations, after.witnesses) == (before.delegations, before.witnesses)
    old, new = text.splitlines(), added.decode().splitlines()
    start = next(index for index, line in enumerate(new) if "new@example.com" in line)
    assert new[:start] + new[start + 5 :] == old
    assert added.count(b"\r") == (added.count(b"\n") if "\r" in text else 0)


@pytest.mark.parametrize("text", [None, "", "\n", "people:\n", "people: []\n", "people: ~ # nobody\n", "people: null"])
def test_the_first_person_is_added_where_there_is_nobody(text: str | None) -> None:
    data = None if text is None else text.encode()
    assert nobody_yet(data, "r")
    added = with_person(data, newcomer(), "r")
    assert load_roster(added, "r").people == (newcomer(),)
    if not (text or "").strip():
        assert added.decode().startswith(HEAD)
    assert not nobody_yet(added, "r")


def test_the_first_person_leaves_witnesses_and_comments_there() -> None:
    text = f"# ours\npeople: []   # soon\nwitnesses:\n  - {{name: job, keys: [{ed25519('job')}]}}\n"
    added = with_person(text.encode(), newcomer(), "r")
    assert load_roster(added, "r").witnesses[0].name == "job"
    assert b"# ours\npeople:   # soon\n" in added


@pytest.mark.parametrize(
    "text",
    [
        f"people: [{{principal: ann, keys: [{ed25519('ann')}]}}]\n",
        f"{{people: [{{principal: ann, keys: [{ed25519('ann')}]}}]}}\n",
        f"people:\n  [{{principal: ann, keys: [{ed25519('ann')}]}}]\n",
        f"people:\n  -\n    principal: ann\n    keys: [{ed25519('ann')}]\n",
        f'"people":\n{ANN}',
        f"  people:\n  {ANN.replace(chr(10) + ' ', chr(10) + '   ')}",
    ],
)
def test_a_roster_in_another_form_is_left_as_it_is_and_the_lines_are_told(text: str) -> None:
    load_roster(text.encode(), "r")
    with pytest.raises(TwokeyError, match="no lines can be added") as error:
        with_person(text.encode(), newcomer(), "roster.yaml")
    assert error.value.status == 4
    assert f"- {ed25519('new')}" in str(error.value)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (newcomer("ann"), "'ann' stands here twice"),
        (newcomer(key="ann"), "this key stands here twice; the first is on line 5"),
        (newcomer("new", "New", "prodct"), "the role 'prodct' is not among roles (did you mean product?)"),
        (newcomer("new", "New", "ann"), "the role 'ann' is called like a person"),
        (newcomer("new", "New", "risk", "risk"), "the role 'risk' stands here twice"),
    ],
)
def test_a_person_who_collides_is_not_added(person: Person, expected: str) -> None:
    text = f"roles: [product, risk]\npeople:\n{ANN}"
    with pytest.raises(ConfigError) as error:
        with_person(text.encode(), person, "roster.yaml")
    assert expected in str(error.value)
    assert str(error.value).startswith("roster.yaml as it would be:")


def test_a_roster_that_says_anything_else_than_was_meant_is_noticed() -> None:
    before = load_roster(ROSTERS["delegations below"].encode(), "r")
    after = load_roster(with_person(ROSTERS["delegations below"].encode(), newcomer(), "r"), "r")
    expect(after, before, newcomer(), "r")
    ann, bob, last = after.people
    changed = (
        replace(after, people=(bob, ann, last)),
        replace(after, people=(ann, replace(bob, roles=("r",)), last)),
        replace(after, people=(ann, bob, replace(last, roles=("r",)))),
        replace(after, people=(ann, bob, replace(last, keys=bob.keys))),
        replace(after, people=(ann, bob)),
        replace(after, delegations=()),
        replace(after, witnesses=()),
    )
    for other in changed:
        with pytest.raises(TwokeyError, match="would change what is there"):
            expect(other, before, newcomer(), "r")


def test_a_roster_that_is_wrong_already_is_told_as_it_is() -> None:
    with pytest.raises(ConfigError, match=r"^roster\.yaml:5:1: unknown key 'shoe'"):
        with_person(f"people:\n{ANN}shoe: 1\n".encode(), newcomer(), "roster.yaml")


@settings(max_examples=200, deadline=None)
@given(
    name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
        lambda text: text.isprintable() and text == text.strip()
    ),
    role=st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=8),
)
def test_any_name_and_role_reads_back_as_written_or_is_refused(name: str, role: str) -> None:
    person = newcomer("new@example.com", name, role)
    try:
        added = with_person(f"people:\n{ANN}".encode(), person, "r")
    except TwokeyError:
        return
    assert load_roster(added, "r").people[-1] == person


def passkey(name: str = "new") -> RosterKey:
    line = sk_p256(name, b"localhost")
    return RosterKey(line=line, key=read_key_line(line), origins=("http://localhost:7361",))


KEYS = {
    **{name: text for name, text in ROSTERS.items() if name not in ("unindented", "deep", "delegations below")},
    "two people": f"people:\n{ANN}\n  - principal: bob\n    keys:\n    - {ed25519('bob')}\n",
    "a name after the keys": f"people:\n{ANN}    name: Ann\n    roles: [product]\n",
    "comments and dates": (
        f"people:\n- principal: ann\n  keys:\n  # the old one\n  - key: {ed25519('old')}\n    why: lost\n"
        f"    revoked_at: 2026-11-01T00:00:00Z\n\n  - {{key: {ed25519('ann')}}}\n    # at home\n\n\n  name: Ann\n"
    ),
}


@pytest.mark.parametrize("text", KEYS.values(), ids=KEYS)
def test_a_key_is_added_to_a_person_and_every_line_that_was_there_stays(text: str) -> None:
    before = load_roster(text.encode(), "r")
    added = with_key(text.encode(), "ann", passkey(), "r")
    (ann, *others) = load_roster(added, "r").people
    assert ann == replace(before.people[0], keys=(*before.people[0].keys, passkey()))
    assert tuple(others) == before.people[1:]
    old, new = text.splitlines(), added.decode().splitlines()
    start = next(index for index, line in enumerate(new) if passkey().line in line)
    assert new[:start] + new[start + 2 :] == old
    assert added.count(b"\r") == (added.count(b"\n") if "\r" in text else 0)


@pytest.mark.parametrize("name", ["unindented", "deep", "delegations below"])
def test_keys_in_another_form_are_left_as_they_are_and_the_lines_are_told(name: str) -> None:
    with pytest.raises(TwokeyError, match="no lines can be added") as refused:
        with_key(ROSTERS[name].encode(), "ann", passkey(), "r")
    (problem,) = refused.value.problems
    assert f'- key: {passkey().line} | origins: ["http://localhost:7361"]' in str(problem.hint)


def test_a_key_is_added_to_somebody_who_is_there_and_once() -> None:
    text = ROSTERS["plain"].encode()
    with pytest.raises(TwokeyError, match="bob is not in the roster"):
        with_key(text, "bob", passkey(), "r")
    once = with_key(text, "ann", passkey(), "r")
    with pytest.raises(ConfigError, match="this key stands here twice"):
        with_key(once, "ann", passkey(), "r")


def test_a_person_with_a_passkey_is_added_with_the_page_that_it_signs_on() -> None:
    person = replace(newcomer(), keys=(passkey(),))
    added = with_person(ROSTERS["plain"].encode(), person, "r")
    assert load_roster(added, "r").people[1] == person
