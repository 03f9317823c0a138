"""What the doctor finds in certificates and what was set aside."""

from pathlib import Path

import pytest

from daemon import certificates
from daemon.certificates import LEAF_DAYS, KeyPair
from daemon.cli.check_state import _certificate, _set_aside, _stamps
from daemon.store.database import migrate, open_connection
from daemon.store.quarantine import set_aside
from daemon.store.replica import put_meta

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    authority = certificates.create_authority("test", NOW_MS)
    made: KeyPair = certificates.issue_server(authority, ("localhost",), NOW_MS)
    path = tmp_path / "server.pem"
    path.write_bytes(made.joined())
    return path


@pytest.mark.parametrize(
    ("days", "state"),
    [(0, "ok"), (LEAF_DAYS - 91, "ok"), (LEAF_DAYS - 89, "warning"), (LEAF_DAYS + 1, "failed"), (-30, "failed")],
)
def test_a_certificate_is_good_due_over_or_not_begun(pair: Path, days: int, state: str) -> None:
    check = _certificate("certificate", pair, NOW_MS + days * DAY_MS)
    assert (check.state, bool(check.gesture)) == (state, state != "ok")


@pytest.mark.parametrize(
    ("file", "gesture"),
    [
        ("till.pem", "it is renewed by itself: connect this machine to head office"),
        ("server.pem", "sudo systemctl restart comptoir-hub"),
        ("authority.pem", "the chain needs a new authority, and every till must enrol again: call for help"),
    ],
)
def test_a_certificate_that_ends_within_ninety_days_names_what_renews_it(pair: Path, file: str, gesture: str) -> None:
    check = _certificate("certificate", pair.rename(pair.with_name(file)), NOW_MS + (LEAF_DAYS - 80) * DAY_MS)
    assert (check.state, check.gesture) == ("warning", gesture)


def test_a_certificate_that_cannot_be_read_says_where_it_comes_back_from(pair: Path) -> None:
    pair.write_bytes(b"nonsense")
    damaged = _certificate("certificate", pair, NOW_MS)
    pair.unlink()
    absent = _certificate("certificate", pair, NOW_MS)
    assert (damaged.state, absent.state) == ("failed", "failed")
    assert damaged.gesture == absent.gesture == "restore it from a backup, or enrol again"


def test_what_was_set_aside_is_counted_with_the_last_reason(tmp_path: Path) -> None:
    conn = open_connection(tmp_path / "till.db")
    try:
        migrate(conn)
        assert _set_aside(conn).state == "ok"
        for reason in ("first", "the text is empty"):
            set_aside(conn, source="site 2", reason=reason, payload=b"x", now_ms=1)
        check = _set_aside(conn)
        assert check.state == "warning"
        assert check.sentence == "2 messages were set aside; the last one: the text is empty"
        put_meta(conn, "last_time", (NOW_MS + 3_600_000) << 16)
        (behind,) = _stamps(conn, NOW_MS)
        assert behind.sentence == "the clock is 1 h 00 behind the last saved change"
        assert not list(_stamps(conn, NOW_MS + 3_600_000))
    finally:
        conn.close()
