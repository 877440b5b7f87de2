"""Registering: the same answer whatever is claimed, a lock after five wrong claims, and a link that opens once."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.domain.actor import PORTAL, Role
from portal.jobs.post import deliver
from portal.models import Attempt, Mail, Notice, Registration, Spouse, Taxpayer, TrailEvent, User
from portal.models.columns import read_reference
from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.office import office
from portal.services import passwords, sign_ins, taxpayers
from portal.web import mail as web
from tests.browser import Browser, Page
from tests.cast import PASSWORD, email_of, taxpayer, user
from tests.jobs.test_post import Box
from tests.stopped_clock import NOW
from tests.web.test_sign_in import Counting, the_clock

NEW = "a new password of mine"
EMAIL = "nora@example.test"
SSN = "900819999"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords kept without the slow hash, where many are given."""
    kept = user("agent").password_hash
    monkeypatch.setattr(passwords.HASHER.__class__, "hash", lambda *_given, **_more: kept)


def neighbor() -> Taxpayer:
    """Somebody who never registered."""
    if found := taxpayers.by_ssn(SSN):
        return found
    person = taxpayers.Person(
        "Nora", "Neighbor", SSN, NOW.on.replace(year=1970), "single", "1 Elm Street", "Salem", "OR", "97301"
    )
    return taxpayers.enrol(person, by=PORTAL, when=NOW)


def facts(person: Taxpayer | Spouse, reference: str = "", **changed: Any) -> dict[str, Any]:
    """The right answers of a person, with some changed."""
    owner = person if isinstance(person, Taxpayer) else db.session.get_one(Taxpayer, person.taxpayer_id)
    born_on = person.born_on
    return {
        "reference": reference or owner.reference,
        "last_four": office().vault.open(person.ssn_sealed, person.ssn_row)[-4:],
        "born_on": [str(born_on.month), str(born_on.day), str(born_on.year)], "email": EMAIL, "password": NEW,
    } | changed  # fmt: skip


def wrong(person: Taxpayer, **changed: Any) -> dict[str, Any]:
    return facts(person, last_four="0000", **changed)


def claims(app: Flask, given: dict[str, Any]) -> Page:
    return Browser(app).submit("/register", given)


def mailed() -> list[Any]:
    """What the post takes now: kind by subject, and to whom."""
    box = Box()
    deliver(the_clock().now, box, web.render)
    return box.taken


def link_in(message: Any) -> str:
    """The address of the link in a mail, on this machine."""
    [link] = [line for line in message.get_content().splitlines() if line.startswith("http://127.0.0.1:8000/")]
    return str(link).removeprefix("http://127.0.0.1:8000")


def events(name: str) -> list[TrailEvent]:
    return list(db.session.execute(select(TrailEvent).where(TrailEvent.event == name)).scalars())


def users_of(taxpayer_id: int) -> list[User]:
    return list(db.session.execute(select(User).where(User.taxpayer_id == taxpayer_id)).scalars())


# Who knows the facts, and reads the mail, gets in.


def test_a_taxpayer_registers_and_signs_in(app: Flask) -> None:
    person, browser = neighbor(), Browser(app)
    sent = browser.submit("/register", facts(person))
    [message] = mailed()
    page = browser.get(link_in(message))
    done = browser.submit(link_in(message), {})

    assert (sent.response.request.path, sent.status) == ("/register/sent", 200)
    assert message["To"] == EMAIL
    assert page.status == 200
    assert done.response.request.path == "/sign-in"
    assert "You are registered" in done.one("live")
    account = browser.submit("/sign-in", {"email": EMAIL, "password": NEW})
    assert account.response.request.path == "/account"
    [added] = users_of(person.id)
    assert (added.name, added.role, added.spouse_id, added.language) == (person.name, Role.TAXPAYER, None, "en_US")
    assert len(events("registration.begun")) == 1
    assert events("user.added")[-1].taxpayer_id == person.id


def test_a_spouse_registers_for_the_same_account(app: Flask) -> None:
    owner = neighbor()
    partner = taxpayers.Partner("Nils", "Neighbor", "900818888", NOW.on.replace(year=1971))
    spouse = taxpayers.add_spouse(owner, partner, by=PORTAL, when=NOW)
    for person, email in ((owner, EMAIL), (spouse, "nils@example.test")):
        claims(app, facts(person, email=email))
        [message] = mailed()
        Browser(app).submit(link_in(message), {})

    assert [(each.name, each.spouse_id) for each in users_of(owner.id)] == [
        (owner.name, None), ("Nils Neighbor", spouse.id),
    ]  # fmt: skip


def test_the_facts_of_the_two_spouses_do_not_mix(app: Flask) -> None:
    owner = taxpayer("ontime")
    spouse = db.session.execute(select(Spouse).where(Spouse.taxpayer_id == owner.id)).scalar_one()
    claims(app, facts(owner, born_on=facts(spouse)["born_on"]))

    assert mailed() == []


def test_the_spouse_of_the_demonstration_signs_in_to_the_same_account(app: Flask) -> None:
    browser = Browser(app)
    page = browser.submit("/sign-in", {"email": email_of("spouse"), "password": PASSWORD})

    assert "Tina Timely" in page.text
    assert taxpayer("ontime").reference in browser.get("/account").text
    assert user("spouse").spouse_id is not None


@pytest.mark.parametrize(
    "typed", ["{}", " {} ", "{lower}", "{bare}", "{spaced}", "tp{bare_rest}", "{first} {second}"]
)
def test_the_reference_is_taken_however_it_is_typed(app: Flask, quick: None, typed: str) -> None:
    reference = neighbor().reference
    bare = reference.replace("-", "")
    forms = {
        "lower": reference.lower(), "bare": bare, "spaced": " ".join(bare), "bare_rest": bare[2:],
        "first": bare[:6], "second": bare[6:],
    }  # fmt: skip
    claims(app, facts(neighbor(), typed.format(reference, **forms)))

    assert len(mailed()) == 1


def test_letters_that_look_like_digits_are_read_as_these() -> None:
    assert read_reference("TP-OIL0-1234", "TP") == "TP-0110-1234"
    assert read_reference("IA-7F3K-2Q9D", "TP") is None
    assert read_reference("TP-7F3K-2Q9U", "TP") is None
    assert read_reference("TP-７F3K-2Q9D", "TP") is None


# Whatever is claimed, the answer is the same.


def answers(app: Flask, given: dict[str, Any]) -> tuple[int, str, str]:
    browser = Browser(app)
    posted = browser.submit("/register", given, follow=False)
    after = browser.get(posted.response.location)
    return posted.status, posted.response.location, after.text


def test_right_wrong_unknown_locked_taken_and_registered_read_alike(app: Flask, quick: None) -> None:
    person = neighbor()
    for _time in range(5):
        claims(app, wrong(taxpayer("stranger")))
    given = {
        "right": facts(person),
        "wrong": wrong(person),
        "a wrong date": facts(person, born_on=["1", "1", "1901"]),
        "unknown": facts(person, "TP-0000-0000"),
        "locked": facts(taxpayer("stranger")),
        "wrong and locked": wrong(taxpayer("stranger")),
        "registered": facts(taxpayer("ontime")),
        "address taken": facts(person, email=email_of("owing")),
    }

    told = {answers(app, each) for each in given.values()}

    assert len(told) == 1
    status, location, text = told.pop()
    assert (status, location) == (303, "/register/sent")
    assert "If these facts match our records, we have sent you a mail." in text


@pytest.mark.parametrize("claimed", ["right", "wrong", "unknown"])
def test_every_claim_costs_one_slow_hash(app: Flask, monkeypatch: pytest.MonkeyPatch, claimed: str) -> None:
    person = neighbor()
    given = {"right": facts(person), "wrong": wrong(person), "unknown": facts(person, "TP-0000-0000")}[claimed]
    hashed: list[str] = []

    class Hasher(Counting):
        def hash(self, password: str) -> str:
            hashed.append(password)
            return user("agent").password_hash

    monkeypatch.setattr(passwords, "HASHER", Hasher([]))
    claims(app, given)

    assert hashed == [NEW]


def test_wrong_and_unknown_write_the_same(app: Flask, quick: None) -> None:
    """So neither the time nor the table tells them apart."""
    person = neighbor()
    before = db.session.execute(select(func.count()).select_from(Attempt)).scalar_one()
    for given in (wrong(person), facts(person, "TP-0000-0000")):
        claims(app, given)

    assert db.session.execute(select(func.count()).select_from(Attempt)).scalar_one() == before + 2
    assert mailed() == []


def test_who_is_registered_is_told_at_their_own_address(app: Flask, quick: None) -> None:
    claims(app, facts(taxpayer("ontime")))
    claims(app, facts(neighbor(), email=email_of("owing")))
    found = mailed()

    assert [each["To"] for each in found] == [email_of("ontime"), email_of("owing")]
    assert {each["Subject"] for each in found} == {"You are registered already"}
    assert db.session.execute(select(Registration)).first() is None


def test_nobody_is_flooded_with_mail(app: Flask, quick: None) -> None:
    for number in range(5):
        claims(app, facts(taxpayer("ontime"), email=f"{number}@example.test"))

    assert len(mailed()) == 3


# Five wrong claims lock the account's registration for a day.


def locked(app: Flask, person: Taxpayer) -> None:
    for _time in range(5):
        claims(app, wrong(person))


def test_after_four_wrong_claims_the_right_one_is_taken(app: Flask, quick: None) -> None:
    for _time in range(4):
        claims(app, wrong(neighbor()))
    claims(app, facts(neighbor()))

    assert [each["Subject"] for each in mailed()] == ["Finish your registration"]


@pytest.mark.parametrize(("hours", "mails"), [(23.9, 0), (24, 1)])
def test_five_wrong_claims_lock_the_record_for_a_day(app: Flask, quick: None, hours: float, mails: int) -> None:
    locked(app, neighbor())
    the_clock().wait(hours=hours)
    claims(app, facts(neighbor()))

    assert len(mailed()) == mails


def test_claims_during_the_lock_make_it_no_longer(app: Flask, quick: None) -> None:
    locked(app, neighbor())
    for _time in range(6):
        the_clock().wait(hours=4)
        if _time < 5:
            claims(app, wrong(neighbor()))
    claims(app, facts(neighbor()))

    assert [each["Subject"] for each in mailed()] == ["Finish your registration"]


def test_wrong_claims_of_different_days_do_not_add_up(app: Flask, quick: None) -> None:
    for _time in range(8):
        claims(app, wrong(neighbor()))
        the_clock().wait(hours=7)
    claims(app, facts(neighbor()))

    assert [each["Subject"] for each in mailed()] == ["Finish your registration"]


def test_a_lock_is_the_record_s_own(app: Flask, quick: None) -> None:
    locked(app, taxpayer("stranger"))
    mailed()
    claims(app, facts(neighbor()))

    assert [each["Subject"] for each in mailed()] == ["Finish your registration"]


def test_everybody_of_the_account_is_told_once_per_lock(app: Flask, quick: None) -> None:
    owner = taxpayer("ontime")
    locked(app, owner)
    for _time in range(3):
        claims(app, wrong(owner))
    first = mailed()
    the_clock().wait(hours=24)
    locked(app, owner)

    told = {email_of("ontime"), email_of("spouse")}
    assert {each["To"] for each in first} == told
    assert len(first) == 2
    assert len(mailed()) == 2
    kinds = select(Notice.kind).where(Notice.taxpayer_id == owner.id, Notice.kind == NoticeKind.REGISTRATION_LOCKED)
    assert len(db.session.execute(kinds).all()) == 2
    assert [each.subject for each in events("registration.locked")] == [owner.reference] * 2


def test_where_nobody_is_registered_a_notice_waits(app: Flask, quick: None) -> None:
    person = neighbor()
    locked(app, person)

    assert mailed() == []
    notice = db.session.execute(select(Notice).where(Notice.taxpayer_id == person.id)).scalar_one()
    assert notice.kind is NoticeKind.REGISTRATION_LOCKED


def test_who_is_signed_in_stays_in_while_it_is_locked(app: Flask, quick: None) -> None:
    browser = Browser(app)
    browser.submit("/sign-in", {"email": email_of("ontime"), "password": PASSWORD})
    locked(app, taxpayer("ontime"))

    assert browser.get("/account", follow=False).status == 200
    assert Browser(app).submit("/sign-in", {"email": email_of("ontime"), "password": PASSWORD}).status == 200


# The link.


@pytest.fixture
def link(app: Flask, quick: None) -> str:
    """The link of the neighbor who never registered."""
    claims(app, facts(neighbor()))
    [message] = mailed()
    return link_in(message)


def test_only_the_hash_of_the_token_is_kept(app: Flask, link: str) -> None:
    row = db.session.execute(select(Registration)).scalar_one()
    mail = db.session.execute(select(Mail).where(Mail.kind == MailKind.REGISTRATION)).scalar_one()
    token = link.rpartition("/")[2]

    assert len(token) >= 43, "256 random bits"
    assert row.token_hash == sign_ins.token_hash(token)
    assert token not in f"{vars(row)}{vars(mail)}"


def test_to_follow_the_link_changes_nothing(app: Flask, link: str) -> None:
    """Programs that look for danger in mail follow every link."""
    for _time in range(3):
        assert Browser(app).get(link).status == 200
        assert Browser(app).client.head(link).status_code == 200

    assert users_of(neighbor().id) == []
    assert Browser(app).submit(link, {}).response.request.path == "/sign-in"


def test_the_button_pressed_twice_makes_one_user(app: Flask, link: str) -> None:
    browser = Browser(app)
    token = browser.get(link).html.partition('name="csrf_token" value="')[2].partition('"')[0]
    first, second = (browser.post(link, {"csrf_token": token}, follow=False) for _time in range(2))

    assert (first.status, second.status) == (303, 410)
    assert 'href="/sign-in"' in second.html
    assert len(users_of(neighbor().id)) == 1


@pytest.mark.parametrize(("hours", "status"), [(23.9, 200), (24, 410)])
def test_the_link_is_good_for_a_day(app: Flask, link: str, hours: float, status: int) -> None:
    the_clock().wait(hours=hours)

    assert Browser(app).get(link).status == status


def test_two_links_of_one_person_register_once(app: Flask, link: str) -> None:
    claims(app, facts(neighbor(), email="other@example.test"))
    [message] = mailed()
    Browser(app).submit(link, {})
    late = Browser(app).submit(link_in(message), {})

    assert late.status == 422
    assert len(users_of(neighbor().id)) == 1


@pytest.mark.parametrize(
    "token", ["nothing-of-ours", "x" * 43, "x" * 3000, "%00" * 9, "%F0%9F%98%80" * 9, "１２" * 9]
)
def test_an_unknown_link_says_what_to_do(app: Flask, token: str) -> None:
    for place in ("/register/", "/password-reset/"):
        page = Browser(app).get(place + token)

        assert page.status == 404
        assert {"/sign-in", "/register", "/password-reset"} <= set(page.links())


def test_a_link_without_the_form_s_token_registers_nobody(app: Flask, link: str) -> None:
    assert Browser(app).post(link).status == 400
    assert users_of(neighbor().id) == []


# Nonsense.

NONSENSE = [
    "", " ", "\0", "a\0b", "x" * 10_000, "１２３４", "😀", "\r\nBcc: a@b.test", "'; DROP TABLE users; --", "-1",
    "1e5", "NaN", "<script>", "\u202e", "\ud800", "%s", "{{ 7*7 }}", "٣٤", "TP-7F3K-2Q9D-7F3K", "a@b,c@d.test",
    "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("field", ["reference", "last_four", "born_on", "email", "password"])
def test_nonsense_comes_back_with_the_page(app: Flask, quick: None, field: str) -> None:
    good = facts(neighbor())
    for nonsense in NONSENSE:
        browser = Browser(app)
        token = browser.get("/register").html.partition('name="csrf_token" value="')[2].partition('"')[0]
        value = nonsense.encode("utf-8", "surrogatepass")
        for given in ([value], [value, value], [value] * 3, [value] * 4):
            # By the client itself: a control character that comes back as it was typed is no valid HTML.
            answer = browser.client.post("/register", data=good | {"csrf_token": token, field: given})
            password_fits = field == "password" and answer.status_code == 303 and len(nonsense) >= 15
            assert answer.status_code == 422 or password_fits, (field, nonsense, given)
            assert answer.status_code != 422 or answer.text.count("There is a problem") == 1
    assert users_of(neighbor().id) == []


def test_a_field_left_out_is_asked_for(app: Flask) -> None:
    for field in ("reference", "last_four", "born_on", "email", "password"):
        given = facts(neighbor())
        del given[field]
        page = claims(app, given)

        assert page.status == 422
        assert page.one(f"{field}-error")


def test_what_was_typed_stays_but_never_the_password(app: Flask) -> None:
    page = claims(app, facts(neighbor(), last_four="12"))

    assert page.status == 422
    assert neighbor().reference in page.html
    assert EMAIL in page.html
    assert NEW not in page.html


@pytest.mark.parametrize("password", ["fourteen chars", "passwordpassword", "x" * 1025, EMAIL])
def test_a_bad_password_is_said_at_once(app: Flask, password: str) -> None:
    """Before anything is looked up, so that it says nothing about anybody."""
    page = claims(app, wrong(neighbor(), password=password))

    assert page.status == 422
    assert db.session.execute(select(func.count()).select_from(Attempt)).scalar_one() == 0
