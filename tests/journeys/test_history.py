"""Looking for a payment, following it, and taking the list along."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrives
from tests.journeys.test_figures import is_marked, mark
from tests.journeys.visitor import DESK, DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS, Device


def test_the_history_is_narrowed_by_year_and_state(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "ontime")
    page = visitor.page
    visitor.open("/account/payments")
    all_of_them = references(page)
    mark(page)

    page.get_by_label("Year").select_option("2025")
    page.get_by_label("State").select_option(label="Posted")
    page.get_by_role("button", name="Show").press("Enter")

    expect(page).to_have_url(re.compile(r"/account/payments\?year=2025&kind=&state=settled$"))
    some = references(page)
    assert set(some) < set(all_of_them)
    assert some
    assert is_marked(page) == device.runs_scripts, "with scripts the page stays and the list alone is replaced"
    if device.runs_scripts:
        assert visitor.focused() == "Show"
    expect(page.get_by_label("Year")).to_have_value("2025")
    visitor.look()

    page.go_back()
    expect(page.locator("#history tbody tr")).to_have_count(len(all_of_them))
    assert references(page) == all_of_them
    visitor.look()


@pytest.mark.parametrize("device", [PHONE_WITHOUT_SCRIPTS, DESK], ids=lambda device: device.name)
def test_what_matches_nothing_says_so(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "ontime")
    page = visitor.page
    page.goto("/account/payments")

    page.get_by_label("State").select_option(label="Returned")
    page.get_by_role("button", name="Show").click()

    expect(page.locator("#history")).to_contain_text("No payments match.")
    visitor.look()


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_a_payment_is_followed_from_promise_to_posting_and_one_returns(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "ontime")
    page = visitor.page
    page.goto("/account/payments")
    page.get_by_label("State").select_option(label="Posted")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("state=settled"))

    reference = references(page)[0]
    page.get_by_role("link", name=reference).click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Payment {reference}")
    expect(page.locator(".timeline .timeline-what")).to_have_text(["Promised", "Pending", "Posted"])
    expect(page.get_by_role("table", name="Where the money went")).to_contain_text("Tax")
    visitor.look()

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Payments")
    assert reference in references(page)
    page.get_by_role("link", name=reference).click()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Payments").click()
    expect(page).to_have_url("/account/payments")


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_a_returned_payment_says_why_and_what_it_cost(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "indefault")
    page = visitor.page
    page.goto("/account")

    page.locator("#history").get_by_role("row").filter(has_text="Returned").get_by_role("link").first.click()

    expect(page.get_by_role("main")).to_contain_text("The payment was stopped.")
    visitor.look()


@pytest.mark.parametrize("device", [DESK, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_the_file_has_the_rows_of_the_page(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "ontime")
    page = visitor.page
    page.goto("/account/payments")
    page.get_by_label("Year").select_option("2026")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("year=2026"))

    with page.expect_download() as download:
        page.get_by_role("link", name="Download these payments as CSV").click()

    with download.value.path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert download.value.suggested_filename == "payments-2026-11-23.csv"
    assert [row["Reference"] for row in rows] == references(page)
    assert all(row["Date"].startswith("2026-") for row in rows)


def references(page: Page) -> list[str]:
    return page.locator("#history tbody a").all_inner_texts()
