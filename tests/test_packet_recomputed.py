"""Everything that the packet claims can be recomputed from the evidence: every number of it, by code of the tests.

Each sentence of the packet has to be one that is derived again from results.json, items, queue, manifest and the policy
file, or to stand in the results word for word. One with a digit in it that is neither is a claim of the packet's own.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evidence_case import Case
from persona import Home
from rederived_rows import CHECKS, PLAIN, QUOTING
from releases import RELEASES, Prepared, prepared_once

from twokey.canonical import dumps
from twokey.config.load import load_config
from twokey.evidence.subject import FileDigest, SubjectDigest
from twokey.gates import GATES
from twokey.outcome import GateResult
from twokey.review.packet import packet


@pytest.fixture(params=RELEASES, ids=lambda release: release.name)
def case(request: pytest.FixtureRequest, home: Home, tmp_path: Path) -> Case:
    made: Prepared = prepared_once(request.param, home, tmp_path)
    return Case(made.evidence, made.policy)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)


def derive(case: Case) -> None:
    """Derive every claim of the packet again. Raises AssertionError where one is another."""
    assert case.packet.keys() <= {*CHECKS, *PLAIN, *QUOTING}, "a part that nothing here derives"
    for name, check in CHECKS.items():
        for left in check(case):
            assert not re.search(r"\d", case.rest(left)), f"{name}: {left}"
    for name in (*PLAIN, *QUOTING):
        for text in texts(case.packet.get(name, "")):
            assert not re.search(r"\d", case.rest(text).removeprefix("urn:twokey:packet:v1")), f"{name}: {text}"


def test_every_claim_of_the_packet_is_derived_again(case: Case) -> None:
    derive(case)


def misread(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each place of a packet with each thing that could stand there instead: one digit or number is another."""
    if isinstance(value, str):
        for match in re.finditer(r"[0-9]", value):
            yield path, f"{value[: match.start()]}{(int(match[0]) + 1) % 10}{value[match.end() :]}"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value + 1
    elif isinstance(value, (dict, list)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from misread(part, (*path, name))


@pytest.mark.parametrize("name", ["careful-review", "errors-hide-a-drop", "own-address-allowed", "policy-loosened"])
def test_a_packet_that_is_another_in_one_digit_is_noticed(name: str, home: Home, tmp_path: Path) -> None:
    made = prepared_once(next(one for one in RELEASES if one.name == name), home, tmp_path)
    honest = Case(made.evidence, made.policy)
    wrong = list(misread(honest.packet))
    assert len(wrong) > 200
    unnoticed = []
    for path, value in wrong[:: len(wrong) // 100]:
        case = Case(made.evidence, made.policy)
        case.__dict__.update(honest.__dict__)
        case.__dict__["packet"] = put(honest.packet, path, value)
        try:
            derive(case)
        except (AssertionError, KeyError, StopIteration, ValueError):
            continue
        unnoticed.append((path, value))
    assert unnoticed == []


def rebuilt(case: Case, gates: list[dict[str, Any]]) -> bytes:
    """The packet, made again of results as a file has them, of the manifest's subject, and of the policy file."""
    named = case.manifest["subject"]
    files = tuple(FileDigest(path=f["path"], sha256=f["sha256"], size=f["size"]) for f in named["files"])
    return dumps(
        packet(
            tuple(map(GateResult.from_plain, gates)),
            subject=SubjectDigest(name=named["name"], owner=named["owner"], files=files),
            notes=case.document["sample"]["notes"],
            config=load_config(
                case.policy_bytes, "gates.yaml", {name: gate.Options for name, gate in GATES.items()}, {}
            ),
        )
    )


def test_the_packet_is_made_again_of_what_the_evidence_holds(case: Case) -> None:
    assert rebuilt(case, case.document["gates"]) == (case.directory / "review/packet.json").read_bytes()


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every number."""
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield path
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from numbers(part, (*path, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from numbers(part, (*path, place))


def test_what_a_confidence_has_meant_is_derived_again_for_every_item(case: Case) -> None:
    bins = case.metric("quality", "expected_calibration_error")["facts"]["bins"]
    for item in case.rows("items.jsonl"):
        sure = item["confidence"]
        (found,) = (part for part in bins if part["from"] <= sure < part["to"] or sure == part["to"] == 1)
        match = re.fullmatch(
            r"of ([\d,]+) outputs with a confidence between ([\d.]+) and ([\d.]+), (\d+)% were right"
            r" \((\d+)% to (\d+)%, 95%\)",
            item["confidence_past"],
        )
        assert match
        n, low, high, right, least, most = (float(part.replace(",", "")) for part in match.groups())
        assert (n, round(low, 2), round(high, 2)) == (found["n"], round(found["from"], 2), round(found["to"], 2))
        assert abs(right - 100 * found["right"] / found["n"]) <= 0.5
        assert 0 <= 100 * found["low"] - least < 1 + 1e-6
        assert 0 <= most - 100 * found["high"] < 1 + 1e-6
        assert item["asked"]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy with another value at a place."""
    copy = json.loads(json.dumps(document))
    part = copy
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return copy


def changed(document: Any, path: tuple[Any, ...]) -> Any:
    """Return a copy with another number at a place."""
    found = document
    for name in path:
        found = found[name]
    return put(document, path, found + (7 if isinstance(found, int) else 0.07))


def is_told(case: Case, path: tuple[Any, ...]) -> bool:
    """Whether the packet speaks of that number: those of judged checks, a gate's books, what the review counted."""
    gate = case.document["gates"][path[0]]
    if path[1] == "books":
        return True
    if path[1] == "metrics":
        judged = gate["metrics"][path[2]]["status"] != "off"
        return bool(judged and path[3] in ("value", "n", "interval", "baseline"))
    if path[1] == "facts" and gate["gate"] == "review":
        return path[2] in ("audited", "not_shown", "queued", "high_impact") and bool(gate["facts"]["audited"])
    return False


@pytest.mark.parametrize("name", ["careful-review", "errors-hide-a-drop", "policy-loosened"])
def test_changing_any_number_that_is_told_changes_the_packet_or_is_refused(
    name: str, home: Home, tmp_path: Path
) -> None:
    made = prepared_once(next(one for one in RELEASES if one.name == name), home, tmp_path)
    case = Case(made.evidence, made.policy)
    gates = case.document["gates"]
    before, told = rebuilt(case, gates), [path for path in numbers(gates) if is_told(case, path)]
    assert len(told) >= 40
    for path in told:
        try:
            after = rebuilt(case, changed(gates, path))
        except ValueError:  # the books do not close
            continue
        assert after != before, path
