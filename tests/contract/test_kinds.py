"""What every kind owes, whichever table it stands in: its own words, a name that is its key, and calm at nothing."""

import inspect
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from persona import Home
from project import Project, rows, started
from run_world import approved, blocked, empty, waiting

from twokey import detectors, engines, gates, readers, reports, signers, targets
from twokey.config.shape import Recording
from twokey.detectors import DETECTORS, build_scanner
from twokey.detectors.names import is_installed as names_installed
from twokey.engines import ENGINES, build_engine
from twokey.errors import TwokeyError
from twokey.gates import GATES, options_of
from twokey.gates.base import Gate, Setting
from twokey.kinds import Table, page
from twokey.outcome import Status
from twokey.plan import build_plan
from twokey.readers import READERS
from twokey.record import Batch, Record
from twokey.reports import REPORTS
from twokey.reports.base import Run
from twokey.repository.config import read_config
from twokey.review import trade
from twokey.review.grades import Grade, Grades
from twokey.review.select import ReviewGate
from twokey.review.trade import TRADE
from twokey.review.trade.base import Sheet
from twokey.review.trade.taking import taken
from twokey.signers import SIGNERS
from twokey.targets import TARGETS

TABLES: dict[str, Any] = {
    "gate": GATES,
    "detector": DETECTORS,
    "reader": READERS,
    "engine": ENGINES,
    "report": REPORTS,
    "signer": SIGNERS,
    "target": TARGETS,
    "trade": TRADE,
}
FOLDERS = {
    "gate": gates,
    "detector": detectors,
    "reader": readers,
    "engine": engines,
    "report": reports,
    "signer": signers,
    "target": targets,
    "trade": trade,
}
KINDS = [
    pytest.param(table, name, entry if isinstance(entry, type) else type(entry), id=f"{table}-{name}")
    for table, entries in TABLES.items()
    for name, entry in entries.items()
]
RULES = b"rules:\n  - {name: no-promises, words: [guaranteed], why: we promise nothing}\n"
OPTIONS = {
    "schema": {"sanitise": {}},
    "performance": {"latency_p95_ms": {"max": 500, "max_increase": "10%"}, "availability": {"min": 0.9}},
    "quality": {"accuracy": {"min": 0.5, "max_drop": 0.1}, "f1_macro": {"min": 0.5}, "slices": ["channel"]},
    "safety": {"pii": {"max": 0}, "secrets": {"max": 0}, "profanity": {"max": 0}},
    "records": {"max_unreadable": 3},
    "drift": {"groups": ["channel"], "labels": {"max_psi": 0.25}, "new_categories": {"max": 0}},
    "fairness": {"groups": ["channel"], "accuracy_parity": {"max_difference": 0.5}, "flip_rate": {"max": 0.5}},
}


def travelled(value: Any) -> Any:
    """What arrives where a value was sent to another process."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 our own bytes


@pytest.mark.parametrize(("table", "name", "kind"), KINDS)
def test_a_kind_says_all_about_itself(table: str, name: str, kind: type[Any]) -> None:
    assert name in TABLES[table]
    assert kind.name == name
    assert name == name.lower()
    assert kind.summary
    assert "\n" not in kind.summary
    assert len(kind.summary) <= 100
    assert not kind.summary.endswith(".")
    assert len(page(kind)) >= 100, f"its docstring is its page: {page(kind)!r}"
    assert page(kind).partition("\n")[0].endswith((".", ":"))


@pytest.mark.parametrize(("table", "name", "kind"), KINDS)
def test_a_kind_has_a_file_of_its_own(table: str, name: str, kind: type[Any]) -> None:
    folder = FOLDERS[table].__name__
    assert kind.__module__.startswith(f"{folder}.")
    others = [entry if isinstance(entry, type) else type(entry) for key, entry in TABLES[table].items() if key != name]
    assert kind.__module__ not in {other.__module__ for other in others}
    assert (inspect.getmodule(kind) or FOLDERS[table]).__doc__


@pytest.mark.parametrize(("table", "name", "kind"), KINDS)
def test_a_kind_is_explained_in_its_own_words(home: Home, table: str, name: str, kind: type[Any]) -> None:
    outcome = home.twokey("explain", name)
    assert outcome.status == 0
    assert outcome.out.startswith(f"{name} ({table}): ")
    words, shown = page(kind).split(), " ".join(outcome.out.split())  # lines are filled anew
    assert kind.summary in shown
    assert " ".join(words[:10]) in shown
    assert " ".join(words[-10:]) in shown


@pytest.mark.parametrize(("table", "name", "kind"), KINDS)
def test_a_kind_pickles(table: str, name: str, kind: type[Any]) -> None:
    entry = TABLES[table][name]
    assert type(travelled(entry)) is type(entry)
    assert travelled(kind) is kind


def test_no_name_stands_for_two_kinds() -> None:
    names = [name for table in TABLES.values() for name in table]
    assert len(names) == len(set(names)), "explain could not tell them apart"


# Gates


def setting() -> Setting:
    return Setting(read=lambda _: RULES, has_baseline=True, seed=1, scanner=build_scanner)


@pytest.fixture
def built(home: Home) -> dict[str, Gate[Any]]:
    """Every gate there is, built as a config builds it."""
    project = started(home)
    assert set(OPTIONS) == set(GATES)
    project.policy(
        gates=OPTIONS,
        candidate={"groups": {"channel": "channel"}},
        baseline={"path": "last.jsonl"},
        review={"confidence_below": 0.6, "show": 5, "audit": 5},
    )
    plan = build_plan(read_config(project.directory / "gates.yaml", {}), project.directory)
    assert set(plan.gates) == {*GATES, ReviewGate.name}
    return dict(plan.gates)


def batch(records: list[Record], role: Any = "candidate") -> Batch:
    return Batch(role=role, records=tuple(records), sightings=((),) * len(records))


def made(count: int, **changes: Any) -> list[Record]:
    return [
        Record(
            **{
                "id": f"r{number}",
                "output": "ab"[number % 2],
                "label": "ab"[number % 2],
                "expected": "a",
                "confidence": (number % 10) / 10,
                "latency_ms": float(number),
                "groups": {"channel": "xyz"[number % 3]},
                **changes,
            }
        )
        for number in range(count)
    ]


def test_the_options_that_a_config_is_read_by_are_the_gates_own(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {name: gate.Options for name, gate in GATES.items()}
    assert set(gates.OPTIONS) <= set(GATES)
    assert {name: options_of(name) for name in GATES} == own
    monkeypatch.setattr(gates, "OPTIONS", Table("twokey.gates", {}))
    assert {name: options_of(name) for name in GATES} == own, "a gate need not be in that table"


@pytest.mark.parametrize("name", [*GATES, ReviewGate.name])
def test_a_gate_survives_zero_records_and_passes_nothing(built: dict[str, Gate[Any]], name: str) -> None:
    gate = built[name]
    nothing = gate.tally(batch([]))
    for tally in (nothing, gate.merge(nothing, nothing), gate.merge(nothing, gate.tally(batch([], "baseline")))):
        result = gate.judge(tally)
        assert result.gate == name
        assert result.status is Status.ERROR, result.reason
        assert result.findings
        assert result.reason
        assert result.books.total == 0
        json.dumps(result.plain(), allow_nan=False)


@pytest.mark.parametrize("name", [*GATES, ReviewGate.name])
def test_a_gate_that_only_saw_errors_passes_nothing(built: dict[str, Gate[Any]], name: str) -> None:
    gate = built[name]
    result = gate.judge(gate.tally(batch(made(5, error="timeout", output=None, label=None))))
    assert result.status is Status.ERROR, result.reason
    assert result.books.total == 5
    assert result.books.scored == 0


@pytest.mark.parametrize("name", [*GATES, ReviewGate.name])
def test_a_gate_and_its_tally_travel(built: dict[str, Gate[Any]], name: str) -> None:
    gate = built[name]
    tally = gate.tally(batch(made(40)))
    there = travelled(gate)
    back = travelled(there.tally(batch(made(40))))
    assert there.judge(back) == gate.judge(tally)


@pytest.mark.parametrize("name", [*GATES, ReviewGate.name])
def test_merging_in_any_order_and_grouping_gives_the_same(built: dict[str, Gate[Any]], name: str) -> None:
    gate = built[name]
    records, before = made(90), made(60, expected="b", latency_ms=3.0)
    whole = gate.merge(gate.tally(batch(records)), gate.tally(batch(before, "baseline")))
    parts = [gate.tally(batch(records[start::3])) for start in range(3)]
    parts += [gate.tally(batch(before[start::2], "baseline")) for start in range(2)]
    nothing = gate.tally(batch([]))

    def folded(tallies: Iterator[Any]) -> Any:
        out = nothing
        for tally in tallies:
            out = gate.merge(out, tally)
        return out

    expected = gate.judge(whole)
    assert gate.judge(folded(iter(parts))) == expected
    assert gate.judge(folded(reversed(parts))) == expected
    a, b, c, d, e = parts
    assert gate.judge(gate.merge(gate.merge(e, c), gate.merge(d, gate.merge(b, a)))) == expected
    assert gate.judge(gate.merge(whole, nothing)) == expected


@pytest.mark.parametrize("name", [*GATES, ReviewGate.name])
def test_judging_changes_no_tally(built: dict[str, Gate[Any]], name: str) -> None:
    gate = built[name]
    tally = gate.tally(batch(made(40)))
    assert gate.judge(tally) == gate.judge(tally)


# Detectors, readers, engines, reports


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "a" * 100_000, "日本語 🙂"])
def test_a_detector_takes_any_text_and_sees_nothing_in_nothing(name: str, text: str) -> None:
    if name == "names" and not names_installed():
        pytest.skip("Presidio or its model is not installed")
    scanner = build_scanner({name: "rules.yaml" if name == "policy" else None}, lambda _: RULES)
    assert scanner.scan_value(text) == ()
    assert scanner.redact_value(text) == text


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("content", [None, b"", b"\x00\xff", b"\n\n"])
def test_a_reader_of_nothing_refuses_or_reads_no_record(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / f"a{READERS[name].suffixes[0]}"
    if content is not None:
        path.write_bytes(content)
    recording = Recording(path=str(path), id="id")
    found: list[Any] = []
    refusal = ""
    try:
        for shard in READERS[name].shards(str(path), 3):
            found += READERS[name].rows(shard, recording, None)
    except TwokeyError as error:
        refusal = str(error)
    assert str(path) in refusal or found
    assert not [row for row in found if isinstance(row, Record)]


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_gives_the_results_in_order_and_nothing_for_nothing(name: str) -> None:
    engine = build_engine(name, 2)
    assert list(engine.map(abs, [])) == []
    assert list(engine.map(abs, [-3, 1, -2])) == [3, 1, 2]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("run", [waiting, approved, blocked, empty])
def test_a_report_renders_any_run_and_twice_the_same(name: str, run: Any) -> None:
    told: Run = run()
    text = REPORTS[name].render(told)
    assert text.strip()
    assert REPORTS[name].render(told) == text
    assert told.conclusion.verdict.label in text
    assert told.evidence.digest[:12] in text


def test_every_format_that_is_written_has_a_file_of_its_own(home: Home) -> None:
    project: Project = started(home)
    project.record(rows(30))
    project.run()
    names = [report.filename for report in REPORTS.values() if report.filename]
    assert len(names) == len(set(names))
    for name in names:
        assert (project.evidence / name).stat().st_size > 0


@pytest.mark.parametrize("name", TRADE)
@pytest.mark.parametrize("count", [0, 1, 40])
def test_a_trade_format_brings_back_what_it_took_along_and_twice_the_same(name: str, count: int) -> None:
    items = tuple({"id": f"r{number}", "stratum": "audit", "output": "an answer"} for number in range(count))
    graded = tuple(Grade(item=f"r{number}", grade="pass", seconds=number) for number in range(0, count, 2))
    grades = Grades(manifest="ab" * 32, reviewer="ann@example.com", grades=graded)
    sheet = Sheet(manifest="ab" * 32, items=items, grades=grades)
    data = TRADE[name].export(sheet)
    assert TRADE[name].export(sheet) == data
    assert TRADE[name].suffix.startswith(".")
    reading = TRADE[name].read(data, "file")
    found = taken(reading, file="file", manifest=sheet.manifest, items=items, reviewer=grades.reviewer)
    assert found.grades == grades
    assert len(reading.rows) == count
