"""No full SSN and no account number outside the sealed columns: not in a file, the trail, a notice or the log."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from portal.db import db
from portal.domain.actor import PORTAL
from portal.gateways.vault import Unreadable
from portal.models import BankAccount, Notice, Taxpayer, TrailEvent
from portal.office import office
from portal.services import bank_accounts, taxpayers
from tests.conftest import new_app
from tests.ledger_text import a_person, agreed, closed, moment, owing

SSN, ACCOUNT = "987654321", "4417889900123"
DAY = date(2024, 6, 3)


@dataclass
class Lived:
    """An instance folder, what was logged while people lived in it, and what the database said of a double."""

    folder: Path
    log: str
    error: str


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Somebody with these numbers is enrolled, debited, and tried to enrol again; all that logs is heard."""
    folder, heard = tmp_path_factory.mktemp("lived"), io.StringIO()
    handler, root = logging.StreamHandler(heard), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    app = new_app(folder, f"sqlite:///{folder / 'portal.sqlite3'}")
    with app.app_context():
        taxpayers.enrol(a_person(ssn=SSN), by=PORTAL, when=moment(DAY))
        agreed(owing(), "100.00", date(2024, 7, 15), day=date(2024, 7, 12), number=ACCOUNT)
        closed(date(2024, 7, 12), date(2024, 7, 17))
        with pytest.raises(IntegrityError) as failed:
            taxpayers.enrol(a_person(ssn=SSN), by=PORTAL, when=moment(DAY))
        yield Lived(folder, heard.getvalue(), str(failed.value))
        db.session.remove()
        db.engine.dispose()
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("secret", [SSN, ACCOUNT])
def test_no_file_of_the_instance_holds_a_full_number(lived: Lived, secret: str) -> None:
    files = [each for each in lived.folder.iterdir() if each.is_file()]

    assert {"portal.sqlite3", "keyring.json", "trail-head"} <= {each.name for each in files}
    for file in files:
        content = file.read_bytes()
        assert secret.encode() not in content, file.name
        assert secret.encode("utf-16-le") not in content, file.name
        assert secret[::-1].encode() not in content, file.name


@pytest.mark.parametrize("secret", [SSN, ACCOUNT])
def test_neither_the_trail_nor_a_notice_nor_the_log_tells_a_number(lived: Lived, secret: str) -> None:
    told = [*db.session.execute(db.select(TrailEvent.details)).scalars()]
    told += db.session.execute(db.select(Notice.facts)).scalars()

    assert lived.log
    for text in (str(told), lived.log, lived.error):
        assert secret not in text
    assert secret[-4:] not in str(told)


def test_a_sealed_number_moved_to_another_account_does_not_open(lived: Lived) -> None:
    account = db.session.execute(db.select(BankAccount)).scalar_one()
    assert bank_accounts.number_of(account) == ACCOUNT
    taxpayer = db.session.get_one(Taxpayer, account.taxpayer_id)
    other = bank_accounts.add(
        taxpayer, routing_number="231380104", number="1", type=account.type, by=PORTAL, when=moment(DAY)
    )

    other.number_sealed = account.number_sealed

    with pytest.raises(Unreadable):
        bank_accounts.number_of(other)
    db.session.rollback()


def test_a_taxpayer_is_found_by_the_number_without_opening_any(lived: Lived) -> None:
    found = taxpayers.by_ssn(SSN)

    assert found is not None
    assert office().vault.open(found.ssn_sealed, found.ssn_row) == SSN
    assert taxpayers.by_ssn("987654320") is None


def test_every_secret_of_the_instance_is_the_owner_s_alone(lived: Lived) -> None:
    for name in ("keyring.json", "secret_key", "trail-head"):
        assert (lived.folder / name).stat().st_mode & 0o077 == 0, name
