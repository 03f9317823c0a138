"""What this till saved and head office does not have yet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.desk.members import NewNote
from daemon.domain.ids import EntityId
from tests.fakes.counter import Counter, open_counter
from tests.fakes.people import known


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as opened:
        yield opened


async def test_each_change_says_whose_it_is_and_of_what_the_oldest_first(counter: Counter) -> None:
    id_ = await known(counter, first_name="Paul", last_name="Morel", email="p@example.org")
    await counter.desks.members.add_note(counter.call(), EntityId(bytes.fromhex(id_)), NewNote(text="a"))
    await counter.hire("Nolwenn", pin="2580")
    found = await counter.desks.unsent.oldest(10)
    told = [(one.display_name, one.kinds, one.customer) for one in found.changes]
    assert told[:2] == [("Paul Morel", ("customer",), id_), ("Paul Morel", ("note",), id_)]
    assert (told[2][0], told[2][2], found.total) == ("", "", 3)
    assert len((await counter.desks.unsent.oldest(1)).changes) == 1


async def test_who_was_made_here_is_known_as_such_until_head_office_has_them(counter: Counter) -> None:
    first = EntityId(bytes.fromhex(await known(counter, last_name="Morel", email="p@example.org")))
    assert await counter.desks.unsent.is_made_here(first)
    await counter.database.write(lambda conn: conn.execute("DELETE FROM change").rowcount)
    assert not await counter.desks.unsent.is_made_here(first)
    second = EntityId(bytes.fromhex(await known(counter, last_name="Riou", email="r@example.org")))
    await counter.desks.members.add_note(counter.call(), first, NewNote(text="a"))
    assert await counter.desks.unsent.is_made_here(second)
    assert not await counter.desks.unsent.is_made_here(first), "what waits is a note, not the customer"
    assert not await counter.desks.unsent.is_made_here(EntityId(bytes(8)))
