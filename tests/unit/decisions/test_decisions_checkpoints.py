from itertools import product
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.config.shape import Approval, Automatic, CheckpointPolicy, Close, Opens
from twokey.decisions.checkpoints import OpenCheckpoint, open_checkpoints, unclaimed
from twokey.decisions.rules import rule_in_words, rule_problem, satisfies
from twokey.decisions.situation import Situation
from twokey.errors import TwokeyError
from twokey.outcome import Finding, Status
from twokey.repository.change import Change, ChangedFile, PolicyEdit

ACCURACY = Finding(gate="quality", check="accuracy", status=Status.FAIL, message="0.9 under 0.95")
PII = Finding(gate="safety", check="pii", status=Status.INCONCLUSIVE, message="1 to 4")
BROKEN = Finding(gate="safety", check="secrets", status=Status.ERROR, message="no detector")
CLOSE = Close(any_of=("product",))


def opened(
    *clauses: Opens,
    findings: tuple[Finding, ...] = (),
    share: float | None = 0.01,
    environment: str = "staging",
    review: bool = False,
    name: str = "release",
    change: Change | None = None,
    **known: Any,
) -> tuple[OpenCheckpoint, ...]:
    checkpoints = {"release": CheckpointPolicy(close=CLOSE), name: CheckpointPolicy(close=CLOSE, opens=clauses)}
    policy = Approval(automatic=Automatic(environments=("staging",)), checkpoints=checkpoints)
    situation = Situation(
        findings=findings, low_confidence_share=share, environment=environment, change=change, **known
    )
    return open_checkpoints(situation, policy, review_required=review)


def test_a_clean_run_opens_nothing_where_policy_is_automatic() -> None:
    assert opened(Opens(gates=("quality",))) == ()


def test_release_opens_wherever_a_run_is_not_automatic() -> None:
    (release,) = opened(environment="production")
    assert release.name == "release"
    assert release.opened_by == ("policy lets nothing into production without a decision",)
    assert release.claims == ()
    assert [found.name for found in opened(environment="Staging")] == ["release"]


def test_release_opens_where_somebody_must_look_first() -> None:
    assert opened(review=True)[0].opened_by == ("somebody has to look at the outputs first",)


def test_a_clause_opens_on_the_findings_it_names_and_claims_them() -> None:
    (found,) = opened(Opens(gates=("quality", "safety")), findings=(PII, ACCURACY, BROKEN), name="look")
    assert found.name == "look"
    assert found.claims == ("quality.accuracy", "safety.pii")
    assert found.opened_by == ("quality.accuracy is fail, safety.pii is inconclusive",)
    assert unclaimed((PII, ACCURACY, BROKEN), (found,)) == (BROKEN,)


def test_an_error_is_claimed_only_by_a_clause_that_names_that_status() -> None:
    assert opened(Opens(gates=("safety",)), findings=(BROKEN,)) == ()
    (found,) = opened(Opens(gates=("safety",), status=("error",)), findings=(BROKEN,))
    assert unclaimed((BROKEN,), (found,)) == ()


def test_a_clause_of_statuses_alone_is_about_every_gate() -> None:
    (found,) = opened(Opens(status=("error",)), findings=(BROKEN, ACCURACY))
    assert found.claims == ("safety.secrets",)


def test_a_finding_is_claimed_as_it_stands_not_by_its_name() -> None:
    (found,) = opened(Opens(gates=("quality",)), findings=(ACCURACY,))
    worse = Finding(gate="quality", check="accuracy", status=Status.ERROR, message="no record")
    assert unclaimed((ACCURACY, worse), (found,)) == (worse,)


def test_opening_by_environment_claims_nothing() -> None:
    found = opened(findings=(ACCURACY,), environment="production")
    assert unclaimed((ACCURACY,), found) == (ACCURACY,)


@pytest.mark.parametrize(("share", "opens"), [(0.0499, False), (0.05, True), (0.0500000001, True), (1.0, True)])
def test_a_share_opens_from_its_limit(share: float, opens: bool) -> None:
    assert bool(opened(Opens(low_confidence_share=0.05), share=share)) == opens


@pytest.mark.parametrize("share", [None, nan])
def test_a_share_that_nobody_knows_opens_and_says_so(share: float | None) -> None:
    (found,) = opened(Opens(low_confidence_share=0.05), share=share)
    assert found.opened_by == ("the share of low-confidence outputs is not known; this opens from 5%",)


UNSEEN = "nobody can say what is under review here (--policy-ref names the branch that it would go to)"


def changed(*paths: str, **facts: Any) -> Change:
    """A change of these files."""
    files = tuple(ChangedFile(path=path, blob="1" * 40) for path in paths)
    return Change(base="a" * 40, head="b" * 40, files=files, **facts)


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        (Opens(paths=("schemas/**",)), f"changed files may match schemas/**: {UNSEEN}"),
        (Opens(changed_lines=400), f"the change may be large: {UNSEEN}"),
        (Opens(rollback=True), f"this may be a rollback: {UNSEEN}"),
        (Opens(labels=("urgent",)), "the request may carry the label urgent: no host says which it has"),
        (Opens(impact=("high",)), "nobody can say which impact the judged records have"),
    ],
)
def test_what_cannot_be_known_opens_and_says_so(clause: Opens, sentence: str) -> None:
    (found,) = opened(clause, name="look")
    assert found.opened_by == (sentence,)


@pytest.mark.parametrize(
    ("clause", "known", "sentence"),
    [
        (Opens(paths=("api/*.py",)), {"change": changed("api/v1.py", "api/v1/x.py")}, "the change touches api/v1.py"),
        (
            Opens(paths=("model/**", "/docs/**")),
            {"change": changed("ai/model/w.bin", "docs/a.md", "model/x", prefix="ai/")},
            "the change touches ai/model/w.bin, docs/a.md",
        ),
        (Opens(changed_files=2), {"change": changed("a", "b")}, "2 changed files; this opens from 2"),
        (Opens(changed_lines=9), {"change": changed("a", lines=10)}, "10 changed lines; this opens from 9"),
        (Opens(labels=("b", "a")), {"change": changed(labels=("x", "a"))}, "the request carries the label a"),
        (
            Opens(rollback=True),
            {"change": changed(rollback=True)},
            "the change brings back a subject that was decided on before",
        ),
        (Opens(impact=("high",)), {"impacts": ("low", "high")}, "records of the impact high were judged"),
        (
            Opens(unwitnessed=True),
            {"unwitnessed": ("candidate",)},
            "nobody vouches for the recording: candidate unwitnessed",
        ),
        (Opens(unpinned=True), {"pinned": False}, "the subject is unpinned: no files of it are named"),
        (Opens(metrics=("accuracy",)), {"findings": (ACCURACY, PII)}, "quality.accuracy is fail"),
    ],
)
def test_a_clause_opens_on_what_it_names(clause: Opens, known: dict[str, Any], sentence: str) -> None:
    found = {one.name: one for one in opened(clause, name="look", **known)}
    assert found["look"].opened_by == (sentence,)


@pytest.mark.parametrize(
    ("clause", "known"),
    [
        (Opens(paths=("api/**",)), {"change": changed("docs/api/x", "apix")}),
        (Opens(paths=("docs/**",)), {"change": changed("docs/a.md", prefix="ai/")}),
        (Opens(changed_files=3), {"change": changed("a", "b")}),
        (Opens(changed_files=1, changed_lines=9), {"change": changed("a", lines=8)}),
        (Opens(labels=("urgent",)), {"change": changed(labels=())}),
        (Opens(rollback=True), {"change": changed("a")}),
        (Opens(impact=("high",)), {"impacts": ()}),
        (Opens(unwitnessed=True), {}),
        (Opens(unpinned=True), {}),
        (Opens(metrics=("latency_p95_ms",)), {"findings": (ACCURACY,)}),
    ],
)
def test_a_clause_opens_on_nothing_else(clause: Opens, known: dict[str, Any]) -> None:
    assert "look" not in {one.name for one in opened(clause, name="look", **known)}


def test_a_failed_safety_gate_is_claimed_only_by_a_clause_that_names_it() -> None:
    leak = Finding(gate="safety", check="pii", status=Status.FAIL, message="3 found")
    assert opened(Opens(status=("fail",)), findings=(leak,)) == ()
    assert opened(Opens(metrics=("pii",)), findings=(leak,)) == ()
    (found,) = opened(Opens(gates=("safety",)), findings=(leak,))
    assert unclaimed((leak,), (found,)) == ()


def test_a_checkpoint_opens_only_in_its_environments_and_release_in_all() -> None:
    policy = Approval(
        checkpoints={
            name: CheckpointPolicy(close=CLOSE, opens=(Opens(gates=("quality",)),), environments=("production",))
            for name in ("release", "expert")
        }
    )
    for environment, names in (("production", ["release", "expert"]), ("staging", ["release"])):
        situation = Situation(environment=environment, findings=(ACCURACY,))
        assert [found.name for found in open_checkpoints(situation, policy)] == names


def edit(path: str = "gates.yaml", after: str | None = "f" * 64) -> Change:
    return changed(path, policy=(PolicyEdit(path=path, before="e" * 64, after=after),), judging_after="0" * 64)


def test_a_change_of_policy_opens_a_checkpoint_whether_policy_has_one_or_not() -> None:
    (found,) = opened(change=edit())
    assert (found.name, found.opened_by) == ("policy-change", ("the change edits policy: gates.yaml",))
    assert found.close == CLOSE
    assert opened(change=edit(after=None))[0].digest != found.digest


def test_each_approval_signs_which_checkpoints_the_change_opened_and_who_had_a_part_in_it() -> None:
    clause = Opens(paths=("api/**",))
    one = {
        found.name: found for found in opened(clause, name="look", environment="production", change=changed("api/x"))
    }
    assert one["release"].facts["change"] == {"known": True, "parties": [], "opens": ["look"]}
    readme = changed("api/x", "README.md", lines=7)
    same = opened(clause, name="look", environment="production", change=readme)
    assert [found.digest for found in same] == [found.digest for found in one.values()]
    smaller = opened(clause, name="look", environment="production", change=changed("README.md"))
    assert [found.name for found in smaller] == ["release"]
    assert smaller[0].digest != one["release"].digest
    parties = {"ann@example.com": "she wrote a commit of it"}
    others = opened(clause, name="look", environment="production", change=changed("api/x"), parties=parties)
    assert {found.digest for found in others}.isdisjoint(found.digest for found in one.values())


def test_another_content_of_a_file_that_opened_a_checkpoint_is_another_fact() -> None:
    clause = Opens(paths=("api/**",))
    again = Change(base="a" * 40, head="b" * 40, files=(ChangedFile(path="api/x", blob="2" * 40),))
    assert opened(clause, change=again)[0].digest != opened(clause, change=changed("api/x"))[0].digest


def test_how_large_a_change_is_costs_no_approval_while_it_stays_large() -> None:
    clause = Opens(changed_lines=100)
    assert opened(clause, change=changed(lines=100))[0].digest == opened(clause, change=changed(lines=101))[0].digest


def test_all_that_a_clause_gives_must_hold() -> None:
    both = Opens(gates=("quality",), low_confidence_share=0.05)
    assert opened(both, findings=(ACCURACY,), share=0.01) == ()
    assert opened(both, findings=(PII,), share=0.5) == ()
    (found,) = opened(both, findings=(ACCURACY,), share=0.5)
    assert found.claims == ("quality.accuracy",)
    assert opened(Opens(gates=("quality",), paths=("**",))) == ()


def test_release_comes_first_and_the_others_by_name() -> None:
    policy = Approval(
        checkpoints={
            name: CheckpointPolicy(close=CLOSE, opens=(Opens(paths=("**",)),)) for name in ("b", "release", "a")
        }
    )
    found = open_checkpoints(Situation(environment="production"), policy)
    assert [checkpoint.name for checkpoint in found] == ["release", "a", "b"]


def test_a_policy_without_release_lets_nothing_through() -> None:
    with pytest.raises(TwokeyError, match="no checkpoint called release"):
        open_checkpoints(Situation(environment="staging"), Approval(checkpoints={}))


def digest(*clauses: Opens, **facts: Any) -> str:
    return opened(*clauses, environment="production", **facts)[0].digest


def test_the_digest_is_of_the_facts_that_opened_it_and_of_nothing_else() -> None:
    clause = Opens(gates=("quality", "safety"))
    base = digest(clause, findings=(ACCURACY, PII))
    assert digest(clause, findings=(PII, ACCURACY)) == base
    assert digest(clause, findings=(PII, ACCURACY), share=0.4) == base
    assert digest(Opens(gates=("safety", "quality")), findings=(PII, ACCURACY)) == base
    assert digest(clause, findings=(PII, ACCURACY, BROKEN)) == base
    assert digest(clause, findings=(ACCURACY,)) != base
    milder = Finding(gate="quality", check="accuracy", status=Status.INCONCLUSIVE, message=ACCURACY.message)
    assert digest(clause, findings=(milder, PII)) != base
    assert digest(clause, Opens(low_confidence_share=0.0), findings=(ACCURACY, PII)) != base
    share = Opens(low_confidence_share=0.05)
    assert digest(share, share=0.06) != digest(share, share=0.07)
    assert digest(share, share=0.06) != digest(Opens(low_confidence_share=0.04), share=0.06)


PEOPLE, ROLES = ("ann", "bob", "cy"), ("x", "y", "z")
approvals = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ROLES)), max_size=9)
roles = st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True).map(tuple)
rules = st.one_of(
    st.builds(Close, any_of=roles),
    st.builds(Close, all_of=roles, distinct=st.booleans()),
    st.builds(Close, count=st.integers(1, 4), of=roles),
)


def by_brute_force(close: Close, given_: list[tuple[str, str]]) -> bool:
    """Try every way of giving each name, or each of `count` places, a person who signed in that role."""
    if close.any_of:
        return any((person, role) in given_ for person, role in product(PEOPLE, close.any_of))
    if close.all_of:
        ways = product(PEOPLE, repeat=len(close.all_of))
        good = [way for way in ways if all(pair in given_ for pair in zip(way, close.all_of, strict=True))]
        return any(len(set(way)) == len(way) for way in good) if close.distinct else bool(good)
    ways = product(PEOPLE, repeat=close.count or 0)
    return any(
        len(set(way)) == len(way) and all(any((who, role) in given_ for role in close.of) for who in way)
        for way in ways
    )


@given(rules, approvals)
def test_assigning_people_to_rules_agrees_with_brute_force(close: Close, given_: list[tuple[str, str]]) -> None:
    assert satisfies(close, given_) == by_brute_force(close, given_)


@given(rules, approvals, st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ROLES)))
def test_one_more_approval_never_opens_and_one_said_twice_never_closes(
    close: Close, given_: list[tuple[str, str]], more: tuple[str, str]
) -> None:
    assert satisfies(close, [*given_, more]) >= satisfies(close, given_)
    assert satisfies(close, given_ * 2) == satisfies(close, given_)


@pytest.mark.parametrize("count", [0, -1, True, "1", 1.0, None])
def test_a_count_that_is_no_whole_number_of_at_least_one_is_satisfied_by_nobody(count: Any) -> None:
    close = Close(count=1, of=("x",))
    object.__setattr__(close, "count", count)
    assert rule_problem(close) == f"its count is {count!r}, not a whole number of at least 1"
    assert not satisfies(close, [(person, "x") for person in PEOPLE])
    assert not satisfies(close, [])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"any_of": ()}, "it names nobody"),
        ({"all_of": ("y",)}, "it has more than one rule"),
        ({"count": 1}, "it counts, but not of whom"),
    ],
)
def test_a_rule_that_is_none_is_satisfied_by_nobody(changes: dict[str, Any], problem: str) -> None:
    close = Close(any_of=("x",))
    for name, value in changes.items():
        object.__setattr__(close, name, value)
    assert rule_problem(close) == problem
    assert not satisfies(close, [("ann", "x"), ("bob", "y")])


def test_a_rule_is_said_in_words() -> None:
    assert rule_in_words(Close(any_of=("x",))) == "x"
    assert rule_in_words(Close(any_of=("x", "y"))) == "any of x, y"
    assert rule_in_words(Close(all_of=("x", "y"))) == "all of x, y, each another person"
    assert rule_in_words(Close(all_of=("x", "y"), distinct=False)) == "all of x, y"
    assert rule_in_words(Close(count=2, of=("x", "y"))) == "2 of x, y"
