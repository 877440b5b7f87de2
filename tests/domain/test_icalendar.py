"""Calendar files: whole by RFC 5545, and read back by a program that was not written here."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from portal.domain.icalendar import CalendarDay, calendar_file

from .cast import examples

CHANGED = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SPOKEN = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n;,\\ñ–€😀"), max_size=120)


def written(*days: CalendarDay, name: str = "Payments", sequence: int = 3) -> str:
    return calendar_file(name, days, sequence=sequence, changed_at=CHANGED, tag="en")


def one(summary: str = "Payment of $310.00", note: str = "From: Checking account ending 4417") -> CalendarDay:
    return CalendarDay("a1b2", date(2026, 12, 31), summary, note, "https://portal.example/account/upcoming")


def test_a_day_is_a_whole_day_with_a_reminder_two_days_before() -> None:
    calendar = Calendar.from_ical(written(one()))
    [event] = calendar.walk("VEVENT")
    [alarm] = event.walk("VALARM")

    assert calendar["METHOD"] == "PUBLISH"
    assert (event.start, event.end) == (date(2026, 12, 31), date(2027, 1, 1))
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("a1b2", 3, "CONFIRMED")
    assert event.DTSTAMP == CHANGED
    assert event["DESCRIPTION"] == "From: Checking account ending 4417"
    assert alarm["ACTION"] == "DISPLAY"
    assert alarm["TRIGGER"].dt == timedelta(days=-2, hours=9)


def test_every_line_ends_as_the_standard_says_and_is_short_enough() -> None:
    text = written(one(note="ñ" * 200), one(summary="x" * 75))

    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) == 75


@given(SPOKEN, SPOKEN)
@examples(150)
def test_whatever_is_said_is_read_back_as_it_was_said(summary: str, note: str) -> None:
    text = written(one(summary, note), name=note)
    calendar = Calendar.from_ical(text)
    [event] = calendar.walk("VEVENT")

    assert (event["SUMMARY"], event["DESCRIPTION"]) == (summary, note)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_a_calendar_without_days_still_is_one() -> None:
    calendar = Calendar.from_ical(written())

    assert calendar.walk("VEVENT") == []
    assert [each.name for each in calendar.subcomponents] == ["VTIMEZONE"]
