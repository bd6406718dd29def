"""What a manifest covers, as bytes: results, packet, items, queue, quarantine; and the facts of the recordings.

Pure but for hashing the recordings. Nothing of the clock, the host or a person gets in.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from twokey.canonical import dump_line, dumps
from twokey.evidence.layout import ITEMS, PACKET, QUARANTINE, QUEUE, RESERVE, RESULTS
from twokey.evidence.subject import SubjectDigest, hash_file
from twokey.outcome import GateResult
from twokey.plan import Plan
from twokey.record import Role
from twokey.review.context import explained, own_rules
from twokey.review.packet import packet
from twokey.review.select import NOTHING
from twokey.sweep import Swept, recordings

RESULTS_TYPE = "urn:twokey:results:v1"


def covered_files(
    plan: Plan, swept: Swept, results: tuple[GateResult, ...], subject: SubjectDigest
) -> dict[str, bytes]:
    """Return the covered files' bytes by their place in the evidence directory."""
    drawn = swept.drawn
    selection = plan.review.selection(swept.tallies[plan.review.name]) if plan.review else NOTHING
    own = own_rules(plan.scanner)
    quarantine = plan.safety.quarantine(swept.tallies[plan.safety.name]) if plan.safety else ()
    return {
        RESULTS: dumps(
            {"type": RESULTS_TYPE, "gates": [result.plain() for result in results], "sample": drawn.plain()}
        ),
        PACKET: dumps(packet(results, subject=subject, notes=drawn.notes, config=plan.config)),
        ITEMS: _lines(explained(selection.items, results, own)),
        QUEUE: _lines(selection.queue),
        **({RESERVE: _lines(explained(selection.reserve, results, own))} if selection.reserve else {}),
        QUARANTINE: _lines(quarantine),
    }


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(map(dump_line, rows))


def recordings_facts(plan: Plan, swept: Swept) -> dict[str, Any]:
    """Return what each recording is; a judge's is named only where policy takes verdicts from one."""
    roles: tuple[Role, ...] = ("candidate", "baseline", *(("judge",) if plan.judge is not None else ()))
    return {role: recording_facts(plan, role, swept) for role in roles}


def recording_facts(plan: Plan, role: Role, swept: Swept) -> dict[str, Any] | None:
    """Return what a recording is, by content, with the lines in it that are no record."""
    if role not in swept.counted:
        return None
    sha256, size = hash_file(Path(recordings(plan)[role].path))
    return {"sha256": sha256, "size": size, **swept.counted[role].plain()}
