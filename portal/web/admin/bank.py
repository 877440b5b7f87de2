"""The bank: what the sandbox does and holds, or which files were exchanged with a real one."""

from typing import Any

from flask import Response

from portal.gateways.bank import Answer, SandboxBank
from portal.jobs import sandbox
from portal.jobs.sandbox import Held
from portal.models.bank_file import Direction
from portal.office import office
from portal.queries import bank_lines, health
from portal.queries.bank_lines import File
from portal.web.admin.desk import asked_after, bp, for_administrators
from portal.web.admin.words import moment
from portal.web.language import gettext as _
from portal.web.language import money, short_day
from portal.web.page import page
from portal.web.words import return_reason


@bp.get("/admin/bank")
@for_administrators
def bank() -> Response:
    used = office().bank
    if not isinstance(used, SandboxBank):
        found, further = bank_lines.newest_files(asked_after())
        onward = f"/admin/bank?before={further}" if further else None
        return page(
            "admin/files.html", rows=[_file(each) for each in found], further=onward, open=health.open_lines()
        )
    held, after = sandbox.held(used, asked_after("after") or 0)
    return page(
        "admin/sandbox.html",
        rules=_rules(used),
        rows=[_held(each) for each in held],
        further=f"/admin/bank?after={after}" if after else None,
    )


def _rules(used: SandboxBank) -> list[dict[str, str]]:
    """What it does, by the last four digits of an account: read from the bank itself."""
    once, always, late = used.returns_once.items(), used.returns_always.items(), used.returns_late.items()
    rules = [
        *((number, _("is not known: it cannot be chosen")) for number in used.unknown),
        *((number, _("returns the first debit (%(code)s), then pays", code=code)) for number, code in once),
        *((number, _("returns every debit (%(code)s)", code=code)) for number, code in always),
        *((number, _("pays, and returns the debit (%(code)s) %(days)s days later", code=code, days=used.late_days))
          for number, code in late),
        *((number, _("pays, and says that its number is another one by now (C01)")) for number in used.corrects),
        *((number, _("never answers")) for number in used.silent),
    ]  # fmt: skip
    rows = [{"ending": number[-4:], "does": does} for number, does in sorted(rules)]
    return [*rows, {"ending": _("any other"), "does": _("pays")}]


def _held(each: Held) -> dict[str, Any]:
    return {
        "reference": each.reference,
        "amount": money(each.amount),
        "ending": each.last_four,
        "taken": short_day(each.taken_on),
        "on": short_day(each.answers_on) if each.answer else _("never"),
        "answer": _said(each.answer),
    }


def _said(answer: Answer | None) -> tuple[str, str]:
    if answer is None:
        return _("Nothing"), "wait"
    if answer.is_return:
        return f"{answer.code}: {return_reason(answer.code)}", "bad"
    return (_("Paid, with a new number (C01)") if answer.correction else _("Paid")), "good"


def _file(each: File) -> dict[str, Any]:
    sent = each.direction is Direction.SENT
    return {
        "name": each.name,
        "way": _("to the bank") if sent else _("from the bank"),
        "day": short_day(each.business_day),
        "for": short_day(each.effective_on) if each.effective_on else None,
        "entries": f"{each.entries:,}",
        "total": money(each.total),
        "written": moment(each.written_at) if each.written_at else _("not yet"),
    }
