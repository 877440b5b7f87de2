"""Requests as fast as a server answers them: connections kept alive, each asking for one page again and again."""

import selectors
import socket
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Load:
    """What a server made of the load: requests per second, and how long answers took, in milliseconds."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    failures: int


class _Connection:
    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request, self._answer, self._asked = request, b"", 0.0

    def ask(self) -> None:
        self._answer, self._asked = b"", time.perf_counter()
        self.socket.sendall(self._request)

    def read(self) -> tuple[float, bool] | None:
        """How long the answer took and whether it was 200; None until it is whole."""
        self._answer += self.socket.recv(1 << 17)
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return None
        return time.perf_counter() - self._asked, head.startswith(b"HTTP/1.1 200")


def load(
    port: int, path: str, *, seconds: float, connections: int = 16, cookie: str = "",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Load:  # fmt: skip
    """Ask for the page on all connections for so long."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: keep-alive"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode()
    selector = selectors.DefaultSelector()
    opened = [_Connection(port, request) for _ in range(connections)]
    for each in opened:
        selector.register(each.socket, selectors.EVENT_READ, each)
        each.ask()
    took: list[float] = []
    failures = 0
    begin = time.perf_counter()
    while (now := time.perf_counter()) - begin < seconds:
        for key, _events in selector.select(timeout=1):
            if answer := key.data.read():
                took.append(answer[0])
                failures += not answer[1]
                key.data.ask()
    for each in opened:
        each.socket.close()
    took.sort()
    at = lambda share: took[min(len(took) - 1, int(len(took) * share))] * 1000  # noqa: E731  (one use, one line)
    return Load(len(took) / (now - begin), at(0.5), at(0.99), failures)


def median(loads: list[Load]) -> Load:
    """The middle of several runs, figure by figure."""
    return Load(
        statistics.median(each.requests_per_second for each in loads),
        statistics.median(each.p50_ms for each in loads),
        statistics.median(each.p99_ms for each in loads),
        sum(each.failures for each in loads),
    )
