"""Somebody who reads Spanish: on every screen, with and without scripts."""

from playwright.sync_api import expect

from tests.cast import PASSWORD, email_of
from tests.journeys.conftest import Arrives
from tests.journeys.visitor import Device

PUBLIC = ("/help", "/accessibility", "/sign-in", "/")
OWN = ("/account/payments", "/account/upcoming", "/account/notices", "/account/periods/2023", "/account")


def test_from_the_first_page_to_the_last_in_spanish(arrives: Arrives, device: Device) -> None:
    """The browser's own language at first, the person's once signed in, and another at any time; nothing scrolls
    sideways, whose words are longer. At the end all is as it was, for others live in this town.
    """
    visitor = arrives(device, locale="es-US")
    page = visitor.page
    for address in PUBLIC:
        visitor.open(address)
    expect(page.locator("html[lang=es]")).to_be_attached()

    page.get_by_role("link", name="Iniciar sesión").first.click()
    page.get_by_label("Correo electrónico").fill(email_of("indefault"))
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()

    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Su cuenta")).to_be_visible()
    for address in OWN:
        visitor.open(address)
        for folded in page.locator("summary").all():
            folded.click()
        visitor.look()

    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.locator("html[lang=en]")).to_be_attached()
