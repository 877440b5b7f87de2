"""“This was not me”: the link of a mail, good without signing in. Opening it changes nothing; its button does."""

from flask import Response, redirect

from portal.office import office
from portal.services import method_reversals
from portal.web.access import now, public
from portal.web.forms import Form
from portal.web.language import instant
from portal.web.method.desk import bp
from portal.web.page import page


@bp.route("/agreement/changes/<token:token>", methods=["GET", "POST"])
@public
def stop(token: str) -> Response:
    change, form = method_reversals.by_token(token, when=now()), Form()
    if form.carry_out(lambda: method_reversals.stop(token, when=now())):
        return redirect("/agreement/changes/stopped", 303)  # type: ignore[return-value]
    made_at = change.made_at.astimezone(office().settings.time_zone) if change.made_at else None
    return page("agreement/stop.html", form=form, made_at=instant(made_at) if made_at else "")


@bp.get("/agreement/changes/stopped")
@public
def stopped() -> Response:
    return page("agreement/stopped.html")
