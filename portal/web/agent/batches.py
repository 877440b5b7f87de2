"""Batches: mailed checks entered together, from the keyboard alone, until they add up to the deposit slip."""

import secrets
from typing import Any

from flask import Response, abort, redirect, request
from wtforms import FieldList, FormField, HiddenField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import Length

from portal.domain.money import Money, total
from portal.models import Batch
from portal.models.batch import TenderKind
from portal.models.columns import read_reference
from portal.queries import batches
from portal.services import tenders
from portal.services.tenders import Line, Slip
from portal.web import words
from portal.web.access import actor, now
from portal.web.agent.desk import at_the_desk, bp
from portal.web.agent.words import TENDERS, tender_kind
from portal.web.forms import AtMost, ChoiceField, DayField, Form, MoneyField, OneLine, options, required, said, takes
from portal.web.language import gettext as _
from portal.web.language import instant, money, ngettext, short_day
from portal.web.language import lazy_gettext as _l
from portal.web.page import page

FEWEST, MOST_LINES = 25, 200
BY_MAIL = {kind: TENDERS[kind] for kind in ("check", "money_order")}
LARGEST = Money(9_999_999_99)
# What a line says when it is left empty.
UNTOUCHED = ("", "", "", "")


class LineForm(PlainForm):
    """A check or a money order. A line that is left empty is none."""

    account = StringField(_l("Account"), [Length(max=30), OneLine()])
    number = StringField(_l("Number"), [Length(max=30), OneLine()])
    amount = MoneyField(_l("Amount"), [AtMost(LARGEST)])
    envelope = StringField(_l("Envelope"), [Length(max=30), OneLine()])
    kind = ChoiceField(_l("What it is"), choices=options(BY_MAIL), default=TenderKind.CHECK)

    def is_empty(self) -> bool:
        typed = (self.account.data or "", self.number.data or "", self.amount._value(), self.envelope.data or "")
        return tuple(each.strip() for each in typed) == UNTOUCHED

    def line(self) -> Line:
        typed = (self.account.data or "").strip()
        account = read_reference(typed, "TP") or read_reference(f"TP{typed}", "TP") or ""
        number = (self.number.data or "").strip()
        envelope = (self.envelope.data or "").strip()
        return Line(account, TenderKind(self.kind.data), number, self.amount.data or Money(0), envelope)

    def find_gaps(self) -> None:
        """A line that was begun has an account, a number and an amount."""
        if not (self.account.data or "").strip():
            self.account.errors = [_("Enter the account from the coupon.")]
        if not (self.number.data or "").strip():
            self.number.errors = [_("Enter the number of the check or money order.")]
        if not self.amount.data and not self.amount.errors:
            self.amount.errors = [_("Enter an amount above zero.")]


class BatchForm(Form):
    """A deposit slip and its lines. `key` names this form, so that it is one batch however often it is sent."""

    key = HiddenField(validators=[Length(max=43)])
    received_on = DayField(_l("Received on"), [required(_l("Enter the day on which the envelopes came."))])
    total = MoneyField(
        _l("Total of the deposit slip"), [required(_l("Enter the total of the slip.")), AtMost(LARGEST)]
    )
    lines = FieldList(FormField(LineForm), min_entries=FEWEST, max_entries=MOST_LINES)

    def __init__(self) -> None:
        super().__init__(key=secrets.token_urlsafe(32), received_on=now().on)
        for _more in range(min(_asked_lines(), MOST_LINES) - len(self.lines)):
            self.lines.append_entry()

    @property
    def only_adds_up(self) -> bool:
        """Whether nothing is to be posted yet."""
        return "step" in request.form or "more" in request.form

    @property
    def begin(self) -> int | None:
        """The first of the lines that were asked for."""
        return len(self.lines) - FEWEST + 1 if "more" in request.form else None

    def filled(self) -> list[LineForm]:
        return [entry.form for entry in self.lines if not entry.form.is_empty()]

    def sum(self) -> Money:
        return total(each.amount.data for each in self.filled() if each.amount.data)

    def validate(self, extra_validators: Any = None) -> bool:
        holds = super().validate(extra_validators)
        filled = self.filled()
        if not filled:
            self.form_errors.append(_("Enter at least one line."))
        for each in filled:
            each.find_gaps()
        if not any(each.errors for each in filled) and not tenders.entered(self.key.data or ""):
            self._find_faults(filled)
        if any(each.errors for each in filled):
            self.lines.errors = [_("Mend the lines.")]
        return holds and bool(filled) and not self.lines.errors

    def _find_faults(self, filled: list[LineForm]) -> None:
        """What cannot be posted stands beside its line."""
        for each, fault in zip(filled, tenders.faults([one.line() for one in filled]), strict=True):
            if fault is not None:
                each[fault.about].errors = [said(fault)]

    def send(self) -> Batch:
        assert self.received_on.data is not None
        assert self.total.data is not None
        slip = Slip(self.key.data or "", self.received_on.data, self.total.data)
        return tenders.enter(slip, [each.line() for each in self.filled()], by=actor(), when=now())


@bp.get("/agent/batches")
@at_the_desk
def list_batches() -> Response:
    return page("agent/batches.html", rows=[_batch_row(each) for each in batches.newest()])


@bp.route("/agent/batches/entry", methods=["GET", "POST"])
@at_the_desk
@takes(6 * MOST_LINES)
def enter_batch() -> Response:
    form, entered = BatchForm(), list[Batch]()
    if not form.only_adds_up and form.carry_out(lambda: entered.append(form.send())):
        return redirect(f"/agent/batches/{entered[0].reference}", 303)  # type: ignore[return-value]
    more = min(len(form.lines) + FEWEST, MOST_LINES)
    return page("agent/batch_entry.html", form=form, more=more, most=MOST_LINES)


@bp.get("/agent/batches/<reference:reference>")
@at_the_desk
def batch(reference: str) -> Response:
    found = batches.one(reference)
    if found is None:
        abort(404)
    rows = [_line_row(each) for each in batches.lines(reference)]
    return page("agent/batch.html", batch=found, facts=_batch_facts(found), rows=rows)


def _asked_lines() -> int:
    """How many lines there are to be: what the button asks for, or as many as there were."""
    asked = request.form.get("more", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else FEWEST


def _batch_row(each: batches.BatchView) -> dict[str, Any]:
    return {
        "reference": (each.reference, f"/agent/batches/{each.reference}"),
        "on": short_day(each.received_on),
        "count": each.count,
        "total": money(each.total),
        "by": each.entered_by,
    }


def _batch_facts(each: batches.BatchView) -> list[tuple[str, str]]:
    return [
        (_("Received on"), short_day(each.received_on)),
        (_("Total of the deposit slip"), money(each.total)),
        (_("Lines"), ngettext("One line", "%(num)s lines", each.count)),
        (_("Entered"), instant(each.entered_at)),
        (_("By"), each.entered_by),
    ]


def _line_row(each: batches.BatchLine) -> dict[str, Any]:
    return {
        "name": (each.name, f"/agent/taxpayers/{each.account}"),
        "kind": tender_kind(each.kind),
        "number": each.number,
        "amount": money(each.amount),
        "envelope": each.envelope,
        "payment": each.payment,
        "state": words.payment_state(each.state),
    }
