"""The customer's secret code on the record, over real HTTP."""

import pytest

from daemon.desk.purse_shown import Adjustment
from daemon.domain import authoring as operations
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.domain.policy import policy_key
from daemon.store import authoring
from tests.fakes.counter import OWNER, Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import known

LIMITS = '{"name": {"points": 100}, "card": {"points": 200}}'


@pytest.fixture
async def paul(counter: Counter) -> str:
    await counter.choose_walk_in()
    id_ = await known(counter, first_name="Paul", last_name="Morel", email="paul@example.org")
    await counter.desks.purses.adjust(counter.call(), EntityId(bytes.fromhex(id_)), Adjustment(amount=900, reason="x"))
    made = [operations.create(Kind.POLICY, policy_key("proof")[0], {1: LIMITS})]
    await counter.database.write(
        lambda conn: authoring.commit(conn, counter.replica, OWNER, made, now_ms=counter.clock.now_ms())
    )
    return id_


def card(counter: Counter, id_: str) -> None:
    """A reader has read a card of this customer."""
    possession = counter.desks.proofs.possession
    possession.sightings.seen(bytes.fromhex(id_), possession.now_ms())


@pytest.mark.feature("C12.1")
async def test_the_record_says_how_far_the_proof_at_hand_goes_and_what_is_asked_beyond(
    counter: Counter, paul: str
) -> None:
    async with open_till(counter) as till:
        chosen = await till.post(f"/clients/{paul}/avantages/points", amount="100")
        assert "Au nom seul : 100 points au plus en 24 heures. Choisir un code secret" in chosen.text
        beyond = await till.post(f"/clients/{paul}/avantages/points", amount="101")
        assert "Sans la carte, 100 points au plus en 24 heures : scannez la carte du client." in beyond.text
        assert "100 choisis" in beyond.text, "what was chosen before stays"


@pytest.mark.feature("C12.1", "C12.2", "C12.3")
async def test_a_customer_chooses_a_code_at_the_till_and_types_it_for_what_the_card_does_not_cover(
    counter: Counter, paul: str
) -> None:
    async with open_till(counter) as till:
        alone = await till.post(f"/clients/{paul}/code", pin="4826")
        assert "Scannez d’abord la carte du client, ou demandez à un responsable." in alone.text
        await till.post("/vente/retirer")
        card(counter, paul)
        await till.post("/vente", customer=paul)
        beyond = await till.post(f"/clients/{paul}/avantages/points", amount="201")
        assert "Sans code secret, 200 points au plus en 24 heures : le client en choisit un." in beyond.text
        assert "Tournez l’écran vers le client" in beyond.text
        again = await till.send(f"/clients/{paul}/code", pin="1234")
        assert "Un autre code" in again.text
        kept = await till.send(f"/clients/{paul}/code", pin="4826")
        assert "Code secret gardé : tapez-le encore une fois pour l’utiliser." in kept.text
        wrong = await till.send(f"/clients/{paul}/preuve", pin="4827")
        assert "Ce n’est pas le code secret du client : il reste 5 essais." in wrong.text
        right = await till.send(f"/clients/{paul}/preuve", pin="4826")
        assert "Code secret vérifié. 1 essai faux avant cela : dites-le au client." in right.text
        spent = await till.post(f"/clients/{paul}/avantages/points", amount="900")
        assert "900 choisis" in spent.text
        for page in (alone, beyond, again, kept, wrong, right, spent):
            assert "4826" not in page.html
            assert "scrypt" not in page.html


@pytest.mark.feature("C12.3")
async def test_a_code_that_was_tried_too_often_says_so_and_a_new_one_is_chosen(counter: Counter, paul: str) -> None:
    async with open_till(counter) as till:
        card(counter, paul)
        await till.post("/vente", customer=paul)
        await till.post(f"/clients/{paul}/code", pin="4826")
        for _ in range(3):
            await till.post(f"/clients/{paul}/preuve", pin="0007")
        early = await till.post(f"/clients/{paul}/preuve", pin="4826")
        assert "Trop d’essais : réessayez dans 30 s" in early.text
        for _ in range(2):
            counter.clock.at_ms += 10 * 60_000
            await till.post(f"/clients/{paul}/preuve", pin="0007")
        counter.clock.at_ms += 10 * 60_000
        closed = await till.post(f"/clients/{paul}/preuve", pin="0007")
        assert "le client doit choisir un nouveau code secret" in closed.text
        assert "Le client choisit un code secret" in closed.text
        anew = await till.send(f"/clients/{paul}/code", pin="5937")
        assert "Code secret gardé" in anew.text
        assert "Code secret vérifié." in (await till.send(f"/clients/{paul}/preuve", pin="5937")).text
