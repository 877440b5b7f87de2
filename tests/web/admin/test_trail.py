"""The trail on a page: found by every name that stands in it, and verified."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.db import db
from portal.jobs import tasks
from portal.models import Payment, TrailEvent
from portal.office import office
from tests.browser import Browser
from tests.cast import TODAY, taxpayer, user
from tests.services.test_trail import TRIGGERS
from tests.test_access import inside


@pytest.fixture
def admin(app: Flask) -> Browser:
    return inside(app, "admin")


def count(*conditions: object) -> int:
    return db.session.execute(select(func.count()).select_from(TrailEvent).where(*conditions)).scalar_one()  # type: ignore[arg-type]


def every_number(admin: Browser, address: str) -> list[int]:
    """The numbers of all rows that are found, page after page."""
    numbers: list[int] = []
    while address:
        page = admin.get(address, part="list")
        assert page.tree is not None
        numbers += [
            int("".join(each.itertext()))
            for row in page.tree.iter("th") if row.get("scope") == "row"
            for each in row.iter("span")
        ]  # fmt: skip
        address = next((link for link in page.links() if "before=" in link), "")
    return numbers


def test_everything_is_there_newest_first_and_once(admin: Browser) -> None:
    numbers = every_number(admin, "/admin/trail")

    assert sorted(numbers) == list(range(1, count() + 1))
    instants = dict(db.session.execute(select(TrailEvent.number, TrailEvent.at)).all())  # type: ignore[arg-type]
    assert [instants[each] for each in numbers] == sorted(instants.values(), reverse=True)


def test_it_is_narrowed_by_event_subject_account_and_user(admin: Browser) -> None:
    owner = taxpayer("indefault")
    payment = db.session.execute(select(Payment.reference).where(Payment.taxpayer_id == owner.id)).scalars().first()
    someone = user("agent")
    inside(admin.client.application, "agent").submit("/agent", {"wanted": owner.reference})
    spoken = owner.reference.lower().replace("-", " ")
    wanted = {
        "event=payment.returned": TrailEvent.event == "payment.returned",
        f"subject={payment}": TrailEvent.subject == payment,
        f"taxpayer={spoken}": TrailEvent.taxpayer_id == owner.id,
        f"user={someone.reference}": TrailEvent.user_id == someone.id,
    }

    for query, condition in wanted.items():
        assert len(every_number(admin, f"/admin/trail?{query}")) == count(condition) > 0, query
    both = f"/admin/trail?taxpayer={owner.reference}&event=payment.settled"
    settled = count(TrailEvent.taxpayer_id == owner.id, TrailEvent.event == "payment.settled")
    assert len(every_number(admin, both)) == settled > 0


def test_it_is_narrowed_by_days_on_the_agencys_clock(admin: Browser) -> None:
    from_, through = "since=11&since=16&since=2026", "until=11&until=17&until=2026"
    found = every_number(admin, f"/admin/trail?{from_}&{through}")
    at = select(func.min(TrailEvent.at), func.max(TrailEvent.at)).where(TrailEvent.number.in_(found))
    first, last = db.session.execute(at).one()
    zone = office().settings.time_zone

    assert (first.astimezone(zone).day, last.astimezone(zone).day) == (16, 17)


def test_each_row_names_who_did_it_and_whose_account_it_is(admin: Browser) -> None:
    owner = taxpayer("indefault")
    inside(admin.client.application, "agent").submit("/agent", {"wanted": owner.reference})

    page = admin.get("/admin/trail?event=taxpayer.opened")

    assert "Ada Agent (Agent)" in page.one("list")
    assert owner.reference in page.one("list")
    assert f"/admin/trail?user={user('agent').reference}" in page.links()


@pytest.mark.parametrize(
    "query",
    ["event=nothing", "subject=PY-00000-00000-00000", "taxpayer=TP-0000-0000", "user=US-0000-0000", "taxpayer=x",
     "since=1&since=1&since=9998", "before=0", "event=%27%20OR%201%3D1"],
)  # fmt: skip
def test_what_fits_nothing_says_so(admin: Browser, query: str) -> None:
    page = admin.get(f"/admin/trail?{query}")

    assert page.status == 200
    assert "Nothing fits" in page.one("list")


def test_a_day_that_is_none_is_said_beside_its_field(admin: Browser) -> None:
    page = admin.get("/admin/trail?since=2&since=30&since=2026&event=payment.settled")

    assert page.status == 422
    assert "Enter a date that exists" in page.text
    assert 'value="payment.settled"' in page.html


def test_each_narrowing_has_an_index_of_its_own(admin: Browser) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    for condition in ("event = 'x'", "subject = 'x'", "taxpayer_id = 1", "user_id = 1", "at >= 'x' AND at < 'y'"):
        asked = f"SELECT number FROM trail WHERE {condition} ORDER BY at DESC, number DESC LIMIT 51"
        plan = str(db.session.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all())

        assert "SEARCH trail USING" in plan, condition


def test_the_trail_and_the_books_are_verified_by_a_button(app: Flask) -> None:
    supervisor = inside(app, "supervisor")
    assert "It was not verified here yet." in supervisor.get("/admin/trail/verification").text
    rows = count()
    for what in ("trail", "books"):
        supervisor.submit("/admin/trail/verification", {"what": what})
        assert tasks.run_next(office().clock.now, office().bank)

    page = supervisor.get("/admin/trail/verification")

    assert "The trail is whole" in page.text
    assert f"{rows + 1:,} of {rows + 1:,} rows read." in page.text  # that it was asked for is the last one
    assert "The books hold" in page.text
    assert f"It ended on Monday, {TODAY:%B %-d, %Y}" in page.text


def test_a_row_that_was_changed_is_named(admin: Browser) -> None:
    for statement in (*TRIGGERS[db.engine.dialect.name], "UPDATE trail SET subject = 'x' WHERE number = 7"):
        db.session.execute(text(statement))
    db.session.commit()
    admin.submit("/admin/trail/verification", {"what": "trail"})
    tasks.run_next(office().clock.now, office().bank)

    page = admin.get("/admin/trail/verification")

    assert "1 fault was found" in page.text
    assert "trail 7: changed, swapped or inserted" in page.text


def test_only_what_is_offered_is_verified(admin: Browser) -> None:
    assert admin.submit("/admin/trail/verification", {"what": "close"}).status == 422
