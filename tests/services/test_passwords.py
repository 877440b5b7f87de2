"""The one rule for a new password: long, not a common one, and no other rule."""

import pytest

from portal.demo.cast import PASSWORD
from portal.services import passwords

GOOD = [
    "a password of many words", PASSWORD, "x" * 10 + "yzabcd", "ünïcödé  wörds ✓", "               a b c d",
    "1" * 11 + "2345",
]  # fmt: skip
COMMON = [
    "passwordpassword", "Password Password", "correct horse battery staple", "CorrectHorseBatteryStaple",
    "qwertyuiopasdfghjkl", "123456789012345", "1234567890 1234567890", "a" * 15, "ab" * 40,
    "owner@example.test", "OWNER@example.TEST",
]  # fmt: skip


@pytest.mark.parametrize("password", GOOD)
def test_any_long_password_is_welcome(password: str) -> None:
    passwords.check(password, email="owner@example.test")


@pytest.mark.parametrize("password", COMMON)
def test_a_password_that_many_think_of_is_refused_however_it_is_written(password: str) -> None:
    with pytest.raises(passwords.CommonPassword):
        passwords.check(password, email="owner@example.test")


@pytest.mark.parametrize("password", ["", "short", "x" * 14, "ä" * 14])
def test_a_short_password_is_refused(password: str) -> None:
    with pytest.raises(passwords.BadPassword):
        passwords.check(password)


@pytest.mark.parametrize(
    ("password", "fits"), [("abcde" * 204, True), ("abcde" * 205, False), ("äöüßé" * 103, False)]
)
def test_a_password_over_1024_bytes_is_refused_before_it_costs_anything(password: str, fits: bool) -> None:
    if fits:
        passwords.check(password)
        return
    with pytest.raises(passwords.LongPassword):
        passwords.check(password)


def test_what_the_list_holds_could_have_been_chosen() -> None:
    """Each entry is as long as a password must be, and as it is compared."""
    for entry in passwords.common_passwords():
        assert len(entry) >= passwords.SHORTEST
        assert entry == "".join(letter for letter in entry.casefold() if letter.isalnum())
