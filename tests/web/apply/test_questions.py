"""What each question refuses: the page comes back with everything typed but secrets, and says how to mend it."""

from typing import Any

import pytest
from flask import Flask

from portal.domain.answers import Step
from portal.queries.applications import draft_of
from tests.applicant import ACCOUNT, ROUTING, ssn_of, write_draft
from tests.browser import Browser
from tests.cast import TODAY, user
from tests.test_access import inside

LONG, FULL_WIDTH = "x" * 10_000, "１２３"
BORN = ["1", "1", "1955"]
MONEY = "Enter an amount in dollars and cents"
ACCOUNT_NUMBER, ROUTING_NUMBER = "This is not an account number", "This is not a routing number"

# Question, what is typed, and what is said about it.
REFUSED: list[tuple[Step, dict[str, Any], str]] = [
    (Step.IDENTITY, {"first_name": ""}, "Enter your first name."),
    (Step.IDENTITY, {"first_name": LONG}, "60"),
    (Step.IDENTITY, {"first_name": "Oli\u200bvia"}, "Use letters, digits and ordinary signs only."),
    (Step.IDENTITY, {"last_name": " "}, "This is not the name that we have for you"),
    (Step.IDENTITY, {"last_name": "Stranger"}, "This is not the name that we have for you"),
    (Step.IDENTITY, {"ssn": ""}, "Enter your Social Security number or ITIN."),
    *((Step.IDENTITY, {"ssn": value}, "Enter all nine digits of the number")
      for value in ("12345678", "1234567890", "12345678a", "９００７００００１", "-900700001e", LONG, "1e8")),
    (Step.IDENTITY, {"born_on": ["", "", ""]}, "Enter your date of birth."),
    (Step.IDENTITY, {"born_on": ["2", "30", "1980"]}, "Enter a date that exists"),
    (Step.IDENTITY, {"born_on": ["1", "1", "2999"]}, "it has to be in the past"),
    (Step.IDENTITY, {"born_on": ["11", "23", "2026"]}, "it has to be in the past"),
    (Step.IDENTITY, {"born_on": ["1", "1", "1880"]}, "it has to be in the past"),
    (Step.IDENTITY, {"born_on": ["1"]}, "Enter a date that exists"),
    (Step.IDENTITY, {"born_on": [FULL_WIDTH, "1", "1980"]}, "Enter a date that exists"),
    (Step.ADDRESS, {"street": ""}, "Enter your street and number."),
    (Step.ADDRESS, {"street": LONG}, "100"),
    (Step.ADDRESS, {"city": "Spring\tfield"}, "Use letters, digits and ordinary signs only."),
    (Step.ADDRESS, {"state": ""}, "Choose your state."),
    (Step.ADDRESS, {"state": "XX"}, "Choose one of the list."),
    *((Step.ADDRESS, {"postal_code": value}, "Enter a ZIP code of five digits")
      for value in ("6270", "627011", "abcde", "６２７０１", "62701-12", "-62701")),
    *((Step.ADDRESS, {"phone": value}, "Enter a US telephone number of ten digits")
      for value in ("abc", "555-0142", "217555014", "1e9", "+44 20 7946 0018", "２１７５５５０１４２", LONG)),
    (Step.FILING_STATUS, {"filing_status": "rich"}, "Not a valid choice"),
    (Step.RETURNS, {"filed": "perhaps"}, "Not a valid choice"),
    (Step.CIRCUMSTANCES, {"true": ["none", "court"]}, "not both"),
    (Step.CIRCUMSTANCES, {"true": ["war"]}, "not a valid choice"),
    (Step.PAYMENT_NOW, {"choice": "part", "amount": ""}, "Enter the amount that you can pay now."),
    (Step.PAYMENT_NOW, {"choice": "part", "amount": "0"}, "Enter the amount that you can pay now."),
    (Step.PAYMENT_NOW, {"choice": "part", "amount": "18,240.00"}, "You owe $18,240.00. Enter less than that"),
    *((Step.PAYMENT_NOW, {"choice": "part", "amount": value}, MONEY)
      for value in ("many", "1e5", FULL_WIDTH, "-5", "1.234", LONG, "sNaN", "1_0")),
    (Step.PLAN, {"kind": "endless"}, "Not a valid choice"),
    (Step.AMOUNT, {"monthly": ""}, "Enter the amount that you can pay each month."),
    *((Step.AMOUNT, {"monthly": value}, MONEY)
      for value in ("ten", "1e5", FULL_WIDTH, "-400", "400.123", LONG, "NaN")),
    (Step.AMOUNT, {"monthly": "0"}, "Pay at least $322."),
    (Step.AMOUNT, {"monthly": "100"}, "Pay at least $322."),
    (Step.AMOUNT, {"monthly": "18,240.01"}, "Enter at most $18,240.00 a month: you owe no more than that."),
    (Step.DAY, {"day": ""}, "Choose a day."),
    *((Step.DAY, {"day": value}, "Choose one of the days that are possible.")
      for value in ("0", "29", "31", "-1", "1e1", FULL_WIDTH, "15.5", LONG)),
    (Step.DAY, {"day": "24"}, "Day 24 is not possible"),
    *((Step.HOUSEHOLD, {"people": value, "income": "30000"}, "Enter a number of people from 1 to 20")
      for value in ("0", "-2", "many", "1e1", "２", "21", "99999999999999999999")),
    (Step.HOUSEHOLD, {"people": "2", "income": ""}, "Enter the income of your household"),
    (Step.HOUSEHOLD, {"people": "", "income": "30000"}, "Enter a number of people from 1 to 20"),
    (Step.HOUSEHOLD, {"people": "2", "income": "1e9"}, MONEY),
    (Step.HOUSEHOLD, {"people": "2", "income": "999999999999"}, "Enter at most $99,999,999.99."),
    (Step.METHOD, {"method": "cash"}, "Not a valid choice"),
    (Step.BANK, {"type": "secret"}, "Not a valid choice"),
    (Step.BANK, {"routing_number": "", "account_number": ACCOUNT}, "Enter the routing number of the bank."),
    *((Step.BANK, {"routing_number": value, "account_number": ACCOUNT}, ROUTING_NUMBER)
      for value in ("121042883", "991042882", "12104288", "1210428822", "12104288a", "１２１０４２８８２",
                    "000000000")),
    (Step.BANK, {"account_number": ""}, "Enter the account number."),
    *((Step.BANK, {"account_number": value}, ACCOUNT_NUMBER)
      for value in ("0000000", "123", "123456789012345678", "12_34", "１２３４５６", "1.2e5")),
    (Step.BANK, {"account_number": "1000000901"}, "The bank does not know this account."),
    (Step.CONTACT, {"language": "tlh"}, "Not a valid choice"),
    (Step.CONTACT, {"reminders": "perhaps"}, "Not a valid choice"),
]  # fmt: skip


@pytest.fixture
def applicant(app: Flask) -> Browser:
    """Somebody who has answered every question, and goes back to one."""
    write_draft()
    return inside(app, "owing")


def secrets() -> dict[Step, dict[str, Any]]:
    """What is never filled in again, so that it has to be typed each time."""
    return {
        Step.IDENTITY: {"ssn": ssn_of("owing"), "born_on": BORN},
        Step.BANK: {"account_number": ACCOUNT, "routing_number": ROUTING},
    }


@pytest.mark.parametrize(
    ("step", "answers", "words"), REFUSED, ids=lambda value: str(value)[:40] if not isinstance(value, dict) else None
)
def test_a_bad_answer_comes_back_with_what_to_do(
    applicant: Browser, step: Step, answers: dict[str, Any], words: str
) -> None:
    before = draft_of(user("owing").id, TODAY)

    page = applicant.fill_in(f"/apply/{step}", **secrets().get(step, {}) | answers)

    assert page.status == 422
    assert words in page.text
    assert page.text.startswith("Error: ")
    assert 'class="usa-alert usa-alert--error error-summary"' in page.html
    assert 'aria-invalid="true"' in page.html or "usa-form-group--error" in page.html
    assert draft_of(user("owing").id, TODAY) == before


@pytest.mark.parametrize("step", [step for step in Step if step not in (Step.BALANCE, Step.EMPLOYER, Step.HOUSEHOLD)])
def test_a_form_with_nothing_in_it_is_refused(applicant: Browser, step: Step) -> None:
    applicant.get(f"/apply/{step}")

    page = applicant.submit(f"/apply/{step}", {})

    assert page.status == 422
    assert page.text.startswith("Error: ")


def test_what_was_typed_stands_there_again(applicant: Browser) -> None:
    page = applicant.fill_in("/apply/address", street="7 New Street", phone="abc")

    assert 'value="7 New Street"' in page.html
    assert 'value="abc"' in page.html


def test_what_was_typed_into_an_amount_stands_there_as_it_was_typed(applicant: Browser) -> None:
    page = applicant.fill_in("/apply/amount", monthly="4oo")

    assert 'value="4oo"' in page.html


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        (Step.IDENTITY, {"ssn": "900-70-0000", "first_name": "", "born_on": BORN}),
        (Step.BANK, {"account_number": "99887766", "routing_number": "121042883"}),
    ],
)
def test_secrets_are_not_typed_back(applicant: Browser, step: Step, answers: dict[str, Any]) -> None:
    page = applicant.fill_in(f"/apply/{step}", **answers)

    assert page.status == 422
    for secret in ("900-70-0000", "900700000", "99887766", ACCOUNT):
        assert secret not in page.html


@pytest.mark.parametrize("address", ["identity", "bank", "review", "signature"])
def test_no_page_of_an_application_shows_a_number_in_full(applicant: Browser, address: str) -> None:
    html = applicant.get(f"/apply/{address}").html

    for secret in (ssn_of("owing"), ACCOUNT):
        assert secret not in html


WELCOME: list[tuple[Step, dict[str, Any], dict[str, str]]] = [
    (Step.ADDRESS, {"phone": "1 (217) 555.0142", "postal_code": " 62701 1234 "},
     {"phone": "217-555-0142", "postal_code": "62701-1234"}),
    (Step.ADDRESS, {"phone": "+1 217 555 0142"}, {"phone": "217-555-0142"}),
    (Step.AMOUNT, {"monthly": "$1,250.5"}, {"monthly": "1250.50"}),
    (Step.BANK, {"routing_number": " 1210-4288 2", "account_number": "5550-0044 18"},
     {"routing_number": ROUTING, "account_number": ACCOUNT}),
    (Step.HOUSEHOLD, {"people": " 03 ", "income": "45,000"}, {"people": "3", "income": "45000.00"}),
    (Step.PAYMENT_NOW, {"choice": "nothing", "amount": "nonsense"}, {"choice": "nothing", "amount": ""}),
    (Step.CIRCUMSTANCES, {"true": "none"}, {"true": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("step", "answers", "kept"), WELCOME)
def test_spaces_dashes_and_commas_are_welcome(
    applicant: Browser, step: Step, answers: dict[str, Any], kept: dict[str, str]
) -> None:
    page = applicant.fill_in(f"/apply/{step}", **secrets().get(step, {}) | answers)

    assert page.status == 200
    draft = draft_of(user("owing").id, TODAY)
    assert draft
    assert {name: draft.answers[step][name] for name in kept} == kept


def test_a_number_that_is_not_the_owners_counts_and_after_five_of_them_nothing_is_looked_at(
    applicant: Browser, app: Flask
) -> None:
    for _try in range(5):
        page = applicant.fill_in("/apply/identity", ssn=ssn_of("stranger"), born_on=BORN)
        assert "This is not the number that we have for you." in page.text

    page = applicant.fill_in("/apply/identity", **secrets()[Step.IDENTITY])

    assert page.status == 422
    assert "There were too many tries" in page.text
    assert applicant.get("/apply/review").status == 200


def test_after_three_unknown_accounts_the_bank_is_not_asked_any_more(applicant: Browser) -> None:
    for number in ("1000000901", "1000000902", "1000000903"):
        assert "does not know this account" in applicant.fill_in("/apply/bank", account_number=number).text

    page = applicant.fill_in("/apply/bank", account_number=ACCOUNT)

    assert page.status == 422
    assert "no other can be tried for a day" in page.text


def test_the_bank_is_named_while_its_number_is_typed(applicant: Browser) -> None:
    part = applicant.get("/apply/bank?routing_number=231380104", part="bank")

    assert part.text == "This is a number of Citadel Federal Credit Union."
    assert applicant.get("/apply/bank?routing_number=000", part="bank").text == ""


def test_what_an_amount_comes_to_is_shown_while_it_is_typed(applicant: Browser) -> None:
    part = applicant.get("/apply/amount?monthly=500", part="estimate")

    assert "Paid off on" in part.text
    assert "with 43 payments" in part.text
    trouble = applicant.get("/apply/amount?monthly=12", part="estimate")
    assert trouble.text.startswith("Pay at least $322.")
    assert MONEY in applicant.get("/apply/amount?monthly=lots", part="estimate").text


def test_without_scripts_a_button_shows_what_an_amount_comes_to_and_keeps_nothing(applicant: Browser) -> None:
    before = draft_of(user("owing").id, TODAY)

    page = applicant.fill_in("/apply/amount", monthly="500", show="y")

    assert page.status == 200
    assert "with 43 payments" in page.one("estimate")
    assert draft_of(user("owing").id, TODAY) == before


def test_what_is_owed_divided_by_the_months_of_the_term_is_shown_as_what_it_is(applicant: Browser) -> None:
    page = applicant.get("/apply/amount")

    assert "Why not $18,240.00 divided by 72?" in page.text
    assert "$253.33 a month" in page.text
    assert "would still be owed" in page.text
