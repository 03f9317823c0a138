"""Head office looks for damaged rows and asks one till after the other for what it holds."""

from daemon.domain.element import Key
from daemon.domain.portion import BEFORE_ALL
from daemon.hub import commands as do
from daemon.hub.mending import ASK_EVERY_MS, ROUND_MS, SCRUB_EVERY_MS, Mending
from daemon.hub.relay import Relay
from daemon.sync.wire_rows import MISSED_MAX, RowsHeld, RowsMissed

KEY: Key = (b"anne....", 1, b"")
OTHER: Key = (b"bruno...", 1, b"")
NOW = 1_000_000


def asked(commands: list[do.Command]) -> list[tuple[int, tuple[Key, ...]]]:
    return [
        (one.site, one.message.keys)
        for one in commands
        if isinstance(one, do.Send) and isinstance(one.message, RowsMissed)
    ]


def test_rows_are_looked_at_now_and_then_and_on_from_where_the_last_look_ended() -> None:
    mending = Mending()
    assert mending.tick(NOW) == [do.Scrub(BEFORE_ALL)]
    assert mending.tick(NOW + SCRUB_EVERY_MS - 1) == []
    mending.scrubbed(do.Scrubbed(KEY, (), hurry=True), NOW)
    assert mending.tick(NOW + 100) == [do.Scrub(KEY)]
    mending.scrubbed(do.Scrubbed(None, (), hurry=False), NOW + 100)
    assert mending.tick(NOW + 100 + SCRUB_EVERY_MS) == [do.Scrub(BEFORE_ALL)]


def test_while_nothing_is_missed_nobody_is_asked() -> None:
    assert Mending().ask(2, NOW) == []


def test_one_till_after_the_other_is_asked_and_each_once_a_round() -> None:
    mending = Mending()
    mending.miss([KEY])
    assert asked(mending.ask(2, NOW)) == [(2, (KEY,))]
    assert mending.ask(3, NOW + 1) == []
    assert mending.ask(2, NOW + ASK_EVERY_MS) == []
    assert asked(mending.ask(3, NOW + ASK_EVERY_MS)) == [(3, (KEY,))]
    assert asked(mending.ask(2, NOW + ROUND_MS)) == [(2, (KEY,))]


def test_what_is_newly_missed_is_asked_of_everybody_again_and_what_is_mended_of_nobody() -> None:
    mending = Mending()
    mending.miss([KEY])
    mending.ask(2, NOW)
    mending.miss([KEY])
    assert mending.ask(2, NOW + ASK_EVERY_MS) == []
    mending.miss([OTHER])
    assert asked(mending.ask(2, NOW + ASK_EVERY_MS)) == [(2, (KEY, OTHER))]
    mending.mended([KEY, OTHER])
    assert mending.ask(3, NOW + ROUND_MS) == []


def test_so_many_rows_at_once() -> None:
    mending = Mending()
    mending.miss((number.to_bytes(8, "big"), 1, b"") for number in range(MISSED_MAX + 5))
    [(_, keys)] = asked(mending.ask(2, NOW))
    assert len(keys) == MISSED_MAX


def test_the_relay_goes_on_after_a_damaged_row_and_takes_what_a_till_holds() -> None:
    relay = Relay(boot=b"hubboot.")
    assert relay.step(do.Damaged(KEY), NOW) == []
    assert asked(list(relay.step(do.Heard(2, RowsHeld(())), NOW))) == [(2, (KEY,))]
    assert do.TakeHeld(((KEY, b"row"),)) in relay.step(do.Heard(3, RowsHeld(((KEY, b"row"),))), NOW)
    assert relay.step(do.Mended((KEY,)), NOW) == []
    assert relay.mending.missed == set()
