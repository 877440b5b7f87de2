"""The policy in force: what the data files say today, what changes when, and what was before."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from flask import Response

from portal.domain.calendar import corresponding_day
from portal.domain.money import Money
from portal.domain.policy import Ceiling, Dated
from portal.domain.rates import quarter_of
from portal.office import office
from portal.web.access import now
from portal.web.admin.desk import bp, for_supervisors
from portal.web.language import day, money, percent, short_day
from portal.web.language import gettext as _
from portal.web.language import marked as N_
from portal.web.page import page

SECTIONS = {
    "limits": N_("Limits of a plan"),
    "days": N_("Days"),
    "fees": N_("User fees"),
    "low_income": N_("Low income"),
    "penalties": N_("Penalties"),
    "direct_pay": N_("Direct Pay"),
}
# Shares in hundredths of a percent.
SHARES = (
    "filing_monthly", "paying_monthly", "paying_monthly_in_agreement", "paying_monthly_after_levy", "paying_cap",
    "dishonored",
)  # fmt: skip
RATES_SHOWN, OLD = 12, 1950


@bp.get("/admin/policy")
@for_supervisors
def policy() -> Response:
    data, settings = office().policy, office().settings
    sections = [(_(title), _rows(getattr(data, name))) for name, title in SECTIONS.items()]
    return page(
        "admin/policy.html",
        name=data.name,
        files=settings.policy.name,
        warning=rate_that_is_missing(),
        rates=[_rate(each) for each in reversed(data.rates.rates[-RATES_SHOWN:])],
        sections=sections,
    )


def rate_that_is_missing() -> str:
    """The interest rate that the table does not have yet: of this quarter, or of the next one."""
    through, today = office().policy.rates.published_through, now().on
    following = corresponding_day(quarter_of(today), 3)
    if today > through:
        return _("The interest rate of this quarter is missing. The last one is used instead.")
    if through < following:
        return _("The interest rate from %(quarter)s on is not there yet.", quarter=day(following))
    return ""


def _rate(rate: Any) -> dict[str, Any]:
    current = office().policy.rates.on(now().on)
    state = (_("In force"), "good") if rate == current else (_("Before"), "neutral")
    if rate.begins_on > now().on:
        state = (_("From then on"), "wait")
    return {"from": short_day(rate.begins_on), "percent": f"{rate.percent}%", "source": rate.source, "state": state}


def _rows(dated: Dated[Any]) -> list[dict[str, Any]]:
    """A line for each value in the order of its file: what it is today, will be, and was before."""
    today = now().on
    names = dict.fromkeys(name for _from, value in dated.entries for name, _value in _flat(value))
    rows = []
    for name in names:
        history = [(begins_on, dict(_flat(value)).get(name)) for begins_on, value in dated.entries]
        changes = [entry for number, entry in enumerate(history) if not number or entry[1] != history[number - 1][1]]
        past, coming = [each for each in changes if each[0] <= today], [each for each in changes if each[0] > today]
        rows.append(
            {
                "name": name,
                "now": _said(past[-1]) if past else "–",
                "coming": "; ".join(map(_said, coming)) or "–",
                "before": "; ".join(map(_said, reversed(past[:-1]))) or "–",
            }
        )
    return rows


def _said(entry: tuple[date, str | None]) -> str:
    """What is older than anybody counts has no day."""
    begins_on, value = entry
    return (
        f"{value}" if begins_on.year < 1950 else _("%(value)s, from %(day)s", value=value, day=short_day(begins_on))
    )


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each value by its name in the file, written out."""
    for field in fields(value):
        name, found = f"{prefix}{field.name}", getattr(value, field.name)
        if isinstance(found, Ceiling):
            below = _("below %(amount)s", amount=money(found.amount))
            yield name, _("at most %(amount)s", amount=money(found.amount)) if found.is_within else below
        elif is_dataclass(found) and not isinstance(found, Money):
            yield from _flat(found, f"{name}.")
        elif isinstance(found, dict):
            for key, each in found.items():
                yield from _flat(each, f"{name}.{key}.")
        else:
            yield name, _written(field.name, found)


def _written(name: str, value: Any) -> str:
    if name == "filing_floors":
        return "; ".join(_said((each.from_due_on, money(each.amount))) for each in value)
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        return f"{value[0]}–{value[-1]}" if len(value) > 2 else ", ".join(map(str, value))
    return f"{percent(value)}%" if name in SHARES else str(value)
