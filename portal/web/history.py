"""Payment history: with filters, page by page, as CSV and PDF; and one payment with its timeline."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort

from portal.domain.lifecycle import PaymentState
from portal.models.payment import Channel
from portal.queries import payments
from portal.queries.direct_pay import OnlinePayment, online_payment
from portal.queries.payments import Filter, PaymentView
from portal.web import pdf, words
from portal.web.access import in_person, now, own_taxpayer_id
from portal.web.csv_lines import csv_line
from portal.web.forms import ChoiceField, Filters
from portal.web.language import day, money, short_day
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.page import page
from portal.web.pages import Pages, asked_page
from portal.web.pay.words import reason as reason_of
from portal.web.receipts import receipt_of

bp = Blueprint("history", __name__)


class HistoryForm(Filters):
    """What to narrow the history to; empty narrows nothing."""

    year = ChoiceField(_l("Year"), default="")
    kind = ChoiceField(_l("How"), default="")
    state = ChoiceField(_l("State"), default="")

    def __init__(self, taxpayer_id: int) -> None:
        super().__init__()
        everything = ("", _("All"))
        self.year.choices = [everything, *((str(year), str(year)) for year in payments.years(taxpayer_id))]
        self.kind.choices = [everything, *((each.value, words.channel(each)) for each in Channel)]
        self.state.choices = [
            everything,
            *((each.value, words.payment_state(each)[0]) for each in words.PAYMENT_STATES),
        ]

    def chosen(self) -> Filter:
        return Filter(
            int(self.year.data) if self.year.data else None,
            Channel(self.kind.data) if self.kind.data else None,
            PaymentState(self.state.data) if self.state.data else None,
        )

    def query(self) -> str:
        """The part of the address that says the same."""
        return urlencode({name: field.data for name, field in self._fields.items() if field.data})


@bp.get("/account/payments")
def show() -> Response:
    taxpayer_id = own_taxpayer_id()
    form = HistoryForm(taxpayer_id)
    if not form.validate():
        return page("account/history.html", form=form, found=None)
    found = payments.history(taxpayer_id, form.chosen(), asked_page())
    return page(
        "account/history.html",
        form=form,
        found=found,
        rows=[words.payment_row(line) for line in found.lines],
        pages=Pages(found.number, found.last, f"/account/payments?{form.query()}".rstrip("?")),
        csv_url=f"/account/payments.csv?{form.query()}".rstrip("?"),
        pdf_url=f"/account/payments.pdf?{form.query()}".rstrip("?") if pdf.is_available() else None,
    )


@bp.get("/account/payments.csv")
@in_person
def download() -> Response:
    taxpayer_id = own_taxpayer_id()
    form = HistoryForm(taxpayer_id)
    if not form.validate():
        return page("account/history.html", form=form, found=None)
    response = Response(_csv(payments.every(taxpayer_id, form.chosen())), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=payments-{now().on}.csv"
    return response


@bp.get("/account/payments.pdf")
@in_person
def paper() -> Response:
    """The same payments on paper, where the portal can make it."""
    taxpayer_id = own_taxpayer_id()
    form = HistoryForm(taxpayer_id)
    if not form.validate():
        return page("account/history.html", form=form, found=None)
    if not pdf.is_available():
        abort(404)
    rows = [words.payment_row(line) for line in payments.every(taxpayer_id, form.chosen())]
    shown = page("account/history_paper.html", rows=rows, today=now().on)
    return pdf.file_of(shown, f"payments-{now().on}.pdf")


@bp.get("/account/payments/<reference:reference>")
def one(reference: str) -> Response:
    return _shown(own_taxpayer_id(), reference)


@bp.get("/account/payments/<reference:reference>.pdf")
@in_person
def receipt(reference: str) -> Response:
    """The same on paper, where the portal can make it."""
    shown = _shown(own_taxpayer_id(), reference)
    if not pdf.is_available():
        abort(404)
    return pdf.file_of(shown, f"{reference}.pdf")


def _shown(taxpayer_id: int, reference: str) -> Response:
    payment = payments.one(taxpayer_id, reference)
    if payment is None:
        abort(404)
    signed = online_payment(taxpayer_id, reference)
    values = values_of(payment, signed, f"/account/payments/{reference}")
    return page("account/payment.html", shares=_shares(payment), **values)


def values_of(payment: PaymentView, signed: OnlinePayment | None, address: str) -> dict[str, Any]:
    """What the page of a payment says, wherever it stands: nothing of the account beyond the payment."""
    return {
        "payment": payment,
        "state": words.payment_state(payment.line.state),
        "steps": [_step(payment, step) for step in payment.steps],
        "facts": _facts(payment, signed),
        "reason": words.return_reason(payment.line.return_code) if payment.line.return_code else None,
        "receipt": receipt_of(signed, address) if signed and signed.signed_at else None,
    }


def _csv(lines: Iterator[payments.PaymentLine]) -> str:
    rows: list[list[str]] = [[_("Date"), _("Reference"), _("How"), _("Amount"), _("State"), _("Return code")]]
    for line in lines:
        rows.append([str(line.pay_on), line.reference, words.channel(line.channel), str(line.amount),
                     words.payment_state(line.state)[0], line.return_code or ""])  # fmt: skip
    return "".join(map(csv_line, rows))


def _facts(payment: PaymentView, signed: OnlinePayment | None) -> list[tuple[str, str]]:
    line = payment.line
    facts = [(_("For"), reason_of(signed.reason))] if signed else []
    facts += [
        (_("Amount"), money(line.amount)),
        (_("Counts as of"), day(line.pay_on)),
        (_("How"), words.channel(line.channel)),
    ]
    if payment.bank_account:
        facts.append((_("From"), words.bank_account(payment.bank_account)))
    if payment.installment_on:
        facts.append((_("For the installment due"), day(payment.installment_on)))
    return [*facts, (_("Confirmation number") if signed else _("Reference"), line.reference)]


def _step(payment: PaymentView, step: payments.Step) -> tuple[str, str, str, str]:
    name, tone = words.payment_state(step.state)
    told = {
        PaymentState.SCHEDULED: _("We promised to take this payment on %(day)s.", day=day(payment.line.pay_on)),
        PaymentState.SUBMITTED: _("Your employer told us that it sent this payment.")
        if payment.line.channel is Channel.PAYROLL
        else _("We sent the debit to your bank."),
        PaymentState.SETTLED: _("The money is here. It counts as of %(day)s.", day=day(payment.line.pay_on)),
        PaymentState.RETURNED: _("Your bank sent the payment back. It does not count."),
        PaymentState.REVERSED: _("It was posted here by mistake, and taken off again. It does not count."),
        PaymentState.CANCELLED: _("This payment will not be taken."),
    }[step.state]
    return short_day(step.happened_on), name, told, tone


def _shares(payment: PaymentView) -> list[dict[str, Any]]:
    return [
        {
            "year": str(share.tax_year) if share.tax_year else _("No year"),
            "what": words.ledger_account(share.account),
            "amount": money(share.amount),
        }
        for share in payment.shares
    ]
