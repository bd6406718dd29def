"""Values that a config writes as one word: durations, allowances, changes against a baseline.

Each knows how to read itself from a YAML scalar and how to describe itself in JSON Schema. A float anywhere in a config
may also be written as a percentage (`40%` is 0.4); the decoder does that. Checks of plain texts are here too.
"""

import math
import re
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol, Self

from twokey.config.keys import option
from twokey.values import dataclass

PERCENT = r"^[0-9]{1,15}(\.[0-9]{1,15})? ?%$"


class FromScalar(Protocol):
    """A type that reads itself from one YAML scalar."""

    EXPECTED: ClassVar[str]
    SCHEMA: ClassVar[dict[str, Any]]

    @classmethod
    def from_scalar(cls, value: str | float | bool | None) -> Self:
        """Return the value, or raise ValueError where the scalar is not one."""


def percentage(value: str) -> float:
    """Return `40%` as 0.4; raises ValueError for anything else."""
    match = re.fullmatch(r"(-?[0-9]{1,15}(?:\.[0-9]{1,15})?) ?%", value)
    if not match:
        raise ValueError(value)
    return float(Decimal(match[1]) / 100)  # in decimals, so that 2.3% is the same number as 0.023


def percent(share: float) -> str:
    """Return a share as a percentage that reads back as the same number."""
    text = f"{Decimal(repr(share)) * 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def number(value: float) -> str:
    """Return a number as short as it can be written without becoming another."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def file_path(text: str) -> None:
    """Refuse a path with a line feed or another control character: on a screen it could pass for other lines."""
    if re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
        raise ValueError("expected a path without control characters")


def relative_glob(text: str) -> None:
    """Refuse what could name a file outside the config's directory: absolute paths, `..`, backslashes."""
    file_path(text)
    if text.startswith("/") or "\\" in text or ".." in text.split("/") or re.match("[A-Za-z]:", text):
        raise ValueError("expected a path below the config's directory, with / and without ..")


def change_glob(text: str) -> None:
    """Refuse what names no file of the repository; `/` before it means from the repository's root."""
    relative_glob(text.removeprefix("/"))


def field_path(text: str) -> None:
    """Refuse what is no path into a record: an empty part, a quote, a backslash, a control character."""
    if not all(text.split(".")) or re.search(r'["\\\x00-\x1f]', text):
        raise ValueError("expected a dotted path such as response.label, without quotes and backslashes")


def utc_instant(text: str) -> None:
    """Refuse what is no instant in UTC, such as 2026-12-01T22:00Z."""
    try:
        good = re.fullmatch(r"[0-9-]{10}T[0-9:]{5,8}Z", text) and datetime.fromisoformat(text)
    except ValueError:
        good = None
    if not good:
        raise ValueError("expected an instant in UTC such as 2026-12-01T22:00Z")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, such as `90m`, `24h` or `2d`, in seconds."""

    seconds: int

    EXPECTED: ClassVar[str] = "a duration such as 90m, 24h or 2d"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "pattern": r"^0*[1-9][0-9]*[smhd]$"}

    @classmethod
    def from_scalar(cls, value: str | float | bool | None) -> Self:
        """Read `90m`."""
        match = re.fullmatch(r"([0-9]{1,6})(s|m|h|d)", value) if isinstance(value, str) else None
        if not match or not int(match[1]):
            raise ValueError(value)
        return cls(int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]])

    def __str__(self) -> str:
        for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
            if self.seconds % size == 0 and self.seconds >= size:
                return f"{self.seconds // size}{unit}"
        return f"{self.seconds}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How much worse than the baseline is allowed.

    `10%` is relative to the baseline's value, `0.01` is absolute in the metric's unit. With both, as in
    `{relative: 10%, absolute: 5}`, only what exceeds both is a regression, so that noise around a tiny value is none.
    """

    relative: float | None = option("share of the baseline's value", minimum=0, default=None)
    absolute: float | None = option("in the metric's unit", minimum=0, default=None)

    EXPECTED: ClassVar[str] = "a share of the baseline such as 10%, or an absolute number such as 0.01"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": ["string", "number"], "minimum": 0, "pattern": PERCENT}
    MOST: ClassVar[float] = math.inf

    def __post_init__(self) -> None:
        """Refuse an allowance of nothing and a negative one."""
        given = [bound for bound in (self.relative, self.absolute) if bound is not None]
        if not given or min(given) < 0:
            raise ValueError("an allowed change is at least 0, relative or absolute")
        if self.absolute is not None and self.absolute > self.MOST:
            raise ValueError(f"an allowed change is at most {self.MOST:g}")

    @classmethod
    def from_scalar(cls, value: str | float | bool | None) -> Self:
        """Read `10%` or `0.01`."""
        if isinstance(value, str):
            return cls(relative=percentage(value))
        if _is_number(value):
            return cls(absolute=float(value or 0))
        raise ValueError(value)

    def margin(self, baseline: float) -> float:
        """Return the largest allowed change in the metric's unit, given the baseline's value."""
        parts = [self.absolute] if self.absolute is not None else []
        if self.relative is not None:
            parts.append(self.relative * abs(baseline))
        return max(parts)

    def __str__(self) -> str:
        relative = percent(self.relative) if self.relative is not None else None
        absolute = number(self.absolute) if self.absolute is not None else None
        return " and ".join(part for part in (relative, absolute) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChange(Change):
    """How much worse than the baseline a share may be: `10%` of the baseline's value, or `0.01`, which is a point."""

    absolute: float | None = option("in the metric's unit, a share", minimum=0, maximum=1, default=None)

    EXPECTED: ClassVar[str] = "a share of the baseline such as 10%, or an absolute number from 0 to 1 such as 0.01"
    SCHEMA: ClassVar[dict[str, Any]] = {**Change.SCHEMA, "maximum": 1}
    MOST: ClassVar[float] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many records may have something: a count such as `0`, or a share such as `0.1%`."""

    count: int | None = None
    share: float | None = None

    EXPECTED: ClassVar[str] = "a count such as 0, or a share such as 0.1%"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": ["integer", "string"], "minimum": 0, "pattern": PERCENT}

    @classmethod
    def from_scalar(cls, value: str | float | bool | None) -> Self:
        """Read `0` or `0.1%`."""
        if isinstance(value, str):
            share = percentage(value)
            if not 0 <= share <= 1:
                raise ValueError(value)
            return cls(share=share)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(count=value)
        raise ValueError(value)

    def __str__(self) -> str:
        return str(self.count) if self.share is None else percent(self.share)


@dataclass(frozen=True, slots=True)
class Draw:
    """How many records to draw: a count, or `all`."""

    count: int | None

    EXPECTED: ClassVar[str] = "a count such as 1000, or all"
    SCHEMA: ClassVar[dict[str, Any]] = {"oneOf": [{"type": "integer", "minimum": 0}, {"const": "all"}]}

    @classmethod
    def from_scalar(cls, value: str | float | bool | None) -> Self:
        """Read `1000` or `all`."""
        if value == "all":
            return cls(None)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        raise ValueError(value)

    def __str__(self) -> str:
        return "all" if self.count is None else str(self.count)
