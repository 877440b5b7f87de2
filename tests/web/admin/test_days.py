"""Daily closes on a page: what each came to, what is missing, and the close once more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal.db import db
from portal.gateways.bank import SandboxBank
from portal.jobs import bank_files, days, tasks
from portal.models import BusinessDay, Task
from portal.office import office
from tests.browser import Browser
from tests.cast import TODAY
from tests.stopped_clock import StoppedClock
from tests.test_access import inside


@pytest.fixture
def admin(app: Flask) -> Browser:
    return inside(app, "admin")


def wait(**duration: float) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


def closes(admin: Browser, **answers: str) -> None:
    admin.submit("/admin/days/close", answers, at="/admin/days")
    while tasks.run_next(office().clock.now, office().bank):
        pass


def tasks_asked_for() -> int:
    return len(db.session.execute(select(Task.id)).all())


def test_each_day_says_what_it_came_to(admin: Browser) -> None:
    page = admin.get("/admin/days")

    assert "Nov 23, 2026" in page.text
    assert "The next close is due Tuesday, November 24, 2026, 6:00 PM" in page.text
    one = admin.get(f"/admin/days/{TODAY}")
    assert "Sum of all postings (has to be zero) 0.00" in one.text


def test_the_button_closes_what_is_open_and_says_when_it_is_done(app: Flask) -> None:
    wait(days=1)
    admin = inside(app, "admin")
    waiting = admin.submit("/admin/days/close", {}, at="/admin/days")
    assert "Waiting to begin" in waiting.text
    assert "Alex Admin asked for it" in waiting.text

    closes(admin)

    page = admin.get("/admin/days")
    assert "The close is through" in page.text
    assert "1 day closed." in page.text
    assert "Nov 24, 2026" in page.one("list")


def test_pressed_twice_it_is_one_task(admin: Browser) -> None:
    for _press in range(2):
        admin.submit("/admin/days/close", {}, at="/admin/days")

    assert tasks_asked_for() == 1


def test_a_screen_left_open_asks_for_the_password_first(admin: Browser) -> None:
    admin.get("/admin/days")
    for _minutes in range(2):
        wait(minutes=9)
        page = admin.get("/admin/days")
    page = admin.submit("/admin/days/close", {}, at="/admin/days", follow=False)

    assert page.response.location.startswith("/sign-in/proof?next=")
    assert tasks_asked_for() == 0


def test_days_that_are_missing_are_named_with_what_to_do(admin: Browser) -> None:
    db.session.execute(delete(BusinessDay).where(BusinessDay.day > TODAY - timedelta(days=3)))
    db.session.commit()

    page = admin.get("/admin/days")

    assert "2 days are not closed" in page.text
    assert "November 21, 2026; November 22, 2026" in page.text
    assert "The next close is due at once, for days are missing" in page.text


def test_a_close_that_was_cut_off_is_said_so(admin: Browser) -> None:
    db.session.execute(db.update(BusinessDay).where(BusinessDay.day == TODAY).values(ended_at=None))
    db.session.commit()

    page = admin.get("/admin/days")

    assert "It is that of November 23, 2026" in page.text
    assert "Not finished" in page.one("list")


def test_what_was_left_undone_is_named_and_the_day_can_be_closed_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(days=22)
    admin = inside(app, "admin")
    with monkeypatch.context() as broken:
        broken.setattr(bank_files, "submit", breaks)
        list(days.close_through(office().clock.now(), SandboxBank()))
    last = office().clock.today()
    undone = admin.get("/admin/days").one("list")
    assert "left undone" in undone
    named = next(
        each for each in db.session.execute(select(BusinessDay)).scalars() if each.summary["left undone"] != "0"
    )
    assert "(ZeroDivisionError)" in admin.get(f"/admin/days/{named.day}").text

    closes(admin, day=str(last))

    assert f"{last:%B %-d, %Y} is closed again." in admin.get("/admin/days").text
    assert "ZeroDivisionError" not in admin.get(f"/admin/days/{last}").text


def test_a_day_that_is_none_is_no_page(admin: Browser) -> None:
    for address in ("/admin/days/2026-02-30", "/admin/days/1999-01-01", "/admin/days/9999-99-99"):
        assert admin.get(address).status == 404


def test_the_list_goes_on_page_by_page(admin: Browser) -> None:
    seen, address = [], "/admin/days"
    while address:
        page = admin.get(address, part="list")
        seen += [link for link in page.links() if link.startswith("/admin/days/")]
        address = next((link for link in page.links() if "before=" in link), "")

    assert len(seen) == len(set(seen)) == len(db.session.execute(select(BusinessDay.id)).all()) > 60
    assert seen == sorted(seen, reverse=True)
    assert admin.get("/admin/days?before=nonsense").status == 200


def test_who_looks_on_while_it_is_done_sees_how_far_it_is(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    look: Callable[[str], None] = lambda _step: seen.append(admin.get("/admin/days", part="work"))  # noqa: E731  (short)
    monkeypatch.setattr(days, "close_through", lambda *_facts: iter(look("") or []))
    closes(admin)

    assert "Under way" in seen[0].text
    assert 'hx-trigger="every 3s"' in seen[0].html
    assert "hx-trigger" not in admin.get("/admin/days", part="work").html


def breaks(*_facts: object) -> None:
    raise ZeroDivisionError
