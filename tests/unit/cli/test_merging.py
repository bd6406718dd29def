import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from twokey.cli.merging import (
    MERGED,
    Merging,
    conflict_line,
    merge_files,
    settle_in_terminal,
    tell,
    told,
)
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import GRADES, strangers
from twokey.review.following import follows
from twokey.review.grades import Grade, Grades, filename, parse, render
from twokey.review.merging import source

MANIFEST = "c" * 64
ANN, BOB, JO = "ann@example.com", "bob@example.com", "jo@example.com"
ITEMS = tuple({"id": f"r{n}", "stratum": "audit", "rank": n, "output": f"answer {n}"} for n in range(1, 4))
EVIDENCE = Evidence(digest=MANIFEST, manifest={}, results=(), packet={}, items=ITEMS, files={})


def fail(item: str, reason: str = "wrong") -> Grade:
    return Grade(item=item, grade="fail", severity="high", reason=reason)


def ok(item: str) -> Grade:
    return Grade(item=item, grade="pass")


def of(reviewer: str, *rows: Grade, **more: Any) -> Grades:
    return Grades(manifest=MANIFEST, reviewer=reviewer, grades=rows, **more)


def put(directory: Path, *all_grades: Grades) -> None:
    (directory / GRADES).mkdir(exist_ok=True)
    for grades in all_grades:
        (directory / GRADES / filename(grades.reviewer)).write_bytes(render(grades))


def case(directory: Path, **but: Any) -> Merging:
    return Merging(**{"directory": directory, "evidence": EVIDENCE, "by": JO, **but})


def kept(directory: Path, name: str) -> Grades:
    return parse((directory / GRADES / name).read_bytes(), name, ITEMS)


def test_all_grades_in_the_evidence_are_merged_into_a_file_of_its_own(tmp_path: Path) -> None:
    put(tmp_path, of(ANN, fail("r1"), ok("r2")), of(BOB, fail("r1"), ok("r3")))
    merged = merge_files(case(tmp_path))
    assert merged.conflicts == ()
    assert kept(tmp_path, MERGED) == merged.grades
    assert merged.grades.reviewer == JO
    sources = [source(kept(tmp_path, filename(who))) for who in (ANN, BOB)]
    assert follows(merged.grades, sources, adjudicates=True) == ()
    assert strangers((f"{GRADES}/{MERGED}",)) == ()
    before = (tmp_path / GRADES / MERGED).read_bytes()
    merge_files(case(tmp_path))
    assert (tmp_path / GRADES / MERGED).read_bytes() == before


def test_files_from_elsewhere_are_brought_along_with_their_signatures(tmp_path: Path) -> None:
    put(tmp_path, of(ANN, ok("r1")))
    sent = tmp_path / "Downloads" / "grades.json"
    sent.parent.mkdir()
    sent.write_bytes(render(of(BOB, ok("r2"))))
    sent.with_name("grades.json.sig").write_bytes(b"signature")
    assert len(merge_files(case(tmp_path), [sent]).grades.grades) == 2
    assert (tmp_path / GRADES / f"{filename(BOB)}.sig").read_bytes() == b"signature"
    sent.write_bytes(render(of(BOB, fail("r2"))))
    with pytest.raises(TwokeyError, match=f"other grades of {BOB} already"):
        merge_files(case(tmp_path), [sent])
    assert kept(tmp_path, filename(BOB)) == of(BOB, ok("r2"))


def test_conflicts_are_named_with_what_both_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, of(ANN, fail("r1"), ok("r2")), of(BOB, ok("r1"), ok("r2")))
    merged = merge_files(case(tmp_path))
    assert list(told(merged)) == [
        "merged 2 files: 1 graded, 1 seen differently, 1 without a grade",
        f"conflict r1: {ANN} says fail, high, wrong; {BOB} says pass",
    ]
    tell(case(tmp_path), merged)
    shown = capsys.readouterr()
    assert f"conflict r1: {ANN} says fail, high, wrong" in shown.out
    assert f"{ANN} and {BOB} agree on 1 of the 2 items that more than one graded: 50.0%" in shown.err


def test_the_adjudicator_settles_conflicts_in_the_terminal_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, of(ANN, fail("r1"), ok("r2")), of(BOB, ok("r1"), ok("r2")))
    out = io.StringIO()
    settled = settle_in_terminal(case(tmp_path), merge_files(case(tmp_path)), io.StringIO("pit is what we say\n"), out)
    assert "1 of 1   1 left" in out.getvalue()
    assert f"{ANN} says\n│ fail, high, wrong" in out.getvalue()
    assert settled.conflicts == ()
    row = settled.grades.of("r1")
    assert row is not None
    assert (row.grade, row.reason) == ("pass", "it is what we say")
    assert kept(tmp_path, filename(JO)).grades == (row,)
    assert kept(tmp_path, MERGED) == settled.grades
    assert "1 of them settled by jo@example.com, 0 seen differently" in next(told(settled))
    again = settle_in_terminal(case(tmp_path), settled, io.StringIO("f1no\n"), out)
    found = again.grades.of("r1")
    assert found is not None
    assert found.grade == "pass"  # all is settled, so the first key was for the end


def test_a_word_that_settled_what_others_now_agree_on_can_be_mended_but_no_blind_grade_can(tmp_path: Path) -> None:
    put(tmp_path, of(ANN, fail("r1")), of(BOB, fail("r1")), of(JO, replace(ok("r1"), reason="fits")))
    for reviews, left in ((True, 1), (False, 0)):
        one = case(tmp_path, reviews=reviews)
        merged = merge_files(one)
        assert len(merged.conflicts) == 1
        after = settle_in_terminal(one, merged, io.StringIO("kf3wrong indeed\n"), io.StringIO())
        assert len(after.conflicts) == left


def test_who_may_not_settle_is_told_and_who_is_part_of_it_is_not_asked(tmp_path: Path) -> None:
    put(tmp_path, of(ANN, fail("r1")), of(BOB, ok("r1")))
    merged = merge_files(case(tmp_path, adjudicates=False))
    assert len(merged.conflicts) == 1
    with pytest.raises(TwokeyError, match=r"policy does not let jo@example\.com settle"):
        settle_in_terminal(case(tmp_path, adjudicates=False), merged, io.StringIO(), io.StringIO())
    party, out = case(tmp_path, by=BOB), io.StringIO()
    assert len(settle_in_terminal(party, merge_files(party), io.StringIO("p"), out).conflicts) == 1
    assert out.getvalue() == ""


def test_two_files_of_one_person_that_differ_are_for_that_person_to_settle(tmp_path: Path) -> None:
    put(tmp_path, of(ANN, ok("r1")))
    (tmp_path / GRADES / "grades-from-the-page.json").write_bytes(render(of(ANN, fail("r1"))))
    (conflict,) = merge_files(case(tmp_path)).conflicts
    told = f"conflict r1: {ANN} says pass; {ANN} says fail, high, wrong; {ANN} has to say which holds"
    assert conflict_line(conflict) == told


def test_what_is_no_grades_of_this_evidence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TwokeyError, match="no grades to merge"):
        merge_files(case(tmp_path))
    with pytest.raises(TwokeyError, match="no such grades"):
        merge_files(case(tmp_path), [tmp_path / "nowhere.json"])
    put(tmp_path, replace(of(ANN, ok("r1")), manifest="d" * 64))
    with pytest.raises(TwokeyError, match="grades of other evidence"):
        merge_files(case(tmp_path))
    with pytest.raises(TwokeyError, match="not merged again"):
        merge_files(case(tmp_path), [tmp_path / GRADES / MERGED])
    assert not (tmp_path / GRADES / MERGED).exists()


def test_seeds_are_not_merged_and_do_not_show_as_conflicts(tmp_path: Path) -> None:
    seed = {"id": "s1", "stratum": "audit"}
    put(tmp_path, of(ANN, fail("s1"), ok("r1")), of(BOB, ok("s1"), ok("r1")))
    merged = merge_files(case(tmp_path, seeds=(seed,)))
    assert merged.differing == ()
    assert [grade.item for grade in merged.grades.grades] == ["r1"]
