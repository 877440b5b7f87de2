"""The command `portal`: what a small team types to run the portal."""

import sys
from pathlib import Path
from typing import Any

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run and keep a portal for tax installment agreements."""


@main.command()
@click.argument("file")
def calculate(file: str) -> None:
    """Compute what a scenario in FILE (JSON, - for standard input) owes and what its plan comes to."""
    from portal import calculate as calculator
    from portal import policies

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        click.echo(calculator.calculate(text, policies.load()))
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(complain(f"{file}: cannot be read ({error})")) from None
    except calculator.BadScenario as error:
        raise SystemExit(complain(str(error))) from None


@main.command()
@click.option("--bind", help="Address to listen on (PORTAL_BIND).")
@click.option("--port", type=int, help="Port to listen on (PORTAL_PORT).")
def serve(bind: str | None, port: int | None) -> None:
    """Bring the database up to date and serve the portal."""
    from portal.demo import world

    app = _app(bind=bind, port=port)
    _migrate(app)
    with app.app_context():
        if world.exists():
            raise SystemExit(complain("This database holds a demonstration, whose passwords are known to all."))
    settings = app.extensions["office"].settings
    here = f"http://{settings.bind}:{settings.port}"
    click.echo(f"The portal is at {settings.address if settings.is_secure else here} (it listens on {here}).")
    if not _has_administrator(app):
        click.echo("Nobody can administer it yet. Run: portal user add --role administrator EMAIL")
    _serve(app)


@main.command()
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--no-serve", is_flag=True, help="Only make the world.")
def demo(port: int, no_serve: bool) -> None:
    """Make the demonstration world in an empty database and serve it; a world made before is served again."""
    from portal.demo import world
    from portal.demo.cast import CAST, PASSWORD

    address = f"http://127.0.0.1:{port}"
    app = _app(is_demo=True, bind="127.0.0.1", port=port, address=address)
    _migrate(app)
    with app.app_context():
        if world.is_unwelcome():
            raise SystemExit(complain("This database is somebody's own. Let PORTAL_INSTANCE name an empty folder."))
        if days := world.days_to_live():
            with click.progressbar(world.live(days), length=len(days), label="Living through the days") as lived:
                for _day in lived:
                    pass
    click.echo(f"\nThe demonstration is at {address}\nEverybody's password is {PASSWORD}\n")
    for member in CAST:
        click.echo(f"  {member.email:24} {member.about}")
    if not no_serve:
        click.echo("\nStop it with Ctrl-C.")
        _serve(app)


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check the file and say what is new in it.")
def import_file(file: Path, dry_run: bool) -> None:
    """Take over taxpayers, tax periods and earlier payments from FILE (CSV): all of it or nothing."""
    from portal.domain.actor import PORTAL
    from portal.domain.refusal import Refusal
    from portal.office import office
    from portal.services import imports

    app = _app()
    _migrate(app)
    with app.app_context():
        now = office().clock.now
        try:
            with _reading(file, "Checking") as read:
                checked = imports.dry_run(file, when=now(), told=read.update)
            for sentence in checked.sentences():
                click.echo(sentence, err=bool(checked.bad))
            if checked.new and not (dry_run or checked.bad):
                with _reading(file, "Importing") as read:
                    imports.carry_out(file, checked, by=PORTAL, when=now(), told=read.update)
        except Refusal as refusal:
            complain(str(refusal))
            raise SystemExit(1) from None
    is_unchanged = checked.bad or dry_run or not checked.new
    click.echo("Nothing was changed." if is_unchanged else "Everything new was imported.")
    raise SystemExit(1 if checked.bad else 0)


@main.command()
def verify() -> None:
    """Recompute every balance and check every invariant of the books; exit 1 and name the rows that are wrong."""
    from portal.services import audit

    app = _app()
    _require_tables(app)
    with app.app_context():
        faults = []
        count = audit.count()
        with click.progressbar(audit.faults(), length=count, label="Verifying") as checked:
            for found in checked:
                faults.extend(found)
    for fault in faults:
        click.echo(fault, err=True)
    click.echo(f"{count} accounts checked, {len(faults)} faults.")
    raise SystemExit(1 if faults else 0)


@main.command()
def close() -> None:
    """Close the business day, and every one before it that was left out; exit 1 if some work could not be done."""
    from portal.domain.refusal import Refusal
    from portal.jobs import days
    from portal.office import office

    app = _app()
    _require_tables(app)
    left = 0
    with app.app_context():
        try:
            for day in days.close_through(office().clock.now(), office().bank, lambda step: click.echo(f"  {step}")):
                click.echo(f"{day.day} is closed.")
                for what, value in day.summary.items():
                    click.echo(f"    {what:32} {value}")
                left += int(day.summary[days.LEFT])
        except Refusal as refusal:
            raise SystemExit(complain(str(refusal))) from None
    raise SystemExit(1 if left else 0)


@main.command()
def worker() -> None:
    """Close each business day by the timetable (PORTAL_CLOSE_AT) and deliver mail, until told to stop."""
    from portal import worker as timetable

    app = _app()
    _migrate(app)
    click.echo(f"The business day is closed at {app.extensions['office'].settings.close_at:%H:%M}.")
    timetable.work(app)


@main.command()
def post() -> None:
    """Deliver the mail that is due now; exit 1 if some was not taken, which is tried again later."""
    from portal.jobs import post as job
    from portal.office import office
    from portal.web import mail

    app = _app()
    _require_tables(app)
    with app.app_context():
        done = job.deliver(office().clock.now, office().post, mail.render)
    click.echo(f"{done.sent} mails sent, {done.failed} not taken.")
    raise SystemExit(1 if done.failed else 0)


@main.group()
def trail() -> None:
    """The trail of who did what."""


@trail.command("verify")
def verify_trail() -> None:
    """Follow the chain of the trail; exit 1 and name what was edited, removed, swapped, inserted or cut."""
    from portal.office import office
    from portal.services import trail as chain

    app = _app()
    _require_tables(app)
    with app.app_context():
        kept = chain.head_file(office().settings.instance)
        head = kept.read_text(encoding="ascii") if kept.exists() else ""
        faults = list(chain.faults(office().vault, head))
    for fault in faults:
        click.echo(fault, err=True)
    click.echo("The trail is whole." if not faults else f"{len(faults)} faults.")
    raise SystemExit(1 if faults else 0)


@main.group()
def user() -> None:
    """People who can sign in."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(["agent", "supervisor", "administrator"]), required=True)
@click.option("--name", prompt=True, help="How the person is called.")
@click.password_option(help="At least 15 characters; asked for if left out.")
def add_user(email: str, role: str, name: str, password: str) -> None:
    """Let somebody of the staff sign in with EMAIL."""
    from portal.domain.actor import PORTAL, Role
    from portal.domain.refusal import Refusal
    from portal.office import office
    from portal.services import users

    app = _app()
    _migrate(app)
    with app.app_context():
        try:
            users.add(email, password, name=name, role=Role(role), by=PORTAL, when=office().clock.now())
        except Refusal as refusal:
            raise SystemExit(complain(str(refusal))) from None
    click.echo(f"{email} can sign in as {role}.")


@user.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take the lost second factor of EMAIL away: all their sign-ins end, and the staff sets up another one."""
    from portal.domain.actor import PORTAL
    from portal.office import office
    from portal.services import second_factors, users

    app = _app()
    _require_tables(app)
    with app.app_context():
        found = users.by_email(email.strip().lower())
        if found is None:
            raise SystemExit(complain(f"Nobody signs in with {email}."))
        second_factors.reset(found, by=PORTAL, when=office().clock.now())
    click.echo(f"{email} can sign in with the password alone, and was told so by mail.")


def complain(sentence: str) -> int:
    """Say in one line what was refused."""
    click.echo(" ".join(sentence.split()), err=True)
    return 2


def _reading(file: Path, label: str) -> Any:
    length = file.stat().st_size if file.is_file() else 0
    return click.progressbar(length=length, label=label, update_min_steps=1 + length // 200)


def _app(*, is_demo: bool = False, **overrides: Any) -> Any:
    from portal import config, create_app

    given = {name: str(value) for name, value in overrides.items() if value is not None}
    return create_app(config.load(overrides=given), is_demo=is_demo)


def _migrate(app: Any) -> None:
    from flask_migrate import upgrade

    with app.app_context():
        upgrade()


def _require_tables(app: Any) -> None:
    from sqlalchemy import inspect

    from portal.db import db

    with app.app_context():
        if not inspect(db.engine).has_table("trail_head"):
            raise SystemExit(complain("There is nothing here: this database has no tables yet."))


def _has_administrator(app: Any) -> bool:
    from portal.domain.actor import Role
    from portal.queries import users

    with app.app_context():
        return users.count(Role.ADMINISTRATOR) > 0


def _serve(app: Any) -> None:
    from portal import server

    server.serve(app)
