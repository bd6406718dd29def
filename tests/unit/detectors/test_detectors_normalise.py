import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.detectors.disguise import STRANGE
from twokey.detectors.expression import found
from twokey.detectors.normalise import _folding, normalise

ROOT = Path(__file__).parents[3]
ODD = (
    "abz \u0430\u0435\u043e\u0441\u0443\u03b1\u03bf\u200b\u00ad\u0301\u0336"
    "\ufb00\ufb03\u00e9\u00df\U0001d4ef\u24d5\uff46\u6f22\U0001f525"
)
texts = st.text(alphabet=st.one_of(st.sampled_from(ODD), st.characters()), max_size=40)


@given(texts)
def test_doing_it_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_stays(text: str) -> None:
    read = normalise(text)
    assert read.text == text
    assert read.span(0, len(text)) == (0, len(text))


@given(texts, st.data())
def test_a_span_is_the_original_that_reads_so(text: str, data: st.DataObject) -> None:
    read = normalise(text)
    start = data.draw(st.integers(0, len(read.text)))
    end = data.draw(st.integers(start, len(read.text)))
    low, high = read.span(start, end)
    assert 0 <= low <= high <= len(text)
    piece = normalise(text[low:high]).text
    # A character that is read as several is taken whole.
    assert read.text[start:end] in piece
    if start < end:
        assert len(piece) <= end - start + 4
        before, after = normalise(text[:low]).text, normalise(text[high:]).text
        assert before + piece + after == read.text
        assert len(before) <= start
        assert len(after) <= len(read.text) - end
    # The original's neighbours belong to other characters: a mark is never cut from its letter.
    if start < end and high < len(text):
        assert normalise(text[high]).text != ""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("f\u0443\u0441\u043a", "fyck"),
        ("\uff26\uff55\uff43\uff4b", "fuck"),
        ("\U0001d4ef\u24e4\u1d04\U0001f17a", "fuck"),
        ("n\u00e4i\u0308ve", "naive"),
        ("a\u200bb\u00adc\ufe0f", "abc"),
        ("\u6f22\u5b57 \u0634", "\u6f22\u5b57 \u0634"),
        ("a\u00a0b\u2014c\u2019d\u2022", "a b-c'd*"),
    ],
)
def test_a_text_is_read_as_it_looks(text: str, read: str) -> None:
    assert normalise(text).text == read


def test_whatever_is_read_as_a_letter_beside_one_is_looked_at() -> None:
    missed = [
        chr(point)
        for point, read in _folding().items()
        if read.isascii() and read.isalpha() and len(read) == 1 and not found(STRANGE, f"x{chr(point)}")
    ]
    assert missed == []


def test_the_table_is_the_one_that_the_script_makes() -> None:
    pytest.importorskip("confusable_homoglyphs")
    if unicodedata.unidata_version != "14.0.0":
        pytest.skip(f"the table is of Unicode 14.0.0, and this Python knows {unicodedata.unidata_version}")
    done = subprocess.run([sys.executable, ROOT / "scripts" / "make_folding.py", "--check"], check=False)
    assert done.returncode == 0
