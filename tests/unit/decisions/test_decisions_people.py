"""Rosters in which somebody would count twice or two be one; keys, identities and delegations that hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from decision_world import NOW, key_line
from hypothesis import find, given, settings
from hypothesis import strategies as st
from roster_world import ed25519, p256, rsa_line, sk_ed25519, sk_p256

from twokey.decisions.people import identity_line
from twokey.decisions.roster import load_roster
from twokey.errors import ConfigError

ANN, BOB = key_line("ann"), key_line("bob")


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load_roster(text.encode(), "roster.yaml")
    assert all(problem.where and problem.where.line for problem in error.value.problems)
    return list(map(str, error.value.problems))


def person(principal: str, key: str, **more: str) -> str:
    rest = "".join(f"    {name}: {value}\n" for name, value in more.items())
    return f"  - principal: {principal}\n    keys: [{key}]\n{rest}"


TWO = "people:\n" + person("ann", ANN, roles="[product]") + person("bob", BOB, roles="[risk]")
OLD = "2026-01-01T00:00:00Z"
DATES = "valid_from: 2026-11-01T00:00:00Z, valid_until: 2026-12-01T00:00:00Z"


def delegation(**more: str) -> str:
    parts = {"from": "ann", "to": "bob", "roles": "[product]", "why": "away"} | more
    span = "" if "valid_from" in more else f", {DATES}"
    return f"delegations:\n  - {{{', '.join(f'{name}: {value}' for name, value in parts.items())}{span}}}\n"


def identities(**more: str) -> str:
    parts = {"identity": "ann@example.com", "issuer": "https://accounts.example.com"} | more
    return f"[{{{', '.join(f'{name}: {value}' for name, value in parts.items())}}}]"


def webauthn(*origins: str) -> str:
    listed = ", ".join(f'"{origin}"' for origin in origins)
    return f"people:\n  - principal: ann\n    keys:\n      - key: {sk_p256('ann')}\n        origins: [{listed}]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # one key, however it is written, wherever it stands
        (
            "people:\n" + person("ann", ANN) + person("bob", sk_ed25519("ann")),
            "roster.yaml:5:12: this key stands here twice; the first is on line 3 (a key belongs to one person)",
        ),
        (
            "people:\n" + person("ann", p256("ann")) + person("bob", sk_p256("ann")),
            "roster.yaml:5:12: this key stands here twice; the first is on line 3",
        ),
        (
            "people:\n" + person("ann", sk_p256("ann", b"ssh:")) + person("bob", sk_p256("ann", b"ssh:work")),
            "roster.yaml:5:12: this key stands here twice",
        ),
        (
            "people:\n" + person("ann", rsa_line(65537)) + person("bob", rsa_line(3)),
            "roster.yaml:5:12: this key stands here twice",
        ),
        (
            f"people:\n{person('ann', ANN)}witnesses:\n  - {{name: job, keys: [{ANN}]}}\n",
            "roster.yaml:5:24: this key stands here twice; the first is on line 3"
            " (a key of somebody who may decide can never witness)",
        ),
        (
            f"witnesses:\n  - {{name: job, keys: [{sk_ed25519('ann')}]}}\npeople:\n{person('ann', ANN)}",
            "roster.yaml:2:24: this key stands here twice; the first is on line 5",
        ),
        (
            f"people:\n{person('ann', ANN)}witnesses:\n  - {{name: job, keys: [{BOB}]}}\n"
            f"  - {{name: job-2, keys: [{BOB}]}}\n",
            "roster.yaml:6:26: this key stands here twice; the first is on line 5",
        ),
        (
            "people:\n" + person("ann", f"{ANN.replace('AAAA', 'AAAB', 1)}"),
            "roster.yaml:3:12: not a key that may decide",
        ),
        ("people:\n" + person("ann", ANN + "="), "roster.yaml:3:12: not a key that may decide"),
        # one person, however they are written
        (
            "people:\n" + person("ann", ANN) + person("bob", BOB, aliases='["\\uff41nn"]'),
            "roster.yaml:6:15: '\uff41nn' stands here",
        ),
        ("people:\n" + person("ann", ANN, aliases="[ANN]"), "roster.yaml:4:15: 'ANN' stands here twice"),
        (
            "people:\n" + person("ann", ANN, aliases='["\\U0001d400nn"]'),
            "nn' stands here twice; the first is on line 2",
        ),
        (
            "people:\n" + person("ann", ANN) + person("bob", BOB, aliases='["\\u0430nn"]'),
            r"(\u0430nn) looks like 'ann' on line 2 (a name belongs to one person)",
        ),
        (
            "people:\n" + person("bob", BOB) + person("ann", ANN, aliases='["\\u0392\\u039f\\u0392"]'),
            "looks like 'bob' on line 2",
        ),
        ("people:\n" + person("ann", ANN, aliases='["a\\u200bnn"]'), "roster.yaml:4:15: expected one word"),
        ("people:\n" + person("ann", ANN, aliases='["a\\ufe0fnn"]'), "roster.yaml:4:15: expected one word"),
        ("people:\n" + person("ann", ANN, aliases='["a\\u00a0b"]'), "roster.yaml:4:15: expected one word"),
        ("people:\n  - principal: ann\n    keys:\n", "roster.yaml:3:10: expected a list, found nothing"),
        ("people:\n", "roster.yaml:1:8: expected a list, found nothing"),
        ("people:\n  - principal: ann\n    identities: []\n", "roster.yaml:3:17: an empty list says nothing"),
        # roles
        (f"roles: [product, Product]\n{TWO}", "roster.yaml:1:18: the role 'Product' looks like 'product' on line 1"),
        (f"roles: [product, product]\n{TWO}", "roster.yaml:1:18: the role 'product' stands here twice"),
        ("people:\n" + person("ann", ANN, roles="[risk, risk]"), "roster.yaml:4:19: the role 'risk' stands here twice"),
        (
            "people:\n" + person("ann", ANN, roles="[risk]") + person("bob", BOB, roles='["r\\u0456sk"]'),
            "looks like 'risk' on line 4 (a role is written in one way)",
        ),
        (
            f"people:\n{person('ann', ANN, roles='[job]')}witnesses:\n  - {{name: job, keys: [{BOB}]}}\n",
            "roster.yaml:4:13: the role 'job' is called like a witness",
        ),
        (
            f"people:\n{person('ann', ANN)}witnesses:\n  - {{name: ann, keys: [{BOB}]}}\n",
            "roster.yaml:5:12: 'ann' stands here twice; the first is on line 2",
        ),
        (
            f"people:\n{person('ann', ANN)}witnesses:\n  - {{name: job, keys: [{{key: {sk_p256('w')},"
            " origins: ['https://a.example']}]}\n",
            "roster.yaml:5:5: witnesses[0]: a witness signs in a job",
        ),
        # delegations
        (TWO + delegation(to="cy"), "roster.yaml:9:21: nobody here has the principal 'cy' (known: ann, bob)"),
        (TWO + delegation(**{"from": "an"}), "nobody here has the principal 'an' (did you mean ann?)"),
        (TWO + delegation(to="ann"), "roster.yaml:9:5: delegations[0]: ann cannot delegate to themselves"),
        (
            TWO + delegation(roles="[risk]"),
            "roster.yaml:9:34: ann has not the role 'risk' (what was delegated cannot be passed on)",
        ),
        (TWO + delegation(roles="[ann]"), "roster.yaml:9:34: ann cannot be delegated: it is a person"),
        (TWO + delegation(roles="[bob]"), "ann has not the role 'bob'"),
        (TWO + delegation(roles="[product, product]"), "delegations[0]: one of the roles stands here twice"),
        (
            TWO + delegation(valid_from="2026-11-01T00:00:00Z", valid_until="2026-11-01T00:00:00Z"),
            "roster.yaml:9:5: delegations[0]: valid_until is not after valid_from",
        ),
        (
            TWO + delegation(valid_from="2026-11-01T00:00:00Z", valid_until="2027-01-30T00:00:01Z"),
            "delegations[0]: a delegation lasts at most 90 days",
        ),
        (
            TWO + delegation(valid_from="2026-11-01T00:00:00Z", valid_until="2026-11-02T00:00:00+00:00"),
            "expected a UTC time such as 2026-11-21T12:00:00Z",
        ),
        (
            TWO + delegation(valid_from="2026-11-01T00:00:00Z"),
            "roster.yaml:9:5: missing key 'valid_until' in delegations[0]",
        ),
        # Sigstore identities
        (
            f"people:\n{person('ann', ANN)}{person('bob', BOB, identities=identities(identity='ann'))}",
            "expected a person's e-mail address",
        ),
        (
            f"people:\n{person('ann@example.com', ANN)}{person('bob', BOB, identities=identities())}",
            "roster.yaml:6:29: 'ann@example.com' is another person's name on line 2",
        ),
        (
            f"people:\n{person('ann', ANN, identities=identities())}"
            f"{person('bob', BOB, identities=identities(issuer='https://other.example'))}",
            "roster.yaml:7:29: 'ann@example.com' is another person's identity on line 4",
        ),
        (
            f"people:\n{person('ann', ANN, identities=identities()[:-1] + ', ' + identities()[1:])}",
            "this identity stands here twice; the first is on line 4",
        ),
        (
            "people:\n"
            + person(
                "ann", ANN, identities=identities(identity="https://github.com/o/r/.github/workflows/x@refs/heads/m")
            ),
            "a job's identity decides nothing",
        ),
        (
            "people:\n" + person("ann", ANN, identities=identities(issuer="http://accounts.example.com")),
            "expected an issuer such as https://accounts.example.com",
        ),
        (
            "people:\n" + person("ann", ANN, identities=identities(issuer='"https://a.example x"')),
            "expected an issuer such as https://accounts.example.com",
        ),
        (
            "people:\n" + person("ann", ANN, identities="[{identity: a@b}]"),
            "missing key 'issuer' in people[0].identities[0]",
        ),
        (
            "people:\n" + person("ann", ANN, identities=identities(identity='"\\u00fcn@example.com"')),
            "expected a person's e-mail address",
        ),
        (
            "people:\n" + person("ann", ANN, identities=identities(valid_from=OLD, valid_until=OLD)),
            "roster.yaml:4:18: people[0].identities[0]: valid_until is not after valid_from",
        ),
        # dates that contradict
        (
            f"people:\n  - principal: ann\n    keys:\n      - key: {ANN}\n        valid_from: 2026-01-02T00:00:00Z\n"
            "        valid_until: 2026-01-01T23:59:59Z\n",
            "roster.yaml:4:9: people[0].keys[0]: valid_until is not after valid_from",
        ),
        # origins
        (
            f"people:\n  - principal: ann\n    keys: [{{key: {ANN}, origins: ['https://a.example']}}]\n",
            "people[0].keys[0]: origins are for keys that browsers use, of type sk-ecdsa-sha2-nistp256@openssh.com",
        ),
        (webauthn("https://a.example", "https://a.example"), "one of the origins stands here twice"),
    ],
)
def test_a_hostile_or_careless_roster_is_refused_with_its_line(text: str, expected: str) -> None:
    assert expected in "\n".join(problems(text))


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example/",
        "https://a.example/sign",
        "https://A.example",
        "https://a.example:443",
        "https://a.example:0",
        "https://user@a.example",
        "https://*.example",
        "https://a..example",
        "https://127.0.0.1",
        "https://[::1]",
        "https://localhost",
        "https://x.localhost:8443",
        "http://localhost",
        "http://localhost:80",
        "http://localhost:0",
        "http://localhost:65536",
        "http://localhost:7361/",
        "http://localhost.:7361",
        "http://a.localhost:7361",
        "http://localhost.example:7361",
        "http://127.0.0.1:7361",
        "http://[::1]:7361",
        "http://LOCALHOST:7361",
        "http://a.example",
        "https://ünï.example",
        "a.example",
        "null",
        "https://a.example ",
    ],
)
def test_an_origin_is_exactly_what_a_browser_says_of_an_https_page(origin: str) -> None:
    found = problems(webauthn("https://good.example", origin))
    assert len(found) == 1
    assert found[0].startswith("roster.yaml:5:")


def local(*origins: str, site: bytes = b"localhost") -> str:
    return webauthn(*origins).replace(sk_p256("ann"), sk_p256("ann", site))


def test_a_page_of_ones_own_machine_is_an_origin_with_its_port() -> None:
    origins = ("http://localhost:7361", "http://localhost:1", "http://localhost:65535")
    (ann,) = load_roster(local(*origins).encode(), "r").people
    assert ann.keys[0].origins == origins


@pytest.mark.parametrize(
    ("site", "origin"),
    [
        (b"sign.example.com", "http://localhost:7361"),
        (b"ssh:", "http://localhost:7361"),
        (b"localhost.example", "http://localhost:7361"),
        (b"localhost", "https://sign.example.com"),
    ],
)
def test_a_key_of_localhost_signs_there_and_no_other_key_does(site: bytes, origin: str) -> None:
    (found,) = problems(local(origin, site=site))
    assert f"{origin} is not a page of {site.decode()!r}, which this key was made for" in found


def test_origins_of_a_browsers_key_are_kept() -> None:
    origins = ("https://sign.example.com", "https://sign.example.com:8443", "https://intranet")
    (ann,) = load_roster(webauthn(*origins).encode(), "r").people
    assert ann.keys[0].origins == origins


def test_a_sigstore_identity_is_found_by_issuer_and_identity_both() -> None:
    text = "people:\n  - principal: ann\n    identities: " + identities(valid_until='"2026-11-21T12:00:00Z"') + "\n"
    roster = load_roster(text.encode(), "r")
    line = identity_line("https://accounts.example.com", "ann@example.com")
    assert line == "sigstore https://accounts.example.com ann@example.com"
    found = roster.person_of_key(line)
    assert found is not None
    assert found[0].principal == "ann"
    assert found[1].key is None
    assert found[1].shown == line
    assert found[1].out_of_date(NOW) == "the key was valid until 2026-11-21T12:00:00Z"
    for other in (
        line + " ",
        line.upper(),
        "ann@example.com",
        line.replace("accounts", "account"),
        f"sigstore  {line[9:]}",
    ):
        assert roster.person_of_key(other) is None
    assert roster.allowed_signers("ann", "twokey-decision-v1") == ""


@pytest.mark.parametrize(("issuer", "identity"), [("https://a b", "c"), ("https://a", "b c"), ("", "b"), ("a", "b\n")])
def test_an_identity_line_can_be_read_in_one_way_only(issuer: str, identity: str) -> None:
    with pytest.raises(ValueError, match="without spaces"):
        identity_line(issuer, identity)


def test_a_witness_is_nobody_who_may_decide() -> None:
    text = f"people:\n{person('ann', ANN)}witnesses:\n  - {{name: record-job, keys: [{{key: {BOB}, why: runner}}]}}\n"
    roster = load_roster(text.encode(), "r")
    found = roster.witness_of_key(BOB)
    assert found is not None
    assert (found[0].name, found[1].why) == ("record-job", "runner")
    assert roster.person_of_key(BOB) is None
    assert roster.witness_of_key(ANN) is None
    assert roster.person("record-job") is None


def test_a_delegate_holds_a_role_from_the_first_second_to_just_before_the_last() -> None:
    three = TWO + person("cy", sk_p256("cy")) + delegation()
    roster = load_roster(three.encode(), "r")
    ann, bob, cy = roster.people
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    second = timedelta(seconds=1)
    for now, held in ((start - second, False), (start, True), (end - second, True), (end, False)):
        assert roster.holds(bob, "product", now) is held
        assert roster.holders("product", now) == ((ann, bob) if held else (ann,))
        assert roster.holds(ann, "product", now)
        assert roster.holds(bob, "bob", now)
        assert not roster.holds(bob, "ann", now)
        assert not roster.holds(ann, "risk", now)
        assert not roster.holds(cy, "product", now)
        assert roster.with_role("product") == (ann,)
    odd = (end - second).astimezone(timezone(timedelta(hours=13, minutes=45)))
    assert roster.holds(bob, "product", odd)
    assert not roster.holds(bob, "product", odd + second)


def test_a_delegation_of_ninety_days_is_as_long_as_one_may_be() -> None:
    dates = {"valid_from": "2026-11-01T00:00:00Z", "valid_until": "2027-01-30T00:00:00Z"}
    (found,) = load_roster((TWO + delegation(**dates)).encode(), "r").delegations
    assert found.valid_until - found.valid_from == timedelta(days=90)


def test_what_was_delegated_is_not_passed_on() -> None:
    roster = load_roster((TWO + person("cy", sk_p256("cy")) + delegation()).encode(), "r")
    onward = replace(roster.delegations[0], giver="bob", to="cy")
    chained = replace(roster, delegations=(*roster.delegations, onward))
    assert chained.holds(chained.people[1], "product", NOW)
    assert not chained.holds(chained.people[2], "product", NOW)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"revoked_at": "2026-11-21T12:00:00Z", "why": "left"}, "the key was revoked at 2026-11-21T12:00:00Z: left"),
        ({"compromised_since": "2026-11-30T00:00:00Z"}, "the key counts as compromised since 2026-11-30T00:00:00Z"),
        ({"valid_from": "2026-11-21T12:00:01Z"}, None),
    ],
)
def test_an_identity_is_withdrawn_like_a_key(dates: dict[str, str], expected: str | None) -> None:
    text = "people:\n" + person("ann", ANN, identities=identities(**dates))
    ssh, identity = load_roster(text.encode(), "r").people[0].keys
    assert ssh.good(NOW)
    assert not identity.good(NOW)
    assert identity.withdrawn(NOW) == expected


def test_a_name_is_known_in_every_writing_of_it() -> None:
    (ann,) = load_roster(f"people:\n{person('ann@example.com', ANN, aliases='[Zoë]')}".encode(), "r").people
    for name in ("ANN@example.com", "a\u200bnn@example.com", "\uff41nn@example.com", "ZOË", "zoe\u0308"):
        assert ann.known_as(name), ascii(name)
    for name in ("ann", "zoe", "\u0430nn@example.com", ""):
        assert not ann.known_as(name), ascii(name)


KEYS_WRITTEN = [
    written for name in ("ann", "bob", "cy") for written in (ed25519(name), sk_ed25519(name), p256(name), sk_p256(name))
]
ADDRESSES = ["a@x.example", "A@x.example", "b@x.example", "A@X.example"]


@st.composite
def rosters(draw: st.DrawFn) -> str:
    """Rosters in which collisions of every sort are likely."""
    out = "people:\n"
    for name in draw(st.lists(st.sampled_from(["ann", "bob", "cy", "a@x.example"]), min_size=1, max_size=3)):
        keys = draw(st.lists(st.sampled_from(KEYS_WRITTEN), min_size=1, max_size=2))
        out += person(name, ", ".join(keys))
        found = draw(
            st.lists(st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(["https://i", "https://j"])), max_size=2)
        )
        if found:
            out += f"    identities: [{', '.join(f'{{identity: {who}, issuer: {by}}}' for who, by in found)}]\n"
    for name in draw(st.lists(st.sampled_from(["job", "ann"]), max_size=1)):
        out += f"witnesses:\n  - {{name: {name}, keys: [{draw(st.sampled_from(KEYS_WRITTEN))}]}}\n"
    return out


@settings(max_examples=150, deadline=None)
@given(text=rosters())
def test_no_roster_that_loads_lets_one_key_speak_for_two(text: str) -> None:
    try:
        roster = load_roster(text.encode(), "r")
    except ConfigError:
        return
    owners: dict[object, set[str]] = {}
    for who, entries in [
        *((p.principal, p.keys) for p in roster.people),
        *((w.name, w.keys) for w in roster.witnesses),
    ]:
        for entry in entries:
            secret = entry.key.raw if entry.key else entry.line.split(" ")[2].casefold()
            owners.setdefault(secret, set()).add(who)
            person_found, witness_found = roster.person_of_key(entry.line), roster.witness_of_key(entry.line)
            assert (person_found is None) != (witness_found is None)
            named = person_found[0].principal if person_found else witness_found[0].name if witness_found else ""
            assert named == who
    assert all(len(who) == 1 for who in owners.values())
    assert len({p.principal for p in roster.people}) == len(roster.people)


def test_some_of_the_drawn_rosters_load() -> None:
    find(
        rosters(),
        lambda text: loads(text) and text.count("principal") == 2 and "identity" in text and "witnesses" in text,
    )


def loads(text: str) -> bool:
    try:
        load_roster(text.encode(), "r")
    except ConfigError:
        return False
    return True
