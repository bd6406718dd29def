"""Frozen dataclasses that cost a third of the standard ones to declare: `from twokey.values import dataclass`.

Before Python 3.13 the standard decorator writes and compiles seven methods for each class. A short command declares a
hundred classes, and that was a quarter of its time. Here the standard library writes `__init__` alone; what freezes,
compares, hashes and shows a value is the same code for all classes. Everything else of `dataclasses` works as ever.

It is for values that every command declares and makes by the dozen. It is not for those that are made by the million:
filling a field takes longer here. There is no `order`, and nothing that can change.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # so that a type checker sees what it knows: a frozen dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type], type]:
        """Declare a frozen dataclass with slots; both are spelt out, as with the standard decorator."""
        if not (frozen and slots):
            raise TypeError("a value is frozen and has slots; for anything else there is dataclasses.dataclass")
        return lambda cls: _declared(cls, kw_only)


def _declared(cls: type[Any], kw_only: bool) -> type[Any]:
    made = dataclasses.dataclass(slots=True, kw_only=kw_only, eq=False, repr=False)(cls)
    for name, method in _SHARED.items():
        if name not in cls.__dict__:
            setattr(made, name, method)
    return made


def _set_once(value: Any, name: str, content: Any) -> None:
    """Let `__init__` fill a field, and nobody change it."""
    if name not in value.__dataclass_fields__ or hasattr(value, name):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    object.__setattr__(value, name, content)


def _keep(_value: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


@cache
def _compared(cls: Any) -> tuple[str, ...]:
    return tuple(item.name for item in dataclasses.fields(cls) if item.compare)


def _content(value: Any) -> tuple[Any, ...]:
    cls: Any = type(value)
    return tuple([getattr(value, name) for name in _compared(cls)])


def _equal(value: Any, other: object) -> Any:
    return _content(value) == _content(other) if type(other) is type(value) else NotImplemented


def _hash(value: Any) -> int:
    return hash(_content(value))


@recursive_repr()
def _shown(value: Any) -> str:
    names = [item.name for item in dataclasses.fields(value) if item.repr]
    return f"{type(value).__qualname__}({', '.join(f'{name}={getattr(value, name)!r}' for name in names)})"


_SHARED: dict[str, Callable[..., Any]] = {
    "__setattr__": _set_once,
    "__delattr__": _keep,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _shown,
}
