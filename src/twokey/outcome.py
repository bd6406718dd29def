"""The values that judging produces: books, estimates, metrics, findings, results; and the order of statuses."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, Self

from twokey.values import dataclass


class Status(StrEnum):
    """How a gate or a metric came out. Later is worse; `off` and `pass` are not findings."""

    OFF = "off"
    PASS = "pass"  # noqa: S105 a status, no password
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """The place in the order off < pass < inconclusive < fail < error."""
        return list(Status).index(self)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of some statuses. None at all is an error: nothing passes on no evidence."""
    return max(statuses, key=lambda status: status.rank, default=Status.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where every record went: total = scored + errored + unscorable + excluded, always."""

    total: int
    scored: int
    errored: int = 0
    unscorable: int = 0
    excluded: int = 0

    def __post_init__(self) -> None:
        """Refuse books that do not close."""
        if self.total != self.scored + self.errored + self.unscorable + self.excluded or min(self.counts()) < 0:
            raise ValueError(f"the books do not close: {self}")

    def counts(self) -> tuple[int, int, int, int, int]:
        """Return (total, scored, errored, unscorable, excluded)."""
        return (self.total, self.scored, self.errored, self.unscorable, self.excluded)

    def plain(self) -> dict[str, int]:
        """Return the JSON form."""
        return dict(zip(("total", "scored", "errored", "unscorable", "excluded"), self.counts(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number and what is known of it: `low` and `high` bound it at `confidence`; both equal it where all was seen.

    `method` names the interval in the field's terms, such as `Clopper-Pearson`; `n` is how many records it stands on.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    confidence: float = 0.95

    def interval(self) -> dict[str, Any]:
        """Return the interval's JSON form."""
        return {"low": self.low, "high": self.high, "confidence": self.confidence, "method": self.method}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number that a gate reports, judged or only shown.

    `limit` is the policy's rule in words, such as `min 0.95`, or None where the metric is only shown (status `off`).
    `reason` says in one sentence why the status is what it is. `baseline` is the baseline's value of the same metric.
    `facts` holds more of the same (per-label values, the minimum detectable effect), plain JSON.
    """

    name: str
    status: Status
    reason: str
    books: Books
    estimate: Estimate | None = None
    limit: str | None = None
    baseline: float | None = None
    slice: str | None = None
    unit: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The metric's name with its slice, such as `accuracy[channel=chat]`."""
        return f"{self.name}[{self.slice}]" if self.slice else self.name

    def plain(self) -> dict[str, Any]:
        """Return the JSON form."""
        est = self.estimate
        return {
            "id": self.id,
            "name": self.name,
            "slice": self.slice,
            "status": self.status.value,
            "reason": self.reason,
            "value": est.value if est else None,
            "interval": est.interval() if est else None,
            "n": est.n if est else 0,
            "unit": self.unit,
            "limit": self.limit,
            "baseline": self.baseline,
            "books": self.books.plain(),
            "facts": dict(self.facts),
        }

    @classmethod
    def from_plain(cls, row: Mapping[str, Any]) -> Self:
        """Read the JSON form back. Raises KeyError, TypeError or ValueError where it is not one."""
        interval = row["interval"]
        return cls(
            name=row["name"],
            slice=row["slice"],
            status=Status(row["status"]),
            reason=row["reason"],
            books=Books(**row["books"]),
            estimate=Estimate(value=row["value"], n=row["n"], **interval) if interval else None,
            limit=row["limit"],
            baseline=row["baseline"],
            unit=row["unit"],
            facts=row["facts"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a gate saw that is not a pass. Somebody must claim it, or it blocks."""

    gate: str
    check: str
    status: Status
    message: str
    examples: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A stable name, such as `quality.accuracy[channel=chat]`: the same finding has it in every run."""
        return f"{self.gate}.{self.check}"

    def plain(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "id": self.id,
            "gate": self.gate,
            "check": self.check,
            "status": self.status.value,
            "message": self.message,
            "examples": list(self.examples),
        }

    @classmethod
    def from_plain(cls, row: Mapping[str, Any]) -> Self:
        """Read the JSON form back. Raises KeyError, TypeError or ValueError where it is not one."""
        return cls(
            gate=row["gate"],
            check=row["check"],
            status=Status(row["status"]),
            message=row["message"],
            examples=tuple(row["examples"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What one gate concluded from its tally, with a reason whatever the status."""

    gate: str
    status: Status
    reason: str
    books: Books
    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def metric(self, metric_id: str) -> Metric | None:
        """Return the metric with that id, or None."""
        return next((metric for metric in self.metrics if metric.id == metric_id), None)

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, as it stands in results.json."""
        return {
            "gate": self.gate,
            "status": self.status.value,
            "reason": self.reason,
            "books": self.books.plain(),
            "metrics": [metric.plain() for metric in self.metrics],
            "findings": [finding.plain() for finding in self.findings],
            "facts": dict(self.facts),
        }

    @classmethod
    def from_plain(cls, row: Mapping[str, Any]) -> Self:
        """Read the JSON form back. Raises KeyError, TypeError or ValueError where it is not one."""
        return cls(
            gate=row["gate"],
            status=Status(row["status"]),
            reason=row["reason"],
            books=Books(**row["books"]),
            metrics=tuple(Metric.from_plain(metric) for metric in row["metrics"]),
            findings=tuple(Finding.from_plain(finding) for finding in row["findings"]),
            facts=row["facts"],
        )


def conclude_gate(
    gate: str,
    books: Books,
    metrics: Iterable[Metric],
    *,
    examples: Mapping[str, tuple[str, ...]] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> GateResult:
    """Make a gate's result of its judged metrics: one finding for each that is not a pass, the worst status overall.

    A gate in which no metric was judged is an error. `examples` holds record ids by metric id.
    """
    metrics = tuple(metrics)
    judged = [metric for metric in metrics if metric.status is not Status.OFF]
    findings = tuple(
        Finding(gate=gate, check=m.id, status=m.status, message=m.reason, examples=(examples or {}).get(m.id, ()))
        for m in judged
        if m.status is not Status.PASS
    )
    status = worst(metric.status for metric in judged)
    if findings:
        reason = "; ".join(finding.message for finding in findings[:3])
        reason += f"; and {len(findings) - 3} more" if len(findings) > 3 else ""
    elif judged:
        reason = f"{len(judged)} of {len(judged)} checks hold"
    else:
        reason = "nothing was judged: policy sets no limit here"
        findings = (Finding(gate=gate, check="policy", status=Status.ERROR, message=reason),)
    return GateResult(
        gate=gate, status=status, reason=reason, books=books, metrics=metrics, findings=findings, facts=facts or {}
    )
