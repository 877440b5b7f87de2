"""Paying without an account: facts of a tax return open a quarter of an hour, and nothing of the account is shown."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.domain.lifecycle import PaymentState
from portal.gateways.bank import SandboxBank
from portal.jobs import close
from portal.models import Mail, Notice, TrailEvent
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.office import office
from portal.queries.standings import account_view
from portal.services.guests import tax_years
from portal.web import pdf
from portal.web.direct_pay import NoConfirmationNumber, confirmation_number
from portal.web.language import money
from tests import payer
from tests.applicant import ACCOUNT, ROUTING, later, marry, ssn_of
from tests.browser import Browser, Page, filled_in
from tests.cast import TODAY, taxpayer
from tests.payer import SOON, online, signed, wish
from tests.stopped_clock import StoppedClock
from tests.test_access import canaries_of, inside, never_shown, shown
from tests.test_db import sent

UNKNOWN_SSN = "987-65-4321"
REFUSED = "We could not find you by these facts."
# Each fact that can be wrong, and one that is.
WRONG = {
    "first_name": "Olive", "last_name": "Owen", "ssn": UNKNOWN_SSN, "born_on": ["1", "2", "1990"],
    "tax_year": "2020", "filing_status": "head of household", "street": "101 Maple Street",
    "postal_code": "62702",
}  # fmt: skip


def facts(role: str = "owing", **changes: Any) -> dict[str, Any]:
    """What stands on a return of a member of the cast."""
    owner = taxpayer(role)
    years = [each.facts.tax_year for each in account_view(owner.id, TODAY).standing.years]
    born_on = owner.born_on
    return {
        "first_name": owner.first_name, "last_name": owner.last_name, "ssn": ssn_of(role),
        "born_on": [str(born_on.month), str(born_on.day), str(born_on.year)], "tax_year": str(max(years)),
        "filing_status": owner.filing_status, "street": owner.street, "postal_code": owner.postal_code, **changes,
    }  # fmt: skip


def identified(app: Flask, role: str = "owing") -> Browser:
    """A browser of somebody who said who they are."""
    browser = Browser(app)
    page = browser.fill_in("/direct-pay", **facts(role))
    assert "What do you pay for?" in page.text, page.text
    return browser


def typed(amount: str = "100.00", **more: Any) -> dict[str, Any]:
    parts = [str(SOON.month), str(SOON.day), str(SOON.year)]
    return {"amount": amount, "pay_on": parts, "type": "checking", "routing_number": ROUTING,
            "account_number": ACCOUNT, **more}  # fmt: skip


def fill_in(browser: Browser, amount: str = "100.00", **more: Any) -> Page:
    return payer.send(browser, browser.get("/direct-pay"), **typed(amount, **more))


def wait(**duration: int) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


# Who somebody is.


def test_the_facts_may_be_written_as_people_write_them(app: Flask) -> None:
    owner = taxpayer("owing")
    ssn = ssn_of("owing")
    said = facts(
        first_name=owner.first_name.upper(), ssn=f"{ssn[:3]}-{ssn[3:5]} {ssn[5:]}",
        street=f" {owner.street.lower()}.", postal_code=f"{owner.postal_code[:5]}-0001",
    )  # fmt: skip

    assert "What do you pay for?" in Browser(app).fill_in("/direct-pay", **said).text


@pytest.mark.parametrize("wrong", WRONG)
def test_any_wrong_fact_is_refused_in_the_same_words(app: Flask, wrong: str) -> None:
    page = Browser(app).fill_in("/direct-pay", **facts(**{wrong: WRONG[wrong]}))

    assert page.status == 422
    assert REFUSED in page.text
    assert UNKNOWN_SSN not in page.html
    assert ssn_of("owing") not in page.html
    assert filled_in(page.form())["first_name"] == facts(**{wrong: WRONG[wrong]})["first_name"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ssn", "12", "Enter all nine digits"),
        ("ssn", ["900000001", "900000002"], "Give one answer here"),
        ("born_on", ["13", "1", "1990"], "Enter a date that exists"),
        ("born_on", ["1", "1", "2999"], "it has to be in the past"),
        ("tax_year", "1999", "Choose one of the list."),
        ("filing_status", "", "Choose the filing status."),
        ("postal_code", "6270", "Enter a ZIP code"),
        ("street", "", "Enter the street"),
        ("first_name", "", "Enter your first name."),
    ],
)
def test_what_is_no_fact_at_all_is_told_beside_its_field_and_is_no_try(
    app: Flask, name: str, value: Any, told: str
) -> None:
    browser = Browser(app)
    for _time in range(6):
        assert told in browser.fill_in("/direct-pay", **facts(**{name: value})).text

    assert "What do you pay for?" in browser.fill_in("/direct-pay", **facts()).text


def test_known_and_unknown_people_get_the_same_answer_after_the_same_work(app: Flask) -> None:
    """Through the fifth try and beyond: the page, its headers and what is asked of the database."""

    def tries(said: dict[str, Any]) -> list[tuple[str, list[str], list[str]]]:
        found = []
        browser = Browser(app)
        for _time in range(7):
            form = filled_in(browser.get("/direct-pay").form())
            with sent() as statements:
                page = browser.post("/direct-pay", {**form, **said})
            body = re.sub(r'(value="|X-CSRFToken": ")[^"]*', "", page.html)
            found.append((body, sorted(page.response.headers.keys()), [each.split(" ")[0] for each in statements]))
        return found

    known = tries(facts(street="1 Elsewhere"))
    unknown = tries(facts(street="1 Elsewhere", ssn="987654321"))

    assert known == unknown


def test_after_five_wrong_tries_right_facts_are_refused_in_the_same_words_for_a_day(app: Flask) -> None:
    for _time in range(5):
        refused = Browser(app).fill_in("/direct-pay", **facts(street="1 Elsewhere"))
    locked = Browser(app).fill_in("/direct-pay", **facts())

    assert REFUSED in locked.text
    assert locked.status == refused.status == 422
    assert "guest.locked" in events()
    assert "What do you pay for?" in Browser(app).fill_in("/direct-pay", **facts("stranger")).text
    wait(hours=24, minutes=1)
    assert "What do you pay for?" in Browser(app).fill_in("/direct-pay", **facts()).text


def test_the_owner_of_a_locked_number_is_told_by_the_next_close_once(app: Flask) -> None:
    for _time in range(8):
        Browser(app).fill_in("/direct-pay", **facts(street="1 Elsewhere"))
    for _time in range(2):
        close.run(office().clock.now(), SandboxBank())

    told = select(Notice.taxpayer_id).where(Notice.kind == NoticeKind.GUESTS_LOCKED)
    mailed = select(Mail.taxpayer_id).where(Mail.kind == MailKind.GUESTS_LOCKED)
    assert list(db.session.execute(told).scalars()) == [taxpayer("owing").id]
    assert list(db.session.execute(mailed).scalars()) == [taxpayer("owing").id]


def test_one_visitor_can_lock_a_few_people_not_many(app: Flask) -> None:
    """After twenty wrong claims from one place none from there is looked at, and nobody else is locked by it."""
    visitor, elsewhere = Browser(app), Browser(app)
    elsewhere.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for number in range(20):
        visitor.fill_in("/direct-pay", **facts(street="1 Elsewhere", ssn=f"98765{number // 4:04d}"))
    for _time in range(5):
        visitor.fill_in("/direct-pay", **facts("stranger", street="1 Elsewhere"))

    assert REFUSED in visitor.fill_in("/direct-pay", **facts()).text
    assert "What do you pay for?" in elsewhere.fill_in("/direct-pay", **facts("stranger")).text
    wait(hours=24, minutes=1)
    assert "What do you pay for?" in visitor.fill_in("/direct-pay", **facts()).text


def test_tries_while_locked_do_not_make_the_lock_longer(app: Flask) -> None:
    for _time in range(5):
        Browser(app).fill_in("/direct-pay", **facts(street="1 Elsewhere"))
    wait(hours=23)
    Browser(app).fill_in("/direct-pay", **facts(street="1 Elsewhere"))
    wait(hours=1, minutes=1)

    assert "What do you pay for?" in Browser(app).fill_in("/direct-pay", **facts()).text


def test_a_wrong_year_that_is_no_year_of_the_account_is_wrong(app: Flask) -> None:
    years = {each.facts.tax_year for each in account_view(taxpayer("owing").id, TODAY).standing.years}
    for year in tax_years(TODAY):
        page = Browser(app).fill_in("/direct-pay", **facts(tax_year=str(year)))
        assert (page.status == 200) is (year in years)


def test_a_spouse_is_known_by_their_own_name_number_and_birthday(app: Flask) -> None:
    marry()
    said = facts(first_name="José", last_name="O’Brien-Nuñez", ssn="900990001", born_on=["2", "29", "1980"])

    assert "What do you pay for?" in Browser(app).fill_in("/direct-pay", **said).text


def test_the_visit_ends_after_a_quarter_of_an_hour_and_when_it_is_over(app: Flask) -> None:
    browser, other = identified(app), identified(app)
    other.submit("/direct-pay/end", {}, at="/direct-pay")
    assert "Pay without signing in" in other.get("/direct-pay").text
    wait(minutes=14, seconds=59)
    assert "What do you pay for?" in browser.get("/direct-pay").text
    wait(seconds=1)

    assert "Year of a tax return" in browser.get("/direct-pay").text


def test_the_cookie_tells_nothing_of_the_account(app: Flask) -> None:
    browser = identified(app)
    with browser.client.session_transaction() as session:
        kept = repr(dict(session))

    for secret in (ssn_of("owing"), taxpayer("owing").reference, "Owens", str(taxpayer("owing").born_on)):
        assert secret not in kept


def test_a_cookie_that_was_tampered_with_opens_nothing(app: Flask) -> None:
    browser = identified(app)
    with browser.client.session_transaction() as session:
        session["guest"] = session["guest"][:-6] + "AAAAAA"

    assert "Year of a tax return" in browser.get("/direct-pay").text


# What is paid.


def test_a_guest_pays_in_the_same_three_steps(app: Flask) -> None:
    browser = identified(app)
    review = fill_in(browser)
    assert review.response.request.path.startswith("/direct-pay/review/")
    assert ACCOUNT not in review.html
    page = payer.sign(browser, review, "Olivia Owens")

    [payment] = online()
    assert page.response.request.path == f"/direct-pay/payments/{payment.reference}"
    assert (payment.state, payment.user_id) == (PaymentState.SCHEDULED, None)
    assert f"Your confirmation number is {payment.reference}" in page.text
    assert payment.reference in inside(app, "owing").get("/account/payments?state=scheduled").text


@pytest.mark.parametrize("role", ["owing", "ontime", "indefault", "payroll"])
def test_a_guest_sees_nothing_of_the_account(app: Flask, role: str) -> None:
    signed("ontime", wish("50.00", reason="balance_due"))
    owner = taxpayer(role)
    browser = identified(app, role)
    unseen = canaries_of(role) | never_shown()
    unseen |= {money(each.owed.total) for each in account_view(owner.id, TODAY).standing.years}
    pages = [browser.get("/direct-pay"), fill_in(browser)]
    pages.append(payer.sign(browser, pages[-1], owner.name))
    [payment] = [each for each in online(role) if each.user_id is None]
    seen = unseen - {owner.name, payment.reference, "ending 4418"}

    for page in pages:
        assert shown(page.response, seen) == ""
        for word in ("default", "debit of my plan", "ending 4417", "Where the money went", "collection"):
            assert word not in page.text


def test_the_form_of_a_guest_is_the_same_for_every_account(app: Flask) -> None:
    found = {
        re.sub(r'(value="|X-CSRFToken": ")[^"]*', "", identified(app, role).get("/direct-pay").html)
        for role in ("owing", "ontime", "indefault")
    }

    assert len(found) == 1


def test_a_guest_is_told_of_the_days_and_of_the_bank_while_typing(app: Flask) -> None:
    browser = identified(app)

    closed = browser.get("/direct-pay?pay_on=12&pay_on=5&pay_on=2026&reason=balance_due", part="choices")
    assert "Choose December 4, 2026 or December 7, 2026." in closed.text
    assert "Wells Fargo Bank" in browser.get("/direct-pay?routing_number=121042882", part="bank").text


def test_a_guest_may_pay_more_than_is_owed_but_not_without_end(app: Flask) -> None:
    browser = identified(app)

    assert "Enter an amount above zero." in fill_in(browser, "").text
    assert "at most" in fill_in(browser, "100000.01").text
    assert "$100,000.00" in fill_in(browser, "100000.00").text


def test_the_same_again_and_the_limit_hold_for_guests(app: Flask) -> None:
    browser = identified(app)
    payer.sign(browser, fill_in(browser), "Olivia Owens")
    again = fill_in(browser)
    assert "You have such a payment already" in again.text
    payer.sign(browser, again, "Olivia Owens", again="y")

    assert "2 payments within 24 hours" in fill_in(browser, "7.00").text


def test_without_the_facts_no_draft_is_opened(app: Flask) -> None:
    review = fill_in(identified(app)).response.request.path

    for stranger in (Browser(app), inside(app, "owing")):
        assert stranger.get(review, follow=False).response.headers["Location"] == "/direct-pay"
    assert identified(app, "stranger").get(review).status == 404
    assert inside(app, "owing").get(review.replace("/direct-pay", "/pay")).status == 404


# Looked up, changed, cancelled.


def looked_up(app: Flask, number: str, role: str = "owing", **wrong: Any) -> Page:
    return Browser(app).fill_in("/direct-pay/lookup", number=number, **facts(role, **wrong))


def test_a_payment_is_found_by_its_number_and_the_facts(app: Flask) -> None:
    payment = signed()
    typed_number = payment.reference.lower().replace("-", " ").removeprefix("py")

    page = looked_up(app, typed_number)

    assert page.response.request.path == f"/direct-pay/payments/{payment.reference}"
    assert "We promised to take this payment on December 7, 2026." in page.text
    assert shown(page.response, canaries_of("owing") - {payment.reference, "Olivia Owens"}) == ""


@pytest.mark.parametrize("wrong", [*WRONG, "number", "draft", "foreign"])
def test_any_wrong_fact_of_a_look_up_is_refused_in_the_same_words_and_counted(app: Flask, wrong: str) -> None:
    payment, foreign = signed(), signed("stranger", wish("5.00"))
    draft = payer.drafted(asked=wish("9.00"))
    number = {
        "number": "PY-00000-00000-00000", "draft": draft.reference, "foreign": foreign.reference
    }.get(wrong, payment.reference)  # fmt: skip
    changes = {wrong: WRONG[wrong]} if wrong in WRONG else {}

    for _time in range(5):
        assert "We could not find a payment by these facts." in looked_up(app, number, **changes).text
    if wrong != "ssn":
        assert "We could not find a payment" in looked_up(app, payment.reference).text


def test_what_is_no_confirmation_number_says_how_one_looks(app: Flask) -> None:
    assert "A confirmation number looks like" in looked_up(app, "12345").text
    for text in ("", "PY", "PY-٠٠٠٠٠-00000-00000", "PY-7F3K2-9QDWX-4M1T", "x" * 40):
        with pytest.raises(NoConfirmationNumber):
            confirmation_number(text)
    assert confirmation_number("py 7f3k2 9qdwx-4mlto") == "PY-7F3K2-9QDWX-4M1T0"


def test_a_guest_changes_and_cancels_by_the_same_rules(app: Flask) -> None:
    browser = identified(app)
    done = payer.sign(browser, fill_in(browser), "Olivia Owens")
    old = payer.reference_of(done)
    change = browser.get(f"/direct-pay?instead={old}")
    assert f"You change the payment {old}" in change.text
    review = payer.send(browser, change, **typed("80.00"))
    new = payer.sign(browser, review, "Olivia Owens")
    place = new.response.request.path
    assert [each.state for each in online()] == [PaymentState.CANCELLED, PaymentState.SCHEDULED]

    page = browser.submit(f"{place}/cancellation", {}, at=place)
    assert "The payment is cancelled." in page.text


def test_after_the_cut_off_a_guest_is_told_why_not(app: Flask) -> None:
    payment = signed()
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.move_to(date(2026, 12, 4))
    page = looked_up(app, payment.reference)

    assert "the time for that was over on Thursday, December 3, 2026, 11:45 PM." in page.text


def test_a_guest_s_draft_is_over_after_ninety_minutes_even_with_new_facts(app: Flask) -> None:
    browser = identified(app)
    review = fill_in(browser).response.request.path
    wait(minutes=91)
    browser.fill_in("/direct-pay", **facts())

    page = browser.get(review)
    assert page.status == 410
    for words in ("This payment was not made", "What happened", "No money is taken", "What to do now"):
        assert words in page.text
    assert "/direct-pay" in page.links()


def test_a_guest_keeps_the_receipt_on_paper(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, str]] = []
    monkeypatch.setattr(pdf, "is_available", lambda: True)
    monkeypatch.setattr(pdf, "file_of", lambda shown, name: written.append((shown.get_data(True), name)) or shown)
    browser = identified(app)
    done = payer.sign(browser, fill_in(browser), "Olivia Owens")

    [link] = [each for each in done.links() if each.endswith(".pdf")]
    assert browser.get(link).status == 200
    [(html, name)] = written
    assert payer.reference_of(done) in html
    assert name == f"{payer.reference_of(done)}.pdf"
    assert Browser(app).get(link, follow=False).response.headers["Location"] == "/direct-pay"
    assert later(minutes=1)


def test_spanish_is_spoken_to_guests(app: Flask) -> None:
    browser = Browser(app)
    browser.submit("/language", {"language": "es_US"}, at="/direct-pay")
    page = browser.fill_in("/direct-pay", **facts())

    assert "¿Qué paga?" in page.text


def events() -> list[str]:
    return list(db.session.execute(db.select(TrailEvent.event).order_by(TrailEvent.number)).scalars())
