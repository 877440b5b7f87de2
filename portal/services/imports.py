"""`portal import`: what an agency brings along, from a CSV file; all of it or nothing (docs/import.md)."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select

from portal.db import db, transaction
from portal.domain import admission, roster
from portal.domain.actor import Actor
from portal.domain.admission import Admission, Known
from portal.domain.calendar import ONE_DAY
from portal.domain.ledger import EntryKind, charge_move
from portal.domain.lifecycle import PaymentState
from portal.domain.moment import Moment
from portal.domain.penalties import failure_to_file
from portal.domain.period import Kind as Owing
from portal.domain.period import TaxPeriod
from portal.domain.refusal import Refusal
from portal.domain.roster import Bounds, Kind, Record
from portal.domain.waterfall import Account
from portal.domain.waterfall import Payment as Received
from portal.models import Assessment, Payment, PaymentStep, Taxpayer
from portal.models import TaxPeriod as PeriodRow
from portal.models.columns import ALPHABET
from portal.models.payment import Channel
from portal.office import office
from portal.queries import accounts
from portal.services import ledger, taxpayers, trail
from portal.services.taxpayers import Person

LARGEST_BYTES = 25_000_000
MOST_LINES = 100_000
MOST_LINES_EACH = 1_000
LONGEST_LINE_BYTES = 2_000
FAULTS_KEPT = 200

Told = Callable[[int], object]


class NoSuchFile(Refusal):
    """The file cannot be read: %(reason)s."""


class TooLarge(Refusal):
    """A file of at most %(megabytes)s MB can be imported. Split it between two taxpayers; nothing was changed."""


class TooManyLines(Refusal):
    """A file of at most %(lines)s lines can be imported. Split it between two taxpayers; nothing was changed."""


class ChangedMeanwhile(Refusal):
    """The file or the accounts changed between the check and the import. Nothing was changed; import it again."""


@dataclass
class Tally:
    """What a file comes to: lines that are new by kind, lines whose facts are here, bad lines and why."""

    digest: str
    new: Counter[Kind] = field(default_factory=Counter)
    here: int = 0
    bad: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, found: Admission) -> None:
        self.new.update(record.kind for record in found.new if record.kind)
        self.here += len(found.here)
        self.bad += len(found.bad)
        for record in found.bad[: FAULTS_KEPT - len(self.faults)]:
            self.faults.append(f"Line {record.number}: {'; '.join(record.reasons)}.")


def dry_run(path: Path, *, when: Moment, told: Told = len) -> Tally:
    """Check every line of a file and change nothing. `told` hears of the bytes as they are read."""
    with _opened(path) as file:
        tally = Tally(_digest(file))
        for lines in _households(file, when, told):
            tally.add(admission.admit(lines, _known(lines)[1]))
    return tally


def carry_out(path: Path, checked: Tally, *, by: Actor, when: Moment, told: Told = len) -> None:
    """Import a file that the dry run found good: all that is new in it, in one deed; nothing new, nothing written.

    Every line is checked again under the lock. Refuses (`ChangedMeanwhile`) what is no longer as it was checked.
    """
    if checked.bad:
        raise ChangedMeanwhile
    if not checked.new:
        return
    with _opened(path) as file, transaction():
        done = Tally(_digest(file))
        for lines in _households(file, when, told):
            taxpayer, known = _known(lines)
            found = admission.admit(lines, known)
            done.add(found)
            if found.bad:
                break
            _enter(taxpayer, found, by=by, when=when)
        if done != checked:
            raise ChangedMeanwhile
        counts = {f"{kind}s": str(done.new[kind]) for kind in Kind}
        trail.append("import.finished", done.digest[:16], by=by, when=when, **counts)


def size(path: Path) -> int:
    """The bytes of a file that can be imported. Refuses a missing one (`NoSuchFile`) and a `TooLarge` one."""
    with _opened(path) as file:
        return file.seek(0, 2)


# Reading


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        if not path.is_file():
            raise NoSuchFile(reason="there is no such file")
        file = path.open("rb")
    except OSError as error:
        raise NoSuchFile(reason=error.strerror) from None
    with file:
        if file.seek(0, 2) > LARGEST_BYTES:
            raise TooLarge(megabytes=LARGEST_BYTES // 1_000_000)
        file.seek(0)
        yield file


def _digest(file: BinaryIO) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def _households(file: BinaryIO, when: Moment, told: Told) -> Iterator[list[Record]]:
    """The lines of a file, those of one taxpayer together; what stands apart is bad."""
    first_lines: dict[int, int] = {}
    household: list[Record] = []
    for record in _records(file, when, told):
        if record.ssn is None:
            yield [record]
            continue
        if household and household[0].ssn != record.ssn:
            yield household
            household = []
        began_on = first_lines.setdefault(int(record.ssn), record.number)
        if not household and began_on != record.number:
            record = _also(record, f"the lines of this taxpayer begin on line {began_on} and must follow each other")
        if len(household) == MOST_LINES_EACH:
            yield [_also(record, f"a taxpayer has at most {MOST_LINES_EACH} lines")]
        else:
            household.append(record)
    if household:
        yield household


def _also(record: Record, reason: str) -> Record:
    return replace(record, reasons=(*record.reasons, reason))


def _records(file: BinaryIO, when: Moment, told: Told) -> Iterator[Record]:
    columns: Sequence[str] = ()
    bounds = _bounds(when)
    count = 0
    for number, line in enumerate(_lines(file, told), 1):
        if number == 1:
            columns = roster.header(line)
        elif record := roster.read(number, line, columns, bounds):
            count += 1
            if count > MOST_LINES:
                raise TooManyLines(lines=f"{MOST_LINES:,}")
            yield record
    if not columns:
        raise roster.NotARoster(reason="the file is empty")
