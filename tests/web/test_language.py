"""Languages: which one somebody is spoken to in, how it is chosen and kept, and that nothing is left in English."""

import html
import re
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.db import db
from portal.domain.answers import Step
from portal.domain.money import Money
from portal.models import Authorization, Payment, TrailEvent, User
from portal.models.mail import MailKind
from portal.queries.standings import account_view
from portal.web import language, mail
from tests.applicant import BY_PAYROLL, ask_employer, go_through, mails, sign
from tests.browser import Browser, Page
from tests.cast import PASSWORD, TODAY, email_of, taxpayer, user
from tests.messages import catalog, strings
from tests.test_access import HOUSEHOLDS, TABLE, inside
from tests.web.test_mail import FACTS, letter
from tests.web.test_sign_in import token_of, tries

SPANISH, ENGLISH = "es_US", "en_US"
CHOOSE_SPANISH = {"language": SPANISH}


def preferring(app: Flask, languages: str) -> Browser:
    """The browser of somebody who has not signed in, with languages of its own."""
    browser = Browser(app)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = languages
    return browser


def spoken(page: Page) -> str:
    """The language that the page says it is in; its words have to agree."""
    assert page.tree is not None
    tag = str(page.tree.get("lang"))
    assert ("Ayuda" in page.text) == (tag == "es")
    return tag


def language_of(role: str) -> str:
    return db.session.execute(select(User.language).where(User.email == email_of(role))).scalar_one()


def speaks(role: str, wanted: str) -> None:
    db.session.execute(update(User).where(User.email == email_of(role)).values(language=wanted))
    db.session.commit()


# The first visit.


@pytest.mark.parametrize(
    ("languages", "tag"),
    [
        *(("es", "es"), ("es-MX,es;q=0.9,en-US;q=0.8,en;q=0.7", "es"), ("ES-us", "es"), ("fr,es;q=0.3", "es")),
        *(("en-US,en;q=0.9,es;q=0.8", "en"), ("en-GB,es-US;q=0.9", "en"), ("es;q=0.2,en;q=0.9", "en")),
        *(("fr", "en"), ("", "en"), ("*", "en"), ("es;q=0", "en"), ("est", "en"), (";;q=x,,=", "en")),
        ("x" * 5_000, "en"),
    ],
)
def test_the_browser_decides_on_the_first_visit(app: Flask, languages: str, tag: str) -> None:
    page = preferring(app, languages).get("/")

    assert spoken(page) == tag
    assert "Accept-Language" in page.response.headers["Vary"]


# Choosing.


def test_a_choice_is_kept_from_page_to_page(app: Flask, browser: Browser) -> None:
    page = browser.submit("/language", CHOOSE_SPANISH, at="/")

    assert spoken(page) == "es"
    assert [spoken(browser.get(each)) for each in ("/help", "/sign-in", "/nowhere")] == ["es", "es", "es"]
    assert spoken(browser.submit("/language", {"language": ENGLISH}, at="/")) == "en"


def test_a_choice_outweighs_the_browser(app: Flask) -> None:
    browser = preferring(app, "es")
    browser.submit("/language", {"language": ENGLISH}, at="/")

    assert spoken(browser.get("/help")) == "en"


def test_each_page_offers_the_other_language_by_its_own_name(app: Flask, browser: Browser) -> None:
    assert '<button name="language" value="es_US" lang="es">Español</button>' in browser.get("/help").html
    browser.submit("/language", CHOOSE_SPANISH, at="/help")

    assert '<button name="language" value="en_US" lang="en">English</button>' in browser.get("/help").html
    assert "Español" not in browser.get("/help").html


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        *(("http://localhost/help", "/help"), ("http://localhost/sign-in?next=/account", "/sign-in?next=/account")),
        *((each, "/") for each in ("", "http://localhost/", "http://localhost/nowhere", "http://localhost/sign-out")),
        *((each, "/") for each in ("https://evil.example/", "http://localhost.evil.example/help", "//evil.example")),
        *((each, "/") for each in ("http://localhost//evil.example", "http://localhost/\\evil.example", "help")),
    ],
)
def test_one_comes_back_to_where_one_was(app: Flask, referrer: str, back: str) -> None:
    client = app.test_client()
    data = {"csrf_token": token_of(client.get("/sign-in")), **CHOOSE_SPANISH}
    answer = client.post("/language", data=data, headers={"Referer": referrer})

    assert (answer.status_code, answer.location) == (303, back)


@pytest.mark.parametrize("wanted", ["", "es", "fr_FR", "ES_US", "es_US ", "../en_US", "\0", "x" * 5_000])
def test_a_language_that_is_not_spoken_changes_nothing(app: Flask, wanted: str) -> None:
    browser = inside(app, "ontime")
    page = browser.submit("/language", {"language": wanted}, at="/account")

    assert page.status == 400
    assert spoken(browser.get("/account")) == "en"
    assert language_of("ontime") == ENGLISH


def test_no_link_and_no_other_site_chooses(app: Flask, browser: Browser) -> None:
    assert browser.get("/language?language=es_US").status == 405
    assert browser.post("/language", CHOOSE_SPANISH).status == 400
    assert spoken(browser.get("/help?language=es_US")) == "en"


# Kept with the person.


def test_who_is_signed_in_keeps_the_language_for_good(app: Flask) -> None:
    inside(app, "ontime").submit("/language", CHOOSE_SPANISH, at="/account")

    assert language_of("ontime") == SPANISH
    assert language_of("stranger") == ENGLISH
    assert spoken(inside(app, "ontime").get("/account")) == "es", "on another device"


def test_a_choice_is_written_once_into_the_trail(app: Flask) -> None:
    browser = inside(app, "ontime")
    for wanted in (ENGLISH, SPANISH, SPANISH):
        browser.submit("/language", {"language": wanted}, at="/account")

    told = select(TrailEvent.subject, TrailEvent.taxpayer_id, TrailEvent.details)
    assert [tuple(row) for row in db.session.execute(told.where(TrailEvent.event == "user.spoken_to"))] == [
        (str(user("ontime").id), taxpayer("ontime").id, {"language": SPANISH})
    ]


def test_at_the_sign_in_ones_own_language_wins(app: Flask) -> None:
    speaks("ontime", SPANISH)
    english, spanish = preferring(app, "en"), preferring(app, "es")
    tries(english.client, email_of("ontime"), PASSWORD)
    tries(spanish.client, email_of("stranger"), PASSWORD)

    assert spoken(english.get("/account")) == "es"
    assert spoken(spanish.get("/account")) == "en"


def test_what_was_chosen_on_the_way_in_is_kept(app: Flask, browser: Browser) -> None:
    browser.submit("/language", CHOOSE_SPANISH, at="/sign-in")
    tries(browser.client, email_of("ontime"), PASSWORD)

    assert spoken(browser.get("/account")) == "es"
    assert language_of("ontime") == SPANISH


def test_the_next_person_at_the_same_screen_keeps_their_own(app: Flask, browser: Browser) -> None:
    """Whoever leaves is still spoken to in their language; that is not the choice of whoever comes."""
    browser.submit("/language", CHOOSE_SPANISH, at="/sign-in")
    tries(browser.client, email_of("ontime"), PASSWORD)
    left = browser.submit("/sign-out", {}, at="/account")
    tries(browser.client, email_of("stranger"), PASSWORD)

    assert spoken(left) == "es"
    assert spoken(browser.get("/account")) == "en"
    assert language_of("stranger") == ENGLISH


def test_two_people_read_the_same_account_each_in_their_language(app: Flask) -> None:
    """What was drawn for one is not shown to the other, though the account is the same."""
    browser = inside(app, "ontime")
    seen = []
    for wanted in (SPANISH, ENGLISH, SPANISH):
        speaks("ontime", wanted)
        seen.append(spoken(browser.get("/account")))

    assert seen == ["es", "en", "es"]


# How it is written.


def in_spanish(say: Callable[[], Any]) -> Any:
    """What is said in Spanish, to nobody but the test that asks."""
    context = Context()
    context.run(language.choose, SPANISH)
    return context.run(say)


def test_amounts_and_dates_are_written_as_spanish_is_in_the_united_states() -> None:
    assert in_spanish(lambda: language.money(Money(123_450))) == "$1,234.50"
    assert in_spanish(lambda: language.money(Money(-123_450))) == "-$1,234.50"
    assert in_spanish(lambda: language.day(date(2026, 12, 15))) == "15 de diciembre de 2026"
    assert in_spanish(lambda: language.short_day(date(2026, 12, 15))) == "15 dic 2026"


@pytest.mark.parametrize(("number", "said"), [(0, "0 pagos"), (1, "1 pago"), (2, "2 pagos")])
def test_one_and_many_are_told_apart(number: int, said: str) -> None:
    assert in_spanish(lambda: language.ngettext("%(num)s payment", "%(num)s payments", number)) == said


def test_no_message_is_no_message() -> None:
    """What a catalog says about itself is not for people."""
    assert in_spanish(lambda: language.gettext("")) == ""


def test_what_was_written_before_anybody_asked_is_said_in_the_language_of_who_reads() -> None:
    label = language.lazy_gettext("Password")

    assert (str(label), in_spanish(lambda: str(label))) == ("Password", "Contraseña")


# Nothing is left in English.


@cache
def english() -> dict[str, str]:
    """Pieces of English that nobody may read in Spanish, each with its message: what stands between the facts."""
    pieces = {}
    for message in catalog(SPANISH):
        originals = (message.id,) if isinstance(message.id, str) else message.id
        for original, translated in zip(originals, strings(message), strict=True):
            for piece in re.split(r"%\(\w+\)[sd]|%%", original):
                if len(piece.strip()) > 12 and piece.strip() not in translated:
                    pieces[piece.strip()] = original
    return pieces


def left_in_english(page: Page) -> list[str]:
    """What of it stands anywhere in a page, what is read out and not shown included."""
    return english_in(html.unescape(page.html))


def english_in(text: str) -> list[str]:
    text = re.sub(r"\s+", " ", text)
    return [original for piece, original in english().items() if piece in text]


class Reader(Browser):
    """Somebody who reads Spanish only, and notes on which page English is left."""

    def __init__(self, app: Flask, role: str | None = None) -> None:
        self.client = preferring(app, "es").client if role is None else inside(app, role).client
        self.pages: dict[str, list[str]] = {}

    def _read(self, response: TestResponse, part: str | None) -> Page:
        page = super()._read(response, part)
        if page.tree is not None:
            assert spoken(page) == "es", response.request.path
            self.pages.setdefault(response.request.path, []).extend(left_in_english(page))
        return page

    @property
    def left(self) -> dict[str, list[str]]:
        return {address: found for address, found in self.pages.items() if found}


def addresses_of(role: str) -> Iterator[str]:
    """Every kind of page that an account has, with one payment in each state."""
    pages = (row for row in TABLE.values() if row.is_html and "GET" in row.methods)
    yield from (row.address for row in pages if "{" not in row.address)
    owner = taxpayer(role)
    for year in account_view(owner.id, TODAY).standing.years:
        yield f"/account/periods/{year.facts.tax_year}"
    latest = select(func.max(Payment.reference)).where(Payment.taxpayer_id == owner.id).group_by(Payment.state)
    yield from (f"/account/payments/{each}" for each in db.session.execute(latest).scalars())
    yield from ("/account/periods/2023?on=1&on=2&on=2024", "/account/payments?state=nonsense", "/nowhere")


@pytest.mark.parametrize("role", HOUSEHOLDS)
def test_no_page_of_an_account_is_left_in_english(app: Flask, role: str) -> None:
    speaks(role, SPANISH)
    browser = inside(app, role)
    browser.get("/account")
    left = {}
    for address in addresses_of(role):
        page = browser.get(address)
        if page.tree is not None:
            assert spoken(page) == "es", address
        if found := left_in_english(page):
            left[address] = found

    assert left == {}


@pytest.mark.parametrize("role", ["agent", "nobody"])
def test_no_public_page_is_left_in_english(app: Flask, role: str) -> None:
    browser = preferring(app, "es")
    if role != "nobody":
        speaks(role, SPANISH)
        browser = inside(app, role)
    for address in ("/", "/help", "/accessibility", "/sign-in", "/nowhere"):
        assert left_in_english(browser.get(address)) == [], address


def test_what_was_typed_wrongly_is_explained_in_spanish(app: Flask) -> None:
    """Our words, those of a refusal, and those of WTForms itself."""
    browser = preferring(app, "es")
    empty = browser.submit("/sign-in", {"email": "", "password": ""})
    wrong = browser.submit("/sign-in", {"email": email_of("ontime"), "password": "wrong"})
    long = browser.submit("/sign-in", {"email": "x" * 255, "password": "wrong"})

    assert "Escriba su correo electrónico." in empty.one("email-error")
    assert "no coinciden" in wrong.text
    assert "Este campo no puede tener más de 254 caracteres." in long.one("email-error")
    assert [left_in_english(page) for page in (empty, wrong, long)] == [[], [], []]


def test_a_missing_token_is_explained_in_spanish(app: Flask) -> None:
    page = preferring(app, "es").post("/sign-in", {})

    assert page.status == 400
    assert "Este formulario ya no es válido" in page.text


@pytest.mark.parametrize("kind", FACTS)
def test_mail_is_in_spanish(empty: Flask, kind: MailKind) -> None:
    """Its subject, its text, and how the agency is reached."""
    message = mail.render(replace(letter(kind, **FACTS[kind]), language=SPANISH))
    text = re.sub(r"\s+", " ", f"{message['Subject']} {message.get_content()}")

    assert "Hola" in text
    assert "de lunes a viernes" in text
    assert english_in(text) == []


def test_a_part_is_in_spanish_as_well(app: Flask) -> None:
    speaks("ontime", SPANISH)
    part = inside(app, "ontime").get("/account/payments", part="history")

    assert "Descargar estos pagos" in part.text
    assert left_in_english(part) == []


# An application, from the first question to what was agreed.


IN_SPANISH: dict[str, dict[str, str]] = {"contact": {"language": SPANISH, "reminders": "yes"}}
WAYS: list[dict[str, dict[str, str]]] = [
    {},
    BY_PAYROLL,
    {"method": {"method": "manual"}, "household": {"people": "4", "income": "60000"}},
    {"plan": {"kind": "short_term"}, "amount": {"monthly": "4000"}},
    {"payment_now": {"choice": "part", "amount": "5000"}},
]


@pytest.mark.parametrize("way", WAYS)
def test_no_page_of_an_application_is_left_in_english(app: Flask, way: dict[str, dict[str, str]]) -> None:
    """With each way of paying: the questions, the review, the texts, the decision, and what stands in the account."""
    speaks("owing", SPANISH)
    reader = Reader(app, "owing")

    go_through(reader, **IN_SPANISH, **way)
    decided = sign(reader)
    for address in ("/agreement", "/account", "/account/upcoming", "/account/payments"):
        reader.get(address)
    if way is BY_PAYROLL:
        reader.get("/agreement/deduction")

    assert decided.text.startswith("Su plan está vigente")
    assert {"/apply", "/apply/identity", "/apply/amount", "/apply/review", "/apply/signature"} <= reader.pages.keys()
    assert reader.left == {}


@pytest.mark.parametrize("way", [{}, BY_PAYROLL])
def test_what_is_signed_in_spanish_is_kept_in_spanish(app: Flask, way: dict[str, dict[str, str]]) -> None:
    """Word for word, and it stays so for who reads English afterwards."""
    speaks("owing", SPANISH)
    browser = inside(app, "owing")
    go_through(browser, **IN_SPANISH, **way)
    sign(browser)

    rows = select(Authorization).where(Authorization.taxpayer_id == taxpayer("owing").id).order_by(Authorization.id)
    terms, permission = db.session.execute(rows).scalars()
    speaks("owing", ENGLISH)
    downloaded = browser.client.get(f"/agreement/authorizations/{terms.reference}").text

    assert [terms.language, permission.language] == [SPANISH, SPANISH]
    assert terms.text.startswith("Yo, Olivia Owens, acuerdo con")
    assert "el 23 de noviembre de 2026" in terms.text
    assert permission.text.startswith("Pido a mi empleador" if way else "Autorizo a")
    assert english_in(f"{terms.text} {permission.text}") == []
    assert terms.text.partition("\n")[0] in downloaded


def test_what_is_answered_wrongly_is_explained_in_spanish(app: Flask) -> None:
    """Every question sent empty, each once it is due; and the signature."""
    speaks("owing", SPANISH)
    reader = Reader(app, "owing")
    go_through(reader, **IN_SPANISH, **BY_PAYROLL)
    refused = [step for step in (*Step, "signature") if reader.submit(f"/apply/{step}", {}).status == 422]

    assert {Step.IDENTITY, Step.AMOUNT, Step.EMPLOYER, "signature"} <= set(refused)
    assert reader.left == {}


def test_a_refusal_gives_its_reasons_in_spanish(app: Flask) -> None:
    """Before it is in writing, in writing, and on the way to an agency that helps in hardship."""
    speaks("overlimit", SPANISH)
    reader = Reader(app, "overlimit")
    answers = {"returns": {"filed": "no"}, "circumstances": {"true": ["bankruptcy", "offer", "court"]}}
    go_through(reader, "overlimit", until=Step.PLAN, **answers)
    reader.get("/apply/spending")
    reader.get("/apply/hardship")

    decided = reader.submit("/apply/refusal", {}, at="/apply/plan")

    assert decided.text.startswith("No podemos acordar un plan ahora")
    assert "Pague $11,000.01 hoy" in decided.text
    assert {"/apply/spending", "/apply/hardship"} <= reader.pages.keys()
    assert reader.left == {}


def test_an_employer_reads_and_answers_in_the_language_of_its_browser(app: Flask) -> None:
    """The request, what is wrong in an answer, the answer, and a report of a payday."""
    ask_employer()
    reader = Reader(app)
    [(_to, asked)] = mails(MailKind.EMPLOYER_REQUEST)
    reader.submit(asked["link"], {})
    answered = reader.submit(asked["link"], {"answer": "yes", "name": "Pat Payer"})
    [(_to, confirmed)] = mails(MailKind.EMPLOYER_CONFIRMED)
    reader.submit(confirmed["link"], {})
    reported = reader.submit(confirmed["link"], {"paid_on": ["11", "23", "2026"], "amount": "184.62"})
    reader.get(f"/payroll/{'x' * 43}")

    assert answered.text.startswith("Esta solicitud ya está respondida")
    assert "Anotamos $184.62 por el día de pago del 23 de noviembre de 2026." in reported.text
    assert reader.left == {}
