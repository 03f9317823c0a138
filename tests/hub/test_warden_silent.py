"""A till that says nothing for a day does not keep the others waiting; what it holds stays its own."""

import pytest

from daemon.domain import rights
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.rights import SPENT
from daemon.hub import warden
from daemon.store import ordering
from daemon.store import rights as kept
from tests.hub.test_warden import ACCOUNT, ONE, TWO, Chain, ask, earn
from tests.store.small_chain import NOW

HOUR_MS = 3_600_000


def listen(chain: Chain, hours: int, *, step_ms: int = 60_000, boot: bytes = b"") -> bool:
    """The other till reports each minute, for so long; whether that opened the hand."""
    hub, found = chain.hub, False
    for _ in range(hours * HOUR_MS // step_ms):
        hub.now += step_ms
        now = hub.now
        found = hub.unit(lambda conn, now=now: kept.excuse_silent(conn, boot or hub.replica.boot, now_ms=now)) or found  # type: ignore[misc]  # bound now
    return found


@pytest.fixture
def restarted() -> Chain:
    """Till one holds 90 points, then head office starts again and till one stays away."""
    chain = Chain()
    chain.told(chain.one)
    chain.told(chain.two)
    chain.say(chain.one, *earn(chain.one, 90))
    chain.hub.restart(b"anew....")
    chain.told(chain.two)
    chain.hub.now = NOW
    return chain


def gift(chain: Chain) -> None:
    """What nobody holds: sixty points."""

    chain.say(chain.two, *rights.earn(ACCOUNT, BOOK_POINTS, 60, sale=b"", holder=None, cause="by hand"))


def test_the_others_wait_for_a_day_then_get_what_is_free_and_no_more(restarted: Chain) -> None:
    gift(restarted)
    assert not listen(restarted, 23)
    restarted.say(restarted.two, *ask(restarted.two, 150))
    assert restarted.standing().held.get(TWO, 0) == 0
    assert listen(restarted, 2)
    restarted.hub.unit(lambda conn: warden.attend_all(conn, restarted.hub.replica, now_ms=restarted.hub.now))
    restarted.say(restarted.two, *ask(restarted.two, 150))
    found = restarted.standing()
    assert 50 <= found.held[TWO] <= 60
    assert found.held[ONE] == 90
    assert found.free >= 0


def test_who_comes_back_spends_what_was_kept_and_nothing_is_owed(restarted: Chain) -> None:

    gift(restarted)
    listen(restarted, 25)
    restarted.say(restarted.two, *ask(restarted.two, 150))
    restarted.say(restarted.one, Operation(16, ACCOUNT, 3, {1: BOOK_POINTS, 2: -90, 3: SPENT, 5: ONE}))
    restarted.told(restarted.one)
    restarted.hub.unit(lambda conn: warden.attend_all(conn, restarted.hub.replica, now_ms=restarted.hub.now))
    found = restarted.standing()
    assert (found.balance, min(found.held.values()) >= 0, found.free >= 0) == (60, True, True)


def test_a_clock_that_is_put_right_has_not_waited(restarted: Chain) -> None:
    assert not listen(restarted, 40 * 24, step_ms=20 * 24 * HOUR_MS)


def test_a_restored_head_office_waits_for_everybody(restarted: Chain) -> None:
    hub = restarted.hub
    hub.unit(ordering.begin_generation)
    assert not listen(restarted, 30)
    assert not kept.may_grant(hub.conn, hub.replica.boot)
    assert restarted.told(restarted.one)


def test_a_restore_that_shows_later_takes_the_excuse_back(restarted: Chain) -> None:
    hub = restarted.hub
    assert listen(restarted, 25)
    hub.unit(ordering.begin_generation)
    assert not kept.may_grant(hub.conn, hub.replica.boot)


def test_a_till_that_talks_is_waited_for(restarted: Chain) -> None:
    hub = restarted.hub
    listen(restarted, 23)
    hub.unit(lambda conn: conn.execute("UPDATE roster SET heard_ms = ? WHERE site = 2", (hub.now,)))
    assert not listen(restarted, 2)
