"""The households of the demonstration: the cast, and some forty neighbors drawn by chance that is always the same."""

import random
from datetime import date, timedelta

from portal.demo.cast import CAST, Household, Year
from portal.domain.money import Money
from portal.domain.plan import Method

SEED = 2026
NEIGHBORS = 44
R01_ALWAYS, R01_ONCE, R02_ALWAYS, R08_ONCE = "1000000201", "1000000101", "1000000202", "1000000108"

FIRST_NAMES = """Alma Ben Carla Dev Elena Frank Grace Hugo Ines Jamal Kira Luis Mara Noah Opal Pablo Quinn Rosa Sana
Tom Uma Victor Wanda Xavier Yara Zane""".split()  # noqa: SIM905  (a list of names reads best as words)
LAST_NAMES = """Abbott Brooks Castillo Dawson Ellis Flores Garcia Hughes Ibarra Jensen Keller Lopez Morgan Nguyen
Ortiz Park Quintero Reyes Singh Torres Ueda Vargas Walsh Xiong Young Zamora""".split()  # noqa: SIM905  (the same)


def households(first_day: date) -> list[Household]:
    """Everybody in town, as seen from the first day of the demonstration."""
    return [*cast(first_day), *neighbors()]


def cast(first_day: date) -> list[Household]:
    """The households that people sign in to."""
    missed = first_day - timedelta(days=18)
    return [
        Household(
            "Olivia", "Owens", (Year(1, 0, _dollars(9_400)), Year(0, 0, _dollars(5_600))),
            email="owing@example.test", owes_now=_dollars(18_240),
        ),
        Household(
            "Theo", "Timely", (Year(3, 0, _dollars(6_400)), Year(2, 0, _dollars(6_850))),
            email="ontime@example.test", plan_months_ago=14, monthly=_dollars(310), due_day=15,
            account="5550004417", spouse=next(each for each in CAST if each.email == "spouse@example.test"),
        ),
        Household(
            "Dana", "Fault", (Year(2, 0, _dollars(5_200)), Year(1, 40, _dollars(4_150))),
            email="indefault@example.test", plan_months_ago=2, monthly=_dollars(240), due_day=min(missed.day, 28),
            account=R08_ONCE, mailed=((9, _dollars(300)), (6, _dollars(250))), first_due_on=missed,
        ),
        Household(
            "Sam", "Stranger", (Year(1, 0, _dollars(3_275)),), email="stranger@example.test",
            mailed=((4, _dollars(500)),),
        ),
        Household(
            "Paula", "Rollins", (Year(2, 0, _dollars(8_900)),), email="payroll@example.test", plan_months_ago=10,
            monthly=_dollars(260), due_day=28, method=Method.PAYROLL,
        ),
        Household(
            "Oscar", "Limitz", (Year(2, 75, _dollars(24_300)), Year(1, 0, _dollars(21_000))),
            email="overlimit@example.test", owes_now=_dollars(61_000),
        ),
    ]  # fmt: skip


def neighbors() -> list[Household]:
    """People who live next door: plans that go well, plans that do not, and no plans at all."""
    chance = random.Random(SEED)  # noqa: S311  (the same town every time is the point)
    return [_neighbor(chance, number) for number in range(NEIGHBORS)]


def _neighbor(chance: random.Random, number: int) -> Household:
    first_name, last_name = FIRST_NAMES[number % 26], LAST_NAMES[(number * 7 + number // 26) % 26]
    offsets = sorted(chance.sample((1, 2, 3), chance.choice((1, 1, 2))), reverse=True)
    years = tuple(
        Year(offset, chance.choice((0, 0, 0, 0, 30, 95, 200)), _dollars(chance.randrange(1_200, 9_000, 10)))
        for offset in offsets
    )
    if number % 4 == 0:
        return Household(first_name, last_name, years, mailed=_now_and_then(chance))
    months_ago = chance.randint(2, 11 if offsets[-1] == 1 else 22)
    owed = sum(year.tax.cents for year in years)
    monthly = _dollars(max(60, round(owed / 100 / chance.choice((14, 36, 48, 60)) / 10) * 10))
    method = (Method.DIRECT_DEBIT, Method.DIRECT_DEBIT, Method.MANUAL)[number % 3]
    account = {5: R01_ONCE, 9: R02_ALWAYS, 21: R01_ALWAYS}.get(number, f"55501{number:05d}")
    return Household(
        first_name, last_name, years, plan_months_ago=months_ago, monthly=monthly, due_day=chance.randint(1, 28),
        method=method, account=account if method is Method.DIRECT_DEBIT else "",
    )  # fmt: skip


def _now_and_then(chance: random.Random) -> tuple[tuple[int, Money], ...]:
    months = chance.sample(range(1, 12), chance.randint(0, 3))
    return tuple((month, _dollars(chance.randrange(50, 900, 25))) for month in months)


def _dollars(amount: int) -> Money:
    return Money(amount * 100)
