"""gates.yaml as a whole. A file dropped into files/accepted or files/refused is a test.

A refused file ends in the problems expected of it, one `# => line:column: message` each.
"""

import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from twokey.config.decode import decode, read_yaml
from twokey.config.json_schema import schema
from twokey.config.load import load_config
from twokey.config.review import Review
from twokey.config.scalars import Allowance, Change, Draw, Duration
from twokey.config.shape import Close, Config, Limit, Opens, option
from twokey.errors import ConfigError

FILES = Path(__file__).parent / "files"
ACCEPTED = sorted((FILES / "accepted").glob("*.yaml"))
REFUSED = sorted((FILES / "refused").glob("*.yaml"))
WHOLE = (FILES / "accepted" / "whole.yaml").read_text("utf-8")
ENVIRONMENT = {"NAME": "2024"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaOptions:
    """Shapes."""

    input: str | None = option("a JSON Schema", default=None)
    output: str | None = option("a JSON Schema", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceOptions:
    """Speed."""

    limits: Mapping[str, Limit] = option("limits", rest=True, known=("latency_p95_ms", "availability"))


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityOptions:
    """Right and wrong."""

    limits: Mapping[str, Limit] = option(
        "limits", rest=True, known=lambda: ("accuracy", "hallucination_rate"), pattern=r"f1\[.+\]", default_factory=dict
    )
    slices: tuple[str, ...] = option("groups judged one by one", default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What one detector may find."""

    max: Allowance = option("how many", default=Allowance(count=0))
    rules: str | None = option("a file of rules", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyOptions:
    """Harm."""

    detectors: Mapping[str, Detection] = option("by name", rest=True)


GATES: Mapping[str, type] = {
    "schema": SchemaOptions,
    "performance": PerformanceOptions,
    "quality": QualityOptions,
    "safety": SafetyOptions,
}


def load(text: str) -> Config:
    return load_config(text.encode(), "gates.yaml", GATES, ENVIRONMENT)


def edited(*changes: tuple[str, str]) -> str:
    text = WHOLE
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is not in the example once"
        text = text.replace(old, new)
    return text


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert caught.value.status == 2
    return [str(problem).removeprefix("gates.yaml:") for problem in caught.value.problems]


def as_json(text: str) -> Any:
    return decode(read_yaml(text.encode(), "gates.yaml"), Any, "gates.yaml")


def schema_errors(text: str, rule: str | None = None) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema(GATES))
    errors = validator.iter_errors(as_json(text))
    return [error.message for error in errors if rule in (None, error.validator)]


def test_the_whole_example_loads_as_written() -> None:
    config = load(WHOLE)
    assert config.version == 1
    assert config.subject.files == ("model/**", "prompts/**")
    assert config.recordings.candidate.groups == {"channel": "channel"}
    assert config.sample.synthetic == Draw(1000)
    assert config.gates["performance"].limits["latency_p95_ms"] == Limit(max=500.0, max_increase=Change(relative=0.1))
    assert config.gates["quality"].limits["accuracy"] == Limit(min=0.95, max_drop=Change(absolute=0.01))
    assert config.gates["quality"].slices == ("channel",)
    assert config.gates["safety"].detectors["policy"] == Detection(max=Allowance(count=0), rules="policy.yaml")
    assert config.review is not None
    assert config.review.max_failures == 0.4
    release = config.approval.checkpoints["release"]
    assert release.opens == (
        Opens(gates=("quality", "safety"), status=("fail", "inconclusive")),
        Opens(low_confidence_share=0.05),
    )
    assert release.close == Close(any_of=("product", "risk"))
    assert release.timeout is not None
    assert release.timeout.after == Duration(86400)
    assert config.approval.windows[0].from_ == "2026-12-01T22:00Z"
    assert config.approval.separation.author_may_decide is False


def test_a_config_pickles() -> None:
    config = load(WHOLE)
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301 our own bytes


def test_only_the_gates_that_are_written_are_there() -> None:
    config = load((FILES / "accepted" / "starter.yaml").read_text("utf-8"))
    assert list(config.gates) == ["schema", "quality"]
    assert config.gates["schema"] == SchemaOptions()


def test_the_baseline_takes_what_it_does_not_set_from_the_candidate() -> None:
    new = "baseline: {path: baseline.csv, format: csv, output: old.label, groups: {channel: ch}}"
    recordings = load(edited(("baseline: {path: baseline.jsonl}", new))).recordings
    assert recordings.baseline is not None
    assert recordings.baseline.path == "baseline.csv"
    assert recordings.baseline.format == "csv"
    assert recordings.baseline.output == "old.label"
    assert recordings.baseline.groups == {"channel": "ch"}
    assert recordings.baseline.expected == "gold"
    assert recordings.baseline.id == "request_id"
    assert recordings.candidate.output == "response.label"


def test_values_from_the_environment_take_the_type_of_their_place() -> None:
    text = (FILES / "accepted" / "environment.yaml").read_text("utf-8")
    config = load(text)
    assert config.subject.name == "2024"
    assert config.recordings.candidate.path == "out/outputs.jsonl"
    assert config.recordings.candidate.output == "cost.$"
    assert (config.sample.seed, config.sample.production) == (7, Draw(None))
    assert config.gates["quality"].limits["accuracy"].min == 0.95
    given = {"NAME": "n", "SEED": "11", "PRODUCTION": "5", "MIN": "0.5", "DIR": ""}
    config = load_config(text.encode(), "gates.yaml", GATES, given)
    assert (config.sample.seed, config.sample.production) == (11, Draw(5))
    assert config.gates["quality"].limits["accuracy"].min == 0.5


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_accepted_files_load_and_are_valid_under_the_json_schema(path: Path) -> None:
    text = path.read_text("utf-8")
    assert load(text).version == 1
    assert schema_errors(text) == []


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_refused_files_are_refused_with_exactly_the_problems_they_name(path: Path) -> None:
    text = path.read_text("utf-8")
    assert problems(text) == re.findall(r"^# => (.+)$", text, re.MULTILINE)
    assert schema_errors(text)


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_every_unknown_key_is_unknown_to_the_json_schema_too(path: Path) -> None:
    text = path.read_text("utf-8")
    unknown = set(re.findall(r"^# => .*unknown key '(.+?)'", text, re.MULTILINE))
    said = " ".join(schema_errors(text, "additionalProperties"))
    assert [key for key in unknown if repr(key) not in said] == []


RULES = {
    "text for the count": ("any_of: [product, risk]", 'count: "1", of: [product]', "found the text '1'"),
    "true for the count": ("any_of: [product, risk]", "count: true, of: [product]", "found true"),
    "a fraction for the count": ("any_of: [product, risk]", "count: 1.0, of: [product]", "found the number 1.0"),
    "a negative count": ("any_of: [product, risk]", "count: -1, of: [product]", "of at least 1, found the number -1"),
    "a count of nobody": ("any_of: [product, risk]", "count: 1", "count and of are given together"),
    "no count": ("any_of: [product, risk]", "of: [product]", "count and of are given together"),
    "two rules": ("any_of: [product, risk]", "any_of: [a], all_of: [b]", "more than one rule"),
    "nobody": ("any_of: [product, risk]", "distinct: true", "names nobody"),
    "somebody twice": ("any_of: [product, risk]", "count: 2, of: [risk, risk]", "a name appears twice"),
    "an empty list of closers": ("any_of: [product, risk]", "any_of: []", "an empty list says nothing"),
    "no records": ("synthetic: 1000, production: 1000", "synthetic: 0, production: 0", "judges nothing"),
    "a bound without an audit": ("audit: 59", "audit: 0", "max_failure_rate needs a random audit"),
    "a rule on nothing shown": ("show: 50", "show: 0", "max_failures needs items"),
    "a share of what nobody shares": (
        "audit: 59",
        "audit: 59, reviewers: {people: [a@example.com], assign: split, share: 0.5}",
        "share belongs to overlap",
    ),
    "a negative audit": ("audit: 59", "audit: -1", "of at least 0"),
    "crossed limits": ("{min: 0.999}", "{min: 0.999, max: 0.5}", "no value is at least"),
    "a negative change": ("max_drop: 0.01", "max_drop: -0.01", "a share of the baseline"),
    "a negative allowance": ("pii: {max: 0}", "pii: {max: -1}", "a count such as 0"),
    "a later version": ("version: 1", "version: 2", "expected 1, found the number 2"),
    "a window that ends first": ("from: 2026-12-01T22:00Z", "from: 2026-12-03T22:00Z", "a window ends after it starts"),
    "a share above one": ("low_confidence_share: 5%", "low_confidence_share: 105%", "of at most 1"),
    "a status that never opens": ("status: [fail, inconclusive]", "status: [pass]", "one of fail, inconclusive, error"),
    "no time at all": ("after: 24h", "after: 0h", "a duration such as"),
    "a required rest left empty": (
        "pii: {max: 0}, secrets: {max: 0}, profanity: {max: 0}, policy: {rules: policy.yaml, max: 0}",
        "",
        "nothing is named in gates.safety",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), RULES.values(), ids=list(RULES))
def test_a_rule_of_one_part_is_one_problem(old: str, new: str, message: str) -> None:
    found = problems(edited((old, new)))
    assert len(found) == 1
    assert message in found[0]


def test_a_file_without_gates_is_refused() -> None:
    text = re.sub(r"(?s)gates:  .*?\nreview", "gates: {}\nreview", WHOLE).replace("gates: [quality, safety], ", "")
    assert problems(text) == ["8:8: an empty mapping says nothing (leave it out, or fill it)"]
    assert schema_errors(text)


def test_a_checkpoint_on_the_review_needs_a_review() -> None:
    opens = ("gates: [quality, safety]", "gates: [quality, review]")
    assert load(edited(opens)).approval.checkpoints["release"].opens[0].gates == ("quality", "review")
    start = WHOLE.index("review: {conf")
    review = WHOLE[start : WHOLE.index("\n", start) + 1]
    assert "no gate called 'review' is configured" in problems(edited(opens, (review, "")))[0]


REVIEW_OF_NO_USE = {
    "a list": "review: [1]",
    "a word": "review: yes",
    "nothing": "review:",
    "an unknown key": "review: {shwo: 5}",
}


@pytest.mark.parametrize("review", REVIEW_OF_NO_USE.values(), ids=list(REVIEW_OF_NO_USE))
def test_a_review_that_is_none_is_told_once_though_a_checkpoint_names_it(review: str) -> None:
    start = WHOLE.index("review: {conf")
    text = WHOLE[: WHOLE.index("\n", start)]
    rest = WHOLE[len(text) :].replace("gates: [quality, safety]", "gates: [quality, review]")
    found = problems(text[:start] + review + rest)
    assert len(found) == 1, found
    assert "no gate called" not in found[0]
    assert load(text[:start] + "review: {}" + rest).review == Review(), "which has its defaults"


def test_a_misspelt_gate_is_told_once_though_a_checkpoint_names_it() -> None:
    text = edited(("  quality: {acc", "  qualty: {acc"))
    assert [line for line in problems(text) if "qual" in line] == [
        "11:3: unknown key 'qualty' in gates (did you mean quality?)"
    ]
    other = edited(("  quality: {acc", "  qualty: {acc"), ("gates: [quality, safety]", "gates: [quality, nothing]"))
    assert "no gate called 'nothing' is configured" in "".join(problems(other))


def test_what_came_from_the_environment_is_not_shown() -> None:
    text = edited(("seed: 7", 'seed: "${NAME}x"'), ("stratify_by: channel", 'stratify_by: "${NAME}"'))
    said = "\n".join(problems(text))
    assert "${NAME}" in said
    assert "2024" not in said
