"""Refusals: the docstring is what the person reads, with the facts of the case filled in."""

import pytest

from portal.domain.lifecycle import NotAllowed
from portal.domain.money import NotMoney
from portal.domain.rates import RateNotPublished
from portal.domain.refusal import Refusal
from portal.domain.routing import BadRoutingNumber


class TooMuch(Refusal):
    """You can pay up to %(most)s, which is 100%% of what you owe."""


def test_a_refusal_reads_as_its_docstring() -> None:
    assert str(NotMoney()) == "Enter an amount in dollars and cents, like 1,250.00."


def test_facts_are_filled_into_the_sentence() -> None:
    refusal = TooMuch(most="12.00")
    assert str(refusal) == "You can pay up to 12.00, which is 100% of what you owe."
    assert refusal.facts == {"most": "12.00"}


def test_the_sentence_can_be_translated_before_the_facts_are_filled_in() -> None:
    assert TooMuch(most="12.00").sentence == "You can pay up to %(most)s, which is 100%% of what you owe."


def test_a_refusal_without_words_of_its_own_is_still_a_sentence() -> None:
    assert str(Refusal()) == "This cannot be done."


@pytest.mark.parametrize("kind", [NotAllowed, NotMoney, RateNotPublished, BadRoutingNumber, Refusal])
def test_every_refusal_is_a_sentence_and_no_code(kind: type[Refusal]) -> None:
    words = kind.__doc__ or ""
    assert words[0].isupper()
    assert words.rstrip().endswith(".")
    assert len(words.split()) >= 4
