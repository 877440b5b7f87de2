"""Policies: what the default one says on a day, and files that are refused by name."""

from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from portal import policies
from portal.domain.calendar import corresponding_day
from portal.domain.money import Money
from portal.domain.policy import Dated

DEFAULT = Path(policies.__file__).parent / "us-irs.toml"
POLICY = DEFAULT.read_text(encoding="utf-8")
RATES = (DEFAULT.parent / "rates.csv").read_text(encoding="utf-8")

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes another agency's policy and rates, and says where the policy stands."""

    def write_both(policy: str = POLICY, rates: str = RATES) -> Path:
        (tmp_path / "agency.toml").write_text(policy, encoding="utf-8")
        (tmp_path / "rates.csv").write_text(rates, encoding="utf-8")
        return tmp_path / "agency.toml"

    return write_both


def replaced(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


# What the default policy says.


@pytest.mark.parametrize(
    ("on", "debit", "other"),
    [
        *(("2019-01-01", "31.00", "149.00"), ("2024-06-30", "31.00", "149.00"), ("2024-07-01", "22.00", "69.00")),
        *(("2026-03-02", "22.00", "69.00"), ("2026-03-03", "29.00", "69.00"), ("2031-01-01", "29.00", "69.00")),
    ],
)
def test_a_fee_applies_from_its_first_day(on: str, debit: str, other: str) -> None:
    fees = policies.load().fees.on(date.fromisoformat(on))
    assert [str(fees.online_debit), str(fees.online_other)] == [debit, other]


def test_a_day_before_the_first_entry_has_no_answer() -> None:
    with pytest.raises(LookupError, match="2018-12-31"):
        policies.load().fees.on(date(2018, 12, 31))


def test_dated_values_follow_each_other() -> None:
    values = Dated(((date(2024, 1, 1), "old"), (date(2026, 1, 1), "new")))
    assert [values.on(date(*on)) for on in ((2024, 1, 1), (2025, 12, 31), (2026, 1, 1))] == ["old", "old", "new"]


def test_the_limits_and_days_are_those_that_are_published() -> None:
    on = date(2026, 11, 23)
    limits, days = policies.load().limits.on(on), policies.load().days.on(on)
    assert (str(limits.long_term.most), str(limits.short_term.most)) == ("49999.99", "99999.99")
    assert (str(limits.own_payments.most), str(limits.after_termination.most)) == ("25000.00", "25000.00")
    assert (limits.term_months, limits.short_term_days, limits.due_days) == (72, 180, tuple(range(1, 29)))
    assert (days.first_payment, days.cure, days.return_window, days.debit_settles) == (30, 30, 60, 2)


def test_direct_pay_is_as_it_is_published() -> None:
    rules = policies.load().direct_pay.on(date(2026, 11, 23))
    assert (str(rules.each.most), rules.payments_a_day, rules.days_ahead) == ("9999999.99", 2, 365)
    assert (rules.cut_off_days, rules.cut_off_time, rules.draft_minutes) == (2, time(23, 45), 90)
    assert rules.each_of_a_guest.admits(Money(10_000_000))
    assert not rules.each_of_a_guest.admits(Money(10_000_001))


def test_the_penalty_rates_are_those_of_the_code() -> None:
    """IRC 6651 and 6657, in hundredths of a percent."""
    rules = policies.load().law_on(date(2026, 11, 23)).penalties
    assert (rules.filing_monthly, rules.filing_months, rules.floor_after_days) == (450, 5, 60)
    assert (rules.paying_monthly, rules.paying_monthly_in_agreement, rules.paying_monthly_after_levy) == (50, 25, 100)
    assert (rules.levy_days, rules.paying_cap) == (10, 2500)
    assert (rules.dishonored_from, rules.dishonored, rules.dishonored_below) == (Money(125000), 200, Money(2500))


@pytest.mark.parametrize(
    ("due_on", "floor"),
    [
        *(("2019-12-31", "0.00"), ("2020-01-01", "435.00"), ("2022-12-31", "435.00"), ("2023-01-01", "450.00")),
        *(("2024-12-31", "485.00"), ("2025-01-01", "510.00"), ("2026-04-15", "525.00")),
    ],
)
def test_the_floor_of_a_late_return_is_that_of_its_due_date(due_on: str, floor: str) -> None:
    rules = policies.load().law_on(date(2026, 11, 23)).penalties
    assert str(rules.floor_on(date.fromisoformat(due_on))) == floor


def test_the_rates_have_no_gap_and_each_names_its_source() -> None:
    rates = policies.load().rates.rates
    begins_on = [rate.begins_on for rate in rates]
    assert begins_on == [corresponding_day(date(2011, 9, 30), 3 * n) + timedelta(days=1) for n in range(len(rates))]
    assert begins_on[-1] >= date(2026, 10, 1)
    assert all(rate.source for rate in rates)


def test_the_rates_of_recent_years_are_the_published_ones() -> None:
    """By year, quarter by quarter (IRC 6621(a)(2))."""
    published = {
        2018: "4 5 5 5", 2019: "6 6 5 5", 2020: "5 5 3 3", 2021: "3 3 3 3", 2022: "3 4 5 6",
        2023: "7 7 7 8", 2024: "8 8 8 8", 2025: "7 7 7 7", 2026: "7 6 7 7",
    }  # fmt: skip
    loaded = {year: " ".join(policies.load().rates.on(date(year, month, 1)).percent for month in (1, 4, 7, 10))
              for year in published}  # fmt: skip
    assert loaded == published


def test_the_two_calendars_are_different() -> None:
    emancipation, independence = date(2027, 4, 16), date(2026, 7, 3)
    assert emancipation in policies.legal_days_off()
    assert independence in policies.legal_days_off()
    assert emancipation not in policies.banking_days_off()
    assert independence not in policies.banking_days_off()


# Another agency's files.


def test_another_agency_writes_its_own_file(write: Write) -> None:
    policy = replaced(POLICY, 'name = "US federal income tax"', 'name = "State of Franklin"')
    loaded = policies.load(write(replaced(policy, 'paying_monthly = "0.5"', 'paying_monthly = "0.75"'), RATES))
    assert (loaded.name, loaded.law_on(date(2026, 1, 1)).penalties.paying_monthly) == ("State of Franklin", 75)


def test_entries_may_stand_in_any_order(write: Write) -> None:
    later = POLICY[POLICY.index("[[fees]]\nfrom = 2026-03-03") : POLICY.index("# Low income")]
    shuffled = replaced(POLICY, later, "").replace("[[fees]]", later + "[[fees]]", 1)
    fees = policies.load(write(shuffled, RATES)).fees
    assert [begins_on.year for begins_on, _ in fees.entries] == [2019, 2024, 2026]


def limited(ceiling: str) -> str:
    """The policy with another limit of a long-term plan."""
    return replaced(POLICY, 'long_term = { below = "50000.00" }', f"long_term = {ceiling}")


def due(days: str) -> str:
    """The policy with other due days."""
    [line] = [line for line in POLICY.splitlines() if line.startswith("due_days = ")]
    return replaced(POLICY, line, f"due_days = {days}")


def test_due_days_are_read_in_order_and_once(write: Write) -> None:
    limits = policies.load(write(due("[15, 5, 15]"), RATES)).limits.on(date(2026, 1, 1))
    assert limits.due_days == (5, 15)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (lambda: limited("{ }"), "long_term: either below or at_most is needed"),
        (lambda: limited('"50000.00"'), "long_term: Ceiling is needed"),
        (lambda: due("[29]"), "due_days: days from 1 to 28 are needed"),
        (lambda: replaced(POLICY, "term_months = 72", 'term_months = "72"'), "term_months: int is needed"),
        (lambda: replaced(POLICY, '"14200.00"', "14200"), "further: Money is needed"),
        (lambda: replaced(POLICY, "23:45:00", '"23:45"'), "cut_off_time: time is needed"),
        (lambda: replaced(POLICY, 'each = { below = "10000000.00" }', 'each = "1.00"'), "each: Ceiling is needed"),
    ],
)
def test_a_refused_entry_is_named(broken: Callable[[], str], what: str, write: Write) -> None:
    with pytest.raises(ValueError, match=f"the policy agency.toml cannot be read: {what}"):
        policies.load(write(broken(), RATES))


BROKEN_POLICIES = {
    "is no TOML": lambda: "rates: rates.csv",
    "is empty": lambda: "",
    "has no name": lambda: replaced(POLICY, 'name = "US federal income tax"', ""),
    "names no rates": lambda: replaced(POLICY, 'rates = "rates.csv"', ""),
    "has no limits": lambda: replaced(POLICY, "[[limits]]", "[[limit]]"),
    "has no floors": lambda: POLICY.replace("[[filing_floors]]", "[[floors]]"),
    "misspells a key": lambda: replaced(POLICY, "levy_days", "levy_day"),
    "leaves a key out": lambda: replaced(POLICY, "cure = 30", ""),
    "has one key more": lambda: replaced(POLICY, "cure = 30", "cure = 30\ncured = 30"),
    "leaves the first day out": lambda: replaced(POLICY, "[[limits]]\nfrom = 1900-01-01", "[[limits]]"),
    "has an impossible day": lambda: replaced(POLICY, "from = 1900-01-01", "from = 1900-02-30"),
    "has a percentage in words": lambda: replaced(POLICY, '"4.5"', '"some"'),
    "has a negative percentage": lambda: replaced(POLICY, '"4.5"', '"-4.5"'),
    "has a percentage with three decimals": lambda: replaced(POLICY, '"4.5"', '"4.125"'),
    "has an amount without cents": lambda: replaced(POLICY, '"50000.00"', '"50000"'),
    "has an amount with a comma": lambda: replaced(POLICY, '"50000.00"', '"50,000.00"'),
    "gives a limit twice": lambda: limited('{ below = "50000.00", at_most = "50000.00" }'),
    "gives a limit not at all": lambda: limited("{ }"),
    "gives a limit by another word": lambda: limited('{ above = "50000.00" }'),
    "gives a limit without a word": lambda: limited('"50000.00"'),
    "gives a limit with a sign": lambda: limited('{ below = "-50000.00" }'),
    "has no due day": lambda: due("[]"),
    "has a due day 0": lambda: due("[0, 15]"),
    "has a due day 29": lambda: due("[15, 29]"),
    "has a due day in quotes": lambda: due('["15"]'),
    "has a due day that is true": lambda: due("[true]"),
    "has one due day without a list": lambda: due("15"),
    "has an income without cents": lambda: replaced(POLICY, '"39900.00"', '"39900"'),
    "has a line of income without further people": lambda: replaced(POLICY, ', further = "17750.00"', ""),
    "has an income as a number": lambda: replaced(POLICY, '"14200.00"', "14200"),
    "has no rules of Direct Pay": lambda: replaced(POLICY, "[[direct_pay]]", "[[pay_direct]]"),
    "has no lines of income": lambda: POLICY.replace("[[low_income]]", "[[lines]]"),
    "has a floor as a number": lambda: replaced(POLICY, 'amount = "435.00"', "amount = 435"),
}
BROKEN_RATES = {
    "are empty": "",
    "have no rows": RATES.splitlines()[0],
    "have a gap": replaced(RATES, "2020-01-01,5,Rev. Rul. 2019-28\n", ""),
    "have a quarter twice": RATES + "2026-10-01,7,again\n",
    "have a day that is none": RATES + "2027-02-30,7,next\n",
    "begin a quarter in its middle": RATES + "2027-02-01,7,next\n",
    "have a rate in words": RATES + "2027-01-01,seven,next\n",
    "have a negative rate": RATES + "2027-01-01,-7,next\n",
    "have no rate": RATES + "2027-01-01,,next\n",
    "have other columns": replaced(RATES, "underpayment_percent", "percent"),
}


@pytest.mark.parametrize("broken", BROKEN_POLICIES.values(), ids=BROKEN_POLICIES)
def test_a_malformed_policy_is_refused_by_its_name(broken: Callable[[], str], write: Write) -> None:
    with pytest.raises(ValueError, match=r"the policy agency\.toml cannot be read: ."):
        policies.load(write(broken(), RATES))


@pytest.mark.parametrize("broken", BROKEN_RATES.values(), ids=BROKEN_RATES)
def test_malformed_rates_are_refused_by_the_name_of_their_policy(broken: str, write: Write) -> None:
    with pytest.raises(ValueError, match=r"the policy agency\.toml cannot be read: ."):
        policies.load(write(POLICY, broken))


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agency.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"agency\.toml"):
        policies.load(tmp_path / "agency.toml")


MISREAD_POLICIES = {
    "a percentage without quotes": lambda: replaced(POLICY, '"4.5"', "4.5"),
    "a whole percentage without quotes": lambda: replaced(POLICY, 'paying_cap = "25"', "paying_cap = 25"),
    "a number of months in quotes": lambda: replaced(POLICY, "filing_months = 5", 'filing_months = "5"'),
    "a number of days in quotes": lambda: replaced(POLICY, "cure = 30", 'cure = "30"'),
    "an amount without quotes": lambda: replaced(POLICY, '"50000.00"', "50000"),
    "a day in quotes": lambda: replaced(POLICY, "from = 1900-01-01", 'from = "1900-01-01"'),
    "a table that nobody reads": lambda: POLICY + "\n[[fee]]\nfrom = 2027-01-01\n",
}


@pytest.mark.parametrize("broken", MISREAD_POLICIES.values(), ids=MISREAD_POLICIES)
def test_an_entry_of_the_wrong_type_is_refused_and_not_misread(broken: Callable[[], str], write: Write) -> None:
    with pytest.raises(ValueError, match=r"the policy agency\.toml cannot be read: ."):
        policies.load(write(broken(), RATES))


def test_a_row_of_rates_that_breaks_off_is_refused(write: Write) -> None:
    with pytest.raises(ValueError, match=r"agency\.toml"):
        policies.load(write(POLICY, RATES + "2027-01-01\n"))
