"""docs/seeds.md against the code."""

import re
from pathlib import Path

from twokey.config.review import Seeds
from twokey.review.mutations import MUTATIONS
from twokey.stats.seeds import survival

PAGE = (Path(__file__).parents[3] / "docs/seeds.md").read_text(encoding="utf-8")
SEES = {"nothing: passes everything": 0.0, "one in two": 0.5, "80%": 0.8, "90%": 0.9, "95%": 0.95, "99%": 0.99}


def test_the_table_of_what_the_default_is_worth_is_the_formulas() -> None:
    rules = Seeds()
    assert f"count: {rules.count}, decoys: {rules.decoys}, void_at: {rules.void_at}, practice: {rules.practice}" in PAGE
    for sees, sensitivity in SEES.items():
        stated = survival(sensitivity, rules.count, rules.void_at)
        assert f"| {sees} | {f'{stated:.1%}' if stated else '0%'} |" in PAGE


def test_every_mutation_is_on_the_page_and_no_other() -> None:
    rows = re.findall(r"^\| (`[a-z`, -]+`) \|", PAGE, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)} == set(MUTATIONS)
