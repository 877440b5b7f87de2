"""Support sessions at one moment: sixty-four beginnings are one session, and one yes is used by one of sixty-four."""

from collections import Counter
from itertools import count

from flask import Flask
from sqlalchemy import select

from portal.db import OnlyLooking, db
from portal.domain.actor import PORTAL, Acting, Actor, Permission, Role
from portal.domain.lifecycle import RequestState
from portal.models import SignIn, SupportRequest, SupportSession, TrailEvent, User
from portal.models.support import SupportReason
from portal.services import consents, sign_ins, support, users
from portal.services.support import AlreadyOpen, Wish
from tests.ledger_text import owing
from tests.stopped_clock import NOW
from tests.test_db import together, trail_is_whole

THREADS = 64
_people = count(1)


def test_sixty_four_beginnings_at_once_are_one_session(committing: Flask) -> None:
    agent, taxpayer_id, sign_in_id = an_agent()
    told: list[str] = []

    def begin(_number: int) -> None:
        try:
            support.begin(taxpayer_id, Wish(SupportReason.CALL, "1"), sign_in_id=sign_in_id, by=agent, when=NOW)
            told.append("begun")
        except AlreadyOpen:
            told.append("refused")

    together(committing, begin, THREADS)

    assert Counter(told) == {"begun": 1, "refused": THREADS - 1}
    rows = select(SupportSession).where(SupportSession.user_id == agent.user_id)
    [session] = db.session.execute(rows).scalars()
    events = select(TrailEvent.event).where(TrailEvent.subject == session.reference)
    assert db.session.execute(events).scalars().all() == ["support.begun"]
    assert trail_is_whole()


def test_one_yes_is_used_by_one_of_sixty_four(committing: Flask) -> None:
    agent, taxpayer_id, sign_in_id = an_agent()
    support.begin(taxpayer_id, Wish(SupportReason.CALL, "1"), sign_in_id=sign_in_id, by=agent, when=NOW)
    session = db.session.execute(select(SupportSession).where(SupportSession.user_id == agent.user_id)).scalar_one()
    consents.ask(Permission.CANCEL_PAYMENT, is_mailed=False, by=agent, when=NOW)
    request = db.session.execute(select(SupportRequest).where(SupportRequest.session_id == session.id)).scalar_one()
    consents.allow(consents.code_of(request), by=agent, when=NOW)
    acting = Acting(
        session.reference, agent.user_id, agent.role, "Ann", frozenset({Permission.CANCEL_PAYMENT}), session.ends_at,
        is_once=True,
    )  # fmt: skip
    told: list[str] = []

    def use(_number: int) -> None:
        try:
            consents.use(acting, Permission.CANCEL_PAYMENT, by=agent, when=NOW)
            told.append("used")
        except OnlyLooking:
            told.append("refused")

    together(committing, use, THREADS)

    assert Counter(told) == {"used": 1, "refused": THREADS - 1}
    db.session.expire_all()
    assert request.state is RequestState.USED


def an_agent() -> tuple[Actor, int, int]:
    """An agent who has signed in, and a registered taxpayer."""
    number, password = f"{next(_people)}.{db.engine.dialect.name}", "a password of many words"
    owner = owing()
    users.add(
        f"caller{number}@example.test", password, name=owner.name, role=Role.TAXPAYER, taxpayer=owner, by=PORTAL,
        when=NOW,
    )  # fmt: skip
    email = f"helper{number}@example.test"
    helper: User = users.add(email, password, name="Ann Agent", role=Role.AGENT, by=PORTAL, when=NOW)
    sign_ins.begin(email, password, device="", when=NOW)
    sign_in = select(SignIn.id).where(SignIn.user_id == helper.id)
    return Actor(helper.id, helper.role), owner.id, db.session.execute(sign_in).scalar_one()
