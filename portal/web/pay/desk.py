"""The desk at which somebody pays: who it is, what the account says, and what was typed before."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import abort, redirect, request

from portal.domain.direct_pay import Timetable
from portal.domain.lifecycle import PaymentState
from portal.queries import direct_pay as queries
from portal.queries.direct_pay import OnlinePayment, Position, SavedAccount
from portal.services.direct_pay_rules import Payer, timetable
from portal.web.access import actor, now, own_taxpayer_id, signed_in


@dataclass(frozen=True)
class Desk:
    """Who pays, and from where. `draft` is what was typed before and can be changed; `changed` is a payment that was
    signed and gets another date or amount. Whoever did not sign in has no `position`: nothing of an account is shown
    to them.
    """

    payer: Payer
    days: Timetable
    position: Position | None
    saved: list[SavedAccount]
    draft: OnlinePayment | None
    changed: OnlinePayment | None

    @property
    def home(self) -> str:
        """Where one begins."""
        return "/direct-pay" if self.payer.is_guest else "/pay"

    @property
    def instead(self) -> str:
        """The payment to be changed; nothing if it is a new one."""
        return self.changed.reference if self.changed else ""

    @property
    def form(self) -> str:
        """Where the form stands, with everything that was typed into it."""
        about = {"draft": self.draft.reference if self.draft else "", "instead": self.instead}
        query = urlencode({name: reference for name, reference in about.items() if reference})
        return f"{self.home}?{query}" if query else self.home

    def review(self, reference: str) -> str:
        """Where a draft is checked and signed."""
        return f"{self.home}/review/{reference}" + (f"?instead={self.instead}" if self.instead else "")

    @property
    def typed(self) -> OnlinePayment | None:
        """What the form is filled in with."""
        return self.draft or self.changed

    @property
    def due_on(self) -> date | None:
        """The due date of the installment that the next debit is for, as long as it is not sent."""
        return self.position.debit.installment_on if self.position and self.position.debit else None

    def receipt(self, reference: str) -> str:
        """Where a signed payment is found again."""
        return f"/direct-pay/payments/{reference}" if self.payer.is_guest else f"/account/payments/{reference}"


def own_desk(reference: str = "") -> Desk:
    """The desk of the person signed in; `reference` is the draft that is looked at."""
    taxpayer_id, who = own_taxpayer_id(), signed_in()
    assert who is not None
    return desk_of(Payer(taxpayer_id, who.name, actor()), reference or named("draft"))


def desk_of(payer: Payer, reference: str) -> Desk:
    """A payer's desk. A payment to be changed for which it is too late says so on its own page."""
    draft, changed = _found(payer, reference), _found(payer, instead := named("instead"))
    if draft and draft.is_draft and draft.user_id != payer.by.looks_as:
        draft = None
    days = timetable(now())
    desk = Desk(
        payer, days, None if payer.is_guest else queries.position(payer.taxpayer_id, now().on, instead),
        [] if payer.is_guest else queries.saved_accounts(payer.taxpayer_id, draft.bank_reference if draft else ""),
        draft, changed,
    )  # fmt: skip
    if instead and (changed is None or changed.is_draft):
        abort(404)
    if changed and not (changed.state is PaymentState.SCHEDULED and days.is_changeable(changed.pay_on)):
        is_signed = draft is not None and not draft.is_draft
        abort(redirect(desk.receipt(reference if is_signed else instead), 303))
    return desk


def _found(payer: Payer, reference: str) -> OnlinePayment | None:
    return queries.online_payment(payer.taxpayer_id, reference) if reference else None


def named(name: str) -> str:
    """A reference in the address; said twice it is none."""
    given = request.args.getlist(name)
    if len(given) > 1:
        abort(400)
    return given[0] if given else ""
