"""What the records say about whoever is signed in, on pages for everybody."""

from portal.domain.lifecycle import AgreementState
from portal.queries.standings import AccountView, account_view
from portal.web.access import now, signed_in
from portal.web.language import day, money
from portal.web.language import gettext as _

Rows = list[tuple[str, str]]


def own_view() -> AccountView | None:
    """The account of the person signed in; none for strangers and staff."""
    who = signed_in()
    return account_view(who.taxpayer_id, now().on) if who and who.taxpayer_id else None


def told(view: AccountView) -> Rows:
    """What is owed today by kind, and whether there is an agreement."""
    owed = view.standing.owed
    rows = [
        (_("Tax"), money(owed.tax)),
        (_("Penalties"), money(owed.penalty)),
        (_("Interest"), money(owed.interest)),
        (_("Owed today"), money(owed.total)),
    ]
    if view.agreement is None:
        return [*rows, (_("Agreement"), _("none"))]
    since, ended_on = day(view.agreement.accepted_on), view.agreement.ended_on
    if view.agreement.is_in_force or ended_on is None:
        return [*rows, (_("Agreement"), _("in force since %(day)s", day=since))]
    if view.agreement.state is AgreementState.TERMINATED:
        return [*rows, (_("Agreement"), _("ended by us on %(day)s", day=day(ended_on)))]
    return [*rows, (_("Agreement"), _("ended on %(day)s", day=day(ended_on)))]
