"""Figures for a monitoring system, as Prometheus reads them: only for who has the token, and cheap to ask for."""

from collections.abc import Iterable, Iterator
from hmac import compare_digest

from flask import Blueprint, Response, abort, current_app, request

from portal.office import office
from portal.queries import health
from portal.web.access import now, public

bp = Blueprint("metrics", __name__)
TEXT = "text/plain; version=0.0.4; charset=utf-8"
Samples = Iterable[tuple[str, float | int]]


@bp.get("/metrics")
@public
def show() -> Response:
    """Without a token set there is no such page; a wrong one finds none either."""
    wanted = office().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not compare_digest(given.encode(), wanted.encode()):
        abort(404)
    return Response("\n".join((*_requests(), *_state(), "")), content_type=TEXT)


def _requests() -> Iterator[str]:
    found = [
        (f'{{audience="{each.room}",status="{each.status}"}}', each)
        for each in current_app.extensions["counts"].all()
    ]
    yield from _metric("portal_requests_total", "counter", "Requests by whom the page is for and how they ended.",
                       ((labels, each.requests) for labels, each in found))  # fmt: skip
    yield from _metric("portal_request_seconds_total", "counter", "The time that they took.",
                       ((labels, each.microseconds / 1_000_000) for labels, each in found))  # fmt: skip


def _state() -> Iterator[str]:
    mail, close = health.mail(), health.last_close()
    waited = (now().at - mail.oldest_at).total_seconds() if mail.oldest_at else 0
    yield from _gauge("portal_mail_waiting", "Mails that are not sent yet.", mail.waiting)
    yield from _gauge("portal_mail_oldest_seconds", "How long the oldest of them has waited.", waited)
    yield from _gauge("portal_mail_undelivered", "Mails that were given up.", mail.undelivered)
    coming = [(f'{{state="{state}"}}', count) for state, count in health.payments_under_way().items()]
    yield from _metric("portal_payments", "gauge", "Payments that are promised or on their way.", coming)
    yield from _gauge("portal_tasks_open", "Tasks that wait or are being done.", health.open_tasks())
    yield from _gauge("portal_bank_lines_open", "Lines from the bank that nobody has resolved.", health.open_lines())
    if close:
        yield from _gauge("portal_close_timestamp_seconds", "When the last close ended.", close.ended_at.timestamp())
        yield from _gauge("portal_close_days_behind", "Days since the last one closed.", (now().on - close.day).days)
        yield from _gauge("portal_close_undone", "Work that it could not do.", close.undone)
        yield from _gauge("portal_ledger_imbalance_cents", "What all postings came to at that close; has to be zero.",
                          close.imbalance_cents)  # fmt: skip


def _gauge(name: str, told: str, value: float | int) -> Iterator[str]:
    return _metric(name, "gauge", told, (("", value),))


def _metric(name: str, kind: str, told: str, samples: Samples) -> Iterator[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"
    yield from (f"{name}{labels} {value}" for labels, value in samples)
