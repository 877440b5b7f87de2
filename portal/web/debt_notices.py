"""What is said of a debt that changed: a year assessed during a plan, a part given up, what becomes of a credit."""

from dataclasses import replace

from portal.models.notice import NoticeKind as Kind
from portal.web.language import marked as N_
from portal.web.notice_parts import COMING, ENDS_AFTER, GROWS, LEVY_AND_LIEN, NOTHING_TO_DO, Words

ADD_IT = (N_("Add it to your plan"), "/agreement/balance")
NEW_BALANCE = Words(
    title=N_("New tax for %(year)s: add it to your plan by %(add_by)s"),
    happened=(
        N_("We assessed your tax for %(year)s. With penalties and interest you owe %(amount)s for that year."),
        N_("Your plan goes on as before, and it is not in default because of this."),
    ),
    means=((
        N_("To pay everything in time, your plan needs %(least)s each month instead of %(monthly)s."),
        N_("The %(monthly)s that you pay each month are enough to pay everything in time."),
    ),),
    costs=(N_("There is no fee for adding it."), GROWS),
    now=((
        N_(
            "Add it to your plan by %(add_by)s, with at least %(least)s each month. If you do not, and do not pay it "
            "either, your plan comes into default."
        ),
        N_("Add it to your plan by %(add_by)s. If you do nothing, it becomes part of your plan after that day."),
    ),),
    link=ADD_IT,
)  # fmt: skip
THE_REASON = N_("The reason: %(reason)s")
ABATED = Words(
    title=N_("You owe %(amount)s less for %(year)s"),
    happened=(N_("We gave up %(amount)s of your tax for %(year)s."),),
    means=(THE_REASON, N_("It counts as if it had never been charged. What you had paid of it pays other debts.")),
    now=(NOTHING_TO_DO, N_("If you do not owe anything else, it becomes a credit.")),
    link=(N_("See the year"), "/account/periods/%(year)s"),
)
GIVEN_UP: dict[str, str] = {
    "failure_to_file": N_("We gave up %(amount)s of the penalty for filing late for %(year)s."),
    "failure_to_pay": N_("We gave up %(amount)s of the penalty for paying late for %(year)s."),
    "dishonored": N_("We gave up %(amount)s of the penalty for a returned payment for %(year)s."),
    "interest": N_("We gave up %(amount)s of the interest for %(year)s."),
}
ABOUT_DEBT: dict[Kind, Words | tuple[Words, ...]] = {
    Kind.NEW_BALANCE: (
        replace(
            NEW_BALANCE,
            title=N_("New tax for %(year)s: it cannot simply be added to your plan"),
            means=(
                N_("With it you owe more than a plan like yours may be for, or than it could pay in time."),
                N_("What to do about it stands where you would add it to your plan."),
            ),
            now=(
                N_("Look at the reasons, and pay a part of it or call us by %(add_by)s."),
                N_("After that day your plan can come into default."),
            ),
            link=(N_("See the reasons"), "/agreement/balance"),
            is_urgent=True,
            only={"hindrance": ("OwesTooMuch", "NeedsDebit", "TooLate")},
        ),
        NEW_BALANCE,
    ),
    Kind.BALANCE_ADDED: Words(
        title=N_("The new tax is part of your plan"),
        happened=(N_("What you owe for %(years)s is part of your plan now."), N_("You pay %(monthly)s each month.")),
        means=(N_("There is one plan for everything that you owe."),),
        costs=(GROWS,),
        now=(NOTHING_TO_DO, N_("If you did not expect this, call us.")),
        link=COMING,
    ),
    Kind.ABATEMENT: (
        *(replace(ABATED, happened=(said,), only={"what": (kind,)}) for kind, said in GIVEN_UP.items()),
        ABATED,
    ),
    Kind.REFUND: Words(
        title=N_("We send %(amount)s back to you"),
        happened=(N_("You had paid more than you owed. We send %(amount)s of it back to you."),),
        means=(THE_REASON, N_("Its reference is %(refund)s.")),
        now=(N_("It comes to the address that we have for you. If you have moved, call us at once."),),
        link=(N_("See your account"), "/account"),
    ),
    Kind.GUESTS_LOCKED: Words(
        title=N_("Somebody tried to pay for you without signing in"),
        happened=(
            N_(
                "Five times somebody gave your Social Security number or ITIN with facts that do not match our "
                "records. So nobody can pay or look up a payment for you without signing in for 24 hours."
            ),
            N_("Nothing was paid, nothing of your account was shown, and you can sign in as always."),
        ),
        now=(
            N_(
                "If it was you or somebody who pays for you, sign in, or check the facts and try again tomorrow. If "
                "not, please call us."
            ),
        ),
        link=(N_("How to reach us"), "/help"),
    ),
    Kind.CREDIT_USED: Words(
        title=N_("Your credit paid %(amount)s"),
        happened=(N_("You had paid more than you owed before. We used %(amount)s of it for what you owe now."),),
        means=(N_("It counts like a payment of that day."),),
        now=(NOTHING_TO_DO,),
        link=(N_("See this payment"), "/account/payments/%(payment)s"),
    ),
}
IN_DEFAULT_OVER_NEW_BALANCE = Words(
    title=(N_("Your plan is in default: new tax is not part of it"),),
    happened=(
        (
            N_("Since %(missed_on)s you owe an amount that is not part of your plan."),
            N_("You owe an amount that is not part of your plan."),
        ),
    ),
    means=((ENDS_AFTER, N_("If it is not put right, we can end your plan.")), LEVY_AND_LIEN),
    costs=(GROWS,),
    now=(
        (
            N_("Add it to your plan by %(cure_by)s, or pay %(amount)s. Either puts your plan right."),
            N_("Add it to your plan, or pay %(amount)s. Either puts your plan right."),
        ),
        N_("If you cannot, or if you think that this is wrong, call us before we end the plan."),
    ),
    link=ADD_IT,
    is_urgent=True,
    only={"cause": ("new_balance",)},
)
