"""Points and coupons chosen on the record, over real HTTP."""

import pytest

from daemon.desk.condition import LinkShown
from daemon.desk.credit_notes import ACCOUNT as NOTE_ACCOUNT
from daemon.desk.credit_notes import NewCreditNote
from daemon.desk.loyalty_rules import GivenCoupon
from daemon.desk.purse_shown import Adjustment, NotePart, Spending
from daemon.domain import rights as rules
from daemon.domain.ids import EntityId
from daemon.domain.kinds import BOOK_CREDIT_NOTE, Kind
from daemon.store import rights
from daemon.store.authoring import commit
from daemon.store.database import Connection
from daemon.store.elements import elements_of
from tests.fakes.counter import Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import known
from tests.web.test_loyalty_routes import rule


@pytest.fixture
async def paul(counter: Counter) -> str:
    await counter.choose_walk_in()
    id_ = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    await counter.desks.purses.adjust(counter.call(), EntityId(bytes.fromhex(id_)), Adjustment(amount=300, reason="x"))
    return id_


@pytest.mark.feature("C2.3")
async def test_points_are_chosen_for_the_sale_within_what_can_be_spent_here(counter: Counter, paul: str) -> None:
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{paul}", section="points")
        assert "300 utilisables ici maintenant." in page.text
        chosen = await till.post(f"/clients/{paul}/avantages/points", amount="120")
        assert (chosen.screen, "120 choisis" in chosen.text, "Dans la vente" in chosen.text) == ("record", True, True)
        assert "120 points utilisés dans cette vente. Annuler" in chosen.text
        back = await till.post(f"/clients/{paul}/avantages/points/0")
        assert "choisis" not in back.text
        too_many = await till.post(f"/clients/{paul}/avantages/points", amount="301", at=f"/caisse/clients/{paul}")
        assert "Ce n’est pas possible maintenant" in too_many.text
        nonsense = await till.post(f"/clients/{paul}/avantages/points", amount="-1", at=f"/caisse/clients/{paul}")
        assert "notice--problem" in nonsense.html


async def test_a_coupon_that_another_till_holds_says_so_and_can_be_asked_for(counter: Counter, paul: str) -> None:
    id_ = EntityId(bytes.fromhex(paul))
    coupon = await counter.desks.loyalty.give_coupon(counter.call(), id_, GivenCoupon(label="Bon", amount=500))
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{paul}")
        assert "Bon, 5,00 € : détenu par une autre caisse" in page.text
        asked = await till.post(f"/clients/{paul}/avantages/{coupon.id}/demander")
        assert "Le siège est prévenu" in asked.text
        refused = await till.post(f"/clients/{paul}/avantages/{coupon.id}/1", at=f"/caisse/clients/{paul}")
        assert "notice--problem" in refused.html


async def test_points_chosen_on_the_record_leave_the_credit_note_of_the_till_software_where_it_is(
    counter: Counter, paul: str
) -> None:
    id_, purses, call = EntityId(bytes.fromhex(paul)), counter.desks.purses, counter.call()
    note = await counter.desks.credit_notes.issue(call, NewCreditNote(amount=1_000, reason="x"))
    assert counter.desks.visits is not None
    async with open_till(counter) as till:
        await till.post(f"/clients/{paul}/avantages/points", amount="120")
        (visit,) = await counter.desks.visits.open_ones()
        open_ = EntityId(bytes.fromhex(visit.id))
        assert visit.customer.id == id_.hex()
        await purses.choose(call, open_, Spending(points=120, credit_notes=(NotePart(code=note.code, amount=700),)))
        await till.post(f"/clients/{paul}/avantages/points/0")
    chosen = await purses.chosen(open_)
    assert (chosen.points, chosen.credit_notes) == (0, 700)


@pytest.mark.feature("C2.3", "F1.1")
async def test_a_credit_note_is_spent_in_part_and_given_back(counter: Counter, paul: str) -> None:
    notes, call = counter.desks.credit_notes, counter.call()
    note = await notes.issue(call, NewCreditNote(amount=2_390, reason="Retour", customer=paul))
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{paul}")
        assert f"Avoir …{note.code[-5:]} 23,90 €" in page.text
        assert "23,90 € disponibles" in page.text
        page = await till.get(f"/clients/{paul}", section="note", code=note.code)
        assert page.form(f"/caisse/clients/{paul}/avantages/avoir/{note.code}")["amount"] == "23,90"
        page = await till.post(f"/clients/{paul}/avantages/avoir/{note.code}", amount="10,00")
        assert "10,00 € choisis" in page.text
        assert "Avoir de 10,00 € utilisé dans cette vente. Annuler" in page.text
        again = await till.post(f"/clients/{paul}/avantages/avoir/{note.code}", amount="12,50")
        assert "12,50 € choisis" in again.text
        at = f"/caisse/clients/{paul}"
        too_much = await till.post(f"/clients/{paul}/avantages/avoir/{note.code}", amount="50", at=at)
        assert "notice--problem" in too_much.html
        back = await till.post(f"/clients/{paul}/avantages/avoir/{note.code}/0")
        assert "choisis" not in back.text.replace("choisissez", "")
        listed = await till.get(f"/clients/{paul}/avantages")
        assert f"Avoir {note.code}" in listed.text
        assert "à utiliser" in listed.text


async def test_all_benefits_are_listed_with_how_they_stand(counter: Counter, paul: str) -> None:
    id_ = EntityId(bytes.fromhex(paul))
    await counter.desks.loyalty.give_coupon(counter.call(), id_, GivenCoupon(label="Bon de rentrée", amount=500))
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{paul}/avantages")
        for words in ("Bon de rentrée", "détenu par une autre caisse", "300 points", "À la main", "+300"):
            assert words in page.text


@pytest.mark.feature("F1.1")
async def test_who_has_nothing_yet_is_told_what_a_first_purchase_brings(counter: Counter) -> None:
    await counter.choose_walk_in()
    id_ = await known(counter, first_name="Léa", last_name="Kervella", email="lea@example.org")
    async with open_till(counter) as till:
        page = await till.get(f"/clients/{id_}")
        assert ("Pas encore d’avantage." in page.text, "premier achat" in page.text) == (True, False)
        await rule(counter, kind="points", rate=100)
        page = await till.get(f"/clients/{id_}")
        assert "Pas encore d’avantage. 50 points pour un premier achat de 50 €." in page.text


@pytest.mark.feature("C2.3", "F1.2")
async def test_the_ceiling_of_a_credit_note_is_told_while_the_line_is_down(counter: Counter, paul: str) -> None:
    note = await counter.desks.credit_notes.issue(
        counter.call(), NewCreditNote(amount=2_390, reason="Retour", customer=paul)
    )

    def elsewhere(conn: Connection) -> None:
        row = next(one for one in elements_of(conn, EntityId(bytes.fromhex(paul))) if one.kind == Kind.CREDIT_NOTE)
        account = row.fields[NOTE_ACCOUNT]
        mine = rules.right(account, BOOK_CREDIT_NOTE, -390, "granted", rights.holder_of(counter.replica))
        commit(conn, counter.replica, counter.call().actor, [mine], now_ms=counter.clock.now_ms())

    await counter.database.write(elsewhere)
    link = LinkShown(online=True)
    async with open_till(counter, link=lambda: link) as till:
        page = await till.get(f"/clients/{paul}")
        assert f"Avoir …{note.code[-5:]} 20,00 €" in page.text
        link = LinkShown(online=False, since="2025-10-09T06:05:00Z")
        assert "Utiliser, max 20,00 €" in (await till.get(f"/clients/{paul}")).text
