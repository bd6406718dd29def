import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from persona import Home

from twokey.cli.grade_signing import own_key, sign_grades
from twokey.cli.identity import KeyFile
from twokey.deciding.grade_signatures import NAMESPACE, check_grades
from twokey.decisions.people import Roster
from twokey.decisions.roster import load_roster
from twokey.errors import TwokeyError
from twokey.review.grades import Grade, Grades, filename, render
from twokey.signers import SIGNERS

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PAT = "pat@example.com"
GRADES = Grades(manifest="a" * 64, reviewer=PAT, grades=(Grade(item="r1", grade="pass"),))


def roster(home: Home, principal: str = PAT) -> Roster:
    text = f"roles: [product]\npeople:\n  - principal: {principal}\n    roles: [product]\n    keys: [{home.public}]\n"
    return load_roster(text.encode(), "roster.yaml")


def written(home: Home, grades: Grades = GRADES, name: str | None = None) -> Path:
    path = home.directory / (name or filename(grades.reviewer))
    path.write_bytes(render(grades))
    return path


def test_a_reviewer_signs_and_stock_ssh_keygen_agrees(home: Home, tmp_path: Path) -> None:
    path = written(home)
    key = KeyFile(path=home.key, public=home.public)
    signature, against = sign_grades(path, key, reviewer=PAT, roster=roster(home), now=NOW)
    assert against == ()
    assert signature == path.with_name(f"{path.name}.sig")
    allowed = tmp_path / "allowed"
    allowed.write_text(f'{PAT} namespaces="{NAMESPACE}" {home.public}\n')
    command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", PAT, "-n", NAMESPACE, "-s", str(signature)]
    with path.open("rb") as data:
        subprocess.run(command, stdin=data, check=True, capture_output=True)
    with path.open("rb") as data:
        wrong = [*command[:8], "-n", "twokey-decision-v1", *command[10:]]
        assert subprocess.run(wrong, stdin=data, check=False, capture_output=True).returncode != 0


def test_after_another_grade_the_signature_no_longer_fits_and_is_made_again(home: Home) -> None:
    path, key = written(home), KeyFile(path=home.key, public=home.public)
    signature, _ = sign_grades(path, key, reviewer=PAT, roster=roster(home), now=NOW)
    written(home, GRADES.with_grade(Grade(item="r2", grade="pass")))
    asked: dict[str, Any] = {"roster": roster(home), "reviewer": PAT, "signers": SIGNERS, "now": NOW}
    assert check_grades(path.read_bytes(), signature.read_bytes(), **asked)
    sign_grades(path, key, reviewer=PAT, roster=roster(home), now=NOW)
    assert check_grades(path.read_bytes(), signature.read_bytes(), **asked) == ()


def test_a_signature_that_would_not_count_is_made_and_says_why(home: Home) -> None:
    key = KeyFile(path=home.key, public=home.public)
    _, against = sign_grades(written(home), key, reviewer=PAT, roster=roster(home, "eve@example.com"), now=NOW)
    assert against == (f"it speaks for {PAT}, but the key is eve@example.com's",)


def test_without_grades_there_is_nothing_to_sign(home: Home) -> None:
    key = KeyFile(path=home.key, public=home.public)
    with pytest.raises(TwokeyError, match="no grades to sign"):
        sign_grades(home.directory / "grades-x.json", key, reviewer=PAT, roster=roster(home), now=NOW)


def test_the_reviewers_own_key_is_found_and_nobody_elses(home: Home) -> None:
    assert own_key(PAT, roster(home)).public == home.public
    assert own_key(PAT, roster(home), home.key).path == home.key
    for given in (None, home.key):
        with pytest.raises(TwokeyError, match="no SSH key of pat@example"):
            own_key(PAT, roster(home, "eve@example.com"), given)
