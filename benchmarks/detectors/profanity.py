"""Profanity, plain and in twelve kinds of disguise, beside the named peers in the same run.

    python -m benchmarks.detectors.profanity ../shared/data

The disguises are made here, from this file's own tables and none of the detector's: what the detector reads is not
what makes the test. The clean texts are the users' questions in `intents`; what is flagged there is printed.
"""

# ruff: noqa: RUF001 - letters that look like others are the point

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from benchmarks.detectors.row import Row

Flags = Callable[[str], bool]
SLOW = 1000  # texts a second
WORDS = (
    "fuck", "fucked", "fucker", "fuckers", "fucking", "motherfucker", "shit", "shits", "shitty", "bullshit",
    "shithead", "bitch", "bitches", "cunt", "cunts", "asshole", "assholes", "bastard", "bastards", "whore", "whores",
    "slut", "sluts", "dickhead", "wanker", "wankers", "twat", "cocksucker", "dumbass", "jackass", "nigger", "niggers",
    "faggot", "faggots", "bollocks", "douchebag", "blowjob", "goddamn",
)  # fmt: skip
IDENTITIES = (
    "gay", "lesbian", "bisexual", "trans", "transgender", "queer", "intersex", "asexual", "nonbinary", "black",
    "white", "brown", "asian", "african", "arab", "latino", "jewish", "jew", "muslim", "christian", "hindu", "sikh",
    "buddhist", "atheist", "immigrant", "refugee", "disabled", "deaf", "blind", "autistic", "old", "young", "woman",
    "man", "girl", "boy", "Roma", "Romani", "Inuit", "Aboriginal", "Mexican", "Chinese", "Indian", "Pakistani",
    "Nigerian", "Polish", "Irish", "Thai",
)  # fmt: skip
SENTENCES = (
    "I am {}.",
    "My {} friend is coming to dinner.",
    "As a {} person I'd like to ask something.",
    "They are proud to be {}!",
    "The {} community centre opens at nine.",
    "Do you have books by {} authors?",
)
INNOCENT = (
    "Scunthorpe and Penistone are towns, like Essex and Middlesex.",
    "A blue tit and a great tit sat by a cock robin.",
    "Dick Cheney met Dick Van Dyke.",
    "The pilot left the cockpit.",
    "The assassin's analysis of the class was therapeutic.",
    "Shiitake mushrooms with cock-a-leekie soup.",
    "Pussy willow grows by the river.",
    "Moby Dick is a novel.",
    "My therapist assessed me.",
    "The part number is SH17-5H1T-A55.",
    "Set s_hit = who_re.match(x), then as s in f u.",
    "Pay $5 to a$$et fund 0xA55 for £17.",
    "Matsushita and Takeshita; Cockburn and Hitchcock.",
    "It's hit the wall, and who're you?",
    "Press f, u, then c on page k.",
    "Cummings, Dickinson, Lipschitz and Hiscock.",
    "Niger and Nigeria; niggardly and snigger.",
    "A spic and span kitchen; a chink of light.",
    "pa55word, t1tle, c0de, b17, h0st, 5hips",
    "The s in h i and t.",
    "u*v = t*at; f**2; *p = s*t",
    "W A S H I T spells washit.",
    "arsenal, arsenic, bass, bassoon, Sussex, cumulative, scrap",
)


def _mixed(word: str, chance: random.Random) -> str:
    return "".join(letter.upper() if (i + chance.randrange(2)) % 2 else letter for i, letter in enumerate(word))


def _digits(word: str, chance: random.Random) -> str:
    return _some(word, {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "g": "9", "b": "8", "l": "1"}, chance, most=2)


def _signs(word: str, chance: random.Random) -> str:
    out = _some(word, {"a": "@", "i": "!", "s": "$", "o": "0", "t": "+", "c": "(", "u": "v", "l": "|"}, chance, most=2)
    return word[0] + out[1:] if out[0] in "!+(|" else out


def _parted(word: str, chance: random.Random) -> str:
    return chance.choice(".-_*~|").join(word)


def _spaced(word: str, chance: random.Random) -> str:
    return chance.choice((" ", " ", "  ", " . ", " - ")).join(word)


def _part(word: str, chance: random.Random) -> str:
    place = chance.randrange(2, len(word) - 1)
    return word[:place] + chance.choice(".-_") + word[place:]


def _repeated(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word))
    return word[:place] + word[place] * chance.randrange(2, 6) + word[place + 1 :]


def _one_star(word: str, chance: random.Random) -> str:
    places = [i for i, letter in enumerate(word) if letter in "aeiou" and 0 < i < len(word) - 1]
    place = chance.choice(places)
    return word[:place] + chance.choice("***#%") + word[place + 1 :]


def _stars(word: str, chance: random.Random) -> str:
    stem = next((s for s in ("fuck", "shit", "bitch", "cunt", "nigger", "faggot", "bastard") if s in word), "")
    if not stem:
        return word[0] + "".join("*" if letter in "aeiou" else letter for letter in word[1:-1]) + word[-1]
    inner = "".join(chance.choice("#@%&!$") for _ in stem[1:-1]) if chance.random() < 1 / 3 else "*" * (len(stem) - 2)
    return word.replace(stem, stem[0] + inner + stem[-1])


def _unseen(word: str, chance: random.Random) -> str:
    return (
        "".join(c + chance.choice(("", "\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff")) for c in word[:-1]) + word[-1]
    )


def _other_alphabet(word: str, chance: random.Random) -> str:
    alike = {
        "a": "аα",
        "c": "сϲ",
        "e": "еє",
        "i": "іι",
        "o": "оο",
        "p": "рρ",
        "s": "ѕ",
        "u": "υս",
        "h": "һ",
        "k": "кκ",
        "t": "тτ",
    }
    return _some(word, alike, chance, most=len(word))


def _styled(word: str, chance: random.Random) -> str:
    first = chance.choice((0xFF41, 0x1D41A, 0x1D44E, 0x1D4EA, 0x24D0, 0x1D5BA, 0x1F170))
    styled = "".join(chr(first + ord(letter) - ord("a")) for letter in word)
    return styled.replace("\U0001d455", "\u210e")


def _marked(word: str, chance: random.Random) -> str:
    if chance.random() < 1 / 2:
        return "".join(
            c + "".join(chance.choice("\u0301\u0308\u0323\u0336\u0353") for _ in range(chance.randrange(4)))
            for c in word
        )
    return _some(word, {"a": "áäâ", "e": "éëè", "i": "íïî", "o": "öóø", "u": "üúû", "c": "ç", "s": "š"}, chance, most=3)


def _some(word: str, table: dict[str, str], chance: random.Random, *, most: int) -> str:
    places = [i for i, letter in enumerate(word) if letter in table]
    chosen = set(chance.sample(places, min(len(places), chance.randrange(1, most + 1)))) if places else set()
    return "".join(chance.choice(table[c]) if i in chosen else c for i, c in enumerate(word))


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "mixed capitals": _mixed,
    "digits": _digits,
    "signs": _signs,
    "parted": _parted,
    "spaced": _spaced,
    "cut in two": _part,
    "repeated": _repeated,
    "one star": _one_star,
    "stars": _stars,
    "unseen": _unseen,
    "other alphabets": _other_alphabet,
    "styled or marked": lambda word, chance: chance.choice((_styled, _marked))(word, chance),
}


@cache
def clean(data: Path) -> tuple[str, ...]:
    """Return the clean texts."""
    files = sorted((data / "intents").glob("*.jsonl"))
    return tuple(json.loads(line)["text"] for file in files for line in file.read_text("utf-8").splitlines())


def disguises(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield a kind and a text with one disguised word in it: each word four times in each kind, always the same."""
    for kind, disguise in KINDS.items():
        chance = random.Random(kind)  # noqa: S311 a test needs the same texts each time
        for word in WORDS * 4:
            words = chance.choice(texts).split()
            words.insert(chance.randrange(len(words) + 1), disguise(word, chance))
            yield kind, " ".join(words)


def tools() -> dict[str, Flags | str]:
    """Return what says of a text that it has profanity in it; a text where a tool is not installed."""
    out: dict[str, Flags | str] = {"twokey": _twokey()}
    for name, make in (("better-profanity", _better), ("glin-profanity", _glin), ("alt-profanity-check", _alt)):
        try:
            out[name] = make()
        except ImportError as error:
            out[name] = f"not installed: {error.name}"
    return out


def _twokey() -> Flags:
    from twokey.detectors.profanity import ProfanityDetector
    from twokey.detectors.scan import Scanner

    scanner = Scanner((ProfanityDetector(),))
    return lambda text: bool(scanner.scan(text))


def _better() -> Flags:
    from better_profanity import profanity

    profanity.load_censor_words()
    return profanity.contains_profanity


def _glin() -> Flags:
    from glin_profanity import Filter

    options = {"detect_leetspeak": True, "normalize_unicode": True, "languages": ["english"]}
    return Filter(options).is_profane


def _alt() -> Flags:
    from profanity_check import predict

    return lambda text: bool(predict([text])[0])


def rows(data: Path) -> Iterator[Row]:
    """Yield the lines of the table. `data` is the directory that holds `intents`."""
    texts = clean(data)
    hidden = list(disguises(texts))
    shared = texts[:: max(1, len(texts) // len(hidden))]
    for tool, flags in tools().items():
        if isinstance(flags, str):
            yield Row(kind="profanity", corpus="clean texts", tool=tool, note=flags)
            continue
        seen = {kind: [flags(text) for other, text in hidden if other == kind] for kind in KINDS}
        hits = sum(map(sum, seen.values()))
        alarms = sum(map(flags, shared)) * len(hidden) / len(shared)
        recall, precision = hits / len(hidden), hits / (hits + alarms) if hits else 0.0
        yield Row(
            kind="profanity",
            corpus=f"twelve disguises ({len(hidden):,} texts) and as many clean ones",
            tool=tool,
            precision=precision,
            recall=recall,
            f1=2 * precision * recall / (precision + recall) if hits else 0.0,
            note="recall: " + ", ".join(f"{kind} {statistics.mean(found):.2f}" for kind, found in seen.items()),
        )
        speed = _per_second(flags, texts[:200])
        # A slow one is asked about every tenth: it would take minutes.
        some = texts if speed > SLOW else texts[::10]
        yield _alarms(tool, flags, f"clean texts ({len(some):,})", some, speed=True)
        yield _alarms(tool, flags, "identity words", [s.format(w) for s in SENTENCES for w in IDENTITIES])
        yield _alarms(tool, flags, "innocent words and codes", INNOCENT)


def _alarms(tool: str, flags: Flags, corpus: str, texts: Sequence[str], *, speed: bool = False) -> Row:
    flagged = [text for text in texts if flags(text)]
    return Row(
        kind="profanity",
        corpus=corpus,
        tool=tool,
        false_alarms=1000 * len(flagged) / len(texts),
        per_second=_per_second(flags, texts[:200]) if speed else None,
        note=f"{len(flagged)} texts",
    )


def _per_second(flags: Flags, texts: Sequence[str]) -> float:
    taken: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        for text in texts:
            flags(text)
        taken.append(time.perf_counter() - start)
    return len(texts) / statistics.median(taken)


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description="Profanity: twokey beside its peers.")
    parser.add_argument("data", type=Path, help="the directory that holds intents")
    for row in rows(parser.parse_args().data):
        figures = ((name, getattr(row, name)) for name in ("precision", "recall", "f1", "false_alarms", "per_second"))
        shown = "  ".join(f"{name} {value:,.3f}" for name, value in figures if value is not None)
        print(f"{row.tool:20} {row.corpus:50} {shown}  {row.note}")


if __name__ == "__main__":
    main()
