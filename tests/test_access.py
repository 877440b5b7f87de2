"""Who may see what: every address, every method, every role; and nobody ever reads what belongs to somebody else."""

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import config, create_app
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.money import Money
from portal.models import (
    Agreement,
    Application,
    Approval,
    Authorization,
    BankAccount,
    BankFile,
    Batch,
    MethodChange,
    Notice,
    Objection,
    PasswordReset,
    Payment,
    PayrollDeduction,
    QuarantinedLine,
    Registration,
    SignIn,
    Taxpayer,
    Tender,
    User,
)  # fmt: skip
from portal.models.support import SupportReason
from portal.office import office
from portal.queries.standings import account_view
from portal.queries.statements import history
from portal.services import bank_accounts, sign_ins, support
from portal.services.support import Wish
from portal.web import pdf
from portal.web.language import money
from tests.browser import Browser
from tests.cast import TODAY, email_of, taxpayer, user
from tests.stopped_clock import NOW, StoppedClock

OWNER, OTHER = "ontime", "stranger"
HOUSEHOLDS = ("owing", "ontime", "indefault", "stranger", "payroll", "overlimit")
TAXPAYERS = ("owner", "other")
STAFF = ("agent", "supervisor", "administrator")
HELPING = "agent in a support session"
AWAY = ("anonymous", "ended", "idle", "disabled")
ROLES = (*TAXPAYERS, HELPING, *STAFF, *AWAY)

# What an address answers.
PAGE = "page"
SIGN_IN = "to the sign-in"
ABSENT = "no such page"
STALE = "a form without its token"
WRONG = "not by this method"
ALLOWED = "the methods"
BEGIN = "to where an application begins"
TO_AGREEMENT = "to the agreement"
ONLY_LOOK = "only the taxpayer in person"

EVERYBODY = dict.fromkeys(ROLES, PAGE)
A_TAXPAYER = dict.fromkeys((*TAXPAYERS, HELPING), PAGE) | dict.fromkeys(STAFF, ABSENT) | dict.fromkeys(AWAY, SIGN_IN)
SOMEBODY = A_TAXPAYER | dict.fromkeys(STAFF, PAGE)
ITS_OWNER = A_TAXPAYER | {"other": ABSENT}
AN_APPLICANT = A_TAXPAYER | dict.fromkeys((*TAXPAYERS, HELPING), BEGIN)  # who has not begun one
IN_FORCE = A_TAXPAYER | dict.fromkeys((*TAXPAYERS, HELPING), TO_AGREEMENT)  # and neither in default nor ended
IN_PERSON, ITS_OWNER_IN_PERSON = A_TAXPAYER | {HELPING: ONLY_LOOK}, ITS_OWNER | {HELPING: ONLY_LOOK}
A_PAPER = ITS_OWNER_IN_PERSON if pdf.is_available() else IN_PERSON | dict.fromkeys(TAXPAYERS, ABSENT)
AT_THE_DESK = dict.fromkeys((HELPING, "agent", "supervisor"), PAGE) | dict.fromkeys(
    ("administrator", *TAXPAYERS), ABSENT
)
AT_THE_DESK |= dict.fromkeys(AWAY, SIGN_IN)
A_SUPERVISOR = AT_THE_DESK | dict.fromkeys((HELPING, "agent"), ABSENT)
TO_SEARCH = "to the search"
HELPS = AT_THE_DESK | dict.fromkeys(("agent", "supervisor"), TO_SEARCH)  # without a session
A_PLAN = A_TAXPAYER | {"other": TO_AGREEMENT}  # who has none
A_PLAN_IN_PERSON = A_PLAN | {HELPING: ONLY_LOOK}
A_PAPER_OF_EACH = IN_PERSON if pdf.is_available() else A_PAPER
FOR_ADMINISTRATORS = dict.fromkeys((*TAXPAYERS, HELPING, *STAFF), ABSENT) | {"administrator": PAGE}
FOR_ADMINISTRATORS |= dict.fromkeys(AWAY, SIGN_IN)
FOR_SUPERVISORS = FOR_ADMINISTRATORS | {"supervisor": PAGE}
IDENTIFY = "to the facts by which a guest is known"
A_GUEST = dict.fromkeys(ROLES, IDENTIFY)  # for everybody who said who they are, which none of them did
BY_A_LINK = dict.fromkeys(ROLES, ABSENT)  # for everybody, and the link opens nothing
FIRST_STEP = "to the first page of the sign-in"
HALF_IN = dict.fromkeys(ROLES, FIRST_STEP)  # for everybody whose password was right, and nobody else
OPEN = (EVERYBODY, A_GUEST, BY_A_LINK, HALF_IN)


@dataclass(frozen=True)
class Row:
    """An endpoint: an address of it, the methods it declares, who gets its page, and what htmx would ask of it.
    `about` names the households whose data the agency's people may read there.
    """

    address: str
    access: dict[str, str]
    methods: str = "GET"
    part: str = "main"
    is_html: bool = True
    about: tuple[str, ...] = ()


TABLE = {
    "public.start": Row("/", EVERYBODY),
    "public.help": Row("/help", EVERYBODY),
    "public.accessibility": Row("/accessibility", EVERYBODY),
    "eligibility.show": Row("/eligibility", EVERYBODY, "GET POST", part="check"),
    "calculator.show": Row("/calculator", EVERYBODY, part="figures"),
    "sign_in.show": Row("/sign-in", EVERYBODY, "GET POST"),
    "sign_in.code": Row("/sign-in/code", HALF_IN, "GET POST"),
    "sign_in.prove": Row("/sign-in/proof", SOMEBODY, "GET POST"),
    "sign_in.end": Row("/sign-out", EVERYBODY, "POST"),
    "settings.show": Row("/account/settings", SOMEBODY),
    "settings.writing": Row("/account/settings/writing", SOMEBODY, "GET POST"),
    "settings.password": Row("/account/settings/password", SOMEBODY, "GET POST"),
    "settings.email": Row("/account/settings/email", SOMEBODY, "GET POST"),
    "settings.confirm_email": Row(f"/email-change/{'x' * 43}", BY_A_LINK, "GET POST"),
    "settings.undo_email": Row(f"/email-change/undo/{'x' * 43}", BY_A_LINK, "GET POST"),
    "settings.address": Row("/account/settings/address", IN_PERSON, "GET POST"),
    "settings.sessions": Row("/account/settings/sessions", SOMEBODY),
    "settings.end_one": Row("/account/settings/sessions/SI-0000-0000/end", SOMEBODY, "POST"),
    "settings.end_others": Row("/account/settings/sessions/others/end", SOMEBODY, "POST"),
    "second_factor.show": Row("/account/settings/second-factor", SOMEBODY),
    "second_factor.set_up": Row("/account/settings/second-factor/app", SOMEBODY, "GET POST"),
    "second_factor.recovery_codes": Row("/account/settings/second-factor/codes", SOMEBODY),
    "second_factor.make_codes": Row("/account/settings/second-factor/codes/new", SOMEBODY, "POST"),
    "second_factor.keep_codes": Row("/account/settings/second-factor/codes/kept", SOMEBODY, "POST"),
    "second_factor.remove": Row("/account/settings/second-factor/removal", IN_PERSON, "GET POST"),
    "languages.speak": Row("/language", EVERYBODY, "POST"),
    "register.begin": Row("/register", EVERYBODY, "GET POST"),
    "register.sent": Row("/register/sent", EVERYBODY),
    "register.confirm": Row("/register/{registration}", EVERYBODY, "GET POST"),
    "password_reset.begin": Row("/password-reset", EVERYBODY, "GET POST"),
    "password_reset.sent": Row("/password-reset/sent", EVERYBODY),
    "password_reset.finish": Row("/password-reset/{password_reset}", EVERYBODY, "GET POST"),
    "account.show": Row("/account", A_TAXPAYER),
    "history.show": Row("/account/payments", A_TAXPAYER, part="history"),
    "history.download": Row("/account/payments.csv", IN_PERSON, is_html=False),
    "history.one": Row("/account/payments/{reference}", ITS_OWNER),
    "notices.show": Row("/account/notices", A_TAXPAYER, part="inbox"),
    "notices.one": Row("/account/notices/{notice}", ITS_OWNER),
    "notices.download": Row("/account/notices/{notice}.pdf", A_PAPER, is_html=False),
    "history.receipt": Row("/account/payments/{reference}.pdf", A_PAPER, is_html=False),
    "history.paper": Row("/account/payments.pdf", A_PAPER_OF_EACH, is_html=False),
    "agreement_paper.download": Row("/agreement.pdf", A_PAPER, is_html=False),
    "upcoming.show": Row("/account/upcoming", A_TAXPAYER),
    "data.show": Row("/account/data", IN_PERSON, "GET POST"),
    "calendar.download": Row("/account/upcoming.ics", IN_PERSON, is_html=False),
    "calendar.feed": Row(f"/account/upcoming/{'x' * 43}.ics", BY_A_LINK),
    "calendar.make": Row("/account/upcoming/calendar", IN_PERSON, "POST"),
    "calendar.revoke": Row("/account/upcoming/calendar/revocation", IN_PERSON, "POST"),
    "statements.show": Row("/account/statements", A_TAXPAYER, part="statements"),
    "statements.one": Row("/account/statements/{statement}", ITS_OWNER),
    "statements.download": Row("/account/statements/{statement}.pdf", A_PAPER, is_html=False),
    "periods.every": Row("/account/periods", A_TAXPAYER, part="periods"),
    "periods.show": Row("/account/periods/{year}", ITS_OWNER, part="period"),
    "apply.start": Row("/apply", A_TAXPAYER, "GET POST"),
    "apply.answer": Row("/apply/identity", AN_APPLICANT, "GET POST"),
    "apply.review": Row("/apply/review", AN_APPLICANT),
    "apply.sign": Row("/apply/signature", AN_APPLICANT, "GET POST"),
    "apply.refuse": Row("/apply/refusal", AN_APPLICANT, "GET POST"),
    "apply.withdraw": Row("/apply/withdrawal", AN_APPLICANT, "GET POST"),
    "apply.spending": Row("/apply/spending", AN_APPLICANT, "GET POST"),
    "apply.hardship": Row("/apply/hardship", AN_APPLICANT),
    "apply.decision": Row("/apply/decisions/{decision}", ITS_OWNER),
    "apply.download": Row("/apply/decisions/{decision}.pdf", A_PAPER, is_html=False),
    "agreement.show": Row("/agreement", A_TAXPAYER),
    "agreement.deduction": Row("/agreement/deduction", ITS_OWNER),
    "agreement.authorization": Row("/agreement/authorizations/{authorization}", ITS_OWNER_IN_PERSON, is_html=False),
    "new_balance.show": Row("/agreement/balance", IN_FORCE, "GET POST"),
    "changes.change": Row("/agreement/amount", A_PLAN, "GET POST", part="terms"),
    "changes.withdraw": Row("/agreement/withdrawal", A_PLAN, "GET POST", part="terms"),
    "method.bank": Row("/agreement/bank", A_PLAN_IN_PERSON, "GET POST", part="terms"),
    "method.choose": Row("/agreement/method", A_PLAN_IN_PERSON, "GET POST", part="terms"),
    "method.employer": Row("/agreement/method/employer", A_PLAN_IN_PERSON, "GET POST", part="terms"),
    "method.review": Row("/agreement/method/{method_change}", ITS_OWNER_IN_PERSON, "GET POST", part="terms"),
    "method.undo": Row("/agreement/method/{method_change}/undo", A_TAXPAYER, "POST"),
    "method.stop": Row(f"/agreement/changes/{'x' * 43}", BY_A_LINK, "GET POST"),
    "method.stopped": Row("/agreement/changes/stopped", EVERYBODY),
    "default.cure": Row("/agreement/cure", IN_FORCE),
    "default.reinstate": Row("/agreement/reinstatement", IN_FORCE, "GET POST"),
    "pay.show": Row("/pay", EVERYBODY, "GET POST"),
    "pay.review": Row("/pay/review/{draft}", ITS_OWNER, "GET POST"),
    "pay.cancel": Row("/account/payments/{reference}/cancellation", A_TAXPAYER, "POST"),
    "pay.coupon": Row("/pay/coupon", A_TAXPAYER),
    "guest.show": Row("/direct-pay", EVERYBODY, "GET POST"),
    "guest.look_up": Row("/direct-pay/lookup", EVERYBODY, "GET POST"),
    "guest.review": Row("/direct-pay/review/{draft}", A_GUEST, "GET POST"),
    "guest.one": Row("/direct-pay/payments/{reference}", A_GUEST),
    "guest.receipt": Row("/direct-pay/payments/{reference}.pdf", A_GUEST, is_html=False),
    "guest.cancel": Row("/direct-pay/payments/{reference}/cancellation", A_GUEST, "POST"),
    "guest.end": Row("/direct-pay/end", EVERYBODY, "POST"),
    "payroll.answer": Row(f"/payroll/{'x' * 43}", BY_A_LINK, "GET POST"),
    "payroll.report": Row(f"/payroll/reports/{'x' * 43}", BY_A_LINK, "GET POST"),
    "agent.search": Row("/agent", AT_THE_DESK, "GET POST"),
    "agent.deed": Row("/agent/taxpayers/{taxpayer}/payment", AT_THE_DESK, "GET POST", about=(OWNER,)),
    "agent.list_batches": Row("/agent/batches", AT_THE_DESK),
    "agent.enter_batch": Row("/agent/batches/entry", AT_THE_DESK, "GET POST"),
    "agent.batch": Row("/agent/batches/{batch}", AT_THE_DESK, about=(OWNER,)),
    "agent.list_approvals": Row("/agent/approvals", AT_THE_DESK, about=(OWNER,)),
    "agent.approval": Row("/agent/approvals/{approval}", AT_THE_DESK, "GET POST", about=(OWNER,)),
    "agent.list_worklists": Row("/agent/worklists", AT_THE_DESK),
    "agent.work": Row("/agent/worklists/defaults", AT_THE_DESK, about=("indefault",)),
    "agent.taxpayer": Row("/agent/taxpayers/{taxpayer}", AT_THE_DESK, about=(OWNER,)),
    "agent.support_form": Row("/agent/taxpayers/{taxpayer}/support", AT_THE_DESK, about=(OWNER,)),
    "agent.begin_support": Row("/agent/taxpayers/{taxpayer}/support-session", AT_THE_DESK, "POST", about=(OWNER,)),
    "agent.request_support": Row("/agent/support/request", HELPS, "GET POST"),
    "agent.enter_code": Row("/agent/support/code", HELPS, "GET POST"),
    "agent.oversee": Row("/agent/support", A_SUPERVISOR, part="sessions", about=(OWNER,)),
    "agent.review": Row("/agent/support/objections/{objection}", A_SUPERVISOR, "GET POST", about=(OWNER,)),
    "agent.conflict": Row("/agent/taxpayers/{taxpayer}/conflict", AT_THE_DESK, "GET POST", about=(OWNER,)),
    "agent.conflict_list": Row("/agent/support/conflicts", A_SUPERVISOR, "GET POST"),
    "looks.show": Row("/account/access", IN_PERSON, part="looks"),
    "looks.refuse": Row("/account/access/refusal", IN_PERSON, "POST"),
    "looks.object_to": Row("/account/access/objection", IN_PERSON, "POST"),
    "agent.end_support": Row("/agent/support/end", AT_THE_DESK, "POST"),
    "admin.overview": Row("/admin", FOR_ADMINISTRATORS),
    "admin.policy": Row("/admin/policy", FOR_SUPERVISORS),
    "admin.bank": Row("/admin/bank", FOR_ADMINISTRATORS, part="list", about=HOUSEHOLDS),
    "admin.bank_lines_page": Row("/admin/bank/lines", FOR_SUPERVISORS, part="list"),
    "admin.bank_line": Row("/admin/bank/lines/{line}", FOR_SUPERVISORS, "GET POST"),
    "admin.all_users": Row("/admin/users", FOR_ADMINISTRATORS, "GET POST", part="list"),
    "admin.invite": Row("/admin/users/new", FOR_ADMINISTRATORS, "GET POST"),
    "admin.one_user": Row("/admin/users/{user}", FOR_ADMINISTRATORS, about=(OWNER,)),
    "admin.change_role": Row("/admin/users/{user}/role", FOR_ADMINISTRATORS, "GET POST", about=(OWNER,)),
    "admin.change_user": Row("/admin/users/{user}/change", FOR_ADMINISTRATORS, "POST", about=(OWNER,)),
    "admin.closes": Row("/admin/days", FOR_ADMINISTRATORS, part="list"),
    "admin.one_day": Row("/admin/days/{day}", FOR_ADMINISTRATORS),
    "admin.close": Row("/admin/days/close", FOR_ADMINISTRATORS, "POST"),
    "admin.trail": Row("/admin/trail", FOR_SUPERVISORS, part="list", about=HOUSEHOLDS),
    "admin.verification": Row("/admin/trail/verification", FOR_SUPERVISORS, "GET POST", part="works"),
    "machines.healthz": Row("/healthz", EVERYBODY, is_html=False),
    "machines.readyz": Row("/readyz", EVERYBODY, is_html=False),
    "metrics.show": Row("/metrics", BY_A_LINK),
}
OF_THE_DEMONSTRATION = {
    "demo.advance": Row("/demo/clock", EVERYBODY, "POST"),
    "demo.mailbox": Row("/demo/mail", EVERYBODY),
    "demo.one_mail": Row("/demo/mail/{mail}", EVERYBODY),
}

WHOLE: dict[str, str] = {}
RESTORE = {"HX-Request": "true", "HX-Request-Type": "full", "HX-History-Restore-Request": "true"}


def asking_for(part: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": f"div#{part}"}


def inside(app: Flask, role: str) -> Browser:
    """A browser of somebody who has just signed in; how one comes to be is told in web/test_sign_in.py."""
    token, when = secrets.token_urlsafe(32), office().clock.now()
    row = SignIn(token_hash=sign_ins.token_hash(token), user_id=user(role).id, began_at=when.at, seen_at=when.at)
    row.ends_at, row.proved_at = when.at + timedelta(hours=12), when.at
    db.session.add(row)
    db.session.commit()
    browser = Browser(app)
    with browser.client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = token, True
    return browser


# The table is whole.


def declared(rules: Iterable[Rule]) -> dict[str, set[str]]:
    return {rule.endpoint: set(rule.methods or ()) for rule in rules}


def listed(table: dict[str, Row]) -> dict[str, set[str]]:
    """HEAD comes with GET, and OPTIONS with everything."""
    return {
        endpoint: {*row.methods.split(), "OPTIONS", *(["HEAD"] if "GET" in row.methods else [])}
        for endpoint, row in table.items()
    }


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application whose database is never asked."""
    return create_app(config.load({}, {"instance": str(tmp_path_factory.mktemp("routes"))}))


def test_every_endpoint_and_method_has_its_row(routes: Flask) -> None:
    assert declared(routes.url_map.iter_rules()) == listed(TABLE)


def test_the_demonstration_adds_its_clock_its_mailbox_and_nothing_else(routes: Flask) -> None:
    demonstration = create_app(routes.extensions["office"].settings, is_demo=True)

    assert declared(demonstration.url_map.iter_rules()) == listed(TABLE | OF_THE_DEMONSTRATION)


def test_what_is_public_is_listed_as_for_everybody(routes: Flask) -> None:
    public = {name for name, view in routes.view_functions.items() if getattr(view, "is_public", False)}

    assert public == {name for name, row in TABLE.items() if any(row.access is each for each in OPEN)}


# Every row, by every role.


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_what_is_meant_for_it(app: Flask, role: str) -> None:
    """Whole page, part, and page restored from history; then HEAD, OPTIONS and the methods that do not exist."""
    client = somebody(app, role)
    numbers = never_shown()
    wrong = []
    for endpoint, row in TABLE.items():
        address = its_address(row)
        for method, headers in asked(row):
            response = client.open(address, method=method, headers=headers)
            expected, foreign = answer_expected(row, role, method), numbers | not_theirs(role, row)
            if fault := judged(response, expected, row, headers) or shown(response, foreign):
                wrong.append(f"{method} {address} ({endpoint}, {headers or 'whole'}): {fault}")

    assert wrong == [], "\n".join(wrong)


def asked(row: Row) -> Iterable[tuple[str, dict[str, str]]]:
    if "GET" in row.methods:
        yield from (("GET", headers) for headers in (WHOLE, asking_for(row.part), RESTORE))
    for method in ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
        yield method, WHOLE
    yield "POST", asking_for(row.part)


def answer_expected(row: Row, role: str, method: str) -> str:
    if method not in listed({"": row})[""]:
        return WRONG
    if method == "POST":
        return SIGN_IN if row.access[role] == SIGN_IN else STALE
    if method == "OPTIONS":
        is_there = row.access[role] in (PAGE, BEGIN, TO_AGREEMENT, IDENTIFY, FIRST_STEP, TO_SEARCH) or (
            role == "other" and row.access["owner"] != ABSENT
        )
        is_there = is_there or row.access is BY_A_LINK
        return ALLOWED if is_there else row.access[role]
    return row.access[role]


def judged(response: TestResponse, expected: str, row: Row, headers: dict[str, str]) -> str:
    """What is wrong with the answer, or nothing."""
    status, is_htmx = response.status_code, "HX-Request" in headers
    to_sign_in = response.headers.get("HX-Redirect" if is_htmx else "Location", "").startswith("/sign-in?next=/")
    holds = {
        PAGE: status == 200 and (not row.is_html or is_as_asked(response, headers)),
        SIGN_IN: status == (401 if is_htmx else 303) and to_sign_in,
        BEGIN: status == 303 and response.headers.get("Location") == "/apply",
        TO_AGREEMENT: status == 303 and response.headers.get("Location") == "/agreement",
        FIRST_STEP: status == 303 and response.headers.get("Location") == "/sign-in",
        IDENTIFY: status == 303 and response.headers.get("Location") == "/direct-pay",
        TO_SEARCH: status == 303 and response.headers.get("Location") == "/agent",
        ONLY_LOOK: status == 403 and is_as_asked(response, headers),
        ABSENT: status == 404 and is_as_asked(response, headers),
        STALE: status == 400 and is_as_asked(response, headers),
        WRONG: status == 405 and "OPTIONS" in response.headers.get("Allow", ""),
        ALLOWED: status == 200 and response.data == b"" and "OPTIONS" in response.headers.get("Allow", ""),
    }[expected]
    return "" if holds else f"{status}, but {expected} was expected"


def is_as_asked(response: TestResponse, headers: dict[str, str]) -> bool:
    """A part to who asks for a part, a whole page to everybody else; nothing to who asks only for the head."""
    if response.request.method == "HEAD":
        return response.data == b""
    wants_part = headers.get("HX-Request-Type") == "partial"
    return response.text.lstrip().startswith("<") and ("<html" in response.text) is not wants_part


# What is somebody's own.


def never_shown() -> set[str]:
    """Numbers that stand in no answer to anybody: in full, as typed and with dashes."""
    return _never_shown(db.engine.dialect.name)


@cache
def _never_shown(_database: str) -> set[str]:
    vault = office().vault
    numbers = {vault.open(row.ssn_sealed, row.ssn_row) for row in db.session.execute(select(Taxpayer)).scalars()}
    dashed = {f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}" for ssn in numbers}
    accounts = {bank_accounts.number_of(row) for row in db.session.execute(select(BankAccount)).scalars()}
    assert numbers
    assert accounts
    return numbers | dashed | accounts


def canaries_of(household: str) -> set[str]:
    """What only this household's pages may say: names, references, last four, and its own amounts."""
    owner = taxpayer(household)
    standing = account_view(owner.id, TODAY).standing
    found = {owner.name, owner.reference, email_of(household)}
    for table in (Agreement, BankAccount, Payment, Application, Authorization, Notice):
        found |= set(db.session.execute(select(table.reference).where(table.taxpayer_id == owner.id)).scalars())
    for row in db.session.execute(select(BankAccount).where(BankAccount.taxpayer_id == owner.id)).scalars():
        found.add(f"ending {bank_accounts.number_of(row)[-4:]}")
    return found | {money(amount) for amount in (standing.balance, standing.owed.interest, standing.owed.penalty)}


def not_theirs(role: str, row: Row) -> set[str]:
    """What a role may not read at an address: an account's own people theirs alone, the agency's what it is about."""
    own = {"owner": (OWNER,), "other": (OTHER,), HELPING: (OWNER, *row.about), **dict.fromkeys(STAFF, row.about)}
    return _kept(own.get(role, ()), db.engine.dialect.name)


@cache
def _kept(own: tuple[str, ...], _database: str) -> set[str]:
    """Remembered for each database, for the table asks before anything of the cast has changed."""
    return set().union(*(canaries_of(household) for household in HOUSEHOLDS if household not in own))


def shown(response: TestResponse, canaries: set[str]) -> str:
    """Which of the canaries stand in the answer, in its head or its body, beyond the address that was asked for."""
    body = response.get_data().decode(errors="replace")
    answer = f"{response.headers}\n{body}".replace(response.request.path, "")
    found = sorted(canary for canary in canaries if canary in answer)
    return f"shows {found}" if found else ""


def test_the_canaries_are_on_their_owners_pages(app: Flask) -> None:
    """So that their absence elsewhere means something; and no two households share one."""
    client = inside(app, OWNER).client
    own = "".join(client.get(each).text for each in ("/account", "/account/payments.csv", "/account/notices"))
    canaries = {household: canaries_of(household) - {"$0.00"} for household in HOUSEHOLDS}

    unseen = {each for each in canaries[OWNER] if each not in own and not each.startswith("BA-")}
    promised = select(Payment.reference).where(
        Payment.taxpayer_id == taxpayer(OWNER).id, Payment.state == "scheduled"
    )

    assert unseen <= {email_of(OWNER), *db.session.execute(promised).scalars()}
    assert sum(len(each) for each in canaries.values()) == len(set().union(*canaries.values()))


@pytest.mark.parametrize("household", [each for each in HOUSEHOLDS if each != OWNER])
def test_no_neighbor_is_read_about(app: Flask, household: str) -> None:
    """Each household's own pages, and the owner's addresses asked for by it."""
    client = inside(app, household).client
    foreign = never_shown().union(*(canaries_of(each) for each in HOUSEHOLDS if each != household))
    addresses = [its_address(row) for row in TABLE.values() if "GET" in row.methods]

    assert [fault for each in addresses if (fault := shown(client.get(each), foreign))] == []


@pytest.mark.parametrize("part", [None, "main"])
def test_what_is_foreign_and_what_is_absent_are_the_same_404(app: Flask, part: str | None) -> None:
    client = inside(app, OTHER).client
    headers = asking_for(part) if part else WHOLE
    pairs = [
        (its_address(TABLE["history.one"]), "/account/payments/PY-00000-00000-00000"),
        (its_address(TABLE["notices.one"]), "/account/notices/NO-0000-0000"),
        (its_address(TABLE["periods.show"]), "/account/periods/1999"),
        (its_address(TABLE["apply.decision"]), "/apply/decisions/AP-0000-0000"),
        (its_address(TABLE["agreement.authorization"]), "/agreement/authorizations/AU-0000-0000"),
    ]
    client.get("/account")
    for foreign, absent in pairs:
        theirs, nobodys = client.get(foreign, headers=headers), client.get(absent, headers=headers)

        assert theirs.status_code == nobodys.status_code == 404
        assert without_token(theirs) == without_token(nobodys)
        assert list(theirs.headers.keys()) == list(nobodys.headers.keys())


def without_token(response: TestResponse) -> str:
    return re.sub(r'(value="|X-CSRFToken": ")[^"]+', "", response.text)


def test_a_sign_in_stays_with_its_own_account(app: Flask) -> None:
    """Two people at two browsers, taking turns, each see their own."""
    owner, other = inside(app, OWNER).client, inside(app, OTHER).client
    for _turn in range(3):
        assert taxpayer(OWNER).reference in owner.get("/account").text
        assert taxpayer(OTHER).reference in other.get("/account").text
        assert taxpayer(OTHER).reference not in owner.get("/account").text


def test_the_address_says_nothing_about_whose_account_it_is(app: Flask) -> None:
    """Whatever is said of a taxpayer in the address, the session alone decides."""
    client, foreign = inside(app, OTHER).client, taxpayer(OWNER)
    for claim in (f"taxpayer_id={foreign.id}", f"taxpayer={foreign.reference}", f"user={user(OWNER).id}"):
        answer = client.get(f"/account?{claim}")

        assert answer.status_code == 200
        assert shown(answer, canaries_of(OWNER)) == ""


# The roles.


def somebody(app: Flask, role: str) -> FlaskClient:
    """A browser of the role; who is away had signed in as the owner."""
    if role == "anonymous":
        return app.test_client()
    if role == HELPING:
        return helping(app, OWNER).client
    names = {"owner": OWNER, "other": OTHER, "administrator": "admin", **dict.fromkeys(AWAY, OWNER)}
    client = inside(app, names.get(role, role)).client
    HAPPENED.get(role, partial(bool, False))()
    return client


def helping(app: Flask, household: str, agent: str = "agent") -> Browser:
    """A browser of an agent who sees the pages of a household; how it comes to be: web/agent/test_support.py."""
    browser = inside(app, agent)
    helper = user(agent)
    sign_in = select(SignIn.id).where(SignIn.user_id == helper.id).order_by(SignIn.id.desc()).limit(1)
    token = support.begin(
        taxpayer(household).id, Wish(SupportReason.CALL, "4711"), sign_in_id=db.session.execute(sign_in).scalar_one(),
        by=Actor(helper.id, helper.role), when=office().clock.now(),
    )  # fmt: skip
    browser.client.set_cookie("support", token)
    return browser


def _end() -> None:
    db.session.execute(update(SignIn).values(ended_at=NOW.at))
    db.session.commit()


def _idle() -> None:
    clock = office().clock
    assert isinstance(clock, StoppedClock)
    clock.wait(minutes=office().settings.idle_minutes, seconds=1)


def _disable() -> None:
    db.session.execute(update(User).where(User.email == email_of(OWNER)).values(disabled_at=NOW.at))
    db.session.commit()


HAPPENED: dict[str, Callable[[], object]] = {"ended": _end, "idle": _idle, "disabled": _disable}


def opened_by_mail() -> str:
    """The token of a link that lets a stranger's spouse register, and one that lets the administrator reset."""
    token, ends_at = secrets.token_urlsafe(32), NOW.at + timedelta(days=1)
    opens = {"token_hash": sign_ins.token_hash(token), "begun_at": NOW.at, "ends_at": ends_at}
    about = {"email": "new@example.test", "password_hash": "", "language": "en_US"}
    db.session.add(Registration(taxpayer_id=taxpayer(OTHER).id, **about, **opens))
    db.session.add(PasswordReset(user_id=user("admin").id, **opens))
    db.session.commit()
    return token


def its_address(row: Row) -> str:
    """The address, filled in with what belongs to the owner."""
    if "{" not in row.address:
        return row.address
    if "{registration}" in row.address or "{password_reset}" in row.address:
        return row.address.format(registration=opened_by_mail(), password_reset=opened_by_mail())
    owner = taxpayer(OWNER)
    newest = select(Payment.reference).where(Payment.taxpayer_id == owner.id, Payment.state != "drafted")
    newest = newest.order_by(Payment.id.desc()).limit(1)
    years = {each.facts.tax_year for each in account_view(owner.id, TODAY).standing.years}
    years -= {each.facts.tax_year for each in account_view(taxpayer(OTHER).id, TODAY).standing.years}
    return row.address.format(
        taxpayer=owner.reference, user=user(OWNER).reference, line=its_line(), day=TODAY,
        reference=db.session.execute(newest).scalar_one(), year=max(years),
        statement=its_statement(), **its_papers(owner.id), **at_the_desk(owner.id),
    )  # fmt: skip


def its_statement() -> str:
    """The first month of the owner's books, in which the other had none yet."""
    first, others = (min(each.written_on for each in history(taxpayer(who).id).written) for who in (OWNER, OTHER))
    assert first.replace(day=1) < others.replace(day=1)
    return f"{first:%Y-%m}"


def at_the_desk(owner_id: int) -> dict[str, str]:
    """What the agency's people have entered and asked for, had they: a batch, and a request to take a payment off."""
    asked = select(Approval.reference).where(Approval.taxpayer_id == owner_id)
    if not db.session.execute(asked).first():
        paid = select(Payment).where(Payment.taxpayer_id == owner_id, Payment.state == "settled").limit(1)
        payment, agent = db.session.execute(paid).scalar_one(), user("agent").id
        batch = Batch(key="k", user_id=agent, received_on=TODAY, total=payment.amount, count=1, entered_at=NOW.at)
        db.session.add(batch)
        db.session.flush()
        db.session.add_all(
            [
                Tender(payment_id=payment.id, taxpayer_id=owner_id, batch_id=batch.id, user_id=agent, kind="check",
                       number="1", received_on=TODAY),
                Approval(kind="reversal", state="asked", taxpayer_id=owner_id, subject=payment.reference,
                         facts={"amount": str(payment.amount), "pay_on": str(payment.pay_on)}, reason="A slip.",
                         asked_by=agent, asked_at=NOW.at, ends_on=TODAY),
            ]
        )  # fmt: skip
        db.session.commit()
    entered = select(Batch.reference).join(Tender, Tender.batch_id == Batch.id).where(Tender.taxpayer_id == owner_id)
    return {"batch": db.session.execute(entered).scalar_one(), "approval": db.session.execute(asked).scalar_one()}


def its_line() -> str:
    """A line from the bank that could not be booked."""
    if not (found := db.session.execute(select(QuarantinedLine.reference)).scalar()):
        file = BankFile(direction="received", name="returns", business_day=TODAY, entries=1, total=Money(0),
                        recorded_at=NOW.at)  # fmt: skip
        db.session.add(file)
        db.session.flush()
        line = QuarantinedLine(bank_file_id=file.id, line=3, code="R01", why="It is for another company.")
        db.session.add(line)
        db.session.commit()
        found = line.reference
    return str(found)


def its_papers(owner_id: int) -> dict[str, str]:
    """What the owner's agreement would have come from, had it been asked for here: written down when first asked."""
    decided = select(Application.reference).where(Application.taxpayer_id == owner_id)
    if not db.session.execute(decided).first():
        agreement = db.session.execute(select(Agreement).where(Agreement.taxpayer_id == owner_id)).scalar_one()
        own_account = select(BankAccount.id).where(BankAccount.taxpayer_id == owner_id)
        since = {"taxpayer_id": owner_id, "agreement_id": agreement.id}
        db.session.add_all(
            [
                Application(**since, user_id=user(OWNER).id, state="accepted", answers_sealed="", begun_on=TODAY,
                            ends_on=TODAY, decided_on=agreement.accepted_on, decided_at=NOW.at, reasons=[]),
                Authorization(**since, kind="payroll", version="1", language="en_US", text="I agree.",
                              signature="T. Timely", signed_at=NOW.at),
                PayrollDeduction(**since, state="asked", employer="Prairie Mill", employer_email="pay@mill.example",
                                 frequency="weekly", per_paycheck=Money(1), answer_hash="x", begun_on=TODAY,
                                 asked_on=TODAY, ends_on=TODAY),
                Objection(taxpayer_id=owner_id, user_id=user(OWNER).id, about="SU-0000-0000",
                          agent_id=user("agent").id, at=NOW.at),
                Payment(taxpayer_id=owner_id, user_id=user(OWNER).id, channel="online", state="drafted",
                        amount=Money(1_00), pay_on=TODAY, reason="extra", drafted_at=NOW.at,
                        bank_account_id=db.session.execute(own_account).scalars().first()),
                MethodChange(**since, user_id=user(OWNER).id, state="drafted", method="manual", drafted_at=NOW.at),
            ]
        )  # fmt: skip
        db.session.commit()
    signed = select(Authorization.reference).where(Authorization.taxpayer_id == owner_id)
    told = select(Notice.reference).where(Notice.taxpayer_id == owner_id).order_by(Notice.id).limit(1)
    change = select(MethodChange.reference).where(MethodChange.taxpayer_id == owner_id)
    objected = select(Objection.reference).where(Objection.taxpayer_id == owner_id)
    draft = select(Payment.reference).where(Payment.taxpayer_id == owner_id, Payment.state == "drafted")
    return {
        "notice": db.session.execute(told).scalar_one(),
        "objection": db.session.execute(objected).scalar_one(),
        "method_change": db.session.execute(change).scalar_one(),
        "draft": db.session.execute(draft).scalar_one(),
        "decision": db.session.execute(decided).scalar_one(),
        "authorization": db.session.execute(signed).scalar_one(),
    }
