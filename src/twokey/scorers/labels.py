"""When two labels are the same: 1, 1.0 and "1" are, objects and lists go by canonical JSON."""

from typing import Any

from twokey.canonical import dump_line, sha256

LONG = 120
"""Characters from which a text is replaced by its digest, which compares as exactly and takes no room."""

_TEXTS = frozenset({str, type(None)})


def label_text(value: Any) -> str:
    """Return a label as the text that is compared; long text is replaced by its digest."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    elif isinstance(value, (int, float)):
        text = str(value)
    else:
        text = _structured(value)
    return text if len(text) <= LONG else f"sha256:{sha256(text.encode('utf-8', 'backslashreplace'))}"


def label_texts(labels: list[Any]) -> list[str | None]:
    """Return labels as the texts that are compared; short texts, which are the usual ones, are that already."""
    if _TEXTS.issuperset(map(type, labels)) and max(map(len, {*labels} - {None}), default=0) <= LONG:
        return labels
    return [
        label if label is None or (type(label) is str and len(label) <= LONG) else label_text(label) for label in labels
    ]


def _structured(value: Any) -> str:
    try:
        return dump_line(value).decode("utf-8", "backslashreplace").rstrip("\n")
    except ValueError:
        return repr(value)
