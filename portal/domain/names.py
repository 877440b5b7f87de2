"""Names and telephone numbers as they are looked up: however somebody writes them, they come out the same."""

import unicodedata


def words_of(text: str) -> list[str]:
    """The words of a name without accents, case and punctuation: O’Brien-Núñez is obrien and nunez."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    joined = "".join(each for each in plain if each not in "'’`." and not unicodedata.combining(each))
    return "".join(each if each.isalnum() else " " for each in joined).split()


def name_key(first_name: str, last_name: str) -> str:
    """What a name is sorted and looked up by: the last name first."""
    return " ".join([*words_of(last_name), *words_of(first_name)])


def phone_key(text: str) -> str:
    """The ten digits of a US telephone number; nothing where there are not ten."""
    digits = "".join(each for each in text if each.isascii() and each.isdigit())
    digits = digits.removeprefix("1") if len(digits) == 11 else digits
    return digits if len(digits) == 10 else ""
