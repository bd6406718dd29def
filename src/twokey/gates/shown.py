"""Names that come from records, such as labels and slices, made fit to be shown in results that everybody reads.

It hides what the detectors see and keeps names apart. It judges nothing.
"""

from collections.abc import Iterable

from twokey.gates.base import Scans

HIDDEN = "[redacted]"


def shown_names(names: Iterable[str], scanner: Scans | None, within: str = "") -> dict[str, str]:
    """Return how each name is shown: as it is, or redacted where the scanner sees something, and then numbered.

    Two names never share a form, and the order in which they come cannot show: numbers follow the names' own order.

    Args:
        names: the names, each once or more often.
        scanner: sees what must not be shown; without one everything is shown as it is.
        within: the group that the names are values of, because `token=...` can tell more than its value alone.
    """
    ordered = sorted(set(names))
    redacted = {name: _redacted(name, scanner, within) for name in ordered}
    shown = {name: name for name in ordered if redacted[name] == name}
    taken = set(shown)
    for name in ordered:
        if name not in shown:
            number = 1
            while (form := f"{redacted[name]} {number}") in taken:
                number += 1
            shown[name] = form
            taken.add(form)
    return shown


def _redacted(name: str, scanner: Scans | None, within: str) -> str:
    if scanner is None or not name:
        return name
    form = str(scanner.redact_value(name))
    return HIDDEN if within and scanner.scan_value(f"{within}={form}") else form
