"""X-Forwarded-* headers are believed from as many proxies as the settings name, and otherwise ignored."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def begin(app: Flask) -> None:
    proxies = app.extensions["office"].settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
