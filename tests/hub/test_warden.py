"""Head office minds rights in the transaction that orders what tills say."""

from functools import partial

import pytest

from daemon.domain import rights
from daemon.domain.change import Operation
from daemon.domain.kinds import BOOK_POINTS
from daemon.domain.rights import Holder, Standing, debt_book, due_book
from daemon.domain.sale import new_sale_id
from daemon.hub import warden
from daemon.hub.intake import take_in
from daemon.hub.retirement import retire
from daemon.store import ordering
from daemon.store import rights as kept
from tests.store.small_chain import ACTOR, Site, SmallChain

ACCOUNT = b"account!"
ONE: Holder = (2, b"\x02" * 8)
TWO: Holder = (3, b"\x03" * 8)


class Chain(SmallChain):
    """Two tills of one shop that head office knows; all that is ordered is minded."""

    def __init__(self) -> None:
        super().__init__()
        hub = self.hub
        hub.unit(lambda conn: conn.execute("INSERT INTO shop (shop, name) VALUES (1, '')"))
        for site in (2, 3):
            hub.unit(lambda conn, s=site: conn.execute("INSERT INTO site VALUES (?, 1, 0, NULL)", (s,)))  # type: ignore[misc]  # bound now

    def told(self, till: Site) -> bool:
        """A till reports that head office has everything; whether it was the last."""
        hub, who = self.hub, till.replica.identity
        return hub.unit(lambda conn: kept.has_told(conn, who.site, boot=hub.replica.boot, lot=who.lot))

    def say(self, till: Site, *operations: Operation) -> None:
        """Somebody acts at a till, and head office hears it."""
        till.commit(*operations)
        self.heard(till)

    def heard(self, till: Site) -> None:
        """Head office hears what a till has said."""
        batch, hub = till.batch(), self.hub
        assert batch is not None
        hub.now += 1_000
        taken = hub.unit(lambda conn: take_in(conn, hub.replica, batch, now_ms=hub.now))
        assert taken.head is not None
        till.replica.applied_seq = taken.head.seq

    def standing(self) -> Standing:
        return kept.standing(self.hub.conn, ACCOUNT, BOOK_POINTS)


@pytest.fixture
def chain() -> Chain:
    found = Chain()
    found.told(found.one)
    found.told(found.two)
    return found


def earn(till: Site, amount: int, *, holder: Holder | None = None, n: int = 0) -> list[Operation]:
    sale = new_sale_id(till.replica.identity.site, bytes([n]) * 5)
    mine = holder or kept.holder_of(till.replica)
    return rights.earn(ACCOUNT, BOOK_POINTS, amount, sale=sale, holder=mine)


def ask(till: Site, wanted: int) -> list[Operation]:
    purse = kept.purse(till.conn, till.replica, ACCOUNT, BOOK_POINTS)
    return rights.ask(purse, wanted, holder=kept.holder_of(till.replica))


def test_the_last_till_to_report_opens_the_hand() -> None:
    chain = Chain()
    assert not chain.told(chain.one)
    assert not kept.may_grant(chain.hub.conn, chain.hub.replica.boot)
    assert chain.told(chain.two)
    assert kept.may_grant(chain.hub.conn, chain.hub.replica.boot)
    assert not kept.may_grant(chain.hub.conn, b"restored")


def test_what_a_till_earned_stays_there_until_it_has_much_more_than_its_part(chain: Chain) -> None:
    chain.say(chain.one, *earn(chain.one, 100))
    assert chain.standing().held == {ONE: 100}
    chain.download(chain.one)
    recalls = [one for one in chain.one.members(17, ACCOUNT) if one.fields.get(3) == rights.RECALLED]
    assert [(one.fields[7], one.fields[9]) for one in recalls] == [(50, TWO)]


def test_what_no_one_holds_goes_to_the_usual_shop(chain: Chain) -> None:
    chain.say(chain.one, *earn(chain.one, 10))
    gift = rights.earn(ACCOUNT, BOOK_POINTS, 160, sale=b"", holder=None, cause="by hand")
    chain.say(chain.two, *gift)
    found = chain.standing()
    assert found.free == found.balance // 16
    assert found.held[ONE] - found.held[TWO] in (-1, 0, 1)


def test_an_ask_is_granted_from_what_no_one_holds(chain: Chain) -> None:
    chain.say(chain.two, *rights.earn(ACCOUNT, BOOK_POINTS, 80, sale=b"", holder=None, cause="by hand"))
    chain.say(chain.one, *ask(chain.one, 30))
    assert chain.standing().held[ONE] == 30
    chain.say(chain.one, *ask(chain.one, 30))
    assert chain.standing().held[ONE] == 30, "asked twice, held once"


def test_nothing_is_granted_before_every_till_has_reported() -> None:
    chain = Chain()
    chain.told(chain.one)
    chain.say(chain.two, *rights.earn(ACCOUNT, BOOK_POINTS, 80, sale=b"", holder=None, cause="by hand"))
    chain.say(chain.one, *ask(chain.one, 30))
    assert chain.standing().held.get(ONE, 0) == 0


def asked_whose(chain: Chain) -> list[tuple[object, ...]]:
    """What head office asks about in the feed of till one: as which holder, which sale, how much."""
    chain.download(chain.one)
    found = [one for one in chain.one.members(17, ACCOUNT) if one.fields.get(3) == rights.WHOSE]
    return [(one.fields[5], one.fields[4], one.fields[7]) for one in found]


def test_what_another_till_posted_waits_for_the_one_that_issued_the_sale(chain: Chain) -> None:
    entry, right = earn(chain.one, 90)
    chain.say(chain.two, entry)
    assert (chain.standing().held, chain.standing().free) == ({ONE: 0}, 0)
    assert asked_whose(chain) == [(ONE, entry.fields[4], 90)]
    chain.say(chain.one, entry, right)
    assert (chain.standing().balance, chain.standing().held) == (90, {ONE: 90})


def test_a_box_that_head_office_had_never_heard_of_issued_it_and_owes_nothing(chain: Chain) -> None:
    other: Holder = (2, b"the copy")
    entry, right = earn(chain.one, 90, holder=other)
    chain.say(chain.two, entry)
    spent = {1: BOOK_POINTS, 2: -90, 3: rights.SPENT, 5: other}
    chain.say(chain.one, entry, right, Operation(16, ACCOUNT, 3, spent))
    assert (chain.standing().balance, chain.standing().held.get(ONE), chain.standing().held[other]) == (0, 0, 0)
    assert kept.balance(chain.hub.conn, ACCOUNT, debt_book(BOOK_POINTS)) == 0


@pytest.fixture
def of_nobody() -> Chain:
    """What was earned for a sale of till one, posted by till two before head office knew how till one holds rights."""
    chain = Chain()
    chain.told(chain.two)
    chain.say(chain.two, earn(chain.one, 90)[0])
    return chain


def ask_again(chain: Chain, site: int) -> int:
    return chain.hub.unit(lambda conn: warden.ask_again(conn, chain.hub.replica, site, now_ms=chain.hub.now))


def test_it_is_kept_also_while_nobody_knows_that_till_s_holder(of_nobody: Chain) -> None:
    assert (of_nobody.standing().held, of_nobody.standing().free) == ({}, 0)
    assert of_nobody.told(of_nobody.one)
    assert [ask_again(of_nobody, 3), ask_again(of_nobody, 2)] == [0, 1]
    assert [(holder, amount) for holder, _, amount in asked_whose(of_nobody)] == [(ONE, 90)]
    assert (of_nobody.standing().held, of_nobody.standing().free) == ({ONE: 0}, 0)
    of_nobody.say(of_nobody.one, *earn(of_nobody.one, 90))
    assert ask_again(of_nobody, 2) == 0, "it has been said"


def test_a_till_is_asked_again_by_another_process_alone(chain: Chain) -> None:
    hub, who = chain.hub.conn, chain.one.replica.identity
    told = partial(kept.is_told, hub, who.site, lot=who.lot)
    assert (told(boot=chain.hub.replica.boot), told(boot=b"another.")) == (True, False)
    assert not kept.is_told(hub, who.site, boot=chain.hub.replica.boot, lot=b"the copy")


def test_no_more_is_asked_for_than_the_statement_that_stands_says() -> None:
    chain = Chain()
    chain.told(chain.two)
    entry, _ = earn(chain.one, 10)
    chain.one.commit(entry)
    chain.two.now = chain.one.now  # the other till says more, later, and is heard first
    chain.say(chain.two, earn(chain.one, 20)[0])
    chain.heard(chain.one)
    assert (chain.standing().balance, chain.standing().unclaimed) == (10, 10)
    chain.told(chain.one)
    assert ask_again(chain, 2) == 1
    assert [amount for _, _, amount in asked_whose(chain)] == [10]


def test_it_counts_once_when_that_till_says_it_itself(of_nobody: Chain) -> None:
    of_nobody.say(of_nobody.one, *earn(of_nobody.one, 90))
    assert (of_nobody.standing().held, of_nobody.standing().free) == ({ONE: 90}, 0)
    ask_again(of_nobody, 2)
    assert (of_nobody.standing().held, of_nobody.standing().free) == ({ONE: 90}, 0)


def test_it_is_free_once_that_till_is_withdrawn(of_nobody: Chain) -> None:
    of_nobody.hub.unit(lambda conn: conn.execute("UPDATE site SET revoked_ms = 1 WHERE site = 2"))
    assert of_nobody.standing().free == 90


def test_what_was_spent_twice_becomes_a_debt_and_the_floor_is_whole(chain: Chain) -> None:
    chain.say(chain.one, *earn(chain.one, 50))
    spent = {1: BOOK_POINTS, 2: -80, 3: rights.SPENT, 5: ONE}
    chain.say(chain.one, Operation(16, ACCOUNT, 3, spent))
    assert chain.standing().free >= 0
    assert kept.balance(chain.hub.conn, ACCOUNT, debt_book(BOOK_POINTS)) == 30


def test_what_is_due_is_collected(chain: Chain) -> None:
    chain.say(chain.two, *rights.earn(ACCOUNT, BOOK_POINTS, 80, sale=b"", holder=None, cause="by hand"))
    chain.say(chain.one, *rights.book(ACCOUNT, due_book(BOOK_POINTS), 30, sale=b"sale....", cause=rights.TAKEN_BACK))
    assert (chain.standing().balance, kept.balance(chain.hub.conn, ACCOUNT, due_book(BOOK_POINTS))) == (50, 0)


def test_the_rights_of_a_withdrawn_till_are_free_again(chain: Chain) -> None:
    chain.say(chain.one, *earn(chain.one, 50))
    hub = chain.hub
    hub.unit(lambda conn: conn.execute("UPDATE site SET revoked_ms = 1 WHERE site = 2"))
    hub.unit(lambda conn: retire(conn, hub.replica, ACTOR, 2, now_ms=hub.now))  # type: ignore[arg-type]  # a site
    assert chain.standing().free == 50


def test_what_head_office_gives_itself_is_handed_out_soon(chain: Chain) -> None:
    chain.say(chain.one, *earn(chain.one, 10))
    chain.hub.commit(*rights.earn(ACCOUNT, BOOK_POINTS, 160, sale=b"", holder=None, cause="by hand"))
    hub = chain.hub
    assert hub.unit(lambda conn: warden.attend_funded(conn, hub.replica, now_ms=hub.now)) == 1
    assert chain.standing().free == chain.standing().balance // 16
    hub.unit(lambda conn: warden.attend_funded(conn, hub.replica, now_ms=hub.now))
    assert not kept.is_funded(hub.conn)


def test_a_large_chain_is_looked_at_a_little_at_a_time(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warden, "ROUND_BEGINS", 2)
    monkeypatch.setattr(warden, "FUNDED_AT_ONCE", 2)
    hub, accounts = chain.hub, [b"account%d" % n for n in range(5)]
    for account in accounts:
        sale = new_sale_id(2, account[3:])
        chain.one.commit(*rights.earn(account, BOOK_POINTS, 160, sale=sale, holder=None))
    batch = chain.one.batch()
    assert batch is not None
    hub.unit(lambda conn: ordering.order_batch(conn, hub.replica, batch, now_ms=hub.now))
    for account in accounts:
        hub.unit(lambda conn, whose=account: kept.earned_at(conn, whose, 2))  # type: ignore[misc]  # bound now

    def kept_back() -> int:
        return sum(kept.standing(hub.conn, account, BOOK_POINTS).free == 10 for account in accounts)

    hub.unit(lambda conn: warden.attend_all(conn, hub.replica, now_ms=hub.now))
    assert (kept_back(), kept.is_round(hub.conn)) == (2, True)
    looked = [hub.unit(lambda conn: warden.attend_round(conn, hub.replica, now_ms=hub.now)) for _ in range(3)]
    assert (looked, kept_back(), kept.is_round(hub.conn)) == ([2, 1, 0], 5, False)


def test_an_amount_that_no_column_holds_stops_nobody() -> None:
    chain = Chain()
    fields = {1: BOOK_POINTS, 2: 1 << 63, 3: rights.EARNED, 4: new_sale_id(3, b"other").hex()}
    chain.say(chain.one, Operation(16, ACCOUNT, 3, fields, {}, b"the fact"))
    assert chain.standing().balance == 0
