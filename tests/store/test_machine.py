"""What a database does when it is opened in another machine than the last time."""

import pytest

from daemon.domain.machine import Recognised
from daemon.store import changes, machine, rights
from daemon.store.replica import get_meta
from tests.store.small_chain import NOW, Site, SmallChain

HERE, THERE = {"board": b"one"}, {"board": b"two"}


def opened(site: Site, facts: dict[str, bytes], now_ms: int = NOW) -> Recognised:
    """As at a start."""
    return site.unit(
        lambda conn: machine.settle_in(conn, site.replica, facts, incarnation=99, lot=b"new lot.", now_ms=now_ms)
    )


def test_the_same_machine_stays_the_holder_and_an_older_database_begins_to_remember() -> None:
    site = Site(3)
    before = site.replica.identity
    assert get_meta(site.conn, "machine") is None
    for _ in range(3):
        assert not opened(site, HERE).is_other
    assert site.replica.identity == before
    assert machine.moved_ms(site.conn) == 0


@pytest.mark.feature("E3.1")
def test_another_machine_is_another_holder_and_says_again_what_waits() -> None:
    till = SmallChain().two
    opened(till, HERE)
    till.create()
    before, waiting = till.replica.identity, changes.waiting(till.conn).records
    records = till.rows("SELECT boot, n, header FROM change")
    assert opened(till, THERE, NOW + 5).changed == ("board",)
    after = till.replica.identity
    assert (after.incarnation, after.lot) == (99, b"new lot.")
    assert (after.site, after.shop, after.chain) == (before.site, before.shop, before.chain)
    assert till.rows("SELECT boot, n, header FROM change") == records, "operation ids stay"
    assert changes.waiting(till.conn).records == waiting
    assert machine.moved_ms(till.conn) == NOW + 5
    assert rights.holder_of(till.replica) == (after.site, b"new lot.")
    till.replica.reload(till.conn)
    assert till.replica.identity == after
    assert not opened(till, THERE, NOW + 9).is_other
    assert machine.moved_ms(till.conn) == NOW + 5


def test_who_is_enrolled_anew_forgets_where_the_disk_ran() -> None:
    site = Site(3)
    for facts in (HERE, THERE):
        opened(site, facts)
    site.unit(machine.forget)
    assert not opened(site, HERE).is_other
    assert machine.moved_ms(site.conn) == 0
