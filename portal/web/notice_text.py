"""A notice as text, in the reader's language, written from its kind and facts with the words of the table."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.domain.money import Money, read
from portal.models.notice import NoticeKind
from portal.web import support_words, words
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.notice_parts import Sentence, Words
from portal.web.notice_words import WORDS

AMOUNTS = {
    "amount", "was_amount", "monthly", "fee", "fee_back", "penalty", "beginning", "tax", "fees", "penalties",
    "interest", "payments", "credit", "ending", "least",
}  # fmt: skip
NAME = re.compile(r"%\((\w+)\)")
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is read; `now` is what to do, and `href` where."""

    title: str
    happened: str
    means: str
    costs: str
    now: str
    label: str
    href: str
    is_urgent: bool


def told(kind: NoticeKind, facts: Facts) -> Told:
    """The notice in the reader's language. Facts that older notices lack leave out what would be said with them."""
    ways = WORDS[kind]
    said = ways if isinstance(ways, Words) else next(each for each in ways if _fits(each, facts))
    known = _written(facts)
    label, href = said.link
    return Told(
        title=_said([said.title], known),
        happened=_said(said.happened, known),
        means=_said(said.means, known),
        costs=_said(said.costs, known),
        now=_said(said.now, known),
        label=_said([label], known),
        href=href % facts if facts.keys() >= set(NAME.findall(href)) else "/account",
        is_urgent=said.is_urgent,
    )


def title(kind: NoticeKind, facts: Facts) -> str:
    """What a notice is called in a list."""
    return told(kind, facts).title


def amount_of(fact: str) -> Money:
    """An amount as facts hold it: like 310.00, or -310.00."""
    return -read(fact[1:]) if fact.startswith("-") else read(fact)


def _fits(said: Words, facts: Facts) -> bool:
    return all(facts.get(name, "") in values for name, values in said.only.items())


def _written(facts: Facts) -> dict[str, str]:
    """The facts that are known, as they stand in a sentence."""
    known = {name: _in_words(name, fact) for name, fact in facts.items() if fact and not _is_zero(name, fact)}
    if "code" in known:
        known["why"] = words.return_reason(known["code"])
    if "support_reason" in known:
        known["why"] = support_words.reason(known["support_reason"])
    return known


def _is_zero(name: str, fact: str) -> bool:
    return name in AMOUNTS and not amount_of(fact)


def _in_words(name: str, fact: str) -> str:
    if name in AMOUNTS:
        return money(amount_of(fact))
    return day(date.fromisoformat(fact)) if name.endswith(("_on", "_by")) else fact


def _said(sentences: Iterable[Sentence], known: Facts) -> str:
    """The sentences whose facts are known, one after the other."""
    found = (_first([each] if isinstance(each, str) else each, known) for each in sentences)
    return " ".join(each for each in found if each)


def _first(ways: Iterable[str], known: Facts) -> str:
    way = next((each for each in ways if set(NAME.findall(each)) <= known.keys()), "")
    return _(way, **known) if NAME.search(way) else _(way)
