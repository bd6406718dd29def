"""The labelling config that goes with exported tasks: what Label Studio shows, and the controls that make a grade.

It is the same for every evidence: nothing of an item, a reviewer or a policy is written into it.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from twokey.review.grades import CERTAINTIES, GRADE_VALUES, SEVERITIES
from twokey.review.trade.fields import OPINION, SHOWN

CHOICES: dict[str, tuple[str, ...]] = {"grade": GRADE_VALUES, "severity": SEVERITIES, "certainty": CERTAINTIES}
TEXTS = ("correction", "reason")
GRADED_ON = "output"
"""The text that every control is about."""

_HEADERS = {
    "asked": "What is asked of you",
    "input": "What was asked",
    "output": "What came back",
    "label": "Its label",
    "expected": "Expected",
    "context": "Context",
    "impact": "Impact",
    OPINION: "What the machine thinks",
}
_CONTROLS = {
    "grade": "Your grade",
    "severity": "How bad is it?",
    "correction": "What should it say?",
    "reason": "Why?",
    "certainty": "How sure are you?",
}
_ONLY_WITH = {"severity": "fail", "correction": "edit"}
_KEYS: dict[str, str] = dict(zip(GRADE_VALUES, "pfesba", strict=True))


def config(*, opinion: bool) -> bytes:
    """Return the config as XML. With `opinion` it shows that too, and fits only tasks that have it."""
    view = Element("View")
    for name in (*sorted(SHOWN, key=list(_HEADERS).index), *([OPINION] if opinion else [])):
        SubElement(view, "Header", value=_HEADERS[name])
        SubElement(view, "Text", name=name, value=f"${name}", valueType="text")
    for name, question in _CONTROLS.items():
        block = SubElement(view, "View", _shown_with(name))
        SubElement(block, "Header", value=question)
        if name in CHOICES:
            _choices(block, name)
        else:
            SubElement(block, "TextArea", _control(name) | {"maxSubmissions": "1", "editable": "true", "rows": "3"})
    indent(view)
    return tostring(view, encoding="unicode").encode() + b"\n"


def _choices(block: Element, name: str) -> None:
    required = {"required": "true"} if name != "certainty" else {}
    box = SubElement(block, "Choices", _control(name) | {"choice": "single-radio", "showInline": "true"} | required)
    for value in CHOICES[name]:
        SubElement(box, "Choice", {"value": value} | ({"hotkey": _KEYS[value]} if name == "grade" else {}))


def _control(name: str) -> dict[str, str]:
    return {"name": name, "toName": GRADED_ON, **_shown_with(name)}


def _shown_with(name: str) -> dict[str, str]:
    if name not in _ONLY_WITH:
        return {}
    return {"visibleWhen": "choice-selected", "whenTagName": "grade", "whenChoiceValue": _ONLY_WITH[name]}
