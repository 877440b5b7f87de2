"""Secrets at rest: a sealed value opens in its own row only, and one key ring is made however many start at once."""

import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from portal.config import BadSetting
from portal.gateways import vault
from portal.gateways.vault import Unreadable, Vault

ROW = "taxpayers:ssn:TP-AAAA-AAAA"
OTHER_ROW = "taxpayers:ssn:TP-BBBB-BBBB"


@pytest.fixture
def ring(tmp_path: Path) -> Vault:
    return vault.open_vault(tmp_path)


def test_what_is_sealed_opens_in_its_row(ring: Vault) -> None:
    assert ring.open(ring.seal("900-70-0001 ü", ROW), ROW) == "900-70-0001 ü"


def test_what_is_moved_to_another_row_does_not_open(ring: Vault) -> None:
    with pytest.raises(Unreadable):
        ring.open(ring.seal("900700001", ROW), OTHER_ROW)


def test_what_is_moved_to_another_column_does_not_open(ring: Vault) -> None:
    sealed = ring.seal("5550001234", "bank_accounts:number:BA-AAAA-AAAA")

    with pytest.raises(Unreadable):
        ring.open(sealed, "bank_accounts:last_four:BA-AAAA-AAAA")


def test_a_changed_byte_does_not_open(ring: Vault) -> None:
    key_id, _, body = ring.seal("900700001", ROW).partition(":")
    raw = base64.b64decode(body)
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(Unreadable):
            ring.open(f"{key_id}:{base64.b64encode(changed).decode()}", ROW)


@pytest.mark.parametrize("sealed", ["", "k1", "k1:", "k1:AAAA", "k1:ü", "k1:not base64!", "k2:AAAA", ":AAAA", "\0"])
def test_what_was_never_sealed_does_not_open(ring: Vault, sealed: str) -> None:
    with pytest.raises(Unreadable):
        ring.open(sealed, ROW)


def test_a_key_that_the_ring_does_not_have_opens_nothing(ring: Vault) -> None:
    sealed = ring.seal("900700001", ROW)

    with pytest.raises(Unreadable):
        replace(ring, sealing={"k2": ring.sealing["k1"]}, current="k2").open(sealed, ROW)


def test_a_value_does_not_pass_for_one_of_another_key(ring: Vault) -> None:
    both = replace(ring, sealing={**ring.sealing, "k2": ring.sealing["k1"]})

    with pytest.raises(Unreadable):
        both.open(both.seal("900700001", ROW).replace("k1:", "k2:"), ROW)


def test_after_a_second_key_the_first_still_opens_and_the_second_seals(ring: Vault) -> None:
    old = ring.seal("900700001", ROW)
    rotated = replace(ring, sealing={**ring.sealing, "k2": b"2" * 32}, current="k2")

    new = rotated.seal("900700001", ROW)

    assert old.startswith("k1:")
    assert new.startswith("k2:")
    assert rotated.open(old, ROW) == rotated.open(new, ROW) == "900700001"


def test_equal_texts_are_sealed_differently_each_time(ring: Vault) -> None:
    assert len({ring.seal("900700001", ROW) for _ in range(100)}) == 100


def test_the_index_finds_equal_texts_of_one_field_only(ring: Vault) -> None:
    assert ring.index("900700001", "ssn") == ring.index("900700001", "ssn")
    assert ring.index("900700001", "ssn") != ring.index("900700001", "account_number")
    assert ring.index("900700001", "ssn") != ring.index("900700002", "ssn")
    assert "900700001" not in ring.index("900700001", "ssn")


def test_the_index_stays_when_the_sealing_key_changes(ring: Vault) -> None:
    rotated = replace(ring, sealing={"k2": b"2" * 32}, current="k2")

    assert rotated.index("900700001", "ssn") == ring.index("900700001", "ssn")


def test_who_does_not_have_the_key_cannot_make_the_index(ring: Vault, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    assert vault.open_vault(tmp_path / "other").index("900700001", "ssn") != ring.index("900700001", "ssn")


def test_sealing_indexing_and_the_trail_have_keys_of_their_own(ring: Vault) -> None:
    assert len({*ring.sealing.values(), ring.indexing, ring.trailing}) == 3
    assert ring.index("b", "a") != ring.chain("a", "b")


def test_the_key_ring_is_the_owner_s_alone_and_stays_the_same(ring: Vault, tmp_path: Path) -> None:
    assert (tmp_path / "keyring.json").stat().st_mode & 0o777 == 0o600
    assert vault.open_vault(tmp_path) == ring


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"sealing": {"k1": "!"}}', '"text"'])
def test_a_damaged_key_ring_is_named_and_never_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keyring.json"
    file.write_text(content, encoding="ascii")
    file.chmod(0o600)

    with pytest.raises(BadSetting, match=r"keyring.json is damaged .*; put back the copy you keep elsewhere.$"):
        vault.open_vault(tmp_path)

    assert file.read_text(encoding="ascii") == content


def test_a_key_ring_whose_current_key_is_missing_is_damaged(ring: Vault, tmp_path: Path) -> None:
    file = tmp_path / "keyring.json"
    content = json.loads(file.read_text(encoding="ascii"))
    file.write_text(json.dumps({**content, "current": "k9"}), encoding="ascii")

    with pytest.raises(BadSetting, match="damaged"):
        vault.open_vault(tmp_path)


def test_a_key_ring_that_others_can_read_stops_the_start(ring: Vault, tmp_path: Path) -> None:
    (tmp_path / "keyring.json").chmod(0o644)

    with pytest.raises(BadSetting, match="can be read by others"):
        vault.open_vault(tmp_path)


def test_processes_that_start_at_once_get_one_key_ring(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from portal.gateways import vault; input();"
        "print(vault.open_vault(pathlib.Path(sys.argv[1])).index('x', 'y'))"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(4)]  # type: ignore[call-overload]
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    answers = {process.communicate()[0] for process in started}

    assert len(answers) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["keyring.json"]
