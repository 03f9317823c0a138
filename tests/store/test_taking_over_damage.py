"""Rows of head office put right what a bad disk has changed here."""

import pytest

from daemon.domain.element import Key, bucket_of
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.portion import BEFORE_ALL, Portion
from daemon.store import changes, taking
from daemon.store.verify import verify
from tests.store.small_chain import ANNE, BRUNO, EMAIL, Site, SmallChain
from tests.store.small_takings import (
    ACCOUNT,
    SHOP,
    balance,
    entry,
    found,
    lose,
    portion_of,
    right,
    small_chain,
    take,
    ticket,
)


def damage(site: Site, key: Key, *, column: str = "body", bits: int = 0b1011) -> None:
    """Flip some bits of a stored row, in the file."""
    ((raw,),) = site.conn.execute(
        f"SELECT {column} FROM element WHERE entity = ? AND kind = ? AND dot = ?", key
    ).fetchall()
    site.conn.execute(
        f"UPDATE element SET {column} = ? WHERE entity = ? AND kind = ? AND dot = ?",
        (bytes([raw[0] ^ bits, *raw[1:]]), *key),
    )


def entry_key(site: Site) -> Key:
    ((dot,),) = site.conn.execute("SELECT dot FROM element WHERE kind = 16").fetchall()
    return (ACCOUNT, Kind.ENTRY, dot)


@pytest.mark.parametrize("column", ["body", "hash", "entity"])
@pytest.mark.parametrize("bits", [0b1, 0b1011])
@pytest.mark.parametrize("of_an_entry", [False, True])
def test_a_damaged_row_is_put_right_and_all_that_derives_from_it(column: str, bits: int, of_an_entry: bool) -> None:
    chain = small_chain()
    damage(chain.two, entry_key(chain.two) if of_an_entry else (ANNE, Kind.CUSTOMER, b""), column=column, bits=bits)
    taken = take(chain.two, portion_of(chain))
    assert taken.healed == 1
    assert chain.two.root() == chain.hub.root()
    assert verify(chain.two.conn).is_sound
    assert balance(chain.two) == [(10,)]
    assert sorted(found(chain.two, "a")) == [ANNE, BRUNO]


def test_a_damaged_row_that_has_moved_on_since_is_taken_out_with_its_traces() -> None:
    chain = small_chain()
    damage(chain.two, (ANNE, Kind.CUSTOMER, b""))
    chain.one.edit({EMAIL: "moved@b.fr"})
    chain.upload(chain.one)
    taken = take(chain.two, portion_of(chain))
    assert (taken.healed, taken.lost_count) == (1, True)
    assert chain.two.root() == chain.hub.root()
    assert verify(chain.two.conn).is_sound
    assert found(chain.two, "moved") == [ANNE]


def test_a_damaged_entry_that_nobody_else_has_is_taken_out_of_its_sum() -> None:
    chain = small_chain()
    damage(chain.two, entry_key(chain.two))
    take(chain.two, Portion(CHAIN, chain.head(), BEFORE_ALL, None, portion_of(chain).rows[:-1], 68))
    assert verify(chain.two.conn).is_sound
    chain.two.commit(entry(3))
    assert verify(chain.two.conn).is_sound


def test_a_damaged_ticket_that_is_taken_out_is_listed_no_more() -> None:
    chain = small_chain()
    chain.two.commit(ticket(ANNE))
    chain.sync()
    ((held_as,),) = chain.two.rows("SELECT dot FROM element WHERE kind = 75")
    assert isinstance(held_as, bytes)
    key: Key = (ANNE, Kind.HELD_TICKET, held_as)
    damage(chain.two, key)
    lose(chain.hub, key)
    take(chain.two, portion_of(chain, scope=SHOP), bucket_of(key))
    assert chain.two.rows("SELECT count(*) FROM held_ticket WHERE live = 1") == [(0,)]
    assert verify(chain.two.conn).is_sound


def test_a_damaged_right_that_was_passed_on_is_taken_out_where_it_counts() -> None:
    chain = SmallChain()
    chain.two.commit(right(50, 2))
    ((dot,),) = chain.two.rows("SELECT dot FROM element WHERE kind = 17")
    assert isinstance(dot, bytes)
    elsewhere: Key = (b"bccount.", Kind.RIGHT, dot)
    chain.two.conn.execute("UPDATE element SET entity = ? WHERE kind = 17", (elsewhere[0],))
    chain.two.unit(lambda conn: changes.apply_changes(conn, chain.two.replica, list(taking._waiting(conn))))
    chain.sync()
    take(chain.two, portion_of(chain, scope=Scope(Reach.SITE, 3)), bucket_of(elsewhere))
    assert chain.two.rows("SELECT entity FROM element WHERE kind = 17") == [(ACCOUNT,)]
    assert verify(chain.two.conn).is_sound
