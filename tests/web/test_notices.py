"""Notices: the inbox, each kind as a page in both languages, new until opened; and nobody else's exist."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from portal.db import db, transaction
from portal.domain.actor import PORTAL
from portal.domain.moment import Moment
from portal.models import Mail, Notice, TrailEvent
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.services import notices, users
from portal.web import pdf
from portal.web.language import speaking
from portal.web.notice_text import told
from portal.web.notice_words import WORDS
from tests.applicant import mails
from tests.cast import taxpayer, user
from tests.stopped_clock import NOW
from tests.test_access import inside
from tests.web.notices import NOTICES
from tests.web.test_account import tables
from tests.web.test_language import english_in, speaks

PLACE = "/account/notices"
CURED = {"agreement": "IA-7F3K-2Q9D"}
# Pages whose addresses are fixed, and which are not built yet.


def issue(role: str, kind: NoticeKind, when: Moment = NOW, **facts: str) -> str:
    """A notice to a member of the cast; its reference."""
    with transaction():
        notices.issue(taxpayer(role).id, kind, when=when, **facts)
    newest = select(Notice.reference).order_by(Notice.id.desc()).limit(1)
    return db.session.execute(newest).scalar_one()


def nothing_yet(role: str) -> None:
    db.session.execute(delete(Notice).where(Notice.taxpayer_id == taxpayer(role).id))
    db.session.commit()


# The words.


def test_every_kind_has_its_words_and_its_mail() -> None:
    assert set(WORDS) == set(NoticeKind)
    assert {kind.value for kind in NoticeKind} < {kind.value for kind in MailKind}


@pytest.mark.parametrize(("kind", "facts"), NOTICES)
def test_each_notice_is_whole_in_both_languages(app: Flask, kind: NoticeKind, facts: dict[str, str]) -> None:
    browser, place = inside(app, "owing"), f"{PLACE}/{issue('owing', kind, **facts)}"
    english = browser.get(place)
    speaks("owing", "es_US")
    spanish = browser.get(place)

    for page, language in ((english, "en_US"), (spanish, "es_US")):
        with speaking(language):
            said = told(kind, facts)
        assert page.status == 200
        assert all((said.title, said.happened, said.now, said.label)), "something is left out"
        for each in (said.title, said.happened, said.means, said.costs, said.now, said.label):
            assert each in page.text
        assert not re.search(r"%[(.]|\)s|None|\d{4}-\d\d-\d\d", page.text), "a leftover"
        assert page.html.count('<section class="next-step') == 1
        assert said.href in page.links()
    assert english_in(spanish.text.replace(facts.get("employer", "-"), "")) == []


@pytest.mark.parametrize(("kind", "facts"), NOTICES)
def test_what_to_do_leads_to_a_page(app: Flask, kind: NoticeKind, facts: dict[str, str]) -> None:
    href = told(kind, facts).href.partition("?")[0]

    assert app.url_map.bind("").match(href, "GET")


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (NoticeKind.REMINDER, {"payment": "PY-1"}, ["we will take $310.00 from your bank", "November 16, 2026"]),
        (NoticeKind.REMINDER, {"payment": ""}, ["It has to be here by November 16, 2026", "Pay $310.00"]),
        (NoticeKind.RETURNED_PAYMENT, {"retry_on": "2026-12-01"}, ["try again on December 1, 2026", "$25.00"]),
        (NoticeKind.RETURNED_PAYMENT, {"retry_on": ""}, ["We will not try again.", "Pay $310.00 another way"]),
        (NoticeKind.RETURNED_PAYMENT, {}, ["We will not try again.", "There was not enough money in the account."]),
        (NoticeKind.DEBITS_STOPPED, {"code": "R02"}, ["The account is closed.", "Give us another bank account."]),
        (NoticeKind.DEBITS_STOPPED, {"code": "R07"}, ["by your own payments", "You took back the permission"]),
        (NoticeKind.DEBITS_STOPPED, {"code": "R10"}, ["frozen until we have talked", "not authorized"]),
        (NoticeKind.DEBITS_STOPPED, {"code": "R29"}, ["frozen until we have talked", "not authorized"]),
        (NoticeKind.DEBIT_CHANGED, {"amount": ""}, ["$400.00", "will not be taken"]),
        (NoticeKind.INTENT_TO_TERMINATE, {"cause": "first_payment", "cure_by": "2026-12-23"},
         ["The first payment of your plan was due on November 1, 2026", "by December 23, 2026", "levy", "lien"]),
        (NoticeKind.INTENT_TO_TERMINATE, {}, ["November 1, 2026 is missing", "Your plan is in default", "levy"]),
        (NoticeKind.TERMINATION, {"appeal_by": "2027-01-22"},
         ["levy", "lien", "wages and bank accounts", "You can appeal until January 22, 2027", "have your plan back"]),
        (NoticeKind.COMPLETION, {"fee_back": "43.00"}, ["The user fee of $43.00 is given back to you."]),
        (NoticeKind.BANK_CHANGED, {"old_last_four": "1111", "new_last_four": "2222"}, ["ending 2222", "from 1111"]),
    ],
)  # fmt: skip
def test_what_a_notice_says(app: Flask, kind: NoticeKind, facts: dict[str, str], said: list[str]) -> None:
    common = {
        "agreement": "IA-7F3K-2Q9D", "payment": "PY-7F3K2-2Q9D4-00000", "amount": "310.00", "penalty": "25.00",
        "pay_on": "2026-11-16", "installment_on": "2026-11-15", "missed_on": "2026-11-01", "code": "R01",
        "was_amount": "400.00", "was_pay_on": "2026-11-16",
    }  # fmt: skip
    text = inside(app, "owing").get(f"{PLACE}/{issue('owing', kind, **common | facts)}").text

    assert [each for each in said if each not in text] == []


def test_an_annual_statement_is_a_table_and_no_bill(app: Flask) -> None:
    year = next(facts for kind, facts in NOTICES if kind is NoticeKind.ANNUAL_STATEMENT)
    page = inside(app, "owing").get(f"{PLACE}/{issue('owing', NoticeKind.ANNUAL_STATEMENT, **year)}")
    [table] = tables(page, "main")

    assert "This is not a bill." in page.text
    assert [row[1] for row in table.rows] == ["$9,000.00", "$29.00", "$512.34", "$210.00", "-$3,720.00", "$6,031.34"]


# The inbox.


def test_the_newest_notice_stands_first_and_is_new_until_it_is_opened(app: Flask) -> None:
    nothing_yet("owing")
    issue("owing", NoticeKind.REGISTRATION_LOCKED)
    reference = issue("owing", NoticeKind.CURED, when=Moment(NOW.at + timedelta(days=1), NOW.on), **CURED)
    browser = inside(app, "owing")
    place = f"{PLACE}/{reference}"

    rows = tables(browser.get(PLACE), "inbox")[0].rows
    assert [row[1:] for row in rows] == [
        ["Your plan is back on track", "New"], ["Somebody tried to register for your account", "New"],
    ]  # fmt: skip
    assert "2 new notices" in browser.get("/account").text
    assert browser.client.head(place).status_code == 200
    assert [row[2] for row in tables(browser.get(PLACE), "inbox")[0].rows] == ["New", "New"]

    browser.get(place)
    browser.get(place)

    assert [row[2] for row in tables(browser.get(PLACE), "inbox")[0].rows] == ["Opened", "New"]
    assert "One new notice" in browser.get("/account").text
    read = db.session.execute(select(Notice).where(Notice.reference == reference)).scalar_one()
    assert read.read_at == NOW.at
    noted = select(func.count()).where(TrailEvent.event == "notice.read", TrailEvent.subject == reference)
    assert db.session.execute(noted).scalar_one() == 1


def test_both_spouses_share_the_mark(app: Flask) -> None:
    reference = issue("ontime", NoticeKind.CURED, **CURED)
    inside(app, "spouse").get(f"{PLACE}/{reference}")

    newest = tables(inside(app, "ontime").get(PLACE), "inbox")[0].rows[0]

    assert newest[1:] == ["Your plan is back on track", "Opened"]


def test_there_are_twenty_on_a_page(app: Flask) -> None:
    nothing_yet("owing")
    for _time in range(21):
        issue("owing", NoticeKind.REGISTRATION_LOCKED)
    browser = inside(app, "owing")

    pages = {number: browser.get(f"{PLACE}?page={number}", part="inbox") for number in ("1", "2", "9", "x", "-1")}

    counts = {number: len(tables(page, "inbox")[0].rows) for number, page in pages.items()}
    assert counts == {"1": 20, "2": 1, "9": 1, "x": 20, "-1": 20}
    assert "21 notices" in pages["1"].text
    assert f"{PLACE}?page=2" in pages["1"].links()


def test_an_empty_inbox_says_what_will_come(app: Flask) -> None:
    nothing_yet("owing")
    browser = inside(app, "owing")

    assert "There is no notice yet." in browser.get(PLACE).one("inbox")
    assert "new notice" not in browser.get("/account").text


def test_what_is_not_yours_does_not_exist(app: Flask) -> None:
    reference = issue("ontime", NoticeKind.CURED, **CURED)
    stranger = inside(app, "stranger")

    assert [stranger.get(f"{PLACE}/{each}").status for each in (reference, f"{reference}.pdf")] == [404, 404]
    read = db.session.execute(select(Notice.read_at).where(Notice.reference == reference)).scalar_one()
    assert read is None


@pytest.mark.skipif(not pdf.is_available(), reason="no PDF on this machine")
def test_a_notice_is_a_file_to_keep(app: Flask) -> None:
    reference = issue("ontime", NoticeKind.CURED, **CURED)

    response = inside(app, "ontime").client.get(f"{PLACE}/{reference}.pdf")

    assert response.data.startswith(b"%PDF")
    assert f"filename={reference}.pdf" in response.headers["Content-Disposition"]


# The mail.


def test_everybody_of_the_account_is_mailed_in_their_own_language(app: Flask) -> None:
    speaks("spouse", "es_US")
    reference = issue("ontime", NoticeKind.RECEIPT, payment="PY-1", amount="310.00", pay_on="2026-11-16")

    written = db.session.execute(select(Mail.recipient, Mail.language).order_by(Mail.id)).all()

    assert [tuple(each) for each in written] == [
        ("ontime@example.test", "en_US"), ("spouse@example.test", "es_US"),
    ]  # fmt: skip
    assert {facts["link"] for _to, facts in mails(MailKind.RECEIPT)} == {f"{PLACE}/{reference}"}
    assert [facts["first_name"] for _to, facts in mails(MailKind.RECEIPT)] == ["Theo", "Tina"]


def test_digits_of_an_account_are_not_even_given_to_the_mail(app: Flask) -> None:
    issue("owing", NoticeKind.BANK_CHANGED, agreement="IA-1", old_last_four="1111", new_last_four="2222")

    [(_to, facts)] = mails(MailKind.BANK_CHANGED)

    assert facts.keys() == {"first_name", "link", "agreement"}


def test_reminders_are_mailed_to_who_wants_them_and_all_else_to_everybody(app: Flask) -> None:
    users.remind(user("spouse"), wanted=False, by=PORTAL, when=NOW)
    facts = {"payment": "", "amount": "310.00", "pay_on": "2026-12-15", "installment_on": "2026-12-15"}

    issue("ontime", NoticeKind.REMINDER, **facts)
    issue("ontime", NoticeKind.CURED, **CURED)

    assert [to for to, _facts in mails(MailKind.REMINDER)] == ["ontime@example.test"]
    assert [to for to, _facts in mails(MailKind.CURED)] == ["ontime@example.test", "spouse@example.test"]
    assert "Next payment: $310.00" in inside(app, "spouse").get(PLACE).text


def test_who_cannot_sign_in_gets_no_mail(app: Flask) -> None:
    user("owing").disabled_at = NOW.at
    db.session.commit()

    issue("owing", NoticeKind.CURED, **CURED)

    assert mails(MailKind.CURED) == []
