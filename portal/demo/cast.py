"""The people of the demonstration: who they are, what they owe, and how they pay."""

from dataclasses import dataclass
from datetime import date

from portal.domain.actor import Role
from portal.domain.money import Money
from portal.domain.plan import Method

# What the authenticator apps of the staff share with the portal; the demonstration shows their codes.
SECRET = "PORTALDEMOPORTALDEMOPORTALDEMOPO"  # noqa: S105  (of nobody: it opens a demonstration)
PASSWORD = "portal-demo-2026"  # noqa: S105  (shown on the sign-in page of the demonstration)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who signs in, and what they show."""

    email: str
    name: str
    role: Role
    about: str


CAST = (
    Member("owing@example.test", "Olivia Owens", Role.TAXPAYER, "owes for two years and has no plan"),
    Member("ontime@example.test", "Theo Timely", Role.TAXPAYER, "pays $310 a month by debit, on time"),
    Member("spouse@example.test", "Tina Timely", Role.TAXPAYER, "shares the account of ontime, a joint return"),
    Member("indefault@example.test", "Dana Fault", Role.TAXPAYER, "is in default after a returned debit"),
    Member("stranger@example.test", "Sam Stranger", Role.TAXPAYER, "owes for one year"),
    Member("payroll@example.test", "Paula Rollins", Role.TAXPAYER, "pays by payroll deduction"),
    Member("overlimit@example.test", "Oscar Limitz", Role.TAXPAYER, "owes too much for a plan so far"),
    Member("agent@example.test", "Ada Agent", Role.AGENT, "customer-service agent"),
    Member("supervisor@example.test", "Sol Supervisor", Role.SUPERVISOR, "supervisor of the agents"),
    Member("admin@example.test", "Alex Admin", Role.ADMINISTRATOR, "administrator"),
)


@dataclass(frozen=True, slots=True)
class Year:
    """A tax year, as years before the latest one assessed; how many days late it was filed; and the tax."""

    ago: int
    days_late: int
    tax: Money


@dataclass(frozen=True, slots=True)
class Household:
    """What a household's life with its debt looks like. Months are counted back from the first demo day.

    `owes_now` sets the tax of the last year so that this is owed on the first demo day. `account` is the bank
    account number, by which the sandbox bank decides. `mailed` are payments outside a plan. With a
    `spouse`, who signs in too, the return is a joint one.
    """

    first_name: str
    last_name: str
    years: tuple[Year, ...]
    email: str | None = None
    owes_now: Money | None = None
    plan_months_ago: int | None = None
    monthly: Money = Money(0)
    due_day: int = 15
    method: Method = Method.DIRECT_DEBIT
    account: str = ""
    mailed: tuple[tuple[int, Money], ...] = ()
    first_due_on: date | None = None
    spouse: Member | None = None
