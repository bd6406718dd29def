"""Whose grades a review goes on with: those of whoever grades, and nobody else's."""

import pytest
from persona import Home
from project import Project, started

from twokey.cli.reviewing import reviewing
from twokey.errors import TwokeyError


@pytest.fixture
def project(home: Home) -> Project:
    project = started(home)
    project.policy(review={"show": 0, "audit": 10, "max_failure_rate": "50%"})
    assert project.run().status == 3
    project.grade()
    return project


def test_a_review_goes_on_with_the_grades_of_whoever_grades_and_not_with_others_under_that_name(
    project: Project,
) -> None:
    assert len(reviewing(project.evidence, "pat@example.com", None).grades().grades) == 10
    theirs = (project.evidence / "grades/grades-pat@example.com.json").read_bytes()
    (project.evidence / "grades/grades-ann@example.com.json").write_bytes(theirs)
    with pytest.raises(TwokeyError, match=r"holds grades of pat@example\.com, not of ann@example\.com"):
        reviewing(project.evidence, "ann@example.com", None).grades()
