import random

from twokey.gates.fairness_search import LEAST, Question, worst_slices

Cells = dict[tuple[tuple[str, ...], bool], int]


def cells(**counts: tuple[int, int]) -> Cells:
    """Right and wrong by the letters of a name, each the value of a group."""
    return {
        (tuple(name), right): seen
        for name, pair in counts.items()
        for right, seen in zip((True, False), pair, strict=True)
    }


def test_the_planted_slice_is_the_first_leaf() -> None:
    leaves = worst_slices(cells(ax=(90, 10), ay=(92, 8), bx=(55, 45), by=(91, 9)))
    assert (leaves[0].right, leaves[0].n) == (55, 100)
    assert {(answer.place, answer.value) for answer in leaves[0].answers if answer.holds} == {(0, "b"), (1, "x")} or {
        (answer.place, answer.value, answer.holds) for answer in leaves[0].answers
    } >= {(1, "x", True)}
    assert leaves[0].p < 0.001
    assert sum(leaf.n for leaf in leaves) == 400


def test_a_slice_too_small_is_never_a_leaf() -> None:
    leaves = worst_slices(cells(ax=(900, 100), bx=(0, LEAST - 1), ay=(900, 120)))
    assert all(leaf.n >= LEAST for leaf in leaves)


def test_nothing_to_split_is_no_lead() -> None:
    assert worst_slices({}) == []
    assert worst_slices(cells(a=(90, 10))) == []
    assert worst_slices(cells(ax=(90, 10), ay=(90, 10))) == []


def test_what_chance_brings_is_hardly_ever_called_significant() -> None:
    chance, called = random.Random(5), 0
    for _ in range(60):
        table: Cells = {}
        for _ in range(600):
            key = (chance.choice("abc"), chance.choice("xyz")), chance.random() < 0.85
            table[key] = table.get(key, 0) + 1
        called += any(leaf.p <= 0.05 for leaf in worst_slices(table))
    assert called <= 6


def test_the_order_of_counting_cannot_show() -> None:
    table = cells(ax=(90, 10), ay=(92, 8), bx=(55, 45), by=(91, 9))
    assert worst_slices(dict(reversed(table.items()))) == worst_slices(table)


def test_a_question_is_met_by_its_value_or_by_any_other() -> None:
    assert Question(0, "a").met(("a", "x"))
    assert not Question(0, "a").met(("b", "x"))
    assert Question(1, "a", holds=False).met(("a", "x"))
