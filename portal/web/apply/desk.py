"""The desk at which somebody applies: the draft, the case it is about, and the answers that hold."""

from dataclasses import dataclass

from flask import abort, flash, redirect

from portal.domain.answers import Answer, Answers, Step
from portal.domain.application import asked, next_step, settled
from portal.domain.case import Case
from portal.domain.refusal import Refusal
from portal.queries.applications import Draft, draft_of, latest_decision
from portal.queries.cases import case_of
from portal.web.access import now, own_taxpayer_id, signed_in
from portal.web.apply import words
from portal.web.forms import said
from portal.web.language import gettext as _


@dataclass(frozen=True)
class Desk:
    """`answers` are those that hold today; `dropped` says why others do not."""

    draft: Draft
    case: Case
    answers: dict[Step, Answer]
    dropped: dict[Step, Refusal]

    @property
    def onward(self) -> str:
        """The page of the first question without an answer; the review once all are answered."""
        return onward(self.answers)

    def before(self, step: Step) -> str:
        """The page that comes before a question."""
        questions = asked(self.answers)
        number = questions.index(step)
        return f"/apply/{questions[number - 1]}" if number else "/apply"

    def gone(self) -> list[str]:
        """What was dropped, and why, in sentences."""
        return sentences(self.dropped)


def own_desk() -> Desk:
    """The applicant's own desk; who has not begun is sent to where one begins, who was answered today, in another tab
    or before going back, to the answer.
    """
    taxpayer_id, who = own_taxpayer_id(), signed_in()
    draft = draft_of(who.user_id, now().on) if who else None
    if draft is None:
        decided = latest_decision(taxpayer_id)
        was_today = decided is not None and decided.decided_on == now().on
        abort(redirect(f"/apply/decisions/{decided.reference}" if decided and was_today else "/apply", 303))
    case = case_of(taxpayer_id, now().on)
    return Desk(draft, case, *settled(case, draft.answers))


def onward(answers: Answers) -> str:
    """The page of the first question without an answer; the review once all are answered."""
    step = next_step(answers)
    return f"/apply/{step}" if step else "/apply/review"


def sentences(dropped: dict[Step, Refusal]) -> list[str]:
    """Which answers were dropped, and why."""
    return [
        _("%(question)s: %(reason)s", question=words.question(step), reason=said(refusal))
        for step, refusal in dropped.items()
    ]


def tell(dropped: dict[Step, Refusal]) -> None:
    """Say on the next page which answers were dropped."""
    for sentence in sentences(dropped):
        flash(sentence)
