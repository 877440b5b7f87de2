"""Delivering mail: once each, tried again on a schedule, given up at last, and the facts wiped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from threading import Event

import pytest
from flask import Flask

from portal import server
from portal.db import db
from portal.domain.lifecycle import MailState
from portal.jobs.post import Delivered, deliver
from portal.models import Mail
from portal.models.mail import MailKind
from portal.office import office
from portal.services import mails
from portal.web import mail as web
from tests.stopped_clock import NOW, StoppedClock

LINK = "/register/a-token-that-opens-a-door"


class Refused(Exception):
    """The post does not take it from owing@example.test."""


@dataclass
class Box:
    """A post that keeps what it takes, and takes nothing while it is closed."""

    taken: list[EmailMessage] = field(default_factory=list)
    closed: bool = False
    meanwhile: Callable[[], object] = bool

    def send(self, message: EmailMessage) -> None:
        self.meanwhile()
        if self.closed:
            raise Refused
        self.taken.append(message)


def the_clock() -> StoppedClock:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    return clock


def write(number: int = 1) -> None:
    for each in range(number):
        mails.write(MailKind.REGISTRATION, f"{each}@example.test", language="en_US", when=NOW, link=LINK)
    db.session.commit()


def rows() -> list[Mail]:
    db.session.expire_all()
    return list(db.session.execute(db.select(Mail).order_by(Mail.id)).scalars())


def delivered(box: Box) -> Delivered:
    return deliver(the_clock().now, box, web.render)


def test_every_mail_is_sent_once_and_its_facts_are_wiped(empty: Flask) -> None:
    write(3)
    box = Box()

    assert delivered(box) == Delivered(sent=3)
    assert delivered(box) == Delivered()
    assert [each["To"] for each in box.taken] == ["0@example.test", "1@example.test", "2@example.test"]
    assert [(row.state, row.facts_sealed, row.sent_at, row.tries) for row in rows()] == [("sent", "", NOW.at, 1)] * 3


def test_until_then_the_link_is_sealed(empty: Flask) -> None:
    write()

    assert LINK not in str(vars(rows()[0]))
    assert rows()[0].facts_sealed


def test_a_mail_is_tried_again_later_and_later_and_given_up_at_last(empty: Flask) -> None:
    write()
    box, tried = Box(closed=True), [NOW.at]
    assert delivered(box) == Delivered(failed=1)
    for minutes in (1, 5, 30, 120, 360, 720, 1440):
        the_clock().wait(minutes=minutes, seconds=-1)
        assert delivered(box) == Delivered(), "it is not due yet"
        the_clock().wait(seconds=1)
        assert delivered(box) == Delivered(failed=1)
        tried.append(the_clock().now().at)

    [row] = rows()
    assert (row.state, row.tries, row.facts_sealed) == (MailState.UNDELIVERED, len(tried), "")
    the_clock().wait(hours=100)
    assert delivered(Box()) == Delivered(), "it stays given up"


def test_the_post_opens_again_and_the_mail_goes_out(empty: Flask) -> None:
    write()
    delivered(Box(closed=True))
    the_clock().wait(minutes=1)

    assert delivered(Box()) == Delivered(sent=1)
    assert [(row.tries, row.error) for row in rows()] == [(2, "")]


def test_of_an_error_only_its_kind_is_kept_and_logged(empty: Flask, caplog: pytest.LogCaptureFixture) -> None:
    write()
    delivered(Box(closed=True))

    assert [row.error for row in rows()] == ["Refused"]
    assert "example.test" not in str([vars(record) for record in caplog.records])


def test_one_mail_that_cannot_be_sent_keeps_none_of_the_others(empty: Flask) -> None:
    """Facts that were tampered with do not open."""
    write(2)
    rows()[0].facts_sealed = rows()[1].facts_sealed
    db.session.commit()

    assert delivered(Box()) == Delivered(sent=1, failed=1)
    assert [(row.state, row.error) for row in rows()] == [("waiting", "Unreadable"), ("sent", "")]


def test_two_who_deliver_at_once_send_each_mail_once(empty: Flask) -> None:
    """While the first has a mail under way, the second looks for what is due."""
    write(2)
    second = Box()
    first = Box(meanwhile=lambda: delivered(second))

    assert delivered(first) == Delivered(sent=1)
    assert [each["To"] for each in (*first.taken, *second.taken)] == ["0@example.test", "1@example.test"]


def test_many_who_deliver_at_the_same_time_send_each_mail_once(fresh_app: Flask) -> None:
    """Each in a thread and on a connection of its own, as the workers of a server."""
    write(40)
    box = Box()

    def work() -> Delivered:
        with fresh_app.app_context():
            return delivered(box)

    with ThreadPoolExecutor(4) as workers:
        done = [each.result() for each in [workers.submit(work) for _worker in range(4)]]

    assert sum(each.sent for each in done) == 40
    assert sorted(each["To"] for each in box.taken) == sorted(f"{number}@example.test" for number in range(40))


def test_a_claim_is_for_one_alone(empty: Flask) -> None:
    write()

    assert mails.claim(when=NOW) is not None
    assert mails.claim(when=NOW) is None


def test_who_died_with_a_mail_in_hand_gives_it_back_after_five_minutes(empty: Flask) -> None:
    """It may have been sent: so it is sent again under the same name, by which mail programs know the two as one."""
    write()
    lost = mails.claim(when=NOW)
    assert lost is not None
    the_clock().wait(minutes=4, seconds=59)
    assert delivered(Box()) == Delivered()
    the_clock().wait(seconds=1)
    box = Box()
    assert delivered(box) == Delivered(sent=1)

    mails.sent(lost, when=the_clock().now())
    mails.not_sent(lost, Refused(), when=the_clock().now())

    assert box.taken[0]["Message-ID"] == f"<{lost.reference}@localhost>"
    assert [(row.state, row.tries) for row in rows()] == [("sent", 1)]


def test_nothing_is_open_in_the_database_while_a_mail_is_under_way(empty: Flask) -> None:
    write()
    seen: list[bool] = []
    delivered(Box(meanwhile=lambda: seen.append(db.session().in_transaction())))

    assert seen == [False]


def test_a_mail_of_a_deed_that_failed_is_never_sent(empty: Flask) -> None:
    mails.write(MailKind.REGISTRATION, "a@example.test", language="en_US", when=NOW, link=LINK)
    db.session.rollback()

    assert delivered(Box()) == Delivered()


def test_an_address_has_three_mails_an_hour_to_ask_for(empty: Flask) -> None:
    asked = [mails.may_be_asked_for("a@example.test", when=NOW) for _time in range(5)]
    others = mails.may_be_asked_for("b@example.test", when=NOW)
    the_clock().wait(hours=1)

    assert asked == [True, True, True, False, False]
    assert others
    assert mails.may_be_asked_for("a@example.test", when=the_clock().now())


def test_the_server_goes_on_delivering_whatever_happens(
    empty: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Two rounds fail, a third one works, then it is told to stop."""
    rounds: list[int] = []

    class Rounds(Event):
        def wait(self, timeout: float | None = None) -> bool:
            rounds.append(len(rounds))
            return len(rounds) > 3

    def shaky(*_arguments: object) -> Delivered:
        if len(rounds) < 3:
            raise OSError("the database is away")
        return Delivered()

    monkeypatch.setattr(server.post, "deliver", shaky)
    server.deliver_mail(empty, Rounds())

    assert len(rounds) == 4
    assert len(caplog.records) == 2


def test_the_lease_is_longer_than_any_try(empty: Flask) -> None:
    from portal.gateways.post import TIMEOUT_SECONDS

    assert timedelta(seconds=5 * TIMEOUT_SECONDS) < mails.LEASE
