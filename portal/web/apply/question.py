"""A question: a form, the page on which it stands, and the answer that it makes."""

from typing import Any, ClassVar

from wtforms import Field

from portal.domain.answers import Answer, Answers, Step
from portal.domain.application import asked
from portal.services import applications
from portal.web.access import actor, now
from portal.web.apply.desk import Desk, tell
from portal.web.forms import Form
from portal.web.language import gettext as _
from portal.web.language import marked as N_

PARTS = (
    (N_("You"), (Step.IDENTITY, Step.ADDRESS, Step.FILING_STATUS)),
    (N_("What you owe"), (Step.BALANCE, Step.RETURNS, Step.CIRCUMSTANCES)),
    (N_("Your plan"), (Step.PAYMENT_NOW, Step.PLAN, Step.AMOUNT, Step.DAY)),
    (N_("How you pay"), (Step.HOUSEHOLD, Step.METHOD, Step.BANK, Step.EMPLOYER)),
    (N_("Staying in touch"), (Step.CONTACT,)),
    (N_("Review and sign"), ()),
)


class Question(Form):
    """The form of one question. `heading` is the question, `lead` what there is to know before answering, and `looks`
    says for a field how `ui.field` draws it.
    """

    step: ClassVar[Step]
    heading: ClassVar[Any]
    lead: ClassVar[Any] = ""
    template: ClassVar[str] = "apply/question.html"
    looks: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kept: Answers = desk.answers
        super().__init__(data=self.given())
        if self.is_single:
            self.own_fields()[0].label.text = self.heading

    def given(self) -> Answer:
        """What the form is filled in with when it is opened: the answer that was given before."""
        return self.desk.answers.get(self.step, {})

    def answer(self) -> Answer:
        """The answer as it is kept: text by the names of the fields."""
        return {field.name: str(field.data or "").strip() for field in self.own_fields()}

    def save(self) -> None:
        """Keep the answer; what of the others does not hold any more is told on the next page."""
        self.kept, dropped = applications.answer(self.step, self.answer(), by=actor(), when=now())
        tell(dropped)

    def onward(self) -> str | None:
        """Where an answer leads that is not kept; None where it leads to the next question."""
        return None

    def shown(self) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {}

    @property
    def is_single(self) -> bool:
        """One field is asked, so its label is the heading of the page."""
        return len(self.own_fields()) == 1

    def own_fields(self) -> list[Field]:
        """The fields that are asked, in order."""
        return [field for field in self if field.name != "csrf_token"]


def frame(desk: Desk, step: Step | None) -> dict[str, Any]:
    """Where one is in the application, and the way back; `step` is None for the pages after the questions."""
    current = next((number for number, (_name, steps) in enumerate(PARTS, 1) if step in steps), len(PARTS))
    last = asked(desk.answers)[-1]
    return {
        "parts": [_(name) for name, _steps in PARTS],
        "current": current,
        "back": desk.before(step) if step else f"/apply/{last}",
        "gone": desk.gone(),
    }
