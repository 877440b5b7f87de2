"""“I did not ask for this”: a taxpayer objects to somebody's look at the account, and a supervisor looks into it."""

from sqlalchemy import func, select

from portal.db import db, transaction
from portal.domain.actor import Actor, Role
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import Objection, SupportSession, TrailEvent, User
from portal.models.columns import new_reference
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.models.support import SupportEnd
from portal.queries.looks import LINK, OPENED
from portal.services import mails, notices, support, trail, users


class NothingToObjectTo(Refusal):
    """There is no such look at your account, or you have said already that you did not ask for it."""


class NothingToReview(Refusal):
    """Somebody has looked into this already. Nothing was changed."""


class NoOwnReview(Refusal):
    """This is about what you did yourself. Another supervisor has to look into it."""


def raise_about(about: str, *, by: Actor, when: Moment) -> None:
    """Object to a support session or a look at the desk, by its name. What that agent has open about this account
    ends at once, every supervisor is told, and the account gets a notice. Refuses (`NothingToObjectTo`) what is none,
    and what was objected to before.
    """
    with transaction():
        agent_id = _who_looked(by.taxpayer_id or 0, about)
        before = select(Objection.id).where(Objection.taxpayer_id == by.taxpayer_id, Objection.about == about)
        if agent_id is None or db.session.execute(before).first():
            raise NothingToObjectTo
        objection = Objection(
            reference=new_reference("OB"), taxpayer_id=by.taxpayer_id, user_id=by.user_id, about=about,
            agent_id=agent_id, at=when.at,
        )  # fmt: skip
        db.session.add(objection)
        support.end_about(objection.taxpayer_id, SupportEnd.OBJECTION, by=by, when=when, agent_id=agent_id)
        agent = db.session.get_one(User, agent_id)
        for supervisor in _supervisors():
            link = f"/agent/support/objections/{objection.reference}"
            mails.write_to(supervisor, MailKind.OBJECTION_TO_REVIEW, when=when, agent=agent.name, link=link)
        notices.issue(objection.taxpayer_id, NoticeKind.OBJECTION, when=when, agent=agent.name)
        trail.append(
            "objection.raised", objection.reference, by=by, when=when, taxpayer_id=objection.taxpayer_id, about=about
        )


def review(reference: str, finding: str, *, by: Actor, when: Moment) -> None:
    """Write down what was found; the taxpayer reads it beside the look that it is about. Refuses a second finding
    (`NothingToReview`), and (`NoOwnReview`) who would judge themselves.
    """
    with transaction():
        objection = db.session.execute(select(Objection).where(Objection.reference == reference)).scalar_one()
        if objection.reviewed_at:
            raise NothingToReview
        if objection.agent_id == users.at_work(by).id:
            raise NoOwnReview
        objection.reviewed_at, objection.reviewed_by, objection.finding = when.at, by.user_id, finding
        notices.issue(objection.taxpayer_id, NoticeKind.OBJECTION_REVIEWED, when=when)
        trail.append("objection.reviewed", reference, by=by, when=when, taxpayer_id=objection.taxpayer_id)


def _who_looked(taxpayer_id: int, about: str) -> int | None:
    """The agent of a session of this account, or of an event that opened it at the desk."""
    session = select(SupportSession.user_id).where(
        SupportSession.taxpayer_id == taxpayer_id, SupportSession.reference == about
    )
    opened = select(TrailEvent.user_id).where(
        TrailEvent.taxpayer_id == taxpayer_id, TrailEvent.event == OPENED,
        func.substr(TrailEvent.link, 1, LINK) == about,
    )  # fmt: skip
    return db.session.execute(session.union_all(opened)).scalars().first()


def _supervisors() -> list[User]:
    rows = select(User).where(User.role == Role.SUPERVISOR, User.disabled_at.is_(None)).order_by(User.id)
    return list(db.session.execute(rows).scalars())
