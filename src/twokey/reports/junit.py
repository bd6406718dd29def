"""The report that CI hosts show as tests: a suite for each gate, a case for each check."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from twokey.conclusion import Conclusion, Verdict
from twokey.outcome import Finding, GateResult, Metric, Status
from twokey.reports import escape, figures, wording
from twokey.reports.base import Run
from twokey.reports.circumstances import DIFF, circumstances

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_TEXT = 2000
MAX_EXAMPLES = 20


class JunitReport:
    """JUnit XML: a suite for each gate, a case for each check that policy judges (never one for each record).

    - `failure`: the gate failed, or was inconclusive and no checkpoint claims that, so that it blocks.
    - `error`: the check could not be made.
    - `skipped`: it waits for a person: inconclusive and claimed by a checkpoint, or the checkpoint itself. Also a
      finding that a person has accepted by a decision or released by an override that counts: it is no pass, and the
      host must not stop for it.

    The last suite, `conclusion`, holds the verdict and the checkpoints, so that a run that may not go on is never all
    green. Numbers on which policy sets no limit are properties of their suite. There are no times in it: the
    same evidence and conclusion give the same bytes.

    A host that reads this file sets no verdict of its own: let the exit status of `twokey` decide.
    """

    name: ClassVar[str] = "junit"
    summary: ClassVar[str] = "test results for the CI host"
    filename: ClassVar[str | None] = "junit.xml"

    def render(self, run: Run) -> str:
        """Return the XML document."""
        from xml.etree.ElementTree import Element, indent, tostring

        root = Element("testsuites", name="twokey")
        root.extend(_suite(title, result, run.conclusion) for title, result in wording.all_results(run))
        root.append(_conclusion(run))
        _count(root, list(root.iter("testcase")))
        if run.conclusion.at:
            for suite in (root, *root):
                suite.set("name", f"{suite.get('name')} (as of {run.conclusion.at})")
        indent(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(title: str, result: GateResult, conclusion: Conclusion) -> "Element":
    suite = _element("testsuite", name=title)
    properties = _element("properties")
    properties.append(_element("property", name="status", value=result.status.value))
    properties.append(_element("property", name="reason", value=result.reason))
    properties.append(_element("property", name="books", value=figures.books(result.books)))
    for metric in wording.shown_only(result):
        properties.append(_element("property", name=metric.id, value=figures.value(metric)))
    suite.append(properties)
    cases = list(_cases(title, result, conclusion))
    suite.extend(cases)
    _count(suite, cases)
    return suite


def _cases(title: str, result: GateResult, conclusion: Conclusion) -> "Iterator[Element]":
    findings = {finding.check: finding for finding in result.findings}
    checks = wording.judged(result)
    for metric in checks:
        finding = findings.pop(metric.id, None)
        yield _case(title, metric.id, metric.status, metric.reason, finding, conclusion, _numbers(metric))
    for check, finding in findings.items():
        yield _case(title, check, finding.status, finding.message, finding, conclusion)
    if not checks and not result.findings:
        yield _case(title, result.gate, result.status, result.reason, None, conclusion)


def _case(
    title: str,
    check: str,
    status: Status,
    reason: str,
    finding: Finding | None,
    conclusion: Conclusion,
    detail: str = "",
) -> "Element":
    case = _element("testcase", classname=f"twokey.{title}", name=check)
    kind = _kind(status, finding, conclusion)
    fate = wording.fate(finding, conclusion) if finding else ""
    if kind is None:
        case.append(_text("system-out", "\n".join(part for part in (reason, detail) if part)))
        return case
    message = f"{status.value}: {reason}"
    examples = f"records: {', '.join(finding.examples[:MAX_EXAMPLES])}" if finding and finding.examples else ""
    body = _text(kind, "\n".join(part for part in (reason, detail, fate, examples) if part))
    body.set("message", _clean(f"{message} ({fate})" if kind == "skipped" and fate else message))
    if kind != "skipped":
        body.set("type", status.value)
    case.append(body)
    return case


def _kind(status: Status, finding: Finding | None, conclusion: Conclusion) -> str | None:
    """Return the element that tells a case's status, or None for a pass."""
    if status is Status.PASS:
        return None
    if status is Status.OFF:
        return "skipped"
    states = wording.settled_by(finding, conclusion) if finding else ()
    released = finding is not None and not states and bool(conclusion.overridden_by)
    if released or (states and not any(state.open for state in states)):
        return "skipped"
    if status is Status.ERROR:
        return "error"
    return "skipped" if status is Status.INCONCLUSIVE and states else "failure"


def _numbers(metric: Metric) -> str:
    parts = [f"value {figures.value(metric)}", f"interval {figures.interval(metric)}", f"limit {metric.limit}"]
    if metric.baseline is not None:
        parts.append(f"baseline {figures.baseline(metric)}")
    return ", ".join(parts)


def _conclusion(run: Run) -> "Element":
    conclusion = run.conclusion
    suite = _element("testsuite", name="conclusion")
    properties = _element("properties")
    for name in ("subject", "environment", "repository", "manifest"):
        properties.append(_element("property", name=name, value=str(getattr(conclusion, name))))
    for title, lines in circumstances(conclusion):
        if title != DIFF:
            properties.append(_element("property", name=title, value="; ".join(lines)))
    suite.append(properties)
    cases = [_outcome("verdict", _VERDICTS[conclusion.verdict], conclusion.verdict.label, conclusion.reasons)]
    for state in conclusion.checkpoints:
        kind = "failure" if state.refused_by else "skipped" if state.open else None
        lines = (*state.opened_by, f"may close it: {state.closers}")
        cases.append(_outcome(f"checkpoint {state.name}", kind, wording.standing(state), lines))
    suite.extend(cases)
    _count(suite, cases)
    return suite


_VERDICTS = {
    Verdict.PASS: None,
    Verdict.NEEDS_DECISION: "skipped",
    Verdict.BLOCK: "failure",
    Verdict.ERROR: "error",
}


def _outcome(name: str, kind: str | None, message: str, lines: tuple[str, ...]) -> "Element":
    case = _element("testcase", classname="twokey.conclusion", name=name)
    body = _text(kind or "system-out", "\n".join(lines))
    if kind:
        body.set("message", _clean(message))
    if kind in ("failure", "error"):
        body.set("type", _clean(message))
    case.append(body)
    return case


def _count(element: "Element", cases: "list[Element]") -> None:
    """Set the numbers of cases, failures, errors and skipped cases that readers show."""
    element.set("tests", str(len(cases)))
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(kind) is not None for case in cases)))


def _element(tag: str, **attributes: str) -> "Element":
    from xml.etree.ElementTree import Element

    return Element(tag, {name: _clean(value) for name, value in attributes.items()})


def _text(tag: str, text: str) -> "Element":
    element = _element(tag)
    element.text = escape.clip(escape.xml(text), MAX_TEXT)
    return element


def _clean(text: str) -> str:
    return escape.clip(escape.one_line(text), MAX_TEXT)
