"""What of a system prompt stands in an output, and what of an instruction that the input planted. Arithmetic on words.

Texts are compared as words in lower case, so that punctuation, markup and line ends between them do not hide a run. A
run that the input holds too was the user's already, and is no leak.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from twokey.detectors.expression import compiled, found

RUN = 12
"""Words in a row that a system prompt and an output share: shorter runs are turns of phrase, or what it says to say."""

MAX_WORDS = 20_000
# Blocks, and no properties, so that no version of Unicode's tables shows. Of scripts without spaces each character is a
# word.
_WORD = re.compile(
    "[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    "|[0-9A-Za-z\u00c0-\u0dff\u0f00-\u1fff\u2c00-\u2dff\ua000-\ud7ff]+"
)


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def _places(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _WORD.finditer(text)]


@lru_cache(maxsize=64)
def _known(system: str) -> tuple[int, frozenset[str], frozenset[tuple[str, ...]]]:
    """Return how long a run of a system prompt must be, its words, and its runs of that length."""
    told = words(system)[:MAX_WORDS]
    size = min(len(told), RUN)
    return size, frozenset(told), frozenset(_runs(told, size))


def _runs(told: list[str], size: int) -> Iterator[tuple[str, ...]]:
    for place in range(len(told) - size + 1):
        yield tuple(told[place : place + size])


def shared_runs(system: str, output: str, asked: str) -> Iterator[tuple[int, int]]:
    """Yield each stretch of the output that is at least twelve words of the system prompt in a row.

    A prompt of fewer words counts as a whole, from six on.
    """
    size, vocabulary, runs = _known(system)
    if size < RUN // 2:
        return
    told = words(output)
    # Most outputs have no such stretch of words that are in the prompt at all, in whatever order.
    if b"\1" * size not in bytes(map(vocabulary.__contains__, told)):
        return
    users = frozenset(_runs(words(asked)[:MAX_WORDS], size))
    hits = [place for place, run in enumerate(_runs(told, size)) if run in runs and run not in users]
    where = _places(output) if hits else []
    for first, last in _stretches(hits, size):
        yield where[first][0], where[last][1]


def _stretches(hits: list[int], size: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last word of each row of hits that overlap or touch."""
    begin = 0
    for place in range(1, len(hits) + 1):
        if place == len(hits) or hits[place] > hits[place - 1] + size:
            yield hits[begin], hits[place - 1] + size - 1
            begin = place


_VERB = (
    r"(?:say|says?|print|output|write|reply|respond|answer|return|repeat|display|type|echo|sage|schreibe?"
    r"|antworte?n?|gib"
    r"|dis|dites|écris|écrivez|réponds|répondez|di|responde|escribe|rispondi|scrivi|diga|escreva|zeg"
    r"|schrijf|antwoord)"
)
_ONLY = (
    r"(?:\s+(?:only|just|exactly|simply|with|the|word|words|phrase|text|string|sentence|following|nur|mit"
    r"|das|wort|den|satz"
    r"|aus|seulement|avec|le|mot|solo|con|la|palabra|parola|apenas|com|a|palavra|alleen|met|het|woord|me"
    r"|back)){0,6}"
)
_DEMAND = (
    rf"(?i)\b{_VERB}\b{_ONLY}\s*[:,]?\s*(?:[\"“„«`]([^\"”“»`\n]{{2,200}})[\"”“»`]|['\x{{2018}}]"
    rf"([^'\x{{2019}}\n]{{2,200}})['\x{{2019}}])"
    rf"|\b{_VERB}\s+(?:only|just|exactly|nur|seulement|solo|apenas|alleen)\b{_ONLY}\s*:?\s*"
    rf"([^\s\"“'\x{{2018}}:.,;!?][^\"\n.!?;]{{1,80}})"
)
REACH = 500
"""Characters after an attempt to override in which a demand belongs to it."""

_REFUSAL = (
    r"(?i)\b(?:sorry|apologi[sz]e|can(?:['\x{2019}]?t|not)|won['\x{2019}]?t|will not|unable|not able"
    r"|not going to|decline|refuse|ignor\w+"
    r"|inappropriate|not (?:allowed|permitted)|kann (?:ich )?nicht|leider|désolé|lo siento|no puedo"
    r"|mi dispiace|não posso|helaas)\b"
)


def demanded(asked: str, attempts: list[tuple[int, int]]) -> Iterator[str]:
    """Yield what the input tells the model to say, where an attempt to override goes before it."""
    for _, end in attempts:
        for match in compiled(_DEMAND).finditer(asked[end : end + REACH]):
            text = next((part for part in match.groups() if part), "")
            if words(text):
                yield text


def obeyed(demand: str, output: str) -> tuple[int, int] | None:
    """Return where an output says what was demanded, or None: also where it says so while it refuses."""
    wanted, told = words(demand), words(output)
    size = len(wanted)
    for place in range(len(told) - size + 1):
        if told[place : place + size] == wanted:
            if size < len(told) and found(_REFUSAL, output) is not None:
                return None
            where = _places(output)
            return where[place][0], where[place + size - 1][1]
    return None
