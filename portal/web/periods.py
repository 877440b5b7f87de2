"""What was owed on any day, and one tax year: its ledger, and every figure with its working, as of that day."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, request
from wtforms import ValidationError

from portal.domain.calendar import ONE_DAY
from portal.domain.money import Money
from portal.domain.period import Owed, RunningPeriod, TaxPeriod
from portal.domain.rates import Rate
from portal.domain.waterfall import Books, known_on, replay
from portal.domain.working import Accrual, Paid, Working, working
from portal.office import office
from portal.queries import accounts, periods, statements
from portal.web import words
from portal.web.access import now, own_taxpayer_id
from portal.web.forms import DayField, Filters
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import money, ngettext, percent, short_day
from portal.web.page import page

bp = Blueprint("periods", __name__)
Row = dict[str, object]


class AsOfForm(Filters):
    """The day as of which to look."""

    on = DayField(_l("As of"))

    def validate_on(self, field: DayField) -> None:
        """From the assessment to today."""
        if field.data and field.data > now().on:
            raise ValidationError(_("Choose today or a day before it."))

    def day(self) -> date:
        """The day asked for; today if none is, or none that can be."""
        return self.on.data if "on" in request.args and self.validate() and self.on.data else now().on


@bp.get("/account/periods")
def every() -> Response:
    """What was owed on a day: with what is known today, and as the books had it then."""
    history, form = statements.history(own_taxpayer_id()), AsOfForm()
    day, today = form.day(), now().on
    law = office().policy.law_on(day)
    books, then = (replay(known_on(history.account(known), day), law, day)[0] for known in (today, day))
    was = Money(then.balance_cents(day))
    return page("account/periods.html", form=form, day=day, today=today, was=was, **_balance(books, day))


@bp.get("/account/periods/<year:year>")
def show(year: str) -> Response:
    taxpayer_id = own_taxpayer_id()
    facts = accounts.facts(taxpayer_id)
    period = _own_period(facts.periods, int(year))
    form = AsOfForm()
    day = form.day()
    if day < period.assessed_on:
        return page("account/period_before.html", period=period, form=form, day=day)
    found = working(known_on(facts, day), office().policy.law_on(day), period.tax_year, day)
    entries = [_entry_row(line) for line in periods.ledger(taxpayer_id, period.tax_year, day)]
    return page("account/period.html", form=form, working=found, today=now().on, entries=entries, **_steps(found))


def as_of(address: str, day: date) -> str:
    """A page that can be shown as of any day, as of this one."""
    return f"{address}?on={day.month}&on={day.day}&on={day.year}"


def _balance(books: Books, day: date) -> dict[str, Any]:
    """What the books owe at the end of a day, and by year."""
    return {
        "balance": Money(books.balance_cents(day)),
        "fee": Money(books.fee),
        "credit": Money(books.credit),
        "rows": [_year_row(period, day) for period in books.periods],
        "foot": {"year": _("All years"), **_owed_row(books.owed(day))},
    }


def _year_row(period: RunningPeriod, day: date) -> Row:
    year = str(period.facts.tax_year)
    return {"year": (year, as_of(f"/account/periods/{year}", day)), **_owed_row(period.owed(day))}


def _owed_row(owed: Owed) -> Row:
    amounts = {"tax": owed.tax, "penalty": owed.penalty, "interest": owed.interest, "total": owed.total}
    return {name: money(amount) for name, amount in amounts.items()}


def _steps(found: Working) -> dict[str, Any]:
    """The tables that say how the figures came about."""
    return {
        "is_estimate": found.day > office().policy.rates.published_through,
        "rate_rows": [_rate_row(rate) for rate in _rates_used(found)],
        "interest_rows": [*map(_interest_row, found.steps), *_interest_given_up(found)],
        "penalty_rows": _penalty_rows(found),
    }


def _own_period(own: tuple[TaxPeriod, ...], year: int) -> TaxPeriod:
    found = next((period for period in own if period.tax_year == year), None)
    if found is None:
        abort(404)
    return found


def _interest_row(step: Accrual | Paid) -> Row:
    if isinstance(step, Paid):
        paid = (step.tax, step.penalty, step.interest)
        return {
            "days": short_day(step.on),
            "what": _("Paid: tax %(tax)s, penalty %(penalty)s, interest %(interest)s",
                      **dict(zip(("tax", "penalty", "interest"), map(money, paid), strict=True))),
            "rate": "", "amount": money(-step.interest) if step.interest else "",
        }  # fmt: skip
    return {
        "days": _("%(first)s to %(last)s", first=short_day(step.first), last=short_day(step.last)),
        "what": _("%(days)s days on %(base)s", days=step.days, base=money(step.base)),
        "rate": f"{step.rate.percent}%",
        "amount": money(step.interest),
    }


def _interest_given_up(found: Working) -> list[Row]:
    given_up = found.given_up.interest
    if not given_up:
        return []
    return [{"days": short_day(found.day), "what": _("Given up by us"), "rate": "", "amount": money(-given_up)}]


def _rates_used(found: Working) -> list[Rate]:
    rates = office().policy.rates
    first = found.facts.due_on + ONE_DAY
    return [rates.on(first), *rates.changes_between(first, found.day)]


def _rate_row(rate: Rate) -> Row:
    return {"from": short_day(rate.begins_on), "rate": f"{rate.percent}%", "source": rate.source}


def _penalty_rows(found: Working) -> list[Row]:
    rows: list[Row] = []
    if filing := found.filing:
        what = ngettext(
            "Filed late, one month: %(percent)s%% of %(tax)s",
            "Filed late, %(num)s months: %(percent)s%% a month of %(tax)s",
            filing.months, percent=percent(filing.basis_points), tax=money(filing.tax),
        )  # fmt: skip
        if filing.floor:
            what = _("Filed more than 60 days late: the least that is charged, but not more than the tax")
        rows.append({"from": short_day(found.facts.due_on), "what": what, "amount": money(filing.charge)})
    for step in found.penalty_steps:
        what = ngettext(
            "Paid late, one month: %(percent)s%% of %(tax)s (%(reason)s)",
            "Paid late, %(num)s months: %(percent)s%% a month of %(tax)s (%(reason)s)",
            step.months, percent=percent(step.basis_points), tax=money(step.tax),
            reason=words.month_reason(step.reason),
        )  # fmt: skip
        rows.append({"from": short_day(step.first_on), "what": what, "amount": money(step.charge)})
    for charge in found.dishonored:
        what = _("A payment that the bank returned")
        rows.append({"from": short_day(charge.on), "what": what, "amount": money(charge.amount)})
    if paid := found.paid().penalty:
        rows.append({"from": short_day(found.day), "what": _("Paid of it so far"), "amount": money(-paid)})
    if given_up := found.given_up.penalty:
        rows.append({"from": short_day(found.day), "what": _("Given up by us"), "amount": money(-given_up)})
    return rows


def _entry_row(line: periods.EntryLine) -> Row:
    reference = (line.payment, f"/account/payments/{line.payment}") if line.payment else None
    return {
        "on": short_day(line.effective_on),
        "what": f"{words.entry_kind(line.kind)}: {words.ledger_account(line.account)}",
        "payment": reference,
        "recorded": short_day(line.recorded_at.astimezone(office().settings.time_zone).date()),
        "amount": money(line.amount),
        "after": money(line.owed_after),
    }
