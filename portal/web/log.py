"""One JSON line a request, without personal data: the route, never the address that was typed."""

import json
import logging
import secrets
import sys
from time import perf_counter

from flask import Flask, Response, g, request

logger = logging.getLogger("portal.request")


class JsonLine(logging.Formatter):
    """A record as one line of JSON; line breaks in values are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", None) or {"message": record.getMessage()}
        line = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower(), **fields}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def to_standard_error() -> None:
    """Send the request log to standard error, for `portal serve`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    logging.getLogger("portal").addHandler(handler)
    logging.getLogger("portal").setLevel(logging.INFO)


def identities() -> dict[str, int | str | None]:
    """Who acts, for whom, and by which session: in every line of who acts for a taxpayer, and in no other."""
    who = g.get("who")
    if who is None or who.acting is None:
        return {}
    return {"user": who.acting.user_id, "taxpayer": who.taxpayer_id, "acting": who.acting.reference}


def begin(app: Flask) -> None:
    app.logger = logging.getLogger("portal")

    @app.before_request
    def begun() -> None:
        g.began = perf_counter()
        g.request_id = secrets.token_hex(8)

    @app.after_request
    def ended(response: Response) -> Response:
        if logger.isEnabledFor(logging.INFO):
            fields = identities() | {
                "request": g.request_id,
                "method": request.method,
                "route": str(request.url_rule or "none"),
                "status": response.status_code,
                "ms": round((perf_counter() - g.began) * 1000, 1),
                "part": request.headers.get("HX-Target", "")[:60],
            }
            logger.info("request", extra={"fields": fields})
        return response
