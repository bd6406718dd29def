import pytest

from twokey.detectors.profanity import ProfanityDetector
from twokey.detectors.scan import Scanner
from twokey.errors import ConfigError

SCANNER = Scanner((ProfanityDetector(),))


def own(text: str) -> ProfanityDetector:
    return ProfanityDetector.build("words.txt", lambda _path: text.encode())


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Oh SHIT!", "medium"),
        ("you bastard.", "low"),
        ("(fuck)", "medium"),
        ("piss\n off", "medium"),
        ("shit", "medium"),
    ],
)
def test_it_sees_whole_words_in_any_case(text: str, severity: str) -> None:
    (seen,) = SCANNER.scan(text)
    assert seen.severity == severity


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe, Penistone, Shitake and Lightwater",
        "Dick Cheney met Dick Van Dyke",
        "a blue tit, a great tit and a cock robin",
        "assess the classic assassin's bass, pass the glass",
        "spic and span; a chink in the armour; a Maine coon",
        "what the hell, that is a hell of a dam",
        "shitÄ éshit fußshit shit_x xshit shit5",
        "Matsushita, Shittim, Cockburn, Hancock, Essex, Sussex",
        "flame retardant, a needle's prick, hoe the garden, bloody Mary",
    ],
)
def test_innocent_words_pass(text: str) -> None:
    assert SCANNER.scan(text) == ()


def test_every_one_of_many_words_is_seen() -> None:
    assert [seen.start for seen in SCANNER.scan("shit shit,shit")] == [0, 5, 10]


def test_own_words_are_added_and_may_be_of_any_alphabet_or_end_in_signs() -> None:
    scanner = Scanner((own("# ours\n\nverdammt\nScheiße\n\u0447\u0451\u0440\u0442\nc++\ntwo words\n"),))
    text = "Verdammt! scheiße? \u0427\u0401\u0420\u0422. Use C++, in TWO  words; fuck"
    assert [text[seen.start : seen.end] for seen in scanner.scan(text)] == [
        "Verdammt",
        "scheiße",
        "\u0427\u0401\u0420\u0422",
        "C++",
        "TWO  words",
        "fuck",
    ]
    assert scanner.scan("verdammte scheißen \u0447\u0451\u0440\u0442\u043e\u0432 c++11 two wordsmiths") == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no word in it"),
        (b"# only\n\n", "no word in it"),
        (b"ok\n" + b"x" * 101, ":2: a word of 101"),
        (b"a\n\xff", ":2"),
    ],
)
def test_a_file_of_words_without_use_is_refused_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ProfanityDetector.build("words.txt", lambda _path: data)
