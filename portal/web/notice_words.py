"""What each kind of notice says: one table of words, the same for its page, the inbox and the mail.

A sentence is filled with the facts of its notice. Where there are several, the first is said whose facts are all
known; where none is, nothing is said. An amount of zero and an empty fact are not known.
"""

from dataclasses import replace

from portal.models.notice import NoticeKind as Kind
from portal.web import support_words
from portal.web.change_notices import CHANGES
from portal.web.debt_notices import ABOUT_DEBT, IN_DEFAULT_OVER_NEW_BALANCE
from portal.web.language import marked as N_
from portal.web.notice_parts import (
    COMING,
    ENDS_AFTER,
    GROWS,
    LEVY_AND_LIEN,
    NOTHING_TO_DO,
    PAY_YOURSELF,
    PLAN,
    WAYS,
    Sentence,
    Words,
)

REMINDER = Words(
    title=N_("Next payment: %(amount)s on %(pay_on)s"),
    happened=(
        N_("On %(pay_on)s we will take %(amount)s from your bank account."),
        N_("It pays the installment due on %(installment_on)s."),
    ),
    means=(N_("If your bank returns the payment, that can cost a penalty and put your plan in default."),),
    now=(N_("Make sure that there is enough money in the account. Otherwise you do not have to do anything."),),
    link=COMING,
)
RETURNED = Words(
    title=N_("Your payment of %(amount)s was returned"),
    happened=(
        N_("Your bank returned the payment of %(amount)s of %(pay_on)s. Its reason: %(why)s"),
        N_("The payment does not count."),
        (N_("We will try again on %(retry_on)s."), N_("We will not try again.")),
    ),
    means=(N_("Without this payment your plan can come into default."),),
    costs=((N_("A penalty of %(penalty)s was added."), N_("No penalty was added for it.")), GROWS),
    now=(N_("Make sure that there is enough money in the account on %(retry_on)s. Do not pay it twice."),),
    link=COMING,
)
IN_DEFAULT = Words(
    title=(N_("Your plan is in default: pay %(amount)s by %(cure_by)s"), N_("Your plan is in default")),
    happened=(N_("The installment that was due on %(missed_on)s is missing."),),
    means=((ENDS_AFTER, N_("If it is not put right, we can end your plan.")), LEVY_AND_LIEN),
    costs=(N_("To put it right costs %(amount)s."), GROWS),
    now=(
        (N_("Pay %(amount)s by %(cure_by)s."), N_("Pay %(amount)s as soon as you can.")),
        N_("If you cannot, or if you think that this is wrong, call us before we end the plan."),
    ),
    link=(N_("Pay %(amount)s"), "/pay?amount=%(amount)s"),
    is_urgent=True,
)
CAUSES: dict[str, Sentence] = {
    "first_payment": (
        N_("The first payment of your plan was due on %(missed_on)s, and is not here."),
        N_("The first payment of your plan is not here."),
    ),
    "returned": (
        N_("Your bank returned the payment for the installment that was due on %(missed_on)s."),
        N_("Your bank returned a payment of your plan."),
    ),
}
NO_DEDUCTION = Words(
    title=N_("There is no payroll deduction: choose another way to pay"),
    happened=(N_("%(employer)s did not answer in time whether part of your wages will be paid to us."),),
    means=(N_("Your plan goes on, and its payments are due as before."),),
    costs=(N_("There is no fee for paying another way."),),
    now=(PAY_YOURSELF,),
    link=WAYS,
)

WORDS: dict[Kind, Words | tuple[Words, ...]] = {
    **CHANGES,
    **ABOUT_DEBT,
    Kind.ACCEPTANCE: Words(
        title=N_("Your plan is accepted"),
        happened=(N_("We accepted your plan."), N_("You pay %(monthly)s each month.")),
        means=(N_("As long as you keep the plan, we take no part of your wages or bank accounts (a levy)."),),
        costs=((N_("The user fee is %(fee)s. Your payments go to it first."), N_("There is no user fee.")), GROWS),
        now=(
            N_("The first payment is due on %(first_due_on)s."),
            N_("With your plan you find what you agreed to, every payment to come, and the ways to pay."),
        ),
        link=PLAN,
    ),
    Kind.RECEIPT: Words(
        title=N_("You sent a payment of %(amount)s"),
        happened=(N_("We have your payment of %(amount)s for %(pay_on)s. Its confirmation number is %(payment)s."),),
        means=(N_("This confirms that you sent it, not that your bank has paid."),),
        now=(
            N_("You can change or cancel it as long as there is time."),
            N_("If you did not make this payment, call us at once."),
        ),
        link=(N_("See this payment"), "/account/payments/%(payment)s"),
    ),
    Kind.REMINDER: (
        replace(
            REMINDER,
            happened=(
                N_("An installment of %(amount)s is due on %(installment_on)s."),
                N_("It has to be here by %(pay_on)s."),
            ),
            means=(N_("A payment that comes late can put your plan in default."),),
            now=(N_("Pay %(amount)s by %(pay_on)s. If you cannot, call us before that day."),),
            link=(N_("Pay %(amount)s"), "/pay?amount=%(amount)s"),
            only={"payment": ("",)},
        ),
        REMINDER,
    ),
    Kind.RETURNED_PAYMENT: (
        replace(
            RETURNED,
            now=(N_("Pay %(amount)s another way as soon as you can."),),
            link=WAYS,
            is_urgent=True,
            only={"retry_on": ("",)},
        ),
        RETURNED,
    ),
    Kind.INTENT_TO_TERMINATE: (
        *(replace(IN_DEFAULT, happened=(said,), only={"cause": (cause,)}) for cause, said in CAUSES.items()),
        IN_DEFAULT_OVER_NEW_BALANCE,
        IN_DEFAULT,
    ),
    Kind.CURED: Words(
        title=N_("Your plan is back on track"),
        happened=(N_("What was missing is paid. Your plan is in force as before."),),
        means=(N_("We do not end it. The coming installments are due as you agreed."),),
        costs=(GROWS,),
        now=(N_("Pay the next installment on its day. If you cannot, call us before it is due."),),
        link=COMING,
    ),
    Kind.TERMINATION: Words(
        title=N_("We ended your plan"),
        happened=(
            N_("What was missing was not paid in time, so we ended your plan."),
            N_("Now %(amount)s is due at once."),
        ),
        means=(
            N_("There is no plan any more. We can file a public claim on what you own (a lien)."),
            N_("After %(appeal_by)s we can also take part of your wages and bank accounts (a levy)."),
            N_("If you appeal by then, we wait for the decision."),
        ),
        costs=(GROWS, N_("Without a plan the penalty for paying late can be higher.")),
        now=(
            N_("You can appeal until %(appeal_by)s. Call us, and name the reference of this notice."),
            N_("You can also ask to have your plan back, or pay what you owe."),
        ),
        link=(N_("Ask to have your plan back"), "/agreement/reinstatement"),
        is_urgent=True,
    ),
    Kind.REINSTATEMENT: Words(
        title=N_("Your plan is in force again"),
        happened=(N_("We put your plan back in force."), N_("You pay %(monthly)s each month.")),
        means=(N_("As long as you keep the plan, we take no part of your wages or bank accounts (a levy)."),),
        costs=((N_("The fee for this is %(fee)s."), N_("There is no fee for this.")), GROWS),
        now=(N_("The next payment is due on %(first_due_on)s."), N_("If you cannot pay it, call us before.")),
        link=PLAN,
    ),
    Kind.PAYMENT_REVERSED: Words(
        title=N_("A payment of %(amount)s was taken off your account"),
        happened=(
            N_("A payment of %(amount)s of %(pay_on)s was posted to your account by mistake."),
            N_("We have taken it off again, and it does not count."),
        ),
        costs=(N_("No penalty was added for it."), GROWS),
        now=(N_("If this payment was yours, call us and have the check or the receipt at hand."),),
        link=(N_("See this payment"), "/account/payments/%(payment)s"),
    ),
    Kind.HOLD: (
        Words(
            title=N_("Payments are due again from %(next_on)s"),
            happened=(N_("The time without payments was ended."),),
            costs=(GROWS,),
            now=(N_("The next payment is due on %(next_on)s. If you cannot pay it, call us before."),),
            link=PLAN,
            only={"ends_on": ("",)},
        ),
        Words(
            title=N_("No payment is due through %(ends_on)s"),
            happened=(N_("Because of your hardship we ask for no payment through %(ends_on)s."),),
            means=(N_("Your plan goes on after that, and cannot end before."),),
            costs=(GROWS,),
            now=(N_("The next payment is due on %(next_on)s. If you cannot pay it, call us before."),),
            link=PLAN,
        ),
    ),
    Kind.COMPLETION: Words(
        title=N_("Your plan is completed"),
        happened=(N_("You have paid everything that you owed. Thank you."),),
        means=(N_("The plan is over. No more payments are taken."),),
        costs=(N_("The user fee of %(fee_back)s is given back to you."),),
        now=(N_("You do not have to do anything. Keep this notice with your papers."),),
        link=(N_("See your account"), "/account"),
    ),
    Kind.ANNUAL_STATEMENT: Words(
        title=N_("Your statement for %(year)s"),
        happened=(
            N_("This is not a bill."),
            (N_("At the end of %(year)s you owed %(ending)s."), N_("At the end of %(year)s you owed nothing.")),
        ),
        means=(N_("These are the figures as we knew them when we wrote this. A later correction changes them."),),
        now=(NOTHING_TO_DO, N_("If you think that a figure is wrong, call us.")),
        link=(N_("See your payments"), "/account/payments"),
    ),
    Kind.REFUSAL: Words(
        title=N_("We could not accept your plan"),
        happened=(N_("We could not accept the plan that you asked for."),),
        means=(N_("You have no plan, and what you owe stays due."),),
        costs=(N_("There is no fee for having asked."), GROWS),
        now=(N_("With the decision you find every reason, what you can do about it, and how to appeal."),),
        link=(N_("See every reason"), "/apply/decisions/%(application)s"),
    ),
    Kind.REGISTRATION_LOCKED: Words(
        title=N_("Somebody tried to register for your account"),
        happened=(
            N_(
                "Five times somebody gave your account reference with facts that do not match our records. So nobody "
                "can register for your account for the next 24 hours. You can sign in as always, and nothing in your "
                "account was changed."
            ),
        ),
        now=(
            N_(
                "If it was you or your spouse, check the facts and try again tomorrow. If it was neither of you, "
                "please call us."
            ),
        ),
        link=(N_("How to reach us"), "/help"),
    ),
    Kind.PAYROLL_CONFIRMED: Words(
        title=N_("Your employer confirmed the payroll deduction"),
        happened=(N_("%(employer)s confirmed that part of your wages will be paid to us, as you agreed."),),
        means=(N_("You see each payment as it arrives."),),
        now=(N_("If an installment is due before the first deduction, pay it yourself."),),
        link=PLAN,
    ),
    Kind.PAYROLL_ENDED: (
        replace(
            NO_DEDUCTION,
            happened=(N_("%(employer)s declined to pay part of your wages to us."),),
            only={"reason": ("declined",)},
        ),
        NO_DEDUCTION,
    ),
    **support_words.NOTICES,
}  # fmt: skip
