"""`twokey seeds`, through the command line: what is written, what is refused, and who is counted."""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from persona import Home, Outcome
from project import Project, row, started

from twokey.cli.seeds.files import past_failures, read_key
from twokey.errors import TwokeyError
from twokey.review.seeds import parse_bundle, parse_opening

REVIEW: dict[str, Any] = {"show": 5, "audit": 10, "seeds": {"count": 4, "decoys": 2, "void_at": 2, "practice": 2}}
STORE = "decisions"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(home: Home) -> Project:
    """A run that waits for a review with seeds."""
    project = started(home, 90)
    project.policy(review=REVIEW)
    project.record([row(n, confidence=n / 100) for n in range(90)])
    ran = project.run("--repository", "org/triage")
    assert ran.status in (0, 3), ran.text
    return project


@pytest.fixture
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("job") / "seeds.key"
    path.write_text(secrets.token_hex(32) + "\n")
    return path


def seal(project: Project, key: Path, *more: str) -> Outcome:
    return project.home.twokey("seeds", "seal", "--key", str(key), *more)


def open_(project: Project, key: Path, *more: str) -> Outcome:
    return project.home.twokey("seeds", "open", "--key", str(key), *more)


def bundle(project: Project) -> bytes:
    return (project.evidence / "review/seeds.json").read_bytes()


def grade(project: Project, reviewer: str = "pat@example.com", passes: str = "right", seeds: bool = True) -> Path:
    """Grade all: what is wrong fails, or with `passes="all"` nothing does."""
    rows = [json.loads(line) for line in (project.evidence / "review/items.jsonl").read_bytes().splitlines()]
    rows += json.loads(bundle(project))["items"] if seeds else []
    grades = []
    for one in rows:
        good = passes == "all" or one["output"] == one["expected"]
        said = {"grade": "pass", "severity": None, "reason": ""}
        if not good:
            said = {"grade": "fail", "severity": "high", "reason": "wrong label"}
        grades.append({"item": one["id"], "seconds": 5, "correction": None, **said})
    document: dict[str, Any] = {
        "type": "urn:twokey:grades:v1",
        "manifest": digest(project.evidence / "manifest.json"),
        "reviewer": reviewer,
        "grades": grades,
    }
    if seeds:
        document["seeds"] = hashlib.sha256(bundle(project)).hexdigest()
    return project.write(f".twokey/evidence/grades/grades-{reviewer}.json", json.dumps(document))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def opening(project: Project) -> Path:
    (path,) = project.directory.glob(f"**/{STORE}/*/seeds-opening.json")
    return path


def test_sealing_writes_one_file_that_leaves_the_evidence_valid(project: Project, key: Path) -> None:
    before = project.listing()
    outcome = seal(project, key)
    assert (outcome.status, outcome.err) == (0, ""), outcome.text
    assert outcome.out.startswith("sealed: 4 known-bad and 2 good items, void at 2 missed: ")
    after = project.listing()
    new = {name for name in after if after[name] != before.get(name)}
    assert new == {".twokey/evidence/review/seeds.json", ".twokey/evidence/review/index.html"}
    sealed = parse_bundle(bundle(project))
    assert sealed.manifest == digest(project.evidence / "manifest.json")
    assert project.home.twokey("verify", "--repository", "org/triage").status == 3


def test_more_seeds_than_items_are_warned_of(project: Project, key: Path) -> None:
    seeds = {"count": 10, "decoys": 6, "void_at": 2}
    project.policy(review={"show": 5, "audit": 10, "seeds": seeds})
    project.run("--repository", "org/triage")
    outcome = seal(project, key)
    assert outcome.status == 0, outcome.text
    assert "warning: 16 seeds outnumber the 15 items" in outcome.err


@pytest.mark.parametrize("way", ['--key <(printf %s "$SEEDS_KEY")', "--key /dev/stdin"])
def test_a_secret_of_the_ci_becomes_the_key_as_the_docs_say(project: Project, key: Path, way: str) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    pipe = 'printf %s "$SEEDS_KEY" | ' if "stdin" in way else ""
    assert way.replace("--key", "seeds seal --key") in (ROOT / "docs/seeds.md").read_text()
    command = f"{pipe}{sys.executable} -m twokey seeds seal {way}"
    environment = {**os.environ, "SEEDS_KEY": key.read_text().strip()}
    subprocess.run([bash, "-c", command], cwd=project.directory, env=environment, check=True, capture_output=True)
    piped = bundle(project)
    assert seal(project, key).status == 0
    assert bundle(project) == piped


def test_a_seed_has_all_fields_that_an_item_has(project: Project, key: Path) -> None:
    seal(project, key)
    item = json.loads((project.evidence / "review/items.jsonl").read_bytes().splitlines()[0])
    rows = parse_bundle(bundle(project)).items
    assert all(
        set(one) ^ set(item) <= {"confidence_past"} for one in rows
    )  # told where a confidence has meant anything


def test_sealing_again_gives_the_same_bytes_and_the_key_stands_in_no_file(project: Project, key: Path) -> None:
    seal(project, key)
    first = bundle(project)
    assert seal(project, key).status == 0
    assert bundle(project) == first
    secret = key.read_text().strip()
    assert not any(secret.encode() in data or bytes.fromhex(secret) in data for data in project.listing().values())


def test_another_bundle_is_refused_once_somebody_has_graded(project: Project, key: Path, tmp_path: Path) -> None:
    seal(project, key)
    grade(project)
    assert seal(project, key).status == 0
    other = tmp_path / "other"
    other.write_text(secrets.token_hex(32))
    before = project.listing()
    outcome = seal(project, other)
    assert (outcome.status, "were given already, with other seeds" in outcome.err) == (4, True), outcome.text
    assert project.listing() == before


def test_a_bundle_is_refused_where_somebody_graded_without(project: Project, key: Path) -> None:
    grade(project, seeds=False)
    assert "were given already, with no seeds" in seal(project, key).err


def test_policy_without_seeds_seals_nothing(project: Project, key: Path) -> None:
    project.policy(review={"show": 5, "audit": 10})
    outcome = seal(project, key)
    assert (outcome.status, "policy asks for no seeds" in outcome.err) == (4, True)


def test_another_recording_than_the_evidences_seals_nothing(project: Project, key: Path) -> None:
    project.record([row(n) for n in range(80)])
    assert "is not the recording that the evidence was made from" in seal(project, key).err


def test_past_failures_are_drawn_first(project: Project, key: Path) -> None:
    past = [{"input": f"past {n}", "output": "billing", "expected": "account", "why": "once"} for n in range(9)]
    project.write("past.jsonl", "".join(json.dumps(one) + "\n" for one in past))
    assert seal(project, key, "--from", "past.jsonl").status == 0
    assert sum(str(one["input"]).startswith("past ") for one in parse_bundle(bundle(project)).items) == 4


def test_seeds_are_opened_only_once_somebody_has_graded_everything(project: Project, key: Path) -> None:
    seal(project, key)
    before = project.listing()
    outcome = open_(project, key)
    assert (outcome.status, "opening now would tell which are bad" in outcome.err) == (4, True), outcome.text
    grade(project, seeds=False)
    assert open_(project, key).status == 4
    assert not any("opening" in name for name in project.listing())
    assert (project.evidence / "review/seeds.json").read_bytes() == before[".twokey/evidence/review/seeds.json"]


def test_opening_counts_and_keeps_what_anybody_needs_to_count_again(project: Project, key: Path) -> None:
    seal(project, key)
    grades = grade(project)
    outcome = open_(project, key)
    assert (outcome.status, outcome.out) == (0, "pat@example.com: 4 of 4 seeds caught\n"), outcome.text
    kept = opening(project)
    assert kept.with_name("seeds.json").read_bytes() == bundle(project)
    assert parse_opening(kept.read_bytes()).grades == [digest(grades)]
    for name in ("seeds.json", "seeds-opening.json"):
        assert (project.evidence / "decisions" / name).read_bytes() == kept.with_name(name).read_bytes()
    assert project.home.twokey("verify", "--repository", "org/triage").status == 3


def test_the_page_on_seeds_counts_with_nothing_but_python(project: Project, key: Path) -> None:
    seal(project, key)
    grades = grade(project)
    open_(project, key)
    text = (Path(__file__).parents[3] / "docs/seeds.md").read_text(encoding="utf-8")
    script = text.partition("```python\n")[2].partition("```")[0]

    def ran(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", script, str(path)]
        return subprocess.run(command, cwd=opening(project).parent, capture_output=True, text=True, timeout=60)

    assert ran(grades).stdout == "4 of 4 seeds caught\n"
    assert "graded after the seeds were opened" in ran(grade(project, passes="all")).stderr


def test_who_passes_everything_is_told_and_what_was_missed(project: Project, key: Path) -> None:
    seal(project, key)
    grade(project, passes="all")
    told = open_(project, key).out.splitlines()
    assert told[0] == "pat@example.com: 0 of 4 seeds caught; void at 2 missed"
    assert len(told) == 5
    assert all(line.startswith("  missed case-") for line in told[1:])


def test_grades_that_come_after_the_opening_do_not_get_into_it(project: Project, key: Path) -> None:
    seal(project, key)
    grade(project, passes="all")
    open_(project, key)
    before = opening(project).read_bytes()
    grade(project)
    outcome = open_(project, key)
    assert outcome.out == (
        "pat@example.com: 4 of 4 seeds caught; graded after the seeds were opened, which counts for nothing\n"
    )
    assert opening(project).read_bytes() == before


def test_an_opening_that_somebody_else_wrote_or_altered_is_refused(project: Project, key: Path) -> None:
    seal(project, key)
    grade(project, passes="all")
    open_(project, key)
    said = json.loads(opening(project).read_bytes())
    late = grade(project)
    opening(project).write_text(json.dumps({**said, "grades": sorted([*said["grades"], digest(late)])}))
    outcome = open_(project, key)
    assert (outcome.status, "grades were added to it" in outcome.err) == (4, True), outcome.text


def test_a_bundle_of_the_approvers_own_is_refused_by_the_key(project: Project, key: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text(secrets.token_hex(32))
    seal(project, own)
    grade(project)
    outcome = open_(project, key)
    assert (outcome.status, "was not sealed with this key" in outcome.err) == (4, True), outcome.text


def test_nothing_is_opened_while_a_named_reviewer_is_not_done(project: Project, key: Path) -> None:
    people = ["pat@example.com", "ann@example.com"]
    project.policy(review={**REVIEW, "reviewers": {"people": people}})
    project.run("--repository", "org/triage")
    seal(project, key)
    grade(project)
    outcome = open_(project, key)
    assert (outcome.status, "not done yet: ann@example.com" in outcome.err) == (4, True), outcome.text
    grade(project, reviewer="ann@example.com", passes="all")
    told = open_(project, key).out.splitlines()
    assert told[0] == "ann@example.com: 0 of 4 seeds caught; void at 2 missed"
    assert told[-1] == "pat@example.com: 4 of 4 seeds caught"


def test_one_who_is_not_done_can_be_left_out(project: Project, key: Path) -> None:
    people = ["pat@example.com", "ann@example.com"]
    project.policy(review={**REVIEW, "reviewers": {"people": people}})
    project.run("--repository", "org/triage")
    seal(project, key)
    grade(project)
    assert open_(project, key, "--now").out == "pat@example.com: 4 of 4 seeds caught\n"


def test_running_again_on_the_same_evidence_keeps_the_seeds(project: Project, key: Path) -> None:
    seal(project, key)
    before = bundle(project)
    page = (project.evidence / "review/index.html").read_bytes()
    project.run("--repository", "org/triage")
    assert bundle(project) == before
    assert (project.evidence / "review/index.html").read_bytes() == page


def test_the_page_has_the_seeds_among_its_items_and_names_them(project: Project, key: Path) -> None:
    seal(project, key)
    page = (project.evidence / "review/index.html").read_text()
    assert hashlib.sha256(bundle(project)).hexdigest() in page
    sealed = parse_bundle(bundle(project))
    assert all(row["id"] in page for row in (*sealed.items, *sealed.practice))


def test_running_again_shows_bundle_and_opening_beside_the_evidence(project: Project, key: Path) -> None:
    seal(project, key)
    grade(project)
    open_(project, key)
    project.run("--repository", "org/triage")
    for name in ("seeds.json", "seeds-opening.json"):
        assert (project.evidence / "decisions" / name).read_bytes() == opening(project).with_name(name).read_bytes()


def test_seeds_of_other_evidence_step_aside_and_come_back_with_it(project: Project, key: Path) -> None:
    seal(project, key)
    grade(project)
    before, recording = bundle(project), (project.directory / "outputs.jsonl").read_bytes()
    project.record([row(n, confidence=n / 100) for n in range(80)])
    project.run("--repository", "org/triage")
    assert not (project.evidence / "review/seeds.json").exists()
    project.write("outputs.jsonl", recording)
    project.run("--repository", "org/triage")
    assert bundle(project) == before


@pytest.mark.parametrize(
    "content", [b"", b"short", b"ab" * 16, b"a" * 64, b"x" * 5000], ids=["none", "short", "16-bytes", "alike", "long"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(TwokeyError, match="expected 32 random bytes or more"):
        read_key(path)


def test_a_key_is_hexadecimal_or_any_bytes(tmp_path: Path) -> None:
    path, secret = tmp_path / "key", bytes(range(40))
    path.write_text(secret.hex() + "\n")
    assert read_key(path) == secret
    path.write_bytes(b"\xff" + secret[14:])
    with pytest.raises(TwokeyError, match="expected 32"):
        read_key(path)
    path.write_bytes(b"\xff" + bytes(range(100, 140)))
    assert len(read_key(path)) == 41
    with pytest.raises(TwokeyError, match="the key cannot be read"):
        read_key(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"input": 1}', "missing required field `output`"),
        ('{"input": 1, "output": null}', "it has no output"),
        ('{"input": 1, "output": 2, "more": 3}', "unknown field `more`"),
        ('{"input": 1, "output": 2, "severity": "dire"}', "Invalid enum value"),
        ('{"input": 1, "output": NaN}', "NaN is not a JSON number"),
        ("[]", "Expected `object`"),
        ("{", "not JSON"),
    ],
)
def test_what_is_no_past_failure_is_refused_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text('{"input": "a", "output": "b"}\n\n' + line + "\n")
    with pytest.raises(TwokeyError) as error:
        past_failures(path)
    assert str(error.value).startswith(f"{path}:3: ")
    assert told in str(error.value)


def test_a_past_failure_of_one_text_is_its_own_label(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text('{"input": "a", "output": "b", "why": "once"}\n{"input": "a", "output": {"x": 1}}\n')
    assert [one.label for one in past_failures(path)] == ["b", None]
    with pytest.raises(TwokeyError, match="cannot be read"):
        past_failures(tmp_path / "nowhere")
