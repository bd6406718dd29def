"""What of a change is kept beside the decisions on it: whatever is written is read again, or is not signed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.decisions.seen import CHANGE, parse_change, render_change
from twokey.errors import TwokeyError
from twokey.repository.change import Change, ChangedFile, Party, PolicyEdit

BASE = Change(base="0" * 40, head="1" * 40)
ANY = st.text(st.characters(), min_size=1, max_size=40)  # lone surrogates too


@given(path=ANY, label=ANY, who=ANY)
def test_any_name_that_git_or_a_host_may_give_is_read_as_it_was_written(path: str, label: str, who: str) -> None:
    change = replace(
        BASE,
        files=(ChangedFile(path=path, blob=None),),
        labels=(label,),
        parties=(Party(known_as=who, part="author", authenticated=False),),
        policy=(PolicyEdit(path=path, before=None, after="a" * 64),),
    )
    assert parse_change(render_change(change), CHANGE) == change


@pytest.mark.parametrize(
    "change",
    [
        replace(BASE, files=(ChangedFile(path="x" * 20_000, blob=None),)),
        replace(BASE, files=(ChangedFile(path="x", blob=None),) * 2),
        replace(BASE, files=(ChangedFile(path="", blob=None),)),
        replace(BASE, labels=tuple(f"label {number}" for number in range(201))),
    ],
)
def test_what_could_not_be_read_again_is_not_written(change: Change) -> None:
    with pytest.raises(TwokeyError, match=r"change\.json: is not what people had before them"):
        render_change(change)
