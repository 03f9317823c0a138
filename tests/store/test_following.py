"""The till's side of a feed: in order, once, and proved equal."""

from dataclasses import replace

import pytest

from daemon.domain import authoring as wish
from daemon.domain.change import Operation, Verb
from daemon.domain.feed import CHAIN, Cursor, Frame
from daemon.domain.kind_shape import KindShape
from daemon.domain.kinds import SHAPES
from daemon.errors import PeerFault
from daemon.store import changes, following, ordering
from tests.simulation.machine import NEWER_KIND, NEWER_SHAPE
from tests.store.small_chain import ANNE, BIG, EMAIL, NOW, SmallChain

NEWER = Operation(NEWER_KIND, ANNE, Verb.ADD, {1: "new"})


def next_frame(chain: SmallChain, after: int = 0) -> Frame:
    frame = ordering.frame_after(chain.hub.conn, CHAIN, after, bytes_max=BIG)
    assert frame is not None
    return frame


def apply(chain: SmallChain, frame: Frame) -> Cursor:
    return chain.two.unit(lambda conn: following.apply_frame(conn, chain.two.replica, frame))


def compare(chain: SmallChain, *, cursor: Cursor | None = None, root: bytes | None = None) -> following.Comparison:
    cursor, root = cursor or chain.head(), root or chain.hub.root()
    return chain.two.unit(lambda conn: following.compare(conn, chain.two.replica, CHAIN, cursor, root, now_ms=NOW))


def chain_with_two_records() -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    chain.one.edit({EMAIL: "b"})
    chain.upload(chain.one)
    return chain


def test_a_frame_brings_what_others_did_and_moves_the_cursor() -> None:
    chain = chain_with_two_records()
    assert apply(chain, next_frame(chain)) == chain.head()
    assert chain.two.value(EMAIL) == "b"
    assert chain.two.replica.cursors[CHAIN] == chain.head()
    assert chain.two.rows("SELECT generation, feed_offset FROM cursor") == [(1, 2)]


def test_frames_come_in_any_bundling() -> None:
    chain = chain_with_two_records()
    chain.download(chain.two, bytes_max=1)
    chain.download(chain.one)
    assert len(chain.roots()) == 1


@pytest.mark.parametrize("wrong", [{"first": 2}, {"generation": 2}, {"chain": b"x" * 16}])
def test_a_frame_that_does_not_fit_is_refused_and_changes_nothing(wrong: dict[str, object]) -> None:
    chain = chain_with_two_records()
    before = chain.two.root()
    with pytest.raises(PeerFault, match="begins at"):
        apply(chain, replace(next_frame(chain), **wrong))  # type: ignore[arg-type]  # one field of a frame
    assert chain.two.root() == before
    assert chain.two.replica.cursors[CHAIN].offset == 0


def test_own_records_come_back_as_echoes_only() -> None:
    chain = chain_with_two_records()
    chain.one.edit({EMAIL: "c"})
    chain.download(chain.one)
    assert chain.one.value(EMAIL) == "c", "the echo of an earlier edit does not undo a later one"
    assert changes.is_waiting(chain.one.conn, CHAIN)
    chain.sync()
    assert not changes.is_waiting(chain.one.conn, CHAIN)
    assert len(chain.roots()) == 1


def test_own_records_that_an_old_image_does_not_hold_are_heard_like_others() -> None:
    chain = chain_with_two_records()
    chain.one.conn.execute("DELETE FROM change")
    chain.download(chain.one)
    chain.download(chain.two)
    assert len(chain.roots()) == 1


def test_equality_is_proved_at_the_very_offset_of_the_mark() -> None:
    chain = chain_with_two_records()
    assert compare(chain) == following.Comparison(comparable=False, equal=False)
    chain.sync()
    assert compare(chain) == following.Comparison(comparable=True, equal=True)
    assert chain.two.rows("SELECT proved_offset, proved_ms FROM cursor WHERE reach = 0") == [(2, NOW)]
    assert compare(chain, root=b"x" * 16) == following.Comparison(comparable=True, equal=False)


def test_a_till_that_waits_for_an_echo_does_not_compare() -> None:
    chain = chain_with_two_records()
    chain.sync()
    chain.two.edit({EMAIL: "mine"})
    assert compare(chain) == following.Comparison(comparable=False, equal=False, odd=True)


def test_the_same_place_of_another_feed_is_another_place() -> None:
    chain = chain_with_two_records()
    chain.sync()
    chain.two.edit({EMAIL: "mine"})
    other = replace(chain.head(), chain=b"x" * 16)
    assert compare(chain, cursor=other) == following.Comparison(comparable=True, equal=False, odd=True)


def test_after_a_rewind_the_same_records_come_again_and_change_nothing() -> None:
    chain = chain_with_two_records()
    tag = chain.one.commit(wish.add(4, ANNE, {1: "vip"}))
    chain.sync()
    (member,) = chain.two.members(4)
    chain.two.commit(wish.remove(member))
    chain.sync()
    before = chain.roots()
    assert tag.dots == (member.dot,)
    for site in (chain.one, chain.two):
        site.unit(lambda conn, s=site: following.rewind(conn, s.replica, CHAIN, Cursor(1, 0)))  # type: ignore[misc]  # bound now
        assert changes.is_waiting(site.conn, CHAIN)
        chain.download(site)
        assert not changes.is_waiting(site.conn, CHAIN)
    assert chain.roots() == before
    assert chain.two.members(4) == []


def test_a_rewind_takes_back_what_was_proved_and_parked_beyond_the_fork() -> None:
    chain = chain_with_two_records()
    chain.one.commit(NEWER)
    chain.sync()
    compare(chain)
    chain.two.unit(lambda conn: following.rewind(conn, chain.two.replica, CHAIN, Cursor(2, 1)))
    assert chain.two.rows("SELECT * FROM parked") == []
    assert chain.two.rows("SELECT proved_offset FROM cursor WHERE reach = 0") == [(0,)]


def test_what_a_newer_version_authored_waits_for_the_upgrade_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = chain_with_two_records()
    chain.sync()
    with_newer(monkeypatch, NEWER_SHAPE)
    chain.one.commit(NEWER)
    with_newer(monkeypatch, None)
    chain.sync()
    assert following.has_parked(chain.two.conn, CHAIN)
    assert not compare(chain).comparable, "without a receipt"
    assert chain.hub.root() == chain.two.root() != chain.one.root()
    with_newer(monkeypatch, NEWER_SHAPE)
    for site in (chain.hub, chain.two):
        assert site.unit(lambda conn, s=site: following.unpark(conn, s.replica)) == 1  # type: ignore[misc]  # bound now
    assert len(chain.roots()) == 1
    assert compare(chain).equal


def with_newer(monkeypatch: pytest.MonkeyPatch, shape: KindShape | None) -> None:
    """As a newer version or as this one."""
    if shape is None:
        monkeypatch.delitem(SHAPES, NEWER_KIND)
    else:
        monkeypatch.setitem(SHAPES, NEWER_KIND, shape)


def test_what_is_still_unknown_after_an_upgrade_stays_parked() -> None:
    chain = chain_with_two_records()
    chain.one.commit(NEWER)
    chain.sync()
    assert chain.two.unit(lambda conn: following.unpark(conn, chain.two.replica)) == 0
    assert following.has_parked(chain.two.conn, CHAIN)


def test_unknown_fields_are_kept_and_relayed() -> None:
    chain = chain_with_two_records()
    chain.one.edit({900: "from a newer version"})
    chain.sync()
    assert chain.two.value(900) == "from a newer version"
    assert len(chain.roots()) == 1
