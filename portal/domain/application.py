"""An application for a plan: which questions it asks, and which answers still hold."""

from collections.abc import Callable, Mapping

from portal.domain.answers import Answer, Answers, Step, kind_of
from portal.domain.case import Case, bounds, pays_in_time, reasons
from portal.domain.eligibility import reasons_against_method
from portal.domain.money import read
from portal.domain.offer import TooLittleAMonth, TooMuchAMonth
from portal.domain.plan import Method, PlanKind, nearest_days
from portal.domain.refusal import Refusal


class DateGone(Refusal):
    """With this day the first payment would be too soon or too late now. Choose the day again."""

    about = "day"


class DayTooLate(Refusal):
    """With this day your monthly amount does not pay your debt in time. Choose another day, or a larger amount."""

    about = "day"


class NotPossible(Refusal):
    """This plan is not possible with what you answered and what you owe."""

    about = "kind"


class NotNeeded(Refusal):
    """This is not needed any more, so we deleted it."""


class NotADay(Refusal):
    """Choose one of the days that are possible."""

    about = "day"


class DayNotPossible(Refusal):
    """Day %(day)s is not possible: its next date is less than %(lead)s banking days or more than %(most)s days away.
    The nearest possible days are %(nearest)s."""

    about = "day"


def asked(answers: Answers) -> tuple[Step, ...]:
    """The questions of this application, as far as the answers so far decide it."""
    chosen = answers.get(Step.PLAN, {}).get("kind")
    method = answers.get(Step.METHOD, {}).get("method")
    left_out = {
        Step.HOUSEHOLD: chosen == PlanKind.SHORT_TERM,
        Step.BANK: method is not None and method != Method.DIRECT_DEBIT,
        Step.EMPLOYER: method is not None and method != Method.PAYROLL,
    }
    return tuple(step for step in Step if not left_out.get(step, False))


def next_step(answers: Answers) -> Step | None:
    """The first question without an answer; None once all are answered."""
    return next((step for step in asked(answers) if step not in answers), None)


def is_open(step: Step, answers: Answers) -> bool:
    """The question is asked, and every one before it is answered."""
    questions = asked(answers)
    return step in questions and all(each in answers for each in questions[: questions.index(step)])


def settled(case: Case, answers: Answers) -> tuple[dict[Step, Answer], dict[Step, Refusal]]:
    """The answers that still hold, and why the others do not: checked in order, each against those before it."""
    kept: dict[Step, Answer] = {}
    dropped: dict[Step, Refusal] = {}
    for step in Step:
        if step not in answers:
            continue
        try:
            if step not in asked(kept):
                raise NotNeeded
            CHECKS.get(step, _always)(case, kept, answers[step])
            kept[step] = answers[step]
        except Refusal as refusal:
            dropped[step] = refusal
    return kept, dropped


def check_plan(case: Case, answers: Answers, answer: Answer) -> None:
    """Refuses (`NotPossible`) a kind of plan against which there are reasons."""
    if reasons(case, answers)[PlanKind(answer["kind"])]:
        raise NotPossible


def check_amount(case: Case, answers: Answers, answer: Answer) -> None:
    """Refuses an amount that does not clear the debt in time (`TooLittleAMonth`) or is above it (`TooMuchAMonth`)."""
    if Step.PLAN not in answers:
        raise NotPossible
    amount, least = read(answer["monthly"]), bounds(case, kind_of(answers))
    if least.minimum is None:
        raise NotPossible
    if amount < least.minimum:
        raise TooLittleAMonth(minimum=least.minimum)
    if amount > least.most:
        raise TooMuchAMonth(most=least.most)


def check_day(case: Case, answers: Answers, answer: Answer) -> None:
    """Refuses a day whose first date is not the promised one any more (`DateGone`), and one with which the amount
    does not clear the debt in time (`DayTooLate`).
    """
    if not {Step.PLAN, Step.AMOUNT} <= answers.keys():
        raise NotPossible
    first_due_on = case.first_due_dates.get(int(answer["day"]))
    if first_due_on is None or first_due_on.isoformat() != answer["first_due_on"]:
        raise DateGone
    if not pays_in_time(case, {**answers, Step.DAY: answer}):
        raise DayTooLate


def check_method(case: Case, answers: Answers, answer: Answer) -> None:
    """Refuses a method against which there are reasons: the first of them."""
    if Step.PLAN not in answers:
        raise NotPossible
    kind, method = kind_of(answers), Method(answer["method"])
    for reason in reasons_against_method(method, kind, case.owed, case.limits, has_wages=True):
        raise reason


def day_answer(case: Case, day: int) -> Answer:
    """The answer that chooses a due day, with the first date that it promises. Refuses a day that policy does not
    know (`NotADay`), and one whose next date is too soon or too late (`DayNotPossible`).
    """
    if day not in case.limits.due_days:
        raise NotADay
    if day not in case.first_due_dates:
        nearest = ", ".join(map(str, nearest_days(day, case.first_due_dates)))
        raise DayNotPossible(day=day, lead=case.days.debit_lead, most=case.days.first_payment, nearest=nearest)
    return {"day": str(day), "first_due_on": case.first_due_dates[day].isoformat()}


def _always(_case: Case, _answers: Answers, _answer: Answer) -> None:
    """What is asked for by itself holds as long as it is asked."""


CHECKS: Mapping[Step, Callable[[Case, Answers, Answer], None]] = {
    Step.PLAN: check_plan,
    Step.AMOUNT: check_amount,
    Step.DAY: check_day,
    Step.METHOD: check_method,
}
