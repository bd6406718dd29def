"""A value declared the cheap way behaves as one declared by the standard decorator."""

import copy
import dataclasses
import pickle
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A value with each kind of field."""

    kind: ClassVar[str] = "place"

    file: str
    line: int | None = None
    notes: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.line == 0:
            raise ValueError("lines count from 1")

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Place):
    """A value that narrows another."""

    until: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A value by position, with a field that is left out of comparison and one that is not shown."""

    left: float
    seen: int = dataclasses.field(default=0, compare=False)
    right: str = dataclasses.field(default="", repr=False)


class Standard:
    """The same classes by the standard decorator."""

    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Place:
        """A value with each kind of field."""

        file: str
        line: int | None = None
        notes: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @dataclasses.dataclass(frozen=True, slots=True)
    class Pair:
        """By position."""

        left: float
        seen: int = dataclasses.field(default=0, compare=False)
        right: str = dataclasses.field(default="", repr=False)


def test_a_value_never_changes() -> None:
    value: Any = Place(file="a.py", line=3)
    for name in ("file", "line", "notes", "kind", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, "b.py")
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(value, name)
    assert value == Place(file="a.py", line=3)
    assert not hasattr(value, "__dict__")


def test_a_narrower_value_never_changes_either() -> None:
    value: Any = Range(file="a.py", line=3, until=4)
    for name in ("file", "until", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, 5)
    assert (value.file, value.line, value.until) == ("a.py", 3, 4)


def test_values_are_equal_where_the_class_and_every_field_are() -> None:
    assert Place(file="a.py") == Place(file="a.py", line=None)
    assert Place(file="a.py") != Place(file="a.py", line=1)
    assert Place(file="a.py") != Range(file="a.py", until=1)
    other: object = "a.py"
    assert Place(file="a.py") != other
    nan = float("nan")
    assert (Pair(nan) == Pair(nan)) is (Standard.Pair(nan) == Standard.Pair(nan))
    assert Pair(1, seen=1) == Pair(1, seen=2)
    assert Pair(1, right="a") != Pair(1, right="b")


def test_equal_values_have_one_hash_and_what_cannot_be_hashed_says_so() -> None:
    assert len({Pair(1, seen=1), Pair(1, seen=2), Pair(2)}) == 2
    assert hash(Pair(1, right="a")) == hash(Standard.Pair(1, right="a"))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Place(file="a.py", notes={"a": 1}))


def test_a_value_is_shown_as_the_standard_one_is() -> None:
    shown = repr(Standard.Place(file="a.py", line=3, notes={"x": 1})).removeprefix("Standard.")
    assert repr(Place(file="a.py", line=3, notes={"x": 1})) == shown
    assert f"Standard.{Pair(1, 2, 'x')!r}" == repr(Standard.Pair(1, 2, "x"))
    assert str(Place(file="a.py", line=3)) == "a.py:3", "what a class writes itself stays"


def test_a_value_that_holds_itself_can_be_shown() -> None:
    notes: dict[str, Any] = {}
    value = Place(file="a.py", notes=notes)
    notes["self"] = value
    assert repr(value) == "Place(file='a.py', line=None, notes={'self': ...})"


def test_what_takes_dataclasses_takes_values() -> None:
    value = Range(file="a.py", line=3, notes={"x": 1}, until=9)
    assert dataclasses.is_dataclass(value)
    assert dataclasses.asdict(value) == {"file": "a.py", "line": 3, "notes": {"x": 1}, "until": 9}
    assert dataclasses.replace(value, line=4) == Range(file="a.py", line=4, notes={"x": 1}, until=9)
    with pytest.raises(ValueError, match="count from 1"):
        dataclasses.replace(value, line=0)
    with pytest.raises(TypeError, match="positional"):
        Place("a.py")  # type: ignore[call-arg]
    copies: list[Any] = [pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)]  # noqa: S301 our own
    for again in copies:
        assert again == value
        with pytest.raises(dataclasses.FrozenInstanceError):
            again.line = 5


def test_only_what_is_frozen_and_has_slots_is_a_value() -> None:
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=False, slots=True)
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=True, slots=False)
