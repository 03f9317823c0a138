"""A fence is durable, is told to the till at its greeting, and is lifted by an operator alone."""

from dataclasses import replace

import pytest

from daemon.domain.feed import CHAIN, Cursor, Head
from daemon.errors import NotFound
from daemon.head_office.performer import perform
from daemon.hub import commands as do
from daemon.hub import fences
from daemon.hub.relay import Relay
from daemon.store.replica import fenced_ms
from daemon.sync import commands as till_do
from daemon.sync import wire
from daemon.till.performer import Fresh
from daemon.till.performer import perform as perform_at_till
from tests.store.small_chain import NOW, Site

HELLO = wire.Hello(2, b"aaaaaaaa", b"lotlotlo", Head(5), {CHAIN: Cursor()}, "0", NOW, 1)


def known(hub: Site, boot: bytes, greeting: int, now_ms: int = NOW) -> do.Known:
    hello = replace(HELLO, boot=boot, greeting=greeting)
    note, look = do.Note(2, hello=hello), do.LookUp(hello)
    hub.unit(lambda conn: perform(conn, hub.replica, note, now_ms=now_ms))
    (found,) = hub.unit(lambda conn: perform(conn, hub.replica, look, now_ms=now_ms))
    assert isinstance(found, do.Known)
    return found


def clones_greet(hub: Site) -> list[bool]:
    return [known(hub, boot, at, NOW + at).fenced for at in range(1, 5) for boot in (b"aaaaaaaa", b"bbbbbbbb")]


def test_both_boxes_hear_that_they_are_two_and_a_restart_does_not_lift_it() -> None:
    hub = Site(1, shop=0)
    told = clones_greet(hub)
    assert told == [False] * 6 + [True] * 2
    assert hub.rows("SELECT fenced_ms FROM roster WHERE site = 2") == [(NOW + 4,)], "since when"
    assert known(hub, b"cccccccc", 1).fenced
    welcome = Relay(boot=b"hubboot.").step(known(hub, b"cccccccc", 2), NOW)[0]
    assert isinstance(welcome, do.Send)
    assert isinstance(welcome.message, wire.Welcome)
    assert welcome.message.fenced
    assert wire.decode(wire.encode(welcome.message)) == welcome.message


def test_an_operator_lifts_it_and_the_count_begins_anew() -> None:
    hub = Site(1, shop=0)
    clones_greet(hub)
    assert hub.unit(lambda conn: fences.lift(conn, 2))
    assert not known(hub, b"aaaaaaaa", 9).fenced
    assert not hub.unit(lambda conn: fences.lift(conn, 2))
    with pytest.raises(NotFound):
        hub.unit(lambda conn: fences.lift(conn, 77))


def test_a_till_keeps_what_it_heard_and_since_when() -> None:
    till = Site(2)

    def hears(now_ms: int, *, fenced: bool) -> int:
        anchor, fresh = till_do.Anchor(NOW, NOW, fenced), Fresh(1, b"lotlotlo")
        till.unit(lambda conn: perform_at_till(conn, till.replica, anchor, now_ms=now_ms, fresh=fresh))
        return fenced_ms(till.conn)

    assert [hears(NOW, fenced=False), hears(NOW + 1, fenced=True), hears(NOW + 2, fenced=True)] == [0, NOW + 1, NOW + 1]
    assert hears(NOW + 3, fenced=False) == 0


def test_who_is_recalled_greets_again() -> None:
    (said,) = Relay(boot=b"hubboot.").step(do.Recall(2), NOW)
    assert said == do.Send(2, wire.Welcome(b"hubboot.", NOW, None, {}))
