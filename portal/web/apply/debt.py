"""Questions about the debt: what is owed, what is in the way of a plan, and what can be paid at once."""

from typing import Any

from wtforms import RadioField, SelectMultipleField, ValidationError

from portal.domain.answers import Answer, Step
from portal.domain.eligibility import Hindrance
from portal.domain.waterfall import replay
from portal.web.apply import words
from portal.web.apply.desk import Desk
from portal.web.apply.person import YES_NO
from portal.web.apply.question import Question
from portal.web.forms import MoneyField, options, required
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.language import money


class Balance(Question):
    """What is owed by year, from the ledger: nothing to answer but that it was seen."""

    step = Step.BALANCE
    template = "apply/balance.html"
    heading = _l("This is what you owe")

    def answer(self) -> Answer:
        return {"seen_on": self.desk.case.on.isoformat()}

    def shown(self) -> dict[str, Any]:
        case = self.desk.case
        books = replay(case.account, case.law, case.on)[0]
        rows = [
            {
                "year": (str(period.facts.tax_year), f"/account/periods/{period.facts.tax_year}"),
                "tax": money(owed.tax), "penalty": money(owed.penalty), "interest": money(owed.interest),
                "total": money(owed.total),
            }
            for period in books.periods
            if (owed := period.owed(case.on)).total
        ]  # fmt: skip
        return {"years": rows, "balance": case.balance, "on": case.on}


class Returns(Question):
    """Whether every return that was due is filed."""

    step = Step.RETURNS
    heading = _l("Have you filed all the tax returns that you had to file?")
    looks = {"filed": {"hint": _l("Filed is enough: they do not have to be paid. Without them no plan is possible.")}}

    filed = RadioField(_l("Tax returns"), choices=YES_NO, validators=[required(_l("Choose yes or no."))])


class Circumstances(Question):
    """What keeps the agency from agreeing while it lasts."""

    step = Step.CIRCUMSTANCES
    heading = _l("Is any of this true for you?")
    looks = {"true": {"hint": _l("Choose all that is true, or none of it.")}}

    true = SelectMultipleField(_l("What is true"))

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        known = [(each.value, _(words.HINDRANCES[each])) for each in words.HINDRANCES]
        self.true.choices = [*known, ("none", _("None of this"))]

    def given(self) -> dict[str, Any]:
        answer = self.desk.answers.get(self.step)
        return {"true": (answer["true"].split() or ["none"]) if answer else []}

    def validate_true(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("Choose what is true for you, or “None of this”."))
        if "none" in field.data and len(field.data) > 1:
            raise ValidationError(_("Choose either “None of this” or what is true, not both."))

    def answer(self) -> Answer:
        return {"true": " ".join(each for each in Hindrance if each in (self.true.data or ()))}


class PaymentNow(Question):
    """What can be paid at once: an intention that makes the plan cheaper, and on which no rule relies."""

    step = Step.PAYMENT_NOW
    heading = _l("Can you pay something now?")
    lead = _l("Whatever you pay now bears no interest any more. You can also pay nothing now.")
    looks = {"amount": {"hint": _l("Only if you pay a part. Once your plan is agreed we show you how to pay it.")}}

    choice = RadioField(
        _l("What you can pay"),
        choices=options(
            {
                "nothing": _l("Nothing now, everything in monthly payments"),
                "part": _l("A part now, and the rest in monthly payments"),
                "all": _l("Everything now"),
            }
        ),
        validators=[required(_l("Choose what you can pay now."))],
    )
    amount = MoneyField(_l("Amount that you can pay now"))

    def validate_amount(self, field: MoneyField) -> None:
        """Asked only of who pays a part, and less than everything."""
        if self.choice.data != "part":
            field.errors = []
            return
        balance = self.desk.case.balance
        if not field.errors and not field.data:
            raise ValidationError(_("Enter the amount that you can pay now."))
        if field.data and field.data >= balance:
            raise ValidationError(
                _("You owe %(balance)s. Enter less than that, or choose to pay everything.", balance=money(balance))
            )

    def answer(self) -> Answer:
        is_part = self.choice.data == "part"
        return {"choice": self.choice.data, "amount": str(self.amount.data) if is_part else ""}

    def onward(self) -> str | None:
        """Who can pay everything needs no plan."""
        return f"/pay?amount={self.desk.case.balance}" if self.choice.data == "all" else None
