"""On paper, enlarged, in forced colors, without motion, and with nothing but a keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Arrives
from tests.journeys.visitor import DESK_WITHOUT_SCRIPTS, PHONE, Device

PAGES = ("/", "/eligibility", "/calculator", "/account/upcoming", "/account/notices", "/account/periods/2023",
         "/help", "/accessibility", "/nowhere")  # fmt: skip
DENSE = ("/account", "/account/payments", "/account/periods/2023", "/sign-in", "/calculator")
CONTROLS = "a[href], button, summary, select, textarea, input:not([type=hidden])"
STOP = """(controls) => {
  const one = document.activeElement, style = getComputedStyle(one), place = one.getBoundingClientRect();
  return [[...document.querySelectorAll(controls)].indexOf(one), one.outerHTML.slice(0, 120),
    style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth];
}"""
CUT_OFF = """[...document.querySelectorAll('main *, header *, nav *, footer *')].filter((each) => {
  const style = getComputedStyle(each);
  return !each.closest('.usa-sr-only, thead, svg, progress') && style.overflow !== 'visible'
    && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1);
}).map((each) => each.outerHTML.slice(0, 200))"""
MOVING = """[...document.querySelectorAll('*')].filter(
  (each) => getComputedStyle(each).transitionDuration !== '0s').length"""
TWICE = {"standard": 32, "fixed": 26}


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_every_page_is_in_order(enters: Arrives, device: Device, address: str) -> None:
    visitor = enters(device, "ontime")
    with visitor.expecting("404 GET .*/nowhere"):
        visitor.open(address)


@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_paper_has_the_figures_and_no_navigation(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "ontime")
    page = visitor.page
    page.goto("/account")

    page.emulate_media(media="print")

    expect(page.get_by_role("navigation", name="Main", include_hidden=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Sign out", include_hidden=True)).to_be_hidden()
    expect(page.locator("#owed .lead")).to_be_visible()
    expect(page.locator(".chart")).to_be_visible()
    expect(page.locator("#owed details table").last).to_be_visible()
    expect(page.locator("#owed summary").last).to_be_visible()
    assert len(page.pdf(format="Letter")) > 10_000
    page.emulate_media(media="null")
    expect(page.locator("details[open]")).to_have_count(0)


@pytest.mark.parametrize("device", [PHONE], ids=lambda device: device.name)
def test_forced_colors_and_no_motion_take_nothing_away(enters: Arrives, device: Device) -> None:
    visitor = enters(device, "ontime", forced_colors="active", reduced_motion="reduce")
    page = visitor.page

    visitor.open("/account")

    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    expect(page.locator(".chart-past")).to_be_visible()
    expect(page.locator("progress")).to_be_visible()
    assert page.evaluate(MOVING) == 0


@pytest.mark.parametrize("address", [*DENSE, "/eligibility"])
def test_letters_of_twice_the_size_lose_nothing(enters: Arrives, address: str) -> None:
    half = Device("half", 640, 800, runs_scripts=True, scheme="light")
    visitor = enters(half, "ontime")
    page = visitor.page
    session = visitor.context.new_cdp_session(page)
    session.send("Page.setFontSizes", {"fontSizes": TWICE})

    page.goto(address)

    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 34
    assert page.evaluate(CUT_OFF) == []
    visitor.look()


@pytest.mark.parametrize("address", DENSE)
@pytest.mark.parametrize("device", [PHONE, DESK_WITHOUT_SCRIPTS], ids=lambda device: device.name)
def test_the_tab_key_reaches_every_control_in_order_and_shows_where_it_is(
    enters: Arrives, device: Device, address: str
) -> None:
    page = enters(device, "ontime").page
    page.goto(address)
    shown = visible_controls(page)

    stops = []
    for _stop in shown:
        page.keyboard.press("Tab")
        number, markup, has_outline, is_in_view = page.evaluate(STOP, CONTROLS)
        assert has_outline, f"no outline: {markup}"
        assert is_in_view, f"out of view: {markup}"
        stops.append(number)

    assert stops == shown


def visible_controls(page: Page) -> list[int]:
    """The numbers of all controls that are not folded away."""
    numbers: list[int] = page.evaluate(
        """(controls) => [...document.querySelectorAll(controls)].flatMap((each, number) =>
          each.checkVisibility() && each.getClientRects().length ? [number] : [])""",
        CONTROLS,
    )
    return numbers
