"""What must hold of held tickets, judged from what was said of them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from daemon.domain.element import Element, read_body
from daemon.domain.kinds import BOOK_DEPOSIT, Kind
from daemon.domain.ticket import NAMES, OF, SALE, TAKE, WHAT, Step, is_live
from daemon.store import tickets
from tests.simulation.machine import Machine

if TYPE_CHECKING:
    from tests.simulation.world import World


@dataclass(slots=True)
class Notes:
    """What the people of a run saw: tickets that were held, and which other sales a till had heard of as it sold."""

    count: int = 0
    tickets: dict[bytes, bytes] = field(default_factory=dict)
    posted: dict[tuple[bytes, bytes], frozenset[bytes]] = field(default_factory=dict)

    def drawn(self) -> bytes:
        """What makes the next id."""
        self.count += 1
        return self.count.to_bytes(4, "big")

    def held(self, saved: bool, owner: bytes, ticket: bytes) -> None:
        """A ticket was held, if it was."""
        if saved:
            self.tickets[ticket] = owner


_NOTES: WeakKeyDictionary[World, Notes] = WeakKeyDictionary()


def notes_of(world: World) -> Notes:
    """The notes of a run."""
    return _NOTES.setdefault(world, Notes())


def _steps(machine: Machine) -> dict[bytes, list[Element]]:
    """What was said of each ticket, as this box holds it."""
    found: dict[bytes, list[Element]] = {}
    for (body,) in machine.conn.plain.execute("SELECT body FROM element WHERE kind = 80"):
        step = read_body(body)
        found.setdefault(step.fields[OF], []).append(step)
    return found


def _values(steps: list[Element], what: Step, number: int) -> list[Any]:
    return [step.fields.get(number) for step in steps if step.fields.get(WHAT) == what]


def equal(world: World) -> Iterator[str]:
    """A ticket stands the same at every till of its shop and at the hub, and is listed as long as it matters."""
    hub = world.hub.conn.plain
    for machine in world.tills:
        conn = machine.conn.plain
        rows = conn.execute("SELECT ticket, owner, shop, live FROM held_ticket ORDER BY ticket").fetchall()
        listed = hub.execute(
            "SELECT ticket, owner, shop, live FROM held_ticket WHERE shop = ? ORDER BY ticket", (machine.shop,)
        ).fetchall()
        if rows != listed:
            yield f"{machine.name}: other tickets are listed than at the hub"
        for ticket, owner, _, live in rows:
            here, there = tickets.of_owner(conn, owner, ticket), tickets.of_owner(hub, owner, ticket)
            if here != there:
                yield f"{machine.name}: a ticket stands otherwise than at the hub"
            if here is not None and is_live(here) != bool(live):
                yield f"{machine.name}: a ticket is listed that is over, or is not though it is not"


def awarded_to_one(world: World) -> Iterator[str]:
    """Head office awards a ticket to one sale, until that one is put back: connected tills never share it."""
    if world.swapped_sites:
        return
    for steps in _steps(world.hub).values():
        back = set(_values(steps, Step.GIVEN_BACK, TAKE))
        standing = {one for one in _values(steps, Step.AWARDED, TAKE) if one not in back}
        if len(standing) > 1:
            yield f"a ticket was awarded to {len(standing)} sales"


def sold_once(world: World) -> Iterator[str]:
    """Who had heard of another sale of the ticket sold it on a person's word that names that one; else it is listed."""
    notes = notes_of(world)
    for ticket, steps in _steps(world.hub).items():
        sold = set(_values(steps, Step.POSTED, SALE))
        words = {
            (step.fields.get(SALE), step.fields.get(NAMES)) for step in steps if step.fields.get(WHAT) == Step.CONFIRMED
        }
        of_take = {step.dot: step.fields[SALE] for step in steps if step.fields.get(WHAT) == Step.TAKEN}
        named = {(sale, of_take.get(name or b"", name)) for sale, name in words}
        for sale in sold:
            for other in notes.posted.get((ticket, sale), frozenset()):
                if (sale, other) not in named:
                    yield "a ticket was sold although its till knew that it had been, and nobody confirmed it"
        if len(sold) > 1:
            told = {name for _, name in named}
            is_settled = sum(1 for sale in sold if sale not in told) <= 1
            is_heard = any(notes.posted.get((ticket, sale)) for sale in sold)
            world.faults.count("ticket sold twice on a person's word" if is_heard else "ticket sold twice unheard")
            row = world.hub.conn.plain.execute("SELECT live FROM held_ticket WHERE ticket = ?", (ticket,)).fetchone()
            if row is not None and not is_settled and not row[0]:
                yield "a ticket was sold twice, and nobody is told"


def nothing_lost(world: World) -> Iterator[str]:
    """Each sale that a till made of a ticket is said of that ticket."""
    steps = _steps(world.hub)
    heads = {bytes(id_) for (id_,) in world.hub.conn.plain.execute("SELECT dot FROM element WHERE kind = 72")}
    for ticket, sale in notes_of(world).posted:
        said = _values(steps.get(ticket, []), Step.POSTED, SALE)
        if sale in heads and ticket in steps and sale not in said:
            yield "a sale was made of a ticket that does not say so"


def deposits(world: World) -> Iterator[str]:
    """What was paid beforehand leaves the account at most once for each ticket: nothing is below zero."""
    sql = "SELECT account, amount FROM balance WHERE book = ? AND holder = x'' AND amount < 0"
    for _, amount in world.hub.conn.plain.execute(sql, (BOOK_DEPOSIT,)):
        yield f"{-amount} more left the deposits of an account than was paid"
    entries = [
        read_body(body)
        for (body,) in world.hub.conn.plain.execute("SELECT body FROM element WHERE kind = ?", (int(Kind.ENTRY),))
    ]
    paid = sum(one.fields[2] for one in entries if one.fields.get(1) == BOOK_DEPOSIT)
    if paid < 0:
        yield "more left the deposits than was paid"


def none_left_taken(world: World) -> Iterator[str]:
    """No sale that is over at its till keeps a ticket from the others; where word of it came as rows, an hour later."""
    counts = world.faults.counts
    if world.swapped_sites or counts["filled from rows"] or counts["repaired"] or counts["file damaged"]:
        return
    over = {
        bytes.fromhex(sale): machine.name
        for machine in world.tills
        for (sale,) in machine.conn.plain.execute("SELECT sale FROM visit WHERE state != 'open'")
    }
    for steps in _steps(world.hub).values():
        back, sold = set(_values(steps, Step.GIVEN_BACK, TAKE)), set(_values(steps, Step.POSTED, SALE))
        for step in steps:
            sale = step.fields.get(SALE, b"")
            if step.fields.get(WHAT) == Step.TAKEN and step.dot not in back and sale in over and sale not in sold:
                yield f"{over[sale]}: a ticket is kept for a sale that is over"


JUDGES: tuple[Callable[[World], Iterator[str]], ...] = (
    equal,
    awarded_to_one,
    sold_once,
    nothing_lost,
    deposits,
    none_left_taken,
)
