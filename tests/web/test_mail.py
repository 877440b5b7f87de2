"""What mails say: every kind by its own template, links that lead here, and headers that nobody can add to."""

import re
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from flask import Flask

from portal.models.mail import MailKind
from portal.models.notice import NoticeKind
from portal.office import office
from portal.services import mails
from portal.services.mails import Letter
from portal.web import mail as web
from portal.web.language import chosen
from portal.web.notice_text import told
from tests.stopped_clock import NOW
from tests.web.notices import NOTICES

LINK = {"link": "/a/page"}
ROBIN = {"first_name": "Robin"}
ACME = {"employer": "Acme & Sons <Inc>"}
FACTS: dict[MailKind, dict[str, str]] = {
    MailKind.REGISTRATION: LINK,
    MailKind.ALREADY_REGISTERED: LINK | ROBIN,
    MailKind.PASSWORD_RESET: ROBIN | LINK,
    MailKind.INVITATION: ROBIN | LINK,
    MailKind.PASSWORD_CHANGED: ROBIN,
    MailKind.EMAIL_CHANGE: LINK,
    MailKind.EMAIL_CHANGED: ROBIN | LINK,
    MailKind.SECOND_FACTOR: ROBIN | {"what": "used"},
    MailKind.EMPLOYER_REQUEST: ACME | LINK | {"employee": "Robin Reed", "ends_on": "2026-12-23"},
    MailKind.EMPLOYER_CONFIRMED: ACME | LINK,
    MailKind.EMPLOYER_ENDED: ACME | {"reference": "PD-0000-0000"},
    MailKind.SUPPORT_CODE: ROBIN | LINK | {"agent": "Ann Agent", "permission": "cancel_payment", "code": "123456"},
    MailKind.OBJECTION_TO_REVIEW: ROBIN | LINK | {"agent": "Ann Agent"},
    MailKind.APPROVAL_DECIDED: ROBIN | LINK | {"state": "approved"},
    **{MailKind(kind.value): ROBIN | LINK | facts for kind, facts in NOTICES},
}


def letter(kind: MailKind, recipient: str = "robin@example.test", **facts: str) -> Letter:
    mails.write(kind, recipient, language="en_US", when=NOW, **facts)
    found = mails.claim(when=NOW)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", MailKind)
def test_each_mail_is_written_out(empty: Flask, kind: MailKind) -> None:
    message = web.render(letter(kind, **FACTS[kind]))
    text = message.get_content()

    assert message["Subject"]
    assert message["Content-Language"] == "en-US"
    assert message["To"] == "robin@example.test"
    assert office().settings.agency_name in message["From"]
    assert office().settings.agency_name in text
    assert office().settings.agency_contact[0] in text
    assert "\n\n\n" not in text
    assert "&amp;" not in text, "it is text, not HTML"
    assert ("Hello Robin," in text) is ("first_name" in FACTS[kind])
    assert text.count("http://127.0.0.1:8000/a/page\n") == ("link" in FACTS[kind])
    for name, value in FACTS[kind].items():
        if name in ("first_name", "employer", "employee", "reference"):
            assert value in f"{message['Subject']}\n{text}"


def test_dates_are_written_out(empty: Flask) -> None:
    text = web.render(letter(MailKind.ACCEPTANCE, **FACTS[MailKind.ACCEPTANCE])).get_content()

    assert "December 15, 2026" in text


@pytest.mark.parametrize(("kind", "facts"), NOTICES)
def test_a_mailed_notice_says_what_happened_and_what_to_do_but_names_no_account(
    empty: Flask, kind: NoticeKind, facts: dict[str, str]
) -> None:
    message = web.render(letter(MailKind(kind.value), **ROBIN | LINK | facts))
    said, text = told(kind, facts), message.get_content()

    assert message["Subject"] == said.title
    assert f"\n{said.happened}\n\n{said.now}\n" in text
    assert not re.search(r"(?!PY)[A-Z]{2}-\w{4}", text), "a reference, but for that of a payment"
    assert not {facts.get("old_last_four") or "-", facts.get("new_last_four", "-")} & set(text.split())


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (MailKind.ACCEPTANCE, {"reference": "IA-7F3K-2Q9D", "first_due_on": "2026-12-15"}, "December 15, 2026"),
        (MailKind.REFUSAL, {}, "could not accept"),
        (MailKind.REGISTRATION_LOCKED, {}, "24 hours"),
        (MailKind.PAYROLL_CONFIRMED, ACME, "confirmed"),
        (MailKind.PAYROLL_ENDED, ACME | {"reason": "declined"}, "declined"),
        (MailKind.PAYROLL_ENDED, ACME | {"reason": "expired"}, "did not answer"),
    ],
)
def test_mail_that_was_written_before_notices_were_mailed_is_still_sent(
    empty: Flask, kind: MailKind, facts: dict[str, str], said: str
) -> None:
    """It waits in the outbox of a portal that is upgraded, with fewer facts and without a link to its notice."""
    assert said in web.render(letter(kind, **ROBIN | facts)).get_content()


def test_links_lead_to_the_public_address(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(office().settings, address="https://plans.example.gov", mail_from="us@plans.example.gov")
    monkeypatch.setitem(empty.extensions, "office", replace(office(), settings=settings))

    message = web.render(letter(MailKind.REFUSAL, link="/account"))

    assert "\nhttps://plans.example.gov/account\n" in message.get_content()
    assert message["Message-ID"].endswith("@plans.example.gov>")


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\u2028", "\x85", "\v", "\0\n"])
def test_nobody_adds_a_header(empty: Flask, breaks: str) -> None:
    facts = FACTS[MailKind.EMPLOYER_REQUEST] | {"employee": f"Robin{breaks}Bcc: all@example.test{breaks}{breaks}Hi"}
    message = web.render(letter(MailKind.EMPLOYER_REQUEST, **facts))

    read = message_from_bytes(message.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert "Bcc" not in read
    assert set(read.keys()) == set(message.keys())
    assert read["To"] == "robin@example.test"


@pytest.mark.parametrize(
    "recipient",
    ["a@b.test\r\nBcc: c@d.test", "a@b.test, c@d.test", "a@b.test\nc@d.test", "x <a@b.test>", "a@b.test;c"],
)
def test_a_mail_goes_to_one_address_and_no_other(empty: Flask, recipient: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        web.render(letter(MailKind.PASSWORD_CHANGED, recipient, **ROBIN))


def test_to_write_a_mail_changes_nobody_s_language(empty: Flask) -> None:
    before = chosen()
    web.render(replace(letter(MailKind.PASSWORD_CHANGED, **ROBIN), language="es_US"))

    assert chosen() == before
