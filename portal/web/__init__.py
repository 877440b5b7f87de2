"""Flask lives here: every address, and what each request passes through."""

from flask import Blueprint, Flask

from portal.web import (
    access,
    acting,
    addresses,
    counts,
    errors,
    forms,
    headers,
    language,
    log,
    page,
    proxies,
    static,
)


def begin(app: Flask) -> None:
    """Register what every request passes through, then the pages, one module per noun."""
    addresses.begin(app)
    log.begin(app)
    counts.begin(app)
    headers.begin(app)
    language.begin(app)
    static.begin(app)
    forms.begin(app)
    acting.begin(app)
    access.begin(app)
    page.begin(app)
    errors.begin(app)
    proxies.begin(app)
    for blueprint in _rooms(is_demo=app.extensions["office"].is_demo):
        app.register_blueprint(blueprint)


def _rooms(*, is_demo: bool) -> list[Blueprint]:
    """The pages, which are imported once everything that they pass through is there."""
    from portal.web import (
        account,
        agent,
        agreement,
        apply,
        calculator,
        changes,
        default,
        demo,
        direct_pay,
        eligibility,
        history,
        languages,
        looks,
        machines,
        method,
        metrics,
        new_balance,
        notices,
        password_reset,
        pay,
        payroll,
        periods,
        public,
        register,
        second_factor,
        settings,
        sign_in,
        upcoming,
    )

    rooms = (
        public, eligibility, calculator, sign_in, register, password_reset, account, history, upcoming, periods,
        notices, apply, agreement, changes, method, new_balance, default, pay, direct_pay, payroll, agent,
        languages, looks, machines, metrics,
        second_factor, settings,
    )  # fmt: skip
    return [*(room.bp for room in (*rooms, *([demo] if is_demo else []))), *_papers(), *_offices()]


def _papers() -> list[Blueprint]:
    """What people take along: statements, files, calendars."""
    from portal.web import agreement_paper, calendar_feed, data, statements

    return [agreement_paper.bp, calendar_feed.bp, data.bp, statements.bp]


def _offices() -> list[Blueprint]:
    """Where the agency looks after the portal itself."""
    from portal.web import admin

    return [admin.bp]
