"""A function of the user's as a target. It is loaded when the config names it, and when something is to be asked."""

from typing import ClassVar, Self

from twokey.functions import Function, load_function, where_raised
from twokey.targets.base import Reply, Request, Setting, TargetError
from twokey.targets.python_options import PythonOptions
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonTarget:
    """A Python function that is called with one case and returns its answer as text.

    `call: package.module:function` is looked for in what is installed, never in the working directory: on a change
    under review that holds the change's own code. `file: judges/nli.py` with `call: function` takes it from a file of
    the policy instead, which is read from where policy comes from, like gates.yaml, and whose digest is recorded.

    The function gets a dict with `id`, `input`, `output` and `context`, and `prompt` where policy names one. What it
    raises is an error in the books, told by the name of the exception and, of a file of the policy, the line.

    Limits: it runs in this process, one case at a time, with no limit on time or memory.
    """

    name: ClassVar[str] = "python"
    summary: ClassVar[str] = "a Python function, installed or from a file of the policy"
    Options: ClassVar[type[PythonOptions]] = PythonOptions

    function: Function
    place: str | None = None

    @classmethod
    def build(cls, options: PythonOptions, setting: Setting) -> Self:
        """Load the function. Raises TwokeyError where there is none, or loading it fails."""
        source = None if options.file is None else setting.read(options.file)
        place = None if options.file is None else setting.place(options.file)
        return cls(function=load_function(options.call, source, place), place=place)

    @property
    def at_once(self) -> int:
        """One: a function need not know of threads."""
        return 1

    @property
    def attempts(self) -> int:
        """One: a function that fails fails again."""
        return 1

    def ask(self, request: Request) -> Reply:
        """Call it. Raises TargetError where it raises, or returns no text."""
        case = {"id": request.id, **request.fields}
        if request.text is not None:
            case["prompt"] = request.text
        try:
            answer = self.function(case)
        except (Exception, SystemExit) as error:  # whatever somebody else's code does, the books go on
            where = where_raised(error, self.place)
            raise TargetError("raised", f"the function raised {type(error).__name__}{where}") from error
        if not isinstance(answer, str):
            raise TargetError("reply", f"the function returned {type(answer).__name__}, not text")
        return Reply(text=answer)
