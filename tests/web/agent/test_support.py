"""The support session: an agent sees what the taxpayer sees, changes nothing without a yes, and both are named."""

import json
import logging
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.db import db
from portal.domain.actor import Permission, Role
from portal.domain.lifecycle import PaymentState, RequestState
from portal.models import Attempt, Mail, Notice, Payment, SignIn, SupportRequest, SupportSession, TrailEvent, User
from portal.models.notice import NoticeKind
from portal.models.support import SupportEnd
from portal.office import office
from portal.services import consents, mails, passwords, trail
from portal.web import mail as web_mail
from tests.browser import Browser, Page
from tests.cast import PASSWORD, code_of, email_of, signed_in, taxpayer, user
from tests.stopped_clock import NOW, StoppedClock
from tests.test_access import HOUSEHOLDS, asking_for, canaries_of, helping, inside, shown

CALLER, SOMEBODY_ELSE = "indefault", "stranger"
WHY = {"reason": "call", "ticket": "4711"}


def desk() -> str:
    return f"/agent/taxpayers/{taxpayer(CALLER).reference}"


def begin(browser: Browser, **answers: str) -> Page:
    return browser.submit(f"{desk()}/support-session", WHY | answers, at=f"{desk()}/support", follow=False)


def session() -> SupportSession:
    return db.session.execute(select(SupportSession).order_by(SupportSession.id.desc()).limit(1)).scalar_one()


def events(name: str = "%") -> list[TrailEvent]:
    rows = select(TrailEvent).where(TrailEvent.event.like(name)).order_by(TrailEvent.number)
    return list(db.session.execute(rows).scalars())


def wait(**duration: float) -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(**duration)


def asks(agent: Browser, permission: Permission = Permission.CANCEL_PAYMENT, **more: str) -> str:
    """The agent asks for an action; the code as the taxpayer reads it on their own screen."""
    assert agent.submit("/agent/support/request", {"permission": permission, **more}, follow=False).status == 303
    found = re.search(r"\b(\d{3} \d{3})\b", inside_of(agent, CALLER).get("/account/access").text)
    assert found
    return found[1]


def inside_of(browser: Browser, household: str) -> Browser:
    return inside(browser.client.application, household)


def allowed(app: Flask, permission: Permission = Permission.CANCEL_PAYMENT) -> Browser:
    """An agent whom the caller has allowed one thing."""
    agent = helping(app, CALLER)
    answer = agent.submit("/agent/support/code", {"code": asks(agent, permission)}, follow=False)
    assert (answer.status, answer.response.location) == (303, "/account")
    return agent


def promised() -> Payment:
    """A payment of the caller's own that can still be cancelled."""
    found = Payment(
        taxpayer_id=taxpayer(CALLER).id, user_id=user(CALLER).id, channel="online", state=PaymentState.SCHEDULED,
        amount=db.session.execute(select(Payment.amount).limit(1)).scalar_one(), pay_on=NOW.on + timedelta(days=20),
        reason="extra", drafted_at=NOW.at, signed_at=NOW.at,
    )  # fmt: skip
    db.session.add(found)
    db.session.commit()
    return found


# A1 to A5: how it begins.


def test_the_agent_sees_the_callers_own_pages_and_the_banner_names_both(app: Flask) -> None:
    agent = inside(app, "agent")

    answer = begin(agent)
    account = agent.get("/account")

    assert (answer.status, answer.response.location) == (303, "/account")
    assert taxpayer(CALLER).reference in account.text
    banner = account.one("acting")
    assert user("agent").name in banner
    assert user(CALLER).name in banner
    assert "15 minutes are left" in banner


def test_it_is_exactly_what_the_caller_sees(app: Flask) -> None:
    """Page for page the same main part, but for the token in its forms."""
    theirs, agent = inside(app, CALLER), helping(app, CALLER)
    for address in ("/account", "/account/payments", "/account/upcoming", "/agreement", "/agreement/cure", "/pay"):
        seen, own = (re.sub(r'value="[^"]+"', "", each.get(address).one("main")) for each in (agent, theirs))

        assert seen == own


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_nothing_but_a_form_begins_a_session(app: Flask, method: str) -> None:
    answer = inside(app, "agent").client.open(f"{desk()}/support-session", method=method)

    assert answer.status_code == 405
    assert events("support.begun") == []


def test_a_form_of_another_site_or_without_its_token_begins_none(app: Flask) -> None:
    agent = inside(app, "agent")
    token = re.search(r'name="csrf_token" value="([^"]+)"', agent.get(f"{desk()}/support").html)
    assert token
    answers = {"csrf_token": token[1], **WHY}

    foreign = agent.client.post(f"{desk()}/support-session", data=answers, headers={"Sec-Fetch-Site": "cross-site"})

    assert foreign.status_code == 403
    assert agent.post(f"{desk()}/support-session", WHY).status == 400
    assert events("support.begun") == []


def test_the_password_was_given_within_five_minutes(app: Flask) -> None:
    agent = inside(app, "agent")
    agent.get(f"{desk()}/support")
    wait(minutes=5, seconds=1)

    late = agent.client.post(f"{desk()}/support-session", data=WHY | {"csrf_token": token_of(agent)})

    assert late.status_code == 303
    assert late.headers["Location"].startswith("/sign-in/proof?next=")
    assert events("support.begun") == []


def token_of(browser: Browser) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/agent").html)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"reason": ""}, "Choose the reason"),
        ({"ticket": ""}, "Enter the number of the ticket"),
        ({"reason": "curious"}, "Choose one of the list"),
    ],
)
def test_a_reason_and_a_ticket_are_asked_for(app: Flask, answers: dict[str, str], reason: str) -> None:
    answer = begin(inside(app, "agent"), **answers)

    assert answer.status == 422
    assert reason in answer.text
    assert events("support.begun") == []


def test_what_begins_is_kept_before_it_counts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cuts the power between the two has a trail and no session, never a session and no trail."""
    agent = inside(app, "agent")

    def cut(_reference: str) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("portal.services.support._running", cut)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    begin(agent)
    app.config["PROPAGATE_EXCEPTIONS"] = None

    assert [each.subject for each in events("support.begun")] == [session().reference]
    assert session().opened_at is None
    assert agent.get("/account").status == 404


@pytest.mark.parametrize("role", ["admin", CALLER])
def test_only_agents_and_supervisors_help(app: Flask, role: str) -> None:
    assert inside(app, role).get(f"{desk()}/support").status == 404


def test_nobody_opens_an_account_in_conflict_or_of_their_own_name(app: Flask) -> None:
    agent, chief = inside(app, "agent"), inside(app, "supervisor")
    chief.submit(f"{desk()}/conflict", {"kind": "own", "email": email_of("supervisor")})

    assert "list of conflicts" in begin(agent).text, "the account of a colleague is closed to everybody"
    assert "list of conflicts" in begin(chief).text, "and to its owner"
    chief.submit("/agent/support/conflicts", {"named": "CF-0000-0000"})
    db.session.execute(update(User).where(User.email == email_of("agent")).values(name=user(SOMEBODY_ELSE).name))
    db.session.commit()
    other = f"/agent/taxpayers/{taxpayer(SOMEBODY_ELSE).reference}"
    own = agent.submit(f"{other}/support-session", WHY, at=f"{other}/support", follow=False)
    assert "your name" in own.text
    assert events("support.begun") == []


def test_sessions_do_not_nest(app: Flask) -> None:
    agent = helping(app, CALLER)
    other = f"/agent/taxpayers/{taxpayer(SOMEBODY_ELSE).reference}"

    second = agent.submit(f"{other}/support-session", WHY, at=f"{other}/support", follow=False)

    assert second.status == 422
    assert "still open" in second.text
    assert taxpayer(CALLER).reference in agent.get("/account").text


# A6 to A9: what it lets one do.


@pytest.mark.parametrize(
    "address", ["/pay", "/apply", "/agreement/amount", "/account/access/objection", "/language", "/eligibility"]
)
def test_it_only_looks(app: Flask, address: str) -> None:
    """Every form of the taxpayer's is refused with a page that says why; the agent's own language is the agent's."""
    agent = helping(app, CALLER)
    before = len(events())

    answer = agent.post(address, {"csrf_token": token_of(agent), "language": "xx"})

    assert answer.status == (403 if address != "/language" else 400)
    assert len(events()) == before


def test_looking_leaves_nothing_behind(app: Flask) -> None:
    """A notice that an agent opens stays new; and if a view forgot, the database would refuse."""
    agent = helping(app, CALLER)
    notice = db.session.execute(
        select(Notice).where(Notice.taxpayer_id == taxpayer(CALLER).id, Notice.read_at.is_(None)).limit(1)
    ).scalar_one()
    before = len(events())

    assert agent.get(f"/account/notices/{notice.reference}").status == 200
    db.session.expire_all()
    assert notice.read_at is None
    assert len(events()) == before


def test_a_deed_behind_a_page_is_refused_by_the_database_session(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = helping(app, CALLER)

    def careless() -> str:
        consents.ask(Permission.CANCEL_PAYMENT, is_mailed=False, by=trail.Actor(user("agent").id), when=NOW)
        return "done"

    monkeypatch.setitem(app.view_functions, "upcoming.show", careless)

    assert agent.get("/account/upcoming").status == 403
    assert db.session.execute(select(SupportRequest)).first() is None


@pytest.mark.parametrize("address", ["/account/payments.csv", "/account/access"])
def test_no_file_leaves_and_what_is_the_taxpayers_alone_is_closed(app: Flask, address: str) -> None:
    agent = helping(app, CALLER)

    assert agent.get(address).status == 403
    assert "may only look" in agent.get(address, part="main").text


def test_a_file_is_stopped_though_nobody_marked_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = helping(app, CALLER)
    monkeypatch.setitem(app.view_functions, "upcoming.show", lambda: app.response_class("all", mimetype="text/csv"))

    assert agent.get("/account/upcoming").status == 403


def test_no_full_number_is_shown_and_nobody_elses_account(app: Flask) -> None:
    """Deep links of somebody else do not exist, as for the caller."""
    agent, others = helping(app, CALLER), [each for each in HOUSEHOLDS if each != CALLER]
    foreign = db.session.execute(
        select(Payment.reference).where(Payment.taxpayer_id == taxpayer(SOMEBODY_ELSE).id).limit(1)
    ).scalar_one()
    own = db.session.execute(
        select(Payment.reference).where(Payment.taxpayer_id == taxpayer(CALLER).id).limit(1)
    ).scalar_one()
    canaries = set[str]().union(*(canaries_of(each) for each in others))

    assert agent.get(f"/account/payments/{own}").status == 200
    assert agent.get(f"/account/payments/{foreign}").status == 404
    for address in ("/account", "/account/payments", "/agreement", f"/account?user={user(SOMEBODY_ELSE).id}"):
        assert shown(agent.client.get(address), canaries) == ""


@pytest.mark.parametrize("address", ["/account", "/account/payments", "/agreement", "/help", "/nothing-here"])
def test_the_banner_is_on_every_page_and_beside_every_part(app: Flask, address: str) -> None:
    agent = helping(app, CALLER)
    part = agent.client.get(address, headers=asking_for("history")).text

    assert user(CALLER).name in agent.get(address).one("acting")
    assert "hidden" not in re.findall(r'<div id="acting"[^>]*>', agent.get(address).html)[0]
    assert part.count('id="acting"') == 1
    assert "<html" in part or 'hx-swap-oob="outerHTML"' in part


# A10: the taxpayer's yes.


def test_one_thing_is_done_once_after_a_yes(app: Flask) -> None:
    agent, payment = allowed(app), promised()
    address = f"/account/payments/{payment.reference}/cancellation"
    assert "Allowed once" in agent.get("/account").one("acting")

    done = agent.post(address, {"csrf_token": token_of(agent)}, follow=False)

    db.session.expire_all()
    assert (done.status, payment.state) == (303, PaymentState.CANCELLED)
    assert agent.post(address, {"csrf_token": token_of(agent)}).status == 403
    event = events("payment.cancelled")[-1]
    assert (event.user_id, event.taxpayer_id, event.acting) == (
        user("agent").id, taxpayer(CALLER).id, session().reference,
    )  # fmt: skip
    assert list(trail.faults(office().vault, "")) == []


def test_a_yes_to_one_thing_is_none_to_another(app: Flask) -> None:
    agent, payment = allowed(app, Permission.CHANGE_DAY), promised()

    answer = agent.post(f"/account/payments/{payment.reference}/cancellation", {"csrf_token": token_of(agent)})

    assert answer.status == 403
    assert agent.post("/agreement/amount", {"csrf_token": token_of(agent)}).status == 403


def test_a_form_that_was_not_accepted_may_be_sent_again(app: Flask) -> None:
    """Nothing was done, so the yes is not used up."""
    agent = helping(app, "ontime")
    agent.submit("/agent/support/request", {"permission": "change_amount"}, follow=False)
    page = inside(app, "ontime").get("/account/access")
    code = re.search(r"\b(\d{3} \d{3})\b", page.text)
    assert code
    agent.submit("/agent/support/code", {"code": code[1]}, follow=False)
    answers = {"csrf_token": token_of(agent), "value": "1.00", "version": "1", "shown": "x"}

    assert agent.post("/agreement/amount", answers).status == 422
    assert "Allowed once" in agent.get("/account").one("acting")


def test_a_wrong_code_opens_nothing_and_five_end_the_question(app: Flask) -> None:
    agent, payment = helping(app, CALLER), promised()
    code = asks(agent)
    wrong = "000 000" if code != "000 000" else "111 111"

    for _try in range(consents.MOST_TRIES):
        assert "not the code" in agent.submit("/agent/support/code", {"code": wrong}).text
    assert "Nothing is waiting" in agent.submit("/agent/support/code", {"code": code}).text
    answer = agent.post(f"/account/payments/{payment.reference}/cancellation", {"csrf_token": token_of(agent)})
    assert answer.status == 403


def test_a_code_is_good_for_ten_minutes(app: Flask) -> None:
    agent = helping(app, CALLER)
    code = asks(agent)
    wait(minutes=10)

    assert "Nothing is waiting" in agent.submit("/agent/support/code", {"code": code}).text
    assert code not in inside(app, CALLER).get("/account/access").text


def test_a_yes_is_good_for_five_minutes(app: Flask) -> None:
    agent, payment = allowed(app), promised()
    wait(minutes=5)

    answer = agent.post(f"/account/payments/{payment.reference}/cancellation", {"csrf_token": token_of(agent)})

    assert answer.status == 403
    assert "Allowed once" not in agent.get("/account").one("acting")


def test_the_taxpayer_says_no(app: Flask) -> None:
    agent, theirs = allowed(app), inside(app, CALLER)
    reference = db.session.execute(select(SupportRequest.reference)).scalar_one()

    theirs.submit("/account/access/refusal", {"named": reference}, at="/account/access")

    assert db.session.execute(select(SupportRequest.state)).scalar_one() is RequestState.REFUSED
    assert "Allowed once" not in agent.get("/account").one("acting")
    assert inside(app, SOMEBODY_ELSE).submit(
        "/account/access/refusal", {"named": reference}, at="/account/access"
    ).status == 200  # fmt: skip


def test_the_code_goes_by_mail_to_who_is_not_before_a_screen(app: Flask) -> None:
    agent = helping(app, CALLER)
    code = asks(agent, is_mailed="y").replace(" ", "")
    letters = []
    while letter := mails.claim(when=NOW):
        letters.append(letter)
    [told] = [each for each in letters if each.kind == "support_code"]

    assert told.recipient == email_of(CALLER)
    assert code in web_mail.render(told).get_content()
    assert code not in agent.get("/account/notices").text


def test_what_cannot_be_asked_for_is_refused(app: Flask) -> None:
    agent = helping(app, CALLER)

    answer = agent.submit("/agent/support/request", {"permission": "password"})

    assert answer.status == 422
    assert db.session.execute(select(SupportRequest)).first() is None


# A11 to A14: how it ends, and who one is then.


@pytest.mark.parametrize("claim", ["", "?id=1", "?user=root&taxpayer=1"])
def test_after_the_end_one_is_oneself_whatever_is_said(app: Flask, claim: str) -> None:
    agent = helping(app, CALLER)
    before = agent.get("/agent").one("main")

    ended = agent.post(f"/agent/support/end{claim}", {"csrf_token": token_of(agent), "id": "1"}, follow=False)

    assert (ended.status, ended.response.location) == (303, desk())
    assert ended.response.headers["Clear-Site-Data"] == '"cache"'
    assert agent.get("/account").status == 404
    assert agent.get("/agent").one("main") == before
    assert agent.get("/admin").status == 404
    assert session().why_ended is SupportEnd.AGENT
    sign_ins = select(SignIn.user_id).where(SignIn.id == session().sign_in_id)
    assert db.session.execute(sign_ins).scalar_one() == user("agent").id


def test_back_shows_nothing_because_nothing_is_kept(app: Flask) -> None:
    agent = helping(app, CALLER)
    for headers in ({}, asking_for("main")):
        assert agent.client.get("/account", headers=headers).headers["Cache-Control"] == "no-store"


def test_work_in_another_tab_stays_the_agents_own(app: Flask) -> None:
    agent = helping(app, CALLER)
    other = taxpayer(SOMEBODY_ELSE)

    page = agent.get(f"/agent/taxpayers/{other.reference}")
    assert other.name in page.text
    assert user("agent").name in page.text
    opened = events("taxpayer.opened")[-1]

    assert (opened.user_id, opened.taxpayer_id, opened.acting) == (user("agent").id, other.id, None)
    assert taxpayer(CALLER).reference in agent.get("/account").text


def test_fifteen_minutes_are_not_made_longer_by_use(app: Flask) -> None:
    agent = helping(app, CALLER)
    for _minute in range(14):
        wait(minutes=1)
        assert agent.get("/account").status == 200
    assert "One minute is left" in agent.get("/account").one("acting")
    assert agent.client.get("/account").headers["Refresh"] == "61"
    wait(minutes=1)

    part = agent.client.get("/account/payments", headers=asking_for("history"))
    assert (part.status_code, part.headers["HX-Redirect"], part.text) == (401, desk(), "")
    assert "is over" in agent.get(desk()).one("live")
    assert agent.get("/account").status == 404
    assert session().why_ended is SupportEnd.TIME


@pytest.mark.parametrize("values", [{"disabled_at": NOW.at}, {"role": Role.ADMINISTRATOR}], ids=["disabled", "role"])
def test_who_is_disabled_or_loses_the_role_is_out_at_the_next_request(app: Flask, values: dict[str, object]) -> None:
    agent, is_agent = helping(app, CALLER), User.email == email_of("agent")
    db.session.execute(update(User).where(is_agent).values(**values))
    db.session.commit()

    answer = agent.get("/account", follow=False)

    assert answer.status == 303
    assert taxpayer(CALLER).reference not in answer.html
    db.session.execute(update(User).where(is_agent).values(disabled_at=None, role=Role.AGENT))
    db.session.commit()
    assert taxpayer(CALLER).reference not in agent.get("/account").html, "what is over stays over"


def test_signing_out_ends_it_and_another_can_begin_after_signing_in_again(app: Flask) -> None:
    agent = helping(app, CALLER)
    agent.post("/sign-out", {"csrf_token": token_of(agent)})

    assert agent.get("/account", follow=False).status == 303
    again = inside(app, "agent")
    assert begin(again).status == 303


def test_the_cookie_of_a_session_is_worth_nothing_with_another_sign_in(app: Flask) -> None:
    token = helping(app, CALLER).client.get_cookie("support")
    assert token
    thief = inside(app, "supervisor")
    thief.client.set_cookie("support", token.value)

    assert thief.get("/account").status == 404
    stranger = inside(app, SOMEBODY_ELSE)
    stranger.client.set_cookie("support", token.value)
    assert taxpayer(CALLER).reference not in stranger.get("/account").text


def test_the_taxpayers_own_sign_ins_and_counts_stay_as_they_were(app: Flask) -> None:
    theirs = inside(app, CALLER)

    def state() -> tuple[object, ...]:
        rows = select(SignIn.seen_at, SignIn.ends_at, SignIn.ended_at).where(SignIn.user_id == user(CALLER).id)
        return (db.session.execute(rows).all(), db.session.execute(select(Attempt.bucket)).all())

    before = state()
    agent = helping(app, CALLER)
    wait(minutes=2)
    agent.get("/account")
    agent.post("/agent/support/end", {"csrf_token": token_of(agent)})

    assert state() == before
    assert theirs.get("/account").status == 200


def test_every_event_and_every_line_of_the_log_name_both(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    agent, payment = allowed(app), promised()
    token, began = token_of(agent), events()[-1].number
    with caplog.at_level(logging.INFO, "portal.request"):
        agent.get("/account")
        agent.get("/account/payments", part="history")
        agent.get("/account/access")
        agent.post(f"/account/payments/{payment.reference}/cancellation", {"csrf_token": token}, follow=False)
    both = {"user": user("agent").id, "taxpayer": taxpayer(CALLER).id, "acting": session().reference}

    lines = [record.fields for record in caplog.records if record.name == "portal.request"]  # type: ignore[attr-defined]
    assert len(lines) == 4
    assert all(line.items() >= both.items() for line in lines)
    assert not {user(CALLER).name, email_of(CALLER)} & set(json.dumps(lines).split('"'))
    new = [each for each in events() if each.number > began]
    assert new
    assert {(each.user_id, each.taxpayer_id, each.acting) for each in new} == {tuple(both.values())}


# What the taxpayer reads, and says.


def test_the_taxpayer_is_told_and_reads_who_looked_when_and_why(app: Flask) -> None:
    begin(inside(app, "agent"))
    theirs = inside(app, CALLER)
    notice = db.session.execute(select(Notice).where(Notice.kind == NoticeKind.SUPPORT_SESSION)).scalar_one()
    mailed = select(Mail.recipient).where(Mail.kind == "support_session")

    assert notice.taxpayer_id == taxpayer(CALLER).id
    assert db.session.execute(mailed).scalars().all() == [email_of(CALLER)]
    page = theirs.get("/account/access")
    assert page.text.count(user("agent").name) >= 2, "once at the desk, once with the caller's eyes"
    assert "The taxpayer calls or is here" in page.text
    assert "Ticket 4711" in page.text
    assert "now" in page.one("looks")
    assert user("agent").name not in inside(app, SOMEBODY_ELSE).get("/account/access").text


def test_an_objection_ends_the_session_and_a_supervisor_looks_into_it(app: Flask) -> None:
    agent, theirs, chief = helping(app, CALLER), inside(app, CALLER), inside(app, "supervisor")
    about = session().reference

    theirs.submit("/account/access/objection", {"named": about}, at="/account/access")

    assert agent.get("/account", follow=False).response.location == desk()
    assert session().why_ended is SupportEnd.OBJECTION
    told = select(Mail.recipient).where(Mail.kind == "objection_to_review")
    assert db.session.execute(told).scalars().all() == [email_of("supervisor")]
    [link] = [each for each in chief.get("/agent/support").links() if "/objections/" in each]
    chief.submit(link, {"finding": "The ticket was of somebody else. The agent was told."})
    assert "The ticket was of somebody else" in theirs.get("/account/access").text
    again = theirs.submit("/account/access/objection", {"named": about}, at="/account/access")
    assert "already" in again.one("live")
    assert [each.event for each in events("objection%")] == ["objection.raised", "objection.reviewed"]


def test_a_look_at_the_desk_is_objected_to_by_its_own_account_only(app: Flask) -> None:
    inside(app, "agent").get(desk())
    theirs = inside(app, CALLER)
    named = re.search(r'name="named" value="([0-9a-f]{16})"', theirs.get("/account/access").html)
    assert named

    inside(app, SOMEBODY_ELSE).submit("/account/access/objection", {"named": named[1]}, at="/account/access")
    assert events("objection.raised") == []
    theirs.submit("/account/access/objection", {"named": named[1]}, at="/account/access")
    assert len(events("objection.raised")) == 1


def test_a_supervisor_sees_sessions_without_a_ticket_and_people_of_the_same_name_or_address(app: Flask) -> None:
    agent, chief = inside(app, "agent"), inside(app, "supervisor")
    assert begin(agent, ticket="", no_ticket="y").status == 303
    found = chief.get("/agent/support?which=without")
    assert taxpayer(CALLER).name in found.one("sessions")
    assert "None" in found.one("sessions")
    name = f"Cousin {taxpayer(SOMEBODY_ELSE).last_name}"
    db.session.execute(update(User).where(User.email == email_of("agent")).values(name=name))
    db.session.commit()
    agent.get(f"/agent/taxpayers/{taxpayer(SOMEBODY_ELSE).reference}")

    assert "Same name" in chief.get("/agent/support").text
    assert inside(app, "agent").get("/agent/support").status == 404


def test_signed_in_for_real_the_password_is_asked_for_first(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "match", lambda _hashed, password: password == PASSWORD)
    agent = signed_in(app, "agent")
    wait(minutes=6)
    asked = agent.get(f"{desk()}/support")
    assert asked.response.request.path == "/sign-in/proof"

    answers = {"password": PASSWORD, "code": code_of("agent"), "next": f"{desk()}/support"}
    proved = agent.submit("/sign-in/proof", answers, at=f"/sign-in/proof?next={desk()}/support")

    assert proved.response.request.path == f"{desk()}/support"
    assert begin(agent).status == 303
    assert agent.get("/account").status == 200
