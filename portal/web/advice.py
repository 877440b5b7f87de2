"""What to do now: one obvious next step for each situation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from portal.domain.case import situation
from portal.domain.eligibility import reasons_against
from portal.domain.lifecycle import AgreementState
from portal.domain.money import Money
from portal.domain.plan import Method, PlanKind
from portal.domain.standing import Standing
from portal.models.payment import Channel
from portal.office import office
from portal.queries.cases import case_in
from portal.queries.new_balances import Addition
from portal.queries.standings import AccountView, AgreementView
from portal.web import words
from portal.web.first_payment import FirstPayment, first_payment
from portal.web.language import day, money
from portal.web.language import gettext as _
from portal.web.reasons import Why, told


@dataclass(frozen=True, slots=True)
class Advice:
    """A heading, the sentences below it, and where to go on, if there is a page for it."""

    heading: str
    sentences: tuple[str, ...]
    href: str | None = None
    label: str | None = None
    is_urgent: bool = False


def advice(view: AccountView, added: Addition | None = None) -> Advice:
    """The next step for this account today; `added` is what waits to be added to its plan."""
    standing, agreement = view.standing, view.agreement
    if not standing.balance:
        return _nothing_owed(standing)
    if agreement and agreement.state is AgreementState.TERMINATED and _can_go_on(view):
        return _ended(agreement)
    if agreement is None or not agreement.is_in_force:
        return _no_plan(view)
    if agreement.state is AgreementState.IN_DEFAULT and standing.arrears.amount:
        return _in_default(standing, agreement)
    if added:
        return to_add(added)
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


def _no_plan(view: AccountView) -> Advice:
    """What the rules allow: a monthly plan, a short one, or none; and what is in the way of a monthly one."""
    standing = view.standing
    limits, asked = office().policy.limits.on(standing.as_of), situation(case_in(view))
    monthly = told(reasons_against(PlanKind.LONG_TERM, asked, limits))
    if not monthly:
        heading = _("You can ask for a plan and pay month by month")
        first = _("Plans are for people who owe %(most)s at most.", most=money(limits.long_term.most))
        return _advised(heading, (first,), standing, "/apply", _("Apply for a plan"))
    sentences = tuple(sentence for why in monthly for sentence in (why.sentence, why.remedy))
    if not reasons_against(PlanKind.SHORT_TERM, asked, limits):
        heading = _("You can ask for %(days)s days to pay everything", days=limits.short_term_days)
        first = _("A plan that goes on for longer is not possible yet:")
        return _advised(heading, (first, *sentences), standing, "/apply", _("Apply for a plan"))
    heading = _("A plan is not possible yet")
    if all(why.pay_now for why in monthly):
        heading = _("Pay %(amount)s and a plan is possible", amount=money(_all_of(monthly)))
    return _advised(heading, sentences, standing, "/eligibility", _("See what is possible"))


def _all_of(reasons: Sequence[Why]) -> Money:
    """What is paid to remove all of the reasons: the largest amount does it."""
    return max(why.pay_now for why in reasons if why.pay_now)


def _advised(heading: str, sentences: tuple[str, ...], standing: Standing, href: str, label: str) -> Advice:
    return Advice(heading, (*sentences, *_cost_of_waiting(standing)), href, label)


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
    amount, last = money(standing.arrears.amount), day(agreement.cure_by or standing.as_of)
    return Advice(
        _("Your plan is in default: a payment is missing"),
        (
            _("Pay %(amount)s by %(day)s to keep your plan.", amount=amount, day=last),
            _("If the plan ends, we can take part of your wages (a levy) and file a claim on what you own (a lien)."),
            _("Monthly debits have stopped until the plan is back in force."),
        ),
        "/agreement/cure", _("Put it right"), is_urgent=True,
    )  # fmt: skip


def to_add(added: Addition) -> Advice:
    """A year was assessed, and is not part of the plan yet."""
    facts = {"years": added.years, "amount": money(added.owed), "day": day(added.answer_by)}
    sentences = [_("With penalties and interest you owe %(amount)s for %(years)s.", **facts)]
    if added.is_in_default:
        sentences.append(_("Your plan is in default because of this. Adding it puts your plan right."))
    else:
        sentences.append(_("Your plan goes on as before. Please decide by %(day)s.", **facts))
    if added.reasons:
        heading, label = _("New tax for %(years)s cannot simply be added to your plan", **facts), _("See the reasons")
    else:
        heading, label = _("New tax for %(years)s is not part of your plan yet", **facts), _("Add it to your plan")
    is_urgent = added.is_in_default or bool(added.reasons)
    return Advice(heading, tuple(sentences), "/agreement/balance", label, is_urgent)


def _can_go_on(view: AccountView) -> bool:
    """Whether a plan that was ended can be taken up again."""
    case = replace(case_in(view), terminated_on=None)
    return not reasons_against(PlanKind.LONG_TERM, situation(case), case.limits)


def _ended(agreement: AgreementView) -> Advice:
    ended_on = agreement.ended_on
    assert ended_on is not None
    appeal_by = ended_on + timedelta(days=office().policy.days.on(ended_on).appeal)
    return Advice(
        _("Your plan has ended, because payments were missing"),
        (
            _("Everything that you owe is due now. You can take the plan up again."),
            _("We can take part of your wages (a levy) and file a claim on what you own (a lien)."),
            _("You can appeal until %(day)s. Call us to do so.", day=day(appeal_by)),
        ),
        "/agreement/reinstatement", _("Take the plan up again"), is_urgent=True,
    )  # fmt: skip


def _on_track(view: AccountView, agreement: AgreementView) -> Advice:
    schedule = view.standing.schedule
    if schedule is None or not schedule.installments:
        return Advice(_("Your last payments are on their way"), (_("You do not have to do anything."),))
    if first := first_payment(view):
        return _first(first, agreement)
    coming = schedule.installments[0]
    amount = view.scheduled.amount if view.scheduled else coming.amount
    heading = _("Next payment: %(amount)s on %(day)s", amount=money(amount), day=day(coming.on))
    if view.scheduled and view.scheduled.channel is Channel.ONLINE:
        paid = _("You pay it with Direct Pay on %(day)s.", day=day(view.scheduled.pay_on))
        return Advice(heading, (paid,), "/account/upcoming", _("All upcoming payments"))
    if agreement.is_frozen:
        return _frozen(heading)
    if agreement.method is Method.DIRECT_DEBIT and view.scheduled is None:
        stopped = _("We cannot take it from your bank account any more. Pay it yourself, and call us.")
        return Advice(heading, (stopped,), "/pay", _("Ways to pay"), is_urgent=True)
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


def _frozen(heading: str) -> Advice:
    told = _("Your bank told us that a debit was not authorized. We take nothing until we have talked with you.")
    return Advice(heading, (told, _("Call us. Until then you can pay it yourself.")), "/pay", _("Ways to pay"), True)


def _first(first: FirstPayment, agreement: AgreementView) -> Advice:
    """Nothing has been paid yet: the days are counted down."""
    heading = _("First payment: %(amount)s by %(day)s", amount=money(first.amount), day=day(first.due_on))
    if first.arranged_on:
        return Advice(heading, (first.countdown,), "/account/upcoming", _("All upcoming payments"))
    if agreement.method is Method.DIRECT_DEBIT:
        account = words.bank_account(agreement.bank_account)
        what = _("We take it from your %(account)s. You do not have to do anything.", account=account)
    else:
        what = _("It has to be here by that day, or the plan can end.")
    return Advice(heading, (first.countdown, what), "/agreement", _("Choose how to make it"), is_urgent=first.is_late)
