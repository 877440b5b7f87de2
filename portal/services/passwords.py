"""Passwords: the one rule for a new one, and slow hashes a few at a time."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from portal.domain.refusal import Refusal
from portal.policies import common_passwords

# OWASP's argon2id profile for small machines; four at once keep memory and readers safe.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = BoundedSemaphore(4)
SHORTEST, LONGEST_BYTES = 15, 1024
FEWEST_CHARACTERS = 5


class BadPassword(Refusal):
    """A password needs at least 15 characters. A few words in a row make a good one."""


class LongPassword(Refusal):
    """This password is too long. Use at most 1,000 characters."""


class CommonPassword(Refusal):
    """This password is easy to guess. Choose another: a few words in a row that only you would put together."""


class TooBusy(Refusal):
    """Too many people are signing in at this moment. Nothing was changed. Try again in a few seconds."""


def check(password: str, *, email: str = "") -> None:
    """Refuse a new password that is short, too long for the hash, one of the common ones, made of the same few
    characters, or the owner's email address. No other rule (NIST SP 800-63B-4, 3.1.1.2).
    """
    if len(password) < SHORTEST:
        raise BadPassword
    if len(password.encode("utf-8", "replace")) > LONGEST_BYTES:
        raise LongPassword
    plain = password.casefold()
    letters = "".join(character for character in plain if character.isalnum())
    if letters in common_passwords() or len(set(plain)) < FEWEST_CHARACTERS or plain == email.casefold():
        raise CommonPassword


def chosen(password: str, *, email: str) -> str:
    """The argon2id hash of somebody's new password, to be kept. Refuses what `check` refuses, and (`TooBusy`) when
    too many are at it.
    """
    check(password, email=email)
    with _turn():
        return HASHER.hash(password)


def match(hash_kept: str, password: str) -> bool:
    """The password is the one that was hashed. Refuses (`TooBusy`) when too many are at it."""
    if len(password.encode("utf-8", "replace")) > LONGEST_BYTES:
        password = ""
    with _turn():
        try:
            return HASHER.verify(hash_kept, password)
        except (Argon2Error, InvalidHashError):
            return False


@cache
def nobodys_hash() -> str:
    """The hash that a try for an unknown address is held against, so that it takes as long as any other."""
    return HASHER.hash(secrets.token_urlsafe(32))


@contextmanager
def _turn() -> Iterator[None]:
    if not AT_ONCE.acquire(timeout=2):
        raise TooBusy
    try:
        yield
    finally:
        AT_ONCE.release()
