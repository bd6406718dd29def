from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from twokey.conclusion import CheckpointState, Verdict
from twokey.outcome import Finding, Status
from twokey.verdict import Case, SubjectState, decide

FINDING = Finding(gate="quality", check="accuracy", status=Status.FAIL, message="0.9 is below 0.95")
OPEN = CheckpointState(name="release", opened_by=("policy",), facts="0" * 64, claims=(), closers="product")
CLOSED = replace(OPEN, closed_by=("pat@example.com",))
REFUSED = replace(OPEN, closed_by=("pat@example.com",), refused_by=("sam@example.com",))


def verdict(case: Case) -> Verdict:
    found, reasons = decide(case)
    assert reasons
    return found


def test_all_closed_and_all_claimed_passes() -> None:
    assert verdict(Case(subject=SubjectState.MATCHES, checkpoints=(CLOSED,), vouched=True)) is Verdict.PASS


def test_a_clean_run_passes_by_itself_only_where_policy_says_so() -> None:
    assert verdict(Case(subject=SubjectState.MATCHES, vouched=True)) is Verdict.NEEDS_DECISION
    assert verdict(Case(subject=SubjectState.MATCHES, automatic=True, vouched=True)) is Verdict.PASS


def test_what_nobody_vouches_for_does_not_pass() -> None:
    for case in (
        Case(subject=SubjectState.MATCHES, automatic=True),
        Case(subject=SubjectState.MATCHES, checkpoints=(CLOSED,)),
    ):
        found, reasons = decide(case)
        assert found is Verdict.NEEDS_DECISION
        (reason,) = reasons
        assert reason.startswith("nobody has signed this evidence")
        assert reason.endswith("--recompute")


def test_what_nobody_vouches_for_blocks_as_it_would() -> None:
    found, reasons = decide(Case(subject=SubjectState.MATCHES, automatic=True, unclaimed=(FINDING,)))
    assert found is Verdict.BLOCK
    assert len(reasons) == 1


def test_an_open_checkpoint_needs_a_decision() -> None:
    assert verdict(Case(subject=SubjectState.MATCHES, checkpoints=(CLOSED, OPEN))) is Verdict.NEEDS_DECISION


def test_an_unclaimed_finding_blocks_though_all_is_approved() -> None:
    assert verdict(Case(subject=SubjectState.MATCHES, checkpoints=(CLOSED,), unclaimed=(FINDING,))) is Verdict.BLOCK
    assert (
        verdict(Case(subject=SubjectState.MATCHES, checkpoints=(CLOSED,), review_unclaimed=(FINDING,))) is Verdict.BLOCK
    )


def test_a_refusal_that_stands_blocks_whoever_approved() -> None:
    assert verdict(Case(subject=SubjectState.MATCHES, checkpoints=(REFUSED,))) is Verdict.BLOCK


def test_another_subject_is_an_error_and_none_is_only_consistent() -> None:
    assert (
        verdict(Case(subject=SubjectState.DIFFERS, checkpoints=(CLOSED,), differences=("x is gone",))) is Verdict.ERROR
    )
    assert verdict(Case(subject=SubjectState.CONSISTENT, checkpoints=(CLOSED,))) is Verdict.NEEDS_DECISION


def test_evidence_of_another_policy_never_passes() -> None:
    stale = ("made under another judging policy",)
    assert verdict(Case(subject=SubjectState.MATCHES, checkpoints=(CLOSED,), stale=stale)) is Verdict.NEEDS_DECISION


RELAXED = replace(OPEN, relaxed="a window until 2026-12-02T02:00Z: planned maintenance")
EXPIRED = replace(OPEN, expired="since 2026-11-20T12:00:00Z")
LATE = "the override of sam@example.com awaits its review"


def test_an_override_releases_findings_and_open_checkpoints_and_nothing_else() -> None:
    case = Case(
        subject=SubjectState.MATCHES,
        overridden=True,
        unclaimed=(FINDING,),
        review_unclaimed=(FINDING,),
        checkpoints=(OPEN, EXPIRED),
        vouched=True,
    )
    assert decide(case) == (Verdict.PASS, ("an override released what would have held it up",))
    assert verdict(replace(case, overridden=False)) is Verdict.BLOCK
    for worse, expected in (
        (replace(case, checkpoints=(REFUSED,)), Verdict.BLOCK),
        (replace(case, overdue=(LATE,)), Verdict.BLOCK),
        (replace(case, stale=("older",)), Verdict.NEEDS_DECISION),
        (replace(case, subject=SubjectState.CONSISTENT), Verdict.NEEDS_DECISION),
        (replace(case, subject=SubjectState.DIFFERS, differences=("x is gone",)), Verdict.ERROR),
        (replace(case, vouched=False), Verdict.NEEDS_DECISION),
    ):
        assert verdict(worse) is expected


def test_a_window_needs_nobody_but_lifts_no_refusal() -> None:
    case = Case(subject=SubjectState.MATCHES, checkpoints=(RELAXED,), vouched=True)
    told = "every finding is settled and every checkpoint is closed: release by a window until 2026-12-02T02:00Z: "
    assert decide(case) == (Verdict.PASS, (f"{told}planned maintenance",))
    assert verdict(replace(case, checkpoints=(replace(RELAXED, refused_by=("sam@example.com",)),))) is Verdict.BLOCK
    assert verdict(replace(case, checkpoints=(RELAXED, OPEN))) is Verdict.NEEDS_DECISION


def test_an_open_checkpoint_whose_time_ran_out_blocks_until_it_is_closed() -> None:
    found, reasons = decide(Case(subject=SubjectState.MATCHES, checkpoints=(EXPIRED,)))
    assert (found, reasons[0]) == (
        Verdict.BLOCK,
        "release is open, and its time ran out: since 2026-11-20T12:00:00Z",
    )
    closed = replace(EXPIRED, closed_by=("pat@example.com",))
    assert verdict(Case(subject=SubjectState.MATCHES, checkpoints=(closed,), vouched=True)) is Verdict.PASS


def test_an_overdue_review_blocks_whatever_else_is_settled() -> None:
    case = Case(subject=SubjectState.MATCHES, checkpoints=(CLOSED,), vouched=True, overdue=(LATE,))
    assert decide(case) == (Verdict.BLOCK, (LATE,))


def test_each_reason_is_said_in_a_sentence() -> None:
    asked = replace(OPEN, escalated=("ann asks risk", "bob asks legal"))
    for case, reason in (
        (
            Case(subject=SubjectState.DIFFERS, differences=("x is gone", "y is new")),
            "the subject is not the one that was judged: x is gone; y is new",
        ),
        (Case(subject=SubjectState.MATCHES), "no checkpoint opened, and policy lets nothing pass here without one"),
        (
            Case(subject=SubjectState.MATCHES, automatic=True, vouched=True),
            "every finding is settled, and policy lets a clean run pass here",
        ),
        (
            Case(subject=SubjectState.MATCHES, checkpoints=(OPEN,)),
            "release is open: policy; product may close it",
        ),
        (
            Case(subject=SubjectState.MATCHES, checkpoints=(asked,)),
            "release is open (ann asks risk; bob asks legal): policy; product may close it",
        ),
        (
            Case(
                subject=SubjectState.MATCHES,
                checkpoints=(replace(CLOSED, closed_by=("a", "b")), replace(CLOSED, name="expert")),
                vouched=True,
            ),
            "every finding is settled and every checkpoint is closed: release by a and b; expert by pat@example.com",
        ),
    ):
        assert reason in decide(case)[1]


cases = st.builds(
    Case,
    overridden=st.booleans(),
    overdue=st.sampled_from([(), (LATE,)]),
    subject=st.sampled_from(SubjectState),
    stale=st.sampled_from([(), ("stale",)]),
    unclaimed=st.lists(st.just(FINDING), max_size=2).map(tuple),
    review_unclaimed=st.lists(st.just(FINDING), max_size=1).map(tuple),
    checkpoints=st.lists(st.sampled_from([OPEN, CLOSED, REFUSED, RELAXED, EXPIRED]), max_size=3).map(tuple),
    automatic=st.booleans(),
    vouched=st.booleans(),
)


@given(cases)
def test_one_more_finding_never_improves_the_verdict(case: Case) -> None:
    before = verdict(case)
    for worse in (
        replace(case, unclaimed=(*case.unclaimed, FINDING)),
        replace(case, review_unclaimed=(*case.review_unclaimed, FINDING)),
        replace(case, checkpoints=(*case.checkpoints, REFUSED)),
        replace(case, stale=(*case.stale, "older")),
        replace(case, overdue=(*case.overdue, LATE)),
        replace(case, overridden=False),
    ):
        assert verdict(worse) >= before


@given(cases)
def test_a_pass_has_nothing_against_it(case: Case) -> None:
    if verdict(case) is Verdict.PASS:
        assert case.subject is SubjectState.MATCHES
        assert (*case.stale, *case.overdue) == ()
        assert REFUSED not in case.checkpoints
        assert case.overridden or (*case.unclaimed, *case.review_unclaimed) == ()
        assert case.overridden or {OPEN, EXPIRED}.isdisjoint(case.checkpoints)
        assert case.automatic or case.checkpoints != ()
        assert case.vouched
