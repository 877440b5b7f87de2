"""The calculator: the answers of an independent loop over days, every refusal by name, and the command."""

import json
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal import policies
from portal.calculate import BadScenario, answer_to, calculate
from portal.cli import main
from tests.reference import day_loop
from tests.reference.scenarios import REFUSALS, Scenario, Spoil, complete_scenario, paid_to_within, scenario

SEEDS = range(20)
RATES = [(rate.begins_on, rate.basis_points // 100) for rate in policies.load().rates.rates]

# The first word of a message, with the places in lists left out.
FIELDS = {
    *("as_of", "periods", "payments", "agreement", "levy_notice_on", "plan", "scenario", "note"),
    *(f"periods[].{key}" for key in ("tax_year", "due_on", "filed_on", "assessed_on", "tax", "paid")),
    *("periods[]", "payments[]", "payments[].on", "payments[].amount", "payments[].reference"),
    *("agreement.accepted_on", "agreement.ended_on", "agreement.proposed_on"),
    *(f"plan.{key}" for key in ("first_due_on", "due_day", "term_months", "monthly", "amount")),
}


def drawn(seed: int) -> Scenario:
    """A scenario by chance; every third one pays all that is owed, a cent more or a cent less."""
    random = Random(seed)
    made = scenario(random)
    return paid_to_within(made, RATES, random.choice([-1, 0, 1])) if seed % 3 == 0 else made


def answer(asked: Scenario) -> dict[str, Any]:
    return answer_to(asked, policies.load())


def refusal(asked: Any) -> str:
    with pytest.raises(BadScenario) as refused:
        answer(asked)
    return str(refused.value)


def test_the_rates_of_the_reference_are_whole_percent() -> None:
    """The reference knows no fractions: this notices when a rate has one."""
    assert all(rate.basis_points % 100 == 0 for rate in policies.load().rates.rates)


# The answers.


@pytest.mark.parametrize("seed", SEEDS)
def test_an_answer_is_that_of_a_loop_over_the_days(seed: int) -> None:
    asked = drawn(seed)
    assert answer(asked) == day_loop.calculate(asked, RATES)


def test_the_complete_scenario_is_answered_as_by_the_loop() -> None:
    assert answer(complete_scenario()) == day_loop.calculate(complete_scenario(), RATES)


def test_what_is_left_out_is_the_same_as_null() -> None:
    asked = {key: part for key, part in complete_scenario().items() if key in ("as_of", "periods")}
    nulls = dict.fromkeys(("payments", "agreement", "levy_notice_on", "plan"))
    assert answer(asked) == answer({**asked, **nulls})
    assert answer(asked)["plan"] is None


def test_without_a_monthly_amount_the_schedule_is_at_the_minimum() -> None:
    asked = complete_scenario()
    del asked["plan"]["monthly"]
    plan = answer(asked)["plan"]
    assert plan["monthly"] == plan["minimum_monthly"]
    assert (plan["clears"], plan["months"]) == (True, 72)


def test_periods_keep_the_order_of_the_input_and_totals_are_their_sums() -> None:
    asked = complete_scenario()
    told = answer(asked)
    assert [row["tax_year"] for row in told["periods"]] == [2024, 2023]
    for key in ("tax", "penalty", "interest", "total"):
        cents = [day_loop.cents(row[key]) for row in told["periods"]]
        assert day_loop.cents(told["total"][key]) == sum(cents)


def test_an_answer_has_the_keys_of_the_contract_in_their_order() -> None:
    told = answer(complete_scenario())
    assert list(told) == ["as_of", "periods", "total", "credit", "plan"]
    assert list(told["periods"][0]) == ["tax_year", "tax", "penalty", "interest", "total", "collection_ends_on"]
    assert list(told["plan"]) == [
        *("minimum_monthly", "monthly", "months", "paid_off_on", "total_paid", "final_payment", "clears"),
        *("assumed_rate_after", "payments"),
    ]
    assert list(told["plan"]["payments"][0]) == ["on", "amount", "balance_after"]


# The refusals.


@pytest.mark.parametrize(("name", "spoil"), REFUSALS, ids=[name for name, _ in REFUSALS])
def test_a_spoiled_scenario_is_refused_with_the_name_of_its_field(name: str, spoil: Spoil) -> None:
    message = refusal(spoil(deepcopy(complete_scenario())))
    field, _, wrong = message.partition(": ")
    assert "".join(character for character in field if not character.isdigit()) in FIELDS, message
    assert wrong
    assert message.isprintable()
    assert message.isascii()


def test_a_refusal_says_where_and_what() -> None:
    asked = complete_scenario()
    asked["periods"][1]["due_on"] = "2024-02-30"
    assert refusal(asked) == "periods[1].due_on: there is no 2024-02-30"


def test_a_quarter_without_a_published_rate_is_refused_by_name() -> None:
    asked = {**complete_scenario(), "as_of": "2027-02-01"}
    assert refusal(asked) == "as_of: No interest rate is published for the quarter that begins on 2027-01-01."


def test_a_due_date_before_the_table_of_rates_is_refused() -> None:
    asked = complete_scenario()
    asked["periods"][0]["due_on"] = "2011-09-29"
    assert refusal(asked).startswith("periods[0].due_on: ")
    asked["periods"][0]["due_on"] = "2011-09-30"
    assert answer(asked)["periods"][0]["tax_year"] == 2024


def test_a_plan_past_the_end_of_the_calendar_is_refused() -> None:
    asked = complete_scenario()
    asked["plan"] = {"first_due_on": "9999-12-15", "due_day": 15, "term_months": 72, "monthly": "1.00"}
    assert refusal(asked).startswith("plan.first_due_on: ")


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", "[", "nonsense", "{'as_of': 1}", '{"as_of": NaN}', "[Infinity]", "\ufeff{}", "{}{}", "\x00"),
        *('{"as_of": "2026-11-23", "as_of": "2026-11-24"}', "[" * 200_000, '{"a":' * 50_000, "1" * 5_000),
    ],
    ids=lambda text: ascii(text)[:24],
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(BadScenario, match=r"^(input|scenario): "):
        calculate(text, policies.load())


@pytest.mark.parametrize(
    "key", ["\x00", "a\nb", "\u202eflip", "é", "k" * 10_000, ""], ids=lambda key: ascii(key)[:16]
)
def test_an_unknown_key_is_named_in_one_printable_line(key: str) -> None:
    message = refusal({**complete_scenario(), key: 1})
    assert message.endswith(": unknown key")
    assert message.isprintable()
    assert len(message) < 100


# Lists.


def test_a_list_is_answered_in_place() -> None:
    bad = {**complete_scenario(), "as_of": "2026-02-30"}
    told = json.loads(calculate(json.dumps([complete_scenario(), bad, 7, complete_scenario()]), policies.load()))
    assert told == [
        answer(complete_scenario()),
        {"error": "as_of: there is no 2026-02-30"},
        {"error": "scenario: an object is needed"},
        answer(complete_scenario()),
    ]


def test_an_empty_list_has_an_empty_answer() -> None:
    assert json.loads(calculate("[]", policies.load())) == []


# The command.


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["calculate", *arguments], input=given)


def complaint(result: Result) -> str:
    """The one line that a refused input leaves on stderr."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("\n")
    assert len(result.stderr.splitlines()) == 1
    return result.stderr.rstrip("\n")


def test_the_command_answers_a_file(tmp_path: Path) -> None:
    (tmp_path / "scenario.json").write_text(json.dumps(complete_scenario()), encoding="utf-8")
    result = run(str(tmp_path / "scenario.json"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == answer(complete_scenario())


def test_a_hyphen_reads_standard_input() -> None:
    result = run("-", given=json.dumps(complete_scenario()))
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == answer(complete_scenario())


def test_bad_input_leaves_one_line_and_no_answer() -> None:
    asked = complete_scenario()
    asked["payments"][0]["amount"] = "1e5"
    assert complaint(run("-", given=json.dumps(asked))) == 'payments[0].amount: an amount like "1250.00" is needed'


def test_a_bad_scenario_in_a_list_does_not_stop_the_others() -> None:
    result = run("-", given=json.dumps([{}, complete_scenario()]))
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout) == [{"error": "as_of: missing"}, answer(complete_scenario())]


@pytest.mark.parametrize("given", ["", "{", "null", '{"as_of": NaN}', '{"a\\nb": 1, "as_of": "x", "periods": []}'])
def test_whatever_is_wrong_with_the_input_it_is_said_in_one_line(given: str) -> None:
    assert complaint(run("-", given=given))


def test_input_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scenario.json").write_bytes(b'{"as_of": "\xff"}')
    assert "scenario.json: cannot be read" in complaint(run(str(tmp_path / "scenario.json")))
    assert complaint(run("-", given=b'{"as_of": "\xff"}')).startswith("-: cannot be read")


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    assert "nowhere.json: cannot be read" in complaint(run(str(tmp_path / "nowhere.json")))
    assert "cannot be read" in complaint(run(str(tmp_path)))
