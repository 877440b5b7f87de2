"""What notices are made of: the shape of their words, and the sentences that several of them share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.web.language import marked as N_

Sentence = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in words: its title, what happened, what it means, what it costs, what to do now, and where.

    `title`, `happened` and `now` are mailed as well, so they name no account. `only` are the values of facts with
    which a notice of this kind is said so; the first that fits is said.
    """

    title: Sentence
    happened: tuple[Sentence, ...]
    now: tuple[Sentence, ...]
    link: tuple[str, str]
    means: tuple[Sentence, ...] = ()
    costs: tuple[Sentence, ...] = ()
    is_urgent: bool = False
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


GROWS = N_("Interest and penalties go on until everything is paid.")
NOTHING_TO_DO = N_("You do not have to do anything.")
OWN_PAYMENTS = N_("Your plan goes on by your own payments: the same amount, due on the same day.")
PAY_YOURSELF = N_("Pay each installment yourself, so that it is here on the day on which it is due.")
NOT_DEBITED = N_("We take nothing from this account any more.")
LEVY_AND_LIEN = N_(
    "Then we can take part of your wages and the money in your bank accounts (a levy), and file a public claim "
    "on what you own (a lien)."
)
ENDS_AFTER = N_("If it is not put right by %(cure_by)s, we can end your plan.")
COMING = (N_("See the coming payments"), "/account/upcoming")
WAYS = (N_("Ways to pay"), "/pay")
PLAN = (N_("See your plan"), "/agreement")
