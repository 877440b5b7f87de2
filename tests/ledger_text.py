"""A test's docstring is its ledger: dated facts, played through the real services, and the books they must leave.

    2024-06-03  assessed 2023 tax 1,000.00, due 2024-04-15, filed 2024-04-15
    2024-09-30  paid 400.00
    2025-02-03  paid 300.00 as of 2024-10-15
    2025-03-01  agreed on 100.00 a month from 2025-04-15 by debit from 5550001234
    2025-04-30  closed
    2025-05-02  returned R10 of 2025-04-15
    books
    tax       2023    300.00
    fee                22.00

A fact stands after the day on which it was written down; `as of` is the day from which money counts. `closed` runs
the daily close of every day since the last one, from the first agreement on. After `books` stands each account of
the ledger that is not zero: accruals that were not assessed are on no books. Lines that begin with no date and stand
before `books` are prose.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from portal.db import db
from portal.domain import money
from portal.domain.actor import PORTAL
from portal.domain.calendar import ONE_DAY
from portal.domain.ledger import CREDIT
from portal.domain.moment import Moment
from portal.domain.money import Money
from portal.domain.period import Kind, TaxPeriod
from portal.domain.plan import Method
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Agreement, BankAccount, Entry, Payment, Posting, Taxpayer
from portal.models.bank_account import AccountType
from portal.models.payment import Channel
from portal.services import agreements, bank_accounts, payments, taxpayers
from portal.services.agreements import Proposal
from portal.services.taxpayers import Person

PAYS_ALWAYS = "5550001234"
ROUTING_NUMBER = "231380104"
NOON = time(17, tzinfo=UTC)

AMOUNT, DAY = r"([\d,]+\.\d\d)", r"(\d{4}-\d\d-\d\d)"
ACCOUNTS = (*(f"owed:{kind}" for kind in Kind), CREDIT)
_ssns = count(900_00_0001)
_seconds = count(1)


def moment(day: date) -> Moment:
    """Noon of a day, and a little later each time that it is asked for: nothing is written in one instant."""
    return Moment(datetime.combine(day, NOON) + timedelta(microseconds=next(_seconds)), day)


def dollars(text: str) -> Money:
    """An amount as people type it."""
    return money.parse(text)


def a_person(**other: Any) -> Person:
    """Somebody who was never enrolled before."""
    facts = {
        "first_name": "Robin", "last_name": "Ledger", "ssn": f"{next(_ssns):09d}", "born_on": date(1970, 1, 1),
        "filing_status": "single", "street": "1 Main Street", "city": "Salem", "state": "OR", "postal_code": "97301",
    }  # fmt: skip
    return Person(**{**facts, **other})


def enrolled(day: date = date(2024, 1, 2)) -> Taxpayer:
    """A new taxpayer who owes nothing yet."""
    return taxpayers.enrol(a_person(), by=PORTAL, when=moment(day))


def owing(tax: str = "1000.00", *, year: int = 2023, day: date = date(2024, 6, 3)) -> Taxpayer:
    """A new taxpayer whose tax of one year was filed in time and is assessed."""
    taxpayer = enrolled(day)
    due_on = date(year + 1, 4, 15)
    facts = TaxPeriod(year, due_on, due_on, day, dollars(tax))
    taxpayers.assess(taxpayer, facts, by=PORTAL, when=moment(day))
    return taxpayer


def bank_account(taxpayer: Taxpayer, day: date, number: str = PAYS_ALWAYS) -> BankAccount:
    """An account of the taxpayer; by its number the sandbox bank decides."""
    return bank_accounts.add(
        taxpayer, routing_number=ROUTING_NUMBER, number=number, type=AccountType.CHECKING, by=PORTAL, when=moment(day)
    )


def agreed(
    taxpayer: Taxpayer, monthly: str, first_due_on: date, *, day: date, number: str | None = PAYS_ALWAYS,
    method: Method = Method.DIRECT_DEBIT,
) -> Agreement:  # fmt: skip
    """An agreement of the taxpayer, paid by debit unless said otherwise."""
    account = bank_account(taxpayer, day, number) if number and method is Method.DIRECT_DEBIT else None
    proposal = Proposal(dollars(monthly), first_due_on.day, first_due_on, method, account)
    return agreements.accept(taxpayer, proposal, by=PORTAL, when=moment(day))


def paid(taxpayer: Taxpayer, amount: str, day: date, as_of: date | None = None) -> Payment:
    """Money that came by mail on a day, and counts from that day or an earlier one."""
    return payments.receive(
        taxpayer, dollars(amount), channel=Channel.MAIL, pay_on=as_of or day, by=PORTAL, when=moment(day)
    )


def closed(after: date, through: date) -> None:
    """The daily close of each day after the one and up to the other."""
    for number in range(1, (through - after).days + 1):
        close.run(moment(after + timedelta(days=number)), SandboxBank())


def books_of(taxpayer: Taxpayer) -> list[str]:
    """What stands on the books: one line for each account and year that is not zero, credits as they are owed."""
    rows = db.session.execute(
        db.select(Posting.account, Posting.tax_year, Posting.amount)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.taxpayer_id == taxpayer.id, Posting.account.in_(ACCOUNTS))
    )
    sums: dict[tuple[int, int], int] = {}
    for account, year, amount in rows:
        key = (year or 0, ACCOUNTS.index(account))
        sums[key] = sums.get(key, 0) + (amount.cents if account != CREDIT else -amount.cents)
    return [_line(ACCOUNTS[account], year, Money(cents)) for (year, account), cents in sorted(sums.items()) if cents]


def _line(account: str, year: int, amount: Money) -> str:
    name = account.removeprefix("owed:")
    return f"{name} {year} {amount}" if year else f"{name} {amount}"


@dataclass
class Told:
    """A docstring that was played: whose books they are, what stands on them, and what the text expects."""

    taxpayer: Taxpayer
    expected: list[str] = field(default_factory=list)
    closed_through: date = date.min

    @property
    def books(self) -> list[str]:
        return books_of(self.taxpayer)

    def payment(self, on: date) -> Payment:
        """The payment that counts from a day."""
        query = db.select(Payment).where(Payment.taxpayer_id == self.taxpayer.id, Payment.pay_on == on)
        return db.session.execute(query).scalar_one()


def told(text: str) -> Told:
    """Play the facts of a text for a new taxpayer, in the order in which they stand."""
    facts, _, after = text.partition("\n    books\n")
    story = Told(enrolled(), [_expected(line) for line in after.splitlines() if line.strip()])
    for line in facts.splitlines():
        if match := re.match(rf"\s*{DAY}\s+(.*)", line):
            _play(story, date.fromisoformat(match[1]), match[2].strip())
    return story


def _expected(line: str) -> str:
    *names, amount = line.split()
    return " ".join([*names, str(dollars(amount))])


def _play(story: Told, day: date, fact: str) -> None:
    for pattern, deed in DEEDS.items():
        if match := re.fullmatch(pattern, fact):
            deed(story, day, *match.groups())
            return
    raise AssertionError(f"the ledger does not know: {fact}")


def _assess(story: Told, day: date, year: str, tax: str, due_on: str, filed_on: str) -> None:
    dates = date.fromisoformat(due_on), date.fromisoformat(filed_on)
    taxpayers.assess(story.taxpayer, TaxPeriod(int(year), *dates, day, dollars(tax)), by=PORTAL, when=moment(day))


def _pay(story: Told, day: date, amount: str, as_of: str | None) -> None:
    paid(story.taxpayer, amount, day, date.fromisoformat(as_of) if as_of else None)


def _agree(story: Told, day: date, monthly: str, first: str, how: str, number: str | None) -> None:
    story.closed_through = max(story.closed_through, day - ONE_DAY)
    method = {"debit": Method.DIRECT_DEBIT, "payroll": Method.PAYROLL, "check": Method.MANUAL}[how]
    agreed(story.taxpayer, monthly, date.fromisoformat(first), day=day, number=number or PAYS_ALWAYS, method=method)


def _return(story: Told, day: date, code: str, on: str) -> None:
    payments.give_back(story.payment(date.fromisoformat(on)), code, by=PORTAL, when=moment(day))


def _close(story: Told, day: date) -> None:
    closed(story.closed_through, day)
    story.closed_through = day


DEEDS: dict[str, Callable[..., None]] = {
    rf"assessed (\d{{4}}) tax {AMOUNT}, due {DAY}, filed {DAY}": _assess,
    rf"paid {AMOUNT}(?: as of {DAY})?": _pay,
    rf"agreed on {AMOUNT} a month from {DAY} by (debit|payroll|check)(?: from (\d+))?": _agree,
    rf"returned (R\d\d) of {DAY}": _return,
    "closed": _close,
}
