"""A corpus of made-up credentials: issuers' descriptions filled with chance, in what surrounds credentials in life.

It is written from what the issuers say about their formats, and knows nothing of the detector's expressions: where the
two disagree, one of them is wrong. `{62:36}` stands for 36 random letters and digits. Nothing here ever worked.
The same people wrote both, so a format that they misread is misread twice: recall here is an upper bound.
"""

import base64
import json
import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ALPHABETS = {
    "62": string.ascii_letters + string.digits,
    "64": string.ascii_letters + string.digits + "_-",
    "b64": string.ascii_letters + string.digits + "+/",
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "low": string.ascii_lowercase + string.digits,
    "up": string.ascii_uppercase + string.digits,
    "32": string.ascii_uppercase + "234567",
    "az": string.ascii_lowercase,
    "AZ": string.ascii_uppercase,
    "9": string.digits,
    "58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "bech": "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
}
_SLOT = re.compile(r"\{(\w+):(\d+)\}|\{uuid\}|\{jwt\}|\{basic\}|\{password\}")
Kind = Literal["known", "contextual", "unknown"]
TABLES = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One format as its issuer describes it; `variable` is what its value is called where it is set."""

    name: str
    variable: str
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One text; `start` and `end` are where the credential stands, or None where there is none."""

    name: str
    kind: str
    carrier: str
    text: str
    span: tuple[int, int] | None


def described(kind: Kind) -> tuple[Described, ...]:
    """Return the formats of one kind, from its table of `name  variable  template`."""
    lines = (TABLES / f"secret_formats_{kind}.txt").read_text(encoding="utf-8").splitlines()
    rows = (re.split(r"\s{2,}", line, maxsplit=2) for line in lines if line and not line.startswith("#"))
    return tuple(Described(name=row[0], variable=row[1], template=row[2]) for row in rows)


def filled(template: str, rng: random.Random) -> str:
    """Return the template with chance in each of its slots."""

    def fill(slot: re.Match[str]) -> str:
        if slot[1]:
            return "".join(rng.choices(ALPHABETS[slot[1]], k=int(slot[2])))
        made = {
            "{uuid}": lambda: _uuid(rng),
            "{jwt}": lambda: _jwt(rng),
            "{basic}": lambda: base64.b64encode(f"svc:{_password(rng)}".encode()).decode(),
            "{password}": lambda: _password(rng),
        }
        return made[slot[0]]()

    return _SLOT.sub(fill, template).replace("\\n", "\n")


def _uuid(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _jwt(rng: random.Random) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": str(rng.getrandbits(40)), "exp": rng.getrandbits(31)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "".join(rng.choices(ALPHABETS["64"], k=43))])


def _password(rng: random.Random) -> str:
    """Return a password as people and generators make them: a word, digits and a sign, or chance."""
    word = rng.choice(("Harbour", "tulip", "Monsoon", "granite", "Velvet", "orchard"))
    return rng.choice(
        (
            f"{word}{rng.randint(10, 9999)}{rng.choice('!#*$')}",
            f"{word}-{rng.choice(('river', 'Copper', 'lantern'))}-{rng.randint(10, 99)}",
            "".join(rng.choices(ALPHABETS["62"], k=14)) + str(rng.randint(0, 9)),
        )
    )


# What surrounds a credential; `V` is where it stands, `N` its variable, `n` that in small letters, `W` in words.
NEUTRAL = {
    "bare": "V",
    "prose": "I found V in an old notebook and thought you should know.",
    "sentence-end": "The one that we used last week was V. It worked then.",
    "quoted": 'He wrote "V" on the board.',
    "log": "2026-03-04T11:02:33Z INFO worker-3 sent V to upstream in 12 ms",
    "code": 'connect("V", retries=3)',
    "list": "- V\n- second entry\n",
    "markdown": "Run it with `V` and look at the output.",
}
NAMED = {
    "env": "DEBUG=false\nN=V\nPORT=8080\n",
    "export": "export N='V' && ./deploy.sh",
    "json": '{"region": "eu", "n": "V", "retries": 3}',
    "yaml": "service:\n  n: V\n  replicas: 2\n",
    "leaves": "region\neu\nn\nV\nretries\n3",
    "python": 'N = "V"  # production',
    "javascript": "const client = new Client({ n: 'V', timeout: 10 });",
    "prose": "Sure! Your W is V and it is valid until May.",
    "url": "https://api.example-service.dev/v1/items?limit=10&n=V",
    "log": "2026-03-04 11:02:33 DEBUG loaded config n=V from vault",
}


def samples(kind: Kind, seed: int = 7, each: int = 1) -> Iterator[Sample]:
    """Yield each format in each carrier that can be: what is told by its context in those with names only."""
    rng = random.Random(seed)  # noqa: S311 chance, no secret
    for one in described(kind):
        whole = one.template.startswith("!")  # stands by itself and brings its own surroundings
        carriers = {"bare": "V"} if whole else NAMED if kind == "contextual" else {**NEUTRAL, **_named()}
        for carrier, frame in carriers.items():
            for _ in range(each):
                yield _sample(one, kind, carrier, frame, filled(one.template.lstrip("!"), rng))


def _named() -> dict[str, str]:
    return {f"named-{name}": frame for name, frame in NAMED.items()}


def _sample(one: Described, kind: str, carrier: str, frame: str, value: str) -> Sample:
    # `[[` and `]]` mark the credential in a template that brings more than itself.
    before, marked, rest = value.partition("[[")
    inner, _, after = rest.partition("]]") if marked else (value, "", "")
    named = {"N": one.variable, "n": one.variable.lower(), "W": one.variable.lower().replace("_", " ")}
    head, _, tail = frame.partition("V")
    head, tail = (re.sub(r"\b[NnW]\b", lambda found: named[found[0]], part) for part in (head, tail))
    text = head + (before + inner + after if marked else value) + tail
    start = len(head) + (len(before) if marked else 0)
    return Sample(name=one.name, kind=kind, carrier=carrier, text=text, span=(start, start + len(inner)))


def near_misses(seed: int = 11) -> Iterator[Sample]:
    """Yield texts with what almost has a known form: a character out of its alphabet, or cut off half-way."""
    rng = random.Random(seed)  # noqa: S311 chance, no secret
    for one in described("known"):
        slots = [slot for slot in _SLOT.finditer(one.template) if slot[1]]
        if one.template.startswith("!") or not slots:
            continue
        head = filled(one.template[: slots[0].start()], rng)
        cut = head + "".join(rng.choices(ALPHABETS[slots[0][1]], k=min(8, int(slots[0][2]) // 3)))
        broken = filled(one.template, rng)
        middle = len(head) + max(1, min(6, int(slots[0][2]) // 3))
        for how, value in (("cut", cut), ("broken", broken[:middle] + " ~ " + broken[middle:][:10])):
            text = NEUTRAL["prose"].replace("V", value, 1)
            yield Sample(name=one.name, kind="near-miss", carrier=how, text=text, span=None)
