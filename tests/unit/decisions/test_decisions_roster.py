from datetime import UTC, datetime, timedelta

import pytest
from decision_world import NOW, ROSTER_YAML, World, key_line

from twokey.config.review import Review, Reviewers
from twokey.config.shape import Approval, CheckpointPolicy, Close
from twokey.decisions.roster import load_roster
from twokey.decisions.rules import policy_problems, who_can
from twokey.errors import ConfigError

ANN, BOB = key_line("ann"), key_line("bob")
ROSTER = load_roster(ROSTER_YAML.encode(), "roster.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load_roster(text.encode(), "roster.yaml")
    assert all(problem.where and problem.where.line for problem in error.value.problems)
    return list(map(str, error.value.problems))


def test_a_roster_names_people_by_key_principal_and_alias() -> None:
    ann = ROSTER.person("ann@example.com")
    assert ann is not None
    assert ROSTER.person("ANN-at-Work") is ann
    assert ROSTER.person("12345+ann@users.example") is ann
    assert ROSTER.person("an") is None
    for name in ("ann", "ann's second"):
        found = ROSTER.person_of_key(key_line(name))
        assert found is not None
        assert found[0] is ann
    assert ROSTER.person_of_key(key_line("bot")) is None
    assert ROSTER.person_of_key("") is None
    assert ann.has("product")
    assert ann.has("ann@example.com")
    assert not ann.has("risk")
    assert not ann.has("ann-at-work")


def test_a_plain_key_may_carry_a_comment_and_a_person_no_name() -> None:
    roster = load_roster(f"people:\n  - principal: ann\n    keys: [{ANN} ann at home]\n".encode(), "r")
    assert roster.people[0].name == "ann"
    assert roster.people[0].keys[0].line == ANN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"people:\n  - {{principal: ann, keys: [{ANN}]}}\n  - {{principal: bob, keys: [{ANN} other]}}\n",
            "roster.yaml:3:29: this key stands here twice; the first is on line 2 (a key belongs to one person)",
        ),
        (
            f"people:\n  - {{principal: ann, keys: [{ANN}, {{key: {ANN}, why: again}}]}}\n",
            "this key stands here twice; the first is on line 2",
        ),
        (
            f"people:\n  - {{principal: ann, keys: [{ANN}]}}\n  - {{principal: ann, keys: [{BOB}]}}\n",
            "roster.yaml:3:17: 'ann' stands here twice; the first is on line 2",
        ),
        (
            f"people:\n  - {{principal: ann, keys: [{ANN}]}}\n  - {{principal: bob, aliases: [ANN], keys: [{BOB}]}}\n",
            "'ANN' stands here twice; the first is on line 2",
        ),
        (
            f"roles: [product]\npeople:\n  - {{principal: ann, roles: [prodct], keys: [{ANN}]}}\n",
            "roster.yaml:3:30: the role 'prodct' is not among roles (did you mean product?)",
        ),
        (
            f"people:\n  - {{principal: ann, roles: [bob], keys: [{ANN}]}}\n  - {{principal: bob, keys: [{BOB}]}}\n",
            "the role 'bob' is called like a person",
        ),
        ("people:\n  - {principal: ann, keys: [ssh-dss AAAA]}\n", "DSA keys are not accepted"),
        (
            "people:\n  - {principal: ann, keys: [ssh-ed25519 AAAA]}\n",
            "not a key that may decide: the public key is cut off",
        ),
        ("people:\n  - {principal: ann, keys: [{key: hello}]}\n", "not a key that may decide: a key is one line"),
        (f"people:\n  - {{principal: ann, keys: ['cert-authority {ANN}']}}\n", "'cert-authority' is not accepted"),
        ("people:\n  - {principal: ann, keys: []}\n", "an empty list says nothing"),
        ("people:\n  - {principal: ann}\n", "ann has nothing to sign with: missing key 'keys' or 'identities'"),
        ("people: []\n", "an empty list says nothing"),
        (f"people:\n  - {{principal: Ann, keys: [{ANN}]}}\n", "expected a principal in lower case"),
        (f"people:\n  - {{principal: ../ann, keys: [{ANN}]}}\n", "expected a principal in lower case"),
        (
            f"people:\n  - {{principal: ann, role: [x], keys: [{ANN}]}}\n",
            "unknown key 'role' in people[0] (did you mean roles?)",
        ),
        (f"people:\n  - {{principal: ann, aliases: [two words], keys: [{ANN}]}}\n", "expected one word"),
        (
            f"people:\n  - principal: ann\n    keys: [{{key: {ANN}, valid_from: 2026-01-01T00:00:00Z,"
            " valid_until: 2026-01-01T00:00:00Z}]\n",
            "valid_until is not after valid_from",
        ),
    ],
)
def test_what_is_wrong_with_a_roster_is_said_with_its_line(text: str, expected: str) -> None:
    assert expected in "\n".join(problems(text))


@pytest.mark.parametrize("field", ["valid_from", "valid_until", "revoked_at", "compromised_since"])
@pytest.mark.parametrize(
    "date",
    ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+02:00", "2026-01-01 00:00:00Z", "20260101", "true"],
)
def test_a_date_that_is_not_in_utc_is_refused(field: str, date: str) -> None:
    found = problems(f"people:\n  - principal: ann\n    keys:\n      - key: {ANN}\n        {field}: {date}\n")
    assert len(found) == 1
    assert found[0].startswith("roster.yaml:5:")


def test_all_problems_of_a_roster_are_told_at_once() -> None:
    text = f"people:\n  - {{principal: Ann, keys: [{ANN}, {ANN}]}}\n  - {{principal: bob, keys: [x y], shoe: 1}}\n"
    assert len(problems(text)) == 4


def test_a_key_is_valid_from_the_first_second_to_just_before_the_last() -> None:
    entry = next(key for key in ROSTER.people[0].keys if key.valid_until)
    assert entry.out_of_date(NOW - timedelta(seconds=1)) is None
    assert entry.out_of_date(NOW) == "the key was valid until 2026-11-21T12:00:00Z"
    entry = next(key for key in ROSTER.people[0].keys if key.valid_from)
    assert entry.out_of_date(NOW) == "the key is not valid before 2026-11-21T12:00:01Z"
    assert entry.out_of_date(NOW + timedelta(seconds=1)) is None


def test_a_revoked_key_ends_at_its_second_and_a_compromised_one_for_all_time() -> None:
    entry = next(key for key in ROSTER.people[0].keys if key.revoked_at)
    assert entry.withdrawn(NOW - timedelta(seconds=1)) is None
    assert entry.withdrawn(NOW) == "the key was revoked at 2026-11-21T12:00:00Z: lost laptop"
    entry = next(key for key in ROSTER.people[0].keys if key.compromised_since)
    for now in (datetime(2020, 1, 1, tzinfo=UTC), NOW, datetime(2030, 1, 1, tzinfo=UTC)):
        assert entry.withdrawn(now) == "the key counts as compromised since 2026-11-30T00:00:00Z: phished"


def test_allowed_signers_name_the_purpose_and_leave_withdrawn_keys_out() -> None:
    lines = ROSTER.allowed_signers("ann@example.com", "twokey-decision-v1").splitlines()
    assert lines[0] == f'ann@example.com namespaces="twokey-decision-v1" {ANN}'
    assert len(lines) == 4
    assert not [line for line in lines if key_line("revoked") in line or key_line("stolen") in line]
    with pytest.raises(KeyError):
        ROSTER.allowed_signers("ann-at-work", "twokey-decision-v1")


def test_who_can_close_is_who_holds_a_named_role_or_is_named() -> None:
    assert [who.principal for who in who_can(Close(any_of=("product", "cy@example.com")), ROSTER)] == [
        "ann@example.com",
        "cy@example.com",
    ]


def test_a_policy_that_nobody_could_satisfy_is_told_by_checkpoint() -> None:
    def found(close: Close) -> tuple[str, ...]:
        return policy_problems(Approval(checkpoints={"release": CheckpointPolicy(close=close)}), World().roster)

    assert found(Close(any_of=("product", "risk"))) == ()
    assert found(Close(all_of=("product", "risk"))) == ()
    assert found(Close(any_of=("nobody",))) == ("checkpoint release: nobody in the roster is or has nobody",)
    assert found(Close(all_of=("risk", "tech-lead"))) == (
        "checkpoint release cannot be closed by anybody here: all of risk, tech-lead, each another person",
    )
    assert found(Close(all_of=("risk", "tech-lead"), distinct=False)) == ()
    assert found(Close(count=3, of=("product", "risk"))) == (
        "checkpoint release cannot be closed by anybody here: 3 of product, risk",
    )
    assert found(Close(count=0, of=("product",))) == (
        "checkpoint release cannot be closed: its count is 0, not a whole number of at least 1",
    )


def test_adjudicators_are_of_the_roster_and_so_are_reviewers_whose_signature_counts() -> None:
    def found(people: tuple[str, ...], *adjudicators: str, signed: bool = False) -> tuple[str, ...]:
        asked = Reviewers(people=people, adjudicators=adjudicators, signed=signed)
        return policy_problems(Approval(checkpoints={}), World().roster, Review(reviewers=asked))

    ann, guest = "ann@example.com", "guest@example.com"
    assert found((ann, guest), "risk", ann) == (), "who only grades need not be in the roster"
    assert found((ann, guest), "rsik", guest) == (
        "review.reviewers.adjudicators: nobody in the roster is or has rsik",
        "review.reviewers.adjudicators: nobody in the roster is or has guest@example.com",
    )
    assert found((ann, guest), "risk", signed=True) == (
        "review.reviewers.people: nobody in the roster is guest@example.com, whose signature would count",
    )
    assert policy_problems(Approval(checkpoints={}), World().roster, Review()) == ()
