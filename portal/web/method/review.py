"""Another way to pay as a whole: old and new side by side, what leaves which account, and the signature."""

from typing import Any

from flask import Response, abort, flash, redirect

from portal.domain.handover import Handover, schedules
from portal.domain.lifecycle import MethodChangeState
from portal.queries import method_changes as looked_up
from portal.queries.method_changes import MethodChangeView
from portal.queries.people import person
from portal.services import method_changes, method_reversals
from portal.services.authorizations import Signature
from portal.web import words
from portal.web.access import actor, in_person, now, own_taxpayer_id, proved, signed_in
from portal.web.apply.texts import VERSION
from portal.web.forms import Form
from portal.web.language import chosen
from portal.web.language import gettext as _
from portal.web.method.compare import coming, compared, difference, in_between
from portal.web.method.desk import Desk, bp, own_desk
from portal.web.method.texts import texts_of
from portal.web.page import page
from portal.web.paying import leaving
from portal.web.signature import ConsentForm


class SigningForm(ConsentForm):
    """The signature under another way to pay."""

    def __init__(self, desk: Desk, change: MethodChangeView, found: Handover) -> None:
        self.change, self.found = change, found
        who = signed_in() or abort(404)
        name = person(who.user_id).name
        # An agreement that was changed meanwhile is looked at again.
        self.state = str(found.version)
        super().__init__(name, texts_of(desk, change, found, name))

    def sign(self) -> None:
        """The change, if what is signed is what was shown."""
        signature = Signature(self.signed_name(), VERSION, chosen(), self.texts)
        method_changes.make(self.change.reference, self.found, signature, by=actor(), when=now())


@bp.route("/agreement/method/<reference:reference>", methods=["GET", "POST"])
@in_person
@proved
def review(reference: str) -> Response:
    """Nothing is changed until it is signed here. Whoever signs again is shown what the first signature did."""
    change = looked_up.one(own_taxpayer_id(), reference)
    if change is None or not _may_see(change):
        abort(404)
    desk = own_desk()
    if change.state is not MethodChangeState.DRAFTED:
        return redirect("/agreement", 303)  # type: ignore[return-value]
    found = looked_up.handed_over(desk.taxpayer_id, desk.plan, change.method)
    form = SigningForm(desk, change, found)
    if form.carry_out(form.sign):
        flash(_("The way you pay was changed."))
        return redirect("/agreement", 303)  # type: ignore[return-value]
    form.show()
    return page("agreement/method_review.html", form=form, change=change, **_shown(desk, change, found, form))


@bp.post("/agreement/method/<reference:reference>/undo")
def undo(reference: str) -> Response:
    form = Form()
    if form.carry_out(lambda: method_reversals.undo(reference, by=actor(), when=now())):
        flash(_("The change was undone. Payments are taken as before."))
        return redirect("/agreement", 303)  # type: ignore[return-value]
    return page("agreement/not_undone.html", form=form)


def _may_see(change: MethodChangeView) -> bool:
    who = signed_in()
    is_own_draft = who is not None and change.user_id == who.user_id
    return change.state is not MethodChangeState.DRAFTED or is_own_draft


def _shown(desk: Desk, change: MethodChangeView, found: Handover, form: SigningForm) -> dict[str, Any]:
    old, new = schedules(desk.plan, found, change.method)
    return {
        "compared": compared(desk, change, found, old, new),
        "coming": coming(desk, change, found, old, new),
        "in_between": in_between(desk, change, found),
        "difference": difference(found, old, new),
        "staying": leaving(found.staying),
        "signed": [(words.authorization(kind), text.split("\n\n")) for kind, text in form.texts.items()],
        "again": "/agreement/bank" if change.bank_account else "/agreement/method",
    }
