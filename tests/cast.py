"""The cast: the accounts of the demonstration, lived through by the same services, as of one day."""

from flask import Flask

from portal.db import db
from portal.demo import world
from portal.demo.cast import PASSWORD, SECRET
from portal.demo.households import cast
from portal.models import Mail, SecondFactor, Taxpayer, User
from portal.office import office
from portal.services import codes
from tests.browser import Browser
from tests.stopped_clock import NOW

TODAY = NOW.on


def build_cast() -> None:
    """Let the cast live from its first assessment to today, in the application's context. The mail of these days has
    long been sent, and is not in the way of what is tested.
    """
    for _day in world.live(world.days_to_live(cast), cast):
        pass
    db.session.execute(db.delete(Mail))
    db.session.commit()


def email_of(role: str) -> str:
    """`owing` signs in as owing@example.test."""
    return f"{role}@example.test"


def taxpayer(role: str) -> Taxpayer:
    """The taxpayer of a member of the cast."""
    query = db.select(Taxpayer).join(User, User.taxpayer_id == Taxpayer.id).where(User.email == email_of(role))
    return db.session.execute(query).scalar_one()


def user(role: str) -> User:
    """The user of a member of the cast."""
    return db.session.execute(db.select(User).where(User.email == email_of(role))).scalar_one()


def signed_in(app: Flask, role: str) -> Browser:
    """A browser in which a member of the cast has signed in."""
    browser = Browser(app)
    page = browser.submit("/sign-in", {"email": email_of(role), "password": PASSWORD})
    if page.response.request.path == "/sign-in/code":
        browser.submit("/sign-in/code", {"code": code_of(role)})
    return browser


def code_of(role: str) -> str:
    """What the phone of a member of the staff shows; that it was shown before is forgotten."""
    db.session.execute(db.update(SecondFactor).where(SecondFactor.user_id == user(role).id).values(step=0))
    db.session.commit()
    return codes.shown(SECRET, codes.step_at(office().clock.outside()))


__all__ = ["PASSWORD", "TODAY", "build_cast", "code_of", "email_of", "signed_in", "taxpayer", "user"]
