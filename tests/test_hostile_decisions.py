"""Attacks on the files of decisions themselves, in a real repository: what was said holds, and junk shuts nothing."""

import shutil
from pathlib import Path

import pytest
from persona import Home
from project import rows
from walk import CHECKPOINTS, CRITERION, Walk, adopted, told

from twokey.decisions.contents import MAX_REMOVED

JUNK = 5 * 1024 * 1024


@pytest.fixture
def walk(home: Home, tmp_path: Path) -> Walk:
    """Somebody's change of the model, on a branch, that waits for an approval by product."""
    made = adopted(home, tmp_path, count=60)
    either = {"any_of": ["product", "risk"]}
    close = {"release": {"opens": [{"gates": ["quality"]}], "close": either, "criteria": [CRITERION]}}
    code = {"code": {"opens": [{"paths": ["**/*.py"]}], "close": {"any_of": ["risk"]}}}
    made.policy(
        checkpoints={**CHECKPOINTS, **close, **code},
        override={"roles": ["risk"], "expires": "1h", "review_within": "2h"},
    )
    made.commit("ann", "more checkpoints")
    made.repository.branch("work")
    made.project.write("model/weights.bin", b"weights 2")
    made.project.record([{**row, "output": "other"} if index % 5 == 0 else row for index, row in enumerate(rows(60))])
    made.commit("cy", "another model")
    assert made.run().status == 3
    return made


def merge(walk: Walk) -> None:
    """Main is where the branch is now; nothing is left of the runs before."""
    head = walk.repository.head()
    walk.repository.go("main")
    walk.repository.git("merge", "-q", "--ff-only", head)
    shutil.rmtree(walk.project.evidence.parent)


def approved(walk: Walk) -> None:
    assert walk.approve("ann").status == 0
    walk.commit("ann", "approved")
    merge(walk)
    assert walk.deploy().status == 0


def remove(walk: Walk, glob: str) -> None:
    found = sorted(walk.project.directory.glob(glob))
    assert found
    for path in found:
        path.unlink()


def test_deleting_a_newer_word_does_not_revive_the_approval_that_it_took_back(walk: Walk) -> None:
    assert walk.approve("ann").status == 0
    walk.commit("ann", "approved")
    assert walk.approve("ann", "--condition", "metric: accuracy > 1").status == 0
    walk.commit("ann", "not like that")
    assert walk.run().status == 3
    remove(walk, "decisions/*/decision-ann*-2.json*")
    walk.commit("cy", "tidy up")
    shut = walk.run()
    assert shut.status == 3
    assert "not in the checkout: it says approve" in told(shut)
    merge(walk)
    assert walk.deploy().status == 3


def test_a_refusal_on_main_holds_where_an_older_commit_is_deployed(walk: Walk) -> None:
    assert walk.approve("ann").status == 0
    before = walk.commit("ann", "approved")
    assert walk.sign("bob", "--reject").status == 0
    walk.commit("bob", "rejected")
    merge(walk)
    assert walk.deploy().status == 1
    walk.repository.go(before)
    assert walk.deploy().status == 1


@pytest.mark.parametrize("name", ["junk.bin", "aaaaaaaaaaaa/decision-junk.json"])
def test_a_large_file_that_was_added_and_deleted_shuts_nothing(walk: Walk, name: str) -> None:
    approved(walk)
    walk.project.write(f"decisions/{name}", b"x" * JUNK)
    walk.commit("cy", "junk")
    remove(walk, f"decisions/{name}")
    walk.commit("cy", "no junk")
    assert walk.deploy().status == 0


@pytest.mark.parametrize(("choice", "status"), [("--approve", 0), ("--reject", 1)])
def test_any_number_of_deleted_files_shuts_nothing_and_hides_no_refusal(walk: Walk, choice: str, status: int) -> None:
    assert walk.approve("ann").status == 0
    assert walk.sign("bob", choice, "--attest", CRITERION).status == 0
    (folder,) = walk.project.directory.glob("decisions/*")
    for number in range(MAX_REMOVED + 1):
        (folder / f"decision-a{number}.json").write_text("x")
    walk.commit("bob", "decisions and junk")
    remove(walk, "decisions/*/decision-a[0-9]*")
    remove(walk, "decisions/*/decision-bob*")
    walk.commit("cy", "tidy up")
    merge(walk)
    assert walk.deploy().status == status


def test_code_below_the_decisions_is_part_of_the_change(walk: Walk) -> None:
    walk.project.write("decisions/aaaaaaaaaaaa/decision-deploy.py", "import os\n")
    walk.commit("cy", "code")
    assert walk.run().status == 3
    assert {"code", "release"} <= {one["name"] for one in walk.conclusion()["checkpoints"]}


@pytest.mark.parametrize("odd", ["docs/space .txt ", "docs/no\u00a0break.txt", "docs/tab\t.txt", "docs/line\nfeed"])
def test_a_path_of_odd_characters_does_not_cost_the_approval(walk: Walk, odd: str) -> None:
    walk.project.write(odd, "x")
    walk.commit("cy", "odd")
    assert walk.run().status == 3
    approved(walk)
