"""When something is done: the instant, and the business day that it belongs to."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC and the agency's date at that instant. The two are told apart everywhere: a deed
    takes effect on a day, and is written at an instant.
    """

    at: datetime
    on: date
