"""Everything that is held about somebody: whole, theirs alone, with no secret in it, and no more of it in memory."""

import io
import re
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.db import Base, db
from portal.domain.actor import Actor
from portal.domain.money import Money
from portal.models import Entry, Mail, Notice, Payment, Posting, SignIn, Spouse, TrailEvent
from portal.models.mail import MailKind
from portal.queries import held
from portal.services import email_changes, mails
from portal.web.archives import archive
from portal.web.csv_lines import csv_line
from portal.web.data_words import SHEETS
from tests.browser import Browser
from tests.cast import email_of, taxpayer, user
from tests.stopped_clock import NOW
from tests.test_access import HOUSEHOLDS, canaries_of, inside, never_shown
from tests.web.test_language import speaks

PLACE = "/account/data"


def taken(browser: Browser) -> dict[str, str]:
    """The files of the download, by name."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(PLACE).html)
    assert token
    answer = browser.client.post(PLACE, data={"csrf_token": token.group(1)})
    assert answer.mimetype == "application/zip"
    with ZipFile(io.BytesIO(answer.data)) as whole:
        assert whole.testzip() is None
        return {name: whole.read(name).decode() for name in whole.namelist()}


def rows(text: str) -> int:
    return len(text.splitlines()) - 1


# What is in it.


def test_every_table_is_handed_out_or_left_out_for_a_reason() -> None:
    """A new table fails here until it is decided on."""
    assert set(Base.metadata.tables) == set(held.BELONGS) | set(held.LEFT_OUT)
    assert not set(held.BELONGS) & set(held.LEFT_OUT)
    assert all(held.LEFT_OUT.values())
    assert {each.name for each in held.sheets()} == set(SHEETS)


def test_no_sheet_has_a_column_of_a_secret_or_of_the_machine() -> None:
    columns = {column for each in held.sheets() for column in each.columns}

    assert [each for each in columns if each.endswith((*held.SECRET, "_id")) or each in held.INNER] == []
    assert {"last_four", "last_four_of_number", "answers", "by", "payment"} <= columns


def test_all_that_is_there_is_in_it(app: Flask) -> None:
    owner = taxpayer("ontime")
    files = taken(inside(app, "ontime"))

    payments = db.session.execute(select(Payment.reference).where(Payment.taxpayer_id == owner.id)).scalars()
    notices = db.session.execute(select(Notice.reference).where(Notice.taxpayer_id == owner.id)).scalars()
    entries = select(Posting.id).join(Entry, Entry.id == Posting.entry_id).where(Entry.taxpayer_id == owner.id)
    assert [each for each in payments if each not in files["payments.csv"]] == []
    assert {name for name in files if name.startswith("notices/")} == {f"notices/{each}.txt" for each in notices}
    assert rows(files["ledger.csv"]) == len(db.session.execute(entries).all())
    assert "4417" in files["bank_accounts.csv"]
    assert owner.street in files["taxpayers.csv"]
    assert "last four digits" in files["README.txt"]
    assert {f"{each.name}.csv" for each in held.sheets()} < set(files)


# Whose it is.


@pytest.mark.parametrize("household", HOUSEHOLDS)
def test_nothing_of_a_neighbor_and_no_number_in_full_is_in_it(app: Flask, household: str) -> None:
    whole = "".join(taken(inside(app, household)).values())
    foreign = never_shown().union(*(canaries_of(each) for each in HOUSEHOLDS if each != household))
    hashes = [each for row in db.session.execute(select(SignIn.token_hash)) for each in row]

    # Amounts of money are no canaries here: a ledger of years has many.
    assert [each for each in foreign if each in whole and not re.fullmatch(r"-?[\d,.]+|\$.*", each)] == []
    assert [each for each in hashes if each in whole] == []
    assert email_of(household) in whole
    assert taxpayer(household).reference in whole


def test_of_two_who_share_an_account_each_has_the_account_and_themselves(app: Flask) -> None:
    """What the taxpayer was born on and did at a screen is not the spouse's, nor the other way round."""
    owner = taxpayer("ontime")
    spouse = db.session.execute(select(Spouse).where(Spouse.taxpayer_id == owner.id)).scalar_one()
    for role in ("ontime", "spouse"):
        mails.write_to(user(role), MailKind.PASSWORD_CHANGED, when=NOW)
    db.session.commit()
    owners, spouses = inside(app, "ontime"), inside(app, "spouse")
    hers, his = taken(spouses), taken(owners)

    assert hers["payments.csv"] == his["payments.csv"]
    assert str(owner.born_on) not in hers["taxpayers.csv"]
    assert str(owner.born_on) in his["taxpayers.csv"]
    assert str(spouse.born_on) in hers["spouses.csv"]
    assert rows(his["spouses.csv"]) == 0
    assert email_of("spouse") not in "".join(his.values())
    assert email_of("ontime") not in "".join(hers.values())
    assert rows(hers["sign_ins.csv"]) == 1
    assert [each["trail.csv"].count("data.taken") for each in (hers, his)] == [1, 1]
    assert rows(his["mails.csv"]) == len(
        db.session.execute(select(Mail).where(Mail.recipient == email_of("ontime"))).all()
    )


def test_a_new_email_address_is_handed_out_to_whose_it_is_and_not_to_the_spouse(app: Flask) -> None:
    owner = user("ontime")
    email_changes.begin(owner, "moved@example.test", by=Actor(owner.id, owner.role, owner.taxpayer_id), when=NOW)
    hers, his = taken(inside(app, "spouse")), taken(inside(app, "ontime"))

    assert "moved@example.test" in his["email_changes.csv"]
    assert "email_change.begun" in his["trail.csv"]
    assert "moved@example.test" not in "".join(hers.values())
    assert "email_change" not in hers["trail.csv"]


# How it is taken.


def test_the_password_is_asked_for_first_and_the_trail_says_that_it_was_taken(app: Flask) -> None:
    browser = inside(app, "ontime")
    taken(browser)
    events = select(TrailEvent.event).where(TrailEvent.event == "data.taken")
    assert db.session.execute(events).scalars().all() == ["data.taken"]

    db.session.execute(update(SignIn).values(proved_at=NOW.at - timedelta(hours=1)))
    db.session.commit()
    assert "/sign-in/proof" in browser.get(PLACE, follow=False).response.headers["Location"]


def test_looking_at_the_page_takes_nothing(app: Flask) -> None:
    page = inside(app, "ontime").get(PLACE)

    assert "Everything that we hold about you" in page.text
    assert not db.session.execute(select(TrailEvent).where(TrailEvent.event == "data.taken")).first()


def test_it_is_explained_in_the_language_of_who_takes_it(app: Flask) -> None:
    speaks("ontime", "es_US")

    assert "cuatro dígitos" in taken(inside(app, "ontime"))["README.txt"]


def test_of_a_large_archive_only_a_little_is_in_memory(app: Flask) -> None:
    """Twenty megabytes are written while two are never reached."""

    def lines() -> Iterator[str]:
        for number in range(20_000):
            yield csv_line([str(number), "x" * 1000])

    with app.test_request_context():
        tracemalloc.start()
        answer = archive([("lines.csv", lines())], "lines.zip", made_at=NOW.at)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        answer.close()

    assert most < 2_000_000


def test_what_a_spreadsheet_would_compute_is_made_harmless() -> None:
    assert csv_line(["=1+1", Money(-310_00), "-x", "@a", "plain"]) == "'=1+1,-310.00,'-x,'@a,plain\r\n"
