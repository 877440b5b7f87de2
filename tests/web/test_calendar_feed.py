"""The payments to come in a calendar: the same dates as on the page, at an address that can be taken back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from flask import Flask
from icalendar import Calendar
from sqlalchemy import Engine
from sqlalchemy import event as happening

from portal.db import db, transaction
from portal.domain.actor import PORTAL
from portal.domain.calendar import ONE_DAY
from portal.domain.change import ChangeKind
from portal.domain.money import Money
from portal.models import Agreement, CalendarFeed, TrailEvent, User
from portal.models.payment import Channel
from portal.queries.standings import account_view
from portal.services import payments, terms
from portal.services.sign_ins import token_hash
from portal.web.language import money
from tests.browser import Browser
from tests.cast import TODAY, taxpayer, user
from tests.stopped_clock import NOW
from tests.test_access import canaries_of, inside, never_shown
from tests.web.test_language import speaks

PAGE = "/account/upcoming"


def made(browser: Browser) -> str:
    """The address of a feed that is made just now, as the page shows it this once."""
    page = browser.submit(f"{PAGE}/calendar", {}, at=PAGE)
    [address] = set(re.findall(rf"{PAGE}/[\w-]{{43}}\.ics", page.html))
    return str(address)


def read(app: Flask, address: str) -> Calendar:
    """What a calendar program, which is not signed in, reads at an address."""
    return Calendar.from_ical(app.test_client().get(address).text)


def test_the_feed_has_every_payment_to_come_on_its_day(app: Flask) -> None:
    address = made(inside(app, "ontime"))
    schedule = account_view(taxpayer("ontime").id, TODAY).standing.schedule
    assert schedule is not None

    events = read(app, address).walk("VEVENT")

    assert [(each.start, each["SUMMARY"]) for each in events] == [
        (row.on, f"Payment of {money(row.amount)}") for row in schedule.installments
    ]
    assert {each["DESCRIPTION"] for each in events} == {"From: Checking account ending 4417"}
    assert len({each["UID"] for each in events}) == len(events)
    assert len(Calendar.from_ical(inside(app, "ontime").client.get(f"{PAGE}.ics").text).walk("VEVENT")) == len(events)


def test_the_feed_says_nothing_but_amount_day_and_last_four(app: Flask) -> None:
    text = app.test_client().get(made(inside(app, "ontime"))).text
    owner = taxpayer("ontime")
    known = never_shown() | (canaries_of("ontime") - {"ending 4417", "$0.00"})

    assert [each for each in known if each in text] == []
    assert owner.last_name not in text


def test_an_address_is_shown_once_renewed_and_taken_back(app: Flask) -> None:
    browser = inside(app, "ontime")
    first = made(browser)
    assert first not in browser.get(PAGE).html
    assert app.test_client().get(first).status_code == 200

    second = made(browser)
    assert [app.test_client().get(each).status_code for each in (first, second)] == [404, 200]

    page = browser.submit(f"{PAGE}/calendar/revocation", {}, at=PAGE)
    assert "Make an address for my calendar" in page.text
    assert app.test_client().get(second).status_code == 404
    assert [each.event for each in db.session.execute(db.select(TrailEvent)).scalars() if "calendar" in each.event][
        -3:
    ] == ["calendar.made", "calendar.made", "calendar.ended"]


def test_only_the_hash_of_the_token_is_kept_and_it_dies_with_its_user(app: Flask) -> None:
    address = made(inside(app, "ontime"))
    token = address.removeprefix(f"{PAGE}/").removesuffix(".ics")
    [feed] = db.session.execute(db.select(CalendarFeed)).scalars()
    assert feed.token_hash == token_hash(token)

    db.session.execute(db.update(User).where(User.id == user("ontime").id).values(disabled_at=NOW.at))
    db.session.commit()

    assert app.test_client().get(address).status_code == 404


def test_who_shares_the_account_has_an_own_address(app: Flask) -> None:
    """The feed of one spouse goes on when the other takes back theirs."""
    own, spouses = made(inside(app, "ontime")), made(inside(app, "spouse"))
    inside(app, "spouse").submit(f"{PAGE}/calendar/revocation", {}, at=PAGE)

    assert [app.test_client().get(each).status_code for each in (own, spouses)] == [200, 404]


def test_a_change_moves_the_sequence_and_keeps_the_names(app: Flask) -> None:
    """Somebody signing in or looking at the page changes nothing; a payment that comes does."""
    address = made(inside(app, "ontime"))
    before = read(app, address).walk("VEVENT")
    inside(app, "ontime").get(PAGE)
    assert read(app, address).walk("VEVENT") == before

    payments.receive(taxpayer("ontime"), Money(700_00), channel=Channel.MAIL, pay_on=TODAY, by=PORTAL, when=NOW)
    after = read(app, address).walk("VEVENT")

    assert after[0]["SEQUENCE"] > before[0]["SEQUENCE"]
    assert {each["UID"] for each in after} <= {each["UID"] for each in before}
    assert len(after) < len(before)


def test_a_moved_day_keeps_its_names(app: Flask) -> None:
    """The same payments, each on its new day, and no two of one name."""
    address = made(inside(app, "ontime"))
    before = read(app, address).walk("VEVENT")
    own = db.select(Agreement).where(Agreement.taxpayer_id == taxpayer("ontime").id)
    [agreement] = db.session.execute(own).scalars()
    begins_on = before[0].start + ONE_DAY
    with transaction():
        terms.follow(agreement, ChangeKind.DAY, begins_on, when=NOW, due_day=5, first_due_on=date(2027, 2, 5))
        terms.note(agreement, ChangeKind.DAY, by=PORTAL, when=NOW)

    after = read(app, address).walk("VEVENT")

    assert [each["UID"] for each in after[:6]] == [each["UID"] for each in before[:6]]
    assert [each.start.day for each in after[1:4]] == [5, 5, 5]
    assert after[1]["SEQUENCE"] > before[1]["SEQUENCE"]


def test_who_has_nothing_to_pay_has_an_empty_calendar(app: Flask) -> None:
    """In default nothing is scheduled, and without a plan there never was."""
    for role in ("indefault", "stranger"):
        assert read(app, made(inside(app, role))).walk("VEVENT") == []


def test_it_is_in_the_language_of_its_user(app: Flask) -> None:
    speaks("ontime", "es_US")

    [first, *_others] = read(app, made(inside(app, "ontime"))).walk("VEVENT")

    assert first["SUMMARY"].startswith("Pago de")


def test_what_has_not_changed_is_not_sent_again(app: Flask) -> None:
    """And a look costs few queries."""
    address, client = made(inside(app, "ontime")), app.test_client()
    first = client.get(address)
    queries: list[str] = []
    with counted(queries):
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers.getlist("Cache-Control") == again.headers.getlist("Cache-Control") == ["private, no-cache"]
    assert first.mimetype == "text/calendar"
    assert len(queries) == 2
    assert client.head(address).status_code == 200


@contextmanager
def counted(queries: list[str]) -> Iterator[None]:
    """The statements that are run meanwhile."""

    def ran(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT"):
            queries.append(statement)

    happening.listen(Engine, "before_cursor_execute", ran)
    try:
        yield
    finally:
        happening.remove(Engine, "before_cursor_execute", ran)
