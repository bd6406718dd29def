"""Which words, numbers, dates, names, quotations and addresses of a text are not in the texts that it should rest on.

What it cannot see: anything said with the sources' own words. A negation, a swapped name or a wrong relation passes; a
correct paraphrase, a translation or common knowledge is flagged. Labels by people or by a calibrated judge replace it
wherever they are given. What was measured is in docs/detectors.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from twokey.stats.grounding_claims import Claim, Kind, Sources, claims, named_number
from twokey.stats.grounding_words import FUNCTION_WORDS, folded, placed_words, sentences

UNSUPPORTED_ABOVE = 0.5
"""From this share of new words on an answer, or a sentence of it, is flagged."""

SCALE = 10_000
"""Shares are whole ten-thousandths."""

CONTENT, FUNCTION = 2, 1
"""What a new word weighs: function words are in nearly every text, so that one that is not says little, but something."""

FEWEST = 4
"""Content words that a sentence has at least, for its share to flag the answer by itself."""
