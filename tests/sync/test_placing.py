"""What a till decides when it hears where the hub stands."""

import pytest

from daemon.domain.change import NO_CHAIN
from daemon.domain.feed import CHAIN, Cursor, Head, Scope
from daemon.domain.kind_shape import Reach
from daemon.sync import commands as do
from daemon.sync import wire
from daemon.sync.placing import follow, place, without_echo

INCARNATION = 7


def chain(name: str) -> bytes:
    return name.encode().ljust(16, b".")


OURS = Head(INCARNATION, 9, chain("own9"))


@pytest.mark.parametrize(
    ("applied", "theirs", "ours_there", "decided"),
    [
        (0, None, NO_CHAIN, None),
        (0, Head(99, 4, chain("x")), NO_CHAIN, None),
        (5, None, NO_CHAIN, do.BeginAgain(new_holder=False)),
        (5, Head(99, 4, chain("x")), NO_CHAIN, do.BeginAgain(new_holder=False)),
        (5, Head(INCARNATION, 10, chain("x")), None, do.BeginAgain(new_holder=True)),
        (5, Head(INCARNATION, 9, chain("x")), chain("own9"), do.BeginAgain(new_holder=True)),
        (5, Head(INCARNATION, 3, chain("own3")), None, do.BeginAgain(new_holder=False)),
        (5, Head(INCARNATION, 3, chain("own3")), chain("own3"), do.ResendAfter(3)),
        (5, Head(INCARNATION, 7, chain("own7")), chain("own7"), do.Settle(7, 0)),
        (5, Head(INCARNATION, 5, chain("own5")), chain("own5"), None),
    ],
)
def test_what_a_till_decides_about_the_position_that_the_hub_holds(
    applied: int, theirs: Head | None, ours_there: bytes | None, decided: do.Command | None
) -> None:
    assert place(OURS, applied, theirs, ours_there) == decided


@pytest.mark.parametrize(
    ("ours", "head", "fork", "stand"),
    [
        (Cursor(1, 9, chain("a")), Cursor(1, 20, chain("b")), Cursor(1, 9, chain("a")), Cursor(1, 9, chain("a"))),
        (Cursor(3, 9, chain("a")), Cursor(2, 20, chain("b")), Cursor(2, 5, chain("c")), Cursor(3, 9, chain("a"))),
        (Cursor(1, 9, chain("a")), Cursor(2, 20, chain("b")), Cursor(2, 5, chain("c")), Cursor(2, 5, chain("c"))),
        (Cursor(1, 4, chain("a")), Cursor(2, 20, chain("b")), Cursor(2, 5, chain("c")), Cursor(2, 4, chain("a"))),
    ],
)
def test_where_a_till_stands_in_a_feed_after_a_restore(ours: Cursor, head: Cursor, fork: Cursor, stand: Cursor) -> None:
    assert follow(ours, wire.FeedStanding(head, fork)) == stand


def test_of_records_before_the_end_of_a_feed_no_echo_will_come() -> None:
    head, here = Head(INCARNATION, 7, chain("own7")), Cursor(2, 30, chain("feed30"))
    ended, open_ = wire.FeedStanding(here, here, 0), wire.FeedStanding(Cursor(2, 31, chain("feed31")), here, 0)
    shop = Scope(Reach.SHOP, 1)

    def told(position: Head | None, **feeds: wire.FeedStanding) -> list[do.Command]:
        known = {scope: feeds[name] for scope, name in ((CHAIN, "chain"), (shop, "shop")) if name in feeds}
        welcome = wire.Welcome(b"hub-boot", 1, position, known)
        return [*without_echo(welcome, {CHAIN: here, shop: here})]

    assert told(head, chain=ended, shop=open_) == [do.TakeAsHeard(CHAIN, 7)]
    assert told(head, chain=ended, shop=ended) == [do.TakeAsHeard(CHAIN, 7), do.TakeAsHeard(shop, 7)]
    assert told(None, chain=ended) == []
    assert told(head) == [], "an objection in the midst of a talk speaks of no feeds"
