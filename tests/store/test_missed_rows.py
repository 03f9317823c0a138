"""Rows of head office beyond mending are put right by what a till holds, or from the log; by nothing else."""

from daemon.domain.element import Key, hash_of
from daemon.domain.kinds import Kind
from daemon.store import missed_rows
from daemon.store.pruning import prune_log
from daemon.store.verify import verify
from tests.store.small_chain import ANNE, BRUNO, EMAIL, Site, SmallChain

ROW: Key = (ANNE, Kind.CUSTOMER, b"")
HOW = "UPDATE element SET body = ?, hash = ? WHERE entity = ? AND kind = ? AND dot = ?"


def stored(site: Site) -> tuple[bytes, bytes]:
    [(body, digest)] = site.conn.execute(
        "SELECT body, hash FROM element WHERE entity = ? AND kind = 1", (ANNE,)
    ).fetchall()
    return body, digest


def noise(raw: bytes) -> bytes:
    return raw[:4] + bytes(byte ^ 0x2B for byte in raw[4:9]) + raw[9:]


def known_chain() -> SmallChain:
    chain = SmallChain()
    chain.one.create()
    chain.one.create(BRUNO)
    chain.sync()
    return chain


def give(chain: SmallChain, till: Site) -> tuple[Key, ...]:
    rows = missed_rows.held(till.conn, [ROW])
    return chain.hub.unit(lambda conn: missed_rows.take(conn, rows))


def without_log(chain: SmallChain) -> None:
    chain.hub.unit(lambda conn: prune_log(conn, before_ms=1 << 62, records_max=100))


def test_a_row_is_taken_back_when_it_has_the_hash_that_stood_here() -> None:
    chain = known_chain()
    body, digest = stored(chain.hub)
    chain.hub.conn.execute(HOW, (noise(body), digest, *ROW))
    chain.hub.unit(lambda conn: missed_rows.note(conn, [ROW]))
    assert missed_rows.noted(chain.hub.conn) == {ROW}
    assert give(chain, chain.two) == (ROW,)
    assert stored(chain.hub) == (body, digest)
    assert missed_rows.noted(chain.hub.conn) == frozenset()
    assert verify(chain.hub.conn).is_sound


def test_beside_a_lost_hash_a_row_is_believed_that_stands_here_byte_for_byte() -> None:
    chain = known_chain()
    body, digest = stored(chain.hub)
    chain.hub.conn.execute(HOW, (body, b"\x00" * 16, *ROW))
    assert give(chain, chain.two) == (ROW,)
    assert stored(chain.hub) == (body, digest)


def test_a_row_that_a_till_has_changed_is_not_what_was_lost() -> None:
    chain = known_chain()
    body, digest = stored(chain.hub)
    chain.two.edit({EMAIL: "mine@b.fr"})
    chain.hub.conn.execute(HOW, (noise(body), digest, *ROW))
    without_log(chain)
    assert give(chain, chain.two) == ()
    assert stored(chain.hub) == (noise(body), digest)
    assert give(chain, chain.one) == (ROW,)


def test_where_every_till_has_changed_it_the_log_says_what_it_was() -> None:
    chain = known_chain()
    body, digest = stored(chain.hub)
    chain.two.edit({EMAIL: "mine@b.fr"})
    chain.hub.conn.execute(HOW, (noise(body), digest, *ROW))
    assert give(chain, chain.two) == (ROW,)
    assert stored(chain.hub) == (body, digest)


def test_a_row_that_no_till_gave_back_is_made_from_the_log_when_it_is_found_again() -> None:
    chain = known_chain()
    body, digest = stored(chain.hub)
    chain.hub.conn.execute(HOW, (noise(body), digest, *ROW))
    chain.hub.unit(lambda conn: missed_rows.note(conn, [ROW]))
    chain.hub.unit(lambda conn: missed_rows.note(conn, [ROW]))
    assert stored(chain.hub) == (body, digest)
    assert missed_rows.noted(chain.hub.conn) == frozenset()


def test_a_till_gives_sound_rows_only_and_no_more_than_a_message_holds() -> None:
    chain = known_chain()
    body, digest = stored(chain.two)
    assert missed_rows.held(chain.two.conn, [ROW, (b"nobody..", 1, b"")]) == ((ROW, body),)
    chain.two.conn.execute(HOW, (noise(body), digest, *ROW))
    assert missed_rows.held(chain.two.conn, [ROW]) == ()
    assert hash_of(body) == digest


def test_what_is_sound_here_already_is_left_as_it_is() -> None:
    chain = known_chain()
    before = stored(chain.hub)
    assert chain.hub.unit(lambda conn: missed_rows.take(conn, [(ROW, b"anything")])) == (ROW,)
    assert stored(chain.hub) == before
