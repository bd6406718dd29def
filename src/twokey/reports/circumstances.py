"""What surrounds a verdict, in the same words for every report: the change, its policy, what was let through or owed.

Nothing is escaped here and nothing is judged. A report that has none of it to tell leaves the section out.
"""

from collections.abc import Iterator
from typing import Any

from twokey.conclusion import Conclusion
from twokey.reports.figures import counted

MAX_FILES = 20
DIFF = "What the change does to policy"


def circumstances(conclusion: Conclusion) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield titles with their lines, in the order in which a person should know them; none of them is empty."""
    change = conclusion.change
    sections = (
        ("As of", (f"{conclusion.at}: a look at the past, not a verdict on today",) if conclusion.at else ()),
        ("What refusals ask for", conclusion.needed),
        ("Let through", conclusion.released),
        ("Owed for overrides", conclusion.debts),
        ("Conditions that nobody has confirmed", conclusion.conditions),
        ("The change", (f"policy in force: {conclusion.policy}", *_change(change)) if change else ()),
        ("Gates under both policies", conclusion.proposed),
        (DIFF, conclusion.policy_diff),
    )
    yield from ((title, lines) for title, lines in sections if lines)


def _change(change: Any) -> Iterator[str]:
    """Yield what is or was under review; `change` is the document of its facts."""
    files = [file["path"] for file in change["files"]]
    size = f"{counted(len(files), 'file')}, {counted(change['lines'], 'line')}"
    yield f"{change['base'][:7]}..{change['head'][:7]}: {size}"
    parts: dict[str, list[str]] = {}
    for party in change["parties"]:
        parts.setdefault(party["known_as"], []).append(party["part"])
    for known_as, had in parts.items():
        yield f"{known_as}: {', '.join(had)}"
    if change["labels"]:
        yield f"labels: {', '.join(change['labels'])}"
    if change["rollback"]:
        yield "it brings back a subject that was decided on before"
    shown = files[:MAX_FILES]
    yield f"changed: {', '.join(shown)}" + (f" and {len(files) - len(shown):,} more" if len(files) > len(shown) else "")
