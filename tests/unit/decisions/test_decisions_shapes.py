import pytest

from twokey.decisions.shapes import anything, listing, nullable, problems_of, record, whole

ROWS = listing(record({"a": nullable(whole(9)), "b": anything(9)}), most=9)


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str(self) == other

    __hash__ = str.__hash__


def test_an_item_that_appears_twice_is_a_problem_in_whatever_order_its_fields_come() -> None:
    assert problems_of([{"a": 1, "b": "x"}, {"a": None, "b": "x"}, {"a": 1, "b": "y"}], ROWS) == ()
    assert problems_of([{"a": 1, "b": "x"}, {"b": "x", "a": 1}], ROWS) == (": an item appears twice",)


def test_a_long_list_is_not_compared_item_by_item() -> None:
    shape = listing(lambda _value, _path, _problems: None, most=1000)
    assert problems_of([Counted(number) for number in range(1000)], shape) == ()
    assert Counted.compared == 0


@pytest.mark.parametrize("text", [" x ", "\t", "\u00a0", "\u202e", "\ud800", "\n", "123456789"])
def test_anything_is_a_text_of_any_characters(text: str) -> None:
    assert problems_of(text, anything(9)) == ()


@pytest.mark.parametrize("value", ["", "1234567890", None, 1, ["x"]])
def test_what_is_empty_too_long_or_no_text_is_refused(value: object) -> None:
    assert len(problems_of(value, anything(9))) == 1
