"""What must hold of points, credit, coupons and credit notes once everything is healed and quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from daemon.domain.canonical import unpack
from daemon.domain.element import Element
from daemon.domain.kinds import BOOK_COUPON, Kind
from daemon.domain.rights import AT_RISK, ISSUED, OVERDRAWN, SPENT, Standing, debt_book
from daemon.store import rights
from tests.simulation.history import History
from tests.simulation.loyalty import all_purses, notes_of

if TYPE_CHECKING:
    from tests.simulation.world import World

BOOK, AMOUNT, CAUSE, HOLDER = 1, 2, 3, 5


def floors(world: World) -> Iterator[str]:
    """No balance is negative; nobody has spent more than was theirs; no more may be spent than there is."""
    conn = world.hub.conn.plain
    if not rights.may_grant(conn, world.hub.replica.boot):
        yield "head office has not heard of every till, though all of them are there"
        return
    for account, book in sorted(all_purses(world)):
        standing = rights.standing(conn, account, book)
        if standing.balance < 0:
            yield f"the balance of book {book} is {standing.balance}"
        if standing.free < 0:
            yield f"more rights are out than the balance of book {book}: {_shown(standing)}"
        if any(left < 0 for left in standing.held.values()):
            yield f"a holder has spent more of book {book} than was its own: {_shown(standing)}"


def _shown(standing: Standing) -> str:
    return f"balance {standing.balance}, held {sorted(standing.held.values())}"


def debts(world: World) -> Iterator[str]:
    """A debt for what was spent twice stands only against a disk that was put back or copied, and no larger than that.

    Whatever else is cut off, crashes or is restored: within rights nothing is spent twice. Save where head office was
    put back unannounced and did not wait for the one till that could have told: what was granted in between is owed.
    And where head office was put back as well, it gives a till what that till had spent since: only others know of it.
    """
    counts = world.faults.counts
    if counts["hub restored, unannounced"] and counts["silent till not waited for"]:
        return
    is_restored = bool(counts["hub restored, announced"] + counts["hub restored, unannounced"])
    given = _sums(world, lambda one, amount: one.kind == Kind.RIGHT and amount > 0)
    lost = _sums(world, lambda one, _: one.kind == Kind.ENTRY and one.fields.get(CAUSE) == OVERDRAWN)
    for key, amount in lost.items():
        site = key[2][0] if isinstance(key[2], tuple) else 0
        if site not in world.swapped_sites:
            yield f"till {site} has spent {amount} of book {key[1]} that it did not hold"
            continue
        is_all = site in world.copied_sites or is_restored
        bound = given.get(key, 0) if is_all else world.rights_put_back[key]
        if amount > bound:
            yield f"till {site} was put back and spent {amount} of book {key[1]} twice, of {bound} at most"


def _sums(world: World, wanted: Callable[[Element, int], bool]) -> dict[tuple[bytes, int, object], int]:
    """The amounts of some entries and rights at head office, by account, book and holder."""
    found: dict[tuple[bytes, int, object], int] = {}
    purses = all_purses(world)
    for element in History.of(world).elements.values():
        book, amount = element.fields.get(BOOK), element.fields.get(AMOUNT)
        if element.kind not in (Kind.ENTRY, Kind.RIGHT) or not isinstance(amount, int) or not isinstance(book, int):
            continue
        if (element.entity, book) in purses and wanted(element, amount):
            key = (element.entity, book, element.fields.get(HOLDER))
            found[key] = found.get(key, 0) + amount
    return found


def at_risk(world: World) -> Iterator[str]:
    """Nothing is given without a right that was not chosen so; a till that was put back knows no better."""
    if world.swapped_sites:
        return
    books = {(account, debt_book(book)) for account, book in all_purses(world)}
    for element in _entries(world):
        if (element.entity, element.fields.get(BOOK)) in books and element.fields.get(CAUSE) == AT_RISK:
            yield f"{element.fields.get(AMOUNT)} were given at risk, though they had been reserved"


def debts_are_booked(world: World) -> Iterator[str]:
    """What head office made good on a purse stands as a debt of the same account, cent for cent."""
    made_good: dict[tuple[bytes, int], int] = {}
    owed: dict[tuple[bytes, int], int] = {}
    purses = all_purses(world)
    for element in _entries(world):
        book, amount = element.fields.get(BOOK), element.fields.get(AMOUNT)
        if element.fields.get(CAUSE) != OVERDRAWN or not isinstance(book, int) or not isinstance(amount, int):
            continue
        if (element.entity, book) in purses:
            key, sums = (element.entity, debt_book(book)), made_good
        else:
            key, sums = (element.entity, book), owed
        sums[key] = sums.get(key, 0) + amount
    for key, amount in made_good.items():
        if owed.get(key, 0) != amount:
            yield f"{amount} were spent without being there, {owed.get(key, 0)} of them are booked as a debt"


def coupons(world: World) -> Iterator[str]:
    """A coupon is used once in the whole chain."""
    for account, book in sorted(all_purses(world)):
        if book != BOOK_COUPON or world.swapped_sites:
            continue
        mine = [one for one in _entries(world) if one.entity == account and one.fields.get(BOOK) == BOOK_COUPON]
        used = sum(1 for one in mine if one.fields.get(CAUSE) == SPENT)
        made = sum(1 for one in mine if int(one.fields[AMOUNT]) > 0)
        if used > made:
            yield f"a coupon was used {used} times"
        ruled = sum(1 for one in mine if one.fields.get(CAUSE) == ISSUED)
        if ruled > 1:
            yield f"one threshold has issued {ruled} coupons"


def _entries(world: World) -> Iterator[Element]:
    for element in History.of(world).elements.values():
        if element.kind == Kind.ENTRY:
            yield element


def earned_once(world: World) -> Iterator[str]:
    """A sale that was posted several times, here and elsewhere, has earned once."""
    expected: dict[tuple[bytes, str], int] = {}
    for element in _entries(world):
        if element.fields.get(CAUSE) == "earned":
            key = (element.entity, str(element.fields.get(4)))
            expected[key] = expected.get(key, 0) + 1
    for (_, sale), count in expected.items():
        if count > 1:
            yield f"sale {sale} has earned {count} times"


def reservations(world: World) -> Iterator[str]:
    """What a customer chose is there still, unless the visit was closed; and this till holds it."""
    for till in world.tills:
        if till.site in world.swapped_sites:
            continue
        conn = till.conn.plain
        kept = {
            (till.name, visit, account, book): amount
            for visit, account, book, amount in conn.execute("SELECT visit, account, book, amount FROM reservation")
        }
        opened = {visit for (visit,) in conn.execute("SELECT id FROM visit WHERE state = 'open'")}
        for key, amount in notes_of(world).chosen.items():
            if key[0] == till.name and amount and key[1] in opened and kept.get(key) != amount:
                yield f"{till.name} has forgotten that {amount} of book {key[3]} were chosen"
        held = {(account, book): left for account, book, left in _held(world, till.name)}
        total: dict[tuple[bytes, int], int] = {}
        for (_, _, account, book), amount in kept.items():
            total[account, book] = total.get((account, book), 0) + amount
        for (account, book), amount in total.items():
            if amount > held.get((account, book), 0):
                yield f"{till.name} has reserved {amount} of book {book} and holds {held.get((account, book), 0)}"


def _held(world: World, name: str) -> Iterator[tuple[bytes, int, int]]:
    till = next(one for one in world.tills if one.name == name)
    mine = (till.site, till.replica.identity.lot)
    for account, book, holder, amount in till.conn.plain.execute(
        "SELECT account, book, holder, amount FROM balance WHERE holder != x''"
    ):
        if unpack(holder) == mine:
            yield account, book, amount


JUDGES = (floors, debts, at_risk, debts_are_booked, coupons, earned_once, reservations)
