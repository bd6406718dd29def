"""The drift gate's measures of what has names: labels, sources, groups; names that are new, and names that are gone.

Names come from records and may hold anything, so what the scanner sees in one is hidden before it is shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from twokey.canonical import quantise
from twokey.gates.base import Scans
from twokey.gates.drift_compare import distances, parts_of_categories
from twokey.gates.drift_measures import Allowed, Compared, absent, share
from twokey.gates.drift_options import MAX_PSI, CategoryAllowance, DriftOptions, Mix
from twokey.gates.drift_tally import MAX_LABELS, MAX_VALUES, Categories, Seen
from twokey.gates.drift_unseen import unseen_categories
from twokey.gates.limits import counted
from twokey.gates.shown import shown_names
from twokey.outcome import Status

MAX_NEW = 0.01
_SHOWN = 10
_SHOWN_LENGTH = 60
_SHOWN_COUNT = 5


def categories(now: Seen, before: Seen, options: DriftOptions, scanner: Scans | None) -> Iterator[Compared]:
    """Yield the measures of labels, sources and groups."""
    yield from _named("labels", None, now.labels, before.labels, options.labels, options, scanner)
    if options.sources is not None or {*now.sources, *before.sources} - {"unknown"}:
        yield _mix("sources", "sources", None, now.sources, before.sources, options.sources, scanner)
    for group in options.groups:
        here, there, limits = now.groups.get(group, {}), before.groups.get(group, {}), options.group_limits or Mix()
        yield from _named("groups", group, here, there, limits, options, scanner)


def _named(
    watched: str,
    group: str | None,
    now: Categories,
    before: Categories,
    limits: Mix | None,
    options: DriftOptions,
    scanner: Scans | None,
) -> Iterator[Compared]:
    name = "labels" if group is None else "group"
    if now is None or before is None:
        most = MAX_LABELS if group is None else MAX_VALUES
        which = "either recording has" if now is before else "the candidate has" if now is None else "the baseline has"
        why = f"{which} more than {most:,} values, which are no categories"
        found = absent(name, watched, group, 0, 0, asked=limits is not None, why=why)
        one_sided = bool(now or before) and found.unable is Status.OFF
        yield replace(found, unable=Status.INCONCLUSIVE) if one_sided else found
        return
    found = _mix(name, watched, group, now, before, limits, scanner)
    yield found
    if found.tests:
        yield _only(f"{name}_new", watched, group, now, before, options.new_categories, scanner)
        yield _only(f"{name}_vanished", watched, group, before, now, options.vanished_categories, scanner)


def _mix(
    name: str,
    watched: str,
    group: str | None,
    now: Mapping[str, int],
    before: Mapping[str, int],
    limits: Mix | None,
    scanner: Scans | None,
) -> Compared:
    n, m = sum(now.values()), sum(before.values())
    if not n or not m:
        return absent(name, watched, group, n, m, asked=limits is not None)
    parts = parts_of_categories(now, before)
    shape, strength = distances(parts, MAX_PSI, 1.0)
    max_psi, max_v = (limits.max_psi, limits.max_v) if limits else (None, None)
    tests = distances(parts, MAX_PSI if max_psi is None and max_v is None else max_psi, max_v)
    return Compared(
        name=name,
        watched=watched,
        part=group,
        n=n,
        m=m,
        estimate=counted(tests[0].value, n, tests[0].effect),
        tests=tuple(tests),
        facts={
            "psi": quantise(shape.value),
            "cramers_v": quantise(strength.value),
            "categories": {"compared": len(parts), "rare": sum(len(part.names) for part in parts if part.rare)},
            "moved_most": _moved(now, before, scanner, group),
        },
    )


def _moved(
    now: Mapping[str, int], before: Mapping[str, int], scanner: Scans | None, group: str | None
) -> list[Mapping[str, Any]]:
    n, m = sum(now.values()), sum(before.values())
    apart = {name: abs(now.get(name, 0) * m - before.get(name, 0) * n) for name in {*now, *before}}
    names = [name for name in apart if apart[name] and _showable(name, now.get(name, 0) + before.get(name, 0), group)]
    ranked = sorted(names, key=lambda name: (-apart[name], name))[:_SHOWN]
    shown = shown_names(ranked, scanner, group or "")
    return [{"name": shown[name], "candidate": now.get(name, 0), "baseline": before.get(name, 0)} for name in ranked]


def _showable(name: str, seen: int, group: str | None) -> bool:
    """Return whether a name may be shown: a label may be free text that a model wrote, so it must repeat."""
    repeats = group is not None or seen >= _SHOWN_COUNT
    return repeats and len(name) <= _SHOWN_LENGTH and name.isprintable()


def _only(
    name: str,
    watched: str,
    group: str | None,
    here: Mapping[str, int],
    there: Mapping[str, int],
    rule: CategoryAllowance | None,
    scanner: Scans | None,
) -> Compared:
    """Return the measure of what one recording has and the other has not: `here` is the one that has it."""
    found, new = unseen_categories(here, there, MAX_NEW), name.endswith("_new")
    n, m = (found.total, sum(there.values())) if new else (sum(there.values()), found.total)
    what = "have a value that the baseline has not" if new else "of the baseline have a value that is gone"
    names = [each for each in found.names if _showable(each, here[each], group)]
    names = sorted(names, key=lambda each: (-here[each], each))[:_SHOWN]
    facts = {
        "share": quantise(found.share),
        "expected": quantise(found.expected),
        "values": len(found.names),
        "names": sorted(shown_names(names, scanner, group or "").values()),
    }
    return Compared(
        name=name,
        watched=watched,
        part=group,
        n=n,
        m=m,
        estimate=counted(found.distance.value, found.total, "beyond the expected"),
        tests=() if rule else (found.distance,),
        says=f"{share(found.share)} of {found.total:,} records {what}, and {share(found.expected)} were to be expected",
        allowed=Allowed(count=found.count, total=found.total, allowance=rule.max, what=f"records {what}")
        if rule
        else None,
        facts=facts,
    )
