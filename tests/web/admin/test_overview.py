"""At a glance: what needs a hand, with its next step; and the policy in force."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from portal.db import db
from portal.jobs import tasks
from portal.models import BusinessDay
from portal.models.mail import MailKind
from portal.office import office
from portal.queries import days
from portal.services import mails
from tests.agency import agency
from tests.cast import TODAY
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import inside
from tests.web.admin.test_bank import quarantined


def test_what_was_verified_and_closed_needs_no_hand(app: Flask) -> None:
    admin = inside(app, "admin")
    for what in ("trail", "books"):
        assert "not verified for a month" in admin.get("/admin").text
        admin.submit("/admin/trail/verification", {"what": what})
        tasks.run_next(office().clock.now, office().bank)

    page = admin.get("/admin")

    assert "Nothing needs a hand" in page.text
    assert "Last day closed November 23, 2026" in page.text
    assert "MB" in page.text


@pytest.mark.parametrize(
    ("happens", "said", "href"),
    [
        ("mail", "1 mail waits", "/admin/trail"),
        ("closes", "1 day is not closed", "/admin/days"),
        ("undone", "2 pieces of work were left undone", f"/admin/days/{TODAY}"),
        ("lines", "1 line from the bank waits", "/admin/bank/lines"),
    ],
)
def test_what_needs_a_hand_is_named_with_its_next_step(app: Flask, happens: str, said: str, href: str) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    if happens == "mail":
        mails.write(MailKind.REGISTRATION, "new@example.test", language="en_US", when=NOW, link="/")
        db.session.commit()
        clock.wait(minutes=16)
    if happens == "closes":
        db.session.execute(delete(BusinessDay).where(BusinessDay.day > TODAY - timedelta(days=2)))
    if happens == "undone":
        summary = {**(days.latest() or days.ClosedDay(TODAY, NOW.at, None, {})).summary, "left undone": "2"}
        db.session.execute(db.update(BusinessDay).where(BusinessDay.day == TODAY).values(summary=summary))
    if happens == "lines":
        quarantined()
    db.session.commit()

    page = inside(app, "admin").get("/admin")

    assert said in page.text
    assert href in page.links()


def test_the_policy_says_what_holds_today_what_changes_when_and_what_was_before(app: Flask, tmp_path: Path) -> None:
    with agency(app, tmp_path) as changed:
        changed({"from = 2026-03-03": "from = 2027-01-01"})
        page = inside(app, "supervisor").get("/admin/policy")

    assert "online_debit $22.00, from Jul 1, 2024 $29.00, from Jan 1, 2027 $31.00, from Jan 1, 2019" in page.text
    assert "long_term below $50,000.00" in page.text
    assert "Rev. Rul. 2026-15" in page.text
    assert "7%" in page.text


def test_a_rate_that_is_not_there_yet_is_said_plainly(app: Flask) -> None:
    assert (
        "The interest rate from January 1, 2027 on is not there yet."
        in inside(app, "admin").get("/admin/policy").text
    )
    before = app.extensions["office"]
    later = StoppedClock(NOW)
    later.wait(days=60)
    app.extensions["office"] = replace(before, clock=later)
    page = inside(app, "admin").get("/admin/policy")
    app.extensions["office"] = before

    assert "The interest rate of this quarter is missing" in page.text
