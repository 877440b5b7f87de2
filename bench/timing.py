"""Milliseconds of one call, and what of many calls is told."""

from collections.abc import Callable, Sequence
from time import perf_counter


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1000


def p95(milliseconds: Sequence[float]) -> float:
    """The 95th of a hundred calls."""
    return sorted(milliseconds)[min(len(milliseconds) - 1, len(milliseconds) * 95 // 100)]
