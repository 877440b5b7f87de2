"""Questions about the plan: which kind, how much a month, on which day, and whether the fee is lower."""

import re
from datetime import timedelta
from typing import Any

from flask import request
from wtforms import RadioField, SelectField, StringField, ValidationError

from portal.domain import money as amounts
from portal.domain.answers import Answer, Step, kind_of, paid_now
from portal.domain.application import check_amount, day_answer
from portal.domain.case import Bounds, bounds, offered, reasons, unpaid
from portal.domain.money import Money
from portal.domain.offer import at_once
from portal.domain.plan import PlanKind
from portal.domain.refusal import Refusal
from portal.web import words as field_words
from portal.web.apply.desk import Desk
from portal.web.apply.question import Question
from portal.web.forms import AtMost, MoneyField, required, said
from portal.web.language import day, money, ngettext, short_day
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.reasons import told

MOST_PEOPLE = 20
LARGEST_INCOME = Money(99_999_999_99)


class PlanChoice(Question):
    """Short or long; where neither is possible, every reason and the way back in."""

    step = Step.PLAN
    template = "apply/plan.html"
    heading = _l("Which plan do you want?")

    kind = RadioField(_l("Plan"), validators=[required(_l("Choose a plan."))])

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._against = reasons(desk.case, desk.answers)
        self.kind.choices = [
            (kind.value, field_words.plan(kind)) for kind, found in self._against.items() if not found
        ]

    def shown(self) -> dict[str, Any]:
        return {
            "notes": {kind.value: self._note(kind) for kind in self._possible()},
            "impossible": [(field_words.plan(kind), told(found)) for kind, found in self._against.items() if found],
        }

    def _possible(self) -> list[PlanKind]:
        return [kind for kind, found in self._against.items() if not found]

    def _note(self, kind: PlanKind) -> str:
        """What a plan asks for, in a sentence or two."""
        case = self.desk.case
        least = bounds(case, kind).minimum
        if kind is PlanKind.SHORT_TERM:
            last = case.on + timedelta(days=case.limits.short_term_days)
            cost = at_once(case.account, case.law, case.on, pay_on=last)
            return _(
                "Pay everything by %(day)s: %(least)s a month or more. No fee; interest and penalties of up to "
                "%(cost)s.",
                day=day(last), least=money(least or Money(0)), cost=money(cost.interest + cost.penalty),
            )  # fmt: skip
        return _(
            "Up to %(months)s monthly payments of %(least)s or more, with a fee. Interest goes on; the penalty for "
            "paying late is halved if you filed on time.",
            months=case.limits.term_months, least=money(least or Money(0)),
        )  # fmt: skip


class Amount(Question):
    """How much a month: at least what clears the debt in time, with what the amount comes to shown at once."""

    step = Step.AMOUNT
    template = "apply/amount.html"
    heading = _l("How much can you pay each month?")

    monthly = MoneyField(
        _l("Amount each month"), validators=[required(_l("Enter the amount that you can pay each month."))],
        render_kw={"hx-get": "/apply/amount", "hx-trigger": "input delay:300ms", "hx-target": "#estimate",
                   "hx-swap": "outerHTML"},
    )  # fmt: skip

    def __init__(self, desk: Desk) -> None:
        self.bounds: Bounds = bounds(desk.case, kind_of(desk.answers))
        super().__init__(desk)

    def given(self) -> dict[str, Any]:
        """The amount asked about, the one answered before, or the least one that is possible."""
        typed = request.args.get("monthly") or self.desk.answers.get(self.step, {}).get("monthly")
        return {"monthly": typed or str(self.bounds.minimum)}

    def validate_monthly(self, field: MoneyField) -> None:
        if field.data is None:
            return
        try:
            check_amount(self.desk.case, self.desk.answers, {"monthly": str(field.data)})
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from None

    def onward(self) -> str | None:
        """The button that shows what an amount comes to, for who has no scripts: nothing is kept."""
        return f"/apply/amount?monthly={self.monthly.data}" if "show" in request.form else None

    def shown(self) -> dict[str, Any]:
        case, answers = self.desk.case, self.desk.answers
        even = Money(self.bounds.most.cents // case.limits.term_months)
        is_long = kind_of(answers) is PlanKind.LONG_TERM
        return {
            "least": self.bounds.minimum,
            "most": self.bounds.most,
            "even": even,
            "left": unpaid(case, answers, even) if is_long and even else None,
            "months": case.limits.term_months,
            "now": paid_now(answers),
            **self._estimate(),
        }

    def _estimate(self) -> dict[str, Any]:
        """What the amount in the field comes to, or why it cannot be."""
        try:
            amount = amounts.parse(str(self.monthly.data or ""))
            check_amount(self.desk.case, self.desk.answers, {"monthly": str(amount)})
        except Refusal as refusal:
            return {"offer": None, "trouble": said(refusal)}
        now = paid_now(self.desk.answers)
        return {"offer": offered(self.desk.case, self.desk.answers, monthly=amount, now=now), "trouble": ""}


class Day(Question):
    """The day of the month; each with the date of the first payment."""

    step = Step.DAY
    heading = _l("On which day of the month do you want to pay?")
    lead = _l("Choose a day soon after you are paid. It is the same day each month.")
    looks = {
        "day": {
            "hint": _l("If banks are closed on that day, a debit is taken on the next banking day."), "width": "lg"
        }
    }  # fmt: skip

    day = SelectField(_l("Day"), [required(_l("Choose a day."))], validate_choice=False)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        first = desk.case.first_due_dates
        self.day.choices = [("", _("Choose a day"))] + [
            (str(number), _("Day %(number)s, first payment %(on)s", number=number, on=short_day(first[number])))
            for number in desk.case.limits.due_days
            if number in first
        ]

    def validate_day(self, field: SelectField) -> None:
        """What policy or the calendar does not allow is refused with the days that are possible."""
        try:
            day_answer(self.desk.case, int(field.data) if re.fullmatch("[0-9]{1,2}", field.data) else 0)
        except Refusal as refusal:
            raise ValidationError(said(refusal)) from None

    def answer(self) -> Answer:
        return day_answer(self.desk.case, int(self.day.data))


class Household(Question):
    """What decides on the reduced fee; may be left empty."""

    step = Step.HOUSEHOLD
    template = "apply/household.html"
    heading = _l("Do you pay a lower fee?")

    people = StringField(_l("People in your household, yourself included"))
    income = MoneyField(_l("Adjusted gross income on your latest tax return"), [AtMost(LARGEST_INCOME)])

    def validate_people(self, field: StringField) -> None:
        text = (field.data or "").strip()
        field.data = text
        if not text and not any(each.strip() for each in self.income.raw_data or ()):
            return
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_PEOPLE):
            raise ValidationError(
                _("Enter a number of people from 1 to %(most)s, or leave both fields empty.", most=MOST_PEOPLE)
            )

    def validate_income(self, field: MoneyField) -> None:
        if field.errors:
            return
        if field.data is None and self.people.data:
            raise ValidationError(_("Enter the income of your household, or leave both fields empty."))

    def answer(self) -> Answer:
        if not self.people.data:
            return {"people": "", "income": ""}
        return {"people": str(int(self.people.data)), "income": str(self.income.data)}

    def shown(self) -> dict[str, Any]:
        table = self.desk.case.low_income
        line = table.line(self.desk.answers[Step.ADDRESS]["state"]) if table else None
        rows = [
            {"people": ngettext("One person", "%(num)s people", number), "income": money(line.of(number))}
            for number in range(1, 7)
        ] if line else []  # fmt: skip
        return {"rows": rows, "fees": self.desk.case.fees, "further": line.further if line else None}
