"""The screens of held tickets in every state, in three sizes and two languages; and the whole of it by keyboard."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from daemon.desk.ticket_taking import Taking
from daemon.desk.tickets import Advancing, Closing, Depositing, NewTicket, TicketEdit, TicketsAsked, TicketTerms
from daemon.desk.visits import NewVisit
from daemon.domain import ticket_step as steps
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId
from daemon.domain.role import Role
from daemon.domain.sale import new_sale_id
from daemon.domain.ticket import Ticket, TicketType
from daemon.domain.ticket_step import Hand
from daemon.store import tickets
from daemon.store.authoring import commit
from daemon.store.database import Connection
from tests.browser.conftest import SIZES, Looking
from tests.browser.kept_pictures import picture_faults
from tests.browser.looking_over import faults_of, walked
from tests.browser.stage import OFFLINE, Bring, Stage, page, staged
from tests.fakes.counter import START_MS, Counter, open_counter
from tests.fakes.page_reader import PIN
from tests.fakes.people import known

pytestmark = pytest.mark.needs("chromium")

ELSEWHERE: Final = 13
LONG: Final = "Commode Louis-Philippe en merisier, plateau de marbre gris, à livrer à Marie-Antoinette"


async def _elsewhere(
    counter: Counter, ticket: str, decide: Callable[[Ticket, bytes, Hand], Sequence[Operation]], lane: int = 1
) -> None:
    """What another till says of a ticket."""
    sale = new_sale_id(ELSEWHERE, bytes([lane]) * 8)
    hand = Hand(site=ELSEWHERE, by="", at_ms=START_MS - 3_600_000)

    def unit(conn: Connection) -> None:
        found = tickets.ticket(conn, bytes.fromhex(ticket))
        assert found is not None
        said = decide(found, sale, hand)
        commit(conn, counter.replica, counter.call().actor, said, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


def _take(ticket: Ticket, sale: bytes, hand: Hand) -> Sequence[Operation]:
    return steps.take_over(ticket, sale[::-1], sale, hand, awarded=True)


def _sell(ticket: Ticket, sale: bytes, hand: Hand) -> Sequence[Operation]:
    return steps.sold(ticket, sale, None, hand)


async def _listed(counter: Counter) -> dict[str, str]:
    """A shop with as many parked sales as a small screen shows; by the names of the states below."""
    await counter.choose_walk_in()
    for name in ("Nolwenn", "Yann"):
        await counter.hire(name, pin=PIN, role=Role.MANAGER if name == "Yann" else Role.CASHIER)
    who = await known(counter, first_name="Sophie", last_name="de La Rochefoucauld-Montmorency", mobile="0639981299")
    ids = {"who": who, "theirs": await _held(counter, who, TicketType.BASKET, "Mariage")}
    await _elsewhere(counter, ids["theirs"], _take)
    ids["twice"] = await _held(counter, who, TicketType.BASKET, "Vendu à deux caisses")
    for lane in (2, 3):
        await _elsewhere(counter, ids["twice"], _posted, lane)
    ids["rival"] = await _held(counter, who, TicketType.BASKET, "Deux fois repris")
    await _elsewhere(counter, ids["rival"], _take, 4)
    await _mine(counter, ids["rival"])
    return ids


async def _more(counter: Counter, who: str) -> dict[str, str]:
    """Tickets as difficult as real ones."""
    desk, call = counter.desks.tickets, counter.call()
    other = await known(counter, first_name="Paul", last_name="Durand", email="paul.durand@example.org")
    ids = {"somebody": other, "bare": await known(counter, first_name="Paul", last_name="Morel")}
    ids["layaway"] = await _held(counter, who, TicketType.LAYAWAY, LONG)
    await desk.edit(call, _id(ids["layaway"]), TicketEdit(total=129_000, comment="Prévenir le fils, " * 20))
    await desk.deposit(call, _id(ids["layaway"]), Depositing(amount=40_000))
    ids["work"] = await _held(counter, other, TicketType.WORK_ORDER, "Montre, pile et bracelet")
    await desk.advance(call, _id(ids["work"]), Advancing(stage="in_work"))
    ids["web"] = await _held(counter, who, TicketType.BASKET, "Commande 4711", source="web")
    ids["closed"] = await _held(counter, other, TicketType.QUOTE, "Terrasse")
    await desk.close(call, _id(ids["closed"]), Closing(reason="Trop cher"))
    return ids


async def _held(counter: Counter, who: str, kind: TicketType, label: str, source: str = "till") -> str:
    given = NewTicket(customer=who, type=kind, label=label, total=9_000, due_day="2025-12-01", source=source)
    return (await counter.desks.tickets.make(counter.call(), given)).id


def _posted(ticket: Ticket, sale: bytes, hand: Hand) -> Sequence[Operation]:
    """A sale that had heard of no other."""
    alone = Ticket(owner=ticket.owner, id=ticket.id, type=ticket.type, shop=ticket.shop)
    return [*_take(alone, sale, hand), *_sell(alone, sale, hand)]


async def _mine(counter: Counter, ticket: str) -> None:
    """This till has it as well: it could not hear the other one."""
    assert counter.desks.visits is not None
    visit = await counter.desks.visits.open(counter.call(), NewVisit())
    sale = bytes.fromhex(visit.sale_id)

    def unit(conn: Connection) -> None:
        found = tickets.ticket(conn, bytes.fromhex(ticket))
        assert found is not None
        hand = Hand(site=12, by="", at_ms=START_MS)
        said = steps.take_over(found, sale[::-1], sale, hand, awarded=False)
        commit(conn, counter.replica, counter.call().actor, said, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)
    await counter.desks.visits.fill(counter.call(), _id(visit.id), b'{"lines":[1]}')


def _id(text: str) -> EntityId:
    return EntityId(bytes.fromhex(text))


async def _offline(stage: Stage) -> None:
    stage.around.link = OFFLINE
    await stage.go("/attente", "tickets")


async def _theirs_offline(stage: Stage) -> None:
    stage.around.link = OFFLINE
    await stage.go(f"/attente/{stage.ids['theirs']}", "ticket")


LISTS: Final[Mapping[str, Bring]] = {
    "on hold": page("/attente", "tickets"),
    "on hold, offline": _offline,
    "on hold, head office away": page("/attente?siege=1", "tickets"),
}

ONE: Final[Mapping[str, Bring]] = {
    "ticket, layaway": page("/attente/{layaway}", "ticket"),
    "ticket, work order": page("/attente/{work}", "ticket"),
    "ticket, web store": page("/attente/{web}", "ticket"),
    "ticket, closed": page("/attente/{closed}", "ticket"),
    "ticket, another till's": page("/attente/{theirs}", "ticket"),
    "ticket, another till's, offline": _theirs_offline,
    "ticket, sold twice": page("/attente/{twice}", "ticket"),
    "ticket, also another till's": page("/attente/{rival}", "ticket"),
    "record, on hold": page("/clients/{somebody}?section=tickets", "record"),
    "record, nothing on hold": page("/clients/{bare}?section=tickets", "record"),
    "ready, with a basket": page("", "ready"),
}


@pytest.mark.feature("C8.3", "F1.3", "F1.4")
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("size", SIZES)
async def test_held_tickets_can_be_used_by_everybody(tmp_path: Path, size: str, lang: str) -> None:
    faults: list[str] = []
    async with staged(tmp_path, _listed, size=size) as stage:
        till = stage.screen
        await till.log_in(lang=lang)
        for states in (LISTS, ONE):
            for name, bring in states.items():
                await bring(stage)
                faults += await faults_of(till.page, name)
                faults += await picture_faults(till.page, name, size, lang)
                if lang == "fr":
                    faults += await walked(till.page, name)
                stage.around.usual()
            if states is LISTS:
                stage.ids |= await _more(till.counter, stage.ids["who"])
    assert not faults, "\n".join(faults)


@pytest.mark.feature("C8.1", "C8.3")
async def test_a_sale_is_parked_and_resumed_by_keyboard_alone(tmp_path: Path, look: Looking) -> None:
    async with open_counter(tmp_path) as counter, look(counter) as till:
        await counter.choose_walk_in()
        await counter.hire("Nolwenn", pin=PIN)
        assert counter.desks.visits is not None
        assert counter.desks.ticket_taking is not None
        visit = await counter.desks.visits.open(counter.call(), NewVisit())
        await counter.desks.visits.fill(counter.call(), _id(visit.id), b'{"lines":[1]}')
        await till.log_in()
        keys = till.page.keyboard
        await keys.press("F8")
        await till.page.wait_for_selector("body[data-screen~=tickets]")
        await till.page.wait_for_selector("text=Panier mis en attente.")
        (ticket,) = (await counter.desks.tickets.find(TicketsAsked())).tickets
        # Another till takes it and puts it back: the list says so by itself, pushed.
        other = await counter.desks.visits.open(counter.call(), NewVisit(lane="2"))
        await counter.desks.ticket_taking.take(counter.call(), _id(ticket.id), Taking(visit=other.id))
        await till.page.wait_for_selector("main :text('Dans la vente')")
        await counter.desks.ticket_taking.hold(counter.call(), _id(other.id), TicketTerms(label="Ruban"))
        await till.page.wait_for_selector("main button:has-text('Reprendre')")
        await till.page.focus("main .row a")
        await keys.press("Enter")
        await till.page.wait_for_selector("body[data-screen~=ticket]")
        await till.page.wait_for_selector(".act [data-hot=Enter]")
        await till.page.focus("#main")
        await keys.press("Enter")
        await till.page.wait_for_selector("text=Ticket repris dans la vente.")
        (now,) = [one for one in await counter.desks.visits.open_ones() if one.lane == "1"]
        assert await counter.desks.visits.basket(_id(now.id)) == b'{"lines":[1]}'
