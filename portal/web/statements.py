"""Statements: a list by year, and each month and year as a page, on paper and as a file."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort

from portal.domain.money import total
from portal.domain.period import Abatement, Kind, TaxPeriod
from portal.domain.statement import Change, History, Line, Statement, restated, statement
from portal.domain.waterfall import Payment, Refund
from portal.office import office
from portal.queries import statements
from portal.web import pdf, words
from portal.web.access import in_person, now, own_taxpayer_id
from portal.web.forms import ChoiceField, Filters
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import money, month, short_day
from portal.web.page import page
from portal.web.periods import as_of

bp = Blueprint("statements", __name__)
Days = tuple[date, date]
Row = dict[str, Any]


class YearForm(Filters):
    """Whose year's statements to list; the newest unless another is chosen."""

    year = ChoiceField(_l("Year"))

    def __init__(self, years: list[str]) -> None:
        super().__init__(year=years[0])
        self.year.choices = [(year, year) for year in years]


@bp.get("/account/statements")
def show() -> Response:
    history = statements.history(own_taxpayer_id())
    by_year = _by_year(history)
    if not by_year:
        return page("account/statements.html", form=None, rows=[], chosen="")
    form = YearForm(list(by_year))
    chosen = form.year.data if form.validate() else ""
    rows = [_row(history, name, days) for name, days in by_year.get(chosen, {}).items()]
    return page("account/statements.html", form=form, rows=rows, chosen=chosen)


@bp.get("/account/statements/<statement:name>")
def one(name: str) -> Response:
    return _shown(own_taxpayer_id(), name)


@bp.get("/account/statements/<statement:name>.pdf")
@in_person
def download(name: str) -> Response:
    """The same on paper, where the portal can make it."""
    shown = _shown(own_taxpayer_id(), name)
    if not pdf.is_available():
        abort(404)
    return pdf.file_of(shown, f"statement-{name}.pdf")


def _by_year(history: History) -> dict[str, dict[str, Days]]:
    """Every statement there is, by the year and by its name in the address; the newest first, each year before its
    months once it is over.
    """
    today, found = now().on, dict[str, dict[str, Days]]()
    for first_on, last_on in reversed(history.months_over(today)):
        year = str(first_on.year)
        if year not in found:
            whole = date(first_on.year, 1, 1), date(first_on.year, 12, 31)
            found[year] = {year: whole} if first_on.year < today.year else {}
        found[year][f"{first_on:%Y-%m}"] = first_on, last_on
    return found


def _shown(taxpayer_id: int, name: str) -> Response:
    history = statements.history(taxpayer_id)
    days = _by_year(history).get(name[:4], {}).get(name)
    if days is None:
        abort(404)
    law_on = office().policy.law_on
    found = statement(history, law_on, *days)
    since = restated(history, law_on, found.last_on, now().on)
    references = statements.references(taxpayer_id, _payments((*found.changes, *since.changes)))
    return page(
        "account/statement.html",
        name=name,
        title=_title(name, days),
        statement=found,
        sums=_sums(found),
        lines=[_line(found, each) for each in found.lines],
        changes=[_change(each, references) for each in found.changes],
        is_late=any(each.counts_from < found.first_on for each in found.changes),
        since=[_change(each, references) for each in since.changes],
        closing_now=since.closing,
        as_of=as_of("/account/periods", found.last_on),
        pdf_url=f"/account/statements/{name}.pdf" if pdf.is_available() else None,
    )


def _title(name: str, days: Days) -> str:
    return _("Statement of %(time)s", time=_called(name, days))


def _called(name: str, days: Days) -> str:
    return month(days[0]) if "-" in name else name


def _row(history: History, name: str, days: Days) -> Row:
    found = statement(history, office().policy.law_on, *days)
    label = _called(name, days) if "-" in name else _("The whole year %(year)s", year=name)
    return {
        "name": (label, f"/account/statements/{name}"),
        "came": money(found.came_to(*Kind)),
        "paid": money(found.received - found.taken_back),
        "closing": money(found.closing),
    }


def _sums(found: Statement) -> list[Row]:
    """What was owed, what came to it, what was paid of it, and what was left: it adds up."""
    lines = [(_("Owed at the beginning"), found.opening)]
    for kind in Kind:
        what = words.ledger_account(f"owed:{kind}")
        of_kind = [each for each in found.lines if each.kind is kind]
        lines.append((_("Charged: %(what)s", what=what), total(each.charged for each in of_kind)))
        lines.append((_("For days before: %(what)s", what=what), total(each.corrected for each in of_kind)))
    lines += [
        (_("Paid by you"), -found.received),
        (_("Taken back: payments that were returned, and credit that was sent back or used"), found.taken_back),
        (_("Of it paid too much, kept as a credit"), found.credit),
        (_("Owed at the end"), found.closing),
    ]
    always = (0, len(lines) - 1)
    return [
        {"what": what, "amount": money(amount)}
        for index, (what, amount) in enumerate(lines)
        if amount or index in always
    ]


def _line(found: Statement, line: Line) -> Row:
    year = str(line.tax_year) if line.tax_year else ""
    where = as_of(f"/account/periods/{year}", found.last_on)
    return {
        "year": (year, where) if year else (_("No year"), where),
        "what": words.ledger_account(f"owed:{line.kind}"),
        "opening": money(line.opening),
        "came": money(line.charged + line.corrected),
        "paid": money(-line.paid),
        "closing": money(line.closing),
    }


def _change(change: Change, references: dict[str, str]) -> Row:
    fact = change.fact
    payment = None
    if isinstance(fact, Payment):
        what = _("Taken back") if change.is_undone else _("Paid")
        payment = (references[fact.reference], f"/account/payments/{references[fact.reference]}")
    elif isinstance(fact, Refund):
        what = _("Taken from a credit")
        payment = (references[fact.reference], f"/account/payments/{references[fact.reference]}")
    elif isinstance(fact, Abatement):
        what = _("%(what)s of %(year)s given up by us", what=words.ledger_account(f"owed:{fact.kind}"),
                 year=fact.tax_year)  # fmt: skip
    elif isinstance(fact, TaxPeriod):
        what = _("Tax of %(year)s assessed", year=fact.tax_year)
    else:
        what = words.ledger_account(f"owed:{fact.kind}")
    return {
        "on": short_day(change.counts_from),
        "written": short_day(change.on),
        "what": what,
        "payment": payment,
        "amount": money(change.effect),
    }


def _payments(changes: Iterable[Change]) -> list[Payment | Refund]:
    return [each.fact for each in changes if isinstance(each.fact, Payment | Refund)]
