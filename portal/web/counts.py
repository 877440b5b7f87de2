"""Requests, counted by where they went and how they ended, in memory that all processes of a server share."""

import mmap
from collections.abc import Iterator
from threading import Lock
from time import perf_counter
from typing import NamedTuple

from flask import Flask, Response, g, request

# The first part of an address, by whom it is for.
ROOMS = {
    "account": "taxpayer", "agreement": "taxpayer", "apply": "taxpayer", "pay": "taxpayer", "direct-pay": "guest",
    "agent": "agent", "admin": "administrator", "healthz": "machine", "readyz": "machine", "metrics": "machine",
}  # fmt: skip
CLASSES = ("public", *sorted(set(ROOMS.values())))
STATUSES = ("2xx", "3xx", "4xx", "5xx")
# Each process of a server counts in a row of its own, so that none waits for another. There are more rows than
# processes; one that is begun anew takes the next row, and goes on from what stands in it.
ROWS = 256
CELLS = len(CLASSES) * len(STATUSES) * 2


class Count(NamedTuple):
    """So many requests of a kind, and the time that they took in all."""

    room: str
    status: str
    requests: int
    microseconds: int


class Counts:
    """Made before the processes of a server part, so that each of them sees what all have counted."""

    def __init__(self) -> None:
        self._cells = memoryview(mmap.mmap(-1, ROWS * CELLS * 8)).cast("Q")
        self._row = 0
        self._lock = Lock()

    def begin(self, number: int) -> None:
        """Count in the row of a new process, by its number."""
        self._row = number % ROWS

    def add(self, room: str, status: int, microseconds: int) -> None:
        """One more request."""
        kind = CLASSES.index(room) * len(STATUSES) + min(max(status // 100, 2), 5) - 2
        first = self._row * CELLS + kind * 2
        with self._lock:
            self._cells[first] += 1
            self._cells[first + 1] += microseconds

    def all(self) -> Iterator[Count]:
        """What all processes have counted."""
        for number in range(CELLS // 2):
            room, status = CLASSES[number // len(STATUSES)], STATUSES[number % len(STATUSES)]
            cells = range(number * 2, ROWS * CELLS, CELLS)
            yield Count(room, status, sum(self._cells[cell] for cell in cells),
                        sum(self._cells[cell + 1] for cell in cells))  # fmt: skip


def begin(app: Flask) -> None:
    counts = app.extensions["counts"] = Counts()

    @app.after_request
    def counted(response: Response) -> Response:
        room = ROOMS.get(str(request.url_rule or "").strip("/").partition("/")[0], "public")
        counts.add(room, response.status_code, int((perf_counter() - g.began) * 1_000_000))
        return response
