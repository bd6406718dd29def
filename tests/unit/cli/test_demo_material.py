"""The demo's material: what later steps of the demo rely on, held with a small project and with the full generator."""

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from twokey.cli.demo.classifier import reply
from twokey.cli.demo.material import BASELINE, CANDIDATE, write_project
from twokey.cli.demo.reviewer import answer_key, grade
from twokey.cli.demo.tickets import CHANNELS, HABITS, TRAINING, desk, write_tickets

Row = dict[str, Any]
_PERSONAL = re.compile(r"@example\.|\+\d|\d{4} \d{4}|4242424242424242")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo") / "project"
    write_project(directory, seed=7, synthetic=300, production=300, terms=800)
    return directory


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def rows(project: Path) -> list[Row]:
    return rows_of(project / CANDIDATE)


def test_the_same_seed_writes_the_same_tickets_and_another_seed_others() -> None:
    first, again, other = (list(write_tickets(200, TRAINING, random.Random(seed))) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_every_category_has_its_share_and_every_slot_is_filled() -> None:
    tickets = list(write_tickets(600, HABITS["production"], random.Random(3)))
    assert set(Counter(ticket.expected for ticket in tickets).values()) == {50}
    assert set(desk()["categories"]) == {ticket.expected for ticket in tickets}
    assert not [ticket.text for ticket in tickets if "{" in ticket.text or "}" in ticket.text]
    assert {ticket.channel for ticket in tickets} == set(CHANNELS)


def test_production_tickets_speak_of_products_that_training_on_old_wordings_never_saw() -> None:
    def share(source: str) -> float:
        habits = HABITS["production"] if source == "production" else HABITS["synthetic"]
        tickets = list(write_tickets(1200, habits, random.Random(5)))
        new = re.compile("|".join(map(re.escape, desk()["slots"]["new_product"] + desk()["slots"]["new_device"])))
        return sum(bool(new.search(ticket.text)) for ticket in tickets) / len(tickets)

    assert share("synthetic") == 0
    assert share("production") > 0.05


def test_every_shared_wording_belongs_to_two_known_categories_and_each_category_has_both() -> None:
    shared = desk()["shared"]
    categories = set(desk()["categories"])
    assert {entry["usual"] for entry in shared} == {entry["sometimes"] for entry in shared} == categories
    assert all(entry["usual"] != entry["sometimes"] for entry in shared)


def test_the_project_holds_everything_but_roster_and_evidence(project: Path) -> None:
    names = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert names == {
        "gates.yaml",
        "policy.yaml",
        "outputs.jsonl",
        "baseline.jsonl",
        "schemas/input.json",
        "schemas/output.json",
        "model/classifier.json",
        "model/articles.json",
        "prompts/reply_templates.json",
    }


def test_candidate_and_baseline_answer_the_same_tickets(project: Path, rows: list[Row]) -> None:
    baseline = rows_of(project / BASELINE)
    assert [row["request"] for row in rows] == [row["request"] for row in baseline]
    assert len({row["request_id"] for row in rows}) == len(rows) == 600
    assert Counter(row["source"] for row in rows) == {"synthetic": 300, "production": 300}
    assert [row["response"] for row in rows] != [row["response"] for row in baseline]


def test_answers_keep_the_schemas(project: Path, rows: list[Row]) -> None:
    for field, name in (("request", "input"), ("response", "output")):
        schema = json.loads((project / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
        validator = jsonschema.Draft202012Validator(schema)
        assert not [error for row in rows for error in validator.iter_errors(row[field])]


def test_answers_are_mostly_right_and_worse_in_production(rows: list[Row]) -> None:
    def accuracy(source: str) -> float:
        some = [row for row in rows if row["source"] == source]
        return sum(bool(row["response"]["label"] == row["gold"]) for row in some) / len(some)

    assert 0.85 < accuracy("production") < accuracy("synthetic") < 1


def test_the_least_confident_answers_fail_often_and_the_rest_seldom(project: Path, rows: list[Row]) -> None:
    key = answer_key(project)
    ranked = sorted(rows, key=lambda row: row["response"]["score"])

    def failing(some: list[Row]) -> float:
        return sum(key[row["request_id"]].grade == "fail" for row in some) / len(some)

    assert 0.15 < failing(ranked[:50]) < 0.65
    assert failing(ranked[50:]) < 0.1


def test_latency_is_measured_and_positive(rows: list[Row]) -> None:
    assert all(row["timing"]["total_ms"] > 0 for row in rows)
    assert len({row["timing"]["total_ms"] for row in rows}) > 100


def test_some_replies_repeat_personal_data_that_customers_sent(rows: list[Row]) -> None:
    leaking = [row for row in rows if _PERSONAL.search(row["response"]["reply"])]
    assert 0 < len(leaking) < 0.05 * len(rows)
    assert all(_PERSONAL.search(row["request"]["text"]) for row in leaking)


def judged_row(label: str, gold: str, context_of: str) -> Row:
    article = desk()["categories"][context_of]
    text = "Where is my parcel?"
    return {
        "gold": gold,
        "response": {"label": label, "score": 0.5, "reply": reply(label, text)},
        "context": f"{article['title']}. {article['fact']} {article['detail']}",
    }


@pytest.mark.parametrize(
    ("label", "gold", "context_of", "expected"),
    [
        ("roaming", "roaming", "roaming", ("pass", None)),
        ("roaming", "roaming", "outage", ("fail", "low")),
        ("roaming", "outage", "roaming", ("fail", "medium")),
        ("roaming", "outage", "outage", ("fail", "high")),
    ],
)
def test_the_reviewer_passes_only_the_right_label_with_a_supported_reply(
    label: str, gold: str, context_of: str, expected: tuple[str, str | None]
) -> None:
    judgement = grade(judged_row(label, gold, context_of))
    assert (judgement.grade, judgement.severity) == expected
    assert judgement.reason
