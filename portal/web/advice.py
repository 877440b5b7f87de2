"""What to do now: one obvious next step for each situation."""

from dataclasses import dataclass
from datetime import timedelta

from portal.domain.lifecycle import AgreementState
from portal.domain.plan import Method
from portal.domain.policy import Limits
from portal.domain.standing import Standing
from portal.office import office
from portal.queries.standings import AccountView, AgreementView
from portal.web import words
from portal.web.language import day, money
from portal.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class Advice:
    """A heading, the sentences below it, and where to go on, if there is a page for it."""

    heading: str
    sentences: tuple[str, ...]
    href: str | None = None
    label: str | None = None
    is_urgent: bool = False


def advice(view: AccountView) -> Advice:
    """The next step for this account today."""
    standing, agreement = view.standing, view.agreement
    if not standing.balance:
        return _nothing_owed(standing)
    if agreement is None or not agreement.is_in_force:
        return _no_plan(standing, office().policy.limits.on(standing.as_of))
    if agreement.state is AgreementState.IN_DEFAULT:
        return _in_default(standing, agreement)
    return _on_track(view, agreement)


def _nothing_owed(standing: Standing) -> Advice:
    sentences = [_("Every year is paid. There is nothing that you have to do.")]
    if standing.credit:
        sentences.append(
            _("You paid %(credit)s more than you owed. Call us to have it sent back.", credit=money(standing.credit))
        )
    return Advice(_("You owe nothing"), tuple(sentences))


def _no_plan(standing: Standing, limits: Limits) -> Advice:
    if limits.long_term.admits(standing.balance):
        heading = _("You can ask for a plan and pay month by month")
        first = _("Plans are for people who owe %(most)s at most.", most=money(limits.long_term.most))
    else:
        down = standing.balance - limits.long_term.most
        heading = _("Pay %(amount)s and a plan is possible", amount=money(down))
        first = _(
            "A plan is possible for at most %(most)s. You owe %(balance)s.",
            most=money(limits.long_term.most), balance=money(standing.balance),
        )  # fmt: skip
    return Advice(heading, (first, *_cost_of_waiting(standing)), "/help#plans", _("How plans work"))


def _cost_of_waiting(standing: Standing) -> tuple[str, ...]:
    growing = _("Interest adds %(amount)s a day.", amount=money(standing.interest_a_day))
    if standing.next_penalty is None:
        return (growing,)
    penalty = _(
        "On %(day)s a penalty of %(amount)s is added, unless the tax is paid before.",
        day=day(standing.next_penalty.on), amount=money(standing.next_penalty.amount),
    )  # fmt: skip
    return growing, penalty


def _in_default(standing: Standing, agreement: AgreementView) -> Advice:
    since = agreement.in_default_since or standing.as_of
    deadline = since + timedelta(days=office().policy.days.on(since).cure)
    what = _("Pay %(amount)s by %(day)s to keep your plan.", amount=money(standing.arrears.amount), day=day(deadline))
    if standing.as_of > deadline:
        what = _("The day to pay %(amount)s was %(day)s. Call us today.", amount=money(standing.arrears.amount),
                 day=day(deadline))  # fmt: skip
    return Advice(
        _("Your plan is in default: a payment is missing"),
        (
            what,
            _("If the plan ends, we can take part of your wages (a levy) and file a claim on what you own (a lien)."),
            _("Monthly debits have stopped until the plan is back in force."),
        ),
        "/help#default", _("How to put it right"), is_urgent=True,
    )  # fmt: skip


def _on_track(view: AccountView, agreement: AgreementView) -> Advice:
    schedule = view.standing.schedule
    if schedule is None or not schedule.installments:
        return Advice(_("Your last payments are on their way"), (_("You do not have to do anything."),))
    coming = schedule.installments[0]
    amount = view.scheduled.amount if view.scheduled else coming.amount
    heading = _("Next payment: %(amount)s on %(day)s", amount=money(amount), day=day(coming.on))
    if agreement.method is Method.DIRECT_DEBIT:
        account = words.bank_account(agreement.bank_account)
        taken = _("We take it from your %(account)s. You do not have to do anything.", account=account)
        return Advice(heading, (taken,), "/account/upcoming", _("All upcoming payments"))
    if agreement.method is Method.PAYROLL:
        taken = _("Your employer takes it from your pay and sends it to us.")
        return Advice(heading, (taken,), "/account/upcoming", _("All upcoming payments"))
    late = _("It has to reach us by that day.")
    if view.standing.arrears.amount:
        late = _("%(amount)s is past due. Pay it as soon as you can.", amount=money(view.standing.arrears.amount))
    return Advice(heading, (late,), "/help#paying", _("Ways to pay"))
