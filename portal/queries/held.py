"""Everything that is held about somebody who signs in for a taxpayer: table by table, in columns that can be read.

Where one row speaks of another, its public reference is shown; what is only for the machine, and every secret, is
left out. Of who shares the account there is what the account shows to both.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    not_,
    or_,
    select,
)

from portal import models
from portal.db import Base, db
from portal.domain.actor import Role
from portal.domain.answers import Step
from portal.domain.lifecycle import MethodChangeState, PaymentState
from portal.models.application import answers_row
from portal.models.bank_account import last_four_row
from portal.office import office

T: Mapping[str, Table] = dict(Base.metadata.tables)
ME, MY_ACCOUNT = bindparam("user_id", type_=BigInteger), bindparam("taxpayer_id", type_=BigInteger)
MY_SPOUSE_ROW = bindparam("spouse_id", type_=BigInteger)
MY_EMAIL, MY_NAME = bindparam("email", type_=String), bindparam("as_text", type_=String)
# Columns for the machine alone, and those that are hashes or keys of secrets, by how they are called.
INNER = ("id", "version", "link", "step", "name_key", "phone_key")
SECRET = ("_hash", "_index", "_sealed")
CHUNK = 500
# A draft is seen by nobody but who made it.
DRAFTED = {"payments": PaymentState.DRAFTED, "method_changes": MethodChangeState.DRAFTED}
# Events about a person, not about the account; their subject is who they are about.
PERSONAL = (
    "sign_in.%", "password%", "second_factor.%", "recovery_code%", "calendar.%", "data.%", "user.%", "email_change.%",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data is asked for: a user, the account, and the row of the spouse if that is who the user is."""

    user_id: int
    taxpayer_id: int
    spouse_id: int | None
    email: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: what is held in it about a person. `name` is the file's; `columns` head it."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Person], Iterator[tuple[Any, ...]]]


# Tables of which nothing is handed out, each with the reason.
LEFT_OUT = {
    "attempts": "keyed hashes of what was tried, from which nobody can be told",
    "batches": "sums of many checks; each check of them is a tender",
    "bank_files": "files of many payments; each payment says what became of it",
    "business_days": "sums of whole days, about nobody",
    "conflicts": "which of the agency's people must not see an account: about them",
    "quarantined_lines": "lines of the bank's files that could not be booked; what was booked of them is a payment",
    "tasks": "work of the agency's people, about no account",
    "trail_head": "a number and a hash, about nobody",
    "postings": "each stands in the sheet of its entry",
}


def _of_account(table: Table) -> ColumnElement[bool]:
    return table.c.taxpayer_id == MY_ACCOUNT


def _of_me(table: Table) -> ColumnElement[bool]:
    return table.c.user_id == ME


def _through(parent: str, column: str) -> Callable[[Table], ColumnElement[bool]]:
    """Rows that belong to rows of another table that are handed out."""
    return lambda table: table.c[column].in_(select(T[parent].c.id).where(BELONGS[parent](T[parent])))


def _signed_or_drafted_by_me(table: Table) -> ColumnElement[bool]:
    return and_(_of_account(table), or_(table.c.state != DRAFTED[table.name], _of_me(table)))


def _asked_by_me_or_decided(applications: Table) -> ColumnElement[bool]:
    return and_(_of_account(applications), or_(_of_me(applications), applications.c.decided_on.is_not(None)))


def _mailed(mails: Table) -> ColumnElement[bool]:
    employers = select(T["payroll_deductions"].c.employer_email).where(_of_account(T["payroll_deductions"]))
    return or_(
        mails.c.recipient == MY_EMAIL, and_(_of_account(mails), mails.c.recipient.in_(employers))
    )  # fmt: skip


def _about_the_account_or_me(trail: Table) -> ColumnElement[bool]:
    is_personal = or_(*(trail.c.event.like(each) for each in PERSONAL))
    return and_(_of_account(trail), or_(not_(is_personal), _of_me(trail), trail.c.subject == MY_NAME))


BELONGS: Mapping[str, Callable[[Table], ColumnElement[bool]]] = {
    "agreements": _of_account,
    "applications": _asked_by_me_or_decided,
    "approvals": _of_account,
    "assessments": _through("tax_periods", "tax_period_id"),
    "authorizations": _of_account,
    "bank_accounts": _of_account,
    "calendar_feeds": _of_me,
    "email_changes": _of_me,
    "entries": _of_account,
    "holds": _of_account,
    "mails": _mailed,
    "method_changes": _signed_or_drafted_by_me,
    "new_balances": _through("agreements", "agreement_id"),
    "notes": _of_account,
    "notices": _of_account,
    "objections": _of_account,
    "password_resets": _of_me,
    "payment_steps": _through("payments", "payment_id"),
    "payments": _signed_or_drafted_by_me,
    "payroll_deductions": _of_account,
    "promises_to_pay": _of_account,
    "recovery_codes": _of_me,
    "registrations": lambda table: and_(_of_account(table), table.c.email == MY_EMAIL),
    "remittances": _through("payroll_deductions", "deduction_id"),
    "return_reviews": _through("payments", "payment_id"),
    "second_factors": _of_me,
    "sign_ins": _of_me,
    "spouses": lambda table: table.c.id == MY_SPOUSE_ROW,
    "support_requests": _through("support_sessions", "session_id"),
    "support_sessions": _of_account,
    "tax_periods": _of_account,
    "taxpayers": lambda table: table.c.id == MY_ACCOUNT,
    "tenders": _of_account,
    "terms": _through("agreements", "agreement_id"),
    "trail": _about_the_account_or_me,
    "users": lambda table: table.c.id == ME,
}


def sheets() -> list[Sheet]:
    """Everything that is handed out, one sheet a table, in the order of their names."""
    return [_sheet(name) for name in sorted(BELONGS)]


@cache
def _sheet(name: str) -> Sheet:
    table = T[name]
    labels, rows = _readable(table)
    opened = OPENED.get(name)
    shown = (*labels, opened.label) if opened else tuple(labels)
    return Sheet("ledger" if name == "entries" else name, shown, lambda person: _rows(name, rows, person))


def _readable(table: Table) -> tuple[list[str], Select[Any]]:
    """The columns of a table that are shown, and its rows about a person; what is opened comes last."""
    columns: dict[str, ColumnElement[Any]] = {}
    source: FromClause = table
    for column in table.c:
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column.table.alias()
            if label := _label_of(column.name, target):
                source = source.outerjoin(target, target.c.id == column)
                columns[label] = _name_of(target)
        elif column.name not in INNER and not column.name.endswith(SECRET):
            columns[column.name] = column
    if table.name == "trail":
        columns["subject"] = case((table.c.subject == MY_NAME, "you"), else_=table.c.subject)
    if table.name == "entries":
        postings = T["postings"]
        source = source.join(postings, postings.c.entry_id == table.c.id)
        columns |= {each: postings.c[each] for each in ("account", "tax_year", "amount")}
    more = [table.c[OPENED[table.name].column]] if table.name in OPENED else []
    order = table.c.number if table.name == "trail" else table.c.id
    rows = select(*(each.label(label) for label, each in columns.items()), *more).select_from(source)
    return list(columns), rows.where(BELONGS[table.name](table)).order_by(order)


def _label_of(column: str, target: Any) -> str | None:
    """What a reference to another row is called; None if nothing that can be read stands there."""
    if column == "taxpayer_id" or not {"reference", "tax_year"} & set(target.c.keys()):
        return None
    if column == "user_id":
        return "by"
    return "tax_year_of" if target.element.name == "tax_periods" else column.removesuffix("_id")


def _name_of(target: Any) -> ColumnElement[Any]:
    """What stands for a row of another table: its reference, its year, or what somebody is to who asks."""
    if target.element.name == "users":
        return case(
            (target.c.id == ME, "you"),
            (target.c.role == Role.TAXPAYER, "the other person of the account"),
            (target.c.id.is_not(None), "the agency"),
            else_="",
        )
    name: ColumnElement[Any] = target.c["tax_year" if target.element.name == "tax_periods" else "reference"]
    return name


@dataclass(frozen=True, slots=True)
class Opened:
    """A sealed column that is opened for its owner: as what it is shown, and what of it is."""

    label: str
    column: str
    shown: Callable[[Any, Person], str]


def _last_four_of_account(row: Any, _person: Person) -> str:
    return office().vault.open(row.last_four_sealed, last_four_row(row.reference))


def _last_four_of_taxpayer(row: Any, person: Person) -> str:
    """The number of the person named there, which a spouse does not see."""
    if person.spouse_id:
        return ""
    return office().vault.open(row.ssn_sealed, models.Taxpayer(reference=row.reference).ssn_row)[-4:]


def _last_four_of_spouse(row: Any, _person: Person) -> str:
    return office().vault.open(row.ssn_sealed, models.Spouse(reference=row.reference).ssn_row)[-4:]


def _answers(row: Any, _person: Person) -> str:
    """One's own answers, with no more than the last four digits of an account."""
    if row.by != "you" or not row.answers_sealed:
        return ""
    answers = json.loads(office().vault.open(row.answers_sealed, answers_row(row.reference)))
    if number := answers.get(Step.BANK, {}).get("account_number"):
        answers[Step.BANK]["account_number"] = number[-4:]
    return json.dumps(answers, ensure_ascii=False)


OPENED: Mapping[str, Opened] = {
    "bank_accounts": Opened("last_four", "last_four_sealed", _last_four_of_account),
    "taxpayers": Opened("last_four_of_number", "ssn_sealed", _last_four_of_taxpayer),
    "spouses": Opened("last_four_of_number", "ssn_sealed", _last_four_of_spouse),
    "applications": Opened("answers", "answers_sealed", _answers),
}
# What a spouse does not see of the person named on the account.
NOT_FOR_THE_SPOUSE = ("born_on", "phone")


def _rows(name: str, rows: Select[Any], person: Person) -> Iterator[tuple[Any, ...]]:
    """A few hundred rows at a time are in memory."""
    asks = {
        "user_id": person.user_id, "taxpayer_id": person.taxpayer_id, "spouse_id": person.spouse_id,
        "email": person.email, "as_text": str(person.user_id),
    }  # fmt: skip
    labels, opened, params = [each.name for each in rows.selected_columns], OPENED.get(name), rows.compile().params
    wanted = {each: value for each, value in asks.items() if each in params}
    hidden = [labels.index(each) for each in NOT_FOR_THE_SPOUSE] if name == "taxpayers" and person.spouse_id else []
    found = db.session.connection().execute(rows.execution_options(yield_per=CHUNK), wanted)
    for row in found:
        cells = ["" if number in hidden else cell for number, cell in enumerate(row)]
        yield (*cells[:-1], opened.shown(row, person)) if opened else tuple(cells)


def person_of(user_id: int) -> Person:
    """Whose data a user asks for."""
    users = T["users"]
    wanted = select(users.c.id, users.c.taxpayer_id, users.c.spouse_id, users.c.email).where(users.c.id == user_id)
    return Person(*db.session.execute(wanted).one())
