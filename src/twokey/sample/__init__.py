"""Which records are judged: counted in one pass over the recording, drawn by a keyed hash of the id.

A record is drawn for its id and the seed alone, so neither the order of the file nor the number of shards or processes
can show in the sample. Pass one makes a `Census`, `draw` makes of it a `Drawn`, and pass two asks that which records it
takes. What the records say is looked at nowhere here.
"""

from twokey.sample.counting import (
    Census,
    Counter,
    census,
    first_lines,
    merge_census,
    refuse_duplicates,
    unreadable_lines,
)
from twokey.sample.drawing import Drawn, Share, draw
from twokey.sample.keys import AUDIT, SAMPLE, key, keys

__all__ = [
    "AUDIT",
    "SAMPLE",
    "Census",
    "Counter",
    "Drawn",
    "Share",
    "census",
    "draw",
    "first_lines",
    "key",
    "keys",
    "merge_census",
    "refuse_duplicates",
    "unreadable_lines",
]
