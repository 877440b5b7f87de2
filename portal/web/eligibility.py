"""May I have a plan? Answered for anybody, from what is typed and from nothing else; nothing of it is kept."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import Optional

from portal.domain.case import situation
from portal.domain.eligibility import Hindrance, NothingOwed, Situation
from portal.domain.money import Money, total
from portal.domain.offer import is_too_late
from portal.domain.supposed import supposed, tax_years
from portal.domain.waterfall import Account
from portal.office import office
from portal.policies import legal_days_off
from portal.queries.cases import case_in
from portal.queries.standings import AccountView
from portal.web import records
from portal.web.access import now, public
from portal.web.forms import MOST, AtMost, Form, MoneyField, OfTheList, Once, required, said
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import money
from portal.web.page import page
from portal.web.possible import PlanAnswer, due_dates, plans

bp = Blueprint("eligibility", __name__)
WHO = [("person", _l("I do, or my spouse and I")), ("business", _l("A business"))]
WORK = [
    ("wages", _l("An employer pays me wages")),
    ("self", _l("I work for myself")),
    ("neither", _l("Neither of them")),
]
FILED = [("yes", _l("Yes")), ("no", _l("No, or I am not sure"))]
HINDRANCES = [
    (Hindrance.BANKRUPTCY.value, _l("A bankruptcy case of mine is open")),
    (Hindrance.OFFER.value, _l("I have made an offer in compromise")),
    (Hindrance.COURT.value, _l("My case is with the Department of Justice")),
]
AGREEMENT = "agreement"


def _amount(label: str) -> MoneyField:
    return MoneyField(label, [Once(), Optional(), AtMost(MOST)])


def _question(label: str, missing: str) -> RadioField:
    return RadioField(label, [Once(), required(missing), OfTheList()], validate_choice=False)


class EligibilityForm(Form):
    """What decides on a plan. What is owed is asked for in parts or as one total; of whom we know, less is asked."""

    tax = _amount(_l("Tax"))
    penalty = _amount(_l("Penalties"))
    interest = _amount(_l("Interest"))
    total = _amount(_l("Or all of it together"))
    who = _question(_l("Who owes it?"), _l("Choose who owes it."))
    work = _question(_l("How do you earn your living?"), _l("Choose how you earn your living."))
    filed = _question(_l("Are all tax returns filed that you had to file?"), _l("Choose yes or no."))
    hindrances = SelectMultipleField(_l("Does any of this apply to you?"), [OfTheList()], validate_choice=False)

    def __init__(self, view: AccountView | None) -> None:
        super().__init__(data=_known(view))
        self.who.choices, self.work.choices, self.filed.choices = WHO, WORK, FILED
        self.hindrances.choices = HINDRANCES if view else [*HINDRANCES, (AGREEMENT, _l("I have a plan in force"))]

    def validate(self, extra_validators: Any = None) -> bool:
        is_answered = super().validate(extra_validators)
        if not any(field.errors for field in (self.tax, self.penalty, self.interest, self.total)):
            self._add_up()
        return is_answered and not self.total.errors

    def _add_up(self) -> None:
        """The parts and the whole say the same, and something is owed; else the reason stands beside the whole."""
        parts, whole = self.parts(), self.total.data
        if whole is None and not parts:
            self.total.errors = [_("Enter what you owe: one amount, or its parts above.")]
        elif whole is not None and parts and total(parts) != whole:
            self.total.errors = [
                _("The parts come to %(parts)s, but all of it together is %(whole)s. Mend one, or leave it empty.",
                  parts=money(total(parts)), whole=money(whole))
            ]  # fmt: skip
        elif not self.owed():
            self.total.errors = [said(NothingOwed())]
        elif self.owed() > MOST:
            self.total.errors = [_("Enter at most %(most)s in all.", most=money(MOST))]

    def parts(self) -> list[Money]:
        given = (self.tax.data, self.penalty.data, self.interest.data)
        return [amount for amount in given if amount is not None]

    def owed(self) -> Money:
        return total(self.parts()) if self.total.data is None else self.total.data

    def answered(self, asked: Situation) -> Situation:
        """The situation as it is answered here. Whether there is an agreement is in the records, if there are any."""
        ticked = set(self.hindrances.data or ())
        hindrances = {Hindrance(each) for each in ticked - {AGREEMENT}}
        if self.filed.data == "no":
            hindrances.add(Hindrance.UNFILED)
        return replace(
            asked, owed=self.owed(), hindrances=frozenset(hindrances), is_business=self.who.data == "business",
            has_agreement=asked.has_agreement or AGREEMENT in ticked,
        )  # fmt: skip


@bp.route("/eligibility", methods=["GET", "POST"])
@public
def show() -> Response:
    view = records.own_view()
    form = EligibilityForm(view)
    return page(
        "public/eligibility.html",
        form=form,
        records=records.told(view) if view else None,
        plans=_plans(form, view) if form.validate_on_submit() else None,
        owed=form.owed(),
        latest_year=_latest_year()[0],
        is_changed=view is not None and form.owed() != view.standing.owed.total,
    )


def _known(view: AccountView | None) -> dict[str, Money]:
    """What the records say is owed; nothing is filled in where nothing is."""
    if view is None or not view.standing.owed.total:
        return {}
    owed = view.standing.owed
    return {"tax": owed.tax, "penalty": owed.penalty, "interest": owed.interest}


def _plans(form: EligibilityForm, view: AccountView | None) -> list[PlanAnswer]:
    asked = form.answered(situation(case_in(view)) if view else Situation(on=now().on, owed=Money(0)))
    account = view.account if view and view.standing.owed.total == asked.owed else _supposed(asked)
    law = office().policy.law_on(asked.on)
    asked = replace(asked, is_too_late=is_too_late(account, law, asked.on, min(due_dates(asked.on).values())))
    has_wages = form.work.data == "wages" and not asked.is_business
    return plans(account, asked, has_wages=has_wages)


def _supposed(asked: Situation) -> Account:
    """As if all were tax of the latest year: that is what most people who ask owe."""
    on, policy = asked.on, office().policy
    return supposed(asked.owed, *_latest_year(), policy.law_on(on), on)


def _latest_year() -> tuple[int, date]:
    return next(tax_years(now().on, office().policy.rates, legal_days_off()))
