"""What is said when a plan is changed, given up, or not debited any more."""

from dataclasses import replace

from portal.models.notice import NoticeKind as Kind
from portal.web.language import marked as N_
from portal.web.notice_parts import (
    COMING,
    GROWS,
    LEVY_AND_LIEN,
    NOT_DEBITED,
    OWN_PAYMENTS,
    PAY_YOURSELF,
    PLAN,
    WAYS,
    Words,
)

STOPPED = Words(
    title=N_("We stopped taking payments from your bank account"),
    happened=(N_("Your bank sent back a payment. Its reason: %(why)s"),),
    means=(NOT_DEBITED, OWN_PAYMENTS, N_("That is so until you give us another account.")),
    now=(N_("Give us another bank account. Until then pay each installment yourself."),),
    link=PLAN,
    is_urgent=True,
)
CHANGED = Words(
    title=N_("Your plan was changed"),
    happened=(N_("Your plan was changed as you asked."),),
    means=(
        N_("The first payment under it is on %(first_on)s."),
        N_("A payment that was promised before that stays."),
    ),
    costs=(GROWS,),
    now=(N_("If you did not ask for this, call us at once. Otherwise you do not have to do anything."),),
    link=COMING,
)
PAID_OTHERWISE = Words(
    title=N_("The way you pay your plan was changed"),
    happened=(N_("From %(begins_on)s on you make the payments of your plan yourself. We debit no account."),),
    means=(N_("The amount and the day stay the same."),),
    now=(N_("If you did not ask for this, call us at once. Pay each installment so that it is here on its day."),),
    link=WAYS,
)
NOT_AUTHORIZED, BY_THE_OWNER = {"code": ("R10", "R29")}, {"code": ("R07", "R08")}
CHANGES: dict[Kind, Words | tuple[Words, ...]] = {
    Kind.DEBIT_CHANGED: Words(
        title=(N_("A payment was changed: %(amount)s on %(pay_on)s"), N_("A payment will not be taken")),
        happened=(
            (
                N_("We will take %(amount)s on %(pay_on)s. Before, it was %(was_amount)s on %(was_pay_on)s."),
                N_("The payment of %(was_amount)s that was to be taken on %(was_pay_on)s will not be taken."),
            ),
        ),
        means=(N_("A payment changes when you change your plan, or when less is owed than was to be taken."),),
        now=(N_("If you did not expect this, call us."),),
        link=COMING,
    ),
    Kind.BANK_CHANGED: Words(
        title=N_("The bank account of your plan was changed"),
        happened=(N_("The bank account from which we take your payments was changed."),),
        means=(
            (
                N_("We take payments from the account ending %(new_last_four)s, no more from %(old_last_four)s."),
                N_("We take payments from the account ending %(new_last_four)s."),
            ),
            N_("That holds for payments due from %(begins_on)s on."),
            N_("A payment that is on its way already still comes from the account before."),
        ),
        now=(N_("If you did not ask for this, call us at once. Otherwise you do not have to do anything."),),
        link=PLAN,
    ),
    Kind.METHOD_CHANGED: (
        replace(
            PAID_OTHERWISE,
            happened=(N_("From %(begins_on)s on your employer pays us a part of your pay, once it has agreed."),),
            only={"method": ("payroll",)},
        ),
        PAID_OTHERWISE,
    ),
    Kind.CHANGES_FROZEN: Words(
        title=N_("We stopped debits and changes of your plan"),
        happened=(
            N_("Somebody opened the link of our mail and said that a change of your plan was not theirs."),
            N_("We undid the change."),
        ),
        means=(N_("Until we have looked at it with you, we take nothing from an account and change nothing."),),
        now=(N_("Call us. Pay each installment yourself until then, so that it is here on its day."),),
        link=WAYS,
        is_urgent=True,
    ),
    Kind.PLAN_CHANGED: (
        replace(
            CHANGED,
            title=N_("Your plan was changed: %(monthly)s a month"),
            happened=(N_("From %(from_on)s on you pay %(monthly)s a month. Before, it was %(was_amount)s."),),
            only={"change": ("amount",)},
        ),
        replace(
            CHANGED,
            title=N_("Your plan was changed: payments are due on another day"),
            happened=(
                N_("From %(from_on)s on your payments are due on day %(due_day)s of the month. Before, it was day "
                   "%(was_due_day)s."),
            ),
            only={"change": ("day",)},
        ),
        replace(
            CHANGED,
            title=N_("You skip the payment of %(was_on)s"),
            happened=(N_("The payment of %(was_on)s is skipped. The next one is on %(first_on)s."),),
            means=(N_("What you do not pay now is paid at the end of your plan, with the interest for that time."),),
            only={"change": ("skip",)},
        ),
        replace(
            CHANGED,
            title=N_("The payment of %(was_on)s is moved to %(first_on)s"),
            happened=(N_("The payment that was due on %(was_on)s is on %(first_on)s."),),
            means=(N_("The payments after it are on the same day as before."),),
            only={"change": ("slide",)},
        ),
        CHANGED,
    ),
    Kind.WITHDRAWAL: Words(
        title=N_("You gave up your plan"),
        happened=(
            N_("You gave up your plan. We take no more payments for it."),
            N_("Now %(amount)s is due at once."),
        ),
        means=(
            N_("A payment that was sent to your bank already is still taken."),
            N_("What you signed with Direct Pay is taken, too, until you cancel it."),
            LEVY_AND_LIEN,
        ),
        costs=(GROWS, N_("Without a plan the penalty for paying late can be higher.")),
        now=(
            N_("Pay what you owe, or ask for a new plan."),
            N_("If you did not ask for this, call us at once."),
        ),
        link=WAYS,
        is_urgent=True,
    ),
    Kind.DEBITS_STOPPED: (
        replace(
            STOPPED,
            title=N_("Your plan is frozen: please call us"),
            means=(NOT_DEBITED, N_("Your plan is frozen until we have talked with you.")),
            costs=(GROWS,),
            now=(N_("Call us as soon as you can, and tell us whether it was you who agreed to these payments."),),
            link=(N_("How to reach us"), "/help"),
            only=NOT_AUTHORIZED,
        ),
        replace(STOPPED, means=(NOT_DEBITED, OWN_PAYMENTS), now=(PAY_YOURSELF,), link=WAYS, only=BY_THE_OWNER),
        STOPPED,
    ),
}  # fmt: skip
