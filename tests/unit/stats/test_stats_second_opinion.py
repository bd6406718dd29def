import math
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.stats.error_model import error_model
from twokey.stats.second_opinion import MAX_FEATURES, Opinion, features, kappa, log2, second_opinion

TOPICS = {
    "card": ["my", "card", "was", "lost", "stolen", "blocked", "replace", "plastic", "pin", "chip"],
    "loan": ["borrow", "money", "mortgage", "interest", "rate", "repay", "loan", "term"],
    "travel": ["flight", "hotel", "abroad", "currency", "exchange", "booking", "trip", "visa"],
}


def asked(count: int, seed: int = 1) -> tuple[list[str], list[str]]:
    chance = random.Random(seed)
    labels = [chance.choice(list(TOPICS)) for _ in range(count)]
    return [" ".join(chance.choices(TOPICS[label], k=6)) for label in labels], labels


def opinion(texts: list[str], labels: list[str], **more: Any) -> Opinion:
    found = second_opinion(list(map(features, texts)), labels, **more)
    assert found is not None
    return found


def test_the_logarithm_is_the_logarithm() -> None:
    for number in (*range(1, 3000), 10**12 + 7, 1 << 60):
        assert 0 <= math.log2(number) * 4096 - log2(number) < 1.001, number


def test_a_label_that_like_inputs_did_not_get_is_the_most_doubtful_of_all() -> None:
    texts, labels = asked(120)
    wrong = 17
    labels[wrong] = "loan" if labels[wrong] != "loan" else "card"
    found = opinion(texts, labels)
    for doubts, says in zip(found.doubts, found.says, strict=True):
        assert doubts[wrong] == max(doubts) > 0
        assert says[wrong] in TOPICS
        assert says[wrong] != labels[wrong]
    assert min(found.agreement) > 900


def test_a_record_does_not_vouch_for_itself() -> None:
    texts, labels = asked(60)
    texts.append("borrow money mortgage loan")
    labels.append("card")
    with_itself = opinion(texts, labels)
    without = opinion([*texts[:-1], texts[-1]], [*labels[:-1], "travel"])
    for at in (0, 1):
        assert with_itself.says[at][-1] == without.says[at][-1] == "loan", "whatever it was given itself"


def test_labels_that_somebody_vouched_for_count_for_more_than_what_was_said() -> None:
    texts, _ = asked(40)
    said = ["card"] * 20 + ["loan"] * 20
    chance = random.Random(3)
    chance.shuffle(said)
    past, right = asked(300, seed=9)
    found = opinion(texts, said, known=list(zip(map(features, past), right, strict=True)))
    _, truth = asked(40)
    assert sum(one == other for one, other in zip(found.says[1], truth, strict=True)) >= 38


def test_where_nothing_can_be_learned_nothing_is_said() -> None:
    texts, _ = asked(10)
    made = list(map(features, texts))
    assert second_opinion([], []) is None
    assert second_opinion(made, ["card"] * 10) is None, "one class only"
    assert second_opinion(made, [f"an answer of its own {n}" for n in range(10)]) is None, "free text"
    assert second_opinion(made, ["a", "a", "b", "b", "c", "c", "d", "e", "f", "g"]) is not None


def test_inputs_without_a_word_are_no_trouble() -> None:
    found = second_opinion([()] * 6, ["a", "a", "a", "b", "b", "b"])
    assert found is not None
    assert len(set(found.doubts[1])) <= 2


def test_features_are_bytes_and_few() -> None:
    assert features("Card CARD card") == features("card")
    assert features("") == ()
    assert features("Ärger") != features("ärger"), (
        "only ASCII has capitals here: Unicode's tables change with its version"
    )
    assert len(features(" ".join(map(str, range(5000))))) <= MAX_FEATURES
    assert features("\ud800 lone") == features("\ud800 lone")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text("abc ", max_size=12), st.sampled_from("xyz")), max_size=14), st.randoms())
def test_order_does_not_show(rows: list[tuple[str, str]], chance: random.Random) -> None:
    order = chance.sample(range(len(rows)), len(rows))
    first = second_opinion([features(text) for text, _ in rows], [label for _, label in rows])
    again = second_opinion([features(rows[at][0]) for at in order], [rows[at][1] for at in order])
    assert (first is None) == (again is None)
    if first is not None and again is not None:
        assert first.agreement == again.agreement
        for was, now in zip((*first.doubts, *first.says), (*again.doubts, *again.says), strict=True):
            assert [was[at] for at in order] == list(now)


def test_kappa_is_cohens() -> None:
    assert kappa(["a", "b"] * 5, ["a", "b"] * 5) == 1000
    assert kappa(["a"] * 10, ["a", "b"] * 5) == 0
    # 20 + 15 of 50 alike, 25 and 30 say a: (0.7 - 0.5) / (1 - 0.5)
    one = ["a"] * 25 + ["b"] * 25
    other = ["a"] * 20 + ["b"] * 5 + ["a"] * 10 + ["b"] * 15
    assert kappa(one, other) == 400


def test_what_failed_before_is_known_again() -> None:
    cases = [(features(f"refund in euro {n}"), True) for n in range(20)]
    cases += [(features(f"balance of account {n}"), False) for n in range(80)]
    model = error_model(cases)
    assert model is not None
    assert model.odds(features("a refund in euro")) > 0 > model.odds(features("the balance of my account"))
    assert error_model(cases[:20]) is error_model(cases[20:]) is error_model([]) is None
