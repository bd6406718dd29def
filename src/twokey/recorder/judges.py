"""A judge as policy has it: its settings, its prompt, and what a recording of its answers must say of itself.

Built to be asked, and to read what was answered: both sides take the same digests, so that they cannot disagree.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Self

from twokey.canonical import digest, sha256
from twokey.config.judges import Judge, normalised
from twokey.config.judging import judge_settings
from twokey.config.shape import Recording
from twokey.errors import Place, TwokeyError
from twokey.recorder.header import Header, differences, read_header
from twokey.recorder.prompt import Prompt
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSpec:
    """A judge with its prompt read. `settings` is the digest of all that decides its answers, the prompt aside."""

    name: str
    judge: Judge
    prompt: Prompt | None
    settings: str

    @classmethod
    def of(cls, name: str, judge: Judge, read: Callable[[str], bytes], place: Callable[[str], str]) -> Self:
        """Read the files of policy that it names. Raises ConfigError or TwokeyError."""
        prompt = Prompt.parse(read(judge.prompt), place(judge.prompt)) if judge.prompt is not None else None
        files = [sha256(read(path)) for path in judge.target.files]
        return cls(name=name, judge=judge, prompt=prompt, settings=digest({**judge_settings(judge), "files": files}))

    def header(self, candidate_sha256: str) -> Header:
        """Return what the recording of its answers about that candidate says of itself."""
        prompt = self.prompt.sha256 if self.prompt is not None else None
        return Header(judge=self.name, settings=self.settings, prompt=prompt, candidate=candidate_sha256)

    def recording(self) -> Recording:
        """Return how the recording is read: a verdict is a label, an error an error."""
        path = self.judge.recording
        return Recording(path=path, format="jsonl", id="id", hallucinated="verdict", error="error.class")

    def refuse_other(self, path: Path, candidate_sha256: str) -> None:
        """Look whether a recording is this judge's, about that candidate.

        Raises:
            TwokeyError: it is not there, or not that one; says in what it differs.
        """
        told = "; ".join(differences(read_header(path, self.name), self.header(candidate_sha256)))
        if told:
            hint = f"ask again: twokey record --judge {self.name} --restart"
            raise TwokeyError(
                f"is not the recording that policy asks for: {told}", where=Place(file=str(path)), hint=hint
            )

    def verdict(self, answer: str) -> bool | None:
        """Return what an answer says, None where it says nothing that policy knows.

        The last line decides, so that a judge may think aloud first; it must be one of the verdicts and nothing else,
        for `not supported` holds the word `supported`.
        """
        lines = [line for line in answer.splitlines() if normalised(line)]
        words = {normalised(word): meaning for word, meaning in self.judge.verdicts.items()}
        return words.get(normalised(lines[-1])) if lines else None
