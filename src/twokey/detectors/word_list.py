"""Files with one word or phrase on each line, and `#` for comments. What the words are for, their detectors know."""

from twokey.errors import ConfigError, Place, Problem

MAX_WORD = 100
MAX_WORDS = 2000


def word_list(data: bytes, file: str, *, least: int = 1) -> tuple[str, ...]:
    """Return the words of a file, sorted, each once, of at least so many characters.

    Raises ConfigError with everything that is wrong; no message holds a word.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(message="not UTF-8", where=Place(file=file, line=line))]) from None
    words = {number: line.strip() for number, line in enumerate(lines, start=1) if line.strip()[:1] not in ("", "#")}
    problems = [
        Problem(
            message=f"a word of {len(word)} characters",
            where=Place(file=file, line=number),
            hint=f"{least} to {MAX_WORD} characters",
        )
        for number, word in words.items()
        if not least <= len(word) <= MAX_WORD
    ]
    if not words:
        problems = [Problem(message="there is no word in it", where=Place(file=file), hint="one word on each line")]
    if len(words) > MAX_WORDS:
        problems = [
            Problem(message=f"{len(words):,} words, more than the {MAX_WORDS:,} allowed", where=Place(file=file))
        ]
    if problems:
        raise ConfigError(problems)
    return tuple(sorted(set(words.values())))
