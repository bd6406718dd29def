"""Evidence comes from anybody: a manifest, packet or row of another form is refused, wherever it is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from run_world import hostile_run

from twokey.canonical import dumps, sha256
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import COVERED, ITEMS, MANIFEST, PACKET, QUARANTINE, QUEUE, RESULTS
from twokey.evidence.manifest import parse_manifest
from twokey.evidence.store import read_evidence

WRONG: tuple[Any, ...] = (None, [], {}, 3, "x", [1], {"a": 1}, True)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return hostile_run("calm").evidence


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, part in inner for place in places(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    copy = json.loads(json.dumps(value))
    if not path:
        return wrong
    at = copy
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = wrong
    return copy


def of_one_kind(one: Any, other: Any) -> bool:
    return type(one) is type(other) and not isinstance(one, dict)


def test_a_manifest_of_another_form_is_refused_wherever_it_is_wrong(evidence: Evidence) -> None:
    manifest = json.loads(json.dumps(dict(evidence.manifest)))
    parse_manifest(dumps(manifest))
    tried = 0
    for path in places(manifest):
        for wrong in WRONG:
            old = manifest
            for step in path:
                old = old[step]
            if of_one_kind(old, wrong) or (wrong is None and path == ("recordings", "baseline")):
                continue
            tried += 1
            with pytest.raises(TwokeyError, match=r"is not a manifest|covers"):
                parse_manifest(dumps(replaced(manifest, path, wrong)))
    assert tried > 200


@pytest.mark.parametrize("place", [(), ("tool",), ("subject",), ("policy",), ("recordings", "candidate")])
def test_a_manifest_with_a_key_more_or_less_is_refused(evidence: Evidence, place: tuple[str, ...]) -> None:
    for more in (True, False):
        manifest = json.loads(json.dumps(dict(evidence.manifest)))
        table = manifest
        for step in place:
            table = table[step]
        if more:
            table["more"] = 1
        else:
            table.popitem()
        with pytest.raises(TwokeyError, match="is not a manifest"):
            parse_manifest(dumps(manifest))


def forged(directory: Path, evidence: Evidence, name: str, data: bytes) -> Path:
    """Evidence whose manifest covers other bytes than were judged, as somebody would make it who has no run."""
    files = {**evidence.files, name: data}
    rows = [{"path": path, "sha256": sha256(files[path]), "size": len(files[path])} for path in sorted(COVERED)]
    for path, content in {**files, MANIFEST: dumps({**evidence.manifest, "files": rows})}.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)
    return directory


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (RESULTS, b"{}"),
        (RESULTS, b'{"gates": 3}'),
        (RESULTS, b'{"gates": [{}]}'),
        (RESULTS, b"nothing"),
        (PACKET, b"[]"),
        (PACKET, b""),
        (ITEMS, b"{}\n"),
        (ITEMS, b'{"id": 3, "stratum": "audit"}\n'),
        (ITEMS, b"3\n"),
        (QUARANTINE, b"null\n"),
        (QUARANTINE, b'{"id": "a"}\n'),
        (QUARANTINE, b'{"id": "a", "output": 1, "rules": [3]}\n'),
    ],
)
def test_forged_files_of_another_form_are_refused_by_name(
    tmp_path: Path, evidence: Evidence, name: str, data: bytes
) -> None:
    with pytest.raises(TwokeyError, match=name.replace(".", r"\.")):
        read_evidence(forged(tmp_path, evidence, name, data))


def test_forged_files_of_the_right_form_read_as_other_evidence(tmp_path: Path, evidence: Evidence) -> None:
    assert read_evidence(forged(tmp_path, evidence, QUEUE, b"{}\n")).digest != evidence.digest
