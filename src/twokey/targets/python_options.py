"""What a config may say of a `python` target. Light, because every command reads a config."""

from typing import ClassVar, Literal

from twokey.config.keys import option
from twokey.config.scalars import file_path
from twokey.functions import check_call, check_place
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonOptions:
    """A function of yours."""

    PRACTICAL: ClassVar[frozenset[str]] = frozenset()
    BY_PROMPT: ClassVar[bool] = False

    kind: Literal["python"] = option("a Python function")
    call: str = option(
        "package.module:function of what is installed, or the name of a function in file", check=check_call
    )
    file: str | None = option("a Python file of the policy that holds the function", check=file_path, default=None)

    def __post_init__(self) -> None:
        """Refuse what would look in two places, and in none."""
        check_place(self.call, self.file)

    @property
    def secrets(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def files(self) -> tuple[str, ...]:
        """The file with the function, if it is one of the policy."""
        return (self.file,) if self.file is not None else ()
