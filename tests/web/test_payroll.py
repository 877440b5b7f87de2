"""The employer's pages: a link opens them once to answer, another one to report what was sent."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.models import Mail, Payment, PayrollDeduction
from portal.models.mail import MailKind
from portal.office import office
from tests.applicant import go_through, sign
from tests.browser import Browser
from tests.cast import taxpayer
from tests.test_access import inside

ANSWER = {"answer": "yes", "name": "Pat Paymaster, payroll"}


@pytest.fixture
def employer(app: Flask) -> Browser:
    """Whoever reads the mail of the payroll office, with no account."""
    applicant = inside(app, "owing")
    go_through(applicant, method={"method": "payroll"})
    sign(applicant)
    return Browser(app)


def link(kind: MailKind) -> str:
    """The link in the latest mail of a kind."""
    mail = db.session.execute(select(Mail).where(Mail.kind == kind).order_by(Mail.id.desc()).limit(1)).scalar_one()
    facts: dict[str, str] = json.loads(office().vault.open(mail.facts_sealed, mail.facts_row))
    return facts["link"]


def confirmed(employer: Browser) -> str:
    """The address for reports, of an employer who agreed."""
    employer.fill_in(link(MailKind.EMPLOYER_REQUEST), **ANSWER)
    return link(MailKind.EMPLOYER_CONFIRMED)


def reports() -> list[Payment]:
    rows = select(Payment).where(Payment.taxpayer_id == taxpayer("owing").id, Payment.channel == "payroll")
    return list(db.session.execute(rows).scalars())


def test_the_employer_reads_what_to_deduct_and_nothing_of_what_is_owed(employer: Browser) -> None:
    page = employer.get(link(MailKind.EMPLOYER_REQUEST))
    deduction = db.session.execute(select(PayrollDeduction)).scalar_one()

    for words in (
        "Olivia Owens",
        "$184.62",
        "Every two weeks",
        deduction.reference,
        "P.O. Box 100",
        "December 14, 2026",
    ):
        assert words in page.text
    for secret in ("18,240", "$400", taxpayer("owing").reference, "Maple Street", "owing@example.test"):
        assert secret not in page.html


def test_the_employer_agrees_once_and_the_taxpayer_sees_it(app: Flask, employer: Browser) -> None:
    address = link(MailKind.EMPLOYER_REQUEST)

    page = employer.fill_in(address, **ANSWER)

    assert page.text.startswith("This request is answered")
    assert "Olivia" not in employer.get(address).text
    assert "The employer deducts" in inside(app, "owing").get("/agreement").text
    assert "Answered by Pat Paymaster, payroll" in inside(app, "owing").get("/agreement").text


def test_the_employer_declines_and_the_taxpayer_pays_without_it(app: Flask, employer: Browser) -> None:
    employer.fill_in(link(MailKind.EMPLOYER_REQUEST), **ANSWER | {"answer": "no"})

    page = inside(app, "owing").get("/agreement")

    assert "The employer declined" in page.text
    assert "Your own payments" in page.text


def test_what_the_employer_sent_is_pending_until_it_is_here(app: Flask, employer: Browser) -> None:
    page = employer.fill_in(confirmed(employer), paid_on=["11", "23", "2026"])

    assert "Thank you. We noted $184.62 for the payday of November 23, 2026." in page.text
    assert "Nov 23, 2026 $184.62 Pending" in page.text
    [payment] = reports()
    assert payment.state == "submitted"
    own = inside(app, "owing").get(f"/account/payments/{payment.reference}").text
    assert "Your employer told us that it sent this payment." in own


def test_a_payday_is_reported_once(employer: Browser) -> None:
    address = confirmed(employer)
    employer.fill_in(address, paid_on=["11", "23", "2026"])

    page = employer.fill_in(address, paid_on=["11", "23", "2026"])

    assert page.status == 422
    assert "A deduction of this payday was reported before." in page.text
    assert len(reports()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"paid_on": ["", "", ""]}, "Enter the payday."),
        ({"paid_on": ["2", "30", "2026"]}, "Enter a date that exists"),
        ({"paid_on": ["11", "24", "2026"]}, "Enter a payday from November 23, 2026 to today."),
        ({"paid_on": ["11", "22", "2026"]}, "Enter a payday from November 23, 2026 to today."),
        *(
            ({"amount": value}, "Enter an amount in dollars and cents")
            for value in ("lots", "1e5", "-1", "１２", "9" * 99)
        ),
        ({"amount": ""}, "Enter the amount that you sent."),
        ({"amount": "0.00"}, "Enter an amount above zero."),
        ({"amount": "99,999"}, "This is much more than the $184.62 agreed."),
    ],
)
def test_a_bad_report_comes_back_with_what_to_do(employer: Browser, changes: dict[str, Any], words: str) -> None:
    page = employer.fill_in(confirmed(employer), **{"paid_on": ["11", "23", "2026"]} | changes)

    assert page.status == 422
    assert words in page.text
    assert reports() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answer": ""}, "Choose yes or no."), ({"answer": "perhaps"}, "Not a valid choice"),
        ({"name": ""}, "Enter your name and title."), ({"name": "x" * 500}, "120"),
    ],
)  # fmt: skip
def test_a_bad_answer_comes_back_with_what_to_do(employer: Browser, changes: dict[str, str], words: str) -> None:
    page = employer.fill_in(link(MailKind.EMPLOYER_REQUEST), **ANSWER | changes)

    assert page.status == 422
    assert words in page.text
    assert db.session.execute(select(PayrollDeduction.state)).scalar_one() == "asked"


@pytest.mark.parametrize("address", ["/payroll/" + "A" * 43, "/payroll/reports/" + "A" * 43, "/payroll/short"])
def test_a_link_that_nobody_was_sent_opens_nothing(employer: Browser, address: str) -> None:
    assert employer.get(address).status == 404


def test_the_two_links_are_not_each_other(employer: Browser) -> None:
    request, report = link(MailKind.EMPLOYER_REQUEST), confirmed(employer)

    assert employer.get(request.replace("/payroll/", "/payroll/reports/")).status == 404
    assert employer.get(report.replace("/reports/", "/")).status == 404
