"""The receipt of a payment that was signed here: what is certain by now, and until when it can be changed."""

from dataclasses import dataclass

from portal.domain.lifecycle import PaymentState
from portal.office import office
from portal.queries.direct_pay import OnlinePayment
from portal.services.direct_pay_rules import timetable
from portal.web import pdf
from portal.web.access import now
from portal.web.language import day, instant
from portal.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class Receipt:
    """`until` is the cut-off written out, as long as it lies ahead; after it `too_late` says so."""

    certain: str
    until: str
    too_late: str
    change: str
    cancel: str
    text: list[str]
    signature: str
    signed_at: str
    pdf_url: str | None
    is_of_guest: bool


def receipt_of(payment: OnlinePayment, address: str) -> Receipt:
    """What its page says of a signed payment; `address` is that page."""
    days, is_promised = timetable(now()), payment.state is PaymentState.SCHEDULED
    cut_off = instant(days.cut_off(payment.pay_on))
    is_open = is_promised and days.is_changeable(payment.pay_on)
    too_late = _("It cannot be changed or cancelled: the time for that was over on %(instant)s.", instant=cut_off)
    is_of_guest = address.startswith("/direct-pay")
    assert payment.signed_at
    return Receipt(
        certain=_certain(payment),
        until=cut_off if is_open else "",
        too_late=too_late if is_promised and not is_open else "",
        change=f"{'/direct-pay' if is_of_guest else '/pay'}?instead={payment.reference}",
        cancel=f"{address}/cancellation",
        text=payment.signed_text.split("\n\n") if payment.signed_text else [],
        signature=payment.signature or "",
        signed_at=instant(payment.signed_at.astimezone(office().settings.time_zone)),
        pdf_url=f"{address}.pdf" if pdf.is_available() else None,
        is_of_guest=is_of_guest,
    )


def _certain(payment: OnlinePayment) -> str:
    """How sure it is by now that the money has come and stays."""
    days = timetable(now())
    settles_on, through = days.settles_on(payment.pay_on), days.provisional_through(payment.pay_on)
    if payment.state in (PaymentState.SCHEDULED, PaymentState.SUBMITTED):
        return _(
            "This confirms that you sent the payment, not that your bank has paid. That is known on %(settles_on)s.",
            settles_on=day(settles_on),
        )
    if payment.state is PaymentState.SETTLED and now().on <= through:
        return _(
            "Your bank has paid. Until %(through)s it can still take the money back, if you tell it that you did not"
            " allow the payment.",
            through=day(through),
        )
    return ""
