import pytest

from twokey.detectors.profanity import RULES, ProfanityDetector, quotes
from twokey.detectors.scan import Scanner
from twokey.errors import ConfigError
from twokey.record import Record, Sighting

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
    "word",
    [
        "FuCk",
        "sh1t",
        "b1tch",
        "$h1t",
        "@sshole",
        "fvck",
        "b!tch",
        "phuck",
        "f.u.c.k",
        "f-u-c-k",
        "f_u_c_k",
        "f u c k",
        "f u c k i n g",
        "fu ck",
        "ass-hole",
        "fuuuuck",
        "shiiit",
        "f**k",
        "f*ck",
        "f***",
        "s#!t",
        "b*tch",
        "f*cking",
        "n*gg*r",
        "f\u200bu\u200bc\u200bk",
        "sh\u00adit",
        "fu\u0441k",
        "\u0455\u04bb\u0456\u0442",
        "\uff46\uff55\uff43\uff4b",
        "\U0001d4ef\U0001d4fe\U0001d4ec\U0001d4f4",
        "\u24d5\u24e4\u24d2\u24da",
        "\ua730\u1d1c\u1d04\u1d0b",
        "sh\u00eet",
        "f\u0336u\u0336c\u0336k",
        "f\U0001f525ck",
        "_shit_",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Well, {}! That's it", "I said \u201c{}\u201d, caf\u00e9"])
def test_a_disguised_word_is_seen_where_it_stands(word: str, around: str) -> None:
    text = around.format(word)
    (seen,) = SCANNER.scan(text)
    found = text[seen.start : seen.end]
    assert found.strip("_") == word.strip("_")


@pytest.mark.parametrize(
    "text",
    [
        "part SH17-203, a55, sh17, 5h17, AB-5h1t-9, x/sh1t/y, 5H1T",
        "who're you; it's hit the wall; as s in f u; W A S H I T; s h i t a k e; s_hit = who_re.match(x)",
        "t**t, J*** S***, s****y, f***@example.com, B*****d",
        "f(xk, i) + bit(h, 2); C&&T(e); u*v = t*at; $hit{version}; {$hit}; x->blt($y)",
        "Sixt, Krapp's Last Tape, Twatt in Orkney",
        "US$5, $17.50, 0xA55, YTU1NWg=, cock-a-leekie, pussy willow, Moby Dick, shiitake, cockpit",
    ],
)
def test_what_is_no_disguise_passes(text: str) -> None:
    assert SCANNER.scan(text) == ()


@pytest.mark.parametrize("who", ["gay", "lesbian", "trans", "queer", "Black", "Jewish", "Muslim", "disabled", "Roma"])
def test_who_people_are_is_no_insult(who: str) -> None:
    assert SCANNER.scan(f"I am a {who} person, and my {who.upper()} friends are {' '.join(who)}.") == ()


@pytest.mark.parametrize("text", ["Just kill yourself.", "I\u2019ll kill you", "k1ll yourself", "please die"])
def test_threats_are_a_rule_of_their_own(text: str) -> None:
    (seen,) = SCANNER.scan(text)
    assert (seen.rule, seen.severity) == ("threat", "high")


def test_own_words_are_seen_in_disguise_but_not_in_other_words() -> None:
    scanner = Scanner((own("frobnicate\na\u00f1os\nverboten wort\n"),))
    text = "fr0bnic@te, f r o b n i c a t e, fr\u043ebnicate, verboten  w0rt"
    assert [text[seen.start : seen.end] for seen in scanner.scan(text)] == [part.strip() for part in text.split(",")]
    assert scanner.scan("anos, frob nicate, caf\u00e9") == ()


def test_a_quotation_is_a_word_that_the_input_says_too_in_whatever_writing() -> None:
    detector = ProfanityDetector()
    output = "You wrote sh1t. That is bullshit, mail bob@example.com"
    seen = (*SCANNER.scan(output), Sighting(detector="pii", rule="email", start=39, end=54))
    assert quotes(detector, output, "why is this S H I T broken, bob@example.com", seen) == (True, False, False)
    assert quotes(detector, output, "", seen) == (False, False, False)
    assert quotes(detector, output, "sh", ()) == ()


def test_a_record_says_which_words_its_input_says_too() -> None:
    records = [
        Record(id="1", input={"q": "this sh!t again"}, output="no shit, but fuck"),
        Record(id="2", output="no shit"),
    ]
    first, second = SCANNER.scan_records(records)
    assert [one.quoted for one in first] == [True, False]
    assert [one.quoted for one in second] == [False]


@pytest.mark.parametrize("piece", ["f*", "s.", "sh1t-", "s h i ", "f\u200b", "\u0441", "u", "##", "fuck ", "a5$"])
def test_a_long_hostile_text_is_read_once(piece: str) -> None:
    # Where nearly all of it is words, each costs tens of microseconds: a tenth of the size.
    text = piece * ((100_000 if piece in ("fuck ", "sh1t-") else 1_000_000) // len(piece))
    seen = SCANNER.scan(text)
    assert all(0 <= one.start < one.end <= len(text) for one in seen)


def test_every_rule_explains_itself() -> None:
    explained = ProfanityDetector.explained()
    assert set(explained) == set(RULES)
    assert all(rule.what and rule.how and rule.limits and rule.fix for rule in explained.values())


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
