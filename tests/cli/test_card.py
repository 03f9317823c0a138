"""`comptoir card tap`: what each outcome says and ends with."""

import pytest

from daemon.domain import authoring as operations
from daemon.domain.ids import EntityId
from daemon.domain.kinds import Kind
from daemon.store import authoring
from daemon.store.database import Connection
from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import OWNER, Counter


async def with_card(comptoir: Comptoir, mail: str, card: str) -> None:
    made = await comptoir(
        *("customers", "create", "--first-name", "Anne", "--last-name", "Martin", "--email", mail),
        *("--card", card, "--even-if-known"),
    )
    assert made.code == 0, made.err


async def held_twice(counter: Counter, card: str) -> None:
    """Another till gave the same card to somebody else while both were cut off."""
    bruno = EntityId(b"bruno_id")

    def unit(conn: Connection) -> None:
        told = [
            operations.create(Kind.CUSTOMER, bruno, {2: ("Bruno", "Durand")}),
            operations.add(Kind.CARD, bruno, {1: card}),
        ]
        authoring.commit(conn, counter.replica, OWNER, told, now_ms=counter.clock.now_ms())

    await counter.database.write(unit)


@pytest.mark.feature("A4.1", "A4.3", "A4.4", "A4.5")
async def test_each_outcome_has_its_words_and_its_code(counter: Counter, comptoir: Comptoir) -> None:
    await with_card(comptoir, "a@x.fr", "2900000000012")
    await counter.hire("Léa", badge="OP-7")
    tap = ("card", "tap")
    customer = await comptoir(*tap, "2900000000012")
    assert (customer.code, customer.out.splitlines()[1].split()[1:3]) == (0, ["Anne", "Martin"])
    assert counter.heard("scan")[-1].device == "cli"
    operator = await comptoir.in_french()(*tap, "OP-7", "--device", "scanner")
    assert (operator.code, operator.out) == (0, "Opérateur\u00a0: Léa\n")
    unknown = await comptoir(*tap, "2900000000999")
    assert unknown.code == 4
    assert unknown.err == "Nobody has this card: the till offers to link it or to create a customer.\n"
    product = await comptoir(*tap, "3017620422003")
    assert (product.code, product.err) == (4, "Nobody's card; it may be the product 3017620422003.\n")
    await held_twice(counter, "2900000000012")
    several = await comptoir(*tap, "2900000000012")
    assert (several.code, len(several.out.splitlines())) == (5, 3)


@pytest.mark.feature("A4.6", "A4.8")
async def test_a_payment_card_is_refused_without_a_trace(counter: Counter, comptoir: Comptoir) -> None:
    refused = await comptoir("card", "tap", "4111111111111111")
    assert refused.code == 1
    assert refused.err == "Refused: a payment card, which is neither looked up nor kept\n"
    as_json = await comptoir("card", "tap", "4111111111111111", "--json")
    assert (as_json.json["outcome"], as_json.json["code"]) == ("refused", None)
    assert "4111" not in repr(counter.told)


async def test_a_lost_card_says_so(comptoir: Comptoir) -> None:
    await with_card(comptoir, "a@x.fr", "2900000000012")
    shown = (await comptoir("customers", "show", "a@x.fr", "--json")).json
    import asyncio
    from pathlib import Path

    from daemon.cli.caller import Caller

    def lose() -> None:
        caller = Caller(Path(comptoir.environ["COMPTOIR_SOCKET"]))
        caller.patch(f"/customers/{shown['id']}/cards/{shown['cards'][0]['id']}", {"state": "lost"})
        caller.close()

    await asyncio.to_thread(lose)
    refused = await comptoir.in_french()("card", "tap", "2900000000012")
    assert (refused.code, refused.err) == (1, "Cette carte est bloquée\u00a0: perdue le 09/10/2025\n")
