"""Rows of a small chain's head office, taken in by its tills: what the tests of that ask and say."""

from daemon.domain import authoring as wish
from daemon.domain.change import Operation
from daemon.domain.element import Key
from daemon.domain.feed import CHAIN, Scope
from daemon.domain.kind_shape import Reach
from daemon.domain.kinds import Kind
from daemon.domain.merge import Delta, Needs
from daemon.domain.portion import BEFORE_ALL, Filling, Part, Portion
from daemon.store import elements, portions, search, taking, word_index
from daemon.store.delta import write
from tests.store.small_chain import ANNE, BRUNO, NOW, Site, SmallChain

ACCOUNT = b"account."
CLARA = b"clara..."
SHOP = Scope(Reach.SHOP, 1)


def entry(amount: int) -> Operation:
    return wish.add(Kind.ENTRY, ACCOUNT, {1: 1, 2: amount, 3: "sale"})


def right(amount: int, site: int) -> Operation:
    return wish.add(Kind.RIGHT, ACCOUNT, {1: 1, 2: amount, 5: (site, bytes([site]) * 8)})


def tag(text: str) -> Operation:
    return wish.add(Kind.TAG, ANNE, {1: text})


def portion_of(chain: SmallChain, after: Key = BEFORE_ALL, *buckets: int, scope: Scope = CHAIN) -> Portion:
    hub = chain.hub
    return hub.unit(lambda conn: portions.read_portion(conn, hub.replica, scope, after, frozenset(buckets)))


def part_of(chain: SmallChain, part: Part, after: Key = BEFORE_ALL) -> Portion:
    hub = chain.hub
    return hub.unit(lambda conn: portions.read_portion(conn, hub.replica, CHAIN, after, (), part))


def take(site: Site, portion: Portion, *buckets: int) -> taking.Taken:
    return site.unit(lambda conn: taking.take_portion(conn, site.replica, portion, frozenset(buckets)))


def fill_one(chain: SmallChain, site: Site) -> Filling | None:
    """The next portion, as a session asks for it."""
    begun = taking.fillings(site.conn).get(CHAIN)
    portion = portion_of(chain, begun.after if begun else BEFORE_ALL)
    return site.unit(lambda conn: taking.fill(conn, site.replica, portion))


def fill(chain: SmallChain, site: Site) -> int:
    """All of it; returns how many portions it took."""
    count = 1
    while fill_one(chain, site) is not None:
        count += 1
    return count


def fill_next(chain: SmallChain, site: Site) -> Filling | None:
    """The next portion of two passes, as a session asks for it."""
    begun = taking.fillings(site.conn).get(CHAIN, Filling(chain.head(), part=Part.COUNTER))
    portion = part_of(chain, begun.part, begun.after)
    return site.unit(lambda conn: taking.fill(conn, site.replica, portion))


def fill_in_two(chain: SmallChain, site: Site) -> list[Filling]:
    """All of both passes; returns how far it was after each portion but the last."""
    found: list[Filling] = []
    while (one := fill_next(chain, site)) is not None:
        found.append(one)
    return found


def sale(amount: int, account: bytes = ACCOUNT) -> Operation:
    return wish.add(Kind.SALE, account, {1: "sale", 2: amount, 3: 202511, 4: NOW})


def chain_with_history() -> SmallChain:
    """Three sales of one account, what older ones come to by month, and somebody who buys nothing."""
    chain = small_chain()
    for amount in (10, 20, 30):
        chain.one.commit(sale(amount))
    chain.sync()
    chain.hub.commit(wish.create(Kind.MONTH, ACCOUNT, {1: ((202501, 500),)}))
    chain.sync()
    return chain


def balance(site: Site) -> list[tuple[object, ...]]:
    return site.rows("SELECT amount FROM balance WHERE holder = x'' AND amount != 0")


def found(site: Site, word: str) -> list[bytes]:
    while site.unit(lambda conn: word_index.reindex_some(conn, customers=9)):
        pass
    return search.find(site.conn, [word], limit=9)


def small_chain() -> SmallChain:
    """Two customers, tags and entries that everybody knows."""
    chain = SmallChain()
    chain.one.create()
    chain.one.create(BRUNO)
    chain.one.commit(tag("vip"), entry(10))
    chain.sync()
    return chain


def lose(site: Site, *keys: Key) -> None:
    """Rows vanish from a replica, and from its digest: nobody knows how."""
    wanted = Needs(frozenset(keys), frozenset())
    site.unit(lambda conn: write(conn, site.replica, elements.load(conn, site.replica, wanted), Delta(drops=set(keys))))


def ticket(customer: bytes) -> Operation:
    return wish.add(Kind.HELD_TICKET, customer, {1: "wish", 4: "held", 6: 1, 9: NOW})
