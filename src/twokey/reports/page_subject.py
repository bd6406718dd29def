"""The part of report.html that says what would be released and what it was judged on, by content."""

from collections.abc import Iterator, Mapping
from typing import Any

from twokey.evidence.layout import short
from twokey.reports import wording
from twokey.reports.base import Run
from twokey.reports.elements import Child, Markup, el, join
from twokey.reports.figures import counted
from twokey.reports.page_gates import definitions, section, table

MAX_FILES = 500
SHOWN_FILES = 6


def subject(run: Run) -> Markup:
    """Return the section on the subject's files, the recordings and the policy. manifest.json has digests in full."""
    manifest = run.evidence.manifest
    about = _mapping(manifest.get("subject"))
    files = [_mapping(file) for file in about.get("files") or ()]
    pinned = _digest(about.get("digest")) if files else "not pinned: no files are named, only the name is known"
    facts = [
        ("subject", join(wording.subject_name(run), ", owned by ", str(about.get("owner")))),
        ("by content", join(pinned, "; ", wording.at_hand(run.conclusion))),
        *_recordings(_mapping(manifest.get("recordings"))),
        ("judging policy", _digest(_mapping(manifest.get("policy")).get("sha256"))),
        ("seed", str(manifest.get("seed"))),
    ]
    return section("changed", "What would be released", definitions(facts), _files(files) if files else None)


def _files(files: list[Mapping[str, Any]]) -> Markup:
    rows = [
        (el("code", str(file.get("path"))), _bytes(file.get("size")), _digest(file.get("sha256")))
        for file in files[:MAX_FILES]
    ]
    more = el("p", f"and {len(files) - MAX_FILES:,} more in manifest.json") if len(files) > MAX_FILES else None
    listed = table(("file", "size", "content"), rows, "files of the subject")
    what = f"{len(files):,} files make the subject" if len(files) > 1 else "one file makes the subject"
    return el("details", el("summary", what), listed, more, open=len(files) <= SHOWN_FILES)


def _recordings(recordings: Mapping[str, Any]) -> Iterator[tuple[str, Child]]:
    judged = _mapping(recordings.get("candidate")).get("sha256")
    for role, facts in recordings.items():
        known = _mapping(facts)
        if not known:
            yield f"{role} recording", "none"
            continue
        told = ("sha256", "size", "unreadable")
        rest = {key: value for key, value in known.items() if key not in told}
        parts = (_bytes(known.get("size")), *wording.lines_of(rest), _unreadable(_mapping(known.get("unreadable"))))
        same = role == "baseline" and known.get("sha256") == judged
        note = el("strong", "; it is the candidate's, byte for byte: comparing them shows nothing") if same else None
        yield f"{role} recording", join(_digest(known.get("sha256")), f" {'; '.join(parts)}", note)


def _unreadable(lines: Mapping[str, Any]) -> str:
    count = lines.get("count", 0)
    return f"{counted(count, 'line')} could not be read" if count else "every line could be read"


def _digest(digest: object) -> Markup:
    return el("code", f"sha256:{short(str(digest))}...") if digest else join("no digest")


def _bytes(size: object) -> str:
    return f"{size:,} bytes" if isinstance(size, int) else "size unknown"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
