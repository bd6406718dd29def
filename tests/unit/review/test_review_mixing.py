import pytest
from seed_world import evidence, made, sealed

from twokey.errors import TwokeyError
from twokey.review.mixing import mixed
from twokey.review.order import presented
from twokey.review.seeds import render


def test_without_a_bundle_the_items_are_given_alone() -> None:
    given = mixed(evidence().items, None, evidence().digest)
    assert (given.items, given.practice, given.seeds) == (presented(evidence().items, (), evidence().digest), (), None)


def test_with_one_the_seeds_are_among_them_and_it_is_named() -> None:
    given = mixed(evidence().items, sealed().data, evidence().digest)
    assert len(given.items) == len(evidence().items) + 12
    assert (len(given.practice), given.seeds) == (2, sealed().digest)


def test_a_bundle_of_other_evidence_is_refused() -> None:
    other = render(made(of=evidence("another")))
    with pytest.raises(TwokeyError, match="sealed seeds of other evidence"):
        mixed(evidence().items, other, evidence().digest)


def test_a_bundle_that_takes_the_place_of_an_item_is_refused() -> None:
    clash = [{**row, "id": sealed().bundle.items[0]["id"]} for row in evidence().items[:1]]
    with pytest.raises(TwokeyError, match="holds an item that the review has already"):
        mixed(clash, sealed().data, evidence().digest)
