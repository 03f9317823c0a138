"""Blocking asks first, names what it blocks, and is taken back by one touch."""

import pytest

from daemon.desk.customer import Customer
from daemon.desk.edit import CustomerEdit
from daemon.desk.premises import Call
from daemon.domain.change import Actor, ActorKind
from daemon.domain.ids import EntityId
from daemon.domain.role import Right, Role
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import CARD, sophie


async def stored(counter: Counter, id_: str) -> Customer:
    return await counter.desks.lookup.customer(EntityId(bytes.fromhex(id_)))


@pytest.mark.feature("B7.2")
async def test_a_customer_is_blocked_by_a_manager_who_was_asked_and_said_why(counter: Counter) -> None:
    id_ = await sophie(counter, notes=())
    async with open_till(counter) as till:
        assert f"/clients/{id_}/bloquer" not in (await till.get(f"/clients/{id_}/modifier")).html
        assert "Votre rôle ne le permet pas." in (await till.post(f"/clients/{id_}/bloquer", reason="x")).text
        assert not (await stored(counter, id_)).blocked
    async with open_till(counter, role=Role.MANAGER) as till:
        assert f"/caisse/clients/{id_}/bloquer" in (await till.get(f"/clients/{id_}/modifier")).html
        asked = await till.get(f"/clients/{id_}/bloquer")
        assert "Bloquer Sophie Lefèvre ?" in asked.text
        assert not (await stored(counter, id_)).blocked, "to ask blocks nobody"
        done = await till.post(f"/clients/{id_}/bloquer", reason="Trois chèques sans provision")
        assert "Sophie Lefèvre : client bloqué." in done.text
        assert "Trois chèques sans provision" in done.text
        assert (await stored(counter, id_)).blocked
        assert f'action="/caisse/clients/{id_}/debloquer"' in done.html
        await till.post(f"/clients/{id_}/debloquer", at=f"/caisse/clients/{id_}")
        assert not (await stored(counter, id_)).blocked


@pytest.mark.feature("B7.2")
async def test_a_manager_lifts_a_block_with_a_code_at_the_screen_of_a_cashier(counter: Counter) -> None:
    id_ = await sophie(counter, notes=())
    call, who = counter.call(), EntityId(bytes.fromhex(id_))
    given = CustomerEdit(blocked=True, blocked_reason="Impayés")
    await counter.desks.edits.edit(call, who, given, present=frozenset({"blocked"}), version="")
    boss = await counter.hire("Yann", pin="1379", role=Role.MANAGER)
    cashier = await counter.hire("Paul", pin="1379", role=Role.CASHIER)
    at = f"/caisse/clients/{id_}"
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        for words in ("Impayés", "Bloqué par", "jusqu’à ce qu’un responsable débloque", "Code responsable"):
            assert words in page.text
        assert f'<option value="{boss}">Yann</option>' in page.html
        assert cashier not in page.html.partition('id="boss"')[2].partition("</select>")[0]
        for form in ({}, {"operator": boss, "pin": "0000"}, {"operator": cashier, "pin": "1379"}):
            await till.post(f"/clients/{id_}/debloquer", at=at, **form)
            assert (await stored(counter, id_)).blocked, form
        counter.clock.at_ms += 600_000
        await till.post(f"/clients/{id_}/debloquer", at=at, operator=boss, pin="1379")
        assert not (await stored(counter, id_)).blocked
    why = (await counter.desks.provenance.why(who)).fields
    assert next(one.standing.by for one in why if one.field == "blocked") == "Yann"
    acts = (await counter.desks.audit.trail(limit=6)).acts
    assert "asked a second person: block" in [one.what for one in acts]


async def test_a_program_that_types_a_pin_writes_in_the_name_of_the_person(counter: Counter) -> None:
    boss = EntityId(bytes.fromhex(await counter.hire("Yann", pin="1379", role=Role.MANAGER)))
    asked_by = Call(actor=Actor(ActorKind.APPLICATION, "caisse", Role.APPLICATION, 1))
    second = await counter.desks.operators.second_person(asked_by, boss, "1379", Right.BLOCK)
    assert (second.kind, second.id, second.role) == (ActorKind.OPERATOR, boss.hex(), Role.MANAGER)


@pytest.mark.feature("B22.1")
async def test_a_card_is_blocked_after_a_question_that_names_it_and_is_found_again(counter: Counter) -> None:
    id_ = await sophie(counter, notes=())
    (card,) = (await stored(counter, id_)).cards
    where = f"/clients/{id_}/cartes/{card.id}"
    async with open_till(counter) as till:
        assert f"/caisse{where}/bloquer" in (await till.get(f"/clients/{id_}?section=cards")).html
        assert f"Bloquer la carte {CARD} de Sophie Lefèvre ?" in (await till.get(f"{where}/bloquer")).text
        assert (await stored(counter, id_)).cards[0].state == "active"
        assert "Cette carte est bloquée." in (await till.post(f"{where}/bloquer")).text
        assert (await stored(counter, id_)).cards[0].state == "lost"
        await till.post(f"{where}/debloquer")
        assert (await stored(counter, id_)).cards[0].state == "active"
        assert (await till.get(f"/clients/{id_}/cartes/{'0' * 16}/bloquer")).screen == "problem"
