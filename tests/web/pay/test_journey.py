"""Paying on the pages: what is offered, what is refused and kept, signed once, and found again."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL
from portal.domain.lifecycle import PaymentState
from portal.models import BankAccount
from portal.office import office
from portal.queries.changes import agreed
from portal.services import payments
from portal.web import pdf
from portal.web.language import day, money
from tests import payer
from tests.applicant import ACCOUNT, later
from tests.browser import Browser, Page, filled_in
from tests.cast import TODAY, taxpayer
from tests.ledger_text import closed, moment, paid
from tests.payer import online, signed
from tests.stopped_clock import StoppedClock
from tests.test_access import inside

DEBIT = {"reason": "installment", "choice": "installment", "debit": "instead", "account": "new"}


@pytest.fixture
def owing(app: Flask) -> Browser:
    return inside(app, "owing")


@pytest.fixture
def ontime(app: Flask) -> Browser:
    return inside(app, "ontime")


def review(browser: Browser, **typed: Any) -> Page:
    """Fill in the form: the page on which it is signed."""
    page = payer.fill_in(browser, **typed)
    assert page.response.request.path.startswith("/pay/review/"), page.text
    return page


def wait(**duration: int) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


# What is offered.


def test_who_is_not_signed_in_is_told_of_the_ways(app: Flask) -> None:
    page = Browser(app).get("/pay?amount=11000.01")

    assert "You want to pay $11,000.01." in page.text
    assert "/sign-in?next=/pay" in page.links()


def test_the_form_says_what_is_owed_from_when_and_for_which_year(owing: Browser) -> None:
    page = owing.get("/pay")

    for words in (
        "Everything that will be owed on that day$18,240.00", "The money settles on November 25, 2026.",
        "It goes to 2024 first", "from November 23, 2026 to November 23, 2027", "Print the coupon",
    ):  # fmt: skip
        assert words in page.text


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("indefault", ("What I missed, to keep my plan", "What is past due", "Your plan is in default.")),
        ("payroll", ("An installment of my plan", "This installment$260.00")),
        ("overlimit", ("What I owe", "Everything that will be owed on that day$61,000.00")),
        ("stranger", ("What I owe",)),
    ],
)
def test_each_household_is_offered_what_applies_to_it(app: Flask, role: str, words: tuple[str, ...]) -> None:
    page = inside(app, role).get("/pay")

    for each in words:
        assert each in page.text
    assert ("instead of the debit" in page.text) is False
    assert ("to keep my plan" in page.text) is (role == "indefault")


def test_what_is_past_due_is_paid_at_a_touch(app: Flask) -> None:
    indefault = inside(app, "indefault")
    page = payer.sign(indefault, review(indefault, choice="past_due"), "Dana Fault")
    [payment] = online("indefault")

    assert page.status == 200
    assert (payment.reason, payment.agreement_id is None) == ("cure", False)


def test_an_amount_in_the_address_is_filled_in(owing: Browser) -> None:
    answers = filled_in(owing.get("/pay?amount=412.08").form())

    assert (answers["choice"], answers["amount"], answers["pay_on"]) == ("other", "412.08", ["11", "23", "2026"])


@pytest.mark.parametrize("nonsense", ["amount=sNaN", "reason=bribe", "pay_on=x&pay_on=y", "amount=%00", "draft=x"])
def test_nonsense_in_the_address_breaks_nothing(owing: Browser, nonsense: str) -> None:
    assert owing.get(f"/pay?{nonsense}").status == 200


def test_what_is_asked_of_the_amounts_follows_the_reason_and_the_day(ontime: Browser) -> None:
    asked = "/pay?reason={}&pay_on=12&pay_on={}&pay_on=2026"
    extra, month = (ontime.get(asked.format(*each), part="choices") for each in (("extra", 8), ("installment", 8)))
    closed = ontime.get(asked.format("installment", 5), part="choices")

    assert "The plan ends sooner" in extra.text
    assert "instead of the debit on December 15, 2026" not in extra.text
    assert "instead of the debit on December 15, 2026" in month.text
    assert "This installment$310.00" in month.text
    assert "The money settles on December 10, 2026." in month.text
    assert "Choose December 4, 2026 or December 7, 2026." in closed.text


def test_the_name_of_a_bank_appears_beside_its_number(owing: Browser) -> None:
    assert "Wells Fargo Bank" in owing.get("/pay?routing_number=121042882", part="bank").text


def test_without_scripts_a_button_shows_the_amounts_and_sends_nothing(ontime: Browser) -> None:
    page = payer.fill_in(ontime, reason="extra", update="y")

    assert page.status == 200
    assert "The plan ends sooner" in page.text
    assert online("ontime") == []


@pytest.mark.parametrize("use", ["sooner", "lower"])
def test_what_an_extra_payment_makes_of_the_plan_is_shown_before_it_is_signed_and_comes_true(
    ontime: Browser, use: str
) -> None:
    shown = review(ontime, amount="2500.00", reason="extra", use=use)
    told = shown.one("plan")

    payer.sign(ontime, shown, "Theo Timely")
    ended = payer.SOON + timedelta(days=4)
    closed(TODAY, ended)
    plan = agreed(taxpayer("ontime").id, moment(ended))
    assert plan
    assert plan.old.paid_off_on
    assert plan.old.monthly

    assert money(plan.old.monthly) in told.partition("Each month")[2].partition("Payments")[0]
    assert ("as before" in told) == (use == "lower")
    if use == "sooner":
        assert f"Your plan ends on {day(plan.old.paid_off_on)} instead of" in told


def test_who_owes_nothing_is_told_so(owing: Browser) -> None:
    paid(taxpayer("owing"), "18240.00", TODAY)

    assert "You owe nothing today." in owing.get("/pay").text


def test_an_unusable_account_is_not_offered(ontime: Browser) -> None:
    row = db.select(BankAccount).where(BankAccount.taxpayer_id == taxpayer("ontime").id)
    for account in db.session.execute(row).scalars():
        account.unusable_since = TODAY
    db.session.commit()

    assert "ending 4417" not in ontime.get("/pay").text


# What is refused stays typed.


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"amount": "0.00"}, "Enter an amount above zero."),
        ({"amount": ""}, "Enter an amount above zero."),
        ({"amount": "1e5"}, "Enter an amount in dollars and cents"),
        ({"amount": "99,999.00"}, "On December 7, 2026 you will owe $18,2"),
        ({"pay_on": date(2026, 12, 5)}, "Choose December 4, 2026 or December 7, 2026."),
        ({"pay_on": date(2026, 11, 20)}, "The first day that you can choose is November 23, 2026."),
        ({"pay_on": date(2028, 1, 3)}, "at most 365 days ahead"),
        ({"choice": ""}, "Choose how much you pay."),
        ({"reason": "cure"}, "Not a valid choice"),
        ({"type": ""}, "Choose the kind of account."),
        ({"routing_number": ""}, "Enter the routing number of the bank."),
        ({"routing_number": "121042883"}, "This is not a routing number."),
        ({"account_number": ""}, "Enter the account number."),
        ({"account_number": "1000000901"}, "The bank does not know this account."),
        ({"amount": ["1.00", "2.00"]}, "Give one answer here, not several."),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_is_refused_with_everything_still_typed(
    owing: Browser, typed: dict[str, Any], told: str
) -> None:
    page = payer.fill_in(owing, **typed)

    assert page.status == 422
    assert told in page.text
    assert page.html.count("usa-error-message") >= 1
    assert ACCOUNT not in page.html
    answers = filled_in(page.form())
    if "routing_number" not in typed:
        assert answers["routing_number"] == "121042882"
    assert online() == []


def test_overpaying_is_refused_with_the_figure(owing: Browser) -> None:
    page = payer.fill_in(owing, amount="18,300.00")

    assert re.search(r"On December 7, 2026 you will owe \$18,2\d\d\.\d\d, with all", page.text)


def test_what_is_typed_into_the_other_amount_does_not_matter_if_another_was_chosen(owing: Browser) -> None:
    page = review(owing, choice="everything", amount="rubbish")

    assert "$18,2" in page.text


def test_an_installment_says_what_happens_with_its_debit(ontime: Browser) -> None:
    unanswered = payer.fill_in(ontime, **{**DEBIT, "debit": ""})
    late = payer.fill_in(ontime, **DEBIT, pay_on=date(2026, 12, 16))

    assert "Choose what happens with the next debit." in unanswered.text
    assert "The debit that you replace is on December 15, 2026." in late.text


def test_the_questions_of_another_reason_are_not_needed(ontime: Browser) -> None:
    page = review(ontime, reason="balance_due")

    assert "What I owe" in page.text


# Checked, and signed once.


def test_everything_stands_on_one_page_before_it_is_signed(ontime: Browser) -> None:
    page = review(ontime, **DEBIT)

    for words in (
        "An installment of my plan", "$310.00", "December 7, 2026", "December 9, 2026",
        "Checking account ending 4418", "takes the place of the debit of my plan on December 15, 2026",
        "until Thursday, December 3, 2026, 11:45 PM", "Text of version",
    ):  # fmt: skip
        assert words in page.text
    assert ACCOUNT not in page.html
    [draft] = online("ontime")
    assert draft.reference not in ontime.get("/account/payments").html


def test_back_to_the_form_everything_is_still_there(ontime: Browser) -> None:
    page = review(ontime, **DEBIT)
    back = next(each for each in page.links() if each.startswith("/pay?draft="))
    form = ontime.get(back)
    answers = filled_in(form.form())
    [draft] = online("ontime")

    assert (answers["reason"], answers["choice"], answers["debit"]) == ("installment", "installment", "instead")
    assert answers["pay_on"] == ["12", "7", "2026"]
    assert "Checking account ending 4418" in form.text
    assert answers["account"] == db.session.get_one(BankAccount, draft.bank_account_id).reference
    assert payer.send(ontime, form).response.request.path.startswith("/pay/review/")


def test_a_signature_is_confirmed_on_a_page_that_is_found_again(owing: Browser) -> None:
    page = payer.sign(owing, review(owing), "olivia OWENS")
    [payment] = online()

    assert page.response.request.path == f"/account/payments/{payment.reference}"
    for words in (
        f"Your confirmation number is {payment.reference}", "not that your bank has paid",
        "That is known on December 9, 2026.", "Cancel until Thursday, December 3, 2026, 11:45 PM",
        "Change until Thursday, December 3, 2026, 11:45 PM", "Signed by olivia OWENS",
    ):  # fmt: skip
        assert words in page.text
    assert payment.signed_text
    assert "once: $100.00 on December 7, 2026" in payment.signed_text
    assert payment.reference in owing.get("/account/payments?state=scheduled").text


def test_a_name_that_is_not_theirs_signs_nothing(owing: Browser) -> None:
    page = payer.sign(owing, review(owing), "Somebody Else")

    assert page.status == 422
    assert "Type your name as we have it: Olivia Owens." in page.text
    assert [each.state for each in online()] == [PaymentState.DRAFTED]


def test_the_same_form_again_leads_to_the_same_payment(owing: Browser) -> None:
    """Double click, Back and again, another tab: the address and the answer are the same."""
    page = review(owing)
    answers = {**filled_in(page.form()), "signature": "Olivia Owens"}
    place = page.response.request.path
    found = {
        (each.status, each.response.headers["Location"])
        for each in [owing.post(place, answers, follow=False) for _time in range(5)]
    }

    [payment] = online()
    assert found == {(303, f"/account/payments/{payment.reference}")}
    assert owing.get(place, follow=False).response.headers["Location"].endswith(payment.reference)


def test_a_changed_body_is_told_before_and_after_the_signature(owing: Browser) -> None:
    page = review(owing)
    answers = {**filled_in(page.form()), "signature": "Olivia Owens"}
    place = page.response.request.path

    before = owing.post(place, {**answers, "seen": "0" * 64})
    assert (before.status, [each.state for each in online()]) == (422, [PaymentState.DRAFTED])
    assert "Something in these texts changed" in before.text
    assert owing.post(place, answers).status == 200
    after = owing.post(place, {**answers, "seen": "0" * 64})

    assert after.status == 409
    for words in ("This payment is signed already", "What happened", "it made no second payment", "What to do now"):
        assert words in after.text
    assert f"/account/payments/{online()[0].reference}" in after.links()
    assert len(online()) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answers: answers.pop("seen"),
        lambda answers: answers.update(seen=[answers["seen"]] * 2),
        lambda answers: answers.pop("signature"),
        lambda answers: answers.update(signature=["Olivia Owens"] * 2),
        lambda answers: answers.pop("csrf_token"),
        lambda answers: answers.update(csrf_token=[answers["csrf_token"]] * 2),
        lambda answers: answers.update(again=["y", "y"]),
    ],
)
def test_a_key_that_is_missing_or_sent_twice_does_nothing(owing: Browser, spoil: Any) -> None:
    page = review(owing)
    answers = {**filled_in(page.form()), "signature": "Olivia Owens"}
    spoil(answers)

    assert owing.post(page.response.request.path, answers).status == 400
    assert [each.state for each in online()] == [PaymentState.DRAFTED]


def test_an_old_draft_is_gone(owing: Browser) -> None:
    page = review(owing)
    answers = {**filled_in(page.form()), "signature": "Olivia Owens"}
    for _time in range(9):
        wait(minutes=10)
        assert "Sign and pay" in owing.get(page.response.request.path).text
    wait(seconds=1)

    for old in (owing.get(page.response.request.path), owing.post(page.response.request.path, answers)):
        assert old.status == 410
        assert "This payment was not made" in old.text
    assert [each.state for each in online()] == [PaymentState.DRAFTED]


def test_the_same_again_is_asked_about_first(owing: Browser) -> None:
    signed()
    page = review(owing)
    assert "You have such a payment already" in page.text

    assert "Tick the box" in payer.sign(owing, page, "Olivia Owens").text
    assert len([each for each in online() if each.signed_at]) == 1
    payer.sign(owing, page, "Olivia Owens", again="y")
    assert len([each for each in online() if each.signed_at]) == 2


def test_what_changed_meanwhile_is_told_instead_of_a_form(owing: Browser) -> None:
    page = review(owing, amount="18000.00")
    answers = {**filled_in(page.form()), "signature": "Olivia Owens"}
    paid(taxpayer("owing"), "5000.00", TODAY)

    shown = owing.get(page.response.request.path)
    sent = owing.post(page.response.request.path, answers)

    assert "Something changed, so this payment cannot be made like this" in shown.text
    assert "Sign and pay" not in shown.text
    assert (sent.status, "you will owe $13," in sent.text) == (422, True)
    assert [each.state for each in online()] == [PaymentState.DRAFTED]


def test_a_third_payment_within_a_day_is_refused(owing: Browser) -> None:
    for amount in ("1.00", "2.00"):
        assert payer.sign(owing, review(owing, amount=amount), "Olivia Owens").status == 200
    page = payer.fill_in(owing, amount="3.00")

    assert "You have signed 2 payments within 24 hours" in page.text


def test_two_tabs_are_two_drafts_and_each_is_what_it_shows(owing: Browser) -> None:
    one, other = review(owing, amount="1.00"), review(owing, amount="2.00")
    assert "$2.00" in payer.sign(owing, other, "Olivia Owens").text
    assert "$1.00" in payer.sign(owing, one, "Olivia Owens").text


# Changed, cancelled, too late.


def test_a_payment_is_changed_with_a_new_signature(ontime: Browser) -> None:
    done = payer.sign(ontime, review(ontime, **DEBIT), "Theo Timely")
    old = payer.reference_of(done)
    change = next(each for each in done.links() if each.startswith("/pay?instead="))
    form = ontime.get(change)
    assert f"You change the payment {old}" in form.text
    assert filled_in(form.form())["debit"] == "instead"

    page = payer.send(ontime, form, pay_on=["12", "9", "2026"])
    assert f"takes the place of the payment {old}" in page.text
    back = next(each for each in page.links() if each.startswith("/pay?draft="))
    assert filled_in(ontime.get(back).form())["pay_on"] == ["12", "9", "2026"]
    new = payer.sign(ontime, page, "Theo Timely")

    assert "December 9, 2026" in new.text
    assert "Cancelled" in ontime.get(f"/account/payments/{old}").text
    assert payer.reference_of(new) != old
    assert ontime.get(payer.address_of(page)).response.request.path.endswith(payer.reference_of(new))


def test_a_payment_is_cancelled_with_one_button(owing: Browser) -> None:
    done = payer.sign(owing, review(owing), "Olivia Owens")
    place = done.response.request.path

    page = owing.submit(f"{place}/cancellation", {}, at=place)

    assert page.response.request.path == place
    assert "The payment is cancelled. It will not be taken." in page.text
    assert "Cancel until" not in page.text


def test_after_the_cut_off_the_page_says_why_not(app: Flask) -> None:
    payment = signed()
    place = f"/account/payments/{payment.reference}"
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.move_to(date(2026, 12, 4))
    owing = inside(app, "owing")
    page = owing.get(place)

    assert "the time for that was over on Thursday, December 3, 2026, 11:45 PM." in page.text
    assert "Cancel until" not in page.text
    refused = owing.submit(f"{place}/cancellation", {}, at="/pay")
    assert "cannot be changed or cancelled any more" in refused.text
    assert owing.get(f"/pay?instead={payment.reference}").response.request.path == place
    assert payment.state is PaymentState.SCHEDULED


def test_a_settled_payment_is_provisional_for_the_return_window(app: Flask) -> None:
    payment = signed()
    payments.submit(payment, by=PORTAL, when=later(days=14))
    payments.settle(payment, by=PORTAL, when=later(days=16))
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.move_to(date(2026, 12, 9))
    page = inside(app, "owing").get(f"/account/payments/{payment.reference}")

    assert "Until February 7, 2027 it can still take the money back" in page.text
    assert "The money is here." in page.text


@pytest.mark.skipif(not pdf.is_available(), reason="WeasyPrint is not on this machine")
def test_the_receipt_is_a_file_too(owing: Browser) -> None:
    payment = signed()
    file = owing.client.get(f"/account/payments/{payment.reference}.pdf")

    assert file.data.startswith(b"%PDF-")
    assert owing.client.get("/account/payments/PY-00000-00000-00000.pdf").status_code == 404


def test_a_draft_is_shown_to_nobody(app: Flask, owing: Browser) -> None:
    page = review(owing)
    [draft] = online()

    assert owing.get(f"/account/payments/{draft.reference}").status == 404
    assert owing.get(f"/pay?instead={draft.reference}").status == 404
    assert inside(app, "stranger").get(page.response.request.path).status == 404
    assert inside(app, "stranger").get(f"/pay?instead={draft.reference}").status == 404
    assert draft.reference not in owing.get("/account/payments.csv").html


def test_another_household_cannot_cancel_or_change(app: Flask) -> None:
    payment = signed()
    stranger = inside(app, "stranger")

    page = stranger.submit(f"/account/payments/{payment.reference}/cancellation", {}, at="/pay")

    assert page.status == 404
    assert stranger.get(f"/pay?instead={payment.reference}").status == 404
    assert payment.state is PaymentState.SCHEDULED


def test_spanish_is_spoken_to_the_end(app: Flask) -> None:
    owing = inside(app, "owing")
    owing.submit("/language", {"language": "es_US"}, at="/pay")
    page = payer.sign(owing, review(owing), "Olivia Owens")

    assert "Cancelar hasta el jueves, 3 de diciembre de 2026" in page.text
    [payment] = online()
    assert payment.signed_text
    assert payment.signed_text.startswith("Autorizo a")


def test_a_promised_payment_stands_among_those_to_come(ontime: Browser) -> None:
    payment = payer.sign(ontime, review(ontime, **DEBIT), "Theo Timely")
    upcoming = ontime.get("/account/upcoming")

    assert f"/account/payments/{payer.reference_of(payment)}" in upcoming.links()
    assert "Dec 15, 2026 Direct Pay taken on Dec 7, 2026 $310.00" in upcoming.text
    assert "You pay it with Direct Pay on December 7, 2026." in ontime.get("/account").text
