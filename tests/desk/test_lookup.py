"""Finding on the local disk."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.desk.edit import NewCustomer
from daemon.desk.lookup import LIMIT_MAX, POOL_MIN, claims_of, load_customer
from daemon.domain import authoring as operations
from daemon.domain.change import Operation
from daemon.domain.ids import EntityId
from daemon.domain.kind_shape import Claim
from daemon.domain.kinds import Kind
from daemon.domain.payment_card import is_payment_card
from daemon.errors import NotFound, OperatorMistake
from daemon.store import authoring, search
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Counter, open_counter


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as found:
        yield found


async def fill(counter: Counter, count: int) -> None:
    def unit(conn: Connection) -> None:
        for at in range(count):
            values = {2: ("Luc", "Durand"), 8: f"luc{at}@example.org"}
            told = [operations.create(Kind.CUSTOMER, at.to_bytes(8, "big"), values)]
            authoring.commit(conn, counter.replica, OWNER, told, now_ms=1)

    await counter.database.write(unit)


async def test_more_than_the_most_are_not_counted(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COUNT_MAX", POOL_MIN + 20)
    await fill(counter, POOL_MIN + 25)
    found = await counter.desks.lookup.search("durand", limit=10)
    assert (len(found.hits), found.total, found.more_than, found.cut) == (10, POOL_MIN + 20, True, True)


@pytest.mark.parametrize("text", ["luc durand", "luc1"])
async def test_of_several_words_and_of_digits_so_many_are_counted_as_are_looked_at(counter: Counter, text: str) -> None:
    await fill(counter, POOL_MIN + 100)
    found = await counter.desks.lookup.search(text, limit=10)
    assert (len(found.hits), found.total, found.more_than, found.cut) == (10, POOL_MIN, True, True)


@pytest.mark.parametrize(("many", "more"), [(POOL_MIN, False), (POOL_MIN + 1, True)])
async def test_more_is_said_only_where_there_are_more(counter: Counter, many: int, more: bool) -> None:
    await fill(counter, many)
    found = await counter.desks.lookup.search("luc durand", limit=10)
    assert (found.total, found.more_than) == (POOL_MIN, more)


async def test_a_limit_has_limits(counter: Counter) -> None:
    await fill(counter, 3)
    assert len((await counter.desks.lookup.search("durand", limit=0)).hits) == 1
    assert len((await counter.desks.lookup.search("durand", limit=LIMIT_MAX * 9)).hits) == 3


async def test_a_deleted_customer_is_not_found_an_archived_one_is(counter: Counter) -> None:
    made = (await counter.desks.edits.create(counter.call(), NewCustomer(last_name="Durand"))).customer
    id_ = EntityId(bytes.fromhex(made.id))

    async def set_fields(fields: dict[int, Any]) -> None:
        def unit(conn: Connection) -> None:
            row = Operation(Kind.CUSTOMER, id_, 2, fields)
            authoring.commit(conn, counter.replica, OWNER, [row], now_ms=counter.clock.now_ms())

        await counter.database.write(unit)

    await set_fields({24: 1})
    assert made.id not in [hit.customer.id for hit in (await counter.desks.lookup.search("durand")).hits]
    with pytest.raises(NotFound):
        await counter.database.read(lambda conn: load_customer(conn, id_))
    await set_fields({16: (True, None)})
    assert (await counter.desks.lookup.customer(id_)).archived


async def test_the_age_of_the_copy_can_be_asked_alone(counter: Counter) -> None:
    assert (await counter.desks.lookup.copy()).waiting == 0


def test_an_identification_reads_its_values() -> None:
    assert [claim for claim, _ in claims_of(code=" 29 ")] == [Claim.CARD, Claim.CODE, Claim.MEMBER_NUMBER]
    assert claims_of(telephone="06 39 98 12 34") == [(Claim.PHONE, "+33639981234")]
    assert claims_of() == []
    with pytest.raises(OperatorMistake):
        claims_of(email="no")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30))
async def test_whatever_is_typed_is_searched(counter: Counter, text: str) -> None:
    """Quotes, stars, NEAR, scripts that SQLite's tokenizer does not know: a search answers."""
    if is_payment_card(text):
        return
    assert (await counter.desks.lookup.search(text)).total == 0
