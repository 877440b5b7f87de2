"""The second factor: what it takes to sign in with one, and how one is set up, lost and taken away."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from portal.db import db
from portal.demo.cast import SECRET
from portal.domain.actor import PORTAL
from portal.gateways.vault import Unreadable
from portal.models import Mail, RecoveryCode, SecondFactor, SignIn, User
from portal.office import office
from portal.services import codes, passwords, second_factors, sign_ins
from portal.services.codes import Code
from tests.browser import Browser, Page
from tests.cast import PASSWORD, email_of, signed_in, user
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import inside

APP, ON_PAPER = "/account/settings/second-factor/app", "/account/settings/second-factor/codes"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "match", lambda _hashed, password: password == PASSWORD)


def wait(**duration: float) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


def shows(steps: int = 0, secret: str = SECRET) -> str:
    """What the phone shows now, or so many half minutes later."""
    return codes.shown(secret, codes.step_at(office().clock.outside()) + steps)


def half_in(app: Flask, role: str = "agent") -> Browser:
    """The password was right, and a code is asked for."""
    browser = Browser(app)
    page = browser.submit("/sign-in", {"email": email_of(role), "password": PASSWORD})
    assert page.response.request.path == "/sign-in/code"
    return browser


def gives(browser: Browser, code: str, **options: Any) -> Page:
    return browser.submit("/sign-in/code", {"code": code}, **options)


def is_in(browser: Browser) -> bool:
    return browser.get("/agent", follow=False).status == 200


def with_app(app: Flask, role: str = "owing") -> tuple[Browser, str, list[str]]:
    """Somebody who has just set up an app: its secret, and the codes on paper."""
    browser = inside(app, role)
    secret = key_on(browser.get(APP))
    page = browser.submit(APP, {"code": shows(secret=secret)})
    return browser, secret, re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", page.html)


def key_on(page: Page) -> str:
    found = re.search(r'class="key">(.*?)</p>', page.html)
    assert found
    return re.sub(r"<[^>]+>|\s", "", found.group(1))


# Signing in.


def test_a_password_alone_opens_nothing_to_who_has_a_second_factor(app: Flask) -> None:
    browser = half_in(app)

    assert not is_in(browser)
    assert browser.get("/account/settings/second-factor", follow=False).status == 303
    assert gives(browser, shows(), follow=False).response.location == "/agent"
    assert is_in(browser)


def test_one_comes_to_where_one_was_going(app: Flask) -> None:
    browser = Browser(app)
    asked = browser.submit(
        "/sign-in", {"email": email_of("agent"), "password": PASSWORD, "next": "/agent?q=x"}, follow=False
    )
    there = browser.submit(
        "/sign-in/code", {"code": shows(), "next": "/agent?q=x"}, at=asked.response.location, follow=False
    )

    assert there.response.location == "/agent?q=x"


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_phone_may_be_half_a_minute_off(app: Flask, steps: int, status: int) -> None:
    assert gives(half_in(app), shows(steps), follow=False).status == status


def test_a_code_is_taken_once(app: Flask) -> None:
    """Nor one of a half minute before it: who looked over a shoulder has nothing."""
    code, before, after = shows(), shows(-1), shows(1)
    assert gives(half_in(app), code, follow=False).status == 303

    assert gives(half_in(app), code).status == 422
    assert gives(half_in(app), before).status == 422
    assert gives(half_in(app), after, follow=False).status == 303


def test_a_clock_set_back_makes_no_code_good_again(app: Flask) -> None:
    code = shows()
    assert gives(half_in(app), code, follow=False).status == 303
    wait(hours=-1)
    earlier = shows()

    assert gives(half_in(app), earlier).status == 422


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666", "x" * 41])
def test_what_is_no_code_is_refused_and_not_shown_again_as_one(app: Flask, code: str) -> None:
    assert gives(half_in(app), code).status == 422


def test_codes_may_be_typed_with_spaces(app: Flask) -> None:
    code = shows()

    assert gives(half_in(app), f" {code[:3]} {code[3:]} ", follow=False).status == 303


def test_who_guesses_has_to_wait_and_so_does_the_right_code(app: Flask) -> None:
    browser = half_in(app)
    for number in range(10):
        wait(seconds=20)
        assert gives(browser, f"{number:06d}").status == 422
    assert gives(half_in(app), shows()).status == 422, "from another browser, too"

    wait(minutes=15)
    assert gives(half_in(app), shows(), follow=False).status == 303


def test_the_page_for_the_code_is_nobodys_without_a_password(app: Flask, browser: Browser) -> None:
    assert browser.get("/sign-in/code", follow=False).response.location == "/sign-in"
    with browser.client.session_transaction() as session:
        session["awaits_code"] = "x" * 43

    assert browser.get("/sign-in/code", follow=False).response.location == "/sign-in"
    answer = browser.submit("/sign-in/code", {"code": shows()}, at="/sign-in", follow=False)
    assert answer.response.location == "/sign-in"
    assert not is_in(browser)


def test_a_code_has_to_follow_within_ten_minutes(app: Flask) -> None:
    browser = half_in(app)
    wait(minutes=10)

    page = browser.get("/sign-in/code")

    assert page.response.request.path == "/sign-in"
    assert "too long ago" in page.text


def test_the_code_has_to_be_that_of_whose_the_password_was(app: Flask) -> None:
    """The password of one with the code of another opens neither."""
    _own, secret, on_paper = with_app(app, "owing")
    browser = half_in(app, "agent")

    assert gives(browser, shows(secret=secret)).status == 422
    assert gives(browser, on_paper[0]).status == 422
    assert gives(browser, shows(1), follow=False).response.location == "/agent"


def test_a_second_password_in_the_same_browser_takes_the_place_of_the_first(app: Flask) -> None:
    """Name of the one, code of the other: it is the last password that says whose code it has to be."""
    browser = half_in(app, "supervisor")
    browser.submit("/sign-in", {"email": email_of("stranger"), "password": PASSWORD})

    assert browser.get("/sign-in/code", follow=False).response.location == "/sign-in"
    assert not is_in(browser)


def test_a_token_that_awaits_a_code_is_no_session(app: Flask) -> None:
    begun = sign_ins.begin(email_of("agent"), PASSWORD, device="", when=NOW)
    assert begun.wants_code
    browser = Browser(app)
    with browser.client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = begun.token, True

    assert not is_in(browser)


def test_who_is_disabled_in_between_does_not_get_in(app: Flask) -> None:
    browser = half_in(app)
    db.session.execute(update(User).where(User.id == user("agent").id).values(disabled_at=NOW.at))
    db.session.commit()

    assert browser.get("/sign-in/code", follow=False).response.location == "/sign-in"


def test_the_token_is_another_one_after_the_code(app: Flask) -> None:
    begun = sign_ins.begin(email_of("agent"), PASSWORD, device="", when=NOW)
    opened = sign_ins.finish(begun.token, Code(shows(), office().clock.outside()), when=NOW)

    assert opened.token != begun.token
    assert sign_ins.find(begun.token, when=NOW) is None
    assert sign_ins.find(opened.token, when=NOW) is not None


def test_a_proof_takes_the_code_as_well(app: Flask) -> None:
    browser = signed_in(app, "agent")
    wait(minutes=6)
    wrong = browser.submit("/sign-in/proof", {"password": PASSWORD, "code": ""})
    right = browser.submit("/sign-in/proof", {"password": PASSWORD, "code": shows(), "next": APP}, follow=False)

    assert wrong.status == 422
    assert right.response.location == APP


# The codes on paper.


def test_a_code_on_paper_opens_once_however_it_is_typed_and_the_owner_is_told(app: Flask) -> None:
    _browser, _secret, on_paper = with_app(app)
    typed = on_paper[3].replace("-", " ").lower().replace("0", "o").replace("1", "l")

    assert gives(half_in(app, "owing"), typed, follow=False).response.location == "/account"
    assert gives(half_in(app, "owing"), on_paper[3]).status == 422
    assert gives(half_in(app, "owing"), on_paper[4], follow=False).status == 303
    assert mails_of("owing") == ["second_factor"] * 3


def test_there_are_ten_and_only_their_hashes_are_kept(app: Flask) -> None:
    _browser, _secret, on_paper = with_app(app)
    kept = db.session.execute(select(RecoveryCode.code_index)).scalars().all()

    assert len(set(on_paper)) == len(kept) == 10
    assert not [each for each in kept if any(code.replace("-", "") in each.upper() for code in on_paper)]


def test_they_are_shown_until_they_are_kept_and_never_again(app: Flask) -> None:
    browser, _secret, on_paper = with_app(app)
    assert on_paper[0] in browser.get(ON_PAPER).html, "a page that was loaded again loses nothing"
    browser.submit(f"{ON_PAPER}/kept", {}, at=ON_PAPER)

    assert on_paper[0] not in browser.get(ON_PAPER).html


def test_new_ones_take_the_place_of_the_old(app: Flask) -> None:
    browser, _secret, old = with_app(app)
    browser.submit(f"{ON_PAPER}/kept", {}, at=ON_PAPER)
    page = browser.submit(f"{ON_PAPER}/new", {}, at=ON_PAPER)
    new = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", page.html)

    assert len(new) == 10
    assert gives(half_in(app, "owing"), old[0]).status == 422
    assert gives(half_in(app, "owing"), new[0], follow=False).status == 303


def test_making_new_ones_needs_a_proof(app: Flask) -> None:
    browser, _secret, _old = with_app(app)
    wait(minutes=14)
    browser.get("/account")
    wait(minutes=2)
    answer = browser.submit(f"{ON_PAPER}/new", {}, at="/account", follow=False)

    assert answer.response.location.startswith("/sign-in/proof?next=")


# Setting up.


def test_a_taxpayer_sets_up_an_app_and_is_signed_out_everywhere_else(app: Flask) -> None:
    elsewhere = inside(app, "owing")
    browser, secret, on_paper = with_app(app)
    wait(seconds=30)

    assert len(on_paper) == 10
    assert browser.get("/account", follow=False).status == 200
    assert elsewhere.get("/account", follow=False).status == 303
    assert gives(half_in(app, "owing"), shows(secret=secret), follow=False).response.location == "/account"


def test_a_wrong_code_sets_nothing_up_and_the_key_stays_the_same(app: Flask) -> None:
    browser = inside(app, "owing")
    secret = key_on(browser.get(APP))
    refused = browser.submit(APP, {"code": "000000"})

    assert refused.status == 422
    assert key_on(refused) == secret
    assert codes.factor_of(user("owing").id) is None


def test_the_secret_is_sealed_and_bound_to_its_owner(app: Flask) -> None:
    _browser, secret, _codes = with_app(app)
    rows = select(SecondFactor).where(SecondFactor.user_id == user("owing").id)
    factor = db.session.execute(rows).scalar_one()

    assert secret not in factor.secret_sealed
    assert codes.secret_of(factor) == secret
    factor.user_id = user("stranger").id
    with pytest.raises(Unreadable):
        codes.secret_of(factor)
    db.session.rollback()


def test_the_square_says_what_apps_read(app: Flask) -> None:
    secret = second_factors.new_secret()

    assert second_factors.address(secret, "owing@example.test") == (
        f"otpauth://totp/Department%20of%20Revenue%20%28demonstration%29:owing%40example.test?secret={secret}"
        "&issuer=Department%20of%20Revenue%20%28demonstration%29"
    )


def test_where_there_is_none_nothing_is_taken_away_and_nobody_is_told(app: Flask) -> None:
    page = inside(app, "owing").submit("/account/settings/second-factor/removal", {})

    assert page.status == 200
    assert db.session.execute(select(func.count()).select_from(Mail)).scalar_one() == 0


def test_it_can_be_taken_away_by_a_taxpayer_and_not_by_the_staff(app: Flask) -> None:
    browser, _secret, _codes = with_app(app)
    page = browser.submit("/account/settings/second-factor/removal", {})

    assert "Your password is enough" in page.text
    assert db.session.execute(select(func.count()).select_from(RecoveryCode)).scalar_one() == 0
    with pytest.raises(second_factors.NeededByStaff):
        second_factors.remove(user("agent"), by=PORTAL, when=NOW)


# The staff.


def without_factor(app: Flask, role: str) -> Browser:
    second_factors.reset(user(role), by=PORTAL, when=NOW)
    return inside(app, role)


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_the_staff_sets_one_up_before_anything_else(app: Flask, role: str) -> None:
    browser = without_factor(app, role)
    for address in ("/agent", "/account", "/account/settings/second-factor", ON_PAPER):
        answer = browser.get(address, follow=False)
        assert answer.response.location.startswith(f"{APP}?next="), address

    page = browser.get(APP)
    browser.submit(APP, {"code": shows(secret=key_on(page))})

    assert browser.get("/account/settings/second-factor", follow=False).status == 200


def test_a_lost_factor_is_reset_by_the_agency_and_every_stay_ends(app: Flask) -> None:
    browser = signed_in(app, "agent")
    second_factors.reset(user("agent"), by=PORTAL, when=NOW)

    assert not is_in(browser)
    assert mails_of("agent") == ["second_factor"]
    rows = (
        select(func.count()).select_from(SignIn).where(SignIn.user_id == user("agent").id, SignIn.ended_at.is_(None))
    )
    assert db.session.execute(rows).scalar_one() == 0


def mails_of(role: str) -> list[str]:
    rows = select(Mail.kind).where(Mail.recipient == email_of(role)).order_by(Mail.id)
    return [str(kind) for kind in db.session.execute(rows).scalars()]
