"""Every deed: one transaction with its trail in it, nothing at all if it fails half-way, no move the table lacks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.db import Base, db
from portal.demo.cast import SECRET
from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.lifecycle import (
    AGREEMENT_MOVES,
    AgreementState,
    NotAllowed,
    PaymentState,
)
from portal.domain.money import Money
from portal.domain.period import TaxPeriod
from portal.domain.refusal import Refusal
from portal.domain.routing import BadRoutingNumber
from portal.models import Agreement, Payment, Taxpayer, TrailEvent
from portal.models.notice import Cause
from portal.office import office
from portal.services import (
    agreements,
    codes,
    defaults,
    email_changes,
    mails,
    password_resets,
    passwords,
    payments,
    promises,
    registrations,
    second_factors,
    sign_ins,
    taxpayers,
    trail,
    users,
)
from portal.services.agreements import AlreadyActive, NothingOwed
from portal.services.codes import Code
from portal.services.taxpayers import AlreadyAssessed
from tests.ledger_text import a_person, agreed, bank_account, closed, dollars, enrolled, moment, owing, paid

DAY = date(2024, 9, 2)
FIRST_DUE = date(2024, 10, 15)
PASSWORD = "a password of many words"


@dataclass
class Scene:
    """What stands before a deed: somebody who owes, with whatever the deed needs."""

    taxpayer: Taxpayer
    agreement: Agreement
    payment: Payment
    signed_in: Any = None
    token: str = ""


def with_nobody() -> Any:
    return None


def with_debt() -> Scene:
    return Scene(owing("9000.00"), Agreement(), Payment())


def with_agreement() -> Scene:
    """An agreement with its first debit promised."""
    taxpayer = owing("9000.00")
    agreement = agreed(taxpayer, "250.00", FIRST_DUE, day=DAY)
    query = db.select(Payment).where(Payment.agreement_id == agreement.id)
    return Scene(taxpayer, agreement, db.session.execute(query).scalar_one())


def with_debit_at_the_bank() -> Scene:
    scene = with_agreement()
    payments.submit(scene.payment, by=PORTAL, when=moment(FIRST_DUE))
    return scene


def with_debit_settled() -> Scene:
    """The first debit has settled, and somebody mailed money after it."""
    scene = with_debit_at_the_bank()
    payments.settle(scene.payment, by=PORTAL, when=moment(date(2024, 10, 17)))
    paid(scene.taxpayer, "9500.00", date(2024, 10, 20))
    return scene


def with_user() -> Scene:
    taxpayer = owing()
    users.add("robin@example.test", PASSWORD, name="Robin", role=Role.TAXPAYER, taxpayer=taxpayer, by=PORTAL,
              when=moment(DAY))  # fmt: skip
    return Scene(taxpayer, Agreement(), Payment())


def with_sign_in() -> Scene:
    scene = with_user()
    token, *_ = sign_ins.begin("robin@example.test", PASSWORD, device="", when=moment(DAY))
    scene.signed_in = sign_ins.find(token, when=moment(DAY))
    return scene


def robin() -> Any:
    return users.by_email("robin@example.test")


def shown() -> Code:
    """What an app that has the secret shows on the day."""
    return Code(codes.shown(SECRET, codes.step_at(moment(DAY).at)), moment(DAY).at)


def with_second_factor() -> Scene:
    scene = with_user()
    second_factors.take_over(robin(), SECRET, by=PORTAL, when=moment(DAY))
    return scene


def with_email_change() -> Scene:
    scene = with_sign_in()
    email_changes.begin(robin(), "new@example.test", by=PORTAL, when=moment(DAY))
    scene.token = token_mailed()
    return scene


def with_email_changed() -> Scene:
    scene = with_email_change()
    email_changes.confirm(scene.token, when=moment(DAY))
    scene.token = token_mailed()
    return scene


def with_two_sign_ins() -> Scene:
    scene = with_sign_in()
    sign_ins.begin("robin@example.test", PASSWORD, device="", when=moment(DAY))
    return scene


def with_password_given() -> Scene:
    scene = with_second_factor()
    scene.token = sign_ins.begin("robin@example.test", PASSWORD, device="", when=moment(DAY)).token
    return scene


def claim(scene: Scene, last_four: str = "") -> registrations.Claim:
    """The right facts, unless other digits are given."""
    taxpayer = scene.taxpayer
    digits = last_four or office().vault.open(taxpayer.ssn_sealed, taxpayer.ssn_row)[-4:]
    return registrations.Claim(taxpayer.reference, digits, taxpayer.born_on, "new@example.test", PASSWORD)


def with_registration() -> Scene:
    scene = with_debt()
    registrations.begin(claim(scene), language="en_US", when=moment(DAY))
    scene.token = token_mailed()
    return scene


def with_four_wrong_claims() -> Scene:
    scene = with_user()
    for _time in range(4):
        registrations.begin(claim(scene, "0000"), language="en_US", when=moment(DAY))
    return scene


def with_reset() -> Scene:
    scene = with_sign_in()
    password_resets.begin("robin@example.test", when=moment(DAY))
    scene.token = token_mailed()
    return scene


def token_mailed() -> str:
    """The token of the link in the one mail there is."""
    letter = mails.claim(when=moment(DAY))
    assert letter is not None
    return letter.facts["link"].rpartition("/")[2]


ROBERTA = taxpayers.Partner("Roberta", "Reed", "900811001", date(1980, 1, 2))
Deed = Callable[[Scene], object]
DEEDS: dict[str, tuple[Callable[[], Scene], Deed, list[str]]] = {
    "enrol": (
        with_nobody, lambda scene: taxpayers.enrol(a_person(), by=PORTAL, when=moment(DAY)), ["taxpayer.enrolled"],
    ),
    "assess": (
        with_debt, lambda scene: taxpayers.assess(scene.taxpayer, YEAR_2022, by=PORTAL, when=moment(DAY)),
        ["tax_period.assessed"],
    ),
    "receive": (
        with_debt, lambda scene: paid(scene.taxpayer, "9500.00", DAY, as_of=date(2024, 7, 1)), ["payment.settled"],
    ),
    "add a bank account": (
        with_debt, lambda scene: bank_account(scene.taxpayer, DAY), ["bank_account.added"],
    ),
    "accept": (
        with_debt, lambda scene: agreements.accept(scene.taxpayer, proposal(scene), by=PORTAL, when=moment(DAY)),
        ["agreement.accepted"],
    ),
    "schedule": (
        with_debit_at_the_bank,
        lambda scene: promises.schedule_next(scene.agreement, by=PORTAL, when=moment(FIRST_DUE)),
        ["payment.scheduled"],
    ),
    "submit": (
        with_agreement, lambda scene: payments.submit(scene.payment, by=PORTAL, when=moment(FIRST_DUE)),
        ["payment.submitted"],
    ),
    "cancel": (
        with_agreement, lambda scene: payments.cancel(scene.payment, by=PORTAL, when=moment(DAY)),
        ["payment.cancelled"],
    ),
    "settle": (
        with_debit_at_the_bank,
        lambda scene: payments.settle(scene.payment, by=PORTAL, when=moment(date(2024, 10, 17))),
        ["payment.settled"],
    ),
    "give back": (
        with_debit_at_the_bank,
        lambda scene: payments.give_back(scene.payment, "R01", by=PORTAL, when=moment(date(2024, 10, 17))),
        ["payment.returned"],
    ),
    "give back what had settled": (
        with_debit_settled,
        lambda scene: payments.give_back(scene.payment, "R10", by=PORTAL, when=moment(date(2024, 11, 20))),
        ["payment.returned"],
    ),
    "default": (
        with_agreement,
        lambda scene: in_default(scene),
        ["agreement.in_default", "payment.cancelled"],
    ),
    "complete": (
        with_agreement, lambda scene: agreements.complete(scene.agreement, by=PORTAL, when=moment(FIRST_DUE)),
        ["agreement.completed", "payment.cancelled"],
    ),
    "add a user": (
        with_debt,
        lambda scene: users.add("new@example.test", PASSWORD, name="New", role=Role.AGENT, by=PORTAL,
                                when=moment(DAY)),
        ["user.added"],
    ),
    "add a spouse": (
        with_debt, lambda scene: taxpayers.add_spouse(scene.taxpayer, ROBERTA, by=PORTAL, when=moment(DAY)),
        ["spouse.added"],
    ),
    "set a password": (
        with_sign_in,
        lambda scene: users.set_password(robin(), passwords.chosen(f"{PASSWORD}!", email=""), by=PORTAL,
                                         when=moment(DAY)),
        ["password.changed"],
    ),
    "begin a password reset": (
        with_user, lambda scene: password_resets.begin("robin@example.test", when=moment(DAY)),
        ["password_reset.begun"],
    ),
    "finish a password reset": (
        with_reset, lambda scene: password_resets.finish(scene.token, f"{PASSWORD}!", when=moment(DAY)),
        ["password.changed"],
    ),
    "begin a registration": (
        with_debt, lambda scene: registrations.begin(claim(scene), language="en_US", when=moment(DAY)),
        ["registration.begun"],
    ),
    "confirm a registration": (
        with_registration, lambda scene: registrations.confirm(scene.token, when=moment(DAY)), ["user.added"],
    ),
    "lock a registration": (
        with_four_wrong_claims,
        lambda scene: registrations.begin(claim(scene, "0000"), language="en_US", when=moment(DAY)),
        ["registration.locked"],
    ),
    "sign in": (
        with_user, lambda scene: sign_ins.begin("robin@example.test", PASSWORD, device="", when=moment(DAY)),
        ["sign_in.began"],
    ),
    "give the password again": (
        with_sign_in,
        lambda scene: sign_ins.prove(scene.signed_in, PASSWORD, Code("", moment(DAY).at), when=moment(DAY)),
        ["sign_in.proved"],
    ),
    "set up a second factor": (
        with_sign_in,
        lambda scene: second_factors.set_up(robin(), SECRET, shown(), keeping=0, by=PORTAL, when=moment(DAY)),
        ["second_factor.set_up"],
    ),
    "begin a change of the email address": (
        with_user,
        lambda scene: email_changes.begin(robin(), "new@example.test", by=PORTAL, when=moment(DAY)),
        ["email_change.begun"],
    ),
    "confirm a new email address": (
        with_email_change, lambda scene: email_changes.confirm(scene.token, when=moment(DAY)),
        ["email_change.confirmed"],
    ),
    "take a new email address back": (
        with_email_changed, lambda scene: email_changes.undo(scene.token, when=moment(DAY)), ["email_change.undone"],
    ),
    "end the other sign-ins": (
        with_two_sign_ins, lambda scene: sign_ins.end_others(scene.signed_in, when=moment(DAY)), ["sign_in.ended"],
    ),
    "make recovery codes": (
        with_second_factor, lambda scene: second_factors.new_codes(robin(), by=PORTAL, when=moment(DAY)),
        ["recovery_codes.made"],
    ),
    "take the second factor away": (
        with_second_factor, lambda scene: second_factors.remove(robin(), by=PORTAL, when=moment(DAY)),
        ["second_factor.removed"],
    ),
    "reset the second factor": (
        with_second_factor, lambda scene: second_factors.reset(robin(), by=PORTAL, when=moment(DAY)),
        ["second_factor.removed"],
    ),
    "give the password before a code": (
        with_second_factor, lambda scene: sign_ins.begin("robin@example.test", PASSWORD, device="", when=moment(DAY)),
        ["sign_in.awaits_code"],
    ),
    "give the code after the password": (
        with_password_given, lambda scene: sign_ins.finish(scene.token, shown(), when=moment(DAY)),
        ["sign_in.began"],
    ),
    "sign out": (
        with_sign_in, lambda scene: sign_ins.end(scene.signed_in, when=moment(DAY)), ["sign_in.ended"],
    ),
}  # fmt: skip
YEAR_2022 = TaxPeriod(2022, date(2023, 4, 18), date(2023, 4, 18), DAY, dollars("700.00"))


def proposal(scene: Scene) -> agreements.Proposal:
    """A plan paid by payroll, so that no debit is promised along with it."""
    return agreements.Proposal(dollars("250.00"), 15, FIRST_DUE, agreements.Method.PAYROLL)


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_leaves_its_event_in_the_trail_and_nothing_more(empty: Flask, name: str) -> None:
    prepare, deed, expected = DEEDS[name]
    scene = prepare()
    before = len(events())

    deed(scene)

    assert events()[before:] == expected
    assert whole_trail()


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_that_fails_at_any_of_its_writes_leaves_nothing(empty: Flask, name: str) -> None:
    prepare, deed, expected = DEEDS[name]
    scene = prepare()
    db.session.commit()
    before, head = everything(), kept_head()

    for number in count(1):
        with failing_at(number) as failed, suppress(PowerCut):
            deed(scene)
        if not failed:
            break
        assert everything() == before, f"failing at write {number} left something"
        db.session.commit()
        assert kept_head() == head, f"failing at write {number} left a head that no row has"

    assert number > 2
    assert events()[-len(expected) :] == expected
    assert whole_trail()


def test_accepting_a_debited_plan_promises_its_first_debit_in_the_same_deed(empty: Flask) -> None:
    taxpayer = owing("9000.00")
    before = len(events())

    agreed(taxpayer, "250.00", FIRST_DUE, day=DAY)

    assert events()[before:] == ["bank_account.added", "agreement.accepted", "payment.scheduled"]


def test_the_trail_says_who_and_about_whom(empty: Flask) -> None:
    taxpayer = owing()
    user = users.add("ada@example.test", PASSWORD, name="Ada", role=Role.AGENT, by=PORTAL, when=moment(DAY))

    by = Actor(user.id, Role.AGENT, taxpayer.id)
    payment = payments.receive(
        taxpayer, dollars("10.00"), channel=payments.Channel.MAIL, pay_on=DAY, by=by, when=moment(DAY)
    )

    row = db.session.execute(db.select(TrailEvent).order_by(TrailEvent.number.desc()).limit(1)).scalar_one()
    assert (row.user_id, row.taxpayer_id, row.subject) == (user.id, taxpayer.id, payment.reference)
    assert row.details == {"amount": "10.00", "pay_on": "2024-09-02"}


def test_a_second_agreement_beside_one_in_force_is_refused(empty: Flask) -> None:
    scene = with_agreement()
    before = everything()

    with pytest.raises(AlreadyActive):
        agreements.accept(scene.taxpayer, proposal(scene), by=PORTAL, when=moment(DAY))

    assert everything() == before


def test_an_agreement_in_default_is_still_in_force(empty: Flask) -> None:
    scene = with_agreement()
    in_default(scene)

    with pytest.raises(AlreadyActive):
        agreements.accept(scene.taxpayer, proposal(scene), by=PORTAL, when=moment(FIRST_DUE))


def test_after_a_completed_agreement_there_can_be_another(empty: Flask) -> None:
    scene = with_agreement()
    agreements.complete(scene.agreement, by=PORTAL, when=moment(FIRST_DUE))

    again = agreements.accept(scene.taxpayer, proposal(scene), by=PORTAL, when=moment(FIRST_DUE))

    assert again.state is AgreementState.ACTIVE


def test_who_owes_nothing_gets_no_agreement(empty: Flask) -> None:
    scene = Scene(enrolled(), Agreement(), Payment())

    with pytest.raises(NothingOwed):
        agreements.accept(scene.taxpayer, proposal(scene), by=PORTAL, when=moment(DAY))


def test_a_year_is_assessed_once(empty: Flask) -> None:
    taxpayer = owing()
    before = everything()
    again = TaxPeriod(2023, date(2024, 4, 15), date(2024, 4, 15), DAY, dollars("1.00"))

    with pytest.raises(AlreadyAssessed) as refused:
        taxpayers.assess(taxpayer, again, by=PORTAL, when=moment(DAY))

    assert str(refused.value) == "Tax year 2023 is already assessed for this taxpayer. Nothing was changed."
    assert everything() == before


def test_an_account_has_one_spouse_and_a_spouse_one_account(empty: Flask) -> None:
    taxpayer, other = owing(), owing()
    taxpayers.add_spouse(taxpayer, ROBERTA, by=PORTAL, when=moment(DAY))
    before = everything()

    for who, partner in ((taxpayer, replace(ROBERTA, ssn="900811002")), (other, ROBERTA)):
        with pytest.raises(taxpayers.AlreadyMarried):
            taxpayers.add_spouse(who, partner, by=PORTAL, when=moment(DAY))
    own = office().vault.open(other.ssn_sealed, other.ssn_row)
    with pytest.raises(taxpayers.OwnSpouse):
        taxpayers.add_spouse(other, replace(ROBERTA, ssn=own), by=PORTAL, when=moment(DAY))

    assert everything() == before


def test_a_wrong_routing_number_is_not_kept(empty: Flask) -> None:
    taxpayer = owing()
    with pytest.raises(BadRoutingNumber):
        agreements_account(taxpayer, "123456789")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "@example.test",
        "a@b",
        "a b@example.test",
        "a\n@example.test",
        f"{'a' * 250}@b.test",
        "a,b@c.test",
        "A <a@b.test>",
        "ä@b.test",
        "a@b..test",
        "a@b.test\r\nBcc: c@d.test",
        "a;b@c.test",
        '"a b"@c.test',
    ],
)
def test_what_is_no_email_address_is_refused(empty: Flask, email: str) -> None:
    with pytest.raises(users.BadEmail):
        users.add(email, PASSWORD, name="New", role=Role.AGENT, by=PORTAL, when=moment(DAY))


def test_an_email_address_signs_in_one_user_however_it_is_typed(empty: Flask) -> None:
    with_user()
    with pytest.raises(users.EmailTaken):
        users.add(" Robin@Example.TEST ", PASSWORD, name="R", role=Role.AGENT, by=PORTAL, when=moment(DAY))


PAYMENT_VERBS: dict[PaymentState, Callable[[Payment], None]] = {
    PaymentState.SUBMITTED: lambda payment: payments.submit(payment, by=PORTAL, when=moment(FIRST_DUE)),
    PaymentState.SETTLED: lambda payment: payments.settle(payment, by=PORTAL, when=moment(FIRST_DUE)),
    PaymentState.RETURNED: lambda payment: payments.give_back(payment, "R01", by=PORTAL, when=moment(FIRST_DUE)),
    PaymentState.CANCELLED: lambda payment: payments.cancel(payment, by=PORTAL, when=moment(FIRST_DUE)),
}
ALLOWED = {
    PaymentState.SCHEDULED: {PaymentState.SUBMITTED, PaymentState.CANCELLED},
    PaymentState.SUBMITTED: {PaymentState.SETTLED, PaymentState.RETURNED},
    PaymentState.SETTLED: {PaymentState.RETURNED},
    PaymentState.RETURNED: set(),
    PaymentState.CANCELLED: set(),
}
PATHS = {
    PaymentState.SCHEDULED: (),
    PaymentState.SUBMITTED: (PaymentState.SUBMITTED,),
    PaymentState.SETTLED: (PaymentState.SUBMITTED, PaymentState.SETTLED),
    PaymentState.RETURNED: (PaymentState.SUBMITTED, PaymentState.RETURNED),
    PaymentState.CANCELLED: (PaymentState.CANCELLED,),
}


@pytest.mark.parametrize("state", PATHS)
def test_a_payment_moves_only_as_the_table_says(empty: Flask, state: PaymentState) -> None:
    payment = with_agreement().payment
    for step in PATHS[state]:
        PAYMENT_VERBS[step](payment)
    before = everything()

    for new, verb in PAYMENT_VERBS.items():
        if new not in ALLOWED[state]:
            with pytest.raises(NotAllowed):
                verb(payment)
            assert everything() == before, f"{state} to {new} left something"
            assert payment.state == state


@pytest.mark.parametrize("state", AgreementState)
def test_an_agreement_moves_only_as_the_table_says(empty: Flask, state: AgreementState) -> None:
    scene = with_agreement()
    scene.agreement.state = state
    db.session.commit()
    before = everything()
    verbs: dict[AgreementState, Callable[[], None]] = {
        AgreementState.IN_DEFAULT: lambda: in_default(scene),
        AgreementState.COMPLETED: lambda: agreements.complete(scene.agreement, by=PORTAL, when=moment(FIRST_DUE)),
    }

    for new, verb in verbs.items():
        if new not in AGREEMENT_MOVES[state]:
            with pytest.raises(NotAllowed):
                verb()
            assert everything() == before
            assert scene.agreement.state == state


def test_a_deed_inside_a_deed_joins_it(empty: Flask) -> None:
    from portal.db import transaction

    taxpayer = owing()
    before = everything()

    with pytest.raises(NothingLeft), transaction():
        paid(taxpayer, "10.00", DAY)
        paid(taxpayer, "20.00", DAY)
        raise NothingLeft

    assert everything() == before


def test_a_refusal_inside_a_deed_that_goes_on_is_the_deed_s_own_matter(empty: Flask) -> None:
    """A day's close that meets a refusal half-way keeps what was done before it."""
    scene = with_agreement()
    closed(date(2024, 10, 14), date(2024, 10, 15))

    with pytest.raises(Refusal):
        payments.cancel(scene.payment, by=PORTAL, when=moment(FIRST_DUE))

    assert scene.payment.state is PaymentState.SUBMITTED


class PowerCut(Exception):
    """The machine stops here."""


class NothingLeft(Exception):
    """A deed changes its mind."""


def agreements_account(taxpayer: Taxpayer, routing_number: str) -> None:
    from portal.models.bank_account import AccountType
    from portal.services import bank_accounts

    bank_accounts.add(
        taxpayer, routing_number=routing_number, number="1", type=AccountType.SAVINGS, by=PORTAL, when=moment(DAY)
    )


def events() -> list[str]:
    return list(db.session.execute(db.select(TrailEvent.event).order_by(TrailEvent.number)).scalars())


def whole_trail() -> bool:
    return not list(trail.faults(office().vault, ""))


def in_default(scene: Scene) -> None:
    amount = Money(100_00)
    defaults.declare(scene.agreement, amount, Cause.INSTALLMENT, FIRST_DUE, by=PORTAL, when=moment(FIRST_DUE))


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    return {
        table.name: sorted(map(repr, db.session.execute(db.select(table)).all()))
        for table in Base.metadata.sorted_tables
    }


def kept_head() -> str:
    file = trail.head_file(office().settings.instance)
    return file.read_text(encoding="ascii") if file.exists() else ""


@contextmanager
def failing_at(number: int) -> Iterator[list[str]]:
    """Stop at the so-manieth write, the commit being the last one; tells whether it came to that."""
    done: list[str] = []
    failed: list[str] = []

    def write(what: str) -> None:
        done.append(what)
        if len(done) == number:
            failed.append(what)
            raise PowerCut

    def sent(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            write(statement)

    def committed(session: Session) -> None:
        if session.info.get("writing"):
            write("COMMIT")

    event.listen(db.engine, "before_cursor_execute", sent)
    event.listen(db.session, "before_commit", committed)
    try:
        yield failed
    finally:
        event.remove(db.engine, "before_cursor_execute", sent)
        event.remove(db.session, "before_commit", committed)
