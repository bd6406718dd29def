import io
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from twokey.cli.grading.keyboard import BACKSPACE, EOF, ESCAPE, PASTE, UP
from twokey.cli.grading.screen import View, show_item
from twokey.cli.grading.session import IDLE_SECONDS, grade_in_terminal
from twokey.errors import TwokeyError
from twokey.review.grades import Grade, Grades, parse, render, wants_reason
from twokey.review.rubric import RUBRIC

EMPTY = Grades(manifest="a" * 64, reviewer="ann@example.com")


def item(number: int, **known: Any) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "stratum": "low-confidence",
        "confidence": 0.123,
        "source": "production",
        "groups": {"channel": "chat"},
        "context": "The article says 14 days.",
        "input": {"text": "How long?"},
        "output": {"label": "refund", "reply": "It takes 15 days."},
        "label": "refund",
        "expected": "delivery",
        "impact": None,
        "latency_ms": 12.5,
        "findings": ["pii.email"],
        **known,
    }


ITEMS = [item(1), item(2), item(3, stratum="audit")]


class Desk:
    """A reviewer at a keyboard: what was saved, and what stood on the screen."""

    def __init__(self, *keys: str, grades: Grades = EMPTY, items: list[dict[str, Any]] = ITEMS, **more: Any) -> None:
        self.saved: list[Grades] = []
        self.out = io.StringIO()
        self.seconds = 0.0
        typed = [key for text in keys for key in ([text] if text.startswith(ESCAPE) else text)]
        self.result = grade_in_terminal(
            items,
            grades,
            self.saved.append,
            io.StringIO(),
            self.out,
            keys=self._reader(iter(typed)),
            clock=lambda: self.seconds,
            **more,
        )

    def _reader(self, keys: Iterator[str]) -> Callable[[], str]:
        def read() -> str:
            self.seconds += 2.0
            return next(keys, EOF)

        return read

    @property
    def screens(self) -> list[str]:
        return self.out.getvalue().split("\nitem ")[1:]

    def grade(self, id_: str) -> Grade:
        found = self.result.of(id_)
        assert found is not None
        return found


def words(screen: str) -> str:
    """The words of a screen, whatever line they stand on."""
    return " ".join(screen.replace("│", " ").split())


def test_a_pass_takes_one_key_is_saved_at_once_and_goes_on() -> None:
    desk = Desk("pq")
    assert desk.saved == [desk.result]
    assert desk.result.grades == (Grade(item="r1", grade="pass", seconds=2),)
    assert desk.screens[0].startswith("1 of 3   3 left to grade")
    assert desk.screens[1].startswith("2 of 3   2 left to grade")


def test_a_fail_asks_how_bad_and_why() -> None:
    grade = Desk("f3wrong days\n").grade("r1")
    assert (grade.grade, grade.severity, grade.reason) == ("fail", "high", "wrong days")


def test_an_edit_asks_for_the_correction_and_why() -> None:
    grade = Desk("eIt takes 14 days.\noff by one\n").grade("r1")
    assert (grade.grade, grade.correction, grade.reason) == ("edit", "It takes 14 days.", "off by one")


def test_escalating_and_a_bad_reference_ask_why() -> None:
    desk = Desk("slegal has to say\nbthe label is old\n")
    assert (desk.grade("r1").grade, desk.grade("r1").reason) == ("escalate", "legal has to say")
    assert (desk.grade("r2").grade, desk.grade("r2").reason) == ("bad-reference", "the label is old")


def test_without_an_expected_answer_no_reference_can_be_bad() -> None:
    desk = Desk("bq", items=[item(1, expected=None)])
    assert desk.result == EMPTY
    assert "there is no expected answer here" in desk.out.getvalue()


def test_letters_typed_into_a_reason_grade_nothing() -> None:
    desk = Desk("f1p f e s b q u 1234 j k\nq")
    assert len(desk.result.grades) == 1
    assert desk.grade("r1").reason == "p f e s b q u 1234 j k"


def test_an_empty_reason_is_not_taken_and_backspace_corrects() -> None:
    assert Desk("f1\n  \nbadx" + BACKSPACE + "\n").grade("r1").reason == "bad"


def test_escape_goes_back_without_a_grade() -> None:
    desk = Desk("f", ESCAPE, "f2half a rea", ESCAPE, "ea correction\n", ESCAPE, "q")
    assert desk.result == EMPTY
    assert desk.saved == []
    assert desk.out.getvalue().count("nothing was graded") == 3


def test_what_is_pasted_is_text_and_never_a_command() -> None:
    desk = Desk(f"{PASTE}pppp", "f2", f"{PASTE}two\nlines\x1b[31m", "\nq")
    assert [grade.item for grade in desk.result.grades] == ["r1"]
    assert desk.grade("r1").reason == "two lines[31m"
    assert "a pasted text is no grade" in desk.out.getvalue()


def test_undo_takes_back_the_last_grade_and_then_the_one_before() -> None:
    desk = Desk("ppuuu")
    assert desk.result == EMPTY
    assert len(desk.saved) == 4
    assert "there is nothing to take back" in desk.out.getvalue()


def test_undo_brings_back_what_was_there_before() -> None:
    desk = Desk("pkf4no\nu")
    assert desk.grade("r1").grade == "pass"


def test_moving_about_and_grading_again() -> None:
    desk = Desk("pjk", UP, "f1why\nq")
    assert desk.grade("r1").grade == "fail"
    assert len(desk.result.grades) == 1


def test_it_starts_where_somebody_left() -> None:
    desk = Desk("pq", grades=EMPTY.with_grade(Grade(item="r1", grade="pass", seconds=7)))
    assert desk.screens[0].startswith("2 of 3")
    assert {grade.item for grade in desk.result.grades} == {"r1", "r2"}


def test_after_the_last_item_come_those_that_were_skipped() -> None:
    desk = Desk("jppq")
    assert [screen[0] for screen in desk.screens] == ["1", "2", "3", "1"]


def test_the_end_counts_what_was_given() -> None:
    desk = Desk("ppf2x\nq")
    assert "all 3 items are graded" in desk.out.getvalue()
    assert "audit, 1 items: 0 passed, 1 failed" in desk.out.getvalue()


def test_at_the_end_no_key_grades() -> None:
    desk = Desk("pppppfq")
    assert len(desk.saved) == 3
    assert {grade.grade for grade in desk.result.grades} == {"pass"}


def test_the_machines_opinion_is_hidden_until_the_grade() -> None:
    desk = Desk("p")
    before, after = desk.screens[0], desk.screens[1]
    for opinion in ("0.123", "least confident", "pii.email"):
        assert opinion not in before
        assert opinion in after


def test_an_output_that_repeats_its_confidence_does_not_tell_it_early() -> None:
    desk = Desk("pkq", items=[item(1, output={"reply": "yes", "score": 0.123}, label=None)])
    assert "score" not in desk.screens[0]
    assert "score: 0.123" in desk.screens[1]


def test_a_graded_item_shows_grade_and_opinion() -> None:
    shown = words(Desk("pk").screens[2])
    assert "your grade pass" in shown
    assert "the machine chosen: least confident; confidence 0.123; seen in the output: pii.email" in shown


def test_everything_needed_to_decide_is_shown_with_the_rubric() -> None:
    screen = Desk("q").screens[0]
    for text in ("The article says 14 days.", "How long?", "reply: It takes 15 days.", "delivery", "channel chat"):
        assert text in screen
    for meaning in ("usable as it is", "wrong or harmful", "nearly right", "somebody else", "itself is wrong", "undo"):
        assert meaning in screen


def test_help_explains_and_any_key_goes_back() -> None:
    desk = Desk("?pq")
    assert "An edit counts as a failure" in words(desk.out.getvalue())
    assert desk.result == EMPTY


def test_a_key_that_does_nothing_says_so() -> None:
    assert "'x' does nothing here; ? helps" in Desk("xq").out.getvalue()


def test_active_time_leaves_out_idle_time_and_adds_up() -> None:
    times = iter([0.0, 10.0, 10.0, 10_000.0, 10_000.0, 10_005.0, 10_005.0, 10_006.0])
    keys = iter("kpkpq")
    seconds = [0.0]

    def clock() -> float:
        seconds[0] = next(times, seconds[0])
        return seconds[0]

    found = grade_in_terminal(
        ITEMS, EMPTY, lambda _grades: None, io.StringIO(), io.StringIO(), keys=lambda: next(keys), clock=clock
    ).of("r1")
    assert found is not None
    assert found.seconds == 10 + round(IDLE_SECONDS) + 1


def test_a_long_text_is_shown_whole_where_nobody_watches_and_cut_at_two_hundred_lines() -> None:
    long = "\n".join(f"line {n}" for n in range(500))
    assert "line 150" in Desk("q", items=[item(1, output=long)]).screens[0]
    folded = Desk("mq", items=[item(1, output=long)])
    assert "more lines: m shows them]" in folded.screens[0]
    assert "line 499" not in folded.screens[0]
    assert "line 499" in folded.screens[1]


HOSTILE = (
    "\x1b[2Jcleared\x1b]0;title\x07 \u202egnp.exe \x9b31m [bold]x[/bold] :smile: zero\u200bwidth\r\nexpected\nrefund"
)


def test_hostile_text_is_shown_and_never_obeyed() -> None:
    told: dict[str, Any] = {
        "asked": HOSTILE,
        "alternatives": [{"label": HOSTILE, "score": 0.3}, HOSTILE],
        "doubts": [{"signal": HOSTILE, "says": HOSTILE}],
        "confidence_past": HOSTILE,
        "rules": {HOSTILE: HOSTILE},
        "findings": [HOSTILE],
        "expected": {"x": HOSTILE},
    }
    rows = [item(1, id="r\x1b[31m1", output=HOSTILE, label=None, groups={"a\x1b": HOSTILE}, source="\x1bs", **told)]
    desk = Desk(
        "p",
        "f1x\n",
        "f1",
        f"{PASTE}{HOSTILE}",
        "\nk?q",
        items=rows,
        practice=[{**rows[0], "id": "p1", "answer": HOSTILE, "feedback": HOSTILE}],
        answers={rows[0]["id"]: [(HOSTILE, HOSTILE)]},
        differing={rows[0]["id"]: [(HOSTILE, Grade(item="x", grade="escalate", reason=HOSTILE))]},
    )
    screen = desk.out.getvalue()
    assert not set(screen) & {"\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\r"}
    assert "##vso[" not in screen
    shown = r"\x1b[2Jcleared\x1b]0;title\x07 \u202egnp.exe \x9b31m [bold]x[/bold] :smile: zero\u200bwidth"
    assert words(screen).count(shown) > 20
    headings = [line for line in screen.splitlines() if line.strip() in ("expected", "expected, compared")]
    shows = screen.count("\nitem 1 of") + screen.count("practice 1 of")
    assert len(headings) == shows  # the one that the output brings stands behind a bar


def test_grades_that_cannot_be_saved_are_an_error_and_not_kept() -> None:
    def full(_grades: Grades) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(TwokeyError, match="cannot be saved: No space left"):
        grade_in_terminal(ITEMS, EMPTY, full, io.StringIO("p"), io.StringIO())


def test_a_pipe_drives_it_and_its_end_leaves() -> None:
    out = io.StringIO()
    typed = io.StringIO("p\nf\n2\nwrong days\ne\n14 days\noff by one\n")
    result = grade_in_terminal(ITEMS, EMPTY, lambda _grades: None, typed, out)
    assert [(grade.item, grade.grade) for grade in result.grades] == [("r1", "pass"), ("r2", "fail"), ("r3", "edit")]
    assert parse(render(result), "g.json", ITEMS).grades


CHILD = """
import json, sys
from pathlib import Path
from twokey.cli.grading.session import grade_in_terminal
from twokey.review.grades import Grades, render
items = json.loads(Path(sys.argv[1]).read_text())
save = lambda grades: Path(sys.argv[2]).write_bytes(render(grades))
grade_in_terminal(items, Grades(manifest="a" * 64, reviewer="ann"), save, sys.stdin, sys.stdout)
print("left")
"""

if sys.platform != "win32":
    import pty
    import termios

    class Terminal:
        """A real pseudo-terminal with a reviewer's session in it."""

        def __init__(self, folder: Path, items: list[dict[str, Any]]) -> None:
            self.saved = folder / "grades.json"
            self.items = items
            (folder / "items.json").write_text(json.dumps(items))
            self.ours, theirs = pty.openpty()
            termios.tcsetwinsize(theirs, (24, 80))
            self.before = termios.tcgetattr(theirs)
            self.theirs = theirs
            command = [sys.executable, "-c", CHILD, str(folder / "items.json"), str(self.saved)]
            environment = {**os.environ, "TERM": "xterm-256color", "LINES": "24", "COLUMNS": "80"}
            self.child = subprocess.Popen(
                command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
            )
            self.screen = ""

        def expect(self, text: str) -> str:
            """Read on until the text stands on the screen; return what came before it."""
            deadline = time.monotonic() + 20
            while text not in self.screen:
                if not select.select([self.ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
                    pytest.fail(f"{text!r} did not come: {self.screen[-2000:]!r}")
                self.screen += os.read(self.ours, 65536).decode()
            before, _, self.screen = self.screen.partition(text)
            return before

        def type(self, text: str) -> None:
            os.write(self.ours, text.encode())

        def grades(self) -> list[tuple[str, str, str]]:
            found = parse(self.saved.read_bytes(), "grades.json", self.items).grades
            return [(grade.item, grade.grade, grade.reason) for grade in found]

        def close(self) -> None:
            if self.child.poll() is None:
                self.child.kill()
            self.child.wait()
            os.close(self.ours)
            os.close(self.theirs)

    @pytest.fixture
    def terminal(tmp_path: Path) -> Iterator[Terminal]:
        opened = Terminal(tmp_path, [item(1, output=HOSTILE), item(2), item(3)])
        yield opened
        opened.close()

    def test_in_a_real_terminal_single_keys_grade_and_the_terminal_is_restored(terminal: Terminal) -> None:
        first = terminal.expect("save and quit")
        assert r"\x1b[2Jcleared" in first
        assert "\x1b]0;title" not in first
        assert first.count("\n") <= 24
        terminal.type("p")
        terminal.expect("item 2 of 3")
        terminal.type("f2")
        terminal.expect("Why does it fail?")
        terminal.type("wrong dayz\x7fs, für Jörg ✓\r")
        terminal.expect("item 3 of 3")
        terminal.type("\x1b[A")
        terminal.expect("item 2 of 3")
        terminal.type("q")
        terminal.expect("left")
        assert terminal.child.wait(10) == 0
        assert terminal.grades() == [("r1", "pass", ""), ("r2", "fail", "wrong days, für Jörg ✓")]
        assert termios.tcgetattr(terminal.theirs) == terminal.before

    def test_in_a_real_terminal_a_paste_is_no_row_of_commands(terminal: Terminal) -> None:
        assert "\x1b[?2004h" in terminal.expect("save and quit")
        terminal.type("s\x1b[200~first line\rppp\x1b[201~\r")
        terminal.expect("item 2 of 3")
        terminal.type("\x1b[200~pppp\x1b[201~")
        terminal.expect("a pasted text is no grade")
        terminal.type("\x04")
        assert "\x1b[?2004l" in terminal.expect("left")
        assert terminal.grades() == [("r1", "escalate", "first line ppp")]

    def test_escape_alone_goes_back(terminal: Terminal) -> None:
        terminal.expect("save and quit")
        terminal.type("f")
        terminal.expect("How bad is it?")
        terminal.type("\x1b")
        terminal.expect("nothing was graded")
        terminal.type("q")
        terminal.expect("left")
        assert not terminal.saved.exists()

    def test_ctrl_c_leaves_with_everything_saved_and_the_terminal_as_it_was(terminal: Terminal) -> None:
        terminal.expect("save and quit")
        terminal.type("p")
        terminal.expect("item 2 of 3")
        terminal.type("f3half a reas")
        terminal.expect("half a reas")
        os.kill(terminal.child.pid, signal.SIGINT)
        terminal.expect("left")
        assert terminal.child.wait(10) == 0
        assert terminal.grades() == [("r1", "pass", "")]
        assert termios.tcgetattr(terminal.theirs) == terminal.before


def test_what_the_context_does_not_say_is_told_before_a_grade_and_underlined_on_a_terminal() -> None:
    new = [{"start": 17, "end": 19, "kind": "number"}]
    known = item(1, output={"label": "refund", "score": 0.123, "reply": "It takes 15 days."}, grounding=new)
    screen = words(Desk("q", items=[known]).screens[0])
    assert "score" not in screen
    assert "not in the context number: 15" in screen
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=40, color_system="standard", no_color=True)
    show_item(console, View(item=known, head="item 1 of 1"))
    assert "It takes \x1b[4m15\x1b[0m days." in out.getvalue()


def test_a_command_that_a_place_would_cut_in_two_is_still_made_visible() -> None:
    text = "##vso[task.complete] is new"
    known = item(1, output=text, label=None, grounding=[{"start": 2, "end": 5, "kind": "word"}])
    screen = Desk("q", items=[known]).screens[0]
    assert "##vso" not in screen
    assert "word: vso" in words(screen)


def test_a_question_leaves_the_item_open_hides_the_machines_opinion_and_is_passed_over() -> None:
    desk = Desk("awhich article?\nppq")
    assert (desk.grade("r1").grade, desk.grade("r1").reason) == ("ask", "which article?")
    assert "r1: ask, which article?. the item waits for the answer" in words(desk.screens[1])
    assert "confidence 0.123" not in desk.screens[1]
    assert "1 of 3 items wait for an answer to your question" in desk.out.getvalue()
    assert "all 3 items are graded" not in desk.out.getvalue()


def test_an_answer_is_shown_at_its_item_which_then_comes_up_again() -> None:
    asked = EMPTY.with_grade(Grade(item="r2", grade="ask", reason="which article?"))
    assert Desk("q", grades=asked).screens[0].startswith("1 of 3")
    desk = Desk("ppq", grades=asked, answers={"r2": [("owner@example.com", "The one on refunds.")]})
    assert desk.screens[1].startswith("2 of 3   2 left")
    assert "your question │ which article?" in desk.screens[1].replace("\n", " ")
    assert "owner@example.com answers │ The one on refunds." in desk.screens[1].replace("\n", " ")
    assert (desk.grade("r2").grade, desk.grade("r2").revised_from) == ("pass", ())


def test_numbers_grade_as_letters_do_and_as_on_the_page_and_inside_a_fail_they_say_how_bad() -> None:
    values = ("pass", "fail", "edit", "escalate", "ask", "bad-reference")
    assert tuple(rule.grade for rule in RUBRIC) == values
    desk = Desk("1", "23why\n", "3right\nwhy\n", "4why\n", "5why\n", "6why\n", items=[item(n) for n in range(1, 7)])
    assert tuple(desk.grade(f"r{n}").grade for n in range(1, 7)) == values
    assert desk.grade("r2").severity == "high"
    assert all(grade.certainty is None for grade in desk.result.grades)


def test_rubric_and_help_name_the_number_and_the_letter_of_each_grade() -> None:
    desk = Desk("?pq")
    for number, rule in enumerate(RUBRIC, start=1):
        assert f" {number} {rule.key}  {rule.word.lower()}: " in desk.screens[0]
        assert f"  {number} {rule.key}  {rule.word}" in desk.out.getvalue()
    assert " c  how sure" in desk.screens[0]


def test_how_sure_is_said_before_a_grade_or_after_it_and_goes_round_as_on_the_page() -> None:
    desk = Desk("cccpcc")
    assert (desk.grade("r1").certainty, len(desk.result.grades)) == ("high", 1)
    assert "certainty medium, of the grade that you give now" in desk.out.getvalue()
    assert Desk("pkc").grade("r1").certainty == "low"
    assert Desk("cccpkc").grade("r1").certainty is None
    assert Desk("ccccp").grade("r1").certainty is None
    assert Desk("pkc").grade("r1").revised_from == ()
    assert Desk("pkcu").grade("r1").certainty is None


def test_about_one_pass_in_ten_asks_what_it_was_checked_against() -> None:
    asked = [n for n in range(1, 40) if wants_reason(EMPTY.manifest, f"r{n}")]
    assert 1 <= len(asked) <= 9
    desk = Desk("p", "\nthe article\n", items=[item(asked[0])])
    assert "What did you check it against?" in desk.out.getvalue()
    assert (desk.grade(f"r{asked[0]}").grade, desk.grade(f"r{asked[0]}").reason) == ("pass", "the article")
    assert Desk("p", ESCAPE, "q", items=[item(asked[0])]).result == EMPTY


def test_what_was_graded_before_the_opinion_came_out_is_kept_beside_the_new_grade() -> None:
    assert Desk("pkf1why\n").grade("r1").revised_from == ("pass",)
    assert Desk("pkf1why\nkp").grade("r1").revised_from == ("pass", "fail")
    assert Desk("f1why\nkf4worse\n").grade("r1").revised_from == ()


def test_taking_a_grade_back_does_not_hide_what_was_seen() -> None:
    desk = Desk("puf1why\n")
    assert "confidence 0.123" in words(desk.screens[2])
    assert desk.grade("r1").revised_from == ("pass",)
    assert Desk("pup").grade("r1").revised_from == ()


def test_a_grade_of_an_earlier_session_was_given_in_sight_of_the_opinion_and_a_question_was_not() -> None:
    earlier = EMPTY.with_grade(Grade(item="r1", grade="fail", severity="low", reason="no", revised_from=("edit",)))
    assert Desk("kp", grades=earlier).grade("r1").revised_from == ("edit", "fail")
    asked = EMPTY.with_grade(Grade(item="r1", grade="ask", reason="which?"))
    assert Desk("kp", grades=asked).grade("r1").revised_from == ()
    desk = Desk("kawhich?\nq", grades=earlier)
    assert (desk.grade("r1").grade, desk.grade("r1").revised_from) == ("ask", ("edit", "fail"))


PRACTICE = [
    item(7, id="p1", answer="fail", feedback="The article says 14."),
    item(8, id="p2", answer="pass", feedback="It does."),
]


def test_practice_comes_first_with_its_feedback_and_is_never_saved() -> None:
    desk = Desk("f1days\n", " ", "f1days\n", " ", "pq", practice=PRACTICE)
    shown = words(desk.out.getvalue())
    assert "practice 1 of 2" in shown
    assert "right. The article says 14." in shown
    assert "expected: pass. It does." in shown
    assert [grade.item for grade in desk.result.grades] == ["r1"]
    assert desk.grade("r1").seconds == 2


def test_practice_can_be_skipped_or_left_and_does_not_come_again() -> None:
    assert [grade.item for grade in Desk("nnpq", practice=PRACTICE).result.grades] == ["r1"]
    assert Desk("qp", practice=PRACTICE).result == EMPTY
    assert Desk("p", "qp", practice=PRACTICE).result == EMPTY
    assert "expected: fail" in Desk("xe", ESCAPE, "p", "qp", practice=PRACTICE).out.getvalue()
    begun = EMPTY.with_grade(Grade(item="r1", grade="pass"))
    assert "practice" not in Desk("q", practice=PRACTICE, grades=begun).out.getvalue()


WAITING = [item(n, id=f"w{n}", stage=0) for n in range(1, 13)]
STAGES = [item(n, id=f"s{stage}.{n}", stratum="audit", stage=stage) for stage in (2, 1) for n in (1, 2)]


def test_ten_more_that_wait_are_taken_at_a_time() -> None:
    desk = Desk("pppt", "pppppppppp", "tppt", reserve=[*WAITING, *STAGES])
    assert len(desk.result.grades) == 15
    shown = desk.out.getvalue()
    assert "12 more wait: t takes the next 10" in shown
    assert "all 13 items are graded" in shown
    assert "2 more wait: t takes the next 2" in shown
    assert "nothing more waits" in shown


def test_the_audit_goes_on_by_whole_stages_in_their_order() -> None:
    desk = Desk("ppp+pp", reserve=[*WAITING, *STAGES])
    assert [grade.item for grade in desk.result.grades][3:] == ["s1.1", "s1.2"]
    assert "the audit can go on: + takes its next stage, 2 items" in desk.out.getvalue()
    assert "the audit has no further stage" in Desk("+").out.getvalue()


def test_what_was_taken_is_there_again_and_a_stage_that_was_begun_is_there_whole() -> None:
    begun = EMPTY.with_grade(Grade(item="s1.2", grade="pass")).with_grade(Grade(item="w3", grade="pass"))
    screen = Desk("q", grades=begun, reserve=[*WAITING, *STAGES]).screens[0]
    assert screen.startswith("1 of 6   4 left")


def test_who_settles_a_disagreement_sees_what_both_say_and_gives_a_reason_even_for_a_pass() -> None:
    both = [
        ("ann@example.com", Grade(item="r1", grade="fail", severity="high", reason="15 days is wrong")),
        ("bob@example.com", Grade(item="r1", grade="pass")),
    ]
    desk = Desk("p", "it says so\n", "pq", differing={"r1": both})
    assert "ann@example.com says fail, high, 15 days is wrong" in words(desk.screens[0])
    assert "bob@example.com says pass" in words(desk.screens[0])
    assert desk.grade("r1").reason == "it says so"
    assert desk.grade("r2").reason == ""


def test_what_the_machine_thinks_is_told_after_the_grade_with_its_doubts_and_alternatives() -> None:
    told: dict[str, Any] = {
        "asked": "Say whether this label is right for this request.",
        "alternatives": [{"label": "delivery", "score": 0.31}],
        "doubts": [{"signal": "shadow", "says": "a second classifier says delivery"}],
        "confidence_past": "of 40 outputs with a confidence between 0.1 and 0.2, 12% were right",
        "rules": {"pii.email": "an address"},
    }
    before, after = (words(screen) for screen in Desk("pq", items=[item(1, **told), item(2)]).screens)
    assert "what is asked of you Say whether this label is right" in before
    for opinion in ("delivery 0.31", "a second classifier", "between 0.1 and 0.2", "pii.email (an address)"):
        assert opinion not in before
        assert opinion in after


def test_what_was_expected_is_compared_by_word_where_it_shares_any() -> None:
    changed = item(1, label=None, output="It takes 15 days.", expected="It takes 14 days.")
    assert "expected, compared It takes [-14-]{+15+} days." in words(Desk("q", items=[changed]).screens[0])
    assert "compared" not in Desk("q").screens[0]
    other = item(1, label=None, output="No.", expected="It takes 14 days.")
    assert "expected It takes 14 days." in words(Desk("q", items=[other]).screens[0])
    alike = item(1, expected="refund")
    assert "expected, the same refund" in words(Desk("q", items=[alike]).screens[0])


def test_a_mark_makes_no_command_of_the_text_beside_it() -> None:
    hostile = item(1, label=None, output="this is the same text ##vso", expected="this is the same text ##vso(1)")
    screen = words(Desk("q", items=[hostile]).screens[0])
    assert r"this is the same text \x23#vso[-(1)-]" in screen
    assert "##vso[" not in screen


def test_a_low_terminal_has_the_rubric_in_words_and_a_high_one_with_what_they_mean() -> None:
    for height, meaning in ((24, False), (40, True)):
        out = io.StringIO()
        console = Console(file=out, force_terminal=True, width=80, height=height, color_system=None)
        show_item(console, View(item=item(1, asked="Say whether it is right."), head="item 1 of 1", message="so"))
        assert ("usable as it is" in out.getvalue()) == meaning
        assert "bad reference" in out.getvalue()
        assert out.getvalue().count("\n") <= height
