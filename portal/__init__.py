"""The portal for tax installment agreements."""

from datetime import timedelta
from pathlib import Path

from flask import Flask

from portal import config, policies
from portal.clock import Clock
from portal.config import Settings
from portal.gateways import nacha_bank, post, vault
from portal.gateways.bank import SandboxBank
from portal.office import Office

HERE = Path(__file__).parent


def create_app(settings: Settings | None = None, *, is_demo: bool = False) -> Flask:
    """Name every part of the house, in order. Refuses (`BadSetting`) settings that cannot be used."""
    from portal import db, web

    settings = settings or config.load()
    config.prepare(settings.instance)
    app = Flask("portal", template_folder=str(beside("templates")), static_folder=None)
    app.config.update(flask_settings(settings))
    app.extensions["office"] = Office(
        settings=settings,
        policy=policies.load(settings.policy),
        vault=vault.open_vault(settings.instance),
        bank=nacha_bank.open_bank(settings.bank) if settings.bank and not is_demo else SandboxBank(),
        clock=Clock(settings.time_zone, settings.instance / "clock-days-ahead" if is_demo else None),
        post=post.open_post(settings, is_demo=is_demo),
        is_demo=is_demo,
    )
    db.begin(app)
    web.begin(app)
    return app


def beside(folder: str) -> Path:
    """A folder of the project: beside the package in a checkout, inside it in an installed wheel."""
    inside = HERE / folder
    return inside if inside.is_dir() else HERE.parent / folder


def flask_settings(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions need to know of the settings."""
    return {
        "SECRET_KEY": config.secret_key(settings),
        "SQLALCHEMY_DATABASE_URI": settings.database,
        "SESSION_COOKIE_NAME": "__Host-portal" if settings.is_secure else "portal",
        "SESSION_COOKIE_SECURE": settings.is_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=24),
        "MAX_CONTENT_LENGTH": 64 * 1024,
        "MAX_FORM_MEMORY_SIZE": 64 * 1024,
        "MAX_FORM_PARTS": 100,
        "TRUSTED_HOSTS": settings.trusted_hosts,
        "WTF_CSRF_TIME_LIMIT": None,
    }
