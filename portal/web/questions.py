"""The questions of a change: what somebody wants to be different, in one field, answered by what it comes to."""

from abc import abstractmethod
from datetime import timedelta
from typing import Any, ClassVar

from flask import request
from werkzeug.datastructures import MultiDict

from portal.domain.change import Change, ChangeKind, InForce, Simulation, opening, paid_on
from portal.domain.refusal import Refusal
from portal.web.forms import MOST, AtMost, ChoiceField, Form, MoneyField, Once, kept_answers, required
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.language import lazy_gettext as _l
from portal.web.plans import bounds, simulated


class Question(Form):
    """A question stands in the address, so that asking changes nothing; what was sent with a yes, or was typed before
    a sign-in ended, is laid into it again.
    """

    asks: ClassVar[str] = ""
    hint: str = ""

    class Meta(Form.Meta):
        csrf = False

    def __init__(self, plan: InForce, **given: Any) -> None:
        self.plan, typed = plan, self._typed()
        self.is_asked = typed is not None or not self.asks
        super().__init__(typed, **given)

    @property
    def typed(self) -> str:
        """The answer as it was typed."""
        return str((self._fields[self.asks].raw_data or [""])[0]) if self.asks else ""

    @abstractmethod
    def change(self) -> Change:
        """The answer as a change."""

    def simulated(self) -> Simulation | None:
        """What the answer comes to; what is refused stands in the form."""
        if not self.is_asked or not self.validate():
            return None
        try:
            return simulated(self.plan, self.change())
        except Refusal as refusal:
            self.refuse(refusal)
            return None

    def _typed(self) -> MultiDict[str, str] | None:
        sent = request.form if request.method == "POST" else kept_answers()
        if sent and "value" in sent:
            return MultiDict({self.asks: sent["value"]})
        return request.args if self.asks in request.args else None


class AmountQuestion(Question):
    """Another monthly amount."""

    asks = "monthly"
    monthly = MoneyField(_l("Each month"), [Once(), required(_l("Enter an amount.")), AtMost(MOST)])

    def __init__(self, plan: InForce) -> None:
        super().__init__(plan, monthly=plan.history[-1].monthly)
        least, most = bounds(plan)
        self.hint = _("From %(least)s, which pays everything in time, to %(most)s, which is all that you owe.",
                      least=money(least), most=money(most))  # fmt: skip

    def change(self) -> Change:
        return Change(ChangeKind.AMOUNT, monthly=self.monthly.data)


class DayQuestion(Question):
    """Another day of the month."""

    asks = "due_day"
    due_day = ChoiceField(_l("Day of the month"), [Once()])

    def __init__(self, plan: InForce) -> None:
        super().__init__(plan, due_day=str(plan.history[-1].due_day))
        self.due_day.choices = [(str(each), str(each)) for each in plan.limits.due_days]
        self.hint = _("When the payment of each month is due.")

    def change(self) -> Change:
        return Change(ChangeKind.DAY, due_day=int(self.due_day.data))


class SlideQuestion(Question):
    """By how many days one payment is moved."""

    asks = "days"
    days = ChoiceField(_l("Move it to"), [Once()])

    def __init__(self, plan: InForce) -> None:
        super().__init__(plan, days="1")
        found = opening(plan, ChangeKind.SLIDE)
        self.days.choices = [
            (str(days), day(paid_on(plan, found.due_on + timedelta(days=days), found.terms)))
            for days in range(1, plan.rules.slide_days + 1)
        ]
        self.hint = _("The payment of %(day)s.", day=day(paid_on(plan, found.due_on, found.terms)))

    def change(self) -> Change:
        return Change(ChangeKind.SLIDE, days=int(self.days.data))


class SkipQuestion(Question):
    """Nothing but whether."""

    def change(self) -> Change:
        return Change(ChangeKind.SKIP)


QUESTIONS: dict[ChangeKind, type[Any]] = {
    ChangeKind.AMOUNT: AmountQuestion,
    ChangeKind.DAY: DayQuestion,
    ChangeKind.SKIP: SkipQuestion,
    ChangeKind.SLIDE: SlideQuestion,
}
