"""An account as an accountant reads it: every entry of its ledger, and how each figure of each year came about."""

from datetime import date

from portal.db import db
from portal.domain.working import Accrual, Working, working
from portal.models import Entry, Payment, Posting, Taxpayer
from portal.office import office
from portal.queries import accounts

COLUMNS = "{:10}  {:10}  {:4}  {:15} {:>12} {:>12}"


def statement(taxpayer: Taxpayer, day: date) -> str:
    """The whole account up to the end of the day. Amounts in dollars; what is owed is positive."""
    account = accounts.facts(taxpayer.id)
    law = office().policy.law_on(day)
    lines = [f"{taxpayer.name}, as of {day}", "", "LEDGER", *_ledger(taxpayer, day)]
    for period in account.periods:
        lines += ["", f"TAX YEAR {period.tax_year}", *_year(working(account, law, period.tax_year, day))]
    return "\n".join(lines) + "\n"


def _ledger(taxpayer: Taxpayer, day: date) -> list[str]:
    rows = db.session.execute(
        db.select(Entry.effective_on, Entry.kind, Posting.tax_year, Posting.account, Posting.amount, Payment.channel)
        .join(Posting, Posting.entry_id == Entry.id)
        .outerjoin(Payment, Payment.id == Entry.payment_id)
        .where(Entry.taxpayer_id == taxpayer.id, Entry.effective_on <= day)
        .where(Posting.account.startswith("owed:") | (Posting.account == "credit"))
        .order_by(Entry.effective_on, Entry.id, Posting.id)
    )
    owed = 0
    lines = [COLUMNS.format("day", "entry", "year", "account", "amount", "on the books").rstrip()]
    for on, kind, year, name, amount, channel in rows:
        owed += amount.cents
        what = name.removeprefix("owed:")
        row = COLUMNS.format(str(on), kind, year or "", what, _dollars(amount.cents), _dollars(owed))
        lines.append(f"{row}  {channel or ''}".rstrip())
    return lines


def _year(done: Working) -> list[str]:
    facts = done.facts
    lines = [
        f"tax {_dollars(facts.tax.cents)}, due {facts.due_on}, filed {facts.filed_on}, assessed {facts.assessed_on},"
        f" collection ends {facts.collection_ends_on}"
    ]
    if done.filing:
        lines.append(f"failure to file: {done.filing.months} months, {_dollars(done.filing.charge.cents)}")
    for step in done.penalty_steps:
        lines.append(
            f"failure to pay from {step.first_on}: {step.months:3} x {step.basis_points / 100:.2f}% of"
            f" {_dollars(step.tax.cents)} ({step.reason}) = {_dollars(step.charge.cents)}"
        )
    lines += [f"returned payment {each.on}: {_dollars(each.amount.cents)}" for each in done.dishonored]
    for row in done.steps:
        if isinstance(row, Accrual):
            lines.append(
                f"interest {row.first} to {row.last}: {row.days:3} days at {row.rate.percent}% on"
                f" {_dollars(row.base.cents)} = {_dollars(row.interest.cents)}"
            )
        else:
            parts = ((row.tax, "tax"), (row.penalty, "penalty"), (row.interest, "interest"))
            lines.append(
                f"paid {row.on}: " + ", ".join(f"{name} {_dollars(part.cents)}" for part, name in parts if part)
            )
    owed = done.owed
    lines.append(
        f"owed {done.day}: tax {_dollars(owed.tax.cents)}, penalty {_dollars(owed.penalty.cents)},"
        f" interest {_dollars(owed.interest.cents)}, together {_dollars(owed.total.cents)}"
    )
    return lines


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
