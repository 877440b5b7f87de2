"""The trail: every deed adds its event in its own transaction, chained to the one before with a keyed hash."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, event, func, select
from sqlalchemy.orm import Session

from portal.db import db
from portal.domain.actor import Actor
from portal.domain.moment import Moment
from portal.gateways.vault import Vault
from portal.models import Agreement, Application, BankAccount, TrailEvent, TrailHead
from portal.office import office

Written = TrailEvent | Row[*tuple[Any, ...]]
PAGE = 1000
LAST_AND_HEAD = select(
    select(func.max(TrailEvent.number)).scalar_subquery(),
    select(TrailHead.number).scalar_subquery(),
    select(TrailHead.link).scalar_subquery(),
)


def append(
    name: str, subject: str, *, by: Actor, when: Moment, taxpayer_id: int | None = None, **details: str
) -> None:
    """Write down a deed (`agreement.accepted`) about a subject (its public reference). No secrets in details.

    The rows of one transaction are chained when it commits: the head is read and moved once, however many they are.
    """
    row = TrailEvent(
        at=when.at, event=name, user_id=by.user_id, taxpayer_id=taxpayer_id, subject=subject, acting=by.acting,
        details=details,
    )  # fmt: skip
    db.session.info.setdefault("trail", []).append(row)


def note(name: str, row: Agreement | Application | BankAccount, *, by: Actor, when: Moment, **details: str) -> None:
    """The same about a row that has a reference of its own."""
    append(name, row.reference, by=by, when=when, taxpayer_id=row.taxpayer_id, **details)


def link_of(row: Written, previous: str, vault: Vault) -> str:
    """The keyed hash that ties a row to the one before."""
    return vault.chain(previous, _canonical(row))


def chain(session: Session) -> None:
    """Before a commit: number and chain what was written down, behind the head of the trail."""
    if rows := session.info.pop("trail", None):
        head = session.execute(select(TrailHead).with_for_update()).scalar_one()
        for row in rows:
            row.number = head.number + 1
            row.link = link_of(row, head.link, office().vault)
            head.number, head.link = row.number, row.link
        session.add_all(rows)
        session.info["trail_head"] = f"{head.number} {head.link}\n"


def keep_head(session: Session) -> None:
    """After a commit: keep the head beside the database, where who edits the database does not reach it."""
    if head := session.info.pop("trail_head", None):
        file = head_file(office().settings.instance)
        descriptor, draft = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(descriptor, "w", encoding="ascii") as written:
            written.write(head)
        os.replace(draft, file)


def forget(session: Session, _rolled_back: object) -> None:
    """After a rollback: what was to be written down did not happen."""
    session.info.pop("trail", None)
    session.info.pop("trail_head", None)


def head_file(instance: Path) -> Path:
    """Where the last known head of the trail is kept outside the database."""
    return instance / "trail-head"


event.listen(Session, "before_commit", chain)
event.listen(Session, "after_commit", keep_head)
event.listen(Session, "after_soft_rollback", forget)


def faults(vault: Vault, kept_head: str, told: Callable[[int], object] = lambda _number: None) -> Iterator[str]:
    """Every row of the trail that is not as it was written, in words; none if the trail is whole.

    It is read a page at a time and nothing is held open in between, so that it may be long and deeds go on meanwhile.
    `told` hears the number of the last row of each page.
    """
    number, link = 0, ""
    while True:
        while rows := db.session.execute(_page_after(number)).all():
            for row in rows:
                if row.number != number + 1:
                    yield f"trail {number + 1}: missing, the next row is {row.number}"
                if row.link != link_of(row, link, vault):
                    yield f"trail {row.number}: changed, swapped or inserted"
                number, link = row.number, row.link
                if kept_head.startswith(f"{number} ") and kept_head.strip() != f"{number} {link}":
                    yield f"trail {number}: not the row that was kept outside the database"
            told(number)
        # Asked in one statement: what was written down meanwhile moves both.
        last, *head = db.session.execute(LAST_AND_HEAD).one()
        if (last or 0) <= number:
            break
    if head != [number, link]:
        yield f"trail {number}: the head in the database names another last row"
    if kept_head and int(kept_head.split()[0]) > number:
        yield f"trail {number}: cut, row {kept_head.split()[0]} was written after it"


def _page_after(number: int) -> Select[*tuple[Any, ...]]:
    """The columns alone: that takes half as long as rows that could be changed."""
    return select(*TrailEvent.__table__.c).where(TrailEvent.number > number).order_by(TrailEvent.number).limit(PAGE)


def _canonical(row: Written) -> str:
    at: datetime = row.at
    fields = [row.number, at.isoformat(), row.event, row.user_id, row.taxpayer_id, row.subject, row.details]
    if row.acting is not None:  # Rows of before nobody acted for others are hashed as they were.
        fields.append(row.acting)
    return json.dumps(fields, sort_keys=True, ensure_ascii=True)
