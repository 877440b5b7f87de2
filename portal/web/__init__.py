"""Flask lives here: every address, and what each request passes through."""

from flask import Flask

from portal.web import access, addresses, errors, forms, headers, language, log, page, proxies, static


def begin(app: Flask) -> None:
    """Register what every request passes through, then the pages, one module per noun."""
    addresses.begin(app)
    log.begin(app)
    headers.begin(app)
    language.begin(app)
    static.begin(app)
    forms.begin(app)
    access.begin(app)
    page.begin(app)
    errors.begin(app)
    proxies.begin(app)
    _open_rooms(app)


def _open_rooms(app: Flask) -> None:
    from portal.web import (
        account,
        agreement,
        apply,
        calculator,
        default,
        demo,
        eligibility,
        history,
        languages,
        machines,
        notices,
        password_reset,
        pay,
        payroll,
        periods,
        public,
        register,
        sign_in,
        upcoming,
    )

    for room in (
        public, eligibility, calculator, sign_in, register, password_reset, account, history, upcoming, periods,
        notices, apply, agreement, default, pay, payroll, languages, machines,
    ):  # fmt: skip
        app.register_blueprint(room.bp)
    if app.extensions["office"].is_demo:
        app.register_blueprint(demo.bp)
