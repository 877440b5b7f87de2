"""The taxpayer's yes: an agent asks for one action, a code opens it once, and nothing else."""

import hmac
import secrets
from datetime import timedelta

from sqlalchemy import select, update

from portal.db import OnlyLooking, db, transaction
from portal.domain.actor import Acting, Actor, Permission
from portal.domain.lifecycle import RequestState, request_move
from portal.domain.moment import Moment
from portal.domain.refusal import Refusal
from portal.models import SupportRequest, SupportSession, User
from portal.models.columns import new_reference
from portal.models.mail import MailKind
from portal.models.support import code_row
from portal.office import office
from portal.queries.looks import Asked
from portal.services import mails, trail

ASKED_FOR, OPEN_FOR = timedelta(minutes=10), timedelta(minutes=5)
MOST_TRIES = 5
# What an agent can ask for. Never what opens the account, never a signature, never money from an account.
ASKABLE = (
    Permission.CHANGE_AMOUNT, Permission.CHANGE_DAY, Permission.SKIP, Permission.SLIDE, Permission.CANCEL_PAYMENT,
)  # fmt: skip


class NoSession(Refusal):
    """There is no support session any more, so nothing was asked for and nothing was opened. Begin a new one."""


class NotAskable(Refusal):
    """This cannot be asked for: only the taxpayer can do it. Nothing was sent."""

    about = "permission"


class WrongCode(Refusal):
    """This is not the code that the taxpayer sees. Nothing was opened. After five wrong codes you have to ask
    again."""

    about = "code"


class NothingAsked(Refusal):
    """Nothing is waiting for a code: it was answered, or it is too late. Ask the taxpayer again."""

    about = "code"


class NothingToAnswer(Refusal):
    """This is over already: it was answered, or it is too late. Nothing was changed."""


def ask(permission: Permission, *, is_mailed: bool, by: Actor, when: Moment) -> None:
    """Ask the taxpayer for one action. The code stands on their own screen, and goes to them by mail as well if they
    are not before one. What was asked before and not done yet is taken back.

    Refuses an action that nobody can ask for (`NotAskable`), and (`NoSession`) who has no session.
    """
    if permission not in ASKABLE:
        raise NotAskable
    with transaction():
        session = _session(by, when)
        _take_back(session)
        request = SupportRequest(
            reference=new_reference("SQ"), session_id=session.id, permission=permission, state=RequestState.ASKED,
            asked_at=when.at, ends_at=min(when.at + ASKED_FOR, session.ends_at),
        )  # fmt: skip
        code = f"{secrets.randbelow(10**6):06}"
        request.code_sealed = office().vault.seal(code, code_row(request.reference))
        db.session.add(request)
        if is_mailed:
            subject = db.session.get_one(User, session.subject_id)
            agent = db.session.get_one(User, session.user_id)
            mails.write_to(
                subject, MailKind.SUPPORT_CODE, when=when, code=code, agent=agent.name, permission=permission,
                link="/account/access",
            )  # fmt: skip
        _note("support.asked", request, session, by=by, when=when, is_mailed="yes" if is_mailed else "no")


def allow(code: str, *, by: Actor, when: Moment) -> None:
    """The code that the taxpayer read out: the action is open once, for some minutes. Refuses a wrong one
    (`WrongCode`), one for which nothing waits (`NothingAsked`), and (`NoSession`) who has no session.
    """
    with transaction():
        session = _session(by, when)
        request = _waiting(session, when)
        if request is None:
            raise NothingAsked
        if _is_right(code, request):
            request.state = request_move(request.state, RequestState.ALLOWED)
            request.open_through = min(when.at + OPEN_FOR, session.ends_at)
            request.code_sealed = ""
            _note("support.allowed", request, session, by=by, when=when)
            return
        request.tries += 1
        if request.tries >= MOST_TRIES:
            _refuse(request)
        _note("support.code_was_wrong", request, session, by=by, when=when)
    raise WrongCode


def refuse(reference: str, *, by: Actor, when: Moment) -> None:
    """The taxpayer says no, before the action or as long as it was not done. Refuses (`NothingToAnswer`) what is
    over, and what is asked of somebody else.
    """
    rows = select(SupportRequest, SupportSession).join(
        SupportSession, SupportSession.id == SupportRequest.session_id
    ).where(SupportRequest.reference == reference, SupportSession.taxpayer_id == by.taxpayer_id)  # fmt: skip
    with transaction():
        row = db.session.execute(rows).one_or_none()
        if row is None or row[0].state not in (RequestState.ASKED, RequestState.ALLOWED):
            raise NothingToAnswer
        _refuse(row[0])
        _note("support.refused", row[0], row[1], by=by, when=when)


def use(acting: Acting, permission: Permission | None, *, by: Actor, when: Moment) -> str | None:
    """Take the permission for a deed that is about to be tried: the reference of the request that is used up by it.
    Refuses (`OnlyLooking`) whoever has no such permission, and all but one who try at once.
    """
    if permission is None or permission not in acting.permissions:
        raise OnlyLooking
    if not acting.is_once:
        return None
    rows = select(SupportRequest, SupportSession).join(
        SupportSession, SupportSession.id == SupportRequest.session_id
    ).where(
        SupportSession.reference == acting.reference, SupportSession.ended_at.is_(None),
        SupportRequest.permission == permission, SupportRequest.state == RequestState.ALLOWED,
        SupportRequest.open_through > when.at,
    )  # fmt: skip
    with transaction():
        row = db.session.execute(rows).one_or_none()
        if row is None:
            raise OnlyLooking
        row[0].state = request_move(row[0].state, RequestState.USED)
        _note("support.used", row[0], row[1], by=by, when=when)
        return str(row[0].reference)


def give_back(reference: str, *, by: Actor, when: Moment) -> None:
    """The form was not accepted, so nothing was done: it may be mended and sent again while there is time."""
    rows = select(SupportRequest, SupportSession).join(
        SupportSession, SupportSession.id == SupportRequest.session_id
    ).where(SupportRequest.reference == reference)  # fmt: skip
    with transaction():
        request, session = db.session.execute(rows).one()
        request.state = request_move(request.state, RequestState.ALLOWED)
        _note("support.given_back", request, session, by=by, when=when)


def code_of(request: SupportRequest | Asked) -> str:
    """The code, for the taxpayer's own eyes."""
    return office().vault.open(request.code_sealed, code_row(request.reference))


def _is_right(code: str, request: SupportRequest) -> bool:
    digits = "".join(each for each in code if each not in " -")
    return hmac.compare_digest(code_of(request).encode(), digits.encode())


def _session(by: Actor, when: Moment) -> SupportSession:
    rows = select(SupportSession).where(
        SupportSession.user_id == by.user_id, SupportSession.ended_at.is_(None), SupportSession.ends_at > when.at
    )
    session = db.session.execute(rows).scalar_one_or_none()
    if session is None:
        raise NoSession
    return session


def _waiting(session: SupportSession, when: Moment) -> SupportRequest | None:
    rows = select(SupportRequest).where(
        SupportRequest.session_id == session.id, SupportRequest.state == RequestState.ASKED,
        SupportRequest.ends_at > when.at,
    )  # fmt: skip
    return db.session.execute(rows).scalar_one_or_none()


def _take_back(session: SupportSession) -> None:
    db.session.execute(
        update(SupportRequest)
        .where(
            SupportRequest.session_id == session.id,
            SupportRequest.state.in_((RequestState.ASKED, RequestState.ALLOWED)),
        )
        .values(state=RequestState.REFUSED, code_sealed="")
    )


def _refuse(request: SupportRequest) -> None:
    request.state, request.code_sealed = request_move(request.state, RequestState.REFUSED), ""


def _note(
    event: str, request: SupportRequest, session: SupportSession, *, by: Actor, when: Moment, **details: str
) -> None:
    """Both stand in it: who did it (the agent or the taxpayer), whose account it is, and by which session."""
    acting = Actor(by.user_id, by.role, session.taxpayer_id, session.reference)
    trail.append(
        event, request.reference, by=acting, when=when, taxpayer_id=session.taxpayer_id,
        permission=request.permission, **details,
    )  # fmt: skip
