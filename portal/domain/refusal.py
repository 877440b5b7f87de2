"""A refusal: something asked for that cannot be, with the sentence that a person reads."""

from typing import Any


class Refusal(Exception):
    """This cannot be done."""

    # The answer that it is about, by the name of its field: there the sentence stands.
    about = ""

    def __init__(self, **facts: Any) -> None:
        super().__init__(type(self).__doc__)
        self.facts = facts

    @property
    def sentence(self) -> str:
        """The class docstring, untranslated, in which facts are named like %(amount)s."""
        return type(self).__doc__ or ""

    def __str__(self) -> str:
        return self.sentence % self.facts if self.facts else self.sentence
