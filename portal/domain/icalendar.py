"""Days as a calendar file that phones and mail programs subscribe to (RFC 5545): pure text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from portal.domain.calendar import ONE_DAY

MOST_OCTETS = 75
# At nine in the morning, two days before the day begins to count (RFC 5545 3.8.6.3).
TWO_DAYS_BEFORE = "-P1DT15H"
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
# A calendar without a component is none (RFC 5545 3.4): one without days names the time zone of its instants.
UTC_ZONE = (
    "BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """Something that is due on a day. `uid` names it for ever; `note` says more, `address` is where."""

    uid: str
    on: date
    summary: str
    note: str
    address: str


def calendar_file(name: str, days: Iterable[CalendarDay], *, sequence: int, changed_at: datetime, tag: str) -> str:
    """A calendar of whole days, each with a reminder two days before. `sequence` and `changed_at` say how often and
    when what is in it was last changed: programs take the later of two (RFC 5545 3.8.7). `tag` is the language.
    """
    stamp = f"{changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = [line for day in days for line in _event(day, sequence, stamp)]
    whole = (
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Installment portal//Upcoming payments//{tag.upper()}",
        "CALSCALE:GREGORIAN", "METHOD:PUBLISH", f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H", "X-PUBLISHED-TTL:PT12H", *(lines or UTC_ZONE), "END:VCALENDAR",
    )  # fmt: skip
    return "".join(f"{folded}\r\n" for line in whole for folded in [_folded(line)])


def _event(day: CalendarDay, sequence: int, stamp: str) -> Iterator[str]:
    yield from (
        "BEGIN:VEVENT", f"UID:{day.uid}", f"DTSTAMP:{stamp}", f"LAST-MODIFIED:{stamp}", f"SEQUENCE:{sequence}",
        f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}", f"DTEND;VALUE=DATE:{day.on + ONE_DAY:%Y%m%d}", "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT", f"SUMMARY:{_text(day.summary)}", f"DESCRIPTION:{_text(day.note)}",
        f"URL:{day.address}", "BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{TWO_DAYS_BEFORE}",
        f"DESCRIPTION:{_text(day.summary)}", "END:VALARM", "END:VEVENT",
    )  # fmt: skip


def _text(words: str) -> str:
    """Words as the value of a property (RFC 5545 3.3.11)."""
    return words.replace("\r\n", "\n").translate(ESCAPED)


def _folded(line: str) -> str:
    """A line of at most 75 octets, continued behind a space; no character is cut in two (RFC 5545 3.1)."""
    parts, room = [""], MOST_OCTETS
    for character in line:
        octets = len(character.encode())
        if octets > room:
            parts.append("")
            room = MOST_OCTETS - 1
        parts[-1] += character
        room -= octets
    return "\r\n ".join(parts)
