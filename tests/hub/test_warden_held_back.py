"""What tills return because head office asked for it is not handed out again before it was used."""

import pytest

from daemon.domain import escrow
from daemon.domain.feed import Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.rights import ASKED_MS
from daemon.hub import warden
from daemon.store import ordering
from daemon.till.keeper import pass_on
from tests.hub.test_warden import Chain, ask, earn
from tests.store.small_chain import BIG


@pytest.fixture
def returned() -> Chain:
    """Till one has earned 90 points and returned 50 of them, because head office asked for so many."""
    chain = Chain()
    chain.told(chain.one)
    chain.told(chain.two)
    chain.say(chain.one, *earn(chain.one, 90))
    hub, till = chain.hub, chain.one
    hub.commit(*escrow.recall(chain.standing(), 50))
    scope = Scope(Reach.SITE, 2)
    frame = ordering.frame_after(hub.conn, scope, ordering.feed_head(hub.conn, scope).offset - 1, bytes_max=BIG)
    assert frame is not None
    till.now = hub.now
    till.unit(lambda conn: pass_on(conn, till.replica, frame, now_ms=till.now))
    chain.heard(till)
    return chain


def test_it_is_free_for_head_office_for_a_while(returned: Chain) -> None:
    assert returned.standing().free == 50
    returned.say(returned.two, *ask(returned.two, 40))
    assert returned.standing().free == 50, "whoever asks is told to ask others"
    assert escrow.correct(returned.standing(), -50, cause="by hand")


def test_what_was_not_used_is_handed_out_later(returned: Chain) -> None:
    hub = returned.hub
    hub.now += ASKED_MS + 1
    hub.unit(lambda conn: warden.attend_all(conn, hub.replica, now_ms=hub.now))
    assert returned.standing().free < 10
