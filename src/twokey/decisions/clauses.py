"""When a clause of a checkpoint holds, and on which facts. Pure: situation and clause in, a match out.

Whatever cannot be known holds: a share that nobody could compute, a change that nobody can see.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from twokey import canonical
from twokey.config.globs import names
from twokey.config.judging import to_plain
from twokey.config.shape import Opens
from twokey.decisions.situation import Situation
from twokey.outcome import Finding, Status
from twokey.repository.change import Change, ChangedFile
from twokey.values import dataclass

UNSEEN = "nobody can say what is under review here (--policy-ref names the branch that it would go to)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A clause that holds: what it says, the findings it names, and the facts it stands on, as they are signed."""

    sentence: str
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any]
    by_change: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One part of a clause that holds: its sentence, and the facts it adds."""

    sentence: str
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()


_Rule = Callable[[Opens, Situation], _Part | None]


def match(clause: Opens, situation: Situation) -> Match | None:
    """Return how a clause holds, or None. All that it gives must hold."""
    parts = []
    for asked, rule in _RULES.items():
        if not asked(clause):
            continue
        part = rule(clause, situation)
        if part is None:
            return None
        parts.append(part)
    return Match(
        sentence="; ".join(part.sentence for part in parts),
        findings=tuple(finding for part in parts for finding in part.findings),
        facts={"clause": _plain(clause), **{key: value for part in parts for key, value in part.facts.items()}},
        by_change=clause.about_change,
    )


def finding_fact(finding: Finding) -> dict[str, str]:
    """Return a finding as it stands among signed facts: which one, and how it came out."""
    return {"id": finding.id, "status": finding.status.value}


def _plain(clause: Opens) -> dict[str, Any]:
    """Return what a clause says, without what it leaves at its default; the order of its lists does not matter."""
    written = to_plain(clause)
    default = to_plain(Opens())
    given = {key: value for key, value in written.items() if value != default.get(key)}
    return {key: sorted(value) if isinstance(value, list) else value for key, value in given.items()}


def _findings(clause: Opens, situation: Situation) -> _Part | None:
    found = sorted((f for f in situation.findings if _names(clause, f)), key=lambda f: (f.id, f.status.value))
    if not found:
        return None
    sentence = ", ".join(f"{finding.id} is {finding.status.value}" for finding in found)
    return _Part(sentence=sentence, facts={}, findings=tuple(found))


def _names(clause: Opens, finding: Finding) -> bool:
    """Return whether a clause is about a finding. A failed safety gate must be named: `any finding` is not enough."""
    if finding.status.value not in clause.status:
        return False
    if finding.gate == "safety" and finding.status is Status.FAIL and "safety" not in clause.gates:
        return False
    of_metric = not clause.metrics or finding.check.split("[", 1)[0] in clause.metrics
    return of_metric and (not clause.gates or finding.gate in clause.gates)


def _share(clause: Opens, situation: Situation) -> _Part | None:
    share = situation.low_confidence_share
    known = canonical.quantise(share) if share is not None and math.isfinite(share) else None
    limit = clause.low_confidence_share or 0.0
    if known is not None and known < canonical.quantise(limit):
        return None
    said = "not known" if known is None else f"{known * 100:g}%"
    sentence = f"the share of low-confidence outputs is {said}; this opens from {limit * 100:g}%"
    return _Part(sentence=sentence, facts={"low_confidence_share": known})


def _impact(clause: Opens, situation: Situation) -> _Part | None:
    if situation.impacts is None:
        return _Part(sentence="nobody can say which impact the judged records have", facts={"impact": None})
    found = sorted(set(clause.impact) & set(situation.impacts))
    if not found:
        return None
    return _Part(sentence=f"records of the impact {', '.join(found)} were judged", facts={"impact": found})


def _paths(clause: Opens, situation: Situation) -> _Part | None:
    if situation.change is None:
        return _Part(sentence=f"changed files may match {', '.join(clause.paths)}: {UNSEEN}", facts={"files": None})
    found = tuple(_matching(clause, situation.change))
    if not found:
        return None
    shown = ", ".join(file.path for file in found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
    return _Part(sentence=f"the change touches {shown}", facts={"files": [[file.path, file.blob] for file in found]})


def _matching(clause: Opens, change: Change) -> Iterator[ChangedFile]:
    """Yield the changed files that a glob of the clause names."""
    return (file for file in change.files if any(names(glob, file.path, change.prefix) for glob in clause.paths))


def _size(clause: Opens, situation: Situation) -> _Part | None:
    """Whether the change is large. Only that it is gets signed: one more line makes no approval stale."""
    change = situation.change
    if change is None:
        return _Part(sentence=f"the change may be large: {UNSEEN}", facts={"large": None})
    sizes = ((clause.changed_files, len(change.files), "files"), (clause.changed_lines, change.lines, "lines"))
    asked = [(limit, size, unit) for limit, size, unit in sizes if limit is not None]
    if any(size < limit for limit, size, _ in asked):
        return None
    sentence = " and ".join(f"{size:,} changed {unit}; this opens from {limit:,}" for limit, size, unit in asked)
    return _Part(sentence=sentence, facts={"large": True})


def _labels(clause: Opens, situation: Situation) -> _Part | None:
    labels = situation.change.labels if situation.change else None
    if labels is None:
        said = f"the request may carry the label {' or '.join(clause.labels)}: no host says which it has"
        return _Part(sentence=said, facts={"labels": None})
    found = sorted(set(clause.labels) & set(labels))
    if not found:
        return None
    return _Part(sentence=f"the request carries the label {', '.join(found)}", facts={"labels": found})


def _rollback(_: Opens, situation: Situation) -> _Part | None:
    if situation.change is None:
        return _Part(sentence=f"this may be a rollback: {UNSEEN}", facts={"rollback": None})
    if not situation.change.rollback:
        return None
    return _Part(sentence="the change brings back a subject that was decided on before", facts={"rollback": True})


def _unwitnessed(_: Opens, situation: Situation) -> _Part | None:
    if not situation.unwitnessed:
        return None
    sentence = f"nobody vouches for the recording: {', '.join(situation.unwitnessed)} unwitnessed"
    return _Part(sentence=sentence, facts={"unwitnessed": sorted(situation.unwitnessed)})


def _unpinned(_: Opens, situation: Situation) -> _Part | None:
    if situation.pinned:
        return None
    return _Part(sentence="the subject is unpinned: no files of it are named", facts={"unpinned": True})


_RULES: Mapping[Callable[[Opens], Any], _Rule] = {
    lambda clause: clause.about_findings: _findings,
    lambda clause: clause.low_confidence_share is not None: _share,
    lambda clause: clause.impact: _impact,
    lambda clause: clause.paths: _paths,
    lambda clause: clause.changed_files or clause.changed_lines: _size,
    lambda clause: clause.labels: _labels,
    lambda clause: clause.rollback: _rollback,
    lambda clause: clause.unwitnessed: _unwitnessed,
    lambda clause: clause.unpinned: _unpinned,
}
