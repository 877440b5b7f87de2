"""Many people change one agreement at the same moment: one wins, and nobody else loses a word."""

from collections import Counter

from flask import Flask

from portal.db import db
from portal.domain.actor import PORTAL, Role
from portal.domain.money import Money
from portal.domain.plan import Method
from portal.models import Payment, Taxpayer, Terms, User
from portal.services import users
from tests.browser import filled_in
from tests.ledger_text import agreed, moment, owing
from tests.stopped_clock import NOW
from tests.test_access import inside
from tests.test_db import faults_of, together, trail_is_whole

PEOPLE = 64


def test_of_sixty_four_people_one_changes_the_amount_and_the_others_keep_what_they_typed(committing: Flask) -> None:
    taxpayer = with_a_plan()
    forms, cookies = [], []
    browser = inside(committing, member_of(taxpayer).email.removesuffix("@example.test"))
    for number in range(PEOPLE):
        forms.append(filled_in(browser.get(f"/agreement/amount?monthly={200 + number}.00").form()))
        cookies.append(browser.client.get_cookie("portal"))
    told: dict[int, tuple[int, str]] = {}

    def say_yes(number: int) -> None:
        client, cookie = committing.test_client(), cookies[number]
        assert cookie
        client.set_cookie("portal", cookie.value)
        response = client.post("/agreement/amount", data=forms[number])
        told[number] = (response.status_code, response.text)

    together(committing, say_yes, PEOPLE)

    assert Counter(status for status, _text in told.values()) == {303: 1, 422: PEOPLE - 1}
    [winner] = [number for number, (status, _text) in told.items() if status == 303]
    for number, (status, text) in told.items():
        if status == 422:
            assert "Somebody changed this plan while you were at it." in text
            assert f"${200 + winner}.00 a month instead of $150.00" in text
            assert f'value="{200 + number}.00"' in text
    assert amounts_of(taxpayer) == [Money(150_00), Money((200 + winner) * 100)]
    assert promised_to(taxpayer) == [Money((200 + winner) * 100)]
    assert faults_of(taxpayer.id) == []
    assert trail_is_whole()


def with_a_plan() -> Taxpayer:
    taxpayer = owing("6000.00", year=2025, day=NOW.on)
    first_due_on = NOW.on.replace(month=12, day=20)
    agreed(taxpayer, "150.00", first_due_on, day=NOW.on, method=Method.DIRECT_DEBIT)
    return taxpayer


def member_of(taxpayer: Taxpayer) -> User:
    email = f"editor.{db.engine.dialect.name}@example.test"
    return users.add(
        email, "a password of many words", name=taxpayer.name, role=Role.TAXPAYER, taxpayer=taxpayer, by=PORTAL,
        when=moment(NOW.on),
    )  # fmt: skip


def amounts_of(taxpayer: Taxpayer) -> list[Money]:
    rows = db.select(Terms.monthly).join(Payment, Payment.agreement_id == Terms.agreement_id)
    rows = rows.where(Payment.taxpayer_id == taxpayer.id).order_by(Terms.id)
    return list(dict.fromkeys(db.session.execute(rows).scalars()))


def promised_to(taxpayer: Taxpayer) -> list[Money]:
    rows = db.select(Payment.amount).where(Payment.taxpayer_id == taxpayer.id, Payment.state == "scheduled")
    return list(db.session.execute(rows).scalars())
