from dataclasses import replace
from pathlib import Path

import pytest

from daemon import certificates
from daemon.errors import OperatorMistake, StoreFault
from daemon.hub import chain_keys
from daemon.hub.chain_keys import Names, open_chain_keys
from daemon.tls import client_tls, server_tls

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
NAMES = Names(chain="essai", server_hosts=["hub.example", "10.0.0.1"], broker_hosts=["broker.example"])


def test_keys_are_made_once_and_read_ever_after(tmp_path: Path) -> None:
    made = open_chain_keys(tmp_path / "keys", NAMES, NOW_MS, may_create=True)
    assert open_chain_keys(tmp_path / "keys", NAMES, NOW_MS + DAY_MS, may_create=False) == made


def test_each_certificate_says_who_it_is_for(tmp_path: Path) -> None:
    keys = open_chain_keys(tmp_path / "keys", NAMES, NOW_MS, may_create=True)
    assert certificates.facts(keys.server.certificate_pem).hosts == ("hub.example", "10.0.0.1")
    assert certificates.facts(keys.broker.certificate_pem).hosts == ("broker.example",)
    assert certificates.facts(keys.hub.certificate_pem).common_name == "1"
    for pair in (keys.server, keys.broker, keys.hub):
        certificates.check_issued(pair.certificate_pem, keys.authority.certificate_pem, pair.key_pem)


def test_the_files_serve_for_tls_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    keys = open_chain_keys(tmp_path / "keys", NAMES, NOW_MS, may_create=True)
    server_tls(keys.server_file)
    client_tls(authority=keys.authority_file, certificate=keys.hub_file)
    assert keys.directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in keys.directory.iterdir()} == {0o600}


def test_a_server_that_moved_gets_another_certificate_and_the_rest_stays(tmp_path: Path) -> None:
    before = open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=True)
    after = open_chain_keys(tmp_path, replace(NAMES, broker_hosts=["mqtt.example"]), NOW_MS, may_create=False)
    assert certificates.facts(after.broker.certificate_pem).hosts == ("mqtt.example",)
    assert replace(after, broker=before.broker) == before


def test_leaves_are_renewed_before_they_run_out(tmp_path: Path) -> None:
    before = open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=True)
    late_ms = NOW_MS + 500 * DAY_MS
    after = open_chain_keys(tmp_path, NAMES, late_ms, may_create=False)
    assert (after.authority, after.pin_key) == (before.authority, before.pin_key)
    for old, new in ((before.server, after.server), (before.broker, after.broker), (before.hub, after.hub)):
        assert old != new
        assert not certificates.facts(new.certificate_pem).renewal_due(late_ms)


@pytest.mark.parametrize("lost", [chain_keys.AUTHORITY, chain_keys.PIN_KEY])
def test_with_tills_enrolled_a_lost_key_is_asked_back_and_not_made_anew(tmp_path: Path, lost: str) -> None:
    open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=True)
    (tmp_path / lost).unlink()
    with pytest.raises(OperatorMistake, match=f"{lost} is missing while tills are enrolled"):
        open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=False)


def test_a_damaged_key_is_named(tmp_path: Path) -> None:
    open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=True)
    (tmp_path / chain_keys.PIN_KEY).write_bytes(b"short")
    with pytest.raises(OperatorMistake, match=r"pin\.key has 5 bytes instead of 32"):
        open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=False)
    (tmp_path / chain_keys.AUTHORITY).write_bytes(b"damaged")
    with pytest.raises(OperatorMistake, match=r"authority\.pem is damaged .* restore it from a backup"):
        open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=False)
    (tmp_path / chain_keys.AUTHORITY).unlink()
    (tmp_path / chain_keys.AUTHORITY).mkdir()
    with pytest.raises(StoreFault, match=r"authority\.pem cannot be read"):
        open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=False)


@pytest.mark.parametrize("damaged", [b"", b"half"])
def test_a_damaged_leaf_is_made_again(tmp_path: Path, damaged: bytes) -> None:
    before = open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=True)
    (tmp_path / chain_keys.SERVER).write_bytes(damaged)
    after = open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=False)
    assert after.server != before.server
    assert after.authority == before.authority


def test_keys_do_not_show_themselves(tmp_path: Path) -> None:
    keys = open_chain_keys(tmp_path, NAMES, NOW_MS, may_create=True)
    assert "pin_key" not in repr(keys)
    assert "PRIVATE" not in repr(keys)
